"""The one thread that thinks: a job at a time, its answers fetched by whoever draws. Nothing here waits for it."""

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import perf_counter

Report = Callable[[object], None]


@dataclass(eq=False)
class Job:
    """Something to work out. `work(report)` runs in the thread; `done`, `told` and `failed` in the caller's `poll`.

    `stop` asks the work to end soon; it is repeated until it does, since work may just be beginning.
    """

    name: str
    work: Callable[[Report], object]
    done: Callable[[object], None]
    told: Callable[[object], None] = lambda found: None
    failed: Callable[[Exception], None] = lambda error: None
    stop: Callable[[], None] = lambda: None
    stopping: bool = False
    dropped: bool = False  # nobody wants its answer any more
    began: float = field(default_factory=perf_counter)


class Thinker:
    """Runs jobs in a thread of its own, one after the other."""

    def __init__(self):
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.answers: SimpleQueue[tuple[Job, str, object]] = SimpleQueue()
        self.latest: tuple[Job, object] | None = None
        self.job: Job | None = None
        self.working: Job | None = None  # what the thread is at, also where nobody wants it any more
        self.lock = threading.Lock()  # held where `working` changes, so that only the job that is meant is stopped
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
        """End the job in progress; its answer is not wanted."""
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
        news = latest is not None and self._deliver(latest[0], "told", latest[1])
        while True:
            try:
                job, how, what = self.answers.get_nowait()
            except Empty:
                return news
            if job is self.job:
                self.job = None
            news |= self._deliver(job, how, what)

    def _deliver(self, job: Job, how: str, what: object) -> bool:
        if job.dropped:
            return False
        getattr(job, how)(what)
        return True

    def close(self) -> None:
        """Let the thread end."""
        self.drop()
        self.jobs.put(None)

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
            self.answers.put((job, *answer))
            del job, answer

    def _work(self, job: Job) -> tuple[str, object]:
        def report(found: object) -> None:
            self.latest = (job, found)

        try:
            return "done", None if job.dropped else job.work(report)
        except Exception as error:  # whatever went wrong is told on screen, and the game goes on
            error.told = "".join(traceback.format_exception(error))
            return "failed", error
