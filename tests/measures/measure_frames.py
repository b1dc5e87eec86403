"""How smooth the window is while the engine thinks: python tests/measures/measure_frames.py [--seconds 10] [--mouse]

Median, 95th percentile and worst time from one frame to the next, in milliseconds, of a handful of views; beside them
the share of frames above 33 ms, and what the search did meanwhile. With --mouse the pointer moves all the time, so that
every frame is drawn. One view of one's own: --game go --size 19 --model go --tab Search --show candidates heat.
No display is needed.
"""

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import numpy as np
import pygame

from gui import messages as say
from gui.app import App
from gui.settings_store import Remembered

SIZE = (1180, 760)
GO = {"colour": "both", "komi": "7"}
BACKGAMMON = {"colour": "both", "level": "time", "seed": "7", "length": 5}

VIEWS = {
    "start page, 9x9 behind it": ("go", GO | {"size": 9}, "Game", (), True),
    "9x9, rollouts": ("go", GO | {"size": 9}, "Game", ("candidates",), False),
    "19x19, network": ("go", GO | {"size": 19, "model": "go"}, "Moves", ("candidates", "heat"), False),
    "19x19, network, Search": ("go", GO | {"size": 19, "model": "go"}, "Search", ("candidates", "heat"), False),
    "text": ("text", {"prompt": "4 6 7 9"}, "Game", (), False),
    "text, Search": ("text", {"prompt": "4 6 7 9"}, "Search", (), False),
    "backgammon, hints, Search": ("backgammon", BACKGAMMON, "Search", ("hints",), False),
}
"""Name: game, choices of the start page, tab, what the board shows, whether the start page lies above it."""


def opened(game: str, values: dict, tab: str, shown: tuple[str, ...], at_start: bool) -> App:
    """Return the window with a view, whose engine thinks."""
    app = App(SIZE, Remembered(scale=1.0, mute=True))
    app.begin(game, values)
    app.receive(say.ShowTab(tab))
    for name in shown:
        app.receive(say.ToggleOverlay(name))
    app.page.receive(say.Analyse())
    await_search(app)
    if at_start:
        app.receive(say.ShowPage("start"))
    return app


def await_search(app: App) -> None:
    """Let frames pass until there is something to see."""
    end = perf_counter() + 120
    while app.page.session.engine.growing is None and perf_counter() < end:
        if app.page.session.alarm:
            raise SystemExit(app.page.session.status)
        app.frame()
    for _ in range(60):
        app.frame()


def measure(app: App, seconds: float, mouse: bool) -> np.ndarray:
    """Return the milliseconds of every frame of so many seconds."""
    app.frames.clear()
    end, k = perf_counter() + seconds, 0
    while perf_counter() < end:
        if mouse or app.at_start:
            k += 1
            place = 100 + 7 * k % (SIZE[0] - 200), 100 + 3 * k % (SIZE[1] - 200)
            pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=place, rel=(7, 3), buttons=(0, 0, 0)))
        app.frame()
    return 1000 * np.array(app.frames)


def report(name: str, frames: np.ndarray, app: App) -> str:
    """Write a line about a view."""
    median, most, worst = np.percentile(frames, 50), np.percentile(frames, 95), frames.max()
    session = app.page.session
    found = session.engine.growing or session.thought
    searched = f"{found.visits:,} visits in {found.seconds:.1f} s" if found else "nothing searched"
    ended = "" if session.engine.doing else ", and ended early"
    slow = (frames > 33).mean()
    return f"{name:<28}{median:6.1f} {most:6.1f} {worst:6.1f}   {slow:4.0%}   {searched}{ended}"


def main() -> None:
    """Open one view after the other and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--mouse", action="store_true", help="move the pointer in every frame")
    parser.add_argument("--game", choices=("go", "backgammon"))
    parser.add_argument("--size", type=int, default=19)
    parser.add_argument("--model", default="")
    parser.add_argument("--tab", default="Game")
    parser.add_argument("--show", nargs="*", default=())
    options = parser.parse_args()
    views = VIEWS
    if options.game:
        values = GO | {"size": options.size} if options.game == "go" else BACKGAMMON
        values |= {"model": options.model} if options.model else {}
        views = {options.game: (options.game, values, options.tab, tuple(options.show), False)}
    print(f"{'milliseconds of a frame':<28}median    95%  worst  >33 ms")
    for name, view in views.items():
        app = opened(*view)
        print(report(name, measure(app, options.seconds, options.mouse), app), flush=True)
        app.close()
        app.thinker.thread.join(10)


if __name__ == "__main__":
    main()
