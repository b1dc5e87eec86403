"""The front door: defines the command `yomi` and nothing else. Each command imports what it needs when it runs."""

import os
import signal
import sys
import threading
from contextlib import suppress
from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated

_ON_INTERRUPT = signal.getsignal(signal.SIGINT)
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while this loads ends the process, without a traceback

import typer  # noqa: E402

from engine.command_line import MOST_SECONDS, MOST_VISITS, Json, Resume, Seed, Threads, show  # noqa: E402
from games import wings  # noqa: E402

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Yomi reads ahead in Go, in backgammon and in sentences, with one search.",
    epilog="Example:  yomi play go --size 9",
)
play = typer.Typer(
    invoke_without_command=True,
    help="Play against Yomi; without a game, choose one in a window.",
    epilog="Example:  yomi play go --size 9",
)
app.add_typer(play, name="play")
evaluate = typer.Typer(
    no_args_is_help=True, help="Measure what was learned.", epilog="Example:  yomi evaluate policy --model go games.sgf"
)
app.add_typer(evaluate, name="evaluate")


class Suite(StrEnum):
    all = "all"
    rules = "rules"
    search = "search"
    network = "network"
    self_play = "self-play"


@play.callback()
def _games(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        from gui.display import why_no_window

        if why_not := why_no_window():
            print(context.get_help())
            print(f"yomi: {why_not}", file=sys.stderr)
            raise typer.Exit(2)
        from gui import window

        window.open_window()


for _game in wings.having("engine", "command"):
    wings.part("engine", _game, "command").add_commands(app)


@app.command(epilog="Example:  yomi train go imitation data=games/ --name first   (then: yomi gtp --model runs/first)")
def train(
    recipe: Annotated[str, typer.Argument(help="A recipe that ships with Yomi ('go'), or a .toml file.")],
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[STAGE] [NAME=VALUE]...", help="One stage, and settings of it.")
    ] = None,
    preset: Annotated[str, typer.Option(help="Change the recipe: 'tiny' learns something visible in minutes.")] = "",
    name: Annotated[
        str, typer.Option(help="The run's name under runs/, or its folder.", show_default="RECIPE-PRESET-STAGE")
    ] = "",
    resume: Resume = False,
    list_: Annotated[bool, typer.Option("--list", help="List the settings and what they mean; train nothing.")] = False,
    rate: Annotated[
        bool, typer.Option("--rate", help="Measure positions a second beside the raw limit; train nothing.")
    ] = False,
    progress: Annotated[
        bool,
        typer.Option(
            "--progress", help="Is it learning? Play the runs' models against fixed opponents; train nothing."
        ),
    ] = False,
) -> None:
    """Train a stage of a recipe, or all of them in order."""
    from training import pipeline

    jobs = pipeline.plan(recipe, words or [], preset, name)
    if list_:
        show(pipeline.listing(jobs))
    elif rate:
        show({"rows": pipeline.rates(jobs)}, as_json=True)
    elif progress:
        show(pipeline.progress(jobs))
    else:
        pipeline.carry_out(jobs, resume)


@app.command(epilog="Example:  yomi tournament check ladder.toml   (then: yomi tournament ladder.toml)")
def tournament(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[check|show|stop|replay] FILE [GAME] [NAME=VALUE]...",
            help="A .toml file or the folder under runs/ that came of it: play, or go on where it was stopped; with "
            "settings to change.",
        ),
    ],
    json: Json = False,
) -> None:
    """Let players meet: Elo with intervals, records and reports. Status 1: a gate or a test is not passed."""
    from training.tournament.commands import carry_out

    raise typer.Exit(carry_out(words, show, json))


@evaluate.callback()
def _kinds() -> None: ...


for _game in wings.having("gui", "command"):
    wings.part("gui", _game, "command").add_play(play)
for _game in wings.having("training", "command"):
    wings.part("training", _game, "command").add_evaluate(evaluate)


@app.command(epilog="Example:  yomi analyze game.sgf --sgf reviewed.sgf   (or: yomi analyze match.mat --plies 2)")
def analyze(
    file: Annotated[
        str,
        typer.Argument(metavar="GAME", help="A game of Go (SGF), a backgammon match (.mat), or a position's ID."),
    ],
    model: Annotated[
        str, typer.Option(help="A model that ships, a folder, a run; 'rollouts'.", show_default="the game's own")
    ] = "",
    visits: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_VISITS, help="Go: visits a position.", show_default="1600 unless --seconds"),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.01, max=MOST_SECONDS, help="Go: seconds a position, at most.")
    ] = None,
    plies: Annotated[
        int | None,
        typer.Option(min=0, max=2, help="Backgammon: how many plies to read ahead.", show_default="1, of a position 2"),
    ] = None,
    rollout: Annotated[
        bool, typer.Option("--rollout", help="Backgammon: roll out a position, or a match's doubtful decisions.")
    ] = False,
    trials: Annotated[
        int | None, typer.Option(min=2, max=MOST_VISITS, help="Games of a rollout, at most.", show_default="1296")
    ] = None,
    game: Annotated[
        int | None,
        typer.Option(min=1, help="Review this game of the file.", show_default="of SGF the first, of a match all"),
    ] = None,
    sgf: Annotated[str, typer.Option(metavar="OUT", help="Write the SGF with comments and better lines.")] = "",
    text: Annotated[str, typer.Option(metavar="OUT", help="Write every move, as text.")] = "",
    json_file: Annotated[str, typer.Option(metavar="OUT", help="Write everything, as JSON.")] = "",
    json: Json = False,
    seed: Seed = 1,
    threads: Threads = None,
) -> None:
    """Review a game move by move: what each cost, what was better, who played how well. Ctrl-C keeps what is done."""
    from engine.review_command import carry_out
    from engine.reviewing import ReviewRequest

    request = ReviewRequest(
        file, model, visits, seconds, plies, game, sgf, text, json_file, seed, threads, rollout, trials
    )
    carry_out(request, show, json)


@app.command(epilog="Example:  yomi bench rules --json")
def bench(
    suite: Annotated[Suite, typer.Argument(help="What to measure.")] = Suite.all,
    seconds: Annotated[float, typer.Option(min=0.1, max=MOST_SECONDS, help="Seconds for each row.")] = 3,
    json: Json = False,
) -> None:
    """Measure rates on this machine, beside the raw limit."""
    from engine.measures import bench

    rows = [] if suite == Suite.self_play else list(bench.measure(suite, seconds))
    if suite == Suite.self_play or (suite == Suite.all and find_spec("torch")):  # playing needs no torch
        for game in wings.having("training", "bench"):
            rows += wings.part("training", game, "bench").rows(seconds)
    show(bench.report_json(rows) if json else bench.report_table(rows), json)


@app.command(epilog="Example:  yomi doctor")
def doctor(json: Json = False) -> None:
    """Say what is installed, which device is used and why, and whether the search runs."""
    from engine.measures import doctor

    if json:
        show(doctor.report_json(list(doctor.examine())), json)
        return
    for finding in doctor.examine():
        show(doctor.report_line(finding))


def main() -> None:
    """Run the command line; whatever goes wrong is told in one sentence, with status 1."""
    _open_missing_streams()
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(130)
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # some libraries have kinds that are not of `Exception`
        if os.environ.get("YOMI_DEBUG"):
            raise
        sys.exit(f"yomi: {_sentence(error)}")
    finally:
        _flush()


def _run() -> None:
    """Run a command; raise `OSError` where a full disk did not take its output."""
    try:
        app(prog_name="yomi")
    except SystemExit as end:
        if not end.code:
            with suppress(BrokenPipeError, ValueError):  # nobody reads on
                sys.stdout.flush()
        raise


def _sentence(error: BaseException) -> str:
    """Return what went wrong, as one line."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    if isinstance(error, RecursionError):
        return "what was read is nested too deeply"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    text = " ".join(str(error).split())[:1000]
    if isinstance(error, ValueError | OSError | ImportError):
        return text or type(error).__name__
    return f"{type(error).__name__}{': ' if text else ''}{text} (YOMI_DEBUG=1 shows where)"


def _open_missing_streams() -> None:
    """Open standard streams that were closed before the start: reading ends at once, writing goes nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # for as long as the process lives


def _flush() -> None:
    """Write what is left to standard output, unless nobody reads it any more."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # or Python would try again, and complain


if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, _ON_INTERRUPT)

if __name__ == "__main__":
    main()
