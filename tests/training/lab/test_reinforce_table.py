"""REINFORCE at tic-tac-toe: gradients against a plain loop, fewer lost games, and half the variance."""

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

from engine.settings import resolve  # noqa: E402
from games.lab import tic_tac_toe  # noqa: E402
from training.lab import reinforce_table  # noqa: E402
from training.policy_losses import chosen_log_probs, reinforce_loss  # noqa: E402


def learned(batches, **words):
    stage = reinforce_table.TableLearning(resolve(reinforce_table.Settings, words))
    for step, data in zip(range(1, batches + 1), stage.data(0), strict=False):
        stage.learn(step, data)
    return stage


def test_games_are_those_of_the_rules():
    stage = learned(3, episodes=60)
    data, boards = stage.games(np.random.default_rng(1)), tic_tac_toe.positions()
    for game, (states, moves, result, mask) in enumerate(zip(*map(torch.Tensor.numpy, data), strict=True)):
        own, board = 1 if game % 2 == 0 else -1, np.zeros(9, int)
        for turn, (state, move) in enumerate(zip(states, moves, strict=True)):
            if tic_tac_toe.winner(board[None])[0] or board.all():
                assert not mask[turn:].any()
                break
            side = 1 if turn % 2 == 0 else -1
            assert (boards[state] == board).all()
            assert mask[turn] == (side == own)
            assert board[move] == 0
            board[move] = side
        assert result == own * tic_tac_toe.winner(board[None])[0]


def test_the_variance_is_that_of_single_gradients():
    stage = learned(5, episodes=20)
    data = stage.games(np.random.default_rng(2))
    logits, values = stage.learner.net(data.states)
    advantage, rows = data.results[:, None] - values.detach(), []
    for game in range(20):
        part = slice(game, game + 1)
        logs = chosen_log_probs(stage.learner.net(data.states[part])[0], data.moves[part])
        loss = reinforce_loss(logs, advantage[part], data.mask[part])
        rows.append(torch.autograd.grad(loss, stage.learner.net.logits)[0].flatten())
    expected = torch.stack(rows).var(0).sum()
    assert stage._variance(logits, data, advantage) == pytest.approx(float(expected), rel=1e-4)


def test_a_baseline_halves_the_variance_and_loses_fewer_games():
    first = learned(0).measure()
    last = learned(100).measure()
    assert last["variance_left"] < 0.5
    assert last["lost_games"] < 0.25 * first["lost_games"]
