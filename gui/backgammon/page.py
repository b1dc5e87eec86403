"""Backgammon's page: the board with its sheets, and what clicks on it mean."""

from collections.abc import Mapping, Sequence
from time import perf_counter

import pygame

from engine.backgammon.player import moves_of_turn
from games.backgammon.board import checkers as checkers_of
from games.backgammon.board import pip_count
from games.backgammon.rules import BAR as MOVERS_BAR
from games.backgammon.rules import DICE, FIRST_ROLL, JACOBY, LENGTH, MOVER, OFFERED, OPENING, ROLL
from games.backgammon.rules import OFF as MOVERS_OFF
from games.backgammon.writing import write_play
from games.game import FIRST, SECOND
from gui import messages as say
from gui.backgammon import keys, start
from gui.backgammon import scene as scenes
from gui.backgammon.board_buttons import BoardButtons, DicePicker
from gui.backgammon.ending import ending
from gui.backgammon.hand import Hand
from gui.backgammon.luck import in_words
from gui.backgammon.match import SIDES, MatchSession
from gui.backgammon.match_records import MatchRecords
from gui.backgammon.match_scene import MatchScene, Shown
from gui.backgammon.playback import Playback
from gui.backgammon.sheets import DiceSheet, HintSheet, split
from gui.backgammon.turn import Turn
from gui.backgammon.view import BackgammonScene, BackgammonView
from gui.backgammon.words import CUBE_WORDS, written
from gui.messages import Message
from gui.opponent import PlayerStore
from gui.page import Action, Card, Ending, Overlay, Page, move_action
from gui.session import want
from gui.tabs.ghost_ladder import Answer
from gui.thinker import Thinker
from gui.widgets.theme import BLACK_STONE, WHITE_STONE, Theme

OVERLAYS = (
    Overlay("hints", "Hints", "H"),
    Overlay("dice", "Dice log", "L"),
    Overlay("arrows", "Last play", hint="Arrows show how the other side moved."),
    Overlay("choose", "By two clicks", hint="Click a checker, then its target; else one click moves it."),
    Overlay("own numbers", "My numbers", hint="Points are numbered from your side, whoever is on roll."),
    Overlay("left", "Home left", "F"),
    Overlay("across", "From across", "V"),
)

SHEETS = {"hints", "dice"}
"""What opens below the board, one at a time."""


class BackgammonPage(Page):
    """A match of backgammon on screen."""

    name, title, sides = "backgammon", "Backgammon", SIDES
    colours = (BLACK_STONE, WHITE_STONE)
    watched: Mapping[str, object] = {"colour": "none", "level": "time"}
    watched_tab = "Game"  # plies are read without a tree
    usual_file, suffixes = "match.mat", (".mat", ".txt")
    overlays, keys = OVERLAYS, keys.HELP
    store = PlayerStore("backgammon")

    def __init__(self, session: MatchSession, theme: Theme):
        self.session, self.theme = session, theme
        self.view, self.picker, self.buttons = BackgammonView(theme), DicePicker(theme), BoardButtons(theme)
        self.sheet, self.dice_sheet = HintSheet(say.EnterHint, say.PointAtHint), DiceSheet()
        self.hand, self.playback = Hand(session, self.view), Playback(session.position)
        self.now = Shown()
        self.shown = self.now.overlays
        self.scenes = MatchScene(session, self.hand, self.playback, self.now)
        self._follow()

    @property
    def reach(self) -> float:
        """The greatest value that graphs show: the match, or a game and a bit for money."""
        return 1.0 if self.session.length else 1.5

    # --- how a match begins ---

    fields = staticmethod(start.fields)
    read, read_text = staticmethod(MatchRecords.read), staticmethod(MatchRecords.read_text)

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "BackgammonPage":
        """Begin a match with these choices; raise `ValueError` for what cannot be."""
        return cls(start.begin_match(values, cls.store, thinker), theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme, self.view = theme, BackgammonView(theme)
        self.hand.resize(self.view)
        self.picker, self.buttons = DicePicker(theme), BoardButtons(theme)

    # --- as time passes ---

    @property
    def animating(self) -> bool:
        """Whether the board changes by itself now."""
        return self.playback.moving

    @property
    def turn(self) -> Turn | None:
        """The turn that a person is making."""
        return self.hand.turn

    def poll(self) -> bool:
        """Let the match go on, after what happened before was shown; return whether anything changed."""
        self._follow()
        news = self.session.poll(resting=self.animating)
        self._follow()
        return news

    def _follow(self) -> None:
        """Bring the picture and the hand up to the match."""
        self.measure = "chance to win the match" if self.session.length else "number of points that the game is worth"
        self.playback.follow(self.session.position, perf_counter())
        self.hand.follow(self.scenes.viewer, "choose" in self.shown, self.animating)

    def show_opinion(self, opinion: Answer | None) -> None:
        """Show what a checkpoint of a run thinks instead of what the engine thinks; None: no longer."""
        self.opinion = self.now.opinion = opinion

    # --- drawing ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the board as the match has it, and below it the sheet that is open."""
        board, below = split(rect, self.theme, self.shown & SHEETS)
        self.view.draw(surface, board, self.scene())
        draw_buttons(self, surface)
        if "hints" in self.shown:
            self.sheet.draw(surface, below, self.theme, self.session.shown_hint, hint_awaited(self.session))
        elif "dice" in self.shown:
            book, session = self.session.book, self.session
            luck = in_words(session.advice.luck, session.names, book.game, session.position)
            self.dice_sheet.draw(surface, below, self.theme, book.dice, book.game, luck)

    def scene(self) -> BackgammonScene:
        """Describe the board as it is shown now."""
        return self.scenes.scene()

    # --- mouse and keys ---

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Return what a click or a key on the board means."""
        if "hints" in self.shown and (message := self.sheet.handle(event, self.theme)):
            return message
        if "dice" in self.shown and (message := self.dice_sheet.handle(event, self.theme)):
            return message
        if event.type == pygame.MOUSEMOTION:
            self.hand.moved(event.pos, self.theme.scale)
            return None
        if event.type == pygame.MOUSEBUTTONDOWN and event.button in (1, 3):
            self.hand.reach_for(event.pos)
            return self._pressed(event.pos, event.button == 3)
        if event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            return self.hand.released(self.turn, event.pos)
        if event.type == pygame.KEYDOWN and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META):
            return keys.meaning(event.key, self.scenes, self.picker)
        return None

    def _pressed(self, pos: tuple[int, int], other: bool) -> Message | None:
        if self.scenes.judged:
            return say.LeaveStep()
        if self.session.awaits_dice:
            return self.picker.press(pos)
        message, turn = self.buttons.press(pos), self.turn
        if message or turn is None:
            state = self.session.position.state
            may_double = self.session.awaits_person and not state[DICE] and not state[OFFERED]
            return message or (say.Double() if may_double and self.view.at(pos) == "cube" else None)
        return self.hand.pressed(turn, pos, other)

    # --- messages ---

    def receive(self, message: Message) -> bool:
        """Do what a message asks; return False where this game and its session do not know it."""
        done = self._receive(message)
        self._follow()
        return done

    def _receive(self, message: Message) -> bool:
        match message:
            case say.ToggleOverlay(name):
                toggle(self, "hints" if name == "candidates" else name)
            case say.Hover(moves):
                self.now.advised = moves_of_turn(self.session.position.state, moves or ())
            case say.EnterHint(index):
                hint = self.session.shown_hint
                if hint and 0 <= index < len(hint.plays):
                    self.hand.enter(hint.plays[index].moves)
            case say.PointAtHint(index):
                self.now.hovered = index
            case say.SetPace(pace):
                self.playback.pace = pace
                self.session.tell(f"Yomi's checkers move {pace if pace == 'at once' else f'at a {pace} pace'}")
            case say.SetCandidates() | say.SetVariation():
                pass
            case say.Undo() if self.hand.begun:
                self.hand.undo()
                self.session.tell("")
            case say.Resign(0):
                self.now.resigning = not self.session.over
                if self.now.resigning:
                    self.session.tell("You resign: choose on the board how many points you give up, or play on")
            case say.KeepPlaying():
                self.now.resigning = False
                self.session.tell("")
            case _:
                return self._pass_on(message)
        return True

    def _pass_on(self, message: Message) -> bool:
        self.now.advised, self.now.resigning = (), False
        done = self.session.handle(message)
        if isinstance(message, say.Plays | say.Undo | say.Open | say.PasteText):
            self.playback.snap(self.session.position)  # the checkers stand there already
        return done

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
        return self.view.middle_of(scenes.seen_cell(cell, mover, self.scenes.viewer))

    # --- the match in words ---

    def card(self, side: int) -> Card:
        """Describe one side: pips, checkers borne off."""
        session = self.session
        state = self.turn.state if self.turn else session.position.states[self.playback.picture.ply]
        off = int(checkers_of(state, side)[MOVERS_OFF])
        return Card(session.names[side], f"{pip_count(state, side)} pips" + f", {off} off" * bool(off))

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw a side's checker."""
        self.theme.disc(surface, centre, diameter, self.colours[side], (120, 120, 120))

    def facts(self) -> str:
        """Return which game of what this is, the score, and where the dice come from."""
        book, state = self.session.book, self.session.position.state
        match = f"match to {state[LENGTH]}" if state[LENGTH] else "for money" + ", Jacoby" * bool(state[JACOBY])
        one, other = self.session.points
        return " · ".join((f"game {book.game + 1}, {match}", f"{one} : {other}", book.dice.describe()))

    def actions(self) -> tuple[Action, ...]:
        """List the buttons of the Game tab as they are now."""
        session, state = self.session, self.session.position.state
        person = session.awaits_person and not self.animating
        rolls, answers = person and not state[DICE] and not state[OFFERED], person and bool(state[OFFERED])
        more = session.over and not session.match_over
        return (
            Action("Roll", say.RollDice(), rolls, "Enter"),
            Action("Double", say.Double(), rolls, "D"),
            Action("Take", say.Take(), answers, "T"),
            Action("Drop", say.Drop(), answers, "X"),
            Action("Undo", say.Undo(), self.hand.begun or session.ply > 0 or bool(session.ended), "U"),
            Action("Redo", say.Redo(), session.ply < session.history.last, "R"),
            Action("Resign", say.Resign(), not session.over, "Ctrl R"),
            Action("Pace", say.SetPace(self.playback.next_pace()), True, "P"),
            Action("Analyse", say.Analyse(), not session.over, "Space"),
            move_action(session, "" if session.awaits_person else "Enter"),
            Action("Stop", say.StopThinking(), session.engine.doing not in ("", "prepare"), "S"),
            Action("Next game", say.NextGame(), True, "Enter")
            if more
            else Action("New", say.ShowPage("start"), True, "N"),
        )

    def ending(self) -> Ending | None:
        """Return what the card says at the end of a game, once its last move was shown."""
        return None if self.animating else ending(self.session, self.began)

    def move_lines(self) -> list[str]:
        """List the moves of the line on the board: throws, whole plays at their first checker, the cube."""
        return written(self.session.history.line, self.session.line_states(), self.session.names)

    def line_words(self, moves: Sequence[int], length: int) -> str:
        """Write a turn from the position on the board: a play, or what is done with the cube."""
        if moves[0] >= ROLL:
            return CUBE_WORDS.get(moves[0], "")
        return write_play(self.session.position.state, list(moves[:length]))

    def chance(self, value: float) -> str:
        """Write a value: of a match the chance to win it, of a money game the points that it is worth."""
        side = FIRST if value >= 0 else SECOND
        if self.session.length:
            return f"{self.session.names[side]} {50 * (1 + abs(value)):.0f} %"
        return f"{self.session.names[side]} {abs(value):+.2f}"

    def worth(self, value: float) -> str:
        """Write a value as the player on roll sees it."""
        mine = value if int(self.session.position.state[MOVER]) == FIRST else -value
        return f"{50 * (1 + mine):.1f} %" if self.session.length else f"{mine:+.3f}"

    def sound(self, before: int, ply: int) -> str:
        """Name the sound of what happened since a ply."""
        if self.session.over:
            return "end"
        if ply <= before:
            return ""
        move = self.session.position.moves[before]
        if move >= FIRST_ROLL:
            return "dice"
        return "pass" if move >= ROLL else "checker"


def draw_buttons(page: BackgammonPage, surface: pygame.Surface) -> None:
    """Draw the buttons that lie on the board, and the dice to throw by hand."""
    layout, match = page.view.layout, page.session
    page.buttons.draw(surface, layout, page.scenes.button_half(), page.scenes.buttons())
    if match.awaits_dice and not page.animating and not page.scenes.judged:
        page.picker.draw(surface, layout, page.scenes.viewer == FIRST, bool(match.position.state[OPENING]))
    else:
        page.picker.clear()


def toggle(page: BackgammonPage, name: str) -> None:
    """Show something on or below the board, or no longer; of the sheets only one at a time."""
    if name in {each.name for each in OVERLAYS}:
        page.shown = page.now.overlays = (page.shown ^ {name}) - (SHEETS - {name} if name in SHEETS else set())
        want(page.session, page.shown & SHEETS)


def hint_awaited(match: MatchSession) -> str:
    """Return what stands in place of a hint that is not there yet."""
    if match.engine.doing == "hint":
        return "Yomi looks for the best plays"
    return "Yomi gets ready" if match.awaits_person else "hints come when it is your turn"


PAGE = BackgammonPage
"""What the window offers of this game."""
