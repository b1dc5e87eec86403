"""Networks of a game whose moves are columns of a board that is no square: built, exported, run, mirrored."""

from functools import cache

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")

from engine.clock import Limit  # noqa: E402
from engine.networks import model as models  # noqa: E402
from engine.networks import towers  # noqa: E402
from engine.networks.evaluator import ENGINES, NetworkEvaluator, Turned, choose  # noqa: E402
from engine.networks.runtimes import TorchNetwork  # noqa: E402
from engine.networks.sight import board, move_count, sight  # noqa: E402
from engine.networks.towers import NetworkShape, PolicyValueNet, lively  # noqa: E402
from engine.players import SearchPlayer  # noqa: E402
from engine.search import SearchSettings  # noqa: E402
from games import connect_four  # noqa: E402
from games.connect_four import planes  # noqa: E402
from games.connect_four.writing import read_moves, write_moves  # noqa: E402

SHAPE = NetworkShape(game="connect_four", blocks=2, channels=16, pool_every=2, head_channels=8)
GAMES = ("", "4", "445", "1122334", "4455", "7654321", "33333", "12345671234567")
STATES = np.array([read_moves(text).state for text in GAMES])
MIRRORED = np.array([read_moves(write_moves([7 - int(digit) for digit in text])).state for text in GAMES])


@cache
def net() -> PolicyValueNet:
    return lively(SHAPE, seed=4)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("columns")
    parity = towers.write_model(net(), folder, models.describe("connect_four"))
    assert (parity.positions, parity.top1) == (8, 1.0)
    assert parity.policy_difference < 1e-5
    return models.read(folder)


def test_a_move_is_a_column_or_a_point():
    shown, other = sight("connect_four"), sight("go")
    assert (board(shown, 9), move_count(shown, 6, 7)) == ((6, 7), 7)
    assert (board(other, 9), move_count(other, 9, 9)) == ((9, 9), 82)
    with pytest.raises(ValueError, match="backgammon"):
        sight("backgammon")


def test_there_is_a_logit_for_each_column():
    logits, values = net()(torch.from_numpy(connect_four.features(STATES)))
    assert (logits.shape, values.shape) == ((8, 7), (8,))
    assert logits.std() > 0.01


def test_sparing_the_mask_changes_nothing():
    shown = torch.from_numpy(connect_four.features(STATES))
    masked, bare = lively(SHAPE, seed=4), lively(SHAPE, seed=4)
    bare.padded = False
    with torch.inference_mode():
        for with_mask, without in zip(masked(shown), bare(shown), strict=True):
            np.testing.assert_allclose(with_mask, without, atol=1e-5)


def test_a_column_off_the_board_is_out_of_reach():
    """In planes that are too wide, the columns of the board are judged as alone, and the others never played."""
    shown = connect_four.features(STATES)
    wide = np.zeros((8, planes.COUNT, 6, 9), np.uint8)
    wide[..., :7] = shown
    with torch.inference_mode():
        alone, _ = net()(torch.from_numpy(shown))
        inside, _ = net()(torch.from_numpy(wide))
    np.testing.assert_allclose(inside[:, :7], alone, atol=1e-4)
    assert inside[:, 7:].max() < -1000


def test_every_weight_learns():
    torch.manual_seed(1)
    fresh = PolicyValueNet(SHAPE)
    optimiser = torch.optim.SGD(fresh.parameters(), 0.1)
    before = {name: weight.detach().clone() for name, weight in fresh.named_parameters()}
    for _ in range(2):
        logits, values = fresh(torch.from_numpy(connect_four.features(STATES)))
        loss = torch.nn.functional.cross_entropy(logits, torch.arange(8) % 7) + (values - 0.5).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert [name for name, weight in fresh.named_parameters() if torch.equal(weight, before[name])] == []


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_engines_answer_as_torch_does(model, engine):
    if engine == "openvino":
        pytest.importorskip("openvino", reason="OpenVINO exists for x86-64 only")
    shown = connect_four.features(STATES)
    true_priors, true_values = TorchNetwork(towers.load(model.folder))(shown)
    priors, values = ENGINES[engine](model.onnx)[0](shown)
    np.testing.assert_allclose(priors, true_priors, atol=0.01)
    np.testing.assert_allclose(values, true_values, atol=0.02)


def test_a_model_plays(model):
    evaluator = choose(model)
    player = SearchPlayer("columns", evaluator, SearchSettings(wave=4), Limit(visits=200))
    assert player.choose(read_moves("414141")) == 3
    assert player.choose(read_moves("41414")) == 3


@pytest.mark.parametrize("how", ["random", "all"])
def test_a_mirrored_position_is_judged_in_a_mirror(how):
    network = TorchNetwork(net())
    plain = network(connect_four.features(STATES))
    seen = NetworkEvaluator(Turned(network, "connect_four", how))(connect_four, STATES)[0]
    mirrored = network(connect_four.features(MIRRORED))[0][:, ::-1]
    if how == "all":
        np.testing.assert_allclose(seen, (plain[0] + mirrored) / 2, atol=1e-5)
    else:
        views = zip(seen, plain[0], mirrored, strict=True)
        same = [np.allclose(a, b, atol=1e-6) or np.allclose(a, c, atol=1e-6) for a, b, c in views]
        assert all(same)
        assert not np.allclose(seen, plain[0], atol=1e-6)
    assert not np.allclose(plain[0], mirrored, atol=1e-4)
