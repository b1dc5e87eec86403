"""Losses and estimates against what their papers write out, one number at a time, and against enumeration."""

import math
from itertools import product

import pytest

torch = pytest.importorskip("torch")

from training.text import losses  # noqa: E402

NEAR = {"rel": 1e-6, "abs": 1e-6}


@pytest.fixture(autouse=True)
def exact():
    torch.manual_seed(5)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def test_bradley_terry():
    chosen, rejected = torch.randn(7), torch.randn(7)
    pairs = zip(chosen.tolist(), rejected.tolist(), strict=True)
    expected = -sum(math.log(math.exp(a) / (math.exp(a) + math.exp(b))) for a, b in pairs) / 7
    assert float(losses.bradley_terry_loss(chosen, rejected)) == pytest.approx(expected, **NEAR)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_dpo(smoothing):
    policy, reference = torch.randn(2, 9), torch.randn(2, 9)
    chosen, rejected = policy - reference
    expected = 0
    for (a, b), (c, d) in zip(policy.T.tolist(), reference.T.tolist(), strict=True):
        right = sigmoid(0.3 * (math.log(math.exp(a) / math.exp(c)) - math.log(math.exp(b) / math.exp(d))))
        expected -= ((1 - smoothing) * math.log(right) + smoothing * math.log(1 - right)) / 9
    assert float(losses.dpo_loss(chosen, rejected, 0.3, smoothing)) == pytest.approx(expected, **NEAR)


@pytest.mark.parametrize("inside", [True, False])
def test_dpo_positive(inside):
    chosen, rejected = torch.randn(9), torch.randn(9)
    assert (chosen < 0).any()
    assert (chosen > 0).any()
    expected = 0
    for a, b in zip(chosen.tolist(), rejected.tolist(), strict=True):
        penalty = 5 * max(0, -a)
        if inside:
            expected -= math.log(sigmoid(0.3 * (a - b - penalty))) / 9
        else:
            expected -= (math.log(sigmoid(0.3 * (a - b))) - penalty) / 9
    assert float(losses.dpo_positive_loss(chosen, rejected, 0.3, 5, inside)) == pytest.approx(expected, **NEAR)


def test_advantages_are_their_definition():
    rewards, values = torch.randn(3, 6), torch.randn(3, 6)
    lengths = [6, 4, 1]
    mask = torch.tensor([[1.0] * length + [0] * (6 - length) for length in lengths])
    found = losses.advantages(rewards, values, mask, 0.9, 0.8)
    for row, length in enumerate(lengths):
        for t in range(6):
            expected = 0.0
            for k in range(t, length):
                after = values[row, k + 1] if k + 1 < length else 0
                expected += (0.9 * 0.8) ** (k - t) * float(rewards[row, k] + 0.9 * after - values[row, k])
            assert float(found[row, t]) == pytest.approx(expected, **NEAR)


def test_clipped_policy_loss():
    new, old, advantage = torch.randn(2, 5), torch.randn(2, 5), torch.randn(2, 5)
    mask = torch.tensor([[1.0, 1, 1, 0, 0], [1, 1, 1, 1, 0]])
    expected = 0.0
    for a, b, gain, counts in zip(*(x.flatten().tolist() for x in (new, old, advantage, mask)), strict=True):
        ratio = math.exp(a) / math.exp(b)
        expected -= counts * min(ratio * gain, min(max(ratio, 0.8), 1.2) * gain) / 7
    assert float(losses.clipped_policy_loss(new, old, advantage, mask, 0.2)) == pytest.approx(expected, **NEAR)


@pytest.mark.parametrize("clip", [0.0, 0.2])
def test_clipped_value_loss(clip):
    new, old, returns = torch.randn(2, 4), torch.randn(2, 4), torch.randn(2, 4)
    expected = 0.0
    for a, b, c in zip(*(x.flatten().tolist() for x in (new, old, returns)), strict=True):
        held = min(max(a, b - clip), b + clip)
        expected += (max((a - c) ** 2, (held - c) ** 2) if clip else (a - c) ** 2) / 2 / 8
    assert float(losses.clipped_value_loss(new, old, returns, torch.ones(2, 4), clip)) == pytest.approx(
        expected, **NEAR
    )


def test_estimates_of_the_divergence():
    policy, reference = torch.randn(6).log_softmax(0), torch.randn(6).log_softmax(0)
    expected = sum(math.exp(p) * (p - q) for p, q in zip(policy.tolist(), reference.tolist(), strict=True))
    assert float((policy.exp() * losses.k3(policy, reference)).sum()) == pytest.approx(expected, **NEAR)
    assert (losses.k3(policy, reference) >= 0).all()
    near = policy + 1e-4 * torch.randn(6)
    assert torch.allclose((policy - near) ** 2 / 2, losses.k3(policy, near), rtol=1e-3)
    assert not torch.allclose((policy - reference) ** 2 / 2, losses.k3(policy, reference), rtol=1e-2)


def test_the_coefficient_follows_its_target():
    assert losses.adapted_coefficient(0.1, 6, 6, 100, 10) == 0.1
    assert losses.adapted_coefficient(0.1, 600, 6, 100, 10) == pytest.approx(0.1 * 1.02)
    assert losses.adapted_coefficient(0.1, 0, 6, 100, 10) == pytest.approx(0.1 * 0.98)


def test_token_log_probs_and_entropy():
    logits, tokens = torch.randn(1, 3, 4), torch.tensor([[2, 0, 3]])
    for place in range(3):
        odds = [math.exp(x) for x in logits[0, place].tolist()]
        odds = [each / sum(odds) for each in odds]
        found = losses.token_log_probs(logits, tokens)[0, place]
        assert float(found) == pytest.approx(math.log(odds[tokens[0, place]]), rel=1e-5)
        expected = -sum(each * math.log(each) for each in odds)
        assert float(losses.entropy(logits)[0, place]) == pytest.approx(expected, rel=1e-5)


# --- REINFORCE against enumeration: 3 tokens, 4 steps -----------------------------------------------------

TOKENS, STEPS = 3, 4
TEXTS = torch.tensor(list(product(range(TOKENS), repeat=STEPS)))


def weights():
    """Return logits of the next token by the step and the token before, [STEPS, TOKENS + 1, TOKENS]."""
    return torch.randn(STEPS, TOKENS + 1, TOKENS, generator=torch.Generator().manual_seed(2)).requires_grad_()


def log_probs(table, texts):
    before = torch.cat([torch.full((len(texts), 1), TOKENS), texts[:, :-1]], 1)
    logits = table[torch.arange(STEPS), before]
    return logits.log_softmax(-1).gather(-1, texts[..., None])[..., 0]


def reward(texts):
    return 3.0 + (texts == 1).sum(1) - 2.0 * (texts[:, 0] == texts[:, -1])


def true_gradient(table):
    expected = (log_probs(table, TEXTS).sum(1).exp() * reward(TEXTS)).sum()
    return torch.autograd.grad(expected, table)[0]


def estimates(table, runs, baseline):
    """Return independent estimates of the gradient [runs, ...], each of 4 texts."""
    odds = log_probs(table, TEXTS).sum(1).exp().detach()
    texts = TEXTS[torch.multinomial(odds.expand(runs, -1), 4, replacement=True)]
    rewards = reward(texts.flatten(0, 1)).view(runs, 4)
    advantage = losses.leave_one_out(rewards) if baseline else rewards

    def loss(table, texts, advantage):
        return losses.reinforce_loss(log_probs(table, texts), advantage, torch.ones(4, STEPS))

    gradients = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
    return -gradients(table.detach(), texts, advantage)


@pytest.mark.parametrize("baseline", [False, True])
def test_reinforce_estimates_the_gradient_without_bias(baseline):
    table = weights()
    found = estimates(table, 3000, baseline)
    error = found.std(0) / 3000**0.5
    off = ((found.mean(0) - true_gradient(table)).abs() / error.clamp_min(1e-9)).flatten()
    reached = found.std(0).flatten() > 0
    assert reached.sum() > 20
    assert (off[reached] < 4).all()  # of about thirty numbers one beyond 3 would be no surprise
    assert (off[reached] < 3).float().mean() > 0.95


def test_a_baseline_halves_the_variance():
    table = weights()
    plain, with_baseline = (estimates(table, 1000, baseline).var(0).sum() for baseline in (False, True))
    assert with_baseline < plain / 2
