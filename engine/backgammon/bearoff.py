"""Bear-off databases for the end of a race, computed here and kept in the user's cache folder.

One-sided: for each position of up to 15 checkers on the home points, the number of rolls in which a player bears off
all of them, or the first (which saves the gammon), with play for the fewest rolls on average. Two such rows give the
result of a race almost exactly. Two-sided: perfect play of both with up to six checkers each, with and without the
cube.

A position of one player is a number, `bearoff_index`: every play lowers it, and positions of fewer checkers come first.
Reading order: numbers of positions, one-sided, two-sided, look up, the file.
"""

import os
from contextlib import suppress
from hashlib import sha256
from itertools import pairwise
from math import comb
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.backgammon.outputs import LOSE_GAMMON, OUTPUTS, WIN, WIN_GAMMON
from games.backgammon import rules
from games.compiling import compiled, copy_row, inlined
from games.plain_files import replace_file

HOME_POINTS = 6

POSITIONS = comb(rules.CHECKERS_EACH + HOME_POINTS, HOME_POINTS)
"""54,264 positions of up to 15 checkers."""

FIRST_FULL = comb(rules.CHECKERS_EACH - 1 + HOME_POINTS, HOME_POINTS)
"""The first of the positions with no checker off; all later ones have none off, too."""

FEW_CHECKERS = 6
FEW = comb(FEW_CHECKERS + HOME_POINTS, HOME_POINTS)
"""924 positions of up to six checkers. With so few left no gammon can be lost."""

MOST_ROLLS = 24
"""No position needs 19 rolls with odds that a uint16 can show."""

NONE_OFF, COLUMNS = MOST_ROLLS, 32
"""Columns of the one-sided table, which fill one cache line: first the odds that more than 0, 1, 2 ... rolls are needed
to bear off all checkers; from NONE_OFF on the odds that more than 0, 1, 2 ... are needed for the first."""

CERTAIN = 65535
"""A probability of 1 as uint16."""

MOST_ENDS = comb(4 + HOME_POINTS - 1, 4)
"""The most positions that one roll can lead to: four like moves from six points."""

ODDS = np.array([1 / 36 if high == low else 1 / 18 for high, low in rules.ROLLS])

CHANCE_TO_WIN, CENTRED, OWNED, OTHERS = range(4)
"""Cells of the two-sided table, for the player on roll: the chance to win, and the equity with a centred cube, an own
cube and the opponent's: for money, in units of the cube, if the player rolls now and both use the cube perfectly
afterwards. The equity of a double is `doubled`."""


class Tables(NamedTuple):
    """The databases; arrays without rows where there are none."""

    one_sided: np.ndarray  # uint16 [POSITIONS, COLUMNS] odds, of CERTAIN
    two_sided: np.ndarray  # float32 [FEW, FEW, 4] player on roll, other


NO_TABLES = Tables(np.zeros((0, COLUMNS), np.uint16), np.zeros((0, 0, OTHERS + 1), np.float32))
for _array in NO_TABLES:
    _array.flags.writeable = False  # as in loaded tables: otherwise numba would compile everything twice

# --- numbers of positions ---------------------------------------------------------------------------------

_RANKS = np.array(
    [[comb(c + 6 - k, 7 - k) for c in range(rules.CHECKERS_EACH + 1)] for k in range(HOME_POINTS + 1)], np.int32
)
"""[7, 16] the share of c checkers on the k-point and behind it in the number of a position; row 0 is not used."""


@inlined
def bearoff_index(checkers, side):
    """Return the number of one player's position: the cells from `side` on, all checkers home or off."""
    index, count = 0, 0
    for k in range(HOME_POINTS, rules.OFF, -1):
        count += checkers[side + k]
        index += _RANKS[k, count]
    return index


@compiled
def bearoff_checkers(index, checkers, side):
    """Fill the first seven cells of one player with the position of a number."""
    rest, before = index, rules.CHECKERS_EACH
    for k in range(1, HOME_POINTS + 1):
        count = before
        while _RANKS[k, count] > rest:
            count -= 1
        rest -= _RANKS[k, count]
        checkers[side + k - 1] = before - count
        before = count
    checkers[side + HOME_POINTS] = before


@inlined
def is_bearoff(checkers):
    """Return whether both players have all checkers home or off, so that neither can hit the other any more."""
    home = 0
    for k in range(HOME_POINTS + 1):
        home += checkers[k] + checkers[rules.SIDE + k]
    return home == 2 * rules.CHECKERS_EACH


# --- one-sided --------------------------------------------------------------------------------------------


@compiled
def _list_ends(checkers, roll, plays, keys, ends):
    """List the numbers of the positions after each play of a roll; return how many. `checkers` ends as it began."""
    count = rules.list_plays(checkers, 0, rules.DICE_OF_ROLL[roll], plays, keys)
    for k in range(count):
        rules.apply_play(checkers, 0, plays[k])
        ends[k] = bearoff_index(checkers, 0)
        _take_back(checkers, plays[k])
    return count


@inlined
def _take_back(checkers, play):
    for k in range(6, -1, -2):
        if play[k] > 0:
            rules.take_back_checker(checkers, 0, np.int64(play[k]), np.int64(play[k + 1]), False)


@compiled
def _one_sided(checkers, plays, keys, odds):
    """Fill odds float64 [POSITIONS, COLUMNS], each position from those below it: the plays with the lowest means."""
    ends = np.empty(MOST_ENDS, np.int32)
    rolls, rolls_for_one = np.zeros(POSITIONS), np.zeros(POSITIONS)
    for index in range(1, POSITIONS):
        bearoff_checkers(index, checkers, 0)
        odds[index, 0], odds[index, NONE_OFF] = 1, index >= FIRST_FULL
        for roll in range(len(ODDS)):
            count = _list_ends(checkers, roll, plays, keys, ends)
            _wait(odds[index], odds[_lowest(rolls, ends, count)], 0, NONE_OFF, ODDS[roll])
            _wait(odds[index], odds[_lowest(rolls_for_one, ends, count)], NONE_OFF, COLUMNS, ODDS[roll])
        rolls[index], rolls_for_one[index] = odds[index, :NONE_OFF].sum(), odds[index, NONE_OFF:].sum()


@inlined
def _wait(odds, after, first, end, weight):
    """Add the rolls that are needed after a roll, and this one."""
    for n in range(first + 1, end):
        odds[n] += weight * after[n - 1]


@inlined
def _lowest(means, ends, count):
    best = ends[0]
    for k in range(1, count):
        if means[ends[k]] < means[best]:
            best = ends[k]
    return best


# --- two-sided --------------------------------------------------------------------------------------------


@compiled
def _all_ends(checkers, plays, keys, ends, counts):
    """List the ends of every roll from each position of few checkers: int32 [FEW, 21, MOST_ENDS], counts [FEW, 21]."""
    for index in range(1, FEW):
        bearoff_checkers(index, checkers, 0)
        for roll in range(len(ODDS)):
            counts[index, roll] = _list_ends(checkers, roll, plays, keys, ends[index, roll])


@compiled
def _two_sided(ends, counts, table):
    """Fill the table [FEW, FEW, 4], each pair from pairs whose greater number is less, or who are on roll there."""
    for most in range(1, FEW):
        for few in range(most):
            _settle(table, most, few, ends[most], counts[most])
        for few in range(most + 1):
            _settle(table, few, most, ends[few], counts[few])


@inlined
def _settle(table, mine, theirs, ends, counts):
    if theirs == 0:
        _end(table[mine, theirs], 0, -1)
    elif mine == 0:
        _end(table[mine, theirs], 1, 1)
    else:
        _expect(table[mine, theirs], table[theirs], ends, counts)


@inlined
def _end(cells, chance, equity):
    for k in range(CENTRED, OTHERS + 1):
        cells[k] = equity
    cells[CHANCE_TO_WIN] = chance


@inlined
def _expect(cells, replies, ends, counts):
    """Fill the cells of a pair from those of the pairs that plays lead to: replies [FEW, 4], the other on roll."""
    chance = centred = owned = others = 0.0
    for roll in range(len(ODDS)):
        best, middle, mine, his = 1.0, 1.0, 1.0, 1.0  # what the plays best for each cube leave to the other
        for k in range(counts[roll]):
            reply = ends[roll, k]
            best = min(best, replies[reply, CHANCE_TO_WIN])
            middle = min(middle, best_action(replies[reply, CENTRED], replies[reply, OTHERS]))
            mine = min(mine, replies[reply, OTHERS])  # an own cube is to the opponent the other's
            his = min(his, best_action(replies[reply, OWNED], replies[reply, OTHERS]))
        chance += ODDS[roll] * (1 - best)
        centred -= ODDS[roll] * middle
        owned -= ODDS[roll] * mine
        others -= ODDS[roll] * his
    cells[CHANCE_TO_WIN], cells[CENTRED], cells[OWNED], cells[OTHERS] = chance, centred, owned, others


@inlined
def doubled(others):
    """Return the equity of a double, in units of the cube before it: dropped, or taken and then the other's cube."""
    return min(1.0, 2 * others)


@inlined
def best_action(rolled, others):
    """Return the equity of a player who may double, from the equities of rolling and of the cube at the opponent."""
    return max(rolled, doubled(others))


# --- look up ----------------------------------------------------------------------------------------------


@compiled
def bearoff_outputs(tables, checkers, me, outputs):
    """Fill the five outputs of the player on roll, whose cells begin at `me`; return whether they are known.

    Return false, and fill nothing, if a checker is not home yet or there are no tables. Chances of gammons assume that
    the loser plays for the first checker alone and the winner for the last.
    """
    known = is_bearoff(checkers) & (len(tables.one_sided) > 0)
    if known:
        _fill(tables.one_sided, tables.two_sided, checkers, me, outputs)
    return known


@compiled
def _fill(one_sided, two_sided, checkers, me, outputs):
    for k in range(OUTPUTS):
        outputs[k] = 0
    mine, theirs = bearoff_index(checkers, me), bearoff_index(checkers, rules.SIDE - me)
    if max(mine, theirs) < FEW:
        outputs[WIN] = two_sided[mine, theirs, CHANCE_TO_WIN]
    else:
        _race(one_sided[mine], one_sided[theirs], outputs)


@inlined
def _race(mine, theirs, outputs):
    """Fill the outputs from two rows of odds, in whole numbers: sums are exact, in whatever order they are added up."""
    wins = (CERTAIN - np.int64(mine[0])) * CERTAIN
    for n in range(1, MOST_ROLLS):
        wins += _ends_at(mine, n) * theirs[n - 1]
    gammons, lost = np.int64(0), (CERTAIN - np.int64(theirs[0])) * mine[NONE_OFF]
    for n in range(1, COLUMNS - NONE_OFF):
        gammons += _ends_at(mine, n) * theirs[NONE_OFF + n - 1]
        lost += _ends_at(theirs, n) * mine[NONE_OFF + n]
    outputs[WIN], outputs[WIN_GAMMON], outputs[LOSE_GAMMON] = wins / CERTAIN**2, gammons / CERTAIN**2, lost / CERTAIN**2


@inlined
def _ends_at(odds, n):
    """Return the odds that exactly n rolls are needed."""
    return np.int64(odds[n - 1]) - np.int64(odds[n])


@compiled
def bearoff_equities(tables, checkers, me, equities):
    """Fill four cells: the chance to win and the cubeful money equities of the player on roll, without a double.

    Their places are CHANCE_TO_WIN, CENTRED, OWNED, OTHERS. Return false, and fill nothing, if the position is not in
    the two-sided table. `best_action` gives the equity of CENTRED and OWNED for a player who may double.
    """
    two_sided = tables.two_sided
    known = is_bearoff(checkers) & (len(two_sided) > 0)
    if known:
        mine, theirs = bearoff_index(checkers, me), bearoff_index(checkers, rules.SIDE - me)
        known = max(mine, theirs) < FEW
        if known:
            copy_row(equities, two_sided[mine, theirs])
    return known


# --- the file ---------------------------------------------------------------------------------------------

_MARK = b"yomi bear-off 1\n"
_HEADER = 64
"""Bytes before the tables: the mark, the hash of what follows, zeros; so rows of `one_sided` are cache lines."""

_LAYOUT = [
    (np.uint16, (POSITIONS, COLUMNS)),
    (np.float32, (FEW, FEW, OTHERS + 1)),
]
_PLACES = np.cumsum([_HEADER, *(np.dtype(kind).itemsize * int(np.prod(shape)) for kind, shape in _LAYOUT)]).tolist()


def compute() -> Tables:
    """Compute the databases: some seconds."""
    checkers = np.zeros(rules.BOARD, np.int8)
    plays, keys = rules.room_for_plays()
    odds, two_sided = np.zeros((POSITIONS, COLUMNS)), np.zeros((FEW, FEW, OTHERS + 1), np.float32)
    _one_sided(checkers, plays, keys, odds)
    ends, counts = np.zeros((FEW, len(ODDS), MOST_ENDS), np.int32), np.zeros((FEW, len(ODDS)), np.int32)
    _all_ends(checkers, plays, keys, ends, counts)
    _two_sided(ends, counts, two_sided)
    return Tables(np.round(odds * CERTAIN).astype(np.uint16), two_sided)


def load(folder: Path | None = None) -> Tables:
    """Return the databases, mapped read-only from the file in a folder (by default the user's cache).

    If the file is missing, broken or foreign, compute and write it; if it cannot be written, keep the tables in memory.
    """
    path = (folder or _user_cache()) / "bear-off-1.tables"
    with suppress(OSError, ValueError):
        return _mapped(path)
    tables = compute()
    body = b"".join(array.tobytes() for array in tables)
    with suppress(OSError, ValueError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, _MARK + sha256(body).digest() + bytes(_HEADER - len(_MARK) - sha256().digest_size) + body)
        return _mapped(path)
    return _split(np.frombuffer(bytes(_HEADER) + body, np.uint8))


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "yomi"


def _mapped(path: Path) -> Tables:
    """Map the file; raise `ValueError` if it is damaged."""
    content = np.memmap(path, np.uint8, "r").view(np.ndarray)
    head = content[:_HEADER].tobytes()
    if len(content) != _PLACES[-1] or not head.startswith(_MARK + sha256(content[_HEADER:].data).digest()):
        raise ValueError(f"{path} is not a file of bear-off tables, or it is broken")
    return _split(content)


def _split(content: np.ndarray) -> Tables:
    parts = zip(pairwise(_PLACES), _LAYOUT, strict=True)
    return Tables(*(content[begin:end].view(kind).reshape(shape) for (begin, end), (kind, shape) in parts))
