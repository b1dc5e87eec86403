"""Backgammon boards for tests: diagrams, the slow referee's boards, random positions, and a race small enough to solve.

A diagram is the board in one line as the player who moves sees it, his 24-point first, his home last. `2X` are two of
his checkers, `3O` three of the other's, a dot is an empty point; `bar X 2O` stands at the end where checkers wait;
who is missing of the fifteen is off.
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations_with_replacement

import numpy as np

from games import backgammon as bg
from games.backgammon.rules import CHECKERS_EACH, SIDE
from games.game import CHANCE, FIRST, SECOND, Position
from tests.measures import slow_backgammon as slow

OPENING = "2X . . . . 5O   . 3O . . . 5X   5O . . . 3X .   5X . . . . 2O"


def checkers_of(diagram: str) -> tuple[list[int], list[int]]:
    """Read a diagram: 26 counts of the player who moves, and of the other."""
    board, _, bar = diagram.partition("bar")
    sides = {"X": [0] * SIDE, "O": [0] * SIDE}
    for point, cell in zip(range(24, 0, -1), board.split(), strict=True):
        if cell != ".":
            sides[cell[-1]][point if cell[-1] == "X" else 25 - point] = int(cell[:-1] or 1)
    for cell in bar.split():
        sides[cell[-1]][bg.BAR] = int(cell[:-1] or 1)
    for checkers in sides.values():
        checkers[bg.OFF] = CHECKERS_EACH - sum(checkers)
    return sides["X"], sides["O"]


# --- the slow referee's boards ----------------------------------------------------------------------------


def board_of(state: np.ndarray, player: int) -> slow.Board:
    """Return the checkers of a position as the slow referee knows them, a player's own first."""
    return _distances(bg.checkers(state, player)), _distances(bg.checkers(state, 1 - player))


def _distances(checkers: np.ndarray) -> tuple[int, ...]:
    return tuple(np.repeat(np.arange(SIDE), checkers).tolist())


def counts_of(board: slow.Board) -> np.ndarray:
    """Return the cells, int8 [52], of a board of the slow referee, the side that moves first."""
    return np.concatenate([np.bincount(side, minlength=SIDE) for side in board]).astype(np.int8)


# --- random positions -------------------------------------------------------------------------------------


def random_boards(count: int) -> list[np.ndarray]:
    """Return checkers [2, 26], half of them from random games and half scattered over few points."""
    random, boards, seed = (
        np.random.default_rng(1),
        [_scattered(np.random.default_rng(k)) for k in range(count // 2)],
        0,
    )
    while len(boards) < count:
        game = list(boards_of_a_game(seed))
        boards += [game[k] for k in random.permutation(len(game))[:40]]
        seed += 1
    return boards[:count]


def boards_of_a_game(seed: int) -> Iterator[np.ndarray]:
    """Yield the checkers [2, 26] before each roll of a random game."""
    random, position = np.random.default_rng(seed), Position(bg, bg.start(cube=False))
    while not position.over:
        if position.turn == CHANCE:
            yield position.state[: 2 * SIDE].reshape(2, SIDE).astype(np.int64)
        position.play(int(random.choice(position.legal())))


def _scattered(random: np.random.Generator) -> np.ndarray:
    """Return checkers on few points, now and then on the bar, some off: blocks, blots and bear-offs."""
    points = random.permutation(np.arange(1, 25))[: random.integers(4, 14)]
    homeward, sides = random.random() < 0.3, np.zeros((2, SIDE), np.int64)
    for player in (FIRST, SECOND):
        mine = points[player::2] if player == FIRST else 25 - points[player::2]
        mine = mine[mine <= 6] if homeward and (mine <= 6).any() else mine
        np.add.at(sides[player], random.choice(mine, random.integers(1, CHECKERS_EACH + 1)), 1)
        if random.random() < 0.15:
            sides[player, bg.BAR], sides[player, mine[0]] = sides[player, mine[0]], 0
        sides[player, bg.OFF] = CHECKERS_EACH - sides[player].sum()
    return sides


# --- a race that can be solved ----------------------------------------------------------------------------


def tiny_races() -> list[slow.Board]:
    """List the boards on which each side has one or two checkers left, all of them home."""
    sides = [side for side in combinations_with_replacement(range(slow.HOME + 1), 2) if any(side)]
    sides = [(0,) * (CHECKERS_EACH - 2) + side for side in sides]
    return [(mine, theirs) for mine in sides for theirs in sides]


@cache
def exact_win(board: slow.Board) -> float:
    """Return the chance to win a race of the side on roll when both play best."""
    if not any(board[1]):
        return 0.0
    chances = 0.0
    for roll in slow.ROLLS:
        odds = 1 / 36 if roll[0] == roll[1] else 1 / 18
        chances += odds * max(1 - exact_win(slow.turned(end)) for end in slow.ends(board, slow.dice_of(roll)))
    return chances
