"""Kinds of backgammon positions, and positions of the hard ones, drawn from games that were played.

A network of afterstates judges some kinds worse than others: where one side bears in or off and the other still waits
for a shot, where checkers stand behind a prime, where a side holds an anchor or two. Games from the start reach these
positions with checkers that are rarely the interesting ones, and leave them soon.
"""

import numpy as np

from games.backgammon.counted import longest_run, rearmost
from games.backgammon.rules import BAR, POINTS, SIDE
from games.compiling import compiled, inlined

RACE, BEARING, BACKGAME, PRIME, HOLDING, OTHER = range(6)
KINDS = ("race", "bearing in or off against contact", "backgame", "prime", "holding game", "other contact")

WEIGHTS = {BEARING: 4, PRIME: 3, HOLDING: 2, BACKGAME: 1}
"""How often each kind is drawn: about in proportion to the points a game that it cost against GNU Backgammon 0-ply."""

_MIDDLE = POINTS // 2
_FAR = 18
"""From this point on an own checker stands in the other's home or on the bar-point in front of it."""

_LONG, _BEHIND = 4, 30
"""Made points in a row that are a prime; pips behind with which two anchors are a backgame."""


def kinds(boards: np.ndarray) -> np.ndarray:
    """Return the kind of each board int8 [N, 52], int8 [N]; whose turn it is does not matter."""
    found = np.empty(len(boards), np.int8)
    _kinds(boards, found)
    return found


def draw(boards: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Draw `count` boards of the hard kinds by their weights, with replacement; [] where there is none of any."""
    found = kinds(boards)
    places = {kind: np.flatnonzero(found == kind) for kind in WEIGHTS}
    there = [kind for kind in WEIGHTS if len(places[kind])]
    if not there:
        return boards[:0]
    odds = np.array([WEIGHTS[kind] for kind in there], float)
    drawn = random.choice(len(there), count, p=odds / odds.sum())
    return boards[[random.choice(places[there[k]]) for k in drawn]]


@compiled
def _kinds(boards, found):
    for b in range(len(boards)):
        found[b] = _kind(boards[b])


@compiled
def _kind(board):
    mine, theirs = rearmost(board, 0), rearmost(board, SIDE)
    if mine + theirs <= POINTS:
        return RACE
    if min(mine, theirs) <= _MIDDLE:
        return BEARING
    ahead = _pips(board, SIDE) - _pips(board, 0)
    if ((ahead <= -_BEHIND) & (_anchors(board, 0) > 1)) | ((ahead >= _BEHIND) & (_anchors(board, SIDE) > 1)):
        return BACKGAME
    if _primes(board, 0) | _primes(board, SIDE):
        return PRIME
    if ((theirs <= _FAR) & (_anchors(board, 0) > 0)) | ((mine <= _FAR) & (_anchors(board, SIDE) > 0)):
        return HOLDING
    return OTHER


@inlined
def _pips(board, side):
    total = 0
    for k in range(1, BAR + 1):
        total += k * board[side + k]
    return total


@inlined
def _anchors(board, side):
    """Return how many points a side has made from its 18-point on."""
    total = 0
    for k in range(_FAR, POINTS + 1):
        total += board[side + k] > 1
    return total


@inlined
def _primes(board, side):
    """Return whether a side has made four points in a row in front of the other's rearmost checker."""
    made = np.int64(0)
    for k in range(26 - rearmost(board, SIDE - side), POINTS + 1):
        made |= np.int64(board[side + k] > 1) << k
    return longest_run(made) >= _LONG
