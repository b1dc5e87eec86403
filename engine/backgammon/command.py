"""The command `yomi ubgi`, and options of `yomi play backgammon`. Loaded at every start: the rest comes when called."""

from typing import Annotated

import typer

from engine.command_line import MOST_VISITS, Seed, Threads, compile_first

MatchModel = Annotated[str, typer.Option("--model", help="A model that ships, a folder or a run.")]
Plies = Annotated[int, typer.Option(min=0, max=2, help="How many plies to read ahead, as GNU Backgammon counts them.")]


def add_commands(app: typer.Typer) -> None:
    """Add `yomi ubgi`."""
    app.command(epilog="Example:  yomi ubgi --plies 1   (the line to give to a dueller or a board that speaks UBGI)")(
        ubgi
    )


def ubgi(
    model: MatchModel = "backgammon",
    plies: Plies = 0,
    visits: Annotated[
        int, typer.Option(min=0, max=MOST_VISITS, help="Simulations a decision, instead of plies; 0: none.")
    ] = 0,
    seed: Seed = 1,
    threads: Threads = None,
) -> None:
    """Speak the Universal Backgammon Interface, version 0.1, on standard input and output."""
    from engine.backgammon.ubgi import serve
    from engine.backgammon.ubgi_options import UbgiSettings
    from engine.machine import usable_cores
    from engine.networks import model as models

    models.find(model)  # a name that is wrong is told at once, the network is read when it is needed
    compile_first("backgammon", "play" if visits else "ubgi")
    serve(UbgiSettings(model, plies, visits, seed=seed, threads=threads or usable_cores()))
