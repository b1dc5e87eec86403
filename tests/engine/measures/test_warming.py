"""The first start: how far it is, how long the rest takes, and that a part suffices for who needs no more."""

import time

import pytest

from engine.measures import warming
from engine.measures.warming import Step, Warming, first_start, is_compiled
from games import compiling, wings


@pytest.fixture(autouse=True)
def cold(monkeypatch, tmp_path):
    monkeypatch.setattr(compiling, "WARM", tmp_path / "new" / "warm")


def given(monkeypatch, **steps):
    monkeypatch.setattr(wings.part("engine", "go", "warm"), "STEPS", steps)


def test_the_estimate_is_as_fast_as_the_machine_was(monkeypatch):
    seen = []
    given(monkeypatch, play=(Step(1.0, lambda: time.sleep(0.2)), Step(3.0, lambda: seen.append(ours.left))))
    ours = Warming("go")
    assert (ours.fraction < 0.01, ours.left) == (True, pytest.approx(4, abs=0.1))
    ours.run()
    assert seen[0] == pytest.approx(0.6, abs=0.2)  # a fifth of the time that was measured
    assert (ours.fraction, ours.left) == (1, 0)


def test_a_step_that_takes_longer_is_never_done_before_it_ends(monkeypatch):
    seen = []
    given(monkeypatch, play=(Step(0.05, lambda: time.sleep(0.2) or seen.append(ours.fraction)),))
    ours = Warming("go")
    ours.run()
    assert seen[0] == pytest.approx(0.95)


def test_what_was_compiled_is_not_compiled_again(monkeypatch):
    ran = []
    given(monkeypatch, play=(Step(1.0, lambda: ran.append("all")),), part=(Step(1.0, lambda: ran.append("part")),))
    for what in ("part", "part", "play", "part", "play"):
        first_start(lambda sentence: None, "go", what)
    assert ran == ["part", "all"]
    assert is_compiled("go", "part")


def test_what_goes_wrong_in_the_thread_is_kept(monkeypatch):
    given(monkeypatch, play=(Step(1.0, lambda: 1 // 0),))
    ours = Warming("go")
    ours.start()
    while not ours.ended:
        time.sleep(0.01)
    assert isinstance(ours.failure, ZeroDivisionError)
    assert not is_compiled("go")


def test_what_nobody_needs_is_a_sentence():
    with pytest.raises(ValueError, match="go has nothing to compile for 'chess', only for play"):
        warming.Warming("go", "chess")
