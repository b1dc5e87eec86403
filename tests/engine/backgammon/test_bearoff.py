"""Bear-off databases: numbers of positions, brute force on small races, GNU Backgammon on large ones, the file."""

from functools import cache
from itertools import combinations_with_replacement

import numpy as np
import pytest

from engine.backgammon import bearoff
from engine.backgammon.gnubg import Gnubg, find_program
from games import backgammon
from games.backgammon.rules import BOARD, CHECKERS_EACH, OFF, SIDE
from games.game import FIRST, SECOND

ROLLS = [(a, b) for a in range(1, 7) for b in range(1, 7)]
ROUNDING = 1 / bearoff.CERTAIN


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bear-off")


@pytest.fixture(scope="module")
def tables(folder):
    return bearoff.load(folder)


def board(mine: tuple[int, ...], theirs: tuple[int, ...]) -> np.ndarray:
    """Return the cells of two players whose checkers at home are told by how many stand on the points 1 to 6."""
    checkers = np.zeros(BOARD, np.int8)
    for side, home in ((0, mine), (SIDE, theirs)):
        checkers[side + 1 : side + 1 + len(home)] = home
        checkers[side + OFF] = CHECKERS_EACH - sum(home)
    return checkers


def number(home: tuple[int, ...]) -> int:
    return int(bearoff.bearoff_index(board(home, ()), 0))


def homes(most: int) -> list[tuple[int, ...]]:
    """List how up to so many checkers may stand on the points 1 to 6."""
    places = combinations_with_replacement(range(7), most)
    return [tuple(checkers.count(k) for k in range(1, 7)) for checkers in places]


# --- brute force: every play of every roll, in plain Python -----------------------------------------------


@cache
def ends(home: tuple[int, ...], dice: tuple[int, ...]) -> frozenset[tuple[int, ...]]:
    """Return what dice, played in this order, can make of a home."""
    if not dice or not any(home):
        return frozenset([home])
    die, found = dice[0], set()
    for point in range(1, 7):
        if home[point - 1] and (point >= die or not any(home[point:])):
            after = list(home)
            after[point - 1] -= 1
            if point > die:
                after[point - die - 1] += 1
            found |= ends(tuple(after), dice[1:])
    return frozenset(found)


def after_roll(home: tuple[int, ...], a: int, b: int) -> frozenset[tuple[int, ...]]:
    return ends(home, (a,) * 4) if a == b else ends(home, (a, b)) | ends(home, (b, a))


@cache
def longer(home: tuple[int, ...], left: int, columns: int) -> tuple[float, ...]:
    """Return the odds that more than 0, 1, 2 ... rolls are needed until `left` checkers are left, at best."""
    if sum(home) <= left:
        return (0.0,) * columns
    best = [min((longer(end, left, columns) for end in after_roll(home, a, b)), key=sum) for a, b in ROLLS]
    return (1.0, *(np.mean(best, axis=0)[:-1]))


@cache
def cubeless(mine: tuple[int, ...], theirs: tuple[int, ...]) -> float:
    """Return the chance to win of the player on roll."""
    if not any(theirs):
        return 0.0
    return float(np.mean([1 - min(cubeless(theirs, end) for end in after_roll(mine, a, b)) for a, b in ROLLS]))


@cache
def cubeful(mine: tuple[int, ...], theirs: tuple[int, ...], owner: int | None) -> float:
    """Return the equity of the player on roll, before he may double; he is FIRST, and nobody owns a centred cube."""
    rolled = rolling(mine, theirs, owner)
    if owner == SECOND or not any(theirs):
        return rolled
    return max(rolled, min(1.0, 2 * rolling(mine, theirs, SECOND)))


@cache
def rolling(mine: tuple[int, ...], theirs: tuple[int, ...], owner: int | None) -> float:
    if not any(theirs):
        return -1.0
    turned = None if owner is None else 1 - owner
    return -float(np.mean([min(cubeful(theirs, end, turned) for end in after_roll(mine, a, b)) for a, b in ROLLS]))


# --- numbers of positions ---------------------------------------------------------------------------------


def test_every_position_has_its_number():
    numbers = [number(home) for home in homes(CHECKERS_EACH)]
    assert sorted(numbers) == list(range(bearoff.POSITIONS))


def test_numbers_are_turned_back_into_checkers():
    checkers = np.zeros(BOARD, np.int8)
    for home in homes(CHECKERS_EACH)[::97]:
        bearoff.bearoff_checkers(number(home), checkers, SIDE)
        assert (*checkers[SIDE + 1 : SIDE + 7],) == home
        assert checkers[SIDE + OFF] == CHECKERS_EACH - sum(home)


def test_numbers_tell_how_many_men_are_left():
    for home in homes(CHECKERS_EACH)[::31]:
        assert (number(home) < bearoff.FEW) == (sum(home) <= bearoff.FEW_CHECKERS)
        assert (number(home) >= bearoff.FIRST_FULL) == (sum(home) == CHECKERS_EACH)


def test_every_play_lowers_the_number():
    for home in homes(4)[1:]:
        for a, b in ROLLS:
            assert all(number(end) < number(home) for end in after_roll(home, a, b))


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ({6: 15}, {6: 15}, True),
        ({1: 1}, {2: 1}, True),
        ({7: 1, 1: 3}, {2: 1}, False),
        ({2: 1}, {7: 1, 1: 3}, False),
        ({25: 1}, {2: 1}, False),
        ({24: 2, 6: 13}, {24: 2, 6: 13}, False),
    ],
)
def test_a_bear_off_has_all_men_home(first, second, is_one, tables):
    checkers = np.zeros(BOARD, np.int8)
    for side, places in ((0, first), (SIDE, second)):
        checkers[side + OFF] = CHECKERS_EACH - sum(places.values())
        for point, count in places.items():
            checkers[side + point] = count
    outputs = np.full(5, 7, np.float32)
    assert bearoff.is_bearoff(checkers) == is_one
    assert bearoff.bearoff_outputs(tables, checkers, 0, outputs) == is_one
    assert (outputs == 7).all() != is_one


# --- one-sided --------------------------------------------------------------------------------------------


def test_rolls_needed_by_brute_force(tables):
    for home in homes(4):
        got = tables.one_sided[number(home), : bearoff.MOST_ROLLS] / bearoff.CERTAIN
        assert got == pytest.approx(longer(home, 0, bearoff.MOST_ROLLS), abs=ROUNDING)


def test_rolls_for_the_first_man_by_brute_force(tables):
    full = [home for home in homes(CHECKERS_EACH) if sum(home) == CHECKERS_EACH and not any(home[4:])]
    for home in full[::9]:
        got = tables.one_sided[number(home), bearoff.NONE_OFF :] / bearoff.CERTAIN
        assert got == pytest.approx(longer(home, CHECKERS_EACH - 1, bearoff.COLUMNS - bearoff.NONE_OFF), abs=ROUNDING)


def test_fifteen_men_on_the_ace_point(tables):
    """A double takes four checkers off, any other roll two."""
    expected = [0.0, *[0.0] * 4]
    for n in range(1, CHECKERS_EACH + 1):
        expected.insert(n, 1 + (5 * expected[max(n - 2, 0)] + expected[max(n - 4, 0)]) / 6)
    still_on = tables.one_sided[number((15,)), : bearoff.MOST_ROLLS]
    rolls = still_on.sum(dtype=np.int64) / bearoff.CERTAIN
    assert rolls == pytest.approx(expected[CHECKERS_EACH], abs=20 * ROUNDING)
    assert expected[CHECKERS_EACH] == pytest.approx(6.9796, abs=1e-4)


def test_no_position_needs_more_rolls_than_there_are_columns(tables):
    assert not tables.one_sided[:, [bearoff.NONE_OFF - 1, bearoff.COLUMNS - 1]].any()


def test_the_first_man_off(tables):
    none_off = tables.one_sided[:, bearoff.NONE_OFF : bearoff.NONE_OFF + 2] / bearoff.CERTAIN
    assert none_off[number((0, 0, 0, 0, 0, 15))] == pytest.approx([1, 19 / 36], abs=ROUNDING)  # a 6, 51, 42, 22, 33
    assert none_off[number((1, 0, 0, 0, 0, 14))] == pytest.approx([1, 12 / 36], abs=ROUNDING)  # and any ace
    assert none_off[number((0, 0, 0, 0, 0, 14))].tolist() == [0, 0]
    assert none_off[number((15,))].tolist() == [1, 0]


# --- two-sided --------------------------------------------------------------------------------------------


def test_perfect_play_by_brute_force(tables):
    for mine in homes(2)[1:]:
        for theirs in homes(2):
            chance = tables.two_sided[number(mine), number(theirs), bearoff.CHANCE_TO_WIN]
            assert chance == pytest.approx(cubeless(mine, theirs), abs=1e-6)


def test_perfect_cubes_by_brute_force(tables):
    cells = np.zeros(4, np.float32)
    for mine in homes(2)[1:]:
        for theirs in homes(2)[1:]:
            assert bearoff.bearoff_equities(tables, board(mine, theirs), 0, cells)
            expected = [rolling(mine, theirs, owner) for owner in (None, FIRST, SECOND)]
            assert cells[bearoff.CENTRED :] == pytest.approx(expected, abs=1e-6)
            best = bearoff.best_action(float(cells[bearoff.OWNED]), float(cells[bearoff.OTHERS]))
            assert best == pytest.approx(cubeful(mine, theirs, FIRST), abs=1e-6)


def test_cubes_of_many_men_are_not_known(tables):
    cells = np.full(4, 7, np.float32)
    for mine, theirs in (((7,), (1,)), ((1,), (7,))):
        assert not bearoff.bearoff_equities(tables, board(mine, theirs), 0, cells)
        assert (cells == 7).all()


def test_one_sided_numbers_are_near_to_perfect_play(tables):
    odds = tables.one_sided[: bearoff.FEW, : bearoff.MOST_ROLLS] / bearoff.CERTAIN
    before = np.concatenate([np.ones((bearoff.FEW, 1)), odds[:, :-1]], axis=1)
    wrong = np.abs((before - odds) @ before.T - tables.two_sided[..., bearoff.CHANCE_TO_WIN])[1:, 1:]
    assert wrong.max() < 0.015
    assert wrong.mean() < 0.001


# --- look up ----------------------------------------------------------------------------------------------


def look_up(tables: bearoff.Tables, checkers: np.ndarray, me: int = 0) -> np.ndarray:
    outputs = np.full(5, 7, np.float32)
    assert bearoff.bearoff_outputs(tables, checkers, me, outputs)
    return outputs


def test_each_player_sees_his_own_side(tables):
    checkers = board((2, 3, 3), (1, 1, 5, 2))
    turned = np.concatenate([checkers[SIDE:], checkers[:SIDE]])
    assert look_up(tables, checkers, SIDE).tolist() == look_up(tables, turned, 0).tolist()
    assert look_up(tables, checkers)[0] > 0.5 > look_up(tables, checkers, SIDE)[0]


@pytest.mark.parametrize(
    ("mine", "theirs", "outputs"),
    [
        ((1,), (15,), [1, 1, 0, 0, 0]),
        ((2, 1), (0, 0, 0, 0, 0, 15), [1, 1 / 6 + 5 / 6 * 19 / 36, 0, 0, 0]),  # doubles at once; else two rolls
        ((4,), (14,), [1, 0, 0, 0, 0]),
        ((0, 0, 0, 0, 0, 15), (2,), [0, 0, 0, 19 / 36, 0]),
        ((15,), (2,), [0, 0, 0, 0, 0]),
        ((15,), (), [0, 0, 0, 1, 0]),
        ((14,), (), [0, 0, 0, 0, 0]),
        ((0, 0, 0, 0, 0, 1), (1,), [27 / 36, 0, 0, 0, 0]),
    ],
)
def test_outputs(mine, theirs, outputs, tables):
    assert look_up(tables, board(mine, theirs)) == pytest.approx(outputs, abs=3 * ROUNDING)


def test_outputs_of_a_long_race_by_its_rolls(tables):
    """The player on roll wins who needs no more rolls than the other, counted here in floats."""
    mine, theirs = (3, 2, 3, 0, 0, 0), (2, 2, 2, 2, 0, 0)
    odds = [longer(home, 0, bearoff.MOST_ROLLS) for home in (mine, theirs)]
    rolls, others = (-np.diff(each, prepend=1.0) for each in odds)
    wins = sum(rolls[n] * others[n:].sum() for n in range(bearoff.MOST_ROLLS))
    assert look_up(tables, board(mine, theirs))[0] == pytest.approx(wins, abs=4 * ROUNDING)


def test_without_tables_nothing_is_known():
    outputs = np.full(5, 7, np.float32)
    assert not bearoff.bearoff_outputs(bearoff.NO_TABLES, board((1,), (1,)), 0, outputs)
    assert not bearoff.bearoff_equities(bearoff.NO_TABLES, board((1,), (1,)), 0, outputs[:4])
    assert (outputs == 7).all()


@pytest.mark.skipif(find_program() is None, reason="GNU Backgammon is not installed")
def test_races_as_gnubg_sees_them(tables):
    random = np.random.default_rng(5)
    with Gnubg() as gnubg:
        for left in ((15, 15), (15, 2), (3, 15), (15, 5), (1, 1), (6, 6), (9, 8), (12, 15)) * 20:
            checkers = board(*(tuple(random.multinomial(count, [1 / 6] * 6)) for count in left))
            theirs = gnubg.evaluate_board(checkers.reshape(2, SIDE))
            assert look_up(tables, checkers) == pytest.approx(theirs[:5], abs=2e-4)


# --- the file ---------------------------------------------------------------------------------------------


@pytest.fixture
def computed(tables, monkeypatch):
    """Count how often the databases are computed; they are the ones at hand."""
    calls = []
    monkeypatch.setattr(bearoff, "compute", lambda: calls.append(1) or tables)
    return calls


def same(a: bearoff.Tables, b: bearoff.Tables) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(a, b, strict=True))


def test_the_file_is_mapped_not_computed_again(tables, folder, computed):
    assert same(bearoff.load(folder), tables)
    assert not computed
    assert not any(array.flags.writeable for array in tables)
    assert tables.one_sided.ctypes.data % 64 == 0
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("damage", ["missing", "empty", "short", "long", "foreign", "one bit", "folder"])
def test_a_broken_file_is_computed_again(damage, tables, tmp_path, folder, computed):
    whole = next(folder.iterdir())
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= damage == "one bit"
    files = {"empty": b"", "short": content[:-1], "long": content + b"x", "foreign": b"PK" + content[2:]}
    path = tmp_path / "new" / whole.name
    if damage == "folder":
        path.mkdir(parents=True)
    elif damage != "missing":
        path.parent.mkdir()
        path.write_bytes(files.get(damage, content))
    assert same(bearoff.load(path.parent), tables)
    assert computed == [1]
    assert damage == "folder" or same(bearoff.load(path.parent), tables)
    assert computed == [1]
    assert list(path.parent.iterdir()) == [path]


def test_where_nothing_can_be_written_tables_stay_in_memory(tables, tmp_path, computed):
    (tmp_path / "file").write_text("in the way")
    kept = bearoff.load(tmp_path / "file")
    assert same(kept, tables)
    assert computed == [1]
    assert not any(array.flags.writeable for array in kept)


def test_the_file_lies_in_the_users_cache(tables, tmp_path, computed, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert same(bearoff.load(), tables)
    assert [path.parent for path in tmp_path.rglob("*.tables")] == [tmp_path / "yomi"]


def test_positions_of_the_game_fit(tables):
    state = backgammon.set_up(board((2,), ())[:SIDE], board((), (1,))[SIDE:], cube=False)
    assert look_up(tables, state)[0] == 1
