"""Go's page: a scene made of a session, and what clicks and keys on the board mean."""

import numpy as np
import pygame

from engine import levels
from engine.clock import Clock
from engine.networks.model import find, shipped
from engine.spec import PlayerSpec
from engine.stepping import RolledOut
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import rules as go_rules
from gui import messages as say
from gui.go.session import SIDES, GoSession
from gui.go.view import BLACK, WHITE, Candidate, GoScene, GoView
from gui.level_field import level_field
from gui.messages import Message
from gui.opponent import Opponent, PlayerStore
from gui.page import Action, Card, Field, Overlay
from gui.tabs.ghost_ladder import Answer, Ladder
from gui.thinker import Thinker
from gui.widgets.theme import BLACK_STONE, WHITE_STONE, Theme

FEW = 100
"""Visits below which a candidate is drawn faded, and its value is not to be trusted."""

CLOCKS: dict[str, tuple[str, dict]] = {
    "": ("none", {}),
    "blitz": ("1 minute, 5 times 10 s", {"main": 60, "period": 10, "periods": 5}),
    "rapid": ("10 minutes, 5 times 30 s", {"main": 600, "period": 30, "periods": 5}),
    "fischer": ("3 minutes and 5 s a move", {"main": 180, "increment": 5}),
    "canadian": ("10 minutes, 20 moves in 5", {"main": 600, "period": 300, "stones": 20}),
}

RULES = tuple((name, sentence) for name, sentence in (
    ("chinese", "Chinese"), ("tromp-taylor", "Tromp-Taylor"), ("japanese", "Japanese"), ("aga", "AGA"),
    ("new-zealand", "New Zealand"),
))  # fmt: skip

PEOPLE = {"black": {FIRST}, "white": {SECOND}, "both": {FIRST, SECOND}, "none": set()}

OVERLAYS = (
    Overlay("candidates", "Candidates", "C"),
    Overlay("heat", "Policy", "T"),
    Overlay("ownership", "Ownership", "O"),
    Overlay("coordinates", "Coordinates", "G"),
)


class GoPage:
    """One game of Go on screen."""

    name, title, sides = "go", "Go", SIDES
    colours = (BLACK_STONE, WHITE_STONE)
    reach = 1.0
    usual_file = "game.sgf"
    overlays = OVERLAYS
    keys = (
        ("click", "play there; when the game is over, mark stones as dead"),
        ("P", "pass"),
        ("C, T, O, G", "candidates, policy, ownership, coordinates"),
        ("K", "play by the arrow keys and Enter; again: the mouse"),
    )
    store = PlayerStore("go")

    def __init__(self, session: GoSession, theme: Theme):
        self.session, self.theme = session, theme
        self.view = GoView(theme)
        self.shown = {"coordinates"}
        self.mouse: tuple[int, int] | None = None
        self.cursor: tuple[int, int] | None = None
        self.line: tuple[int, ...] | None = None  # the variation that is shown
        self.most, self.longest = 8, 8  # candidates and moves of a variation
        self.ladder: Ladder | None = None
        self.opinion: Answer | None = None

    # --- how a game begins ---

    @staticmethod
    def fields() -> tuple[Field, ...]:
        """List what can be chosen on the start page."""
        sizes = tuple((size, f"{size} x {size}") for size in (9, 13, 19, *range(2, 26)))
        models = tuple((name, name) for name in (*shipped_go(), "rollouts"))
        return (
            Field("size", "Board", 9, tuple(dict(sizes).items())),
            Field("colour", "You play", "black", (("black", "Black"), ("white", "White"), ("both", "both"),
                                                  ("none", "nobody: Yomi alone"))),
            level_field("go"),
            Field("seconds", "Seconds a move", "2", (), "By time."),
            Field("model", "Engine", "go", models, "By time: the network that proposes moves, or none."),
            Field("rules", "Rules", "chinese", RULES),
            Field("komi", "Komi", "", (), "Points for White, in halves; empty: 7, with a handicap 0.5."),
            Field("handicap", "Handicap", 0, tuple((k, f"{k} stones" if k else "none") for k in (0, *range(2, 10)))),
            Field("clock", "Clock", "", tuple((name, words) for name, (words, _) in CLOCKS.items())),
            Field("seed", "Seed", "1", (), "The same seed, visits and one thread: the same game."),
        )  # fmt: skip

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "GoPage":
        """Begin a game with these choices; raise `ValueError` for what cannot be."""
        position = values.get("position") or opening(values)
        opponent = values.get("opponent") or chosen_opponent(values)
        about = go_board.described(position.states[0])
        make = cls.store.maker(opponent, size=about["size"], komi=about["komi"])
        words = CLOCKS.get(str(values.get("clock", "")), ("", {}))[1]
        clocks = {side: Clock(**words) for side in (FIRST, SECOND)} if words else None
        people = PEOPLE[str(values.get("colour", "black"))]
        return cls(GoSession(position, make, people, clocks, thinker, opponent), theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme, self.view = theme, GoView(theme)

    # --- what is seen ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the board as the session has it."""
        self.session.wants = self.shown & {"ownership", "heat"}
        self.view.draw(surface, rect, self.scene())

    def scene(self) -> GoScene:
        """Describe the board as it is shown now."""
        session, shown = self.session, self.shown
        position = session.position
        over = position.over
        line = None if over else self._shown_line()
        if isinstance(session.event, RolledOut) and session.event.result is not None:
            return GoScene(go.colours(session.event.judged).astype(np.int8), coordinates="coordinates" in shown)
        return GoScene(
            stones=go.colours(position.state).astype(np.int8),
            last=self._point(position.moves[-1]) if position.moves else None,
            ghost=None if line else self._ghost(),
            cursor=self.cursor,
            coordinates="coordinates" in shown,
            candidates=self._candidates() if "candidates" in shown and not over and not self.opinion else (),
            heat=None if over else self._heat(),
            ownership=session.map("ownership") if "ownership" in shown and not over else None,
            dead=session.dead if over else None,
            variation=self._variation(line) if line else (),
        )

    def _heat(self) -> np.ndarray | None:
        """Return the policy to show: a checkpoint's, or the engine's."""
        if self.opinion:
            return self.opinion.policy[:-1].reshape(self.session.size, -1)
        return self.session.map("heat") if "heat" in self.shown else None

    def _point(self, move: int) -> tuple[int, int] | None:
        size = self.session.size
        return divmod(move, size) if move < size * size else None

    def _move_at(self, pos: tuple[int, int] | None) -> int | None:
        point = self.view.at(pos) if pos else None
        return None if point is None else point[0] * self.session.size + point[1]

    def _ghost(self) -> tuple[int, int, int] | None:
        session = self.session
        move = self._move_at(self.mouse)
        if move is None or not session.awaits_person or session.position.why_not(move):
            return None
        return (*divmod(move, session.size), BLACK if session.position.turn == FIRST else WHITE)

    def _shown_line(self) -> tuple[int, ...] | None:
        """Return the moves to show: of a step, of the inspector or a list, of the candidate under the mouse."""
        if self.session.event and self.session.event.path:
            return self.session.event.path
        return self.line or self._hovered_line()

    def _hovered_line(self) -> tuple[int, ...] | None:
        move, thought = self._move_at(self.mouse), self.session.thought
        if move is None or thought is None or "candidates" not in self.shown:
            return None
        lines = (line for line in thought.lines[: self.most] if line.move == move and line.visits > 1)
        return next((tuple(line.variation) for line in lines), None)

    def _candidates(self) -> tuple[Candidate, ...]:
        thought, turn = self.session.thought, self.session.position.turn
        if thought is None or not thought.lines:
            return ()
        best = max(1, thought.lines[0].visits)
        lines = [line for line in thought.lines[: self.most] if line.visits and self._point(line.move)]
        return tuple(
            Candidate(
                self._point(line.move),
                f"{chance_of(line.value, turn):.0f}",
                short(line.visits),
                line.visits / best,
                min(1.0, line.visits / FEW),
            )
            for line in lines
        )

    def _variation(self, line: tuple[int, ...]) -> tuple[tuple[int, int, int, int], ...]:
        colours = (BLACK, WHITE) if self.session.position.turn == FIRST else (WHITE, BLACK)
        stones, taken = [], set()
        for number, move in enumerate(line[: self.longest]):
            if self._point(move) and move not in taken:
                taken.add(move)
                stones.append((*self._point(move), colours[number % 2], number + 1))
        return tuple(stones)

    def place_of(self, name: str) -> tuple[int, int]:
        """Return the pixel of a point such as E5; raise `ValueError` where there is none."""
        return self.view.place(divmod(go_board.move(name, self.session.size), self.session.size))

    # --- what is done ---

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Say what a click or a key on the board means."""
        if event.type == pygame.MOUSEMOTION:
            self.mouse = event.pos
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.cursor = None
            return self._chosen(self._move_at(event.pos))
        elif event.type == pygame.MOUSEWHEEL and self._move_at(self.mouse) is not None:
            return say.StepBy(-1 if event.y > 0 else 1) if event.y else None
        elif event.type == pygame.KEYDOWN and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META):
            return self._key(event.key)
        return None

    def _chosen(self, move: int | None) -> Message | None:
        if move is None:
            return None
        session = self.session
        if session.position.over:
            return say.MarkDead(move)
        if not session.awaits_person and not session.halted:
            return say.Say("it is not your turn")
        return say.Play(move)

    def _key(self, key: int) -> Message | None:
        if key == pygame.K_p:
            return say.Pass() if self.session.awaits_person else say.Say("it is not your turn")
        if key == pygame.K_k:
            middle = self.session.size // 2
            self.cursor = None if self.cursor else (middle, middle)
            return say.Hover()
        steps = {pygame.K_UP: (-1, 0), pygame.K_DOWN: (1, 0), pygame.K_LEFT: (0, -1), pygame.K_RIGHT: (0, 1)}
        if self.cursor and key in steps:
            last = self.session.size - 1
            self.cursor = tuple(min(last, max(0, a + b)) for a, b in zip(self.cursor, steps[key], strict=True))
            return say.Hover()
        if self.cursor and key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            return self._chosen(self.cursor[0] * self.session.size + self.cursor[1])
        return None

    def receive(self, message: Message) -> bool:
        """Do what a message asks; False where this game and its session do not know it."""
        match message:
            case say.ToggleOverlay(name):
                self.shown = self.shown ^ {name}
            case say.Hover(moves):
                self.line = moves
            case say.Set("most", value):
                self.most = int(value)
            case say.Set("longest", value):
                self.longest = int(value)
            case _:
                self.line = None
                return self.session.handle(message)
        return True

    def animating(self) -> bool:
        """Say whether the board changes by itself now."""
        return False

    # --- what is told about the game ---

    def card(self, side: int) -> Card:
        """Describe one side: its prisoners and its clock."""
        session = self.session
        lost = int(session.position.state[go_rules.LOST + np.uint64(WHITE if side == FIRST else BLACK)])
        name = "You" if side in session.people else "Yomi"
        if session.people == {FIRST, SECOND}:
            name = SIDES[side]
        return Card(name, f"{lost} captured", clock_words(session.clock_left(side)))

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw a side's stone."""
        colour = BLACK_STONE if side == FIRST else WHITE_STONE
        self.theme.disc(surface, centre, diameter, colour, (120, 120, 120), shade=True)

    def facts(self) -> str:
        """Say the rules, the komi and who plays for Yomi."""
        about = go_board.described(self.session.position.states[0])
        rules = dict(RULES)[about["rules"]]
        words = f"move {self.session.ply}  ·  {rules}  ·  komi {about['komi']:g}"
        if len(self.session.people) < 2:
            opponent = self.session.opponent
            words += f"  ·  level {opponent.level.number}" if opponent.level else f"  ·  {opponent.words}"
        return words

    def actions(self) -> tuple[Action, ...]:
        """List the buttons of the Game tab as they are now."""
        session = self.session
        playing = session.awaits_person
        thinks = bool(session.thinking) and session.thinking != "prepare"
        return (
            Action("Pass", say.Pass(), playing, "P"),
            Action("Undo", say.Undo(), session.ply > 0 or bool(session.ended), "U"),
            Action("Redo", say.Redo(), session.ply < session.history.last, "R"),
            Action("Resign", say.Resign(), playing, "Ctrl R"),
            Action("Analyse", say.Analyse(), not session.over, "Space"),
            Action("Move", say.MoveNow(), not session.over, "Enter"),
            Action("Stop", say.StopThinking(), thinks, "S"),
            Action("New", say.ShowPage("start"), True, "N"),
        )

    def move_lines(self) -> list[str]:
        """List the moves of the line on the board."""
        state = self.session.position.states[0]
        nodes = self.session.history.line[1:]
        return [f"{SIDES[node.mover]} {go.notation(state, node.move)}" for node in nodes]

    def chance(self, value: float) -> str:
        """Write a value as the winning chance of the side that is ahead."""
        side = FIRST if value >= 0 else SECOND
        return f"{SIDES[side]} {chance_of(value, side):.0f} %"

    def worth(self, value: float) -> str:
        """Write a value as the winning chance of the side to play."""
        return f"{chance_of(value, self.session.position.turn):.0f} %"

    def sound(self, before: int, ply: int) -> str:
        """Name the sound of what happened since a ply."""
        position = self.session.position
        if self.session.over:
            return "end"
        if ply != before + 1:
            return ""
        if position.moves[-1] == self.session.size**2:
            return "pass"
        taken = np.count_nonzero(go.colours(position.states[-2])) >= np.count_nonzero(go.colours(position.state))
        return "capture" if taken else "stone"


# --- from choices to games --------------------------------------------------------------------------------


def shipped_go() -> list[str]:
    """List the networks for Go that ship with Yomi."""
    return [name for name in shipped() if find(name).game == "go"]


def chosen_opponent(values: dict[str, object]) -> Opponent:
    """Return who plays by the choices of the start page."""
    seed, level = whole(values.get("seed", 1), "the seed"), str(values.get("level", "time"))
    if level != "time":
        return Opponent.of(levels.find("go", level), seed)
    seconds = number(values.get("seconds", 2), "seconds a move")
    if not 0.01 <= seconds <= 3600:
        raise ValueError("seconds a move are between 0.01 and 3600")
    return Opponent(PlayerSpec(model=str(values.get("model", "go")), seconds=seconds, threads=0), seed)


def values(
    size: int, colour: str, komi: float | None, rules: str, handicap: int, opponent: Opponent
) -> dict[str, object]:
    """Return the choices of a game that a command line describes."""
    chosen = {"size": size, "colour": str(colour), "rules": str(rules), "handicap": handicap}
    return chosen | {"komi": "" if komi is None else komi, "opponent": opponent}


def opening(values: dict[str, object]) -> Position:
    """Return the position that a game with these choices begins with."""
    size, handicap = int(values.get("size", 9)), int(values.get("handicap", 0))
    rules, komi = str(values.get("rules", "chinese")), str(values.get("komi", "")).strip()
    stones = go_board.fixed_handicap(size, handicap) if handicap > 1 else []
    points = number(komi, "komi") if komi else 0.5 if handicap else 7
    to_play, bonus = SECOND if stones else FIRST, go_board.handicap_bonus(rules, handicap)
    start = go_board.setup(size, points, rules, black=stones, to_play=to_play, handicap_bonus=bonus)
    return Position(go, start)


def number(text: object, what: str) -> float:
    """Read a number that a person typed."""
    try:
        return float(str(text).replace(",", "."))
    except ValueError:
        raise ValueError(f"{what}: {text!r} is not a number") from None


def whole(text: object, what: str) -> int:
    """Read a whole number from 0 that a person typed."""
    if not str(text).strip().isdecimal() or len(str(text)) > 18:
        raise ValueError(f"{what}: {text!r} is not a whole number")
    return int(text)


# --- how numbers are written ------------------------------------------------------------------------------


def chance_of(value: float, side: int) -> float:
    """Return a side's winning chance in per cent."""
    return 50 * (1 + (value if side == FIRST else -value))


def short(count: int) -> str:
    """Write a number of visits in four characters at most: 950, 1.2k, 34k, 5.6M."""
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}" if count < 10 * size else f"{count // size}{letter}"
    return str(count)


def clock_words(clock: Clock | None) -> str:
    """Write a clock: 9:57, or 0:24 (3) with the periods or stones left."""
    if clock is None or clock.left is None:
        return ""
    minutes, seconds = divmod(int(max(0.0, clock.left)), 60)
    return f"{minutes}:{seconds:02}" + (f" ({clock.count})" if clock.count else "")


PAGE = GoPage
"""What the window offers of this game."""
