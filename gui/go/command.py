"""The command `yomi play go`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import Annotated

import typer

from engine.command_line import (
    MOST_SECONDS,
    Level,
    Model,
    Seed,
    Threads,
    Visits,
    described,
    refuse_limits,
)
from engine.go.command import Rules, Ruleset, Size, player
from gui.play_command import PlayPlan, add_game


class Colour(StrEnum):
    black = "black"
    white = "white"
    both = "both"
    none = "none"


def add_play(play: typer.Typer) -> None:
    """Add `yomi play go`."""
    add_game(play, "go", play_go, "yomi play go --size 9 --colour white --seconds 5 --sgf game.sgf")


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
) -> PlayPlan:
    """Play Go in a window, or in the terminal."""
    refuse_limits(level, visits, seconds)
    asked = described(model, visits, seconds or (None if visits else 2), threads)

    def values() -> dict[str, object]:
        from gui.go import start
        from gui.opponent import chosen

        return start.values(size, colour, komi, rules, handicap, chosen("go", asked, seed, level, size=size))

    def in_terminal() -> None:
        from gui.go import terminal

        position = terminal.opening(size, komi, rules, handicap, load)
        terminal.play(position, player(asked, seed, level, size), colour, sgf, load)

    return PlayPlan(values, in_terminal, load, sgf)
