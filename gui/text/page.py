"""The text page: a scene made of a session, and what clicks and keys on it mean."""

import math
from collections.abc import Mapping, Sequence

import pygame

from engine.text import models
from engine.text.asking import Conditions
from games import text
from games.game import FIRST
from gui import messages as say
from gui.field import NOTHING, Field, Values
from gui.messages import Message
from gui.page import Action, Card, Ending, Overlay, Page
from gui.text.records import TextRecords
from gui.text.request import TextRequest
from gui.text.scene import SceneMaker
from gui.text.session import TextSession
from gui.text.view import AHEAD, WRITTEN, TextScene, TextView
from gui.thinker import Thinker
from gui.widgets.theme import ACCENT, QUIET, Theme

USUAL_PROMPT = "2 3 9 12"

PEOPLE = {"you": {FIRST}, "yomi": set[int]()}


class TextPage(Page):
    """One text on screen."""

    name, title, sides = text.name, "Text", ("", "")
    colours = (ACCENT, QUIET)
    usual_file, suffixes = "text.text", (".text",)
    overlays: Sequence[Overlay] = ()
    watched: Mapping[str, object] = {"who": "yomi"}
    watched_tab = "Search"
    keys = (
        ("click a token", "write it; in the text: go back to it"),
        ("1 to 9", "write that one of the next tokens"),
        ("Enter", "write the token that Yomi would"),
        ("line below a token", "blue: likely to the model; orange: unlikely"),
        ("dot above a token", "other tokens were written here, too"),
    )
    read, read_text = staticmethod(TextRecords.read), staticmethod(TextRecords.read_text)

    def __init__(self, session: TextSession, theme: Theme):
        self.session, self.theme, self.view = session, theme, TextView(theme)
        self.scenes = SceneMaker(session)
        self.shown: set[str] = set()
        self.line: tuple[int, ...] | None = None  # the continuation that is shown

    # --- how a text begins ---

    @staticmethod
    def fields(values: Values = NOTHING) -> tuple[Field, ...]:
        """List what can be chosen on the start page."""
        names = (("", "what fits the prompt"), *((name, name) for name in models.names()))
        who = (("you", "you, and Yomi advises"), ("yomi", "Yomi, to the end"))
        return (
            Field("prompt", "Prompt", USUAL_PROMPT, (), "Four numbers from 1 to 13, or a beginning.", front=True),
            Field("who", "Who chooses the tokens", "you", who, "Yomi shows what it would write.", front=True),
            Field("model", "Language model", "", names, "`yomi get smollm2` fetches one that writes prose."),
            Field(
                "exactly", "Exactly so many characters", "", (), "Empty: any number. A puzzle has a reward of its own."
            ),
            Field("include", "A word in it", "", (), "The search is paid for a text with this word; empty: none."),
            Field("budget", "Token evaluations a token", "200", (), "How much reading ahead a token may cost."),
        )

    @staticmethod
    def prepare(values: Values) -> None:
        """Open the language model, so that it is there when the text begins."""
        requested(values).task(prompt_of(values))

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "TextPage":
        """Begin a text with these choices; raise `ValueError` for what cannot be."""
        request = values.get("request")
        request = request if isinstance(request, TextRequest) else requested(values)
        prompt = prompt_of(values)
        people = PEOPLE["yomi" if values.get("who") == "yomi" else "you"]
        return cls(request.begin(prompt, people, thinker), theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        mouse, self.theme, self.view = self.view.mouse, theme, TextView(theme)
        self.view.mouse = mouse

    # --- what is seen ---

    @property
    def reach(self) -> float:
        """The greatest value that graphs show: the greatest reward, where there is one."""
        high = self.session.task.reward.ends[1]
        return high if math.isfinite(high) and high > 0 else 1.0

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the text as the session has it."""
        self.view.draw(surface, rect, self.scene())

    def scene(self) -> TextScene:
        """Describe the text as it is shown now."""
        return self.scenes.scene(self.line or ())

    def place_of(self, name: str) -> tuple[int, int]:
        """Return the pixel of the n-th candidate ("2"), of a token of the text ("t3") or of a branch ("b1")."""
        kinds = {"t": [rect for rect, piece in self.view.tokens if piece.kind in (WRITTEN, AHEAD)]}
        kinds |= {"b": [rect for rect, _ in self.view.lines], "": [rect for rect, _ in self.view.rows]}
        letter, number = (name[:1], name[1:]) if name[:1] in ("t", "b") else ("", name)
        if not (number.isascii() and number.isdigit() and 0 < int(number[:4]) <= len(kinds[letter])):
            raise ValueError(f"there is no place {name!r}: candidates are 1, 2, ...; tokens t1, ...; branches b1, ...")
        return kinds[letter][int(number) - 1].center

    # --- what is done ---

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Return what a click or a key on the page means."""
        if event.type == pygame.MOUSEMOTION:
            return self._moved(event.pos)
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            return self._clicked(event.pos)
        if event.type == pygame.KEYDOWN and event.unicode and event.unicode in "123456789":
            rows = self.scenes.candidates()[: len(self.view.rows)]
            number = int(event.unicode) - 1
            return say.Play(rows[number].move) if number < len(rows) and not self.session.over else None
        return None

    def _moved(self, pos: tuple[int, int]) -> Message | None:
        before, self.view.mouse = self.view.candidate_at(self.view.mouse), pos
        row = self.view.candidate_at(pos)
        if (row and row.move) == (before and before.move):
            return None
        return say.Hover(self._continuation(row.move) if row else None)

    def _continuation(self, move: int) -> tuple[int, ...]:
        thought = self.session.thought
        lines = thought.lines if thought else []
        return next((tuple(line.variation) for line in lines if line.move == move), (move,))

    def _clicked(self, pos: tuple[int, int]) -> Message | None:
        row, piece, branch = self.view.candidate_at(pos), self.view.piece_at(pos), self.view.branch_at(pos)
        if row is not None and not self.session.over:
            return say.Play(row.move)
        if piece is not None and piece.target is not None:
            return say.Revisit(piece.target)
        return say.Revisit(branch.target) if branch is not None else None

    def receive(self, message: Message) -> bool:
        """Do what a message asks; return False where this page and its session do not know it."""
        match message:
            case say.Hover(moves):
                self.line = moves
            case say.SetVariation() | say.SetCandidates() | say.ToggleOverlay():
                pass
            case _:
                self.line = None
                return self.session.handle(message)
        return True

    # --- what is said of the text ---

    def card(self, side: int) -> Card:
        """Describe who chooses."""
        return Card("You" if side in self.session.people else "Yomi", self.session.task.model.folder.name)

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw nothing: there are no sides."""

    def facts(self) -> str:
        """Return the model, what is paid, and how many tokens there are."""
        task = self.session.task
        paid = f"reward: {task.reward.name}" if task.reward.name else "no reward"
        return f"{task.model.folder.name}  ·  {paid}  ·  token {self.session.ply}"

    def actions(self) -> tuple[Action, ...]:
        """List the buttons of the first tab as they are now."""
        session, writes = self.session, not self.session.people
        return (
            Action("Write a token", say.MoveNow(), not session.over, "Enter"),
            Action("Stop writing" if writes else "Write on", say.SetPerson(FIRST, writes), not session.over),
            Action("Undo", say.Undo(), session.ply > 0, "U"),
            Action("Redo", say.Redo(), session.ply < session.history.last, "R"),
            Action("Analyse", say.Analyse(), not session.over, "Space"),
            Action("New", say.ShowPage("start"), True, "N"),
        )

    def ending(self) -> Ending | None:
        """Return what the card says at the end: a text has none."""
        return None

    def move_lines(self) -> list[str]:
        """List the tokens of the line."""
        return [self.session.task.piece(node.move) for node in self.session.history.line[1:]]

    def chance(self, value: float) -> str:
        """Write a value: what is expected to be paid."""
        return f"{value:.2f}"

    def worth(self, value: float) -> str:
        """Write a value."""
        return f"{value:.2f}"

    def sound(self, before: int, ply: int) -> str:
        """Name the sound of what happened since a ply."""
        return "end" if self.session.over else ""


# --- from choices to texts --------------------------------------------------------------------------------


def prompt_of(values: Values) -> str:
    """Return the prompt that was chosen."""
    return str(values.get("prompt") or USUAL_PROMPT).strip()


def requested(values: Values) -> TextRequest:
    """Return what the choices of the start page ask for; raise `ValueError`."""
    exactly, include = str(values.get("exactly", "")).strip(), str(values.get("include", "")).strip()
    length = (_number(exactly, "exactly so many characters", 1, 10_000), "chars") if exactly else (0, "")
    conditions = Conditions(exactly=length, include=[include] if include else [])
    budget = _number(values.get("budget", 200), "token evaluations a token", 1, 1_000_000)
    return TextRequest(model=str(values.get("model", "")), conditions=conditions, budget=budget)


def _number(value: object, what: str, least: int, most: int) -> int:
    words = str(value).strip()
    if not (words.isascii() and words.isdigit() and least <= int(words[:9]) <= most and len(words) < 10):
        raise ValueError(f"{what}: {words[:20]!r} is no number from {least:,} to {most:,}")
    return int(words)


PAGE = TextPage
