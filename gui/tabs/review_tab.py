"""The tab of the review: progress, the curve, the mistakes, and the one that is looked at beside the better move."""

from collections.abc import Sequence

import pygame

from games.game import FIRST, SECOND
from gui import messages as say
from gui import review_messages as ask
from gui.engine_work import warns_from
from gui.lesson import Lesson
from gui.messages import Message
from gui.page import Page
from gui.review import Mistake
from gui.tabs.panel import GAP, Tab, numbers_of
from gui.widgets.basic import Button, Slider, Toggle, Widget, pressed
from gui.widgets.graph import Graph
from gui.widgets.lists import ListBox
from gui.widgets.theme import ACCENT, BAD, GROUND, QUIET, RAISED, TEXT, Theme

REVIEWS = (50, 100, 200, 400, 800, 1600, 3200)


class Way(Widget):
    """One of both moves of a lesson: how it goes on and what it leads to; under the mouse the board shows it."""

    takes_keys = False

    def __init__(self, better: bool):
        super().__init__()
        self.better, self.words, self.worth = better, "", ""
        self.moves: tuple[int, ...] = ()
        self.over = False

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw a mark, the moves, and the value."""
        theme.panel(surface, self.rect, RAISED if self.over else GROUND, 4)
        bar = pygame.Rect(self.rect.left, self.rect.top, theme.px(4), self.rect.height)
        pygame.draw.rect(surface, ACCENT if self.better else BAD, bar, border_radius=theme.px(2))
        left, middle = self.rect.left + theme.px(12), self.rect.centery
        right = theme.text(surface, self.worth, (self.rect.right - theme.px(8), middle), 13, TEXT, "right", True).left
        theme.text(surface, self.words, (left, middle), 13, TEXT, width=right - left - theme.px(8), least=9)

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Show the moves on the board while the mouse is over them, or after a click."""
        if event.type == pygame.MOUSEMOTION and self.over != self.rect.collidepoint(event.pos):
            self.over = not self.over
            return say.Hover(self.moves if self.over and self.moves else None)
        return say.Hover(self.moves) if pressed(event) and self.rect.collidepoint(event.pos) and self.moves else None


class OwnSwitch(Toggle):
    """A switch that only this tab knows."""

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Turn the switch."""
        message = super().handle(event, theme)
        self.on = self.on if message is None else not self.on
        return message


class ReviewTab(Tab):
    """The whole game looked at again."""

    name = "Review"

    def __init__(self, page: Page):
        super().__init__(page)
        self.visits = Slider("Visits a move", REVIEWS, 200, lambda value: say.Hover())
        self.go = Button("Review the game", say.StartReview(200), "Look at every position in the background.", True)
        self.stop = Button("Stop", say.StopThinking(), "key: S")
        self.warn = Toggle("Warn me", ask.ToggleWarning())
        self.find = OwnSwitch("I find it", say.Hover(), hint="Better moves are hidden until you have found them.")
        self.mine = OwnSwitch("Mine", say.Hover(), True, hint="List your own mistakes, not those of Yomi.")
        self.graph = Graph(say.JumpTo, page.reach)
        self.graph.written = page.chance
        self.worst = ListBox(((0.16, "right"), (0.44, "left"), (0.4, "right")), self._look)
        self.worst.header = ("move", "played", "lost")
        self.ways = (Way(False), Way(True))
        self.reveal = Button("Show the better move", ask.RevealLesson())
        self.keep = Button("Into the record", ask.KeepReview(), "Comments and variations, which are saved with it.")
        self.found: list[Mistake] = []
        self.lesson: Lesson | None = None

    def _look(self, index: int) -> Message:
        return ask.ShowLesson(self.found[index].ply - 1, self.find.on)

    def widgets(self):
        last = self.reveal if self.lesson and self.lesson.hidden else self.keep
        switches = [self.warn, self.find, self.mine]
        return [self.visits, self.go, self.stop, *switches, self.graph, self.worst, *self.ways, last]

    def place(self, rect, theme):
        gap, px = theme.px(GAP), theme.px
        self.visits.rect = pygame.Rect(rect.left, rect.top, rect.width, px(26))
        top, wide = self.visits.rect.bottom + px(2), round(rect.width * 0.66)
        self.go.rect = pygame.Rect(rect.left, top, wide - gap, px(30))
        self.stop.rect = pygame.Rect(rect.left + wide, top, rect.width - wide, px(30))
        self.bar = pygame.Rect(rect.left, self.go.rect.bottom + px(4), rect.width, px(6))
        third, top = rect.width // 3, self.bar.bottom + px(2)
        for k, switch in enumerate((self.warn, self.find, self.mine)):
            switch.rect = pygame.Rect(rect.left + k * third, top, third, px(26))
        tall = min(px(150), max(px(50), rect.height // 6))
        self.graph.rect = pygame.Rect(rect.left, top + px(30), rect.width, tall)
        self.keep.rect = self.reveal.rect = pygame.Rect(rect.left, rect.bottom - px(30), rect.width, px(30))
        for k, way in enumerate(self.ways):
            way.rect = pygame.Rect(rect.left, self.keep.rect.top - px(62 - 29 * k), rect.width, px(26))
        top = self.graph.rect.bottom + px(4)
        self.worst.rect = pygame.Rect(rect.left, top, rect.width, max(px(24), self.ways[0].rect.top - px(4) - top))

    def refresh(self):
        session = self.page.session
        self.go.message = say.StartReview(self.visits.value)
        self.go.enabled, self.stop.enabled = session.history.last > 0, bool(session.engine.review)
        self.graph.hint = f"The curve is the {self.page.measure}, move by move: click it to go there."
        self.graph.values, self.graph.now = session.values, session.ply
        least = session.engine.loss_words(warns_from(session.engine))
        self.warn.hint = f"Stop before Yomi answers a move of yours that loses {least}; at a higher level, less."
        self.warn.on, self.mine.enabled = session.watch.on, len(session.people) == 1
        every = session.engine.mistakes(session.history.line)
        only = self.mine.on and self.mine.enabled
        self.found = [each for each in every if not only or each.mover in session.people]
        self.graph.marks = [mistake.ply for mistake in self.found[:5]]  # the worst
        if session.engine.review:
            self.found.sort(key=lambda each: each.ply)  # no line moves away under the mouse while others are found
        self.keep.enabled = bool(every)
        words = self.page.move_lines()
        numbers = numbers_of(words)
        rows = [(f"{numbers[m.ply]}.", m.done or words[m.ply - 1].strip(), m.words) for m in self.found]
        self.graph.number = numbers.__getitem__
        self.lesson = session.lesson if session.lesson and session.lesson.node is session.course.here else None
        shown = session.ply + 1 if self.lesson else session.ply  # the ply after the move in question
        row = next((k for k, m in enumerate(self.found) if m.ply <= shown and numbers[m.ply] == numbers[shown]), -1)
        self.worst.show(rows, row)
        self._refresh_ways(self.lesson, self._verdict(rows[row] if row >= 0 else None, numbers))

    def _verdict(self, row: tuple[str, str, str] | None, numbers: Sequence[int]) -> str:
        """Say whether the move that led to the position on the board was a mistake; "" where that is not known."""
        session = self.page.session
        if row:
            number, played, lost = row
            return f"Move {number} {played} lost {lost}: click it above."
        values = session.values[max(0, session.ply - 1) : session.ply + 1]
        unknown = not self.keep.enabled or len(values) < 2 or None in values
        if unknown or session.course.here.mover not in (FIRST, SECOND):
            return ""
        return f"Move {numbers[session.ply]} was no mistake."

    def _refresh_ways(self, lesson: Lesson | None, verdict: str) -> None:
        for way in self.ways:
            way.moves, way.words, way.worth = (), "", ""
        if lesson is None:
            self.ways[0].words = verdict or "Choose a mistake: what was played,"
            self.ways[1].words = "" if verdict else "and what would have been better."
            return
        pairs = ((lesson.played, lesson.played_value), (lesson.better, lesson.better_value))
        for way, (moves, value) in zip(self.ways, pairs, strict=True):
            if way.better and lesson.hidden:
                way.words = "Play the better move on the board."
                continue
            told = "better" if way.better else "played"
            way.moves, way.words = moves, f"{told}: {self.page.line_words(moves, lesson.length)}"
            way.worth = self.page.chance(value)

    def draw(self, surface, theme):
        review = self.page.session.engine.review
        theme.panel(surface, self.bar, GROUND, 3)
        if review:
            done = self.bar.copy()
            done.width = round(self.bar.width * review.done / max(1, review.total))
            theme.panel(surface, done, ACCENT, 3)
        if not self.found:
            at = (self.worst.rect.left + theme.px(8), self.worst.rect.top + theme.px(36))
            looking = f"Looking at position {review.done + 1} of {review.total + 1}." if review else ""
            words = f"{looking}  No mistake was found yet." if review else "No mistakes are known yet."
            theme.text(surface, words, at, colour=QUIET, width=self.worst.rect.width - theme.px(16))
