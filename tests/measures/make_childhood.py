"""Write the childhood of a model that ships: early checkpoints of its own run, or of a small one by the same recipe.

    python tests/measures/make_childhood.py RUN engine/models/NAME 1 2 5

Networks of backgammon are small and stay as they are. Others get weights in eight bits: every row of a weight matrix
has a scale of its own, so the graph stays the float one with a DequantizeLinear before each weight. A line says how
much of such a checkpoint's policy was kept.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from engine.networks import evaluator, model
from games import wings

ALONE = {
    "backgammon": "td-wins of recipes/backgammon.toml: games=16384 hidden=40 batch=64 export_every=4 seed=3",
    "go": "imitation of recipes/go.toml, games of 2007 and 2008: blocks=2 channels=32 head_channels=16 any_rules=true "
    "batch=64 steps=1024 rate=4e-3 warm_up=50 average=0.98 export_every=16, stopped after 592 steps",
}
"""The small runs that the early checkpoints are of where they are not of the model's own."""

MOST = 127
"""Greatest number that eight bits hold, with its sign."""

SMALL = 256
"""Numbers up to which an array stays as it is."""


def main() -> None:
    """Write engine/models/NAME/childhood/models/STEP."""
    run, grown, steps = Path(sys.argv[1]), Path(sys.argv[2]), [int(step) for step in sys.argv[3:]]
    for step in steps:
        found = model.read(run / "models" / f"{step:09}")
        folder = grown / "childhood" / "models" / f"{step:09}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        kept = {name: each for name, each in found.about.items() if name not in ("export", "parent", "measured")}
        if not found.onnx.is_file():
            shutil.copy(found.folder / model.WEIGHTS, folder)
            model.write_description(folder, kept | {"run": ALONE[found.game]})
            continue
        onnx.save(in_eight_bits(onnx.load(found.onnx)), folder / model.ONNX)
        alone = {"rollout_weight": 0.0}  # a ghost plays by what it has learned
        run_words = ALONE.get(found.game) or model.read(grown).about["run"]
        about = kept | {"run": run_words, "weights": "eight bits", "search": alone}
        model.write_description(folder, about)
        print(step, (folder / model.ONNX).stat().st_size, compared(found, model.read(folder)))


def in_eight_bits(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Return a network with its large weights in eight bits."""
    inner, first = graph.graph, []
    for weights in list(inner.initializer):
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size <= SMALL or values.ndim < 2:
            continue
        rows = values.reshape(len(values), -1)
        scale = np.maximum(np.abs(rows).max(1) / MOST, 1e-12).astype(np.float32)
        rounded = np.round(rows / scale[:, None]).astype(np.int8).reshape(values.shape)
        inner.initializer.remove(weights)
        packed, scales = f"{weights.name}.packed", f"{weights.name}.scale"
        inner.initializer.append(numpy_helper.from_array(rounded, packed))
        inner.initializer.append(numpy_helper.from_array(scale, scales))
        first.append(helper.make_node("DequantizeLinear", [packed, scales], [weights.name], axis=0))
    nodes = [*first, *inner.node]
    del inner.node[:]
    inner.node.extend(nodes)
    return graph


def compared(one: model.Model, other: model.Model) -> str:
    """Return how often two networks like the same move best, and how far their values differ, on random positions."""
    game, random = wings.game(one.game), np.random.default_rng(1)
    states = np.repeat(game.start()[None], 400, 0)
    for state in states:
        for _ in range(random.integers(0, 25)):
            moves, _, counts = game.legal(state[None])
            if counts[0]:
                game.play(state[None], moves[0, random.integers(0, counts[0]), None])
    states = states[game.turn(states) < 2]
    (p, v), (q, w) = (evaluator.choose(each, cache=0)(game, states) for each in (one, other))
    same = (p.argmax(1) == q.argmax(1)).mean()
    apart = np.abs(p - q).sum(1).mean() / 2
    return f"same best move {same:.1%}, policies differ by {apart:.3f}, values by {np.abs(v - w).mean():.3f}"


if __name__ == "__main__":
    main()
