"""Critics: gradients against differences, values that can be counted out, files, and the use in sampling."""

import math

import numpy as np
import pytest

from engine.text import critic_learning
from engine.text.attempt import Attempt, carry_out
from engine.text.critic import Critic
from engine.text.critic_learning import Samples, collect, explained, learn
from engine.text.critics import critic_of, learn_critic
from engine.text.decoders import best_of
from engine.text.drawing import by_likelihood, by_value
from engine.text.evaluator import TokenEvaluator
from engine.text.lengths import Exactly
from engine.text.models import open_model
from engine.text.tasks import puzzle_task, rewarded_task
from games.text.rewarded import TextGame
from games.text.rows import HEAD, LENGTH, PROMPT, start, starts, written
from tests.engine.text.models import Trigrams


def setting(value, room=4, prompts=("a", "b", "c")):
    model = Trigrams("abc.", 4, sharpness=0.7)
    decode = model.tokenizer.decode
    game = TextGame(lambda states: np.array([value(decode(written(s))) for s in states], np.float32), (0.0, 1.0))
    tokens = [model.tokenizer.encode(prompt) for prompt in prompts]
    return model, game, starts(tokens, room, model.vocabulary, model.end)


def some_samples(tokens=5, width=6, count=40):
    random = np.random.default_rng(1)
    return Samples(
        random.normal(size=(count, width)).astype(np.float32),
        random.integers(0, tokens, count).astype(np.int32),
        random.integers(0, 2, count).astype(np.float32),
        np.arange(count, dtype=np.int32) // 2,
        random.random(count).astype(np.float32),
    )


@pytest.mark.parametrize("vocabulary", [5, 5000])
def test_gradients_are_those_of_differences(vocabulary):
    samples = some_samples()
    critic = critic_learning._new(samples, (0.0, 1.0), vocabulary, np.random.default_rng(2), None)
    for name in ("inner", "inner_bias", "outer", "outer_bias"):
        shape = getattr(critic, name).shape
        setattr(critic, name, np.random.default_rng(3).normal(size=shape).astype(np.float64) / 8)
    found = critic_learning._gradients(critic, samples)
    for name, gradient in zip(("inner", "inner_bias", "outer", "outer_bias"), found, strict=True):
        weight, at = getattr(critic, name), np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
        losses = []
        for step in (1e-3, -2e-3):
            weight[at] += step
            losses.append(critic_learning._loss(critic, samples))
        weight[at] += 1e-3
        assert gradient[at] == pytest.approx((losses[0] - losses[1]) / 2e-3, rel=2e-2, abs=1e-5)


def test_the_values_of_next_tokens_are_learned():
    """Only texts that begin with b are paid, so after the prompt b is worth 1, and everything else nothing."""
    model, game, roots = setting(lambda text: float(text.startswith("b")))
    evaluator = TokenEvaluator(model)
    samples = collect(evaluator, game, roots, 300, by_likelihood, seed=1)
    critic = learn(samples, game.ends, model.vocabulary, seconds=10)
    evaluator.critic = critic
    look = evaluator.look(game, roots)
    shares = np.take_along_axis(look.shares, np.argsort(look.moves, 1), 1)
    assert (shares[:, 1] > 0.8).all()
    assert (shares[:, [0, 2, 3]] < 0.2).all()
    assert np.allclose(look.values, np.exp(look.logp[:, 1]), atol=0.12)


def test_counters_are_inputs_where_the_vocabulary_is_large(monkeypatch):
    monkeypatch.setattr(critic_learning, "SMALL", 1)
    model, game, roots = setting(lambda text: float(len(text) == 2), room=5)

    def counters(states, moves):
        length = (states[:, 1] - states[:, 2])[:, None] + (moves != model.end)
        over = moves == model.end
        return np.stack([length == 1, length == 2, length > 2, over, over & (length == 2)], -1).astype(np.float32)

    evaluator = TokenEvaluator(model)
    samples = collect(evaluator, game, roots, 300, by_likelihood, seed=2, counters=counters)
    evaluator.critic = learn(samples, game.ends, model.vocabulary, seconds=10, counters=counters)
    assert not evaluator.critic.by_token
    plain, led = (Attempt(game, roots[0], 400, seed=1), Attempt(game, roots[0], 400, seed=1))
    for attempt, draw in ((plain, by_likelihood), (led, by_value(2.0))):
        rewards = []
        score = attempt.game.score
        attempt.game = TextGame(lambda states, score=score, rewards=rewards: _noted(score(states), rewards), (0.0, 9.0))
        carry_out(best_of(draw), [attempt], evaluator)
        attempt.mean = np.mean(rewards)
    assert led.mean > plain.mean + 0.3


def test_counters_are_inputs_where_every_token_has_an_output(tmp_path):
    """Whether a text has two letters is paid, and counted; the hidden state knows nothing of it."""
    model, *_ = setting(len)
    random = np.random.default_rng(1)
    counted = random.integers(0, 2, (4000, 1)).astype(np.float32)
    inputs = np.concatenate([random.normal(size=(4000, model.width)).astype(np.float32), counted], 1)
    tokens, numbers = random.integers(0, 4, 4000).astype(np.int32), np.arange(4000, dtype=np.int32)
    samples = Samples(inputs, tokens, counted[:, 0], numbers, np.ones(4000, np.float32))
    critic = learn(samples, (0.0, 1.0), model.vocabulary, seconds=10, counters=count_two, epochs=20)
    assert critic.by_token
    critic.save(tmp_path / "critic.npz")
    critic = Critic.load(tmp_path / "critic.npz", model.width, model.vocabulary, count_two)
    one, two = np.stack([start([0], 3, 4, 3)]), np.stack([start([0], 3, 4, 3)])
    two[0, LENGTH] += 1
    hidden, moves = np.zeros((1, model.width), np.float32), np.array([[0, 1]], np.int32)
    assert (critic.judge(hidden, two, moves) > 0.9).all()
    assert (critic.judge(hidden, one, moves) < 0.1).all()
    with pytest.raises(ValueError, match="critic of another model"):
        Critic.load(tmp_path / "critic.npz", model.width, model.vocabulary)


def count_two(states, moves):
    """Count whether texts have two letters after the tokens, float32 [B, K, 1]."""
    length = (states[:, LENGTH] - states[:, PROMPT])[:, None] + (moves != 3)  # the end mark is no letter
    return (length == 2).astype(np.float32)[..., None]


def test_a_critic_that_was_learned_without_counters_does_without(kept):
    critic, path = kept
    again = Critic.load(path, 6, 5, count_two)
    hidden, moves = np.ones((1, 6), np.float32), np.array([[0, 4]], np.int32)
    states = np.stack([start([0], 1, 5)])
    assert np.array_equal(again.judge(hidden, states, moves), critic.judge(hidden, states, moves))


def _noted(values, rewards):
    rewards.extend(values.tolist())
    return values


def test_a_length_that_no_text_had_is_learned_from_the_lengths_that_they_had():
    """Of 12 characters the last is the full stop that ends the text."""
    task = rewarded_task(Trigrams("abcde.", 3, sharpness=0.3), [Exactly(12, "chars")], 30)
    roots = task.roots(["a", "b", "c"])
    critic, _ = learn_critic(task, roots, 6000, seed=1, seconds=10)
    text, end = "abcdeabcdeabcdeabcde", task.end
    values = {}
    for length in (10, 11, 12):
        state = start(task.model.tokenizer.encode("a" + text[:length]), 15, task.model.vocabulary, end)
        state[PROMPT] = 1
        hidden = task.model.read(state[HEAD : HEAD + state[LENGTH]])[1][:, -1]
        values[length] = critic.judge(hidden, state[None], np.array([[end, 1]], np.int32))[0]
    assert values[11][0] > 4 * max(values[10].max(), values[11][1], values[12].max())
    assert values[10][1] > 2 * max(values[11][1], values[12].max())


def test_what_is_explained_grows_with_the_text():
    model, game, roots = setting(lambda text: float(text.count("b") >= 2), room=6)
    samples = collect(TokenEvaluator(model), game, roots, 300, by_likelihood, seed=3)
    critic = learn(samples, game.ends, model.vocabulary, seconds=10)
    parts = explained(critic, samples)
    assert parts[3] > parts[0]
    assert all(math.isfinite(part) for part in parts)


def test_a_seed_decides_what_is_learned():
    samples = some_samples(count=200)
    critics = [learn(samples, (0.0, 1.0), 5, seconds=60, seed=seed, epochs=2) for seed in (1, 1, 2)]
    assert np.array_equal(critics[0].inner, critics[1].inner)
    assert not np.array_equal(critics[0].inner, critics[2].inner)


# --- files ------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path):
    critic = learn(some_samples(count=200), (0.0, 2.0), 5, epochs=1)
    critic.save(tmp_path / "critic.npz")
    return critic, tmp_path / "critic.npz"


def test_a_critic_that_was_kept_says_the_same(kept):
    critic, path = kept
    hidden, moves = np.random.default_rng(1).normal(size=(3, 6)).astype(np.float32), np.array([[0, 4]] * 3, np.int32)
    again = Critic.load(path, 6, 5)
    states = np.stack([start([0], 1, 5)] * 3)
    assert np.allclose(critic.judge(hidden, states, moves), again.judge(hidden, states, moves))
    assert (again.low, again.high) == (0.0, 2.0)


def test_a_critic_of_another_model_is_refused(kept):
    for width, vocabulary in ((7, 5), (6, 6)):
        with pytest.raises(ValueError, match="critic of another model"):
            Critic.load(kept[1], width, vocabulary)


def test_a_damaged_critic_is_refused_in_one_sentence(kept):
    critic, path = kept
    critic.inner[0, 0] = np.nan
    critic.save(path)
    with pytest.raises(ValueError, match=r"critic\.npz is a damaged critic"):
        Critic.load(path, 6, 5)
    path.write_bytes(b"PK\x03\x04 no zip at all")
    with pytest.raises(ValueError, match=r"critic\.npz is no critic"):
        Critic.load(path, 6, 5)


def test_the_critic_that_ships_tells_good_steps_from_bad_ones():
    pytest.importorskip("onnxruntime")
    task = puzzle_task(open_model("twenty_four"))
    evaluator = TokenEvaluator(task.model)
    evaluator.critic = critic_of(task, ["2 7 8 12"], 0, 1)
    good, bad = "12-7=5,2,8;", "12+8=20,2,7;"  # 24 can be made of 5, 2, 8, and not of 20, 2, 7
    roots = starts([task.model.tokenizer.encode("2,7,8,12;" + step) for step in (good, bad)], 30, 20, 0)
    roots[:, PROMPT] = len("2,7,8,12;")
    values = evaluator.look(task.game(), roots).values
    assert values[0] > values[1] + 0.1
