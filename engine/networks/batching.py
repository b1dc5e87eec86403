"""One evaluator for many threads: what they ask at the same time is asked as one batch.

    with server.calling():                     this thread is going to ask, so wait for it
        priors, values = server(game, states)  as any evaluator

There is no thread of its own: whoever completes a batch runs it for all, and hands the next one on. A batch goes as
soon as everybody who is calling waits in it, or `patience` seconds after its first position came. A thread that asks
without `calling` is not waited for. With several `lanes`, one share of the callers is evaluated while another thinks.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engine.search import Evaluator
from games.game import Game

PATIENCE = 0.002
"""Seconds that a batch waits for a caller who is busy elsewhere."""


class BatchServer:
    """Gathers the positions of many threads for an evaluator; is one itself.

    An error of the evaluator reaches every thread whose positions were in the batch.
    """

    def __init__(self, evaluator: Evaluator, most: int = 64, patience: float = PATIENCE):
        """A batch holds the positions of as many callers as fit into `most`."""
        self.evaluator, self.most, self.patience = evaluator, most, patience
        self.batches = self.positions = 0
        self._lock = threading.Lock()
        self._waiting: list[_Request] = []
        self._callers = 0
        self._running = self._closed = False

    def __call__(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return priors and values of states [B, W], as the evaluator; raise `ValueError` after `close`."""
        request = _Request(game, states)
        with self._lock:
            if self._closed:
                raise ValueError("the batch server is closed")
            self._waiting.append(request)
            batch = self._take()
        while not request.answered:
            if batch:
                self._run(batch)
            batch = None if request.answered else self._wait(request)
        if request.error:
            raise request.error
        return request.priors, request.values

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Count this thread among those a batch waits for."""
        self._count_caller(1)
        try:
            yield
        finally:
            self._count_caller(-1)

    def close(self) -> None:
        """Refuse what comes from now on, and who waits; a batch that runs is finished."""
        with self._lock:
            self._closed = True
            for request in self._waiting:
                request.fail(ValueError("the batch server is closed"))
            self._waiting.clear()

    # --- the queue (each with the lock held, unless it says otherwise) ---

    def _count_caller(self, more: int) -> None:
        """Take the lock; fewer callers may complete a batch."""
        with self._lock:
            self._callers += more
            self._hand_on()

    def _take(self, incomplete: bool = False) -> "list[_Request] | None":
        """Return the requests of the next batch if none runs and nobody is to be waited for, and mark it as running."""
        complete = len(self._waiting) >= self._callers or sum(map(len, self._waiting)) >= self.most
        if self._running or not self._waiting or not (complete or incomplete):
            return None
        batch: list[_Request] = []
        rest: list[_Request] = []
        rows = 0
        for request in self._waiting:
            fits = not batch or (request.kind == batch[0].kind and rows + len(request) <= self.most)
            (batch if fits else rest).append(request)
            rows += len(request) * fits
        self._waiting = rest
        self._running = True
        return batch

    def _hand_on(self) -> None:
        """Give the next batch to its first caller; an incomplete one wakes that caller to keep the time."""
        if self._waiting and not self._running:
            batch = self._take()
            first = batch[0] if batch else self._waiting[0]
            first.batch = batch
            first.woken.set()

    # --- a caller's thread (without the lock) ---

    def _wait(self, request: "_Request") -> "list[_Request] | None":
        """Sleep until there is an answer, or a batch for this thread to run, which is returned."""
        with self._lock:
            timed = not self._running and self._waiting[:1] == [request]
        woken = request.woken.wait(self.patience if timed else None)
        with self._lock:
            batch, request.batch = request.batch, None
            if not request.answered:
                request.woken.clear()
                batch = batch or (None if woken else self._take(incomplete=True))
        return batch

    def _run(self, batch: "list[_Request]") -> None:
        """Evaluate a batch and hand out its rows, or the error."""
        try:
            states = batch[0].states if len(batch) == 1 else np.concatenate([each.states for each in batch])
            priors, values = self.evaluator(batch[0].game, states)
        except BaseException as error:
            with self._lock:
                for request in batch:
                    request.fail(error)
        else:
            with self._lock:
                _hand_out(batch, priors, values)
                self.batches, self.positions = self.batches + 1, self.positions + len(states)
        with self._lock:
            self._running = False
            self._hand_on()


class _Request:
    """What one thread asks, and later its answer. Whoever is given a `batch` is to run it."""

    def __init__(self, game: Game, states: np.ndarray):
        self.game, self.states = game, states
        self.kind = game, states.shape[1:], states.dtype
        self.woken = threading.Event()
        self.batch: list[_Request] | None = None
        self.answered = False
        self.error: BaseException | None = None
        self.priors = self.values = np.empty(0, np.float32)

    def __len__(self) -> int:
        return len(self.states)

    def answer(self, priors: np.ndarray, values: np.ndarray) -> None:
        self.priors, self.values, self.answered = priors, values, True
        self.woken.set()

    def fail(self, error: BaseException) -> None:
        self.error, self.answered = error, True
        self.woken.set()


def _hand_out(batch: list[_Request], priors: np.ndarray, values: np.ndarray) -> None:
    first = 0
    for request in batch:
        rows = slice(first, first + len(request))
        request.answer(priors[rows], values[rows])
        first += len(request)
