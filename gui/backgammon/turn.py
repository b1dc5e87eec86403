"""A turn of backgammon in the making: what clicks and typed plays do to it, until it is confirmed. No display.

A turn is a plain value; each verb returns a new one. Cells are those of the player who moves, as the rules have them:
1 to 24 its points, `OFF`, `BAR`. What is legal is asked of the rules, so that every legal play can be entered and
nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from games import backgammon
from games.backgammon import plays
from games.backgammon.rules import DICE, MOVER, OFF, ROLL, ROLLED, WINNER
from games.backgammon.writing import read_play, write_play
from games.game import Position


@dataclass(frozen=True, eq=False)
class Turn:
    """Moves made so far, and the positions before, between and after them.

    `moves` may hold some that were forced by the ones before; `by_hand` tells which were not.
    """

    states: tuple[np.ndarray, ...]
    moves: tuple[int, ...] = ()
    by_hand: tuple[bool, ...] = ()
    smaller_first: bool = False
    source: int | None = None  # the checker that was chosen, and waits for a target

    @property
    def start(self) -> np.ndarray:
        return self.states[0]

    @property
    def state(self) -> np.ndarray:
        return self.states[-1]

    @property
    def mover(self) -> int:
        return int(self.start[MOVER])

    @property
    def complete(self) -> bool:
        """Whether no die is left that can be played."""
        return not self.state[DICE]

    @property
    def written(self) -> str:
        """The moves so far in standard notation."""
        return write_play(self.start, self.moves)


def begin(state: np.ndarray) -> Turn:
    """Return the turn of a position whose dice are rolled; raise `ValueError` for another."""
    if not state[DICE]:
        raise ValueError("no dice are rolled")
    return Turn((state.copy(),))


# --- what is possible -------------------------------------------------------------------------------------


def steps(turn: Turn) -> dict[tuple[int, int], int]:
    """Return the legal single moves: source and die to move number."""
    return {} if turn.complete else _steps(turn.state)


def sources(turn: Turn) -> frozenset[int]:
    """Return where checkers stand that may move."""
    return frozenset(source for source, _ in steps(turn))


def ways(turn: Turn, source: int) -> dict[int, tuple[int, ...]]:
    """Return where one checker may go, with one die or several, and the moves that take it there.

    Of several ways to a place the one with the fewest dice counts, then the one that begins with the die now first.
    """
    found: dict[int, tuple[int, ...]] = {}
    waiting: list[tuple[int, np.ndarray, tuple[int, ...]]] = [(source, turn.state, ())]
    while waiting:
        cell, state, made = waiting.pop(0)
        if cell == OFF or not _goes_on(turn, state):
            continue
        for (_, die), move in _preferred(turn, state, cell):
            target = max(cell - die, OFF)
            if target not in found:
                found[target] = (*made, move)
            waiting.append((target, backgammon.after(state, move), (*made, move)))
    return found


def _steps(state: np.ndarray) -> dict[tuple[int, int], int]:
    moves, _, counts = backgammon.legal(state[None])
    return {(move // 6 + 1, move % 6 + 1): move for move in moves[0, : counts[0]].tolist() if move < ROLL}


def _preferred(turn: Turn, state: np.ndarray, source: int) -> list[tuple[tuple[int, int], int]]:
    """Return the single moves of a checker, that of the die which is first on the board first."""
    mine = [step for step in _steps(state).items() if step[0][0] == source]
    return sorted(mine, key=lambda step: step[0][1], reverse=not turn.smaller_first)


def _goes_on(turn: Turn, state: np.ndarray) -> bool:
    return bool(state[DICE]) and state[MOVER] == turn.mover


# --- what a person does -----------------------------------------------------------------------------------


def click(turn: Turn, cell: int, other_die: bool = False) -> Turn:
    """Move the clicked checker by the first die that it can use (or, with `other_die`, by the last).

    A chosen checker goes to the target that was clicked instead.
    """
    if turn.source is not None and cell in ways(turn, turn.source):
        return move_checker(turn, turn.source, cell)
    options = [] if turn.complete else _preferred(turn, turn.state, cell)
    if not options:
        return replace(turn, source=None)
    return _make(turn, [options[-1 if other_die else 0][1]])


def choose(turn: Turn, cell: int) -> Turn:
    """Choose a checker, which then waits for a click on a target; a second click moves it by the first die."""
    if turn.source == cell or (turn.source is not None and cell in ways(turn, turn.source)):
        return click(turn, cell)
    return replace(turn, source=cell if cell in sources(turn) else None)


def move_checker(turn: Turn, source: int, target: int) -> Turn:
    """Bring a checker to a place, with as many dice as that takes; where it cannot go, nothing changes."""
    way = ways(turn, source).get(target)
    return _make(turn, way) if way else replace(turn, source=None)


def swap(turn: Turn) -> Turn:
    """Let the other die be the first."""
    return replace(turn, smaller_first=not turn.smaller_first, source=None)


def undo(turn: Turn) -> Turn:
    """Take back the last checker that was moved by hand, and what was forced after it."""
    count = len(turn.moves)
    while count and not turn.by_hand[count - 1]:
        count -= 1
    count = max(0, count - 1)
    return replace(
        turn, states=turn.states[: count + 1], moves=turn.moves[:count], by_hand=turn.by_hand[:count], source=None
    )


def start_over(turn: Turn) -> Turn:
    """Take everything back."""
    return replace(turn, states=turn.states[:1], moves=(), by_hand=(), source=None)


def finish_forced(turn: Turn) -> Turn:
    """Make the moves that are left if they can end in one way only."""
    rest = [] if turn.complete else plays(turn.state)
    return _make(turn, rest[0][0], by_hand=False) if len(rest) == 1 else turn


def enter(turn: Turn, moves: Sequence[int]) -> Turn:
    """Make a whole play at once: a hint that was clicked, an engine's choice; raise `ValueError` where it is none."""
    turn = start_over(turn)
    for move in moves:
        if move not in steps(turn).values():
            raise ValueError(f"{backgammon.notation(turn.state, move)} is not legal here")
        turn = _make(turn, [move])
    return turn


def type_in(turn: Turn, text: str) -> Turn:
    """Make the moves that a text names, all dice or some; raise `ValueError` where it is no legal move."""
    if turn.complete:
        raise ValueError("all dice are played: Enter confirms, undo takes the last checker back")
    return _make(turn, read_moves(turn.state, text))


def read_moves(state: np.ndarray, text: str) -> tuple[int, ...]:
    """Read a play of all dice, or single checkers one by one; raise `ValueError` where neither is legal."""
    try:
        return read_play(state, text)
    except ValueError:
        moves = _single_moves(state, text)
        if not moves:
            raise
        return moves


def _single_moves(state: np.ndarray, text: str) -> tuple[int, ...]:
    """Read words such as 13/7 as moves of single dice; () where one of them is no legal move."""
    position, mover = Position(backgammon, state), state[MOVER]
    for word in text.lower().replace("*", "").split():
        names = {_name(position.state, move): move for move in position.legal().tolist()}
        if word not in names or position.state[MOVER] != mover:
            return ()
        position.play(names[word])
    return tuple(position.moves)


def _name(state: np.ndarray, move: int) -> str:
    """Write a move without the die that is larger than needed."""
    return backgammon.notation(state, move).partition("(")[0]


def confirmed(turn: Turn) -> tuple[int, ...]:
    """Return the moves of a turn that is complete; raise `ValueError` for another."""
    if not turn.complete:
        raise ValueError("the turn is not over: dice are left to play")
    return turn.moves


def _make(turn: Turn, moves: Sequence[int], by_hand: bool = True) -> Turn:
    states = list(turn.states)
    for move in moves:
        states.append(backgammon.after(states[-1], move))
    hands = turn.by_hand + (by_hand,) * len(moves)
    return replace(turn, states=tuple(states), moves=turn.moves + tuple(moves), by_hand=hands, source=None)


# --- what is shown ----------------------------------------------------------------------------------------


def dice(turn: Turn) -> list[tuple[int, bool]]:
    """Return the dice in the order in which they count now, and which are used up or cannot be used any more."""
    faces = [int(die) for die in turn.start[DICE : DICE + 4] if die]
    left = [] if turn.complete else [int(die) for die in turn.state[DICE : DICE + 4] if die]
    shown = []
    for face in sorted(faces, reverse=not turn.smaller_first):
        shown.append((face, face not in left))
        if face in left:
            left.remove(face)
    if len(set(faces)) == 1:  # of a double the last are used up first, whichever they are
        shown.sort(key=lambda die: die[1])
    return shown


def unplayable(turn: Turn) -> list[int]:
    """Return the dice of a complete turn that no checker could use."""
    if not turn.complete or turn.state[WINNER] == turn.mover:
        return []
    left = [int(die) for die in turn.start[DICE : DICE + 4] if die]
    for move in turn.moves:
        left.remove(move % 6 + 1)
    return left


def rolled(turn: Turn) -> tuple[int, int]:
    """Return the roll, larger die first."""
    return int(turn.start[ROLLED]), int(turn.start[ROLLED + 1])
