"""A match of Yomi against GNU Backgammon, cubeless money, and the error of our plays as gnubg judges them.

    python tests/measures/match_gnubg.py --model rule --games 200 --plies 0 --judge 3000 --seed 1

Points a game are told as they fell and adjusted for luck. The luck of a roll is the equity of the best play after it,
less the mean of that over all rolls; what luck gave either side is taken off the result. The mean luck is 0 whatever
function estimates equities (it is printed, to be seen), so the adjusted points are as true as the plain ones, and the
better the function the less they spread. By default it is gnubg's own at 0 plies; `--luck pips` takes a worse one.

The error is the mean over unforced plays of our player in games against itself, in thousandths of a point (mEMG), of
what gnubg at 2 plies thinks its best play gains on ours; where it likes ours still better there is no error. Plays of
one game resemble each other, so the standard error is clustered by game. `--games 0` plays no match.

Boards are [N, 2, 26]: the checkers of the player on roll and of the other, each from his own side. A player is a
function of boards and dice [N, 2] that returns the boards after its plays, its own checkers still first.
"""

import argparse
import math
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.backgammon import model as afterstates_model
from engine.backgammon.afterstates import Network, evaluate_plays, play_buffers
from engine.backgammon.gnubg import Gnubg, board_of
from engine.backgammon.outputs import MONEY, best_of
from engine.backgammon.plies import Lookahead
from games import backgammon
from games.backgammon.rules import (
    BAR,
    BOARD,
    CHECKERS_EACH,
    DICE_OF_ROLL,
    FIRST_ROLL,
    OFF,
    ROLL_ODDS,
    ROLLS,
    SIDE,
    apply_play,
    list_plays,
    room_for_plays,
)
from games.compiling import compiled
from tests.measures.statistics_of_games import clustered_error

Choose = Callable[[np.ndarray, np.ndarray], np.ndarray]
Equity = Callable[[np.ndarray], np.ndarray]  # boards [N, 2, 26] before the roll -> [N], for the player on roll

US = 0
MILLI = 1000
JUDGE_PLIES = 2
MOST_FROM_ONE_GAME = 10
"""Plays judged of one game: a side of a short game has more unforced ones."""

# --- plays of many boards ---------------------------------------------------------------------------------


def afterstates(boards: np.ndarray, dice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all boards after the plays of all boards [M, 2, 26], and where those of each begin, int64 [N].

    A board that no play is possible on stays as it is.
    """
    plays, keys = room_for_plays()
    checkers, faces = boards.reshape(len(boards), -1).copy(), _four_dice(dice)
    counts = np.empty(len(boards), np.int64)
    _fill_afterstates(checkers, faces, plays, keys, counts, np.empty((0, 2 * SIDE), np.int8))
    after = np.empty((counts.sum(), 2 * SIDE), np.int8)
    _fill_afterstates(checkers, faces, plays, keys, counts, after)
    return after.reshape(-1, 2, SIDE), np.cumsum(counts) - counts


def _four_dice(dice: np.ndarray) -> np.ndarray:
    faces = np.zeros((len(dice), 4), np.int8)
    faces[:, :2] = np.sort(dice, axis=1)[:, ::-1]
    faces[:, 2:] = faces[:, :2] * (faces[:, :1] == faces[:, 1:2])
    return faces


@compiled
def _fill_afterstates(checkers, dice, plays, keys, counts, after):
    row = 0
    for b in range(len(checkers)):
        counts[b] = _fill_row(checkers[b], dice[b], plays, keys, after[row:])
        row += counts[b]


@compiled
def _fill_row(checkers, dice, plays, keys, after):
    count = list_plays(checkers, 0, dice, plays, keys)
    for k in range(min(max(count, 1), len(after))):
        for cell in range(len(checkers)):
            after[k, cell] = checkers[cell]
        if count > 0:
            apply_play(after[k], 0, plays[k])
    return max(count, 1)


def points_of(after: np.ndarray) -> np.ndarray:
    """Return what the player who just moved has won, 1 to 3, or 0 where the game goes on; int64 [N]."""
    mine, theirs = after[:, 0], after[:, 1]
    gammon = theirs[:, OFF] == 0
    backgammons = gammon & (theirs[:, 19 : BAR + 1] > 0).any(axis=1)
    return np.where(mine[:, OFF] == CHECKERS_EACH, 1 + gammon + backgammons, 0)


def values_after(after: np.ndarray, equity: Equity) -> np.ndarray:
    """Return the equity of boards after a play for the player who made it, float64 [N]."""
    values = points_of(after).astype(float)
    going = values == 0
    if going.any():
        values[going] = -equity(np.ascontiguousarray(after[going, ::-1]))
    return values


def best_by(value: Equity) -> Choose:
    """Return the player that takes the afterstate of the greatest value to the one who made it."""

    def choose(boards, dice):
        after, starts = afterstates(boards, dice)
        values = value(after)
        ends = np.append(starts[1:], len(after))
        return after[[start + np.argmax(values[start:end]) for start, end in zip(starts, ends, strict=True)]]

    return choose


# --- gnubg, several at once -------------------------------------------------------------------------------


class Pool:
    """Some gnubgs that share out the boards."""

    def __init__(self, size: int):
        self.gnubgs = [Gnubg() for _ in range(size)]
        self.threads = ThreadPoolExecutor(size)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_) -> None:
        self.threads.shutdown()
        for gnubg in self.gnubgs:
            gnubg.close()

    def map(self, question: Callable, *columns) -> np.ndarray:
        """Return question(gnubg, *row) of every row."""
        rows, size = list(zip(*columns, strict=True)), len(self.gnubgs)
        shares = [self.threads.submit(_ask_all, question, g, rows[k::size]) for k, g in enumerate(self.gnubgs)]
        answers = [None] * len(rows)
        for k, share in enumerate(shares):
            answers[k::size] = share.result()
        return np.array(answers)

    def player(self, plies: int) -> Choose:
        """Return gnubg as a player."""
        return lambda boards, dice: self.map(lambda g, *row: g.best_board(*row, plies), boards, dice.tolist())

    def equity(self, plies: int, prune: bool = True) -> Equity:
        """Return gnubg's equities."""
        return lambda boards: self.map(lambda g, board: g.evaluate_board(board, plies, prune)[-1], boards)


def _ask_all(question, gnubg, rows) -> list:
    return [question(gnubg, *row) for row in rows]


# --- luck -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Luck:
    """What luck is measured by, both for the player on roll, float64 [N]."""

    rolled: Choose  # boards, dice: the equity after the best play of the roll
    expected: Equity  # boards: the mean of that over all rolls


def luck_by(equity: Equity) -> Luck:
    """Measure luck by any function of equity: all 21 rolls are played as it thinks best."""
    odds = ROLL_ODDS / ROLL_ODDS.sum(dtype=float)

    def rolled(boards, dice):
        after, starts = afterstates(boards, dice)
        return np.maximum.reduceat(values_after(after, equity), starts)

    def expected(boards):
        every_roll = np.repeat(boards, len(ROLLS), axis=0), np.tile(ROLLS, (len(boards), 1))
        return rolled(*every_roll).reshape(len(boards), len(ROLLS)) @ odds

    return Luck(rolled, expected)


def luck_by_gnubg(pool: Pool) -> Luck:
    """Measure luck by gnubg at 0 plies. Its equity at 1 ply, unpruned, is that mean over all rolls."""
    play, equity = pool.player(0), pool.equity(0)
    return Luck(lambda boards, dice: values_after(play(boards, dice), equity), pool.equity(1, prune=False))


# --- the match --------------------------------------------------------------------------------------------


@dataclass
class Match:
    """What the games came to, float64 [games] from our view, and our unforced plays: board, dice, board after."""

    points: np.ndarray
    luck: np.ndarray
    decisions: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    games_of: list[int] = field(default_factory=list)
    """The game of each of our plays."""

    @property
    def adjusted(self) -> np.ndarray:
        return self.points - self.luck


def play_match(ours: Choose, theirs: Choose, luck: Luck | None, games: int, seed: int) -> Match:
    """Play games side by side; the dice of each depend on the seed and its number only. Without `luck` it is 0."""
    dice_of = [np.random.default_rng((seed, game)) for game in range(games)]
    movers = np.array([random.integers(2) for random in dice_of])
    boards = np.repeat(board_of(backgammon.start())[None], games, axis=0)
    match, live, opening = Match(np.zeros(games), np.zeros(games)), np.arange(games), True
    while len(live):
        dice = np.array([_roll(dice_of[game], opening) for game in live])
        sign = np.where(movers[live] == US, 1, -1)
        if luck:
            expected = 0 if opening else luck.expected(boards[live])  # at the opening either side may begin
            match.luck[live] += sign * (luck.rolled(boards[live], dice) - expected)
        after = _choose(ours, theirs, boards[live], dice, movers[live] == US)
        rows, found = _unforced(boards[live], dice, after, movers[live] == US)
        match.decisions += found
        match.games_of += live[rows].tolist()
        won = points_of(after)
        match.points[live] += sign * won
        boards[live], movers[live] = after[:, ::-1], 1 - movers[live]
        live, opening = live[won == 0], False
    return match


def _roll(random: np.random.Generator, opening: bool) -> np.ndarray:
    dice = random.integers(1, 7, 2)
    while opening and dice[0] == dice[1]:
        dice = random.integers(1, 7, 2)
    return dice


def _choose(ours, theirs, boards, dice, is_ours) -> np.ndarray:
    after = np.empty_like(boards)
    for choose, rows in ((ours, is_ours), (theirs, ~is_ours)):
        if rows.any():
            after[rows] = choose(boards[rows], dice[rows])
    return after


def _unforced(boards, dice, after, is_ours) -> tuple[np.ndarray, list[tuple]]:
    """Return the rows of our plays that had an alternative, and board, dice and board after of each."""
    rows = np.flatnonzero(is_ours)
    if len(rows):
        total, starts = afterstates(boards[rows], dice[rows])
        rows = rows[np.diff(np.append(starts, len(total))) > 1]
    return rows, [(boards[row], dice[row], after[row]) for row in rows]


# --- the judge --------------------------------------------------------------------------------------------


def judge(pool: Pool, ours: Choose, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors of so many unforced plays of a player against itself, float64 [N], and the game of each."""
    random = np.random.default_rng(seed)
    games = max(MOST_FROM_ONE_GAME, count) // MOST_FROM_ONE_GAME
    match = play_match(ours, ours, None, games, seed)
    chosen = random.permutation(len(match.decisions))[:count]
    return errors(pool, [match.decisions[k] for k in chosen]), np.array(match.games_of)[chosen]


def errors(pool: Pool, decisions: list[tuple], plies: int = JUDGE_PLIES) -> np.ndarray:
    """Return what gnubg's best play gains on each, in points, float64 [N]; 0 where gnubg prefers the play made."""
    return pool.map(lambda gnubg, *decision: _error(gnubg, *decision, plies), *zip(*decisions, strict=True))


def _error(gnubg, board, dice, after, plies) -> float:
    best = gnubg.best_board(board, dice.tolist(), plies)
    if np.array_equal(best, after):
        return 0.0
    best, made = values_after(
        np.stack([best, after]), lambda boards: np.array([gnubg.evaluate_board(row, plies)[-1] for row in boards])
    )
    return max(0.0, best - made)


# --- our players ------------------------------------------------------------------------------------------

WORTH = np.array([0, 4, 5, 6, 10, 12, 9, 7, 5, *[2] * 8, 4, 5, 7, 8, 6, 4, 3, 2, 0])
"""What a made point is worth to the hand rule, in pips [26]: a prime before the other side, an anchor behind it."""


def rule(after: np.ndarray) -> np.ndarray:
    """Return what a simple hand rule thinks of boards after a play, for the player who made it, in pips [N].

    Race, made points, the other's checkers on the bar; a blot costs what it would lose, if the other is behind it.
    """
    mine, theirs = after[:, 0].astype(int), after[:, 1].astype(int)
    race = theirs @ np.arange(SIDE) - mine @ np.arange(SIDE)
    facing = (
        np.cumsum(theirs[:, ::-1], axis=1) - theirs[:, ::-1]
    )  # of the other's checkers, those still to pass each point
    blots = ((mine == 1) & (facing > 0))[:, 1:BAR] @ (BAR - np.arange(1, BAR)) * 0.5
    return race + (mine > 1) @ WORTH - blots + 8 * theirs[:, BAR] + 3 * mine[:, OFF]


def pips(boards: np.ndarray) -> np.ndarray:
    """Guess equities before the roll from the race alone, [N]."""
    count = boards.astype(int) @ np.arange(SIDE)
    return np.tanh((count[:, 1] - count[:, 0] + 4) / 40)


def random_player(seed: int) -> Choose:
    """Return the player that takes any afterstate."""
    random = np.random.default_rng(seed)
    return best_by(lambda after: random.random(len(after)))


def player_called(name: str, pool: Pool, seed: int, plies: int = 0) -> Choose:
    """Return one of our players by its name; `plies` are how far a model reads ahead."""
    if name == "random":
        return random_player(seed)
    if name in ("rule", "gnubg"):
        return best_by(rule) if name == "rule" else pool.player(0)
    network = afterstates_model.load(name)
    return reading_player(Lookahead(network), plies) if plies else network_player(network)


def network_player(network: Network) -> Choose:
    """Return the play with the best afterstate (0-ply)."""
    table = play_buffers(network.bias.shape[1])

    def choose(boards: np.ndarray, dice: np.ndarray) -> np.ndarray:
        after = boards.reshape(-1, BOARD).copy()
        for checkers, (a, b) in zip(after, dice, strict=True):
            four = DICE_OF_ROLL[backgammon.roll_move(int(a), int(b)) - FIRST_ROLL]
            count = evaluate_plays(checkers, 0, four, network, MONEY, table)
            if count:
                apply_play(checkers, 0, table.plays[best_of(table.equities, count)])
        return after.reshape(boards.shape)

    return choose


def reading_player(lookahead: Lookahead, plies: int) -> Choose:
    """Return the play that is best some plies ahead, cubeless."""

    def choose(boards: np.ndarray, dice: np.ndarray) -> np.ndarray:
        after = boards.copy()
        for board, pair in zip(after, dice, strict=True):
            state = backgammon.set_up(*board, dice=[int(die) for die in pair], cube=False)
            if found := lookahead.rank(state, plies, until_decided=True, most=1):
                board[:] = found[0].after[:BOARD].reshape(2, SIDE)
        return after

    return choose


# --- the command ------------------------------------------------------------------------------------------


def mean(values: np.ndarray, digits: int = 3) -> str:
    """Write a mean with its standard error."""
    error = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{values.mean():+.{digits}f} +- {error:.{digits}f}"


def main() -> None:
    """Play the match, have it judged, print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="backgammon", help="our player: a model, or random, rule, gnubg")
    parser.add_argument("--ours", type=int, default=0, choices=[0, 1, 2], help="plies that our model reads ahead")
    parser.add_argument("--plies", type=int, default=0, help="gnubg's, as the opponent")
    parser.add_argument("--games", type=int, default=200)
    parser.add_argument("--luck", default="gnubg", choices=["gnubg", "pips"], help="what estimates equities for luck")
    parser.add_argument("--judge", type=int, default=3000, help="unforced plays of ours that gnubg judges (0: none)")
    parser.add_argument("--processes", type=int, default=2, help="gnubgs at once")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with Pool(options.processes) as pool:
        ours = player_called(options.model, pool, options.seed, options.ours)
        luck = luck_by_gnubg(pool) if options.luck == "gnubg" else luck_by(pips)
        began = perf_counter()
        if options.games:
            match = play_match(ours, pool.player(options.plies), luck, options.games, options.seed)
            seconds = perf_counter() - began
            print(f"{options.model} against gnubg {options.plies}-ply: {options.games} games, {seconds:.0f} s")
            print(f"points a game, luck-adjusted by {options.luck}: {mean(match.adjusted)} (standard error)")
            print(f"points a game as they fell: {mean(match.points)}; luck, to be 0: {mean(match.luck)}", flush=True)
        if options.judge:
            found, games = judge(pool, ours, options.judge, options.seed)
            mistakes = f"{MILLI * found.mean():.2f} +- {clustered_error(MILLI * found, games):.2f} mEMG"
            print(f"error by gnubg {JUDGE_PLIES}-ply: {mistakes} (standard error clustered by game), ", end="")
            print(f"{len(found)} unforced plays of {len(set(games.tolist()))} games")
            print(f"{np.mean(found == 0):.0%} of them gnubg's own; {perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
