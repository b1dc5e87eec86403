"""The reward of an exact length, and what is left of it, counted after many tokens at once."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from engine.text.pieces import Pieces
from engine.text.rewards import Reward

NEAR = 0.5
"""What a near miss is paid at most."""

FAR = 50
"""Characters or words that are many."""

RELABELLED = 3
"""Lengths under which a critic learns from one text, beside the one that is asked for."""


class Exactly(Reward):
    """A text of exactly so many characters or words; closer ones are paid up to a half."""

    counters = 8

    def __init__(self, number: int, unit: str):
        if unit not in ("chars", "words") or number < 1:
            raise ValueError(f"--exactly takes a number and 'chars' or 'words', not {number} {unit!r}")
        self.number, self.unit = number, unit
        self.name = f"exactly {number} {unit}"

    def _length(self, text: str) -> int:
        return len(text.strip()) if self.unit == "chars" else len(text.split())

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return 1 for the wanted length, else half of how near it is."""
        off = [abs(self._length(text) - self.number) / self.number for text in texts]
        return [1.0 if each == 0 else NEAR * max(0.0, 1 - each) for each in off]

    def verdict(self, prompt: str, text: str) -> str:
        """Say how long the text is where that is wrong."""
        length = self._length(text)
        return "" if length == self.number else f"{length} {self.unit}"

    def count(self, prompt: str, text: str) -> list[float]:
        """Return how much is left, seen from afar and from near, and whether a sentence ends here."""
        return _what_is_left(np.array(self.number - self._length(text)), np.array(_ends_sentence(text))).tolist()

    def count_after(
        self, prompts: Sequence[str], texts: Sequence[str], tokens: np.ndarray, pieces: Pieces
    ) -> np.ndarray:
        """Return the same for many at once: lengths add up."""
        bare, closed, words, joins, ends = np.moveaxis(pieces.described(_traits, tokens), 2, 0)
        blank = bare == 0
        ends = np.where(blank, [[_ends_sentence(text)] for text in texts], ends > 0)
        if self.unit == "words":
            written = np.array([[len(text.split())] for text in texts])
            length = written + words - (joins > 0) * [[text[-1:].strip() != ""] for text in texts]
        else:
            stripped = np.array([[len(text.strip())] for text in texts])
            behind = [[len(text.lstrip())] for text in texts]  # with the blanks that become part of it
            length = np.where(blank, stripped, np.where(stripped == 0, bare, behind + closed))
        return _what_is_left(self.number - length, ends)

    def relabelled(self, text: str) -> list[Reward]:
        """Return the length that the text has, and some that it has not."""
        length = self._length(text)
        random = np.random.default_rng(crc32(text.encode()))
        off = random.integers(1, self.number + 1, RELABELLED - 1) * random.choice([-1, 1], RELABELLED - 1)
        return [Exactly(max(1, number), self.unit) for number in (length, *(length + off).tolist())]

    @property
    def relabelled_odds(self) -> float:
        """Return the odds of one in RELABELLED against those of one in all lengths that may be drawn."""
        return 2 * self.number / (RELABELLED - 1)


def _ends_sentence(text: str) -> bool:
    return text.rstrip()[-1:] in (".", "!", "?")


def _traits(piece: str) -> tuple[int, ...]:
    """Return a token's characters without blanks around it and behind it, its words, whether it begins with one, and
    whether it ends a sentence."""
    joins = not piece[:1].isspace() and piece != ""
    return len(piece.strip()), len(piece.rstrip()), len(piece.split()), joins, _ends_sentence(piece)


def _what_is_left(left: np.ndarray, at_end: np.ndarray) -> np.ndarray:
    """Return so many characters or words as numbers from about -1 to 1, and the end of a sentence, float32 [..., 8]."""
    far, near = (left / FAR, np.tanh(left / 8), np.tanh(left / 2)), (left == 1, left == 0, left < 0)
    return np.stack([*far, *near, at_end, at_end & (left == 0)], -1).astype(np.float32)
