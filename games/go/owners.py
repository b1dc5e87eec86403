"""Who will own each point of a Go board, and which stones are dead.

`judge` is the one answer to "who wins if the game ends here": search, players, GTP, referees and windows ask it.

* Under Tromp-Taylor's rules, and in tournaments, where a referee counts (`as_it_stands`), every stone on the board
  counts, before the end of the game and after it. Nothing is ever dead: a player who wants a stone off captures it.
* Under all other rules, area or territory, the dead stones are taken off first. They are judged by the stones on the
  board alone: the answer depends neither on whose turn it is, nor on passes, a ko or the order of moves, nor on the
  colours, nor on which way the board is turned.

Dead is what its owner could not save by moving first. Careful playouts by the rollout policy (`care.py`) decide that on
the whole board; chains that they leave in doubt are read out where they stand in a small area (`capture.py`). What is
neither dead nor able to stand without a liberty that neither side may fill is in seki.

Of 300 counted games between strong players (`tests/measures/count_games.py`) this finds the result to the point in
84 % and the winner in 96 %. What is left are mostly games that were counted before the last points were played out.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from games.compiling import compiled
from games.go import capture
from games.go.care import beside, play_carefully
from games.go.counting import add_owners, final_lead, mark_areas
from games.go.patterns import Policy, shipped
from games.go.playouts import rollout
from games.go.rules import (
    AS_IT_STANDS,
    BLACK,
    CHAIN,
    COLOUR,
    EMPTY,
    ORIGIN,
    OWNER,
    PASSES,
    REGION,
    SIZE,
    TO_PLAY,
    UP,
    WHITE,
    colours,
    move_point,
    place,
    start,
)

_u = np.uint64


class Verdict(NamedTuple):
    """What a game that ends here comes to."""

    lead: float  # Black's, in points, komi and handicap included
    dead: np.ndarray  # bool [size, size], top row first
    seki: np.ndarray  # bool [size, size]


def judge(state: np.ndarray) -> Verdict:
    """Say who wins, by how much, and which stones are dead or in seki if the game ends with the stones as they are."""
    board = colours(state)
    if state[AS_IT_STANDS]:
        nothing = np.zeros(board.shape, bool)
        return Verdict(final_lead(state), nothing, nothing)
    dead, seki = _status(board.tobytes(), len(board))
    return Verdict(final_lead(state, dead), dead, seki)


def dead_stones(state: np.ndarray) -> np.ndarray:
    """Return the stones that their owners could not save, whatever the rules make of them: bool [size, size]."""
    board = colours(state)
    return _status(board.tobytes(), len(board))[0]


def ownership(state: np.ndarray, policy: Policy | None = None, playouts: int = 200, seed: int = 1) -> np.ndarray:
    """Estimate who ends up with each point: float [size, size], 1 Black's, -1 White's, top row first."""
    size, up, origin = int(state[SIZE]), int(state[UP]), int(state[ORIGIN])
    ends = np.repeat(state[None], playouts, axis=0)
    ends[:, PASSES] = 0
    rollout(ends, np.arange(playouts, dtype=np.uint64) + np.uint64(seed << 32), policy)
    tally = np.zeros(len(state), np.int32)
    _add_all(ends, tally)
    return tally[origin + up * np.arange(size)[:, None] + np.arange(size) * 8] / playouts


@compiled
def _add_all(ends, tally):
    for k in range(len(ends)):
        add_owners(ends[k], tally)


# --- the same answer for all that is the same position ----------------------------------------------------

KEPT = 4096
"""How many boards' answers are remembered: a search ends the same game again and again."""


@lru_cache(KEPT)
def _status(stones: bytes, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the dead stones and those in seki of a board of colours, each bool [size, size], read only.

    Judge the least of the board's 16 images under turns and exchange of colours, and turn the answer back. Where the
    board is its own image under some of them, stones are dead if all of their images are.
    """
    images = [image.tobytes() for image in _images(np.frombuffer(stones, np.uint8).reshape(size, size))]
    least = min(images)
    dead, seki = _judge_least(least, size)
    same = [k for k, image in enumerate(images) if image == least]
    answer = np.all([_back(dead, k) for k in same], axis=0), np.any([_back(seki, k) for k in same], axis=0)
    for mask in answer:
        mask.flags.writeable = False
    return answer


def _images(board: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the board under the 8 symmetries, with its own colours and with the colours exchanged."""
    for stones in (board, np.where(board == EMPTY, EMPTY, 3 - board).astype(np.uint8)):
        for turn in range(4):
            yield np.rot90(stones, turn)
        for turn in range(4):
            yield np.rot90(stones.T, turn)


def _back(mask: np.ndarray, k: int) -> np.ndarray:
    """Turn a mask of image k back."""
    turned = np.rot90(mask, -(k % 4))
    return turned.T if k % 8 >= 4 else turned


# --- life and death ---------------------------------------------------------------------------------------

PLAYOUTS = 64, 136
"""Careful playouts of a first look, and more of them where it leaves a chain in doubt."""
SURE = 0.9
"""Share of a chain's stones, less the share lost, above which it is alive and below whose opposite it is dead."""
DEAD = -0.2
"""The same for the chains that nothing else decides: dead where three playouts in five lose them."""
OPEN = 0.4
"""Share of playouts that leave a chain beside a point that neither side fills, and without two eyes: it is in seki."""


@lru_cache(KEPT)
def _judge_least(stones: bytes, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the dead stones and those in seki of one board of colours."""
    board = np.frombuffer(stones, np.uint8).reshape(size, size)
    state = _position(board)
    heads, played = _heads(state, size), 0
    kept, loose = np.zeros((2, size, size))
    for more in PLAYOUTS:
        owners, shared = _ends(state, shipped(), played, more)
        kept += _kept(owners, board)
        loose += ((owners == board) & shared).sum(0)
        played += more
        shares = _shares(heads, kept / (played / 2))
        if all(abs(share) > SURE for share in shares.values()):
            break
    open_chains = {head for head, share in _shares(heads, loose / played).items() if share >= OPEN}
    answers = _read_all(state, shares, open_chains)
    dead, seki = np.zeros((2, size, size), bool)
    for head, share in shares.items():
        answer = answers.get(head, capture.UNKNOWN)
        if answer == capture.CAPTURED or (answer == capture.UNKNOWN and share < DEAD):
            dead |= heads == head
        elif head in open_chains:
            seki |= heads == head
    return dead, seki


def _position(board: np.ndarray) -> np.ndarray:
    """Return a position with these stones and no history."""
    state = start(len(board), 0, "chinese")
    _put_all(state, board.ravel())
    return state


@compiled
def _put_all(s, board):
    for move in range(len(board)):
        if board[move] != EMPTY:
            place(s, move_point(s, move), np.int64(board[move]))


def _heads(state: np.ndarray, size: int) -> np.ndarray:
    """Return for each stone the point that speaks for its chain, 0 where there is no stone: [size, size]."""
    corners = int(state[ORIGIN]) + int(state[UP]) * np.arange(size)[:, None] + np.arange(size) * 8
    return np.where(state[corners + int(COLOUR)] == EMPTY, 0, state[corners + int(CHAIN)])


def _ends(state: np.ndarray, policy: Policy, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Play carefully to the end, each side moving first as often.

    Return who owns each point, uint8 [count, size, size], and which stones share liberties and lack two eyes, bool.
    """
    ends = np.repeat(state[None], count, axis=0)
    ends[1::2, TO_PLAY] = WHITE
    play_carefully(ends, np.arange(first, first + count, dtype=np.uint64), policy)
    owners, shared = np.zeros((2, count, int(state[SIZE]) ** 2), np.uint8)
    _look_at_ends(ends, owners, shared)
    shape = count, int(state[SIZE]), int(state[SIZE])
    return owners.reshape(shape), shared.reshape(shape) > 0


@compiled
def _look_at_ends(ends, owners, shared):
    eyes = np.zeros((3, ends.shape[1] // 8 + 1), np.uint16)  # by chain: an eye, another eye, a point of nobody's
    for k in range(len(ends)):
        _look_at_end(ends[k], owners[k], shared[k], eyes)


@compiled
def _look_at_end(s, owners, shared, eyes):
    mark_areas(s)
    eyes[:] = 0
    for move in range(len(owners)):
        p = move_point(s, move)
        owners[move] = s[p + OWNER] if s[p + COLOUR] == EMPTY else s[p + COLOUR]
        for side in range(4):
            near = beside(s, p, side)
            k = _u(s[near + CHAIN]) >> _u(3)
            if s[p + COLOUR] == EMPTY and s[near + COLOUR] != EMPTY:
                if owners[move] == BLACK | WHITE:
                    eyes[2, k] = 1
                elif eyes[0, k] == 0:
                    eyes[0, k] = s[p + REGION]
                elif eyes[0, k] != s[p + REGION]:
                    eyes[1, k] = 1
    for move in range(len(owners)):
        p = move_point(s, move)
        k = _u(s[p + CHAIN]) >> _u(3)
        shared[move] = s[p + COLOUR] != EMPTY and eyes[2, k] == 1 and eyes[1, k] == 0


def _kept(ends: np.ndarray, board: np.ndarray) -> np.ndarray:
    """Count the ends that leave a stone's point to its owner, less those that lose it, where its owner moved first."""
    counts = np.zeros(board.shape)
    for colour, owners in ((BLACK, ends[::2]), (WHITE, ends[1::2])):
        saved, lost = (owners == colour).sum(0), (owners == 3 - colour).sum(0)
        counts += np.where(board == colour, saved - lost, 0)
    return counts


def _shares(heads: np.ndarray, kept: np.ndarray) -> dict[int, float]:
    """Return for each chain, by its head, the mean of its points."""
    return {int(head): float(kept[heads == head].mean()) for head in np.unique(heads[heads > 0])}


def _read_all(state: np.ndarray, shares: dict[int, float], open_chains: set[int]) -> dict[int, int]:
    """Read out the chains in doubt that stand in a small area; return `capture`'s answers by head."""
    doubtful = [head for head, share in shares.items() if abs(share) < SURE]
    weak = open_chains.union(head for head, share in shares.items() if share < SURE)
    return capture.read(state, np.array(doubtful, np.int64), np.array(sorted(weak), np.int64)) if doubtful else {}
