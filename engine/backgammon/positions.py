"""`yomi analyze` for a backgammon position: an XGID or GNU Backgammon's IDs, read ahead or rolled out."""

import numpy as np

from engine.backgammon import model as afterstates_model
from engine.backgammon import rollout_report
from engine.backgammon.player import judge_cube
from engine.backgammon.plies import DEEPEST, Lookahead
from engine.backgammon.rollout import RolledOutCube, RolledOutPlays, Rollout, RolloutSettings
from engine.machine import usable_cores
from engine.measures.warming import first_start
from engine.reviewing import Progress, ReviewReport, ReviewRequest, Stop, bar, heeding_interrupts, say
from games.backgammon import describe, gnubg_id, ids
from games.backgammon.rules import DICE, TURN
from games.game import NOBODY

MODEL = "backgammon"
SHOWN = 5


def holds(text: str) -> bool:
    """Tell whether an argument that names no file is the ID of a position, or looks like one that cannot be."""
    try:
        ids.find(text)
    except ValueError:
        return "xgid" in text.lower() or bool(gnubg_id.search(text))
    return True


def review(request: ReviewRequest) -> ReviewReport:
    """Analyse a position: the plays of rolled dice, or the decision about the cube."""
    if request.visits or request.seconds or request.sgf or request.number:
        raise ValueError("a position of backgammon takes --plies or --rollout, --text and --json-file; nothing else")
    state = ids.find(request.path)
    if state[TURN] == NOBODY:
        raise ValueError("there is nothing to decide: the game is over")
    model = request.model or MODEL
    lookahead = Lookahead(afterstates_model.load(model), request.threads or usable_cores())
    first_start(say, "backgammon")
    head = {"position": request.path, "model": model}
    body, found = _rolled_out(lookahead, state, request) if request.rollout else _read(lookahead, state, request)
    text = f"{describe(state)}\n\n{body}"
    return ReviewReport(text, text + "\n", head | found)


def _read(lookahead: Lookahead, state: np.ndarray, request: ReviewRequest) -> tuple[str, dict]:
    plies = DEEPEST if request.plies is None else request.plies
    if state[DICE]:
        plays = lookahead.rank(state, plies)[:SHOWN]
        if not plays:
            raise ValueError("there is nothing to decide: no checker can be moved")
        found = [rollout_report.read_json(state, play) for play in plays]
        return rollout_report.read_table(state, plays), {"plies": plies, "kind": "play", "plays": found}
    decision = judge_cube(lookahead, state, plies)
    equities = {name: round(getattr(decision, name), 4) for name in ("no_double", "double_take", "double_pass")}
    told = {"plies": plies, "kind": "cube", **equities, "sentence": decision.sentence}
    return rollout_report.read_cube_table(decision), told


def _rolled_out(lookahead: Lookahead, state: np.ndarray, request: ReviewRequest) -> tuple[str, dict]:
    settings = settings_of(request)
    with bar("rolling out", "games") as show, heeding_interrupts() as stop:
        rolled = roll_out(Rollout(lookahead, settings), state, show, stop)
    if isinstance(rolled, RolledOutPlays) and not rolled.plays:
        raise ValueError("there is nothing to decide: no checker can be moved")
    line = rollout_report.settings_line(settings)
    about = {"games": settings.games, "plies": settings.plies, "seed": settings.seed}
    return f"{rollout_report.told(state, rolled)}\n{line}", {"rollout": about, **rollout_report.as_json(state, rolled)}


def settings_of(request: ReviewRequest) -> RolloutSettings:
    """Return how a request wants decisions rolled out."""
    games = {} if request.trials is None else {"games": request.trials}
    return RolloutSettings(seed=request.seed, **games)


def roll_out(
    rollout: Rollout, state: np.ndarray, show: Progress | None = None, stop: Stop = bool
) -> RolledOutPlays | RolledOutCube:
    """Roll out whatever there is to decide in a position."""
    return rollout.plays(state, show, stop) if state[DICE] else rollout.cube(state, show, stop)
