"""The front door: defines the command `yomi` and nothing else. Each command imports what it needs when it runs."""

import os
import sys
from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated

import typer

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


class Colour(StrEnum):
    black = "black"
    white = "white"
    both = "both"
    none = "none"


class Seat(StrEnum):
    first = "first"
    second = "second"
    both = "both"
    none = "none"


class DiceFrom(StrEnum):
    seed = "seed"
    manual = "manual"


class Ruleset(StrEnum):
    tromp_taylor = "tromp-taylor"
    chinese = "chinese"
    aga = "aga"
    new_zealand = "new-zealand"
    japanese = "japanese"


class Suite(StrEnum):
    all = "all"
    rules = "rules"
    search = "search"
    network = "network"
    self_play = "self-play"


Model = Annotated[str, typer.Option(help="A model that ships, a folder, a run; 'rollouts': no network.")]
BackgammonModel = Annotated[str, typer.Option("--model", help="A model that ships, a folder or a run.")]
Plies = Annotated[int, typer.Option(min=0, max=2, help="How many plies to read ahead, as GNU Backgammon counts them.")]
Level = Annotated[
    int | None, typer.Option(min=1, help="A level that was measured, 1 the weakest, instead of model and limits.")
]
Visits = Annotated[int | None, typer.Option(min=1, help="Simulations a move, at most.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same visits, one thread: same game.")]
Rules = Annotated[Ruleset, typer.Option(help="Suicide, repetition and counting.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Search threads.", show_default="all cores")]
Size = Annotated[int, typer.Option(min=2, max=25, help="Board size.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the run stopped or was killed.")]
Terminal = Annotated[
    bool | None,
    typer.Option("--terminal/--window", help="Where to play.", show_default="a window where there is a display"),
]
Screenshot = Annotated[str, typer.Option(metavar="FILE", help="Write a picture of the window, and leave.")]
Frames = Annotated[int, typer.Option(min=0, help="Show so many frames before the picture, and leave.")]
Script = Annotated[str, typer.Option(metavar="EVENTS", help="Clicks and keys for the window, or a file of them.")]
Run = Annotated[str, typer.Option(metavar="FOLDER", help="Show what each checkpoint of this training run thinks.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@play.callback()
def _games(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        from gui.display import wants_window

        if not wants_window():
            print(context.get_help())
            raise typer.Exit(2)
        from gui import app

        app.open_window()


@play.command("go", epilog="Example:  yomi play go --size 9 --colour white --seconds 5 --sgf game.sgf")
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
        float | None, typer.Option(min=0.01, help="Seconds a move, at most.", show_default="2 unless --visits")
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

    _refuse_limits(level, visits, seconds)
    seconds = seconds or (None if visits else 2)
    if wants_window(False if screenshot or script else in_terminal):
        from gui import app
        from gui.go import page as go_page
        from gui.opponent import chosen

        opponent = chosen("go", _spec(model, visits, seconds, threads), seed, level)
        values = go_page.values(size, colour, komi, rules, handicap, opponent)
        app.open_window("go", values, load, sgf, script, screenshot, frames, run)
        return
    _needs_window(run)
    from gui.go import terminal

    position = terminal.opening(size, komi, rules, handicap, load)
    player = _go_player(model, visits, seconds, seed, threads, level)
    terminal.play(position, player, colour, sgf, load)


@play.command("backgammon", epilog="Example:  yomi play backgammon --length 5 --colour second --seed 7 --mat match.mat")
def play_backgammon(
    length: Annotated[int, typer.Option(min=0, max=64, help="Points of the match; 0: money games.")] = 0,
    colour: Annotated[
        Seat, typer.Option(help="The side you play; 'none' watches Yomi play itself, 'both' is two people.")
    ] = Seat.first,
    model: BackgammonModel = "backgammon",
    plies: Plies = 1,
    level: Level = None,
    visits: Visits = None,
    seconds: Annotated[float | None, typer.Option(min=0.01, help="Seconds of tree search a play, at most.")] = None,
    dice: Annotated[DiceFrom, typer.Option(help="Who throws: a seed, or you by hand.")] = DiceFrom.seed,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Same seed, same dice, whatever is played.", show_default="drawn, and shown"),
    ] = None,
    cube: Annotated[bool, typer.Option("--cube/--no-cube", help="The doubling cube.")] = True,
    jacoby: Annotated[
        bool, typer.Option("--jacoby/--no-jacoby", help="For money, gammons count only once the cube was turned.")
    ] = True,
    threads: Threads = None,
    mat: Annotated[str, typer.Option(metavar="FILE", help="Keep the match in this file, which it replaces.")] = "",
    load: Annotated[
        str, typer.Option(metavar="FILE|ID", help="Go on with a .mat file, a GNU Backgammon ID or an XGID.")
    ] = "",
    run: Run = "",
    in_terminal: Terminal = None,
    screenshot: Screenshot = "",
    frames: Frames = 0,
    script: Script = "",
) -> None:
    """Play backgammon in a window, or in the terminal."""
    from gui.display import wants_window

    _refuse_limits(level, visits, seconds)
    if wants_window(False if screenshot or script else in_terminal):
        from gui import app
        from gui.backgammon import start as backgammon_start
        from gui.opponent import chosen

        opponent = chosen("backgammon", _spec(model, visits, seconds, threads, plies), 1, level)
        values = backgammon_start.values(length, colour, dice, seed, cube, jacoby, load, opponent)
        app.open_window("backgammon", values, "", mat, script, screenshot, frames, run)
        return
    _needs_window(run)
    from engine.spec import make
    from games import backgammon
    from gui.backgammon import terminal

    _first_start("backgammon")
    session = terminal.opening(load, dice == DiceFrom.manual, seed, length=length, jacoby=jacoby, cube=cube)
    if level:
        player = _level_player("backgammon", level, seed or 1, threads)
    else:
        player = make(_spec(model, visits, seconds, threads, plies), backgammon, seed or 1)
    terminal.play(session, player, player.lookahead, plies, colour, mat)


@app.command(epilog="Example:  yomi gtp --seconds 5   (the line to give to GoGui, Sabaki or another controller)")
def gtp(
    model: Model = "go",
    visits: Visits = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds a move, at most.", show_default="5 unless --visits")
    ] = None,
    seed: Seed = 1,
    rules: Rules = Ruleset.chinese,
    threads: Threads = None,
    size: Size = 19,
) -> None:
    """Speak the Go Text Protocol, version 2, on standard input and output."""
    from engine.go.gtp import serve
    from engine.networks import model as models

    if model != "rollouts":
        models.find(model)  # a name that is wrong is told at once, the player is made with the first board
    serve(lambda: _go_player(model, visits, seconds or (None if visits else 5), seed, threads), rules, size)


@app.command(epilog="Example:  yomi ubgi --plies 1   (the line to give to a dueller or a board that speaks UBGI)")
def ubgi(
    model: BackgammonModel = "backgammon",
    plies: Plies = 0,
    visits: Annotated[int, typer.Option(min=0, help="Simulations a decision, instead of plies; 0: none.")] = 0,
    seed: Seed = 1,
    threads: Threads = None,
) -> None:
    """Speak the Universal Backgammon Interface, version 0.1, on standard input and output."""
    from engine.backgammon.ubgi import serve
    from engine.backgammon.ubgi_options import Settings
    from engine.machine import usable_cores
    from engine.networks import model as models

    models.find(model)  # a name that is wrong is told at once, the network is read when it is needed
    _first_start("backgammon")
    serve(Settings(model, plies, visits, seed=seed, threads=threads or usable_cores()))


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
) -> None:
    """Train a stage of a recipe, or all of them in order."""
    from training import pipeline

    jobs = pipeline.plan(recipe, words or [], preset, name)
    if list_:
        _print(pipeline.listing(jobs))
    elif rate:
        _print({"rows": pipeline.rates(jobs)}, as_json=True)
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

    raise typer.Exit(carry_out(words, _print, json))


@evaluate.callback()
def _kinds() -> None: ...


@evaluate.command("policy", epilog="Example:  yomi evaluate policy --model runs/first games/ --every 10 --json")
def evaluate_policy(
    records: Annotated[list[str], typer.Argument(help="SGF files, folders of them, .xz or .zip.")],
    model: Annotated[str, typer.Option(help="A shipped model, a model folder or a run.")],
    games: Annotated[int | None, typer.Option(min=1, help="Measure on so many games.", show_default="all")] = None,
    every: Annotated[int, typer.Option(min=1, help="Measure on every so manieth position.")] = 1,
    engine: Annotated[str, typer.Option(help="auto, cuda, openvino, onnxruntime or int8.")] = "auto",
    symmetries: Annotated[str, typer.Option(help="Views of a position: none, random, all (their mean).")] = "none",
    against: Annotated[str, typer.Option(help="Another engine: how often do both choose the same move?")] = "",
    json: Json = False,
) -> None:
    """Measure how well a model foretells the moves and outcomes of games."""
    from training.go.evaluate import report_policy

    _print(report_policy(model, records, games, every, engine, symmetries, against, json), json)


@app.command(epilog="Example:  yomi analyze game.sgf --sgf reviewed.sgf   (or: yomi analyze match.mat --plies 2)")
def analyze(
    file: Annotated[str, typer.Argument(metavar="GAME", help="A game of Go (SGF) or a backgammon match (.mat).")],
    model: Annotated[
        str, typer.Option(help="A model that ships, a folder, a run; 'rollouts'.", show_default="the game's own")
    ] = "",
    visits: Annotated[
        int | None, typer.Option(min=1, help="Go: visits a position.", show_default="1600 unless --seconds")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.01, help="Go: seconds a position, at most.")] = None,
    plies: Annotated[
        int | None, typer.Option(min=0, max=2, help="Backgammon: how many plies to read ahead.", show_default="1")
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

    request = ReviewRequest(file, model, visits, seconds, plies, game, sgf, text, json_file, seed, threads)
    carry_out(request, _print, json)


@app.command(epilog="Example:  yomi bench rules --json")
def bench(
    suite: Annotated[Suite, typer.Argument(help="What to measure.")] = Suite.all,
    seconds: Annotated[float, typer.Option(min=0.1, help="Seconds for each row.")] = 3,
    json: Json = False,
) -> None:
    """Measure rates on this machine, beside the raw limit."""
    from engine.measures import bench

    rows = [] if suite == Suite.self_play else list(bench.measure(suite, seconds))
    if suite == Suite.self_play or (suite == Suite.all and find_spec("torch")):  # playing needs no torch
        from games import wings

        for game in wings.having("training", "bench"):
            rows += wings.part("training", game, "bench").rows(seconds)
    _print(bench.report_json(rows) if json else bench.report_table(rows), json)


@app.command(epilog="Example:  yomi doctor")
def doctor(json: Json = False) -> None:
    """Say what is installed, which device is used and why, and whether the search runs."""
    from engine.measures import doctor

    if json:
        _print(doctor.report_json(list(doctor.examine())), json)
        return
    for finding in doctor.examine():
        _print(doctor.report_line(finding))


def _go_player(
    model: str, visits: int | None, seconds: float | None, seed: int, threads: int | None, level: int | None = None
):
    """Return the player that the options describe, with its code compiled."""
    from engine.spec import make
    from games import go

    if level:
        player = _level_player("go", level, seed)
    else:
        player = make(_spec(model, visits, seconds, threads), go, seed)
    _first_start("go")
    player.warm_up(go, go.start(9))
    return player


def _spec(model: str, visits: int | None, seconds: float | None, threads: int | None, plies: int = -1):
    """Return the description of the player that options ask for; a limit replaces plies."""
    from engine.spec import PlayerSpec

    plies = -1 if visits or seconds else plies
    return PlayerSpec(model=model, visits=visits or 0, seconds=seconds or 0.0, threads=threads or 0, plies=plies)


def _level_player(game: str, number: int, seed: int, threads: int | None = None):
    """Return the player of a level, and say how strong it is."""
    from engine import levels

    level = levels.find(game, number)
    print(f"Yomi plays level {level.number}, {level.name}: Elo {level.strength} {level.where}")
    return levels.make(level, seed, threads)


def _refuse_limits(level: int | None, visits: int | None, seconds: float | None) -> None:
    """Raise `ValueError` where a level is to play within other limits than its own."""
    if level and (visits or seconds):
        raise ValueError("--level has limits of its own; leave --visits and --seconds out")


def _needs_window(run: str) -> None:
    """Raise `ValueError` where a run is to be shown in the terminal."""
    if run:
        raise ValueError("--run shows its checkpoints in the window, and this game is played in the terminal")


def _first_start(game: str) -> None:
    """Compile what playing needs, with a line that says so, where that was not done yet."""
    from engine.measures.warming import first_start

    first_start(lambda sentence: print(sentence, file=sys.stderr, flush=True), game)


def _print(what, as_json: bool = False) -> None:
    if as_json:
        from json import dumps

        print(dumps(what, indent=2))
    else:
        from rich.console import Console

        Console(highlight=False, soft_wrap=True).print(what)


def main() -> None:
    """Run the command line; what a user can cause is told in one line, with status 1."""
    try:
        app(prog_name="yomi")
    except (ValueError, OSError, ImportError) as error:
        if os.environ.get("YOMI_DEBUG"):
            raise
        sys.exit(f"yomi: {' '.join(str(error).split()) or type(error).__name__}")


if __name__ == "__main__":
    main()
