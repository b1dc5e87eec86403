"""Matches as .mat files: every spelling met in the wild, broken files, and GNU Backgammon's import and export."""

import os
import re
import subprocess

import numpy as np
import pytest

from engine.backgammon.gnubg import find_program
from games import backgammon
from games.backgammon import DOUBLE, DROP, TAKE, mat
from games.game import FIRST, NOBODY, SECOND, Position

GNUBG = find_program()
needs_gnubg = pytest.mark.skipif(not GNUBG, reason="gnubg is not installed: apt install gnubg")

USUAL = """; [EventDate "2026.11.20"]

 5 point match

 Game 1
 Ann : 0                        Bob C. : 0
  1)                             31: 8/5 6/5
  2) 52: 13/8 24/22              64: 24/14
  3)  Doubles => 2                Takes
  4) 66: 24/18 13/7(2) 8/2       21: 6/5 13/11
  5) 21: 8/7 6/4                 43: 24/20 13/10
  6) 44: 13/9 13/9 8/4 8/4        Doubles => 4
  7)  Drops                       Wins 2 points

 Game 2
 Ann : 0                        Bob C. : 2
  1) 61: 13/7 8/7                52: 24/22 13/8
  2) 65:
                                  Wins 2 points
"""


def complaint(text: str) -> str:
    """Return the one sentence about a file: why it is refused, or what of it was left out."""
    try:
        (error,) = mat.read(text).left_out
    except mat.MatError as refusal:
        error = refusal
    assert "\n" not in str(error)
    return str(error)


def game(*rows: str, length: int = 5, head: str = "", score: tuple[int, int] = (0, 0)) -> str:
    """Return a file with one game; its rows begin with the first turn."""
    names = f" {f'Ann : {score[0]}':<31}Bob : {score[1]}"
    return "\n".join([head, f" {length} point match", "", " Game 1", names, *rows, ""])


def played(text: str) -> list[str]:
    """Return the moves of the only game in a text, as the game itself writes them."""
    (record,) = mat.read(text).records
    position = mat.position(record)
    return [backgammon.notation(state, move) for state, move in zip(position.states, record.moves, strict=False)]


def random_match(seed: int, length: int, resigns: bool = False) -> mat.Match:
    """Play a match at random, with cubes turned, taken and dropped; every third game may be resigned."""
    random = np.random.default_rng(seed)
    match = mat.Match(("Ann", "Bob"), length, info={"EventDate": "2026.11.20"})
    state = backgammon.start(length)
    while len(match.records) < 7:
        position, result = Position(backgammon, state), ""
        while not position.over and not result:
            choices = [m for m in position.legal() if m not in (DOUBLE, DROP) or random.random() < 0.15]
            position.play(int(random.choice(choices)))
            on_roll = position.turn == FIRST == position.state[backgammon.MOVER] and not position.state[backgammon.DICE]
            if resigns and len(position.moves) > 60 and on_roll:
                result = f"2+{1 << int(position.state[backgammon.CUBE])}R"
        match.records.append(mat.from_position(position, match.players, result))
        if result or backgammon.match_over(position.state):
            break
        state = backgammon.next_game(position.state)
    return match


def meaning(match: mat.Match) -> tuple:
    """Return all of a match that counts: how each game began, each turn's end, cube actions and results."""
    return match.players, match.length, [(r.start, turns(r), r.result) for r in match.records]


def turns(record) -> list[bytes]:
    """Return the positions between the turns of a record, whatever the order of the moves of one checker."""
    states = mat.position(record).states
    return [state.tobytes() for state in states if not state[backgammon.DICE]]


# --- reading ----------------------------------------------------------------------------------------------


def test_a_match_tells_its_players_length_games_and_head():
    match = mat.read(USUAL)
    assert (match.players, match.length, match.info) == (("Ann", "Bob C."), 5, {"EventDate": "2026.11.20"})
    assert [record.start["score"] for record in match.records] == [(0, 0), (0, 2)]
    assert [record.result for record in match.records] == ["2+2", "2+2R"]


def test_a_game_is_replayed_with_its_rolls_and_cube_actions():
    first, second = mat.read(USUAL).records
    assert first.moves[0] == backgammon.roll_move(3, 1, SECOND)
    assert [move for move in first.moves if move in (DOUBLE, TAKE, DROP)] == [DOUBLE, TAKE, DOUBLE, DROP]
    end = mat.position(first).state
    assert (end[backgammon.WINNER], backgammon.points_won(end)) == (SECOND, 2)
    assert not mat.position(second).over


def test_opening_rolls_belong_to_the_column_they_stand_in():
    assert played(game("  1) 31: 8/5 6/5"))[0] == "31"
    assert played(game("  1)                             31: 8/5 6/5"))[0] == "31'"


@pytest.mark.parametrize(
    "rows",
    [
        ["  1) 13: 6/5 8/5                  66: 24/18 24/18 13/7 13/7"],
        ["1) 31: 8/5 6/5               66: 24/18(2) 13/7(2)"],
        ["  1) 31: 8/5 6/5                    66: 24/18(2) 13/7(2)", ""],
        ["\t1) 31: 8/5 6/5\t\t\t66: 24/18(2) 13/7(2)"],
    ],
)
def test_spacing_and_spelling_of_turns_may_differ(rows):
    usual = "  1) 31: 8/5 6/5                  66: 24/18 24/18 13/7 13/7"
    assert mat.read(game(*rows)).records == mat.read(game(usual)).records


@pytest.mark.parametrize("nothing", ["", "Cannot Move", "Can't move", "No move", "(no play)", "-"])
def test_a_roll_that_cannot_be_played_may_be_written_in_many_ways(nothing):
    rows = [
        "  1) 61: 13/7 8/7                63: 24/15",
        "  2) 64: 24/20 13/7              43: 15/11 8/5*",
        f"  3) 66: {nothing:<24}41: 24/20 6/5",
    ]
    moves = played(game(*rows))
    assert moves[moves.index("66") :][:3] == ["66", "roll", "41"]


EXTREME_GAMMON = """; [Site "XG Mobile"]
; [Match ID "491"]
; [Player 1 "Ken"]
; [Player 2 "XG-Intermediate"]
; [Player 1 Elo "1522.94/244"]
; [Variation "Backgammon"]
; [Jacoby "On"]
; [Beaver "Off"]
; [CubeLimit "1024"]

0 point match

Game 1
Ken : 0                              XG-Intermediate : 0
 1)                                  15: 24/23 13/8
 2) 21: 13/10                        64: 24/14
 3)  Doubles => 2                     Takes
 4) 65: 24/13                        21: 6/5 6/4
 5)                                   Resigned Game
                                      Wins 2 point
"""


def test_a_money_session_as_extreme_gammon_writes_it():
    match = mat.read(EXTREME_GAMMON.replace("Resigned Game", "").replace(" 5)        ", "   "))
    assert (match.length, match.players) == (0, ("Ken", "XG-Intermediate"))
    assert match.records[0].start == {"length": 0, "score": (0, 0), "crawford": False, "jacoby": True, "cube": True}
    assert (match.records[0].result, match.info["Player 1 Elo"]) == ("2+2R", "1522.94/244")


def test_the_column_of_the_points_tells_who_won_a_resigned_game():
    assert mat.read(EXTREME_GAMMON).records[0].result == "2+2R"
    left = EXTREME_GAMMON.replace(" " * 38 + "Wins 2 point", "      Wins 4 points")
    assert mat.read(left).records[0].result == "1+4R"


def test_where_the_game_tells_who_won_the_column_of_the_points_does_not_matter():
    text = game("  1) 31: 8/5 6/5                  Doubles => 2", "  2)  Drops", "      Wins 1 point")
    assert mat.read(text).records[0].result == "2+1"


def test_a_drop_may_be_left_out():
    text = game("  1) 31: 8/5 6/5                  Doubles => 2", " " * 34 + "Wins 1 point")
    assert mat.read(text).records[0].moves[-2:] == [DOUBLE, DROP]
    assert mat.read(text.replace("Wins 1", "Wins 2")).records[0].result == "2+2R"


def test_without_points_a_resigned_game_is_worth_the_cube():
    assert mat.read(EXTREME_GAMMON.replace(" " * 38 + "Wins 2 point\n", "")).records[0].result == "1+2R"


@pytest.mark.parametrize("head", ["Unlimited game", "money session", "0 point match", " 0  points match"])
def test_money_sessions_have_several_names(head):
    assert mat.read(EXTREME_GAMMON.replace("0 point match", head)).length == 0


def test_a_last_play_that_was_not_recorded_is_left_out():
    assert played(game("  1) 31: 8/5 6/5                  66: ????", "      Wins 1 point"))[-1] == "66"


def test_windows_line_ends_and_other_encodings_are_read(tmp_path):
    path = tmp_path / "match.mat"
    path.write_bytes(USUAL.replace("Ann", "Anné").replace("\n", "\r\n").encode("latin-1"))
    assert mat.read(path).players[0] == "Anné"
    path.write_bytes(b"\xef\xbb\xbf" + USUAL.replace("; [", " ; [").encode())
    assert mat.read(str(path)).info == {"EventDate": "2026.11.20"}


def test_names_may_hold_spaces_and_colons():
    match = mat.read(USUAL.replace("Ann :", "J. R: x (1800) :"))
    assert match.players == ("J. R: x (1800)", "Bob C.")
    assert mat.read(mat.write(match)).players == match.players


def test_a_result_that_stands_twice_counts_once():
    twice = USUAL + "\n" + USUAL.splitlines()[-1] + "\n"
    assert mat.read(twice) == mat.read(USUAL)


# --- Crawford and Jacoby ----------------------------------------------------------------------------------


def scores(*pairs: tuple[int, int], head: str = "", doubled: int = -1) -> list[bool]:
    """Return which games of a match to 3 points are Crawford games."""
    text = f"{head}\n 3 point match\n"
    for number, (left, right) in enumerate(pairs):
        text += f"\n Game {number + 1}\n {f'Ann : {left}':<31}Bob : {right}\n  1) 31: 8/5 6/5"
        text += "                  Doubles => 2\n  2)  Takes\n" if number == doubled else "\n"
    return [record.start["crawford"] for record in mat.read(text).records]


def test_the_first_game_with_a_player_one_away_is_the_crawford_game():
    assert scores((0, 0), (2, 0), (2, 1), (2, 2)) == [False, True, False, False]
    assert scores((0, 0), (0, 1), (0, 2)) == [False, False, True]


def test_without_the_rule_there_is_none():
    assert scores((0, 0), (2, 0), head='; [Crawford "Off"]') == [False, False]
    assert scores((0, 0), (2, 0), doubled=1) == [False, False]


def money_game(seed: int, jacoby: bool) -> mat.Match:
    """Return a money game without a double that ended as a gammon or better."""
    for s in range(seed, seed + 400):
        position = Position(backgammon, backgammon.start(jacoby=jacoby))
        random = np.random.default_rng(s)
        while not position.over:
            position.play(int(random.choice([m for m in position.legal() if m != DOUBLE])))
        loser = backgammon.checkers(position.state, 1 - int(position.state[backgammon.WINNER]))
        if not loser[0]:
            return mat.Match(("Ann", "Bob"), 0, [mat.from_position(position)])
    raise AssertionError("no gammon in 400 games")


@pytest.mark.parametrize("jacoby", [True, False])
def test_a_gammon_without_a_double_tells_whether_jacobys_rule_held(jacoby):
    match = money_game(1, jacoby)
    text = re.sub(r"; \[Jacoby.*", "", mat.write(match))
    assert ("Wins 1 point" in text) == jacoby
    (record,) = mat.read(text).records
    assert record.start["jacoby"] == jacoby


def test_the_tag_of_jacobys_rule_is_written_and_read():
    match = money_game(1, False)
    assert '; [Jacoby "Off"]' in mat.write(match)
    assert mat.read(mat.write(match)).records[0].start == match.records[0].start


# --- broken files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n", "line 1: it does not say what match it is"),
        ("hello\nworld\n", "line 2: it does not say what match it is"),
        (" 5 point match\n", "line 1: there is no game in it"),
        (game(head='; [Variation "Nackgammon"]'), "line 1: it is not backgammon but Nackgammon"),
        (" 5 point match\n Game 1\n  1) 31: 8/5 6/5\n", "line 3: game 1: the players' names and scores are missing"),
        (game(score=(5, 0)), "line 5: game 1: no game of a match to 5 begins at 5-0"),
        (game(length=99), "line 5: game 1: a match is 1 to 64 points long"),
        (
            game("  1) 31: 8/5 6/5", "  2) what is it"),
            "line 7: game 1: 'what is it' is neither a turn nor a result",
        ),
        (game("  1) 31: 8/5 6/5", "the end"), "line 7: game 1: 'the end' is neither a turn nor a result"),
        (game("  1) 31: 8/5 6/4"), "line 6: game 1: 6/4 cannot be played with 3-1"),
        (game("  1) 31: 8/5"), "line 6: game 1: 8/5 is too little: more of 3-1 can be played"),
        (game("  1) 71: 8/5 6/5"), "line 6: game 1: 71 are no dice"),
        (game("  1) 33: 8/5(2) 6/3(2)"), "line 6: game 1: 33 is a double: no game begins with it"),
        (game("  1)  Doubles => 2"), "line 6: game 1: no game begins with a double"),
        (game("  1) 31: 8/5 6/5", "  2) 31: 8/5 6/5"), "line 7: game 1: it is the right player's turn to roll"),
        (game("  1) 31: 8/5 6/5                  Takes"), "line 6: game 1: there is no double to answer"),
        (game("  1) 31: 8/5 6/5                  Doubles => 8"), "line 6: game 1: the cube is turned to 2, not to 8"),
        (
            game("  1) 31: 8/5 6/5                  Doubles => 2", "  2)  Beavers"),
            "line 7: game 1: the rules here have no beavers",
        ),
        (
            game("  1) 31: 8/5 6/5                  Doubles => 2", "  2) 61: 13/7 8/7"),
            "line 7: game 1: the double is not answered",
        ),
        (
            game("  1) 31:                      66: 24/18(2) 13/7(2)"),
            "line 6: game 1: 31 was rolled but not played",
        ),
        (
            game("  1) 31: 8/5 6/5                  Doubles => 2", "  2)  Drops", "      Wins 3 points"),
            "line 8: game 1: the game was won by 1 points, not 3",
        ),
        (
            game("  1) 31: 8/5 6/5                  Doubles => 2", "  2)  Drops", "  3) 61: 13/7 8/7"),
            "line 8: game 1: the game is over before this",
        ),
        (
            game("  1) 31: 8/5 6/5", "      Wins 1 point", "      Wins 2 points"),
            "line 8: game 1: the game has two results",
        ),
        (game("  1) 31: 8/5 6/5                  Doubles => 2", length=1), "line 6: game 1: double is not legal here"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_line(text, sentence):
    assert sentence in complaint(text)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (["  1) 31: 8/5 6/5                  66: 24/18(2) 13/6(2)"], ["31", "8/5", "6/5", "roll", "66"]),
        (["  1) 31: 8/5 6/5                  Doubles => 8"], ["31", "8/5", "6/5"]),
        (["  1) 31: 8/5 6/5", "  2) 31: 8/5 6/5"], ["31", "8/5", "6/5"]),
    ],
)
def test_a_game_is_kept_up_to_the_turn_that_cannot_be(rows, kept):
    text = game(*rows, "  3) 42: 8/4 6/4                  42: 8/4 6/4", "      Wins 2 points")
    assert played(text) == kept
    assert mat.read(text).records[0].result == "1+2R"
    assert complaint(text).startswith(f"line {5 + len(rows)}: game 1: ")


def test_a_missing_file_is_told_by_its_name(tmp_path):
    with pytest.raises(mat.MatError, match=r"nothing\.mat: it cannot be opened: No such file"):
        mat.read(tmp_path / "nothing.mat")


def test_the_file_is_named_with_the_line(tmp_path):
    path = tmp_path / "bad.mat"
    path.write_text(game("  1) 31: 8/5 6/4"))
    (error,) = mat.read(path).left_out
    assert str(error) == f"{path}, line 6: game 1: 6/4 cannot be played with 3-1"


def test_one_broken_game_does_not_cost_the_others():
    match = mat.read(USUAL.replace("24/14", "24/1"))
    assert [record.result for record in match.records] == ["2+2R", "2+2R"]
    assert [len(record.moves) for record in match.records] == [9, 9]
    assert [str(error) for error in match.left_out] == ["line 8: game 1: 24/1 cannot be played with 6-4"]


def test_damaged_files_never_raise_anything_else():
    random, complaints = np.random.default_rng(3), 0
    lines = USUAL.splitlines()
    for _ in range(300):
        damaged = lines.copy()
        at = int(random.integers(len(damaged)))
        line = damaged[at]
        cut = int(random.integers(len(line) + 1))
        noise = "".join(map(chr, random.integers(32, 127, int(random.integers(4)))))
        damaged[at] = line[:cut] + noise + line[cut + 1 :]
        try:
            complaints += len(mat.read("\n".join(damaged) + "\n").left_out)
        except mat.MatError:
            complaints += 1
    assert complaints > 100


# --- writing ----------------------------------------------------------------------------------------------


def test_a_match_is_written_in_the_usual_layout():
    expected = USUAL
    for other, usual in (("24/14", "24/18 18/14"), ("13/8 24/22", "24/22 13/8"), ("6/5 13/11", "13/11 6/5")):
        expected = expected.replace(other, usual)
    expected = expected.replace("13/7(2) 8/2       21", "13/7 13/7 8/2     21")
    expected = expected.replace("2) 65:\n" + " " * 8, "2) 65:")  # GNU Backgammon fills the empty place, too
    assert mat.write(mat.read(USUAL)) == expected


@pytest.mark.parametrize("seed", range(6))
def test_random_matches_are_read_back_as_they_were(seed):
    match = random_match(seed, length=seed, resigns=seed % 2 == 1)
    back = mat.read(mat.write(match))
    assert meaning(back) == meaning(match)
    assert mat.read(mat.write(back)) == back


def test_the_end_of_a_match_is_said():
    assert sum("and the match" in mat.write(random_match(seed, 1)) for seed in range(3)) == 3


def test_a_game_broken_off_in_the_middle_of_a_turn_is_written_up_to_the_roll():
    position = Position(backgammon, backgammon.start(3))
    position.play(backgammon.roll_move(3, 1, FIRST))
    position.play(backgammon.checker_move(8, 3))
    match = mat.read(mat.write(mat.Match(("", ""), 3, [mat.from_position(position)])))
    assert match.records[0].moves == [backgammon.roll_move(3, 1, FIRST)]
    assert match.records[0].result == ""


def test_a_cubeless_match_says_so():
    position = Position(backgammon, backgammon.start(3, cube=False))
    match = mat.Match(("Ann", "Bob"), 3, [mat.from_position(position)])
    assert mat.read(mat.write(match)).records[0].start["cube"] is False


def test_only_games_from_the_opening_roll_can_be_written():
    position = Position(backgammon, backgammon.set_up([0] * 6 + [15] + [0] * 19, [0] * 6 + [15] + [0] * 19))
    with pytest.raises(ValueError, match="only games from the opening roll on"):
        mat.from_position(position)


def test_names_cannot_break_the_file():
    match = random_match(1, 1)
    match.players = ('a : 3\n"', "")
    match.info = {"Event": 'two\nlines "quoted"'}
    back = mat.read(mat.write(match))
    assert (back.players, back.info) == (("a  3", ""), {"Event": "twolines quoted"})
    assert [record.result for record in back.records] == [record.result for record in match.records]


# --- against GNU Backgammon -------------------------------------------------------------------------------

QUIET = """set confirm new off
set confirm save off
set display off
set delay 0
set output board off
set threads 1
set automatic roll on
set automatic game on
"""


def gnubg(folder, *commands: str) -> None:
    """Let GNU Backgammon obey, in a folder that also holds its settings."""
    subprocess.run(
        [GNUBG, "-t", "-q", "-r"],
        input=QUIET + "\n".join(commands) + "\n",
        cwd=folder,
        env=os.environ | {"HOME": str(folder), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )


def bare(text: str) -> list[str]:
    """Return the lines of a file that hold games, free of what programs add each in its own way."""
    kept = (line.replace(" and the match", "").rstrip() for line in text.splitlines())
    return [line for line in kept if line and not line.startswith(";")]


@needs_gnubg
def test_gnu_backgammon_imports_our_matches_and_exports_them_unchanged(tmp_path):
    matches = [random_match(seed, length=seed % 6, resigns=seed % 3 == 2) for seed in range(12)]
    commands = []
    for k, match in enumerate(matches):
        (tmp_path / f"ours{k}.mat").write_text(mat.write(match))
        commands += [f"import mat ours{k}.mat", f"export match mat theirs{k}.mat"]
    gnubg(tmp_path, *commands)
    for k, match in enumerate(matches):
        theirs = (tmp_path / f"theirs{k}.mat").read_text()
        assert bare(theirs) == bare(mat.write(match)), k
        assert meaning(mat.read(theirs))[2] == meaning(match)[2], k


def check_session(text: str) -> None:
    session = mat.read(text)
    assert (session.length, len(session.records)) == (0, 3)
    written = mat.write(session)
    names = [line for line in bare(written) if line.startswith(" gnubg :")]
    assert names == [line for line in bare(text) if line.startswith(" gnubg :")], "the running score"
    assert mat.read(written).records == session.records


MATCHES = 9
FAST = ("chequerplay evaluation plies 0", "cubedecision evaluation plies 0")


@needs_gnubg
def test_matches_that_gnu_backgammon_played_are_read_and_rewritten(tmp_path):
    players = [f"set player {p} {what}" for p in (0, 1) for what in ("gnubg", *FAST)]
    commands = ["set seed 5", *players]
    for k in range(MATCHES):
        commands += [f"new match {1 + k % 3}", f"export match mat {k}.mat"]
    commands += ["set automatic game off", "new session", "new game", "new game", "export match mat session.mat"]
    gnubg(tmp_path, *commands)
    check_session((tmp_path / "session.mat").read_text())
    matches = [mat.read(tmp_path / f"{k}.mat") for k in range(MATCHES)]
    assert sum(len(match.records) for match in matches) > MATCHES
    assert any(DROP in record.moves for match in matches for record in match.records)
    for match in matches:
        last = match.records[-1]
        points = int(re.search(r"\+(\d+)", last.result)[1])
        winner = int(last.result[0]) - 1
        assert last.start["score"][winner] + points >= match.length, "the last game decides the match"
        assert meaning(mat.read(mat.write(match))) == meaning(match)
        finished = [mat.position(record).state[backgammon.TURN] == NOBODY for record in match.records]
        assert finished == [not record.result.endswith("R") for record in match.records]
    (tmp_path / "again.mat").write_text(mat.write(matches[0]))
    gnubg(tmp_path, "import mat again.mat", "export match mat back.mat")
    assert meaning(mat.read(tmp_path / "back.mat")) == meaning(matches[0])
