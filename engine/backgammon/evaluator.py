"""Backgammon for the shared search: priors and values from the network of afterstates.

A position before the roll is valued by the network, or by the exact mean over its 21 rolls. A position with dice has
the value after its best play; priors are exp(equity / temperature) of the full plays, each counted for the first
checker move of the one order in which the rules list it, so that other orders of the same moves cost the tree nothing.
At the cube the better decision has prior 1. Values are FIRST's, in the unit of `games.backgammon.score`, with
the cube's ownership and later doubles where it is in use.
"""

import numpy as np

from engine.backgammon.afterstates import evaluate, evaluate_plays
from engine.backgammon.cube import cubeful_equity
from engine.backgammon.cube_reading import NO_CUBE
from engine.backgammon.outputs import OUTPUTS, best_of
from engine.backgammon.plies import Lookahead, value_before_roll
from engine.backgammon.stakes import stakes_of
from games import backgammon
from games.backgammon import rules
from games.compiling import compiled, copy_row
from games.game import CHANCE, FIRST, NOBODY, Game

TEMPERATURE = 0.06
"""Difference in equity at which the prior of the worse play is e times smaller."""

EVEN = 1e-6
"""Difference below which two decisions count as equal: then double, and take."""

_FACES = 6

_f = np.float32


class AfterstateEvaluator:
    """An evaluator for `engine.search`; safe for use from every thread of the search."""

    def __init__(self, lookahead: Lookahead, plies: int = 0, temperature: float = TEMPERATURE):
        """`plies`, 0 or 1: the depth at which positions before the roll are read."""
        if plies not in (0, 1):
            raise ValueError(f"a leaf of the tree is read 0 or 1 plies ahead, not {plies}")
        self.lookahead, self.plies, self.temperature = lookahead, plies, _f(temperature)

    def __call__(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return priors float32 [B, 190] and values float32 [B]."""
        priors, outputs = np.zeros((len(states), rules.MOVES), _f), np.zeros((len(states), OUTPUTS), _f)
        after = states.copy()
        with self.lookahead.borrowed_scratch() as scratch:
            network, stakes = self.lookahead.network, _all_stakes(states)
            _evaluate(after, stakes, self.plies, self.temperature, network, scratch, outputs, priors)
        for b in np.flatnonzero(states[:, rules.OPENING]):
            outputs[b] = self.lookahead.outputs(states[b], self.plies)
        _decide_cubes(states, outputs, priors)
        return priors, values_for_first(outputs, after)


def values_for_first(outputs: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the values of positions for FIRST, float32 [B], from outputs for the player on roll; scores at the end."""
    values = cubeful_equity(outputs, states) * np.where(states[:, rules.MOVER] == FIRST, 1, -1)
    over = states[:, rules.TURN] == NOBODY
    if over.any():
        values[over] = backgammon.score(states[over])
    return values.astype(_f)


def _all_stakes(states: np.ndarray) -> np.ndarray:
    """Return the stakes of every row, float32 [B, 2, 6]."""
    return np.stack([stakes_of(state) for state in states])


# --- compiled ---------------------------------------------------------------------------------------------


@compiled
def _evaluate(states, stakes, plies, temperature, network, scratch, outputs, priors):
    for b in range(len(states)):
        _evaluate_row(states[b], stakes[b], plies, temperature, network, scratch, outputs[b], priors[b])


@compiled
def _evaluate_row(state, stakes, plies, temperature, network, scratch, outputs, priors):
    """Fill outputs and priors; where there are dice, make the best play on `state` and fill its outputs."""
    me = np.int64(state[rules.MOVER]) * rules.SIDE
    if state[rules.TURN] == NOBODY:
        return
    if state[rules.DICE] > 0:
        count = evaluate_plays(
            state, me, state[rules.DICE : rules.DICE + 4], network, stakes[state[rules.MOVER]], scratch.buffers
        )
        _fill_priors(scratch.buffers.plays, scratch.buffers.equities, count, temperature, priors)
        best = best_of(scratch.buffers.equities, count)
        copy_row(outputs, scratch.buffers.outputs[best])
        _play(state, scratch.buffers.plays[best])
    elif plies:
        value_before_roll(state, me, network, stakes, NO_CUBE, scratch, outputs, scratch.cubes.reply)
    else:
        evaluate(state, me, network, scratch.buffers, outputs)


@compiled
def _fill_priors(plays, equities, count, temperature, priors):
    best, total = equities[best_of(equities, count)], _f(0)
    for k in range(count):
        weight = np.exp((equities[k] - best) / temperature)
        priors[_move(plays[k, 0], plays[k, 1])] += weight
        total += weight
    for move in range(rules.ROLL):
        priors[move] /= total


@compiled
def _move(source, die):
    return (np.int64(source) - 1) * _FACES + die - 1


@compiled
def _play(state, play):
    for k in range(0, 8, 2):
        if play[k] > 0:
            rules.make_move(state, _move(play[k], play[k + 1]))


# --- the cube ---------------------------------------------------------------------------------------------


def _decide_cubes(states: np.ndarray, outputs: np.ndarray, priors: np.ndarray) -> None:
    """Set the prior of the better decision of each cube node to 1.

    `cubeful_equity` is the value of the best decision for the player who may double; to value a double or a take,
    it is made.
    """
    choice = (states[:, rules.DICE] == 0) & (states[:, rules.TURN] < CHANCE)
    for answers, better, worse in ((0, rules.DOUBLE, rules.ROLL), (1, rules.TAKE, rules.DROP)):
        rows = np.flatnonzero(choice & (states[:, rules.OFFERED] == answers))
        if len(rows):
            made = states[rows]
            backgammon.play(made, np.full(len(rows), better, np.int32))
            loss = cubeful_equity(outputs[rows], states[rows]) - cubeful_equity(outputs[rows], made)
            right = (loss if better == rules.DOUBLE else -loss) <= EVEN
            priors[rows, np.where(right, better, worse)] = 1
