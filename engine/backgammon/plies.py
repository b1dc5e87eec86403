"""Read backgammon ahead: exact means over the dice, one and two plies deep, and plays ranked by them.

    0-ply   what the network (or the bear-off databases that it asks) says of a position before the roll
    1-ply   the mean over 21 rolls of what the best play (by 0-ply) leaves, seen at 0-ply
    2-ply   the same, and what it leaves is seen at 1-ply

All five outputs are carried along, so one reading serves every stakes. Plies are counted as GNU Backgammon counts
them: a play at n-ply is the position after it at n-ply. Plays that a shallower look finds hopeless are not looked at
more deeply (move filters). Stakes are [2, 6]: what FIRST and what SECOND plays for, each as `engine.afterstates` has
them, in equity: a plain game at the present cube won is 1, lost -1.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from engine.backgammon.afterstates import Desk, Network, desk, evaluate, evaluate_plays, lost, write_loss
from engine.backgammon.cube import as_equity, cubeful_equity, from_equity, utility
from engine.backgammon.outputs import (
    LOSE_BACKGAMMON,
    LOSE_GAMMON,
    OUTPUTS,
    WIN,
    WIN_BACKGAMMON,
    WIN_GAMMON,
    best_of,
    turn_round,
)
from games.backgammon import checker_moves, score
from games.backgammon.rules import (
    BOARD,
    CUBE,
    DICE,
    DICE_OF_ROLL,
    JACOBY,
    MOVER,
    OPENING,
    ROLL_ODDS,
    SIDE,
    TURN,
    USE_CUBE,
    apply_play,
    make_move,
)
from games.compiling import compiled, copy_row
from games.game import FIRST, NOBODY, SECOND

DEEPEST = 2

_ROLLS = len(ROLL_ODDS)
_ODDS = ROLL_ODDS / ROLL_ODDS.sum(dtype=float)


class Filter(NamedTuple):
    """Which plays deserve a deeper look: the best, and others within `margin` of its equity, `most` in all."""

    most: int
    margin: float


NORMAL = (Filter(8, 0.16), Filter(4, 0.08))
"""From 0-ply to 1-ply, and on to 2-ply. The first is GNU Backgammon's default; it goes on to 2-ply without another."""


class Candidate(NamedTuple):
    """A full play: its checker moves, the position after it, and what it is worth to the player who makes it."""

    moves: tuple[int, ...]
    after: np.ndarray  # int8 [W]
    outputs: np.ndarray  # float32 [5] from the view of who plays
    equity: float  # with the cube, if there is one; a plain game at the present cube won is 1
    plies: int  # how deeply it was read


class Room(NamedTuple):
    """What one thread works in."""

    desk: Desk
    start: np.ndarray  # int8 [52] the board before a roll: listing plays moves men for a moment, so it is not shared
    board: np.ndarray  # int8 [52] after a reply
    reply: np.ndarray  # float32 [5]
    roll: np.ndarray  # float32 [5]


def room(network: Network) -> Room:
    """Return room for a thread that reads with a network."""
    values = np.zeros((2, OUTPUTS), np.float32)
    boards = np.zeros((2, BOARD), np.int8)
    return Room(desk(network.bias.shape[1]), *boards, *values)


# --- compiled ---------------------------------------------------------------------------------------------


@compiled
def value_reply(men, me, roll, network, stakes, desk, outputs):
    """Fill the outputs, as the player who rolled sees them, after his best play of a roll (0-ply)."""
    count = evaluate_plays(men, me, DICE_OF_ROLL[roll], network, stakes[me // SIDE], desk)
    if count:
        turn_round(desk.outputs[best_of(desk.equities, count)], outputs)
    else:
        evaluate(men, SIDE - me, network, desk, desk.outputs[1])
        turn_round(desk.outputs[1], outputs)


@compiled
def value_before_roll(men, me, network, stakes, room, outputs):
    """Fill the outputs of a position at 1-ply, as the player on roll sees it."""
    for k in range(OUTPUTS):
        outputs[k] = 0
    for roll in range(_ROLLS):
        value_reply(men, me, roll, network, stakes, room.desk, room.roll)
        for k in range(OUTPUTS):
            outputs[k] += ROLL_ODDS[roll] * room.roll[k]


@compiled
def value_roll(men, me, roll, network, stakes, room, outputs):
    """Fill the outputs, as the player who rolled sees them, after his best play of a roll, read at 1-ply."""
    you, board = SIDE - me, room.board
    count = evaluate_plays(men, me, DICE_OF_ROLL[roll], network, stakes[me // SIDE], room.desk)
    for k in range(BOARD):
        board[k] = men[k]
    if count:
        apply_play(board, me, room.desk.plays[best_of(room.desk.equities, count)])
    if lost(board, you):
        write_loss(board, you, room.desk.outputs, 0)
        copy_row(room.reply, room.desk.outputs[0])
    else:
        value_before_roll(board, you, network, stakes, room, room.reply)
    turn_round(room.reply, outputs)


@compiled
def _value_rolls(boards, me, first, step, plies, network, stakes, room, outputs):
    """Fill every step-th row of outputs [N * 21, 5]: boards [N, 52] before each roll, as the player on roll sees it."""
    for row in range(first, len(outputs), step):
        board, roll = room.start, row % _ROLLS
        copy_row(board, boards[row // _ROLLS])
        if lost(board, me):
            write_loss(board, me, outputs, row)
        elif plies == 1:
            value_reply(board, me, roll, network, stakes, room.desk, outputs[row])
        else:
            value_roll(board, me, roll, network, stakes, room, outputs[row])


@compiled
def _value_boards(boards, me, network, desk, outputs):
    for b in range(len(boards)):
        evaluate(boards[b], me, network, desk, outputs[b])


@compiled
def _play_all(state, plays, after):
    """Fill after [N, W] with a position after each of its plays [N, 8]."""
    for n in range(len(after)):
        _play_row(state, plays[n], after[n])


@compiled
def _play_row(state, play, after):
    copy_row(after, state)
    for k in range(0, 8, 2):
        if play[k] > 0:
            make_move(after, (np.int64(play[k]) - 1) * 6 + play[k + 1] - 1)


# --- stakes -----------------------------------------------------------------------------------------------

_ENDS = np.array([[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]])
"""The ways a game can end: lost, won, by a gammon, a backgammon; lost by a gammon, a backgammon."""


def stakes_of(state: np.ndarray) -> np.ndarray:
    """Return what both sides play for, float32 [2, 6]: in a match by its score, with the cube as it is.

    For money gammons count, also where Jacoby's rule still voids them: as a rule the cube will be turned first.
    """
    return _stakes(state[CUBE:OPENING].tobytes(), len(state))


@lru_cache(4096)
def _stakes(situation: bytes, width: int) -> np.ndarray:
    state = np.zeros(width, np.int8)
    state[CUBE:OPENING] = np.frombuffer(situation, np.int8)
    state[JACOBY] = 0
    stakes = np.empty((2, OUTPUTS + 1), np.float32)
    for player in (FIRST, SECOND):
        state[MOVER] = player
        lose, win, gammon, backgammon, lose_gammon, lose_backgammon = as_equity(utility(_ENDS, state), state)
        stakes[player] = (
            win - lose,
            gammon - win,
            backgammon - gammon,
            lose_gammon - lose,
            lose_backgammon - lose_gammon,
            lose,
        )
    return stakes


# --- reading ----------------------------------------------------------------------------------------------


class Lookahead:
    """Reads positions with one network; any thread may ask it."""

    def __init__(self, network: Network, threads: int = 1, filters: Sequence[Filter] = NORMAL):
        """Rolls of a decision are shared out among `threads`; the answer is the same with any number of them."""
        self.network, self.threads, self.filters = network, threads, filters
        self.pool = ThreadPoolExecutor(threads, "yomi-plies")
        self.rooms: SimpleQueue[Room] = SimpleQueue()
        for _ in range(threads):
            self.rooms.put(room(network))

    @contextmanager
    def borrowed_room(self) -> Iterator[Room]:
        """Lend a room to the calling thread; wait until one is free."""
        lent = self.rooms.get()
        try:
            yield lent
        finally:
            self.rooms.put(lent)

    def outputs(self, state: np.ndarray, plies: int = 0) -> np.ndarray:
        """Return the five outputs of a position as the player on roll has them before he rolls, float32 [5].

        Before the opening roll, which either side may begin with, they are FIRST's.
        """
        stakes, mover, board = stakes_of(state), int(state[MOVER]), state[None, :BOARD]
        outputs = self.values(board, mover, plies, stakes)
        if state[OPENING]:
            outputs = (outputs + turned(self.values(board, 1 - mover, plies, stakes))) / 2
        return outputs[0]

    def values(self, boards: np.ndarray, mover: int, plies: int, stakes: np.ndarray) -> np.ndarray:
        """Return the outputs of boards int8 [N, 52] as `mover`, who is on roll in all of them, sees them: [N, 5]."""
        check_plies(plies)
        boards, me = np.ascontiguousarray(boards), mover * SIDE
        if plies == 0:
            outputs = np.empty((len(boards), OUTPUTS), np.float32)
            with self.borrowed_room() as room:
                _value_boards(boards, me, self.network, room.desk, outputs)
            return outputs
        outputs = np.empty((len(boards) * _ROLLS, OUTPUTS), np.float32)
        self._share_rolls(boards, me, plies, stakes, outputs)
        return np.tensordot(_ODDS, outputs.reshape(-1, _ROLLS, OUTPUTS), (0, 1)).astype(np.float32)

    def _share_rolls(self, boards, me, plies, stakes, outputs) -> None:
        """Fill the outputs after every roll [N * 21, 5], shared out among the threads."""

        def part(first: int) -> None:
            with self.borrowed_room() as room:
                _value_rolls(boards, me, first, self.threads, plies, self.network, stakes, room, outputs)

        if self.threads == 1:
            part(0)
        else:
            list(self.pool.map(part, range(self.threads)))

    def worth(self, state: np.ndarray, plies: int = 0) -> float:
        """Return what a position is worth to FIRST, in the unit of `score`, whatever is to happen next in it."""
        if state[TURN] == NOBODY:
            return float(score(state[None])[0])
        if state[DICE]:
            value = from_equity(np.array([self.rank(state, plies, most=1)[0].equity]), state)[0]
        else:
            value = cubeful_equity(self.outputs(state, plies), state)[0]
        return float(value if state[MOVER] == FIRST else -value)

    def rank(
        self, state: np.ndarray, plies: int = 0, until_decided: bool = False, most: int | None = None
    ) -> list[Candidate]:
        """Return the full plays of rolled dice, best first: those that were read deeply before those that were not.

        [] where no checker is to be moved. `until_decided`: once a single play is left, it is not read more deeply.
        `most`: return only so many.
        """
        check_plies(plies)
        if not state[DICE] or state[TURN] not in (FIRST, SECOND):
            return []
        stakes, you = stakes_of(state), 1 - int(state[MOVER])
        plays, after, outputs = self._list_plays(state, stakes)
        equities, depths = _equities(outputs, after, state, stakes), np.zeros(len(plays), np.int8)
        for depth, sieve in enumerate(self.filters[:plies], 1):
            kept = _promising(equities, depths == depth - 1, sieve)
            if until_decided and len(kept) == 1:
                break
            outputs[kept] = self.values(after[kept, :BOARD], you, depth, stakes)
            equities[kept] = _equities(outputs[kept], after[kept], state, stakes)
            depths[kept] = depth
        mine = turned(outputs)
        return [
            Candidate(checker_moves(plays[k]), after[k], mine[k], float(equities[k]), int(depths[k]))
            for k in np.lexsort((-equities, -depths))[:most]
        ]

    def _list_plays(self, state, stakes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the plays int8 [N, 8], the positions after them and their outputs (of who is on roll then)."""
        men, dice = state[:BOARD].copy(), state[DICE : DICE + 4].copy()
        with self.borrowed_room() as room:
            desk = room.desk
            worth = stakes[state[MOVER]]
            count = evaluate_plays(men, int(state[MOVER]) * SIDE, dice, self.network, worth, desk)
            plays, outputs = desk.plays[:count].copy(), desk.outputs[:count].copy()
        after = np.empty((count, len(state)), np.int8)
        _play_all(state, plays, after)
        return plays, after, outputs


def check_plies(plies: int) -> None:
    """Raise `ValueError` for plies that cannot be read."""
    if not 0 <= plies <= DEEPEST:
        raise ValueError(f"backgammon is read 0 to {DEEPEST} plies ahead, not {plies}")


def turned(outputs: np.ndarray) -> np.ndarray:
    """Return outputs [N, 5] as the other player sees them."""
    other = outputs[:, [WIN, LOSE_GAMMON, LOSE_BACKGAMMON, WIN_GAMMON, WIN_BACKGAMMON]]
    other[:, WIN] = 1 - other[:, WIN]
    return other


def _promising(equities: np.ndarray, eligible: np.ndarray, sieve: Filter) -> np.ndarray:
    """Return which of the eligible plays a filter lets through, best first."""
    rows = np.flatnonzero(eligible)
    rows = rows[np.argsort(-equities[rows], kind="stable")][: sieve.most]
    return rows[equities[rows] >= equities[rows[0]] - sieve.margin]


def _equities(outputs: np.ndarray, after: np.ndarray, state: np.ndarray, stakes: np.ndarray) -> np.ndarray:
    """Return what positions after plays of `state` are worth to its mover; `outputs` are those of who is on roll then.

    Where the cube is in use its possession and the doubles to come count, too.
    """
    if not state[USE_CUBE]:
        worth = stakes[state[MOVER]]
        return turned(outputs) @ worth[:OUTPUTS] + worth[OUTPUTS]
    values = -cubeful_equity(outputs, after)
    over = after[:, TURN] == NOBODY
    if over.any():
        values[over] = score(after[over]) * (1 if state[MOVER] == FIRST else -1)
    return as_equity(values, state)
