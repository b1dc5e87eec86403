"""A model's network in eight-bit numbers: three times as quick on a CPU without AMX, and less exact.

Weights are rounded channel by channel; how far activations reach is measured on real positions. Only convolutions are
rounded: the rest costs nothing, and the answers come from it. Making the file needs `onnx`, of the extra: train.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engine.evaluator import Agreement, OnnxNetwork, agreement
from engine.model import INPUT, INT8, Model, write_description


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
    """Write a network with its convolutions in eight bits (static, per channel, as QuantizeLinear pairs)."""
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
            op_types_to_quantize=["Conv"],
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Spare the user the advice to prepare the file first: it was exported ready."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
