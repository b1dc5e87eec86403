"""UBGI programs as players: ours on the other side of the pipe, and some that misbehave."""

import sys

import numpy as np
import pytest

from engine.backgammon import afterstates
from engine.backgammon import model as afterstates_model
from engine.backgammon.plies import Lookahead
from engine.backgammon.ubgi_player import UbgiPlayer
from engine.program import PlayerFailed
from engine.spec import PlayerSpec
from games import backgammon
from games.backgammon.dice import SeededDice
from games.backgammon.rules import DICE, DOUBLE, DROP, OFFERED, TAKE
from games.game import IllegalMove, Position
from training.backgammon.arena import Throws
from training.tournament.contestants import Contestant
from training.tournament.referee import Referee


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    afterstates_model.write(afterstates.fresh(8, seed=3), folder, afterstates_model.describe())
    return folder


@pytest.fixture(scope="module")
def ours(model):
    command = f"{sys.executable} -c 'import yomi; yomi.main()' ubgi --model {model} --plies 0 --threads 1"
    player = UbgiPlayer(command, "ours", timeout=120)
    yield player
    player.close()
    assert player.process.returncode is not None


def seat(player):
    contestant = Contestant(PlayerSpec(name=player.name, kind="ubgi"), lambda seed: player)
    contestant.begin(1)
    return contestant


@pytest.mark.parametrize(
    "rules", [{"jacoby": False}, {"length": 3, "score": (1, 2), "crawford": True}, {"cube": False}]
)
def test_our_engine_plays_whole_games_through_the_pipe(ours, model, rules):
    position = Position(backgammon, backgammon.start(**rules))
    assert Referee([seat(ours)] * 2, most_moves=2000).play(position, Throws(SeededDice(5), 0)) is None
    assert position.over


def test_plays_through_the_pipe_are_those_of_the_network(ours, model):
    """Told over the pipe or asked in this process, the same network plays the same."""
    lookahead, position = (
        Lookahead(afterstates_model.load(model), 1),
        Position(backgammon, backgammon.start(cube=False)),
    )
    dice, compared = SeededDice(2), 0
    for number in range(12):
        throw = dice.throw(0, number, number == 0)
        position = Position(backgammon, backgammon.with_dice(position.state, sorted(throw)[::-1]))
        if not position.state[DICE]:
            continue
        best = lookahead.rank(position.state, 0)[0]
        mover = position.turn
        while position.state[DICE] and position.turn == mover:
            position.play(ours.choose(position))
        assert np.array_equal(backgammon.checkers(position.state, mover), backgammon.checkers(best.after, mover))
        compared += 1
    assert compared > 8


def test_a_double_is_answered(ours):
    state = backgammon.set_up(*_lost_for_second(), mover=0, jacoby=False)
    position = Position(backgammon, state)
    position.play(DOUBLE)
    assert position.state[OFFERED]
    assert ours.choose(position) in (TAKE, DROP)


def _lost_for_second():
    """First has two checkers left on his ace point; the other has fifteen far behind."""
    first, second = np.zeros(26, int), np.zeros(26, int)
    first[0], first[1], second[20], second[22] = 13, 2, 8, 7
    return first, second


# --- programs that misbehave ------------------------------------------------------------------------------

GREETS = "print({'ubgi': 'ubgiok', 'isready': 'readyok'}.get(word, ''))"


def program(tmp_path, answer):
    path = tmp_path / "program.py"
    path.write_text(
        "import sys, time, os\nfor line in sys.stdin:\n    word = line.split()[0]\n"
        f"    {answer} if word == 'go' else {GREETS}\n    sys.stdout.flush()\n"
    )
    return f"{sys.executable} {path}"


def opening(*throw):
    return Position(backgammon, backgammon.with_dice(backgammon.start(jacoby=False), throw))


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        ("os._exit(1)", PlayerFailed, "died at 'go role chequer'"),
        ("time.sleep(30)", PlayerFailed, "did not answer 'go role chequer' in 2 s"),
        ("print('hello')", PlayerFailed, "answered 'hello' to 'go role chequer'"),
        ("print('error bad_argument no')", PlayerFailed, "answered 'error bad_argument no'"),
        ("print('bestmove fast')", PlayerFailed, "answered 'fast' for a play"),
        ("print('bestmove 24/18 24/18')", IllegalMove, "24/18 24/18 is not legal here"),
        ("print('bestmove 13/7')", IllegalMove, "13/7 is not legal here"),
        ("print('bestmove pass')", IllegalMove, "pass is not legal here"),
        ("print('bestmoveid 4HPwATDgc/ABMA')", IllegalMove, "is reached by no play of 6-1"),
    ],
)
def test_what_goes_wrong_is_named(tmp_path, answer, kind, told):
    player = UbgiPlayer(program(tmp_path, answer), "culprit", timeout=2 if "sleep" in answer else 20)
    with pytest.raises(kind) as failed:
        player.choose(opening(6, 1))
    player.close()
    assert told in str(failed.value)


@pytest.mark.parametrize(
    "answer",
    [
        "print('info eq 0.1\\nbestmove 13/7 8/7\\nbestmoveid x')",
        "print('bestmoveid 4NvgATDgc/ABMA')",
        "print('bestmove 8/7 13/7')",
    ],
)
def test_all_ways_to_tell_a_play_are_understood(tmp_path, answer):
    player, position = UbgiPlayer(program(tmp_path, answer), "one", timeout=20), opening(6, 1)
    for _ in range(2):
        position.play(player.choose(position))
    player.close()
    assert backgammon.checkers(position.state, 0)[7] == 2


def test_what_follows_an_answer_is_not_taken_for_the_next(tmp_path):
    """A bestmoveid after the bestmove is left over when the next question is asked."""
    player = UbgiPlayer(program(tmp_path, "print('bestmove 13/7 8/7\\nbestmoveid x')"), "one", timeout=20)
    for _ in range(3):
        position = opening(6, 1)
        for _ in range(2):
            position.play(player.choose(position))
        assert backgammon.checkers(position.state, 0)[7] == 2
    player.close()


def test_a_program_that_is_not_there_or_says_nothing(tmp_path):
    with pytest.raises(PlayerFailed, match="cannot be started"):
        UbgiPlayer("no-such-engine ubgi")
    with pytest.raises(PlayerFailed, match="died at 'ubgi'|closed its pipe"):
        UbgiPlayer(f"{sys.executable} -c pass")
