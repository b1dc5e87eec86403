"""`yomi analyze` for Go: which files it reviews, and the review of one game of SGF."""

from pathlib import Path

from engine.clock import Limit
from engine.go import review_report
from engine.go.review import ReviewedMove, review_go, reviewed_moves
from engine.go.review_sgf import annotate
from engine.measures.warming import first_start
from engine.players import SearchPlayer
from engine.resources import Resources
from engine.reviewing import ReviewReport, ReviewRequest, bar, heeding_interrupts, say, tell_if_stopped
from engine.spec import PlayerSpec, make
from games import go
from games.game import Position, Record
from games.go import sgf

SUFFIXES = (".sgf", ".xz", ".gz", ".zip")

MODEL, VISITS = "go", 1600
"""The default model, and the default number of visits to each position."""

RULES = "chinese"
"""The default if a record names no rules, as everywhere on the command line."""


def holds(beginning: bytes | None) -> bool:
    """Tell whether a file that begins so, or a folder (None), holds SGF."""
    return beginning is None or b"(;" in b"".join(beginning.split())


def review(request: ReviewRequest) -> ReviewReport:
    """Review one game of a file."""
    if request.plies is not None or request.rollout:
        name = "--rollout" if request.rollout else "--plies"
        raise ValueError(f"{name} is for backgammon; Go is searched with --visits or --seconds")
    number = request.number or 1
    record = sgf.one(request.path, number, RULES)
    for remark in record.remarks:
        say(remark)
    position = _replay(request.path, number, record)
    total = reviewed_moves(position)
    if not total:
        raise ValueError(f"{request.path}: there is nothing to review: no stone was played")
    limit = Limit(request.visits or (None if request.seconds else VISITS), request.seconds)
    size = record.start["size"]
    asked = PlayerSpec(
        model=request.model or MODEL,
        visits=limit.visits or 0,
        seconds=limit.seconds or 0.0,
        threads=request.threads or 0,
    )
    player = make(asked, go, request.seed, Resources({"size": size}))
    assert isinstance(player, SearchPlayer)  # the usual kind of Go
    first_start(say, "go")
    with bar() as show, heeding_interrupts(player.stop) as stop:
        moves = list(review_go(position, player, limit, show, stop))
    tell_if_stopped(len(moves), total)
    head = {"file": request.path, "number": number, "model": player.name}
    head |= {"visits": limit.visits, "seconds": limit.seconds}
    return ReviewReport(
        review_report.summary(record, moves),
        review_report.annotated(record, moves),
        head | review_report.as_json(record, moves, total),
        lambda: _write_sgf(request, number, size, moves),
    )


def _replay(path: str, number: int, record: Record) -> Position:
    try:
        return sgf.position(record)
    except sgf.SgfError as error:
        raise sgf.SgfError(error.sentence, path, number) from None


def _write_sgf(request: ReviewRequest, number: int, size: int, moves: list[ReviewedMove]) -> None:
    document = sgf.Document.open(request.path)
    annotate(document.games[number - 1], moves, size)
    document.save(Path(request.sgf).expanduser())
