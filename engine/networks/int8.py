"""A model's network in eight-bit numbers: half as quick again on a CPU without AMX, and less exact.

Weights are rounded channel by channel; how far activations reach is measured on real positions. Only the tower's
convolutions but the first are rounded: the rest costs little, and rounding it costs most of what is lost (of the model
`go`'s best moves 94.7 % stayed with all convolutions rounded, 98.3 % so). Making the file needs `onnx`, of the extra:
train.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engine.networks.evaluator import Agreement, agreement
from engine.networks.model import INPUT, INT8, Model, write_description
from engine.networks.runtimes import OnnxNetwork


def write_int8(model: Model, calibration: Sequence[np.ndarray], held_out: Sequence[np.ndarray]) -> Agreement:
    """Add eight-bit numbers to a model folder; return, and write into model.json, what is lost.

    Both arguments are batches of planes of real positions; a few hundred to calibrate, thousands to measure.
    """
    path = model.folder / INT8
    quantise(model.onnx, path, calibration)
    lost = agreement(OnnxNetwork(path), OnnxNetwork(model.onnx), held_out)
    write_description(model.folder, model.about | {"int8": asdict(lost)})
    return lost


def quantise(source: Path, target: Path, calibration: Sequence[np.ndarray]) -> None:
    """Write a network with its tower in eight bits (static, per channel, as QuantizeLinear pairs)."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Positions(CalibrationDataReader):
        def __init__(self):
            self.left = iter(calibration)

        def get_next(self) -> dict[str, np.ndarray] | None:
            planes = next(self.left, None)
            return None if planes is None else {INPUT: planes}

    with _quiet():
        quantize_static(
            str(source),
            str(target),
            Positions(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=_tower(source),
        )


def _tower(source: Path) -> list[str]:
    """Name the convolutions that see beyond a point, all but the first."""
    import onnx

    graph = onnx.load(str(source)).graph
    sides = {weight.name: weight.dims[-1] for weight in graph.initializer if weight.dims}
    return [node.name for node in graph.node if node.op_type == "Conv" and sides[node.input[1]] > 1][1:]


@contextmanager
def _quiet() -> Iterator[None]:
    """Spare the user the advice to prepare the file first: it was exported ready."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
