"""Stages without a network: values that are known in closed form, exact equivalences, curves of the book."""

import numpy as np
import pytest

from games.lab import grid, tic_tac_toe
from games.lab.finite_world import optimal_values
from training.lab import q_learning, td_lambda, value_iteration
from training.lab.table_stage import read_tables
from training.run import open_run, read_metrics


def trained(stage, folder, resume=False, **words):
    """Run a stage; return the tables of its last model and its last numbers."""
    few = {"log_every": 10**6, "measure_every": 10**6, "export_every": 10**6}  # each costs a picture or a file
    run = open_run(folder, stage.Settings, [few], {k: str(v) for k, v in words.items()}, resume)
    with run:
        stage.train(run)
    last = {name: value for line in read_metrics(folder) for name, value in line.items()}
    return read_tables(max((folder / "models").iterdir())), last


# --- value iteration --------------------------------------------------------------------------------------


@pytest.mark.parametrize("discount", [1.0, 0.9])
def test_value_iteration_finds_the_closed_form(discount, tmp_path):
    tables, last = trained(value_iteration, tmp_path / "run", discount=discount, side=5)
    row, column = np.divmod(np.arange(25), 5)
    distances = np.minimum(row + column, 8 - row - column)
    expected = -distances if discount == 1 else -(1 - discount**distances) / (1 - discount)
    assert np.abs(tables["values"] - expected).max() < 1e-9
    assert last["residual"] < 1e-9


def test_tic_tac_toe_is_a_draw(tmp_path):
    tables, last = trained(value_iteration, tmp_path / "run", world="tic_tac_toe")
    assert last["residual"] == 0
    assert tables["values"][tic_tac_toe.START] == 0


def test_a_table_of_another_world_is_refused(tmp_path):
    trained(value_iteration, tmp_path / "run", steps=2)
    with pytest.raises(ValueError, match="another stage, or for another world"):
        trained(value_iteration, tmp_path / "run", resume=True, side=5, steps=4)
    (max((tmp_path / "run" / "checkpoints").iterdir()) / "tables.npz").write_bytes(b"no zip")
    with pytest.raises(ValueError, match=r"tables.npz cannot be read"):
        read_tables(max((tmp_path / "run" / "checkpoints").iterdir()))


# --- Q-learning -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slip", [0.0, 0.2])
def test_q_learning_finds_the_grid_s_values(slip, tmp_path):
    tables, last = trained(q_learning, tmp_path / "run", slip=slip, steps=2000, measure_every=2000)
    truth = optimal_values(grid.corners(4, slip))
    assert last["error"] < 0.01
    assert np.abs(tables["actions"].max(1) - truth)[1:-1].max() < 0.01


def test_q_learning_never_loses_at_tic_tac_toe(tmp_path):
    words = {"world": "tic_tac_toe", "agents": 2048, "explore": 1, "slowing": 0}
    _, last = trained(q_learning, tmp_path / "short", **words, steps=20)
    assert last["lost_games"] > 0
    _, last = trained(q_learning, tmp_path / "long", **words, steps=400)
    assert (last["error"], last["lost_games"]) == (0, 0)


def test_q_learning_goes_on_where_it_stopped(tmp_path):
    whole, _ = trained(q_learning, tmp_path / "whole", steps=40, agents=8)
    trained(q_learning, tmp_path / "cut", steps=15, agents=8)
    cut, _ = trained(q_learning, tmp_path / "cut", resume=True, steps=40)
    assert all(np.array_equal(cut[name], whole[name]) for name in whole)


# --- TD(lambda) -------------------------------------------------------------------------------------------


def forward_view(values, path, reward, trace, rate):
    """Learn a walk by the online lambda-return algorithm as it is defined: at each horizon all updates anew."""
    last, horizon = values.copy(), len(path)
    for h in range(1, horizon + 1):
        weights = values.copy()
        for t in range(h):
            total, share = 0.0, 1.0
            for n in range(1, h - t):  # the n-step return looks at path[t + n], with the weights of that time
                total += (1 - trace) * share * histories[t + n - 1][path[t + n]]
                share *= trace
            end = reward if h == horizon else histories[h - 1][path[h]]
            weights[path[t]] += rate * (total + share * end - weights[path[t]])
        last = weights
        histories[h] = weights
    return last


histories: dict[int, np.ndarray] = {}


def test_true_online_td_is_its_forward_view():
    random = np.random.default_rng(5)
    for trace, rate in ((0.0, 0.3), (0.5, 0.8), (0.9, 0.4), (1.0, 0.2)):
        values = random.normal(size=5)
        path, reward = np.array([2, 3, 2, 1, 2, 3, 4, 3, 4]), 1.0
        histories.clear()
        histories[0] = values.copy()
        expected = forward_view(values, path, reward, trace, rate)
        td_lambda.true_online(values, path, reward, np.array(trace), np.array(rate))
        assert np.abs(values - expected).max() < 1e-12


def test_accumulating_traces_agree_where_rates_are_small():
    path, trace, rate = np.array([2, 3, 2, 1, 2, 3, 4]), np.array(0.7), np.array(1e-5)
    changes = []
    for update in (td_lambda.accumulating, td_lambda.true_online):
        values = np.linspace(-1, 1, 5)
        update(values, path, 1.0, trace, rate)
        changes.append((values - np.linspace(-1, 1, 5)) / rate)
    assert np.abs(changes[0] - changes[1]).max() < 1e-3 < np.abs(changes[0]).max()


@pytest.mark.parametrize("exact", [False, True])
def test_the_curves_of_the_book(exact, tmp_path):
    tables, last = trained(td_lambda, tmp_path / "run", exact=exact, steps=30)
    errors = tables["errors"] / 30
    best = errors.min(1)
    assert np.allclose(errors[:, 0], np.sqrt((td_lambda.random_walk.true_values(19) ** 2).mean()))  # nothing learned
    assert best[2:4].max() < min(best[0], best[-1]) - 0.02  # lambda 0.8 and 0.9 beat both ends
    rates = np.array(td_lambda.RATES)[errors.argmin(1)]
    assert (np.diff(rates) <= 0).all()  # the longer the traces, the smaller the best rate
    assert rates[0] > 0.7 > 0.2 > rates[-1]
    assert last["error_0.8"] == pytest.approx(best[2], rel=1e-4)
