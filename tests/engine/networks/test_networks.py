"""Networks: the same answer wherever a board lies, on any size; saved, loaded and exported without a difference."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")

from engine.networks import model as models  # noqa: E402
from engine.networks import towers as networks  # noqa: E402
from engine.networks.evaluator import NetworkEvaluator, agreement, choose  # noqa: E402
from engine.networks.int8 import write_int8  # noqa: E402
from engine.networks.runtimes import OnnxNetwork, OpenVinoNetwork, TorchNetwork  # noqa: E402
from engine.networks.towers import NetworkShape, PolicyValueNet, lively  # noqa: E402
from games import go  # noqa: E402
from games.go import planes as go_features  # noqa: E402

SHAPES = {
    "residual": NetworkShape(game="go", blocks=2, channels=16, pool_every=2, head_channels=8),
    "plain": NetworkShape(game="go", kind="plain", blocks=3, channels=16, head_channels=8),
    "policy": NetworkShape(game="go", blocks=1, channels=8, pool_every=0, head_channels=8, heads=("policy",)),
    "value": NetworkShape(game="go", blocks=1, channels=8, head_channels=8, heads=("value",)),
}


def positions(size, count=6, seed=1):
    """Return positions after random moves, [count, W]."""
    states, random = np.repeat(go.start(size)[None], count, axis=0), np.random.default_rng(seed)
    for _ in range(size * size // 3):
        legal, _, counts = go.legal(states)
        go.play(states, legal[np.arange(count), random.integers(0, np.maximum(counts - 1, 1))])
    return states


def answers(net, planes):
    with torch.inference_mode():
        return [None if answer is None else answer.numpy() for answer in net(torch.from_numpy(planes))]


@pytest.mark.parametrize("kind", ["residual", "plain"])
@pytest.mark.parametrize("size", [2, 9, 13])
def test_a_small_board_is_judged_alike_alone_and_in_the_corner_of_large_planes(kind, size):
    net, states = lively(SHAPES[kind]), positions(size)
    alone, value_alone = answers(net, go.features(states))
    inside, value_inside = answers(net, go_features.encode(states, side=19))
    points = (np.arange(size)[:, None] * 19 + np.arange(size)).ravel()
    np.testing.assert_allclose(inside[:, [*points, 361]], alone, atol=1e-4)
    np.testing.assert_allclose(value_inside, value_alone, atol=1e-5)
    off_board = np.delete(inside, [*points, 361], 1)
    assert off_board.max() < -1000


@pytest.mark.parametrize("kind", ["residual", "plain"])
def test_sparing_the_mask_changes_nothing_where_boards_fill_their_planes(kind):
    net, planes = lively(SHAPES[kind]), go.features(positions(9))
    masked = answers(net, planes)
    net.padded = False
    for with_mask, without in zip(masked, answers(net, planes), strict=True):
        np.testing.assert_allclose(with_mask, without, atol=1e-5)


def test_folding_batch_norms_changes_nothing():
    net, planes = lively(SHAPES["residual"]), go.features(positions(9))
    folded = networks.folded(net)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in folded.modules())
    assert any(isinstance(part, torch.nn.BatchNorm2d) for part in net.modules())
    for before, after in zip(answers(net, planes), answers(folded, planes), strict=True):
        np.testing.assert_allclose(before, after, atol=1e-5)


@pytest.mark.parametrize("kind", SHAPES)
def test_every_weight_learns(kind):
    torch.manual_seed(1)
    net = PolicyValueNet(SHAPES[kind])
    optimiser = torch.optim.SGD(net.parameters(), 0.1)
    before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    planes = torch.from_numpy(go.features(positions(9)))
    for _ in range(2):  # a new block's first convolution has no gradient until its second one speaks
        logits, values = net(planes)
        loss = torch.zeros(())
        if logits is not None:
            loss = loss + torch.nn.functional.cross_entropy(logits, torch.arange(6))
        if values is not None:
            loss = loss + (values - torch.tensor([1, -1, 1, 1, -1, 1])).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert [name for name, weight in net.named_parameters() if torch.equal(weight, before[name])] == []


def test_a_new_network_is_undecided():
    torch.manual_seed(1)
    logits, values = answers(PolicyValueNet(NetworkShape(game="go")).eval(), go.features(positions(19)))
    assert np.ptp(logits, axis=1).max() < 10
    assert np.abs(values).max() < 0.9


@pytest.mark.parametrize("heads", [("policy",), ("value",)])
def test_a_network_may_have_one_head(heads):
    logits, values = answers(
        PolicyValueNet(NetworkShape(game="go", blocks=1, channels=8, heads=heads)), go.features(positions(9))
    )
    assert [logits is None, values is None] == [heads == ("value",), heads == ("policy",)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"kind": "transformer"}, "no network of kind 'transformer'; choose one of residual, plain"),
        ({"heads": ["policy", "moves"]}, "has the heads policy and value, or one of them"),
        ({"channels": 0}, "at least one block, channel"),
        ({"depth": 3}, "no setting 'depth'; there are game, kind, blocks"),
    ],
)
def test_a_shape_that_cannot_be_built_is_refused(words, sentence):
    with pytest.raises(ValueError, match=sentence):
        NetworkShape.read({"game": "go"} | words)


def test_a_shape_survives_json():
    for shape in SHAPES.values():
        assert NetworkShape.read(json.loads(json.dumps(shape.write()))) == shape


# --- files ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    """Return a function that writes a model once: its network of 16-bit weights, its folder, what was told."""

    @cache
    def write(name):
        folder, net = tmp_path_factory.mktemp(name), networks.halved(lively(SHAPES[name])).float()
        return net, folder, networks.write_model(net, folder, models.describe("go", steps=7))

    return write


@pytest.fixture(params=SHAPES)
def written(request, write):
    return write(request.param)


def test_a_model_folder_holds_one_file_of_each_kind_and_tells_of_itself(written):
    net, folder, _ = written
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.onnx", "model.safetensors"]
    model = models.find(folder)
    assert NetworkShape.read(model.about["shape"]) == net.shape
    assert (model.about["steps"], model.about["export"]["top1"]) == (7, 1)


def test_weights_come_back(written):
    net, folder, _ = written
    again, planes = networks.load(folder).eval(), go.features(positions(9))
    assert again.shape == net.shape
    for before, after in zip(answers(net, planes), answers(again, planes), strict=True):
        assert (before is None and after is None) or (before == after).all()


def test_rounded_weights_choose_the_same_moves():
    net, planes = lively(SHAPES["residual"]), go.features(positions(9))
    exact, rounded = answers(net, planes), answers(networks.halved(net).float(), planes)
    assert (exact[0].argmax(1) == rounded[0].argmax(1)).all()
    assert 0 < np.abs(exact[0] - rounded[0]).max() < 0.02


def test_the_onnx_file_agrees(written):
    *_, parity = written
    assert (parity.positions, parity.top1) == (32, 1)
    assert parity.policy_difference < 1e-4
    assert parity.value_difference < 1e-5


@pytest.mark.parametrize("size", [9, 19])
def test_all_engines_agree(written, size):
    net, folder, _ = written
    planes = go.features(positions(size))
    engines = [OnnxNetwork(folder / models.ONNX), TorchNetwork(net)]
    if pytest.importorskip("openvino", reason="OpenVINO exists for x86-64 only"):
        engines.append(OpenVinoNetwork(folder / models.ONNX))
    (priors, values), *others = [engine(planes) for engine in engines]
    for other_priors, other_values in others:
        np.testing.assert_allclose(other_priors, priors, rtol=1e-3)
        np.testing.assert_allclose(other_values, values, atol=1e-4)


def test_bfloat16_keeps_the_best_moves(written):
    net, folder, _ = written
    boards = [go.features(positions(9, 32, seed)) for seed in range(4)]
    reference = OnnxNetwork(folder / models.ONNX)
    for engine in (OpenVinoNetwork(folder / models.ONNX, "bf16"), TorchNetwork(net, bfloat16=True)):
        told = agreement(engine, reference, boards)
        assert told.top1 > 0.9
        assert told.value_difference < 0.05


def test_a_written_model_plays(written):
    _, folder, _ = written
    states = positions(9)
    priors, values = choose(models.find(folder))(go, states)
    assert priors.shape in ((6, 82), (6, 0))
    np.testing.assert_allclose(priors.sum(1), 1 if priors.shape[1] else 0, rtol=1e-5)
    assert np.abs(values).max() <= 1


def test_eight_bit_numbers_are_near(write, tmp_path):
    copytree(write("residual")[1], tmp_path, dirs_exist_ok=True)
    model, states = models.find(tmp_path), positions(9)
    with pytest.raises(ValueError, match=r"int8: there is no model\.int8\.onnx"):
        choose(model, "int8")
    boards = [go.features(positions(9, 32, seed)) for seed in range(3)]
    lost = write_int8(model, boards[:2], boards[2:])
    assert models.find(tmp_path).about["int8"]["top1"] == lost.top1 > 0.7
    assert "eight-bit" in choose(model, "int8").why
    assert "eight-bit" not in choose(model).why
    exact, near = choose(model, "onnxruntime")(go, states), choose(model, "int8")(go, states)
    assert 0 < np.abs(exact[0] - near[0]).max() < 0.1
    assert 0 < np.abs(exact[1] - near[1]).max() < 0.1


def test_the_torch_network_takes_over_what_was_learned():
    net, states = lively(SHAPES["residual"]), positions(9)
    network = TorchNetwork(net)
    evaluator = NetworkEvaluator(network)
    before = evaluator(go, states)[1]
    with torch.no_grad():
        net.value.last.bias += 0.3
    assert (evaluator(go, states)[1] == before).all()
    network.update(net)
    assert (np.abs(evaluator(go, states)[1]) != np.abs(before)).all()


def test_what_holds_no_weights_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"holds no model\.safetensors: there is nothing to train on"):
        networks.load(tmp_path)
    (tmp_path / models.WEIGHTS).write_bytes(b"\0" * 100)
    with pytest.raises(ValueError, match="holds no network of Yomi's"):
        networks.load(tmp_path)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(tmp_path, wrong):
    net = PolicyValueNet(SHAPES["policy"])
    with torch.no_grad():
        next(net.parameters())[0] = wrong
    networks.save(net, tmp_path)
    with pytest.raises(ValueError, match=r"model\.safetensors holds no network of Yomi's: it has weights that are not"):
        networks.load(tmp_path)


def test_weights_of_another_network_are_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"words": torch.zeros(3)}, tmp_path / models.WEIGHTS)
    with pytest.raises(ValueError, match="holds no network of Yomi's"):
        networks.load(tmp_path)
    words = {"shape": json.dumps(SHAPES["residual"].write())}
    save_file({"words": torch.zeros(3)}, tmp_path / models.WEIGHTS, words)
    with pytest.raises(ValueError, match="holds no network of Yomi's"):
        networks.load(tmp_path)


def test_openvino_keeps_no_id_of_the_user_in_the_home(tmp_path):
    pytest.importorskip("openvino", reason="OpenVINO exists for x86-64 only")
    code = (
        "import sys; from engine.networks.runtimes import OpenVinoNetwork; from engine.networks import model; "
        "OpenVinoNetwork(model.find('connect_four').folder / model.ONNX); "
        "assert not [name for name, module in sys.modules.items() if 'openvino_telemetry' in name and module]"
    )
    own = os.environ | {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=own, check=True, timeout=120, cwd=Path(__file__).parents[3])
    assert not [path for path in tmp_path.rglob("*") if "intel" in str(path)]
