"""The scene of a match: its position, a turn in the making or a move on its way, and what is shown with it."""

from dataclasses import dataclass, field

import numpy as np

from engine.backgammon.player import moves_of_turn
from engine.stepping import Evaluated, RolledOut
from games.backgammon.rules import CUBE, DICE, FIRST_ROLL, MOVER, OFFERED, OPENING, ROLL
from games.game import FIRST, NOBODY, SECOND
from gui import messages as say
from gui.backgammon import scene as scenes
from gui.backgammon.hand import Hand
from gui.backgammon.layout import MINE, NOBODYS, THEIRS
from gui.backgammon.match import MatchSession
from gui.backgammon.playback import Picture, Playback, tumbling
from gui.backgammon.turn import Turn
from gui.backgammon.view import Arrow, ArrowKind, BackgammonScene
from gui.backgammon.words import answer_to_double
from gui.messages import Message
from gui.tabs.ghost_ladder import Answer

GAINS = (("Game", 1), ("Gammon", 2), ("Backgammon", 3))
"""Buttons that ask how much is given up."""


@dataclass
class Shown:
    """What the person chose to see."""

    overlays: set[str] = field(default_factory=lambda: {"arrows"})
    hovered: int = -1  # a row of the hints
    advised: tuple[int, ...] = ()  # moves of a line that another tab shows
    opinion: Answer | None = None  # what a checkpoint of a run thinks
    resigning: bool = False  # it is asked how much is given up


class MatchScene:
    """Makes scenes of a match. It changes nothing."""

    def __init__(self, match: MatchSession, hand: Hand, playback: Playback, shown: Shown):
        self.match, self.hand, self.playback, self.shown = match, hand, playback, shown

    @property
    def picture(self) -> Picture:
        return self.playback.picture

    @property
    def viewer(self) -> int:
        """From whose side the board is seen."""
        side = SECOND if self.match.people == {SECOND} else FIRST
        return 1 - side if "across" in self.shown.overlays else side

    @property
    def judged(self) -> Evaluated | RolledOut | None:
        """The phase of a simulation whose position stands on the board, instead of the game's."""
        event = self.match.engine.event
        return event if isinstance(event, Evaluated | RolledOut) else None

    def scene(self) -> BackgammonScene:
        """Describe the board as it is shown now."""
        return self._judged_scene(self.judged) if self.judged else self._match_scene()

    def _judged_scene(self, event: Evaluated | RolledOut) -> BackgammonScene:
        """Describe the position that a phase of a simulation judges."""
        state, viewer = event.judged, self.viewer
        rolled_out = isinstance(event, RolledOut) and event.result is not None
        mover = scenes.whose(int(state[MOVER]), viewer)
        return BackgammonScene(
            checkers=scenes.seen_checkers(state, viewer),
            sides=scenes.sides_of(state, viewer, self.match.names, self.match.book.points(self.match.position.state)),
            dark=viewer == FIRST,
            dice=scenes.dice_of(state),
            thrower=mover,
            home_left="left" in self.shown.overlays,
            numbers=mover,
            to_move=scenes.whose(scenes.on_turn(state), viewer),
            note="here the rollout ended" if rolled_out else "this leaf is judged",
            **scenes.cube_of(state, viewer),
        )

    def _match_scene(self) -> BackgammonScene:
        picture, viewer, position, turn = self.picture, self.viewer, self.match.position, self.hand.turn
        before = position.states[min(picture.ply, len(position.states) - 1)]
        state = turn.state if turn else before
        mover = int(before[MOVER])
        fields: dict = scenes.cube_of(before, viewer)
        fields |= self._dice_fields(before, picture, turn)
        fields |= self.hand.fields(turn) if turn else self._moving_fields(before, picture)
        fields.setdefault("checkers", scenes.seen_checkers(state, viewer))
        points = self.match.points if picture.move is None else self.match.book.points(before)
        return BackgammonScene(
            sides=scenes.sides_of(state, viewer, self.match.names, points),
            dark=viewer == FIRST,
            home_left="left" in self.shown.overlays,
            numbers=MINE if "own numbers" in self.shown.overlays or before[OPENING] else scenes.whose(mover, viewer),
            to_move=scenes.whose(scenes.on_turn(before), viewer),
            note=scenes.note_of(before),
            announcement=self._announcement(),
            arrows=self._arrows(),
            **fields,
        )

    def _announcement(self) -> str:
        """Return what is written in place of Yomi's name where it has just answered a double."""
        shown = self.picture.ply + (self.picture.move is not None)
        return "" if self.match.halted else answer_to_double(self.match, shown)

    def _dice_fields(self, state: np.ndarray, picture: Picture, turn: Turn | None) -> dict[str, object]:
        viewer, move = self.viewer, picture.move
        thrower = scenes.whose(int(state[MOVER]), viewer)
        if move is not None and move >= FIRST_ROLL:
            dice, each_one = scenes.thrown(move, bool(state[OPENING]), viewer)
            phase = tumbling(self.match.position, picture.ply, picture.phase)
            return {"dice": dice, "thrower": NOBODYS if each_one else thrower, "roll": phase}
        return {"dice": scenes.dice_of(state, turn), "thrower": thrower}

    def _moving_fields(self, state: np.ndarray, picture: Picture) -> dict[str, object]:
        """Return the checker on its way, and the checkers without it."""
        if picture.move is None or picture.move >= ROLL:
            return {}
        flight = scenes.flight_of(state, picture.move, picture.phase, self.viewer)
        return {"flight": flight, "checkers": scenes.lifted(scenes.seen_checkers(state, self.viewer), flight.source)}

    # --- arrows ---

    def _arrows(self) -> tuple[Arrow, ...]:
        """Return the arrows of advice, else of the other side's last play."""
        position, viewer, picture = self.match.position, self.viewer, self.picture
        lesson = self.match.lesson
        if lesson and lesson.node is self.match.course.here and picture.move is None and not self.hand.begun:
            mover = int(position.state[MOVER])
            played = scenes.arrows_of(plays_in(lesson.played[: lesson.length]), mover, viewer, "blunder")
            better = () if lesson.hidden else scenes.arrows_of(plays_in(lesson.better), mover, viewer, "best")
            return (*played, *better)
        moves, kind = self._advice()
        if moves and picture.move is None and not self.hand.begun:
            return scenes.arrows_of(moves, int(position.state[MOVER]), viewer, kind)
        busy = picture.move is not None or self.hand.held or self.hand.begun
        if "arrows" not in self.shown.overlays or busy:
            return ()
        mover, moves = scenes.last_play(position, picture.ply)
        mine = mover == scenes.on_turn(position.states[min(picture.ply, len(position.states) - 1)])
        return scenes.arrows_of(moves, mover, viewer, "last") if mover != NOBODY and not mine else ()

    def _advice(self) -> tuple[tuple[int, ...], ArrowKind]:
        hint, shown = self.match.shown_hint, self.shown
        if (
            self.match.engine.event and self.match.engine.event.path
        ):  # the way of the simulation that is stepped through
            return self.match.engine.event.path, "best"
        if shown.advised:
            return shown.advised, "best"
        if shown.opinion and shown.opinion.plays:
            return moves_of_turn(self.match.position.state, shown.opinion.plays[0].moves), "best"
        if hint is None or not hint.plays or "hints" not in shown.overlays:
            return (), "best"
        row = shown.hovered if 0 <= shown.hovered < len(hint.plays) else 0
        return hint.plays[row].moves, "best" if row == 0 else "second"

    # --- buttons on the board ---

    def button_half(self) -> int:
        """Return in whose half of the board the buttons lie."""
        state = self.match.position.state
        if state[OFFERED]:
            return scenes.whose(int(state[MOVER]), self.viewer)
        mine = scenes.whose(scenes.on_turn(state), self.viewer) != THEIRS
        return THEIRS if mine == bool(state[DICE]) else MINE

    def buttons(self) -> tuple[tuple[str, Message], ...]:
        """Return the buttons that lie on the board now: words and messages."""
        match, turn = self.match, self.hand.turn
        if self.judged or match.awaits_dice:
            return ()
        if self.shown.resigning and not match.over:
            stake = 1 << int(match.position.state[CUBE])
            gains = ((f"{words}: {stake * gain}", say.Resign(gain)) for words, gain in GAINS)
            return *gains, ("Play on", say.KeepPlaying())
        if self.playback.moving:
            return ()
        if match.over:
            return (("New match", say.ShowPage("start")),) if match.match_over else (("Next game", say.NextGame()),)
        if turn:
            done = (("Done", say.Plays(turn.moves)),) if turn.complete else ()
            return (*done, ("Undo", say.Undo())) if turn.moves else ()
        if not match.awaits_person:
            return ()
        if match.position.state[OFFERED]:
            return ("Take", say.Take()), ("Drop", say.Drop())
        return ("Roll", say.RollDice()), ("Double", say.Double())


def plays_in(moves: tuple[int, ...]) -> tuple[int, ...]:
    """Return the checker moves of a turn; none of a decision about the cube."""
    return tuple(move for move in moves if move < ROLL)
