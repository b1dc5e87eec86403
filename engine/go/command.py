"""The command `yomi gtp`, and what it shares with `yomi play go`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from engine import command_line

if TYPE_CHECKING:
    from engine.players import Player
    from engine.spec import PlayerSpec


class Ruleset(StrEnum):
    tromp_taylor = "tromp-taylor"
    chinese = "chinese"
    aga = "aga"
    new_zealand = "new-zealand"
    japanese = "japanese"


Rules = Annotated[Ruleset, typer.Option(help="Suicide, repetition and counting.")]
Size = Annotated[int, typer.Option(min=2, max=25, help="Board size.")]


def add_commands(app: typer.Typer) -> None:
    """Add `yomi gtp`."""
    app.command(epilog="Example:  yomi gtp --seconds 5   (the line to give to GoGui, Sabaki or another controller)")(
        gtp
    )


def gtp(
    model: command_line.Model = "go",
    level: command_line.Level = None,
    visits: command_line.Visits = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=command_line.MOST_SECONDS, help="Seconds a move, at most.", show_default="5 unless --visits"
        ),
    ] = None,
    seed: command_line.Seed = 1,
    rules: Rules = Ruleset.chinese,
    threads: command_line.Threads = None,
    search: command_line.Search = None,
    size: Size = 19,
) -> None:
    """Speak the Go Text Protocol, version 2, on standard input and output."""
    from engine import levels
    from engine.go.gtp import serve
    from engine.networks import model as models

    def fits(size: int, komi: float) -> None:
        if found:
            models.check(found, "go", size=size, komi=komi)

    command_line.refuse_limits(level, visits, seconds, search)
    model = levels.find("go", level, {"size": size}).spec.model if level else model
    asked = command_line.described(model, visits, seconds or (None if visits else 5), threads, search=search)
    found = None if model == "rollouts" else models.find(model)  # the player is made with the first board
    fits(size, 7.5)
    serve(lambda: player(asked, seed, level, size), rules, size, fits)


def player(asked: "PlayerSpec", seed: int, level: int | None = None, size: int = 9) -> "Player":
    """Return the player that the options describe, or that of a level, with its code compiled."""
    from games import go

    found = command_line.player_of("go", asked, seed, level, size=size)
    command_line.compile_first("go")
    found.warm_up(go, go.start(9))
    return found
