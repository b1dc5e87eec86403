"""What a session goes on from: matches in files and as text, IDs in whatever they are printed."""

import pytest

from games.backgammon import gnubg_id, mat
from games.backgammon.dice import SeededDice
from games.game import FIRST, SECOND
from gui.backgammon.book import resume
from gui.backgammon.match import MatchSession
from gui.terminal import DirectThinker

GAME = [
    "  1) 31: 8/5 6/5                  42: 8/4 6/4",
    "  2)  Doubles => 2                Drops",
    "      Wins 1 point",
]
IDS = "Position ID: 4HPwATDgc/ABMA\nMatch ID: cIkKAAAAAAAE\n"


def match(*games: list[str], length: int = 5, scores: tuple[int, ...] = (0, 1, 2)) -> str:
    lines = [f" {length} point match", ""]
    for number, (rows, score) in enumerate(zip(games, scores, strict=False), 1):
        lines += [f" Game {number}", f" {f'Ann : {score}':<31}Bob : 0", *rows, ""]
    return "\n".join(lines)


def opened(text: str) -> MatchSession:
    return MatchSession(resume(text, SeededDice(1)), lambda: None, {FIRST, SECOND}, thinker=DirectThinker())


def test_one_strange_line_costs_no_game():
    session = opened(match(GAME, [GAME[0], "  2) Bob left the table", GAME[2]], GAME))
    assert [record.result for record in session.book.earlier] == ["1+1", "1+1R", "1+1"]
    assert (session.book.game, session.points) == (3, (3, 0))
    assert session.status == "line 12: game 2: 'Bob left the table' is neither a turn nor a result"
    assert session.alarm


def test_a_match_that_a_resignation_ended_is_over():
    taken = [GAME[0], "  2)  Doubles => 2                Takes", "  3) 61: 13/7 8/7"]
    book = opened(match([*taken, "      Wins 3 points and the match"], scores=(2,)))
    assert (book.match_over, book.book.record(book.position, book.resigned).result) == (True, "1+3R")


def test_a_match_given_up_before_a_play_is_over():
    book = opened(match(["  1)", "   Wins 5 points and the match"]))
    assert (book.match_over, book.book.record(book.position, book.resigned).result) == (True, "1+5R")


def test_a_stated_result_is_saved_as_it_was(tmp_path):
    taken = [GAME[0], "  2)  Doubles => 2                Takes", "  3) 61: 13/7 8/7"]
    book = opened(match([*taken, "      Wins 3 points and the match"], scores=(2,)))
    book.records.save(str(tmp_path / "match.mat"))
    assert mat.read(tmp_path / "match.mat").records[0].result == "1+3R"


def test_a_file_or_a_text_may_hold_an_id(tmp_path):
    (tmp_path / "position.txt").write_text(IDS)
    expected = gnubg_id.from_id("4HPwATDgc/ABMA:cIkKAAAAAAAE")
    for text in (IDS, " ".join(IDS.split("\n")), str(tmp_path / "position.txt")):
        assert (opened(text).state == expected).all()


@pytest.mark.parametrize("text", ["nonsense", "x" * 5000, "a\x00b", "two\nlines", "no such file.mat", ""])
def test_what_is_none_of_these_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"14 letters|does not say what match|cannot be opened") as refused:
        opened(text)
    assert "\n" not in str(refused.value)
