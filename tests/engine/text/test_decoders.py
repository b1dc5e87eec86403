"""Decoders: against brute force on a model that can be enumerated, sampling by chi-square, and what each may spend."""

import itertools
import math

import numpy as np
import pytest

from engine.text import drawing
from engine.text.attempt import Attempt, carry_out
from engine.text.comparing import DecodingPlan, decode, decode_each
from engine.text.decoders import beam, best_of, reward_guided, single
from engine.text.drawing import by_likelihood, by_value, likeliest, nucleus, top_k
from engine.text.evaluator import TokenEvaluator, likeliest_tokens
from engine.text.lengths import Exactly
from engine.text.tasks import rewarded_task
from engine.text.tree_decoder import GUMBEL, PUCT, tree_search
from engine.text.trie import trie
from engine.tree import ROOT, VISITS
from games.text.rewarded import TextGame
from games.text.rows import start, tokens, written
from tests.engine.text.models import Trigrams

ALPHABET = "abc."


def setting(value=lambda text: 0.0, ends=(-math.inf, math.inf), seed=1):
    """Return a model of an alphabet, and a game that pays for texts by a function of their letters."""
    model = Trigrams(ALPHABET, seed)
    decode = model.tokenizer.decode
    asked = []

    def score(states):
        texts = [decode(written(state)) for state in states]
        asked.extend(texts)
        return np.array([value(text) for text in texts], np.float32)

    game = TextGame(score, ends)
    game.asked = asked
    return model, game


def attempt_at(model, game, prompt="a", room=5, budget=100, **more):
    root = start(model.tokenizer.encode(prompt), room, model.vocabulary, model.end, room=12)
    return Attempt(game, root, budget, **more)


def text_of(model, state):
    return model.tokenizer.decode(tokens(state))


def step(model, text, temperature=1.0):
    """Return the log-likelihoods of the letters after a text, from the table itself."""
    past = [model.vocabulary, *(ALPHABET.index(letter) for letter in text)]
    logits = model.table[past[-2], past[-1]].astype(float) / temperature
    return logits - np.log(np.exp(logits).sum())


def all_texts(model, prompt, room):
    """Return every finished text after a prompt with its log-likelihood."""
    found, growing = {}, {prompt: 0.0}
    for k in range(room):
        longer = {}
        for text, logp in growing.items():
            for letter, more in zip(ALPHABET, step(model, text), strict=True):
                ends = letter == "." or k == room - 1
                (found if ends else longer)[text + letter] = logp + more
        growing = longer
    return found


# --- one text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_greedy_takes_the_likeliest_letter_each_time(seed):
    model, game = setting(seed=seed)
    attempt = attempt_at(model, game, room=6)
    carry_out(single(likeliest), [attempt], TokenEvaluator(model))
    text = "a"
    while len(text) < 7 and not text.endswith("."):
        text += ALPHABET[int(np.argmax(step(model, text)))]
    assert text_of(model, attempt.best) == text
    assert attempt.spent == len(text) - 1


def test_reward_guided_takes_what_pays_at_once():
    model, game = setting(lambda text: float(text.count("b")))
    attempt = attempt_at(model, game, room=4)
    carry_out(reward_guided, [attempt], TokenEvaluator(model))
    assert text_of(model, attempt.best) == "abbbb"
    assert attempt.spent == 4


# --- beams ------------------------------------------------------------------------------------------------


def slow_beam(model, prompt, room, width):
    """Return the best text by mean log-likelihood, with lists: transformers' rules for early_stopping=False."""
    growing, finished = [(0.0, prompt)], []
    for k in range(room):
        options = [
            (logp + more, text + letter)
            for logp, text in growing
            for letter, more in zip(ALPHABET, step(model, text), strict=True)
        ]
        best = sorted(options, key=lambda each: -each[0])[: 2 * width]
        finished += [(logp / (k + 1), text) for logp, text in best[:width] if text.endswith(".")]
        finished = sorted(finished, key=lambda each: -each[0])[:width]
        growing = [each for each in best if not each[1].endswith(".")][:width]
        if k == room - 1:
            finished += [(logp / (k + 1), text) for logp, text in growing]
        elif len(finished) == width and finished[-1][0] >= growing[0][0] / (k + 1):
            break
    return max(finished, key=lambda each: each[0])[1]


@pytest.mark.parametrize(("seed", "width"), [*itertools.product(range(5), (1, 2, 3, 5))])
def test_beam_search_is_that_of_lists(seed, width):
    model, game = setting(seed=seed)
    attempt = attempt_at(model, game, room=6, budget=10**6)
    carry_out(beam(width=width, until_sure=True), [attempt], TokenEvaluator(model))
    assert text_of(model, attempt.best) == slow_beam(model, "a", 6, width)


def test_a_beam_that_holds_everything_finds_the_likeliest_text():
    model, game = setting()
    attempt = attempt_at(model, game, room=4, budget=10**6)
    carry_out(beam(width=4**4), [attempt], TokenEvaluator(model))
    every = all_texts(model, "a", 4)
    assert attempt.distinct == len(every)
    assert text_of(model, attempt.best) == max(every, key=lambda text: every[text] / (len(text) - 1))


def test_the_budget_sets_the_width_of_a_beam_and_the_reward_chooses_among_its_texts():
    model, game = setting(lambda text: float(len(text)))
    attempt = attempt_at(model, game, room=5, budget=20)
    carry_out(beam(), [attempt], TokenEvaluator(model))
    assert attempt.spent <= 20
    assert attempt.texts >= 4
    assert attempt.reward == max(len(text) for text in game.asked)


# --- sampling ---------------------------------------------------------------------------------------------


def expected(kind, logp):
    """Return what a kind of sampling draws from, by the definitions."""
    share = np.exp(logp)
    order = np.argsort(-share)
    if kind == "top-k":
        share[order[2:]] = 0
    elif kind == "nucleus":
        share[order[int(np.searchsorted(np.cumsum(share[order]), 0.7)) + 1 :]] = 0
    return share / share.sum()


@pytest.mark.parametrize(("kind", "draw"), [("plain", by_likelihood), ("top-k", top_k(2)), ("nucleus", nucleus(0.7))])
def test_tokens_are_drawn_as_often_as_they_are_likely(kind, draw):
    model, game = setting(seed=3)
    temperature = 0.8
    look = TokenEvaluator(model, temperature=temperature).look(game, attempt_at(model, game, "ab").root[None])
    count, random = 20_000, np.random.default_rng(1)
    many = type(look)(*(np.repeat(each, count, 0) for each in vars(look).values()))
    counts = np.bincount(draw(many, random), minlength=4)
    wanted = expected(kind, step(model, "ab", temperature)) * count
    assert (counts[wanted == 0] == 0).all()
    square = ((counts - wanted)[wanted > 0] ** 2 / wanted[wanted > 0]).sum()
    assert square < 16.3, f"{counts} where {wanted} are expected"  # chi-square, 3 degrees: one seed in a thousand


def test_a_large_vocabulary_is_drawn_from_as_a_small_one(monkeypatch):
    logp = np.random.default_rng(1).normal(size=(500, 200)).astype(np.float32)
    logp[:, ::3], logp[0, :-1] = -np.inf, -np.inf
    expected = drawing.draw_columns(logp, np.random.default_rng(2))
    monkeypatch.setattr(drawing, "LARGE", 100)
    assert np.array_equal(drawing.draw_columns(logp, np.random.default_rng(2)), expected)
    assert expected[0] == 199


@pytest.mark.parametrize(("vocabulary", "widest"), [(500, 3), (130, 70), (64, 5), (65, 3), (20, 3), (20, 32)])
def test_the_likeliest_tokens_are_those_of_a_stable_sort(vocabulary, widest):
    random = np.random.default_rng(1)
    for logp in (random.normal(size=(4, vocabulary)), random.integers(-3, 3, (4, vocabulary)).astype(float)):
        for barred in (0.0, 0.9):  # whole numbers: many are equal
            logp[:, random.random(vocabulary) < barred] = -np.inf
            most = min(widest, np.isfinite(logp).sum(1).min())
            expected = np.argsort(-logp, 1, kind="stable")[:, :most]
            assert np.array_equal(likeliest_tokens(logp.astype(np.float32), widest), expected)


def test_best_of_n_draws_texts_by_their_likelihood_and_pays_their_length():
    model, game = setting()
    attempt = attempt_at(model, game, room=3, budget=30_000, lanes=50)
    carry_out(best_of(by_likelihood), [attempt], TokenEvaluator(model))
    every = all_texts(model, "a", 3)
    counts = {text: game.asked.count(text[1:].removesuffix(".")) for text in every if text.endswith(".")}
    length = sum(math.exp(logp) * (len(text) - 1) for text, logp in every.items())
    assert attempt.spent == 30_000
    assert attempt.texts == pytest.approx(30_000 / length, rel=0.02)
    for text, count in counts.items():
        mean = attempt.texts * math.exp(every[text])
        assert abs(count - mean) < 4.5 * math.sqrt(mean) + 5


class Likes:
    """A critic of single letters: a is worth 0.1, b 0.9, c 0.5, the full stop 1."""

    low, high, least = 0.0, 1.0, 1e-3

    def judge(self, hidden, states, moves):
        return np.array([0.1, 0.9, 0.5, 1.0], np.float32)[moves]


def test_a_critic_shifts_the_draws_by_a_power_of_its_values():
    model, game = setting(seed=2)
    look = TokenEvaluator(model, critic=Likes()).look(game, attempt_at(model, game, "ab").root[None])
    count = 20_000
    many = type(look)(*(np.repeat(each, count, 0) for each in vars(look).values()))
    counts = np.bincount(by_value(2.0)(many, np.random.default_rng(1)), minlength=4)
    share = np.exp(step(model, "ab")) * np.array([0.1, 0.9, 0.5, 1.0]) ** 2
    wanted = count * share / share.sum()
    assert ((counts - wanted) ** 2 / wanted).sum() < 16.3
    assert look.values[0] == pytest.approx(np.exp(step(model, "ab")) @ [0.1, 0.9, 0.5, 1.0], rel=1e-5)


# --- without repeats --------------------------------------------------------------------------------------


def test_a_trie_writes_every_text_once_and_reads_no_beginning_twice():
    model, game = setting()
    attempt, evaluator = attempt_at(model, game, room=4, budget=10**6), TokenEvaluator(model)
    carry_out(trie(), [attempt], evaluator)
    every = all_texts(model, "a", 4)
    assert attempt.texts == attempt.distinct == len(every)
    assert attempt.spent == evaluator.looked == 1 + 3 + 9 + 27


def test_the_first_text_of_a_trie_is_drawn_by_likelihood():
    model, game = setting()
    every, counts = all_texts(model, "a", 2), {}
    evaluator = TokenEvaluator(model)
    for seed in range(600):
        attempt = attempt_at(model, game, room=2, budget=2, seed=seed)
        carry_out(trie(power=0), [attempt], evaluator)
        counts[game.asked[0]] = counts.get(game.asked[0], 0) + 1
        game.asked.clear()
    wanted = {}
    for text, logp in every.items():
        wanted[text[1:].removesuffix(".")] = wanted.get(text[1:].removesuffix("."), 0) + 600 * math.exp(logp)
    for text, mean in wanted.items():
        assert abs(counts.get(text, 0) - mean) < 4.5 * math.sqrt(mean) + 5


# --- all of them ------------------------------------------------------------------------------------------

EVERY = {
    "greedy": single(likeliest),
    "best-of-n": best_of(by_likelihood),
    "critic": best_of(by_value(2.0)),
    "beam": beam(),
    "value beam": beam(power=2.0),
    "trie": trie(),
}


@pytest.mark.parametrize("decoder", EVERY.values(), ids=EVERY)
def test_attempts_side_by_side_are_those_made_alone(decoder):
    model, game = setting(lambda text: len(text) + 0.1 * text.count("b"))
    prompts = ("a", "bc", "cab", "bbbb")

    def attempts():
        return [attempt_at(model, game, prompt, room=6, budget=40, seed=k) for k, prompt in enumerate(prompts)]

    together, alone = attempts(), attempts()
    carry_out(decoder, together, TokenEvaluator(model, critic=Likes()), most=3)
    for each in alone:
        carry_out(decoder, [each], TokenEvaluator(model, critic=Likes()))
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.best, other.best)
        assert (one.spent, one.texts, one.reward) == (other.spent, other.texts, other.reward)
        assert 0 < one.spent <= 40


@pytest.mark.parametrize("decoder", EVERY.values(), ids=EVERY)
def test_no_decoder_goes_on_after_the_best_possible_text(decoder):
    model, game = setting(lambda text: 1.0, (0.0, 1.0))
    attempt = attempt_at(model, game, room=6, budget=500)
    carry_out(decoder, [attempt], TokenEvaluator(model))
    assert attempt.spent < 100


@pytest.mark.parametrize("settings", [PUCT, GUMBEL], ids=["puct", "gumbel"])
def test_the_tree_finds_the_best_text_of_each_prompt_within_its_budget(settings):
    model, game = setting(lambda text: float(text == "cab"), (0.0, 1.0))
    attempts = [attempt_at(model, game, prompt, room=5, budget=150) for prompt in ("a", "b", "ca")]
    evaluator = TokenEvaluator(model)
    tree_search(attempts, evaluator, settings)
    for attempt in attempts:
        assert model.tokenizer.decode(written(attempt.best)) == "cab"
        assert attempt.best_at <= attempt.spent <= 150
    assert evaluator.looked == sum(attempt.spent for attempt in attempts)


@pytest.mark.parametrize("settings", [PUCT, GUMBEL], ids=["puct", "gumbel"])
def test_a_tree_search_ends_after_its_simulations(settings):
    model, game = setting(lambda text: 0.0, (0.0, 1.0))
    attempt = attempt_at(model, game, room=5, budget=10_000)
    tree = tree_search([attempt], TokenEvaluator(model), settings, simulations=7)
    assert tree.ints[VISITS, tree.regions[ROOT, 0]] == 7


def test_decoders_that_share_calls_write_what_they_write_alone():
    model = Trigrams(ALPHABET, 5)
    task, names = rewarded_task(model, [Exactly(7, "chars")], 10), ["tree", "sample", "beam", "best-of-n"]
    roots, plan = task.roots(["ab", "c"]), DecodingPlan(budget=40)
    for name, made in zip(names, decode_each(names, task, roots, plan, None), strict=True):
        alone = decode(name, task, roots, plan, None)
        assert made.name == name
        assert [each.spent for each in made.attempts] == [each.spent for each in alone.attempts]
        for one, other in zip(made.attempts, alone.attempts, strict=True):
            np.testing.assert_array_equal(one.best, other.best)
