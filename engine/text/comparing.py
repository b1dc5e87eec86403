"""Decoders at equal cost: the table of them by name, a run of one over prompts, and differences between two."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.search import SearchSettings
from engine.text.attempt import Attempt, Decoder, carry_out_each
from engine.text.decoders import beam, best_of, reward_guided, single
from engine.text.drawing import by_likelihood, by_value, likeliest, nucleus, top_k
from engine.text.evaluator import Judge, TokenEvaluator
from engine.text.tasks import WritingTask
from engine.text.tree_decoder import GUMBEL, PUCT, fitted, tree_search
from engine.text.trie import trie
from engine.tree import Tree
from games.text.rewarded import TextGame

POWER = 2.0
"""How much a value counts beside a likelihood: their product is likelihood x value^POWER."""


@dataclass(frozen=True)
class DecoderKind:
    """A decoder by its name. `make` takes the power of values; a tree search has `settings` instead."""

    words: str
    make: Callable[[float], Decoder] | None = None
    settings: SearchSettings | None = None
    critic: bool = False  # whether it is nothing without one


KINDS = {
    "greedy": DecoderKind("the likeliest token each time", lambda power: single(likeliest)),
    "sample": DecoderKind("one text, drawn by likelihood", lambda power: single(by_likelihood)),
    "reward-greedy": DecoderKind("the token after which the text pays most", lambda power: reward_guided),
    "best-of-n": DecoderKind("the best of texts drawn by likelihood", lambda power: best_of(by_likelihood)),
    "top-k": DecoderKind("the best of texts drawn among the 40 likeliest tokens", lambda power: best_of(top_k(40))),
    "nucleus": DecoderKind("the best of texts drawn from 95 % of the likelihood", lambda power: best_of(nucleus(0.95))),
    "beam": DecoderKind("the likeliest texts side by side", lambda power: beam()),
    "value-beam": DecoderKind("the same, by likelihood and value", lambda power: beam(power), critic=True),
    "critic": DecoderKind(
        "the best of texts drawn by likelihood x value^2", lambda power: best_of(by_value(power)), critic=True
    ),
    "trie": DecoderKind("the same without repeats, and cut where hopeless", lambda power: trie(power), critic=True),
    "tree": DecoderKind("tree search by PUCT", settings=PUCT),
    "gumbel": DecoderKind("tree search with a Gumbel root", settings=GUMBEL),
}
"""Every decoder, the cheapest first."""


def kind_of_decoder(name: str) -> DecoderKind:
    """Return a decoder by its name; raise `ValueError` for one that there is not."""
    if name not in KINDS:
        raise ValueError(f"there is no decoder {name!r}; the decoders are: {', '.join(KINDS)}")
    return KINDS[name]


@dataclass(frozen=True)
class DecodingPlan:
    """How to decode: the model's temperature, how many tokens are looked at, what guides, and the seed."""

    budget: int = 512  # token evaluations a prompt
    widest: int = 32  # tokens worth a look
    temperature: float = 1.0
    power: float = POWER
    lanes: int = 1  # texts of one prompt that grow side by side
    seed: int = 1
    search: dict[str, Any] | None = None  # settings of the tree that differ from the usual


def decode(
    name: str,
    task: WritingTask,
    roots: np.ndarray,
    plan: DecodingPlan,
    critic: Judge | None,
    interrupted: Callable[[], bool] = lambda: False,
) -> "Decoded":
    """Have a decoder write after each of some prompts, each with the plan's budget.

    `interrupted` is asked before every call of the model; raise `Interrupted` where it returns True.
    """
    return decode_each([name], task, roots, plan, critic, interrupted)[0]


def decode_each(
    names: Sequence[str],
    task: WritingTask,
    roots: np.ndarray,
    plan: DecodingPlan,
    critic: Judge | None,
    interrupted: Callable[[], bool] = lambda: False,
) -> list["Decoded"]:
    """Decode roots by each of some decoders, as `decode` does by one; return the results in the order of names.

    Those that grow no tree share the calls of the model: a large one reads fifty texts in a few times the time of one.
    The time is shared out by what each has spent.
    """
    found: dict[str, Decoded] = {}
    kinds = {name: kind_of_decoder(name) for name in names}  # each once, should a name come twice
    plain = [name for name, kind in kinds.items() if kind.make]
    for some in [plain, *([name] for name, kind in kinds.items() if not kind.make)]:
        evaluator = TokenEvaluator(task.model, plan.widest, plan.temperature, critic, plan.power)
        evaluator.interrupted = interrupted
        game, began, tree = task.game(), time.perf_counter(), None
        attempts = {name: _attempts(task, game, roots, plan) for name in some}
        if some is plain:
            decoders = [make(plan.power) for name in some if (make := kinds[name].make) for _ in roots]
            carry_out_each(decoders, [each for name in some for each in attempts[name]], evaluator)
        else:
            tree = _tree(kinds[some[0]], attempts[some[0]], evaluator, plan)
        costs = {name: sum(attempt.spent for attempt in attempts[name]) for name in some}
        each = (time.perf_counter() - began) / max(1, sum(costs.values()))
        found |= {name: Decoded(name, attempts[name], each * costs[name], tree) for name in some}
    return [found[name] for name in names]


def _attempts(task: WritingTask, game: TextGame, roots: np.ndarray, plan: DecodingPlan) -> list[Attempt]:
    return [
        Attempt(game, root, plan.budget, hash_of(plan.seed, k), task.usual, plan.lanes) for k, root in enumerate(roots)
    ]


def _tree(kind: DecoderKind, attempts: Sequence[Attempt], evaluator: TokenEvaluator, plan: DecodingPlan) -> Tree:
    assert kind.settings
    usual = fitted(kind.settings, attempts[0].game.ends)
    return tree_search(attempts, evaluator, replace(usual, wave=plan.lanes, seed=plan.seed, **(plan.search or {})))


def hash_of(seed: int, number: int) -> int:
    """Return a seed for one of many attempts."""
    return seed * 1_000_003 + number


@dataclass(frozen=True)
class Decoded:
    """What a decoder made of some prompts."""

    name: str
    attempts: list[Attempt]
    seconds: float
    tree: Tree | None = None  # of a tree search

    @property
    def rewards(self) -> np.ndarray:
        """Return the best reward of each prompt, the least possible one (or 0) where nothing was finished."""
        return np.array([attempt.reward if attempt.best is not None else attempt.floor for attempt in self.attempts])

    @property
    def solved(self) -> np.ndarray:
        """Tell which prompts got the greatest possible reward."""
        return np.array([attempt.reward >= attempt.game.ends[1] for attempt in self.attempts])


def paired_difference(one: np.ndarray, other: np.ndarray, seed: int = 1) -> tuple[float, float, float]:
    """Return the mean difference of values on the same prompts, and its 95 % interval by a paired bootstrap."""
    differences = np.asarray(one, np.float64) - other
    random = np.random.default_rng(seed)
    means = differences[random.integers(0, len(differences), (4000, len(differences)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(differences.mean()), float(low), float(high)
