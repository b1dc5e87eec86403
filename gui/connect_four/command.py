"""The command `yomi play connect_four`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import Annotated

import typer

from engine.command_line import (
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
    compile_first,
    described,
    player_of,
    refuse_limits,
    refuse_run,
)

GAME = "connect_four"


class DiscColour(StrEnum):
    red = "red"
    yellow = "yellow"
    both = "both"
    none = "none"


def add_play(play: typer.Typer) -> None:
    """Add `yomi play connect_four`."""
    play.command(GAME, epilog="Example:  yomi play connect_four --colour yellow --seconds 3")(play_connect_four)


def play_connect_four(
    colour: Annotated[
        DiscColour, typer.Option(help="The side you play; 'none' watches Yomi play itself.")
    ] = DiscColour.red,
    level: Level = None,
    visits: Visits = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds a move, at most.", show_default="1 unless --visits")
    ] = None,
    seed: Seed = 1,
    threads: Threads = None,
    model: Model = "connect_four",
    keep: Annotated[str, typer.Option(metavar="FILE", help="Keep the game in this file, which it replaces.")] = "",
    load: Annotated[str, typer.Option(metavar="FILE", help="Show the game of this file in the window.")] = "",
    run: Run = "",
    in_terminal: Terminal = None,
    screenshot: Screenshot = "",
    frames: Frames = 0,
    script: Script = "",
) -> None:
    """Play Connect Four in a window, or in the terminal. X in the terminal is Red, who begins."""
    from gui.display import wants_window

    refuse_limits(level, visits, seconds)
    asked = described(model, visits, seconds or (None if visits else 1), threads)
    if wants_window(False if screenshot or script else in_terminal):
        from gui import window
        from gui.opponent import chosen

        values = {"colour": str(colour), "opponent": chosen(GAME, asked, seed, level)}
        window.open_window(GAME, values, load, keep, script, screenshot, frames, run)
        return
    refuse_run(run)
    if load:
        raise ValueError("--load shows a game in the window, and this one is played in the terminal")
    from gui.connect_four import terminal

    compile_first(GAME)
    terminal.play(player_of(GAME, asked, seed, level, threads), str(colour), keep)
