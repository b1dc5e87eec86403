"""Self-play: many games at once, a tree each, and in every wave one leaf of each tree: one batch for the network.

    start -> random opening -> search -> move by move to the end, or a resignation -> the next game takes the seat

`play` is a plain function: the same task gives the same games whoever plays it. A game draws all its random numbers
from (seed, version, number). Its moves depend on the other games of its task only by what a network answers to another
batch, which no other process changes: it gets the same batches. How a game begins, the part `self_play` of its wing in
training/ says: `start(board, random)`. Nothing here needs torch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from engine.clock import Limit
from engine.gumbel import RootPolicies, improved_policies, visit_policies
from engine.networks.evaluator import fingerprints
from engine.search import Evaluator, search
from engine.tree import Tree, allocate, reset
from games import wings
from games.game import FIRST, NOBODY, SECOND, Game
from training.live_game import LiveGame
from training.played_games import LEAST, PlayedGames
from training.self_play_settings import SelfPlaySettings


@dataclass(frozen=True)
class SelfPlayTask:
    """Games to play: so many from a number on, of one version of the network, on one board."""

    game: str
    board: str
    seed: int
    version: int
    first: int
    count: int


def check_boards(game: str, boards: Sequence[str]) -> None:
    """Raise `ValueError` for a board that the game does not have, and where there is none to play on."""
    if not boards:
        raise ValueError("boards = [] names none to play on")
    for board in boards:
        wings.part("training", game, "self_play").start(board, np.random.default_rng(1))


def play(
    task: SelfPlayTask, evaluator: Evaluator, settings: SelfPlaySettings, shown_in: Path | None = None
) -> PlayedGames:
    """Play the games of a task to their ends; one of them can be watched in a folder, where one is given."""
    playing = GamesUnderWay(task, settings)
    live = LiveGame(shown_in, task.game) if shown_in else None
    while playing.seats:
        watched = playing.seats[0]
        playing.move(evaluator)
        if live:
            live.show(watched.board, watched.moves, over=watched not in playing.seats)
    return playing.games()


def opened(task: SelfPlayTask, most: int, random: np.random.Generator) -> tuple[np.ndarray, list[int], np.ndarray]:
    """Return a board, 0 to `most` random moves on it, and the position after them; a game that they end begins anew."""
    game, wing = wings.game(task.game), wings.part("training", task.game, "self_play")
    while True:
        board, opening = wing.start(task.board, random), list[int]()
        states = board[None].copy()
        for _ in range(int(random.integers(most + 1))):
            moves, _, counts = game.legal(states)
            if not counts[0]:
                break
            opening.append(int(moves[0, int(random.integers(counts[0]))]))
            game.play(states, np.array(opening[-1:], moves.dtype))
        if game.turn(states)[0] != NOBODY:
            return board, opening, states[0]


class RolloutEvaluator:
    """The evaluator of before any network: every move alike, and one game played out from each position.

    The seed of the playout is drawn from the position, so that it does not matter when it is evaluated.
    """

    def __init__(self, seed: int = 1):
        self.seed = seed

    def __call__(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seeds = fingerprints(np.ascontiguousarray(states).view(np.uint8), self.seed)
        return np.empty((len(states), 0), np.float32), game.rollout(states.copy(), seeds)


# --- games under way --------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Seat:
    """A game under way."""

    number: int
    row: int  # among the games of the task, in the order of their numbers
    random: np.random.Generator
    start: np.ndarray
    plays_on: bool  # whatever its value is
    keys: list[int]  # of its positions, for rules about repetition
    board: np.ndarray  # before the random opening
    moves: list[int]  # from there on
    length: int = 0
    wished: int = NOBODY
    resigned: int = NOBODY
    outcome: float = 0.0


@dataclass
class _Moves:
    """What was found for the games under way at one time; all arrays have a row a game."""

    rows: np.ndarray  # the game, int32 [T]
    moves: np.ndarray  # int32 [T]
    learned: np.ndarray  # bool [T]
    found: RootPolicies
    counts: np.ndarray = field(init=False)

    def __post_init__(self):
        self.kept = (self.found.moves >= 0) & (self.found.shares >= LEAST)
        self.counts = self.kept.sum(1).astype(np.int32)


class GamesUnderWay:
    """The games of a task: those to come, those under way, those that are over."""

    def __init__(self, task: SelfPlayTask, settings: SelfPlaySettings):
        self.task, self.settings = task, settings
        self.game: Game = wings.game(task.game)
        self.coming = self._coming()
        self.seats = list(islice(self.coming, settings.at_once))
        self.states = np.array([seat.start for seat in self.seats])
        self.over: list[_Seat] = []
        self.made: list[_Moves] = []
        self.tree = self._trees()

    def _coming(self) -> Iterator[_Seat]:
        """Yield the games in the order of their numbers, as their seats become free."""
        task = self.task
        for row in range(task.count):
            number = task.first + row
            random = np.random.default_rng([task.seed, task.version, number])
            board, moves, start = opened(task, self.settings.opening, random)
            plays_on = not self.settings.resign or random.random() < self.settings.resign_checked
            yield _Seat(number, row, random, start, plays_on, [self.game.key(start)], board, moves)

    def _trees(self) -> Tree:
        moves = self.game.move_count(self.states[0])
        return allocate(len(self.seats), (max(self.settings.visits, self.settings.fast_visits) + 2) * moves)

    # --- one move of every game ---------------------------------------------------------------------------

    def move(self, evaluator: Evaluator) -> None:
        """Search all games under way, play a move in each, and give the seats of those that end to the next."""
        settings, states = self.settings, self.states
        learned = np.array([seat.random.random() < settings.full_share for seat in self.seats])
        found = self._searched(evaluator, learned)
        columns = self._drawn(found)
        moves = found.moves[np.arange(len(states)), columns]
        rows = np.array([seat.row for seat in self.seats], np.int32)
        self.made.append(_Moves(rows, moves, learned, found))
        turns = self.game.turn(states)
        self.game.play(states, moves)
        self._end(turns, moves, found.values)

    def _searched(self, evaluator: Evaluator, learned: np.ndarray) -> RootPolicies:
        settings, tree = self.settings, self.tree
        for t in range(len(self.seats)):
            reset(tree, t)
        limits = np.where(learned, settings.visits, settings.fast_visits)
        ruled_out = {t: self.game.forbidden(self.states[t], seat.keys) for t, seat in enumerate(self.seats)}
        scores = search(
            self.game,
            self.states,
            tree,
            evaluator,
            settings.search_settings(len(self.seats)),
            Limit(visits=int(limits.max())),
            forbidden={t: moves for t, moves in ruled_out.items() if len(moves)},
            randoms=[seat.random for seat in self.seats],
            visits=limits,
        )
        return improved_policies(tree, scores) if settings.considered else visit_policies(tree)

    def _drawn(self, found: RootPolicies) -> np.ndarray:
        """Return the columns of the moves to play: the best, but drawn by their visits in the first moves of PUCT."""
        columns = found.best.copy()
        if not self.settings.considered:
            for t, seat in enumerate(self.seats):
                if seat.length < self.settings.tempered:
                    shares = found.shares[t].astype(float)
                    columns[t] = seat.random.choice(len(shares), p=shares / shares.sum())
        return columns

    def _end(self, turns: np.ndarray, moves: np.ndarray, values: np.ndarray) -> None:
        """Look which games are over; `values` [T] are the first player's, of the positions before the last moves."""
        ended, after = np.zeros(len(self.seats), bool), self.game.turn(self.states)
        hopes = np.where(turns == SECOND, -values, values)
        for t, seat in enumerate(self.seats):
            seat.length += 1
            seat.moves.append(int(moves[t]))
            if self.settings.resign and seat.wished == NOBODY and hopes[t] < -self.settings.resign:
                seat.wished = int(turns[t])
            if seat.wished != NOBODY and not seat.plays_on:
                seat.resigned, seat.outcome, ended[t] = seat.wished, -1.0 if seat.wished == FIRST else 1.0, True
            elif after[t] == NOBODY or seat.length >= self.settings.longest:
                seat.outcome, ended[t] = float(self.game.score(self.states[t][None])[0]), True
            else:
                seat.keys.append(self.game.key(self.states[t]))
        if ended.any():
            self._seat_next(ended)

    def _seat_next(self, ended: np.ndarray) -> None:
        """Give the seats of games that ended to the next ones; where there are none, the others move up."""
        for t in np.flatnonzero(ended):
            self.over.append(self.seats[t])
            coming = next(self.coming, None)
            if coming:
                self.seats[t], self.states[t], ended[t] = coming, coming.start, False
        if ended.any():
            self.seats = [seat for seat, gone in zip(self.seats, ended, strict=True) if not gone]
            self.states = np.ascontiguousarray(self.states[~ended])
            if self.seats:
                self.tree = self._trees()

    # --- what came of it ----------------------------------------------------------------------------------

    def games(self) -> PlayedGames:
        """Return all games, in the order of their numbers."""
        seats, made = sorted(self.over, key=lambda seat: seat.row), self.made
        order = np.argsort(np.concatenate([each.rows for each in made]), kind="stable")
        counts = np.concatenate([each.counts for each in made])
        pairs = _blocks(counts, order)
        return PlayedGames(
            version=self.task.version,
            board=self.task.board,
            numbers=np.array([seat.number for seat in seats], np.int64),
            starts=np.array([seat.start for seat in seats]),
            lengths=np.array([seat.length for seat in seats], np.int32),
            outcomes=np.array([seat.outcome for seat in seats], np.float32),
            resigned=np.array([seat.resigned for seat in seats], np.int8),
            wished=np.array([seat.wished for seat in seats], np.int8),
            moves=np.concatenate([each.moves for each in made]).astype(np.int32)[order],
            values=np.concatenate([each.found.values for each in made]).astype(np.float32)[order],
            learned=np.concatenate([each.learned for each in made])[order],
            counts=counts[order],
            policy_moves=np.concatenate([each.found.moves[each.kept] for each in made]).astype(np.int32)[pairs],
            policy_shares=np.concatenate([each.found.shares[each.kept] for each in made]).astype(np.float16)[pairs],
        )


def _blocks(counts: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the indices of blocks of so many elements, the blocks in another order."""
    firsts, sizes = (np.cumsum(counts) - counts)[order], counts[order]
    return np.arange(int(sizes.sum())) + np.repeat(firsts - (np.cumsum(sizes) - sizes), sizes)


def tasks_of(game: str, boards: Sequence[str], seed: int, version: int, games: int, size: int) -> list[SelfPlayTask]:
    """Share so many games of a version out into tasks of one size; the boards take turns."""
    first = version * games
    starts = range(first, first + games, size)
    return [
        SelfPlayTask(
            game,
            boards[(version * len(starts) + k) % len(boards)],
            seed,
            version,
            number,
            min(size, first + games - number),
        )
        for k, number in enumerate(starts)
    ]
