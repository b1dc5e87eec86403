"""What networks think of positions: priors and values for the search.

    NetworkEvaluator   (game, states) -> priors and values of the first player, as the search asks for them
      Cached           remembers what a network said of a position
      Turned           shows a network each position under a random symmetry, or under all eight
        a runtime        onnxruntime, OpenVINO, torch (engine/networks/runtimes.py)

Each of the lower lines is a *network*: any callable planes -> (priors, values), seen by the side to play, that
several threads may call at once. `choose` picks for a model what is quickest on this machine and says why.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.machine import cpu_features
from engine.networks.model import DESCRIPTION, INT8, SYMMETRIES, Model
from engine.networks.runtimes import Network, OnnxNetwork, OpenVinoNetwork, reason
from engine.networks.sight import board, move_count, sight
from games.compiling import compiled, inlined
from games.game import SECOND, Game


class NetworkEvaluator:
    """The evaluator of a network; `why` says where it runs and for what reason.

    `fallback` is a sentence for whoever plays where something quicker was there and failed, else "".
    """

    def __init__(self, network: Network, name: str = "", why: str = "", fallback: str = ""):
        self.network, self.name, self.why, self.fallback = network, name, why, fallback

    def __call__(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        priors, values = self.network(game.features(states))
        return priors, np.where(game.turn(states) == SECOND, -values, values)


# --- symmetries -------------------------------------------------------------------------------------------


class Turned:
    """A network that sees each position under a symmetry of its own ("random"), or averages all eight ("all").

    Which symmetry is drawn from the position itself and the seed: asked again, the answer is the same.
    """

    def __init__(self, network: Network, game: str, how: str = "random", seed: int = 1):
        self.network, self.how, self.seed = network, how, seed
        self.planes = sight(game)

    def __call__(self, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.how == "random":
            drawn = (fingerprints(planes, self.seed) >> np.uint64(61)) % np.uint64(self.planes.SYMMETRIES)
            return self._seen_under(planes, drawn)
        answers = [self._seen_under(planes, np.full(len(planes), k)) for k in range(self.planes.SYMMETRIES)]
        priors, values = zip(*answers, strict=True)
        return np.array(priors).mean(0, np.float32), np.array(values).mean(0, np.float32)

    def _seen_under(self, planes: np.ndarray, symmetries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shown = np.empty_like(planes)
        for k in np.unique(symmetries):
            shown[symmetries == k] = self.planes.turned(planes[symmetries == k], int(k))
        priors, values = self.network(shown)
        for k in np.unique(symmetries) if priors.shape[1] else ():
            rows = np.flatnonzero(symmetries == k)
            priors[rows] = priors[rows[:, None], self.planes.symmetry(int(k), planes.shape[-1])]
        return priors, values


class BySide:
    """A network that leaves boards of some sizes, by their columns, to others, opened when they are needed."""

    def __init__(self, network: Network, opening: Mapping[int, Callable[[], Network]]):
        self.network, self.opening = network, opening
        self.others: dict[int, Network] = {}
        self._lock = threading.Lock()

    def __call__(self, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        side = planes.shape[-1]
        if side not in self.opening:
            return self.network(planes)
        with self._lock:
            if side not in self.others:
                self.others[side] = self.opening[side]()
        return self.others[side](planes)


# --- the cache --------------------------------------------------------------------------------------------


class Cached:
    """A network with a cache of its last answers, about so many megabytes of them.

    A position is known by a 64-bit fingerprint of all its planes: ko, last moves, komi and rules are in them. Every
    fingerprint has one place, which the newest position takes.
    """

    def __init__(self, network: Network, megabytes: float = 64):
        self.network, self.bytes = network, int(megabytes * 2**20)
        self.asked = self.known = 0
        self._lock = threading.Lock()
        self._tables: dict[int, _CacheTable] = {}  # by the side of the board

    def __call__(self, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        keys = fingerprints(planes)
        side = planes.shape[-1]
        with self._lock:
            table = self._tables.get(side)
            found = table.look_up(keys) if table else None
            known = np.zeros(len(keys), bool) if found is None else found[0]
            self.asked, self.known = self.asked + len(keys), self.known + int(np.count_nonzero(known))
        if found and known.all() and len(known):
            return found[1], found[2]
        new = np.flatnonzero(~known)
        new_priors, new_values = self.network(planes if len(new) == len(keys) else planes[new])
        moves = new_priors.shape[1]
        if found:
            _, priors, values = found
        else:
            priors, values = np.empty((len(keys), moves), np.float32), np.empty(len(keys), np.float32)
        priors[new], values[new] = new_priors, new_values
        with self._lock:
            if side not in self._tables:
                self._tables[side] = _CacheTable(self.bytes, moves)
            self._tables[side].keep(keys[new], new_priors, new_values)
        return priors, values

    def forget(self) -> None:
        """Drop everything, as when the network has learned."""
        with self._lock:
            self._tables.clear()


class _CacheTable:
    """The answers for boards of one size: keys [N] (0: nothing), priors [N, moves], values [N]."""

    def __init__(self, size: int, moves: int):
        places = max(1, size // (4 * moves + 12))
        self.keys, self.values = np.zeros(places, np.uint64), np.empty(places, np.float32)
        self.priors = np.empty((places, moves), np.float32)

    def look_up(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which keys are known, bool [B], and the answers of all, nonsense for the others."""
        at = keys % np.uint64(len(self.keys))
        return self.keys[at] == keys, self.priors[at], self.values[at]

    def keep(self, keys: np.ndarray, priors: np.ndarray, values: np.ndarray) -> None:
        at, last = np.unique((keys % np.uint64(len(self.keys)))[::-1], return_index=True)
        last = len(keys) - 1 - last  # of two keys for one place only one may write, or they would mix
        self.keys[at], self.priors[at], self.values[at] = keys[last], priors[last], values[last]


def fingerprints(planes: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return a hash of each position's planes, never 0, uint64 [B]."""
    rows = np.ascontiguousarray(planes).reshape(len(planes), -1)
    spare = -rows.shape[1] % 8
    if spare:
        rows = np.pad(rows, ((0, 0), (0, spare)))
    keys = np.empty(len(rows), np.uint64)
    _hash(rows.view(np.uint64), np.uint64(seed), keys)
    return keys


@compiled
def _hash(rows, seed, keys):
    for b in range(len(rows)):
        keys[b] = _hash_row(rows[b], seed)


@inlined
def _hash_row(words, seed):
    """Fold 64-bit words together; each step is one to one, and the upper bits return to the lower ones."""
    h = np.uint64(0x9E3779B97F4A7C15) ^ seed
    for k in range(len(words)):
        h = (h ^ words[k]) * np.uint64(0xFF51AFD7ED558CCD)
        h ^= h >> np.uint64(32)
    return max(h * np.uint64(0xC4CEB9FE1A85EC53), np.uint64(1))


# --- the choice -------------------------------------------------------------------------------------------


def choose(model: Model, engine: str = "auto", symmetries: str = "none", cache: float = 64) -> NetworkEvaluator:
    """Return the quickest evaluator that really runs a model here; raise `ValueError` where none does.

    `engine` may name one of ENGINES. `symmetries` is one of SYMMETRIES; `cache` is in megabytes.
    """
    if engine != "auto" and engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}; choose auto or one of {', '.join(ENGINES)}")
    if symmetries not in SYMMETRIES:
        raise ValueError(f"there are no symmetries {symmetries!r}; choose one of {', '.join(SYMMETRIES)}")
    found = _first_that_runs(model, [name for name in ENGINES if name != "int8"] if engine == "auto" else [engine])
    if boards := model.boards:
        opening = {side: partial(_opened, other, found.name) for side, other in boards.items()}
        found = found._replace(network=BySide(found.network, opening))
    network = found.network if symmetries == "none" else Turned(found.network, model.game, symmetries)
    return NetworkEvaluator(Cached(network, cache) if cache else network, found.name, found.why, found.fallback)


class Absent(RuntimeError):
    """What an engine runs on is not in this machine; that nobody expects it to run is no failure."""


class _Found(NamedTuple):
    """A network that runs, and what the evaluator tells of it."""

    network: Network
    name: str
    why: str
    fallback: str


def _first_that_runs(model: Model, names: Iterable[str]) -> _Found:
    """Return the first network that survives a run; raise `ValueError` where none does."""
    if not model.onnx.is_file():
        raise ValueError(f"the model {model.name} has no {model.onnx.name} to play with")
    passed_over: list[tuple[str, Exception]] = []
    for name in names:
        try:
            network, where = ENGINES[name](model.onnx)
            probe(network, model)
        except Exception as error:  # of any library's kind: what does not run is passed over
            passed_over.append((name, error))
        else:
            why = "; ".join([where, *_reasons(passed_over)])
            return _Found(network, name, why, _fallback(name, passed_over))
    raise ValueError(f"the model {model.name} runs nowhere here: {'; '.join(_reasons(passed_over))}")


def _opened(model: Model, engine: str) -> Network:
    return _first_that_runs(model, [engine]).network


def _reasons(passed_over: Iterable[tuple[str, Exception]]) -> list[str]:
    return [f"{name}: {reason(error)}" for name, error in passed_over]


def _fallback(name: str, passed_over: Iterable[tuple[str, Exception]]) -> str:
    """Say what should have run and failed, "" where what was passed over is only not here, or not installed."""
    failed = [(other, error) for other, error in passed_over if not isinstance(error, Absent | ModuleNotFoundError)]
    reasons = "; ".join(f"{other} failed: {reason(error)}" for other, error in failed)
    return f"the network runs in {name}, since {reasons}" if failed else ""


def _board(model: Model, most: int) -> tuple[int, int]:
    """Return rows and columns of a board that the model knows, with sides up to `most` where there is a choice."""
    shown = sight(model.game)
    return board(shown, min(most, int(max(model.about.get("sizes", ()), default=shown.LARGEST))))


def _plane_count(model: Model) -> int:
    """Return how many planes model.json lists; where it lists none, how many the game shows today."""
    return sum(int(count) for _, count in model.about.get("planes", ())) or sight(model.game).COUNT


def probe(network: Network, model: Model) -> None:
    """Run a model's network once; raise `ValueError` where the answer is none."""
    planes, (rows, columns) = _plane_count(model), _board(model, 9)
    takes = getattr(network, "planes", planes)
    if takes != planes:
        raise ValueError(f"{model.onnx} takes {takes} planes, and its {DESCRIPTION} tells of {planes}")
    priors, values = network(np.ones((1, planes, rows, columns), np.uint8))
    if priors.shape[1] not in (0, move_count(sight(model.game), rows, columns)) or values.shape != (1,):
        raise ValueError(f"it answers {priors.shape[1]} moves and {values.shape} values to a board of size {columns}")
    if not (np.isfinite(priors).all() and np.isfinite(values).all()):
        raise ValueError("its answer to an empty board is not a number")


def _on_cuda(path: Path) -> tuple[Network, str]:
    if not _has_nvidia():
        raise Absent("there is no NVIDIA GPU")
    return OnnxNetwork(path, "CUDAExecutionProvider"), "onnxruntime on the GPU: a run on it worked"


def _has_nvidia() -> bool:
    """Tell whether a driver is here: asking costs less than onnxruntime's failing to load CUDA."""
    import ctypes

    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            ctypes.CDLL(library)
        except OSError:
            continue
        return True
    return False


def _on_openvino(path: Path) -> tuple[Network, str]:
    why = multiplies_bfloat16()
    if why:
        return OpenVinoNetwork(path, "bf16"), f"OpenVINO on the CPU, bfloat16: the processor has {why}"
    return OpenVinoNetwork(path, "f32"), "OpenVINO on the CPU, float32: the processor does not multiply bfloat16"


def runs_fast() -> bool:
    """Tell whether a network costs little beside rollouts: where the processor has AMX, or an NVIDIA GPU is there."""
    return multiplies_bfloat16() == "AMX" or _has_nvidia()


def multiplies_bfloat16() -> str:
    """Return with which instructions the processor multiplies bfloat16, or "" where it has none."""
    has = cpu_features()
    return "AMX" if has.get("amx-bf16") else "AVX512_BF16" if has.get("avx512bf16") else ""


def _on_cpu(path: Path) -> tuple[Network, str]:
    return OnnxNetwork(path), "onnxruntime on the CPU, float32"


def _in_int8(path: Path) -> tuple[Network, str]:
    path = path.with_name(INT8)
    if not path.is_file():
        raise RuntimeError(f"there is no {INT8}")
    try:
        return OpenVinoNetwork(path), "OpenVINO on the CPU, in eight-bit numbers as asked"
    except ImportError:
        return OnnxNetwork(path), "onnxruntime on the CPU, in eight-bit numbers as asked"


ENGINES: dict[str, Callable[[Path], tuple[Network, str]]] = {
    "cuda": _on_cuda,
    "openvino": _on_openvino,
    "onnxruntime": _on_cpu,
    "int8": _in_int8,
}
"""Where a model may run, quickest first; eight-bit numbers are less exact, and tried only where asked for."""


# --- precision --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """How far a network in less precision is from the same in more."""

    positions: int
    top1: float  # share of positions with the same best move
    prior_difference: float  # greatest
    value_difference: float  # greatest


def agreement(network: Network, reference: Network, batches: Iterable[np.ndarray]) -> Agreement:
    """Compare two networks on batches of planes."""
    same, priors_apart, values_apart = [], [0.0], [0.0]
    for planes in batches:
        (priors, values), (true_priors, true_values) = network(planes), reference(planes)
        same.append(_best(priors) == _best(true_priors))
        priors_apart.append(float(np.abs(priors - true_priors).max(initial=0)))
        values_apart.append(float(np.abs(values - true_values).max()))
    agreed = np.concatenate(same)
    return Agreement(len(agreed), float(agreed.mean()), max(priors_apart), max(values_apart))


def _best(priors: np.ndarray) -> np.ndarray:
    return priors.argmax(1) if priors.shape[1] else np.zeros(len(priors), int)
