"""The window: its loop, its pages, what is on top of them. Clicks become messages; nothing waits for the engine."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter

import pygame

from games import wings
from gui import files, following, kept_games, settings_store
from gui import messages as say
from gui.ending import EndCard, person_won
from gui.following import Follower
from gui.kept_games import Keeper, KeptGame
from gui.lab.screen import LabScreen
from gui.menu_messages import ShowMenu
from gui.messages import Message
from gui.opening import Opening
from gui.page import Page
from gui.screen import first_size, fitting_scale, icon, next_scale, usual_scale
from gui.start_page import StartPage
from gui.status_line import draw_status
from gui.tabs.choosing import tabs_of
from gui.tabs.ghost_ladder import Ladder
from gui.tabs.panel import Panel
from gui.thinker import Thinker
from gui.verbs import VERBS, edit
from gui.watching import Watch
from gui.widgets import help_sheet
from gui.widgets.basic import is_key
from gui.widgets.dialog import Dialog
from gui.widgets.keys import CTRL, KEYS, MOVES_FOCUS, KeysHeld
from gui.widgets.palettes import PALETTES, USUAL
from gui.widgets.ring import Ring
from gui.widgets.sounds import Sounds
from gui.widgets.text_field import TextField
from gui.widgets.theme import GROUND, Theme

PACE = 60
"""Frames a second while something moves or the engine thinks."""

IDLE = 100
"""Milliseconds between two looks at the clocks when nothing happens."""


class App:
    """The window and what is in it."""

    def __init__(self, size: tuple[int, int] | None = None, remembered: settings_store.Remembered | None = None):
        """Open the window. Without `remembered` the user's own settings are read and written back, and games kept."""
        pygame.display.init()
        pygame.font.init()
        self.keeps = remembered is None
        self.remembered = remembered or settings_store.load()
        self.scale = self.remembered.scale or usual_scale()
        self.surface = pygame.display.set_mode(first_size(size, self.remembered.size, self.scale), pygame.RESIZABLE)
        pygame.display.set_caption("Yomi")
        pygame.display.set_icon(icon())
        pygame.key.set_repeat(350, 40)
        self.keys_held = KeysHeld()
        self.theme = self._themed()
        self.sounds = Sounds(self.remembered.mute)
        self.thinker = Thinker()
        self.pages: dict[str, type[Page]] = {
            name: wings.part("gui", name, "page").PAGE for name in wings.having("gui", "page")
        }
        self.start = StartPage(self.pages, self.remembered.start, self.unfinished, lambda: self.remembered.levels)
        self.follower, self.end_card = Follower("", {}), EndCard()
        self.watch: Watch | None = None  # the game of a training run that the board follows
        self.page: Page | None = None
        self.panel: Panel | None = None
        self.dialog: Dialog | LabScreen | None = None
        self.opening: Opening | None = None
        self.then: Callable[[Opening], None] = lambda opening: None  # what is done with a file that was read
        self.at_start, self.help, self.left, self.stale = True, False, False, True
        self.idle = IDLE
        self.frames: list[float] = []  # seconds that each of the last frames took
        self.drawn = self.woke = 0.0

    # --- scale ---

    def resized(self) -> None:
        """Lay everything out for the window as it now is."""
        self.surface = pygame.display.get_surface()
        self.stale = True
        themed = self._themed()
        if (themed.scale, themed.palette) != (self.theme.scale, self.theme.palette):
            self.theme = themed
            if self.page:
                self.page.resize(self.theme)

    def _themed(self) -> Theme:
        palette = PALETTES.get(self.remembered.colours, USUAL)
        return Theme(fitting_scale(self.scale, self.surface.get_size()), palette)

    def rescale(self, by: int) -> None:
        """Make everything larger or smaller, or as it was at first."""
        self.scale = next_scale(self.scale, by)
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

    def frame(self) -> None:
        """Handle what happened, draw if anything changed, and wait a little."""
        began = perf_counter()
        for event in self._events(self.lively()):
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
        events = (event for event in (first, *pygame.event.get()) if event.type != pygame.NOEVENT)
        return [event for event in events if not self.keys_held.is_unwanted_repeat(event, self.ring.typing)]

    def lively(self) -> bool:
        """Return whether frames must come quickly without events."""
        page = self.page
        if self.opening is not None or (self.dialog is not None and self.dialog.lively):
            return True
        if page is None or self.at_start:
            return False
        engine = page.session.engine
        return bool(engine.doing) or engine.walking or page.animating or (page.ladder is not None and page.ladder.busy)

    def advance(self) -> None:
        """Let time pass: the file that is being read, and the game."""
        if self.opening is not None:
            self.stale = True
            files.advance(self)
        if self.dialog is not None and self.dialog.lively:
            self.dialog.advance()
            self.stale = True
        page, panel = self.page, self.panel
        if page is None or panel is None:
            return
        before = page.session.ply, page.session.over
        self.stale |= page.poll() | self._watch(page)
        if not self.at_start:
            page.show_opinion(panel.tab.opinion())
        self.stale |= page.ladder is not None and page.ladder.poll()
        self._sound(page, *before)
        ending = page.ending() if self.follower.key and page.session.over else None
        moved = self.follower.moved(page.session, self.remembered.levels) if ending and ending.final else {}
        if moved:
            self.remember(levels={**self.remembered.levels, **moved})

    def _watch(self, page: Page) -> bool:
        """Bring the board up to the game that is watched; return whether anything changed."""
        if self.watch is None or self.at_start:
            return False
        if self.watch.left(page):
            self.watch = None
            return False
        return self.watch.poll(page)

    def due(self) -> bool:
        """Return whether a frame should be drawn although nothing happened: animation, clocks, a tooltip."""
        page, panel = self.page, self.panel
        if self.at_start or page is None or panel is None:
            return self.start.ring.due
        age = perf_counter() - self.drawn
        ticking = bool(page.session.clocks) or bool(page.session.engine.doing)
        return page.animating or (ticking and age > 0.1) or panel.ring.due

    def _sound(self, page: Page, ply: int, over: bool) -> None:
        session = page.session
        if session.ply != ply or session.over != over:
            self.sounds.play(page.sound(ply, session.ply))

    def close(self) -> bool:
        """Close the window, write what is not written yet, wait for the threads; return whether they ended."""
        self.remember(size=self.surface.get_size())
        if self.opening:
            self.opening.drop()
        pygame.quit()
        ended = True
        if self.page:
            self.page.session.stop_thinking()
            self.page.session.records.finish()
            ended = self.page.ladder is None or self.page.ladder.close(wait=True)
        return self.thinker.close() and ended

    # --- drawing ---

    def draw(self) -> None:
        """Draw the whole window."""
        self.drawn, self.stale = perf_counter(), False
        if self.dialog is None or not self.dialog.lively:  # the lab covers everything
            self._draw_page()
        if self.dialog:
            self.dialog.draw(self.surface, self.theme)
        if self.help:
            chosen = self.pages[self.start.game]
            page = chosen if self.at_start or self.page is None else self.page
            help_sheet.draw(self.surface, self.theme, page.title, page.keys, self.sounds.why_not)
        if self.opening:
            self.opening.draw(self.surface, self.theme)
        pygame.display.flip()

    def _draw_page(self) -> None:
        if self.at_start or self.page is None or self.panel is None:
            self.start.draw(self.surface, self.theme)
        else:
            self.surface.fill(GROUND)
            self.end_card.show(self.page.ending())
            board, panel, status = self.layout()
            board, card = self.end_card.split(board, self.theme)
            self.page.draw(self.surface, board)
            self.end_card.draw(self.surface, card, self.theme, person_won(self.page.session))
            self.panel.draw(self.surface, panel, self.theme, self.end_card.buttons)
            draw_status(self.surface, status, self.theme, self.page.session)

    def layout(self) -> tuple[pygame.Rect, pygame.Rect, pygame.Rect]:
        """Return where board, panel and status line are: the panel takes what a square board leaves."""
        px, (width, height) = self.theme.px, self.surface.get_size()
        line = px(30)
        widest = self.panel.tab.widest if self.panel else 0
        wide = max(px(310), min(width - (height - line), round(width * 0.5), px(widest)))
        left = width - wide
        status = pygame.Rect(0, height - line, left, line)
        board = pygame.Rect(px(10), px(10), left - px(20), height - line - px(12))
        return board, pygame.Rect(left, 0, wide, height), status

    @property
    def ring(self) -> Ring:
        """The widgets that have the keyboard."""
        if self.dialog:
            return self.dialog.ring
        return self.start.ring if self.at_start or self.panel is None else self.panel.ring

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
        if self.opening:
            return say.Close() if is_key(event, pygame.K_ESCAPE) else None
        if self.help:
            self.help = event.type not in (pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN)
            return None
        control = event.type == pygame.KEYDOWN and event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META)
        if control and isinstance(self.ring.focus, TextField) and event.key in (pygame.K_v, pygame.K_c, pygame.K_x):
            return edit(self.ring.focus, event.key)
        if self.dialog:
            return self.dialog.handle(event, self.theme)
        message = self._short_cut(event, self.ring)
        if message is not None:
            return message
        if self.at_start or self.page is None or self.panel is None:
            return self.start.handle(event, self.theme)
        return self._game_meaning(event, self.page, self.panel)

    def _short_cut(self, event: pygame.event.Event, ring: Ring) -> Message | None:
        """Return what a key means on every page."""
        if event.type != pygame.KEYDOWN:
            return None
        if event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META):
            return CTRL.get(event.key)
        if ring.typing:
            return None
        if event.unicode == "?" or event.key == pygame.K_F1:
            return say.ToggleHelp()
        if event.key == pygame.K_F10:
            return ShowMenu()
        return say.ToggleMute() if event.key == pygame.K_m else None

    def _game_meaning(self, event: pygame.event.Event, page: Page, panel: Panel) -> Message | None:
        message = panel.handle(event, self.theme)
        if message is not None or panel.ring.popup:
            return message
        focus = panel.ring.focus
        if event.type == pygame.KEYDOWN and focus:
            if event.key == pygame.K_ESCAPE:
                panel.ring.give_keyboard(None)
            if event.key in MOVES_FOCUS or panel.ring.typing:
                return None
        message = page.handle(event)
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
        elif self.at_start or self.page is None:
            self.start.receive(message)
        else:
            before = self.page.session.ply, self.page.session.over
            if self.page.receive(message):
                self._sound(self.page, *before)
            if self.page.session.alarm:
                self.sounds.play("wrong")

    def tell(self, sentence: str, alarm: bool = False) -> None:
        """Show a sentence where the person looks."""
        if self.at_start or self.page is None:
            self.start.told = sentence
        else:
            self.page.session.tell(sentence, alarm)

    def begin(self, game: str, values: dict[str, object]) -> Page:
        """Begin a game and return its page; raise `ValueError` for what cannot be."""
        page = self.pages[game].begin(values, self.theme, self.thinker)
        if self.page:
            self.page.session.stop_thinking()
            self.page.session.records.finish()
            if self.page.name == game:
                page.look_at(self.page.ladder)
            else:
                self.show_run(None)
        if self.keeps:
            page.session.records.keep_by(Keeper(game, values))
        self.follower = Follower(game, values)
        page.began, self.watch = values, None
        self.page = page
        self.panel = Panel(page, tabs_of(page.name))
        self.at_start, self.stale = False, True
        return page

    def new_game(self, game: str, changed: Mapping[str, object] | None = None) -> None:
        """Begin the game that the start page describes; `changed` replaces some of its choices."""
        self.start.choose(game)
        chosen, fields = self.start.chosen(), self.start.every
        try:
            self.begin(game, following.settled(game, fields, {**chosen, **(changed or {})}, self.remembered.levels))
        except (ValueError, OSError, ImportError) as error:
            self.start.told = " ".join(str(error).split())
        else:
            others = {name: values for name, values in self.remembered.start.items() if name != game}
            self.remember(start={**others, game: chosen})  # the game played last comes last
            if self.panel and dict(changed or {}) == self.pages[game].watched:
                self.panel.show(self.pages[game].watched_tab)

    def show_run(self, ladder: Ladder | None) -> None:
        """Look at another run from now on, or at none."""
        if self.page is None:
            return
        if self.page.ladder:
            self.page.ladder.close()
        self.page.look_at(ladder)

    def show_page(self, name: str) -> None:
        """Show the start page, with the game that is on, or the game."""
        self.at_start = name == "start" or self.page is None
        if self.at_start:
            self.start.told = ""
            self.start.show(self.page.name if self.page else self.start.game, running=self.page is not None)

    def unfinished(self, game: str) -> KeptGame | None:
        """Return the game that was kept last, if it is not over."""
        return kept_games.unfinished(game) if self.keeps else None
