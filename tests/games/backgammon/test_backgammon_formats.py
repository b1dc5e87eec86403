"""Plays as text, GNU Backgammon's IDs and XGIDs: known examples, random positions, and GNU Backgammon itself."""

import os
import re
import subprocess
import time

import numpy as np
import pytest

from engine.backgammon.gnubg import find_program
from games import backgammon
from games.backgammon import (
    BAR,
    CUBE,
    DICE,
    DOUBLE,
    DROP,
    LENGTH,
    MOVER,
    OFFERED,
    OWNER,
    ROLL,
    ROLLED,
    SCORE,
    TAKE,
    gnubg_id,
    ids,
    xgid,
)
from games.backgammon import OPENING as IS_OPENING
from games.backgammon.writing import read_play, write_play
from games.game import CHANCE, FIRST, NOBODY, SECOND, IllegalMove

OPENING = [{6: 5, 8: 3, 13: 5, 24: 2}.get(k, 0) for k in range(26)]
GNUBG = find_program()
needs_gnubg = pytest.mark.skipif(not GNUBG, reason="gnubg is not installed: apt install gnubg")


def side(off: int = 0, **points: int) -> list[int]:
    """Return the 26 counts of a side: side(p6=5, bar=1, off=9)."""
    counts = [0] * 26
    counts[0] = off
    for name, count in points.items():
        counts[BAR if name == "bar" else int(name[1:])] = count
    return counts


def rest(counts: list[int], point: int) -> list[int]:
    """Put the checkers of a side that are still missing on one point."""
    counts[point] += 15 - sum(counts)
    return counts


def opening(*dice: int, **rules) -> np.ndarray:
    return backgammon.set_up(OPENING, OPENING, dice=dice, **rules)


def after(state: np.ndarray, *moves: int) -> np.ndarray:
    played = state[None].copy()
    for move in moves:
        backgammon.play(played, np.array([move], np.int32))
    return played[0]


def random_positions(seed: int, games: int = 10) -> list[np.ndarray]:
    """Return every position of random games, for money and in matches, with doubles, takes and drops."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(games):
        length = int(random.integers(0, 8))
        score = tuple(map(int, random.integers(0, length, 2))) if length else (0, 0)
        crawford = length > 1 and length - 1 in score and bool(random.integers(2))
        found.append(backgammon.start(length, score, crawford, jacoby=bool(random.integers(2))))
        while found[-1][backgammon.TURN] != NOBODY:
            moves, _, counts = backgammon.legal(found[-1][None])
            choices = [m for m in moves[0, : counts[0]] if m not in (DOUBLE, DROP) or random.random() < 0.2]
            found.append(after(found[-1], int(random.choice(choices))))
    return found


def has_id(state: np.ndarray, before: np.ndarray) -> bool:
    """Tell whether an ID says all of a position: no turn is half played, nobody has just declined to double."""
    left = int((state[DICE : DICE + 4] > 0).sum())
    whole = left in (0, 4 if state[ROLLED] == state[ROLLED + 1] else 2)
    declined = state[backgammon.TURN] == CHANCE and before[backgammon.TURN] == before[MOVER] and not before[DICE]
    return whole and not declined


def whole_positions(seed: int, games: int = 10) -> list[np.ndarray]:
    states = random_positions(seed, games)
    pairs = zip(states[1:], states, strict=False)
    return [state for state, before in pairs if has_id(state, before)] + [states[0]]


# --- plays ------------------------------------------------------------------------------------------------

OTHERS_BLOTS = backgammon.set_up(OPENING, rest(side(p18=1, p20=1, p6=2), 3), dice=(6, 1))
"""The mover's 7-point and 5-point hold blots."""

ON_THE_BAR = backgammon.set_up(rest(side(bar=2, p6=5), 13), OPENING, dice=(3, 3))
BEARING_OFF = backgammon.set_up(rest(side(p6=2, p5=2, p1=1), 0), rest(side(p3=2), 0), dice=(6, 5))
DOUBLE_ONES = backgammon.set_up(OPENING, OPENING, dice=(1, 1))


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (opening(3, 1), "8/5 6/5"),
        (opening(6, 5), "24/13"),
        (opening(6, 4), "24/18 13/9"),
        (opening(4, 4), "24/20(2) 13/9(2)"),
        (opening(4, 4), "24/16(2)"),
        (opening(6, 6), "24/18(2) 13/7(2)"),
        (DOUBLE_ONES, "8/7(2) 6/5(2)"),
        (OTHERS_BLOTS, "13/7* 6/5*"),
        (OTHERS_BLOTS, "13/7*/6"),
        (ON_THE_BAR, "bar/22(2) 13/10(2)"),
        (ON_THE_BAR, "bar/22(2) 6/3(2)"),
        (BEARING_OFF, "6/off 5/off"),
        (BEARING_OFF, "6/1 6/off"),
    ],
)
def test_plays_are_written_as_players_write_them(state, text):
    moves = read_play(state, text)
    assert write_play(state, moves) == text
    assert len(moves) == (4 if state[ROLLED] == state[ROLLED + 1] else 2)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("6/5 8/5", "8/5 6/5"),
        ("8/5, 6/5", "8/5 6/5"),
        ("8-5 6-5", "8/5 6/5"),
        (" 8/5   6/5 ", "8/5 6/5"),
        ("24/23/20", "24/20"),
        ("24/21 21/20", "24/20"),
        ("6/5 13/10", "13/10 6/5"),
    ],
)
def test_a_play_may_be_spelt_in_several_ways(text, same):
    assert read_play(opening(3, 1), text) == read_play(opening(3, 1), same)


@pytest.mark.parametrize("text", ["Bar/22 BAR/22 6/3 6/3", "25/22(2) 6/3 (2)", "b/22(2) 6/3(2)"])
def test_the_bar_has_several_names(text):
    assert read_play(ON_THE_BAR, text) == read_play(ON_THE_BAR, "bar/22(2) 6/3(2)")


def test_off_has_several_names():
    plays = {read_play(BEARING_OFF, text) for text in ("6/off 5/off", "6/0 5/0", "6/Off 5/o")}
    assert len(plays) == 1


def test_stars_may_be_left_out_where_the_target_says_enough():
    assert read_play(OTHERS_BLOTS, "13/7 6/5") == read_play(OTHERS_BLOTS, "13/7* 6/5*")


def test_one_man_hits_in_passing_only_where_the_text_says_so():
    two_ways = backgammon.set_up(OPENING, rest(side(p18=1, p6=2), 3), dice=(6, 1))  # 13/7*/6 or 13/12/6
    hit, quiet = (after(two_ways, *read_play(two_ways, text)) for text in ("13/7*/6", "13/6"))
    assert backgammon.checkers(hit, SECOND)[BAR] == 1
    assert backgammon.checkers(quiet, SECOND)[BAR] == 0
    assert write_play(two_ways, read_play(two_ways, "13/6")) == "13/6"


def test_a_text_that_could_mean_either_of_two_hits_is_not_guessed_at():
    both = backgammon.set_up(OPENING, rest(side(p18=1, p13=1), 3), dice=(6, 1))  # 13/7*/6 or 13/12*/6
    with pytest.raises(ValueError, match="13/6 can be played in several ways: name the points in between"):
        read_play(both, "13/6")
    assert read_play(both, "13/7*/6") != read_play(both, "13/12*/6")


def test_half_a_turn_is_read_and_written_with_the_dice_that_are_left():
    half = after(opening(3, 1), backgammon.checker_move(8, 3))
    assert write_play(half, read_play(half, "6/5")) == "6/5"


@pytest.mark.parametrize(
    ("state", "text", "sentence"),
    [
        (opening(3, 1), "8/5 what", "what is not a move such as 13/7, bar/22 or 6/off"),
        (opening(3, 1), "8/5 6", "6 is not a move"),
        (opening(3, 1), "8/5(7)", r"8/5\(7\) is not a move"),
        (opening(3, 1), "5/8 6/5", "5/8 is not a way that checkers move"),
        (opening(3, 1), "8/5 99/98", "99/98 is not a way that checkers move"),
        (opening(3, 1), "13/8 6/5", "13/8 cannot be played with 3-1"),
        (opening(3, 1), "7/4 6/5", "moves more checkers than there are on the 7-point"),
        (opening(3, 1), "bar/22 6/5", "moves more checkers than there are on the bar"),
        (opening(3, 1), "8/5", "8/5 is too little: more of 3-1 can be played"),
        (opening(3, 1), "", "no move is too little"),
        (opening(3, 1), "8/5 6/5 6/5", "is more than 3-1 allows"),
        (opening(3, 1), "8/5* 6/5", "hits on the 5-point, where there is no blot"),
        (opening(6, 5), "24/18 6/1", "is not a legal play of 6-5"),
        (ON_THE_BAR, "13/10(4)", "is not a legal play of 3-3"),
        (opening(), "8/5 6/5", "no checker is to be moved now"),
    ],
)
def test_what_cannot_be_played_is_refused_in_one_sentence(state, text, sentence):
    before = state.copy()
    with pytest.raises(ValueError, match=sentence):
        read_play(state, text)
    assert np.array_equal(state, before)


def test_an_illegal_play_is_told_from_what_is_no_play():
    with pytest.raises(IllegalMove):
        read_play(opening(3, 1), "13/8 6/5")


def test_every_play_of_random_positions_is_written_and_read_back():
    checked = 0
    for state in random_positions(1, games=2)[::5]:
        legal = backgammon.plays(state)
        for moves, _ in legal[:20]:
            assert read_play(state, write_play(state, moves)) == moves
            checked += 1
    assert checked > 500


# --- IDs --------------------------------------------------------------------------------------------------


def test_the_opening_position_has_its_well_known_ids():
    assert gnubg_id.to_id(opening()) == "4HPwATDgc/ABMA:cAkAAAAAAAAA"
    assert xgid.to_id(opening(5, 2, jacoby=False)) == "XGID=-b----E-C---eE---c-e----B-:0:0:1:52:0:0:0:0:10"


def test_a_position_id_alone_is_money_with_the_first_player_on_roll():
    state = gnubg_id.from_id("4HPwATCwZ/ABMA")
    assert (state[backgammon.TURN], state[LENGTH]) == (FIRST, 0)
    assert backgammon.checkers(state, FIRST).tolist() == side(p24=2, p13=5, p8=2, p6=4, p5=2)
    assert backgammon.checkers(state, SECOND).tolist() == OPENING


@pytest.mark.parametrize(
    ("text", "value", "owner", "mover", "dice", "length", "score", "crawford"),
    [
        ("4HPwATDgc/ABMA:cAkAAAAAAAAA", 1, NOBODY, FIRST, (0, 0), 0, (0, 0), 0),
        ("4HPwATDgc/ABMA:8IhuACAACAAE", 1, NOBODY, FIRST, (5, 3), 3, (1, 2), 1),  # of a game being set up
        ("4HPwATDgc/ABMA:sIHqABAAMAAE", 1, NOBODY, SECOND, (5, 2), 7, (6, 1), 1),
        ("4HPwATDgc/ABMA:AQHgABAAEAAE", 2, SECOND, SECOND, (0, 0), 7, (2, 1), 0),
        ("4HPwATDgc/ABMA:UQngABAAEAAE", 2, FIRST, FIRST, (0, 0), 7, (2, 1), 0),
    ],
)
def test_a_match_id_says_everything_but_the_checkers(text, value, owner, mover, dice, length, score, crawford):
    state = gnubg_id.from_id(text)
    assert (1 << state[CUBE], state[OWNER], state[MOVER]) == (value, owner, mover)
    assert tuple(state[ROLLED : ROLLED + 2]) == dice
    assert (state[LENGTH], tuple(state[SCORE : SCORE + 2]), state[backgammon.CRAWFORD]) == (length, score, crawford)


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("sGfwATDgc/ABMA:cBHgAAAAAAAE", DOUBLE),  # as GNU Backgammon 1.07 shows a double by the first player,
        ("sGfwATDgc/ABMA:cATgAAAACAAE", DROP),  # the same dropped,
        ("AAAABgAAAAAAAA:MALgAAAACAAE", ROLL),  # and a last checker borne off
    ],
)
def test_doubles_drops_and_ends_are_read_and_written_as_gnu_backgammon_does(text, phase):
    state = gnubg_id.from_id(text)
    assert bool(state[OFFERED]) == (phase == DOUBLE)
    assert (state[backgammon.TURN] == NOBODY) == (phase != DOUBLE)
    if phase != DOUBLE:
        assert (state[backgammon.WINNER], backgammon.points_won(state)) == (FIRST, 1)
        assert tuple(state[SCORE : SCORE + 2]) == (0, 0), "the score before the game"
    assert gnubg_id.to_id(state) == text


def test_ids_of_random_positions_are_read_back_exactly():
    states = whole_positions(2)
    for state in states:
        assert np.array_equal(gnubg_id.from_id(gnubg_id.to_id(state)), state)
        if state[backgammon.WINNER] == NOBODY and not state[IS_OPENING]:
            assert np.array_equal(xgid.from_id(xgid.to_id(state)), state)
    assert len(states) > 300
    assert {int(state[OFFERED]) for state in states} == {0, 1}


def test_whether_the_cube_may_be_used_is_in_the_xgid_and_asked_for_beside_the_other():
    state = opening(cube=False)
    assert np.array_equal(xgid.from_id(xgid.to_id(state)), state)
    assert np.array_equal(gnubg_id.from_id(gnubg_id.to_id(state), cube=False), state)


def test_an_opening_roll_to_come_is_in_the_gnubg_id():
    state = backgammon.start(5, (1, 2))
    assert np.array_equal(gnubg_id.from_id(gnubg_id.to_id(state)), state)
    assert xgid.to_id(state) == "XGID=-b----E-C---eE---c-e----B-:0:0:1:00:1:2:0:5:10"


def test_a_half_played_turn_has_no_id():
    half = after(opening(3, 1), backgammon.checker_move(8, 3))
    for write in (gnubg_id.to_id, xgid.to_id):
        with pytest.raises(ValueError, match="half played: a position has an ID before or after all of 3-1"):
            write(half)


def test_a_finished_game_has_no_xgid():
    with pytest.raises(ValueError, match="a finished game has no XGID"):
        xgid.to_id(after(opening(), DOUBLE, DROP))


def test_a_prefix_and_missing_fields_are_no_obstacle():
    plain = "-b----E-C---eE---c-e----B-:0:0:1:52:0:0:0:0"
    assert np.array_equal(xgid.from_id(plain), xgid.from_id(f" XGID={plain}:10\n"))
    both = "4HPwATDgc/ABMA:cAkAAAAAAAAA"
    assert np.array_equal(gnubg_id.from_id(f"GNUBGID {both}"), gnubg_id.from_id(both))


FULL = "4HPwATDgc/ABMA"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is 14 letters, and 12 after a colon"),
        ("4HPwATDgc/ABM", "is 14 letters"),
        ("4HPwATDgc/AB!A", "is 14 letters"),
        (f"{FULL}:cAkAAAAAAAA", "is 14 letters"),
        ("4HPwATDgc/ABMB", "has bits set behind its end"),
        ("//////////////", "has bits set behind its end"),
        ("//8AAADA5+ADYA", "each side has 15 checkers"),  # sixteen on an ace point
        ("/////////////w", "each side has 15 checkers|more bits than two sides need|the game is over"),
        ("AAAAAAAAAAAAAA", "the game is over"),
        (f"{FULL}:cA0AAAAAAAAA", "has values that no match ID has"),  # state 5 of a game
        (f"{FULL}:YAkAAAAAAAAA", "has values that no match ID has"),  # a third owner
        (f"{FULL}:cAkAAAAAAAD/", "has values that no match ID has"),
        (f"{FULL}:cPkPAAAAAAAA", "a double is offered before the dice are rolled|dice show 1 to 6"),
        (f"{FULL}:cIlnAAAAAAAE", "dice show 1 to 6|a score that no match has|no game of a match"),
        (f"{FULL}:8AkAAAAAAAAA", "Crawford"),
        (f"{FULL}:fwkAAAAAAAAA", "power of two up to 4096"),
        (f"{FULL}:cAvgAAAAAAAE", "was resigned"),
        (f"{FULL}:cArgAAAAAAAE", "no side can have borne off all its checkers"),
        (f"{FULL}:QBHgAAAAAAAE", "may not turn the cube"),  # doubled with the other's cube
    ],
)
def test_bad_gnubg_ids_are_refused_in_one_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        gnubg_id.from_id(text)
    assert "\n" not in str(error.value)


START = "XGID=-b----E-C---eE---c-e----B-"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "an XGID looks like XGID="),
        (f"{START}:0:0:1", "an XGID looks like XGID="),
        ("XGID=-b----E-C---eE---c-e----Z-:0:0:1:52:0:0:0:0:10", "an XGID looks like XGID="),
        ("XGID=-b----F-C---eE---c-e----B-:0:0:1:52:0:0:0:0:10", "each side has 15 checkers"),
        ("XGID=Ab----D-C---eE---c-e----B-:0:0:1:52:0:0:0:0:10", "begins with the top player's bar"),
        (f"{START}:0:0:1:70:0:0:0:0:10", "dice show 1 to 6"),
        (f"{START}:0:0:1:xy:0:0:0:0:10", "xy are no dice"),
        (f"{START}:0:0:1:B:0:0:0:0:10", "no beavers"),
        (f"{START}:0:0:2:52:0:0:0:0:10", "are 1 or -1"),
        (f"{START}:0:0:0:52:0:0:0:0:10", "are 1 or -1"),
        (f"{START}:0:7:1:52:0:0:0:0:10", "are 1 or -1"),
        (f"{START}:0:0:1:52:0:0:2:5:10", "no rules 2"),
        (f"{START}:0:0:1:52:0:0:1:5:10", "Crawford"),
        (f"{START}:99:0:1:52:0:0:0:0:10", "no rules 0 with a cube of 2"),
        (f"{START}:14:0:1:52:0:0:0:0:14", "power of two up to 4096"),
        (f"{START}:0:0:1:52:5:0:0:5:10", "begins at 5-0"),
        (f"{START}:0:0:1:52:0:0:0:99:10", "a match is 1 to 64 points long"),
        (f"{START}:1:-1:1:D:0:0:0:5:10", "may not turn the cube"),
        ("XGID=--------------------------:0:0:1:00:0:0:0:0:10", "the game is over"),
    ],
)
def test_bad_xgids_are_refused_in_one_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        xgid.from_id(text)
    assert "\n" not in str(error.value)


def test_damaged_ids_never_raise_anything_else():
    random = np.random.default_rng(5)
    texts = [(gnubg_id.from_id, "4HPkQSDgc/ABMA:QYnuABAACAAE"), (xgid.from_id, f"{START}:1:1:1:52:2:1:0:7:10")]
    refused = 0
    for k in range(2000):
        read, text = texts[k % 2]
        at = int(random.integers(len(text)))
        damaged = text[:at] + chr(int(random.integers(32, 127))) + text[at + int(random.integers(2)) :]
        try:
            assert read(damaged).shape == (backgammon.WIDTH,)
        except ValueError:
            refused += 1
    assert refused > 500


# --- against GNU Backgammon -------------------------------------------------------------------------------

SETTINGS = """set player 0 human
set player 1 human
set rng manual
set automatic roll off
set automatic game off
set automatic bearoff off
set automatic move off
set confirm new off
set confirm save off
new match 7
3 1
"""


def gnubg(folder, *commands: str) -> str:
    """Let GNU Backgammon obey; return all it says."""
    run = subprocess.run(
        [GNUBG, "-t", "-q", "-r"],
        input=SETTINGS + "\n".join(commands) + "\n",
        cwd=folder,
        env=os.environ | {"HOME": str(folder), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return run.stdout


def shown_ids(output: str) -> list[str]:
    return [f"{a}:{b}" for a, b in re.findall(r"Position ID: (\S+)\s+Match ID   : (\S+)", output)]


def snowie(state: np.ndarray) -> list[int]:
    """Return what GNU Backgammon exports as text of a position, names and its settings left out."""
    mover = int(state[MOVER])
    mine, theirs = backgammon.checkers(state, mover), backgammon.checkers(state, 1 - mover)
    owner = 0 if state[OWNER] == NOBODY else 1 if state[OWNER] == mover else -1
    points = [int(mine[k]) - int(theirs[25 - k]) for k in range(1, 25)]
    return [
        int(state[LENGTH]),
        int(state[backgammon.CRAWFORD]),
        int(state[SCORE + mover]),
        int(state[SCORE + 1 - mover]),
        1 << int(state[CUBE]),
        owner,
        -int(theirs[BAR]),
        *points,
        int(mine[BAR]),
        int(state[ROLLED]),
        int(state[ROLLED + 1]),
    ]


def swapped(state: np.ndarray) -> np.ndarray:
    """Return the same position with the players' names exchanged."""
    other = state.copy()
    other[:26], other[26:52] = state[26:52], state[:26]
    other[[SCORE, SCORE + 1]] = state[[SCORE + 1, SCORE]]
    for cell in (backgammon.TURN, MOVER, OWNER):
        other[cell] = 1 - state[cell] if state[cell] in (FIRST, SECOND) else state[cell]
    return other


def settable(seed: int, games: int) -> list[np.ndarray]:
    """Return random positions that can be set in GNU Backgammon: it takes no offered double and no end."""
    states = whole_positions(seed, games)
    return [s for s in states if s[backgammon.WINNER] == NOBODY and not s[OFFERED] and not s[IS_OPENING]]


@needs_gnubg
def test_gnu_backgammon_shows_the_ids_that_were_set_and_means_the_same(tmp_path):
    states = settable(3, 20)[::9][:300]
    commands = []
    for k, state in enumerate(states):
        board, match = gnubg_id.to_id(state).split(":")
        commands += [f"set matchid {match}", f"set board {board}", f"export position snowietxt {k}.txt"]
    output = gnubg(tmp_path, *commands)
    for k, state in enumerate(states):
        fields = (tmp_path / f"{k}.txt").read_text().strip().strip(";").split(";")
        numbers = [int(field) for field in fields[:1] + fields[7:]]
        assert numbers == snowie(state), gnubg_id.to_id(state)
        assert (fields[5] == "gnubg") == (state[MOVER] == SECOND)
    assert {gnubg_id.to_id(state) for state in states} <= set(shown_ids(output))
    assert len(states) >= 200


@needs_gnubg
def test_gnu_backgammon_reads_our_xgids(tmp_path):
    states = [state if state[MOVER] == FIRST else swapped(state) for state in settable(4, 10)[::9][:150]]
    output = gnubg(tmp_path, *(f"set xgid {xgid.to_id(state)}" for state in states))
    assert {gnubg_id.to_id(state) for state in states} <= set(shown_ids(output))
    assert len(states) >= 100


@needs_gnubg
def test_gnu_backgammon_shows_doubles_takes_and_drops_as_we_write_them(tmp_path):
    states = [s for s in settable(6, 20) if s[backgammon.TURN] == s[MOVER] and not s[DICE]][::7][:60]
    commands, expected = [], set()
    for k, state in enumerate(states):
        board, match = gnubg_id.to_id(state).split(":")
        answer = ("take", TAKE) if k % 2 else ("drop", DROP)
        commands += [f"set matchid {match}", f"set board {board}", "double", answer[0], "show board"]
        doubled = after(state, DOUBLE)
        expected |= {gnubg_id.to_id(doubled), gnubg_id.to_id(after(doubled, answer[1]))} if state[LENGTH] else set()
        commands += [] if k % 2 else ["new match 7", "3 1"]
    assert expected <= set(shown_ids(gnubg(tmp_path, *commands)))
    assert len(expected) > 30


# --- IDs as programs print them ---------------------------------------------------------------------------

PLACES = "-b----E-C---eE---c-e----B-:0:0:1:31:0:0:0:7:10"
BOTH = "4HPwATDgc/ABMA:cIkKAAAAAAAE"


@pytest.mark.parametrize(
    "text",
    [
        PLACES,
        f"XGID={PLACES}",
        f"xgid: {PLACES}",
        f"`XGID={PLACES}`.",
        f"XGID={PLACES.removesuffix(':10')}",
        f"XGID={PLACES}\n\nX:Ann   O:Bob\nScore is X:0 O:0 7 pt.(s) match.\n",
        f"https://example.org/?board=XGID%3D{PLACES.replace(':', '%3A')}",
    ],
)
def test_an_xgid_is_found_in_whatever_it_is_printed(text):
    assert np.array_equal(ids.find(text), xgid.from_id(f"XGID={PLACES}"))


@pytest.mark.parametrize(
    "text",
    [
        BOTH,
        f"GNUBGID {BOTH}",
        f"GNUbg ID: {BOTH}",
        "Position ID: 4HPwATDgc/ABMA Match ID: cIkKAAAAAAAE\n",
        "Position ID: 4HPwATDgc/ABMA\nMatch ID: cIkKAAAAAAAE",
        " GNU Backgammon  Position ID: 4HPwATDgc/ABMA\n"
        + " " * 17
        + "Match ID   : cIkKAAAAAAAE\n +13-14-15-+ O: gnubg",
        "4HPwATDgc/ABMA cIkKAAAAAAAE",
        f"https://example.org/?gnubgid={BOTH.replace('/', '%2F').replace(':', '%3A')}&move=1",
        f"the position {BOTH}, please",
    ],
)
def test_a_gnubg_id_is_found_in_whatever_it_is_printed(text):
    assert np.array_equal(ids.find(text), gnubg_id.from_id(BOTH))


@pytest.mark.parametrize("text", ["4HPwATDgc/ABMA==", "Position ID: 4HPwATDgc/ABMA", "gnubgid=4HPwATDgc/ABMA"])
def test_a_position_id_alone_is_for_money(text):
    assert np.array_equal(ids.find(text), gnubg_id.from_id("4HPwATDgc/ABMA"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "14 letters"),
        ("the representation of positions", "14 letters"),
        ("XGID=abc", "an XGID looks like"),
        (f"XGID={PLACES.replace('E', 'O')}", "each side has 15"),
        ("gnubg id" + " " * 50_000 + "x", "14 letters"),
        ("-b" * 50_000, "14 letters"),
        ("4HPwATDgc/ABMA" * 10_000, "14 letters"),
    ],
)
def test_a_text_without_an_id_is_refused_at_once(text, why):
    began = time.process_time()
    with pytest.raises(ValueError, match=why):
        ids.find(text)
    assert time.process_time() - began < 1
