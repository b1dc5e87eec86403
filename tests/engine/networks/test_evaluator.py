"""Evaluators around a toy network of a few ONNX nodes, whose answers three lines of numpy check."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine.clock import Limit
from engine.go import fits
from engine.go.bench_network import network_rows, search_row
from engine.networks import evaluator as ev
from engine.networks import model as models
from engine.networks.evaluator import Cached, NetworkEvaluator, Turned, choose
from engine.networks.runtimes import OnnxNetwork, OpenVinoNetwork
from engine.players import SearchPlayer
from engine.search import SearchSettings
from games import go
from games.game import Position
from games.go import board as go_board
from games.go import planes as go_features

PLANES = go_features.COUNT
FIRST_OF = {name: first for name, first, _ in go_features.PLANES}
PASS_LOGIT = 0.25

WEIGHTS = np.zeros(PLANES, np.float32)
WEIGHTS[FIRST_OF["capture size"] : FIRST_OF["capture size"] + 8] = 3
WEIGHTS[0:2] = 0.5, -0.5


def toy_file(path, name="planes", kind="UINT8", policy="policy", planes=PLANES):
    """Write the network: a point's logit is the weighted sum of its planes, the pass's is PASS_LOGIT, and the value
    is tanh of the weighted mean."""
    onnx = pytest.importorskip("onnx", reason="the toy network is built with onnx, of the extra: train")
    from onnx import TensorProto, helper, numpy_helper

    node = helper.make_node
    nodes = [
        node("Cast", [name], ["x"], to=TensorProto.FLOAT),
        node("Conv", ["x", "weights"], ["points"]),
        node("Flatten", ["points"], ["flat"]),
        node("Slice", ["flat", "zero", "first", "one"], ["corner"]),
        node("Mul", ["corner", "nought"], ["none"]),
        node("Add", ["none", "pass"], ["skip"]),
        node("Concat", ["flat", "skip"], [policy], axis=1),
        node("ReduceMean", ["flat", "one"], ["mean"], keepdims=0),
        node("Tanh", ["mean"], ["value"]),
    ]
    constants = {
        "weights": WEIGHTS.reshape(1, PLANES, 1, 1),
        "zero": np.array([0]),
        "first": np.array([1]),
        "one": np.array([1]),
        "nought": np.float32(0),
        "pass": np.float32(PASS_LOGIT),
    }
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info(name, getattr(TensorProto, kind), ["batch", planes, "side", "side"])],
        [
            helper.make_tensor_value_info(policy, TensorProto.FLOAT, ["batch", "moves"]),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, ["batch"]),
        ],
        [numpy_helper.from_array(np.asarray(array), key) for key, array in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
    return path


def toy_answers(planes):
    """Return what the toy answers, as numpy computes it."""
    points = np.einsum("p,bphw->bhw", WEIGHTS, planes.astype(np.float32)).reshape(len(planes), -1)
    logits = np.concatenate([points, np.full((len(planes), 1), PASS_LOGIT)], 1)
    powers = np.exp(logits)
    return powers / powers.sum(1, keepdims=True), np.tanh(points.mean(1))


def toy_model(folder, **about):
    """Make a model folder of the toy."""
    folder.mkdir(parents=True, exist_ok=True)
    toy_file(folder / models.ONNX)
    models.write_description(folder, models.describe("go", **about))
    return models.read(folder)


def games_states(size, count, seed=1, moves=30):
    """Return positions after random moves, [count, W]."""
    states = np.repeat(go.start(size)[None], count, axis=0)
    random = np.random.default_rng(seed)
    for _ in range(moves):
        legal, _, counts = go.legal(states)
        chosen = random.integers(0, np.maximum(counts - 1, 1))  # no passes
        go.play(states, legal[np.arange(count), chosen])
    return states


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return toy_file(tmp_path_factory.mktemp("toy") / "model.onnx")


# --- engines ----------------------------------------------------------------------------------------------


def openvino_network(path, precision="f32"):
    pytest.importorskip("openvino", reason="OpenVINO exists for x86-64 only")
    return OpenVinoNetwork(path, precision)


@pytest.mark.parametrize("make", [OnnxNetwork, openvino_network])
@pytest.mark.parametrize(("size", "count"), [(9, 1), (9, 5), (9, 70), (13, 3), (19, 9)])
def test_engines_answer_as_numpy_does_for_any_batch_and_size(toy, make, size, count):
    planes = go.features(games_states(size, count))
    priors, values = make(toy)(planes)
    true_priors, true_values = toy_answers(planes)
    assert priors.dtype == values.dtype == np.float32
    np.testing.assert_allclose(priors, true_priors, rtol=1e-4)
    np.testing.assert_allclose(values, true_values, atol=1e-5)


def test_bfloat16_is_near(toy):
    planes = go.features(games_states(9, 16))
    priors, values = openvino_network(toy, "bf16")(planes)
    true_priors, true_values = toy_answers(planes)
    np.testing.assert_allclose(priors, true_priors, rtol=0.05)
    np.testing.assert_allclose(values, true_values, atol=0.01)


@pytest.mark.parametrize("make", [OnnxNetwork, openvino_network])
def test_several_threads_may_call_at_once(toy, make):
    network, batches = make(toy), [go.features(games_states(9, 1 + seed % 5, seed)) for seed in range(24)]
    with ThreadPoolExecutor(4) as pool:
        for planes, (priors, _) in zip(batches, pool.map(network, batches), strict=True):
            np.testing.assert_allclose(priors, toy_answers(planes)[0], rtol=1e-4)


def test_a_provider_that_does_not_load_is_told(toy):
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers() or ev._has_nvidia():
        pytest.skip("needs onnxruntime-gpu on a machine without a GPU")
    with pytest.raises(RuntimeError, match="CUDAExecutionProvider did not load"):
        OnnxNetwork(toy, "CUDAExecutionProvider")


@pytest.mark.parametrize("make", [OnnxNetwork, openvino_network])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"name": "image"}, "takes image .*, not planes"),
        ({"kind": "FLOAT"}, "takes planes .*, not planes, bytes of"),
        ({"policy": "probabilities"}, "answers probabilities, value, not policy and value"),
        ({"planes": "some"}, "does not say how many planes it takes"),
    ],
)
def test_a_network_with_other_inputs_or_outputs_is_refused(tmp_path, make, words, sentence):
    with pytest.raises(ValueError, match=sentence):
        make(toy_file(tmp_path / "other.onnx", **words))


@pytest.mark.parametrize("make", [OnnxNetwork, openvino_network])
def test_a_file_that_is_no_network_is_refused(tmp_path, make):
    (tmp_path / "model.onnx").write_bytes(b"these are not the nodes that you are looking for")
    with pytest.raises(ValueError, match=r"model\.onnx cannot be (run|read)"):
        make(tmp_path / "model.onnx")


# --- whose view, which symmetry ---------------------------------------------------------------------------


def corner_watcher(planes):
    """A network that likes the top left corner, and the mover the more the more own stones are in it."""
    batch, side = len(planes), planes.shape[-1]
    priors = np.full((batch, side * side + 1), 0.1, np.float32)
    priors[:, 1] = 0.9
    return priors, planes[:, 0, 0, 0].astype(np.float32)


def test_values_are_the_first_players():
    black, _ = go_board.parse("X....\n.....\n.....\n.....\n.....")
    white, _ = go_board.parse("O....\n.....\n.....\n.....\n.....", to_play=go_board.SECOND)
    _, values = NetworkEvaluator(corner_watcher)(go, np.stack([black, white]))
    assert values.tolist() == [1, -1]  # each side is pleased with its own stone


def test_all_symmetries_are_averaged():
    state, named = go_board.parse("X.a.X\n.....\nb....\n.....\n....X")
    priors, values = NetworkEvaluator(Turned(corner_watcher, "go", "all"))(go, state[None])
    assert values[0] == pytest.approx(3 / 4)
    near_a_corner = [1, 3, 5, 9, 15, 19, 21, 23]
    np.testing.assert_allclose(priors[0, near_a_corner], 0.1 + 0.8 / 8, rtol=1e-5)
    np.testing.assert_allclose(priors[0, [*named["a"], *named["b"], 25]], 0.1, rtol=1e-5)


def test_a_random_symmetry_is_one_of_eight_and_the_same_when_asked_again():
    states = games_states(5, 200, moves=4)
    evaluator = NetworkEvaluator(Turned(corner_watcher, "go", "random"))
    priors, _ = evaluator(go, states)
    seen = priors.argmax(1)
    assert set(seen) == {1, 3, 5, 9, 15, 19, 21, 23}
    assert (evaluator(go, states[::-1])[0].argmax(1) == seen[::-1]).all()
    assert (NetworkEvaluator(Turned(corner_watcher, "go", seed=2))(go, states)[0].argmax(1) != seen).any()


@pytest.mark.parametrize("how", ["random", "all"])
def test_a_network_that_treats_points_alike_answers_the_same_under_any_symmetry(toy, how):
    planes, network = go.features(games_states(9, 20)), OnnxNetwork(toy)
    for plain, seen_turned in zip(network(planes), Turned(network, "go", how)(planes), strict=True):
        np.testing.assert_allclose(plain, seen_turned, rtol=1e-5, atol=1e-7)


def test_an_unknown_symmetry_is_refused(tmp_path):
    with pytest.raises(ValueError, match="choose one of none, random, all"):
        choose(toy_model(tmp_path / "toy"), symmetries="some")


# --- the cache --------------------------------------------------------------------------------------------


class Counting:
    """A network that counts the positions it is shown."""

    def __init__(self):
        self.shown = 0

    def __call__(self, planes):
        self.shown += len(planes)
        priors, values = toy_answers(planes)
        return priors.astype(np.float32), values.astype(np.float32)


def test_the_cache_answers_what_the_network_did():
    planes, network = go.features(games_states(9, 40)), Counting()
    cached, truth = Cached(network), Counting()(planes)
    for rows in ([0, 1, 2], [2, 3, 0], range(40), range(39, -1, -1)):
        for kept, true in zip(cached(planes[rows]), truth, strict=True):
            assert (kept == true[rows]).all()
    assert network.shown == 40
    assert (cached.asked, cached.known) == (86, 46)


def test_a_cache_of_few_places_forgets_but_never_mixes():
    network = Counting()
    cached = Cached(network, megabytes=0.0005)  # one place on 9x9, several on 5x5
    boards = {size: go.features(games_states(size, 30, moves=9)) for size in (9, 5)}
    random = np.random.default_rng(1)
    for _ in range(100):
        planes = boards[random.choice([9, 5])]
        rows = random.integers(0, 30, 7)
        for kept, true in zip(cached(planes[rows]), toy_answers(planes[rows]), strict=True):
            np.testing.assert_allclose(kept, true, rtol=1e-5)
    assert 0 < cached.known < cached.asked


def test_the_cache_sees_ko_last_moves_komi_rules_and_whose_turn_it_is():
    ko, named = go_board.parse(".XO..\nX.aO.\n.XO..\n.....\n.....", to_play=go_board.SECOND)
    capturing = Position(go, ko)
    go_a = named["a"][0]
    assert capturing.why_not(go_a - 1) == ""  # White takes the ko
    other = go_board.parse(".XO..\nX.aO.\n.XO..\n.....\n.....", komi=6.5)[0]
    taken = Position(go, ko)
    taken.play(go_a - 1)
    passed = Position(go, ko)
    passed.play(25)
    states = [ko, other, taken.state, passed.state, go.with_turn(ko, 0)]
    states.append(go_board.parse(".XO..\nX.aO.\n.XO..\n.....\n.....", rules="japanese", to_play=go_board.SECOND)[0])
    assert len(set(ev.fingerprints(go.features(np.stack(states))).tolist())) == len(states)


def test_the_same_position_by_another_way_is_known_once_the_difference_is_eight_moves_old():
    first, other, then = [0, 30, 8, 40], [8, 40, 0, 30], [72, 44, 80, 41, 4, 76, 36, 77]
    network = Counting()
    evaluator = NetworkEvaluator(Cached(network))
    for moves in (first + then, other + then, first + then[:-1], other + then[:-1], other + then[:-2]):
        evaluator(go, after(moves)[None])
    assert network.shown == 3
    evaluator(go, after(first + then[:-2])[None])
    assert network.shown == 4  # here the first of the eight moves is not the same


def after(moves):
    """Return the position on 9x9 after moves."""
    position = Position(go, go.start(9))
    for move in moves:
        position.play(move)
    return position.state


def test_fingerprints_tell_single_bytes_apart():
    planes = np.zeros((8 * 56 * 9, 8, 3, 3), np.uint8)
    planes.reshape(len(planes), -1)[np.arange(72 * 56) % len(planes), np.arange(72 * 56) % 72] = 1
    planes.reshape(len(planes), -1)[np.arange(len(planes)), 5] += (np.arange(len(planes)) // 72).astype(np.uint8)
    keys = ev.fingerprints(planes)
    assert len(set(keys.tolist())) == len(np.unique(planes.reshape(len(planes), -1), axis=0))
    assert 0 not in keys


def test_forgetting():
    planes, network = go.features(games_states(5, 3)), Counting()
    cached = Cached(network)
    cached(planes)
    cached.forget()
    cached(planes)
    assert network.shown == 6


# --- models -----------------------------------------------------------------------------------------------


def test_a_model_plays(tmp_path):
    evaluator = choose(toy_model(tmp_path / "toy"))
    assert evaluator.why
    state, named = go_board.parse(
        """
        .....
        .XXX.
        XOOOa
        .XXX.
        .....
        """
    )
    player = SearchPlayer("toy", evaluator, SearchSettings(wave=8), Limit(visits=64))
    assert player.choose(Position(go, state)) == named["a"][0]  # the toy's prior: capture


def test_the_first_engine_that_runs_is_chosen_and_the_others_are_explained(tmp_path, monkeypatch):
    def broken(path):
        raise RuntimeError("Check 'wheels' failed at cart.cpp:12:\n  it has no wheels\n")

    def silly(path):
        return lambda planes: (np.full((len(planes), 82), np.nan), np.zeros(len(planes))), "silly"

    model = toy_model(tmp_path / "toy")
    monkeypatch.setattr(ev, "ENGINES", {"broken": broken, "silly": silly, "onnxruntime": ev.ENGINES["onnxruntime"]})
    evaluator = choose(model)
    assert evaluator.name == "onnxruntime"
    assert "broken: it has no wheels; silly: its answer to an empty board is not a number" in evaluator.why
    assert evaluator.fallback.startswith("the network runs in onnxruntime, since broken failed: it has no wheels;")
    with pytest.raises(ValueError, match="runs nowhere here: broken: it has no wheels"):
        choose(model, "broken")
    with pytest.raises(ValueError, match="there is no engine 'abacus'; choose auto or one of broken, silly"):
        choose(model, "abacus")


def test_an_engine_that_is_not_here_has_not_failed(tmp_path, monkeypatch):
    def uninstalled(path):
        raise ModuleNotFoundError("No module named 'abacus'")

    monkeypatch.setattr(ev, "_has_nvidia", lambda: False)
    own = {name: ev.ENGINES[name] for name in ("cuda", "onnxruntime")}
    monkeypatch.setattr(ev, "ENGINES", {"abacus": uninstalled, **own})
    evaluator = choose(toy_model(tmp_path / "toy"))
    assert "abacus: No module named 'abacus'; cuda: there is no NVIDIA GPU" in evaluator.why
    assert evaluator.fallback == ""


@pytest.mark.parametrize("words", [{"symmetries": "all"}, {"symmetries": "random"}, {"cache": 0}])
def test_options_change_nothing_for_a_network_without_a_taste(tmp_path, words):
    model, states = toy_model(tmp_path / "toy"), games_states(9, 6)
    plain, optional = choose(model, "onnxruntime")(go, states), choose(model, "onnxruntime", **words)(go, states)
    for mine, other in zip(plain, optional, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-7)


def test_a_network_that_sees_other_planes_runs_nowhere(tmp_path):
    folder = tmp_path / "toy"
    toy_model(folder)
    about = json.loads((folder / models.DESCRIPTION).read_text())
    about["planes"] = about["planes"][:-1]
    models.write_description(folder, about)
    with pytest.raises(ValueError, match=r"model\.onnx takes 56 planes, and its model\.json tells of 55"):
        choose(models.read(folder))
    with pytest.raises(ValueError, match="other input planes than this Yomi shows: it has 55 planes, and there are 56"):
        models.check(models.read(folder), "go")


def test_benchmark_rows_name_engine_network_size_and_batch():
    rows = [*network_rows(toy_answers, "numpy", "toy", 9, 0.05), search_row(toy_answers, "numpy", "toy", 9, 0.05)]
    names = [f"network-numpy-toy-9-b{batch}" for batch in (8, 16, 32)]
    assert [row.name for row in rows] == [*names, "search-vs-raw-toy-9-w16"]
    assert all(row.rate > 0 for row in rows)
    assert rows[2].ratio == 1  # no figure to beat: its own best batch
    assert 0 < rows[-1].ratio < 1.3


def test_agreement_counts_the_same_best_moves():
    boards = [go.features(games_states(9, 8, seed)) for seed in (1, 2)]
    same = ev.agreement(toy_answers, toy_answers, boards)
    assert (same.positions, same.top1, same.prior_difference) == (16, 1, 0)

    def contrary(planes):
        priors, values = toy_answers(planes)
        priors[:4] = 1 - priors[:4]
        return priors, values + 0.5

    other = ev.agreement(contrary, toy_answers, boards)
    assert other.top1 == 0.5
    assert other.value_difference == pytest.approx(0.5)


# --- model folders ----------------------------------------------------------------------------------------


def test_a_model_is_found_by_folder_and_by_run(tmp_path):
    for step in (900, 1000):
        toy_model(tmp_path / "run" / "models" / f"{step:09}")
    assert models.find(tmp_path / "run").folder.name == "000001000"
    assert models.find(str(tmp_path / "run" / "models")).folder.name == "000001000"
    assert models.find(tmp_path / "run" / "models" / "000000900").folder.name == "000000900"


def test_shipped_models_are_found_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "SHIPPED", tmp_path)
    toy_model(tmp_path / "small")
    assert models.shipped() == ["small"]
    assert models.find("small").name == "small"
    with pytest.raises(ValueError, match="no model 'large': name a folder, or one of those that ship: small"):
        models.find("large")


def test_a_model_may_have_another_for_boards_of_one_size(tmp_path):
    toy_model(tmp_path / "model")
    shutil.copytree(tmp_path / "model", tmp_path / "model" / "9x9")
    (tmp_path / "model" / "notes x 3").mkdir()
    found = models.find(tmp_path / "model")
    assert list(found.boards) == [9]
    assert [found.on(kind).folder.name for kind in ("9x9", "19x19", "")] == ["9x9", "model", "model"]
    asked = []
    chosen = ev.choose(found, "onnxruntime", cache=0)
    chosen(go, go.start(13)[None])
    assert not chosen.network.others  # it is opened when it is needed
    chosen(go, go.start(9)[None])
    chosen.network.others[9] = lambda planes: asked.append(planes.shape) or toy_answers(planes)
    for size in (9, 13):
        chosen(go, go.start(size)[None])
    assert [shape[-1] for shape in asked] == [9]
    (tmp_path / "model" / "9x9" / "model.onnx").write_bytes(b"")
    with pytest.raises(ValueError, match="9x9 runs nowhere here: onnxruntime:"):
        ev.choose(found, "onnxruntime")(go, go.start(9)[None])


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"")
    with pytest.raises(ValueError, match=r"is a file; a model is a folder with model\.json"):
        models.find(tmp_path / "net.onnx")
    with pytest.raises(ValueError, match="is no model and no run that has one yet"):
        models.find(tmp_path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not JSON"),
        ("[1]", "describes no model"),
        ('{"game": "go"}', "does not say 'sizes'"),
        ('{"game": "go", "sizes": [9], "komi": [0, 1], "planes": []}', "describes no model"),
        ('{"game": "go", "sizes": [9, 9], "komi": [0, 1], "planes": [], "format": 2}', "is of format 2"),
    ],
)
def test_a_broken_description_is_refused(tmp_path, text, sentence):
    (tmp_path / models.DESCRIPTION).write_text(text)
    with pytest.raises(ValueError, match=sentence):
        models.find(tmp_path)


def test_a_model_without_its_network_is_refused(tmp_path):
    model = toy_model(tmp_path)
    model.onnx.unlink()
    with pytest.raises(ValueError, match=r"has no model\.onnx to play with"):
        choose(model)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"game": "backgammon"}, "plays go, not backgammon"),
        ({"game": "go", "size": 25}, "plays boards of size 9 to 19, not 25"),
        ({"game": "go", "size": 9, "komi": 40}, "knows komi from 0 to 10, not 40"),
        ({"game": "go", "size": 13, "komi": 7.5}, ""),
    ],
)
def test_a_model_says_why_it_cannot_play(tmp_path, asked, reason):
    model = toy_model(tmp_path / "small", sizes=(9, 19), komi=(0, 10))
    assert reason in models.why_not(model, **asked)
    assert bool(models.why_not(model, **asked)) == bool(reason)


def test_planes_of_other_meaning_are_refused(tmp_path):
    planes = [list(plane) for plane in fits.OURS]
    planes[3][0] = "freedoms"
    model = toy_model(tmp_path / "small", planes=planes)
    assert "it has 8 of 'freedoms' where there are 8 of 'liberties'" in models.why_not(model, "go")


def test_a_signal_is_survived_after_another_thread_dropped_the_network():
    pytest.importorskip("openvino", reason="OpenVINO exists for x86-64 only")
    code = (
        "import gc, os, signal, threading\n"
        "from engine.networks.evaluator import choose\n"
        "from engine.networks.model import find\n"
        "held = [choose(find('go'), 'openvino')]\n"
        "dropping = threading.Thread(target=lambda: (held.clear(), gc.collect()))\n"
        "dropping.start(); dropping.join()\n"
        "signal.signal(signal.SIGINT, lambda *_: print('heeded'))\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "heeded\n")
