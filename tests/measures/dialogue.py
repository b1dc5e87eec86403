"""Dialogues before and after learning from rewards: dull turns, distinct-2, turn-to-turn cosine, perplexity.

    python tests/measures/dialogue.py split DIALOGUES.jsonl.xz FOLDER
    python tests/measures/dialogue.py compare FOLDER BEFORE AFTER [AFTER ...] [--prompts 400] [--reader smollm2]

`split` writes FOLDER/train.jsonl and, for one in twenty openings, validation.jsonl. `compare` has each model go on with
the first two turns of held-out dialogues, a turn a line. Beside the dull turns that the reward knows it counts those
that are, word for word, among the 200 commonest of the training dialogues, and those that are empty: no word beyond
the stock ones that occurs in two training turns, so that an invented word is no way out. Turns with an invented word
are counted, too. Its cosines are of vectors that it learns from those dialogues (positive mutual information of words
in a turn, 100 dimensions), which no reward has seen. Perplexity is under the first model; `--reader` adds what a word
costs a model that learned from none of this, in nats. Intervals are 95 % of a bootstrap over prompts.
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch

from engine.text.dialogue import STOCK, is_dull, turns_of, words_of
from training.text.beginning import Beginning, read_beginning
from training.text.losses import token_log_probs
from training.text.pairs import padded
from training.text.rewarding import OPENING
from training.text.sampling import draw_answers
from training.text.texts import json_lines, written_turns

COMMONEST, WORDS, DIMENSIONS, TOGETHER = 200, 2000, 100, 100


def split(dialogues: Path, folder: Path) -> None:
    """Write dialogues to learn and to measure on; those that begin alike stay together, empty turns go."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "train.jsonl").open("w") as train, (folder / "validation.jsonl").open("w") as validation:
        for _, fields in json_lines(dialogues):
            turns = [turn for turn in fields["turns"] if turn.strip(" {}")]
            held_out = crc32(fields["turns"][0].lower().strip().encode()) % 20 == 0
            if len(turns) > OPENING + 1:
                print(json.dumps({"turns": turns}), file=validation if held_out else train)


class Judge:
    """What the dialogues that were learned from say of turns: which are common, and which are alike."""

    def __init__(self, dialogues: Sequence[list[str]]):
        turns = [words_of(turn) for dialogue in dialogues for turn in dialogue]
        self.common = {each for each, _ in Counter(map(tuple, turns)).most_common(COMMONEST)}
        counts = Counter(word for turn in turns for word in set(turn))
        self.known = {word for word, count in counts.items() if count > 1}
        self.numbers = {word: k for k, (word, _) in enumerate(counts.most_common(WORDS))}
        together = np.zeros((WORDS, WORDS), np.float32)
        for turn in turns:
            some = list({self.numbers[word] for word in turn if word in self.numbers})
            together[np.ix_(some, some)] += 1
        share = np.diag(together).copy()
        found = np.log(np.maximum(together * len(turns) / np.outer(share, share), 1e-9))
        values, vectors = np.linalg.eigh(np.maximum(found - np.diag(np.diag(found)), 0))
        best = np.argsort(-values)[:DIMENSIONS]
        rarity = np.log(len(turns) / share)
        self.vectors = vectors[:, best] * np.sqrt(np.maximum(values[best], 0)) * rarity[:, None]

    def is_empty(self, turn: str) -> bool:
        """Tell whether a turn has no known word beyond the stock ones."""
        return not self.known.intersection(words_of(turn)) - STOCK

    def is_inventive(self, turn: str) -> bool:
        """Tell whether a turn has a word that is not known."""
        return not STOCK.union(self.known).issuperset(words_of(turn))

    def cosines(self, turns: Sequence[str]) -> list[float]:
        """Return the cosine of each turn with the next, where both have words that are known."""
        found = [self.vectors[[self.numbers[w] for w in words_of(turn) if w in self.numbers]].sum(0) for turn in turns]
        sizes = [float(np.linalg.norm(each)) for each in found]
        pairs = range(len(turns) - 1)
        return [float(found[k] @ found[k + 1]) / (sizes[k] * sizes[k + 1]) for k in pairs if sizes[k] * sizes[k + 1]]


@torch.no_grad()
def written(model: Beginning, before: Beginning, prompts: list[str], more: int, heat: float) -> tuple[list[str], float]:
    """Return how a model goes on with prompts, and the perplexity of that under the model before."""
    generator, texts, logp, count = torch.Generator().manual_seed(1), [], 0.0, 0
    for first in range(0, len(prompts), TOGETHER):
        tokens = [model.tokenizer.encode(each, special=False) for each in prompts[first : first + TOGETHER]]
        answers = draw_answers(model.net, tokens, more, heat, generator)
        texts += [model.tokenizer.decode(each.tokens[each.read :]) for each in answers]
        rows = padded(answers)
        logs = token_log_probs(before.net(rows.tokens[:, :-1])[0], rows.tokens[:, 1:])
        logp, count = logp + float((logs * rows.mask[:, 1:]).sum()), count + int(rows.mask[:, 1:].sum())
    return texts, math.exp(-logp / max(count, 1))


@torch.no_grad()
def read_by(reader: Beginning, prompts: Sequence[str], texts: Sequence[str]) -> list[list[float]]:
    """Return what the words of each text's turns cost a reader, in nats, [prompt][word]; all of a text the same."""
    found = []
    for prompt, text in zip(prompts, texts, strict=True):
        whole = "".join(f"{turn}\n" for turn in turns_of(text))
        words, read = len(words_of(whole)), len(reader.tokenizer.encode(prompt, special=False))
        tokens = torch.tensor([reader.tokenizer.encode(prompt + whole, special=False)])
        costs = -token_log_probs(reader.net(tokens[:, :-1])[0], tokens[:, 1:])[0, read - 1 :]
        found.append([float(costs.sum()) / words] * words if words else [])
    return found


def interval(values: Sequence[Sequence[float]]) -> str:
    """Return the mean of values [prompt][turn] over all turns, and its interval."""
    sums, counts = np.array([sum(each) for each in values]), np.array([len(each) for each in values])
    rows = np.random.default_rng(1).integers(0, len(sums), (2000, len(sums)))
    low, high = np.quantile(sums[rows].sum(1) / np.maximum(counts[rows].sum(1), 1), [0.025, 0.975])
    return f"{sums.sum() / max(counts.sum(), 1):.3f} ({low:.3f} to {high:.3f})"


def distinct_2(turns: Sequence[str], known: set[str] | None = None, count: int = 4000) -> float:
    """Return the share of pairs of neighbouring words that are different, in equally many, or in known ones."""
    pairs = [pair for turn in turns for pair in zip(words_of(turn), words_of(turn)[1:], strict=False)]
    pairs = [pair for pair in pairs if known is None or known.issuperset(pair)][:count]
    return len(set(pairs)) / max(len(pairs), 1)


def tell(
    name: str, prompts: list[str], texts: list[str], judge: Judge, surprise: float, reader: Beginning | None
) -> None:
    """Print what a model's turns are like."""
    turns = [turns_of(text) for text in texts]
    every = [turn for some in turns for turn in some]
    cosines = [judge.cosines(turns_of(prompt)[-1:] + some) for prompt, some in zip(prompts, turns, strict=True) if some]
    words = [word for turn in every for word in words_of(turn)]
    kinds = {
        "dull": is_dull,
        "commonest": lambda turn: tuple(words_of(turn)) in judge.common,
        "empty": judge.is_empty,
        "inventive": judge.is_inventive,
    }
    print(name)
    for kind, holds in kinds.items():
        print(f"  {kind:10}" + interval([[float(holds(turn)) for turn in some] for some in turns]))
    print(f"  {'cosine':10}{interval(cosines)}\n  distinct-2 {distinct_2(every):.3f}", end=", ")
    print(f"of known words {distinct_2(every, judge.known):.3f}  perplexity {surprise:.1f}")
    if reader:
        print(f"  a word to the reader, nats  {interval(read_by(reader, prompts, texts))}")
    print(
        f"  known words {np.mean([word in judge.known for word in words]):.3f}"
        f"  words a turn {len(words) / len(every):.1f}  turns {np.mean([len(some) for some in turns]):.1f}",
        flush=True,
    )


def main() -> None:
    """Split a file, or print two lines for each model, the dialogues' own first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("split", "compare"))
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--prompts", type=int, default=400)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--reader", default="", help="a language model that reads what was written, such as smollm2")
    parser.add_argument("--show", type=int, default=0, help="print so many dialogues of each model")
    options = parser.parse_args()
    folder = options.places[0]
    if options.what == "split":
        split(*options.places)
        return
    torch.set_num_threads(1)
    judge = Judge([fields["turns"] for _, fields in json_lines(folder / "train.jsonl")])
    held_out = [(fields, where) for where, fields in json_lines(folder / "validation.jsonl")][: options.prompts]
    prompts = [written_turns(fields, where, OPENING) for fields, where in held_out]
    models = [(str(name), read_beginning(str(name))) for name in options.places[1:]]
    own = [written_turns({"turns": fields["turns"][OPENING:][:5]}, where) for fields, where in held_out]
    reader = read_beginning(options.reader) if options.reader else None
    tell("people", prompts, own, judge, float("nan"), reader)
    for name, model in models:
        texts, surprise = written(model, models[0][1], prompts, options.tokens, options.temperature)
        tell(name, prompts, texts, judge, surprise, reader)
        for prompt, text in list(zip(prompts, texts, strict=True))[: options.show]:
            print("    " + (prompt + "> " + "\n> ".join(turns_of(text))).replace("\n", "\n    "))


if __name__ == "__main__":
    main()
