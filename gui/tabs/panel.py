"""What stands beside the board: tabs with the game, the candidates, the search and the review. It knows no game."""

from collections.abc import Sequence
from itertools import accumulate

import pygame

from engine.players import Line
from games.game import FIRST, SECOND
from gui import messages as say
from gui.menu_messages import MENU_HINT, ShowMenu
from gui.messages import Message
from gui.page import Action, Page
from gui.tabs.ghost_ladder import Answer
from gui.tabs.variation_tree import VariationTree
from gui.widgets.basic import Button, Slider, Tabs, Toggle, Widget, is_key, pressed
from gui.widgets.graph import Graph
from gui.widgets.lists import ListBox
from gui.widgets.ring import Ring
from gui.widgets.theme import ACCENT, LINE, PANEL, QUIET, SMALL, TEXT, Theme, blend

GAP = 8
FEW = 100
"""Visits below which a line of the table is drawn quietly."""


class PlayerCard(Widget):
    """Shows one side; a press gives it to a person or to the engine."""

    def __init__(self, page: Page, side: int):
        super().__init__("Click: you play this side, or Yomi does.")
        self.page, self.side = page, side

    def draw(self, surface, theme):
        """Draw badge, name, what the side holds, and its clock; a frame where it is to play."""
        page, card = self.page, self.page.card(self.side)
        theme.panel(surface, self.rect, self.ground())
        size = theme.px(24)
        x, middle = self.rect.left + theme.px(20), self.rect.centery
        page.badge(surface, (x, middle), size, self.side)
        left, right = x + theme.px(20), self.rect.right - theme.px(8)
        clock = theme.text(surface, card.clock, (right, middle - theme.px(9)), 13, align="right", bold=True)
        width = clock.left - left - theme.px(4) if card.clock else right - left
        theme.text(surface, card.name, (left, middle - theme.px(9)), bold=True, width=width)
        theme.text(surface, card.about, (left, middle + theme.px(10)), SMALL, QUIET, width=right - left)
        if page.session.position.turn == self.side and not page.session.over:
            theme.outline(surface, self.rect, blend(ACCENT, PANEL, 0.25))
        self.draw_focus(surface, theme)

    def handle(self, event, theme):
        """Answer a click, or Enter and Space."""
        hit = pressed(event) and self.rect.collidepoint(event.pos)
        if hit or (self.focused and is_key(event, pygame.K_RETURN, pygame.K_SPACE)):
            return say.SetPerson(self.side, self.side not in self.page.session.people)
        return None


class Tab:
    """One tab: its widgets, where they are, what they show."""

    name = ""
    widest = 520.0
    """Points that the panel grows to at most."""

    shows_steps = False
    """Whether the board may show the phases of a simulation beside this tab."""

    def __init__(self, page: Page):
        self.page = page

    def widgets(self) -> Sequence[Widget]:
        """List the widgets in the order in which Tab visits them."""
        return ()

    def place(self, rect: pygame.Rect, theme: Theme) -> None:
        """Give every widget its rectangle."""

    def opinion(self) -> Answer | None:
        """Return what the board shows instead of the engine's analysis; None: nothing."""
        return None

    def refresh(self) -> None:
        """Bring the widgets up to the session."""

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw everything that is not a widget."""

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Handle events that no widget handles."""


def numbers_of(lines: Sequence[str]) -> list[int]:
    """Number the position before the first line, and those after each line.

    Lines that are empty or begin with a space belong to the move before them.
    """
    return [0, *accumulate(int(bool(line) and not line.startswith(" ")) for line in lines)]


def rows_of(buttons: Sequence[Widget], rect: pygame.Rect, theme: Theme, columns: int, height: float) -> int:
    """Place widgets in rows at the foot of a rectangle; return where they begin."""
    gap, tall = theme.px(6), theme.px(height)
    rows = -(-len(buttons) // columns)
    top = rect.bottom - rows * tall - (rows - 1) * gap
    wide = (rect.width - (columns - 1) * gap) / columns
    for k, button in enumerate(buttons):
        row, column = divmod(k, columns)
        left = rect.left + round(column * (wide + gap))
        button.rect = pygame.Rect(left, top + row * (tall + gap), round(wide), tall)
    return top


HINTS: dict[type, str] = {
    say.Pass: "Make no move. Two passes, one after the other, end the game.",
    say.Undo: "Take moves back until it is your turn again.",
    say.Redo: "Play again what was taken back.",
    say.Resign: "Give the game up.",
    say.Analyse: "Think about this position on and on: who is ahead, and which moves are good. Again: stop.",
    say.MoveNow: "Yomi moves at once; where it is your turn, for you.",
    say.StopThinking: "Stop thinking; what was found stays.",
    say.ShowPage: "Begin another game.",
    say.RollDice: "Throw the dice.",
    say.Double: "Offer to play on for twice the points.",
    say.Take: "Play on for twice the points; the cube is yours then.",
    say.Drop: "Give this game up for what the cube says now.",
    say.SetPace: "How fast checkers and dice move.",
}
"""What a button does, by the kind of its message."""


def hint_of(action: Action) -> str:
    """Return what a button does, and its key."""
    key = f"key: {action.key}" if action.key else ""
    return "\n".join(filter(None, (HINTS.get(type(action.message), ""), key)))


class GameTab(Tab):
    """Players, evaluation, moves and buttons."""

    name = "Game"

    def __init__(self, page: Page):
        super().__init__(page)
        self.cards = [PlayerCard(page, side) for side in (FIRST, SECOND)]
        self.graph = Graph(say.JumpTo, page.reach)
        self.graph.written = page.chance
        self.moves = ListBox(((0.14, "right"), (0.52, "left"), (0.34, "right")), self._jump)
        self.tree = VariationTree(page)
        self.ends: list[int] = []  # the ply after each line of the list
        self.buttons: list[Button] = [Button(a.label, a.message, a.key) for a in page.actions()]

    def _jump(self, index: int) -> Message:
        return say.JumpTo(self.ends[index])

    def widgets(self):
        return [*self.cards, self.graph, self.moves, *([self.tree] if self.tree.visible else []), *self.buttons]

    def place(self, rect, theme):
        gap = theme.px(GAP)
        half = (rect.width - gap) // 2
        for k, card in enumerate(self.cards):
            card.rect = pygame.Rect(rect.left + k * (half + gap), rect.top, half, theme.px(52))
        top = rect.top + theme.px(52 + GAP)
        self.facts = pygame.Rect(rect.left, top, rect.width, theme.px(18))
        self.bar = pygame.Rect(rect.left, self.facts.bottom + theme.px(4), rect.width - theme.px(108), theme.px(20))
        tall = min(theme.px(150), max(theme.px(70), rect.height // 6))
        self.graph.rect = pygame.Rect(rect.left, self.bar.bottom + gap, rect.width, tall)
        end = rows_of(self.buttons, rect, theme, 4, 32)
        self.rest = pygame.Rect(rect.left, self.graph.rect.bottom + gap, rect.width, 0)
        self.rest.height = max(0, end - gap - self.rest.top)
        self.tree.visible = self.tree.branches and self.rest.height >= theme.px(120)
        if self.tree.visible:
            wide = min(theme.px(150), round(self.rest.height * 0.4))
            self.tree.rect = pygame.Rect(rect.left, self.rest.bottom - wide, rect.width, wide)
            self.rest.height -= wide + theme.px(4)

    def refresh(self):
        session = self.page.session
        actions = self.page.actions()
        if len(actions) != len(self.buttons):
            self.buttons[:] = [Button(a.label, a.message, a.key) for a in actions]
        for button, action in zip(self.buttons, actions, strict=True):
            button.label, button.message, button.enabled = action.label, action.message, action.enabled
            button.hint = hint_of(action)
            button.strong = action.label == "Analyse" and session.engine.analysing
        self.graph.empty = f"{self.page.measure}, move by move: Analyse or a review fills this in"
        self.graph.hint = f"The curve is the {self.page.measure}, move by move: click it to go there."
        self.graph.values, self.graph.now = session.values, session.ply
        words = self.page.move_lines()
        begins = [ply for ply, each in enumerate(words, 1) if each]
        self.ends = [begin - 1 for begin in [*begins, len(words) + 1][1:]]
        known = [session.values[end] for end in self.ends]
        values = ["" if value is None else self.page.chance(value) for value in known]
        numbers = numbers_of(words)
        self.graph.number = numbers.__getitem__
        starts = [f"{numbers[ply]}." if numbers[ply] > numbers[ply - 1] else "" for ply in begins]
        rows = [(start, words[ply - 1], value) for start, ply, value in zip(starts, begins, values, strict=True)]
        made = sum(begin <= session.ply for begin in begins)
        self.moves.show(rows, made - 1, set(range(made, len(rows))))

    def draw(self, surface, theme):
        facts = self.facts
        theme.text(surface, self.page.facts(), (facts.left, facts.centery), SMALL, QUIET, width=facts.width, least=10)
        self._draw_bar(surface, theme)
        self.moves.rect = self._draw_comment(surface, theme)

    def _draw_bar(self, surface, theme) -> None:
        """Draw who is ahead, by the latest value that is known."""
        session = self.page.session
        known = [value for value in session.values[: session.ply + 1] if value is not None]
        theme.panel(surface, self.bar, self.page.colours[SECOND], 4)
        share = 0.5 + 0.5 * max(-1.0, min(1.0, (known[-1] if known else 0.0) / self.page.reach))
        left = self.bar.copy()
        left.width = round(self.bar.width * share)
        pygame.draw.rect(surface, self.page.colours[FIRST], left, border_radius=theme.px(4))
        pygame.draw.rect(surface, LINE, self.bar, 1, border_radius=theme.px(4))
        words = self.page.chance(known[-1]) if known else "no opinion yet"
        right = self.facts.right, self.bar.centery
        wide = self.facts.right - self.bar.right - theme.px(4)
        theme.text(surface, words, right, SMALL, TEXT if known else QUIET, "right", bold=True, width=wide, least=9)

    def _draw_comment(self, surface, theme) -> pygame.Rect:
        """Draw the record's comment on this position; return the room that is left for the moves."""
        comment, rest = self.page.session.history.here.comment, self.rest
        if not comment:
            return rest
        lines = theme.wrapped(comment, rest.width, SMALL)[: max(1, rest.height // 2 // theme.px(16))]
        for k, line in enumerate(lines):
            theme.text(surface, line, (rest.left, rest.top + theme.px(8 + 16 * k)), SMALL, width=rest.width)
        used = theme.px(16) * len(lines) + theme.px(GAP)
        return pygame.Rect(rest.left, rest.top + used, rest.width, rest.height - used)


class CandidatesTab(Tab):
    """The moves that the search considers, and what of that the board shows."""

    name = "Moves"

    def __init__(self, page: Page):
        super().__init__(page)
        self.overlays = page.overlays
        self.toggles = [
            Toggle(each.label, say.ToggleOverlay(each.name), hint=f"key: {each.key}" if each.key else each.hint)
            for each in self.overlays
        ]
        self.most = Slider("Candidates", range(1, 21), 8, say.SetCandidates)
        self.longest = Slider("Variation", range(1, 33), 8, say.SetVariation)
        columns = ((0.16, "left"), (0.17, "right"), (0.19, "right"), (0.18, "right"), (0.3, "left"))
        self.table = ListBox(columns, self._line, self._line)
        self.table.header = ("move", "visits", "value", "prior", "then")
        self.analyse = Button("Analyse", say.Analyse(), "Think on and on (Space)")
        self.stop = Button("Stop", say.StopThinking(), "key: S")
        self.shown: list[Line] = []

    def _line(self, index: int) -> Message:
        return say.Hover(tuple(self.shown[index].variation) if 0 <= index < len(self.shown) else None)

    def widgets(self):
        return [*self.toggles, self.most, self.longest, self.table, self.analyse, self.stop]

    def place(self, rect, theme):
        y, tall, half = rect.top, theme.px(26), rect.width // 2
        for k, toggle in enumerate(self.toggles):
            toggle.rect = pygame.Rect(rect.left + (k % 2) * half, y + k // 2 * tall, half, tall)
        y += -(-len(self.toggles) // 2) * tall
        for slider in (self.most, self.longest):
            slider.rect = pygame.Rect(rect.left, y, rect.width, tall)
            y += tall
        end = rows_of([self.analyse, self.stop], rect, theme, 2, 32)
        self.stats = pygame.Rect(rect.left, end - theme.px(26), rect.width, theme.px(20))
        top = y + theme.px(GAP)
        self.table.rect = pygame.Rect(rect.left, top, rect.width, max(0, self.stats.top - theme.px(4) - top))

    def refresh(self):
        page, session = self.page, self.page.session
        for toggle, overlay in zip(self.toggles, self.overlays, strict=True):
            toggle.on = overlay.name in page.shown
        thought = session.thought
        self.shown = thought.lines[:50] if thought else []
        faded = {k for k, line in enumerate(self.shown) if line.visits < FEW}
        self.table.show([self._row(line) for line in self.shown], faded=faded)
        self.analyse.strong = session.engine.analysing
        self.analyse.enabled, self.stop.enabled = not session.over, bool(session.engine.doing)

    def _row(self, line: Line) -> tuple[str, ...]:
        game, state = self.page.session.position.game, self.page.session.position.state
        then = " ".join(game.notation(state, move) for move in line.variation[1:7])
        value = self.page.worth(line.value) if line.visits else ""
        return game.notation(state, line.move), f"{line.visits:,}", value, f"{line.prior:.1%}", then

    def draw(self, surface, theme):
        found = self.page.session.engine.growing or self.page.session.thought
        words = "Analyse shows what Yomi considers"
        if found:
            rate = found.simulations / found.seconds if found.seconds else 0
            words = f"{found.visits:,} visits, {found.seconds:.1f} s" + (f", {rate:,.0f} a second" if rate else "")
        theme.text(surface, words, (self.stats.left, self.stats.centery), SMALL, QUIET, width=self.stats.width)


class Panel:
    """The tabs, and the widgets of the one on top."""

    def __init__(self, page: Page, kinds: Sequence[type[Tab]]):
        self.page = page
        self.tabs = [kind(page) for kind in kinds]
        self.heads = Tabs([tab.name for tab in self.tabs], self.tabs[0].name, say.ShowTab)
        self.menu = Button("Menu", ShowMenu(), MENU_HINT)
        self.ring = Ring()
        self.rect = pygame.Rect(0, 0, 0, 0)

    @property
    def tab(self) -> Tab:
        return next(tab for tab in self.tabs if tab.name == self.heads.chosen)

    def show(self, name: str) -> None:
        """Bring a tab to the top; an unknown name changes nothing."""
        if name in self.heads.names:
            self.heads.chosen = name

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, theme: Theme, more: Sequence[Widget] = ()) -> None:
        """Draw the heads and the tab on top; `more` widgets beside the panel share its keyboard."""
        self.rect, tab = rect, self.tab
        pygame.draw.rect(surface, PANEL, rect)
        inner = rect.inflate(-theme.px(24), -theme.px(20))
        wide = theme.px(54)
        self.heads.rect = pygame.Rect(inner.left, inner.top, inner.width - wide - theme.px(GAP), theme.px(30))
        self.menu.rect = pygame.Rect(inner.right - wide, inner.top, wide, theme.px(30))
        body = pygame.Rect(inner.left, inner.top + theme.px(30 + 10), inner.width, inner.height - theme.px(40))
        tab.refresh()
        tab.place(body, theme)
        self.ring.show([self.heads, *tab.widgets(), *more, self.menu])
        tab.draw(surface, theme)
        self.ring.draw(surface, theme)

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Pass events to the widgets, then to the tab."""
        message = self.ring.handle(event, theme)
        return message if message is not None else self.tab.handle(event, theme)
