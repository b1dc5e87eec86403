"""A tournament: who meets whom, many games at once, and when it is over.

Games are numbered: a pairing's pair of games (from the same opening, or with the same dice) are two numbers in a row,
and all pairings take turns, so that a tournament which is stopped early is nearly even. Everything random in a game
comes from the tournament's seed and the number of its pair. Games are played by threads, for the search holds no
interpreter lock; networks are asked by all games together. Only the main thread writes.
"""

import tomllib
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from engine.machine import usable_cores
from training.run import RUNS, heeding_signals
from training.tournament.arena import Luck
from training.tournament.contestants import Contestants
from training.tournament.folder import Folder, Line, finished, locate, read_lines
from training.tournament.referee import Played, Referee
from training.tournament.results import note_replay, note_session, verdict
from training.tournament.settings import Tournament

SEED_BITS = 28
"""So that the seeds of players, four times as great, fit into what programs take for one."""

AT_ONCE = 8
"""Openings made at a time."""


@dataclass(frozen=True)
class Task:
    """A game to be played. The second of a pair has the sides swapped, and the same opening (number) and dice."""

    id: int
    pairing: tuple[str, str]
    opening: int
    seed: int

    @property
    def pair(self) -> int:
        return self.id // 2

    @property
    def names(self) -> tuple[str, str]:
        """Who is FIRST and who SECOND."""
        return self.pairing if self.id % 2 == 0 else self.pairing[::-1]


# --- the schedule -----------------------------------------------------------------------------------------


def schedule(tournament: Tournament) -> list[Task]:
    """List all games in the order in which they are begun; every pairing plays the same openings."""
    pairings, tasks = tournament.pairings, []
    for opening in range(tournament.settings.games // 2):
        for place, pairing in enumerate(pairings):
            pair = opening * len(pairings) + place
            seed = seed_of(tournament.settings.seed, pair)
            tasks += [Task(2 * pair + side, pairing, opening, seed) for side in (0, 1)]
    return tasks


def seed_of(seed: int, pair: int) -> int:
    """Return the seed of a pair of games."""
    return int(np.random.SeedSequence([seed, pair]).generate_state(1)[0]) >> (32 - SEED_BITS)


class Openings:
    """The openings of a tournament by their numbers: read from files, or made when they are first needed."""

    def __init__(self, tournament: Tournament, folder: Folder | None = None):
        self.tournament, self.folder = tournament, folder
        its, arena = tournament.settings, tournament.arena
        self.made = arena.opens and its.openings.isdecimal()
        self.known: list[list[int]] = [[]]
        if self.made:
            self.known = folder.openings() if folder else []
        elif arena.opens:
            self.known = arena.read_openings(its.openings)

    def __getitem__(self, number: int) -> list[int]:
        if self.made and number >= len(self.known):
            its = self.tournament.settings
            moves, count = int(its.openings), min(number + AT_ONCE, its.games // 2)
            self.known = self.tournament.arena.make_openings(moves, count, its.seed, self.known)
            if self.folder:
                self.folder.keep_openings(self.known)
        return self.known[number % len(self.known)]


# --- one game ---------------------------------------------------------------------------------------------


def play_game(
    task: Task,
    opening: list[int],
    tournament: Tournament,
    contestants: Contestants,
    attempt: int = 0,
    luck: Luck | None = None,
) -> tuple[Line, bytes]:
    """Play a game; return its line and its record. `attempt` counts the void games before it."""
    settings, arena, began = tournament.settings, tournament.arena, datetime.now().astimezone()
    with contestants.seated(task.names, 2 * (task.seed + attempt) + task.id % 2) as players:
        clocks = [player.clock(settings.main_seconds, settings.increment) for player in players]
        referee = Referee(players, clocks, tournament.most_moves)
        played = arena.play(referee, opening, task.seed, luck)
    line = _line(task, opening, played, began, arena.digest(played.positions)) | (
        {"attempt": attempt} if attempt else {}
    )
    if played.outcome.fault and settings.on_fault == "void":
        line |= {"points": 0.0, "result": "", "end": "void"}
    tells = f"seed {task.seed}, attempt {attempt + 1}, {len(opening)} moves of opening"
    about = {"event": settings.name, "round": str(task.id), "date": f"{began:%Y-%m-%d}", "comment": tells}
    return line, arena.record(played, task.names, about)


def _line(task: Task, opening: list[int], played: Played, began: datetime, digest: str) -> Line:
    outcome, (first, second) = played.outcome, task.names
    return {
        "id": task.id,
        "pair": task.pair,
        "pairing": list(task.pairing),
        "first": first,
        "second": second,
        "opening": opening,
        "seed": task.seed,
        "points": outcome.points,
        "result": outcome.result,
        "end": outcome.end,
        "fault": outcome.fault,
        "note": outcome.note,
        "moves": played.moves,
        "seconds": [round(each, 3) for each in played.seconds],
        "started": began.isoformat(timespec="seconds"),
        "digest": digest,
        "luck": played.luck,
    }


# --- all games --------------------------------------------------------------------------------------------


class Director:
    """Has the games of a tournament played that its folder has not, and keeps them; `stopping` says why it ends."""

    def __init__(self, tournament: Tournament, folder: Folder, contestants: Contestants, luck: Luck | None = None):
        self.tournament, self.folder, self.contestants, self.luck = tournament, folder, contestants, luck
        self.tables = tomllib.loads(tournament.to_toml())
        self.stopping = ""
        self.failure: BaseException | None = None
        done = finished(folder.lines)
        self.begun = {number // 2 for number in done}  # pairs of which a game was begun
        self.voids = Counter(line["id"] for line in folder.lines if line["end"] == "void")
        self.faults = Counter(line["fault"] for line in done.values() if line["fault"])
        self.openings = Openings(tournament, folder)
        tasks = schedule(tournament)
        self.total, self.pending = len(tasks), deque(task for task in tasks if task.id not in done)

    def play(self, tell: Callable[["Director"], None] = lambda director: None) -> None:
        """Play until all games are done or something stops it; raise what went wrong after keeping what was played.

        `tell` is called after every game.
        """
        running: dict[Future, Task] = {}
        with ThreadPoolExecutor(self.tournament.settings.parallel, "yomi-game") as pool, heeding_signals(self._heed):
            self._look_up()
            while True:
                while len(running) < self.tournament.settings.parallel and (begun := self._next()):
                    running[pool.submit(self._play, *begun)] = begun[0]
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    self._keep(running.pop(future), future)
                    tell(self)
        if self.failure:
            raise self.failure

    def _play(self, task: Task, opening: list[int]) -> tuple[Line, bytes]:
        return play_game(task, opening, self.tournament, self.contestants, self.voids[task.id], self.luck)

    def _next(self) -> tuple[Task, list[int]] | None:
        """Return the game to begin and its opening, if there is one."""
        if not self.stopping and self.folder.stop_wanted:
            self.stopping = "as was asked"
        if self.stopping or not self.pending:
            return None
        task = self.pending.popleft()
        self.begun.add(task.pair)
        try:
            return task, self.openings[task.opening]
        except (OSError, ValueError) as error:
            self._fail(error)
            return None

    def _fail(self, error: BaseException) -> None:
        """Begin no game any more, and remember why: the games in progress are kept first."""
        self.failure, self.stopping = self.failure or error, "because of an error"

    def _keep(self, task: Task, future: Future) -> None:
        try:
            line, written = future.result()
            self.folder.append(line, written)
        except BaseException as error:
            self._fail(error)
            return
        if line["end"] == "void":
            self.voids[task.id] += 1
            self.pending.appendleft(task)
        elif line["fault"]:
            self.faults[line["fault"]] += 1
        self._look_up()

    def _look_up(self) -> None:
        """Give up where too much has failed, and drop the games that a decided test needs no more."""
        settings, lines = self.tournament.settings, self.folder.lines
        if self.voids.total() > settings.voids:
            last = next(line["note"] for line in reversed(lines) if line["end"] == "void")
            self._give_up(f"{self.voids.total()} games were void (voids = {settings.voids}); the last: {last}")
        elif self.faults and (most := self.faults.most_common(1)[0])[1] > settings.faults:
            self._give_up(f"{most[0]} has failed in {most[1]} games (faults = {settings.faults})")
        elif (sprt := self.tournament.sprt) and (judged := verdict(finished(lines).values(), self.tables)):
            if not judged.decision:
                return
            test = {sprt.first, sprt.second}
            kept = (task for task in self.pending if set(task.pairing) != test or task.pair in self.begun)
            self.pending = deque(kept)

    def _give_up(self, why: str) -> None:
        self._fail(ValueError(f"{self.folder.path} gives up: {why}"))

    def _heed(self, why: str) -> None:
        self.stopping = why


# --- the commands -----------------------------------------------------------------------------------------


def run(path: str | Path, runs: Path = RUNS, changes: Mapping[str, str] | None = None) -> Path:
    """Play what is left of a tournament, given as `locate` takes it; write its report; return its folder."""
    from training.tournament import progress

    tournament, folder = locate(path, runs, changes)
    with Contestants(tournament) as contestants:
        contestants.warm_up()
        with Folder(folder, tournament) as kept:
            director = Director(tournament, kept, contestants)
            if director.pending:
                note_session(folder, contestants.pool.providers, contestants.pool.fingerprints)
            try:
                with progress.bar(director) as tell:
                    director.play(tell)
            finally:
                if kept.lines:
                    report(folder)
    progress.say(f"{folder}: {len(finished(kept.lines))} of {director.total} games are done")
    if director.stopping:
        progress.say(f"stopped {director.stopping}; go on with: yomi tournament {path}")
    return folder


def report(folder: Path) -> None:
    """Write report, ratings and ladder anew."""
    from training.tournament.report import write_report  # only now: it loads matplotlib

    write_report(folder)


def replay(
    path: str | Path, number: int, runs: Path = RUNS, changes: Mapping[str, str] | None = None
) -> tuple[Line, Line]:
    """Play one finished game again from its seed; return its line as it was and as it is now."""
    tournament, folder = locate(path, runs, changes)
    was = finished(read_lines(folder)).get(number)
    if was is None:
        raise ValueError(f"{folder} has no finished game {number}")
    task = Task(number, tuple(was["pairing"]), 0, was["seed"])
    with Contestants(tournament) as contestants:
        now, _ = play_game(task, was["opening"], tournament, contestants, was.get("attempt", 0))
    note_replay(folder, number, now["digest"])
    return was, now


# --- how long it takes ------------------------------------------------------------------------------------


def expected_seconds(tournament: Tournament, lines: Sequence[Line], contestants: Contestants) -> float:
    """Guess how long the games that are left will take, from those that were played or from a few first moves."""
    done = finished(lines)
    left = len(tournament.pairings) * tournament.settings.games - len(done)
    if done:
        return left * float(np.mean([sum(line["seconds"]) for line in done.values()])) / tournament.settings.parallel
    at_once = min(tournament.settings.parallel, usable_cores())  # tried alone: beside others all take longer
    return left * float(np.mean(_tried(tournament, contestants))) / at_once


def _tried(tournament: Tournament, contestants: Contestants) -> list[float]:
    """Return seconds a game of each pairing, from a few moves that each player makes against itself."""
    arena, costs = tournament.arena, {}
    for name in contestants.tables:
        with contestants.seated([name], 1) as (player,):
            played = arena.play(Referee([player, player], most_moves=arena.tried_moves), (), 1)
            costs[name] = sum(played.seconds) / arena.tried_moves * arena.usual_moves
    return [(costs[one] + costs[other]) / 2 for one, other in tournament.pairings]
