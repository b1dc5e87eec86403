"""A match of backgammon in progress: dice, the cube, game after game, hints, records. It draws nothing.

A confirmed turn is played at once; a page that shows it checker by checker polls the match as `resting` meanwhile.
"""

from collections.abc import Callable, Collection

import numpy as np

from engine.backgammon.resigning import why_refused
from engine.players import Player
from games.backgammon import plays, rules
from games.backgammon.board import counted_score, given_up, match_over, points_won
from games.backgammon.dice import GivenDice, Pair, checked, move_of
from games.backgammon.writing import write_play
from games.game import CHANCE, FIRST, NOBODY, SECOND, Position
from gui import messages as say
from gui.backgammon import book as books
from gui.backgammon.advice import Advice, MatchEngine
from gui.backgammon.book import OpenedMatch
from gui.backgammon.hints import Hint
from gui.backgammon.match_records import MatchRecords, is_mid_turn
from gui.backgammon.words import answer_to_double, idle_throw
from gui.course import Course
from gui.history import Node
from gui.opponent import Opponent
from gui.session import VERBS, Session
from gui.thinker import Thinker

SIDES = ("Dark", "Light")

GAINS = {1: "the game", 2: "a gammon", 3: "a backgammon"}

NOTHING_FORCED = 0, ""
"""A ply, and what was said of the play before it, to which the rules left no choice."""


def names_of(people: Collection[int]) -> tuple[str, str]:
    """Return what the sides are called."""
    if len(people) != 1:
        return SIDES
    return ("You", "Yomi") if FIRST in people else ("Yomi", "You")


class MatchSession(Session):
    """Games between two sides until one has won the match; `book` holds the dice and the games before."""

    engine_kind = MatchEngine
    engine: MatchEngine
    records: MatchRecords
    resigned: np.ndarray | None  # the position as a resignation left it
    _line: list[Node] | None  # the line that `_states` belong to
    _states: list[np.ndarray]

    def __init__(
        self,
        opened: OpenedMatch,
        make_player: Callable[[], Player],
        people: Collection[int],
        names: tuple[str, str] = SIDES,
        thinker: Thinker | None = None,
        plies: int = 2,
        opponent: Opponent | None = None,
        weighs_luck: bool = True,
    ):
        """Hints look `plies` ahead; `weighs_luck`: the luck of every throw is found in idle time."""
        super().__init__(opened.course.position, make_player, people, None, names, thinker, opponent)
        self.forced = NOTHING_FORCED
        self.engine.plies = plies
        self.advice = Advice(self.engine, weighs_luck)
        self.records = MatchRecords(self)
        self._begin(opened)
        self.tell(opened.about, opened.alarm)

    # --- reading off ---

    @property
    def state(self) -> np.ndarray:
        """The position on the board, also as a resignation left it."""
        return self.position.state if self.resigned is None else self.resigned

    @property
    def length(self) -> int:
        """Points of the match, 0 for money games."""
        return int(self.position.state[rules.LENGTH])

    @property
    def result(self) -> str:
        if self.ended or not self.position.over:
            return self.ended
        return verdict(self.position.state, self.names)

    @property
    def winner(self) -> int:
        """Who has won this game, which is not who is ahead in the match."""
        return int(self.state[rules.WINNER]) if self.over else NOBODY

    @property
    def match_over(self) -> bool:
        return self.over and match_over(self.state)

    @property
    def points(self) -> tuple[int, int]:
        """Points won, this game's too once it is over."""
        before = self.book.points(self.position.state)
        if not self.over:
            return before
        if self.length:
            return counted_score(self.state)
        won = list(before)
        won[int(self.state[rules.WINNER])] += points_won(self.state)
        return won[0], won[1]

    @property
    def values(self) -> list[float | None]:
        """The value of every position of the line to FIRST; dice and single checkers keep the value before them."""
        known, last = [], None
        for node in self.history.line:
            last = node.value if node.value is not None else last
            known.append(last)
        return known

    @property
    def awaits_dice(self) -> bool:
        """Whether somebody must throw the dice by hand."""
        dice = self.book.dice
        thrown = (self.book.game, throws_in(self.position)) in dice.log
        return isinstance(dice, GivenDice) and not thrown and self.position.turn == CHANCE and not self.over

    @property
    def shown_hint(self) -> Hint | None:
        """The hint, if it is about the position on the board."""
        return self.advice.about(self.position.state)

    def usual_status(self) -> str:
        """Return the status line while nothing else is said: what Yomi did with a double or nobody chose, too."""
        forced = self.forced[1] if self.forced[0] <= self.ply else ""
        news = answer_to_double(self, self.ply) or idle_throw(self, self.ply) or forced
        return (f"{news}  ·  " if news else "") + usual_words(self)

    def line_states(self) -> list[np.ndarray]:
        """Return the positions of the whole line, also those after moves that were taken back."""
        line = self.history.line
        if self._line is not line or len(self._states) != len(line):
            self._line, self._states = line, self.course.end().states
        return self._states

    # --- dice, and what follows from them ---

    def advance(self) -> bool:
        """Let the dice fall, play what is forced, or let the engine move; return whether that was begun."""
        if self.awaits_dice:
            return False
        if self._play_forced():
            return True
        chance = self.position.turn == CHANCE
        return (not chance and self._weigh()) or super().advance()  # a quick player leaves no other time for luck

    def throw(self) -> None:
        """Throw the dice; a roll that was taken back falls again."""
        opening = bool(self.position.state[rules.OPENING])
        pair = self.book.dice.throw(self.book.game, throws_in(self.position), opening)
        self.play((move_of(pair, opening),))

    def _play_forced(self) -> bool:
        """Play for a person where the rules leave one play."""
        state = self.position.state
        if not self.awaits_person or self.halted or not state[rules.DICE]:
            return False
        legal = plays(state)
        if len(legal) > 1:
            return False
        self.play(legal[0][0])
        name = self.names[int(state[rules.MOVER])]
        self.forced = self.ply, f"{name} played {write_play(state, legal[0][0])}: there was no choice"
        return True

    def set_dice(self, pair: Pair) -> None:
        """Throw the dice that were thrown by hand."""
        if not self.awaits_dice:
            raise ValueError("the dice are not to be thrown now")
        number = (self.book.game, throws_in(self.position))
        self.book.dice.log[number] = checked(pair, bool(self.position.state[rules.OPENING]))
        self.throw()

    def move_now(self) -> None:
        """Let the engine end its thinking with a play, or play for the person; let the dice fall where they rest."""
        if self.awaits_dice:
            raise ValueError("the dice are to be thrown first")
        if self.position.turn == CHANCE:
            self.halted = False
        else:
            super().move_now()

    # --- people ---

    def play(self, moves: tuple[int, ...]) -> None:
        """Play moves of the side to play; who plays for a person ends the turn."""
        mover, lent = self.position.turn, self.lent
        super().play(moves)
        if mover in self.people:
            self.forced = NOTHING_FORCED
        self.lent = lent and self.position.turn == mover and bool(self.position.state[rules.DICE])

    def cube(self, move: int) -> None:
        """Roll, double, take or drop."""
        if not self.awaits_person:
            raise ValueError("it is not your turn")
        self.play((move,))

    def resign(self, gain: int = 1) -> None:
        """Offer the game, plainly or as a gammon or a backgammon; Yomi goes on where that is less than it expects."""
        if self.over:
            raise ValueError("the game is over")
        turn, state = self.position.turn, self.position.state
        player = turn if turn in self.people or not self.people else min(self.people)

        def done(why_not: str) -> None:
            if why_not:
                self.tell(f"Yomi plays on: {why_not}", alarm=True)
            else:
                self._give_up(player, gain)

        if len(self.people) == 1:
            work = lambda report: why_refused(self.engine.lookahead(), state, player, gain)  # noqa: E731
            self.engine.run("resign", work, done)
        else:
            self._give_up(player, gain)

    def _give_up(self, player: int, gain: int) -> None:
        self.resigned, self.book.stated = given_up(self.position.state, player, gain), ""
        self.ended, self.loser = verdict(self.resigned, self.names) + ", by resignation", player
        self.changed()
        self.records.touch()

    def undo(self) -> None:
        """Take back a resignation, or go back to a person's last decision."""
        self.resigned = None
        super().undo()
        if isinstance(self.book.dice, GivenDice):  # what was typed wrongly may be typed again
            for game, number in list(self.book.dice.log):
                if game == self.book.game and number >= throws_in(self.position):
                    del self.book.dice.log[game, number]

    def undone(self) -> int:
        """Return the last ply before this one at which a person had a choice."""
        for ply in range(self.ply - 1, -1, -1):
            state = self.position.states[ply]
            turn = int(self.position.game.turn(state[None])[0])
            choice = not state[rules.DICE] or len(plays(state)) > 1
            if turn in self.people and choice and not is_mid_turn(self.position, ply):
                return ply
        if self.people:
            raise IndexError("there is no decision of yours to take back")
        return self.ply - 1

    def next_game(self) -> None:
        """Begin the next game of the match, or the next for money."""
        position = self.book.close_game(self.course.end(), self.resigned)
        self._begin(OpenedMatch(Course(position), book=self.book))

    def swap_dice(self) -> None:
        """Begin the match again with the same dice, each side with those that the other had."""
        opened = books.swapped(self.book)
        self.take(opened)
        self.records.begin_anew()
        self.tell(f"{self.book.dice.describe()}: each side now gets what the other had")

    def take(self, opened: OpenedMatch) -> None:
        """Show another match."""
        self.advice = Advice(self.engine, self.advice.weighs)
        self._begin(opened)

    def _begin(self, opened: OpenedMatch) -> None:
        """Show another game."""
        self.book, self.resigned = opened.book, opened.resigned
        self._line, self._states = None, []
        self.replace(opened.course)
        if self.resigned is not None:
            self.ended = verdict(self.resigned, self.names) + ", by resignation"
            self.loser = 1 - int(self.resigned[rules.WINNER])
            self.settled()

    def settled(self) -> None:
        """Note what a finished game is worth."""
        if self.over:
            self.course.here.value = float(self.position.game.score(self.state[None])[0])

    # --- hints and luck ---

    def chore(self) -> bool:
        """Work out the hint that is wanted, or the luck of a throw. What failed is not tried again by itself."""
        if self.alarm:
            return False
        wanted = "hints" in self.wants and self.awaits_person
        return self.advice.work_out_hint(self.course, wanted) or self._weigh()

    def _weigh(self) -> bool:
        return not self.alarm and self.advice.weigh(self.book.game, self.position, "dice" in self.wants)


def usual_words(match: MatchSession) -> str:
    """Return what is to be done, or done by Yomi, in the status line."""
    if match.awaits_dice:
        if match.position.state[rules.OPENING]:
            return f"throw the opening: a die for {match.names[FIRST]}, then one for {match.names[SECOND]}"
        return f"{match.names[int(match.position.state[rules.MOVER])]}: throw the dice"
    if match.engine.doing == "resign":
        return "Yomi considers whether that is enough"
    state = match.position.state
    if not match.awaits_person:
        return Session.usual_status(match)
    if state[rules.DICE]:
        return f"{Session.usual_status(match)}: click ringed checkers, then Done"
    mover, stake = match.names[int(state[rules.MOVER])], 1 << int(state[rules.CUBE])
    if state[rules.OFFERED]:
        return f"{mover} doubled: take, and play for {2 * stake}, or drop, and lose {stake}"
    return f"{mover} to roll or double"


def verdict(state: np.ndarray, names: tuple[str, str]) -> str:
    """Return in words who won a finished game, and the match if that is over."""
    winner, points = int(state[rules.WINNER]), points_won(state)
    what = GAINS.get(int(state[rules.GAIN]), "by all that the match needed")
    won = f"{names[winner]} won {what}, {points} point{'s' * (points > 1)}"
    if not match_over(state):
        return won
    one, other = counted_score(state)
    return f"{won}, and the match {max(one, other)} to {min(one, other)}"


def throws_in(position: Position) -> int:
    """Return how often the dice were thrown in a game."""
    return sum(move >= rules.FIRST_ROLL for move in position.moves)


def set_person(match: MatchSession, side: int, person: bool) -> None:
    """Give a side to a person or to the engine; both sides are called by who plays them."""
    VERBS[say.SetPerson](match, say.SetPerson(side, person))
    match.names = names_of(match.people)


MatchSession.verbs = VERBS | {
    say.RollDice: lambda match, message: match.cube(rules.ROLL),
    say.Double: lambda match, message: match.cube(rules.DOUBLE),
    say.Take: lambda match, message: match.cube(rules.TAKE),
    say.Drop: lambda match, message: match.cube(rules.DROP),
    say.SetDice: lambda match, message: match.set_dice((message.a, message.b)),
    say.SwapDice: lambda match, message: match.swap_dice(),
    say.AskHint: lambda match, message: match.advice.ask(match.position),
    say.NextGame: lambda match, message: match.next_game(),
    say.Resign: lambda match, message: match.resign(message.gain or 1),
    say.SetPerson: lambda match, message: set_person(match, message.side, message.person),
}
