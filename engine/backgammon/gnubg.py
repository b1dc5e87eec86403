"""GNU Backgammon behind its socket: best plays, evaluations, cube decisions. One line asks, one line answers.

Positions go out as FIBS board lines. Traps of version 1.07 that are met here: unless a double waits for its answer, it
takes the first score of a line for that of the player who is not on roll (`Gnubg.reverses_scores` asks it whether it
does); with both players barred from doubling it believes that one has just doubled; the plies of a checker play or a
cube decision cannot stand in the line, so every number of plies has a process of its own; and it forgets whatever
follows the first line of what it reads, so nothing is asked ahead.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.program import LastWords, how_it_ended, split_command, which
from games import backgammon
from games.backgammon import rules
from games.game import FIRST, NOBODY, SECOND

START_SECONDS = 20.0
"""How long the program may take to open its socket."""

MONEY = 9999, 0, 0
"""FIBS's match length for no match, and the scores."""

ANSWERS = {"double": rules.DOUBLE, "roll": rules.ROLL, "take": rules.TAKE, "beaver": rules.TAKE, "drop": rules.DROP}


class GnubgFailed(OSError):
    """GNU Backgammon is missing, died, hung, or answered what makes no sense; the message says what."""


def find_program() -> str | None:
    """Return the path of gnubg, or None where it is not installed."""
    return which("gnubg")


# --- positions as text ------------------------------------------------------------------------------------


def fibs_board(
    board: np.ndarray,
    dice: Sequence[int] = (0, 0),
    match: Sequence[int] = MONEY,
    cube: int = 1,
    may_double: Sequence[int] = (1, 1),
    doubled: bool = False,
    after_crawford: bool = False,
) -> str:
    """Write a position as a FIBS board line, as the player on roll sees it.

    `board` is [2, 26]: the checkers of the player on roll, then the opponent's, each counted from its own side (0 off,
    25 bar); `match` is its length and the two scores. `may_double` tells whose the cube is: (1, 1) centred.
    """
    mine, theirs = board[0].tolist(), board[1].tolist()
    points = [mine[k] - theirs[25 - k] for k in range(1, rules.POINTS + 1)]
    cells = [-theirs[rules.BAR], *points, mine[rules.BAR]]
    home = [0, 25, mine[rules.OFF], theirs[rules.OFF], mine[rules.BAR], theirs[rules.BAR]]
    numbers = [*match, *cells, 1, *dice, *dice, cube, *may_double, int(doubled), 1, -1, *home, 0, 0, 0]
    return f"board:mover:other:{':'.join(map(str, numbers))}:{int(after_crawford)}"


def fibs_line(state: np.ndarray, dice: Sequence[int] = (0, 0), reverse_scores: bool = False) -> str:
    """Write a position of the game, or the double that was offered in it, as a FIBS board line of its mover."""
    mover, length, owner = int(state[rules.MOVER]), int(state[rules.LENGTH]), int(state[rules.OWNER])
    scores = [int(state[rules.SCORE + mover]), int(state[rules.SCORE + 1 - mover])]
    last_point = length - 1 in scores
    return fibs_board(
        board_of(state),
        dice,
        (length, *(scores[::-1] if reverse_scores else scores)) if length else MONEY,
        1 << int(state[rules.CUBE]),
        (int(owner != 1 - mover), int(owner != mover)) if owner != NOBODY else (1, 1),
        bool(state[rules.OFFERED]),
        last_point and not state[rules.CRAWFORD],
    )


def board_of(state: np.ndarray) -> np.ndarray:
    """Return the checkers [2, 26] of the mover and of the opponent, each from its own side."""
    checkers = state[: 2 * rules.SIDE].reshape(2, rules.SIDE)
    return (checkers[::-1] if state[rules.MOVER] == SECOND else checkers).copy()


def after_play(board: np.ndarray, text: str) -> np.ndarray:
    """Return a board [2, 26] after a play as gnubg writes it: 25/22*, bar/22*/20, 6/4(2), 6/off; "" for no play.

    Raise `ValueError` for what is no play of the checkers on the board.
    """
    after = board.copy()
    for word in text.split():
        found = re.fullmatch(r"((?:bar|\d+)\*?(?:/(?:off|\d+)\*?)+)(?:\((\d)\))?", word)
        if not found:
            raise ValueError(f"{word!r} is not a play")
        path = found[1].replace("*", "").replace("bar", str(rules.BAR)).replace("off", str(rules.OFF))
        for _ in range(int(found[2] or 1)):
            _move_along(after, [int(point) for point in path.split("/")])
    return after


def _move_along(board: np.ndarray, path: list[int]) -> None:
    if max(path) > rules.BAR or board[0, path[0]] < 1:
        raise ValueError(f"no checker can move from {path[0]}")
    board[0, path[0]] -= 1
    board[0, path[-1]] += 1
    for point in path[1:]:
        if point != rules.OFF and board[1, 25 - point] == 1:
            board[1, 25 - point] = 0
            board[1, rules.BAR] += 1


# --- one process ------------------------------------------------------------------------------------------


class _Process:
    """One gnubg with settings of its own, and the connection to it."""

    def __init__(self, command: list[str], settings: Sequence[str], timeout: float):
        self.timeout = timeout
        self.folder, self.last_words = tempfile.mkdtemp(prefix="yomi-"), LastWords()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self.last_words.pipe,
                env={**os.environ, "LC_ALL": "C"},  # a decimal point in every country
            )
        except OSError as error:
            os.rmdir(self.folder)
            raise GnubgFailed(f"gnubg cannot be started: {error.strerror or error}") from None
        finally:
            self.last_words.listen()
        self.finish = weakref.finalize(self, _end, self.process, self.folder)
        addresses = _addresses(self.folder)
        # the second address is for versions that know no unix sockets: the first then fails, and they read on
        self._say([*settings, *(f"external {name}" for _, _, name in addresses)])
        self.socket = self._connect(addresses)
        self.socket.settimeout(timeout)
        self.replies = self.socket.makefile("r")

    def ask(self, line: str) -> str:
        """Send a line and return the answer; after an error, silence or death raise `GnubgFailed` and be closed."""
        try:
            self.socket.sendall(line.encode() + b"\n")
            answer = self.replies.readline()
        except TimeoutError:
            raise self._failure(f"did not answer {line[:60]!r} in {self.timeout:g} s") from None
        except OSError:
            answer = ""
        if not answer.endswith("\n"):
            raise self._failure(f"died at {line[:60]!r}")
        if answer.startswith("Error"):
            raise self._failure(f"answered {answer.strip()[:80]!r} to {line[:60]!r}")
        return answer.strip()

    def _say(self, lines: list[str]) -> None:
        pipe = self.process.stdin
        assert pipe is not None  # __init__ opened it
        with suppress(OSError):  # the process is dead already: _connect reports it
            pipe.write("".join(f"{line}\n" for line in lines).encode())
            pipe.flush()

    def _connect(self, addresses: list[tuple]) -> socket.socket:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            for family, address, _ in addresses:
                connection = socket.socket(family, socket.SOCK_STREAM)
                if connection.connect_ex(address) == 0:
                    return connection
                connection.close()
            if self.process.poll() is not None:
                raise self._failure("ended before it opened its socket")
            time.sleep(0.01)
        raise self._failure(f"did not open its socket in {START_SECONDS:g} s")

    def _failure(self, what: str) -> GnubgFailed:
        ended = how_it_ended(self.process, self.last_words) if what.startswith(("died", "ended")) else ""
        self.end()
        return GnubgFailed(f"gnubg {what}: {ended}" if ended else f"gnubg {what}")

    def end(self) -> None:
        """Close the connection and end the process."""
        for opened in ("replies", "socket"):
            if hasattr(self, opened):
                with suppress(OSError):
                    getattr(self, opened).close()
        self.finish()


def _addresses(folder: str) -> list[tuple]:
    """Return where gnubg may listen: family, address, and the name of it in gnubg."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
    local = [(socket.AF_INET, (host, port), f"{host}:{port}")]
    if not hasattr(socket, "AF_UNIX"):
        return local
    path = str(Path(folder) / "gnubg")
    return [(socket.AF_UNIX, path, path), *local]


def _end(process: subprocess.Popen, folder: str) -> None:
    """End a process for certain, also when Python ends and nobody closed it: gnubg would wait for ever."""
    process.terminate()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
    shutil.rmtree(folder, ignore_errors=True)


# --- questions --------------------------------------------------------------------------------------------


class Gnubg:
    """GNU Backgammon as opponent and judge. One thread asks at a time; processes start as they are needed.

    Every question may raise `GnubgFailed`; after that the next one begins with a fresh process.
    """

    def __init__(self, command: str = "", timeout: float = 60.0):
        """`command` starts another gnubg than the installed one; an answer may take `timeout` seconds."""
        self.command, self.timeout = command, timeout
        self.processes: dict[tuple[int, bool], _Process] = {}

    def __enter__(self) -> "Gnubg":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """End its processes."""
        while self.processes:
            self.processes.popitem()[1].end()

    def best_play(self, state: np.ndarray, plies: int = 0) -> tuple[int, ...]:
        """Return the checker moves of the best play of the dice; of a turn that has begun, of the dice left."""
        plays = backgammon.plays(state)
        if not plays:
            raise ValueError("there are no checkers to move here")
        if np.count_nonzero(state[rules.DICE : rules.DICE + 4]) < (
            4 if state[rules.ROLLED] == state[rules.ROLLED + 1] else 2
        ):
            return min(plays, key=lambda play: self._chances_after(play[1], int(state[rules.MOVER]), plies))[0]
        line = fibs_line(state, state[rules.ROLLED : rules.ROLLED + 2].tolist(), self._reverses(state))
        cubeful = bool(state[rules.USE_CUBE])
        target = self._board_after(board_of(state), f"{line} {_rules(state)}", plies, cubeful)
        if state[rules.MOVER] == SECOND:
            target = target[::-1]
        for moves, after in plays:
            if np.array_equal(after[: 2 * rules.SIDE].reshape(2, rules.SIDE), target):
                return moves
        raise GnubgFailed("gnubg chose a play that is not legal here")

    def best_board(self, board: np.ndarray, dice: Sequence[int], plies: int = 0) -> np.ndarray:
        """Return a board [2, 26] after the best play of the player on roll: money, without cube and Jacoby's rule."""
        return self._board_after(board, f"{fibs_board(board, dice)} jacobyrule off", plies, cubeful=False)

    def evaluate(self, state: np.ndarray, plies: int = 0, cubeful: bool = False, prune: bool = True) -> np.ndarray:
        """Return the five outputs and the equity of the player on roll, float64 [6].

        For money the equity is in points a cube, in a match it is the chance of winning the match. Raise `ValueError`
        after a roll.
        """
        if state[rules.DICE] or state[rules.OFFERED]:
            raise ValueError("a position is evaluated before the roll, and not while a double waits")
        cubeful = cubeful and bool(state[rules.USE_CUBE])
        line = fibs_line(state, reverse_scores=self._reverses(state))
        return self._numbers(line, _rules(state), plies, cubeful, prune)

    def evaluate_board(self, board: np.ndarray, plies: int = 0, prune: bool = True) -> np.ndarray:
        """Evaluate a board [2, 26] of the player on roll: money, without cube and Jacoby's rule; float64 [6]."""
        return self._numbers(fibs_board(board), "jacobyrule off", plies, False, prune)

    def cube_action(self, state: np.ndarray, plies: int = 2) -> int:
        """Return DOUBLE or ROLL, or, where a double waits, TAKE or DROP. Beavers do not exist."""
        if not state[rules.OFFERED] and (state[rules.TURN] not in (FIRST, SECOND) or state[rules.DICE]):
            raise ValueError("there is no cube decision here")
        reverse = self._reverses(state) != bool(state[rules.OFFERED] and state[rules.LENGTH])
        answer = self.ask(f"{fibs_line(state, reverse_scores=reverse)} {_rules(state)}", plies, cubeful=True)
        if answer not in ANSWERS or (ANSWERS[answer] in (rules.TAKE, rules.DROP)) != bool(state[rules.OFFERED]):
            raise GnubgFailed(f"gnubg answered {answer[:40]!r} to a question about the cube")
        return ANSWERS[answer]

    def ask(self, line: str, plies: int, cubeful: bool) -> str:
        """Send a line to the process of these settings and return its answer."""
        key = plies, cubeful
        if key not in self.processes:
            self.processes[key] = _Process(self._start_line(), _settings(plies, cubeful), self.timeout)
        try:
            return self.processes[key].ask(line)
        except GnubgFailed:
            del self.processes[key]
            raise

    @cached_property
    def reverses_scores(self) -> bool:
        """Whether it takes the first score of a line for the other player's, and so thinks a leader behind."""
        leading = fibs_board(board_of(backgammon.start()), match=(5, 3, 0))
        return self._numbers(leading, "", 0, False, True)[-1] < 0.5

    def _reverses(self, state: np.ndarray) -> bool:
        return bool(state[rules.LENGTH]) and self.reverses_scores

    def _start_line(self) -> list[str]:
        try:
            program = split_command(self.command) if self.command else [find_program()]
        except ValueError as error:
            raise GnubgFailed(f"gnubg cannot be started: {error}") from None
        if program[0] is None:
            raise GnubgFailed("gnubg is not installed: on Debian and Ubuntu, apt install gnubg")
        return [*program, "-t", "-q", "-r"]

    def _board_after(self, board: np.ndarray, line: str, plies: int, cubeful: bool) -> np.ndarray:
        answer = self.ask(line, plies, cubeful)
        try:
            return after_play(board, answer)
        except ValueError:
            raise GnubgFailed(f"gnubg answered {answer[:40]!r} for a play") from None

    def _numbers(self, line: str, terms: str, plies: int, cubeful: bool, prune: bool) -> np.ndarray:
        how = f"plies {plies} {'cubeful' if cubeful else 'cubeless'} noise 0 prune {'on' if prune else 'off'} {terms}"
        answer = self.ask(f"evaluation fibsboard {line} {how}", 0, False)
        with suppress(ValueError):
            numbers = np.array([float(word) for word in answer.split()])
            if numbers.shape == (6,):
                return numbers
        raise GnubgFailed(f"gnubg answered {answer[:40]!r} for an evaluation")

    def _chances_after(self, after: np.ndarray, mover: int, plies: int) -> float:
        """Return the opponent's equity after a play of the mover (with the game over: less than any other)."""
        if after[rules.TURN] == NOBODY:
            return -np.inf
        waiting = backgammon.with_turn(after, 1 - mover)
        return self.evaluate(waiting, plies, cubeful=True)[-1]


def _rules(state: np.ndarray) -> str:
    """Return the words for Jacoby's rule, which needs a cube, and for Crawford's."""
    jacoby = state[rules.JACOBY] and state[rules.USE_CUBE] and not state[rules.LENGTH]
    return f"jacobyrule {'on' if jacoby else 'off'} crawfordrule on"


def _settings(plies: int, cubeful: bool) -> list[str]:
    checkers, cube = "set evaluation chequerplay evaluation", "set evaluation cubedecision evaluation"
    return [
        "set threads 1",
        "set jacoby off",
        "set beavers 0",
        f"{checkers} plies {plies}",
        f"{checkers} cubeful {'on' if cubeful else 'off'}",
        f"{checkers} prune on",
        f"{checkers} noise 0",
        f"{cube} plies {plies}",
        f"{cube} cubeful on",
        f"{cube} prune on",
        f"{cube} noise 0",
    ]
