"""Players of a tournament, made from their tables: networks shared by all games, programs started and restarted.

A `Contestant` sits at one board at a time. Players of ours are made anew for every game, from its seed, so nothing
leaks from one game into the next; an outside program plays on, unless it failed or its command holds {seed}.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from engine.clock import Clock
from engine.networks.batching import BatchServer
from engine.networks.model import Model
from engine.players import Player
from engine.program import PlayerFailed
from engine.resources import MOST_NODES, Resources
from engine.search import Evaluator
from engine.spec import PlayerSpec, kind_of, make
from games.game import IllegalMove, Position
from training.tournament.settings import Tournament

SHARED_WAVE = 2
"""Leaves of one search in a batch that holds those of other games, too: fewer lose less strength."""

NODES_A_VISIT = 8
"""Nodes of a tree with few visits: so many for each move that a visit adds."""


# --- who sits at a board ----------------------------------------------------------------------------------


class Contestant:
    """A player at a board; `referee.Seated`. `make(seed)` makes it; one from `outside` is a program."""

    def __init__(self, table: PlayerSpec, make: Callable[[int], Player], outside: bool = False, hang: float = np.inf):
        self.table, self.name, self.make, self.outside, self.hang = table, table.name, make, outside, hang
        self.stays = outside and "{seed}" not in table.command
        self.player: Player | None = None
        self.missing: Exception | None = None  # why there is no player

    def calling(self) -> AbstractContextManager:
        """Return what is around each of its choices: a batch waits for whoever may ask."""
        server = getattr(self.player, "evaluator", None)
        return server.calling() if isinstance(server, BatchServer) else nullcontext()

    def begin(self, seed: int) -> None:
        """Make ready for a game; a program that does not start fails at its first move."""
        if not self.stays:
            self.close()
        self.missing = None
        try:
            self.player = self.player or self.make(seed)
        except OSError as error:
            self.missing = error

    def choose(self, position: Position, clock: Clock | None = None) -> int:
        """Return the player's move."""
        if self.missing:
            raise self.missing
        assert self.player is not None  # `begin` has made it
        with self.calling():
            return self.player.choose(position, clock)

    def blame(self, error: Exception, seconds: float) -> tuple[str, str]:
        """Say how the player failed, and be rid of it: the next game has a new one."""
        end, what = why_failed(self.player, error, seconds, self.hang)
        self.close()
        return end, what.removeprefix(f"{self.name} ")

    def clock(self, main: float, increment: float) -> Clock | None:
        """Return the clock of a game: its own time, or for a program the seconds that a move may take."""
        if main:
            return Clock(main, increment=increment)
        if self.outside and self.table.seconds:
            return Clock(0, period=self.table.seconds, periods=1)
        return None

    def close(self) -> None:
        """End the player, if it is there."""
        player, self.player = self.player, None
        if player is not None:
            player.close()


def why_failed(player: Any, error: Exception, seconds: float, hang: float) -> tuple[str, str]:
    """Tell crash, hang, rubbish and illegal plays apart, by what is left of the program."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, IllegalMove):
        return "illegal", f"answered {said}"
    if not isinstance(error, PlayerFailed | OSError):
        return "crash", f"crashed: {type(error).__name__}: {said}"
    if seconds >= hang:
        return "hang", f"did not answer within {hang:g} s"
    process = getattr(player, "process", None)
    if process is None:  # it is gone, and only its last words tell
        last = {" did not answer ": "hang", " answered ": "rubbish", " chose ": "rubbish"}
        return next((end for words, end in last.items() if words in said), "crash"), said
    if player.listener.is_alive() and process.poll() is None:
        return "rubbish", said
    ended = player.ended()
    return "crash", f"died with {ended}" if ended else "closed its pipe"


# --- all of them ------------------------------------------------------------------------------------------


class Pool(Resources):
    """What the players of a tournament share: one server for each network, which all games ask together."""

    def __init__(self, tournament: Tournament):
        settings = tournament.settings
        super().__init__(tournament.arena.fitting, timeout=settings.move_seconds)
        self.parallel = settings.parallel
        self.servers: list[BatchServer] = []
        self.moves = tournament.arena.game.move_count(tournament.start())

    def open(self, spec: PlayerSpec, found: Model) -> Evaluator:
        """Make the server of a model: one for all who use it."""
        server = BatchServer(super().open(spec, found))
        self.servers.append(server)
        return server

    def wave(self, usual: int) -> int:
        """Return the wave of a search whose leaves share batches with those of other games."""
        return SHARED_WAVE if self.parallel > 1 else usual

    def nodes(self, spec: PlayerSpec) -> int:
        """Return how many nodes a search tree may have: few visits need few."""
        return min(MOST_NODES, NODES_A_VISIT * spec.visits * self.moves) if spec.visits else MOST_NODES

    def close(self) -> None:
        """End every server; nobody may be playing."""
        for server in self.servers:
            server.close()


class Contestants:
    """Everybody who plays in a tournament. Boards borrow contestants; models are loaded once and shared."""

    def __init__(self, tournament: Tournament):
        self.tournament, self.game = tournament, tournament.arena.game
        self.tables = {player.name: player for player in tournament.players}
        self.pool = Pool(tournament)
        self._idle: dict[str, list[Contestant]] = defaultdict(list)
        self._lock = threading.RLock()

    def __enter__(self) -> "Contestants":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def seated(self, names: Sequence[str], seed: int):
        """Lend the contestants of a game, ready for it."""
        lent = [self._borrow(name) for name in names]
        try:
            for side, contestant in enumerate(lent):
                contestant.begin(2 * seed + side)
            yield lent
        except BaseException:
            for contestant in lent:
                contestant.close()
            raise
        with self._lock:
            for contestant in lent:
                if not contestant.stays:
                    contestant.close()
                self._idle[contestant.name].append(contestant)

    def warm_up(self) -> None:
        """Load every model and start every program once: what is missing is told before the first game."""
        start = self.tournament.start()
        for name in self.tables:
            contestant = self._borrow(name)
            try:
                contestant.player = contestant.make(1)
            except PlayerFailed as error:
                raise ValueError(f"player {name}: {error}") from None
            if hasattr(contestant.player, "warm_up"):
                contestant.player.warm_up(self.game, start)
            if not contestant.outside:
                contestant.close()
            self._idle[name].append(contestant)

    def close(self) -> None:
        """End every program and server; nobody may be playing."""
        with self._lock:
            for contestant in (each for idle in self._idle.values() for each in idle):
                contestant.close()
            self._idle.clear()
            self.pool.close()

    def _borrow(self, name: str) -> Contestant:
        with self._lock:
            return self._idle[name].pop() if self._idle[name] else self._contestant(self.tables[name])

    def _contestant(self, table: PlayerSpec) -> Contestant:
        def made(seed: int) -> Player:
            try:
                return make(table, self.game, seed, self.pool)
            except ValueError as error:
                raise ValueError(f"player {table.name}: {error}") from None

        outside = kind_of(table, self.game.name).outside
        return Contestant(table, made, outside, self.tournament.settings.move_seconds)
