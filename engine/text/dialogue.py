"""What a dialogue is paid, a turn a line: turns that say something in words that there are, lead on, repeat nothing.

Source: Li et al. 2016, Deep Reinforcement Learning for Dialogue Generation. There a dull answer is one of eight
sentences; here it is any turn of stock words alone, which no other wording of them escapes. A turn with an invented
word is paid nothing.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.text.rewards import Reward
from engine.text.shape import read_shape
from engine.text.tokenizer import Tokenizer, read_tokenizer
from engine.text.weights import read_weights

_STOCK_WORDS = """
    a about absolutely actually again agree agreed ah all alright also always am and any anything are aren't as at
    awesome be been best bet better but by bye can can't cool could couldn't cuz definitely did didn't do does
    doesn't don't dont else even every everyone everything exactly fair fine for from fun get go going good goodbye
    gotcha great guess guessing had haha happened has have haven't he he's hello her here hey hi him his hmm hope
    how huh i i'd i'll i'm i've idea if ill im in indeed interesting is isn't it it'd it'll it's its ive just
    kidding kind know like liked likes lol lot lots love loved made makes many maybe me mean mine more most much my
    nah neither never nice no nope not nothing of off oh ok okay okey on one ones or other our perfect perhaps
    please point possibly precisely pretty probably put quite rather really right same say saying see seen sense she
    she's should shouldn't so some someone something sorry sounds still suppose supposed sure surely talking tell
    than thank thanks that that'd that's thats the their them then there there's these they they'd they'll they're
    thing things think thinking this those though thought to too totally true um understand until up us very want
    wanted was wasn't way we we'd we'll we're we've welcome well were weren't what what's whats which who who's why
    will with without won't would wouldn't wow wrong yay yea yeah yeh yep yes you you'd you'll you're you've your
    yours yup
"""
STOCK = frozenset(_STOCK_WORDS.split())
"""Words that a turn of nothing else is dull by: those of agreeing, asking back, greeting, and of grammar."""

KNOWN_BY = 3
"""Dialogues that a word has to occur in to be known: fewer may share a slip of the pen."""

LEAST_TURNS = 3
"""Turns up to here that a dialogue lacks are paid nothing."""

COMMON = 1e-3
"""The share of all tokens at which one counts half in the vector of a turn (Arora et al. 2017)."""

_WORD = re.compile(r"[a-z0-9']+")


def turns_of(text: str) -> list[str]:
    """Return the turns of a text, its lines; without the last one where that was cut off."""
    lines = text.split("\n")
    return [line.strip() for line in lines[:-1] if line.strip()]


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return _WORD.findall(text.lower().replace("’", "'"))


def known_words(dialogues: Iterable[str]) -> frozenset[str]:
    """Return the stock words and those that occur in several dialogues."""
    counts = Counter(word for text in dialogues for word in set(words_of(text)))
    return STOCK.union(word for word, count in counts.items() if count >= KNOWN_BY)


def is_dull(turn: str) -> bool:
    """Tell whether a turn is made of stock words alone."""
    return STOCK.issuperset(words_of(turn))


def says_something(turn: str, known: Collection[str]) -> bool:
    """Tell whether a turn has known words alone, and not only stock words."""
    return not is_dull(turn) and all(word in known for word in words_of(turn))


def shares_of_new_pairs(before: Sequence[str], turns: Sequence[str]) -> Iterator[float]:
    """Yield the share of each turn's pairs of words that occur nowhere earlier."""
    said = {pair for turn in before for pair in _pairs(turn)}
    for turn in turns:
        new = 0
        pairs = _pairs(turn)
        for pair in pairs:
            new += pair not in said
            said.add(pair)
        yield new / len(pairs)


def _pairs(turn: str) -> list[tuple[str, ...]]:
    """Return the neighbouring words of a turn, a single word as itself."""
    words = words_of(turn)
    return list(zip(words, words[1:], strict=False)) or [tuple(words)]


class TurnVectors:
    """Turns as directions, by the vectors that a language model has of its tokens."""

    def __init__(self, tokenizer: Tokenizer, vectors: np.ndarray):
        """`vectors` [V, C] are of a tokenizer's tokens; a byte-level BPE has the commonest first."""
        shares = 1 / (np.arange(len(vectors)) + 1) / math.log(len(vectors))
        weighed = (vectors - vectors.mean(0)) * (COMMON / (COMMON + shares))[:, None]
        self.tokenizer, self.vectors = tokenizer, weighed.astype(np.float32)

    @classmethod
    def of(cls, folder: Path) -> "TurnVectors":
        """Return the vectors of a language model's folder."""
        shape = read_shape(folder)
        return cls(read_tokenizer(folder), read_weights(folder, shape)["model.embed_tokens.weight"])

    def vector(self, turn: str) -> np.ndarray:
        """Return the mean vector of a turn's tokens, of length 1."""
        found = self.vectors[self.tokenizer.encode(turn, special=False)].sum(0)
        return found / max(float(np.linalg.norm(found)), 1e-9)

    def cosines(self, turns: Sequence[str]) -> list[float]:
        """Return the cosine of each turn with the next."""
        vectors = [self.vector(turn) for turn in turns]
        return [float(one @ other) for one, other in zip(vectors, vectors[1:], strict=False)]

    def flows(self, before: Sequence[str], turns: Sequence[str]) -> list[float]:
        """Return how far each turn leads on: minus the logarithm of its cosine with the one before, from 0 to 1.

        That has no value for cosines of 0 and less; they are raised to 1 / e, where it is 1. A first turn gets 1.
        """
        cosines = self.cosines([*before[-1:], *turns])
        flows = [-math.log(min(1.0, max(cosine, 1 / math.e))) for cosine in cosines]
        return [1.0] * (len(turns) - len(flows)) + flows


class DialogueReward(Reward):
    """Pays the turns of a dialogue that say something, in known words, the more the further they lead on.

    Such a turn is paid the mean of three: 1, how far it leads on, and how many of its pairs of words are new. Another
    is paid nothing.
    """

    name = "dialogue"

    def __init__(self, known: Collection[str], vectors: TurnVectors):
        self.known, self.vectors = known, vectors

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return the mean over a text's turns; where it ended too soon, what is missing is paid nothing.

        A text without a line's end at its end was cut off: it has as many turns as there was room for.
        """
        found = []
        for prompt, text in zip(prompts, texts, strict=True):
            paid = self.turns_paid(turns_of(prompt), turns_of(text))
            found.append(sum(paid) / max(len(paid), LEAST_TURNS if text.endswith("\n") else 1))
        return found

    def turns_paid(self, before: Sequence[str], turns: Sequence[str]) -> list[float]:
        """Return what each turn is paid after those before."""
        shares = zip(turns, self.vectors.flows(before, turns), shares_of_new_pairs(before, turns), strict=True)
        return [says_something(turn, self.known) * (1 + flow + new) / 3 for turn, flow, new in shares]
