"""Matches as servers, programs and people write them: dialects, remarks, words at the end, points that cannot be."""

import time
from contextlib import suppress

import numpy as np
import pytest

from games import backgammon
from games.backgammon import mat
from games.backgammon.board import counted_score, given_up, match_over
from tests.measures import fuzz_mat

OPENING = "  1) 31: 8/5 6/5                  "


def match(*games: tuple[str, tuple[int, int], list[str]], length: int = 5, head: str = "") -> str:
    """Return a file of games: who is ahead, and the rows of each."""
    lines = [head, f"{length} point match", ""]
    for number, (names, score, rows) in enumerate(games, 1):
        left, right = names.split("/")
        lines += [f" Game {number}", f" {f'{left} : {score[0]}':<31}{right} : {score[1]}", *rows, ""]
    return "\n".join(lines)


def one(*rows: str, score: tuple[int, int] = (0, 0), length: int = 5) -> mat.Match:
    """Read a match of one game."""
    return mat.read(match(("Ann/Bob", score, list(rows)), length=length))


def moves(found: mat.Match, game: int = 0) -> str:
    """Return the moves of a game in a line."""
    record = found.records[game]
    states = mat.position(record).states
    return " ".join(backgammon.notation(state, move) for state, move in zip(states, record.moves, strict=False))


def said(found: mat.Match) -> list[str]:
    return [error.sentence for error in found.left_out]


DROPPED = [f"{OPENING}42: 8/4 6/4", "  2)  Doubles => 2                Drops", "      Wins 1 point"]


# --- results ----------------------------------------------------------------------------------------------


def test_a_line_says_who_lost_and_who_won():
    row = "  2)  Losses 2 point" + " " * 44 + "Wins 2 point"
    found = mat.read(match(("Ann/Bob", (0, 0), DROPPED), ("Ann/Bob", (1, 0), [DROPPED[0], row])))
    assert [record.result for record in found.records] == ["1+1", "2+2R"]
    assert said(found) == []


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        ([DROPPED[0], "  2) Loses 1 point"], "2+1R"),
        ([DROPPED[0], "  2)                             Losses 2 points"], "1+2R"),
        ([DROPPED[0], " Losses 1 point", "", "      Wins 1 point and the match"], "1+1R"),
        ([f"{OPENING}42: 8/4 6/4  2)  Losses 2 point                           Wins 2 point"], "2+2R"),
        ([DROPPED[0], "  2) 61: 13/7 8/7                 Resigns", "      Won 1 pt."], "1+1R"),
        ([DROPPED[0], "  2) 61: 13/7 8/7                 Resigns a gammon"], "1+2R"),
        ([DROPPED[0], "  2) 61: 13/7 8/7                 Resigns the match"], "1+5R"),
    ],
)
def test_results_have_many_words(rows, result):
    found = one(*rows)
    assert (found.records[0].result, said(found)[1:]) == (result, [])


@pytest.mark.parametrize("word", ["Resigns", "resigned game", "Gives up", "Retires", "Concedes", "Surrenders"])
def test_words_of_giving_up_end_a_game(word):
    found = one(DROPPED[0], f"  2) 61: 13/7 8/7                 {word}")
    assert (moves(found)[-10:], found.records[0].result, said(found)) == ("1 13/7 8/7", "1+1R", [])


@pytest.mark.parametrize("word", ["Timeout", "Abandon", "Disconnected", "Bob left the table", "He doubles too late"])
def test_other_words_at_the_end_cost_neither_moves_nor_result(word):
    found = one(DROPPED[0], f"  2) 61: 13/7 8/7                 {word}", "      Wins 1 point")
    assert (moves(found)[-10:], found.records[0].result) == ("1 13/7 8/7", "1+1R")
    assert said(found) == [f"game 1: {word!r} is neither a turn nor a result"]


def test_one_strange_line_costs_nothing_but_itself():
    strange = [DROPPED[0], "  2) Bob left the table", "      Wins 1 point"]
    games = [("Ann/Bob", (number, 0), strange if number == 1 else DROPPED) for number in range(3)]
    found = mat.read(match(*games))
    assert [record.result for record in found.records] == ["1+1", "1+1R", "1+1"]
    assert [str(error) for error in found.left_out] == [
        "line 13: game 2: 'Bob left the table' is neither a turn nor a result"
    ]


def test_points_that_no_game_wins_are_not_believed():
    found = one(DROPPED[0], "  2) 21: ????                      Wins 4016 point", length=13)
    assert (found.records[0].result, moves(found)[-7:]) == ("", "roll 21")
    assert said(found) == ["game 1: with the cube at 1 no game wins 4016 points (at most 3)"]
    last = one(DROPPED[0], "      Wins 4016 points", score=(12, 3), length=13)
    assert (last.records[0].result, len(last.left_out)) == ("1+1R", 1)


def test_points_are_one_to_three_times_the_cube():
    taken = [DROPPED[0], "  2)  Doubles => 2                Takes"]
    files = {points: one(*taken, f"      Wins {points} points", length=21) for points in range(1, 9)}
    assert [points for points, found in files.items() if found.records[0].result == f"1+{points}R"] == [2, 4, 6]
    assert all(found.left_out for points, found in files.items() if points not in (2, 4, 6))


def test_a_match_may_count_no_more_points_than_it_needs():
    taken = [DROPPED[0], "  2)  Doubles => 2                Takes", "  3) 61: 13/7 8/7"]
    found = one(*taken, "      Wins 3 points and the match", score=(2, 0))
    assert (found.records[0].result, said(found)) == ("1+3R", [])
    ended = given_up(mat.position(found.records[0]).state, 1, 2)
    assert (match_over(ended), counted_score(ended)) == (True, (5, 0))


def test_a_match_given_up_before_a_play_is_over():
    found = one("  1)", "   Wins 5 points and the match")
    assert (found.records[0].moves, found.records[0].result, said(found)) == ([], "1+5R", [])
    ended = given_up(mat.position(found.records[0]).state, 1, 5)
    assert (match_over(ended), counted_score(ended)) == (True, (5, 0))
    with pytest.raises(ValueError, match="given up as 1"):
        given_up(mat.position(found.records[0]).state, 1, 6)


# --- plays ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("42: 8/4 6/4 !", "!"),
        ("42: 8/4 6/4 {blunder}", "blunder"),
        ("42: 8/4 6/4 (forced)", "forced"),
        ("42: 8/4 6/4 [best]", "best"),
        ("42: 8/4 6/4 ; comment", "comment"),
        ("42: 8/4 6/4 ; he doubles 13/9 too late", "he doubles too late"),
        ("42: 8/4 6/4 (should double) ??", "??"),
        ("42: 8-4, 6-4", ""),
        ("42: 6/4;8/4", ""),
        ("42:8/4 6/4", ""),
        ("42 : 8/4 6/4", ""),
        ("4-2: 8/4 6/4", ""),
        ("42 8/4 6/4", ""),
        ("42: 8/4* 6/4*", ""),
        ("24: 6/4 8/4*", ""),
    ],
)
def test_a_play_is_read_whatever_stands_beside_it(text, remark):
    found = one(f"{OPENING}{text}", "  2) 61: 13/7 8/7")
    assert set(moves(found).split()[4:7]) == {"42", "8/4", "6/4"}
    assert moves(found).endswith("61 13/7 8/7")
    assert (remark in said(found)[0]) if remark else not found.left_out


@pytest.mark.parametrize(
    "text", ["24/18(2) 13/7(2)", "24/18 (2) 13/7 (2)", "24/18x2 13/7x2", "24/18² 13/7²", "24-18 24-18 13-7 13-7"]
)
def test_equal_moves_may_be_counted_in_many_ways(text):
    found = one(f"{OPENING}66: {text}")
    assert (sorted(moves(found).split()[5:]), said(found)) == (["13/7"] * 2 + ["24/18"] * 2, [])


@pytest.mark.parametrize("text", ["13/6", "13/9/6", "13/9-6", "13/9 9/6", "9/6 13/9", "13/10/6"])
def test_the_steps_of_one_checker_may_be_joined(text):
    found = one("  1) 52: 13/8 24/22               43: " + text)
    assert (moves(found).split()[4][:2], said(found)) == ("43", [])
    board = mat.position(found.records[0]).state[backgammon.rules.SIDE :]
    assert (board[13], board[6]) == (4, 6)


def test_a_play_that_is_too_little_is_not_guessed():
    found = one(f"{OPENING}66: 24/18²")
    assert moves(found).endswith("roll 66")
    assert said(found) == ["game 1: 24/18(2) is too little: more of 6-6-6-6 can be played"]


# --- heads ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["5 point match", " 5 Points Match", "5-point match", "Match to 5", "5 pts match"])
def test_the_length_of_a_match_has_many_spellings(head):
    text = match(("Ann/Bob", (0, 0), DROPPED)).replace("5 point match", head)
    assert mat.read(text).length == 5


@pytest.mark.parametrize("head", [" Game 1", "Game 1:", "game #1", " Game 1 (Crawford)"])
def test_the_head_of_a_game_has_many_spellings(head):
    assert len(mat.read(match(("Ann/Bob", (0, 0), DROPPED)).replace(" Game 1", head)).records) == 1


@pytest.mark.parametrize("names", ["Ann,1635/Bob,1749", "Ann Lee/Bo Ray", "a: b (12)/c:d", "Ann 3/5 Bob"])
def test_names_may_hold_nearly_everything(names):
    left, right = names.split("/")
    assert mat.read(match((names, (0, 0), DROPPED))).players == (left, right)


def test_a_second_match_in_the_file_is_left_out():
    text = match(("Ann/Bob", (0, 0), DROPPED), ("Ann/Bob", (1, 0), DROPPED))
    found = mat.read(text + match(("Cid/Dan", (0, 0), DROPPED), length=3))
    assert (len(found.records), found.length) == (2, 5)
    assert said(found) == ["another match begins here; it is left out"]


def test_a_game_without_names_costs_only_itself():
    text = match(("Ann/Bob", (0, 0), DROPPED), ("Ann/Bob", (1, 0), DROPPED)).replace(" Ann : 1", " Ann   ")
    found = mat.read(text)
    assert (len(found.records), len(found.left_out)) == (1, 1)
    assert said(found)[0].startswith("game 2: the players' names and scores are missing")


def test_utf_16_and_windows_letters(tmp_path):
    text, path = match(("Zoë/Ondřej", (0, 0), DROPPED)), tmp_path / "match.mat"
    for encoding in ("utf-16", "utf-8"):
        path.write_bytes(text.encode(encoding))
        assert mat.read(path).players == ("Zoë", "Ondřej")
    path.write_bytes(match(("Zoë/J – €", (0, 0), DROPPED)).encode("cp1252"))
    assert mat.read(path).players == ("Zoë", "J – €")


def test_a_file_larger_than_any_match_is_refused(tmp_path):
    path = tmp_path / "huge.mat"
    with path.open("wb") as file:
        file.truncate(1 << 23)
    with pytest.raises(mat.MatError, match=r"huge\.mat: it is larger than any match"):
        mat.read(path)


# --- time -------------------------------------------------------------------------------------------------

LONG = 40_000


@pytest.mark.parametrize(
    "line",
    [
        " " * LONG + ":" + " " * LONG,
        "; [" + " " * LONG,
        "; [" + "a " * LONG + '"',
        "a : 1 " * LONG,
        ": " * LONG,
        "Game 1" + " " * LONG + "x",
        "5 point" + " " * LONG + "match",
        "1) wins 2" + " " * LONG + "x",
        "1) doubles" + " " * LONG + "x",
        "1) 31: " + "8/5 " * LONG,
        "1) 31: 8" + "/1" * LONG,
        "1) 31: 1" + "/11" * LONG,
        "1) 31: 8/5" + " *" * LONG,
        "1) 31: 8/5" + " " * LONG + "*x",
        "1)" + " 31:" * LONG,
        "1)" + " doubles" * LONG,
        "1) " + "(" * LONG,
        "1) " + "()[]{" * LONG,
        "1) resigns" + " a gammon" * LONG,
        "1) wins " + "9" * LONG,
        "9" * LONG + ")",
        "\t" * LONG,
    ],
    ids=lambda line: line[:12] + "...",
)
@pytest.mark.parametrize("names", [" Ann : 0     Bob : 0\n", ""])
def test_no_line_takes_more_than_its_length(line, names):
    began = time.process_time()
    with suppress(mat.MatError):
        mat.read(f" 5 point match\n Game 1\n{names}{line}\n")
    assert time.process_time() - began < 2


def test_damaged_matches_are_read_or_refused_at_once():
    outcomes = [fuzz_mat.check(fuzz_mat.damaged(np.random.default_rng((14, number)))) for number in range(200)]
    assert {"read", "in part", "refused"} == set(outcomes)


def test_a_play_that_is_not_written_is_played_where_it_is_the_only_one():
    hit_twice = "  1) 31: 24/23 8/5                41: 6/2*/1*"
    found = one(hit_twice, "  2) 52:                          21: 13/11 6/5", "      Wins 1 point")
    assert "roll 52 25/20 25/23 roll 21" in moves(found).replace("bar", "25"), moves(found)
    assert said(found) == []
    assert found.records[0].result == "1+1R"
