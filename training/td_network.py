"""The backgammon network as torch trains it: the twin of engine/afterstates.py, and how one becomes the other."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.afterstates import PHASES, WEIGHTS, Network
from engine.outputs import OUTPUTS
from games.backgammon_features import INPUTS


class AfterstateNet(nn.Module):
    """Two networks of one hidden layer, for contact and for races; weights as in `Network`."""

    def __init__(self, network: Network):
        super().__init__()
        for name in WEIGHTS:
            self.register_parameter(name, nn.Parameter(torch.from_numpy(getattr(network, name).copy())))

    def forward(self, inputs: Tensor, races: Tensor) -> Tensor:
        """Return logits [B, 5] of inputs [B, 198] of which some, bool [B], are races."""
        return torch.where(races[:, None], self.logits(inputs, 1), self.logits(inputs, 0))

    def logits(self, inputs: Tensor, phase: int) -> Tensor:
        """Return logits [B, 5] of inputs [B, 198] that are all of one phase."""
        hidden = torch.sigmoid(torch.addmm(self.bias[phase], inputs, self.inner[phase]))
        return torch.addmm(self.base[phase], hidden, self.outer[phase].t())

    def network(self) -> Network:
        """Return the weights as compiled code plays with them."""
        return Network(*(getattr(self, name).detach().cpu().numpy().copy() for name in WEIGHTS))


def export_onnx(net: AfterstateNet, path: Path) -> float:
    """Write one ONNX file, inputs float32 [B, 198] and races bool [B] to outputs [B, 5]; return its largest error."""
    import onnxruntime

    class Probabilities(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, inputs: Tensor, races: Tensor) -> Tensor:
            return torch.sigmoid(self.net(inputs, races))

    random = np.random.default_rng(0)
    inputs = random.integers(0, 2, (64, INPUTS)).astype(np.float32)
    races = random.integers(0, 2, 64).astype(bool)
    example = torch.from_numpy(inputs), torch.from_numpy(races)
    batch = torch.export.Dim("batch")
    torch.onnx.export(
        Probabilities().eval(),
        example,
        path,
        input_names=["inputs", "races"],
        output_names=["outputs"],
        dynamic_shapes={"inputs": {0: batch}, "races": {0: batch}},
        external_data=False,
        verbose=False,
        dynamo=True,
    )
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(None, {"inputs": inputs, "races": races})[0]
    assert found.shape == (64, OUTPUTS)
    assert len(net.bias) == PHASES
    return float(np.abs(found - torch.sigmoid(net(*example)).detach().numpy()).max())
