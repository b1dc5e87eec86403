"""Imitation learns, can be killed and goes on as if nothing had happened, and leaves a model that plays."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import yomi
from engine.networks import model
from engine.networks.evaluator import choose
from games import go
from games.go import sgf, sgf_words
from training.go.dataset import Dataset, DatasetError, pack
from training.go.sources import open_games, practice_games
from training.report import meaning_of
from training.run import Run, open_run, read_metrics

torch = pytest.importorskip("torch")

from training.devices import ProcessGroup  # noqa: E402
from training.go.imitation import Imitation, Settings, batches_of, train  # noqa: E402
from training.learner import learning_rate  # noqa: E402

ROOT = Path(yomi.__file__).parent
ALONE = ProcessGroup(torch.device("cpu"))
SIZE = 7
WORDS = {
    "side": SIZE, "blocks": 2, "channels": 16, "head_channels": 8, "pool_every": 2, "batch": 64, "steps": 160,
    "warm_up": 10, "rate": 5e-3, "average": 0.95, "log_every": 1, "measure_every": 40, "measured": 300, "workers": 1,
    "checkpoint_minutes": 0.002, "compile": "no", "int8": True, "export_every": 1000,
}  # fmt: skip
TIMES = ("positions_per_s", "data_share", "learning_share", "measuring_share", "saving_share", "exporting_share")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the net is tiny, and others may be at work
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("games")
    sgf.save(folder / "games.sgf", practice_games(150, SIZE))
    pack([folder / "games.sgf"], folder / "packed")
    return folder / "packed"


@pytest.fixture(scope="module")
def settings(packed):
    return Settings(data=(str(packed),), **WORDS)


@pytest.fixture(scope="module")
def trained(settings, tmp_path_factory):
    """Return the folder of a run that nobody disturbed."""
    with Run(tmp_path_factory.mktemp("runs") / "whole", settings) as run:
        train(run)
    return run.folder


def curve(folder: Path) -> list[dict]:
    """Return what was logged, but the times."""
    return [{name: value for name, value in line.items() if name not in TIMES} for line in read_metrics(folder)]


def stage_of(settings: Settings, packed: Path) -> Imitation:
    return Imitation(settings, ALONE, Dataset(packed), Dataset(packed))


def last(folder: Path, name: str) -> float:
    return next(line[name] for line in reversed(read_metrics(folder)) if name in line)


# --- learning ---------------------------------------------------------------------------------------------


def test_it_learns_from_a_few_games(trained):
    uniform = -np.log(1 / (SIZE * SIZE + 1))
    assert last(trained, "log_loss") < uniform - 1.5
    assert last(trained, "top1") > 0.35
    assert last(trained, "top5") > 0.75
    assert last(trained, "value_mse") < 1
    assert [line["step"] for line in read_metrics(trained) if "top1" in line] == [40, 80, 120, 160]


def test_a_run_folder_is_whole(trained):
    names = {path.name for path in trained.iterdir()}
    assert {"settings.toml", "metrics.jsonl", "checkpoints", "models", "report.html"} <= names
    assert any(name.startswith("events") for name in names)
    assert not list(trained.rglob("*.aside"))


def test_every_number_of_the_log_has_a_meaning_in_the_report(trained):
    names = {name for line in read_metrics(trained) for name in line} - {"step"}
    assert {name for name in names if not meaning_of(name, Imitation.curves).meaning} == set()


def test_the_model_of_a_run_plays_as_it_was_measured(trained, settings):
    found = model.find(trained)
    assert found.about["steps"] == 160
    assert found.about["accuracy"]["top1"] == last(trained, "top1")
    for engine in ("onnxruntime", "int8"):
        priors, values = choose(found, engine)(go, go.start(SIZE)[None])
        assert priors.shape == (1, SIZE * SIZE + 1)
        assert abs(values[0]) <= 1
    assert 0.8 < found.about["int8"]["top1"] <= 1


def test_batches_begin_anywhere(settings, packed):
    games = Dataset(packed)
    with batches_of(games, settings, ALONE, 0) as first, batches_of(games, settings, ALONE, 3) as later:
        wanted, found = next(islice(first, 3, None)), next(later)
    assert all(torch.equal(one, other) for one, other in zip(wanted, found, strict=True))


@pytest.mark.parametrize("optimiser", ["adamw", "muon", "sgd", "adam"])
@pytest.mark.parametrize("heads", [("policy", "value"), ("policy",), ("value",)])
def test_every_optimiser_and_head_resumes_exactly(settings, packed, tmp_path, optimiser, heads):
    settings = replace(settings, optimiser=optimiser, heads=heads, blocks=1)
    with Run(tmp_path / "run", settings) as run:
        stage = stage_of(settings, packed)
        batches = list(islice(stage.data(0), 6))
        for step, batch in enumerate(batches[:3], 1):
            stage.learn(step, batch)
        run.save(3, stage.write)
        twin = stage_of(replace(settings, seed=9), packed)
        assert twin.resume(run.checkpoint()) == 3
        for step, batch in enumerate(batches[3:], 4):
            stage.learn(step, batch)
            twin.learn(step, batch)
    assert twin.means() == stage.means()
    ours, theirs = stage.learner, twin.learner
    for one, other in ((ours.net, theirs.net), (ours.average, theirs.average)):
        assert all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())


def test_unknown_outcomes_teach_no_value(settings, packed):
    stage = stage_of(replace(settings, heads=("value",), clip=0.0, weight_decay=0.0), packed)
    planes, moves, outcomes, known = next(stage.data(0))
    before = [each.clone() for each in stage.learner.net.parameters()]
    stage.learn(1, [planes, moves, outcomes, torch.zeros_like(known)])
    assert all(map(torch.equal, before, stage.learner.net.parameters()))
    assert stage.means()["value_loss"] == 0


@pytest.mark.parametrize(
    ("step", "rate"), [(1, 0.1), (10, 1.0), (50, 1.0), (75, 0.55), (100, 0.1)], ids=lambda value: str(value)
)
def test_the_rate_climbs_stays_and_falls(step, rate):
    settings = Settings(steps=100, warm_up=10, rate=1.0, decay=0.5, last_rate=0.1)
    assert learning_rate(settings, step, settings.steps) == pytest.approx(rate)


def test_a_model_can_be_the_beginning(trained, settings, packed):
    child = stage_of(replace(settings, parent=str(trained)), packed).learner
    parent = model.find(trained)
    from engine.networks import towers as networks

    assert torch.equal(child.net.stem.only[0].weight, networks.load(parent.folder).stem.only[0].weight)
    with pytest.raises(ValueError, match="is residual 2x16, not residual 3x16"):
        stage_of(replace(settings, parent=str(trained), blocks=3), packed)


# --- kill and resume --------------------------------------------------------------------------------------


def recipe(folder: Path, settings: Settings, **words) -> Path:
    path = folder / "toy.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in (WORDS | {"data": settings.data} | words).items()]
    path.write_text("[imitation]\n" + "\n".join(lines))
    return path


def start(folder: Path, *words: str, **more) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "yomi.py"), "train", *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, **more)


def wait_for(condition, process: subprocess.Popen, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.01)


def test_killed_in_the_middle_it_goes_on_with_the_same_curve(trained, settings, tmp_path, monkeypatch):
    folder = tmp_path / "runs" / "killed"
    with start(tmp_path, str(recipe(tmp_path, settings)), "imitation", "--name", "killed") as process:
        wait_for(lambda: any((folder / "checkpoints").glob("0*")) and len(read_metrics(folder)) > 50, process)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    logged = read_metrics(folder)[-1]["step"]
    assert logged < settings.steps
    monkeypatch.setattr(Run, "export", lambda *_: None)
    with open_run(folder, Settings, [], {}, resume=True) as run:
        assert 0 < int(run.checkpoint().name) <= logged
        train(run)
    assert curve(folder) == curve(trained)


def test_stopped_politely_it_saves_and_says_how_to_go_on(settings, tmp_path):
    folder = tmp_path / "runs" / "stopped"
    path = recipe(tmp_path, settings, steps=100_000, checkpoint_minutes=60)
    with start(tmp_path, str(path), "imitation", "--name", "stopped") as process:
        wait_for(lambda: (folder / "metrics.jsonl").exists() and len(read_metrics(folder)) > 5, process)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert "stopped by SIGINT; the same command with --resume goes on" in told
    checkpoint = Run(folder, settings).checkpoint()
    assert int(checkpoint.name) == read_metrics(folder)[-1]["step"]
    assert model.find(folder).about["steps"] == int(checkpoint.name)


def test_a_checkpoint_of_another_network_is_told(trained, settings, packed):
    with pytest.raises(ValueError, match="another network or optimiser than the settings name"):
        stage_of(replace(settings, blocks=3), packed).resume(Run(trained, settings).checkpoint())


# --- many processes ---------------------------------------------------------------------------------------


def test_two_processes_share_each_batch(settings, tmp_path):
    path = recipe(tmp_path, settings, steps=4, measure_every=4, batch=32)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, str(ROOT / "yomi.py"), "train", str(path), "imitation", "--name", "both"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stderr
    assert [line["step"] for line in read_metrics(tmp_path / "runs" / "both")] == [1, 2, 3, 4, 4]
    assert model.find(tmp_path / "runs" / "both").about["positions"] == 4 * 32


def test_a_batch_that_cannot_be_shared_is_told():
    with pytest.raises(ValueError, match="65 positions cannot be shared evenly by 2"):
        ProcessGroup(torch.device("cpu"), 0, 2).share(65)


def test_a_device_that_is_not_there_is_told():
    with pytest.raises(ValueError, match="device = 'nonsense' cannot be used here"):
        ProcessGroup.join("nonsense")


# --- games ------------------------------------------------------------------------------------------------


def test_practice_games_are_finished_and_follow_the_seed():
    games = practice_games(20, 5, seed=3)
    assert games == practice_games(20, 5, seed=3)
    assert games != practice_games(20, 5, seed=4)
    for game in games:
        position = sgf.position(game)
        assert position.over or len(game.moves) == 50
        assert sgf_words.value(game.result) == position.value()


def test_games_are_packed_once_and_shared_by_runs(tmp_path, settings, capsys):
    sgf.save(tmp_path / "games.sgf", practice_games(30, 5))
    told = []
    for name in ("one", "two"):
        run = Run(tmp_path / "runs" / name, replace(settings, data=(str(tmp_path / "games.sgf"),)))
        games, held_out = open_games(run)
        told.append(capsys.readouterr().err)
        assert (len(games), len(held_out)) == (27, 3)
    assert "packed 30 games" in told[0]
    assert told[1] == ""
    sgf.save(tmp_path / "games.sgf", practice_games(10, 5))
    assert len(open_games(run)[0]) == 9


def test_validation_games_are_never_learned_from(tmp_path, settings, packed):
    sgf.save(tmp_path / "held.sgf", practice_games(8, 5))
    run = Run(tmp_path / "runs" / "one", replace(settings, validation=(str(tmp_path / "held.sgf"),), games=100))
    games, held_out = open_games(run)
    assert (len(games), games.sizes, len(held_out), held_out.sizes) == (100, [SIZE], 8, [5])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"data": ()}, "there are no games to learn from: name some with data=FOLDER"),
        ({"data": ("nowhere",)}, "nowhere: there is no such file or folder"),
        ({"games": 5}, "5 games are too few to hold some back"),
    ],
)
def test_games_that_are_missing_are_told(words, told, settings, tmp_path):
    with pytest.raises(DatasetError, match=told):
        open_games(Run(tmp_path / "run", replace(settings, **words)))
