"""The first page: a board to click for each game, who plays, and the buttons that play, watch or open a record.

What every game needs stands beside the boards; all else is under "More", each choice with a sentence. The boards are
cards: `start_card.py` says how a wing adds one. It knows no game.
"""

from collections.abc import Callable, Mapping, Sequence

import pygame

from gui import messages as say
from gui.field import Field
from gui.following import Standings, standing
from gui.kept_games import KeptGame
from gui.level_field import opponent_sentence
from gui.menu_messages import MENU_HINT, ShowMenu
from gui.messages import Message
from gui.page import Page
from gui.start_card import CardButton, cards, place_cards
from gui.start_messages import ShowMore
from gui.widgets.basic import Button, Label, Widget
from gui.widgets.lists import DropDown
from gui.widgets.ring import Ring
from gui.widgets.text_field import TextField
from gui.widgets.theme import BAD, BODY, GROUND, PANEL, QUIET, SMALL, TEXT, TITLE, Theme

FRONT, DETAILED = 50, 66
"""Points that a choice takes, without its sentence and with it."""

BUTTON = 36
"""Points that a button is high."""


class StartPage:
    """A form for each game; what was chosen last time is chosen again."""

    def __init__(
        self,
        pages: Mapping[str, type[Page]],
        chosen: Mapping[str, Mapping[str, object]],
        unfinished: Callable[[str], KeptGame | None] = lambda game: None,
        standings: Callable[[], Standings] = dict,
    ):
        """`chosen` ends with the game that was played last; its form comes first.

        `unfinished` returns the kept game, of one kind, with which a person may want to go on.

        `standings` returns where the opponents stand that follow.
        """
        self.pages, self.unfinished, self.standings = pages, unfinished, standings
        self.cards = cards(pages)
        self.values = {name: dict(chosen.get(name, {})) for name in pages}
        self.game = next((name for name in reversed([*chosen]) if name in pages), next(iter(pages)))
        self.told = ""
        self.running = False  # whether there is a game to go back to
        self.more = False  # whether all choices are shown instead of the boards
        self.ring = Ring()
        self.build()

    # --- state ---

    def build(self) -> None:
        """Make the widgets of the game that is chosen."""
        page = self.pages[self.game]
        self.every: Sequence[Field] = page.fields(self.values[self.game])
        self.fields = [field for field in self.every if field.front or self.more]
        self.labels = [Label(field.label, SMALL, TEXT if self.more else QUIET) for field in self.fields]
        self.inputs = [self._input(field) for field in self.fields]
        self.boards = [CardButton(name, card, name == self.game) for name, card in self.cards.items()]
        self.play = Button("Play", say.NewGame(self.game), "key: Enter", strong=True)
        watched = tuple(page.watched.items())
        self.watch = Button("Watch it think", say.NewGame(self.game, watched), "Yomi plays both sides.")
        self.open = Button("Open a record", say.AskOpen(), "Or drop a file on the window: key Ctrl O")
        self.switch = Button("Less" if self.more else "More", ShowMore(not self.more), "every choice, explained")
        self.back = Button("Back to the game", say.ShowPage("game"), "key: Escape")
        kept = None if self.running else self.unfinished(self.game)
        if kept:
            self.back = Button("Go on", say.GoOnWith(str(kept.record)), f"the game that is not over: {kept.about}")
        self.has_back = self.running or kept is not None
        self.menu = Button("Menu", ShowMenu(), MENU_HINT)
        doors = () if self.more else self.cards[self.game].more
        self.doors = [Button(each.label, each.message, each.key) for each in doors]

    def _input(self, field: Field) -> TextField | DropDown:
        value, hint = self._value(field), "" if self.more else field.hint
        if not field.choices:
            changed, enter = lambda text: say.SetField(field.name, text), lambda text: say.NewGame(self.game)
            return TextField(str(value), changed, enter, hint)
        return DropDown(field.choices, value, lambda value: say.SetField(field.name, value), hint)

    def _value(self, field: Field) -> object:
        """Return what is chosen in a field: as before, if that can still be chosen."""
        value = self.values[self.game].get(field.name, field.default)
        known = [choice for choice, _ in field.choices]
        return value if not known or value in known else field.default

    def chosen(self) -> dict[str, object]:
        """Return the values of the form."""
        return {field.name: self._value(field) for field in self.every}

    def receive(self, message: Message) -> bool:
        """Keep what was chosen; return False for any other message."""
        match message:
            case say.ChooseGame(name):
                self.choose(name)
            case ShowMore(on):
                self.more = on
                self.build()
            case say.SetField(name, value):
                self.values[self.game][name] = value
                if any(field.apart for field in self.every if field.name == name):
                    self.build()
            case say.Say(text):
                self.told = text
                return True
            case _:
                return False
        self.told = ""
        return True

    def choose(self, game: str) -> None:
        """Show the form of a game."""
        self.game = game
        self.build()

    def show(self, game: str, running: bool) -> None:
        """Come on screen with the form of a game; `running`: there is a game to go back to."""
        self.running, self.more = running, False
        self.choose(game)

    # --- what is seen ---

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the page in the middle of the window."""
        surface.fill(GROUND)
        whole, px = surface.get_rect(), theme.px
        board = max(px(190), min(px(400), whole.height // 3))
        widest = px(760) if self.more else max(px(680), (board + px(24)) * len(self.boards)) + px(40)
        rows = DETAILED * -(-len(self.fields) // 2)
        tall = px(74 + (BUTTON + 10) * (2 if self.doors else 1)) + (px(rows) if self.more else board + px(FRONT + 60))
        box = pygame.Rect(0, 0, min(widest, whole.width - px(16)), min(tall, whole.height - px(8)))
        box.center = whole.center
        theme.panel(surface, box, PANEL, 12)
        inner = box.inflate(-px(40), -px(28))
        self._draw_title(surface, theme, inner)
        body = pygame.Rect(inner.left, inner.top + px(46), inner.width, inner.height - px(46))
        self._place_buttons(body, theme)
        body.height = self.play.rect.top - px(10) - body.top
        if self.more:
            self._place_all(surface, body, theme)
        else:
            self._place_front(surface, body, theme)
        self.ring.show(self._visible())
        self.ring.draw(surface, theme)

    def _visible(self) -> list[Widget]:
        boards = [] if self.more or len(self.boards) < 2 else self.boards
        pairs = zip(self.labels, self.inputs, strict=True)
        return [*boards, *(widget for pair in pairs for widget in pair), *self._buttons(), *self.doors, self.menu]

    def _buttons(self) -> list[Button]:
        watch = [self.watch] if self.pages[self.game].watched else []
        return [self.play, *([self.back] if self.has_back else []), *watch, self.open, self.switch]

    def _draw_title(self, surface: pygame.Surface, theme: Theme, inner: pygame.Rect) -> None:
        at = (inner.left, inner.top + theme.px(18))
        name = theme.text(surface, "Yomi", at, TITLE, bold=True)
        left, middle = name.right + theme.px(14), inner.top + theme.px(22)
        wide, tall = theme.px(64), theme.px(30)
        self.menu.rect = pygame.Rect(inner.right - wide, middle - tall // 2, wide, tall)
        width = self.menu.rect.left - theme.px(10) - left
        if not self.told:
            about = self.cards[self.game].about
            words = f"{self.cards[self.game].title}: every choice" if self.more else f"reads ahead.  {about}"
            theme.text(surface, words, (left, middle), BODY, QUIET, width=width, least=SMALL)
            return
        lines = theme.wrapped(self.told, width, BODY)
        for k, words in enumerate([*lines[:1], " ".join(lines[1:])] if len(lines) > 1 else lines):
            y = middle + theme.px(18) * (k - (len(lines) > 1) / 2)
            theme.text(surface, words, (left, y), BODY, BAD, width=width, least=10)

    def _place_buttons(self, body: pygame.Rect, theme: Theme) -> None:
        """Place the buttons in a row at the foot, those of the card above it."""
        bottom, gap = body.bottom, theme.px(10)
        for row in (self.doors, self._buttons()) if self.doors else (self._buttons(),):
            wide = (body.width - gap * (len(row) - 1)) / len(row)
            for k, button in enumerate(row):
                left = body.left + round(k * (wide + gap))
                button.rect = pygame.Rect(left, bottom - theme.px(BUTTON), round(wide), theme.px(BUTTON))
            bottom -= theme.px(BUTTON) + gap

    def _place_front(self, surface: pygame.Surface, body: pygame.Rect, theme: Theme) -> None:
        """Place the boards, the choices that matter most below them, and say who plays."""
        px = theme.px
        said = pygame.Rect(body.left, body.bottom - px(40), body.width, px(38))
        top = said.top - px(FRONT + 6)
        place_cards(self.boards, pygame.Rect(body.left, body.top, body.width, top - px(12) - body.top), theme)
        gap, count = px(14), max(1, len(self.fields))
        shares = [1.6 if field.name == "level" else 1.0 for field in self.fields]
        left, room = float(body.left), body.width - gap * (count - 1)
        for label, widget, share in zip(self.labels, self.inputs, shares, strict=True):
            wide = room * share / sum(shares)
            label.rect = pygame.Rect(round(left), top, round(wide), px(18))
            widget.rect = pygame.Rect(round(left), top + px(19), round(wide), px(28))
            left += wide + gap
        self._draw_sentence(surface, said, theme)

    def _draw_sentence(self, surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
        """Say who plays for Yomi; in a game without levels, what the choices mean."""
        values = self.chosen()
        words = " ".join(field.hint for field in self.fields)
        if "level" in values:
            words = opponent_sentence(self.game, values, standing(self.game, self.every, values, self.standings()))
        points = 13.0
        while len(lines := theme.wrapped(words, rect.width, points)) > 2 and points > 9:
            points -= 0.5
        for k, line in enumerate(lines):
            at = (rect.left, rect.top + theme.px(9 + 18 * k))
            theme.text(surface, line, at, points, QUIET, width=rect.width)

    def _place_all(self, surface: pygame.Surface, body: pygame.Rect, theme: Theme) -> None:
        """Place every choice in two columns, each above its sentence."""
        gap = theme.px(24)
        half, tall = (body.width - gap) // 2, body.height // -(-len(self.fields) // 2)
        for k, (field, label, widget) in enumerate(zip(self.fields, self.labels, self.inputs, strict=True)):
            left, top = body.left + k % 2 * (half + gap), body.top + k // 2 * tall
            label.rect = pygame.Rect(left, top, half, theme.px(16))
            widget.rect = pygame.Rect(left, top + theme.px(17), half, theme.px(26))
            at = (left, top + theme.px(17 + 26 + 9))
            theme.text(surface, field.hint, at, 11, QUIET, width=half, least=9)

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Pass events to the widgets; Enter plays, Escape goes back."""
        popup, had_focus = self.ring.popup, self.ring.focus
        message = self.ring.handle(event, theme)
        if message is not None or popup or event.type != pygame.KEYDOWN:
            return message
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER) and not isinstance(had_focus, DropDown):
            return say.NewGame(self.game)
        if event.key == pygame.K_ESCAPE and self.more:
            return ShowMore(False)
        if event.key == pygame.K_ESCAPE and self.running:
            return say.ShowPage("game")
        return None
