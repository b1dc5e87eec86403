"""Several processes learn as one does: threads, each with a rank of its own, stand in for those of `torchrun`."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")
pytest.importorskip("onnx", reason="snapshots are filled in with onnx, of the extra: train")

from engine.networks import model, towers  # noqa: E402
from engine.networks.towers import NetworkShape, lively  # noqa: E402
from training import devices, expert_iteration, policy_gradient, value_regression  # noqa: E402
from training.devices import ProcessGroup  # noqa: E402
from training.learner import STATE, read_tensors  # noqa: E402
from training.run import open_run, read_metrics  # noqa: E402

RANKS = 2
SMALL = {
    "game": "connect_four", "threads": "1", "compile": "no", "engine": "onnxruntime", "precision": "float32",
    "log_every": "1", "measure_every": "2", "warm_up": "0", "rate": "1e-2", "optimiser": "sgd",
}  # fmt: skip
STAGES = {
    policy_gradient: {"iterations": "3", "games": "16", "positions": "4", "batch": "16", "pool_every": "2",
                      "measured": "8"},
    value_regression: {"games": "60", "tested": "20", "task": "10", "steps": "4", "batch": "16", "playouts": "0"},
    expert_iteration: {"rate": "1e-3", "cycles": "1", "games": "24", "task": "6", "visits": "4", "batch": "16",
                       "passes": "1", "rollout_cycles": "1", "rollout_visits": "8"},
}  # fmt: skip


@pytest.fixture(scope="module")
def parent(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("parent")
    shape = NetworkShape(game="connect_four", blocks=1, channels=8, pool_every=0, head_channels=8)
    towers.write_model(lively(shape), folder, model.describe("connect_four"))
    return str(folder)


class Exchange:
    """What `torch.distributed` does, among threads."""

    def __init__(self):
        self.barrier, self.held = threading.Barrier(RANKS, timeout=60), [None] * RANKS
        self.here = threading.local()

    def all_gather_object(self, found, own):
        self.held[self.here.rank] = own
        self.barrier.wait()
        found[:] = self.held
        self.barrier.wait()

    def all_reduce(self, tensor):
        found = [None] * RANKS
        self.all_gather_object(found, tensor.clone())
        tensor.copy_(sum(found))


@pytest.fixture
def exchange(monkeypatch):
    made, cpu = Exchange(), torch.device("cpu")
    monkeypatch.setattr(
        devices, "distributed",
        SimpleNamespace(all_reduce=made.all_reduce, all_gather_object=made.all_gather_object,
                        barrier=lambda: made.barrier.wait()),
    )  # fmt: skip
    monkeypatch.setattr(
        ProcessGroup, "join",
        lambda *words: ProcessGroup(cpu, made.here.rank, RANKS) if hasattr(made.here, "rank") else ProcessGroup(cpu),
    )  # fmt: skip
    return made


@pytest.fixture(autouse=True)
def nothing_is_measured(monkeypatch):
    from training.connect_four import self_play

    monkeypatch.setattr(self_play, "measure", lambda evaluator: {"seen": 1.0})


def learn(stage, folder: Path, words: dict, silent: bool = False) -> dict:
    with open_run(folder, stage.Settings, [], words, False, silent) as run:
        stage.train(run)
    return read_tensors(folder / "checkpoints" / f"{stage_steps(words):09}" / STATE) if not silent else {}


def stage_steps(words: dict) -> int:
    return int(words.get("iterations") or words.get("steps") or words["cycles"])


def together(stage, exchange: Exchange, folder: Path, words: dict) -> dict:
    """Learn in one thread a rank; return what the first has written."""
    folder.mkdir()

    def work(rank: int) -> dict:
        exchange.here.rank = rank
        try:
            return learn(stage, folder, words, silent=rank > 0)
        except BaseException:
            exchange.barrier.abort()
            raise

    with ThreadPoolExecutor(RANKS) as pool:
        return next(iter(pool.map(work, range(RANKS))))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__.rpartition(".")[2])
def test_two_processes_learn_what_one_learns(stage, parent, exchange, tmp_path):
    words = SMALL | {"parent": parent} | STAGES[stage]
    alone = learn(stage, tmp_path / "alone", words)
    both = together(stage, exchange, tmp_path / "both", words)
    exact = stage is not expert_iteration  # there the norms learn, each from its part of a batch
    for name in alone:
        if name.startswith("net."):
            torch.testing.assert_close(both[name].float(), alone[name].float(), rtol=1e-2, atol=1e-4 if exact else 3e-2)
    lines = [read_metrics(tmp_path / name) for name in ("alone", "both")]
    for one, two in zip(*lines, strict=True):
        assert {name for name in one if not name.endswith("_share")} <= set(two)
    files = [{path.name for path in (tmp_path / name).rglob("*.npz")} for name in ("alone", "both")]
    assert files[0] == files[1]


def test_games_of_processes_are_those_of_one(parent, exchange, tmp_path):
    words = SMALL | {"parent": parent} | STAGES[policy_gradient]
    settings = open_run(tmp_path / "run", policy_gradient.Settings, [], words, False).settings

    def played(rank: int | None):
        if rank is not None:
            exchange.here.rank = rank
        stage = policy_gradient.PolicyGradient(settings, tmp_path / "pool")
        network = stage.network(stage.parent)
        return stage._play(7, 15, network, network)

    one = played(None)
    with ThreadPoolExecutor(RANKS) as pool:
        for games in pool.map(played, range(RANKS)):
            assert games.lengths.tolist() == one.lengths.tolist()
            assert (games.moves == one.moves).all()
            assert games.learners.tolist() == one.learners.tolist()


def test_what_another_process_has_not_left_here_is_told(tmp_path):
    from training.replay_window import ReplayWindow
    from training.self_play import SelfPlayTask

    window = ReplayWindow(tmp_path, "connect_four", 100, 0.5)
    with pytest.raises(ValueError, match="is missing: all processes of a run need the same folder"):
        window.found(SelfPlayTask("connect_four", "", 1, 0, 0, 4))
