"""A text's scene: the session's tokens, candidates and branches as plain values for the view."""

import math
from time import perf_counter

import numpy as np

from engine.players import Line
from engine.text.tasks import TWENTY_FOUR
from games.text.rows import tokens
from gui.history import Node
from gui.text.records import branches
from gui.text.session import TextSession
from gui.text.view import AHEAD, GHOST, PROMPT, WRITTEN, BranchRow, CandidateRow, TextScene, TokenPiece

SHOWN = 10
"""Tokens that may come next, at most as many as there is room for."""

LOOK_EVERY = 0.25
"""Seconds between two looks for a better finished text."""


class SceneMaker:
    """Makes the scenes of one session."""

    def __init__(self, session: TextSession):
        self.session = session
        self._unvisited: dict[Node, list[Line]] = {}
        self._best: tuple[float, int, list[tuple[float, np.ndarray]]] = (-math.inf, -1, [])

    def scene(self, ghost: tuple[int, ...] = ()) -> TextScene:
        """Describe the text, with a continuation where one is to be shown; that of a step comes first."""
        session = self.session
        ranked = self.best_texts(1)
        best = session.task.text(ranked[0][1]).strip() if ranked else ""
        end = session.result if session.over else ""
        good = session.over and session.position.value() >= session.task.reward.ends[1]
        return TextScene(
            pieces=tuple(self._pieces(self._shown(ghost))),
            candidates=() if session.over else self.candidates(),
            note=self._note(),
            branches=tuple(self._branches()),
            zero=self._share(0.0),
            best=" ".join(best.split()),
            best_worth=f"paid {ranked[0][0]:.3g}" if ranked else "",
            end=end,
            good=good,
        )

    def _note(self) -> str:
        if self.session.over:
            return "Click a token of the text to go back to it, or a branch; another prompt stands on the right."
        return "Yomi reads ahead; the tokens that may come next appear here."

    def best_texts(self, most: int) -> list[tuple[float, np.ndarray]]:
        """Return the best finished texts that go on from here; none that are paid as little as can be."""
        session, now = self.session, perf_counter()
        if session.over:
            return []
        since, generation, found = self._best
        if generation != session.generation or now > since + LOOK_EVERY:
            ranked = session.writer.finished.ranking(session.position.state, 8)
            found = [each for each in ranked if each[0] > max(0.0, session.task.reward.ends[0])]
            self._best = now, session.generation, found
        return found[:most]

    def _pieces(self, ghost: tuple[int, ...]) -> list[TokenPiece]:
        session, line = self.session, self.session.history.line
        found = [TokenPiece(words, PROMPT, ()) for words in self._prompt_pieces()]
        path: tuple[int, ...] = ()
        for ply, node in enumerate(line[1:], 1):
            path = (*path, node.move)
            if ghost and ply > session.ply:
                break
            kind = WRITTEN if ply <= session.ply else AHEAD
            forks = node.parent is not None and len(node.parent.children) > 1
            found.append(TokenPiece(self.piece(node.move), kind, path, _prior(node), forks))
        return found + [TokenPiece(self.piece(move), GHOST) for move in ghost]

    def _prompt_pieces(self) -> list[str]:
        """Return the prompt in pieces: its tokens, or its words where the model reads them within a conversation."""
        session = self.session
        found = [self.piece(int(token)) for token in tokens(session.position.states[0])]
        if session.task.name == TWENTY_FOUR or "".join(found).strip() == session.prompt:
            return found
        return [f"{word} " for word in session.prompt.split()] + ["\n"]

    def _shown(self, ghost: tuple[int, ...]) -> tuple[int, ...]:
        event = self.session.engine.event
        return event.path if event and event.path else ghost

    def piece(self, token: int) -> str:
        """Return the words of a token, blanks as blanks."""
        words = self.session.task.model.tokenizer.decode([token])
        return words if words and "\ufffd" not in words else f"<{token}>"

    def _share(self, value: float) -> float:
        """Return where a value lies on the scale that the bars share, 0 to 1."""
        low, high = self._scale()
        return min(1.0, max(0.0, (value - low) / max(1e-9, high - low)))

    def _scale(self) -> tuple[float, float]:
        """Return the ends of the scale: those of the reward, with 0 between them, or of what is known."""
        low, high = self.session.task.reward.ends
        thought = self.session.thought
        seen = [line.value for line in thought.lines if line.visits] if thought else []
        low = low if math.isfinite(low) else min([0.0, *seen])
        high = high if math.isfinite(high) else max([0.0, *seen])
        return min(0.0, low), max(0.0, high, low + 1e-9)

    def candidates(self) -> tuple[CandidateRow, ...]:
        """List the tokens that may come next, the most visited first."""
        session, lines = self.session, self.lines()
        most = max((line.visits for line in lines), default=1) or 1
        return tuple(
            CandidateRow(
                move=line.move,
                words=session.task.piece(line.move),
                prior=line.prior,
                likely=f"{line.prior:.1%}" if line.prior < 0.0995 else f"{line.prior:.0%}",
                visits=line.visits / most,
                count=f"{line.visits:,}",
                value=self._share(line.value) if line.visits else None,
                worth=f"{line.value:.3f}",
                picked=line.move == session.pick,
                then=tuple(map(self.piece, line.variation[1:25])),
            )
            for line in lines
        )

    def lines(self) -> list[Line]:
        """List the moves of the analysis, and behind them likely ones that no simulation has gone to."""
        session, node = self.session, self.session.course.here
        found = session.thought.lines[:SHOWN] if session.thought else []
        if len(found) < SHOWN and session.thought and node not in self._unvisited:
            reading = session.engine.tree_reading(session.position, 1, SHOWN)
            if reading is not None:
                self._unvisited[node] = [
                    Line(child.move, 0, 0.0, child.prior, [child.move]) for child in reading.root.children
                ]
        listed = {line.move for line in found}
        return [*found, *(line for line in self._unvisited.get(node, ()) if line.move not in listed)][:SHOWN]

    def _branches(self) -> list[BranchRow]:
        """List the other branches, those first that leave the text on the board last."""
        session = self.session
        line = tuple(node.move for node in session.history.line[1:])
        found = []
        for path in branches(session.history.line[0]):
            if path == line:
                continue
            common = next((k for k, (a, b) in enumerate(zip(path, line, strict=False)) if a != b), len(line))
            shared, rest = (" ".join("".join(map(self.piece, part)).split()) for part in (path[:common], path[common:]))
            found.append((-common, BranchRow(path, shared, rest, self._worth_of(path))))
        return [branch for _, branch in sorted(found, key=lambda each: each[0])]

    def _worth_of(self, path: tuple[int, ...]) -> str:
        node = self.session.history.line[0]
        for move in path:
            node = next(child for child in node.children if child.move == move)
        return "" if node.value is None else f"{node.value:.3g}"


def _prior(node: Node) -> float | None:
    """Return how likely a token was where it was written, if that is known."""
    thought = node.parent.thought if node.parent else None
    return next((line.prior for line in thought.lines if line.move == node.move), None) if thought else None
