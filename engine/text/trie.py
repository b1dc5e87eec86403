"""Sampling that repeats nothing: a trie of what was written keeps what is still possible below each beginning.

A beginning that was looked at before costs nothing again; a text is given up where its value falls below a share of the
root's; a text that was finished or given up is never written again. (Shi et al., "Incremental sampling without
replacement for sequence models", 2020, with values.)
"""

from dataclasses import dataclass, field

import numpy as np

from engine.text.attempt import Attempt, Decoder, Writing, over
from engine.text.evaluator import NextTokens


@dataclass
class _Node:
    moves: np.ndarray  # int32 [K]
    weights: np.ndarray  # float64 [K]   what is left of each move: its share of the draws, 0 once nothing is
    value: float
    below: dict[int, "_Node"] = field(default_factory=dict)

    @property
    def left(self) -> float:
        return float(self.weights.sum())


def trie(power: float = 2.0, give_up: float = 0.1) -> Decoder:
    """Draw texts by likelihood x value^power, each at most once."""

    def decoder(attempt: Attempt) -> Writing:
        seen = yield attempt.root[None]
        root = _node(seen, power)
        while attempt.left and root.left > 0:
            node, way, state = root, [], attempt.root[None].copy()
            while node.left > 0:
                k = int(attempt.random.choice(len(node.moves), p=node.weights / node.left))
                way.append((node, k))
                attempt.game.play(state, node.moves[k : k + 1])
                if over(state)[0]:
                    attempt.finish(state)
                    break
                if k not in node.below:
                    if not attempt.left:
                        return
                    seen = yield state
                    node.below[k] = _node(seen, power)
                node = node.below[k]
                if attempt.hopeless(node.value, root.value, give_up):
                    break
            _close(way)

    return decoder


def _node(seen: NextTokens, power: float) -> _Node:
    return _Node(seen.moves[0], seen.guided(power)[0].astype(np.float64), float(seen.values[0]))


def _close(way: list[tuple[_Node, int]]) -> None:
    """Take what was just written away from what is left, all the way up."""
    taken = 1.0  # the share of the last move that is gone
    for node, k in reversed(way):
        before = node.left
        node.weights[k] *= 1 - taken
        if node.weights[k] < 1e-12:
            node.weights[k] = 0
        taken = 1.0 if not node.left else 1 - node.left / before
