"""Make the pictures of the README anew: `python tests/measures/make_pictures.py`. No display is needed.

Each is a game in the window, played by a script; how far the search gets in the time differs from machine to machine.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZE = "resize 1180 760"
STONES = "point E5; settle 4; point C6; settle 4; point G6; settle 4; point F3; settle 4"
A_ROLL = "settle 12; wait 150; press Roll; settle 3; wait 90"
THINK = "press Analyse; settle 5; wait 30"
AWAY = "move 600 740; wait 10"

PICTURES = {
    "go": f"go --model go --visits 800 --seconds 3 --seed 3|{STONES}; press Moves; key c; {THINK}",
    "backgammon": f"backgammon --length 5 --seed 7|{A_ROLL}; key h; settle 6; wait 60; {AWAY}",
    "tree": f"backgammon --length 5 --seed 7 --visits 4000|{A_ROLL}; press Search; {THINK}; {AWAY}",
}
"""Name: what to play, and the script."""


def main() -> None:
    """Write gui/pictures/*.png."""
    headless = os.environ | {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    for name, what in PICTURES.items():
        game, script = what.split("|")
        path = ROOT / "gui" / "pictures" / f"{name}.png"
        words = [*game.split(), "--screenshot", str(path), "--script", f"{SIZE}; {script}"]
        subprocess.run([sys.executable, ROOT / "yomi.py", "play", *words], env=headless, check=True)


if __name__ == "__main__":
    main()
