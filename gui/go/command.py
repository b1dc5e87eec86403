"""The command `yomi play go`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import Annotated

import typer

from engine import command_line
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
    level: command_line.Level = None,
    visits: command_line.Visits = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=command_line.MOST_SECONDS, help="Seconds a move, at most.", show_default="2 unless --visits"
        ),
    ] = None,
    seed: command_line.Seed = 1,
    threads: command_line.Threads = None,
    model: command_line.Model = "go",
    sgf: Annotated[str, typer.Option(metavar="FILE", help="Keep the game in this file, which it replaces.")] = "",
    load: Annotated[str, typer.Option(metavar="FILE", help="Go on with the game in this SGF file.")] = "",
) -> PlayPlan:
    """Play Go in a window, or in the terminal."""
    command_line.refuse_limits(level, visits, seconds)
    asked = command_line.described(model, visits, seconds or (None if visits else 2), threads)

    def values() -> dict[str, object]:
        from gui.go import start
        from gui.opponent import chosen

        return start.values(size, colour, komi, rules, handicap, chosen("go", asked, seed, level, size=size))

    def in_terminal() -> None:
        from gui.go import terminal

        position = terminal.opening(size, komi, rules, handicap, load)
        terminal.play(position, player(asked, seed, level, size), colour, sgf, load)

    return PlayPlan(values, in_terminal, load, sgf)
