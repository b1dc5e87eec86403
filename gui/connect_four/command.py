"""The command `yomi play connect_four`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import Annotated

import typer

from engine import command_line
from gui.play_command import PlayPlan, add_game

GAME = "connect_four"


class DiscColour(StrEnum):
    red = "red"
    yellow = "yellow"
    both = "both"
    none = "none"


def add_play(play: typer.Typer) -> None:
    """Add `yomi play connect_four`."""
    add_game(play, GAME, play_connect_four, "yomi play connect_four --colour yellow --seconds 3")


def play_connect_four(
    colour: Annotated[
        DiscColour, typer.Option(help="The side you play; 'none' watches Yomi play itself.")
    ] = DiscColour.red,
    level: command_line.Level = None,
    visits: command_line.Visits = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds a move, at most.", show_default="1 unless --visits")
    ] = None,
    seed: command_line.Seed = 1,
    threads: command_line.Threads = None,
    model: command_line.Model = "connect_four",
    keep: Annotated[str, typer.Option(metavar="FILE", help="Keep the game in this file, which it replaces.")] = "",
    load: Annotated[str, typer.Option(metavar="FILE", help="Show the game of this file in the window.")] = "",
) -> PlayPlan:
    """Play Connect Four in a window, or in the terminal. X in the terminal is Red, who begins."""
    command_line.refuse_limits(level, visits, seconds)
    asked = command_line.described(model, visits, seconds or (None if visits else 1), threads)

    def values() -> dict[str, object]:
        from gui.opponent import chosen

        return {"colour": str(colour), "opponent": chosen(GAME, asked, seed, level)}

    def in_terminal() -> None:
        if load:
            raise ValueError("--load shows a game in the window, and this one is played in the terminal")
        from gui.connect_four import terminal

        command_line.compile_first(GAME)
        terminal.play(command_line.player_of(GAME, asked, seed, level, threads), str(colour), keep)

    return PlayPlan(values, in_terminal, load, keep)
