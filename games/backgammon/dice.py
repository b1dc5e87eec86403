"""Dice: every throw of a match from a seed that is shown, or from somebody's hand, and a log of them.

A throw is fixed by the seed, the game within the match and its number within the game. So the same seed gives the same
dice whatever is played, and a roll that was taken back falls again. Source of the numbers: the counter-based generator
Philox (Salmon and others 2011), as numpy has it.
"""

import re
from collections.abc import Callable

import numpy as np

from games.backgammon import roll_move
from games.game import FIRST, SECOND

Pair = tuple[int, int]

LARGEST_SEED = 2**64 - 1

FACES = 6
ROLLS, OPENINGS = FACES**2, FACES * (FACES - 1)
"""How many throws are equally likely, and how many of them decide an opening."""

_TYPED = re.compile(r"([1-6])\s*[-,x ]?\s*([1-6])")

# --- numbers ----------------------------------------------------------------------------------------------


def rolls(seed: int, count: int, game: int = 0, first: int = 0) -> np.ndarray:
    """Return a game's throws from number `first` on, int8 [count, 2], as they fall: the larger need not come first."""
    faces = _words(seed, count, game, first)[:, 0] % np.uint64(ROLLS)
    return np.stack([faces // FACES, faces % FACES], 1).astype(np.int8) + 1


def openings(seed: int, count: int, game: int = 0, first: int = 0) -> np.ndarray:
    """Return what the same throws would be as openings, int8 [count, 2]: the first player's die, never the second's."""
    cases = _words(seed, count, game, first)[:, 1] % np.uint64(OPENINGS)
    mine, step = cases // (FACES - 1), cases % (FACES - 1) + 1
    return np.stack([mine, (mine + step) % FACES], 1).astype(np.int8) + 1


def _words(seed: int, count: int, game: int, first: int) -> np.ndarray:
    """Return four random words for each throw, uint64 [count, 4]; a remainder of 2**64 by 36 bends odds by 1e-18."""
    return np.random.Philox(key=seed, counter=[first, game, 0, 0]).random_raw(4 * count).reshape(-1, 4)


# --- sources ----------------------------------------------------------------------------------------------


class Dice:
    """Where a match's throws come from; `log` holds each that fell, by game and number (both from 0)."""

    def __init__(self):
        self.log: dict[tuple[int, int], Pair] = {}

    def throw(self, game: int, number: int, opening: bool = False) -> Pair:
        """Return a throw, the same one whenever it is asked for again; at an opening the first player's die first."""
        if (game, number) not in self.log:
            self.log[game, number] = self.draw(game, number, opening)
        return self.log[game, number]

    def draw(self, game: int, number: int, opening: bool) -> Pair:
        """Return a throw that has not fallen yet."""
        raise NotImplementedError

    def describe(self) -> str:
        """Say where the throws come from."""
        raise NotImplementedError


class SeededDice(Dice):
    """Dice from a seed.

    Two games with one seed and `swapped` in the second are duplicates: each player gets the dice the other had.
    """

    def __init__(self, seed: int, swapped: bool = False):
        super().__init__()
        if not 0 <= seed <= LARGEST_SEED:
            raise ValueError(f"a seed is a whole number from 0 to {LARGEST_SEED}, not {seed}")
        self.seed, self.swapped = seed, swapped

    def draw(self, game: int, number: int, opening: bool) -> Pair:
        one, other = (openings if opening else rolls)(self.seed, 1, game, number)[0].tolist()
        return (other, one) if self.swapped else (one, other)

    def describe(self) -> str:
        return f"dice from seed {self.seed}" + ", swapped" * self.swapped


def nobody(game: int, number: int, opening: bool) -> Pair:
    """Refuse to throw."""
    raise ValueError("nobody throws the dice")


class GivenDice(Dice):
    """Dice that somebody else throws: `ask(game, number, opening)` returns them."""

    def __init__(self, ask: Callable[[int, int, bool], Pair] = nobody):
        super().__init__()
        self.ask = ask

    def draw(self, game: int, number: int, opening: bool) -> Pair:
        return checked(self.ask(game, number, opening), opening)

    def describe(self) -> str:
        return "dice thrown by hand"


# --- throws as people write them, and as moves ------------------------------------------------------------


def read_throw(text: str, opening: bool = False) -> Pair:
    """Read 31, 3-1 or 3 1; raise `ValueError` for what no two dice show, or no opening."""
    match = _TYPED.fullmatch(text.strip())
    if not match:
        raise ValueError(f"two dice show 1 to 6 each, as in 31 or 6-6, not {text.strip()[:40]!r}")
    return checked((int(match[1]), int(match[2])), opening)


def checked(throw: Pair, opening: bool = False) -> Pair:
    """Return a throw if it is possible; raise `ValueError` otherwise."""
    one, other = throw
    if not (1 <= one <= FACES and 1 <= other <= FACES):
        raise ValueError(f"two dice show 1 to 6 each, not {one} and {other}")
    if opening and one == other:
        raise ValueError("an opening roll shows two different dice: like ones are thrown again")
    return one, other


def move_of(throw: Pair, opening: bool = False) -> int:
    """Return a throw as a move of CHANCE; at an opening the player with the larger die begins."""
    one, other = throw
    if not opening:
        return roll_move(one, other)
    return roll_move(one, other, FIRST if one > other else SECOND)
