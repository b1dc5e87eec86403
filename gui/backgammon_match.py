"""A match of backgammon in progress: dice, the cube, game after game, hints, records. It draws nothing.

What is confirmed is played at once; a page that shows it move by move lets the match rest meanwhile.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from engine.players import Player, SearchPlayer
from engine.reading import Reading, read_player
from engine.stepping import Stepper
from games import backgammon
from games.backgammon import plays
from games.backgammon_board import match_over, points_won, score_after
from games.backgammon_notation import write_play
from games.backgammon_rules import DICE, DOUBLE, DROP, FIRST_ROLL, GAIN, MOVER, OFFERED, OPENING, ROLL, TAKE, WINNER
from games.dice import GivenDice, Pair, checked, move_of
from games.formats import gnubg_id, mat, xgid
from games.game import CHANCE, FIRST, SECOND, Position
from gui import backgammon_hints as hints
from gui import messages as say
from gui.backgammon_hints import Hint
from gui.backgammon_session import Session as Book
from gui.backgammon_session import resume
from gui.history import History, Node
from gui.session import ANALYSIS, EVERY, Session
from gui.thinker import Thinker

if TYPE_CHECKING:
    from engine.backgammon_player import BackgammonPlayer

GAINS = {1: "the game", 2: "a gammon", 3: "a backgammon"}

REVIEW_PLIES = 1


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
        self.hinting = self.hints_always = False
        self.analyst: SearchPlayer | None = None
        self.path = self.kept_in = ""
        self._line: list[Node] | None = None
        self._states: list[np.ndarray] = []

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
            return score_after(self.state)
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
        what = GAINS[int(state[GAIN])]
        won = f"{self.names[winner]} won {what}, {points} point{'s' * (points > 1)}"
        if not match_over(state):
            return won
        one, other = score_after(state)
        return f"{won}, and the match {max(one, other)} to {min(one, other)}"

    def _usual_status(self) -> str:
        if self.awaits_dice:
            if self.position.state[OPENING]:
                return f"throw the opening: a die for {self.names[FIRST]}, then one for {self.names[SECOND]}"
            return f"{self.names[int(self.position.state[MOVER])]}: throw the dice"
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
        return False if self.position.turn == CHANCE or self.resting() else super()._answer()

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
        """Give the game up, plainly or as a gammon or a backgammon, for the person who plays (or is to play)."""
        if self.over:
            raise ValueError("the game is over")
        turn = self.position.turn
        self.book.resign(turn if turn in self.people or not self.people else min(self.people), gain)
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

    def _begin(self, book: Book) -> None:
        """Show another game of this match, or another match."""
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
        """Work out the hint that is wanted."""
        wanted = self.hinting or (self.hints_always and self.awaits_person)
        if not wanted or self.over or self.shown_hint or self.position.turn == CHANCE:
            self.hinting = False
            return False
        state, node, plies = self.position.state, self.history.here, self.plies

        def done(hint: Hint) -> None:
            self.hinting, self.hint = False, hint
            self.learn(node, hints.analysis(hint))

        self.run("hint", lambda report: hints.ask(self.ready().lookahead, state, plies), done)
        return True

    def want_hint(self) -> None:
        """Ask for the best plays, or what to do with the cube."""
        if self.over or self.position.turn == CHANCE:
            raise ValueError("there is nothing to choose now")
        self.hinting = True

    def searcher(self) -> SearchPlayer:
        """Return what searches the tree; called in the thinking thread."""
        from engine.backgammon_evaluator import AfterstateEvaluator
        from engine.backgammon_player import SEARCH, TREE_NODES

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

    def _review(self) -> bool:
        """Judge every decision of the game: what the best choice was worth, and what the one that was made."""
        review = self.review
        if review is None or review.next() is None:
            return super()._review()
        ply, state = review.done, review.position.state
        if state[DICE] and ply and review.line[ply].move < ROLL:  # the rest of a turn that is judged already
            review.finish()
            return True

        def done(hint: Hint) -> None:
            judge(review.line, ply, hint)
            review.finish()

        self.run("review", lambda report: hints.ask(self.ready().lookahead, state, REVIEW_PLIES), done)
        return True

    def line_states(self) -> list[np.ndarray]:
        """Return the positions of the whole line, also those after moves that were taken back."""
        if self._line is not self.history.line or len(self._states) != len(self.history.line):
            replayed = self.position.copy()
            for node in self.history.line[self.ply + 1 :]:
                replayed.play(node.move, node.mover)
            self._line, self._states = self.history.line, replayed.states
        return self._states

    # --- records ---

    def open(self, path: str) -> None:
        """Go on with the match of a .mat file."""
        self._begin(resume(str(Path(path).expanduser()), self.book.dice))
        self.halted, self.path = True, path
        self.tell(f"{Path(path).name}: game {self.book.game + 1}, {self.history.last} moves")

    def paste(self, text: str) -> None:
        """Go on from a GNU Backgammon ID, an XGID, or a match as text."""
        text = text.strip()
        if "\n" not in text:
            self._begin(resume(text, self.book.dice))
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pasted.mat"
            path.write_text(text, "utf-8", "replace")
            try:
                book = resume(str(path), self.book.dice)
            except mat.MatError as error:
                raise ValueError(f"what was pasted is no match: {error.sentence}") from None
        self._begin(book)
        self.halted = True

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
        """Return the position as GNU Backgammon and eXtreme Gammon write it, to be copied."""
        return f"{gnubg_id.to_id(self.position.state)}\n{xgid.to_id(self.position.state)}\n"

    def _players(self) -> tuple[str, str]:
        made = self.player.name if self.player else "backgammon"
        return tuple("person" if side in self.people else f"Yomi ({made})" for side in (FIRST, SECOND))


VERBS: dict[type, Callable] = {
    say.RollDice: lambda match, message: match.cube(ROLL),
    say.Double: lambda match, message: match.cube(DOUBLE),
    say.Take: lambda match, message: match.cube(TAKE),
    say.Drop: lambda match, message: match.cube(DROP),
    say.SetDice: lambda match, message: match.set_dice((message.a, message.b)),
    say.Hint: lambda match, message: match.want_hint(),
    say.NextGame: lambda match, message: match.next_game(),
    say.Open: lambda match, message: match.open(message.path),
    say.Save: lambda match, message: match.save(message.path),
    say.PasteText: lambda match, message: match.paste(message.text),
    say.Set: lambda match, message: match.resign(int(message.value)),
}


def judge(line: list[Node], ply: int, hint: Hint) -> None:
    """Note what the position of a ply is worth, and what is left of that after the choice that was made there."""
    found = hints.analysis(hint)
    line[ply].thought, line[ply].value = found, found.value
    end = ply + 1
    while end < len(line) and hint.state[DICE] and line[end].move < ROLL and line[end].mover == line[ply + 1].mover:
        line[end].value = found.value
        end += 1
    end -= bool(hint.state[DICE])
    if end >= len(line) or end == ply:
        return
    equity = _worth(hint, tuple(node.move for node in line[ply + 1 : end + 1]))
    if equity is not None:
        line[end].value = hints.value_to_first(hint.state, equity)


def _worth(hint: Hint, moves: tuple[int, ...]) -> float | None:
    """Return the equity of what was played, in whatever order its men were moved."""
    if hint.decision is not None:
        return dict(hints.answers(hint)).get(moves)
    after = Position(backgammon, hint.state)
    for move in moves:
        after.play(move)
    return next((play.equity for play in hint.plays if np.array_equal(play.after, after.state)), None)


Match.verbs = Session.verbs | VERBS
