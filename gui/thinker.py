"""The one thread that thinks: one job at a time; the window fetches the results and never waits for it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any

Report = Callable[[object], None]


@dataclass(eq=False)
class Job:
    """Work for the thread: `work(report)` runs there; `done`, `told` and `failed` are called by `poll`.

    `stop` asks the work to end soon. It is repeated until the work ends, since that may just be beginning.
    """

    name: str
    work: Callable[[Report], object]
    done: Callable[[Any], None]
    told: Callable[[Any], None] = lambda found: None
    failed: Callable[[Exception], None] = lambda error: None
    stop: Callable[[], None] = lambda: None
    stopping: bool = False
    dropped: bool = False  # its result is not wanted any more
    began: float = field(default_factory=perf_counter)


@dataclass(frozen=True)
class _Failure:
    """What went wrong in the thread."""

    error: Exception


class Thinker:
    """Runs jobs in a thread of its own, one after the other."""

    def __init__(self):
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.answers: SimpleQueue[tuple[Job, object]] = SimpleQueue()
        self.latest: tuple[Job, object] | None = None
        self.job: Job | None = None
        self.working: Job | None = None  # the job in the thread, also a dropped one
        self.lock = threading.Lock()  # held while `working` changes, so that `stop` reaches the right job
        self.thread = threading.Thread(target=self._run, name="yomi-thinking", daemon=True)
        self.thread.start()

    def start(self, job: Job) -> None:
        """Begin a job, instead of the one in progress."""
        self.drop()
        self.job = job
        self.jobs.put(job)

    def stop(self) -> None:
        """Let the job in progress end now with what it has."""
        if self.job:
            self.job.stopping = True
            self._stop_working()

    def drop(self) -> None:
        """End the job in progress; its result is not wanted."""
        if self.job:
            self.job.dropped = True
            self.stop()
            self.job = None

    def _stop_working(self) -> None:
        with self.lock:
            if self.working and self.working.stopping:
                self.working.stop()

    def poll(self) -> bool:
        """Deliver what the thread found since; return whether there was anything."""
        self._stop_working()
        latest, self.latest = self.latest, None
        news = latest is not None and self._deliver(latest[0], latest[0].told, latest[1])
        while True:
            try:
                job, what = self.answers.get_nowait()
            except Empty:
                return news
            if job is self.job:
                self.job = None
            news |= self._deliver(job, job.failed if isinstance(what, _Failure) else job.done, what)

    def _deliver(self, job: Job, how: Callable, what: object) -> bool:
        if job.dropped:
            return False
        how(what.error if isinstance(what, _Failure) else what)
        return True

    def close(self, seconds: float = 20.0) -> bool:
        """End the thread and wait for it; return whether it ended in time.

        A thread that is left in the middle of a search when Python ends brings the whole program down.
        """
        self.drop()
        self.jobs.put(None)
        end = perf_counter() + seconds
        while self.thread.is_alive() and perf_counter() < end:
            self._stop_working()
            self.thread.join(0.02)
        return not self.thread.is_alive()

    def _run(self) -> None:
        while True:
            job = self.jobs.get()
            if job is None:
                return
            with self.lock:
                self.working = job
            answer = self._work(job)
            with self.lock:
                self.working = None
            self.answers.put((job, answer))
            del job, answer

    def _work(self, job: Job) -> object:
        def report(found: object) -> None:
            self.latest = (job, found)

        try:
            return None if job.dropped else job.work(report)
        except Exception as error:  # shown on screen, and the game goes on
            return _Failure(error)
