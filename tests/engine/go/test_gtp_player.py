"""Programs that speak GTP as players: a real one, and some that misbehave."""

import sys

import pytest

from engine import program as program_of
from engine.go.gtp_player import GtpPlayer
from engine.players import RESIGN
from engine.program import PlayerFailed
from games import go
from games.game import Position
from games.go import board as go_board

OURS = f"{sys.executable} -c 'import yomi; yomi.main()' gtp --model rollouts --visits 16 --threads 1"


def program(body):
    """Return a command line of a program that answers each line by the expression `body`."""
    loop = (
        f"import sys, time, os\nfor line in sys.stdin:\n    word = line.split()[0]\n    {body}\n    sys.stdout.flush()"
    )
    return f'{sys.executable} -c "{loop}"'


def test_another_yomi_plays_and_follows_the_game():
    player = GtpPlayer(OURS, timeout=120)
    position = Position(go, go_board.setup(5, 2.5, black=[6]))
    for _ in range(4):
        position.play(player.choose(position))
    position.undo()
    position.undo()
    position.play(next(move for move in position.legal() if move != position.moves[-1]))
    position.play(player.choose(position))
    board = player.ask("showboard")
    player.close()
    assert sum(board.count(stone) for stone in "XO") >= len(position.moves)
    assert player.process.returncode is not None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("print('= \\n')if word!='genmove' else os._exit(1)", "died at 'genmove black'"),
        ("print('= \\n')if word!='genmove' else time.sleep(9)", "did not answer 'genmove black' in 0.5 s"),
        ("print('= Z99\\n')", "answered 'z99' for a move"),
        ("print('? unacceptable size\\n')", "answered '? unacceptable size' to 'boardsize 5'"),
        ("print('rubbish\\n')", "answered 'rubbish' to"),
    ],
)
def test_what_goes_wrong_is_named(body, told):
    player = GtpPlayer(program(body), "culprit", timeout=0.5 if "sleep" in body else 20)
    with pytest.raises(PlayerFailed, match="culprit") as failed:
        player.choose(Position(go, go.start(5)))
    player.close()
    assert told in str(failed.value)


def test_a_program_is_found_where_debian_keeps_games(monkeypatch, tmp_path):
    games = tmp_path / "games" / "silent-engine"
    games.parent.mkdir()
    games.write_text("#!/bin/sh\nwhile read -r line; do echo '= silent'; echo; done\n")
    games.chmod(0o755)
    monkeypatch.setattr(program_of, "DEBIAN_GAMES", str(games.parent))
    player = GtpPlayer("silent-engine --quiet")
    assert player.ask("name") == "silent"
    player.close()


def test_a_program_that_is_not_there():
    with pytest.raises(PlayerFailed, match="cannot be started"):
        GtpPlayer("no-such-engine --gtp")


def test_resigning():
    player = GtpPlayer(program("print('= resign\\n')"))
    assert player.choose(Position(go, go.start(5))) == RESIGN
    player.close()
