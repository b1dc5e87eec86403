"""A review that teaches: both moves of a mistake, finding the better one, warnings, the record. No window is open."""

import pytest

from engine import levels
from engine.players import Analysis, Line
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import sgf
from gui import messages as say
from gui import review_messages as ask
from gui.engine_work import warns_from
from gui.go.session import GoSession
from gui.lesson import lesson_at
from gui.opponent import Opponent

SIZE = 5


def point(name):
    return go_board.move(name, SIZE)


def thought(value, *lines):
    """An analysis by its value and its lines: names of moves, the first of them with its own value."""
    found = [Line(point(names[0]), 50, worth, 0.5, [point(name) for name in names]) for worth, *names in lines]
    return Analysis(100, value, 0.1, found, 100)


class Teacher:
    """Knows what each position is worth by its number of moves."""

    name, fallback, thought = "teacher", "", None

    def __init__(self, analyses):
        self.analyses = analyses

    @property
    def searcher(self):
        return self

    def think(self, position, limit, report=None, every=0.5):
        return self.analyses[len(position.moves)]

    def choose(self, position, clock=None, report=None, every=0.5):
        return int(position.legal()[0])

    def stop(self):
        pass


BEFORE = thought(0.4, (0.4, "C3", "D4"), (0.3, "B2"), (-0.4, "A1", "C3"))
AFTER = thought(-0.4, (-0.4, "C3", "D3"))


@pytest.fixture
def session():
    teacher = Teacher([BEFORE, AFTER])
    made = GoSession(Position(go, go_board.setup(SIZE, 7, "chinese")), lambda: teacher, {FIRST, SECOND})
    made.engine.teacher = lambda position: teacher
    yield made
    made.engine.close()


def reviewed(session):
    session.play((point("A1"),))
    session.history.line[0].learn(BEFORE)
    session.history.line[1].learn(AFTER)
    return session


def test_a_lesson_has_both_moves_their_continuations_and_what_they_lead_to(session):
    lesson = lesson_at(reviewed(session).history.line, 0)
    assert lesson.played == (point("A1"), point("C3"))
    assert lesson.better == (point("C3"), point("D4"))
    assert (lesson.played_value, lesson.better_value) == (-0.4, 0.4)
    assert lesson_at(session.history.line, 1) is None  # nothing was played there


@pytest.mark.parametrize(
    ("tried", "told", "hidden"),
    [("C3", "Right", False), ("B2", "loses 5 % against the best, and is better than", True),
     ("E5", "not at that one", True),
     ("A1", "loses 40 % against the best, and is no better than", True)],
)  # fmt: skip
def test_the_better_move_is_found_on_the_board_without_changing_the_game(session, tried, told, hidden):
    reviewed(session)
    session.handle(ask.ShowLesson(0, hidden=True))
    assert (session.ply, session.lesson.hidden) == (0, True)
    session.handle(say.Play(point(tried)))
    assert told in session.status
    assert (session.ply, session.history.last, session.lesson.hidden) == (0, 1, hidden)
    session.handle(ask.RevealLesson())
    session.handle(say.Play(point("C3")))
    assert session.ply == 1  # the lesson is over: it is a move again


def test_a_review_is_kept_in_the_record_once(session, tmp_path):
    reviewed(session)
    for _ in range(2):
        session.handle(ask.KeepReview())
    (tmp_path / "kept.sgf").write_bytes(session.records.written())
    root = sgf.Document.open(tmp_path / "kept.sgf").games[0].root
    played, better = root
    assert played.get("C").count("A1 loses 40 %; better is C3 (C3 D4)") == 1
    assert better.get("B") == (2, 2)
    assert "70 % to win" in better.get("C")
    assert better[0].get("W") == (3, 3)


@pytest.mark.parametrize(("on", "after", "warned"), [(True, AFTER, True), (False, AFTER, False),
                                                     (True, thought(0.35, (0.35, "C3")), False)])  # fmt: skip
def test_a_blunder_is_warned_of_before_the_engine_answers(session, on, after, warned):
    session.people = {FIRST}
    session.engine.make_player().analyses[1] = after
    if on:
        session.handle(ask.ToggleWarning())
    session.handle(say.Play(point("A1")))
    for _ in range(2000):
        session.poll()
        if session.halted or session.ply > 1:
            break
        session.engine.thinker.thread.join(0.005)
    assert (session.halted, session.ply) == (warned, 1 if warned else 2)
    assert ("That loses 40 %" in session.status) == warned
    if warned:
        session.handle(say.Undo())
        assert session.ply == 0


def test_the_stronger_the_level_the_smaller_the_loss_that_is_warned_of(session):
    """A beginner is warned of blunders (20 %), who plays the strongest level of inaccuracies (5 %) too."""
    ladder = levels.levels("go")
    least = []
    for level in (ladder[0], ladder[len(ladder) // 2], ladder[-1], None):
        session.engine.patience = Opponent(level=level).patience
        least.append(warns_from(session.engine))
        teacher = session.engine.make_player()
        for loss, warned in ((least[-1] - 0.01, False), (least[-1] + 0.01, True)):
            teacher.analyses[1] = thought(0.4 - loss, (0.4 - loss, "C3"))
            position = Position(go, go_board.setup(SIZE, 7, "chinese"))
            assert bool(session.engine.blunder(position, (point("A1"),))[1]) == warned
    assert least[0] == pytest.approx(0.4)
    assert least[2] == pytest.approx(0.1)
    assert least[0] > least[1] > least[2]
    assert least[3] == pytest.approx(0.2)
