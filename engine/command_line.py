"""What the commands of all games share: options with their help, and what every one of them does first.

It is loaded at every start: everything slow is imported only when it is called.
"""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engine.players import Player
    from engine.spec import PlayerSpec

MOST_SEED, MOST_VISITS, MOST_SECONDS, MOST_THREADS = 2**32 - 1, 1_000_000_000, 1e7, 1024
"""The largest numbers that the options take; typer refuses nan, too, where there is a bound."""

Model = Annotated[str, typer.Option(help="A model that ships, a folder, a run; 'rollouts': no network.")]
Level = Annotated[
    int | None, typer.Option(min=1, help="A level that was measured, 1 the weakest, instead of model and limits.")
]
Visits = Annotated[int | None, typer.Option(min=1, max=MOST_VISITS, help="Simulations a move, at most.")]
Seed = Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Same seed, same visits, one thread: same game.")]
Threads = Annotated[int | None, typer.Option(min=1, max=MOST_THREADS, help="Search threads.", show_default="all cores")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the run stopped or was killed.")]
Search = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A setting of the search, c_puct=1.5 say; once for each."),
]
Terminal = Annotated[
    bool | None,
    typer.Option("--terminal/--window", help="Where to play.", show_default="a window where there is a display"),
]
Screenshot = Annotated[str, typer.Option(metavar="FILE", hidden=True, help="Write a picture of the window, and leave.")]
Frames = Annotated[int, typer.Option(min=0, hidden=True, help="Show so many frames before the picture, and leave.")]
Script = Annotated[str, typer.Option(metavar="EVENTS", hidden=True, help="Clicks and keys, or a file of them.")]
Run = Annotated[str, typer.Option(metavar="FOLDER", help="Show what each checkpoint of this training run thinks.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def described(
    model: str,
    visits: int | None,
    seconds: float | None,
    threads: int | None,
    plies: int = -1,
    search: list[str] | None = None,
) -> "PlayerSpec":
    """Return the player that options ask for; a limit replaces plies."""
    from engine.spec import PlayerSpec

    plies = -1 if visits or seconds else plies
    asked = PlayerSpec(
        model=model,
        visits=visits or 0,
        seconds=seconds or 0.0,
        threads=threads or 0,
        plies=plies,
        search=tuple(search or ()),
    )
    asked.search_settings()  # a name that no search has is refused here
    return asked


def player_of(
    game: str,
    asked: "PlayerSpec",
    seed: int,
    level: int | None = None,
    threads: int | None = None,
    **start: Any,
) -> "Player":
    """Return the player that options ask for, or that of a level in games that begin so; say how strong a level is."""
    from engine import levels, spec
    from games import wings

    if not level:
        return spec.make(asked, wings.game(game), seed)
    measured = levels.find(game, level, start)
    print(f"Yomi plays level {measured.number}, {measured.name}: Elo {measured.strength} {measured.where}")
    return levels.make(measured, seed, threads)


def refuse_limits(
    level: int | None, visits: int | None, seconds: float | None, search: list[str] | None = None
) -> None:
    """Raise `ValueError` where a level is to play within other limits than its own, or to search otherwise."""
    if level and (visits or seconds or search):
        raise ValueError("--level has limits and settings of its own; leave --visits, --seconds and --search out")


def refuse_run(run: str) -> None:
    """Raise `ValueError` where a run is to be shown in the terminal."""
    if run:
        raise ValueError("--run shows its checkpoints in the window, and this game is played in the terminal")


def compile_first(game: str, what: str = "play") -> None:
    """Compile what is needed, with a bar or a line that says so, where that was not done yet."""
    from engine.measures.warming import first_start

    first_start(lambda sentence: print(sentence, file=sys.stderr, flush=True), game, what)


def show(what: object, as_json: bool = False) -> None:
    """Print a result for people, or as JSON for programs."""
    if as_json:
        from json import dumps

        print(dumps(what, indent=2))
    else:
        from rich.console import Console
        from rich.text import Text

        # a text may hold foreign words, such as players' names: it is no markup
        Console(highlight=False, soft_wrap=True).print(Text(what) if isinstance(what, str) else what)
