"""Who plays the tasks of self-play: this process, processes beside it, or the actors of a Ray cluster.

All call the same function with the same arguments, so the games are the same. Weights travel as the bytes of an ONNX
file; those who play need no torch. A task whose process or actor died is played again by another.
"""

import logging
import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, Protocol

from engine.networks.evaluator import Cached, NetworkEvaluator, choose
from engine.networks.model import ONNX, Model
from engine.networks.runtimes import Network
from engine.search import Evaluator
from training.played_games import PlayedGames
from training.self_play import RolloutEvaluator, SelfPlayTask, play
from training.self_play_settings import SelfPlaySettings

TRIES = 5
"""How often a task is given to a new process before its end is taken for a fault of the task."""

PATIENCE = 5.0
"""Seconds in which a pool whose process was killed ends by itself, if it does."""


@dataclass(frozen=True)
class Snapshot:
    """What plays: a network as the bytes of an ONNX file, or rollouts where there are none."""

    game: str
    onnx: bytes = b""


def evaluator_of(snapshot: Snapshot, engine: str, cache: float) -> Evaluator:
    """Return the evaluator of a snapshot, with an empty cache: a task must not depend on the tasks before it."""
    if not snapshot.onnx:
        return RolloutEvaluator()
    network = network_of(snapshot, engine)
    return NetworkEvaluator(Cached(network, cache) if cache else network)


def network_of(snapshot: Snapshot, engine: str) -> Network:
    """Return the network of a snapshot."""
    return opened(snapshot, engine).network


@lru_cache(maxsize=2)
def opened(snapshot: Snapshot, engine: str) -> NetworkEvaluator:
    """Load a network into the quickest engine that runs here."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ONNX).write_bytes(snapshot.onnx)
        return choose(Model(Path(folder), snapshot.game, {}), engine, cache=0)


def play_task(
    task: SelfPlayTask, snapshot: Snapshot, settings: SelfPlaySettings, shown_in: Path | None = None
) -> PlayedGames:
    """Play a task in whatever process calls."""
    return play(task, evaluator_of(snapshot, settings.engine, settings.cache), settings, shown_in)


def shown(tasks: Sequence[SelfPlayTask], folder: Path | None) -> Iterator[tuple[SelfPlayTask, Path | None]]:
    """Yield tasks with the folder where a game of theirs can be watched: that is so for the first one."""
    return ((task, None if k else folder) for k, task in enumerate(tasks))


# --- who plays --------------------------------------------------------------------------------------------


class TaskRunner(Protocol):
    """Plays tasks."""

    def played(
        self, tasks: Sequence[SelfPlayTask], snapshot: Snapshot, settings: SelfPlaySettings
    ) -> Iterator[tuple[SelfPlayTask, PlayedGames]]:
        """Yield every task with its games as soon as they are over, in any order."""

    def close(self) -> None:
        """End the processes, where there are any."""


class SerialRunner:
    """Plays in this process, a task at a time."""

    def __init__(self, shown_in: Path | None = None):
        self.shown_in = shown_in

    def played(
        self, tasks: Sequence[SelfPlayTask], snapshot: Snapshot, settings: SelfPlaySettings
    ) -> Iterator[tuple[SelfPlayTask, PlayedGames]]:
        each = shown(tasks, self.shown_in)
        return ((task, play_task(task, snapshot, settings, where)) for task, where in each)

    def close(self) -> None: ...


class ProcessRunner:
    """Plays in processes of this machine, a task each."""

    def __init__(self, processes: int, shown_in: Path | None = None):
        self.processes, self.shown_in = processes, shown_in
        self._pool: ProcessPoolExecutor | None = None

    def played(
        self, tasks: Sequence[SelfPlayTask], snapshot: Snapshot, settings: SelfPlaySettings
    ) -> Iterator[tuple[SelfPlayTask, PlayedGames]]:
        left = dict.fromkeys(tasks, 0)
        while left:
            try:
                for task, games in self._finished(list(left), snapshot, settings):
                    del left[task]
                    yield task, games
            except BrokenProcessPool:  # all that was under way has ended with the process that was killed
                self._free()
                self.close()
                left = {task: tries + 1 for task, tries in left.items()}
                if max(left.values()) == TRIES:
                    raise RuntimeError(
                        f"processes that play have ended {TRIES} times: is there enough memory?"
                    ) from None

    def _finished(
        self, tasks: Sequence[SelfPlayTask], snapshot: Snapshot, settings: SelfPlaySettings
    ) -> Iterator[tuple[SelfPlayTask, PlayedGames]]:
        if not self._pool:  # spawned: a fork of a process in which torch or OpenVINO has threads may hang
            self._pool = ProcessPoolExecutor(self.processes, get_context("spawn"), _live_with_parent)
        waiting: dict[Future, SelfPlayTask] = {
            self._pool.submit(play_task, task, snapshot, settings, where): task
            for task, where in shown(tasks, self.shown_in)
        }
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()

    def _free(self) -> None:
        """Let a broken pool end: Python 3.11.2 waits for ever to hand over a task that no process reads (gh-94777)."""
        manager, queue = (getattr(self._pool, name, None) for name in ("_executor_manager_thread", "_call_queue"))
        if manager and queue:
            manager.join(PATIENCE)
            if manager.is_alive():
                queue._reader.close()  # then nothing can be handed over any more

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _live_with_parent() -> None:
    """Leave interrupts to the process that shares the tasks out, and end when it does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


class RayRunner:
    """Plays in the actors of a Ray cluster, one a core; Ray starts those anew that die, and their tasks."""

    def __init__(self, address: str, actors: int = 0):
        self._ray = _connected(address)
        cores = max(1, int(self._ray.cluster_resources().get("CPU", 1)))  # an actor without one would never start
        remote = self._ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=-1)(RayActor)
        self._actors = [remote.remote() for _ in range(min(actors or cores, cores))]

    def played(
        self, tasks: Sequence[SelfPlayTask], snapshot: Snapshot, settings: SelfPlaySettings
    ) -> Iterator[tuple[SelfPlayTask, PlayedGames]]:
        shared = self._ray.put(snapshot)  # once, for all actors
        left, idle = list(tasks), list(self._actors)
        waiting: dict[Any, tuple[SelfPlayTask, Any]] = {}
        while left or waiting:
            while left and idle:
                actor, task = idle.pop(0), left.pop(0)
                waiting[actor.play.remote(task, shared, settings)] = (task, actor)
            ready, _ = self._ray.wait(list(waiting), num_returns=1)
            task, actor = waiting.pop(ready[0])
            idle.append(actor)
            yield task, self._ray.get(ready[0])

    def close(self) -> None:
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors = []


class RayActor:
    """Plays tasks in a process of a Ray cluster; its network stays until another snapshot comes."""

    def play(self, task: SelfPlayTask, snapshot: Snapshot, settings: SelfPlaySettings) -> PlayedGames:
        """Play a task."""
        return play_task(task, snapshot, settings)


def _connected(address: str) -> Any:
    """Return Ray, connected to a cluster, or to a new one on this machine where the address is "local"."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if address == "local":
        os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    try:
        import ray
    except ModuleNotFoundError:
        raise ImportError("ray is not installed; playing on a cluster needs: pip install '.[ray]'") from None
    if not ray.is_initialized():
        where = None if address == "local" else address
        ray.init(where, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
    return ray


def runner_of(processes: int, ray: str, shown_in: Path | None = None) -> TaskRunner:
    """Return who plays, by the settings of a run; one game can be watched in a folder, unless a cluster plays."""
    if ray:
        return RayRunner(ray, processes)
    return ProcessRunner(processes, shown_in) if processes else SerialRunner(shown_in)
