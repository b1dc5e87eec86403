"""Evaluations a second: of networks by themselves, engine by engine, and inside a search.

Rates are per second of processor time of one thread (of the wall clock on a GPU). The networks are those that ship
with Yomi and, where torch is installed, two of usual sizes with weights drawn at random: they must not be zero, as
some of a new network's are, because processors multiply zeros faster.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from engine.clock import Limit
from engine.measures.rates import REPETITIONS, Row, Work, rate
from engine.networks.evaluator import ENGINES, NetworkEvaluator, choose, multiplies_bfloat16
from engine.networks.model import Model, describe, find, read, shipped
from engine.networks.runtimes import BATCHES as COMPILED
from engine.networks.runtimes import Network, TorchNetwork
from engine.search import SearchSettings, search
from engine.tree import allocate, reset
from games import go

SIZES, BATCHES = (9, 19), (8, 16, 32)

FIGURES = {
    ("onnxruntime", "6x96", 9): 890,
    ("onnxruntime", "6x96", 19): 201,
    ("onnxruntime", "10x128", 9): 375,
    ("onnxruntime", "10x128", 19): 73,
    ("torch", "6x96", 9): 3745,
    ("torch", "6x96", 19): 923,
    ("torch", "10x128", 9): 1726,
    ("torch", "10x128", 19): 458,
    ("openvino", "6x96", 9): 7605,
    ("openvino", "6x96", 19): 1778,
    ("openvino", "10x128", 9): 3308,
    ("openvino", "10x128", 19): 695,
}
"""What prototypes of these networks, with 18 input planes, reached at batch 32 on one core with AMX: the limits that
are stated. Where there is no such figure, the limit is the engine's own rate at its largest batch."""

UNIT = "evaluations/CPU-s"


def rows(seconds: float = 2.0) -> Iterator[Row]:
    """Measure every network in every engine, and the best engine inside a search, about so many seconds a row."""
    with TemporaryDirectory() as folder:
        for name, model in models(Path(folder)):
            engines = list(running(model))
            for engine, network in engines:
                for size in SIZES:
                    yield from network_rows(network, engine, name, size, seconds)
            for size in SIZES if engines else ():
                engine, network = engines[0]
                yield search_row(network, engine, name, size, seconds)


def network_rows(network: Network, engine: str, name: str, size: int, seconds: float) -> Iterator[Row]:
    """Measure a network at several batches on one size of board."""
    rates = {batch: steady(evaluations(network, size, batch), engine, seconds) for batch in BATCHES}
    limit = FIGURES.get((engine, name, size), rates[BATCHES[-1]])
    for batch, found in rates.items():
        yield Row(f"network-{engine}-{name}-{size}-b{batch}", found, UNIT, limit)


def search_row(network: Network, engine: str, name: str, size: int, seconds: float, wave: int = 16) -> Row:
    """Measure how many evaluations a search makes, beside what the network alone makes at the same batch."""
    for batch in [each for each in COMPILED if each <= wave]:
        evaluations(network, size, batch)()  # some waves are not full: what they need is compiled now
    raw = steady(evaluations(network, size, wave), engine, seconds)
    inside = steady(searches(network, size, wave), engine, seconds)
    return Row(f"search-vs-raw-{name}-{size}-w{wave}", inside, UNIT, raw)


# --- the networks -----------------------------------------------------------------------------------------


def models(folder: Path) -> Iterator[tuple[str, Model]]:
    """List the networks to measure; those with random weights are written into a folder."""
    for name in shipped(go.name):
        yield name, find(name)
    try:
        from engine.networks import towers as networks
    except ImportError:  # no torch: only what ships
        return
    for blocks, channels in ((6, 96), (10, 128)):
        name = f"{blocks}x{channels}"
        (folder / name).mkdir()
        net = networks.lively(networks.NetworkShape(game="go", blocks=blocks, channels=channels))
        networks.write_model(net, folder / name, describe("go"))
        yield name, read(folder / name)


def running(model: Model) -> Iterator[tuple[str, Network]]:
    """List the engines that run a model here, quickest first, and torch where it is installed."""
    for engine in ENGINES:
        with suppress(ValueError):
            yield engine, choose(model, engine, cache=0).network
    with suppress(ImportError, ValueError):
        from engine.networks.towers import load

        yield "torch", TorchNetwork(load(model.folder), bfloat16=bool(multiplies_bfloat16()), threads=1)


# --- the work ---------------------------------------------------------------------------------------------


def midgame(size: int, count: int) -> np.ndarray:
    """Return positions after random moves on a third of the board, [count, W]."""
    states, random = np.repeat(go.start(size)[None], count, axis=0), np.random.default_rng(1)
    for _ in range(size * size // 3):
        legal, _, counts = go.legal(states)
        go.play(states, legal[np.arange(count), random.integers(0, counts - 1)])  # any move but the pass
    return states


def evaluations(network: Network, size: int, batch: int) -> Work:
    """Return work that evaluates planes which are there already."""
    planes = go.features(midgame(size, batch))

    def work() -> int:
        network(planes)
        return batch

    return work


def searches(network: Network, size: int, wave: int) -> Work:
    """Return work that searches a position, and counts what the network was asked."""
    roots, tree, asked = midgame(size, 1), allocate(nodes=1 << 19), 0

    def counting(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal asked
        asked += len(planes)
        return network(planes)

    def work() -> int:
        before = asked
        reset(tree, 0)
        search(go, roots, tree, NetworkEvaluator(counting), SearchSettings(wave=wave), Limit(visits=wave * 25))
        return asked - before

    return work


def steady(work: Work, engine: str, seconds: float) -> float:
    """Return the median of several rates, after one unmeasured turn."""
    clock = time.perf_counter if engine == "cuda" else time.process_time
    work()
    return median(rate(work, seconds / REPETITIONS, clock) for _ in range(REPETITIONS))
