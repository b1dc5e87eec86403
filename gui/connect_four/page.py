"""Connect Four's page: a scene made of a session, and what clicks and keys on the board mean."""

from collections.abc import Mapping
from time import perf_counter

import pygame

from engine.networks.model import shipped
from games import connect_four
from games.connect_four.rules import COLUMNS, ROWS
from games.connect_four.writing import discs, four
from games.game import FIRST, NOBODY, SECOND, Position
from gui import messages as say
from gui.connect_four.session import SIDES, ConnectFourRecords, ConnectFourSession
from gui.connect_four.view import RED, YELLOW, ColumnMark, ConnectFourScene, ConnectFourView, draw_disc
from gui.ending import AGAIN, REVIEW, headline, swap
from gui.field import NOTHING, Field, Values
from gui.level_field import level_field, limit_fields
from gui.messages import Message
from gui.opponent import PlayerStore, of_choices
from gui.page import Action, Card, Ending, Overlay, Page, chance_of, move_action
from gui.thinker import Thinker
from gui.widgets.theme import Theme

PEOPLE = {"red": {FIRST}, "yellow": {SECOND}, "both": {FIRST, SECOND}, "none": set()}

ACCELERATION = 55.0
"""Rows a second squared: a disc falls through the board in half a second."""


class ConnectFourPage(Page):
    """One game of Connect Four on screen."""

    name, title, sides = connect_four.name, "Connect Four", SIDES
    colours = (RED, YELLOW)
    reach, measure = 1.0, "chance to win"
    watched: Mapping[str, object] = {"colour": "none", "level": "time"}
    watched_tab = "Search"
    usual_file, suffixes = "game.c4", (".c4",)
    overlays = (Overlay("candidates", "Candidates", "C"),)
    keys = (("1 to 7, click", "drop a disc into that column"), ("C", "candidates, with their values"))
    store = PlayerStore(connect_four.name)
    read, read_text = staticmethod(ConnectFourRecords.read), staticmethod(ConnectFourRecords.read_text)

    def __init__(self, session: ConnectFourSession, theme: Theme):
        self.session, self.theme, self.view = session, theme, ConnectFourView(theme)
        self.shown: set[str] = set()
        self.mouse: tuple[int, int] | None = None
        self.line: tuple[int, ...] | None = None  # the variation that is shown
        self.longest = 8  # moves of a variation
        self.seen, self.dropped = session.ply, 0.0  # the ply that was on the board, and since when the next one is

    # --- how a game begins ---

    @staticmethod
    def fields(values: Values = NOTHING) -> tuple[Field, ...]:
        """List what can be chosen on the start page."""
        models = tuple((name, name) for name in (*shipped(connect_four.name), "rollouts"))
        colours = (("red", "Red"), ("yellow", "Yellow"), ("both", "both"), ("none", "nobody: Yomi alone"))
        return (
            Field("colour", "You play", "red", colours, "Red begins.", front=True),
            level_field(connect_four.name),
            *limit_fields("1"),
            Field("model", "Engine", models[0][0], models, "By time: the network that proposes moves, or none."),
        )

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "ConnectFourPage":
        """Begin a game with these choices; raise `ValueError` for what cannot be."""
        opponent = of_choices(connect_four.name, values, 1.0)
        people = PEOPLE[str(values.get("colour", "red"))]
        position = Position(connect_four, connect_four.start())
        return cls(ConnectFourSession(position, cls.store.maker(opponent), people, thinker, opponent), theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme, self.view = theme, ConnectFourView(theme)

    # --- time ---

    def poll(self) -> bool:
        """Let the game go on, and a new disc fall; return whether anything changed."""
        changed = self.session.poll()
        if self.session.ply == self.seen + 1:
            self.dropped = perf_counter()
        self.seen = self.session.ply
        return changed

    @property
    def height(self) -> float:
        """How many rows the last disc is above its cell."""
        moves = self.session.position.moves
        if not moves or not self.dropped:
            return 0.0
        depth = ROWS - moves.count(moves[-1])
        return max(0.0, depth + 1 - 0.5 * ACCELERATION * (perf_counter() - self.dropped) ** 2)

    @property
    def animating(self) -> bool:
        """Whether a disc falls."""
        return self.height > 0

    # --- what is seen ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the board as the session has it."""
        self.view.draw(surface, rect, self.scene())

    def scene(self) -> ConnectFourScene:
        """Describe the board as it is shown now."""
        position = self.session.position
        line = None if position.over else self._shown_line()
        column = self._column() if self.session.awaits_person else None
        return ConnectFourScene(
            discs(position.state),
            last=landed(position, len(position.moves) - 1) if position.moves else None,
            four=tuple(four(position.state)),
            lit=column,
            ghost=None if line or column is None else self._ghost(column),
            candidates=() if position.over else self._candidates(),
            variation=self._variation(line) if line else (),
            height=self.height,
        )

    def _column(self) -> int | None:
        return self.view.column_at(self.mouse) if self.mouse else None

    def _ghost(self, column: int) -> tuple[int, int, int] | None:
        position = self.session.position
        if position.why_not(column):
            return None
        return ROWS - 1 - position.moves.count(column), column, position.turn + 1

    def _shown_line(self) -> tuple[int, ...] | None:
        """Return the moves to show: of a step, or of the inspector or a list."""
        event = self.session.engine.event
        return event.path if event and event.path else self.line

    def _candidates(self) -> tuple[ColumnMark, ...]:
        turn, thought = self.session.position.turn, self.session.thought
        lesson = self.session.lesson
        if lesson and lesson.node is self.session.course.here:
            played = ColumnMark(lesson.played[0], "played", chance_words(lesson.played_value, turn), 0.0)
            better = ColumnMark(lesson.better[0], "better", chance_words(lesson.better_value, turn), 1.0)
            return (played,) if lesson.hidden else (played, better)
        if self.opinion:
            policy = self.opinion.policy[:COLUMNS]
            most = max(float(policy.max()), 1e-9)
            return tuple(ColumnMark(k, f"{100 * p:.0f}%", "policy", float(p) / most) for k, p in enumerate(policy))
        if "candidates" not in self.shown or thought is None or not thought.lines:
            return ()
        best = max(1, thought.lines[0].visits)
        return tuple(
            ColumnMark(line.move, f"{chance_of(line.value, turn):.0f}", f"{line.visits:,}", line.visits / best)
            for line in thought.lines
            if line.visits
        )

    def _variation(self, line: tuple[int, ...]) -> tuple[tuple[int, int, int, int], ...]:
        shown, future = [], self.session.position.copy()
        for number, move in enumerate(line[: self.longest], 1):
            if future.why_not(move):
                break
            turn = future.turn
            future.play(move)
            shown.append((*landed(future, len(future.moves) - 1), turn + 1, number))
        return tuple(shown)

    def place_of(self, name: str) -> tuple[int, int]:
        """Return the pixel of a column, 1 to 7; raise `ValueError` where there is none."""
        if name not in tuple("1234567"):
            raise ValueError(f"there is no column {name!r}: they are 1 to 7")
        return self.view.place(0, int(name) - 1)

    # --- what is done ---

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Return what a click or a key on the board means."""
        if event.type == pygame.MOUSEMOTION:
            self.mouse = event.pos
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            return self._chosen(self.view.column_at(event.pos))
        elif event.type == pygame.MOUSEWHEEL and self._column() is not None:
            return say.StepBy(-1 if event.y > 0 else 1) if event.y else None
        elif event.type == pygame.KEYDOWN and event.unicode in tuple("1234567"):
            return self._chosen(int(event.unicode) - 1)
        return None

    def _chosen(self, column: int | None) -> Message | None:
        if column is None or self.session.over:
            return None
        if not self.session.awaits_person and not self.session.halted:
            return say.Say("it is not your turn")
        return say.Play(column)

    def receive(self, message: Message) -> bool:
        """Do what a message asks; return False where this game and its session do not know it."""
        match message:
            case say.ToggleOverlay(name):
                self.shown = self.shown ^ {name}
            case say.Hover(moves):
                self.line = moves
            case say.SetVariation(moves):
                self.longest = moves
            case _:
                self.line = None
                return self.session.handle(message)
        return True

    # --- what is said of the game ---

    def card(self, side: int) -> Card:
        """Describe one side."""
        people = self.session.people
        name = SIDES[side] if people == {FIRST, SECOND} else "You" if side in people else "Yomi"
        return Card(name, SIDES[side])

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw a side's disc."""
        draw_disc(surface, self.theme, centre, diameter, side + 1)

    def facts(self) -> str:
        """Return the move number, and who plays for Yomi."""
        opponent = self.session.opponent
        who = f"  ·  {opponent.short}" if opponent and len(self.session.people) < 2 else ""
        return f"move {self.session.ply}{who}"

    def actions(self) -> tuple[Action, ...]:
        """List the buttons of the Game tab as they are now."""
        session = self.session
        return (
            Action("Undo", say.Undo(), session.ply > 0 or bool(session.ended), "U"),
            Action("Redo", say.Redo(), session.ply < session.history.last, "R"),
            Action("Resign", say.Resign(), session.awaits_person, "Ctrl R"),
            Action("Analyse", say.Analyse(), not session.over, "Space"),
            move_action(session),
            Action("Stop", say.StopThinking(), session.engine.doing not in ("", "prepare"), "S"),
            Action("New", say.ShowPage("start"), True, "N"),
        )

    def ending(self) -> Ending | None:
        """Return what the card says at the end of the game."""
        session = self.session
        if not session.over:
            return None
        how = "by resignation" if session.ended else "with four in a row" if session.winner != NOBODY else ""
        sides = swap(tuple(PEOPLE)[:2], str(self.began.get("colour", "red"))) if len(session.people) == 1 else ()
        return Ending(headline(session, how), (f"{session.ply} moves.",), (REVIEW, AGAIN, *sides))

    def sound(self, before: int, ply: int) -> str:
        """Name the sound of what happened since a ply."""
        return "end" if self.session.over else "stone" if ply == before + 1 else ""


# --- from choices to games --------------------------------------------------------------------------------


def chance_words(value: float, side: int) -> str:
    """Write a side's winning chance."""
    return f"{chance_of(value, side):.0f} %"


def landed(position: Position, number: int) -> tuple[int, int]:
    """Return the cell (row from the top, column) on which the disc of a move landed."""
    column = position.moves[number]
    return ROWS - position.moves[: number + 1].count(column), column


PAGE = ConnectFourPage
