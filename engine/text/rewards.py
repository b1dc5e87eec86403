"""Rewards: what a finished text is paid. Any Python function of texts, or one of these; several are averaged.

Built-in rewards lie between 0 and 1, and 1 means that the text does all that is asked.
"""

import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from typing import Any
from zlib import crc32

import numpy as np

from engine.text.pieces import Pieces
from engine.text.syllables import count_syllables
from engine.text.tokenizer import Tokenizer
from games.plain_files import read_bytes
from games.text.rewarded import Score
from games.text.rows import HEAD, LENGTH, PROMPT

UNBOUNDED = (-math.inf, math.inf)


class Reward:
    """Pays texts; `ends` bound what it pays. The defaults fit a reward that says no more than that."""

    name = ""
    ends = (0.0, 1.0)
    counters = 0
    """How many numbers `count` returns."""

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return what each text is paid; 0 here: a text without a reward."""
        return [0.0] * len(texts)

    @property
    def key(self) -> str:
        """Return what tells this reward from others: a critic that was learned for it is kept under it."""
        return self.name

    def verdict(self, prompt: str, text: str) -> str:
        """Say in a few words what a text lacks, "" where it lacks nothing or nobody can tell."""
        return ""

    def count(self, prompt: str, text: str) -> list[float]:
        """Return numbers that help a critic to foresee what this text will be paid, `counters` of them."""
        return []

    def count_after(
        self, prompts: Sequence[str], texts: Sequence[str], tokens: np.ndarray, pieces: Pieces
    ) -> np.ndarray:
        """Return what `count` does of B texts after each of tokens [B, K], float32 [B, K, `counters`]."""
        found = np.empty((*tokens.shape, self.counters), np.float32)
        for k, (prompt, text, row) in enumerate(zip(prompts, texts, tokens.tolist(), strict=True)):
            found[k] = [self.count(prompt, text + pieces[token]) for token in row]
        return found

    def relabelled(self, text: str) -> list["Reward"]:
        """Return rewards of the same kind under which a finished text teaches a critic, too; first one that it meets.

        The full reward is rare, and what is rare is not learned; that some other length is met is not rare
        (Andrychowicz et al., "Hindsight experience replay", 2017). Their counters have to mean the same.
        """
        return []

    @property
    def relabelled_odds(self) -> float:
        """Return how many times greater the odds are that a text meets one of `relabelled` than one asked at random."""
        return 1.0


class Includes(Reward):
    """A text with a word in it, in any case."""

    counters = 1

    def __init__(self, word: str):
        if not word.strip():
            raise ValueError("--include takes a word")
        self.word = word.strip()
        self.name = f"with {self.word!r}"
        self._pattern = re.compile(rf"(?<!\w){re.escape(self.word)}(?!\w)", re.IGNORECASE)

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return 1 where the word occurs, else 0."""
        return [float(bool(self._pattern.search(text))) for text in texts]

    def verdict(self, prompt: str, text: str) -> str:
        """Say that the word is missing."""
        return "" if self._pattern.search(text) else f"no {self.word!r}"

    def count(self, prompt: str, text: str) -> list[float]:
        """Return whether the word has occurred."""
        return self.pay([], [text])


class Without(Reward):
    """A text without some letters, in any case. Tokens that hold one are also masked: see `mask`."""

    def __init__(self, letters: str):
        if not letters or any(letter.isspace() for letter in letters):
            raise ValueError("--without takes letters")
        self.letters = set(letters.lower())
        self.name = f"without {''.join(sorted(self.letters))}"

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return 1 where none of the letters occurs, else 0."""
        return [float(self.letters.isdisjoint(text.lower())) for text in texts]

    def verdict(self, prompt: str, text: str) -> str:
        """Name the letters that occur."""
        found = sorted(self.letters.intersection(text.lower()))
        return f"has {''.join(found)}" if found else ""

    def mask(self, pieces: Sequence[str]) -> np.ndarray:
        """Tell which tokens have none of the letters, bool [vocabulary]."""
        return np.array([self.letters.isdisjoint(piece.lower()) for piece in pieces])


class Meter(Reward):
    """Lines of so many syllables each, as a spelling's groups of vowels count them: 5,7,5 is a haiku."""

    counters = 5

    def __init__(self, syllables: Sequence[int]):
        if not syllables or min(syllables) < 1:
            raise ValueError("--meter takes numbers of syllables, such as 5,7,5")
        self.syllables = list(syllables)
        self.name = f"meter {','.join(map(str, self.syllables))}"

    def _lines(self, text: str) -> list[int]:
        return [sum(map(count_syllables, line.split())) for line in text.strip().splitlines() if line.strip()]

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return 1 for the wanted lines, else half of how near their syllables are."""
        return [self._pay(self._lines(text)) for text in texts]

    def _pay(self, lines: list[int]) -> float:
        if lines == self.syllables:
            return 1.0
        length = max(len(lines), len(self.syllables))
        pairs = zip(self.syllables + [0] * length, lines + [0] * length, strict=False)
        off = sum(abs(a - b) for a, b in list(pairs)[:length])
        return 0.5 * max(0.0, 1 - off / sum(self.syllables))

    def verdict(self, prompt: str, text: str) -> str:
        """Name the syllables of the lines."""
        lines = self._lines(text)
        return "" if lines == self.syllables else f"syllables {','.join(map(str, lines)) or 'none'}"

    def count(self, prompt: str, text: str) -> list[float]:
        """Return how many syllables are left in all, and how many lines."""
        lines = self._lines(text)
        left, rows = sum(self.syllables) - sum(lines), len(self.syllables) - text.count("\n") - 1
        return [left / sum(self.syllables), math.tanh(left / 3), float(left == 0), float(left < 0), rows / 4]


class Varied(Reward):
    """A text that repeats no pair of words: the share of pairs that are different (distinct-2)."""

    name = "varied"

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return how many of the pairs of neighbouring words are different; 0 for fewer than two words."""
        return [distinct_pairs(text) for text in texts]


def distinct_pairs(text: str) -> float:
    """Return the share of pairs of neighbouring words that are different, 0 for fewer than two words."""
    words = text.lower().split()
    pairs = list(zip(words, words[1:], strict=False))
    return len(set(pairs)) / len(pairs) if pairs else 0.0


class Resembles(Reward):
    """A text that is near a reference, by BLEU (sacrebleu) or ROUGE-L (rouge-score)."""

    def __init__(self, measure: str, reference: str):
        if measure not in ("bleu", "rouge"):
            raise ValueError(f"there is no measure {measure!r} of likeness: bleu or rouge")
        self.name = measure
        self._measure = _bleu(reference) if measure == "bleu" else _rouge(reference)

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return the measure, from 0 to 1."""
        return [self._measure(text) for text in texts]


def _bleu(reference: str) -> Callable[[str], float]:
    try:
        from sacrebleu.metrics import BLEU
    except ImportError:
        raise ValueError("--bleu needs the library sacrebleu: pip install '.[text]'") from None
    bleu = BLEU(effective_order=True)
    return lambda text: min(1.0, bleu.sentence_score(text, [reference]).score / 100)


def _rouge(reference: str) -> Callable[[str], float]:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise ValueError("--rouge needs the library rouge-score: pip install '.[text]'") from None
    scorer = RougeScorer(["rougeL"])
    return lambda text: scorer.score(reference, text)["rougeL"].fmeasure


class Average(Reward):
    """Several rewards together: their mean, so that it is 1 where each of them is."""

    def __init__(self, parts: Sequence[Reward]):
        self.parts = list(parts)
        self.name = ", ".join(part.name for part in parts)
        lows, highs = zip(*(part.ends for part in parts), strict=True)
        self.ends = float(np.mean(lows)), float(np.mean(highs))
        self.counters = sum(part.counters for part in parts)

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return the mean of the parts."""
        return np.mean([part.pay(prompts, texts) for part in self.parts], 0).tolist()

    def verdict(self, prompt: str, text: str) -> str:
        """Name all that is lacking."""
        return ", ".join(filter(None, (part.verdict(prompt, text) for part in self.parts)))

    def count(self, prompt: str, text: str) -> list[float]:
        """Return the counters of all parts."""
        return [number for part in self.parts for number in part.count(prompt, text)]

    def count_after(
        self, prompts: Sequence[str], texts: Sequence[str], tokens: np.ndarray, pieces: Pieces
    ) -> np.ndarray:
        """Return the counters of all parts, each in its own way."""
        return np.concatenate([part.count_after(prompts, texts, tokens, pieces) for part in self.parts], 2)

    def relabelled(self, text: str) -> list[Reward]:
        """Return this mean with one part at a time relabelled."""
        return [
            Average([*self.parts[:k], each, *self.parts[k + 1 :]])
            for k, part in enumerate(self.parts)
            for each in part.relabelled(text)
        ]

    @property
    def relabelled_odds(self) -> float:
        """Return the odds of the part that is relabelled."""
        return max(part.relabelled_odds for part in self.parts)


# --- functions of one's own -------------------------------------------------------------------------------


_CALLS = RLock()


@contextmanager
def _told_aside() -> Iterator[None]:
    """Send what somebody's code prints to standard error: standard output may be JSON. One call at a time."""
    with _CALLS, redirect_stdout(sys.stderr):
        yield


class Function(Reward):
    """A function list[str] -> list[float] out of a Python file, checked at every call."""

    ends = UNBOUNDED

    def __init__(self, name: str, function: Callable[[list[str]], Any], source: bytes = b""):
        self.name, self.function, self.source = name, function, source

    @property
    def key(self) -> str:
        """Return its name, and a sum of its file: a file that was edited is another reward."""
        return f"{self.name} {crc32(self.source):08x}"

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return what the function does; raise `ValueError` where it fails or returns anything but finite numbers."""
        try:
            with _told_aside():
                found = [float(value) for value in self.function(list(texts))]
        except (Exception, SystemExit) as error:  # whatever somebody's function may raise
            why = " ".join(str(error).split())[:200]
            raise ValueError(f"the reward {self.name} raised {type(error).__name__}: {why}") from None
        if len(found) != len(texts):
            raise ValueError(f"the reward {self.name} returned {len(found)} values for {len(texts)} texts")
        for value, text in zip(found, texts, strict=True):
            if not math.isfinite(value):
                raise ValueError(f"the reward {self.name} returned {value} for the text {text[:60]!r}")
        return found


def load_function(words: str) -> Function:
    """Return the reward of `file.py:function`; raise `ValueError` in a sentence where there is none."""
    file, _, name = words.rpartition(":")
    path = Path(file)
    if not file or not name.isidentifier():
        raise ValueError(f"--reward takes file.py:function, not {words!r}")
    if not path.is_file():
        raise ValueError(f"{file}: there is no such file")
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{file} is no Python file")
    module = module_from_spec(spec)
    try:
        with _told_aside():
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever somebody's file may raise
        raise ValueError(f"{file} cannot be run: {type(error).__name__}: {error}") from None
    function = getattr(module, name, None)
    if not callable(function):
        raise ValueError(f"{file} has no function {name!r}")
    return Function(words, function, read_bytes(path))


# --- what the game asks -----------------------------------------------------------------------------------


def scorer(reward: Reward, tokenizer: Tokenizer) -> Score:
    """Return the game's score of finished states by a reward of their texts."""

    def score(states: np.ndarray) -> np.ndarray:
        prompts = [prompt_of(tokenizer, state) for state in states]
        texts = [text_of(tokenizer, state) for state in states]
        return np.array(reward.pay(prompts, texts), np.float32)

    return score


def prompt_of(tokenizer: Tokenizer, state: np.ndarray) -> str:
    """Return what the text begins with."""
    return tokenizer.decode(state[HEAD : HEAD + state[PROMPT]].tolist())


def text_of(tokenizer: Tokenizer, state: np.ndarray) -> str:
    """Return what was written behind the prompt."""
    return tokenizer.decode(state[HEAD + state[PROMPT] : HEAD + state[LENGTH]].tolist())
