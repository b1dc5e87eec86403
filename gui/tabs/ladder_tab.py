"""The tab that looks back at learning: what each checkpoint of a run thinks of the position. It knows no game."""

from collections.abc import Sequence
from dataclasses import replace

import pygame

from gui import messages as say
from gui.messages import Message
from gui.page import Page
from gui.start_messages import CompareOpinions, WatchRun
from gui.tabs.ghost_ladder import Answer, Ladder
from gui.tabs.ladder_view import LadderScene, LadderView
from gui.tabs.panel import GAP, Tab, rows_of
from gui.tabs.two_opinions import can_compare
from gui.watching import live_game
from gui.widgets.basic import Button
from gui.widgets.theme import QUIET, SMALL

QUESTION = "What did Yomi think while it learned?"
ABOUT = (
    "A run is the folder that training fills with checkpoints. Open one, or drop it on the window, and slide through "
    "it: each checkpoint shows what it thinks of the position on the board."
)

REACHES = (0.1, 0.25, 0.5, 1.0)
"""Where the scale of the values may end: small differences fill it, and it keeps still while they grow a little."""


class FilmButton(Button):
    """Goes through the whole run in a few seconds."""

    def __init__(self, tab: "LadderTab"):
        super().__init__("Film", say.Hover(), "This position through the whole run, in three seconds")
        self.tab = tab

    def handle(self, event, theme):
        """Begin the film."""
        message = super().handle(event, theme)
        if message is not None and self.tab.page.ladder:
            self.tab.page.ladder.film()
        return message


class PinButton(Button):
    """Keeps the chosen checkpoint beside those that are looked at."""

    def __init__(self, tab: "LadderTab"):
        super().__init__("Pin this one", say.Hover(), "Keep it beside the one that you slide to")
        self.tab = tab

    def handle(self, event, theme):
        """Pin the chosen checkpoint, or none."""
        message = super().handle(event, theme)
        if message is not None:
            self.tab.pinned = self.tab.chosen if self.tab.pinned is None else None
        return message


class LadderTab(Tab):
    """The checkpoints of a run; the board shows the policy of the chosen one."""

    name = "Run"

    def __init__(self, page: Page):
        super().__init__(page)
        self.view = LadderView(self._choose)
        self.open = Button("Open a run", say.AskRun(), "The folder of a run; or drop it on the window")
        self.close = Button("Close the run", say.CloseRun())
        both = "Who is ahead here, and which moves are likely: as the network sees it, and by games played out"
        self.compare = Button("Network or rollouts?", CompareOpinions(), both)
        self.live = Button("Watch its game", WatchRun(""), "The game that this run plays now, move by move")
        self.live_shown = False
        self.play = Button("Play this ghost", say.PlayGhost(0), "Begin a game against this checkpoint", True)
        self.film = FilmButton(self)
        self.pin = PinButton(self)
        self.pinned: int | None = None  # a checkpoint that stands beside the chosen one
        self.ladder: Ladder | None = None
        self.chosen = self.count = 0
        self.answers: list[Answer | None] = []

    def _choose(self, checkpoint: int) -> Message:
        self.chosen = checkpoint
        return say.Hover()  # no line that another tab showed lies over the policy

    def widgets(self):
        live = [self.live] if self.live_shown else []
        buttons = [self.play, self.film, self.pin, *live, self.open, self.close]
        if self.page.ladder:
            return [self.view, *buttons]
        return [self.open, self.compare] if can_compare(self.page.name) else [self.open]

    def opinion(self):
        """Return the chosen checkpoint's answer; a new run begins with its last checkpoint."""
        ladder = self.page.ladder
        if ladder is not self.ladder:
            self.ladder, self.chosen = ladder, len(ladder.steps) - 1 if ladder else 0
            self.pinned = ladder.beside if ladder else None
            self.count = len(ladder.steps) if ladder else 0
        if ladder is None:
            return None
        if len(ladder.steps) > self.count:  # training goes on: whoever looked at the last one looks at the new one
            self.chosen += (len(ladder.steps) - self.count) * (self.chosen == self.count - 1)
            self.count = len(ladder.steps)
        frame = ladder.frame
        self.chosen = self.chosen if frame is None else frame
        self.answers = ladder.ask(self.page.session.position, self.chosen)
        return self.answers[self.chosen]

    def place(self, rect, theme):
        self.head = pygame.Rect(rect.left, rect.top, rect.width, theme.px(18))
        top = self.head.bottom + theme.px(GAP)
        if self.page.ladder is None:
            self.about = theme.wrapped(ABOUT, rect.width)
            top += theme.px(21) * len(self.about) + theme.px(GAP)
            self.open.rect = pygame.Rect(rect.left, top, theme.px(150), theme.px(32))
            self.compare.rect = self.open.rect.move(theme.px(158), 0)
            self.compare.rect.width = min(theme.px(190), rect.right - self.compare.rect.left)
            return
        last = [self.live, self.open, self.close] if self.live_shown else [self.open, self.close]
        end = rows_of(last, rect, theme, len(last), 32)
        upper = pygame.Rect(rect.left, rect.top, rect.width, end - theme.px(6) - rect.top)
        end = rows_of([self.play, self.film, self.pin], upper, theme, 3, 32)
        self.view.rect = pygame.Rect(rect.left, top, rect.width, max(0, end - theme.px(GAP) - top))

    def refresh(self):
        run = self.page.ladder.run if self.page.ladder else None
        self.live_shown = run is not None and live_game({self.page.name: type(self.page)}, run) is not None
        self.live.message = WatchRun(str(run))
        self.open.strong = self.page.ladder is None
        self.play.message = say.PlayGhost(self.chosen)
        self.pin.label = "Pin this one" if self.pinned is None else "Unpin"
        both = self.page.ladder is not None and self.page.ladder.beside is not None
        self.play.label, self.close.label = ("Play it", "Close") if both else ("Play this ghost", "Close the run")
        if self.page.ladder and self.page.ladder is self.ladder:
            self.view.scene = self._scene(self.page.ladder)

    def _scene(self, ladder: Ladder) -> LadderScene:
        """Describe the ladder as it is now."""
        answer, page = self.answers[self.chosen], self.page
        values = tuple(None if each is None else each.value for each in self.answers)
        reach = page.reach * reach_of([value / page.reach for value in values if value is not None])
        plays = tuple((play.words, play.chance) for play in answer.plays) if answer else ()
        alarm = ladder.failed.get(self.chosen, "")
        worth = page.chance(answer.value) if answer else "" if alarm else "…"
        ends = page.chance(reach), page.chance(-reach)
        names = tuple(map(ladder.named, range(len(ladder.steps))))
        scene = LadderScene(ladder.steps, values, self.chosen, ends, reach, worth, plays, alarm, names)
        return scene if self.pinned is None else self._beside(scene, self.pinned)

    def _beside(self, scene: LadderScene, pinned: int) -> LadderScene:
        """Add the pinned checkpoint to a scene."""
        answer = self.answers[pinned]
        worth = self.page.chance(answer.value) if answer else "…"
        plays = tuple((play.words, play.chance) for play in answer.plays) if answer else ()
        return replace(scene, pinned=pinned, pinned_worth=worth, pinned_plays=plays)

    def draw(self, surface, theme):
        ladder, head = self.page.ladder, self.head
        if ladder:
            many = len(ladder.steps)
            count = "" if ladder.beside is not None else f"  ·  {many} checkpoint{'s' * (many > 1)}"
            words = f"{ladder.title}{count}: drag the knob below"
            theme.text(surface, words, (head.left + theme.px(4), head.centery), SMALL, QUIET, width=head.width, least=9)
            return
        theme.text(surface, QUESTION, head.midleft, bold=True, width=head.width)
        for k, line in enumerate(self.about):
            theme.text(surface, line, (head.left, head.bottom + theme.px(GAP + 21 * (k + 0.5))), colour=QUIET)


def reach_of(values: Sequence[float]) -> float:
    """Return the end of the narrowest scale that shows all values."""
    greatest = max((abs(value) for value in values), default=0.0)
    return next((reach for reach in REACHES if greatest <= reach), greatest)
