"""The command `yomi analyze`: find out what a file holds, review it, show how far that is, write what was found."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.backgammon import model as afterstates_model
from engine.backgammon import review_report as review_backgammon_report
from engine.backgammon.plies import Lookahead
from engine.backgammon.review import ReviewedGame, review_backgammon
from engine.clock import Limit
from engine.go import review_report
from engine.go.review import ReviewedMove, Told, review_go, reviewed_moves
from engine.go.review_sgf import annotate
from engine.machine import usable_cores
from engine.measures.doctor import first_start
from engine.resources import Resources
from engine.spec import PlayerSpec, make
from games import go
from games.backgammon import mat
from games.backgammon.board import start
from games.game import Position, Record
from games.go import sgf

Stop = Callable[[], bool]

GO_MODEL, BACKGAMMON_MODEL = "go", "backgammon"
"""What reviews a game unless another model is named."""

VISITS, PLIES = 1600, 1

RULES = "chinese"
"""Where a record of Go names none; as everywhere on the command line."""


@dataclass(frozen=True)
class Wishes:
    """What was asked for; None and "" leave the choice to Yomi."""

    path: str
    model: str = ""
    visits: int | None = None
    seconds: float | None = None
    plies: int | None = None
    number: int | None = None  # of the game in the file, from 1
    sgf: str = ""
    text: str = ""
    json: str = ""
    seed: int = 1
    threads: int | None = None


@dataclass(frozen=True)
class Report:
    """A review told in every way that was asked for."""

    summary: str
    text: str
    found: dict[str, Any]
    write_sgf: Callable[[], None] | None = None


def carry_out(wishes: Wishes, tell: Callable[[Any, bool], None], as_json: bool = False) -> None:
    """Review the games of a file, `tell` the summary, or everything `as_json`, and write what was asked for.

    Raise `ValueError` or `OSError` with a sentence for what cannot be read, reviewed or written.
    """
    for path in (wishes.sgf, wishes.text, wishes.json):
        _check_writable(path)
    review = _review_go if holds_go(Path(wishes.path).expanduser()) else _review_backgammon
    report = review(wishes)
    tell(report.found if as_json else report.summary, as_json)
    _write_all(wishes, report)


def _write_all(wishes: Wishes, report: Report) -> None:
    """Write every file; one that cannot be written does not keep the others from it."""
    found = json.dumps(report.found, indent=2) + "\n"
    jobs = [
        (wishes.sgf, report.write_sgf),
        (wishes.text, lambda: _write(wishes.text, report.text)),
        (wishes.json, lambda: _write(wishes.json, found)),
    ]
    failed = None
    for name, write in jobs:
        try:
            if name:
                write()
        except (ValueError, OSError) as error:
            failed = failed or error
    if failed:
        raise failed


# --- files ------------------------------------------------------------------------------------------------

PEEK = 1 << 16
"""Bytes of a file that tell what it is."""


def holds_go(path: Path) -> bool:
    """Tell whether a file (or a folder, or an archive) is SGF rather than a match of backgammon."""
    if path.suffix.lower() in (".sgf", ".xz", ".gz", ".zip") or path.is_dir():
        return True
    if path.suffix.lower() == ".mat":
        return False
    try:
        with path.open("rb") as file:
            return b"(;" in b"".join(file.read(PEEK).split())
    except OSError as error:
        raise ValueError(f"{path}: it cannot be opened: {error.strerror}") from None


def _check_writable(name: str) -> None:
    """Raise `OSError` where a file could not be written, before hours are spent on it."""
    path = Path(name).expanduser()
    if name and (path.is_dir() or not os.access(path.parent, os.W_OK)):
        raise OSError(f"{name} cannot be written")


def _write(name: str, text: str) -> None:
    """Replace a file at once or not at all."""
    path = Path(name).expanduser()
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, "utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OSError(f"{name} cannot be written: {error.strerror}") from None


# --- Go ---------------------------------------------------------------------------------------------------


def _review_go(wishes: Wishes) -> Report:
    if wishes.plies is not None:
        raise ValueError("--plies is for backgammon; Go is searched with --visits or --seconds")
    number = wishes.number or 1
    record = sgf.one(wishes.path, number, RULES)
    for remark in record.remarks:
        say(remark)
    position = _replay(wishes.path, number, record)
    total = reviewed_moves(position)
    if not total:
        raise ValueError(f"{wishes.path}: there is nothing to review: no stone was played")
    limit = Limit(wishes.visits or (None if wishes.seconds else VISITS), wishes.seconds)
    size = record.start["size"]
    asked = PlayerSpec(
        model=wishes.model or GO_MODEL,
        visits=limit.visits or 0,
        seconds=limit.seconds or 0.0,
        threads=wishes.threads or 0,
    )
    player = make(asked, go, wishes.seed, Resources({"size": size}))
    first_start(say, "go")
    with _bar() as told, _heeding_interrupts(player.stop) as stop:
        moves = list(review_go(position, player, limit, told, stop))
    _tell_if_stopped(len(moves), total)
    head = {"file": wishes.path, "number": number, "model": player.name}
    head |= {"visits": limit.visits, "seconds": limit.seconds}
    return Report(
        review_report.summary(record, moves),
        review_report.annotated(record, moves),
        head | review_report.as_json(record, moves, total),
        lambda: _write_sgf(wishes, number, size, moves),
    )


def _replay(path: str, number: int, record: Record) -> Position:
    try:
        return sgf.position(record)
    except sgf.SgfError as error:
        raise sgf.SgfError(error.sentence, path, number) from None


def _write_sgf(wishes: Wishes, number: int, size: int, moves: list[ReviewedMove]) -> None:
    document = sgf.Document.open(wishes.path)
    annotate(document.games[number - 1], moves, size)
    document.save(Path(wishes.sgf).expanduser())


# --- backgammon -------------------------------------------------------------------------------------------


def _review_backgammon(wishes: Wishes) -> Report:
    if wishes.visits or wishes.seconds:
        raise ValueError("--visits and --seconds are for Go; backgammon is read with --plies")
    if wishes.sgf:
        raise ValueError("--sgf is for Go; write a match with --text or --json-file")
    match = mat.read(Path(wishes.path))
    for error in match.left_out:
        say(str(error))
    chosen = _chosen_games(wishes, match)
    model, plies = wishes.model or BACKGAMMON_MODEL, PLIES if wishes.plies is None else wishes.plies
    lookahead = Lookahead(afterstates_model.load(model), wishes.threads or usable_cores())
    first_start(say, "backgammon")
    with _bar() as told, _heeding_interrupts() as stop:
        done = _fill_in(chosen, lookahead, plies, told, stop)
    _tell_if_stopped(done, _moves(chosen))
    games = [game for game in chosen if game.decisions or game.complete]
    head = {"file": wishes.path, "model": model, "plies": plies}
    return Report(
        review_backgammon_report.summary(match, games),
        review_backgammon_report.annotated(match, games),
        head | review_backgammon_report.as_json(match, games, len(chosen)),
    )


def _fill_in(games: list[ReviewedGame], lookahead: Lookahead, plies: int, told: Told, stop: Stop) -> int:
    """Fill in the decisions of games; return how many of their moves are done when that ends."""
    before, done, total = 0, 0, _moves(games)

    def on_move(ply: int, _: int) -> None:
        nonlocal done
        done = before + ply
        told(done, total)

    for game in games:
        game.decisions += review_backgammon(mat.position(game.record), lookahead, plies, on_move, stop)
        if stop():
            break
        game.complete = True
        before = done = before + len(game.record.moves)
    return done


def _moves(games: list[ReviewedGame]) -> int:
    return sum(len(game.record.moves) for game in games)


def _chosen_games(wishes: Wishes, match: mat.Match) -> list[ReviewedGame]:
    """Return the games to review, each still without its decisions."""
    number = wishes.number
    if number and number > len(match.records):
        raise ValueError(f"{wishes.path}: there is no game {number} in it")
    numbered = [(k, record) for k, record in enumerate(match.records, 1) if number in (None, k)]
    if not any(record.moves for _, record in numbered):
        raise ValueError(f"{wishes.path}: there is nothing to review: no dice were rolled")
    return [ReviewedGame(k, record, start(**record.start)) for k, record in numbered]


# --- while it runs ----------------------------------------------------------------------------------------


def say(sentence: str) -> None:
    """Tell the user something beside the result."""
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def _bar() -> Iterator[Told]:
    """Show how much is done and how long the rest will take."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("moves"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=120) as bar:
        task = bar.add_task("reviewing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _heeding_interrupts(end: Callable[[], None] = lambda: None) -> Iterator[Stop]:
    """Let the first Ctrl-C end the work in order, calling `end`; give a function that tells whether it came."""
    asked = False

    def heed(number, frame):
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)  # the second ends at once
        end()

    before = signal.getsignal(signal.SIGINT)
    with suppress(ValueError):  # not the main thread: signals are somebody else's business
        signal.signal(signal.SIGINT, heed)
    try:
        yield lambda: asked
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, before)


def _tell_if_stopped(done: int, total: int) -> None:
    if done < total:
        say(f"stopped after {done} of {total} moves; what was done is kept")
