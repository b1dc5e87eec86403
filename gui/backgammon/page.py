"""Backgammon's page: a scene made of a match, and what clicks and keys on the board mean."""

from time import perf_counter

import numpy as np
import pygame

from engine.backgammon.player import moves_of_turn
from engine.stepping import Evaluated, RolledOut
from games.backgammon.board import men, pip_count
from games.backgammon.rules import BAR as MOVERS_BAR
from games.backgammon.rules import DICE, FIRST_ROLL, JACOBY, LENGTH, MOVER, OFFERED, OPENING, ROLL
from games.backgammon.rules import OFF as MOVERS_OFF
from games.game import FIRST, NOBODY, SECOND
from gui import messages as say
from gui.backgammon import scene as scenes
from gui.backgammon import turn as turns
from gui.backgammon.board_buttons import BoardButtons, DicePicker
from gui.backgammon.hand import Hand
from gui.backgammon.layout import MINE, NOBODYS, THEIRS
from gui.backgammon.luck import in_words
from gui.backgammon.match import Match
from gui.backgammon.playback import PACES, Picture, Playback, tumbling
from gui.backgammon.sheets import DiceSheet, HintSheet, split
from gui.backgammon.start import FIELDS, SIDES, begin_match, names_of
from gui.backgammon.turn import Turn
from gui.backgammon.view import Arrow, BackgammonScene, BackgammonView
from gui.backgammon.words import written
from gui.messages import Message
from gui.opponent import PlayerStore
from gui.page import Action, Card, Field, Overlay
from gui.tabs.ghost_ladder import Answer, Ladder
from gui.thinker import Thinker
from gui.widgets.theme import BLACK_STONE, WHITE_STONE, Theme

OVERLAYS = (
    Overlay("hints", "Hints", "H"),
    Overlay("dice", "Dice log", "L"),
    Overlay("arrows", "Last play", hint="Arrows show how the other side moved."),
    Overlay("choose", "By two clicks", hint="Click a man, then where he goes; else a click moves him at once."),
    Overlay("own numbers", "My numbers", hint="Points are numbered as you count them, whoever is on roll."),
    Overlay("left", "Home left", "F"),
    Overlay("across", "From across", "V"),
)

SHEETS = {"hints", "dice"}
"""What opens below the board, one at a time."""


class BackgammonPage:
    """A match of backgammon on screen."""

    name, title, sides = "backgammon", "Backgammon", SIDES
    colours = (BLACK_STONE, WHITE_STONE)
    usual_file = "match.mat"
    overlays = OVERLAYS
    keys = (
        ("click", "move a man by the die that lies first; right click: by the other; or drag him"),
        ("click on the dice", "swap them, or end the turn; also W and Enter"),
        ("Enter", "roll, end the turn, go on to the next game"),
        ("D, T, X", "double, take, drop"),
        ("H, L", "hints; the dice log"),
        ("F, V", "home left or right; the other side's view"),
        ("K", "choose men by the arrow keys and Enter; again: the mouse"),
        ("P", "how fast Yomi's men move"),
        ("1 to 6", "dice thrown by hand"),
    )
    store = PlayerStore("backgammon")

    def __init__(self, session: Match, theme: Theme):
        self.session, self.theme = session, theme
        self.view, self.picker, self.buttons = BackgammonView(theme), DicePicker(theme), BoardButtons(theme)
        self.sheet = HintSheet(lambda index: say.Set("play", index), lambda index: say.Set("hover", index))
        self.dice_sheet = DiceSheet()
        self.shown = {"arrows"}
        self.playback, self.pace = Playback(), "normal"
        self.playback.snap(session.position)
        self.picture = Picture(len(session.position.moves))
        self.hand = Hand(session, self.view)
        self.resigning = False
        self.hovered = -1  # a row of the hints
        self.advised: tuple[int, ...] = ()  # moves of a line that another tab shows
        self.ladder: Ladder | None = None
        self.opinion: Answer | None = None
        session.resting = self.animating

    @property
    def reach(self) -> float:
        """The greatest value that graphs show: the match, or a game and a bit for money."""
        return 1.0 if self.session.book.length else 1.5

    # --- how a match begins ---

    @staticmethod
    def fields() -> tuple[Field, ...]:
        """List what can be chosen on the start page."""
        return FIELDS

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "BackgammonPage":
        """Begin a match with these choices; raise `ValueError` for what cannot be."""
        return cls(begin_match(values, cls.store, thinker), theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme, self.view = theme, BackgammonView(theme)
        self.hand.view = self.view
        self.picker, self.buttons = DicePicker(theme), BoardButtons(theme)

    # --- who sees what ---

    @property
    def viewer(self) -> int:
        """From whose side the board is seen."""
        side = SECOND if self.session.people == {SECOND} else FIRST
        return 1 - side if "across" in self.shown else side

    def animating(self) -> bool:
        """Say whether the board changes by itself now."""
        self.playback.pace = PACES[self.pace]
        self.picture = self.playback.look(self.session.position, perf_counter())
        return self.picture.move is not None

    @property
    def turn(self) -> Turn | None:
        """The turn that a person is making."""
        return self.hand.take(self.viewer, "choose" in self.shown, self.picture.move is not None)

    # --- what is seen ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the board as the match has it, and below it what is opened there."""
        session = self.session
        session.hints_always, session.luck_wanted = "hints" in self.shown, "dice" in self.shown
        board, below = split(rect, self.theme, self.shown & SHEETS)
        self.view.draw(surface, board, self.scene())
        self._draw_buttons(surface)
        if "hints" in self.shown:
            self.sheet.draw(surface, below, self.theme, session.shown_hint, self._hint_awaited())
        elif "dice" in self.shown:
            book = session.book
            luck = in_words(session.luck, session.names, book.game, session.position)
            self.dice_sheet.draw(surface, below, self.theme, book.dice, book.game, luck)

    def _hint_awaited(self) -> str:
        if self.session.thinking == "hint":
            return "Yomi looks for the best plays"
        return "hints come when it is your turn" if not self.session.awaits_person else "Yomi gets ready"

    @property
    def judged(self) -> Evaluated | RolledOut | None:
        """The phase of a simulation whose position stands on the board, instead of the game's."""
        event = self.session.event
        return event if isinstance(event, Evaluated | RolledOut) else None

    def scene(self) -> BackgammonScene:
        """Describe the board as it is shown now."""
        return self._judged_scene(self.judged) if self.judged else self._match_scene()

    def _judged_scene(self, event: Evaluated | RolledOut) -> BackgammonScene:
        """Describe the position that a phase of a simulation judges."""
        state, viewer, rolled_out = event.judged, self.viewer, event.phase == "rollout" and event.result is not None
        mover = scenes.whose(int(state[MOVER]), viewer)
        return BackgammonScene(
            men=scenes.seen_men(state, viewer),
            sides=scenes.sides_of(state, viewer, self.session.names, self.session.book.points),
            dark=viewer == FIRST,
            dice=scenes.dice_of(state),
            thrower=mover,
            home_left="left" in self.shown,
            numbers=mover,
            to_move=scenes.whose(scenes.on_turn(state), viewer),
            note="here the rollout ended" if rolled_out else "this leaf is judged",
            **scenes.cube_of(state, viewer),
        )

    def _match_scene(self) -> BackgammonScene:
        self.animating()
        picture, viewer, position = self.picture, self.viewer, self.session.position
        turn = self.turn
        before = position.states[picture.ply]
        state = turn.state if turn else before
        mover = int(before[MOVER])
        fields = scenes.cube_of(before, viewer)
        fields |= self._dice_fields(before, picture, turn)
        fields |= self.hand.fields(turn) if turn else self._moving_fields(before, picture)
        fields.setdefault("men", scenes.seen_men(state, viewer))
        points = self.session.points if picture.move is None else self.session.book.points
        return BackgammonScene(
            sides=scenes.sides_of(state, viewer, self.session.names, points),
            dark=viewer == FIRST,
            home_left="left" in self.shown,
            numbers=MINE if "own numbers" in self.shown or before[OPENING] else scenes.whose(mover, viewer),
            to_move=scenes.whose(scenes.on_turn(before), viewer),
            note=scenes.note_of(before),
            arrows=self._arrows(),
            **fields,
        )

    def _dice_fields(self, state, picture: Picture, turn: Turn | None) -> dict[str, object]:
        viewer, move = self.viewer, picture.move
        thrower = scenes.whose(int(state[MOVER]), viewer)
        if move is not None and move >= FIRST_ROLL:
            dice, each_one = scenes.thrown(move, bool(state[OPENING]), viewer)
            phase = tumbling(self.session.position, picture.ply, picture.phase)
            return {"dice": dice, "thrower": NOBODYS if each_one else thrower, "roll": phase}
        return {"dice": scenes.dice_of(state, turn), "thrower": thrower}

    def _moving_fields(self, state, picture: Picture) -> dict[str, object]:
        """Return the man on his way, and the men without him."""
        if picture.move is None or picture.move >= ROLL:
            return {}
        flight = scenes.flight_of(state, picture.move, picture.phase, self.viewer)
        return {"flight": flight, "men": scenes.lifted(scenes.seen_men(state, self.viewer), flight.source)}

    def _arrows(self) -> tuple[Arrow, ...]:
        """Return the arrows of what is advised, else of the other side's last play."""
        position, viewer, picture = self.session.position, self.viewer, self.picture
        moves, kind = self._advice()
        if moves and picture.move is None and not self.hand.begun:
            return scenes.arrows_of(moves, int(position.state[MOVER]), viewer, kind)
        if "arrows" not in self.shown or picture.move is not None or self.hand.held or self.hand.begun:
            return ()
        mover, moves = scenes.last_play(position, picture.ply)
        return scenes.arrows_of(moves, mover, viewer, "last") if mover != NOBODY else ()

    def _advice(self) -> tuple[tuple[int, ...], str]:
        hint = self.session.shown_hint
        if self.advised:
            return self.advised, "best"
        if self.opinion and self.opinion.plays:
            return moves_of_turn(self.session.position.state, self.opinion.plays[0].moves), "best"
        if hint is None or not hint.plays or "hints" not in self.shown:
            return (), "best"
        row = self.hovered if 0 <= self.hovered < len(hint.plays) else 0
        return hint.plays[row].moves, "best" if row == 0 else "second"

    # --- buttons on the board ---

    def _draw_buttons(self, surface: pygame.Surface) -> None:
        state = self.session.position.state
        layout = self.view.layout
        if self.session.awaits_dice and self.picture.move is None and not self.judged:
            self.buttons.draw(surface, layout, MINE, ())
            self.picker.draw(surface, layout, self.viewer == FIRST, bool(state[OPENING]))
            return
        self.picker.clear()
        if self.judged:
            self.buttons.draw(surface, layout, MINE, ())
            return
        mine = scenes.whose(scenes.on_turn(state), self.viewer) != THEIRS
        beside = bool(state[DICE]) or bool(state[OFFERED])
        where = THEIRS if mine and bool(state[DICE]) else MINE if mine or beside else THEIRS
        if state[OFFERED]:
            where = scenes.whose(int(state[MOVER]), self.viewer)
        self.buttons.draw(surface, layout, where, self._choices())

    def _choices(self) -> tuple[tuple[str, Message], ...]:
        """Return the buttons that lie on the board now: words and messages."""
        session, turn = self.session, self.turn
        if self.resigning and not session.over:
            gains = (("Game", 1), ("Gammon", 2), ("Backgammon", 3), ("Play on", 0))
            return tuple((words, say.Set("resign", gain)) for words, gain in gains)
        if self.picture.move is not None:
            return ()
        if session.over:
            return (("New match", say.ShowPage("start")),) if session.match_over else (("Next game", say.NextGame()),)
        if turn:
            done = (("Done", say.Plays(turn.moves)),) if turn.complete else ()
            return (*done, ("Undo", say.Undo())) if turn.moves else ()
        if not session.awaits_person:
            return ()
        if session.position.state[OFFERED]:
            return ("Take", say.Take()), ("Drop", say.Drop())
        return ("Roll", say.RollDice()), ("Double", say.Double())

    # --- what is done ---

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Say what a click or a key on the board means."""
        self.animating()
        if "hints" in self.shown and (message := self.sheet.handle(event, self.theme)):
            return message
        if "dice" in self.shown and (message := self.dice_sheet.handle(event, self.theme)):
            return message
        if event.type == pygame.MOUSEMOTION:
            self.hand.moved(event.pos, self.theme.scale)
            return None
        if event.type == pygame.MOUSEBUTTONDOWN and event.button in (1, 3):
            self.hand.mouse, self.hand.cursor = event.pos, None
            return self._pressed(event.pos, event.button == 3)
        if event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            return self.hand.released(self.turn, event.pos)
        if event.type == pygame.KEYDOWN and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META):
            return self._key(event.key)
        return None

    def _pressed(self, pos: tuple[int, int], other: bool) -> Message | None:
        if self.judged:
            self.session.event = None  # back to the game
            return say.Hover()
        if self.session.awaits_dice:
            return self.picker.press(pos)
        message, turn = self.buttons.press(pos), self.turn
        if message or turn is None:
            return message or self._pressed_cube(pos)
        return self.hand.pressed(turn, pos, other)

    def _pressed_cube(self, pos: tuple[int, int]) -> Message | None:
        state = self.session.position.state
        can = self.session.awaits_person and not state[DICE] and not state[OFFERED]
        return say.Double() if can and self.view.at(pos) == "cube" else None

    # --- keys ---

    def _key(self, key: int) -> Message | None:
        if self.session.awaits_dice and pygame.K_1 <= key <= pygame.K_6:
            return self.picker.type(key - pygame.K_0)
        if key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            return self._enter()
        turn = self.turn
        if key == pygame.K_k:
            return self.hand.toggle_cursor()
        if self.hand.cursor is not None and key in (pygame.K_LEFT, pygame.K_RIGHT):
            return self.hand.move_cursor(1 if key == pygame.K_RIGHT else -1)
        if key == pygame.K_w and turn:
            return self.hand.keep(turns.swap(turn))
        return self._letters().get(key)

    def _letters(self) -> dict[int, Message]:
        state, person = self.session.position.state, self.session.awaits_person
        letters: dict[int, Message] = {
            pygame.K_h: say.ToggleOverlay("hints"),
            pygame.K_l: say.ToggleOverlay("dice"),
            pygame.K_f: say.ToggleOverlay("left"),
            pygame.K_v: say.ToggleOverlay("across"),
            pygame.K_p: say.Set("pace", self._next_pace()),
        }
        if person and state[OFFERED]:
            letters |= {pygame.K_t: say.Take(), pygame.K_x: say.Drop()}
        elif person and not state[DICE]:
            letters[pygame.K_d] = say.Double()
        return letters

    def _enter(self) -> Message | None:
        session, turn = self.session, self.turn
        if self.picture.move is not None:
            return say.Hover()  # the dice still roll: whoever presses early means nothing else
        if session.over:
            return say.ShowPage("start") if session.match_over else say.NextGame()
        if turn and turn.complete:
            return say.Plays(turns.confirmed(turn))
        if turn and self.hand.cursor is not None:
            return self.hand.choose_at_cursor(turn)
        return self._enter_decides(session.position.state) if session.awaits_person else None

    def _enter_decides(self, state: np.ndarray) -> Message:
        """Roll; what else a person must choose is not chosen for him by a key that he may press too soon."""
        if state[OFFERED]:
            return say.Say("take or drop: T or X")
        return say.Say("dice are left to play; the button Move lets Yomi play them") if state[DICE] else say.RollDice()

    def _next_pace(self) -> str:
        names = list(PACES)
        return names[(names.index(self.pace) + 1) % len(names)]

    # --- messages ---

    def receive(self, message: Message) -> bool:
        """Do what a message asks; False where this game and its session do not know it."""
        match message:
            case say.ToggleOverlay(name):
                self._toggle("hints" if name == "candidates" else name)
            case say.Hover(moves):
                self.advised = moves_of_turn(self.session.position.state, moves or ())
            case say.Set("play", index):
                self._enter_hint(index)
            case say.Set("hover", index):
                self.hovered = index
            case say.Set("resign", gain):
                return self._resign(gain)
            case say.Set("pace", pace):
                self.pace = pace
                self.session.tell(f"Yomi's men move {pace if pace == 'at once' else f'at a {pace} pace'}")
            case say.Set():
                pass
            case say.Undo() if self.hand.begun:
                self.hand.undo()
                self.session.tell("")
            case say.Resign():
                self.resigning = not self.session.over
            case _:
                return self._pass_on(message)
        return True

    def _toggle(self, name: str) -> None:
        if name in {each.name for each in OVERLAYS}:
            self.shown = (self.shown ^ {name}) - (SHEETS - {name} if name in SHEETS else set())

    def _pass_on(self, message: Message) -> bool:
        self.advised, self.resigning = (), False
        done = self.session.handle(message)
        if isinstance(message, say.Plays | say.Undo | say.Open | say.PasteText):
            self.playback.snap(self.session.position)  # the men stand there already
        if isinstance(message, say.SetPerson):
            self.session.names = names_of(self.session.people)
        return done

    def _enter_hint(self, index: int) -> None:
        hint, turn = self.session.shown_hint, self.turn
        if hint and turn and 0 <= index < len(hint.plays):
            self.hand.turn = turns.enter(turn, hint.plays[index].moves)

    def _resign(self, gain: int) -> bool:
        self.resigning = False
        if gain:
            return self.session.handle(say.Set("resign", gain))
        return True

    def place_of(self, name: str) -> tuple[int, int]:
        """Return the pixel of a point such as 13, of bar, off, dice or cube; raise `ValueError` where there is none."""
        if name == "dice" and self.view.dice_rect.width:
            return self.view.dice_rect.center
        if name == "cube" and self.view.cube_rect.width:
            return self.view.cube_rect.center
        cell = {"bar": MOVERS_BAR, "off": MOVERS_OFF}.get(name, int(name) if name.isdecimal() else -1)
        if not MOVERS_OFF <= cell <= MOVERS_BAR:
            raise ValueError(f"there is no {name!r} on the board")
        mover = int(self.session.position.state[MOVER])
        return self.view.middle_of(scenes.seen_cell(cell, mover, self.viewer))

    # --- what is told about the match ---

    def card(self, side: int) -> Card:
        """Describe one side: pips, men borne off."""
        session = self.session
        state = self.turn.state if self.turn else session.position.states[self.picture.ply]
        off = int(men(state, side)[MOVERS_OFF])
        return Card(session.names[side], f"{pip_count(state, side)} pips" + f", {off} off" * bool(off))

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw a side's man."""
        self.theme.disc(surface, centre, diameter, self.colours[side], (120, 120, 120))

    def facts(self) -> str:
        """Say which game of what this is, the score, and where the dice come from."""
        book, state = self.session.book, self.session.position.state
        match = f"match to {book.length}" if state[LENGTH] else "for money" + ", Jacoby" * bool(state[JACOBY])
        one, other = self.session.points
        return " · ".join((f"game {book.game + 1}, {match}", f"{one} : {other}", book.dice.describe()))

    def actions(self) -> tuple[Action, ...]:
        """List the buttons of the Game tab as they are now."""
        session, state = self.session, self.session.position.state
        still = self.picture.move is None
        rolls = still and session.awaits_person and not state[DICE] and not state[OFFERED]
        answers = still and session.awaits_person and bool(state[OFFERED])
        more = session.over and not session.match_over
        return (
            Action("Roll", say.RollDice(), rolls, "Enter"),
            Action("Double", say.Double(), rolls, "D"),
            Action("Take", say.Take(), answers, "T"),
            Action("Drop", say.Drop(), answers, "X"),
            Action("Undo", say.Undo(), self.hand.begun or session.ply > 0 or bool(session.ended), "U"),
            Action("Redo", say.Redo(), session.ply < session.history.last, "R"),
            Action("Resign", say.Resign(), not session.over, "Ctrl R"),
            Action("Pace", say.Set("pace", self._next_pace()), True, "P"),
            Action("Analyse", say.Analyse(), not session.over, "Space"),
            Action("Move", say.MoveNow(), not session.over, "" if session.awaits_person else "Enter"),
            Action("Stop", say.StopThinking(), bool(session.thinking) and session.thinking != "prepare", "S"),
            Action("Next game", say.NextGame(), True, "Enter")
            if more
            else Action("New", say.ShowPage("start"), True, "N"),
        )

    def move_lines(self) -> list[str]:
        """List the moves of the line on the board: throws, whole plays at their first man, the cube."""
        return written(self.session.history.line, self.session.line_states(), self.session.names)

    def chance(self, value: float) -> str:
        """Write a value: of a match the chance to win it, of a money game the points that it is worth."""
        side = FIRST if value >= 0 else SECOND
        if self.session.book.length:
            return f"{self.session.names[side]} {50 * (1 + abs(value)):.0f} %"
        return f"{self.session.names[side]} {abs(value):+.2f}"

    def worth(self, value: float) -> str:
        """Write a value as whoever is on roll sees it."""
        mine = value if int(self.session.position.state[MOVER]) == FIRST else -value
        return f"{50 * (1 + mine):.1f} %" if self.session.book.length else f"{mine:+.3f}"

    def sound(self, before: int, ply: int) -> str:
        """Name the sound of what happened since a ply."""
        session = self.session
        if session.over:
            return "end"
        if ply <= before:
            return ""
        move = session.position.moves[before]
        if move >= FIRST_ROLL:
            return "dice"
        return "pass" if move >= ROLL else "man"


PAGE = BackgammonPage
"""What the window offers of this game."""
