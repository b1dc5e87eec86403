"""The tab that shows the search: the tree while it grows, or one simulation phase by phase. It knows no game."""

from collections.abc import Callable
from time import perf_counter

import pygame

from engine.reading import Reading
from engine.stepping import Event
from gui import messages as say
from gui.history import Node
from gui.page import Page
from gui.tabs.panel import GAP, Tab
from gui.tabs.predicting import Predictions
from gui.tabs.tree_painter import TreeScene
from gui.tabs.tree_rows import Words
from gui.tabs.tree_tips import Tip, tip_at
from gui.tabs.tree_view import TreeView
from gui.turning import TurningPoint, turning_points
from gui.widgets.basic import Button, Tabs, Toggle, Widget
from gui.widgets.theme import BODY, QUIET, SMALL, TEXT

SPEEDS = {"Live": "live", "Fast": "fast", "Slow": "slow", "Step": "step"}
READ_EVERY = 0.1
"""Seconds between two readings of a tree that grows."""

DEPTH = 2
"""Moves below what is unfolded that are read: a line is a chain where what hangs below it is single."""

QUESTION = "Add Q and U of each line, as the side that chooses sees Q: select takes the greatest sum. Click that line."
NOTE = (
    "Yomi has not thought about this position: press Analyse, or step through a simulation. "
    "Then rest the mouse on a number: it is explained."
)


class PredictSwitch(Toggle):
    """Switches guessing on and off."""

    def __init__(self, predictions: Predictions):
        super().__init__("Predict", say.Hover(), hint="Before each simulation, click the line that select will take.")
        self.predictions = predictions

    def handle(self, event, theme):
        """Answer a click, or Enter and Space with the keyboard."""
        message = super().handle(event, theme)
        if message is not None:
            self.predictions.switch()
        return message


class Explainer(Widget):
    """An unseen widget over the tree: its hint explains the number under the mouse."""

    takes_keys = False

    def __init__(self, find: Callable[[tuple[int, int]], Tip | None]):
        """`find` returns what is explained at a pixel."""
        super().__init__()
        self.find, self.tip = find, None

    tip: Tip | None

    def point_at(self, pos: tuple[int, int]) -> None:
        """Explain what the mouse is on now: the tooltip waits anew for each place."""
        self.tip = self.find(pos)

    @property
    def hint(self) -> str:
        return self.tip[1] if self.tip else ""

    @hint.setter
    def hint(self, words: str) -> None:
        """Take no words: they depend on the place."""

    @property
    def hint_rect(self) -> pygame.Rect:
        return self.tip[0] if self.tip else self.rect


class SearchTab(Tab):
    """The tree of the search that really plays."""

    name = "Search"
    widest = 900.0
    shows_steps = True

    def __init__(self, page: Page):
        super().__init__(page)
        hint = "Live: the search runs; else one simulation after the other, phase by phase."
        self.speeds = Tabs(list(SPEEDS), "Live", lambda name: say.SetSpeed(SPEEDS[name]), hint)
        self.next = Button("Next phase", say.StepSearch(), "key: . (full stop)")
        self.analyse = Button("Analyse", say.Analyse(), "Think on and on (Space)")
        self.predictions = Predictions()
        self.predict = PredictSwitch(self.predictions)
        self.explainer = Explainer(lambda pos: tip_at(self.view, pos) if self.view else None)
        self.turns = [Button("", say.JumpTo(0)), Button("", say.JumpTo(0))]
        self.points: list[TurningPoint] = []
        self.pointed: Node | None = None  # the end of the game whose turning points are listed
        self.view: TreeView | None = None
        self.reading: Reading | None = None
        self.read_at, self.generation = 0.0, -1
        self.read_event: Event | None = None
        self.mouse = (-1, -1)
        self.asked = False  # whether a guess was asked for when this was drawn last

    @property
    def stepping(self) -> bool:
        return self.page.session.engine.speed != "live"

    @property
    def asks(self) -> bool:
        """Whether a person is to guess now."""
        engine, reading = self.page.session.engine, self.reading
        grown = reading is not None and bool(reading.root.children)
        return grown and engine.speed == "step" and not engine.doing and self.predictions.waits(engine.event)

    def widgets(self):
        more = [self.predict] if self.page.session.engine.speed == "step" else self.turns[: len(self.points)]
        return [self.speeds, self.next if self.stepping else self.analyse, *more, self.explainer]

    def place(self, rect, theme):
        right, gap = theme.px(100), theme.px(GAP)
        self.speeds.rect = pygame.Rect(rect.left, rect.top, rect.width - right - gap, theme.px(30))
        self.next.rect = self.analyse.rect = pygame.Rect(rect.right - right, rect.top, right, theme.px(30))
        top, bottom = rect.top + theme.px(30) + gap, rect.bottom
        if self.page.session.engine.speed == "step":
            self.predict.rect = pygame.Rect(rect.left, top, theme.px(96), theme.px(24))
            self.verdict = pygame.Rect(rect.left + theme.px(100), top, rect.width - theme.px(100), theme.px(24))
            top += theme.px(24) + gap
        elif self.points:
            bottom -= theme.px(30) * len(self.points) + gap
            self.heading = pygame.Rect(rect.left, bottom - theme.px(20), rect.width, theme.px(18))
            for k, turn in enumerate(self.turns):
                turn.rect = pygame.Rect(rect.left, bottom + theme.px(30) * k, rect.width, theme.px(26))
            bottom -= theme.px(20)
        self.body = self.explainer.rect = pygame.Rect(rect.left, top, rect.width, max(0, bottom - top))

    def refresh(self):
        session = self.page.session
        self.speeds.chosen = next(name for name, speed in SPEEDS.items() if speed == session.engine.speed)
        self.analyse.strong, self.analyse.enabled = session.engine.analysing, not session.over
        self.predictions.see(session.engine.event, self._words())
        self.predict.on = self.predictions.on
        self.next.enabled = not self.asks
        self._look_back()

    def _look_back(self) -> None:
        """Find where the search changed its mind, once a game is over; that stays while one looks at the game."""
        session = self.page.session
        line = session.history.line
        if session.over and session.ply == session.history.last and self.pointed is not line[-1]:
            self.pointed, position = line[-1], session.position

            def name(ply: int, move: int) -> str:
                return position.game.notation(position.states[ply], move)

            self.points = turning_points(line, name, self.page.reach)
        elif self.pointed is not None and self.pointed not in line:
            self.pointed, self.points = None, []
        for turn, point in zip(self.turns, self.points, strict=False):
            turn.label, turn.message, turn.hint = point.words, say.JumpTo(point.ply), "Show that position"

    def draw(self, surface, theme):
        session = self.page.session
        if self.view is None:
            self.view = TreeView(theme)
        elif self.view.theme is not theme:
            self.view.resize(theme)
        if self.generation != session.generation:
            self.view.forget()
        if self.asks and not self.asked:
            self.view.selected, self.view.scrolled = (), 0  # the guess begins at the root
        self.asked = self.asks
        self._read(self.view)
        scene = TreeScene(
            self.reading,
            self._words(),
            session.engine.event if self.stepping and not self.asked else None,
            self.stepping,
            badge=lambda theme, *place: self.page.badge(*place),
            note=NOTE,
            question=QUESTION if self.asked else "",
        )
        self.view.draw(surface, self.body, scene)
        self.explainer.tip = tip_at(self.view, self.mouse)
        self._draw_words(surface, theme)

    def _draw_words(self, surface, theme) -> None:
        """Draw whether the guess was right, or the head of the turning points."""
        if self.page.session.engine.speed == "step":
            guesses, verdict = self.predictions, self.verdict
            right = theme.text(surface, guesses.count, verdict.midright, SMALL, QUIET, "right").left
            words = "which line will select take?" if self.asks else guesses.verdict if guesses.on else ""
            theme.text(surface, words, verdict.midleft, SMALL, TEXT, width=right - verdict.left - theme.px(8), least=10)
        elif self.points:
            theme.text(surface, "Where the search changed its mind", self.heading.midleft, BODY, QUIET)

    def _read(self, view: TreeView) -> None:
        """Read the tree anew where it may have grown, not in every frame."""
        session, now = self.page.session, perf_counter()
        same = self.generation == session.generation and self.read_event is session.engine.event
        if same and now < self.read_at + READ_EVERY:
            return
        self.generation, self.read_at, self.read_event = session.generation, now, session.engine.event
        wanted = (*view.wanted, *([session.engine.event.path] if session.engine.event else []))
        self.reading = session.engine.tree_reading(session.position, DEPTH, view.width, wanted)

    def _words(self) -> Words:
        page, state = self.page, self.page.session.position.state
        return Words(page.sides, lambda move: page.session.position.game.notation(state, move), page.reach)

    def handle(self, event, theme):
        if event.type == pygame.MOUSEMOTION:
            self.mouse = event.pos
        if event.type == pygame.KEYDOWN and event.key == pygame.K_PERIOD:
            return None if self.asks else say.StepSearch()
        if self.view is None or (event.type == pygame.KEYDOWN and not self.view.rect.collidepoint(self.mouse)):
            return None
        path = self.view.handle(event)
        self.read_at = 0.0 if event.type in (pygame.MOUSEBUTTONDOWN, pygame.KEYDOWN) else self.read_at
        if path is not None and event.type == pygame.MOUSEBUTTONDOWN and self.asks:
            self.predictions.take(tuple(path))
            return say.StepSearch()
        return None if path is None else say.Hover(tuple(path))
