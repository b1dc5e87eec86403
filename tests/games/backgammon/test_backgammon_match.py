"""Match equities against known ones, and the theory of the live cube against its closed forms."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from games.backgammon import match as backgammon_match
from games.backgammon.match import (
    CASHED,
    DROPPED,
    FARTHEST,
    LEVELS,
    LOST,
    MINE,
    THEIRS,
    WON,
    cube_value,
    equity_after,
    fill_match_ends,
    find_take_points,
    match_equity,
    table,
)
from games.game import FIRST, SECOND
from tests.patience import tried

KAZAROSS = [
    [0.5000, 0.6774, 0.7508, 0.8144, 0.8418, 0.8873, 0.9072, 0.9325, 0.9440],
    [0.3226, 0.5000, 0.5995, 0.6687, 0.7436, 0.7994, 0.8422, 0.8754, 0.9020],
    [0.2492, 0.4005, 0.5000, 0.5715, 0.6479, 0.7112, 0.7621, 0.8047, 0.8402],
    [0.1856, 0.3313, 0.4285, 0.5000, 0.5773, 0.6428, 0.6992, 0.7458, 0.7880],
    [0.1582, 0.2564, 0.3521, 0.4227, 0.5000, 0.5663, 0.6264, 0.6779, 0.7254],
    [0.1127, 0.2006, 0.2888, 0.3571, 0.4336, 0.5000, 0.5626, 0.6164, 0.6679],
    [0.0928, 0.1577, 0.2379, 0.3008, 0.3736, 0.4374, 0.5000, 0.5548, 0.6085],
    [0.0675, 0.1246, 0.1953, 0.2542, 0.3221, 0.3836, 0.4452, 0.5000, 0.5544],
    [0.0560, 0.0980, 0.1598, 0.2120, 0.2746, 0.3321, 0.3915, 0.4456, 0.5000],
]
"""Kazaross XG2, up to 9 away (rows: me), the Crawford game in the first row and column; made by rollouts."""

KAZAROSS_AFTER_CRAWFORD = [0.5000, 0.4880, 0.3226, 0.3100, 0.1901, 0.1807, 0.1156, 0.1091, 0.0695, 0.0652]
"""The trailer's chances 1 to 10 away."""

EVEN_SHARES = (0.0, 0.0, 0.0, 0.0)
GNUBG = shutil.which("gnubg") or shutil.which("/usr/games/gnubg")


def match_ends(mine, theirs, cube=1, shares=EVEN_SHARES):
    """Return the ends of a game at a score and the take points of its cube."""
    ends, points = np.zeros((LEVELS, 4)), np.zeros((LEVELS, 2))
    fill_match_ends(table(), mine, theirs, cube, shares, ends)
    find_take_points(ends, mine, theirs, cube, points)
    return ends, points


def money_ends(won, lost):
    """Return the ends of a game for money that is worth so many cubes when won and when lost, and the take points."""
    ends, points = np.zeros((LEVELS, 4)), np.zeros((LEVELS, 2))
    cubes = 2.0 ** np.arange(LEVELS)
    ends[:, LOST], ends[:, DROPPED], ends[:, CASHED], ends[:, WON] = -lost * cubes, -cubes, cubes, won * cubes
    find_take_points(ends, 1 << 40, 1 << 40, 1, points)
    return ends, points


# --- the table --------------------------------------------------------------------------------------------


def test_table_is_near_the_known_one():
    difference = abs(table()[1:10, 1:10, 0] - np.array(KAZAROSS))
    assert difference.max() < 0.0086, "measured: 0.84 %, 2 away against 4 away"
    assert difference.mean() < 0.0018, "measured: 0.16 %"


def test_table_after_crawford_is_near_the_known_one():
    ours = table()[1:11, 1, 1]
    assert abs(ours - np.array(KAZAROSS_AFTER_CRAWFORD)).max() < 0.0033, "measured: 0.31 %, 5 away"


@pytest.mark.skipif(GNUBG is None, reason="gnubg is not installed: apt install gnubg")
def test_table_is_near_gnu_backgammons_up_to_25_away(tmp_path):
    script, answer = tmp_path / "script.py", tmp_path / "table.json"
    script.write_text(f"import gnubg, json; json.dump(gnubg.met(25), open({str(answer)!r}, 'w'))")
    command = [GNUBG, "-t", "-q", "-r", "-p", str(script)]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    before, after, _ = json.loads(answer.read_text())
    difference = abs(table()[1:26, 1:26, 0] - np.array(before))
    assert (difference.max() < 0.0086, difference.mean() < 0.0012) == (True, True), "measured: 0.84 % and 0.11 %"
    assert abs(table()[1:26, 1, 1] - np.array(after)).max() < 0.0033


def test_chances_of_both_sides_add_up_to_one():
    inside = table()[1:, 1:]
    assert np.allclose(inside + inside.transpose(1, 0, 2), 1, atol=1e-6)
    assert (table()[0, 1:] == 1).all()
    assert (table()[1:, 0] == 0).all()


def test_needing_more_points_is_worse():
    chances = table()[..., 0]
    assert (np.diff(chances[:, 1:], axis=0) < 1e-7).all()
    assert (np.diff(chances[1:, :], axis=1) > -1e-7).all()
    assert (np.diff(table()[1:26, 1, 1]) < 0).all()


def test_the_farthest_scores_are_filled():
    assert table().shape == (FARTHEST + 1, FARTHEST + 1, 2)
    assert table()[FARTHEST, FARTHEST, 0] == pytest.approx(0.5)
    assert 0 < table()[FARTHEST, 2, 0] < 0.01


def test_table_is_fast():
    table()  # compiles
    assert tried(backgammon_match.table.__wrapped__, 0.05)[-1] < 0.05


# --- match_equity and equity_after ------------------------------------------------------------------------


def test_match_equity_counts_points_won():
    assert match_equity(7, 6, 6) == 0.5
    assert match_equity(7, 3, 5) == pytest.approx(table()[4, 2, 0])
    assert match_equity(5, 5, 2) == 1
    assert match_equity(5, 0, 7) == 0


def test_the_crawford_game_is_the_leaders():
    crawford, after = match_equity(5, 3, 4, crawford=True), match_equity(5, 3, 4)
    assert (crawford, after) == pytest.approx((0.3226, 0.4880), abs=0.001)


@pytest.mark.parametrize("score", [(0, 0, 0), (5, -1, 0), (65, 0, 0), (5, 5, 6)])
def test_scores_that_no_match_has_are_refused(score):
    with pytest.raises(ValueError, match="a match to 1 to 64 points has a score"):
        match_equity(*score)


def test_equity_after_is_the_table_in_the_unit_of_score():
    assert equity_after(table(), 7, 3, 4, FIRST, 2) == pytest.approx(2 * match_equity(7, 5, 4) - 1)
    assert equity_after(table(), 7, 3, 4, SECOND, 2) == pytest.approx(2 * match_equity(7, 3, 6, crawford=True) - 1)
    assert equity_after(table(), 7, 3, 6, FIRST, 2) == pytest.approx(2 * match_equity(7, 5, 6) - 1)


def test_equity_after_the_end_of_a_match():
    assert equity_after(table(), 5, 3, 4, FIRST, 8) == 1
    assert equity_after(table(), 5, 3, 4, SECOND, 1) == -1


def test_equity_after_reads_cells_of_a_state():
    cells = np.array([5, 3, 2, SECOND], np.int8)
    assert equity_after(table(), cells[0], cells[1], cells[2], cells[3], 3) == -1


# --- the theory of the cube -------------------------------------------------------------------------------


@pytest.mark.parametrize(("won", "lost"), [(1, 1), (1.3, 1.1), (1, 2), (1.9, 1.5)])
def test_money_take_points_are_janowskis(won, lost):
    _, points = money_ends(won, lost)
    assert points[0, MINE] == pytest.approx((lost - 0.5) / (won + lost + 0.5), abs=1e-5)
    assert points[0, THEIRS] == pytest.approx((won - 0.5) / (won + lost + 0.5), abs=1e-5)


def test_take_point_of_a_cube_that_ends_the_match():
    ends, points = match_ends(2, 2)
    assert points[0, MINE] == pytest.approx(table()[2, 1, 0])
    assert points[0, THEIRS] == pytest.approx(points[0, MINE])
    assert ends[1, WON] == ends[1, CASHED] == 1


def test_take_point_before_the_last_redouble():
    """4 away each: who takes at 2 rises from losing two points to cashing two, where his redouble to 4 is dropped."""
    _, points = match_ends(4, 4)
    dropped, lost_two, cashed_two = table()[4, 3, 0], table()[4, 2, 0], table()[2, 4, 0]
    assert points[1, THEIRS] == pytest.approx(lost_two), "a cube at 4 ends the match"
    assert points[0, MINE] == pytest.approx((dropped - lost_two) / (cashed_two - lost_two) * (1 - lost_two))


def test_take_points_of_both_sides_mirror():
    shares = (0.3, 0.05, 0.2, 0.0)
    _, points = match_ends(5, 9, 1, shares)
    _, mirrored = match_ends(9, 5, 1, (*shares[2:], *shares[:2]))
    assert np.allclose(points[:3], mirrored[:3, ::-1])


def test_a_live_cube_bends_where_a_double_is_just_dropped():
    ends, points = money_ends(1, 1)
    values = [cube_value(ends, points, 0, p, True, True, 1.0) for p in (0, 0.2, 0.5, 0.8, 1)]
    assert values == pytest.approx([-1, -1, 0, 1, 1], abs=1e-6)


def test_a_dead_cube_is_a_straight_line():
    ends, points = match_ends(3, 5, 1, (0.2, 0.0, 0.4, 0.1))
    low, middle, high = (cube_value(ends, points, 0, p, False, False, 0.68) for p in (0.0, 0.25, 1.0))
    assert (low, high) == pytest.approx((ends[0, LOST], ends[0, WON]))
    assert middle == pytest.approx(0.75 * low + 0.25 * high)


def test_gammons_are_counted_in_matches():
    ends, _ = match_ends(4, 4, 1, (0.25, 0.05, 0.0, 0.0))
    by_hand = 0.75 * table()[3, 4, 0] + 0.2 * table()[2, 4, 0] + 0.05 * table()[1, 4, 0]
    assert ends[0, WON] == pytest.approx(by_hand)


def test_owning_the_cube_is_worth_something():
    ends, points = match_ends(7, 7)
    theirs, nobodys, mine = (
        cube_value(ends, points, 0, 0.5, i_may, they_may, 0.68)
        for i_may, they_may in ((False, True), (True, True), (True, False))
    )
    assert theirs < nobodys < mine


def test_a_certain_redouble_is_worth_nearly_what_it_gains():
    """The other wins the match with the cube at 2: whoever owns it turns it to 4 at the next chance."""
    ends, points = match_ends(5, 2, 2)
    kept, turned = (cube_value(ends, points, n, 0.3, n == 0, False, 0.0) for n in (0, 1))
    still = 0.3 * ends[0, WON]
    assert kept == pytest.approx(still + backgammon_match.NEXT_TIME * (turned - still))
    assert kept > still
