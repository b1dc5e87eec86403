"""The tabs beside a text: the prompt with what was spent and found, and two decoders side by side."""

from typing import Any

import pygame

from engine.text.comparing import KINDS
from games.text.rows import tokens
from gui import messages as say
from gui.messages import Message
from gui.page import Page
from gui.tabs.panel import GAP, Tab, rows_of
from gui.tabs.search_tab import SearchTab
from gui.text.page import TextPage
from gui.widgets.basic import Button, Slider
from gui.widgets.graph import Graph
from gui.widgets.lists import DropDown, ListBox
from gui.widgets.text_field import TextField
from gui.widgets.theme import ACCENT, BODY, GOOD, GROUND, LINE, QUIET, SMALL, TEXT, Theme, blend

BUDGETS = (64, 128, 256, 512, 1024, 2048)
"""Token evaluations that each of two decoders may spend."""

BESIDE = 420
"""Points of width from which two decoders stand beside each other, not one above the other."""


def text_page(page: Page) -> TextPage:
    """Return a page that is a text's; these tabs are made for no other."""
    assert isinstance(page, TextPage)
    return page


class TextTab(Tab):
    """The prompt, what is paid, what it cost so far, the values along the text, and the best texts."""

    name = "Game"

    def __init__(self, page: Page):
        super().__init__(page)
        self.text = text_page(page)
        prompt = self.text.session.prompt
        self.prompt = TextField(prompt, enter=say.AskPrompt, hint="Enter begins with this prompt")
        self.asked = prompt
        self.begin = Button("Begin", say.Say(""), "Begin with this prompt: key Enter in the line above")
        self.graph = Graph(say.JumpTo, page.reach)
        self.graph.written, self.graph.floor = page.chance, 0.0
        self.best = ListBox(((0.78, "left"), (0.22, "right")), self._write)
        self.best.header = ("best finished texts: click to write one", "paid")
        self.found: list[tuple[int, ...]] = []
        self.buttons = [Button(a.label, a.message, a.key) for a in page.actions()]

    def _write(self, index: int) -> Message | None:
        moves = self.found[index] if 0 <= index < len(self.found) else ()
        return say.Plays(moves) if moves else None

    def widgets(self):
        return [self.prompt, self.begin, self.graph, self.best, *self.buttons]

    def place(self, rect, theme):
        gap = theme.px(GAP)
        wide = theme.px(64)
        self.head = pygame.Rect(rect.left, rect.top, rect.width, theme.px(16))
        top = self.head.bottom + theme.px(4)
        self.prompt.rect = pygame.Rect(rect.left, top, rect.width - wide - gap, theme.px(32))
        self.begin.rect = pygame.Rect(rect.right - wide, top, wide, theme.px(32))
        self.facts = pygame.Rect(rect.left, self.prompt.rect.bottom + gap, rect.width, theme.px(18))
        self.cost = pygame.Rect(rect.left, self.facts.bottom + theme.px(2), rect.width, theme.px(18))
        tall = min(theme.px(110), max(theme.px(60), rect.height // 6))
        self.graph.rect = pygame.Rect(rect.left, self.cost.bottom + gap, rect.width, tall)
        end = rows_of(self.buttons, rect, theme, 3, 32)
        top = self.graph.rect.bottom + gap
        self.best.rect = pygame.Rect(rect.left, top, rect.width, max(0, end - gap - top))

    def refresh(self):
        session = self.text.session
        if self.asked != session.prompt:
            self.asked = session.prompt
            self.prompt.put(session.prompt)
        self.begin.message = say.AskPrompt(self.prompt.value)
        self.begin.enabled = self.begin.strong = self.prompt.value.strip() != session.prompt
        for button, action in zip(self.buttons, self.page.actions(), strict=True):
            button.label, button.message, button.enabled = action.label, action.message, action.enabled
            button.hint = f"key: {action.key}" if action.key else ""
            button.strong = action.label == "Analyse" and session.engine.analysing
        self.graph.values, self.graph.now = session.values, session.ply
        self._refresh_best()

    def _refresh_best(self) -> None:
        session, ranked = self.text.session, self.text.scenes.best_texts(8)
        here = len(tokens(session.position.state))
        self.found = [tuple(tokens(state)[here:].tolist()) for _, state in ranked]
        words = [" ".join(session.task.text(state).split()) for _, state in ranked]
        rows = [(each, f"{reward:.3g}") for each, (reward, _) in zip(words, ranked, strict=True)]
        self.best.show(rows)

    def draw(self, surface, theme):
        session, head = self.text.session, self.head
        theme.text(surface, "prompt", head.midleft, SMALL, QUIET)
        facts, cost = self.facts, self.cost
        theme.text(surface, self.page.facts(), facts.midleft, SMALL, QUIET, width=facts.width, least=10)
        writer = session.writer
        words = f"{session.evaluations:,} token evaluations  ·  {writer.seconds:.1f} s"
        theme.text(surface, words, cost.midleft, SMALL, TEXT, width=cost.width, least=10)
        if not self.found and session.task.reward.name:
            words = "none was paid so far" if writer.finished.texts else "none yet"
            at = (self.best.rect.left + theme.px(8), self.best.rect.top + theme.px(36))
            theme.text(surface, words, at, SMALL, QUIET, width=self.best.rect.width - theme.px(16))


class DecodersTab(Tab):
    """Two decoders write after one prompt with the same number of token evaluations."""

    name = "Decoders"
    widest = 900.0

    def __init__(self, page: Page):
        super().__init__(page)
        self.text = text_page(page)
        choices = tuple((name, name) for name in KINDS)
        self.names = [
            DropDown(choices, name, lambda value: say.Say(""), "A way to write") for name in ("tree", "best-of-n")
        ]
        self.budget = Slider("Budget", BUDGETS, 512, lambda value: say.Say(""), "Token evaluations that each may spend")
        self.go = Button("Compare", say.Say(""), "Both write after the prompt, at equal cost", True)

    def widgets(self):
        return [*self.names, self.budget, self.go]

    def place(self, rect, theme):
        gap, half = theme.px(GAP), (rect.width - theme.px(GAP)) // 2
        for k, name in enumerate(self.names):
            name.rect = pygame.Rect(rect.left + k * (half + gap), rect.top, half, theme.px(32))
        top = rect.top + theme.px(32) + gap
        self.budget.rect = pygame.Rect(rect.left, top, rect.width - theme.px(96) - gap, theme.px(32))
        self.go.rect = pygame.Rect(rect.right - theme.px(96), top, theme.px(96), theme.px(32))
        top += theme.px(32) + gap
        self.body = pygame.Rect(rect.left, top, rect.width, max(0, rect.bottom - top))

    def refresh(self):
        session = self.text.session
        self.go.message = say.Compare(tuple(str(name.value) for name in self.names), int(self.budget.value))
        if session.engine.doing == "decoding":
            self.go.message = say.StopThinking()
        self.go.label = "Stop" if session.engine.doing == "decoding" else "Compare"

    def draw(self, surface, theme):
        found = self.text.session.compared
        if not found or self.text.session.engine.doing == "decoding":
            self._draw_note(surface, theme)
            return
        beside = self.body.width >= theme.px(BESIDE)
        gap, body = theme.px(GAP), self.body
        for k, row in enumerate(found):
            if beside:
                wide = (body.width - gap) // 2
                card = pygame.Rect(body.left + k * (wide + gap), body.top, wide, min(body.height, theme.px(330)))
            else:
                tall = min((body.height - gap) // 2, theme.px(250))
                card = pygame.Rect(body.left, body.top + k * (tall + gap), body.width, tall)
            _draw_card(surface, theme, card, row, int(self.budget.value), max(_pay(each) for each in found))

    def _draw_note(self, surface, theme: Theme) -> None:
        busy = self.text.session.engine.doing == "decoding"
        words = (
            "Both write now …  Stop ends that."
            if busy
            else "Two ways to write after the same prompt, each with the same number of token evaluations: "
            "choose both, and press Compare."
        )
        for k, line in enumerate(theme.wrapped(words, self.body.width)):
            theme.text(surface, line, (self.body.left, self.body.top + theme.px(12 + 20 * k)), BODY, QUIET)


def _pay(row: dict[str, Any]) -> float:
    return float("-inf") if row["reward"] is None else float(row["reward"])


def _draw_card(
    surface: pygame.Surface, theme: Theme, card: pygame.Rect, row: dict[str, Any], budget: int, best: float
) -> None:
    """Draw what one decoder made of the prompt: its text, what that is paid, and what it cost."""
    theme.panel(surface, card, GROUND, 8)
    wins = row["reward"] is not None and _pay(row) >= best
    inner = card.inflate(-theme.px(20), -theme.px(16))
    before = surface.get_clip()
    surface.set_clip(card.clip(before))
    y = inner.top + theme.px(10)
    theme.text(surface, row["decoder"], (inner.left, y), BODY, TEXT, bold=True)
    paid = "nothing finished" if row["reward"] is None else f"paid {row['reward']:g}"
    theme.text(surface, paid, (inner.right, y), BODY, GOOD if wins else theme.warm, "right", bold=True)
    y += theme.px(24)
    verdict = _lines(theme, row["verdict"], inner.width, SMALL)[:3]
    lines = _lines(theme, row["text"] or "…", inner.width, BODY)
    fit = max(1, (inner.bottom - theme.px(76) - y) // theme.px(20) - len(verdict))
    for line in lines[:fit]:
        theme.text(surface, line, (inner.left, y), BODY, TEXT)
        y += theme.px(20)
    for line in verdict:
        theme.text(surface, line, (inner.left, y), SMALL, QUIET)
        y += theme.px(18)
    y += theme.px(8)
    bar = pygame.Rect(inner.left, y, inner.width, theme.px(8))
    pygame.draw.rect(surface, blend(GROUND, LINE, 0.7), bar, border_radius=theme.px(3))
    spent = bar.copy()
    spent.width = max(1, round(bar.width * min(1.0, row["evaluations"] / max(1, budget))))
    pygame.draw.rect(surface, ACCENT, spent, border_radius=theme.px(3))
    if row["found_at"]:
        x = bar.left + round(bar.width * min(1.0, row["found_at"] / max(1, budget)))
        pygame.draw.line(surface, TEXT, (x, bar.top - theme.px(3)), (x, bar.bottom + theme.px(2)), theme.px(2))
    y += theme.px(22)
    texts = f"{row['texts']:,} texts, {row['distinct']:,} different  ·  {row['seconds']:g} s"
    cost = f"{row['evaluations']:,} evaluations; this text after {row['found_at']:,}"
    for words in (cost, texts):
        theme.text(surface, words, (inner.left, y), SMALL, QUIET, width=inner.width, least=10)
        y += theme.px(18)
    surface.set_clip(before)


def _lines(theme: Theme, words: str, width: int, points: float) -> list[str]:
    """Break words into lines, behind the steps of a solution, too, and in the middle of what is too long."""
    found: list[str] = []
    for line in theme.wrapped(" ".join(words.replace(";", "; ").split()), width, points):
        while theme.text_width(line, points) > width and len(line) > 1:
            fit = next(k for k in range(len(line) - 1, 0, -1) if k == 1 or theme.text_width(line[:k], points) <= width)
            found, line = [*found, line[:fit]], line[fit:]
        found.append(line)
    return found


TABS = (TextTab, SearchTab, DecodersTab)
"""What stands beside a text."""
