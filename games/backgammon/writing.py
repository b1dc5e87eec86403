"""Plays as people write them: 8/5 6/5, 13/7*, 6/4(2), bar/22, 6/off, 24/18*/13.

Reading compares where a text leaves the checkers with where each legal play does, so the order of the moves is free and
24/13 is as good as 24/18/13.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, combinations, pairwise

import numpy as np

from games.backgammon import plays
from games.backgammon.board import checkers, pip_count
from games.backgammon.rules import BAR, DICE, MOVER, OFF, POINTS
from games.game import IllegalMove

Leg = tuple[int, int, bool]
"""One checker by one die: from, to, and whether it hits there."""

_WORD = re.compile(r"(bar|b|\d{1,2})((?:[/-](?:off|o|\d{1,2})\*?)+)(?:\(([1-4])\))?")
_STEP = re.compile(r"[/-](off|o|\d{1,2})(\*?)")
LONGEST = 200
"""Characters of the longest text that is read as a play; four moves written out with all their points have a third."""

_NAMES = {"bar": BAR, "b": BAR, "off": OFF, "o": OFF}

# --- writing ----------------------------------------------------------------------------------------------


def write_play(state: np.ndarray, moves: Sequence[int]) -> str:
    """Write checker moves of a position: a checker that goes on is written once, equal moves are counted."""
    words: dict[tuple[int, ...], list] = {}
    for points, hits in _chains(legs(state, moves)):
        shown = [points[0], *(p for p in points[1:-1] if p in hits), points[-1]]
        word = words.setdefault(tuple(shown), [0, set()])
        word[0] += 1
        word[1] |= hits
    return " ".join(_word(points, hits, count) for points, (count, hits) in words.items())


def legs(state: np.ndarray, moves: Iterable[int]) -> list[Leg]:
    """Return the single moves of a play, the checkers farthest back first; the first to arrive at a blot hits it."""
    steps = sorted(((move // 6 + 1, max(move // 6 - move % 6, OFF)) for move in moves), reverse=True)
    blots = _blots(state)
    found = []
    for source, target in steps:
        found.append((source, target, target in blots))
        blots.discard(target)
    return found


def _blots(state: np.ndarray) -> set[int]:
    """Return the points, as the mover counts, on which the opponent has one checker."""
    theirs = checkers(state, 1 - int(state[MOVER]))
    return {point for point in range(1, POINTS + 1) if theirs[25 - point] == 1}


def _chains(single: Sequence[Leg]) -> list[tuple[list[int], set[int]]]:
    """Join the legs of each checker: the points it touches, and those where it hits."""
    chains: list[tuple[list[int], set[int]]] = []
    for source, target, hit in single:
        points, hits = next((each for each in chains if each[0][-1] == source), ([source], set()))
        if len(points) == 1:
            chains.append((points, hits))
        points.append(target)
        hits |= {target} if hit else set()
    return chains


def _word(points: Sequence[int], hits: set[int], count: int) -> str:
    rest = "".join(f"/{p or 'off'}{'*' * (p in hits)}" for p in points[1:])
    return f"{'bar' if points[0] == BAR else points[0]}{rest}{f'({count})' if count > 1 else ''}"


# --- reading ----------------------------------------------------------------------------------------------


def read_play(state: np.ndarray, text: str) -> tuple[int, ...]:
    """Return the legal play of a position that a text means, as checker moves.

    Raise `ValueError` for what is no play, `IllegalMove` (a `ValueError`, too) for one that the rules forbid.
    """
    legal = plays(state)
    if not legal:
        raise IllegalMove("no checker is to be moved now")
    if len(text) > LONGEST:
        raise ValueError(f"{_quoted(text)}... is not a move such as 13/7, bar/22 or 6/off: it is longer than any play")
    paths, stars = _parse(text)
    _check(state, paths, stars, text)
    mine, theirs = _after(state, paths, text)
    mover = int(state[MOVER])
    fits = [(moves, after) for moves, after in legal if np.array_equal(checkers(after, mover), mine)]
    exact = [moves for moves, after in fits if np.array_equal(checkers(after, 1 - mover), theirs)]
    if not fits:
        raise IllegalMove(_why_not(state, legal, mine, text))
    if not exact and len(fits) > 1:
        raise ValueError(f"{_quoted(text)} can be played in several ways: name the points in between")
    return exact[0] if exact else fits[0][0]


def _parse(text: str) -> tuple[list[list[int]], set[int]]:
    """Return the points of each checker that moves, and the points with a star."""
    paths, stars = [], set()
    for word in split_words(text.lower().replace(",", " ")):
        match = _WORD.fullmatch(word)
        if not match:
            raise ValueError(f"{_quoted(word)} is not a move such as 13/7, bar/22 or 6/off")
        steps = [(_point(name), star) for name, star in _STEP.findall(match[2])]
        paths += [[_point(match[1]), *(point for point, _ in steps)]] * int(match[3] or 1)
        stars |= {point for point, star in steps if star}
    return paths, stars


def split_words(text: str) -> list[str]:
    """Return the words of a text; a star or a count belongs to the word before it."""
    words: list[str] = []
    for word in text.split():
        if words and word[0] in "*(":
            words[-1] += word
        else:
            words.append(word)
    return words


def _point(name: str) -> int:
    return _NAMES[name] if name in _NAMES else int(name)


def _check(state: np.ndarray, paths: Sequence[Sequence[int]], stars: set[int], text: str) -> None:
    """Refuse checkers that go nowhere or backwards, steps that no dice make, and hits where there is no blot."""
    dice = [int(die) for die in state[DICE : DICE + 4] if die]
    sums = {sum(some) for count in range(1, len(dice) + 1) for some in combinations(dice, count)}
    for source, target in chain.from_iterable(map(pairwise, paths)):
        step = f"{'bar' if source == BAR else source}/{target or 'off'}"
        if not OFF <= target < source <= BAR:
            raise IllegalMove(f"{step} is not a way that checkers move")
        if source - target not in sums and not (target == OFF and source < max(sums)):
            raise IllegalMove(f"{step} cannot be played with {_roll(dice)}")
    for point in sorted(stars - _blots(state)):
        raise IllegalMove(f"{_quoted(text)} hits on the {point}-point, where there is no blot")


def _after(state: np.ndarray, paths: Sequence[Sequence[int]], text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the checkers of both sides after a play that hits every blot it names."""
    mover = int(state[MOVER])
    mine, theirs = checkers(state, mover).copy(), checkers(state, 1 - mover).copy()
    for path in paths:
        mine[path[0]] -= 1
        mine[path[-1]] += 1
    for short in np.flatnonzero(mine < 0):
        where = "on the bar" if short == BAR else f"on the {short}-point"
        raise IllegalMove(f"{_quoted(text)} moves more checkers than there are {where}")
    for point in {point for path in paths for point in path[1:]} & _blots(state):
        theirs[25 - point], theirs[BAR] = 0, theirs[BAR] + 1
    return mine, theirs


def _why_not(state: np.ndarray, legal: Sequence, mine: np.ndarray, text: str) -> str:
    mover = int(state[MOVER])
    roll = _roll([int(die) for die in state[DICE : DICE + 4] if die])
    left = int(mine @ np.arange(len(mine)))
    goals = [pip_count(after, mover) for _, after in legal]
    if left > max(goals):
        return f"{_quoted(text) if text.strip() else 'no move'} is too little: more of {roll} can be played"
    if left < min(goals):
        return f"{_quoted(text)} is more than {roll} allows"
    return f"{_quoted(text)} is not a legal play of {roll}"


def _roll(dice: Sequence[int]) -> str:
    return "-".join(map(str, dice))


def _quoted(text: str) -> str:
    """Return what somebody wrote, fit for one line of an error."""
    return "".join(c if c.isprintable() else " " for c in text.strip()[:60])
