"""Reviews of Go: values and losses by hand-made analyses, a real blunder, and what is written into the SGF."""

import json
from types import SimpleNamespace

import pytest

from engine.clock import Limit
from engine.go.review import ReviewedMove, accuracy, review_go, reviewed_moves, worst
from engine.go.review_report import annotated, as_json, summary
from engine.go.review_sgf import annotate
from engine.players import Analysis, Line
from engine.spec import PlayerSpec, make
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import sgf

PASS = 25
ANY = Limit(visits=1)


class Oracle:
    """A player that thinks what it is told: a best move and its value for each position in turn."""

    def __init__(self, *thoughts: tuple[int, float]):
        self.thoughts, self.asked = list(thoughts), []

    def think(self, position: Position, limit: Limit) -> Analysis:
        self.asked.append(position)
        move, value = self.thoughts[len(self.asked) - 1]
        return Analysis(100, 0.0, 0.1, [Line(move, 60, value, 0.5, [move, PASS]), Line(24, 40, 0.0, 0.1, [24])])


def game(*moves: int, movers: tuple[int, ...] = ()) -> Position:
    position = Position(go, go.start(5))
    for k, move in enumerate(moves):
        position.play(move, movers[k] if movers else None)
    return position


# --- values -----------------------------------------------------------------------------------------------


def test_what_a_move_loses_is_seen_by_who_made_it():
    oracle = Oracle((12, 0.2), (7, -0.2), (8, 0.3))
    one, other = review_go(game(6, 18), oracle, ANY)
    assert (one.number, one.mover, one.move, one.best) == (1, FIRST, 6, 12)
    assert (one.before, one.after, one.loss) == (0.2, -0.2, pytest.approx(0.4))
    assert (other.mover, other.before, other.after, other.loss) == (SECOND, -0.2, 0.3, pytest.approx(0.5))
    assert (one.variation, one.visits, one.grade, other.grade) == ((12, PASS), 100, "blunder", "blunder")


def test_nothing_is_lost_where_the_search_knows_nothing_better_or_thinks_more_of_it_later():
    best, lucky = review_go(game(12, 18), Oracle((12, 0.5), (7, 0.1), (0, -0.4)), ANY)
    assert (best.after, best.loss, best.grade) == (0.1, 0, "")
    assert (lucky.after, lucky.loss) == (-0.4, 0)


@pytest.mark.parametrize(
    ("lost", "name"), [(0.098, ""), (0.102, "inaccuracy"), (0.21, "mistake"), (0.39, "mistake"), (0.41, "blunder")]
)
def test_grades_are_shares_of_the_chance_to_win(lost, name):
    (move,) = review_go(game(6), Oracle((12, 0.5), (7, 0.5 - lost)), ANY)
    assert move.grade == name


def test_passes_that_end_a_game_are_no_moves():
    assert [reviewed_moves(game(*moves)) for moves in [(6, PASS, PASS), (6, PASS, 7, PASS), (PASS, PASS), ()]] == [
        *(1, 3, 0, 0)
    ]
    oracle = Oracle((12, 0.2), (7, -0.2))
    assert len(list(review_go(game(6, PASS, PASS), oracle, ANY))) == 1
    assert [len(position.moves) for position in oracle.asked] == [0, 1]
    assert list(review_go(game(PASS, PASS), Oracle(), ANY)) == []


def test_who_moves_twice_is_asked_both_times():
    oracle = Oracle((12, 0.0), (12, 0.0), (12, 0.0))
    moves = list(review_go(game(6, 7, movers=(FIRST, FIRST)), oracle, ANY))
    assert [move.mover for move in moves] == [FIRST, FIRST]
    assert [position.turn for position in oracle.asked] == [FIRST, FIRST, SECOND]
    assert oracle.asked[1].keys[-1] == go.key(oracle.asked[1].state)


def test_a_review_tells_how_far_it_is_and_can_be_stopped():
    told = []
    moves = list(review_go(game(6, 18), Oracle(*[(12, 0.0)] * 3), ANY, lambda *far: told.append(far)))
    assert (len(moves), told) == (2, [(1, 3), (2, 3), (3, 3)])
    oracle = Oracle(*[(12, 0.0)] * 3)
    stopped = review_go(game(6, 18), oracle, ANY, stop=lambda: len(oracle.asked) == 3)
    assert [move.number for move in stopped] == [1]


# --- sums -------------------------------------------------------------------------------------------------


def judged(number: int, mover: int, loss: float, best: int = 1) -> ReviewedMove:
    return ReviewedMove(number, mover, 2, 0.0, 0.0, loss, best, (best,), 10)


MOVES = [judged(1, FIRST, 0.5), judged(2, SECOND, 0.0, 2), judged(3, FIRST, 0.1), judged(4, SECOND, 0.3)]


def test_the_moves_of_a_side_add_up():
    first, second = (accuracy(MOVES, side) for side in (FIRST, SECOND))
    assert (first.moves, first.best, first.mean_loss) == (2, 0, pytest.approx(0.15))
    assert (first.inaccuracies, first.mistakes, first.blunders) == (1, 0, 1)
    assert (second.moves, second.best, second.mean_loss, second.mistakes) == (2, 1, pytest.approx(0.075), 1)
    assert accuracy([], FIRST).mean_loss == 0


def test_the_worst_moves_come_first_and_good_ones_not_at_all():
    assert [move.number for move in worst(MOVES)] == [1, 4, 3]
    assert [move.number for move in worst(MOVES, 1)] == [1]


# --- a real game ------------------------------------------------------------------------------------------

ATARI = """
b X X O O
X X X O O
X X a O O
X X X O O
X X X O O
"""
"""Black to play takes everything at a; or he fills his own eye at b, and then White does."""


@pytest.fixture(scope="module")
def blunder():
    """Return the record of a game in which Black fills his eye instead of taking all stones, and its review."""
    state, points = go_board.parse(ATARI, komi=0.5, to_play=FIRST)
    record = sgf.from_position(Position(go, state), players=("Ann", "Bob"))
    record.moves, record.turns = [points["b"][0], points["a"][0]], [FIRST, SECOND]
    record.comments = {1: "Hm.", 2: "Saved."}
    limit = Limit(visits=3000)
    player = make(PlayerSpec(model="rollouts", visits=3000), go)
    return record, list(review_go(sgf.position(record), player, limit)), points


def test_the_eye_that_was_filled_is_a_blunder(blunder):
    record, (missed, saved), points = blunder
    assert missed.best == points["a"][0] == missed.variation[0]
    assert missed.grade == "blunder"
    assert missed.before - missed.after == pytest.approx(missed.loss)
    assert (saved.best, saved.loss) == (points["a"][0], 0)


def test_a_review_is_told_as_a_table_and_as_json(blunder):
    record, moves, _ = blunder
    told = summary(record, moves)
    assert "Ann" in told
    assert "blunder" in told
    assert len(annotated(record, moves).splitlines()) > len(told.splitlines())
    found = json.loads(json.dumps(as_json(record, moves, 3)))
    assert (found["complete"], found["mistakes"], found["summary"]["black"]["blunders"]) == (False, [1], 1)
    assert (found["moves"][0]["move"], found["moves"][0]["best"]) == ("A5", "C3")
    assert found["moves"][0]["variation"][0] == "C3"
    assert found["moves"][0]["value_before"] > found["moves"][0]["value_after"]


# --- into the SGF -----------------------------------------------------------------------------------------


def written(document: sgf.Document) -> str:
    return document.games[0].serialise(wrap=None).decode()


def test_comments_and_better_lines_go_into_the_sgf_and_what_was_there_stays(blunder):
    record, moves, points = blunder
    document = sgf.Document.of(record)
    annotate(document.games[0], moves, 5)
    again = document.record()
    assert (again.moves, again.start) == (record.moves, record.start)
    assert again.comments[1].startswith("Hm.\n\nYomi: Black ")
    assert again.comments[2].startswith("Saved.\n\nYomi: Black ")
    assert "Better: C3" in again.comments[1]
    played, better = document.games[0].root[0], document.games[0].root[1]
    assert better.get_move() == ("b", (2, 2))
    assert "better: Black" in better.get("C")
    assert played.get("C") == again.comments[1]


def test_a_second_review_replaces_the_first(blunder):
    record, moves, _ = blunder
    document = sgf.Document.of(record)
    annotate(document.games[0], moves, 5)
    once = written(document)
    annotate(document.games[0], moves, 5)
    assert written(document) == once


def test_variations_of_the_file_are_kept_and_joined():
    tree = sgf.Document.of(sgf.Record("go", {"size": 5}, [6, 18]))
    side = sgf.play(tree.games[0].root, 12, FIRST)
    sgf.set_comment(side, "a line of my own")
    sgf.play(side, 13, SECOND)
    moves = list(review_go(game(6, 18), Oracle((12, 0.5), (18, -0.5), (0, -0.5)), ANY))
    annotate(tree.games[0], moves, 5)
    side = tree.games[0].root[1]
    assert len(tree.games[0].root) == 2
    assert side.get("C").startswith("a line of my own\n\nYomi: better")
    assert [child.get_move()[1] for child in side] == [(2, 3), None]


def test_a_pass_is_written_as_one():
    record = SimpleNamespace(start={"size": 5}, players=("", ""))
    moves = list(review_go(game(6, 18), Oracle((PASS, 0.5), (18, -0.5), (0, -0.5)), ANY))
    assert "pass pass" in annotated(record, moves)
