"""Any program that speaks UBGI, the Universal Backgammon Interface, as a player. `ubgi.py` is the other side.

The program gets the checkers as the player on roll sees them, whose turn it is, the cube and the score; it answers with
steps from point to point, or with the position after them. What v0.1 of the protocol leaves open: that a double
waits is sent as an XGID, and the answer to `go role cube` is then take or drop (pass and beaver are understood).
"""

import re
import time
from collections.abc import Callable, Sequence

import numpy as np

from engine.backgammon.player import Plan
from engine.clock import Clock
from engine.players import Player
from engine.program import PlayerFailed, Program
from games import backgammon
from games.backgammon import gnubg_id, rules, xgid
from games.backgammon.writing import read_play
from games.game import FIRST, SECOND, IllegalMove, Position

CUBE_ANSWERS = {
    "double": rules.DOUBLE,
    "nodouble": rules.ROLL,
    "roll": rules.ROLL,
    "take": rules.TAKE,
    "beaver": rules.TAKE,
    "drop": rules.DROP,
    "pass": rules.DROP,
}
_BESIDE = "id", "option", "info", "eval", "bestmoveid", ""
"""Lines that may come before the one that is waited for; a `bestmoveid` may also follow a `bestmove`."""

OWNERS = {FIRST: "p0", SECOND: "p1"}

_MOVE = re.compile(r"(?:bar|\d{1,2})(?:/(?:\d{1,2}|off)\*?){1,4}(?:\(\d\))?")
MOST_MOVES = 4
"""Words of a play."""


class UbgiPlayer(Program, Player):
    """Sends the program every position whole, so that it need not remember any."""

    def __init__(self, command: str, name: str = "", timeout: float = 60.0, options: dict[str, str] | None = None):
        """Start the program and set its options; `timeout` is how many seconds any of its answers may take."""
        super().__init__(command, name, timeout)
        self.session: list[str] = []  # the lines about the stakes that were sent
        self.plan = Plan()
        try:
            self._greet(options or {})
        except PlayerFailed:
            self.close()
            raise

    def choose(
        self, position: Position, clock: Clock | None = None, report: Callable | None = None, every: float = 0.5
    ) -> int:
        """Ask for the next checker move or cube decision.

        Raise `PlayerFailed` where none comes that could be one, `IllegalMove` for one that the rules forbid.
        """
        state = position.state
        if not state[rules.DICE]:
            return self._decide_cube(state)
        move = self.plan.next(state)
        return self.plan.begin(state, self._find_play(state)) if move is None else move

    def ask(self, command: str, *words: str) -> str:
        """Send a command and return the first line that begins with one of the words; raise for errors and silence."""
        self.tell(command)
        until = time.monotonic() + self.timeout
        while True:
            line = self.line(command, until)
            first = line.partition(" ")[0]
            if first in words:
                return line
            if first not in _BESIDE:
                raise PlayerFailed(f"{self.name} answered {line[:80]!r} to {command!r}")

    def _greet(self, options: dict[str, str]) -> None:
        self.ask("ubgi", "ubgiok")
        for name, value in options.items():
            self.tell(f"setoption name {name} value {value}")
        self.ask("isready", "readyok")

    # --- positions and answers ---

    def _set_table(self, state: np.ndarray) -> None:
        """Tell what is at stake where that is new, the cube, and whose turn it is; nothing is on its way any more."""
        self.ask("isready", "readyok")
        session = _session(state)
        if session != self.session:
            self.tell(*session, "newgame")
            self.session = session
        owner = OWNERS.get(int(state[rules.OWNER]), "center")
        self.tell(
            f"setcube value {1 << int(state[rules.CUBE])} owner {owner}", f"setturn {OWNERS[int(state[rules.MOVER])]}"
        )

    def _decide_cube(self, state: np.ndarray) -> int:
        self._set_table(state)
        waits = bool(state[rules.OFFERED])
        self.tell(f"position xgid {xgid.to_id(state)}" if waits else f"position gnubgid {gnubg_id.position_id(state)}")
        answer = self.ask("go role cube", "bestcube")
        move = CUBE_ANSWERS.get(answer.partition(" ")[2].strip())
        if move is None or (move in (rules.TAKE, rules.DROP)) != waits:
            raise PlayerFailed(f"{self.name} answered {answer[:60]!r} to a question about the cube")
        return move

    def _find_play(self, state: np.ndarray) -> Sequence[int]:
        """Return the checker moves of its play; raise `IllegalMove` for one that the rules forbid."""
        self._set_table(state)
        self.tell(f"position gnubgid {gnubg_id.position_id(_before_roll(state))}")
        self.tell(f"dice {state[rules.ROLLED]} {state[rules.ROLLED + 1]}")
        kind, _, text = self.ask("go role chequer", "bestmove", "bestmoveid").partition(" ")
        if kind == "bestmoveid":
            return self._play_to(state, text.strip())
        if not _is_play(text):
            raise PlayerFailed(f"{self.name} answered {text[:40]!r} for a play")
        try:
            return read_play(state, text)
        except ValueError as error:
            raise IllegalMove(f"{text.strip()[:60]} is not legal here: {error}") from None

    def _play_to(self, state: np.ndarray, target: str) -> Sequence[int]:
        for moves, after in backgammon.plays(state):
            if gnubg_id.position_id(after) == target:
                return moves
        raise IllegalMove(f"{target[:20]!r} is reached by no play of {state[rules.ROLLED]}-{state[rules.ROLLED + 1]}")


def _is_play(text: str) -> bool:
    words = text.split()
    return words == ["pass"] or (0 < len(words) <= MOST_MOVES and all(map(_MOVE.fullmatch, words)))


def _before_roll(state: np.ndarray) -> np.ndarray:
    return backgammon.with_turn(state, int(state[rules.MOVER]))


def _session(state: np.ndarray) -> list[str]:
    """Return the lines that tell what is at stake."""
    length = int(state[rules.LENGTH])
    if not length:
        return [f"newsession type money jacoby {'on' if state[rules.JACOBY] else 'off'}"]
    crawford = "off" if length - 1 in state[rules.SCORE : rules.SCORE + 2] and not state[rules.CRAWFORD] else "on"
    score = f"setscore {state[rules.SCORE]} {state[rules.SCORE + 1]}"
    return [f"newsession type match length {length} crawford {crawford}", score]
