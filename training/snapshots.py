"""The network as it is now, as an ONNX file to play with: the graph is exported once, the weights are filled in.

An export takes ten seconds, filling in weights takes none. Which weight belongs where is found by exporting a network
whose weights are all different.
"""

import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from engine.networks.towers import NetworkShape, Parity, PolicyValueNet, export_onnx, folded, lively, parity


class SnapshotMaker:
    """Writes networks of one shape as ONNX, in memory."""

    def __init__(self, shape: NetworkShape):
        net = folded(lively(shape))
        with torch.no_grad():
            for weight in net.parameters():
                weight.add_(1e-3 * torch.randn_like(weight))  # the graph keeps no two alike, and none is 0
        with tempfile.TemporaryDirectory() as folder:
            export_onnx(net, Path(folder) / "model.onnx")
            self._graph = onnx.load(Path(folder) / "model.onnx")
        self._places = _places(self._graph, net)

    def export(self, net: PolicyValueNet, path: Path) -> Parity:
        """Write a network as an ONNX file; return how well it agrees."""
        path.write_bytes(self.snapshot(net))
        return parity(net, path)

    def snapshot(self, net: PolicyValueNet) -> bytes:
        """Return a network as the bytes of an ONNX file, with its norms folded into the convolutions."""
        weights = {name: weight.detach().numpy() for name, weight in folded(net).named_parameters()}
        for kept in self._graph.graph.initializer:
            if kept.name in self._places:
                array = weights[self._places[kept.name]].reshape(tuple(kept.dims))
                kept.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), kept.name))
        return self._graph.SerializeToString()


@lru_cache(maxsize=1)
def maker_of(shape: NetworkShape) -> SnapshotMaker:
    """Return the one that writes networks of a shape; the first call takes some seconds."""
    return SnapshotMaker(shape)


def _places(graph: onnx.ModelProto, net: PolicyValueNet) -> dict[str, str]:
    """Return which parameter each constant of a graph is; raise `RuntimeError` where one has no place."""
    names = {weight.detach().numpy().tobytes(): name for name, weight in net.named_parameters()}
    kept = {each.name: numpy_helper.to_array(each).tobytes() for each in graph.graph.initializer}
    places = {name: names[content] for name, content in kept.items() if content in names}
    missing = set(names.values()) - set(places.values())
    if missing:
        raise RuntimeError(f"the exported graph has changed {', '.join(sorted(missing))}")
    return places
