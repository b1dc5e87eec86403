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


def engine(tmp_path, *lines: str) -> str:
    """Return the command of a program with these lines of Python."""
    path = tmp_path / "engine.py"
    path.write_text("\n".join(("import os, sys, time", *lines)))
    return f"{sys.executable} {path}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sys.exit('error: weights file net.bin.gz not found')", "exit status 1, last words: error: weights file net"),
        (
            "sys.stderr.write('first\\nlast \\x1b[31m words\\n\\n'); os._exit(3)",
            "exit status 3, last words: last  [31m",
        ),
        ("sys.stderr.write('x' * 300000 + '\\nlast'); sys.exit(2)", "exit status 2, last words: last"),
        ("os._exit(4)", "exit status 4"),
        ("os.kill(os.getpid(), 9)", "signal SIGKILL"),
        ("raise SystemError('no GPU')", "exit status 1, last words: SystemError: no GPU"),
    ],
)
def test_the_last_words_of_a_dead_program_are_told(tmp_path, line, told):
    player = GtpPlayer(engine(tmp_path, line), "culprit", timeout=20)
    with pytest.raises(PlayerFailed, match="^culprit (died at|closed its pipe before) 'name': ") as failed:
        player.ask("name")
    player.close()
    assert told in str(failed.value)
    assert str(failed.value).isprintable()


def test_a_program_that_writes_much_to_its_standard_error_plays_on(tmp_path):
    shout = "for line in sys.stdin: sys.stderr.write('x' * 100000 + '\\n'); print('= shouts\\n', flush=True)"
    player = GtpPlayer(engine(tmp_path, shout), timeout=20)
    assert [player.ask("name") for _ in range(20)] == ["shouts"] * 20
    assert player.ended() == ""
    player.close()


@pytest.mark.parametrize(("command", "why"), [("gnugo 'unclosed", "no closing quotation"), (" ", "names no program")])
def test_a_command_that_is_none(command, why):
    with pytest.raises(PlayerFailed, match=f"culprit cannot be started: .*{why}"):
        GtpPlayer(command, "culprit")


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
