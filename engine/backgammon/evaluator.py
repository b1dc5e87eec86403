"""Backgammon for the shared search: what the network of afterstates says as priors and values, and short rollouts.

A position before the roll is valued by the network, or by the exact mean over its 21 rolls. A position with dice is
worth what its best play leaves; priors are exp(equity / temperature) of the full plays, each counted for the first
checker move of the one order in which the rules list it, so that other orders of the same moves cost the tree nothing.
At the cube the better decision has the whole prior. Values are FIRST's, in the unit of `games.backgammon.score`, with
the cube's ownership and doubles to come where it is in use.
"""

import numpy as np

from engine.backgammon.afterstates import evaluate, evaluate_plays
from engine.backgammon.cube import cubeful_equity
from engine.backgammon.outputs import OUTPUTS, best_of
from engine.backgammon.plies import Lookahead, stakes_of, value_before_roll
from games import backgammon
from games.backgammon.rules import (
    DICE,
    DOUBLE,
    DROP,
    FIRST_ROLL,
    MOST_MOVES,
    MOVER,
    MOVES,
    OFFERED,
    OPENING,
    ROLL,
    SIDE,
    TAKE,
    TURN,
    list_moves,
    make_move,
)
from games.compiling import compiled, copy_row
from games.game import CHANCE, FIRST, NOBODY, Game
from games.randomness import below, next_random, random_states

TEMPERATURE = 0.06
"""In equity: a play that looks so much worse than another has a prior e times smaller."""

EVEN = 1e-6
"""Values of two decisions that differ by less are the same: then double, and take."""

_FACES = 6

_u, _f = np.uint64, np.float32


class AfterstateEvaluator:
    """An evaluator for `engine.search`; every thread of the search may ask it."""

    def __init__(self, lookahead: Lookahead, plies: int = 0, temperature: float = TEMPERATURE):
        """`plies`, 0 or 1, is how deeply positions before the roll are read."""
        if plies not in (0, 1):
            raise ValueError(f"a leaf of the tree is read 0 or 1 plies ahead, not {plies}")
        self.lookahead, self.plies, self.temperature = lookahead, plies, _f(temperature)

    def __call__(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return priors float32 [B, 190] and values float32 [B]."""
        priors, outputs = np.zeros((len(states), MOVES), _f), np.zeros((len(states), OUTPUTS), _f)
        after = states.copy()
        with self.lookahead.borrowed_room() as room:
            _evaluate(
                after, _all_stakes(states), self.plies, self.temperature, self.lookahead.network, room, outputs, priors
            )
        for b in np.flatnonzero(states[:, OPENING]):
            outputs[b] = self.lookahead.outputs(states[b], self.plies)
        _decide_cubes(states, outputs, priors)
        return priors, values_for_first(outputs, after)


class TruncatedRollouts:
    """The policy to give to `games.backgammon.rollout`: some plies of best plays by the network, then its value."""

    def __init__(self, lookahead: Lookahead, plies: int = 6):
        self.lookahead, self.plies = lookahead, plies

    def __call__(self, states: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        """Play each row on in place, uint64 [B] seeds; return values for FIRST, float32 [B].

        Nobody doubles on the way, and a double that waits is taken.
        """
        outputs = np.zeros((len(states), OUTPUTS), _f)
        with self.lookahead.borrowed_room() as room:
            _roll_out(
                states, random_states(seeds), _all_stakes(states), self.plies, self.lookahead.network, room, outputs
            )
        return values_for_first(outputs, states)


def values_for_first(outputs: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return what positions are worth to FIRST, float32 [B], from the outputs of who is on roll; scores where over."""
    values = cubeful_equity(outputs, states) * np.where(states[:, MOVER] == FIRST, 1, -1)
    over = states[:, TURN] == NOBODY
    if over.any():
        values[over] = backgammon.score(states[over])
    return values.astype(_f)


def _all_stakes(states: np.ndarray) -> np.ndarray:
    """Return the stakes of every row, float32 [B, 2, 6]."""
    return np.stack([stakes_of(state) for state in states])


# --- compiled ---------------------------------------------------------------------------------------------


@compiled
def _evaluate(states, stakes, plies, temperature, network, room, outputs, priors):
    for b in range(len(states)):
        _evaluate_row(states[b], stakes[b], plies, temperature, network, room, outputs[b], priors[b])


@compiled
def _evaluate_row(state, stakes, plies, temperature, network, room, outputs, priors):
    """Fill outputs and priors; where there are dice, play the best play on `state`, whose outputs they are then."""
    me = np.int64(state[MOVER]) * SIDE
    if state[TURN] == NOBODY:
        return
    if state[DICE] > 0:
        count = evaluate_plays(state, me, state[DICE : DICE + 4], network, stakes[state[MOVER]], room.desk)
        _fill_priors(room.desk.plays, room.desk.equities, count, temperature, priors)
        best = best_of(room.desk.equities, count)
        copy_row(outputs, room.desk.outputs[best])
        _play(state, room.desk.plays[best])
    elif plies:
        value_before_roll(state, me, network, stakes, room, outputs)
    else:
        evaluate(state, me, network, room.desk, outputs)


@compiled
def _fill_priors(plays, equities, count, temperature, priors):
    best, total = equities[best_of(equities, count)], _f(0)
    for k in range(count):
        weight = np.exp((equities[k] - best) / temperature)
        priors[_move(plays[k, 0], plays[k, 1])] += weight
        total += weight
    for move in range(ROLL):
        priors[move] /= total


@compiled
def _move(source, die):
    return (np.int64(source) - 1) * _FACES + die - 1


@compiled
def _play(state, play):
    for k in range(0, 8, 2):
        if play[k] > 0:
            make_move(state, _move(play[k], play[k + 1]))


@compiled
def _roll_out(states, seeds, stakes, plies, network, room, outputs):
    moves = np.empty(MOST_MOVES, np.int32)
    for b in range(len(states)):
        roll_out_row(states[b], seeds[b], stakes[b], plies, network, room, moves, outputs[b])


@compiled
def roll_out_row(state, x, stakes, plies, network, room, moves, outputs):
    """Play so many plies of best plays (a turn that is under way counts as one); fill the outputs of who is on roll."""
    ply = 0
    while (state[TURN] != NOBODY) & ((ply < plies) | (state[DICE] > 0)):
        if state[DICE] > 0:
            me = np.int64(state[MOVER]) * SIDE
            count = evaluate_plays(state, me, state[DICE : DICE + 4], network, stakes[state[MOVER]], room.desk)
            _play(state, room.desk.plays[best_of(room.desk.equities, count)])
            ply += 1
        elif state[TURN] == CHANCE:
            x = next_random(x)
            make_move(state, _draw_roll(state, x, moves))
            ply += state[DICE] == 0  # nothing can be played
        else:
            make_move(state, TAKE if state[OFFERED] else ROLL)
    if state[TURN] != NOBODY:
        evaluate(state, np.int64(state[MOVER]) * SIDE, network, room.desk, outputs)


@compiled
def _draw_roll(state, x, moves):
    """Draw a roll by the odds; the openings are all alike."""
    if state[OPENING]:
        return np.int64(moves[below(x, _u(list_moves(state, moves)))])
    face = np.int64(below(x, _u(_FACES**2)))
    high, low = max(face // _FACES, face % _FACES), min(face // _FACES, face % _FACES)
    return FIRST_ROLL + high * (high + 1) // 2 + low


# --- the cube ---------------------------------------------------------------------------------------------


def _decide_cubes(states: np.ndarray, outputs: np.ndarray, priors: np.ndarray) -> None:
    """Give the better of the two decisions of each cube node the whole prior.

    `cubeful_equity` is what the best decision is worth to who doubles; a double or a take is valued by making it.
    """
    choice = (states[:, DICE] == 0) & (states[:, TURN] < CHANCE)
    for answers, better, worse in ((0, DOUBLE, ROLL), (1, TAKE, DROP)):
        rows = np.flatnonzero(choice & (states[:, OFFERED] == answers))
        if len(rows):
            made = states[rows]
            backgammon.play(made, np.full(len(rows), better, np.int32))
            loss = cubeful_equity(outputs[rows], states[rows]) - cubeful_equity(outputs[rows], made)
            right = (loss if better == DOUBLE else -loss) <= EVEN
            priors[rows, np.where(right, better, worse)] = 1
