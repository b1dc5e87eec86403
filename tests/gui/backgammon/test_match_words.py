"""The sentence of a match: what each side lost by its kind of decision, and what the dice gave."""

from types import SimpleNamespace

from engine.backgammon.review import ReviewedCube, ReviewedPlay
from games import backgammon as bg
from games.backgammon.board import start
from games.game import FIRST, SECOND
from gui.backgammon.match_words import errors_by_kind, kind_of, match_sentence


def play(mover, error, luck=0.0):
    return ReviewedPlay(0, 1, mover, (3, 1), luck, luck, start(0), (), (), 0.0, error, 2, 1, ())


def cube(mover, error, offered):
    state = start(0)
    state[bg.OFFERED] = offered
    return ReviewedCube(0, 1, mover, state, bg.ROLL, bg.DOUBLE, error, True, None)


FOUND = [play(FIRST, 0.25, -0.5), play(FIRST, 0.01), cube(FIRST, 0.1, 0), cube(SECOND, 0.5, 1), play(SECOND, 0.0, 0.75)]


def test_errors_have_a_kind():
    assert [kind_of(each) for each in FOUND] == ["checker play"] * 2 + ["doubling", "taking", "checker play"]
    table = errors_by_kind(FOUND, FIRST)
    assert {kind: (count, round(lost, 3)) for kind, (count, lost) in table.items()} == {
        "checker play": (1, 0.26), "doubling": (1, 0.1), "taking": (0, 0.0),
    }  # fmt: skip


def test_the_sentence_names_what_was_lost_and_what_the_dice_gave():
    nodes = [object() for _ in FOUND]
    judged = dict(zip(nodes, FOUND, strict=True))
    match = SimpleNamespace(
        engine=SimpleNamespace(judged=judged), history=SimpleNamespace(line=nodes), names=("You", "Yomi")
    )
    assert match_sentence(match) == (
        "You lost 0.26 by checker play, 0.10 by doubling; the dice gave -0.50.  "
        "Yomi lost 0.50 by taking; the dice gave +0.75."
    )
    match.engine.judged = {}
    assert match_sentence(match) == ""
