"""What clicks and keys mean: small frozen values, made by widgets and pages, carried out by sessions and the window."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, dataclass_transform

if TYPE_CHECKING:
    from gui.records import Opened


@dataclass_transform(frozen_default=True)
class Message:
    """Anything that a person or a script can ask for: each kind is a frozen dataclass."""

    def __init_subclass__(cls, eq: bool = True) -> None:
        dataclass(frozen=True, eq=eq)(cls)


# --- the game ---------------------------------------------------------------------------------------------


class Play(Message):
    move: int


class Plays(Message):
    """Several moves that belong together: a full turn of backgammon."""

    moves: tuple[int, ...]


class Pass(Message):
    pass


class Resign(Message):
    """Give the game up. `gain`, where that differs: 1 the game, 2 a gammon, 3 a backgammon, 0 asks how much."""

    gain: int = 0


class KeepPlaying(Message):
    """Do not resign after all."""


class Undo(Message):
    """Take back moves until the same person is to play again."""


class Redo(Message):
    pass


class StepBy(Message):
    """Go a number of moves back (negative) or on along the game."""

    moves: int


class JumpTo(Message):
    ply: int


class NextVariation(Message):
    """Change to another move that was played instead of the last one."""

    by: int = 1


class SetPerson(Message):
    """Give a side (FIRST or SECOND) to a person or to the engine."""

    side: int
    person: bool


# --- thinking ---------------------------------------------------------------------------------------------


class MoveNow(Message):
    pass


class GoOn(Message):
    """Let the engine play on where it waits."""


class StopThinking(Message):
    pass


class Analyse(Message):
    """Analyse the position on the board without a limit; again: stop."""


class AskHint(Message):
    pass


class StepSearch(Message):
    """Carry out the next phase of one simulation."""


class LeaveStep(Message):
    """Show the game again, not the position of the last phase."""


class SetSpeed(Message):
    name: str  # "step", "slow", "fast" or "live"


class StartReview(Message):
    visits: int


# --- one game's own ---------------------------------------------------------------------------------------


class MarkDead(Message):
    move: int


class RollDice(Message):
    pass


class SetDice(Message):
    a: int
    b: int


class SwapDice(Message):
    """Play the match again with the same dice, each side with those that the other had."""


class Double(Message):
    pass


class Take(Message):
    pass


class Drop(Message):
    pass


class NextGame(Message):
    """Begin the next game of a match."""


class AskPrompt(Message):
    """Begin a text with another prompt."""

    prompt: str


class Revisit(Message):
    """Show the position after these moves from the beginning, which were played before."""

    moves: tuple[int, ...]


class Compare(Message):
    """Have decoders write after the prompt with the same number of token evaluations each."""

    names: tuple[str, ...]
    budget: int


class EnterHint(Message):
    """Make the play of a line of the hints; it is not confirmed yet."""

    index: int


class PointAtHint(Message):
    """Show the play of a line of the hints on the board; -1: of none."""

    index: int


class SetPace(Message):
    """Choose how fast moves are shown."""

    name: str


# --- the window -------------------------------------------------------------------------------------------


class Say(Message):
    """Show a sentence in the status line; `alarm` where something went wrong."""

    text: str
    alarm: bool = False


class ShowPage(Message):
    name: str  # "start" or "game"


class ShowTab(Message):
    name: str


class ToggleOverlay(Message):
    """Show or hide something on the board: "candidates", "heat", "ownership", "coordinates" ..."""

    name: str


class SetCandidates(Message):
    """Show at most so many candidates on the board."""

    count: int


class SetVariation(Message):
    """Show at most so many moves of a variation on the board."""

    moves: int


class ChooseGame(Message):
    """Show another game on the start page."""

    name: str


class SetField(Message):
    """A value was chosen in a field of the start page."""

    name: str
    value: object


class Hover(Message):
    """Show moves from the position on the board; None: no longer."""

    moves: tuple[int, ...] | None = None


class NewGame(Message):
    """Begin a game as the start page describes it; `values` replace some of its choices."""

    game: str
    values: tuple[tuple[str, object], ...] = ()


class OpenLab(Message):
    """Show the lab."""


class AskOpen(Message):
    pass


class AskSave(Message):
    pass


class Open(Message):
    path: str


class GoOnWith(Message):
    """Go on with a game that was kept; `record` is its file."""

    record: str


class AskRun(Message):
    pass


class OpenRun(Message):
    """Look at the checkpoints of a training run."""

    path: str


class CloseRun(Message):
    pass


class PlayGhost(Message):
    """Begin a game against a checkpoint of the run that is looked at."""

    checkpoint: int


class Save(Message):
    path: str


class ShowRecord(Message):
    """Show a record that was read instead of the game."""

    opened: "Opened"


class Paste(Message):
    pass


class PasteText(Message):
    """A record as text, which `Paste` found in the clipboard."""

    text: str


class Copy(Message):
    pass


class Scale(Message):
    """Make everything larger (1), smaller (-1) or as it was at first (0)."""

    by: int


class ToggleMute(Message):
    pass


class ToggleHelp(Message):
    pass


class Close(Message):
    """Close the dialog or sheet on top."""


class Quit(Message):
    pass
