"""`yomi analyze` for backgammon: which files it reviews, and the review of a match."""

from pathlib import Path

from engine.backgammon import match_rollouts, review_report
from engine.backgammon import model as afterstates_model
from engine.backgammon.plies import Lookahead
from engine.backgammon.positions import settings_of
from engine.backgammon.review import ReviewedGame, review_backgammon
from engine.backgammon.rollout import Rollout
from engine.backgammon.rollout_report import settings_line
from engine.machine import usable_cores
from engine.measures.warming import first_start
from engine.reviewing import Progress, ReviewReport, ReviewRequest, Stop, bar, heeding_interrupts, say, tell_if_stopped
from games.backgammon import mat
from games.backgammon.board import start

SUFFIXES = (".mat",)

MODEL, PLIES = "backgammon", 1
"""What reviews a match, and how far it reads ahead, unless the request says."""


def holds(beginning: bytes | None) -> bool:
    """Tell whether a file that begins so is text that may be a match; other games' files are known by more."""
    return beginning is not None and b"\0" not in beginning


def review(request: ReviewRequest) -> ReviewReport:
    """Review the games of a match."""
    if request.visits or request.seconds:
        raise ValueError("--visits and --seconds are for Go; backgammon is read with --plies")
    if request.sgf:
        raise ValueError("--sgf is for Go; write a match with --text or --json-file")
    match = mat.read(Path(request.path))
    for error in match.left_out:
        say(str(error))
    chosen = _chosen_games(request, match)
    model, plies = request.model or MODEL, PLIES if request.plies is None else request.plies
    lookahead = Lookahead(afterstates_model.load(model), request.threads or usable_cores())
    first_start(say, "backgammon")
    with bar() as show, heeding_interrupts() as stop:
        done = _fill_in(chosen, lookahead, plies, show, stop)
    tell_if_stopped(done, _moves(chosen))
    games = [game for game in chosen if game.decisions or game.complete]
    head = {"file": request.path, "model": model, "plies": plies}
    summary, text = review_report.summary(match, games), review_report.annotated(match, games)
    found = head | review_report.as_json(match, games, len(chosen))
    if not request.rollout:
        return ReviewReport(summary, text, found)
    told, rolled = _roll_out(Rollout(lookahead, settings_of(request)), match, games)
    return ReviewReport(f"{summary}\n\n{told}", f"{text}\n{told}\n", found | {"rollouts": rolled})


def _roll_out(rollout: Rollout, match: mat.Match, games: list[ReviewedGame]) -> tuple[str, list]:
    """Roll out the doubtful decisions; return a table and what is said to programs."""
    with bar("rolling out", "decisions") as show, heeding_interrupts() as stop:
        rolled = list(match_rollouts.roll_out_doubtful(rollout, games, show, stop))
    table = match_rollouts.rollout_table(review_report.names_of(match), rolled)
    return f"{table}\n{settings_line(rollout.settings)}", match_rollouts.rollouts_json(rolled)


def _fill_in(games: list[ReviewedGame], lookahead: Lookahead, plies: int, show: Progress, stop: Stop) -> int:
    """Fill in the decisions of games; return how many of their moves are done when that ends."""
    before, done, total = 0, 0, _moves(games)

    def on_move(ply: int, _: int) -> None:
        nonlocal done
        done = before + ply
        show(done, total)

    for game in games:
        game.decisions += review_backgammon(mat.position(game.record), lookahead, plies, on_move, stop)
        if stop():
            break
        game.complete = True
        before = done = before + len(game.record.moves)
    return done


def _moves(games: list[ReviewedGame]) -> int:
    return sum(len(game.record.moves) for game in games)


def _chosen_games(request: ReviewRequest, match: mat.Match) -> list[ReviewedGame]:
    """Return the games to review, each still without its decisions."""
    number = request.number
    if number and number > len(match.records):
        raise ValueError(f"{request.path}: there is no game {number} in it")
    numbered = [(k, record) for k, record in enumerate(match.records, 1) if number in (None, k)]
    if not any(record.moves for _, record in numbered):
        raise ValueError(f"{request.path}: there is nothing to review: no dice were rolled")
    return [ReviewedGame(k, record, start(**record.start)) for k, record in numbered]
