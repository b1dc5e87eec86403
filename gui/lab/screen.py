"""The lab's screen: a world on the left, what is learned there and how on the right. It lies over everything else."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import pygame

from gui import messages as say
from gui.lab import learning, views
from gui.lab.learning import GridLearner, NoughtsProof, PoleLearner
from gui.lab.views import Place
from gui.messages import Message
from gui.widgets.basic import Button, Tabs, Widget, is_key, pressed
from gui.widgets.ring import Ring
from gui.widgets.theme import BODY, GROUND, LARGE, PANEL, QUIET, SMALL, TEXT, Theme

GRID, POLE, NOUGHTS = "Grid", "Cart-pole", "Tic-tac-toe"

SWEEP_EVERY = 0.9
"""Seconds between two sweeps."""

STEPS_A_FRAME = 12
"""Steps that the agent takes on the grid between two pictures; the cart is pushed twice."""

PAUSE = 0.8
"""Seconds for which the end of an episode is shown."""


@dataclass(frozen=True)
class WorldNotes:
    """What is said beside a world: a sentence and a formula."""

    words: str
    formula: str


NOTES = {
    learning.SWEEPS: WorldNotes(
        "The rules are known: sweep after sweep each cell becomes worth its best step. Arrows show the best steps.",
        "V(s) <- max over a of  r + discount x V(s')",
    ),
    learning.WALKS: WorldNotes(
        "The rules are not known: an agent (the dot) walks and learns from what followed; at times it goes by chance.",
        "Q(s, a) <- Q(s, a) + rate x (r + discount x max Q(s', b) - Q(s, a))",
    ),
    POLE: WorldNotes(
        "Of 24 random policies the best 6 are kept, and the next 24 are drawn about them: the cross-entropy method.",
        "push right where  w1 x place + w2 x speed + w3 x angle + w4 x turning > 0",
    ),
    NOUGHTS: WorldNotes(
        "All 5,478 positions in one table; each sweep looks one move further. Click a cell or a board to go there.",
        "V(s) <- max over moves of  win now, or -V(s')",
    ),
}


class Press(Button):
    """A button that does something on this screen."""

    def __init__(self, label: str, do: Callable[[], None], hint: str = "", strong: bool = False):
        super().__init__(label, say.Hover(), hint, strong)
        self.do = do

    def handle(self, event, theme):
        """Do it, where it is pressed."""
        message = super().handle(event, theme)
        if message is not None:
            self.do()
        return message


class LabScreen:
    """What stands instead of a dialog while the lab is shown."""

    lively = True
    """Frames are drawn without events."""

    def __init__(self) -> None:
        self.grid, self.pole, self.noughts = GridLearner(), PoleLearner(), NoughtsProof()
        self.world, self.runs, self.due = GRID, True, perf_counter() + SWEEP_EVERY
        self.heads = Tabs((GRID, POLE, NOUGHTS), GRID, self._show)
        self.methods = Tabs((learning.SWEEPS, learning.WALKS), learning.SWEEPS, lambda name: self._other(method=name))
        self.fields = Tabs(tuple(learning.WORLDS), learning.CORNERS, lambda name: self._other(world=name))
        self.go = Press("Pause", self._toggle, "key: Space")
        self.one = Press("One step", self._one_step, "key: . (full stop)")
        self.anew = Press("Begin anew", self._begin, "Forget what was learned")
        self.up = Press("Back a move", self.noughts.back)
        self.close = Button("Close the lab", say.Close(), "key: Escape")
        self.ring = Ring()
        self.places: list[Place] = []
        self.mouse = (-1, -1)

    # --- what people ask ---

    def _show(self, name: str) -> Message:
        self.world = self.heads.chosen = name
        self.places = []  # those that are drawn are another world's
        return say.Hover()

    def _other(self, method: str = "", world: str = "") -> Message:
        self.methods.chosen, self.fields.chosen = method or self.methods.chosen, world or self.fields.chosen
        self.grid = GridLearner(self.methods.chosen, self.fields.chosen)
        return say.Hover()

    def _toggle(self) -> None:
        self.runs = not self.runs

    def _one_step(self) -> None:
        self.runs = False
        self._step()

    def _begin(self) -> None:
        {GRID: self.grid.begin, POLE: self.pole.begin, NOUGHTS: self.noughts.begin}[self.world]()

    # --- time ---

    def advance(self) -> None:
        """Let time pass: a sweep, some steps of the agent, some pushes."""
        if not self.runs:
            return
        now = perf_counter()
        if self.world == POLE:
            self._run_pole(now)
        elif self.world == GRID and self.grid.method == learning.WALKS:
            self.grid.step(STEPS_A_FRAME)
        elif now >= self.due:
            self.due = now + SWEEP_EVERY
            self._step()

    def _run_pole(self, now: float) -> None:
        if not self.pole.ended:
            for _ in range(2):
                if not self.pole.ended:
                    self.pole.push()
            self.due = now + PAUSE
        elif now >= self.due:
            self._step()

    def _step(self) -> None:
        if self.world == GRID:
            self.grid.step()
        elif self.world == NOUGHTS:
            self.noughts.step()
        else:
            self.pole.generation()
            self.pole.show()

    # --- what is seen ---

    def widgets(self) -> list[Widget]:
        """List the widgets of the world that is shown."""
        own: dict[str, list[Widget]] = {GRID: [self.methods, self.fields], POLE: [], NOUGHTS: [self.up]}
        return [self.heads, *own[self.world], self.go, self.one, self.anew, self.close]

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the world, and beside it what is learned."""
        whole, px = surface.get_rect(), theme.px
        surface.fill(GROUND)
        wide = max(px(300), min(px(420), whole.width - whole.height))
        side = pygame.Rect(whole.right - wide, 0, wide, whole.height)
        pygame.draw.rect(surface, PANEL, side)
        room = pygame.Rect(0, 0, whole.width - wide, whole.height).inflate(-px(32), -px(32))
        draw: Callable[[], list[Place]] = {
            GRID: lambda: views.draw_grid(surface, theme, room, self.grid),
            POLE: lambda: views.draw_pole(surface, theme, room, self.pole),
            NOUGHTS: lambda: views.draw_noughts(surface, theme, room, self.noughts),
        }[self.world]
        self.places = draw()
        self._draw_side(surface, theme, side.inflate(-px(28), -px(28)))

    def _draw_side(self, surface: pygame.Surface, theme: Theme, rect: pygame.Rect) -> None:
        px, y = theme.px, self._place(rect, theme)
        notes = NOTES[self.grid.method if self.world == GRID else self.world]
        told = {GRID: self.grid.told, POLE: self.pole.told, NOUGHTS: self.noughts.told}[self.world]
        for words, points, colour, row in (
            (told, LARGE - 3, TEXT, 22), (notes.words, BODY, QUIET, 20), (notes.formula, SMALL, TEXT, 18),
            (self._pointed(), SMALL, QUIET, 18),
        ):  # fmt: skip
            for line in theme.wrapped(words, rect.width, points):
                if y + px(row) <= self.go.rect.top:
                    theme.text(surface, line, (rect.left, y + px(row) // 2), points, colour, width=rect.width)
                y += px(row)
            y += px(8)
        self.go.label = "Pause" if self.runs else "Go on"
        self.up.enabled = len(self.noughts.way) > 1
        self.ring.show(self.widgets())
        self.ring.draw(surface, theme)

    def _place(self, rect: pygame.Rect, theme: Theme) -> int:
        """Place the widgets; return where the words begin."""
        px, y = theme.px, rect.top
        for widget in self.widgets()[:-4]:
            widget.rect = pygame.Rect(rect.left, y, rect.width, px(30))
            y += px(38)
        half = (rect.width - px(8)) // 2
        for k, button in enumerate((self.go, self.one, self.anew, self.close)):
            left, top = rect.left + k % 2 * (half + px(8)), rect.bottom - px(72) + k // 2 * px(40)
            button.rect = pygame.Rect(left, top, half, px(32))
        return y + px(6)

    def _pointed(self) -> str:
        found = self._at(self.mouse)
        return views.words_of_cell(self.grid, found) if self.world == GRID and found is not None else ""

    def _at(self, pos: tuple[int, int]) -> int | None:
        return next((number for rect, number in self.places if rect.collidepoint(pos)), None)

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Let the widgets answer, then the world; Escape closes."""
        if is_key(event, pygame.K_ESCAPE):
            return say.Close()
        message = self.ring.handle(event, theme)
        if message is not None:
            return message
        if event.type == pygame.MOUSEMOTION:
            self.mouse = event.pos
        elif is_key(event, pygame.K_SPACE) and self.ring.focus is None:
            self._toggle()
        elif is_key(event, pygame.K_PERIOD):
            self._one_step()
        elif pressed(event) and self.world == NOUGHTS:
            cell = self._at(event.pos)
            if cell is not None:
                self.noughts.play(cell)
        return None
