"""The command `yomi play backgammon`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import Annotated, cast

import typer

from engine import command_line
from engine.backgammon.command import MatchModel, Plies
from gui.play_command import PlayPlan, add_game


class Seat(StrEnum):
    first = "first"
    second = "second"
    both = "both"
    none = "none"


class DiceFrom(StrEnum):
    seed = "seed"
    manual = "manual"


def add_play(play: typer.Typer) -> None:
    """Add `yomi play backgammon`."""
    example = "yomi play backgammon --length 5 --colour second --seed 7 --mat match.mat"
    add_game(play, "backgammon", play_backgammon, example)


def play_backgammon(
    length: Annotated[int, typer.Option(min=0, max=64, help="Points of the match; 0: money games.")] = 0,
    colour: Annotated[
        Seat, typer.Option(help="The side you play; 'none' watches Yomi play itself, 'both' is two people.")
    ] = Seat.first,
    model: MatchModel = "backgammon",
    plies: Plies = 1,
    level: command_line.Level = None,
    visits: command_line.Visits = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.01, max=command_line.MOST_SECONDS, help="Seconds of tree search a play, at most."),
    ] = None,
    dice: Annotated[DiceFrom, typer.Option(help="Who throws: a seed, or you by hand.")] = DiceFrom.seed,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=command_line.MOST_SEED,
            help="Same seed, same dice, whatever is played.",
            show_default="drawn, and shown",
        ),
    ] = None,
    cube: Annotated[bool, typer.Option("--cube/--no-cube", help="The doubling cube.")] = True,
    jacoby: Annotated[
        bool, typer.Option("--jacoby/--no-jacoby", help="For money, gammons count only once the cube was turned.")
    ] = True,
    threads: command_line.Threads = None,
    mat: Annotated[str, typer.Option(metavar="FILE", help="Keep the match in this file, which it replaces.")] = "",
    load: Annotated[
        str, typer.Option(metavar="FILE|ID", help="Go on with a .mat file, a GNU Backgammon ID or an XGID.")
    ] = "",
) -> PlayPlan:
    """Play backgammon in a window, or in the terminal."""
    command_line.refuse_limits(level, visits, seconds)
    asked = command_line.described(model, visits, seconds, threads, plies)

    def values() -> dict[str, object]:
        from gui.backgammon import start
        from gui.opponent import chosen

        opponent = chosen("backgammon", asked, 1, level)
        return start.values(length, colour, dice, seed, cube, jacoby, load, opponent)

    def in_terminal() -> None:
        from engine.backgammon.player import BackgammonPlayer
        from gui.backgammon import terminal

        command_line.compile_first("backgammon")
        session = terminal.opening(load, dice == DiceFrom.manual, seed, length=length, jacoby=jacoby, cube=cube)
        player = command_line.player_of("backgammon", asked, seed or 1, level, threads)
        terminal.play(session, player, cast(BackgammonPlayer, player).lookahead, plies, colour, mat)

    return PlayPlan(values, in_terminal, keep=mat)
