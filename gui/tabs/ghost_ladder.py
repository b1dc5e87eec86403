"""The ghosts of a training run: the answers of each checkpoint about one position, worked out lazily in a thread.

A game whose turns are more than one move has a part `gui/GAME/ladder.py`, which makes evaluators and lists plays.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from engine.networks import evaluator
from engine.networks import model as models
from engine.networks.model import Model
from engine.search import Evaluator
from games import wings
from games.game import Game, Position

READY = 6
"""Evaluators that are kept ready at once: a network takes its time to load, and its room."""

KEPT = 4000
"""Answers that are remembered."""

MOST_PLAYS = 5

CHILDHOOD = "childhood"
"""The folder of early checkpoints in that of a model that ships."""

FILM = 3.0
"""Seconds that a film of a run takes."""

LOOK_EVERY = 2.0
"""Seconds between two looks for new checkpoints: training may be under way."""


@dataclass(frozen=True)
class LikelyPlay:
    """A turn that a checkpoint would play: one move or several; how it is written, and its probability."""

    moves: tuple[int, ...]
    words: str
    chance: float


@dataclass(frozen=True)
class Answer:
    """A checkpoint's answer about a position: the priors of all moves (0 of illegal ones), its value to FIRST."""

    policy: np.ndarray  # float32 [every move]
    value: float
    plays: tuple[LikelyPlay, ...] = ()  # the likeliest first


class Ladder:
    """The checkpoints of a run, the oldest first, and their answers. `close` it when it is no longer shown.

    `ask` returns at once: what is not known yet is worked out in a thread and is there at a later call.
    """

    beside: int | None = None
    """The checkpoint that stands beside the chosen one at first."""

    def __init__(self, run: str | Path):
        """Raise `ValueError` where the folder holds no models that play."""
        self.run = Path(run).expanduser()
        self.checkpoints = self._found()
        self.game = self.checkpoints[0].game
        self._looked, self._film = perf_counter(), 0.0  # when new checkpoints were looked for; when the film began
        self.failed: dict[int, str] = {}  # why a checkpoint has no answers
        self._answers: OrderedDict[tuple[int, bytes], Answer] = OrderedDict()
        self._ready: dict[int, Evaluator] = {}
        self._asked: tuple[Game, np.ndarray, list[int]] | None = None  # the latest question replaces older ones
        self._first = 0
        self._wake, self._closed, self._news = threading.Condition(), False, False
        self._thread: threading.Thread | None = None

    def ask(self, position: Position, first: int = -1) -> list[Answer | None]:
        """Return what is known of the position, None for each checkpoint not asked yet.

        The `first` checkpoint is asked first, -1 the last one, and then those nearest to it.
        """
        key = position.state.tobytes()
        with self._wake:
            self._first = first % len(self.checkpoints)
            found = [self._answers.get((k, key)) for k in range(len(self.checkpoints))]
            missing = [k for k, answer in enumerate(found) if answer is None and k not in self.failed]
            missing.sort(key=self._far)
            self._asked = (position.game, position.state.copy(), missing) if missing else None
            if missing and not self._closed:
                self._start()
                self._wake.notify()
        return found

    def _found(self) -> list[Model]:
        return checkpoints(self.run)

    def player(self, k: int) -> str:
        """Return the model that plays as a checkpoint."""
        return str(self.checkpoints[k].folder)

    def named(self, k: int) -> str:
        """Return what a checkpoint is called."""
        return f"Step {self.steps[k]:,}"

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of training after which the checkpoints were written."""
        return tuple(map(step_of, self.checkpoints))

    @property
    def title(self) -> str:
        """What the run is called."""
        run = self.run.resolve()
        return f"the childhood of {run.parent.name}" if is_childhood(run) else run.name

    def poll(self) -> bool:
        """Tell whether an answer or a checkpoint came since the last call, or a film runs."""
        news, self._news = self._news, False
        return news | self._look_for_more() | self.filming

    def _look_for_more(self) -> bool:
        """Add the checkpoints that training has written since; return whether there are any."""
        if perf_counter() < self._looked + LOOK_EVERY:
            return False
        self._looked = perf_counter()
        known = [each.folder for each in self.checkpoints]
        try:
            found = self._found()
        except (ValueError, OSError):  # it was moved away: what was read stays
            return False
        if [each.folder for each in found[: len(known)]] != known or len(found) == len(known):
            return False
        with self._wake:
            self.checkpoints = found
        return True

    # --- a film of the run ---

    def film(self) -> None:
        """Begin to go through the whole run, in FILM seconds."""
        self._film = perf_counter()

    @property
    def filming(self) -> bool:
        """Whether a film runs; it stays at its end for a moment, which is drawn."""
        return self._film > 0 and self.frame is not None

    @property
    def frame(self) -> int | None:
        """The checkpoint that the film shows now, None where none runs."""
        share = (perf_counter() - self._film) / FILM
        if not self._film or share >= 1:
            return None
        return min(len(self.checkpoints) - 1, int(share * len(self.checkpoints)))

    @property
    def busy(self) -> bool:
        """Tell whether answers are still to come, or a film runs."""
        return (self._asked is not None or self.filming) and not self._closed

    def close(self, wait: bool = False) -> bool:
        """Ask no more; `wait` for the evaluation under way, for a few seconds. Return whether it has ended."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if wait and self._thread is not None:
            self._thread.join(20)
        return self._thread is None or not self._thread.is_alive()

    # --- the thread ---

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="yomi-ladder", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._closed and not self._next():
                    self._wake.wait()
                if self._closed:
                    return
                assert self._asked is not None  # as `_next` found
                game, state, missing = self._asked
                k = missing.pop(0)
                known = k in self.failed or (k, state.tobytes()) in self._answers  # asked again meanwhile
            if not known:
                self._evaluate(k, game, state)

    def _next(self) -> bool:
        if self._asked and not self._asked[2]:
            self._asked = None
        return self._asked is not None

    def _evaluate(self, k: int, game: Game, state: np.ndarray) -> None:
        answer, failure = None, ""
        try:
            answer = answer_of(self._evaluator(k), game, state)
        except Exception as error:  # a broken checkpoint is noted, and the others are asked
            failure = str(error) or type(error).__name__
        with self._wake:
            if answer is None:
                self.failed[k] = failure
            else:
                self._answers[k, state.tobytes()] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            self._news = True

    def _evaluator(self, k: int) -> Evaluator:
        """Return a checkpoint's evaluator; those nearest to the one that is looked at stay ready."""
        found = self._ready.get(k) or self._open(k)
        self._ready[k] = found
        if len(self._ready) > READY:
            del self._ready[max(self._ready, key=self._far)]
        return found

    def _open(self, k: int) -> Evaluator:
        return open_evaluator(self.checkpoints[k])

    def _far(self, k: int) -> int:
        return abs(k - self._first)


def childhood(name: str) -> Path | None:
    """Return the folder with the early checkpoints of a model that ships, None where there is none."""
    folder = models.SHIPPED / name / CHILDHOOD
    return folder if folder.is_dir() else None


def is_childhood(run: Path) -> bool:
    """Tell whether a folder holds the early checkpoints of the model in the folder above."""
    return run.name == CHILDHOOD and (run.parent / models.DESCRIPTION).is_file()


def step_of(found: Model) -> int:
    """Return after which step of its run a model was written; of one that has grown up, its model.json says it."""
    name = found.folder.name
    told = found.about.get("cycles") or found.about.get("steps") or 0
    return int(name) if name.isdecimal() else told if isinstance(told, int) else 0


def checkpoints(run: Path) -> list[Model]:
    """List the models of a run folder that can be read, by their steps; raise `ValueError` where there is none.

    The last one of a childhood is the model that has grown up.
    """
    if not run.is_dir():
        raise ValueError(f"there is no folder {run}: a run is a folder that `yomi train` made")
    folders = [path for path in (run / "models").glob("*") if path.name.isdecimal()]
    found, reason = [], "it has no models yet"
    last = [run.parent] if is_childhood(run) else []
    for folder in [*sorted(folders, key=lambda path: int(path.name)), *last]:
        try:
            found.append(models.read(folder))
        except ValueError as error:
            reason = str(error)
    if not found:
        raise ValueError(f"{run} is no run with checkpoints to look at: {reason}")
    return found


def open_evaluator(found: Model) -> Evaluator:
    """Return the evaluator of a checkpoint; raise `ValueError` where it does not run here."""
    models.check(found, found.game)
    if wings.has("gui", found.game, "ladder"):
        return wings.part("gui", found.game, "ladder").open_evaluator(found)
    return evaluator.choose(found, cache=0)


def answer_of(ask: Evaluator, game: Game, state: np.ndarray) -> Answer:
    """Return what an evaluator answers about a position."""
    priors, values = ask(game, state[None])
    moves, _, counts = game.legal(state[None])
    policy = np.zeros(game.move_count(state), np.float32)
    legal = moves[0, : counts[0]]
    policy[legal] = priors[0, legal] if priors.shape[1] else 1
    policy /= max(float(policy.sum()), 1e-9)
    plays = wings.part("gui", game.name, "ladder").plays(ask, state) if wings.has("gui", game.name, "ladder") else ()
    return Answer(policy, float(values[0]), plays or _likely_moves(game, state, policy))


def _likely_moves(game: Game, state: np.ndarray, policy: np.ndarray) -> tuple[LikelyPlay, ...]:
    order = np.argsort(-policy, kind="stable")[:MOST_PLAYS].tolist()
    return tuple(LikelyPlay((k,), game.notation(state, k), float(policy[k])) for k in order if policy[k] > 0)
