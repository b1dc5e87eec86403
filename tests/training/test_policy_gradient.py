"""Policy gradients: games of raw policies, the gradient against enumeration, the pool, and that a policy learns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")
pytest.importorskip("onnx", reason="snapshots are filled in with onnx, of the extra: train")

from engine.networks import model, towers  # noqa: E402
from engine.networks.towers import NetworkShape, lively  # noqa: E402
from engine.settings import resolve  # noqa: E402
from games import connect_four, go  # noqa: E402
from games.connect_four.writing import read_diagram  # noqa: E402
from games.game import NOBODY, Position  # noqa: E402
from training import policy_gradient  # noqa: E402
from training.connect_four import self_play as connect_four_self_play  # noqa: E402
from training.go import self_play as go_self_play  # noqa: E402
from training.learner import STATE, read_tensors  # noqa: E402
from training.opponent_pool import OpponentPool  # noqa: E402
from training.policy_games import PolicyGames, play_policies  # noqa: E402
from training.policy_gradient import PolicyGradient, Settings  # noqa: E402
from training.report import meaning_of  # noqa: E402
from training.run import open_run, read_metrics  # noqa: E402
from training.self_play import SelfPlayTask  # noqa: E402

SHAPE = NetworkShape(game="connect_four", blocks=1, channels=8, pool_every=0, head_channels=8)
LATE = """
. O . . X X .
O X . . O X O
O O X . X X X
X X X . O O O
O X X X O X O
O X O O X O O
"""
SMALL = {
    "game": "connect_four", "iterations": "4", "games": "16", "positions": "4", "batch": "32", "pool_every": "2",
    "threads": "1", "compile": "no", "measured": "8", "measure_every": "100", "checkpoint_minutes": "0", "warm_up": "0",
    "engine": "onnxruntime",
}  # fmt: skip


@pytest.fixture(scope="module")
def parent(tmp_path_factory) -> str:
    """A model of Connect Four that has learned nothing."""
    folder = tmp_path_factory.mktemp("parent")
    towers.write_model(lively(SHAPE), folder, model.describe("connect_four"))
    return str(folder)


def settings(parent: str, **words) -> Settings:
    return resolve(Settings, SMALL | {"parent": parent} | words)


def learn(folder: Path, parent: str, resume: bool = False, **words):
    with open_run(folder, Settings, [], SMALL | {"parent": parent} | words, resume) as run:
        policy_gradient.train(run)
    return run


def as_network(net):
    """Return a torch network as those that play: planes -> priors and values."""

    @torch.no_grad()
    def network(planes):
        logits, values = net(torch.from_numpy(planes))
        return logits.softmax(1).numpy(), values.numpy()

    return network


def evenly(planes):
    """A network that finds every move alike."""
    return np.full((len(planes), planes.shape[2] * planes.shape[3] + 1), 0.1, np.float32), np.zeros(len(planes))


# --- games ------------------------------------------------------------------------------------------------


def test_games_of_go_are_legal_and_end_when_nothing_is_left():
    games = play_policies(SelfPlayTask("go", "5", 1, 0, 0, 6), evenly, evenly, longest=400)
    for start, moves, length, outcome in zip(games.starts, games.moves, games.lengths, games.outcomes, strict=True):
        position = Position(go, start)
        for move in moves[:length]:
            position.play(int(move), recorded=True)  # superko is not asked for
        assert position.over
        assert position.value() == outcome
    assert games.learners.tolist() == [0, 1, 0, 1, 0, 1]


def test_the_same_task_gives_the_same_games_and_another_version_others():
    task = SelfPlayTask("connect_four", "", 3, 0, 0, 8)
    one, two = (play_policies(task, *[as_network(lively(SHAPE))] * 2, longest=50) for _ in range(2))
    other = play_policies(replace(task, version=1), *[as_network(lively(SHAPE))] * 2, longest=50)
    assert np.array_equal(one.moves, two.moves)
    assert one.moves.shape != other.moves.shape or not np.array_equal(one.moves, other.moves)


def test_at_temperature_0_the_likeliest_playable_move_is_played():
    def left(planes):
        priors = np.tile(np.array([9, 8, 7, 6, 5, 4, 3], np.float32), (len(planes), 1))
        return priors / priors.sum(1, keepdims=True), np.zeros(len(planes))

    games = play_policies(SelfPlayTask("connect_four", "", 3, 0, 0, 2), left, left, longest=50, temperature=0)
    assert games.moves[0, :7].tolist() == [0] * 6 + [1]


def test_a_raw_policy_fills_no_eye_and_passes_only_when_nothing_is_left():
    state = go.start(2, komi=0)
    for move in (0, 4, 3, 4):  # Black on two opposite corners: the others are eyes of a kind
        go.play(state[None], np.array([move], np.int32))
    states = state[None]
    may = go_self_play.playable(states, go.features(states))
    assert may[0, :4].any() != may[0, 4]
    empty = go.start(5)[None]
    may = go_self_play.playable(empty, go.features(empty))
    assert may[0, :25].all()
    assert not may[0, 25]


def test_a_raw_policy_drops_no_disc_into_a_full_column():
    states = read_diagram(LATE)[None]
    may = connect_four_self_play.playable(states, connect_four.features(states))
    assert np.flatnonzero(may[0]).tolist() == [0, 2, 3, 6]


def test_only_own_moves_are_drawn_and_no_more_than_wished():
    movers = np.array([[0, 1, 0, 1, 0, NOBODY], [0, 1, NOBODY, NOBODY, NOBODY, NOBODY]], np.int8)
    games = PolicyGames(np.zeros((2, 3)), np.zeros((2, 6), np.int32), movers, np.array([1.0, -1.0]), np.array([0, 1]))
    rows, plies = games.drawn(2, np.random.default_rng(1))
    assert rows.tolist() == [0, 0, 1]
    assert set(plies[:2].tolist()) < {0, 2, 4}
    assert plies[2] == 1
    assert len(games.drawn(0, np.random.default_rng(1))[0]) == 4
    assert games.lengths.tolist() == [5, 2]
    assert games.gains.tolist() == [1.0, 1.0]


# --- the gradient -----------------------------------------------------------------------------------------


def expected(stage: PolicyGradient, state: np.ndarray, side: int, net) -> "torch.Tensor":
    """Return what the learner on a side may expect, by enumeration; the other side plays the parent's policy."""
    turn = int(connect_four.turn(state[None])[0])
    if turn == NOBODY:
        score = float(connect_four.score(state[None])[0])
        return torch.tensor(score if side == 0 else -score)
    planes = connect_four.features(state[None])
    may = connect_four_self_play.playable(state[None], planes)
    logs, _ = stage._answers(net if turn == side else stage.parent, torch.from_numpy(planes), torch.from_numpy(may))
    if turn != side:
        logs = logs.detach()
    total = torch.zeros(())
    for move in np.flatnonzero(may[0]):
        after = state[None].copy()
        connect_four.play(after, np.array([move], np.int32))
        total = total + logs[0, move].exp() * expected(stage, after[0], side, net)
    return total


def gradient(net) -> np.ndarray:
    found = np.concatenate([each.grad.flatten().numpy() for each in net.parameters() if each.grad is not None])
    net.zero_grad(set_to_none=True)
    return found


@pytest.mark.parametrize("baseline", ["yes", "no"])
def test_the_gradient_is_that_of_the_expected_result(parent, monkeypatch, tmp_path, baseline):
    late = read_diagram(LATE)
    monkeypatch.setattr(connect_four_self_play, "start", lambda board, random: late)
    words = {"positions": "0", "value_weight": "0", "precision": "float32", "baseline": baseline}
    stage = PolicyGradient(settings(parent, **words), tmp_path / "pool")
    net = stage.learner.net
    with torch.no_grad():
        for each in net.parameters():
            each.add_(0.05 * torch.randn(each.shape, generator=torch.Generator().manual_seed(1)))
    (-(expected(stage, late, 0, net) + expected(stage, late, 1, net)) / 2).backward()
    exact, estimates = gradient(net), []
    for version in range(30):
        task = SelfPlayTask("connect_four", "", 1, version, 0, 200)
        games = play_policies(task, as_network(net), as_network(stage.parent), longest=50)
        planes, moves, results, may = stage.seen(games, np.random.default_rng(version))
        stage.loss(planes, moves, results, may, *stage.judged(planes, moves, may))["policy_loss"].backward()
        estimates.append(gradient(net) * len(moves) / len(games.gains))
    mean, error = np.mean(estimates, 0), np.std(estimates, 0) / np.sqrt(len(estimates))
    told = error > 1e-9
    assert np.mean(np.abs(mean - exact)[told] > 3 * error[told]) < 0.03
    assert mean @ exact / np.linalg.norm(mean) / np.linalg.norm(exact) > 0.95


# --- the run ----------------------------------------------------------------------------------------------


def test_the_pool_has_a_self_of_every_so_many_iterations(parent, tmp_path):
    folder = learn(tmp_path / "run", parent, iterations="5").folder
    assert OpponentPool(folder / "pool").steps() == [0, 2, 4]
    assert model.find(folder).about["measured"].keys() == {"against_parent", "against_parent_error"}
    names = {name for line in read_metrics(folder) for name in line} - {"step"}
    assert {name for name in names if not meaning_of(name, PolicyGradient.curves).meaning} == set()


def test_stopped_it_goes_on_with_the_same_weights(parent, tmp_path):
    whole = learn(tmp_path / "whole", parent).folder
    learn(tmp_path / "halves", parent, iterations="4", minutes="0.0001")
    assert len(read_metrics(tmp_path / "halves")) < len(read_metrics(whole))
    halves = learn(tmp_path / "halves", parent, resume=True, minutes="0").folder
    mine, others = (read_tensors(folder / "checkpoints" / "000000004" / STATE) for folder in (whole, halves))
    assert [name for name in mine if not torch.equal(mine[name], others[name])] == []


def test_later_selves_are_dropped_on_resuming(tmp_path):
    pool = OpponentPool(tmp_path / "pool")
    for step in (0, 2, 4):
        pool.add(step, bytes([step]))
    pool.drop_after(2)
    assert pool.steps() == [0, 2]
    assert pool.drawn(np.random.default_rng(1), 1) == (0, b"\0")


def test_it_learns_to_beat_the_policy_that_it_began_as(parent, tmp_path):
    words = {"iterations": "50", "games": "64", "positions": "0", "rate": "3e-3", "measured": "200", "pool_every": "10"}
    words |= {"average": "0.9", "entropy_weight": "0.02", "precision": "float32"}
    folder = learn(tmp_path / "run", parent, **words).folder
    assert read_metrics(folder)[-1]["against_parent"] > 0.6


def test_what_it_cannot_begin_with_is_told(parent, tmp_path):
    with pytest.raises(ValueError, match="policy gradients go on from a policy: parent ="):
        PolicyGradient(settings(""), tmp_path)
    with pytest.raises(ValueError, match="plays connect_four, not go"):
        PolicyGradient(settings(parent, game="go", boards="9"), tmp_path)
    towers.write_model(lively(replace(SHAPE, heads=("policy",))), tmp_path, model.describe("connect_four"))
    with pytest.raises(ValueError, match="has no value head"):
        PolicyGradient(settings(str(tmp_path)), tmp_path)
