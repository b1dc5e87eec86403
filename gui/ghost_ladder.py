"""The ghosts of a training run: what each of its checkpoints thinks of one position, read lazily in a thread.

`Ladder` holds the checkpoints and what they answered; `LadderView` draws the values over training and a slider, and
says which checkpoint was chosen. The policy of the chosen one goes to the board as a heat map (`heat`).
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pygame

from engine import model as models
from engine.model import Model
from engine.search import Evaluator
from games.game import Game, Position
from gui.theme import ACCENT, BAD, GROUND, LINE, QUIET, SMALL, TEXT, WARM, Theme, blend
from gui.tree_rows import number

READY = 6
"""Evaluators that are kept ready at once: a network takes its time to load, and its room."""

KEPT = 4000
"""Answers that are remembered."""


@dataclass(frozen=True)
class Answer:
    """What a checkpoint thinks of a position: priors of all moves (illegal ones 0), and the value to FIRST."""

    policy: np.ndarray  # float32 [every move]
    value: float


class Ladder:
    """The checkpoints of a run, the oldest first, and their answers. `close` it when it is no longer shown.

    `ask` returns at once: what is not known yet is worked out in a thread and is there at a later call.
    """

    def __init__(self, run: str | Path):
        """Raise `ValueError` where the folder holds no models that play."""
        self.run = Path(run).expanduser()
        self.checkpoints = checkpoints(self.run)
        self.steps = [_step(found) for found in self.checkpoints]
        self.game = self.checkpoints[0].game
        self.failed: dict[int, str] = {}  # why a checkpoint has no answers
        self._answers: OrderedDict[tuple[int, bytes], Answer] = OrderedDict()
        self._ready: OrderedDict[int, Evaluator] = OrderedDict()
        self._asked: tuple[Game, np.ndarray, list[int]] | None = None  # the latest question replaces older ones
        self._wake, self._closed = threading.Condition(), False
        self._thread: threading.Thread | None = None

    def ask(self, position: Position, first: int = -1) -> list[Answer | None]:
        """Return what is known of the position, None for each checkpoint not asked yet; `first` is asked first."""
        key = position.state.tobytes()
        with self._wake:
            found = [self._answers.get((k, key)) for k in range(len(self.checkpoints))]
            missing = [k for k, answer in enumerate(found) if answer is None and k not in self.failed]
            missing.sort(key=lambda k: abs(k - first) if first >= 0 else -k)
            self._asked = (position.game, position.state.copy(), missing) if missing else None
            if missing and not self._closed:
                self._start()
                self._wake.notify()
        return found

    @property
    def busy(self) -> bool:
        """Tell whether answers are still to come."""
        return self._asked is not None and not self._closed

    def close(self) -> None:
        """Ask no more; an evaluation under way ends by itself."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    # --- the thread ---

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="yomi-ladder", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._closed and not self._next():
                    self._wake.wait()
                if self._closed:
                    return
                game, state, missing = self._asked
                k = missing.pop(0)
            self._evaluate(k, game, state)

    def _next(self) -> bool:
        if self._asked and not self._asked[2]:
            self._asked = None
        return self._asked is not None

    def _evaluate(self, k: int, game: Game, state: np.ndarray) -> None:
        try:
            answer = _answer(self._evaluator(k), game, state)
        except Exception as error:  # a broken checkpoint is told of, and the others are asked
            with self._wake:
                self.failed[k] = str(error) or type(error).__name__
            return
        with self._wake:
            self._answers[k, state.tobytes()] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)

    def _evaluator(self, k: int) -> Evaluator:
        if k not in self._ready:
            self._ready[k] = open_evaluator(self.checkpoints[k])
            while len(self._ready) > READY:
                self._ready.popitem(last=False)
        self._ready.move_to_end(k)
        return self._ready[k]


def checkpoints(run: Path) -> list[Model]:
    """List the models of a run folder that can be read, by their steps; raise `ValueError` where there is none."""
    folders = [path for path in (run / "models").glob("*") if path.name.isdigit()]
    found, reason = [], "it has no models yet"
    for folder in sorted(folders, key=lambda path: int(path.name)):
        try:
            found.append(models.read(folder))
        except ValueError as error:
            reason = str(error)
    if not found:
        raise ValueError(f"{run} is no run with checkpoints to look at: {reason}")
    return found


def _step(found: Model) -> int:
    return int(found.folder.name)


def open_evaluator(found: Model) -> Evaluator:
    """Return the evaluator of a checkpoint of any game; raise `ValueError` where it does not run here."""
    models.check(found, found.game)
    if found.game == "backgammon":
        from engine import afterstates_model  # only now, and so the others: each game needs its own
        from engine.backgammon_evaluator import AfterstateEvaluator
        from engine.plies import Lookahead

        return AfterstateEvaluator(Lookahead(afterstates_model.read(found), 1))
    from engine import evaluator

    return evaluator.choose(found, cache=0)


def _answer(evaluator: Evaluator, game: Game, state: np.ndarray) -> Answer:
    priors, values = evaluator(game, state[None])
    moves, _, counts = game.legal(state[None])
    policy = np.zeros(game.move_count(state), np.float32)
    legal = moves[0, : counts[0]]
    policy[legal] = priors[0, legal] if priors.shape[1] else 1
    return Answer(policy / max(float(policy.sum()), 1e-9), float(values[0]))


def heat(answer: Answer, size: int) -> np.ndarray:
    """Return a policy as a map of a board, float32 [size, size], its greatest value 1; moves beyond it are left out."""
    points = answer.policy[: size * size].reshape(size, size)
    return points / max(float(points.max()), 1e-9)


# --- the view ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LadderScene:
    """Values by checkpoint (None: not known), the steps, which is chosen, and what to say of it."""

    steps: tuple[int, ...]
    values: tuple[float | None, ...]
    chosen: int
    names: tuple[str, str] = ("First", "Second")  # the sides: the upper and the lower end of the scale
    reach: float = 1.0
    best: str = ""  # the chosen one's likeliest moves, in words
    alarm: str = ""


def scene_of(
    ladder: Ladder, answers: list[Answer | None], chosen: int, position: Position, names: tuple[str, str]
) -> LadderScene:
    """Return the picture of what is known; `chosen` is kept within the checkpoints."""
    chosen = min(max(0, chosen), len(answers) - 1)
    values = tuple(None if answer is None else answer.value for answer in answers)
    reach = max([1.0, *(abs(value) for value in values if value is not None)])
    best = "" if answers[chosen] is None else _best_moves(answers[chosen], position)
    alarm = ladder.failed.get(chosen, "")
    return LadderScene(tuple(ladder.steps), values, chosen, names, reach, best, alarm)


def _best_moves(answer: Answer, position: Position, most: int = 4) -> str:
    order = np.argsort(-answer.policy, kind="stable")[:most]
    order = order[answer.policy[order] > 0]
    return ",  ".join(f"{position.game.notation(position.state, int(k))} {answer.policy[k]:.0%}" for k in order)


class LadderView:
    """Draws the ladder at one scale; `handle` returns the checkpoint that a click, a drag or an arrow key chose."""

    def __init__(self, theme: Theme):
        self.rect = self.inner = pygame.Rect(0, 0, 0, 0)
        self.scene: LadderScene | None = None
        self.held = False
        self.resize(theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme = theme

    # --- drawing ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, scene: LadderScene) -> None:
        """Draw what the chosen one says, the curve over training, and the slider under it."""
        theme, self.rect, self.scene = self.theme, pygame.Rect(rect), scene
        y = self._draw_head(surface, rect, scene)
        frame = pygame.Rect(rect.left, y, rect.width, rect.bottom - y - theme.px(38))
        self.inner = frame.inflate(-theme.px(28), -theme.px(36))
        theme.panel(surface, frame, GROUND)
        middle = self._place(scene.chosen, 0.0)[1]
        pygame.draw.line(surface, LINE, (self.inner.left, middle), (self.inner.right, middle))
        for k, align in ((0, "left"), (1, "right")):
            theme.text(surface, scene.names[k], self._corner(k), SMALL, (ACCENT, WARM)[k], "left")
            step = scene.steps[-k]
            at = (frame.left + theme.px(14), frame.right - theme.px(14))[k], rect.bottom - theme.px(9)
            if k == 0 or len(scene.steps) > 1:
                theme.text(surface, f"step {step:,}", at, SMALL, QUIET, align)
        self._draw_curve(surface, scene)
        self._draw_slider(surface, frame.bottom + theme.px(12), scene)

    def _draw_head(self, surface, rect, scene: LadderScene) -> int:
        theme, value = self.theme, scene.values[scene.chosen]
        y, middle = rect.top, rect.top + theme.px(10)
        theme.text(surface, f"Checkpoint at step {scene.steps[scene.chosen]:,}", (rect.left, middle), bold=True)
        words = "…" if value is None else f"{number(value, scene.reach)} for {scene.names[0]}"
        theme.text(surface, words, (rect.right, middle), colour=TEXT, align="right")
        line = scene.alarm or scene.best
        theme.text(surface, line, (rect.left, y + theme.px(30)), SMALL, BAD if scene.alarm else QUIET, width=rect.width)
        return y + theme.px(44)

    def _corner(self, k: int) -> tuple[int, int]:
        return self.inner.left, (self.inner.top - self.theme.px(8), self.inner.bottom + self.theme.px(9))[k]

    def _place(self, k: int, value: float) -> tuple[float, float]:
        """Return where a checkpoint's value lies: steps as far apart as training took."""
        first, last = self.scene.steps[0], self.scene.steps[-1]
        share = (self.scene.steps[k] - first) / (last - first) if last > first else 0.5
        height = min(1.0, max(-1.0, value / self.scene.reach))
        return self.inner.left + share * self.inner.width, self.inner.centery - height * self.inner.height / 2

    def _draw_curve(self, surface, scene: LadderScene) -> None:
        theme, before = self.theme, None
        for k, value in enumerate(scene.values):
            here = None if value is None else self._place(k, value)
            if here and before:
                for shift in (-0.5, 0.5):
                    pygame.draw.aaline(surface, ACCENT, (before[0], before[1] + shift), (here[0], here[1] + shift))
            before = here
        for k, value in enumerate(scene.values):
            if value is not None and k != scene.chosen:
                theme.disc(surface, self._place(k, value), theme.px(7), ACCENT)
        if scene.values[scene.chosen] is not None:
            at = self._place(scene.chosen, scene.values[scene.chosen])
            pygame.draw.line(surface, blend(GROUND, TEXT, 0.35), (round(at[0]), self.inner.top), (round(at[0]), at[1]))
            theme.disc(surface, at, theme.px(12), TEXT, ACCENT)

    def _draw_slider(self, surface, y: int, scene: LadderScene) -> None:
        theme = self.theme
        track = pygame.Rect(self.inner.left, 0, self.inner.width, theme.px(4))
        track.centery = y
        theme.panel(surface, track, LINE, 2)
        for k in range(len(scene.steps)):
            known = scene.values[k] is not None
            theme.disc(surface, (self._place(k, 0)[0], y), theme.px(6), QUIET if known else LINE)
        theme.disc(surface, (self._place(scene.chosen, 0)[0], y), theme.px(16), ACCENT if self.held else TEXT)

    # --- mouse and keys ---

    def at(self, pos: tuple[int, int]) -> int | None:
        """Return the checkpoint nearest to a pixel, None outside."""
        if self.scene is None or not self.rect.collidepoint(pos):
            return None
        return min(range(len(self.scene.steps)), key=lambda k: abs(self._place(k, 0)[0] - pos[0]))

    def handle(self, event: pygame.event.Event) -> int | None:
        """Follow a click, a drag or the arrow keys; return the checkpoint chosen by it."""
        if self.scene is None:
            return None
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.held = self.rect.collidepoint(event.pos)
            return self.at(event.pos)
        if event.type == pygame.MOUSEMOTION and self.held:
            return self.at(event.pos)
        if event.type == pygame.MOUSEBUTTONUP:
            self.held = False
        if event.type == pygame.KEYDOWN and event.key in (pygame.K_LEFT, pygame.K_RIGHT):
            by = 1 if event.key == pygame.K_RIGHT else -1
            return min(max(0, self.scene.chosen + by), len(self.scene.steps) - 1)
        return None
