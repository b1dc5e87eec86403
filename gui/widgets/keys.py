"""What keys mean: with Ctrl everywhere, alone where neither a widget nor the game on the board uses them."""

import pygame

from gui import messages as say
from gui.menu_messages import CopyPicture

CTRL = {
    pygame.K_PLUS: say.Scale(1),
    pygame.K_EQUALS: say.Scale(1),
    pygame.K_KP_PLUS: say.Scale(1),
    pygame.K_MINUS: say.Scale(-1),
    pygame.K_KP_MINUS: say.Scale(-1),
    pygame.K_0: say.Scale(0),
    pygame.K_o: say.AskOpen(),
    pygame.K_s: say.AskSave(),
    pygame.K_c: say.Copy(),
    pygame.K_p: CopyPicture(),
    pygame.K_v: say.Paste(),
    pygame.K_q: say.Quit(),
    pygame.K_r: say.Resign(),
}

KEYS = {
    pygame.K_u: say.Undo(),
    pygame.K_BACKSPACE: say.Undo(),
    pygame.K_r: say.Redo(),
    pygame.K_LEFT: say.StepBy(-1),
    pygame.K_RIGHT: say.StepBy(1),
    pygame.K_PAGEUP: say.StepBy(-10),
    pygame.K_PAGEDOWN: say.StepBy(10),
    pygame.K_HOME: say.JumpTo(0),
    pygame.K_END: say.JumpTo(10**6),
    pygame.K_UP: say.NextVariation(-1),
    pygame.K_DOWN: say.NextVariation(1),
    pygame.K_SPACE: say.Analyse(),
    pygame.K_RETURN: say.MoveNow(),
    pygame.K_KP_ENTER: say.MoveNow(),
    pygame.K_s: say.StopThinking(),
    pygame.K_h: say.AskHint(),
    pygame.K_c: say.ToggleOverlay("candidates"),
    pygame.K_t: say.ToggleOverlay("heat"),
    pygame.K_o: say.ToggleOverlay("ownership"),
    pygame.K_g: say.ToggleOverlay("coordinates"),
    pygame.K_n: say.ShowPage("start"),
    pygame.K_1: say.ShowTab("Game"),
    pygame.K_2: say.ShowTab("Moves"),
    pygame.K_3: say.ShowTab("Search"),
    pygame.K_4: say.ShowTab("Run"),
    pygame.K_5: say.ShowTab("Review"),
}
"""What keys mean beside the board, where the game's own page has no other meaning for them."""

MOVES_FOCUS = {pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP, pygame.K_DOWN, pygame.K_HOME, pygame.K_END, pygame.K_PAGEUP,
               pygame.K_PAGEDOWN, pygame.K_RETURN, pygame.K_SPACE, pygame.K_ESCAPE}  # fmt: skip
"""Keys that belong to the widget that has the keyboard."""

REPEATED = {pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP, pygame.K_DOWN, pygame.K_PAGEUP, pygame.K_PAGEDOWN}
"""Keys that act again while they are held down, besides those that write text."""


class KeysHeld:
    """Knows which keys are down, to tell a key that is held from one that is pressed again.

    A frame that took long must not turn one Enter into two: the first rolls the dice, the second would end the turn.
    """

    def __init__(self):
        self._down: set[int] = set()

    def is_unwanted_repeat(self, event: pygame.event.Event, typing: bool) -> bool:
        """Tell whether an event is the repeat of a key that does not act again; every event is to be shown here."""
        if event.type == pygame.KEYUP:
            self._down.discard(event.key)
        elif event.type in (pygame.WINDOWFOCUSLOST, pygame.WINDOWFOCUSGAINED):
            self._down.clear()
        elif event.type == pygame.KEYDOWN:
            again = event.key in self._down
            self._down.add(event.key)
            writes = typing and event.key not in (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_ESCAPE)
            return again and not writes and event.key not in REPEATED
        return False
