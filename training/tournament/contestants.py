"""Players of a tournament, made from their tables: networks shared by all games, programs started and restarted.

A `Contestant` sits at one board at a time. Players of ours are made anew for every game, from its seed, so nothing
leaks from one game into the next; an outside program plays on, unless it failed or its command holds {seed}.
"""

import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from engine import levels
from engine.clock import Clock
from engine.go.gtp_player import COLOURS, GtpPlayer
from engine.networks.batching import BatchServer
from engine.players import Player, RandomPlayer
from engine.program import PlayerFailed
from engine.rollouts import policy_priors, shipped_policy
from engine.search import Evaluator
from games import backgammon, go
from games.game import Game, IllegalMove, Position
from training.tournament.settings import PlayerSettings, Tournament

GAMES: dict[str, Game] = {"go": go, "backgammon": backgammon}
OUTSIDE = ("gtp", "gnubg", "ubgi")

SHARED_WAVE = 2
"""Leaves of one search in a batch that holds those of other games, too: fewer lose less strength."""

MOST_NODES, NODES_A_VISIT = 1 << 22, 8
"""A tree's size; with few visits, so many nodes for each move that a visit adds."""

DYING = 0.3
"""Seconds that a program which closed its pipe has to be dead."""


class TimedGtpPlayer(GtpPlayer):
    """A GTP program that is told its time, too."""

    def choose(self, position: Position, clock: Clock | None = None, report=None, every: float = 0.5) -> int:
        if clock and clock.left is not None:
            if not position.moves or self.told is None:
                canadian = 1 if clock.periods else 0
                self._mention(f"time_settings {clock.main or 0:.0f} {max(1, clock.period):.0f} {canadian}")
            left = max(0, int(clock.left))
            self._mention(f"time_left {COLOURS[position.turn]} {left} {clock.count}")
        return super().choose(position, clock, report, every)

    def _mention(self, command: str) -> None:
        """Tell what a program may not know; one that is dead is found out at the next question."""
        with suppress(PlayerFailed):
            self.ask(command)


# --- who sits at a board ----------------------------------------------------------------------------------


class Contestant:
    """A player at a board; `referee.Seated`. `make(seed)` makes it, `calling` is around each of its choices."""

    def __init__(
        self,
        table: PlayerSettings,
        make: Callable[[int], Player],
        calling: Callable[[], AbstractContextManager] = nullcontext,
        hang: float = np.inf,
    ):
        self.table, self.name, self.make, self.calling, self.hang = table, table.name, make, calling, hang
        self.stays = table.kind in OUTSIDE and "{seed}" not in table.command
        self.player: Player | None = None
        self.missing: Exception | None = None  # why there is no player

    def begin(self, seed: int) -> None:
        """Make ready for a game; that a program does not start is told at its first move."""
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
        if self.table.kind in OUTSIDE and self.table.seconds:
            return Clock(0, period=self.table.seconds, periods=1)
        return None

    def close(self) -> None:
        """End the player, if it is there."""
        player, self.player = self.player, None
        if hasattr(player, "close"):
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
    try:
        return "crash", f"died with exit status {process.wait(DYING)}"
    except subprocess.TimeoutExpired:
        return "crash", "closed its pipe"


# --- all of them ------------------------------------------------------------------------------------------


class Contestants:
    """Everybody who plays in a tournament. Boards borrow contestants; models are loaded once and shared."""

    def __init__(self, tournament: Tournament):
        self.tournament = tournament
        self.game = GAMES[tournament.settings.game]
        self.tables = {player.name: player for player in tournament.players}
        self.servers: dict[tuple[str, str, str], BatchServer] = {}
        self.lookaheads: dict[str, Any] = {}
        self.providers: dict[str, str] = {}
        self.fingerprints: dict[str, str] = {}
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
        for name, table in self.tables.items():
            contestant = self._borrow(name)
            try:
                contestant.player = contestant.make(1)
            except PlayerFailed as error:
                raise ValueError(f"player {name}: {error}") from None
            if hasattr(contestant.player, "warm_up"):
                contestant.player.warm_up(self.game, start)
            if table.kind not in OUTSIDE:
                contestant.close()
            self._idle[name].append(contestant)

    def close(self) -> None:
        """End every program and server; nobody may be playing."""
        with self._lock:
            for contestant in (each for idle in self._idle.values() for each in idle):
                contestant.close()
            self._idle.clear()
            for server in self.servers.values():
                server.close()

    def _borrow(self, name: str) -> Contestant:
        with self._lock:
            return self._idle[name].pop() if self._idle[name] else self._contestant(self.tables[name])

    # --- making ---

    def _contestant(self, table: PlayerSettings) -> Contestant:
        make, calling = getattr(self, f"_{table.kind}")(table), nullcontext
        if table.kind in ("search", "policy") and table.model != "rollouts":
            calling = self.server(table).calling
        return Contestant(table, make, calling, self.tournament.settings.move_seconds)

    def server(self, table: PlayerSettings) -> BatchServer:
        """Return the server of a model: one for all who use it."""
        with self._lock:
            key = table.model, table.engine, table.symmetries
            if key not in self.servers:
                self.servers[key] = BatchServer(self._evaluator(table))
            return self.servers[key]

    def _evaluator(self, table: PlayerSettings) -> Evaluator:
        from engine.networks import evaluator

        found = self._model(table)
        chosen = evaluator.choose(found, table.engine, table.symmetries)
        self.providers[table.model] = chosen.why
        return chosen

    def _model(self, table: PlayerSettings):
        from engine.networks import model

        settings = self.tournament.settings
        try:
            found = model.find(table.model)
            size, komi = (settings.size, settings.komi) if self.game is go else (None, None)
            model.check(found, settings.game, size, komi)
        except ValueError as error:
            raise ValueError(f"player {table.name}: {error}") from None
        self.fingerprints[table.model] = found.fingerprint
        return found

    def _random(self, table: PlayerSettings) -> Callable[[int], Player]:
        return lambda seed: RandomPlayer(seed)

    def _search(self, table: PlayerSettings) -> Callable[[int], Player]:
        nodes = self._nodes(table)
        if table.model == "rollouts":
            return lambda seed: levels.go_player(table, self._priors, seed, table.search_settings(), nodes)
        search, evaluator = self._model(table).search | table.search_settings(), self.server(table)
        if self.tournament.settings.parallel > 1:
            table = replace(table, wave=table.wave or SHARED_WAVE)
        return lambda seed: levels.go_player(table, evaluator, seed, search, nodes)

    _policy = _search

    def _nodes(self, table: PlayerSettings) -> int:
        if not table.visits:
            return MOST_NODES
        return min(MOST_NODES, NODES_A_VISIT * table.visits * self.game.move_count(self.tournament.start()))

    def _backgammon(self, table: PlayerSettings) -> Callable[[int], Player]:
        lookahead, search, nodes = self._lookahead(table), self._model(table).search, self._nodes(table)
        return lambda seed: levels.backgammon_player(table, lookahead, seed, search, nodes)

    def _lookahead(self, table: PlayerSettings) -> Any:
        from engine.backgammon import model as afterstates_model
        from engine.backgammon import plies

        self._model(table)
        with self._lock:
            if table.model not in self.lookaheads:
                self.lookaheads[table.model] = plies.Lookahead(afterstates_model.load(table.model), table.threads)
            return self.lookaheads[table.model]

    def _gtp(self, table: PlayerSettings) -> Callable[[int], Player]:
        hang = self.tournament.settings.move_seconds

        def make(seed: int) -> Player:
            player = TimedGtpPlayer(table.command.replace("{seed}", str(seed)), table.name, hang)
            try:
                player.ask("name")  # it is up: what its start takes is nobody's thinking time
            except PlayerFailed:
                player.close()
                raise
            return player

        return make

    def _gnubg(self, table: PlayerSettings) -> Callable[[int], Player]:
        from engine.backgammon.gnubg_player import GnubgPlayer

        hang = self.tournament.settings.move_seconds
        return lambda seed: GnubgPlayer(max(0, table.plies), table.command, hang)

    def _ubgi(self, table: PlayerSettings) -> Callable[[int], Player]:
        from engine.backgammon.ubgi_player import UbgiPlayer

        hang = self.tournament.settings.move_seconds
        return lambda seed: UbgiPlayer(table.command.replace("{seed}", str(seed)), table.name, hang)

    @cached_property
    def _priors(self) -> Evaluator:
        return policy_priors(shipped_policy(self.game))
