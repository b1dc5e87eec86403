"""The tab that shows the search: the tree while it grows, or one simulation phase by phase. It knows no game."""

from time import perf_counter

import pygame

from engine.reading import Reading
from gui import messages as say
from gui.page import Page
from gui.tabs.panel import GAP, Tab
from gui.tabs.tree_painter import TreeScene
from gui.tabs.tree_rows import Words
from gui.tabs.tree_view import TreeView
from gui.widgets.basic import Button, Tabs

SPEEDS = {"Live": "live", "Fast": "fast", "Slow": "slow", "Step": "step"}
READ_EVERY = 0.1
"""Seconds between two readings of a tree that grows."""

DEPTH = 2
"""Moves below what is unfolded that are read: a line is a chain where what hangs below it is single."""


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
        self.view: TreeView | None = None
        self.reading: Reading | None = None
        self.read_at, self.generation = 0.0, -1
        self.mouse = (-1, -1)

    def widgets(self):
        return [self.speeds, self.next if self.page.session.engine.speed != "live" else self.analyse]

    def place(self, rect, theme):
        right = theme.px(100)
        self.speeds.rect = pygame.Rect(rect.left, rect.top, rect.width - right - theme.px(GAP), theme.px(30))
        self.next.rect = self.analyse.rect = pygame.Rect(rect.right - right, rect.top, right, theme.px(30))
        top = rect.top + theme.px(30 + GAP)
        self.body = pygame.Rect(rect.left, top, rect.width, rect.bottom - top)

    def refresh(self):
        session = self.page.session
        self.speeds.chosen = next(name for name, speed in SPEEDS.items() if speed == session.engine.speed)
        self.analyse.strong, self.analyse.enabled = session.engine.analysing, not session.over

    def draw(self, surface, theme):
        session = self.page.session
        if self.view is None:
            self.view = TreeView(theme)
        elif self.view.theme is not theme:
            self.view.resize(theme)
        if self.generation != session.generation:
            self.view.forget()
        self._read(self.view)
        note = "Yomi has not thought about this position: press Analyse, or step through a simulation."
        stepping = session.engine.speed != "live"
        scene = TreeScene(
            self.reading,
            self._words(),
            session.engine.event if stepping else None,
            stepping,
            badge=lambda theme, *place: self.page.badge(*place),
            note=note,
        )
        self.view.draw(surface, self.body, scene)

    def _read(self, view: TreeView) -> None:
        """Read the tree anew where it may have grown, not in every frame."""
        session, now = self.page.session, perf_counter()
        if self.generation == session.generation and now < self.read_at + READ_EVERY:
            return
        self.generation, self.read_at = session.generation, now
        wanted = (*view.wanted, *([session.engine.event.path] if session.engine.event else []))
        self.reading = session.engine.tree_reading(session.position, DEPTH, view.width, wanted)

    def _words(self) -> Words:
        page, state = self.page, self.page.session.position.state
        return Words(page.sides, lambda move: page.session.position.game.notation(state, move), page.reach)

    def handle(self, event, theme):
        if event.type == pygame.MOUSEMOTION:
            self.mouse = event.pos
        if event.type == pygame.KEYDOWN and event.key == pygame.K_PERIOD:
            return say.StepSearch()
        if self.view is None or (event.type == pygame.KEYDOWN and not self.view.rect.collidepoint(self.mouse)):
            return None
        path = self.view.handle(event)
        self.read_at = 0.0 if event.type in (pygame.MOUSEBUTTONDOWN, pygame.KEYDOWN) else self.read_at
        return None if path is None else say.Hover(tuple(path))
