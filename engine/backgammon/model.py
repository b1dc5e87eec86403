"""Backgammon models on disk: a folder with model.json and the weights as safetensors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.backgammon import bearoff
from engine.backgammon.afterstates import MOST_SECOND, PHASES, WEIGHTS, Network
from engine.backgammon.outputs import OUTPUTS
from engine.networks import model
from games.backgammon.counted import COUNTED, FEW
from games.backgammon.inputs import INPUTS
from games.plain_files import open_plain


def describe(**about: object) -> dict:
    """Return the contents of model.json for a new backgammon model, and any other facts given."""
    return model.describe("backgammon", **about)


def write(network: Network, folder: Path, about: Mapping) -> None:
    """Write a network and its description into a folder."""
    from safetensors.numpy import save

    weights = {name: getattr(network, name) for name in WEIGHTS}
    data = save({name: array for name, array in weights.items() if array.size})
    (folder / model.WEIGHTS).write_bytes(data)  # `save_file` would make a file that nobody else may read
    size = {"inputs": network.inner.shape[1], "hidden": network.bias.shape[1], "second": network.threshold.shape[1]}
    model.write_description(folder, dict(about) | size)


def load(name: str | Path) -> Network:
    """Return the network of a shipped name, a folder or a run, with the bear-off databases.

    Raise `ValueError` with the reason if there is none.
    """
    return playing(model.find(name))


def playing(found: model.Model) -> Network:
    """Return the network of a model folder, with the bear-off databases."""
    return read(found)._replace(tables=bearoff.load())


def read(found: model.Model) -> Network:
    """Return the weights of a model folder; raise `ValueError` if it holds no backgammon network."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    model.check(found, "backgammon")
    path = found.folder / model.WEIGHTS
    try:
        open_plain(path).close()
        arrays: dict[str, Any] = load_file(path)
        network = Network(**(_no_second(arrays) | arrays))
    except FileNotFoundError:
        raise ValueError(f"{path} is missing") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None
    except (SafetensorError, TypeError):
        raise ValueError(f"{path} holds no network of this Yomi") from None
    weights = [np.asarray(getattr(network, name)) for name in WEIGHTS]
    inputs, hidden = network.inner.shape[-2:] if network.inner.ndim == 3 else (0, 0)
    second = network.threshold.shape[-1] if network.threshold.ndim else 0
    middle = (1, hidden, second), (1, second), (OUTPUTS, second)
    shapes = (PHASES, inputs, hidden), (PHASES, hidden), *middle, (PHASES, OUTPUTS, hidden), (PHASES, OUTPUTS)
    fits = inputs in (INPUTS, INPUTS + FEW, INPUTS + COUNTED) and second <= MOST_SECOND
    fits = fits and tuple(each.shape for each in weights) == shapes
    if not fits or any(each.dtype != np.float32 for each in weights):
        raise ValueError(f"{path} holds a network of another shape than this Yomi plays with")
    if not all(np.isfinite(each).all() for each in weights):
        raise ValueError(f"{path} holds weights that are not finite numbers")
    return network


def _no_second(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the weights of the second hidden layer of a network without one."""
    hidden = arrays["bias"].shape[-1] if "bias" in arrays and arrays["bias"].ndim else 0
    return {
        "second": np.zeros((1, hidden, 0), np.float32),
        "threshold": np.zeros((1, 0), np.float32),
        "last": np.zeros((OUTPUTS, 0), np.float32),
    }
