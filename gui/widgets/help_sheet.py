"""The sheet that `?` shows: every key and what it does."""

from collections.abc import Sequence

import pygame

from gui.widgets.dialog import dim
from gui.widgets.theme import ACCENT, LINE, PANEL, QUIET, SMALL, Theme

Keys = Sequence[tuple[str, str]]

EVERYWHERE: Keys = (
    ("?", "this sheet"),
    ("Tab", "the keyboard to the next widget; Enter or Space presses it"),
    ("Ctrl  +  -  0", "everything larger, smaller, as at first"),
    ("M", "sounds on or off"),
    ("N", "a new game"),
    ("Ctrl O", "open a record or a run; or drop it on the window"),
    ("Ctrl S", "save the game, or a picture of the board"),
    ("Ctrl C  Ctrl V", "copy the record, paste one"),
    ("Ctrl P", "copy a picture of the board"),
    ("F10", "the menu"),
    ("Ctrl Q", "leave"),
)
GAME: Keys = (
    ("U  Backspace", "undo: until you are to play again"),
    ("R", "redo"),
    ("←  →", "one move back, on; with the mouse on a run: its checkpoints"),
    ("Page up, down", "ten moves back, on"),
    ("Home  End", "the first position, the last"),
    ("↑  ↓", "another move that was played here instead"),
    ("Ctrl R", "resign"),
)
SEARCH: Keys = (
    ("Space", "analyse: think on and on; again: stop"),
    ("Enter", "move now; where Yomi waits: go on"),
    ("S", "stop thinking, the result stays"),
    ("H", "a hint: candidates on the board"),
    ("1 2 3 4 5", "the tabs"),
)


def draw(surface: pygame.Surface, theme: Theme, title: str, own: Keys, note: str = "") -> None:
    """Draw the sheet in the middle of the window, in two columns; smaller where the window is too low for it.

    A `note` stands at its foot.
    """
    dim(surface)
    while not _draw_sheet(surface, theme, title, own, note):
        theme = theme.smaller


def _draw_sheet(surface: pygame.Surface, theme: Theme, title: str, own: Keys, note: str) -> bool:
    """Draw the sheet, unless it is higher than the window; return whether it was drawn."""
    whole = surface.get_rect()
    half = (min(theme.px(880), whole.width - theme.px(16)) - theme.px(36 + 24)) // 2
    columns = ((("everywhere", EVERYWHERE), (title, own)), (("the game", GAME), ("the search", SEARCH)))
    lines = [[_lines(theme, half, keys) for _, keys in column] for column in columns]
    tall = max(sum(_height(theme, block) for block in column) for column in lines)
    box = pygame.Rect(0, 0, 2 * half + theme.px(36 + 24), tall + theme.px(24 + 22))
    if box.height > whole.height and theme.scale > 0.2:
        return False
    box.center = whole.center
    theme.panel(surface, box, PANEL, 10)
    pygame.draw.rect(surface, LINE, box, 1, border_radius=theme.px(10))
    inner = box.inflate(-theme.px(36), -theme.px(24))
    for k, (column, blocks) in enumerate(zip(columns, lines, strict=True)):
        left, y = inner.left + k * (half + theme.px(24)), inner.top
        for (heading, _), block in zip(column, blocks, strict=True):
            _draw_block(surface, theme, left, y, half, heading, block)
            y += _height(theme, block)
    theme.text(surface, note, (inner.left, inner.bottom - theme.px(6)), SMALL, theme.warm, width=inner.width * 2 // 3)
    theme.text(surface, "any key closes this", (inner.right, inner.bottom - theme.px(6)), SMALL, QUIET, "right")
    return True


Block = list[tuple[str, list[str]]]


def _name_width(half: int) -> int:
    return round(half * 0.34)


def _lines(theme: Theme, half: int, keys: Keys) -> Block:
    return [(name, theme.wrapped(meaning, half - _name_width(half), SMALL)) for name, meaning in keys]


def _height(theme: Theme, block: Block) -> int:
    return theme.px(32) + sum(theme.px(16) * len(lines) + theme.px(3) for _, lines in block)


def _draw_block(surface, theme: Theme, left: int, y: int, half: int, heading: str, block: Block) -> None:
    theme.text(surface, heading, (left, y + theme.px(10)), 14, ACCENT, bold=True)
    y += theme.px(24)
    for name, lines in block:
        theme.text(surface, name, (left, y + theme.px(8)), SMALL, bold=True, width=_name_width(half) - theme.px(4))
        for line in lines:
            theme.text(surface, line, (left + _name_width(half), y + theme.px(8)), SMALL, QUIET)
            y += theme.px(16)
        y += theme.px(3)
