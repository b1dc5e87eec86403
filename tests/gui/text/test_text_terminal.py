"""`yomi play text`: the text grows by a line at a time, can be taken back, and bad lines are told."""

import io

import pytest
from rich.console import Console

from engine.text.lengths import Exactly
from engine.text.tasks import rewarded_task
from gui.terminal import DirectThinker
from gui.text import terminal
from gui.text.session import TextSession
from tests.engine.text.models import Trigrams


@pytest.fixture
def say(monkeypatch):
    """Return a function that plays lines and returns what was shown."""

    def played(*lines, rewards=(), more=6):
        shown = io.StringIO()
        monkeypatch.setattr(terminal, "Console", lambda **more: Console(file=shown, width=100))
        task = rewarded_task(Trigrams("abcde ."), rewards, more)
        session = TextSession("ab", lambda prompt: task, budget=40, thinker=DirectThinker())
        terminal.play(session, lines)
        return shown.getvalue()

    return played


def texts(shown):
    """Return the texts that were shown, one after another."""
    return [line.removesuffix("▏") for line in shown.splitlines() if line.endswith("▏")]


def test_an_empty_line_takes_the_searchs_token_and_a_number_another(say):
    shown = texts(say("", "2", "quit"))
    assert [len(text) for text in shown] == [0, 1, 2]
    marked = [line for line in say("quit").splitlines() if line.startswith("▸")]
    assert len(marked) == 1
    assert shown[1] == marked[0].split()[1].replace("␣", " ")


def test_the_rest_is_written_at_once_and_taken_back_token_by_token(say):
    shown = texts(say("finish", "undo", "undo", "quit", rewards=[Exactly(4, "chars")]))
    assert len(shown[1].removesuffix(".").strip()) in (3, 4)
    assert [len(text) for text in shown[1:]] == [len(shown[1]), len(shown[1]) - 1, len(shown[1]) - 2]


def test_what_is_paid_is_told_at_the_end(say):
    assert "it is paid 1" in say("finish", rewards=[Exactly(4, "chars")])
    assert "the end\n" in say("finish")


@pytest.mark.parametrize(
    ("line", "told"), [("99", "none of the tokens"), ("x", "none of the tokens"), ("undo", "no token")]
)
def test_bad_lines_are_told_and_change_nothing(say, line, told):
    shown = say(line, "")
    assert told in shown
    assert len(texts(shown)) == 2


def test_after_the_end_there_is_only_undo(say):
    assert "undo or quit" in say("finish", "1")
