"""How smooth the window is, every page: python tests/measures/measure_frames.py [--seconds 5] [--mouse] [--only text]

Of each view the median, the 95th percentile and the worst time from one frame to the next, in milliseconds, while the
engine thinks; the same of the processor time that the window's own thread spends on a frame, which other programs on
the machine disturb less; and what the search did meanwhile. With --mouse the pointer moves all the time, so that every
frame is drawn. The last lines are the seconds from the start of the program to its first frame. No display is needed.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, thread_time

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

ROOT = Path(__file__).resolve().parents[2]
SIZE = (1180, 760)
PATIENCE = 180.0
"""Seconds that a view has to have something to show."""


def analyse(app: App) -> None:
    """Analyse the position on the board."""
    app.page.receive(say.Analyse())


def walk(app: App) -> None:
    """Let simulations be carried out phase by phase, one after the other."""
    app.receive(say.SetSpeed("fast"))


def review(app: App) -> None:
    """Review a game of sixty moves that chance has played."""
    random, session = np.random.default_rng(1), app.page.session
    for _ in range(60):
        legal = [move for move in session.position.legal() if move < session.size**2]
        session.play((int(random.choice(legal)),))
    app.receive(say.StartReview(2000))


def compare(app: App) -> None:
    """Let two decoders write for as long as the window is looked at."""
    app.receive(say.Compare(("best-of-n", "sample"), 1_000_000))


def read_ahead(app: App) -> None:
    """Do nothing: a text is read ahead by itself."""


def to_start(app: App) -> None:
    """Think behind the start page."""
    analyse(app)
    await_search(app)
    app.receive(say.ShowPage("start"))


def lab(world: str) -> Callable[[App], None]:
    """Return what shows a world of the lab."""

    def show(app: App) -> None:
        app.receive(say.OpenLab())
        app.draw()
        app.dialog._show(world)

    return show


@dataclass(frozen=True)
class FrameView:
    """What the window shows: a game with its choices, a tab, what lies on the board, and what is done then."""

    game: str
    values: dict[str, object] = field(default_factory=dict)
    tab: str = "Game"
    shown: tuple[str, ...] = ()
    do: Callable[[App], None] = analyse


SMALL_GO = {"colour": "both", "komi": "7", "level": "time", "model": "rollouts", "size": 9}
LARGE_GO = SMALL_GO | {"model": "go", "size": 19}
MATCH = {"colour": "both", "level": "time", "seed": "7", "length": 5}
TEXT = {"prompt": "1 1 1 1", "budget": "50000"}  # no solution ends the search
FOUR = {"colour": "both", "level": "time"}

VIEWS = {
    "start page, Go thinks behind": FrameView("go", SMALL_GO, do=to_start),
    "Go 9x9, rollouts": FrameView("go", SMALL_GO, shown=("candidates",)),
    "Go 19x19, moves": FrameView("go", LARGE_GO, "Moves", ("candidates", "heat")),
    "Go 19x19, search": FrameView("go", LARGE_GO, "Search", ("candidates", "heat")),
    "Go 9x9, step by step": FrameView("go", SMALL_GO, "Search", do=walk),
    "Go 9x9, review": FrameView("go", SMALL_GO | {"model": "go"}, "Review", do=review),
    "backgammon, hints": FrameView("backgammon", MATCH, "Game", ("hints",)),
    "backgammon, search": FrameView("backgammon", MATCH, "Search", ("hints",)),
    "Connect Four": FrameView("connect_four", FOUR, shown=("candidates",)),
    "Connect Four, search": FrameView("connect_four", FOUR, "Search", ("candidates",)),
    "text": FrameView("text", TEXT, do=read_ahead),
    "text, search": FrameView("text", TEXT, "Search", do=read_ahead),
    "text, decoders": FrameView("text", TEXT, "Decoders", do=compare),
    "lab, grid": FrameView("connect_four", FOUR, do=lab("Grid")),
    "lab, cart-pole": FrameView("connect_four", FOUR, do=lab("Cart-pole")),
    "lab, tic-tac-toe": FrameView("connect_four", FOUR, do=lab("Tic-tac-toe")),
}


def opened(view: FrameView) -> App:
    """Return the window with a view, whose engine thinks."""
    app = App(SIZE, Remembered(scale=1.0, mute=True))
    app.begin(view.game, dict(view.values))
    app.receive(say.ShowTab(view.tab))
    for name in set(view.shown) - app.page.shown:
        app.receive(say.ToggleOverlay(name))
    if view.game != "text":
        await_player(app)
    view.do(app)
    await_search(app)
    return app


def await_player(app: App) -> None:
    """Let frames pass until the player is made and compiled, and what moves has come to rest."""
    end = perf_counter() + PATIENCE
    app.frame()
    while app.lively() and perf_counter() < end:
        app.frame()


def await_search(app: App) -> None:
    """Let frames pass until there is something to see."""
    end = perf_counter() + PATIENCE
    while app.dialog is None and not looked(app) and perf_counter() < end:
        if app.page.session.alarm:
            raise SystemExit(app.page.session.status)
        app.frame()
    for _ in range(60):
        app.frame()


def looked(app: App) -> int:
    """Return how many visits, reviewed positions or phases there are to see."""
    engine = app.page.session.engine
    if engine.review is not None:
        return engine.review.done
    if engine.doing == "decoding" or engine.event is not None:
        return 1
    return engine.growing.visits if engine.growing else 0


def measure(app: App, seconds: float, mouse: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the milliseconds of every frame of so many seconds: all of them, and the window's own processor time."""
    end, k, spent = perf_counter() + seconds, 0, []
    app.frames.clear()
    while perf_counter() < end:
        if mouse or app.at_start:
            k += 1
            place = 100 + 7 * k % (SIZE[0] - 200), 100 + 3 * k % (SIZE[1] - 200)
            pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=place, rel=(7, 3), buttons=(0, 0, 0)))
        began = thread_time()
        app.frame()
        spent.append(thread_time() - began)
    return 1000 * np.array(app.frames), 1000 * np.array(spent)


def report(name: str, frames: np.ndarray, spent: np.ndarray, app: App) -> str:
    """Write a line about a view."""
    numbers = [
        f"{np.percentile(kind, 50):6.1f} {np.percentile(kind, 95):6.1f} {kind.max():6.1f}" for kind in (frames, spent)
    ]
    return f"{name:<30}{'   '.join(numbers)}   {(frames > 33).mean():4.0%}   {what_was_done(app)}"


def what_was_done(app: App) -> str:
    """Say what the search did while the frames were measured."""
    engine = app.page.session.engine
    if app.dialog is not None:
        return "learns"
    if engine.review is not None:
        thought = [node.thought for node in app.page.session.history.line if node.thought]
        visits = sum(each.visits for each in thought)
        return f"{engine.review.done} of {engine.review.total} positions reviewed, {visits:,} visits"
    if engine.event is not None:
        return f"steps: {type(engine.event).__name__}"
    if engine.doing == "decoding":
        return "two decoders write"
    found = engine.growing or app.page.session.thought
    if not found:
        return "nothing searched"
    ended = "" if engine.doing else ", and ended early"
    return f"{found.visits:,} visits in {found.seconds:.1f} s{ended}"


def first_frames() -> list[str]:
    """Measure how long a fresh program takes to its first frame, compiled code and all."""
    lines = []
    for name, words in (("the start page", ""), ("Go", "'go', {'size': 9}"), ("backgammon", "'backgammon', {}")):
        code = f"from gui.window import open_window; open_window({words + ', ' if words else ''}frames=1)"
        seconds = []
        for _ in range(3):
            began = perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            seconds.append(perf_counter() - began)
        lines.append(f"first frame of {name}, and the end of the program: {min(seconds):.1f} s, the best of three")
    return lines


def main() -> None:
    """Open one view after the other and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--mouse", action="store_true", help="move the pointer in every frame")
    parser.add_argument("--only", default="", help="views whose name contains this")
    options = parser.parse_args()
    print(f"{'milliseconds of a frame:':<30}median    95%  worst   of them, processor:    >33 ms")
    for name, view in VIEWS.items():
        if options.only.lower() not in name.lower():
            continue
        app = opened(view)
        print(report(name, *measure(app, options.seconds, options.mouse), app), flush=True)
        app.close()
        app.thinker.thread.join(10)
    if not options.only:
        print(*first_frames(), sep="\n")


if __name__ == "__main__":
    main()
