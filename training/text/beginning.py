"""Where a stage of text begins, a new network or another model's, and the model folder that it ends with."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import torch

from engine.networks.model import write_description
from engine.text.llama import Llama, from_weights, weights_of, write_folder
from engine.text.models import INT8, ONNX, find_folder
from engine.text.onnx_graph import write_onnx
from engine.text.shape import read_shape
from engine.text.tokenizer import CharacterTokenizer, Tokenizer, read_tokenizer, train_bytes
from engine.text.weights import read_weights
from training.text.model_settings import ModelSettings


class Beginning(NamedTuple):
    """A network to go on with, and its tokenizer."""

    net: Llama
    tokenizer: Tokenizer


def begin(settings: ModelSettings, texts: Callable[[], Iterable[str]]) -> Beginning:
    """Return the network of `parent`, or a new one with a tokenizer of `texts`."""
    torch.manual_seed(settings.seed)
    if settings.parent:
        return read_beginning(settings.parent)
    if settings.tokenizer == "bytes":
        tokenizer: Tokenizer = train_bytes(texts(), settings.vocabulary)
    else:
        tokenizer = CharacterTokenizer.of(texts())
    return Beginning(Llama(settings.shape(tokenizer.size, end=0)), tokenizer)


def read_beginning(name: str) -> Beginning:
    """Return the network of a model that ships, a folder or a run; raise `ValueError` where it has no weights."""
    folder = find_folder(name)
    shape, tokenizer = read_shape(folder), read_tokenizer(folder)
    if tokenizer.size > shape.vocabulary:
        raise ValueError(f"{folder}: tokenizer.json has {tokenizer.size} tokens, config.json says {shape.vocabulary}")
    return Beginning(from_weights(shape, read_weights(folder, shape)), tokenizer)


def write_model(net: Llama, tokenizer: Tokenizer, folder: Path, int8: bool = False, **about: object) -> None:
    """Fill a folder with a model that plays without torch and goes on learning with it; `about` is for model.json."""
    write_folder(net, tokenizer, folder)
    weights = weights_of(net)
    write_onnx(folder / ONNX, net.shape, weights)
    if int8:
        write_onnx(folder / INT8, net.shape, weights, int8=True)
    write_description(folder, {"format": 1, "game": "text", "date": date.today().isoformat()} | about)
