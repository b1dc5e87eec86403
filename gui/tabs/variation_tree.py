"""The tree of variations as stones joined by lines: the present one is ringed, a click goes to any."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import pygame

from games.game import FIRST, SECOND
from gui import review_messages as ask
from gui.history import Node
from gui.messages import Message
from gui.page import Page
from gui.widgets.basic import Widget, pressed
from gui.widgets.theme import ACCENT, LINE, QUIET, RAISED, Colour, Theme

STEP, STONE = 18, 11
"""Points from one stone to the next, and across one."""


class Spot(NamedTuple):
    """Where a position stands in the drawn tree: its ply from the left, its row from above."""

    ply: int
    row: int


def laid_out(root: Node) -> dict[Node, Spot]:
    """Place every node: a line runs in a row; other moves begin rows below, where there is room for them."""
    spots: dict[Node, Spot] = {}
    free: dict[int, int] = defaultdict(int)  # by ply, the first row that is free
    todo: list[tuple[Node, int]] = [(root, 0)]
    while todo:
        first, ply = todo.pop()
        chain = [first]
        while chain[-1].children:
            chain.append(chain[-1].children[0])
        row = max(free[at] for at in range(max(0, ply - 1), ply + len(chain)))
        for k, node in enumerate(chain):
            spots[node] = Spot(ply + k, row)
            free[ply + k] = row + 1
            todo.extend((other, ply + k + 1) for other in reversed(node.children[1:]))
        if ply:
            free[ply - 1] = max(free[ply - 1], row + 1)  # the line to its first stone
    return spots


class VariationTree(Widget):
    """Draws the part of the tree around the present position."""

    takes_keys = False

    def __init__(self, page: Page):
        super().__init__()
        self.page = page
        self._key: object = None
        self._spots: dict[Node, Spot] = {}
        self._seen: list[tuple[pygame.Rect, Node]] = []

    @property
    def branches(self) -> bool:
        """Whether a move of the line has others, or the line is one of several."""
        return any(len(node.children) > 1 for node in self.page.session.history.line)

    def _refresh(self) -> None:
        history, session = self.page.session.history, self.page.session
        key = (session.generation, history.line[0], len(history.line))
        if key != self._key:
            self._key, self._spots = key, laid_out(history.line[0])

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw lines, then stones; the present one lies in the middle where the tree is larger than the room."""
        self._refresh()
        theme.panel(surface, self.rect, RAISED, 4)
        history, step = self.page.session.history, theme.px(STEP)
        here = self._spots.get(history.here, Spot(0, 0))
        columns, rows = self.rect.width // step - 1, max(1, self.rect.height // step)
        left, top = max(0, here.ply - columns // 2), max(0, here.row - rows // 2)
        origin = (self.rect.left + step - left * step, self.rect.top + step // 2 - top * step)
        seen = [
            (node, spot)
            for node, spot in self._spots.items()
            if left - 1 <= spot.ply <= left + columns + 1 and top - rows <= spot.row <= top + rows
        ]
        clip = surface.get_clip()
        surface.set_clip(self.rect.clip(clip))
        self._draw_lines(surface, seen, origin, step)
        self._draw_stones(surface, theme, seen, origin, step)
        surface.set_clip(clip)

    def _draw_lines(
        self, surface: pygame.Surface, seen: Sequence[tuple[Node, Spot]], origin: tuple[int, int], step: int
    ) -> None:
        on_line = set(self.page.session.history.line)
        for node, spot in seen:
            if node.parent is None:
                continue
            above = self._spots[node.parent]
            start = (origin[0] + above.ply * step, origin[1] + above.row * step)
            end = (origin[0] + spot.ply * step, origin[1] + spot.row * step)
            colour = QUIET if node in on_line else LINE
            corner = (start[0], end[1] - step // 2) if spot.row > above.row else start
            pygame.draw.line(surface, colour, start, corner)
            pygame.draw.line(surface, colour, corner, end)

    def _draw_stones(
        self,
        surface: pygame.Surface,
        theme: Theme,
        seen: Sequence[tuple[Node, Spot]],
        origin: tuple[int, int],
        step: int,
    ) -> None:
        self._seen, size, here = [], theme.px(STONE), self.page.session.history.here
        for node, spot in seen:
            at = (origin[0] + spot.ply * step, origin[1] + spot.row * step)
            colour: Colour = self.page.colours[node.mover] if node.mover in (FIRST, SECOND) else LINE
            theme.disc(surface, at, size if node.parent else size // 2, colour, QUIET)
            if node.comment:
                theme.disc(surface, at, theme.px(4), ACCENT)
            if node is here:
                pygame.draw.circle(surface, ACCENT, at, size // 2 + theme.px(3), theme.px(2))
            box = pygame.Rect(0, 0, step, step)
            box.center = at
            self._seen.append((box, node))

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Go to the position that is clicked."""
        if not (pressed(event) and self.rect.collidepoint(event.pos)):
            return None
        return next((ask.ShowNode(node) for box, node in self._seen if box.collidepoint(event.pos)), None)
