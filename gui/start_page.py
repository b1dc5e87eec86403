"""The page on which a game is chosen: which game, who plays, how strong the engine is, by what rules."""

from collections.abc import Callable, Mapping, Sequence

import pygame

from gui import messages as say
from gui.field import Field
from gui.kept_games import KeptGame
from gui.messages import Message
from gui.page import Page
from gui.widgets.basic import Button, Label, Tabs, Widget
from gui.widgets.lists import DropDown
from gui.widgets.ring import Ring
from gui.widgets.text_field import TextField
from gui.widgets.theme import BAD, BODY, GROUND, PANEL, QUIET, SMALL, TITLE, Theme


class StartPage:
    """A form for each game; what was chosen last time is chosen again."""

    def __init__(
        self,
        pages: Mapping[str, type[Page]],
        chosen: Mapping[str, Mapping[str, object]],
        unfinished: Callable[[str], KeptGame | None] = lambda game: None,
    ):
        """`unfinished` returns the kept game, of one kind, with which a person may want to go on."""
        self.pages, self.unfinished = pages, unfinished
        self.values = {name: dict(chosen.get(name, {})) for name in pages}
        self.game = next(iter(pages))
        self.told = ""
        self.running = False  # whether there is a game to go back to
        self.ring = Ring()
        self.build()

    # --- state ---

    def build(self) -> None:
        """Make the widgets of the game that is chosen."""
        titles = [kind.title for kind in self.pages.values()]
        self.heads = Tabs(titles, self.pages[self.game].title, self._named)
        self.fields: Sequence[Field] = self.pages[self.game].fields()
        self.labels = [Label(field.label, SMALL) for field in self.fields]
        self.inputs = [self._input(field) for field in self.fields]
        self.play = Button("Play", say.NewGame(self.game), "key: Enter", strong=True)
        self.open = Button("Open a record", say.AskOpen(), "Or drop a file on the window: key Ctrl O")
        self.back = Button("Back to the game", say.ShowPage("game"), "key: Escape")
        kept = None if self.running else self.unfinished(self.game)
        if kept:
            self.back = Button("Go on", say.GoOnWith(str(kept.record)), f"the game that is not over: {kept.about}")
        self.has_back = self.running or kept is not None

    def _named(self, title: str) -> Message:
        return say.ChooseGame(next(name for name, kind in self.pages.items() if kind.title == title))

    def _input(self, field: Field) -> TextField | DropDown:
        value = self.values[self.game].get(field.name, field.default)
        if not field.choices:
            changed, enter = lambda text: say.SetField(field.name, text), lambda text: say.NewGame(self.game)
            return TextField(str(value), changed, enter, field.hint)
        known = [choice for choice, _ in field.choices]
        value = value if value in known else field.default
        return DropDown(field.choices, value, lambda value: say.SetField(field.name, value), field.hint)

    def chosen(self) -> dict[str, object]:
        """Return the values of the form."""
        return {field.name: widget.value for field, widget in zip(self.fields, self.inputs, strict=True)}

    def receive(self, message: Message) -> bool:
        """Keep what was chosen; return False for any other message."""
        match message:
            case say.ChooseGame(name):
                self.choose(name)
            case say.SetField(name, value):
                self.values[self.game][name] = value
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
        self.running = running
        self.choose(game)

    # --- what is seen ---

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the form in the middle of the window."""
        surface.fill(GROUND)
        whole = surface.get_rect()
        rows = -(-len(self.fields) // 2)
        height = theme.px(80 + (40 if len(self.pages) > 1 else 0) + 54 * rows + 56)
        box = pygame.Rect(0, 0, min(theme.px(640), whole.width - theme.px(24)), min(height, whole.height - theme.px(8)))
        box.center = whole.center
        theme.panel(surface, box, PANEL, 12)
        inner = box.inflate(-theme.px(44), -theme.px(28))
        self._draw_title(surface, theme, inner)
        self._place(inner, theme)
        self.ring.show(self._visible())
        self.ring.draw(surface, theme)

    def _visible(self) -> list[Widget]:
        heads = [self.heads] if len(self.pages) > 1 else []
        back = [self.back] if self.has_back else []
        pairs = zip(self.labels, self.inputs, strict=True)
        return [*heads, *(widget for pair in pairs for widget in pair), self.play, self.open, *back]

    def _draw_title(self, surface, theme: Theme, inner: pygame.Rect) -> None:
        at = (inner.left, inner.top + theme.px(20))
        name = theme.text(surface, "Yomi", at, TITLE, bold=True)
        left, middle = name.right + theme.px(14), inner.top + theme.px(24)
        width = inner.right - left
        if not self.told:
            about = "reads ahead: choose a game; ? lists the keys"
            theme.text(surface, about, (left, middle), BODY, QUIET, width=width)
            return
        lines = theme.wrapped(self.told, width, BODY)
        for k, words in enumerate([*lines[:1], " ".join(lines[1:])] if len(lines) > 1 else lines):
            y = middle + theme.px(18) * (k - (len(lines) > 1) / 2)
            theme.text(surface, words, (left, y), BODY, BAD, width=width, least=SMALL)

    def _place(self, inner: pygame.Rect, theme: Theme) -> None:
        y, gap = inner.top + theme.px(52), theme.px(20)
        if len(self.pages) > 1:
            self.heads.rect = pygame.Rect(inner.left, y, inner.width, theme.px(32))
            y += theme.px(40)
        half = (inner.width - gap) // 2
        for k, (label, widget) in enumerate(zip(self.labels, self.inputs, strict=True)):
            left, top = inner.left + k % 2 * (half + gap), y + k // 2 * theme.px(54)
            label.rect = pygame.Rect(left, top, half, theme.px(18))
            widget.rect = pygame.Rect(left, top + theme.px(19), half, theme.px(28))
        top = inner.bottom - theme.px(36)
        wide = (inner.width - 2 * theme.px(10)) // 3
        for k, button in enumerate((self.play, self.open, self.back)):
            button.rect = pygame.Rect(inner.left + k * (wide + theme.px(10)), top, wide, theme.px(36))

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Pass events to the widgets; Enter plays, Escape goes back."""
        popup = self.ring.popup
        message = self.ring.handle(event, theme)
        if message is not None or popup or event.type != pygame.KEYDOWN:
            return message
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER) and not isinstance(self.ring.focus, DropDown):
            return say.NewGame(self.game)
        if event.key == pygame.K_ESCAPE and self.running:
            return say.ShowPage("game")
        return None
