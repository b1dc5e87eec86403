"""Backgammon as a game: the five answers, full plays, and how moves are written.

The rule book is in `rules.py`, match equities in `match.py`, what a network sees in `inputs.py`, starts, matches and
diagrams in `board.py`, plays as people write them in `writing.py`. Dice fall as moves of CHANCE; a turn is up to four
moves of one checker each, so one fixed numbering of moves serves every roll.
"""

import math
from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np

from games.backgammon.board import (
    checkers,
    describe,
    match_over,
    next_game,
    pip_count,
    points_won,
    score_after,
    set_up,
    start,
    with_dice,
)
from games.backgammon.inputs import encode as features
from games.backgammon.match import equity_after, table
from games.backgammon.moves import list_moves
from games.backgammon.rules import (
    BAR,
    CRAWFORD,
    CUBE,
    DICE,
    DOUBLE,
    DROP,
    FIRST_REPLY,
    FIRST_ROLL,
    GAIN,
    JACOBY,
    LENGTH,
    MOST_MOVES,
    MOVER,
    MOVES,
    OFF,
    OFFERED,
    OPENING,
    OPENINGS,
    OWNER,
    POINTS,
    ROLL,
    ROLL_ODDS,
    ROLLED,
    ROLLS,
    SCORE,
    SIDE,
    TAKE,
    TURN,
    USE_CUBE,
    WIDTH,
    WINNER,
    checker_move,
    list_plays,
    make_move,
    roll_move,
    room_for_plays,
)
from games.compiling import compiled, copy_row
from games.game import CHANCE, FIRST, NOBODY, SECOND
from games.randomness import below, next_random, random_states

name = "backgammon"

players = 2

ends = (-math.inf, math.inf)
"""The values of ends have no bound: the cube doubles them."""

WORDS = {ROLL: "roll", DOUBLE: "double", TAKE: "take", DROP: "drop"}

# --- the five answers -------------------------------------------------------------------------------------


def turn(states: np.ndarray) -> np.ndarray:
    """Say whose choice it is; CHANCE rolls the dice."""
    return states[:, TURN].copy()


def legal(states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the moves of each position; a checker move is legal if it begins a play of as many dice as possible."""
    moves = np.zeros((len(states), MOST_MOVES), np.int32)
    odds = np.zeros((len(states), MOST_MOVES), np.float32)
    counts = np.empty(len(states), np.int32)
    _legal(states, moves, odds, counts)
    return moves, odds, counts


@compiled
def _legal(states, moves, odds, counts):
    for b in range(len(states)):
        counts[b] = list_moves(states[b], moves[b])
        if states[b, TURN] == CHANCE:
            _weigh(moves[b], odds[b], counts[b])


@compiled
def _weigh(moves, odds, count):
    for k in range(count):
        odds[k] = np.float32(1 / 30) if count == 30 else ROLL_ODDS[moves[k] - FIRST_ROLL]


def play(states: np.ndarray, moves: np.ndarray) -> None:
    """Play one legal move in each row, in place."""
    _play(states, moves)


@compiled
def _play(states, moves):
    for b in range(len(states)):
        make_move(states[b], moves[b])


def after(state: np.ndarray, move: int) -> np.ndarray:
    """Return the position after a move."""
    states = state[None].copy()
    play(states, np.array([move], np.int32))
    return states[0]


def replay(roots: np.ndarray, tree: np.ndarray, paths: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return row b as roots[tree[b]] after paths[b, :lengths[b]]."""
    states = np.empty((len(tree), WIDTH), np.int8)
    _replay(roots, tree, paths, lengths, states)
    return states


@compiled
def _replay(roots, tree, paths, lengths, states):
    for b in range(len(tree)):
        _replay_row(roots[tree[b]], paths[b], lengths[b], states[b])


@compiled
def _replay_row(root, path, length, state):
    copy_row(state, root)
    for k in range(length):
        make_move(state, path[k])


def score(states: np.ndarray) -> np.ndarray:
    """Return what finished games are worth to FIRST: points for money; in a match, its chances mapped to [-1, 1]."""
    values = np.zeros(len(states), np.float32)
    _score(states, table() if states[:, LENGTH].any() else _NO_TABLE, values)
    return values


_NO_TABLE = np.zeros((0, 0, 2), np.float32)


@compiled
def _score(states, table, values):
    for b in range(len(states)):
        if states[b, TURN] == NOBODY:
            values[b] = _value(states[b], table)


@compiled
def _value(state, table):
    points = np.int64(state[GAIN]) << np.int64(state[CUBE])
    if state[LENGTH] == 0:
        return np.float64(points if state[WINNER] == FIRST else -points)
    return equity_after(table, state[LENGTH], state[SCORE], state[SCORE + 1], state[WINNER], points)


def rollout(states: np.ndarray, seeds: np.ndarray, policy: Callable | None = None) -> np.ndarray:
    """Play each row out in place, every full play alike; the cube is never turned, and a double is taken.

    A `policy` plays in its own way: it is called with states and seeds, and returns the values.
    """
    if policy is not None:
        return policy(states, seeds)
    plays, keys = room_for_plays()
    _roll_out(states, random_states(seeds), plays, keys)
    return score(states)


@compiled
def _roll_out(states, seeds, plays, keys):
    for b in range(len(states)):
        play_out(states[b], seeds[b], plays, keys)


@compiled
def play_out(state, x, plays, keys):
    """Play a row to its end at random; return the random state."""
    moves = np.empty(MOST_MOVES, np.int32)
    while state[TURN] != NOBODY:
        x = next_random(x)
        if state[TURN] == CHANCE:
            make_move(state, _random_roll(state, x, moves))
        elif state[DICE] == 0:
            make_move(state, TAKE if state[OFFERED] else ROLL)
        else:
            _play_at_random(state, x, plays, keys)
    return x


@compiled
def _random_roll(state, x, moves):
    if state[OPENING]:
        count = list_moves(state, moves)
        return np.int64(moves[below(x, np.uint64(count))])
    face = np.int64(below(x, np.uint64(36)))
    a, b = face // 6, face % 6
    high, low = max(a, b), min(a, b)
    return FIRST_ROLL + high * (high + 1) // 2 + low


@compiled
def _play_at_random(state, x, plays, keys):
    me = np.int64(state[MOVER]) * SIDE
    count = list_plays(state, me, state[DICE : DICE + 4], plays, keys)
    chosen = plays[np.int64(below(x, np.uint64(count)))]
    for k in range(0, 8, 2):
        if chosen[k] > 0:
            make_move(state, (np.int64(chosen[k]) - 1) * 6 + chosen[k + 1] - 1)


# --- full plays -------------------------------------------------------------------------------------------


def plays(state: np.ndarray) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """List the plays of rolled dice that end in distinct positions: checker moves, and the position after them.

    The list is empty where no checker is to be moved.
    """
    if state[TURN] not in (FIRST, SECOND) or not state[DICE]:
        return []
    table, keys = room_for_plays()
    count = list_plays(state.copy(), int(state[MOVER]) * SIDE, state[DICE : DICE + 4], table, keys)
    after = np.repeat(state[None], count, axis=0)
    moves = [checker_moves(row) for row in table[:count]]
    for row, chosen in zip(after, moves, strict=True):
        for move in chosen:
            make_move(row, move)
    return list(zip(moves, after, strict=True))


def checker_moves(play: np.ndarray) -> tuple[int, ...]:
    """Return the moves of a row that `list_plays` filled."""
    return tuple(checker_move(int(play[k]), int(play[k + 1])) for k in range(0, 8, 2) if play[k])


# --- around the five answers ------------------------------------------------------------------------------


PIPS_A_ROLL = 49 / 6
"""The mean of a roll, doubles counted twice."""

LEAST_TURNS = 5
"""What a turn's share of a clock always leaves: races waste pips, and checkers are hit."""


def moves_left(state: np.ndarray) -> float:
    """Guess how many more turns the player on roll has, from the pip count."""
    return pip_count(state, int(state[MOVER])) / PIPS_A_ROLL + LEAST_TURNS


def move_count(state: np.ndarray) -> int:
    """Return 190, whatever the position."""
    return MOVES


def key(state: np.ndarray) -> int:
    """Return the position as a number; nothing forbids it to come again."""
    return int.from_bytes(blake2b(state.tobytes(), digest_size=8).digest(), "little")


def forbidden(state: np.ndarray, past: Sequence[int], moves: np.ndarray | None = None) -> np.ndarray:
    """Return no move: backgammon knows no repetition."""
    return np.empty(0, np.int32)


def with_turn(state: np.ndarray, turn: int) -> np.ndarray:
    """Return the position as if a player had to roll or double now."""
    given = state.copy()
    given[DICE : ROLLED + 2] = 0
    given[[TURN, MOVER]], given[OFFERED], given[OPENING], given[WINNER] = turn, 0, 0, NOBODY
    return given


def explain(state: np.ndarray, move: int) -> str:
    """Say in a few words why a move is illegal; "" if it is legal."""
    moves = np.zeros(MOST_MOVES, np.int32)
    count = list_moves(state.copy(), moves)
    if move in moves[:count]:
        return ""
    if not 0 <= move < MOVES:
        return "there is no such move"
    if state[TURN] == NOBODY:
        return "the game is over"
    if state[TURN] == CHANCE:
        return "the dice must be rolled first" if move < FIRST_ROLL else "this roll is not possible now"
    if move >= FIRST_ROLL:
        return "the dice are not to be rolled now"
    if state[OFFERED]:
        return "the double must be answered"
    if not state[DICE]:
        return "the dice must be rolled first"
    return _why_not_checker(state, move) if move < ROLL else "the checkers are to be moved"


def _why_not_checker(state: np.ndarray, move: int) -> str:
    source, die = move // 6 + 1, move % 6 + 1
    mine, theirs = checkers(state, state[MOVER]), checkers(state, 1 - state[MOVER])
    if die not in state[DICE : DICE + 4]:
        return f"there is no {die} to play"
    if not mine[source]:
        return "there is no checker on the bar" if source == BAR else f"there is no checker on the {source}-point"
    if mine[BAR] and source != BAR:
        return "the checker on the bar must enter first"
    if source - die > OFF and theirs[25 - source + die] > 1:
        return f"the {source - die}-point is blocked"
    if source - die <= OFF and mine[7:].any():
        return "checkers are borne off only when all are home"
    if source - die < OFF and mine[source + 1 :].any():
        return "a checker farther back must use this die"
    return "both dice, or else the larger, must be played"


def notation(state: np.ndarray, move: int) -> str:
    """Write a move: 13/7, bar/22, 6/off, 5/off(6) by a larger die; 61 a roll, 61' an opening that SECOND begins."""
    if not 0 <= move < MOVES:
        return str(move)
    if move < ROLL:
        source, die = move // 6 + 1, move % 6 + 1
        target = f"{source - die}" if source > die else "off" if source == die else f"off({die})"
        return f"{'bar' if source == BAR else source}/{target}"
    if move >= FIRST_ROLL:
        reply = move >= FIRST_REPLY
        high, low = ROLLS[OPENINGS[move - FIRST_REPLY] if reply else move - FIRST_ROLL]
        return f"{high}{low}" + "'" * reply
    return WORDS[move]
