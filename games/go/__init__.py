"""Go as a game: the five answers, repetition, and how moves are written.

The rule book is in `rules.py`, counting in `counting.py`, who wins and what is dead in `owners.py`, the fast rollout
policy in `patterns.py` and its playouts in `playouts.py`, what a network sees in `planes.py`, diagrams, coordinates and
handicaps in `board.py`.
"""

from collections.abc import Sequence

import numpy as np

from games.compiling import compiled, copy_row
from games.game import FIRST, NOBODY, SECOND
from games.go.counting import final_lead, lead
from games.go.owners import dead_stones, judge, ownership
from games.go.patterns import priors, unpack
from games.go.planes import encode as features
from games.go.playouts import rollout
from games.go.rules import (
    AS_IT_STANDS,
    BLACK,
    COLOUR,
    EMPTY,
    KO,
    LARGEST,
    ORIGIN,
    PASSES,
    RECORD,
    RULES,
    RULESETS,
    SITUATIONAL,
    SIZE,
    SMALLEST,
    SUPERKO,
    TO_PLAY,
    UP,
    WHITE,
    colours,
    is_legal,
    make_move,
    move_point,
    start,
)

_u = np.uint64

name = "go"

players = 2

ends = (-1.0, 1.0)
"""The values of a lost and of a won game."""

# --- the five answers -------------------------------------------------------------------------------------


def turn(states: np.ndarray) -> np.ndarray:
    """Say who plays: Black is FIRST; NOBODY after two passes in a row."""
    turns = np.empty(len(states), np.int8)
    _turn(states, turns)
    return turns


@compiled
def _turn(states, turns):
    for b in range(len(states)):
        turns[b] = NOBODY if states[b, PASSES] >= 2 else FIRST if states[b, TO_PLAY] == BLACK else SECOND


def legal(states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the legal moves of each position, the pass last; superko is `forbidden`'s, a finished game has none."""
    batch = len(states)
    moves = np.empty((batch, move_count(states[0])), np.int32)
    counts = np.empty(batch, np.int32)
    _legal(states, moves, counts)
    return moves, np.empty((batch, 0), np.float32), counts


@compiled
def _legal(states, moves, counts):
    for b in range(len(states)):
        counts[b] = 0 if states[b, PASSES] >= 2 else _list_legal(states[b], moves[b])


@compiled
def _list_legal(s, moves):
    size, up, row = np.int64(s[SIZE]), _u(s[UP]), _u(s[ORIGIN])
    colour, found, move = np.int64(s[TO_PLAY]), 0, 0
    for _ in range(size):
        p = row
        for _ in range(size):
            moves[found] = move
            if s[p + COLOUR] == EMPTY:
                found += is_legal(s, p, colour)
            move += 1
            p += RECORD
        row += up
    moves[found] = move
    return found + 1


def play(states: np.ndarray, moves: np.ndarray) -> None:
    """Play one legal move in each row, in place."""
    _play(states, moves)


@compiled
def _play(states, moves):
    for b in range(len(states)):
        make_move(states[b], moves[b])


def replay(roots: np.ndarray, tree: np.ndarray, paths: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return row b as roots[tree[b]] after paths[b, :lengths[b]]."""
    states = np.empty((len(tree), roots.shape[1]), np.uint16)
    _replay(roots, tree, paths, lengths, states)
    return states


@compiled
def _replay(roots, tree, paths, lengths, states):
    for b in range(len(tree)):
        copy_row(states[b], roots[tree[b]])
        _play_path(states[b], paths[b, : lengths[b]])


@compiled
def _play_path(s, path):
    for k in range(len(path)):
        make_move(s, path[k])


def score(states: np.ndarray) -> np.ndarray:
    """Return 1 where Black has won, -1 where White has, 0 for a draw, as `judge` counts: dead stones are taken off.

    Under Tromp-Taylor's rules, and after `as_it_stands`, every stone on the board counts.
    """
    if states[0, AS_IT_STANDS]:
        return _count_all(states)
    return np.sign([judge(state).lead for state in states]).astype(np.float32)


def _count_all(states: np.ndarray) -> np.ndarray:
    """Return who has won where every stone counts, float32 [B]."""
    values = np.empty(len(states), np.float32)
    _write_winners(states.copy(), values)
    return values


@compiled
def _write_winners(states, values):
    for b in range(len(states)):
        values[b] = np.sign(lead(states[b]))


# --- repetition and explanation ---------------------------------------------------------------------------

ZOBRIST = np.random.Generator(np.random.PCG64(20160127)).integers(0, 2**64, (3, LARGEST * LARGEST), np.uint64)
"""A random number for each colour and point [3, 625]; row EMPTY holds one for White to play."""
ZOBRIST[EMPTY, 1:] = 0


def moves_left(state: np.ndarray) -> float:
    """Guess that either player will fill a third of the points that are empty, and make ten moves at least."""
    return max(10, int(np.count_nonzero(colours(state) == EMPTY)) // 3)


def move_count(state: np.ndarray) -> int:
    """Return size * size + 1: every point, and the pass."""
    return int(state[SIZE]) ** 2 + 1


def key(state: np.ndarray) -> int:
    """Return the Zobrist hash of the stones, and of the side to play where superko is situational (Zobrist 1970)."""
    return int(_key(state, ZOBRIST))


@compiled
def _key(s, zobrist):
    size, up, row, move = np.int64(s[SIZE]), _u(s[UP]), _u(s[ORIGIN]), 0
    key = zobrist[EMPTY, 0] if s[RULES] & SITUATIONAL and s[TO_PLAY] == WHITE else _u(0)
    for _ in range(size):
        p = row
        for _ in range(size):
            if s[p + COLOUR] != EMPTY:
                key ^= zobrist[s[p + COLOUR], move]
            move += 1
            p += RECORD
        row += up
    return key


def forbidden(state: np.ndarray, past: Sequence[int], moves: np.ndarray | None = None) -> np.ndarray:
    """List those of some legal moves, int32 (by default all), that superko forbids after positions with these keys."""
    if not state[RULES] & SUPERKO:
        return np.empty(0, np.int32)
    if moves is None:
        listed, _, counts = legal(state[None])
        moves = listed[0, : counts[0]]
    stones = moves[moves < move_count(state) - 1]
    return stones[np.isin(_keys_after(state, stones, state.copy(), ZOBRIST), np.array(past, np.uint64))]


@compiled
def _keys_after(s, moves, scratch, zobrist):
    keys = np.empty(len(moves), np.uint64)
    for k in range(len(moves)):
        copy_row(scratch, s)
        make_move(scratch, moves[k])
        keys[k] = _key(scratch, zobrist)
    return keys


def with_turn(state: np.ndarray, turn: int) -> np.ndarray:
    """Return the position with Black (FIRST) or White to play, as after passes that nobody counts."""
    changed = state.copy()
    changed[[TO_PLAY, KO, PASSES]] = BLACK if turn == FIRST else WHITE, 0, 0
    return changed


def as_it_stands(state: np.ndarray) -> np.ndarray:
    """Return the position of a game in which every stone left on the board counts as alive, whatever the rules."""
    changed = state.copy()
    changed[AS_IT_STANDS] = 1
    return changed


def explain(state: np.ndarray, move: int) -> str:
    """Say why a move is illegal, superko aside; "" if it is legal."""
    size = int(state[SIZE])
    if not 0 <= move <= size * size:
        return f"a board of size {size} has no such point"
    if state[PASSES] >= 2:
        return "the game is over"
    if move == size * size:
        return ""
    p, colour = move_point(state, move), int(state[TO_PLAY])
    if state[p + COLOUR] != EMPTY:
        return "the point is taken"
    if is_legal(state, p, colour):
        return ""
    return "it takes back a ko at once" if p == state[KO] else "it is suicide"


def notation(state: np.ndarray, move: int) -> str:
    """Write a move as a board coordinate: D4, pass."""
    size = int(state[SIZE])
    if not 0 <= move < size * size:
        return "pass" if move == size * size else str(move)
    return f"{'ABCDEFGHJKLMNOPQRSTUVWXYZ'[move % size]}{size - move // size}"
