"""The card at the end of a game: who won in large print, how that was counted, and what one may want next.

A page gives its content by `ending()`; the card lies below the board, so that the end of the game is seen.
"""

from collections.abc import Sequence

import pygame

from games.game import NOBODY
from gui.page import Action, Ending
from gui.session import Session
from gui.start_messages import PlayAgain, ReviewEnded
from gui.widgets.basic import Button
from gui.widgets.theme import ACCENT, GOOD, PANEL, QUIET, SMALL, TEXT, Theme

TALL = 112
"""Points that the card takes."""


def headline(session: Session, how: str = "") -> str:
    """Return who won in few words, from the view of the person where there is one."""
    if session.winner == NOBODY:
        return "Nobody wins"
    name = session.names[session.winner]
    if len(session.people) == 1:
        name = "You" if session.winner in session.people else "Yomi"
    return f"{name} {'win' if name == 'You' else 'wins'} {how}".strip()


def person_won(session: Session) -> bool | None:
    """Return whether the only person has won; None where nobody has, or there is no such person."""
    return None if len(session.people) != 1 or session.winner == NOBODY else session.winner in session.people


REVIEW = Action("Review", ReviewEnded(), key="Look at every move again: what was lost where.")
AGAIN = Action("Play again", PlayAgain(), key="The same game once more.")


def swap(people: Sequence[str], chosen: str) -> tuple[Action, ...]:
    """Return the button that swaps sides; `people` are what the first and the second side are called in choices."""
    if chosen not in people:
        return ()
    other = people[1 - list(people).index(chosen)]
    changed = (("colour", other),)
    return (Action("Swap sides", PlayAgain(changed), key="The same game, and you play the other side."),)


class EndCard:
    """Draws the ending of a game; its buttons are the panel's to draw, so that one keyboard reaches all."""

    def __init__(self) -> None:
        self.buttons: list[Button] = []
        self.ending: Ending | None = None

    def show(self, ending: Ending | None) -> None:
        """Show another ending, or none."""
        if ending == self.ending:
            return
        if ending is None or self.ending is None or ending.actions != self.ending.actions:
            actions = ending.actions if ending else ()
            self.buttons = [Button(a.label, a.message, a.key, strong=k == 0) for k, a in enumerate(actions)]
        self.ending = ending

    def split(self, rect: pygame.Rect, theme: Theme) -> tuple[pygame.Rect, pygame.Rect]:
        """Return where the board goes, and the card below it; without an ending the board has all the room."""
        tall = min(theme.px(TALL), rect.height // 3) if self.ending else 0
        board = pygame.Rect(rect.left, rect.top, rect.width, rect.height - tall - (theme.px(6) if tall else 0))
        return board, pygame.Rect(rect.left, rect.bottom - tall, rect.width, tall)

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, theme: Theme, won: bool | None) -> None:
        """Draw the card; `won`: the person has won, or lost; None: nobody, or there is no such person."""
        if self.ending is None or not rect.height:
            return
        theme.panel(surface, rect, PANEL, 10)
        colour = ACCENT if won is None else GOOD if won else theme.warm
        edge = pygame.Rect(rect.left, rect.top, theme.px(5), rect.height)
        pygame.draw.rect(surface, colour, edge, border_radius=theme.px(2))
        inner = rect.inflate(-theme.px(32), -theme.px(14))
        at = (inner.left, inner.top + theme.px(13))
        theme.text(surface, self.ending.headline, at, 24, TEXT, bold=True, width=inner.width, least=13)
        for k, line in enumerate(self.ending.lines[:2]):
            at = (inner.left, inner.top + theme.px(36 + 16 * k))
            theme.text(surface, line, at, SMALL, QUIET, width=inner.width, least=9)
        self._place(inner, theme)

    def _place(self, inner: pygame.Rect, theme: Theme) -> None:
        gap, buttons = theme.px(8), self.buttons
        wide = min(theme.px(150), (inner.width - gap * (len(buttons) - 1)) // max(1, len(buttons)))
        for k, button in enumerate(buttons):
            button.rect = pygame.Rect(inner.left + k * (wide + gap), 0, wide, theme.px(30))
            button.rect.bottom = inner.bottom
