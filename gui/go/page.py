"""Go's page: a scene made of a session, and what clicks and keys on the board mean."""

from collections.abc import Mapping

import numpy as np
import pygame

from engine.clock import Clock
from engine.stepping import RolledOut
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import rules as go_rules
from gui import messages as say
from gui.go import record, scene, start
from gui.go.editing import HOW, EditStone, EditTurn
from gui.go.ending import ending
from gui.go.session import SIDES, GoSession
from gui.go.view import BLACK, WHITE, GoScene, GoView
from gui.messages import Message
from gui.opponent import PlayerStore
from gui.page import Action, Card, Ending, Overlay, Page, move_action
from gui.session import want
from gui.thinker import Thinker
from gui.widgets.theme import BLACK_STONE, WHITE_STONE, Theme

OVERLAYS = (
    Overlay("candidates", "Candidates", "C"),
    Overlay("heat", "Policy", "T"),
    Overlay("ownership", "Ownership", "O"),
    Overlay("coordinates", "Coordinates", "G"),
    Overlay("edit", "Edit stones", hint="Set a position up by clicks: it begins a game of its own."),
)


class GoPage(Page):
    """One game of Go on screen."""

    name, title, sides = "go", "Go", SIDES
    colours = (BLACK_STONE, WHITE_STONE)
    reach, measure = 1.0, "chance to win"
    watched: Mapping[str, object] = {"colour": "none", "level": "time"}
    watched_tab = "Search"
    usual_file, suffixes = "game.sgf", (".sgf",)
    overlays = OVERLAYS
    keys = (
        ("click", "play there; when the game is over, mark stones as dead"),
        ("P", "pass"),
        ("C, T, O, G", "candidates, policy, ownership, coordinates"),
        ("K", "play by the arrow keys and Enter; again: the mouse"),
    )
    store = PlayerStore("go")

    def __init__(self, session: GoSession, theme: Theme):
        self.session, self.theme = session, theme
        self.view = GoView(theme)
        self.shown = {"coordinates"}
        self.mouse: tuple[int, int] | None = None
        self.cursor: tuple[int, int] | None = None
        self.line: tuple[int, ...] | None = None  # the variation that is shown
        self.most, self.longest = 8, 8  # candidates and moves of a variation

    # --- how a game begins ---

    fields = staticmethod(start.fields)
    read, read_text = staticmethod(record.read), staticmethod(record.read_text)

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "GoPage":
        """Begin a game with these choices; raise `ValueError` for what cannot be."""
        given = values.get("position")
        position = given if isinstance(given, Position) else start.opening(values)
        opponent = start.chosen_opponent(values)
        about = go_board.described(position.states[0])
        make = cls.store.maker(opponent, size=about["size"], komi=about["komi"])
        people = start.PEOPLE[str(values.get("colour", "black"))]
        return cls(GoSession(position, make, people, start.clocks_of(values), thinker, opponent), theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme, self.view = theme, GoView(theme)

    # --- what is seen ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the board as the session has it."""
        self.view.draw(surface, rect, self.scene())

    def scene(self) -> GoScene:
        """Describe the board as it is shown now."""
        session, shown = self.session, self.shown
        position = session.position
        over = position.over
        line = None if over else self._shown_line()
        if isinstance(session.engine.event, RolledOut) and session.engine.event.result is not None:
            return GoScene(go.colours(session.engine.event.judged).astype(np.int8), coordinates="coordinates" in shown)
        return GoScene(
            stones=go.colours(position.state).astype(np.int8),
            last=scene.point_of(session, position.moves[-1]) if position.moves else None,
            ghost=None if line else self._ghost(),
            cursor=self.cursor,
            coordinates="coordinates" in shown,
            candidates=scene.candidate_marks(session, self.most)
            if "candidates" in shown and not over and not self.opinion
            else (),
            heat=None if over else self._heat(),
            ownership=session.territory if over else session.map("ownership") if "ownership" in shown else None,
            dead=session.dead if over else None,
            variation=scene.variation_stones(session, line[: self.longest]) if line else (),
            compared=scene.compared_marks(session),
            shapes=session.records.marks,
            marks=() if line or over else scene.branch_marks(session),
            note="" if line else scene.announcement(session),
        )

    def _heat(self) -> np.ndarray | None:
        """Return the policy to show: a checkpoint's, or the engine's."""
        if self.opinion:
            return self.opinion.policy[:-1].reshape(self.session.size, -1)
        return self.session.map("heat") if "heat" in self.shown else None

    def _move_at(self, pos: tuple[int, int] | None) -> int | None:
        point = self.view.at(pos) if pos else None
        return None if point is None else point[0] * self.session.size + point[1]

    def _ghost(self) -> tuple[int, int, int] | None:
        session = self.session
        move = self._move_at(self.mouse)
        if move is None or not session.awaits_person or session.position.why_not(move):
            return None
        return (*divmod(move, session.size), BLACK if session.position.turn == FIRST else WHITE)

    def _shown_line(self) -> tuple[int, ...] | None:
        """Return the moves to show: of a step, of the inspector or a list, of the candidate under the mouse."""
        if self.session.engine.event and self.session.engine.event.path:
            return self.session.engine.event.path
        return self.line or self._hovered_line()

    def _hovered_line(self) -> tuple[int, ...] | None:
        move, thought = self._move_at(self.mouse), self.session.thought
        if move is None or thought is None or "candidates" not in self.shown:
            return None
        lines = (line for line in thought.lines[: self.most] if line.move == move and line.visits > 1)
        return next((tuple(line.variation) for line in lines), None)

    def place_of(self, name: str) -> tuple[int, int]:
        """Return the pixel of a point such as E5; raise `ValueError` where there is none."""
        return self.view.place(divmod(go_board.move(name, self.session.size), self.session.size))

    # --- what is done ---

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Return what a click or a key on the board means."""
        if event.type == pygame.MOUSEMOTION:
            self.mouse = event.pos
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button in (1, 3) and "edit" in self.shown:
            move = self._move_at(event.pos)
            return None if move is None else EditStone(move, BLACK if event.button == 1 else WHITE)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.cursor = None
            return self._chosen(self._move_at(event.pos))
        elif event.type == pygame.MOUSEWHEEL and self._move_at(self.mouse) is not None:
            return say.StepBy(-1 if event.y > 0 else 1) if event.y else None
        elif event.type == pygame.KEYDOWN and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META):
            return self._key(event.key)
        return None

    def _chosen(self, move: int | None) -> Message | None:
        if move is None:
            return None
        session = self.session
        if session.position.over:
            return say.MarkDead(move)
        if not session.awaits_person and not session.halted:
            return say.Say("it is not your turn")
        return say.Play(move)

    def _key(self, key: int) -> Message | None:
        if key == pygame.K_p:
            return say.Pass() if self.session.awaits_person else say.Say("it is not your turn")
        if key == pygame.K_k:
            middle = self.session.size // 2
            self.cursor = None if self.cursor else (middle, middle)
            return say.Hover()
        steps = {pygame.K_UP: (-1, 0), pygame.K_DOWN: (1, 0), pygame.K_LEFT: (0, -1), pygame.K_RIGHT: (0, 1)}
        if self.cursor and key in steps:
            last = self.session.size - 1
            row, column = (min(last, max(0, a + b)) for a, b in zip(self.cursor, steps[key], strict=True))
            self.cursor = row, column
            return say.Hover()
        if self.cursor and key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            return self._chosen(self.cursor[0] * self.session.size + self.cursor[1])
        return None

    def receive(self, message: Message) -> bool:
        """Do what a message asks; False where this game and its session do not know it."""
        match message:
            case say.ToggleOverlay(name):
                self.shown = self.shown ^ {name}
                self.session.tell(HOW if name == "edit" and "edit" in self.shown else self.session.said)
                want(self.session, self.shown & {"ownership", "heat"})
            case say.Hover(moves):
                self.line = moves
            case say.SetCandidates(count):
                self.most = count
            case say.SetVariation(moves):
                self.longest = moves
            case say.Pass() if "edit" in self.shown:
                return self.session.handle(EditTurn())
            case _:
                self.line = None
                return self.session.handle(message)
        return True

    # --- the game in words ---

    def card(self, side: int) -> Card:
        """Describe one side: its prisoners and its clock."""
        session = self.session
        lost = int(session.position.state[go_rules.LOST + np.uint64(WHITE if side == FIRST else BLACK)])
        name = "You" if side in session.people else "Yomi"
        if session.people == {FIRST, SECOND}:
            name = session.records.names.names[side] or SIDES[side]
        rank = session.records.names.ranks[side]
        return Card(
            name, f"{rank}  ·  {lost} captured" if rank else f"{lost} captured", clock_words(session.clocks.left(side))
        )

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw a side's stone."""
        colour = BLACK_STONE if side == FIRST else WHITE_STONE
        self.theme.disc(surface, centre, diameter, colour, (120, 120, 120), shade=True)

    def facts(self) -> str:
        """Say the rules, the komi and who plays for Yomi."""
        about = go_board.described(self.session.position.states[0])
        rules = dict(start.RULES)[about["rules"]]
        words = f"move {self.session.ply}  ·  {rules}  ·  komi {about['komi']:g}"
        lead = self.session.lead
        words += "" if lead is None else f"  ·  about {'B' if lead > 0 else 'W'}+{abs(lead):.0f} by ownership"
        stated = self.session.written_result
        words += f"  ·  {stated}" if stated and self.session.records.is_stated else ""
        if self.session.opponent and len(self.session.people) < 2:
            words += f"  ·  {self.session.opponent.short}"
        return words

    def actions(self) -> tuple[Action, ...]:
        """List the buttons of the Game tab as they are now."""
        session = self.session
        playing = session.awaits_person
        thinks = session.engine.doing not in ("", "prepare")
        return (
            Action("Pass", say.Pass(), playing, "P"),
            Action("Undo", say.Undo(), session.ply > 0 or bool(session.ended), "U"),
            Action("Redo", say.Redo(), session.ply < session.history.last, "R"),
            Action("Resign", say.Resign(), playing, "Ctrl R"),
            Action("Analyse", say.Analyse(), not session.over, "Space"),
            move_action(session),
            Action("Stop", say.StopThinking(), thinks, "S"),
            Action("New", say.ShowPage("start"), True, "N"),
        )

    def ending(self) -> Ending | None:
        """Return what the card says at the end of the game."""
        return ending(self.session, self.began)

    def sound(self, before: int, ply: int) -> str:
        """Name the sound of what happened since a ply."""
        position = self.session.position
        if self.session.over:
            return "end"
        if ply != before + 1:
            return ""
        if position.moves[-1] == self.session.size**2:
            return "pass"
        taken = np.count_nonzero(go.colours(position.states[-2])) >= np.count_nonzero(go.colours(position.state))
        return "capture" if taken else "stone"


def clock_words(clock: Clock | None) -> str:
    """Write a clock: 9:57, or 0:24 (3) with the periods or stones left."""
    if clock is None or clock.left is None:
        return ""
    minutes, seconds = divmod(int(max(0.0, clock.left)), 60)
    return f"{minutes}:{seconds:02}" + (f" ({clock.count})" if clock.count else "")


PAGE = GoPage
"""What the window offers of this game."""
