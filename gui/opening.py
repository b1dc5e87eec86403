"""Opening a file while the window stays alive: it is read in a thread, and a bar shows how far."""

import gc
import threading
from collections.abc import Callable, Sequence
from time import perf_counter

import pygame

from gui.records import Opened, Progress
from gui.widgets.dialog import dim
from gui.widgets.theme import ACCENT, GROUND, PANEL, QUIET, Theme

AT_ONCE = 0.25
"""Seconds that the window waits for a file before it shows the bar: small files open without one."""

Reader = Callable[[str, Progress], Opened | None]


class Opening:
    """A file that is being read. The first of several readers that can read it decides what it is."""

    def __init__(self, path: str, readers: Sequence[tuple[str, Reader]], words: str = ""):
        """`readers` are games and how each reads a file; `words` say what is done, unless a file is read."""
        self.path, self._readers = path, readers
        self.words = words or f"reading {path.rpartition('/')[2]}"
        self.game, self.opened, self.error = "", None, ""
        self.share = 0.0
        self.dropped = False
        self._thread = threading.Thread(target=self._read, name="yomi-opening", daemon=True)
        self._thread.start()
        self._thread.join(AT_ONCE)

    opened: Opened | None

    @property
    def ready(self) -> bool:
        """Whether it is read, or cannot be."""
        return not self._thread.is_alive()

    def drop(self) -> None:
        """Read no further: the file is not wanted any more."""
        self.dropped = True

    def _progress(self, share: float) -> None:
        self.share = share
        if self.dropped:
            raise InterruptedError("it is not wanted any more")

    def _read(self) -> None:
        gc.disable()  # a collection among a million fresh objects would hold the window up for seconds
        try:
            self._try_readers()
        finally:
            gc.enable()

    def _try_readers(self) -> None:
        for game, read in self._readers:
            try:
                self.opened, self.game = read(self.path, self._progress), game
                return
            except Exception as error:  # shown as a sentence, and the game goes on
                self.error = self.error or " ".join(str(error).split()) or type(error).__name__

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the bar above everything."""
        dim(surface)
        box = pygame.Rect(0, 0, min(theme.px(420), surface.get_width()), theme.px(92))
        box.center = surface.get_rect().center
        theme.panel(surface, box, PANEL, 10)
        inner = box.inflate(-theme.px(36), -theme.px(28))
        theme.text(surface, self.words, (inner.left, inner.top + theme.px(8)), width=inner.width)
        bar = pygame.Rect(inner.left, inner.top + theme.px(24), inner.width, theme.px(8))
        theme.panel(surface, bar, GROUND, 4)
        theme.panel(surface, self._filled(bar, theme), ACCENT, 4)
        theme.text(surface, "Escape stops", (inner.left, inner.bottom - theme.px(4)), 11, QUIET)

    def _filled(self, bar: pygame.Rect, theme: Theme) -> pygame.Rect:
        """Return the bright part of the bar; where nobody knows how far it is, a piece that wanders."""
        if self.share:
            return pygame.Rect(bar.left, bar.top, max(theme.px(8), round(bar.width * self.share)), bar.height)
        piece = bar.width // 4
        along = abs(perf_counter() % 2 - 1)
        return pygame.Rect(bar.left + round((bar.width - piece) * along), bar.top, piece, bar.height)
