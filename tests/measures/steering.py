"""Steering film reviews: decoders write on from their beginnings, paid by one classifier and judged by another.

python tests/measures/steering.py FOLDER MODEL [--prompts 300] [--budget 256] [--decoders tree,best-of-n]

FOLDER has imdb-train.jsonl.xz and imdb-validation.jsonl.xz ({text, label}; Maas et al. 2011: no licence, so neither the
reviews nor what learned from them may be shipped). MODEL is a language model that learned from such reviews.

The reward is the chance of praise by a small convolutional network on words, trained on one half of the reviews; the
judge is a linear model of words and pairs of words, trained on the other half. Prompts are the first words of reviews
of the validation set; the critic of the search learns on beginnings of the training set. Needs the extra train.
"""

import argparse
import json
import lzma
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from zlib import crc32

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from engine.text.attempt import Attempt
from engine.text.comparing import DecodingPlan, decode, paired_difference
from engine.text.critics import learn_critic
from engine.text.models import open_model
from engine.text.rewards import Reward, distinct_pairs
from engine.text.tasks import rewarded_task
from training.text.evaluating import perplexity

WORDS, WINDOW, WIDTH = 12_000, 48, 48
"""Words that the network knows, words that it reads at once, and its channels."""

BUCKETS = 1 << 18
"""Places of the linear judge, to which words and pairs are hashed."""

BEGINNING, MORE = 6, 40
"""Words of a prompt, and tokens that are written."""

TUNING, TOGETHER = 100, 100
"""Prompts on which settings may be tried, and prompts side by side."""


def read(path: Path) -> tuple[list[list[str]], np.ndarray, list[str]]:
    """Return the words of reviews, whether they praise, and the texts without line breaks."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    texts = [" ".join(re.sub(r"<br\s*/?>", " ", line["text"]).split()) for line in lines]
    return [words(text) for text in texts], np.array([float(line["label"]) for line in lines], np.float32), texts


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+|[.!?]", text.lower())


# --- the reward and its judge -----------------------------------------------------------------------------


class Convolution(nn.Module):
    """Vectors of words, a convolution over three of them, the greatest of each channel, and one number."""

    def __init__(self, numbers: dict[str, int]):
        super().__init__()
        self.numbers = numbers
        self.vectors = nn.Embedding(len(numbers) + 2, WIDTH, padding_idx=0)
        self.inner, self.outer = nn.Conv1d(WIDTH, WIDTH, 3, padding=1), nn.Linear(WIDTH, 1)

    def rows(self, texts: list[list[str]]) -> torch.Tensor:
        rows = np.zeros((len(texts), WINDOW), np.int64)
        for row, text in zip(rows, texts, strict=True):
            found = [self.numbers.get(word, 1) for word in text[:WINDOW]]
            row[: len(found)] = found
        return torch.from_numpy(rows)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        found = F.relu(self.inner(F.dropout(self.vectors(rows), 0.3, self.training).transpose(1, 2))).amax(2)
        return self.outer(F.dropout(found, 0.3, self.training))[:, 0]


def learn_reward(texts: list[list[str]], praise: np.ndarray, epochs: int = 6) -> Convolution:
    """Train the network on windows of reviews, another one of each in every epoch."""
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    counts = Counter(word for text in texts for word in text)
    net = Convolution({word: number + 2 for number, (word, _) in enumerate(counts.most_common(WORDS))})
    adam = torch.optim.AdamW(net.parameters(), 2e-3)
    for _ in range(epochs):
        order = random.permutation(len(texts))
        for start in range(0, len(order), 64):
            some = order[start : start + 64]
            rows = net.rows([window(texts[k], random) for k in some])
            loss = F.binary_cross_entropy_with_logits(net(rows), torch.from_numpy(praise[some]))
            adam.zero_grad()
            loss.backward()
            adam.step()
    return net.eval()


def window(text: list[str], random: np.random.Generator) -> list[str]:
    """Return some neighbouring words, about as many as a decoder writes."""
    length = int(random.integers(16, WINDOW + 1))
    return text[int(random.integers(max(1, len(text) - length))) :][:length]


class Praise(Reward):
    """The chance that a text praises, by the network; `calls` counts the texts that it was asked about."""

    name = "praise"

    def __init__(self, net: Convolution):
        self.net, self.calls = net, 0

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return a chance from 0 to 1 for each text."""
        self.calls += len(texts)
        with torch.no_grad():
            return torch.sigmoid(self.net(self.net.rows([words(text) for text in texts]))).tolist()


class Linear:
    """A linear model of words and pairs of words, present or not: logistic regression by AdaGrad."""

    def __init__(self) -> None:
        self.weights, self.bias = np.zeros(BUCKETS, np.float32), 0.0

    def score(self, text: list[str]) -> float:
        """Return the logarithm of the odds of praise, by the words' number taken into account."""
        places = found(text)
        return float(self.weights[places].sum() / np.sqrt(max(1, len(places))) + self.bias)

    def learn(self, texts: list[list[str]], praise: np.ndarray, epochs: int = 3) -> "Linear":
        random, squares = np.random.default_rng(2), np.full(BUCKETS, 1e-3, np.float32)
        for _ in range(epochs):
            for k in random.permutation(len(texts)):
                text = window(texts[k], random)
                places = found(text)
                error = praise[k] - 1 / (1 + np.exp(-self.score(text)))
                step = error / np.sqrt(max(1, len(places)))
                squares[places] += step * step
                self.weights[places] += 0.2 * step / np.sqrt(squares[places])
        return self


def found(text: list[str]) -> np.ndarray:
    """Return the places of a text's words and pairs."""
    parts = [*text, *(" ".join(pair) for pair in pairwise(text))]
    return np.unique([crc32(part.encode()) % BUCKETS for part in parts]) if parts else np.empty(0, np.int64)


def right(scores: np.ndarray, praise: np.ndarray) -> float:
    return float(((scores > 0) == (praise > 0.5)).mean())


# --- measuring --------------------------------------------------------------------------------------------


def beginnings(texts: list[str], count: int) -> list[str]:
    """Return the first words of different reviews."""
    some = dict.fromkeys(" ".join(text.split()[:BEGINNING]) for text in texts if text.isascii())
    return list(some)[:count]


def main() -> None:
    """Train reward and judge, learn the critic, run the decoders, and print a row of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model")
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--tuning", type=int, default=0, help="so many other prompts instead")
    parser.add_argument("--budget", type=int, default=256)
    parser.add_argument("--learn", type=int, default=40_000)
    parser.add_argument("--decoders", default="tree,best-of-n,critic,reward-greedy,gumbel,trie,sample")
    parser.add_argument("--search", action="append", default=[], metavar="NAME=VALUE", help="settings of the tree")
    asked = parser.parse_args()
    steering = Steering(asked.folder, asked.model, asked.learn)
    prompts = steering.prompts(0, asked.tuning) if asked.tuning else steering.prompts(TUNING, asked.prompts)
    search = {name: float(value) for name, value in (word.split("=") for word in asked.search)}
    steering.compare(prompts, asked.decoders.split(","), asked.budget, search)


class Steering:
    """Reward, judge, language model and critic, all trained, and the prompts in an order by chance."""

    def __init__(self, folder: Path, model: str, learned_from: int):
        torch.set_num_threads(1)
        texts, praise, plain = read(folder / "imdb-train.jsonl.xz")
        order = np.random.default_rng(3).permutation(len(texts))
        one, other = np.array_split(order, 2)
        self.reward = Praise(learn_reward([texts[k] for k in one], praise[one]))
        self.judge = Linear().learn([texts[k] for k in other], praise[other])
        tested, labels, held_out = read(folder / "imdb-validation.jsonl.xz")
        random = np.random.default_rng(4)
        self._test([window(text, random) for text in tested[:4000]], labels[:4000])
        self.all_prompts = beginnings([held_out[k] for k in random.permutation(len(held_out))], TUNING + 2000)
        self.task = rewarded_task(open_model(model), [self.reward], MORE)
        roots = self.task.roots(beginnings([plain[k] for k in order], 300))
        self.critic, parts = learn_critic(self.task, roots, learned_from, 1)
        print("critic's R2 by quarters:", [round(part, 2) for part in parts], f"{self.reward.calls:,} reward calls")

    def _test(self, excerpts: list[list[str]], labels: np.ndarray) -> None:
        with torch.no_grad():
            by_net = self.reward.net(self.reward.net.rows(excerpts)).numpy()
        by_line = np.array([self.judge.score(text) for text in excerpts])
        shares = f"reward {right(by_net, labels):.1%}, judge {right(by_line, labels):.1%}"
        print(f"right on {len(excerpts):,} excerpts of other reviews: {shares}", flush=True)

    def prompts(self, first: int, count: int) -> list[str]:
        return self.all_prompts[first : first + count]

    def compare(self, prompts: list[str], decoders: list[str], budget: int, search: dict[str, float]) -> list[dict]:
        """Run decoders over prompts; print and return a row of each, beside the first."""
        roots, first, rows = self.task.roots(prompts), dict[str, np.ndarray](), []
        for name in decoders:
            self.reward.calls, began, made = 0, time.process_time(), list[Attempt]()
            for start in range(0, len(roots), TOGETHER):
                plan = DecodingPlan(budget=budget, seed=1 + start, search=search)
                made += decode(name, self.task, roots[start : start + TOGETHER], plan, self.critic).attempts
            spent, calls = time.process_time() - began, self.reward.calls
            best = [attempt.best if attempt.best is not None else attempt.root for attempt in made]
            texts = [self.task.text(state) for state in best]
            values = self._values(texts)
            pairs = Counter(pair for text in texts for pair in pairwise(text.lower().split()))
            row: dict = {"decoder": name} | {key: rounded(value.mean()) for key, value in values.items()}
            row["judged_praise"] = rounded((values["judge"] > 0.5).mean())
            row["distinct_2_of_all"] = rounded(len(pairs) / max(1, sum(pairs.values())))
            row["perplexity"] = rounded(perplexity(self.task.model, best))
            row["evaluations"] = rounded(np.mean([attempt.spent for attempt in made]))
            row |= {"reward_calls": rounded(calls / len(made)), "seconds": rounded(spent)}
            first = first or values
            if first is not values:
                row["first_judged_more"] = [rounded(x) for x in paired_difference(first["judge"], values["judge"])]
                row["first_pays_more"] = [rounded(x) for x in paired_difference(first["reward"], values["reward"])]
            rows.append(row)
            print(json.dumps(row), flush=True)
            print("   ", prompts[0], "|", texts[0][:160], flush=True)
        return rows

    def _values(self, texts: list[str]) -> dict[str, np.ndarray]:
        """Return by name what is measured of each text."""
        return {
            "reward": np.array(self.reward.pay([], texts)),
            "judge": np.array([1 / (1 + np.exp(-self.judge.score(words(text)))) for text in texts]),
            "distinct_2": np.array([distinct_pairs(text) for text in texts]),
        }


def rounded(number: float) -> float:
    return round(float(number), 4)


if __name__ == "__main__":
    main()
