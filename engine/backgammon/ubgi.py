"""The Universal Backgammon Interface, v0.1, level 1: lines in, one answer to each question out.

Text: github.com/bungogood/bgci, docs/ubgi-v0.1-spec.md. Positions are given from the view of the player on roll;
`setturn` names that player, p0 or p1; `newsession`, `setscore` and `setcube` set the stakes. A refused line changes
nothing. Where the text leaves a choice: dice stay until others are named or a new game begins; `jacoby` is off, and
`crawford` on (a game in which somebody needs one point is Crawford's), unless set otherwise; a player who cannot move
answers `pass`; where a double waits (in an XGID or a match ID) `go role cube` answers `bestcube take` or `drop`; `role`
may be left out. During a long search the engine reads only `isready` and `stop`; other lines wait.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from engine.backgammon import model as afterstates_model
from engine.backgammon import ubgi_options as options
from engine.backgammon.afterstates import evaluate_plays
from engine.backgammon.player import judge_cube
from engine.backgammon.plies import Lookahead
from engine.backgammon.ubgi_options import CHEQUER, CUBE, Refused, UbgiSettings, quoted
from engine.backgammon.ubgi_table import UbgiSession, UbgiTable
from engine.players import Player
from engine.spec import PlayerSpec, make
from games import backgammon
from games.backgammon import gnubg_id
from games.backgammon.rules import BAR, DICE, MOVER, USE_CUBE
from games.game import Position

STOP_AGAIN = 0.02
"""Seconds after which a search that was told to stop, perhaps before it began, is told so again."""

NAME, AUTHOR = "Yomi", "the authors of Yomi"

WARM_UP = UbgiTable().with_gnubg_id("4HPwATDgc/ABMA").with_dice(3, 1)
"""What is thought of once before the engine says that it is ready."""


def serve(settings: UbgiSettings) -> None:
    """Speak UBGI on standard input and output; whatever else anybody prints goes to standard error."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Ubgi(settings, lambda line: os.write(out, f"{line}\n".encode())).run(sys.stdin.buffer)


class Ubgi:
    """An engine that hears lines and answers through `write`, a line at a time."""

    def __init__(self, settings: UbgiSettings, write: Callable[[str], object]):
        self.settings, self.write = settings, write
        self.table = UbgiTable()
        self.lookahead: Lookahead | None = None
        self.searcher: tuple[UbgiSettings, Player] | None = (
            None  # the player that searches the tree, made for these settings
        )
        self.thinking: threading.Thread | None = None
        self.finished = False

    def run(self, lines: Iterable[bytes]) -> None:
        """Answer lines until `quit` or the end; an answer that is still thought about is waited for."""
        for line in lines:
            self.hear(line.decode("utf-8", "replace"))
            if self.finished:
                break
        self.wait()

    def hear(self, line: str) -> None:
        """Do what one line says; what cannot be done is told in a line, and nothing has changed."""
        name, *words = line.split() or [""]
        if not name:
            return
        self._make_room_for(name)
        try:
            command = COMMANDS.get(name)
            if command is None:
                raise Refused("unknown_command", f"{quoted(name)} is no command of UBGI v0.1")
            command(self, words)
        except Exception as error:
            self.refuse(error)

    def refuse(self, error: Exception) -> None:
        """Tell why something was not done."""
        if isinstance(error, ValueError | OSError | ImportError):
            code, text = getattr(error, "code", "bad_argument"), str(error)
        else:  # a fault of ours: told in the log, and the conversation goes on
            traceback.print_exc(file=sys.stderr)
            code, text = "internal", f"{type(error).__name__}: {error}"
        self.write(f"error {code} {' '.join(text.split())}")

    def _make_room_for(self, name: str) -> None:
        """Wait for what is thought about, unless this command is one that is heard meanwhile."""
        if self.thinking and name not in ("isready", "stop"):
            if name == "quit":
                self.stop([])
            self.wait()

    def wait(self) -> None:
        """Wait for the answer that is thought about, if one is."""
        if self.thinking:
            self.thinking.join()
            self.thinking = None

    # --- commands ---

    def greet(self, words: Sequence[str]) -> None:
        self.write(f"id name {NAME}")
        self.write(f"id author {AUTHOR}")
        for name in options.OPTIONS:
            self.write(options.told(name, self.settings))
        self.write("ubgiok")

    def isready(self, words: Sequence[str]) -> None:
        """Answer when the network is there and compiled; while it thinks, at once."""
        if not (self.thinking and self.thinking.is_alive()):
            self.wake()
        self.write("readyok")

    def wake(self) -> Lookahead:
        """Return what reads ahead; load the network at first, and choose a play, so that all is compiled."""
        if self.lookahead is None:
            self.lookahead = Lookahead(afterstates_model.load(self.settings.model), threads=self.settings.threads)
            at_sight(self.lookahead, WARM_UP)
        return self.lookahead

    def setoption(self, words: Sequence[str]) -> None:
        settings = options.changed(self.settings, words)
        if (settings.model, settings.threads) != (self.settings.model, self.settings.threads):
            self.lookahead = Lookahead(afterstates_model.load(settings.model), threads=settings.threads)
        self.settings = settings

    def newgame(self, words: Sequence[str]) -> None:
        self.table = self.table.new_game()

    def newsession(self, words: Sequence[str]) -> None:
        self.table = UbgiTable(UbgiSession(**options.session(words)))

    def setscore(self, words: Sequence[str]) -> None:
        score = map(options.points, options.exactly(2, words, "setscore P0 P1"))
        self.table = self.table.with_session(score=tuple(score))

    def setcube(self, words: Sequence[str]) -> None:
        options.exactly(4, words, "setcube value N owner center|p0|p1")
        self.table = self.table.with_session(**options.pairs(words, options.cube))

    def setturn(self, words: Sequence[str]) -> None:
        self.table = self.table.with_session(turn=options.player(*options.exactly(1, words, "setturn p0|p1")))

    def position(self, words: Sequence[str]) -> None:
        kind, *text = words or [""]
        if kind not in ("gnubgid", "xgid"):
            raise Refused("unsupported_feature", f"a position is told as gnubgid or xgid, not {quoted(kind)}")
        told = self.table.with_gnubg_id if kind == "gnubgid" else self.table.with_xgid
        self.table = told(" ".join(text))

    def dice(self, words: Sequence[str]) -> None:
        self.table = self.table.with_dice(*map(options.die, options.exactly(2, words, "dice D1 D2")))

    def stop(self, words: Sequence[str]) -> None:
        """End the search that runs, if one does, and have it answer; a look some plies ahead comes to its own end."""
        while self.thinking and self.thinking.is_alive():
            if self.searcher:
                self.searcher[1].stop()
            self.thinking.join(STOP_AGAIN)

    def quit(self, words: Sequence[str]) -> None:
        self.finished = True

    def go(self, words: Sequence[str]) -> None:
        """Answer what is asked: at once or, where it takes long, from a thread."""
        role, settings = options.asked(words, self.settings)
        _check(role, self.table)
        self.wake()
        if settings.slow:
            self.thinking = threading.Thread(target=self._think, args=(role, self.table, settings), daemon=True)
            self.thinking.start()
        else:
            self._answer(role, self.table, settings)

    # --- answers ---

    def _think(self, role: str, table: UbgiTable, settings: UbgiSettings) -> None:
        try:
            self._answer(role, table, settings)
        except Exception as error:
            self.refuse(error)

    def _answer(self, role: str, table: UbgiTable, settings: UbgiSettings) -> None:
        if role == CUBE:
            self.write(f"bestcube {self._cube(table, settings)}")
        elif role == CHEQUER and settings.at_sight:
            self.write(f"bestmove {written(at_sight(self.wake(), table))}")
        elif role == CHEQUER:
            play, after = self._play(table, settings)
            self.write(f"bestmove {play}")
            if settings.ids:
                self.write(f"bestmoveid {after}")
        else:
            turn, (play, after) = self._cube(table, settings), self._play(table, settings)
            self.write(f"bestturn cube={turn} " + (f"moveid={after}" if settings.ids else f"move={play}"))

    def _play(self, table: UbgiTable, settings: UbgiSettings) -> tuple[str, str]:
        """Return the best play, and the position ID after it."""
        state = table.state(rolled=True)
        state[USE_CUBE] &= settings.cubeful
        if settings.searches and state[DICE]:
            return self._search(state, settings)
        ranked = self.wake().rank(state, settings.plies, until_decided=not settings.info, most=1)
        if not ranked:
            return written(()), gnubg_id.position_id(state)
        best = ranked[0]
        if settings.info:
            self._inform(CHEQUER, settings, best.equity, best.outputs)
        return written(best.moves), gnubg_id.position_id(best.after)

    def _search(self, state: np.ndarray, settings: UbgiSettings) -> tuple[str, str]:
        """Return the play that tree search finds, and the position ID after it."""
        player = self.searcher[1] if self.searcher and self.searcher[0] == settings else None
        if player is None:
            threads = 1 if settings.deterministic else settings.threads
            asked = PlayerSpec(model=settings.model, visits=settings.visits, seconds=settings.seconds, threads=threads)
            player = make(asked, backgammon, settings.seed)
            self.searcher = settings, player
        position = Position(backgammon, state)
        player.forget()  # an answer depends on what is asked, not on what was asked before
        while position.state[DICE] and position.state[MOVER] == state[MOVER]:
            position.play(player.choose(position))
        if settings.info and player.thought:
            self.write(f"info role {CHEQUER} nodes {player.thought.visits}")
        return written(position.moves), gnubg_id.position_id(position.state)

    def _cube(self, table: UbgiTable, settings: UbgiSettings) -> str:
        """Return what to do with the cube: whether to double, or how to answer a double."""
        state = table.state(rolled=False)
        verdict = judge_cube(self.wake(), state, settings.plies)
        if settings.info:
            doubled = min(verdict.double_take, verdict.double_pass)
            self._inform(CUBE, settings, doubled if verdict.double else verdict.no_double, verdict.outputs)
        if table.offered:
            return "take" if verdict.take else "drop"
        return "double" if verdict.double else "nodouble"

    def _inform(self, role: str, settings: UbgiSettings, equity: float, outputs: np.ndarray) -> None:
        """Tell what is expected of a decision: equity, and the chances to win, and to win a gammon and a backgammon."""
        win, gammon, backgammon = outputs[:3]
        chances = f"pwin {win:.4f} pgammon {gammon:.4f} pbg {backgammon:.4f}"
        self.write(f"info role {role} depth {settings.plies} eq {equity:.4f} {chances}")


def _check(role: str, table: UbgiTable) -> None:
    """Raise `Refused` where something is missing that an answer needs."""
    if table.board is None:
        raise Refused("missing_context", "there is no position")
    if role != CUBE and not table.dice:
        raise Refused("missing_context", "there are no dice")
    if role != CUBE and table.offered:
        raise Refused("missing_context", "the double must be answered before the dice are rolled")


def at_sight(lookahead: Lookahead, table: UbgiTable) -> tuple[int, ...]:
    """Return the best play by what the network says of the positions after it; () where there is none."""
    with lookahead.borrowed_scratch() as scratch:
        buffers = scratch.buffers
        count = evaluate_plays(table.board, 0, table.faces, lookahead.network, table.session.stakes, buffers)
        return backgammon.checker_moves(buffers.plays[buffers.equities[:count].argmax()]) if count else ()


def written(moves: Iterable[int]) -> str:
    """Write checker moves one by one, as the protocol wants them: bar/22 6/5, or pass."""
    words = []
    for move in moves:
        source, left = move // 6 + 1, move // 6 - move % 6
        words.append(f"{'bar' if source == BAR else source}/{left if left > 0 else 'off'}")
    return " ".join(words) or "pass"


COMMANDS = {
    "ubgi": Ubgi.greet,
    "isready": Ubgi.isready,
    "setoption": Ubgi.setoption,
    "newgame": Ubgi.newgame,
    "newsession": Ubgi.newsession,
    "setscore": Ubgi.setscore,
    "setcube": Ubgi.setcube,
    "setturn": Ubgi.setturn,
    "position": Ubgi.position,
    "dice": Ubgi.dice,
    "go": Ubgi.go,
    "stop": Ubgi.stop,
    "quit": Ubgi.quit,
}
