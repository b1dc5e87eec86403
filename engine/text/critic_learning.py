"""Learning a critic: texts are drawn from the model and scored, and every token learns the reward that its text got."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.text.attempt import Attempt, Writing, carry_out, over
from engine.text.critic import SMALL, Counters, Critic, logistic, with_counters
from engine.text.drawing import Draw
from engine.text.evaluator import TokenEvaluator
from games.text.rewarded import TextGame
from games.text.rows import HEAD, LENGTH, PROMPT

HIDDEN = 128
"""Units of the critic's hidden layer."""

BATCH, RATE, DECAY = 512, 2e-3, 1e-4
"""Samples a step of Adam, its rate, and the weight decay."""

SHARE_HELD_OUT = 0.1

FEW = 10
"""Prompts below which texts, not prompts, are held out."""

TOGETHER, MEMORY = 512, 1 << 23
"""Texts that are drawn side by side at most, and bytes of memory for one token of each: then caches serve less."""


@dataclass(frozen=True)
class Samples:
    """N tokens of texts that were finished: what the model saw before each, the token, and what the text was paid."""

    inputs: np.ndarray  # float32 [N, D]   hidden state, then counters after the token
    tokens: np.ndarray  # int32 [N]
    rewards: np.ndarray  # float32 [N]
    prompts: np.ndarray  # int32 [N]   the number of the prompt; of the text where there are few prompts
    places: np.ndarray  # float32 [N]   how much of the text is written with the token, up to 1

    def part(self, chosen: np.ndarray) -> "Samples":
        """Return some of them."""
        return Samples(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def together(parts: Sequence[Samples]) -> Samples:
    """Return all of several collections."""
    return Samples(*(np.concatenate([getattr(part, name) for part in parts]) for name in Samples.__dataclass_fields__))


Relabel = Callable[[np.ndarray], list[tuple[Counters, float]]]
"""(finished state [W]) -> counters of other rewards of the same kind, and what each pays for the text."""


class _Step(NamedTuple):
    """Some texts of a prompt get their k-th token."""

    k: int
    rows: np.ndarray  # int [B]
    hidden: np.ndarray  # float32 [B, C]
    moves: np.ndarray  # int32 [B]


class _Collector:
    """Draws texts and keeps what the model saw on the way."""

    def __init__(self, draw: Draw, texts: int, counters: Counters | None, relabel: Relabel | None = None):
        self.draw, self.texts, self.counters, self.relabel = draw, texts, counters, relabel
        self._first, self._started = 0, 0  # the number of the first prompt of those at work, and how many have begun
        self.parts, self.relabelled = list[Samples](), list[Samples]()
        self.by_text, self.rows = False, TOGETHER
        self.finished: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # texts and rewards by the prompt's number

    def collect(self, evaluator: TokenEvaluator, game: TextGame, roots: np.ndarray, seed: int) -> None:
        """Draw the texts of all prompts."""
        self.by_text = len(roots) < FEW
        model = evaluator.model
        self.rows = max(64, min(TOGETHER, MEMORY // (8 * model.layers * model.kv_heads * model.head_size)))
        each = max(1, self.rows // self.texts)
        for first in range(0, len(roots), each):
            numbers = range(first, min(first + each, len(roots)))
            attempts = [Attempt(game, roots[k], 1 << 30, seed=seed * len(roots) + k) for k in numbers]
            self._first, self._started = first, 0
            carry_out(self.write, attempts, evaluator, most=self.rows)
            evaluator.memory.keep([])

    def write(self, attempt: Attempt) -> Writing:
        """Write the texts of one prompt side by side (a decoder)."""
        prompt, states = self._first + self._started, np.repeat(attempt.root[None], self.texts, 0)
        self._started += 1
        alive, steps, k = np.arange(self.texts), list[_Step](), 0
        while len(alive):
            for rows in np.array_split(alive, -(-len(alive) // self.rows)):
                seen = yield states[rows]
                moves = self.draw(seen, attempt.random).astype(np.int32)
                steps.append(_Step(k, rows, seen.hidden, moves))
                after = states[rows]
                attempt.game.play(after, moves)
                states[rows] = after
            alive, k = alive[~over(states[alive])], k + 1
        rewards = attempt.game.score(states)
        self.finished[prompt] = states, rewards
        self._keep(prompt, steps, states, rewards)

    def _keep(self, prompt: int, steps: Sequence["_Step"], states: np.ndarray, rewards: np.ndarray) -> None:
        count = len(rewards)
        numbers = np.arange(count, dtype=np.int32) + prompt * count if self.by_text else np.full(count, prompt)
        hidden = list[list[np.ndarray]]([[] for _ in rewards])
        for step in steps:
            for row, each in zip(step.rows, step.hidden, strict=True):
                hidden[row].append(each)
        lengths = np.array([len(each) for each in hidden])
        for k, rows, seen, moves in steps:
            places = ((k + 1) / lengths[rows]).astype(np.float32)
            inputs = self._inputs(seen, states[rows], k, moves)
            self.parts.append(Samples(inputs, moves, rewards[rows], numbers[rows].astype(np.int32), places))
        if self.relabel:
            for state, each, number in zip(states, hidden, numbers, strict=True):
                self._relabel(state, np.stack(each), int(number))

    def _inputs(self, hidden: np.ndarray, states: np.ndarray, k: int, moves: np.ndarray) -> np.ndarray:
        """Return hidden states, and what is counted in texts cut to k tokens after one more."""
        return hidden if self.counters is None else with_counters(hidden, self.counters(cut(states, k), moves[:, None]))

    def _relabel(self, state: np.ndarray, hidden: np.ndarray, number: int) -> None:
        """Keep the samples of one text again, under other rewards."""
        length = len(hidden)
        moves = state[HEAD + state[PROMPT] :][:length]
        before = cut(np.repeat(state[None], length, 0), np.arange(length))
        places, numbers = (np.arange(length, dtype=np.float32) + 1) / length, np.full(length, number, np.int32)
        assert self.relabel
        for counters, reward in self.relabel(state):
            inputs = with_counters(hidden, counters(before, moves[:, None]))
            self.relabelled.append(Samples(inputs, moves, np.full(length, reward, np.float32), numbers, places))


def cut(states: np.ndarray, k: int | np.ndarray) -> np.ndarray:
    """Return texts with only the first k tokens behind their prompts."""
    states = states.copy()
    states[:, LENGTH] = states[:, PROMPT] + k
    return states


def collect(
    evaluator: TokenEvaluator,
    game: TextGame,
    roots: np.ndarray,
    texts: int,
    draw: Draw,
    seed: int = 1,
    counters: Counters | None = None,
) -> Samples:
    """Draw so many texts after each of some prompts and return their tokens with what the texts were paid."""
    collector = _Collector(draw, texts, counters)
    collector.collect(evaluator, game, roots, seed)
    return together(collector.parts)


def collect_relabelled(
    evaluator: TokenEvaluator,
    game: TextGame,
    roots: np.ndarray,
    texts: int,
    draw: Draw,
    seed: int,
    counters: Counters,
    relabel: Relabel,
) -> tuple[Samples, Samples | None]:
    """Draw texts as `collect` does; return also their tokens under other rewards, None where there are none."""
    collector = _Collector(draw, texts, counters, relabel)
    collector.collect(evaluator, game, roots, seed)
    return together(collector.parts), together(collector.relabelled) if collector.relabelled else None


def written_texts(
    evaluator: TokenEvaluator, game: TextGame, roots: np.ndarray, texts: int, draw: Draw, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw so many texts after each of some prompts; return them, those of a prompt side by side, and their rewards."""
    collector = _Collector(draw, texts, None)
    collector.collect(evaluator, game, roots, seed)
    states, rewards = zip(*(collector.finished[k] for k in range(len(roots))), strict=True)
    return np.concatenate(states), np.concatenate(rewards)


def learn(
    samples: Samples, ends: tuple[float, float], vocabulary: int, seconds: float = 20, seed: int = 1,
    counters: Counters | None = None, epochs: int = 30,
) -> Critic:  # fmt: skip
    """Return the critic that predicts rewards of held-out prompts best; it learns for so many seconds at most.

    The range of values is that of `ends`, or of the rewards seen where there is no bound.
    """
    random = np.random.default_rng(seed)
    critic = _new(samples, ends, vocabulary, random, counters)
    held_out = _hold_out(samples.prompts, random)
    train, test = samples.part(~held_out), samples.part(held_out)
    adam = _Adam([critic.inner, critic.inner_bias, critic.outer, critic.outer_bias])
    best, best_loss, until = [w.copy() for w in adam.weights], np.inf, time.process_time() + seconds
    patience = 3
    for _ in range(epochs):
        order = random.permutation(len(train.rewards))
        for start in range(0, len(order), BATCH):
            adam.step(_gradients(critic, train.part(order[start : start + BATCH])))
            if time.process_time() > until:
                break
        loss = _loss(critic, test)
        patience -= 1
        if loss < best_loss:
            best, best_loss, patience = [w.copy() for w in adam.weights], loss, 3
        if time.process_time() > until or not patience:
            break
    for weight, kept in zip(adam.weights, best, strict=True):
        weight[:] = kept
    return critic


def _new(
    samples: Samples, ends: tuple[float, float], vocabulary: int, random: np.random.Generator, counters: Counters | None
) -> Critic:
    width, out = samples.inputs.shape[1], vocabulary if vocabulary <= SMALL else 1
    low = ends[0] if np.isfinite(ends[0]) else float(samples.rewards.min())
    high = ends[1] if np.isfinite(ends[1]) else max(float(samples.rewards.max()), low + 1e-6)
    share = np.clip((samples.rewards.mean() - low) / (high - low), 1e-3, 1 - 1e-3)
    return Critic(
        mean=samples.inputs.mean(0),
        scale=1 / np.maximum(samples.inputs.std(0), 1e-3),
        inner=(random.normal(size=(width, HIDDEN)) / np.sqrt(width)).astype(np.float32),
        inner_bias=np.zeros(HIDDEN, np.float32),
        outer=np.zeros((HIDDEN, out), np.float32),
        outer_bias=np.full(out, np.log(share / (1 - share)), np.float32),
        low=low,
        high=high,
        counters=counters,
    )


def _hold_out(prompts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Choose a tenth of the prompts, or of the samples where there are few; bool [N]."""
    numbers = np.unique(prompts)
    if len(numbers) < FEW:
        return random.random(len(prompts)) < SHARE_HELD_OUT
    chosen = random.choice(numbers, int(len(numbers) * SHARE_HELD_OUT), replace=False)
    return np.isin(prompts, chosen)


def _forward(critic: Critic, samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return inputs, hidden units, predictions and targets, all as the loss wants them."""
    x = (samples.inputs - critic.mean) * critic.scale
    h = np.tanh(x @ critic.inner + critic.inner_bias)
    columns = samples.tokens if critic.by_token else np.zeros(len(x), np.int64)
    out = (h * critic.outer.T[columns]).sum(1) + critic.outer_bias[columns]
    return x, h, logistic(out), (samples.rewards - critic.low) / (critic.high - critic.low)


def _gradients(critic: Critic, samples: Samples) -> list[np.ndarray]:
    """Return the gradients of the cross entropy, in the order of the weights."""
    x, h, predicted, target = _forward(critic, samples)
    columns = samples.tokens if critic.by_token else np.zeros(len(x), np.int64)
    error = ((predicted - target) / len(x)).astype(np.float32)
    outer, bias = np.zeros_like(critic.outer.T), np.zeros_like(critic.outer_bias)
    np.add.at(outer, columns, error[:, None] * h)
    np.add.at(bias, columns, error)
    back = error[:, None] * critic.outer.T[columns] * (1 - h * h)
    return [x.T @ back, back.sum(0), outer.T, bias]


def _loss(critic: Critic, samples: Samples) -> float:
    _, _, predicted, target = _forward(critic, samples)
    predicted = np.clip(predicted, 1e-6, 1 - 1e-6)
    return float(-(target * np.log(predicted) + (1 - target) * np.log(1 - predicted)).mean())


def explained(critic: Critic, samples: Samples, parts: int = 4) -> list[float]:
    """Return R2 against the final reward in equal parts of the texts, from their beginnings to their ends."""
    _, _, predicted, target = _forward(critic, samples)
    part = np.minimum((samples.places * parts).astype(int), parts - 1)
    found = []
    for k in range(parts):
        error, spread = (predicted - target)[part == k], (target - target.mean())[part == k]
        found.append(float(1 - (error**2).mean() / max((spread**2).mean(), 1e-12)) if len(error) else float("nan"))
    return found


class _Adam:
    """Adam (Kingma and Ba 2015) with decoupled weight decay."""

    def __init__(self, weights: list[np.ndarray]):
        self.weights, self.steps = weights, 0
        self.first = [np.zeros_like(weight) for weight in weights]
        self.second = [np.zeros_like(weight) for weight in weights]

    def step(self, gradients: list[np.ndarray]) -> None:
        """Change the weights in place."""
        self.steps += 1
        for weight, gradient, first, second in zip(self.weights, gradients, self.first, self.second, strict=True):
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            change = first / (1 - 0.9**self.steps) / (np.sqrt(second / (1 - 0.999**self.steps)) + 1e-8)
            weight -= RATE * (change + DECAY * weight)
