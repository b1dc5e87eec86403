"""The ghosts of a training run: the answers of each checkpoint about one position, worked out lazily in a thread.

A game whose turns are more than one move has a part `gui/GAME/ladder.py`, which makes evaluators and lists plays.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

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

    def __init__(self, run: str | Path):
        """Raise `ValueError` where the folder holds no models that play."""
        self.run = Path(run).expanduser()
        self.checkpoints = checkpoints(self.run)
        self.steps = tuple(int(found.folder.name) for found in self.checkpoints)
        self.game = self.checkpoints[0].game
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

    def poll(self) -> bool:
        """Tell whether an answer came since the last call."""
        news, self._news = self._news, False
        return news

    @property
    def busy(self) -> bool:
        """Tell whether answers are still to come."""
        return self._asked is not None and not self._closed

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
        found = self._ready.get(k) or open_evaluator(self.checkpoints[k])
        self._ready[k] = found
        if len(self._ready) > READY:
            del self._ready[max(self._ready, key=self._far)]
        return found

    def _far(self, k: int) -> int:
        return abs(k - self._first)


def checkpoints(run: Path) -> list[Model]:
    """List the models of a run folder that can be read, by their steps; raise `ValueError` where there is none."""
    if not run.is_dir():
        raise ValueError(f"there is no folder {run}: a run is a folder that `yomi train` made")
    folders = [path for path in (run / "models").glob("*") if path.name.isdigit()]
    found, reason = [], "it has no models yet"
    for folder in sorted(folders, key=lambda path: int(path.name)):
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
