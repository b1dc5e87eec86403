"""What a GTP engine is between two commands: a game, a player, two clocks, and what was thought last.

The conversation is in `gtp_protocol.py`, the game in `gtp_game.py`; the commands are functions of the engine, in
`gtp_setup.py`, `gtp_playing.py` and `gtp_analysis.py`. Rules and player load with the first command that needs them.
"""

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from engine.clock import Clock, Limit
from engine.go.gtp_protocol import Conversation
from games.game import FIRST, SECOND, IllegalMove

if TYPE_CHECKING:
    from engine.go.gtp_game import Fits, GtpTable
    from engine.players import Analysis, Line, Player


class GtpEngine(Conversation):
    """A GTP engine that plays with whatever `make_player()` returns."""

    def __init__(
        self,
        make_player: "Callable[[], Player]",
        out: TextIO,
        rules: str = "tromp-taylor",
        size: int = 19,
        komi: float = 7.5,
        name: str = "Yomi",
        fits: "Fits" = lambda size, komi: None,
    ):
        """`fits(size, komi)` raises `ValueError` where the player does not know them."""
        super().__init__(out)
        self.name, self.make_player = name, make_player
        self.start = size, komi, rules, fits
        self.time: dict = {}  # how every new game's clocks begin
        self.clocks = {FIRST: Clock(), SECOND: Clock()}
        self.thought: Analysis | None = None  # the search behind the last generated move
        self.looked: tuple[bytes, list[Line]] | None = None  # what GoGui's boards show, and of which position

    @cached_property
    def table(self) -> "GtpTable":
        from engine.go.gtp_game import GtpTable  # only now: the rules bring numba

        return GtpTable(*self.start)

    @cached_property
    def player(self) -> "Player":
        """Make the player, which has its search compiled before any clock runs."""
        return self.make_player()

    def interrupt(self) -> None:
        player = self.__dict__.get("player")  # never the reading thread makes one
        if player is not None:
            player.stop()

    def new_game(self, size: int | None = None) -> None:
        """Empty the board and start the clocks."""
        _ = self.player  # made now, while no clock runs
        self.table.clear(size)
        self.start_clocks(self.time)
        self.thought = None

    def start_clocks(self, settings: dict) -> None:
        """Start both clocks with a `Clock`'s arguments, now and in every new game."""
        self.clocks = {player: Clock(**settings) for player in (FIRST, SECOND)}
        self.time = settings

    def choose(self, player: int, report: Callable | None = None, every: float = 0.5) -> int | None:
        """Ask the player for a move, None to resign, on its clock.

        A lag is taken off too: not every controller tells the time that is left.
        """
        from engine.players import RESIGN

        chooser, clock = self.player, self.clocks[player]
        began = time.monotonic()
        move = chooser.choose(self.table.position.seen_by(player), clock, report, every)
        self.thought = chooser.thought
        clock.spend(time.monotonic() - began + clock.lag)
        if move == self.table.a_pass and self.table.relies_on_agreement(player):
            move = self.capture(player, self.thought.lines if self.thought else [])
        return None if move == RESIGN else move

    def play_own(self, player: int, move: int | None) -> str:
        """Play a move of our own and return its vertex."""
        if move is None:
            return "resign"
        self.play_moves([(player, move)])
        return self.table.vertex(move)

    def play_moves(self, moves: list[tuple[int, int]]) -> None:
        """Play (side, move) pairs, all or none."""
        try:
            self.table.play(moves)
        except IllegalMove as error:
            raise ValueError(f"illegal move: {error}") from None

    def capture(self, player: int, lines: "list[Line]") -> int:
        """Return the move that goes on capturing dead stones, the first one of a search's lines, or a pass."""
        moves = self.table.capturing(player)
        liked = [line.move for line in lines if line.move in moves]
        return (liked + moves + [self.table.a_pass])[0]

    def look(self, player: int) -> list["Line"]:
        """Search the position for a second, once for all boards that show it; return the candidates."""
        searcher = self.player.searcher
        if searcher is None:
            return []
        position = self.table.position.seen_by(player)
        if self.looked is None or self.looked[0] != position.state.tobytes():
            self.looked = position.state.tobytes(), searcher.think(position, Limit(seconds=1.0)).lines
        return self.looked[1]
