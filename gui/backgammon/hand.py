"""The hand on the backgammon board: how mouse and keyboard make a turn. The page passes in what the board shows."""

from collections.abc import Sequence

import numpy as np
import pygame

from games.backgammon import rules
from games.backgammon.writing import write_play
from gui import messages as say
from gui.backgammon import scene as scenes
from gui.backgammon import turn as turns
from gui.backgammon.match import MatchSession
from gui.backgammon.turn import Turn
from gui.backgammon.view import BackgammonView, Carried
from gui.messages import Message

DRAG = 5
"""Points that the mouse moves before a press becomes a drag."""


class Hand:
    """A turn in the making, and the checker that is pressed, dragged or chosen by the keyboard."""

    def __init__(self, session: MatchSession, view: BackgammonView):
        self.session, self.view = session, view
        self.viewer, self.choosing = 0, False
        self.turn: Turn | None = None
        self._turn_of: np.ndarray | None = None  # the position that the turn is about
        self.mouse: tuple[int, int] | None = None
        self.held: tuple[int, tuple[int, int]] | None = None  # the cell that was pressed, and where
        self.dragging = False
        self.cursor: int | None = None  # a cell of the board, where the keyboard is

    def follow(self, viewer: int, choosing: bool, busy: bool) -> None:
        """Begin a turn where a person is to make one, a new one where the position is another.

        `choosing`: a click chooses a checker, and does not move it; `busy`: the board still shows what happened before.
        """
        self.viewer, self.choosing = viewer, choosing
        session, state = self.session, self.session.position.state
        if busy or not session.awaits_person or not state[rules.DICE]:
            self.turn = self._turn_of = None
        elif self._turn_of is not state:
            self.turn, self._turn_of = turns.begin(state), state

    @property
    def begun(self) -> bool:
        """Whether a checker was moved in this turn."""
        return self.turn is not None and bool(self.turn.moves)

    # --- what is seen of it ---

    def fields(self, turn: Turn) -> dict[str, object]:
        """Return the scene's fields: what is lit, chosen and carried."""
        source = self._source_in_hand(turn)
        fields: dict[str, object] = {"sources": self._seen(turn, turns.sources(turn)), "cursor": self.cursor}
        if source is None:
            return fields
        place = scenes.seen_cell(source, turn.mover, self.viewer)
        fields |= {"source": place, "targets": self._seen(turn, turns.ways(turn, source))}
        if self.dragging and self.mouse:
            fields["checkers"] = scenes.lifted(scenes.seen_checkers(turn.state, self.viewer), place)
            fields["carried"] = Carried(self.mouse, scenes.whose(turn.mover, self.viewer))
        return fields

    def _seen(self, turn: Turn, cells) -> frozenset[int]:
        return frozenset(scenes.seen_cell(cell, turn.mover, self.viewer) for cell in cells)

    def _source_in_hand(self, turn: Turn) -> int | None:
        """Return the checker that is held, chosen, or under the mouse."""
        cell = self._cell_at(self.mouse) if turn.source is None else turn.source
        if self.held:
            cell = self.held[0]
        return cell if cell in turns.sources(turn) else None

    def _cell_at(self, pos: tuple[int, int] | None) -> int | None:
        """Return the cell at a place, as the player on turn counts."""
        found = self.view.at(pos) if pos else None
        if not isinstance(found, int) or self.turn is None:
            return None
        return scenes.meant_cell(found, self.turn.mover, self.viewer)

    # --- mouse ---

    def moved(self, pos: tuple[int, int], scale: float) -> None:
        """Follow the mouse."""
        self.mouse = pos
        if self.held and pygame.Vector2(pos).distance_to(self.held[1]) > DRAG * scale:
            self.dragging = True

    def pressed(self, turn: Turn, pos: tuple[int, int], other: bool) -> Message | None:
        """Take a checker up, or do what a click on the dice or another place means; `other`: the right button."""
        if self.view.at(pos) == "dice":
            return self.swap_or_end(turn)
        cell = self._cell_at(pos)
        self.held = None
        if cell is None:
            return None
        if other:
            return self.keep(turns.click(turn, cell, other_die=True))
        if cell in turns.sources(turn):
            self.held = (cell, pos)
            return None
        return self.keep(self._click(turn, cell))

    def released(self, turn: Turn | None, pos: tuple[int, int]) -> Message | None:
        """Put the checker down: where it was dragged to, else as a click moves it."""
        held, dragged = self.held, self.dragging
        self.held, self.dragging = None, False
        if held is None or turn is None:
            return None
        cell = self._cell_at(pos)
        if dragged and cell != held[0]:
            return None if cell is None else self.keep(turns.move_checker(turn, held[0], cell))
        return self.keep(self._click(turn, held[0]))

    def _click(self, turn: Turn, cell: int) -> Turn:
        return turns.choose(turn, cell) if self.choosing else turns.click(turn, cell)

    def keep(self, turn: Turn) -> Message:
        """Take up a changed turn; play what is forced then, and say so."""
        grown = self.turn is not None and len(turn.moves) > len(self.turn.moves)
        self.turn = whole = turns.finish_forced(turn) if grown else turn
        if len(whole.moves) > len(turn.moves):
            return say.Say(f"{write_play(turn.state, whole.moves[len(turn.moves) :])} was forced")
        left = turns.unplayable(whole)
        if left:
            return say.Say(f"the {left[0]} cannot be played" if len(left) == 1 else "the rest cannot be played")
        return say.Say("") if grown else say.Hover()

    def swap_or_end(self, turn: Turn) -> Message:
        """Let the other die come first; where all are played, end the turn."""
        return say.Plays(turns.confirmed(turn)) if turn.complete else self.keep(turns.swap(turn))

    def undo(self) -> None:
        """Take back the last checker."""
        if self.turn is not None:
            self.turn = turns.undo(self.turn)

    def enter(self, moves: Sequence[int]) -> None:
        """Make a whole play; it is not confirmed yet."""
        if self.turn is not None:
            self.turn = turns.enter(self.turn, moves)

    def resize(self, view: BackgammonView) -> None:
        """Look at the places of another view from now on."""
        self.view = view

    def reach_for(self, pos: tuple[int, int]) -> None:
        """Follow the mouse to where it is pressed; the keyboard gives the board back."""
        self.mouse, self.cursor = pos, None

    # --- keyboard ---

    def toggle_cursor(self) -> Message:
        """Give the board to the keyboard, or back to the mouse."""
        self.cursor = None if self.cursor is not None else next(iter(self.stops()), None)
        return say.Hover()

    def move_cursor(self, step: int) -> Message:
        """Go to the next place."""
        stops = self.stops()
        if stops:
            at = stops.index(self.cursor) + step if self.cursor in stops else 0
            self.cursor = stops[at % len(stops)]
        return say.Hover()

    def choose_at_cursor(self, turn: Turn, cursor: int) -> Message:
        """Choose the checker at the cursor, or its target."""
        cell = scenes.meant_cell(cursor, turn.mover, self.viewer)
        message = say.Hover() if cell is None else self.keep(turns.choose(turn, cell))
        stops = self.stops()
        if self.cursor not in stops:
            self.cursor = next(iter(stops), self.cursor)
        return message

    def stops(self) -> list[int]:
        """Return the places of the cursor: targets of the chosen checker, else checkers that can move."""
        turn = self.turn
        if turn is None:
            return []
        cells = turns.sources(turn) if turn.source is None else {turn.source, *turns.ways(turn, turn.source)}
        places = {cell: self.view.layout.cell(cell).center for cell in self._seen(turn, cells)}
        return sorted(places, key=lambda cell: (places[cell][1], places[cell][0]))
