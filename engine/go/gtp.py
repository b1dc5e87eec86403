"""Go Text Protocol 2 around a player, with what GoGui, Sabaki, CGOS, KGS and Lizzie ask beyond it.

The conversation is in `gtp_protocol.py`, the game in `gtp_game.py`, analysis in `gtp_analysis.py`; here are the
commands, and at the end the table of them. Rules and player load with the first command that needs them.
Sources: Farnebäck's draft of GTP 2; the manuals of GoGui, kgsGtp, gomill and KataGo.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from engine.clock import Clock, Limit
from engine.go import gtp_analysis as analysis
from engine.go.gtp_analysis import side
from engine.go.gtp_protocol import LONGEST, Conversation, number, paired, whole
from games.game import FIRST, SECOND, IllegalMove

if TYPE_CHECKING:
    from engine.go.gtp_game import Table
    from engine.players import Analysis, Line, Player, SearchPlayer


def serve(make_player: Callable[[], "Player"], rules: str = "tromp-taylor", size: int = 19) -> None:
    """Speak GTP on standard input and output; whatever else anybody prints goes to standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="replace", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    Gtp(make_player, out, rules, size).run(sys.stdin)


class Gtp(Conversation):
    """A GTP engine that plays with whatever `make_player()` returns."""

    def __init__(
        self,
        make_player: Callable[[], "Player"],
        out: TextIO,
        rules: str = "tromp-taylor",
        size: int = 19,
        komi: float = 7.5,
        name: str = "Yomi",
    ):
        super().__init__(out)
        self.name, self.make_player = name, make_player
        self.start = {"size": size, "komi": komi, "rules": rules}
        self.time: dict = {}  # how every new game's clocks begin
        self.clocks = {FIRST: Clock(), SECOND: Clock()}
        self.thought: Analysis | None = None  # the search behind the last generated move
        self.looked: tuple[bytes, list[Line]] | None = None  # what GoGui's boards show, and of which position

    @cached_property
    def table(self) -> "Table":
        from engine.go.gtp_game import Table  # only now: the rules bring numba

        return Table(**self.start)

    @cached_property
    def player(self) -> "Player":
        """Make the player, which has its search compiled before any clock runs."""
        return self.make_player()

    def interrupt(self) -> None:
        player = self.__dict__.get("player")  # never the reading thread makes one
        if player is not None:
            player.stop()

    # --- about the engine ---

    def protocol_version(self) -> str:
        return "2"

    def tell_name(self) -> str:
        return self.name

    def version(self) -> str:
        from importlib import metadata

        try:
            return metadata.version("yomi")
        except metadata.PackageNotFoundError:
            return "unknown"

    def list_commands(self) -> str:
        return "\n".join(sorted(self.commands))

    def known_command(self, command: str) -> str:
        return "true" if command in self.commands else "false"

    def quit(self) -> str:
        self.finished = True
        return ""

    def only_known(self) -> str:
        return ""

    def cputime(self) -> str:
        return f"{time.process_time():.3f}"

    def describe_engine(self) -> str:
        return f"{self.name} {self.version()}\nplayer: {self.player.name}\nrules: {self.table.rules}"

    def explain_last_move(self) -> str:
        return analysis.explained(self.thought, self.table.vertex) if self.thought else ""

    def chat(self, kind: str, name: str, *message: str) -> str:
        """Answer on KGS, whatever is said, what the last search thought."""
        return self.explain_last_move() or f"I am {self.name}, and I have not read ahead yet."

    # --- setting up ---

    def boardsize(self, size: str) -> str:
        try:
            self._new_game(whole(size))
        except ValueError as error:
            raise ValueError(f"unacceptable size: {error}") from None
        return ""

    def rectangular_boardsize(self, width: str, height: str) -> str:
        if whole(width) != whole(height):
            raise ValueError("unacceptable size: only square boards are played")
        return self.boardsize(width)

    def clear_board(self) -> str:
        self._new_game()
        return ""

    def _new_game(self, size: int | None = None) -> None:
        _ = self.player  # made now, while no clock runs
        self.table.clear(size)
        self._start_clocks(self.time)
        self.thought = None

    def komi(self, komi: str) -> str:
        self.table.change(komi=number(komi, -1000, 1000))
        return ""

    def get_komi(self) -> str:
        return f"{self.table.komi:g}"

    def fixed_handicap(self, stones: str) -> str:
        return self._handicap(self.table.fixed_handicap(whole(stones)))

    def place_free_handicap(self, stones: str) -> str:
        return self._handicap(self.table.free_handicap(whole(stones)))

    def set_free_handicap(self, *vertices: str) -> str:
        if len(vertices) < 2:
            raise ValueError("a handicap is two or more stones")
        self._handicap([self.table.point(vertex) for vertex in vertices])
        return ""

    def _handicap(self, stones: list[int]) -> str:
        self.table.place_handicap(stones)
        return " ".join(map(self.table.vertex, stones))

    def set_position(self, *pairs: str) -> str:
        """Replace the board by colour-vertex pairs, Black to play (as KataGo does)."""
        self.table.set_up(self._stones(pairs), FIRST, anew=True)
        return ""

    def gogui_setup(self, *pairs: str) -> str:
        """Put stones on the board as it is, or take them off (colour e)."""
        self.table.set_up(self._stones(pairs))
        return ""

    def gogui_setup_player(self, colour: str) -> str:
        self.table.set_up({}, side(colour))
        return ""

    def _stones(self, pairs: tuple[str, ...]) -> dict[int, int]:
        """Read colour-vertex pairs as {point: colour}, with the colours of `games.go`."""
        empty = ("e", "empty")
        return {self.table.point(vertex): 0 if c.lower() in empty else side(c) + 1 for c, vertex in paired(pairs)}

    # --- rules ---

    def kgs_rules(self, rules: str) -> str:
        self.table.change_rules(rules)
        return ""

    def get_rules(self) -> str:
        return json.dumps(self.table.kata_rules())

    def set_rules(self, *words: str) -> str:
        """Take a ruleset's name, or KataGo's JSON where it describes one of ours."""
        text = " ".join(words)
        self.table.change_rules(text)
        return ""

    # --- playing ---

    def play(self, colour: str, vertex: str) -> str:
        self._play([(side(colour), self.table.move(vertex))])
        return ""

    def play_sequence(self, *pairs: str) -> str:
        self._play([(side(colour), self.table.move(vertex)) for colour, vertex in paired(pairs)])
        return ""

    def _play(self, moves: list[tuple[int, int]]) -> None:
        try:
            self.table.play(moves)
        except IllegalMove as error:
            raise ValueError(f"illegal move: {error}") from None

    def undo(self) -> str:
        self.table.undo()
        return ""

    def gg_undo(self, moves: str = "1") -> str:
        self.table.undo(whole(moves))
        return ""

    def genmove(self, colour: str) -> str:
        return self.play_own(side(colour), self.choose(side(colour)))

    def reg_genmove(self, colour: str) -> str:
        move = self.choose(side(colour))
        return "resign" if move is None else self.table.vertex(move)

    def choose(self, player: int, report: Callable | None = None, every: float = 0.5) -> int | None:
        """Ask the player for a move, None to resign, on its clock.

        A lag is taken off too: not every controller tells the time that is left.
        """
        from engine.players import RESIGN

        chooser, clock = self.player, self.clocks[player]
        began = time.monotonic()
        move = chooser.choose(self.table.seen_by(player), clock, report, every)
        self.thought = chooser.thought
        clock.spend(time.monotonic() - began + clock.lag)
        return None if move == RESIGN else move

    def play_own(self, player: int, move: int | None) -> str:
        """Play a move of our own and return its vertex."""
        if move is None:
            return "resign"
        self._play([(player, move)])
        return self.table.vertex(move)

    def genmove_cleanup(self, colour: str) -> str:
        """Generate a move that never resigns, nor passes before all dead stones of the opponent are captured."""
        player = side(colour)
        move = self.choose(player)
        if move is None:
            move = next((line.move for line in self.look(player)), self.table.a_pass)
        if move == self.table.a_pass:
            move = self._capture(player)
        return self.play_own(player, move)

    def _capture(self, player: int) -> int:
        """Return the best move that goes on capturing dead stones, or a pass."""
        moves = self.table.capturing(player)
        liked = [line.move for line in self.look(player) if line.move in moves] if moves else []
        return (liked + moves + [self.table.a_pass])[0]

    def look(self, player: int) -> list["Line"]:
        """Search the position for a second, once for all boards that show it; return the candidates."""
        searcher = self.player.searcher
        if searcher is None:
            return []
        position = self.table.seen_by(player)
        if self.looked is None or self.looked[0] != position.state.tobytes():
            self.looked = position.state.tobytes(), searcher.think(position, Limit(seconds=1.0)).lines
        return self.looked[1]

    def clear_cache(self) -> str:
        self.looked = None
        self.player.forget()
        return ""

    # --- time ---

    def time_settings(self, main: str, period: str, stones: str) -> str:
        return self.kgs_time_settings("canadian", main, period, stones)

    def kgs_time_settings(self, kind: str, *numbers: str) -> str:
        """Set both clocks: none, absolute, canadian, byoyomi or fischer, then seconds and counts."""
        self._start_clocks(_time_settings(kind.lower(), [number(word) for word in numbers]))
        return ""

    def _start_clocks(self, settings: dict) -> None:
        self.clocks = {player: Clock(**settings) for player in (FIRST, SECOND)}
        self.time = settings

    def time_left(self, colour: str, seconds: str, stones: str) -> str:
        player, left, count = side(colour), number(seconds, -1e9), whole(stones)
        self.clocks[player].update(max(left, 0.0), count)
        return ""

    def get_param(self, name: str) -> str:
        value = getattr(self._limit(), _param(name))
        return f"{1e9 if value is None else value:g}"

    def set_param(self, name: str, value: str) -> str:
        field = _param(name)
        value = whole(value, 1) if field == "visits" else number(value, 0.001)
        self._searcher().limit = replace(self._limit(), **{field: value})
        return ""

    def _limit(self) -> Limit:
        return self._searcher().limit

    def _searcher(self) -> "SearchPlayer":
        if self.player.searcher is None:
            raise ValueError(f"the player {self.player.name} has no limits")
        return self.player.searcher

    # --- the end of the game ---

    def final_score(self) -> str:
        return self.table.result()

    def final_status_list(self, status: str) -> str:
        dead = self.table.dead()
        wanted = {"dead": dead, "alive": ~dead, "seki": dead & ~dead}.get(status.lower())
        if wanted is None:
            raise ValueError(f"{status[:LONGEST]!r} is no status: dead, alive or seki")
        return "\n".join(" ".join(map(self.table.vertex, chain)) for chain in self.table.chains(wanted))

    # --- boards and records ---

    def showboard(self) -> str:
        return "\n" + self.table.drawn()

    def loadsgf(self, file: str, *words: str) -> str:
        """Load FILE [MOVE]: the game up to before that move, or to its end; return whose turn it is."""
        *path, last = [file, *words]
        before = whole(last, 1) if path and last.isdigit() else None
        remarks = self.table.load(" ".join(path if before else [*path, last]), before and before - 1)
        for remark in remarks:
            print(f"loadsgf: {remark}", file=sys.stderr, flush=True)
        self.clear_cache()
        return "black" if self.table.to_play == FIRST else "white"

    def printsgf(self, *file: str) -> str:
        """Return the game as SGF, or write it to a file."""
        return self.table.as_sgf(" ".join(file))


def _param(name: str) -> str:
    """Return which field of a `Limit` KataGo's parameter names."""
    fields = {"maxVisits": "visits", "maxTime": "seconds"}
    if name not in fields:
        raise ValueError(f"unknown parameter {name[:LONGEST]!r}: {', '.join(fields)}")
    return fields[name]


def _time_settings(kind: str, numbers: list[float]) -> dict:
    """Return the arguments of a `Clock`, none of them where time is not limited."""
    shapes = {"none": (), "absolute": ("main",), "canadian": ("main", "period", "stones")}
    shapes |= {"byoyomi": ("main", "period", "periods"), "fischer": ("main", "increment")}
    if kind not in shapes or len(numbers) != len(shapes[kind]):
        known = "; ".join(" ".join([name, *words]) for name, words in shapes.items())
        raise ValueError(f"time settings are one of: {known}")
    settings = dict(zip(shapes[kind], numbers, strict=True))
    for count in {"stones", "periods"} & set(settings):
        settings[count] = whole(str(settings[count]))
    if kind == "canadian" and settings["period"] and not settings["stones"]:
        return {}  # GTP's way to say so
    return settings if any(settings.values()) else {}


# --- the commands -----------------------------------------------------------------------------------------

Gtp.commands = {
    "protocol_version": Gtp.protocol_version,
    "name": Gtp.tell_name,
    "version": Gtp.version,
    "list_commands": Gtp.list_commands,
    "known_command": Gtp.known_command,
    "quit": Gtp.quit,
    "stop": Gtp.only_known,
    "gogui-interrupt": Gtp.only_known,
    "cputime": Gtp.cputime,
    "gomill-cpu_time": Gtp.cputime,
    "gomill-describe_engine": Gtp.describe_engine,
    "gomill-explain_last_move": Gtp.explain_last_move,
    "kgs-chat": Gtp.chat,
    "kgs-game_over": Gtp.clear_cache,
    "clear_cache": Gtp.clear_cache,
    "boardsize": Gtp.boardsize,
    "rectangular_boardsize": Gtp.rectangular_boardsize,
    "clear_board": Gtp.clear_board,
    "komi": Gtp.komi,
    "get_komi": Gtp.get_komi,
    "fixed_handicap": Gtp.fixed_handicap,
    "place_free_handicap": Gtp.place_free_handicap,
    "set_free_handicap": Gtp.set_free_handicap,
    "set_position": Gtp.set_position,
    "gogui-setup": Gtp.gogui_setup,
    "gogui-setup_player": Gtp.gogui_setup_player,
    "kgs-rules": Gtp.kgs_rules,
    "kata-get-rules": Gtp.get_rules,
    "kata-set-rules": Gtp.set_rules,
    "play": Gtp.play,
    "gogui-play_sequence": Gtp.play_sequence,
    "undo": Gtp.undo,
    "gg-undo": Gtp.gg_undo,
    "genmove": Gtp.genmove,
    "reg_genmove": Gtp.reg_genmove,
    "kgs-genmove_cleanup": Gtp.genmove_cleanup,
    "time_settings": Gtp.time_settings,
    "kgs-time_settings": Gtp.kgs_time_settings,
    "kata-time_settings": Gtp.kgs_time_settings,
    "time_left": Gtp.time_left,
    "kata-get-param": Gtp.get_param,
    "kata-set-param": Gtp.set_param,
    "final_score": Gtp.final_score,
    "final_status_list": Gtp.final_status_list,
    "showboard": Gtp.showboard,
    "loadsgf": Gtp.loadsgf,
    "printsgf": Gtp.printsgf,
} | analysis.COMMANDS
