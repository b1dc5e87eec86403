"""The command `yomi play go`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import Annotated

import typer

from engine.command_line import (
    MOST_SECONDS,
    Frames,
    Level,
    Model,
    Run,
    Screenshot,
    Script,
    Seed,
    Terminal,
    Threads,
    Visits,
    described,
    refuse_limits,
    refuse_run,
)
from engine.go.command import Rules, Ruleset, Size, player


class Colour(StrEnum):
    black = "black"
    white = "white"
    both = "both"
    none = "none"


def add_play(play: typer.Typer) -> None:
    """Add `yomi play go`."""
    epilog = "Example:  yomi play go --size 9 --colour white --seconds 5 --sgf game.sgf"
    play.command("go", epilog=epilog)(play_go)


def play_go(
    size: Size = 9,
    colour: Annotated[Colour, typer.Option(help="The side you play; 'none' watches Yomi play itself.")] = Colour.black,
    komi: Annotated[
        float | None,
        typer.Option(min=-1000, max=1000, help="Points for White, in halves.", show_default="7, with a handicap 0.5"),
    ] = None,
    handicap: Annotated[int, typer.Option(min=0, max=9, help="Stones that Black begins with.")] = 0,
    rules: Rules = Ruleset.chinese,
    level: Level = None,
    visits: Visits = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.01, max=MOST_SECONDS, help="Seconds a move, at most.", show_default="2 unless --visits"),
    ] = None,
    seed: Seed = 1,
    threads: Threads = None,
    model: Model = "go",
    sgf: Annotated[str, typer.Option(metavar="FILE", help="Keep the game in this file, which it replaces.")] = "",
    load: Annotated[str, typer.Option(metavar="FILE", help="Go on with the game in this SGF file.")] = "",
    run: Run = "",
    in_terminal: Terminal = None,
    screenshot: Screenshot = "",
    frames: Frames = 0,
    script: Script = "",
) -> None:
    """Play Go in a window, or in the terminal."""
    from gui.display import wants_window

    refuse_limits(level, visits, seconds)
    seconds = seconds or (None if visits else 2)
    if wants_window(False if screenshot or script else in_terminal):
        from gui import window
        from gui.go import start
        from gui.opponent import chosen

        opponent = chosen("go", described(model, visits, seconds, threads), seed, level, size=size)
        values = start.values(size, colour, komi, rules, handicap, opponent)
        window.open_window("go", values, load, sgf, script, screenshot, frames, run)
        return
    refuse_run(run)
    from gui.go import terminal

    position = terminal.opening(size, komi, rules, handicap, load)
    yomi = player(described(model, visits, seconds, threads), seed, level, size)
    terminal.play(position, yomi, colour, sgf, load)
