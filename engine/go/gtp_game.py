"""The game that a GTP controller sets up, plays and takes back; every change succeeds whole or not at all."""

from collections.abc import Callable, Iterable

import numpy as np

from engine.go.gtp_rules import KATA_RULES, read_rules
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import rules as go_rules
from games.go import sgf, sgf_words

Fits = Callable[[int, float], None]
"""Raises `ValueError` with a sentence where the player does not know a board size or a komi."""


class GtpTable:
    """A Go game in progress: how it began (`go_board.setup`'s keyword arguments) and what was played since."""

    def __init__(
        self, size: int = 19, komi: float = 7.5, rules: str = "tromp-taylor", fits: Fits = lambda size, komi: None
    ):
        self.fits = fits
        self.rules_chosen = False  # by the controller: else it may play by others than ours
        self.restart(size=size, komi=komi, rules=rules)

    # --- how it begins ---

    def restart(self, **start) -> None:
        """Begin anew from `go_board.setup(**start)`; a start that cannot be raises and changes nothing."""
        position = Position(go, go_board.setup(**start))
        self.fits(start["size"], start["komi"])
        self.start, self.position = start, position

    def clear(self, size: int | None = None) -> None:
        """Empty the board, keeping komi and rules."""
        self.restart(**self._settings() | ({} if size is None else {"size": size}))

    def change(self, **changes) -> None:
        """Change komi or rules under the game: the moves so far are played again."""
        start = _compensated(self.start | changes)
        self.fits(start["size"], start["komi"])
        position, setups = Position(go, go_board.setup(**start)), sgf.from_position(self.position).setups
        for number, (move, by) in enumerate(zip(self.position.moves, self.position.movers, strict=True), 1):
            position.play(move, by, recorded=True)
            if number in setups:
                position.set_up(go_board.changed(position.state, **setups[number]))
        self.start, self.position = start, position

    def change_rules(self, rules: str) -> None:
        """Change the rules, as `gtp_rules.read_rules` understands them."""
        self.change(rules=read_rules(rules))
        self.rules_chosen = True

    def kata_rules(self) -> dict:
        """Describe the rules in KataGo's words."""
        return KATA_RULES[self.rules]

    def set_up(self, stones: dict[int, int], to_play: int | None = None, anew: bool = False) -> None:
        """Put stones {point: go.BLACK, go.WHITE or go.EMPTY} on the board as it is, or empty; forget the moves."""
        board = go.colours(self.position.state).ravel() * (not anew)
        board[list(stones)] = list(stones.values())
        black, white = (np.flatnonzero(board == colour).tolist() for colour in (go.BLACK, go.WHITE))
        to_play = self.to_play if to_play is None else to_play
        self.restart(**_compensated(self._settings() | {"black": black, "white": white, "to_play": to_play}))

    def place_handicap(self, stones: list[int]) -> None:
        """Give Black handicap stones on an empty board, and White the turn and the ruleset's compensation."""
        if go.colours(self.position.state).any() or self.position.moves:
            raise ValueError("the board is not empty")
        if len(set(stones)) != len(stones):
            raise ValueError("two handicap stones on one point")
        self.restart(**_compensated(self._settings() | {"black": stones, "to_play": SECOND}))

    def fixed_handicap(self, stones: int) -> list[int]:
        return go_board.fixed_handicap(self.size, stones)

    def free_handicap(self, stones: int) -> list[int]:
        return go_board.free_handicap(self.size, stones)

    def _settings(self) -> dict:
        return {"size": self.size, "komi": self.komi, "rules": self.rules}

    @property
    def size(self) -> int:
        return self.start["size"]

    @property
    def komi(self) -> float:
        return self.start["komi"]

    @property
    def rules(self) -> str:
        return self.start["rules"]

    # --- what is played ---

    @property
    def to_play(self) -> int:
        """Return the side whose turn it is, also where two passes have ended the game."""
        return FIRST if self.position.state[go_rules.TO_PLAY] == go.BLACK else SECOND

    def play(self, moves: Iterable[tuple[int, int]]) -> None:
        """Play (side, move) pairs, all or none; raise `IllegalMove`.

        Under rules that the controller did not choose a repetition is played: the other side's rules may allow it.
        """
        position = self.position.copy()
        for side, move in moves:
            position.play(move, side, recorded=not self.rules_chosen)
        self.position = position

    def undo(self, count: int = 1) -> None:
        """Take moves back, all or none; raise `ValueError` where there are not so many."""
        if count > len(self.position.moves):
            raise ValueError("cannot undo")
        for _ in range(count):
            self.position.undo()

    def move(self, vertex: str) -> int:
        """Read a coordinate or pass on this board; raise `ValueError`."""
        return go_board.move(vertex, self.size)

    def point(self, vertex: str) -> int:
        """Read a coordinate that is no pass; raise `ValueError`."""
        move = self.move(vertex)
        if move == self.a_pass:
            raise ValueError("a pass is no point of the board")
        return move

    @property
    def a_pass(self) -> int:
        return self.size**2

    def vertex(self, move: int) -> str:
        """Write a move the way GTP does."""
        return go.notation(self.position.state, move)

    # --- how it ends ---

    def result(self) -> str:
        """Return the result if the game ends here: "B+3.5", "W+2" or "0"."""
        return sgf_words.write_result(go.judge(self.position.state).lead)

    def statuses(self) -> dict[str, np.ndarray]:
        """Return which stones are alive, dead or in seki, each bool [size, size]; empty points count as alive."""
        verdict = go.judge(self.position.state)
        return {"alive": ~verdict.dead & ~verdict.seki, "dead": verdict.dead, "seki": verdict.seki}

    def relies_on_agreement(self, side: int) -> bool:
        """Tell whether area rules give this side the game only if the other side agrees what is dead."""
        state, sign = self.position.state, 1 if side == FIRST else -1
        counts_territory = self.rules == "japanese"
        return not counts_territory and sign * go.judge(state).lead > 0 >= sign * go.final_lead(state)

    def chains(self, wanted: np.ndarray) -> list[list[int]]:
        """Group the stones on wanted points, bool [size, size], into chains."""
        chains: dict[int, list[int]] = {}
        state = self.position.state
        for move in np.flatnonzero(wanted.ravel() & (go.colours(state).ravel() != go.EMPTY)).tolist():
            chains.setdefault(int(state[go_rules.point(state, move) + int(go_rules.CHAIN)]), []).append(move)
        return list(chains.values())

    def capturing(self, side: int) -> list[int]:
        """List legal moves of a side that take a liberty from opposing stones that cannot be saved."""
        theirs = go.colours(self.position.state) == (go.WHITE if side == FIRST else go.BLACK)
        target, near = go.dead_stones(self.position.state) & theirs, np.zeros((self.size + 2, self.size + 2), bool)
        for rows, columns in ((0, 1), (2, 1), (1, 0), (1, 2)):
            near[rows : rows + self.size, columns : columns + self.size] |= target
        legal = self.position.seen_by(side).legal()
        around = np.flatnonzero(near[1:-1, 1:-1].ravel())
        return np.intersect1d(legal, around).tolist()

    def drawn(self) -> str:
        """Draw the board, and say what a diagram does not show."""
        state, moves = self.position.state, self.position.moves
        last = moves[-1] if moves and moves[-1] < self.size**2 else None
        taken = [int(state[int(go_rules.LOST) + colour]) for colour in (go.WHITE, go.BLACK)]
        side = "White" if self.to_play == SECOND else "Black"
        told = f"{side} to play, move {len(moves) + 1}, komi {self.komi:g}, {self.rules} rules"
        return f"{go_board.diagram(state, last)}\n{told}\nprisoners: Black has {taken[0]}, White has {taken[1]}"

    # --- records ---

    def as_sgf(self, path: str = "") -> str:
        """Return the game so far as SGF, or write it to a file; raise `ValueError` where that cannot be done."""
        result = self.result() if self.position.over else ""
        record = sgf.from_position(self.position, result)
        if not path:
            return sgf.write(record).decode()
        try:
            sgf.save(path, [record])
        except OSError as error:
            raise ValueError(f"cannot write the record: {error.strerror}") from None
        return ""

    def load(self, path: str, moves: int | None = None) -> list[str]:
        """Take over the first game of an SGF file, its first so many moves or all; raise `ValueError`.

        Return what the reader remarked: what it could not use of the record.
        """
        try:
            record = sgf.one(path, rules=self.rules)
        except OSError as error:
            raise ValueError(f"cannot read the record: {error.strerror}") from None
        position, start = sgf.position(record, moves), {"rules": self.rules} | record.start
        self.fits(start["size"], start["komi"])
        self.start, self.position = start, position
        return record.remarks


def _compensated(start: dict) -> dict:
    """Give White what the rules give for handicap stones: black stones set up alone, with White to play."""
    alone = not start.get("white") and start.get("to_play") == SECOND
    stones = len(start.get("black", ())) if alone else 0
    return start | {"handicap_bonus": go_board.handicap_bonus(start["rules"], stones)}
