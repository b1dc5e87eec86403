"""The backgammon player: full plays by looking some plies ahead or by tree search, and the cube by theory.

A turn is up to four checker moves. The play is chosen when the first of them is asked for, remembered, and dealt out
move by move, as long as the positions are those that it leads to.
"""

import time
from collections.abc import Iterable, Sequence

import numpy as np

from engine.backgammon.bearoff import OTHERS, bearoff_equities
from engine.backgammon.cube import CubeDecision, decide, from_equity
from engine.backgammon.cube_reading import three_values
from engine.backgammon.plies import DEEPEST, Candidate, Lookahead, check_plies
from engine.clock import Clock, Limit
from engine.players import Analysis, Line, Player, Report, SearchPlayer
from engine.search import SearchSettings
from games import backgammon
from games.backgammon.rules import DICE, DOUBLE, DROP, LENGTH, MOVER, OFFERED, ROLL, SIDE, TAKE, TURN, USE_CUBE
from games.game import FIRST, NOBODY, SECOND, Game, Position

SEARCH = SearchSettings(c_puct=0.5, first_play=0.3, normalise=True, wave=8)
"""The tree search; a model that knows better says so in its model.json, under "search".

Chosen on 300 plays judged by GNU Backgammon at 2-ply, whose standard errors are as large as most differences between
settings; only a c_puct of 3 was worse throughout. Neither leaves read one ply ahead nor a fifth of rollouts paid for
their time.
"""

TREE_NODES = 1 << 20

FADES = 0.9
"""How much of the longest time that a depth took is remembered a turn later: a hiccup does not count for ever."""


class BackgammonPlayer(Player):
    """Plays and doubles; it never resigns.

    Beside `thought` it leaves what backgammon players want to see: `candidates`, the plays of the last turn it read
    by plies, and `decision`, what it last thought of the cube.
    """

    def __init__(
        self,
        name: str,
        lookahead: Lookahead,
        plies: int = DEEPEST,
        search: SearchPlayer | None = None,
        temperature: float = 0.0,
        seed: int = 1,
    ):
        """Plays are found `plies` ahead, or by `search` where there is one; the cube is always judged by plies.

        At a `temperature` a play is drawn by exp(equity / temperature), at 0 it is the best.
        """
        check_plies(plies)
        self.name, self.lookahead, self.plies, self.search = name, lookahead, plies, search
        self.thought: Analysis | None = None
        self.candidates: list[Candidate] = []
        self.decision: CubeDecision | None = None
        self.temperature, self.random = temperature, np.random.default_rng(seed)
        self.plan = Plan()
        self.took = [0.0] * (plies + 1)  # the longest, in seconds, that a play read so deeply took lately

    def choose(
        self, position: Position, clock: Clock | None = None, report: Report | None = None, every: float = 0.5
    ) -> int:
        """Return the next checker move of the play, or the decision about the cube; raise `ValueError` for neither."""
        state = position.state
        if state[TURN] not in (FIRST, SECOND):
            raise ValueError("the game is over" if state[TURN] == NOBODY else "the dice choose now, not a player")
        if not state[DICE]:
            return self._turn_cube(state)
        move = self.plan.next(state)
        if move is None:
            return self.plan.begin(state, self._find_play(position, clock, report, every))
        return move

    @property
    def searcher(self) -> SearchPlayer | None:
        return self.search

    def warm_up(self, game: Game, start: np.ndarray) -> None:
        """Compile what is needed, before any clock runs."""
        rolled = backgammon.with_dice(start, (3, 1))
        self.lookahead.rank(rolled, self.plies)
        judge_cube(self.lookahead, start, self.plies)
        if self.search:
            self.search.evaluator(game, np.stack([start, rolled]))

    def stop(self) -> None:
        """End a running search at its next wave, from any thread."""
        if self.search:
            self.search.stop()

    def forget(self) -> None:
        """Drop what is kept from earlier moves."""
        self.plan = Plan()
        if self.search:
            self.search.forget()

    # --- plays ---

    def _find_play(self, position: Position, clock, report, every) -> tuple[int, ...]:
        began, state = time.perf_counter(), position.state
        limit = clock.allot(backgammon.moves_left(state)) if clock else Limit()
        plies = 0 if self.search else self._affordable(limit)
        self.candidates = self.lookahead.rank(state, plies, until_decided=True)
        if self.search and len(self.candidates) > 1:
            self.candidates = []
            limit = self.search.limit.tighter(limit)
            self.thought = self.search.think(position, limit, report, every, until_decided=True)
            return moves_of_turn(state, self.thought.lines[0].variation)
        seconds = time.perf_counter() - began
        self.took = [FADES * took for took in self.took]
        self.took[plies] = max(self.took[plies], seconds)
        self.thought = analysis(state, [(each.moves, each.equity) for each in self.candidates], seconds)
        return self.candidates[self._drawn()].moves

    def _drawn(self) -> int:
        """Return the place of the candidate that is played."""
        if not self.temperature:
            return 0
        equities = np.array([each.equity for each in self.candidates])
        weights = np.exp((equities - equities.max()) / self.temperature)
        return int(self.random.choice(len(weights), p=weights / weights.sum()))

    def _affordable(self, limit: Limit) -> int:
        """Return the most plies, of ours, that have lately taken no longer than this."""
        seconds = np.inf if limit.seconds is None else limit.seconds
        return max((plies for plies, took in enumerate(self.took) if took <= seconds), default=0)

    # --- the cube ---

    def _turn_cube(self, state: np.ndarray) -> int:
        began = time.perf_counter()
        self.decision = found = judge_cube(self.lookahead, state, self.plies)
        answers = cube_answers(found, state)
        self.thought = analysis(state, answers, time.perf_counter() - began)
        return answers[0][0][0]


class Plan:
    """The rest of a play that was chosen, and the positions that it leads through."""

    def __init__(self):
        self.steps: list[tuple[bytes, int]] = []

    def remember(self, state: np.ndarray, moves: Iterable[int]) -> None:
        """Take up a play that begins here."""
        self.steps = []
        for move in moves:
            self.steps.append((state.tobytes(), move))
            state = backgammon.after(state, move)

    def begin(self, state: np.ndarray, moves: Iterable[int]) -> int:
        """Take up a play and return its first move; raise `ValueError` for one without moves."""
        self.remember(state, moves)
        move = self.next(state)
        if move is None:
            raise ValueError("a play has one move at least")
        return move

    def next(self, state: np.ndarray) -> int | None:
        """Return the move for a position; None, and forget everything, where the play does not lead there."""
        if not self.steps or self.steps[0][0] != state.tobytes():
            self.steps = []
            return None
        return self.steps.pop(0)[1]


def judge_cube(lookahead: Lookahead, state: np.ndarray, plies: int) -> CubeDecision:
    """Judge the cube by reading ahead; in the last bear-off of a money game by the two-sided table, which is exact."""
    cells = np.zeros(OTHERS + 1, np.float32)
    tables, me = lookahead.network.tables, int(state[MOVER]) * SIDE
    exact = not state[LENGTH] and bool(state[USE_CUBE]) and bearoff_equities(tables, state, me, cells)
    outputs, values = lookahead.cube_values(state, 0 if exact else plies)
    return decide(outputs, state, three_values(values, state) if state[USE_CUBE] else None, exact)


def cube_answers(found: CubeDecision, state: np.ndarray) -> list[tuple[tuple[int, ...], float]]:
    """Return what may be done with the cube, the right answer first, with its equity to who is on roll or has doubled.

    Each is a line of one move, as `analysis` takes them.
    """
    answers: list[tuple[tuple[int, ...], float]]
    if state[OFFERED]:
        answers = [((TAKE,), found.double_take), ((DROP,), found.double_pass)]
        return answers if found.take else answers[::-1]
    answers = [((DOUBLE,), min(found.double_take, found.double_pass)), ((ROLL,), found.no_double)]
    return answers if found.double else answers[::-1]


def moves_of_turn(state: np.ndarray, variation: Iterable[int]) -> tuple[int, ...]:
    """Return the checker moves with which a variation begins."""
    mover, moves = state[MOVER], []
    for move in variation:
        if not state[DICE] or state[MOVER] != mover:
            break
        moves.append(move)
        state = backgammon.after(state, move)
    return tuple(moves)


def analysis(state: np.ndarray, found: Sequence[tuple[tuple[int, ...], float]], seconds: float = 0.0) -> Analysis:
    """Return an analysis of moves, best first, and their equities to the player on roll; every line counts once.

    Its values are FIRST's, in the unit of `score`.
    """
    values = from_equity(np.array([equity for _, equity in found]), state) * (1 if state[MOVER] == FIRST else -1)
    lines = [
        Line(moves[0], 1, float(value), 1 / len(found), list(moves))
        for (moves, _), value in zip(found, values, strict=True)
    ]
    return Analysis(len(lines), lines[0].value, seconds, lines, len(lines))
