"""The window: its loop, its pages, what is on top of them. Clicks become messages; nothing waits for the engine."""

import os
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")  # one unit is one pixel

import pygame

from games import wings
from gui import files, script, settings_store
from gui import messages as say
from gui.messages import Message
from gui.page import Page
from gui.start_page import StartPage
from gui.tabs.ghost_ladder import Ladder
from gui.tabs.panel import Panel, Tab
from gui.thinker import Thinker
from gui.widgets import clipboard, help_sheet
from gui.widgets.basic import is_key
from gui.widgets.dialog import Dialog
from gui.widgets.keys import CTRL, KEYS, MOVES_FOCUS
from gui.widgets.sounds import Sounds
from gui.widgets.text_field import TextField
from gui.widgets.theme import GROUND, QUIET, SCALES, SHADOW, SMALL, TEXT, WARM, Theme

TABS = (("gui.tabs.search_tab", "SearchTab"), ("gui.tabs.ladder_tab", "LadderTab"))
"""More tabs, where their files are there."""

USUAL_SIZE = (1180, 760)
LEAST = (720, 480)
"""Points that every view needs; in a smaller window everything shrinks, so that nothing is cut off."""

PACE = 60
"""Frames a second while something moves or the engine thinks."""

IDLE = 100
"""Milliseconds between two looks at the clocks when nothing happens."""


class App:
    """The window and what is in it."""

    def __init__(self, size: tuple[int, int] | None = None, remembered: settings_store.Remembered | None = None):
        """Open the window; `remembered` None reads the user's own settings, and writes them back."""
        pygame.display.init()
        pygame.font.init()
        self.keeps = remembered is None
        self.remembered = remembered or settings_store.load()
        self.scale = self.remembered.scale or usual_scale()
        self.surface = pygame.display.set_mode(self._first_size(size), pygame.RESIZABLE)
        pygame.display.set_caption("Yomi")
        pygame.display.set_icon(icon())
        pygame.key.set_repeat(350, 40)
        self.theme = Theme(self._fitting_scale())
        self.sounds = Sounds(self.remembered.mute)
        self.thinker = Thinker()
        self.pages = known_pages()
        self.start = StartPage(self.pages, self.remembered.start)
        self.page: Page | None = None
        self.panel: Panel | None = None
        self.dialog: Dialog | None = None
        self.at_start, self.help, self.left, self.stale = True, False, False, True
        self.idle = IDLE
        self.frames: list[float] = []  # seconds that each of the last frames took
        self.drawn = self.woke = 0.0

    def _first_size(self, size: tuple[int, int] | None) -> tuple[int, int]:
        if size:
            return size
        if min(self.remembered.size) >= 200:
            return self.remembered.size
        screen = pygame.display.get_desktop_sizes()[0]
        return tuple(min(round(a * self.scale), round(b * 0.92)) for a, b in zip(USUAL_SIZE, screen, strict=True))

    # --- scale ---

    def _fitting_scale(self) -> float:
        width, height = self.surface.get_size()
        return max(0.3, min(self.scale, width / LEAST[0], height / LEAST[1]))

    def resized(self) -> None:
        """Lay everything out for the window as it now is."""
        self.surface = pygame.display.get_surface()
        self.stale = True
        scale = self._fitting_scale()
        if scale != self.theme.scale:
            self.theme = Theme(scale)
            if self.page:
                self.page.resize(self.theme)

    def rescale(self, by: int) -> None:
        """Make everything larger or smaller, or as it was at first."""
        at = min(range(len(SCALES)), key=lambda k: abs(SCALES[k] - self.scale))
        self.scale = SCALES[min(len(SCALES) - 1, max(0, at + by))] if by else usual_scale()
        self.remember(scale=self.scale if by else 0.0)
        self.resized()
        small = " (the window is too small for it)" if self.theme.scale < self.scale else ""
        self.tell(f"scale {self.scale:.0%}{small}")

    def remember(self, **what) -> None:
        """Keep settings for the next time."""
        self.remembered = replace(self.remembered, **what)
        if self.keeps:
            settings_store.save(self.remembered)

    # --- the loop ---

    def run(self) -> None:
        """Show the window until it is closed."""
        while not self.left:
            self.frame()
        self.close()

    def frame(self) -> None:
        """Take what happened, draw if anything changed, and wait a little."""
        began = perf_counter()
        lively = self.lively()
        for event in self._events(lively):
            self.handle(event)
        self.advance()
        if self.stale or self.due():
            self.draw()
        self.frames.append(perf_counter() - began)
        del self.frames[:-2000]

    def _events(self, lively: bool) -> list[pygame.event.Event]:
        rest = 1000 / PACE - 1000 * (perf_counter() - self.woke)  # the frame's own work is part of its time
        first = pygame.event.wait(max(1, int(rest)) if lively else self.idle)
        self.woke = perf_counter()
        return [event for event in (first, *pygame.event.get()) if event.type != pygame.NOEVENT]

    def lively(self) -> bool:
        """Say whether frames must come quickly without events."""
        page = self.page
        if page is None or self.at_start:
            return False
        return bool(page.session.thinking) or page.animating() or (page.ladder is not None and page.ladder.busy)

    def advance(self) -> None:
        """Let the game go on."""
        if self.page is None:
            return
        before = self.page.session.ply, self.page.session.over
        self.stale |= self.page.session.poll()
        self.stale |= self.page.ladder is not None and self.page.ladder.poll()
        self._sound(*before)

    def due(self) -> bool:
        """Say whether a frame should be drawn although nothing happened: animation, clocks, a tooltip."""
        if self.at_start or self.page is None:
            return self.start.ring.due
        age = perf_counter() - self.drawn
        ticking = bool(self.page.session.clocks) or bool(self.page.session.thinking)
        return self.page.animating() or (ticking and age > 0.1) or self.panel.ring.due

    def _sound(self, ply: int, over: bool) -> None:
        session = self.page.session
        if session.ply != ply or session.over != over:
            self.sounds.play(self.page.sound(ply, session.ply))

    def close(self) -> None:
        """Leave: remember the window, let the thread end."""
        self.remember(size=self.surface.get_size())
        if self.page:
            self.page.session.stop_thinking()
            self.show_run(None)
        self.thinker.close()
        pygame.quit()

    # --- drawing ---

    def draw(self) -> None:
        """Draw the whole window."""
        self.drawn, self.stale = perf_counter(), False
        if self.at_start or self.page is None:
            self.start.running = self.page is not None
            self.start.draw(self.surface, self.theme)
        else:
            self._draw_game()
        if self.dialog:
            self.dialog.draw(self.surface, self.theme)
        if self.help:
            page = self.pages[self.start.game] if self.at_start else self.page
            help_sheet.draw(self.surface, self.theme, page.title, page.keys)
        pygame.display.flip()

    def _draw_game(self) -> None:
        self.surface.fill(GROUND)
        board, panel, status = self.layout()
        self.page.opinion = self.panel.tab.opinion()
        self.page.draw(self.surface, board)
        self.panel.draw(self.surface, panel, self.theme)
        self._draw_status(status)

    def layout(self) -> tuple[pygame.Rect, pygame.Rect, pygame.Rect]:
        """Return where board, panel and status line are: the panel takes what a square board leaves."""
        px, (width, height) = self.theme.px, self.surface.get_size()
        line = px(30)
        wide = max(px(310), min(width - (height - line), round(width * 0.5), px(self.panel.tab.widest)))
        left = width - wide
        status = pygame.Rect(0, height - line, left, line)
        board = pygame.Rect(px(10), px(10), left - px(20), height - line - px(12))
        return board, pygame.Rect(left, 0, wide, height), status

    def _draw_status(self, rect: pygame.Rect) -> None:
        session, theme = self.page.session, self.theme
        pygame.draw.rect(self.surface, SHADOW, rect)
        right = rect.right - theme.px(10)
        if session.thinking:
            right = self._draw_thinking(rect, right)
        left, colour = rect.left + theme.px(12), WARM if session.alarm else TEXT
        width = right - left - theme.px(8)
        if theme.text_width(session.status, SMALL) <= width:
            theme.text(self.surface, session.status, (left, rect.centery), 13, colour, width=width, least=SMALL)
            return
        about_half = round(0.58 * theme.text_width(session.status, 11))
        first, *rest = theme.wrapped(session.status, min(width, about_half), 11) or [""]
        for words, above in ((first, 0.5), (" ".join(rest), -0.5)):
            at = (left, rect.centery - above * theme.px(13))
            theme.text(self.surface, words, at, 11, colour, width=width, least=10)

    def _draw_thinking(self, rect: pygame.Rect, right: int) -> int:
        """Draw what the search is at, and that it is alive; return where that begins."""
        session, theme = self.page.session, self.theme
        found, theme = session.growing, self.theme
        words = f"{found.visits:,} visits  {found.seconds:.1f} s" if found else session.thinking
        place = theme.text(self.surface, words, (right, rect.centery), SMALL, QUIET, "right")
        phase = perf_counter() * 2 % 3
        for k in range(3):
            near = 1 - min(1.0, abs((phase - k + 1.5) % 3 - 1.5))
            at = (place.left - theme.px(34 - 9 * k), rect.centery)
            theme.disc(self.surface, at, theme.px(4 + 3 * near), QUIET)
        return place.left - theme.px(42)

    # --- events ---

    def handle(self, event: pygame.event.Event) -> None:
        """Find out what an event means, and do it."""
        if event.type == pygame.QUIT:
            self.left = True
        elif event.type in (pygame.VIDEORESIZE, getattr(pygame, "VIDEOEXPOSE", -1)):
            self.resized()
        elif event.type == pygame.DROPFILE:
            self.receive(say.Open(event.file))
        else:
            self.stale = True
            message = self._meaning(event)
            if message is not None:
                self.receive(message)

    def _meaning(self, event: pygame.event.Event) -> Message | None:
        if self.help:
            self.help = event.type not in (pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN)
            return None
        paste = is_key(event, pygame.K_v) and event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META)
        ring = self.dialog.ring if self.dialog else self.start.ring if self.at_start else self.panel.ring
        if paste and isinstance(ring.focus, TextField):
            return ring.focus.insert(clipboard.get())
        if self.dialog:
            return self.dialog.handle(event, self.theme)
        message = self._short_cut(event, ring.typing)
        if message is not None:
            return message
        if self.at_start:
            return self.start.handle(event, self.theme)
        return self._game_meaning(event)

    def _short_cut(self, event: pygame.event.Event, typing: bool) -> Message | None:
        """Return what a key means on every page."""
        if event.type != pygame.KEYDOWN:
            return None
        if event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META):
            return CTRL.get(event.key)
        if typing:
            return None
        if event.unicode == "?" or event.key == pygame.K_F1:
            return say.ToggleHelp()
        return say.ToggleMute() if event.key == pygame.K_m else None

    def _game_meaning(self, event: pygame.event.Event) -> Message | None:
        message = self.panel.handle(event, self.theme)
        if message is not None or self.panel.ring.popup:
            return message
        focus = self.panel.ring.focus
        if event.type == pygame.KEYDOWN and focus:
            if event.key == pygame.K_ESCAPE:
                self.panel.ring.give_keyboard(None)
            if event.key in MOVES_FOCUS or self.panel.ring.typing:
                return None
        message = self.page.handle(event)
        if message is None and event.type == pygame.KEYDOWN and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META):
            message = KEYS.get(event.key)
        return message

    # --- messages ---

    def receive(self, message: Message) -> None:
        """Do what a message asks: the window's own here, all others where the game is."""
        self.stale = True
        verb = VERBS.get(type(message))
        if verb:
            verb(self, message)
        elif self.at_start:
            self.start.receive(message)
        else:
            before = self.page.session.ply, self.page.session.over
            if self.page.receive(message):
                self._sound(*before)
            if self.page.session.alarm:
                self.sounds.play("wrong")

    def tell(self, sentence: str, alarm: bool = False) -> None:
        """Show a sentence where the person looks."""
        if self.at_start or self.page is None:
            self.start.told = sentence
        else:
            self.page.session.tell(sentence, alarm)

    def begin(self, game: str, values: dict[str, object]) -> None:
        """Begin a game; raise `ValueError` for what cannot be."""
        page = self.pages[game].begin(values, self.theme, self.thinker)
        if self.page:
            self.page.session.stop_thinking()
            if self.page.name == game:
                page.ladder = self.page.ladder
            else:
                self.show_run(None)
        self.page = page
        self.panel = Panel(page, known_tabs())
        self.at_start, self.stale = False, True
        if self.sounds.why_not:
            page.session.tell(self.sounds.why_not)

    def new_game(self, game: str) -> None:
        """Begin the game that the start page describes."""
        chosen = self.start.chosen()
        try:
            self.begin(game, chosen)
        except (ValueError, OSError, ImportError) as error:
            self.start.told = " ".join(str(error).split())
        else:
            self.remember(start={**self.remembered.start, game: chosen})

    def begin_as_usual(self, name: str) -> None:
        """Begin a game as the start page would."""
        self.start.receive(say.Set("game", self.pages[name].title))
        self.new_game(name)

    def show_run(self, ladder: Ladder | None) -> None:
        """Look at another run from now on, or at none."""
        if self.page.ladder:
            self.page.ladder.close()
        self.page.ladder = ladder

    def show_page(self, name: str) -> None:
        """Show the start page, or the game."""
        self.at_start = name == "start" or self.page is None
        if self.at_start:
            self.start.told = ""

    def toggle_mute(self) -> None:
        """Turn sounds off, or on."""
        self.sounds.mute = not self.sounds.mute
        self.remember(mute=self.sounds.mute)
        self.tell("sounds are off" if self.sounds.mute else self.sounds.why_not or "sounds are on")

    def hint(self) -> None:
        """Show the candidates, and let the search look for them where nothing is known."""
        page = self.page
        if "candidates" not in page.shown:
            page.receive(say.ToggleOverlay("candidates"))
        if not page.session.analysing and not page.session.thinking:
            page.receive(say.Analyse())

    # --- scripts ---

    def find_label(self, label: str) -> tuple[int, int] | None:
        """Return the middle of the widget with a label."""
        ring = self.dialog.ring if self.dialog else self.start.ring if self.at_start else self.panel.ring
        for widget in ring.widgets:
            if label.lower() in (str(name).lower() for name in (getattr(widget, "names", ()))):
                names = [name.lower() for name in widget.names]
                return widget._cells()[names.index(label.lower())].center
            if str(getattr(widget, "label", "")).lower() == label.lower() and widget.visible:
                return widget.rect.center
        if self.at_start and label.lower() in (labels := [each.words.lower() for each in self.start.labels]):
            return self.start.inputs[labels.index(label.lower())].rect.center
        return None


VERBS = {
    say.Scale: lambda app, message: app.rescale(message.by),
    say.ToggleMute: lambda app, message: app.toggle_mute(),
    say.ToggleHelp: lambda app, message: setattr(app, "help", not app.help),
    say.Close: lambda app, message: setattr(app, "dialog", None),
    say.Quit: lambda app, message: setattr(app, "left", True),
    say.ShowPage: lambda app, message: app.show_page(message.name),
    say.ShowTab: lambda app, message: app.panel.show(message.name) if app.panel else None,
    say.NewGame: lambda app, message: app.new_game(message.game),
    say.Open: lambda app, message: files.open_path(app, message.path),
    say.Save: lambda app, message: files.save(app, message.path),
    say.AskOpen: lambda app, message: files.ask_path(app, "Open a record", "Open", say.Open, ""),
    say.AskRun: lambda app, message: files.ask_path(app, "Open a run", "Open", say.OpenRun, "runs/"),
    say.OpenRun: lambda app, message: files.open_run(app, message.path),
    say.CloseRun: lambda app, message: app.show_run(None),
    say.AskSave: lambda app, message: files.ask_save(app),
    say.Paste: lambda app, message: files.paste(app),
    say.Copy: lambda app, message: files.copy(app),
    say.Hint: lambda app, message: app.hint(),
}
"""What the window does itself."""


def known_pages() -> dict[str, type[Page]]:
    """Return the pages of the games that are there."""
    return {game: wings.part("gui", game, "page").PAGE for game in wings.having("gui", "page")}


def known_tabs() -> list[type[Tab]]:
    """Return the tabs that are there beside the usual ones."""
    return [getattr(import_module(file), kind) for file, kind in TABS if find_spec(file)]


def usual_scale() -> float:
    """Return the scale that suits the screen: 1 up to about 1,100 lines."""
    height = pygame.display.get_desktop_sizes()[0][1]
    return max((scale for scale in SCALES if scale <= max(1.0, height / 1000)), default=1.0)


def icon() -> pygame.Surface:
    """Return the window's sign: a white stone that looks over a black one."""
    theme, surface = Theme(1.0), pygame.Surface((64, 64), pygame.SRCALPHA)
    theme.disc(surface, (25, 37), 44, (28, 28, 32), (8, 8, 10), shade=True)
    theme.disc(surface, (42, 24), 38, (244, 243, 238), (150, 146, 136), shade=True)
    return surface


def open_window(
    game: str = "",
    values: dict[str, object] | None = None,
    record: str = "",
    save_to: str = "",
    orders: str = "",
    picture: str = "",
    frames: int = 0,
    run: str = "",
) -> None:
    """Show the window: the start page, or a game at once. A script, a picture or a number of frames end it."""
    steps = script.read(orders)
    app = App(remembered=settings_store.Remembered(scale=1.0, mute=True) if steps or picture else None)
    try:
        if game:
            app.begin(game, values or {})
        if record:
            files.open_path(app, record)
            app.page.session.halted = False
        if run:
            files.open_run(app, run)
        if save_to:
            app.page.session.keep_in(save_to)
        if steps or picture or frames:
            from gui.runner import Runner

            Runner(app).run(steps, frames, picture)
            app.close()
        else:
            app.run()
    finally:
        pygame.quit()
