"""What keys mean on the backgammon board."""

import pygame

from games.backgammon.rules import DICE, OFFERED
from gui import messages as say
from gui.backgammon import turn as turns
from gui.backgammon.board_buttons import DicePicker
from gui.backgammon.match_scene import MatchScene
from gui.messages import Message

HELP = (
    ("click", "move a checker by the first die; right click: by the other; or drag it"),
    ("click on the dice", "swap them, or end the turn; also W and Enter"),
    ("Enter", "roll, end the turn, go on to the next game"),
    ("D, T, X", "double, take, drop"),
    ("H, L", "hints; the dice log"),
    ("F, V", "home left or right; the other side's view"),
    ("K", "choose checkers by the arrow keys and Enter; again: the mouse"),
    ("P", "how fast Yomi's checkers move"),
    ("1 to 6", "dice thrown by hand"),
)


def meaning(key: int, scene: MatchScene, picker: DicePicker) -> Message | None:
    """Return what a key means now."""
    match, hand = scene.match, scene.hand
    if match.awaits_dice and pygame.K_1 <= key <= pygame.K_6:
        return picker.type(key - pygame.K_0)
    if key in (pygame.K_RETURN, pygame.K_KP_ENTER):
        return _enter(scene)
    if key == pygame.K_k:
        return hand.toggle_cursor()
    if hand.cursor is not None and key in (pygame.K_LEFT, pygame.K_RIGHT):
        return hand.move_cursor(1 if key == pygame.K_RIGHT else -1)
    if key == pygame.K_w and hand.turn:
        return hand.keep(turns.swap(hand.turn))
    return _letters(scene).get(key)


def _letters(scene: MatchScene) -> dict[int, Message]:
    state, person = scene.match.position.state, scene.match.awaits_person
    letters: dict[int, Message] = {
        pygame.K_h: say.ToggleOverlay("hints"),
        pygame.K_l: say.ToggleOverlay("dice"),
        pygame.K_f: say.ToggleOverlay("left"),
        pygame.K_v: say.ToggleOverlay("across"),
        pygame.K_p: say.SetPace(scene.playback.next_pace()),
    }
    if person and state[OFFERED]:
        letters |= {pygame.K_t: say.Take(), pygame.K_x: say.Drop()}
    elif person and not state[DICE]:
        letters[pygame.K_d] = say.Double()
    return letters


def _enter(scene: MatchScene) -> Message | None:
    match, turn = scene.match, scene.hand.turn
    if scene.playback.moving:
        return say.Hover()  # the dice still roll: Enter was pressed too early to mean anything else
    if match.over:
        return say.ShowPage("start") if match.match_over else say.NextGame()
    if turn and turn.complete:
        return say.Plays(turns.confirmed(turn))
    if turn and scene.hand.cursor is not None:
        return scene.hand.choose_at_cursor(turn, scene.hand.cursor)
    return _enter_decides(scene) if match.awaits_person else None


def _enter_decides(scene: MatchScene) -> Message:
    """Roll. Nothing else is decided by a key that is easily pressed too early."""
    state = scene.match.position.state
    if state[OFFERED]:
        return say.Say("take or drop: T or X")
    return (
        say.Say("dice are left to play; the button 'Play for me' lets Yomi play them")
        if state[DICE]
        else say.RollDice()
    )
