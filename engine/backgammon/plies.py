"""Read backgammon ahead: exact means over the dice, one and two plies deep, and plays ranked by them.

    0-ply   the value of a position before the roll by the network (or by the bear-off databases)
    1-ply   the mean over 21 rolls of the 0-ply value after the best play (by 0-ply)
    2-ply   the same with the 1-ply value

All five outputs are kept, so one reading serves all stakes; where a cube is in use its values are read along with them
(`cube_reading.py`). Plies are counted as GNU Backgammon counts
them: a play at n-ply is the position after it at n-ply. Plays that a shallower reading finds hopeless are not read
more deeply (move filters).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from engine.backgammon import cube_reading
from engine.backgammon.afterstates import Network, PlayBuffers, evaluate, evaluate_plays, lost, play_buffers, write_loss
from engine.backgammon.cube import CONTACT, as_equity, cubeful_equity, from_equity, utility
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
from engine.backgammon.stakes import stakes_of
from games.backgammon import checker_moves, rules, score
from games.compiling import compiled, copy_row
from games.game import FIRST, NOBODY, SECOND

DEEPEST = 2

_ROLLS = len(rules.ROLL_ODDS)
_ODDS = rules.ROLL_ODDS / rules.ROLL_ODDS.sum(dtype=float)


class Filter(NamedTuple):
    """Which plays are read more deeply: the best, and others within `margin` of its equity, `most` in all."""

    most: int
    margin: float


NORMAL = (Filter(8, 0.16), Filter(4, 0.08))
"""From 0-ply to 1-ply, and from 1-ply to 2-ply. The first is GNU Backgammon's default, which has no second."""


class Candidate(NamedTuple):
    """A full play: its checker moves, the position after it, and its equity for the player who makes it."""

    moves: tuple[int, ...]
    after: np.ndarray  # int8 [W]
    outputs: np.ndarray  # float32 [5] from the view of the player who moves
    equity: float  # with the cube, if there is one; a plain game at the present cube won is 1
    plies: int  # how deeply it was read


class ReadingBuffers(NamedTuple):
    """Scratch buffers for reading ahead, for one thread at a time."""

    buffers: PlayBuffers
    start: np.ndarray  # int8 [52] the board before a roll: a copy, because listing plays moves checkers for a moment
    board: np.ndarray  # int8 [52] after a roll
    after: np.ndarray  # int8 [52] after a reply
    reply: np.ndarray  # float32 [5]
    roll: np.ndarray  # float32 [5]
    cubes: cube_reading.CubeBuffers


def reading_buffers(network: Network) -> ReadingBuffers:
    """Return scratch for a thread that reads with a network."""
    start, board, after = np.zeros((3, rules.BOARD), np.int8)
    reply, roll = np.zeros((2, OUTPUTS), np.float32)
    return ReadingBuffers(
        play_buffers(network.bias.shape[1]), start, board, after, reply, roll, cube_reading.cube_buffers()
    )


# --- compiled ---------------------------------------------------------------------------------------------


@compiled
def value_reply(checkers, me, roll, network, stakes, cube, scratch, outputs, values):
    """Fill the outputs after the best play of a roll (0-ply), from the view of the player who rolled.

    Fill the values of all cubes, too, for the other player, who is on roll then.
    """
    you, buffers, after, best = rules.SIDE - me, scratch.buffers, scratch.after, 0
    count = evaluate_plays(checkers, me, rules.DICE_OF_ROLL[roll], network, stakes[me // rules.SIDE], buffers)
    copy_row(after, checkers)
    if count:
        best = best_of(buffers.equities, count)
        rules.apply_play(after, me, buffers.plays[best])
    else:
        evaluate(checkers, you, network, buffers, buffers.outputs[best])
    turn_round(buffers.outputs[best], outputs)
    cube_reading.fill_leaf(buffers.outputs[best], after, you, cube, network.tables, scratch.cubes, values)


@compiled
def value_before_roll(checkers, me, network, stakes, cube, scratch, outputs, values):
    """Fill the outputs of a position at 1-ply, and the values of all cubes, from the view of the player on roll."""
    leaf = scratch.cubes.leaf
    for k in range(OUTPUTS):
        outputs[k] = 0
    values[:] = 0
    for roll in range(_ROLLS):
        value_reply(checkers, me, roll, network, stakes, cube, scratch, scratch.roll, leaf)
        cube_reading.back_up(leaf, rules.SIDE - me, rules.ROLL_ODDS[roll], cube, values)
        for k in range(OUTPUTS):
            outputs[k] += rules.ROLL_ODDS[roll] * scratch.roll[k]


@compiled
def value_roll(checkers, me, roll, network, stakes, cube, scratch, outputs, values):
    """Fill outputs and values as `value_reply` does, but with the position after the best play read at 1-ply."""
    you, board = rules.SIDE - me, scratch.board
    count = evaluate_plays(checkers, me, rules.DICE_OF_ROLL[roll], network, stakes[me // rules.SIDE], scratch.buffers)
    copy_row(board, checkers)
    if count:
        rules.apply_play(board, me, scratch.buffers.plays[best_of(scratch.buffers.equities, count)])
    if lost(board, you):
        write_loss(board, you, scratch.buffers.outputs, 0)
        copy_row(scratch.reply, scratch.buffers.outputs[0])
        cube_reading.fill_leaf(scratch.reply, board, you, cube, network.tables, scratch.cubes, values)
    else:
        value_before_roll(board, you, network, stakes, cube, scratch, scratch.reply, values)
    turn_round(scratch.reply, outputs)


@compiled
def _value_rolls(boards, me, first, step, plies, network, stakes, cube, scratch, outputs, values):
    """Fill every step-th row of outputs [N * 21, 5] and values: boards [N, 52] before each roll, for who is on roll."""
    for row in range(first, len(outputs), step):
        board, roll = scratch.start, row % _ROLLS
        copy_row(board, boards[row // _ROLLS])
        if lost(board, me):
            write_loss(board, me, outputs, row)
        elif plies == 1:
            value_reply(board, me, roll, network, stakes, cube, scratch, outputs[row], values[row])
        else:
            value_roll(board, me, roll, network, stakes, cube, scratch, outputs[row], values[row])


@compiled
def _value_boards(boards, me, network, buffers, outputs):
    for b in range(len(boards)):
        evaluate(boards[b], me, network, buffers, outputs[b])


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
            rules.make_move(after, (np.int64(play[k]) - 1) * 6 + play[k + 1] - 1)


# --- reading ----------------------------------------------------------------------------------------------


class Lookahead:
    """Reads positions ahead with one network; safe for use from any thread."""

    def __init__(self, network: Network, threads: int = 1, filters: Sequence[Filter] = NORMAL):
        """The rolls of a decision are divided among `threads`; the result does not depend on their number."""
        self.network, self.threads, self.filters = network, threads, filters
        self.pool = ThreadPoolExecutor(threads, "yomi-plies")
        self.free: SimpleQueue[ReadingBuffers] = SimpleQueue()
        for _ in range(threads):
            self.free.put(reading_buffers(network))

    @contextmanager
    def borrowed_scratch(self) -> Iterator[ReadingBuffers]:
        """Lend scratch buffers to the calling thread; wait until some are free."""
        lent = self.free.get()
        try:
            yield lent
        finally:
            self.free.put(lent)

    def outputs(self, state: np.ndarray, plies: int = 0) -> np.ndarray:
        """Return the five outputs of a position before the roll, from the view of the player on roll, float32 [5].

        Before the opening roll, which either side may begin with, they are FIRST's.
        """
        return self.cube_values(state, plies, cube_reading.NO_CUBE)[0]

    def cube_values(
        self, state: np.ndarray, plies: int = 0, cube: cube_reading.CubeSituation | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the outputs of a position before the roll and what each cube is worth, float64 [READ_LEVELS, 2]."""
        stakes, mover, board = stakes_of(state), int(state[rules.MOVER]), state[None, : rules.BOARD]
        cube = cube_reading.situation_of(state) if cube is None else cube
        outputs, values = self.read(board, mover, plies, stakes, cube)
        if state[rules.OPENING]:
            others, their_values = self.read(board, 1 - mover, plies, stakes, cube)
            outputs, values = (outputs + turned(others)) / 2, (values - their_values[:, :, ::-1]) / 2
        return outputs[0], values[0]

    def read(
        self,
        boards: np.ndarray,
        mover: int,
        plies: int,
        stakes: np.ndarray,
        cube: cube_reading.CubeSituation = cube_reading.NO_CUBE,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return outputs [N, 5] and values of cubes [N, READ_LEVELS, 2] of boards int8 [N, 52].

        They are from the view of `mover`, who is on roll in all of them; see `cube_reading.py` for the values.
        """
        check_plies(plies)
        cube = cube._replace(contact=CONTACT[plies])
        boards, me = np.ascontiguousarray(boards), mover * rules.SIDE
        values = np.zeros((len(boards), cube_reading.READ_LEVELS, 2))
        if plies == 0:
            outputs = np.empty((len(boards), OUTPUTS), np.float32)
            with self.borrowed_scratch() as scratch:
                _value_boards(boards, me, self.network, scratch.buffers, outputs)
                cube_reading.fill_leaves(outputs, boards, me, cube, self.network.tables, scratch.cubes, values)
            return outputs, values
        outputs = np.empty((len(boards) * _ROLLS, OUTPUTS), np.float32)
        replies = np.zeros((len(outputs), cube_reading.READ_LEVELS, 2))
        self._share_rolls(boards, me, plies, stakes, cube, outputs, replies)
        cube_reading.back_up_all(replies, rules.SIDE - me, _ODDS, cube, values)
        return np.tensordot(_ODDS, outputs.reshape(-1, _ROLLS, OUTPUTS), (0, 1)).astype(np.float32), values

    def _share_rolls(self, boards, me, plies, stakes, cube, outputs, values) -> None:
        """Fill the outputs and values after every roll, [N * 21, ...], divided among the threads."""

        def part(first: int) -> None:
            with self.borrowed_scratch() as scratch:
                _value_rolls(
                    boards, me, first, self.threads, plies, self.network, stakes, cube, scratch, outputs, values
                )

        if self.threads == 1:
            part(0)
        else:
            list(self.pool.map(part, range(self.threads)))

    def worth(self, state: np.ndarray, plies: int = 0) -> float:
        """Return the value of a position for FIRST, in the unit of `score`, at any stage of a turn."""
        if state[rules.TURN] == NOBODY:
            return float(score(state[None])[0])
        if state[rules.DICE]:
            value = from_equity(np.array([self.rank(state, plies, most=1)[0].equity]), state)[0]
        else:
            outputs, values = self.cube_values(state, plies)
            value = cube_reading.value_of_turn(values, state) if state[rules.USE_CUBE] else utility(outputs, state)[0]
        return float(value if state[rules.MOVER] == FIRST else -value)

    def rank(
        self, state: np.ndarray, plies: int = 0, until_decided: bool = False, most: int | None = None
    ) -> list[Candidate]:
        """Return the full plays of rolled dice, best first: those that were read more deeply come first.

        [] if no checker is to be moved. `until_decided`: stop as soon as a single play is left.
        `most`: return at most this number.
        """
        check_plies(plies)
        if not state[rules.DICE] or state[rules.TURN] not in (FIRST, SECOND):
            return []
        stakes, you, cube = stakes_of(state), 1 - int(state[rules.MOVER]), cube_reading.situation_of(state)
        plays, after, outputs = self._list_plays(state, stakes)
        equities, depths = _equities(outputs, after, state, stakes), np.zeros(len(plays), np.int8)
        for depth, sieve in enumerate(self.filters[:plies], 1):
            kept = _promising(equities, depths == depth - 1, sieve)
            if until_decided and len(kept) == 1:
                break
            outputs[kept], values = self.read(after[kept, : rules.BOARD], you, depth, stakes, cube)
            equities[kept] = _equities(outputs[kept], after[kept], state, stakes, values)
            depths[kept] = depth
        mine = turned(outputs)
        return [
            Candidate(checker_moves(plays[k]), after[k], mine[k], float(equities[k]), int(depths[k]))
            for k in np.lexsort((-equities, -depths))[:most]
        ]

    def _list_plays(self, state, stakes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the plays int8 [N, 8], the positions after them and their outputs (for the player then on roll)."""
        checkers, dice = state[: rules.BOARD].copy(), state[rules.DICE : rules.DICE + 4].copy()
        with self.borrowed_scratch() as scratch:
            buffers = scratch.buffers
            worth = stakes[state[rules.MOVER]]
            count = evaluate_plays(checkers, int(state[rules.MOVER]) * rules.SIDE, dice, self.network, worth, buffers)
            plays, outputs = buffers.plays[:count].copy(), buffers.outputs[:count].copy()
        after = np.empty((count, len(state)), np.int8)
        _play_all(state, plays, after)
        return plays, after, outputs


def check_plies(plies: int) -> None:
    """Raise `ValueError` for a number of plies that cannot be read."""
    if not 0 <= plies <= DEEPEST:
        raise ValueError(f"backgammon is read 0 to {DEEPEST} plies ahead, not {plies}")


def turned(outputs: np.ndarray) -> np.ndarray:
    """Return outputs [N, 5] from the view of the other player."""
    other = outputs[:, [WIN, LOSE_GAMMON, LOSE_BACKGAMMON, WIN_GAMMON, WIN_BACKGAMMON]]
    other[:, WIN] = 1 - other[:, WIN]
    return other


def _promising(equities: np.ndarray, eligible: np.ndarray, sieve: Filter) -> np.ndarray:
    """Return which of the eligible plays a filter lets through, best first."""
    rows = np.flatnonzero(eligible)
    rows = rows[np.argsort(-equities[rows], kind="stable")][: sieve.most]
    return rows[equities[rows] >= equities[rows[0]] - sieve.margin]


def _equities(
    outputs: np.ndarray,
    after: np.ndarray,
    state: np.ndarray,
    stakes: np.ndarray,
    values: np.ndarray | None = None,
) -> np.ndarray:
    """Return the equities of positions after plays of `state` for its mover; `outputs` are for the player then on roll.

    Where the cube is in use, its possession and later doubles count, too: by `values` of cubes that were read, or else
    by the theory of the cube.
    """
    if not state[rules.USE_CUBE]:
        worth = stakes[state[rules.MOVER]]
        return turned(outputs) @ worth[:OUTPUTS] + worth[OUTPUTS]
    if values is None:
        gains = -cubeful_equity(outputs, after)
    else:
        gains = -cube_reading.best_values(values, state, 1 - int(state[rules.MOVER]))
    over = after[:, rules.TURN] == NOBODY
    if over.any():
        gains[over] = score(after[over]) * (1 if state[rules.MOVER] == FIRST else -1)
    return as_equity(gains, state)
