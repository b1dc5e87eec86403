"""Value regression: which positions are kept, that the value learns and the policy stays, and what is measured."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")
pytest.importorskip("onnx", reason="snapshots are filled in with onnx, of the extra: train")

from engine.networks import model, towers  # noqa: E402
from engine.networks.towers import NetworkShape, lively  # noqa: E402
from engine.settings import resolve  # noqa: E402
from games import connect_four, go  # noqa: E402
from games.game import NOBODY  # noqa: E402
from training import value_regression  # noqa: E402
from training.learner import STATE, read_tensors  # noqa: E402
from training.report import meaning_of  # noqa: E402
from training.run import open_run, read_metrics  # noqa: E402
from training.self_play import SelfPlayTask  # noqa: E402
from training.value_games import ValuePositions, moves_before, play_for_values, read_positions, write_positions  # noqa: E402
from training.value_regression import Settings, ValueRegression  # noqa: E402

SHAPE = NetworkShape(game="connect_four", blocks=1, channels=8, pool_every=0, head_channels=8)
SMALL = {
    "game": "connect_four", "games": "400", "tested": "100", "task": "50", "prefix": "0.7", "steps": "120",
    "batch": "64",
    "threads": "1", "compile": "no", "measure_every": "60", "log_every": "20", "playouts": "4", "warm_up": "0",
    "rate": "1e-2", "average": "0.9", "checkpoint_minutes": "0", "engine": "onnxruntime",
}  # fmt: skip
TASK = SelfPlayTask("connect_four", "", 1, 0, 0, 40)


def evenly(planes):
    """A network that finds every column alike."""
    return np.full((len(planes), 7), 1 / 7, np.float32), np.zeros(len(planes), np.float32)


def leftmost(planes):
    """A network that plays the leftmost column that is free."""
    return np.tile(np.float32(1e-9) ** np.arange(7, dtype=np.float32), (len(planes), 1)), np.zeros(len(planes))


@pytest.fixture(scope="module")
def parent(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("parent")
    towers.write_model(lively(SHAPE), folder, model.describe("connect_four"))
    return str(folder)


def learn(folder: Path, parent: str, resume: bool = False, **words):
    with open_run(folder, Settings, [], SMALL | {"parent": parent} | words, resume) as run:
        value_regression.train(run)
    return run.folder


@pytest.fixture(scope="module")
def learned(parent, tmp_path_factory) -> Path:
    return learn(tmp_path_factory.mktemp("run") / "run", parent)


def discs(states: np.ndarray) -> list[int]:
    return [int(state[0] | state[1]).bit_count() for state in states]


# --- positions --------------------------------------------------------------------------------------------


def test_one_position_a_game_is_kept_behind_its_random_move():
    positions = play_for_values(TASK, evenly, evenly, prefix=6, longest=50)
    assert 30 < len(positions.states) <= 40
    assert set(discs(positions.states)) <= set(range(1, 7))
    assert len(set(discs(positions.states))) > 3
    assert (connect_four.turn(positions.states) != NOBODY).all()
    assert set(positions.outcomes.tolist()) <= {-1.0, 0.0, 1.0}


def test_a_greater_board_has_positions_after_more_moves():
    assert [moves_before(0.75, SelfPlayTask("go", size, 1, 0, 0, 1)) for size in ("9", "19")] == [61, 271]


@pytest.mark.parametrize(("temperature", "alike"), [(0.0, True), (1.0, False)])
def test_at_temperature_0_a_position_has_one_result(temperature, alike):
    played = play_for_values(replace(TASK, count=200), leftmost, evenly, 2, 50, temperature=temperature)
    results: dict[bytes, set[float]] = {}
    for state, outcome in zip(played.states, played.outcomes, strict=True):
        results.setdefault(state.tobytes(), set()).add(float(outcome))
    assert len(results) == 14  # a random disc, or one in the first column and a random one
    assert all(len(each) == 1 for each in results.values()) == alike


def test_the_beginning_is_one_policy_s_the_rest_another_s():
    games = play_for_values(TASK, leftmost, evenly, prefix=4, longest=50)
    for state, count in zip(games.states, discs(games.states), strict=True):
        left = int((state[0] | state[1]) & np.uint64(0x7F)).bit_count()
        assert left >= count - 1  # all but the random move


def test_whole_games_give_every_position():
    positions = play_for_values(TASK, evenly, evenly, prefix=6, longest=50, whole=True)
    counts = discs(positions.states)
    assert counts.count(0) == 40
    assert len(counts) > 400


def test_results_are_those_of_the_side_to_play():
    positions = ValuePositions(np.zeros((3, 3)), np.array([1.0, 1.0, -1.0], np.float32))
    assert positions.results(np.array([0, 1, 1])).tolist() == [1.0, -1.0, 1.0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "holds no positions"),
        (lambda path: path.write_bytes(b""), "holds no positions"),
        (lambda path: np.savez(path, states=np.zeros((2, 3), np.int8), outcomes=np.zeros(2)), "of this game and board"),
        (
            lambda path: np.savez(path, states=np.zeros((2, 3), np.uint64), outcomes=np.full(2, 3, np.float32)),
            "not between -1 and 1",
        ),
    ],
    ids=["cut off", "empty", "another game", "outcomes"],
)
def test_positions_that_are_damaged_are_refused(tmp_path, change, told):
    path = tmp_path / "positions" / "train.npz"
    positions = play_for_values(TASK, evenly, evenly, prefix=6, longest=50)
    write_positions(path, positions)
    assert np.array_equal(read_positions(path, connect_four.start()).states, positions.states)
    change(path)
    with pytest.raises(ValueError, match=told):
        read_positions(path, connect_four.start())


# --- the run ----------------------------------------------------------------------------------------------


def test_the_value_learns_and_the_policy_stays(learned):
    last = read_metrics(learned)[-1]
    assert last["train_error"] < last["floor"]
    assert last["spread"] > 0.1
    assert last["gap"] == pytest.approx(last["test_error"] - last["train_error"], abs=1e-4)
    assert next(line["policy_kept"] for line in reversed(read_metrics(learned)) if "policy_kept" in line) < 0.05
    assert model.find(learned).about["measured"]["test_error"] == pytest.approx(last["test_error"], abs=1e-4)
    names = {name for line in read_metrics(learned) for name in line} - {"step"}
    assert {name for name in names if not meaning_of(name, ValueRegression.curves).meaning} == set()


def test_stopped_it_goes_on_with_the_same_weights_and_plays_nothing_again(learned, parent, tmp_path):
    learn(tmp_path / "run", parent, minutes="0.0001")
    played = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "positions").iterdir()}
    folder = learn(tmp_path / "run", parent, resume=True, minutes="0")
    assert {path: path.stat().st_mtime_ns for path in played} == played
    mine, others = (read_tensors(each / "checkpoints" / "000000120" / STATE) for each in (folder, learned))
    assert [name for name in mine if not torch.equal(mine[name], others[name])] == []


def test_rollouts_are_measured_on_the_same_positions(parent, tmp_path):
    settings = resolve(Settings, SMALL | {"parent": parent, "tested": "50"})
    stage = ValueRegression(settings, tmp_path / "positions")
    (positions,) = stage.positions("test").values()
    values = np.zeros(len(positions.states))
    for seeds in np.random.default_rng(1).integers(0, 2**62, (4, len(values)), np.uint64):
        values += connect_four.rollout(positions.states.copy(), seeds) / 4
    values *= np.where(connect_four.turn(positions.states) == 1, -1, 1)
    assert stage._rollouts_error(positions) == pytest.approx(np.mean((values - positions.results) ** 2), rel=1e-5)


def test_what_it_cannot_begin_with_is_told(parent, tmp_path):
    with pytest.raises(ValueError, match="value regression needs a network whose policy plays: parent ="):
        ValueRegression(resolve(Settings, SMALL), tmp_path)
    with pytest.raises(ValueError, match="there is only the usual board"):
        ValueRegression(resolve(Settings, SMALL | {"parent": parent, "boards": "9"}), tmp_path)
    with pytest.raises(ValueError, match="there is no model 'nobody'"):
        ValueRegression(resolve(Settings, SMALL | {"parent": parent, "early": "nobody"}), tmp_path)
    stage = ValueRegression(resolve(Settings, SMALL | {"parent": parent, "prefix": "1"}), tmp_path)
    stage.settings = replace(stage.settings, longest=1)
    with pytest.raises(ValueError, match="choose a smaller prefix"):
        stage.positions("train")


def test_on_kept_boards_the_network_learns_to_stay_what_it_was(tmp_path):
    (tmp_path / "parent").mkdir()
    towers.write_model(
        lively(NetworkShape(game="go", blocks=1, channels=8, pool_every=0, head_channels=8)),
        tmp_path / "parent",
        model.describe("go"),
    )
    words = {"game": "go", "boards": "3", "games": "60", "tested": "20", "steps": "4", "longest": "20", "playouts": "0"}
    words |= {"kept": "5", "kept_games": "40", "measure_every": "4", "log_every": "2"}
    with open_run(tmp_path / "run", Settings, [], SMALL | {"parent": str(tmp_path / "parent")} | words, False) as run:
        value_regression.train(run)
        stage = ValueRegression(run.settings, run.folder / value_regression.POSITIONS)
    assert len(list((run.folder / value_regression.POSITIONS).glob("kept-*.npz"))) == 1
    random = np.random.default_rng(1)
    states = stage.kept.draw(16, random)
    assert {len(go.colours(state)) for state in states} == {5}
    assert len({state.tobytes() for state in states}) > 8
    planes = stage.kept.planes(states, random)
    policies, values = stage.kept.answers(planes)
    with torch.no_grad():
        logits, expected = stage.parent(planes)
    assert torch.allclose(policies, logits.softmax(1), atol=0.01)  # bfloat16
    assert torch.allclose(values, expected, atol=0.02)
    assert list(stage.loss(planes)) == ["loss"]
    assert float(stage.loss(planes)["loss"].detach()) < 1e-3  # nothing has been learned here yet: it is the parent
    sizes = [batch[0].shape[-1] for batch in islice(stage.data(0), 4)]
    assert sorted(set(sizes)) == [3, 5]
    assert all((len(batch) == 1) == (size == 5) for batch, size in zip(stage.data(0), sizes, strict=False))
    half = ValueRegression(replace(run.settings, blend=0.5), run.folder / value_regression.POSITIONS)
    half.resume(run.checkpoint())
    ours, theirs, mixed = (
        next(iter(net.state_dict().values())) for net in (half.learner.average, half.parent, half.result())
    )
    assert not torch.equal(ours, theirs)
    assert torch.allclose(mixed, (ours + theirs) / 2)
    with pytest.raises(ValueError, match="kept = 3 is one of the boards, too"):
        ValueRegression(replace(run.settings, kept=("3",)), run.folder / value_regression.POSITIONS)
