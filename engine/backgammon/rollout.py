"""Rollouts: what a position is worth by playing it on many times, without the luck of the dice, and how sure that is.

Plays on the way are those of 0-ply, decisions about the cube those of 1-ply, and each game is broken off after some
plies. Instead of an end, a game adds up how far each of its positions, read one ply ahead over all 21 rolls, was from
what it had been taken for at 0-ply when it was chosen:

    value = V1(start) +- (V1(1) - V0(1)) +- (V1(2) - V0(2)) ...        signs by who is on roll

The dice choose which positions are seen, but their luck, V0 of the roll that fell less the mean over all rolls, has
left the sum: GNU Backgammon's variance reduction. The first two rolls of the games are spread evenly over all 1,296.
Every play of a decision is rolled out with the same dice.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.backgammon.afterstates import lost, write_loss
from engine.backgammon.cube import CubeDecision, as_equity, decide, from_equity
from engine.backgammon.cube_reading import MOST_LEVELS, THEIRS, column_of, decided, situation_of
from engine.backgammon.outputs import OUTPUTS, turn_round
from engine.backgammon.plies import Candidate, Lookahead, turned, value_before_roll, value_reply
from engine.backgammon.stakes import stakes_of
from engine.reviewing import Progress, Stop
from games.backgammon import score
from games.backgammon.rules import BOARD, MOVER, OPENING, SIDE, TURN, USE_CUBE
from games.compiling import compiled, copy_row, inlined
from games.game import FIRST, NOBODY
from games.randomness import below, next_random, random_states

PATHS = 2
"""Cubes that a game follows at once: the present one, and the one that a double and a take leave."""

EVEN_ROLLS = 36 * 36

BATCH = 72
"""Games between two looks at whether the decision is clear."""

CLEAR = 3.0
"""Standard errors by which the second best has to be behind."""

MOST_PLAYS, MARGIN = 5, 0.16
"""Plays of a roll that are rolled out, and how far behind the best one, read ahead, they may be."""

READ = 1
"""Plies by which they are chosen."""

TINY = 1e-9
"""Spread of equities that are all the same."""


@dataclass(frozen=True)
class RolloutSettings:
    """How a decision is rolled out: by so many games at most, each broken off after so many plies."""

    games: int = EVEN_ROLLS
    plies: int = 11
    seed: int = 1


class RolloutMeans(NamedTuple):
    """What games came to for the player whose decision it is, each mean with its standard error."""

    outputs: np.ndarray  # float64 [5]
    equities: np.ndarray  # float64 [2]: no double, double and take; of a play the first is its equity
    errors: np.ndarray  # float64 [2]
    games: int


@dataclass(frozen=True)
class RolledOutPlays:
    """Plays of a roll and what rolling them out found: the best first, those given up early last."""

    plays: list[tuple[Candidate, RolloutMeans]]
    clear: bool


@dataclass(frozen=True)
class RolledOutCube:
    """A decision about the cube and what rolling it out found."""

    decision: CubeDecision
    found: RolloutMeans
    clear: bool


# --- one game, compiled -----------------------------------------------------------------------------------


class GameBuffers(NamedTuple):
    """Scratch buffers for a game that is played on, for one thread at a time."""

    board: np.ndarray  # int8 [52]
    read: np.ndarray  # float32 [5] outputs of a position at 1-ply
    reply: np.ndarray  # float32 [5] and at 0-ply, as the player before sees them
    taken_for: np.ndarray  # float32 [5] the same as the player on roll sees them
    at: np.ndarray  # float64 [MOST_LEVELS, 2] what each cube is worth at 1-ply
    now: np.ndarray  # float64 [MOST_LEVELS, 2] and at 0-ply
    cubes: np.ndarray  # int64 [PATHS, 3] level and column of each followed cube; whether no double was passed yet
    before: np.ndarray  # float64 [PATHS] what each was taken for at 0-ply


def game_buffers() -> GameBuffers:
    """Return scratch buffers."""
    read, reply, taken_for = np.zeros((3, OUTPUTS), np.float32)
    at, now = np.zeros((2, MOST_LEVELS, 2))
    return GameBuffers(
        np.zeros(BOARD, np.int8), read, reply, taken_for, at, now, np.zeros((PATHS, 3), np.int64), np.zeros(PATHS)
    )


@compiled
def _play_games(root, me, decides, follow, part, parts, x, rolls, plies, network, stakes, cube, scratch, room, found):
    """Fill every `parts`-th row of found [N, 5 + PATHS] with what a game comes to for the player on roll at the root.

    `decides` tells whether that player may double before the first roll; `follow` are the cubes at the root.
    """
    for game in range(part, len(found), parts):
        copy_row(room.board, root)
        room.cubes[:] = follow
        _play_on(me, decides, x[game], rolls[game], plies, network, stakes, cube, scratch, room, found[game])


@compiled
def _play_on(root, decides, x, rolls, plies, network, stakes, cube, scratch, room, found):
    board, me = room.board, root
    found[:] = 0
    room.taken_for[:] = 0
    room.before[:] = 0
    for ply in range(plies):
        if lost(board, me):
            break
        value_before_roll(board, me, network, stakes, cube, scratch, room.read, room.at)
        _add_outputs(room.read, room.taken_for, me == root, found)
        _follow_cubes(room, me // SIDE, (ply > 0) | decides, cube, 1.0 if me == root else -1.0, found)
        x = next_random(x)
        face = rolls // 36 if ply == 0 else rolls % 36 if ply == 1 else np.int64(below(x, np.uint64(36)))
        high, low = max(face // 6, face % 6), min(face // 6, face % 6)
        roll = high * (high + 1) // 2 + low
        value_reply(board, me, roll, network, stakes, cube, scratch, room.reply, room.now)
        turn_round(room.reply, room.taken_for)
        copy_row(board, scratch.after)
        me = SIDE - me
        _take_for(room, me // SIDE, cube)


@inlined
def _add_outputs(read, taken_for, is_root, found):
    """Add how far outputs at 1-ply are from those at 0-ply, as the player on roll at the root sees it."""
    win, gammon, backgammon = read[0] - taken_for[0], read[1] - taken_for[1], read[2] - taken_for[2]
    lost_gammon, lost_backgammon = read[3] - taken_for[3], read[4] - taken_for[4]
    if is_root:
        found[0] += win
        found[1] += gammon
        found[2] += backgammon
        found[3] += lost_gammon
        found[4] += lost_backgammon
    else:
        found[0] -= win
        found[1] += lost_gammon
        found[2] += lost_backgammon
        found[3] += gammon
        found[4] += backgammon


@inlined
def _follow_cubes(room, player, decides, cube, sign, found):
    """Decide about each followed cube at 1-ply, and add how far that is from what it was taken for."""
    if cube.cashes.shape[1] > 0:
        for path in range(PATHS):
            n, k, is_open = room.cubes[path]
            if is_open:
                worth = room.at[n, k]
                if decides & cube.may[player, n, k]:
                    taken, cash = room.at[n + 1, THEIRS], cube.cashes[player, n]
                    if min(taken, cash) >= worth:
                        worth = min(taken, cash)
                        room.cubes[path, 0], room.cubes[path, 1], room.cubes[path, 2] = n + 1, THEIRS, taken <= cash
                found[OUTPUTS + path] += sign * (worth - room.before[path])


@inlined
def _take_for(room, player, cube):
    """Turn the followed cubes round and note what they are taken for at 0-ply by the player who is on roll now."""
    if cube.cashes.shape[1] > 0:
        for path in range(PATHS):
            room.cubes[path, 1] = 1 - room.cubes[path, 1]
            room.before[path] = decided(room.now, room.cubes[path, 0], room.cubes[path, 1], player, cube)


# --- many games -------------------------------------------------------------------------------------------


class Rollout:
    """Rolls decisions out with one network; the same seed gives the same games, whatever the threads."""

    def __init__(self, lookahead: Lookahead, settings: RolloutSettings | None = None):
        self.lookahead, self.settings = lookahead, settings or RolloutSettings()
        self.order = np.random.default_rng(self.settings.seed).permutation(EVEN_ROLLS)

    def plays(
        self,
        state: np.ndarray,
        progress: Progress | None = None,
        stop: Stop = bool,
        also: np.ndarray | None = None,
    ) -> RolledOutPlays:
        """Roll out the best plays of rolled dice until one is clearly best; [] if no checker is to be moved.

        `also` is the board after a play that is rolled out, too.
        """
        ranked = _chosen(self.lookahead.rank(state, READ), also)
        found: list[list[np.ndarray]] = [[] for _ in ranked]
        live, done = list(range(len(ranked))), 0
        while live and done < self.settings.games and not (stop() and done):
            count = min(BATCH, self.settings.games - done)
            for k in live:
                found[k].append(self._after(state, ranked[k].after, done, count))
            done += count
            live = _not_behind(live, [np.concatenate(found[k])[:, OUTPUTS] for k in live])
            if progress:
                progress(done, self.settings.games)
            if len(live) == 1 < len(ranked):
                break
        rolled = [(play, summary(np.concatenate(rows))) for play, rows in zip(ranked, found, strict=True)]
        rolled.sort(key=lambda pair: (-pair[1].games, -pair[1].equities[0]))
        return RolledOutPlays(rolled, len(live) <= 1)

    def cube(self, state: np.ndarray, progress: Progress | None = None, stop: Stop = bool) -> RolledOutCube:
        """Roll out a decision about the cube, to double or to answer a double, until it is clear."""
        if state[OPENING]:
            raise ValueError("before the opening roll there is nothing to decide")
        mover, batches, done, clear = int(state[MOVER]), [], 0, False
        cash = float(as_equity(np.array([situation_of(state).cashes[mover, 0]]), state)[0]) if state[USE_CUBE] else 1.0
        while done < self.settings.games and not (stop() and done) and not clear:
            count = min(BATCH, self.settings.games - done)
            rows = self._games(state, mover, False, done, count)
            batches.append(self._in_equity(rows, state, mover))
            done += count
            clear = bool(state[USE_CUBE]) and _is_clear(np.concatenate(batches)[:, OUTPUTS:], cash)
            if progress:
                progress(done, self.settings.games)
        found = summary(np.concatenate(batches))
        values = from_equity(np.array([*found.equities, cash]), np.repeat(state[None], 3, 0))
        outputs = np.clip(found.outputs, 0, 1)
        return RolledOutCube(decide(outputs, state, values if state[USE_CUBE] else None), found, clear)

    def _after(self, state: np.ndarray, after: np.ndarray, first: int, count: int) -> np.ndarray:
        """Return what games after a play come to for the player who made it, rows of outputs and equities."""
        mover = int(state[MOVER])
        if after[TURN] == NOBODY:
            value = score(after[None])[0] * (1 if mover == FIRST else -1)
            rows, lost_by = np.zeros((count, OUTPUTS + PATHS)), np.zeros((1, OUTPUTS), np.float32)
            write_loss(after[:BOARD], (1 - mover) * SIDE, lost_by, 0)
            rows[:, :OUTPUTS], rows[:, OUTPUTS] = turned(lost_by), as_equity(np.array([value]), state)
            return rows
        rows = self._games(after, 1 - mover, True, first, count)
        rows[:, :OUTPUTS] = turned(rows[:, :OUTPUTS])
        rows[:, OUTPUTS:] *= -1
        return self._in_equity(rows, state, mover)

    def _in_equity(self, rows: np.ndarray, state: np.ndarray, mover: int) -> np.ndarray:
        """Turn values of rows into equities; without a cube they come from the outputs."""
        if state[USE_CUBE]:
            for path in range(PATHS):
                rows[:, OUTPUTS + path] = as_equity(rows[:, OUTPUTS + path], state)
        else:
            worth = stakes_of(state)[mover].astype(float)
            rows[:, OUTPUTS] = rows[:, :OUTPUTS] @ worth[:OUTPUTS] + worth[OUTPUTS]
        return rows

    def _games(self, state: np.ndarray, mover: int, decides: bool, first: int, count: int) -> np.ndarray:
        """Play games from a position before a roll; return rows of outputs and values for `mover`, who is on roll."""
        lookahead, numbers = self.lookahead, np.arange(first, first + count)
        x = random_states(numbers.astype(np.uint64) + np.uint64(self.settings.seed << 32))
        rolls, follow = self.order[numbers % EVEN_ROLLS], np.array([[0, column_of(state, mover), 1], [1, THEIRS, 1]])
        cube, found = situation_of(state, MOST_LEVELS), np.zeros((count, OUTPUTS + PATHS))
        if state[USE_CUBE]:  # a double needs two levels more than it starts from
            cube = cube._replace(may=cube.may & (np.arange(MOST_LEVELS) < MOST_LEVELS - 2)[None, :, None])
        common = self.settings.plies, lookahead.network, stakes_of(state), cube

        def part(number: int) -> None:
            with lookahead.borrowed_scratch() as scratch:
                at = number, lookahead.threads, x, rolls
                _play_games(
                    state[:BOARD].copy(), mover * SIDE, decides, follow, *at, *common, scratch, game_buffers(), found
                )

        list(lookahead.pool.map(part, range(lookahead.threads)))
        return found


def _chosen(ranked: list[Candidate], also: np.ndarray | None) -> list[Candidate]:
    """Return the plays that are rolled out."""
    return [
        play
        for k, play in enumerate(ranked)
        if (k < MOST_PLAYS and play.equity >= ranked[0].equity - MARGIN)
        or (also is not None and np.array_equal(play.after[:BOARD], also))
    ]


def summary(rows: np.ndarray) -> RolloutMeans:
    """Return means and standard errors of rows of outputs and equities."""
    means, spread = rows.mean(0), rows.std(0, ddof=1) if len(rows) > 1 else np.full(rows.shape[1], np.nan)
    return RolloutMeans(means[:OUTPUTS], means[OUTPUTS:], spread[OUTPUTS:] / math.sqrt(len(rows)), len(rows))


def _not_behind(live: list[int], equities: list[np.ndarray]) -> list[int]:
    """Return the plays that are not clearly behind the best one; games of one number have the same dice."""
    best = max(equities, key=np.mean)
    return [k for k, row in zip(live, equities, strict=True) if row is best or not _is_sure(best - row)]


def _is_clear(equities: np.ndarray, cash: float) -> bool:
    """Return whether both decisions about the cube are: to double, and to take; equities [N, 2]."""
    no_double, double_take = equities.T
    doubled = double_take if double_take.mean() < cash else np.full(len(double_take), cash)
    return _is_sure(doubled - no_double, double_take - cash)


def _is_sure(*differences: np.ndarray) -> bool:
    """Return whether the means of differences are all several standard errors from 0."""
    return all(abs(each.mean()) > CLEAR * (each.std(ddof=1) + TINY) / math.sqrt(len(each)) for each in differences)
