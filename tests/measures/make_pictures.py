"""Make the pictures of the README anew: `python tests/measures/make_pictures.py [NAME ...]`. No display is needed.

Each is played by a script in the window; how far a search gets in the time differs from machine to machine.
"""

import os
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from gui import script
from gui.app import App
from gui.runner import Runner
from gui.settings_store import Remembered

ROOT = Path(__file__).resolve().parents[2]
SIZE = (1020, 640)
MOST = 150_000
"""Bytes that a picture may have."""

BY_TIME = {"level": "time", "seconds": "2"}
STONES = "point E5; settle 20; point C6; settle 20; point G6; settle 20; point F3; settle 20"
A_ROLL = "settle 60; wait 150; press Roll; settle 20; wait 90"
AWAY = "move 510 630; wait 10"

PICTURES: dict[str, tuple[str, dict[str, object], str]] = {
    "start": ("", {}, "wait 3"),
    "go": ("go", BY_TIME | {"model": "go", "seed": "3"}, f"settle 60; {STONES}; press Moves; press Analyse; wait 400"),
    "backgammon": ("backgammon", BY_TIME | {"length": 5, "seed": "7"}, f"{A_ROLL}; key h; settle 30; wait 60; {AWAY}"),
    "review": ("go", {"colour": "both", "model": "go"} | BY_TIME, ""),
    "text": (
        "text",
        {"prompt": "2 3 9 12"},
        "settle 60; press Write a token; settle 60; press Write a token; settle 60",
    ),
}
"""Name: the game ("": the start page), its choices, and the script."""

A_GAME = (
    "(;GM[1]FF[4]SZ[9]KM[7]RU[Chinese];B[dd];W[ff];B[dg];W[fc];B[ec];W[fd];B[fh];W[gg];B[cf];W[fb];B[eb];W[ea];B[da]"
    ";W[fa];B[cb];W[gh];B[eg];W[de];B[ce];W[ed];B[dc];W[fi];B[ia];W[di];B[ch];W[fg];B[eh];W[ei];B[ci];W[gi];B[ee];W[ef])"
)
"""The game that is reviewed; its 23rd move is a mistake."""


def reviewed(runner: Runner, folder: Path) -> None:
    """Review a game, and show its worst mistake."""
    path = folder / "game.sgf"
    path.write_text(A_GAME)
    for order in script.read(f"drop {path}; settle 20; press Review; press Review the game; settle 300; wait 5"):
        runner.carry_out(order)
    tab = runner.app.panel.tab
    runner.app.receive(tab._look(0))
    runner.wait(10)


def main() -> None:
    """Write gui/pictures/*.png."""
    for name in sys.argv[1:] or PICTURES:
        game, values, orders = PICTURES[name]
        app = App(SIZE, Remembered(scale=1.0, mute=True))
        runner, path = Runner(app), ROOT / "gui" / "pictures" / f"{name}.png"
        if game:
            app.begin(game, dict(values))
        for order in script.read(orders):
            runner.carry_out(order)
        if name == "review":
            with tempfile.TemporaryDirectory() as folder:
                reviewed(runner, Path(folder))
        runner.shoot(str(path))
        size = path.stat().st_size
        print(f"{path}: {size:,} bytes" + (f", more than {MOST:,}" if size > MOST else ""))
        app.close()


if __name__ == "__main__":
    main()
