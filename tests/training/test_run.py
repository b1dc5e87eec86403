"""Run folders, settings and recipes: what is written is whole, what is killed goes on, what is wrong is told."""

import errno
import gc
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.settings import again, explained, read_words, resolve, setting, to_toml
from training import pipeline, report, run
from training.disk import write_file, write_folder
from training.run import Run, open_run, read_metrics
from training.settings import pipelines, read_recipe

CURVES = report.curves  # as it is, not as conftest.py leaves it out


@dataclass(frozen=True)
class Settings:
    steps: int = setting(10, "steps", least=1)
    rate: float = setting(0.5, "learning rate", least=0)
    deep: bool = setting(False, "deeper")
    kind: str = setting("plain", "which", choices=("plain", "fancy"))
    data: tuple[str, ...] = setting((), "sources")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / "one"


def write_step(step):
    return lambda folder: (folder / "state").write_text(str(step))


def train(made: Run, until: int | None = None) -> list[int]:
    """Train a stage that only counts: save and log at each step; die after `until`, as a power cut would."""
    done = []
    with made:
        first = int(made.checkpoint().name) if made.checkpoint() else 0
        for step in made.steps(first, made.settings.steps):
            done.append(step)
            made.log(step, loss=1 / step)
            if step == until:
                raise KeyboardInterrupt
            if step % 3 == 0:
                made.save(step, write_step(step))
    return done


# --- settings ---------------------------------------------------------------------------------------------


def test_words_go_before_the_recipe_and_the_recipe_before_defaults():
    settings = resolve(Settings, {"steps": 20, "rate": 1}, {"steps": "30", "deep": "yes", "data": "a.sgf,b"})
    assert settings == Settings(30, 1.0, True, "plain", ("a.sgf", "b"))
    assert isinstance(settings.rate, float)


def test_an_inherited_setting_with_another_default_keeps_its_help_and_bounds():
    @dataclass(frozen=True)
    class Longer(Settings):
        steps: int = again(Settings, "steps", 99)

    assert ("steps", "99", "steps") in explained(resolve(Longer))
    with pytest.raises(ValueError, match="steps = 0 is less than 1"):
        resolve(Longer, {"steps": 0})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("stepz=3", "there is no setting 'stepz' (did you mean 'steps'?); the settings are: steps, rate, deep"),
        ("x=3", "there is no setting 'x'; the settings are"),
        ("steps=many", "steps = 'many' should be a whole number"),
        ("steps=2.5", "steps = '2.5' should be a whole number"),
        ("steps=0", "steps = 0 is less than 1"),
        ("steps=" + 5000 * "9", "steps = '99"),
        ("rate=nan", "rate = 'nan' should be a finite number"),
        ("rate=inf", "rate = 'inf' should be a finite number"),
        ("rate=-1", "rate = -1.0 is less than 0"),
        ("data=a\0b", "data = 'a\\x00b' should be a list of texts"),
        ("deep=maybe", "deep = 'maybe' should be true or false"),
        ("kind=odd", "kind = 'odd' is none of 'plain', 'fancy'"),
        ("steps", "'steps' is no setting: settings are written name=value"),
        ("=3", "'=3' is no setting"),
    ],
)
def test_wrong_settings_are_told(words, told):
    with pytest.raises(ValueError, match="^" + re.escape(told)) as error:
        resolve(Settings, read_words([words]))
    assert "\n" not in str(error.value)


def test_written_settings_are_read_back_and_explained(folder):
    settings = Settings(7, 1e-3, True, "fancy", ('a "b".sgf', "c\\d"))
    with Run(folder, settings) as made:
        made.save(1, write_step(1))
    assert open_run(folder, Settings, [{"steps": 99}], {}, resume=True).settings == settings
    assert open_run(folder, Settings, [], {"steps": "8"}, resume=True).settings.steps == 8
    assert "# learning rate\nrate = 0.001\n" in to_toml(settings)
    assert ("deep", "true", "deeper") in explained(settings)


# --- recipes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", pipelines(), ids=lambda path: path.stem)
def test_every_recipe_and_preset_fits_its_stages(path):
    recipe = read_recipe(path.stem)
    for preset in ("", *recipe.presets):
        jobs = pipeline.plan(path.stem, [], preset)
        assert [job.stage for job in jobs] == list(recipe.stages)
        assert set(recipe.presets.get(preset, {})) <= set(recipe.stages)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a", "is not TOML"),
        ("", "has no stage"),
        ("steps = 3", "'steps' stands in no stage's table"),
        ("[nothing]", "there is no stage 'nothing'"),
        ("[settings]", "there is no stage 'settings'"),
        ("[imitation]\nblokcs = 3", "did you mean 'blocks'"),
    ],
)
def test_wrong_recipes_are_told(text, told, tmp_path):
    (tmp_path / "my.toml").write_text(text)
    with pytest.raises(ValueError, match=told):
        pipeline.plan(str(tmp_path / "my.toml"), [])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("chess", "there is no recipe 'chess'"),
        ("go fly", "has no stage 'fly'; its stages are: imitation"),
        ("go imitation rollouts", "'rollouts' is neither a setting"),
        ("go steps=3", "settings belong to one stage"),
        ("go imitation --preset huge", "has no preset 'huge'; its presets are: tiny"),
    ],
)
def test_wrong_plans_are_told(line, told):
    words, _, preset = line.partition(" --preset ")
    recipe, *words = words.split()
    with pytest.raises(ValueError, match=told):
        pipeline.plan(recipe, words, preset)


GO_STAGES = ("imitation", "rollouts", "policy_gradient", "value_regression", "expert_iteration")


@pytest.mark.parametrize(
    ("words", "name", "folders"),
    [
        ((), "", [f"go-tiny-{stage}" for stage in GO_STAGES]),
        (("imitation",), "", ["go-tiny-imitation"]),
        (("imitation",), "first", ["first"]),
        ((), "first", [f"first-{stage}" for stage in GO_STAGES]),
    ],
)
def test_runs_are_named_after_recipe_preset_and_stage(words, name, folders):
    assert [job.folder for job in pipeline.plan("go", words, "tiny", name)] == [Path("runs") / each for each in folders]


def test_a_run_may_lie_anywhere(tmp_path):
    assert pipeline.plan("go", ["imitation"], name=str(tmp_path / "x"))[0].folder == tmp_path / "x"


@pytest.mark.parametrize(("recipe", "stage"), [("go", "imitation"), ("backgammon", "td-wins")])
def test_settings_are_listed_without_torch_and_learning_names_what_is_missing(recipe, stage, monkeypatch):
    for module in ("training.go.imitation", "training.backgammon.td", "training.learner", "training.devices"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    (job,) = pipeline.plan(recipe, [stage])
    assert "running average of the weights" in str(list(pipeline.listing([job]).columns[2].cells))
    with pytest.raises(ImportError, match=r"torch.* is not installed; .*pip install '\.\[train\]'"):
        job.load()


def test_a_recipe_may_name_the_game_of_its_stages(tmp_path):
    (tmp_path / "my.toml").write_text('game = "backgammon"\n[td]')
    assert pipeline.plan(str(tmp_path / "my.toml"), [])[0].module == "training.backgammon.td"
    for text, told in (
        ('game = "go"\n[td]', "there is no stage 'td' in Yomi for go"),
        ('game = "chess"\n[td]', "Yomi trains no game 'chess'; its wings are: backgammon, "),
        ("game = 3\n[td]", "game = 3 should be a text"),
        ("[td]\n[presets]\ntiny = 3", "'tiny' stands in no stage's table"),
        ("[td]\n[presets.tiny]\ntd = 3", "'td' stands in no stage's table"),
    ):
        (tmp_path / "my.toml").write_text(text)
        with pytest.raises(ValueError, match=told):
            pipeline.plan(str(tmp_path / "my.toml"), [])


def test_a_stage_that_two_wings_have_is_told(monkeypatch):
    monkeypatch.setattr(pipeline, "_settings_of", lambda module: Settings)
    with pytest.raises(ValueError, match=r"is in training\.report and training\.tournament\.report: write game = "):
        pipeline.find_stage("report")
    assert pipeline.find_stage("td", "backgammon")[0] == "training.backgammon.td"


# --- stop and resume --------------------------------------------------------------------------------------


def test_a_cut_run_goes_on_from_its_checkpoint_with_the_same_lines(folder, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(Run(folder, Settings()), until=8)
    assert [line["step"] for line in read_metrics(folder)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert train(open_run(folder, Settings, [], {}, resume=True)) == [7, 8, 9, 10]
    train(Run(tmp_path / "whole", Settings()))
    assert read_metrics(folder) == read_metrics(tmp_path / "whole")


def test_a_line_cut_in_the_middle_is_dropped(folder):
    train(Run(folder, Settings(steps=4)))
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 5, "lo')
    train(open_run(folder, Settings, [], {"steps": "6"}, resume=True))
    assert [line["step"] for line in read_metrics(folder)] == [1, 2, 3, 4, 5, 6]


def test_the_newest_two_checkpoints_stay_and_leftovers_go(folder):
    with Run(folder, Settings()) as made:
        for step in (1, 2, 1000):
            made.save(step, write_step(step))
    leftover = folder / "checkpoints" / ".000002000.aside"
    leftover.mkdir()
    with open_run(folder, Settings, [], {}, resume=True) as made:
        assert made.checkpoint().name == "000001000"
        assert (made.checkpoint() / "state").read_text() == "1000"
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["000000002", "000001000"]


def test_trained_seconds_add_up(folder, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(run.time, "perf_counter", lambda: clock.now)
    for session in (0, 1):
        with open_run(folder, Settings, [], {}, resume=bool(session)) as made:
            for step in made.steps(session, session + 1):
                clock.now += 50
                made.save(step, write_step(step))
    state = json.loads((made.checkpoint() / "run.json").read_text())
    assert (state["step"], state["trained_seconds"]) == (2, 100)


def test_a_new_run_never_overwrites_another(folder):
    train(Run(folder, Settings()))
    with pytest.raises(ValueError, match="holds a run already: go on with --resume"):
        open_run(folder, Settings, [], {}, resume=False)


def test_resuming_what_never_began_begins(folder):
    assert train(open_run(folder, Settings, [{"steps": 2}], {}, resume=True)) == [1, 2]


def test_two_processes_never_train_in_one_folder(folder):
    with (
        Run(folder, Settings()) as made,
        pytest.raises(ValueError, match="another process is training"),
        open_run(folder, Settings, [], {}, resume=True),
    ):
        pass
    assert (made.folder / "settings.toml").exists()


def fail_in(made: Run, act=lambda made: None) -> None:
    with made:
        act(made)
        raise OSError("it failed")


def test_a_run_that_fails_before_it_learns_leaves_nothing(folder):
    with pytest.raises(OSError, match="it failed"):
        fail_in(Run(folder, Settings()), lambda made: made.log(1, loss=1))
    assert not folder.exists()


def test_a_run_that_fails_removes_only_what_it_made(folder):
    folder.mkdir(parents=True)  # the user's, and empty
    with pytest.raises(OSError, match="it failed"):
        fail_in(Run(folder, Settings()))
    assert list(folder.iterdir()) == []
    with pytest.raises(OSError, match="it failed"):
        fail_in(Run(folder, Settings()), lambda made: (folder / "models" / "note.txt").write_text("mine"))
    assert [path.name for path in folder.rglob("*")] == ["models", "note.txt"]


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_that_holds_something_else_is_refused_and_stays(folder, resume):
    (folder / "photos").mkdir(parents=True)
    (folder / "letter.txt").write_text("dear")
    with pytest.raises(ValueError, match="holds 'letter.txt' and no run: name another folder with --name"):
        open_run(folder, Settings, [], {}, resume)
    with pytest.raises(ValueError, match="holds 'letter.txt' and no run"), Run(folder, Settings()):
        pass
    with pytest.raises(ValueError, match=r"letter\.txt is a file, and a run is a folder"):
        open_run(folder / "letter.txt", Settings, [], {}, resume)
    assert sorted(path.name for path in folder.rglob("*")) == ["letter.txt", "photos"]


def test_an_exported_model_outlives_a_failure_without_a_checkpoint(folder):
    with pytest.raises(OSError, match="it failed"):
        fail_in(Run(folder, Settings()), lambda made: made.export(3, write_step(3)))
    assert (folder / "models" / "000000003" / "state").read_text() == "3"


# --- damage -----------------------------------------------------------------------------------------------


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "cut": lambda checkpoint: (checkpoint / "state").write_text(""),
    "flipped": lambda checkpoint: flip(checkpoint / "state"),
    "missing": lambda checkpoint: (checkpoint / "state").unlink(),
    "no run.json": lambda checkpoint: (checkpoint / "run.json").unlink(),
    "cut run.json": lambda checkpoint: (checkpoint / "run.json").write_text('{"step": 9, '),
    "other run.json": lambda checkpoint: (checkpoint / "run.json").write_text("[]"),
    "deep run.json": lambda checkpoint: (checkpoint / "run.json").write_text("[" * 100_000),
    "endless step": lambda checkpoint: rewrite(checkpoint, step=float("inf")),
    "no checksums": lambda checkpoint: rewrite(checkpoint, checksums=[1]),
    "no names": lambda checkpoint: rewrite(checkpoint, checksums={"state": 3}),
}


def rewrite(checkpoint, **changes):
    path = checkpoint / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_of_a_damaged_checkpoint_the_one_before_is_used_and_that_is_said(folder, tmp_path, damage, capsys):
    train(Run(folder, Settings(steps=9)))
    damage(folder / "checkpoints" / "000000009")
    assert train(open_run(folder, Settings, [], {"steps": "10"}, resume=True)) == [7, 8, 9, 10]
    told = capsys.readouterr().err
    assert "000000009/" in told
    assert "the checkpoint of step 6 is used" in told
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == [
        "000000006", "000000009", "000000009.damaged"
    ]  # fmt: skip
    train(Run(tmp_path / "whole", Settings()))
    assert read_metrics(folder) == read_metrics(tmp_path / "whole")


def test_a_full_disk_is_named_whichever_library_met_it(tmp_path):
    def write(folder):
        raise RuntimeError("while serializing: I/O error: No space left on device (os error 28)")

    with pytest.raises(OSError, match="No space left") as caught:
        write_folder(tmp_path / "000000003", write)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "000000003"))
    assert not list(tmp_path.iterdir())


def test_where_no_checkpoint_is_whole_nothing_is_touched(folder):
    train(Run(folder, Settings()))
    for each in (folder / "checkpoints").iterdir():
        flip(each / "state")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "settings.toml"}
    with pytest.raises(ValueError, match="000000009/state is damaged: .* no other checkpoint is whole"):
        train(open_run(folder, Settings, [], {}, resume=True))
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize(
    "line", ["{", '{"step": "x"}', "[1]", '{"step": 2, "loss": "low"}', "\xff", "[" * 100_000], ids=range(6)
)
def test_a_damaged_line_of_the_log_is_named(folder, line):
    train(Run(folder, Settings(steps=3)))
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    (folder / "metrics.jsonl").write_text("\n".join([lines[0], line, *lines[1:], ""]), "latin-1")
    with pytest.raises(ValueError, match=r"metrics\.jsonl, line 2 is no line of a log; remove it to go on"):
        train(open_run(folder, Settings, [], {"steps": "6"}, resume=True))
    assert (folder / "checkpoints" / "000000003").exists()


@pytest.mark.parametrize(
    ("text", "told"), [("steps = \n", "at line 1"), ("stepz = 3", "no setting 'stepz'"), ("steps = 0", "less than 1")]
)
def test_damaged_settings_are_named(folder, text, told):
    train(Run(folder, Settings(steps=3)))
    (folder / "settings.toml").write_text(text)
    with pytest.raises(ValueError, match=rf"settings\.toml holds no settings of this stage: .*{told}"):
        open_run(folder, Settings, [], {}, resume=True)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_is_never_logged(folder, value):
    with Run(folder, Settings()) as made:
        made.log(1, loss=1)
        with pytest.raises(ValueError, match="training stopped at step 2: loss is"):
            made.log(2, loss=value)
    assert read_metrics(folder) == [{"step": 1, "loss": 1}]


def test_a_run_that_fails_later_keeps_its_checkpoints(folder):
    train(Run(folder, Settings(steps=3)))
    with pytest.raises(OSError, match="later"), open_run(folder, Settings, [], {}, resume=True):
        raise OSError("later")
    assert (folder / "checkpoints" / "000000003" / "state").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_signal_ends_after_the_step(folder, number):
    before = signal.getsignal(number)
    with Run(folder, Settings()) as made:
        done = []
        for step in made.steps(0, 10):
            if step == 4:
                os.kill(os.getpid(), number)
            done.append(step)
    assert done == [1, 2, 3, 4]
    assert made.stopping == f"by {number.name}"
    assert signal.getsignal(number) == before


def test_a_time_limit_ends_after_the_step(folder, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(run.time, "perf_counter", lambda: clock.now)
    with Run(folder, Settings()) as made:
        for _ in made.steps(0, 10, minutes=2):
            clock.now += 50
    assert (clock.now, made.stopping) == (150, "after 2 minutes")


def test_all_processes_stop_with_the_first(folder):
    with Run(folder, Settings(), silent=True) as made:
        assert list(made.steps(0, 10, agree=lambda stop: True)) == [1]
    assert made.stopping


def test_a_silent_run_writes_nothing(folder):
    with Run(folder, Settings(), silent=True) as made:
        for step in made.steps(0, 3):
            made.log(step, loss=1)
            made.save(step, write_step(step))
        made.report()
    assert not folder.exists()


# --- numbers ----------------------------------------------------------------------------------------------


def test_rates_tell_where_the_time_goes(folder, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(run.time, "perf_counter", lambda: clock.now)
    with Run(folder, Settings()) as made:
        for _ in made.steps(0, 4, positions=100):
            with made.spending("data"):
                clock.now += 1
            with made.spending("learning"):
                clock.now += 3
        assert made.rates() == {"positions_per_s": 25, "data_share": 0.25, "learning_share": 0.75}
        clock.now += 1
        assert made.rates() == {"positions_per_s": 0}


def test_rates_and_estimates_leave_out_compiling_and_measuring(folder, monkeypatch):
    """The first step takes a minute more, and each measurement ten: of the 4 s of the others learning is all."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(run.time, "perf_counter", lambda: clock.now)
    with Run(folder, Settings()) as made:
        clock.now += 1000  # packing
        left, rates = [], []
        for step in made.steps(0, 10, positions=100):
            with made.spending("learning"):
                clock.now += 64 if step == 1 else 4
            left.append(made._seconds_left(step))
            if step % 5 == 0:
                rates.append(made.rates())
                with made.pausing("measuring"):
                    clock.now += 600
    assert left == [64 * 9, 32, 28, 24, 20, 16, 12, 8, 4, 0]
    assert [each["positions_per_s"] for each in rates] == [25, 25]
    assert rates[1]["measuring_share"] == pytest.approx(600 / 620)


def test_the_log_says_how_long_it_takes(folder, monkeypatch, capsys):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(run.time, "perf_counter", lambda: clock.now)
    with Run(folder, Settings()) as made:
        for step in made.steps(0, 4):
            clock.now += 1800
            made.log(step, loss=1234.5678, top1=0.25)
    assert capsys.readouterr().err.splitlines()[0] == "step 1 of 4, 1 h 30 min to go  loss 1235  top1 0.25"


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # its own reader leaves the file open
def test_tensorboard_reads_the_events(folder):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with pytest.raises(KeyboardInterrupt):
        train(Run(folder, Settings()), until=8)
    train(open_run(folder, Settings, [], {}, resume=True))
    events = accumulator.EventAccumulator(str(folder)).Reload().Scalars("loss")
    assert [event.step for event in events] == list(range(1, 11))
    gc.collect()


def test_the_report_shows_every_metric_and_the_settings(monkeypatch):
    monkeypatch.setattr(report, "curves", CURVES)
    metrics = [{"step": 1, "policy_loss": 3.5, "rate": 0.1}, {"step": 2, "log_loss": 3.2, "top1": 0.25, "odd<": 1}]
    page = report.page("a <run>", metrics, "rate = 0.1")
    assert report.panels(metrics) == {
        "loss": ["policy_loss", "log_loss"],
        "accuracy": ["top1"],
        "rate": ["rate"],
        "odd<": ["odd<"],
    }
    assert page.count("<svg") == 1
    assert "a &lt;run&gt;" in page
    assert "rate = 0.1" in page
    assert "src=" not in page
    assert "<link" not in page
    assert "Nothing is measured yet" in report.page("new", [], "")


def test_the_report_says_what_each_number_means():
    metrics = [{"step": 1, "sum": 10, "rate": 0.1, "games_per_s": 7.0, "odd": 3}]
    page = report.page("run", metrics, "", {"sum": report.Curve("apples", "More <is> better.")})
    assert "<td>sum</td><td>10</td><td>apples</td><td>More &lt;is&gt; better.</td>" in page
    assert report.meaning_of("rate", {}) == report.SHARED["rate"]
    assert report.meaning_of("rate", {"rate": report.Curve("own", "own")}).unit == "own"
    assert report.meaning_of("games_per_s", {}).unit == "1/s"
    assert report.meaning_of("odd", {}) == report.Curve("", "")


# --- atomic writing ---------------------------------------------------------------------------------------


def fail(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("when", ["writing", "syncing", "renaming"])
def test_a_full_disk_leaves_the_old_checkpoint_and_no_rubbish(folder, monkeypatch, when):
    train(Run(folder, Settings(steps=3)))
    before = sorted(path.relative_to(folder) for path in (folder / "checkpoints").rglob("*"))
    with open_run(folder, Settings, [], {}, resume=True) as made:
        if when == "syncing":
            monkeypatch.setattr(os, "fsync", fail)
        if when == "renaming":
            monkeypatch.setattr(Path, "rename", fail)
        with pytest.raises(OSError, match="No space left"):
            made.save(4, fail if when == "writing" else write_step(4))
    assert sorted(path.relative_to(folder) for path in (folder / "checkpoints").rglob("*")) == before


def test_files_and_folders_are_replaced_whole(tmp_path, monkeypatch):
    write_file(tmp_path / "file", b"old")
    write_folder(tmp_path / "folder", write_step("old"))
    write_folder(tmp_path / "folder", lambda folder: (folder / "more").write_text("new"))
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "more"]


def test_who_may_read_a_folder_may_read_what_is_in_it(tmp_path):
    def write(folder: Path) -> None:
        (folder / "weights").touch(0o600)  # as safetensors does

    write_folder(tmp_path / "model", write)
    assert (tmp_path / "model" / "weights").stat().st_mode & 0o666 == (tmp_path / "model").stat().st_mode & 0o666


def test_run_folders_know_no_torch():
    code = "import sys, training.run, training.pipeline, training.go.rollouts; print('torch' in sys.modules)"
    root = Path(run.__file__).parents[1]
    assert subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True) == "False\n"
