"""A match of backgammon in progress: dice, the cube, game after game, hints, records. It draws nothing.

What is confirmed is played at once; a page that shows it move by move lets the match rest meanwhile.
"""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from engine.backgammon.resigning import why_refused
from engine.backgammon.review import Reviewed
from engine.players import Player, SearchPlayer
from engine.reading import Reading, read_player
from engine.stepping import Stepper
from games.backgammon import gnubg_id, mat, plays, xgid
from games.backgammon.board import counted_score, match_over, points_won
from games.backgammon.dice import GivenDice, Pair, checked, move_of
from games.backgammon.rules import DICE, DOUBLE, DROP, FIRST_ROLL, GAIN, MOVER, OFFERED, OPENING, ROLL, TAKE, WINNER
from games.backgammon.writing import write_play
from games.game import CHANCE, FIRST, SECOND, Position
from gui import messages as say
from gui.backgammon import hints
from gui.backgammon.book import Session as Book
from gui.backgammon.book import resume
from gui.backgammon.hints import Hint
from gui.backgammon.luck import Luck, weigh
from gui.backgammon.review import Review, mistake_of
from gui.history import History, Node
from gui.review import Mistake
from gui.session import ANALYSIS, EVERY, Session
from gui.thinker import Thinker

if TYPE_CHECKING:
    from engine.backgammon.player import BackgammonPlayer

GAINS = {1: "the game", 2: "a gammon", 3: "a backgammon"}


class Match(Session):
    """Games between two sides until somebody has won the match; `book` keeps the dice and the games before."""

    player: "BackgammonPlayer | None"

    def __init__(
        self,
        book: Book,
        make_player: Callable[[], Player],
        people: set[int],
        names: tuple[str, str] = ("First", "Second"),
        thinker: Thinker | None = None,
        plies: int = 2,
    ):
        """Hints are read so many `plies` ahead."""
        super().__init__(book.position, make_player, people, None, names, thinker)
        self.book, self.plies = book, plies
        self.resting: Callable[[], bool] = lambda: False  # whether the page still shows what happened
        self.hint: Hint | None = None
        self.hinting = self.hints_always = self.luck_wanted = False
        self.luck = Luck()
        self.analyst: SearchPlayer | None = None
        self.path = self.kept_in = ""
        self.judged: dict[Node, Reviewed] = {}  # by the position that a decision led to
        self._line: list[Node] | None = None
        self._states: list[np.ndarray] = []
        if book.resigned is not None:
            self.ended = self._verdict(book.resigned) + ", by resignation"
        self._tell_left_out()

    # --- reading off ---

    @property
    def state(self) -> np.ndarray:
        """The position on the board, also as a resignation left it."""
        return self.position.state if self.book.resigned is None else self.book.resigned

    @property
    def result(self) -> str:
        if self.ended or not self.position.over:
            return self.ended
        return self._verdict(self.position.state)

    @property
    def match_over(self) -> bool:
        return self.over and match_over(self.state)

    @property
    def points(self) -> tuple[int, int]:
        """Points won, this game's too once it is over."""
        if not self.over:
            return self.book.points
        if self.book.length:
            return counted_score(self.state)
        won = list(self.book.points)
        won[int(self.state[WINNER])] += points_won(self.state)
        return won[0], won[1]

    @property
    def values(self) -> list[float | None]:
        """As in every session; what was found holds until something else is known, past dice and single men."""
        known, last = [], None
        for node in self.history.line:
            last = node.value if node.value is not None else last
            known.append(last)
        return known

    @property
    def awaits_dice(self) -> bool:
        """Whether somebody must throw the dice by hand."""
        dice = self.book.dice
        thrown = (self.book.game, self._throws()) in dice.log
        return isinstance(dice, GivenDice) and not thrown and self.position.turn == CHANCE and not self.over

    @property
    def shown_hint(self) -> Hint | None:
        """The hint, if it is about the position on the board."""
        fits = self.hint is not None and np.array_equal(self.hint.state, self.position.state)
        return self.hint if fits else None

    def _throws(self) -> int:
        return sum(move >= FIRST_ROLL for move in self.position.moves)

    def _verdict(self, state: np.ndarray) -> str:
        winner, points = int(state[WINNER]), points_won(state)
        what = GAINS.get(int(state[GAIN]), "by all that the match needed")
        won = f"{self.names[winner]} won {what}, {points} point{'s' * (points > 1)}"
        if not match_over(state):
            return won
        one, other = counted_score(state)
        return f"{won}, and the match {max(one, other)} to {min(one, other)}"

    def _usual_status(self) -> str:
        if self.awaits_dice:
            if self.position.state[OPENING]:
                return f"throw the opening: a die for {self.names[FIRST]}, then one for {self.names[SECOND]}"
            return f"{self.names[int(self.position.state[MOVER])]}: throw the dice"
        if self.thinking == "resign":
            return "Yomi considers whether that is enough"
        state = self.position.state
        if not self.awaits_person or state[DICE]:
            return super()._usual_status()
        mover = self.names[int(state[MOVER])]
        return f"{mover} doubled: take or drop" if state[OFFERED] else f"{mover} to roll or double"

    def tree_reading(self, depth: int = 4, width: int = 6, opened=()) -> Reading | None:
        """Read the tree of the analysis where there is one, else that of the player."""
        found = read_player(self.analyst, self.position, depth, width, opened) if self.analyst else None
        return found or super().tree_reading(depth, width, opened)

    # --- dice, and what follows from them ---

    def _throw(self) -> bool:
        if self.awaits_dice or self.resting():
            return False
        return super()._throw() or self._play_forced()

    def throw(self) -> None:
        """Throw the dice; a roll that was taken back falls again."""
        mover, opening = int(self.position.state[MOVER]), bool(self.position.state[OPENING])
        pair = self.book.dice.throw(self.book.game, self._throws(), opening)
        self.play((move_of(pair, opening),))
        if not self.position.state[DICE] and not self.over:
            self.tell(f"{self.names[mover]} rolled {max(pair)}-{min(pair)} and cannot move")

    def _play_forced(self) -> bool:
        """Play for a person where the rules leave one play."""
        state = self.position.state
        if not self.awaits_person or self.halted or not state[DICE]:
            return False
        legal = plays(state)
        if len(legal) > 1:
            return False
        self.play(legal[0][0])
        name = self.names[int(state[MOVER])]
        self.tell(f"{name} played {write_play(state, legal[0][0])}: there was no choice")
        return True

    def set_dice(self, pair: Pair) -> None:
        """Throw what somebody threw by hand."""
        if not self.awaits_dice:
            raise ValueError("the dice are not to be thrown now")
        pair = checked(pair, bool(self.position.state[OPENING]))
        self.book.dice.ask = lambda game, number, opening: pair
        self.throw()

    def _answer(self) -> bool:
        if self.position.turn == CHANCE or self.resting():
            return False
        return self._weigh() or super()._answer()  # a player that answers at once leaves no other time for luck

    def move_now(self) -> None:
        """Let the engine end its thinking with a play, or play for the person; let the dice fall where they rest."""
        if self.awaits_dice:
            raise ValueError("the dice are to be thrown first")
        if self.position.turn == CHANCE:
            self.halted = False
        else:
            super().move_now()

    # --- people ---

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
            self.run("resign", lambda report: why_refused(self.ready().lookahead, state, player, gain), done)
        else:
            self._give_up(player, gain)

    def _give_up(self, player: int, gain: int) -> None:
        self.book.resign(player, gain)
        self.ended = self._verdict(self.book.resigned) + ", by resignation"
        self.changed()

    def undo(self) -> None:
        """Take back a resignation, or go back to a person's last decision."""
        self.book.resigned = None
        super().undo()
        if isinstance(self.book.dice, GivenDice):  # what was typed wrongly may be typed again
            for game, number in list(self.book.dice.log):
                if game == self.book.game and number >= self._throws():
                    del self.book.dice.log[game, number]

    def _undone(self) -> int:
        """Return the last ply before this one at which a person had a choice of his own."""
        for ply in range(self.ply - 1, -1, -1):
            state = self.position.states[ply]
            turn = int(self.game.turn(state[None])[0])
            if turn in self.people and not self._mid_turn(ply) and (not state[DICE] or len(plays(state)) > 1):
                return ply
        if self.people:
            raise IndexError("there is no decision of yours to take back")
        return self.ply - 1

    def _mid_turn(self, ply: int) -> bool:
        """Tell whether a man was already moved in the turn of a ply."""
        return ply > 0 and bool(self.position.states[ply][DICE]) and self.position.moves[ply - 1] < ROLL

    def next_game(self) -> None:
        """Begin the next game of the match, or the next for money."""
        ply = self.ply
        self._move_to(self.history.last)
        try:
            self.book.next_game()
        except ValueError:
            self._move_to(ply)
            raise
        self._begin(self.book)

    def swap_dice(self) -> None:
        """Begin the match again with the same dice, each side with those that the other had."""
        self._replace(self.book.swapped())
        self.tell(f"{self.book.dice.describe()}: each side now gets what the other had")

    def _replace(self, book: Book) -> None:
        """Show another match; the record of the one before stays what it was."""
        self.luck, self.kept_in = Luck(), ""
        self._begin(book)

    def _begin(self, book: Book) -> None:
        """Show another game."""
        self.book, self.position, self.history = book, book.position, History()
        self.begun, self.ended, self.halted, self.review, self.hint = 0, "", False, None, None
        for move, mover in zip(book.position.moves, book.position.movers, strict=True):
            self.history.add(move, mover)
        if book.resigned is not None:
            self.ended = self._verdict(book.resigned) + ", by resignation"
        self.changed()

    def settled(self) -> None:
        """Note what a finished game is worth; bring the record up to date."""
        if self.over:
            self.history.here.value = float(self.game.score(self.state[None])[0])
        self.keep()

    # --- hints, analysis, review ---

    def chore(self) -> bool:
        """Work out the hint that is wanted, or the luck of a throw."""
        return self._hint() or self._weigh()

    def _weigh(self) -> bool:
        """Find the luck of a throw: the player's at once, without one only where somebody looks at it."""
        throw = self.luck.unknown(self.book.game, self.position)
        if throw is None or self.alarm or (self.player is None and not self.luck_wanted):
            return False  # what failed is not tried again until something is asked
        self.run(
            "luck", lambda report: weigh(self.ready().lookahead, throw), lambda found: self.luck.learn(throw, found)
        )
        return True

    def _hint(self) -> bool:
        wanted = not self.alarm and (self.hinting or (self.hints_always and self.awaits_person))
        if not wanted or self.over or self.shown_hint or self.position.turn == CHANCE:
            self.hinting = False
            return False
        state, node, plies = self.position.state, self.history.here, self.plies

        def done(hint: Hint) -> None:
            self.hinting, self.hint = False, hint
            self.learn(node, hints.as_analysis(hint))

        self.run("hint", lambda report: hints.ask(self.ready().lookahead, state, plies), done)
        return True

    def want_hint(self) -> None:
        """Ask for the best plays, or what to do with the cube."""
        if self.over or self.position.turn == CHANCE:
            raise ValueError("there is nothing to choose now")
        self.hinting = True

    def searcher(self) -> SearchPlayer:
        """Return what searches the tree; called in the thinking thread."""
        from engine.backgammon.evaluator import AfterstateEvaluator
        from engine.backgammon.player import SEARCH, TREE_NODES

        player = self.ready()
        if player.search is None and self.analyst is None:
            evaluator = AfterstateEvaluator(player.lookahead)
            self.analyst = SearchPlayer(player.name, evaluator, SEARCH, nodes=TREE_NODES)
        return player.search or self.analyst

    def _begin_step(self) -> None:
        """Step through the search of the tree, also where the player itself only looks plies ahead."""
        self.stepped = perf_counter()
        position = self.position.copy()

        def work(report):
            self.stepper = self.stepper or Stepper(self.searcher(), position)
            return self.stepper.step()

        self.run("step", work, lambda event: setattr(self, "event", event))

    def run(self, name: str, work: Callable, done: Callable[[object], None]) -> None:
        """Work something out in the thread, as every session does; the analysis ends when it is told to."""
        super().run(name, work, done)
        job = self.thinker.job
        stop = job.stop
        job.stop = lambda: (stop(), self.analyst.stop() if self.analyst else None)

    def _analyse(self) -> bool:
        if not self.analysing or self.over or self.analysed == self.generation or self.position.turn == CHANCE:
            return False
        position, generation, node = self.position.copy(), self.generation, self.history.here

        def done(found):
            self.learn(node, found)
            self.analysed = generation

        self.run("analysis", lambda report: self.searcher().think(position, ANALYSIS, report, EVERY), done)
        return True

    def start_review(self, visits: int) -> None:
        """Judge every decision of the line in the background, by plies and not by visits."""
        self.stop_thinking()
        self.review = Review(self._end_of_line(), self.history.line)

    def _review(self) -> bool:
        """Let the engine judge the next decision."""
        review = self.review
        if review is None:
            return False
        self.judged.update(review.take())
        if review.ended:
            self.review = None
            self.tell(review.summary(self.names))
        else:
            self.run("review", lambda report: review.judge_next(self.ready().lookahead), lambda found: None)
        return True

    def mistakes(self) -> list[Mistake]:
        """List the decisions of the line that a review found to have cost much, the worst first."""
        judged = (self.judged[node] for node in self.history.line if node in self.judged)
        return sorted(filter(None, map(mistake_of, judged)), key=lambda mistake: -mistake.loss)

    def line_states(self) -> list[np.ndarray]:
        """Return the positions of the whole line, also those after moves that were taken back."""
        if self._line is not self.history.line or len(self._states) != len(self.history.line):
            self._line, self._states = self.history.line, self._end_of_line().states
        return self._states

    def _end_of_line(self) -> Position:
        end = self.position.copy()
        for node in self.history.line[self.ply + 1 :]:
            end.play(node.move, node.mover)
        return end

    # --- records ---

    def open(self, path: str) -> None:
        """Go on with the match of a .mat file."""
        self._replace(resume(str(Path(path).expanduser()), self.book.dice))
        self.halted, self.path = True, path
        self.tell(f"{Path(path).name}: game {self.book.game + 1}, {self.history.last} moves")
        self._tell_left_out()

    def paste(self, text: str) -> None:
        """Go on from a GNU Backgammon ID, an XGID, or a match as text."""
        try:
            book = resume(text, self.book.dice)
        except mat.MatError as error:
            raise ValueError(f"what was pasted is no match: {error.sentence}") from None
        self._replace(book)
        self.halted = "\n" in text.strip()
        self._tell_left_out()

    def _tell_left_out(self) -> None:
        """Say what of a match could not be used."""
        if self.book.left_out:
            self.tell(". ".join(self.book.left_out))

    def save(self, path: str) -> None:
        """Write the match so far as .mat."""
        ply = self.ply
        self._move_to(self.history.last)
        try:
            self.book.save(str(Path(path).expanduser()), self._players())
        finally:
            self._move_to(ply)
        self.path = path
        self.tell(f"saved to {path}")

    def keep_in(self, path: str) -> None:
        """Write the match now, and again whenever it changes."""
        self.save(path)
        self.kept_in = path

    def keep(self) -> None:
        """Bring the file up to date; a full disk is no reason to end the match."""
        try:
            if self.kept_in and self.ply == self.history.last:
                self.book.save(self.kept_in, self._players())
        except (ValueError, OSError) as error:
            self.tell(f"the match is not saved: {error}", alarm=True)

    def text(self) -> str:
        """Return the position as GNU Backgammon and eXtreme Gammon write it; in the middle of a turn, its beginning."""
        ply = self.ply
        while self._mid_turn(ply):
            ply -= 1
        state = self.position.states[ply]
        return f"{gnubg_id.to_id(state)}\n{xgid.to_id(state)}\n"

    def _players(self) -> tuple[str, str]:
        made = self.player.name if self.player else "backgammon"
        return tuple("person" if side in self.people else f"Yomi ({made})" for side in (FIRST, SECOND))


VERBS: dict[type, Callable] = {
    say.RollDice: lambda match, message: match.cube(ROLL),
    say.Double: lambda match, message: match.cube(DOUBLE),
    say.Take: lambda match, message: match.cube(TAKE),
    say.Drop: lambda match, message: match.cube(DROP),
    say.SetDice: lambda match, message: match.set_dice((message.a, message.b)),
    say.SwapDice: lambda match, message: match.swap_dice(),
    say.Hint: lambda match, message: match.want_hint(),
    say.NextGame: lambda match, message: match.next_game(),
    say.Open: lambda match, message: match.open(message.path),
    say.Save: lambda match, message: match.save(message.path),
    say.PasteText: lambda match, message: match.paste(message.text),
    say.Set: lambda match, message: match.resign(int(message.value)),
}


Match.verbs = Session.verbs | VERBS
