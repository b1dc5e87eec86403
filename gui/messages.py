"""What clicks and keys mean: small frozen values, made by widgets and pages, carried out by sessions and the window."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.records import Opened


@dataclass(frozen=True)
class Message:
    """Anything that a person or a script can ask for."""


# --- the game ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Play(Message):
    move: int


@dataclass(frozen=True)
class Plays(Message):
    """Several moves that belong together: a full turn of backgammon."""

    moves: tuple[int, ...]


@dataclass(frozen=True)
class Pass(Message):
    pass


@dataclass(frozen=True)
class Resign(Message):
    """Give the game up. `gain`, where that differs: 1 the game, 2 a gammon, 3 a backgammon, 0 asks how much."""

    gain: int = 0


@dataclass(frozen=True)
class KeepPlaying(Message):
    """Do not resign after all."""


@dataclass(frozen=True)
class Undo(Message):
    """Take back moves until the same person is to play again."""


@dataclass(frozen=True)
class Redo(Message):
    pass


@dataclass(frozen=True)
class StepBy(Message):
    """Go a number of moves back (negative) or on along the game."""

    moves: int


@dataclass(frozen=True)
class JumpTo(Message):
    ply: int


@dataclass(frozen=True)
class NextVariation(Message):
    """Change to another move that was played instead of the last one."""

    by: int = 1


@dataclass(frozen=True)
class SetPerson(Message):
    """Give a side (FIRST or SECOND) to a person or to the engine."""

    side: int
    person: bool


# --- thinking ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MoveNow(Message):
    pass


@dataclass(frozen=True)
class GoOn(Message):
    """Let the engine play on where it waits."""


@dataclass(frozen=True)
class StopThinking(Message):
    pass


@dataclass(frozen=True)
class Analyse(Message):
    """Analyse the position on the board without a limit; again: stop."""


@dataclass(frozen=True)
class AskHint(Message):
    pass


@dataclass(frozen=True)
class StepSearch(Message):
    """Carry out the next phase of one simulation."""


@dataclass(frozen=True)
class LeaveStep(Message):
    """Show the game again, not the position of the last phase."""


@dataclass(frozen=True)
class SetSpeed(Message):
    name: str  # "step", "slow", "fast" or "live"


@dataclass(frozen=True)
class StartReview(Message):
    visits: int


# --- one game's own ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MarkDead(Message):
    move: int


@dataclass(frozen=True)
class RollDice(Message):
    pass


@dataclass(frozen=True)
class SetDice(Message):
    a: int
    b: int


@dataclass(frozen=True)
class SwapDice(Message):
    """Play the match again with the same dice, each side with those that the other had."""


@dataclass(frozen=True)
class Double(Message):
    pass


@dataclass(frozen=True)
class Take(Message):
    pass


@dataclass(frozen=True)
class Drop(Message):
    pass


@dataclass(frozen=True)
class NextGame(Message):
    """Begin the next game of a match."""


@dataclass(frozen=True)
class AskPrompt(Message):
    """Begin a text with another prompt."""

    prompt: str


@dataclass(frozen=True)
class Revisit(Message):
    """Show the position after these moves from the beginning, which were played before."""

    moves: tuple[int, ...]


@dataclass(frozen=True)
class Compare(Message):
    """Have decoders write after the prompt with the same number of token evaluations each."""

    names: tuple[str, ...]
    budget: int


@dataclass(frozen=True)
class EnterHint(Message):
    """Make the play of a line of the hints; it is not confirmed yet."""

    index: int


@dataclass(frozen=True)
class PointAtHint(Message):
    """Show the play of a line of the hints on the board; -1: of none."""

    index: int


@dataclass(frozen=True)
class SetPace(Message):
    """Choose how fast moves are shown."""

    name: str


# --- the window -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Say(Message):
    """Show a sentence in the status line; `alarm` where something went wrong."""

    text: str
    alarm: bool = False


@dataclass(frozen=True)
class ShowPage(Message):
    name: str  # "start" or "game"


@dataclass(frozen=True)
class ShowTab(Message):
    name: str


@dataclass(frozen=True)
class ToggleOverlay(Message):
    """Show or hide something on the board: "candidates", "heat", "ownership", "coordinates" ..."""

    name: str


@dataclass(frozen=True)
class SetCandidates(Message):
    """Show at most so many candidates on the board."""

    count: int


@dataclass(frozen=True)
class SetVariation(Message):
    """Show at most so many moves of a variation on the board."""

    moves: int


@dataclass(frozen=True)
class ChooseGame(Message):
    """Show another game on the start page."""

    name: str


@dataclass(frozen=True)
class SetField(Message):
    """A value was chosen in a field of the start page."""

    name: str
    value: object


@dataclass(frozen=True)
class Hover(Message):
    """Show moves from the position on the board; None: no longer."""

    moves: tuple[int, ...] | None = None


@dataclass(frozen=True)
class NewGame(Message):
    """Begin a game as the start page describes it; `values` replace some of its choices."""

    game: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class OpenLab(Message):
    """Show the lab."""


@dataclass(frozen=True)
class AskOpen(Message):
    pass


@dataclass(frozen=True)
class AskSave(Message):
    pass


@dataclass(frozen=True)
class Open(Message):
    path: str


@dataclass(frozen=True)
class GoOnWith(Message):
    """Go on with a game that was kept; `record` is its file."""

    record: str


@dataclass(frozen=True)
class AskRun(Message):
    pass


@dataclass(frozen=True)
class OpenRun(Message):
    """Look at the checkpoints of a training run."""

    path: str


@dataclass(frozen=True)
class CloseRun(Message):
    pass


@dataclass(frozen=True)
class PlayGhost(Message):
    """Begin a game against a checkpoint of the run that is looked at."""

    checkpoint: int


@dataclass(frozen=True)
class Save(Message):
    path: str


@dataclass(frozen=True)
class ShowRecord(Message):
    """Show a record that was read instead of the game."""

    opened: "Opened"


@dataclass(frozen=True)
class Paste(Message):
    pass


@dataclass(frozen=True)
class PasteText(Message):
    """A record as text, which `Paste` found in the clipboard."""

    text: str


@dataclass(frozen=True)
class Copy(Message):
    pass


@dataclass(frozen=True)
class Scale(Message):
    """Make everything larger (1), smaller (-1) or as it was at first (0)."""

    by: int


@dataclass(frozen=True)
class ToggleMute(Message):
    pass


@dataclass(frozen=True)
class ToggleHelp(Message):
    pass


@dataclass(frozen=True)
class Close(Message):
    """Close the dialog or sheet on top."""


@dataclass(frozen=True)
class Quit(Message):
    pass
