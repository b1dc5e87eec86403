"""Expert iteration: what it learns from, that it learns, and that nothing is lost, whatever is killed when."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")
pytest.importorskip("onnx", reason="snapshots are filled in with onnx, of the extra: train")

from engine.networks import model as models  # noqa: E402
from engine.networks import towers  # noqa: E402
from engine.networks.towers import NetworkShape  # noqa: E402
from engine.players import SearchPlayer  # noqa: E402
from engine.settings import resolve  # noqa: E402
from engine.spec import PlayerSpec, make  # noqa: E402
from games import connect_four, go  # noqa: E402
from games.connect_four.writing import read_moves  # noqa: E402
from games.game import FIRST, SECOND  # noqa: E402
from training import expert_iteration  # noqa: E402
from training.expert_iteration import ExpertIteration, Settings  # noqa: E402
from training.go.self_play import owners  # noqa: E402
from training.learner import STATE, read_tensors  # noqa: E402
from training.pipeline import find_stage, plan  # noqa: E402
from training.played_games import PlayedGames, read_games  # noqa: E402
from training.replay_window import ReplayWindow  # noqa: E402
from training.report import meaning_of  # noqa: E402
from training.run import open_run, read_metrics  # noqa: E402
from training.self_play import RolloutEvaluator, SelfPlaySettings, SelfPlayTask, play  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SMALL = {
    "game": "connect_four", "cycles": "3", "games": "24", "task": "12", "at_once": "12", "visits": "8", "opening": "8",
    "blocks": "1", "channels": "8", "pool_every": "0", "head_channels": "8", "batch": "64", "passes": "2",
    "window": "5000", "threads": "1", "compile": "no", "rollout_cycles": "1", "rollout_visits": "20",
    "checkpoint_minutes": "0", "measure_every": "100", "cache": "1",
}  # fmt: skip
GO = {"game": "go", "boards": "5,7", "games": "8", "task": "4", "visits": "6", "longest": "30", "opening": "6"}


@pytest.fixture(autouse=True)
def nothing_is_measured(monkeypatch):
    """A measurement of 2,500 positions takes half a minute."""
    from training.connect_four import self_play

    monkeypatch.setattr(self_play, "measure", lambda evaluator: {})


def learn(folder: Path, resume: bool = False, **words) -> ExpertIteration:
    run = open_run(folder, Settings, [], SMALL | words, resume)
    with run:
        expert_iteration.train(run)
    return run


def weights(folder: Path) -> dict:
    newest = max((path for path in (folder / "checkpoints").iterdir() if path.name.isdigit()), key=lambda p: p.name)
    return read_tensors(newest / STATE)


def assert_same_run(ours: Path, theirs: Path) -> None:
    mine, others = weights(ours), weights(theirs)
    assert mine.keys() == others.keys()
    assert [name for name in mine if not torch.equal(mine[name], others[name])] == []
    for path in sorted((theirs / "games").iterdir()):
        assert (ours / "games" / path.name).read_bytes() == path.read_bytes()


@cache
def whole_run(tmp: Path) -> Path:
    learn(tmp / "whole")
    return tmp / "whole"


@pytest.fixture
def whole(tmp_path_factory):
    return whole_run(tmp_path_factory.getbasetemp())


# --- the run ----------------------------------------------------------------------------------------------


def test_a_run_leaves_games_models_and_numbers(whole):
    assert sorted(path.name for path in (whole / "games").iterdir()) == [
        f"{version:06}-{first:010}.npz" for version in range(3) for first in (24 * version, 24 * version + 12)
    ]
    lines = [line for line in read_metrics(whole) if "policy_loss" in line]
    assert [line["step"] for line in lines] == [1, 2, 3]
    assert all(0 < line["target_entropy"] < line["policy_loss"] for line in lines)
    known = ExpertIteration(resolve(Settings, SMALL), whole / "games").curves
    assert [name for name in lines[0] if name != "step" and not meaning_of(name, known).meaning] == []
    about = models.find(whole).about
    assert (about["game"], about["cycles"], about["games"]) == ("connect_four", 3, 72)
    player = make(PlayerSpec(model=str(whole), visits=60), connect_four)
    assert isinstance(player, SearchPlayer)
    assert player.choose(read_moves("414141")) == 3  # four on top of each other


def test_games_are_by_the_network_of_their_version(whole):
    """Version 0 is rollouts, the others are networks, which value the first position otherwise."""
    games = [read_games(path, connect_four, lambda _: connect_four.start()) for path in (whole / "games").iterdir()]
    assert {each.version for each in games} == {0, 1, 2}
    task = SelfPlayTask("connect_four", "", 1, 0, 0, 12)
    rules = open_run(whole, Settings, [], {}, True).settings.self_play(1)
    first = next(each for each in games if each.version == 0 and each.numbers[0] == 0)
    again = play(task, RolloutEvaluator(), rules)
    assert rules.visits == 20
    assert all(np.array_equal(getattr(first, each.name), getattr(again, each.name)) for each in fields(PlayedGames))


@pytest.mark.parametrize("missing", [0, 1, 3])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(whole, tmp_path, missing):
    """Games that were played before the kill, of the cycle under way too, are not played again."""
    learn(tmp_path / "run", cycles="1")
    for path in sorted((whole / "games").iterdir())[: 6 - missing]:  # what a kill may have left beyond the checkpoint
        (tmp_path / "run" / "games" / path.name).write_bytes(path.read_bytes())
    settings = tmp_path / "run" / "settings.toml"
    settings.write_text(settings.read_text().replace("cycles = 1", "cycles = 3"))
    played = []
    before = expert_iteration.runner_of

    class Watching:
        def __init__(self, runner):
            self.runner = runner

        def played(self, tasks, *rest):
            played.extend(tasks)
            return self.runner.played(tasks, *rest)

        def close(self):
            self.runner.close()

    expert_iteration.runner_of = lambda *words: Watching(before(*words))
    try:
        run = open_run(tmp_path / "run", Settings, [], {}, True)
        with run:
            checkpoint = read_tensors(run.checkpoint() / STATE)
            assert "net.stem.only.0.weight" in checkpoint
            expert_iteration.train(run)
    finally:
        expert_iteration.runner_of = before
    assert len(played) == missing


def test_a_killed_run_goes_on(whole, tmp_path):
    """kill -9 at some moment of a run of its own process, again and again until it is through."""
    words = [f"{name}={value}" for name, value in SMALL.items()]
    code = (
        "import sys; from training import expert_iteration as e; from training.run import open_run; "
        "from training.connect_four import self_play; self_play.measure = lambda evaluator: {}; "
        "from engine.settings import read_words; from pathlib import Path\n"
        "run = open_run(Path(sys.argv[1]), e.Settings, [], read_words(sys.argv[2:]), Path(sys.argv[1]).exists())\n"
        "with run: e.train(run)"
    )
    folder, kills = tmp_path / "run", 0
    while True:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(folder), *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        wanted = len(list(folder.glob("games/*.npz"))) + 2
        while process.poll() is None and (kills >= 2 or len(list(folder.glob("games/*.npz"))) < wanted):
            time.sleep(0.02)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        said = process.communicate()[1]
        if process.returncode != -signal.SIGKILL:
            assert process.returncode == 0, said
            break
        kills += 1
    assert kills == 2
    assert_same_run(folder, whole)


def test_processes_learn_the_same(whole, tmp_path):
    learn(tmp_path / "run", processes="2")
    assert_same_run(tmp_path / "run", whole)


def test_it_learns_to_see_what_wins_at_once(tmp_path):
    """From 512 games by rollouts, the policy completes fours far more often than by chance, a sixth."""
    states, wins = positions_with_one_win()
    learn(tmp_path / "run", games="256", task="256", at_once="128", channels="16", passes="8", opening="20",
          cycles="2", rollout_visits="40", rollout_cycles="2", rate="5e-3", window="20000")  # fmt: skip
    evaluator = make(PlayerSpec(model=str(tmp_path / "run"), visits=1), connect_four).evaluator
    priors, values = evaluator(connect_four, states)
    chosen = np.where(legal(states), priors, -1).argmax(1)
    assert (chosen == wins).mean() > 0.35
    own = np.where(connect_four.turn(states) == SECOND, -values, values)
    assert own.mean() > 0.2


def legal(states):
    moves, _, counts = connect_four.legal(states)
    table = np.zeros((len(states), 7), bool)
    for row, listed, count in zip(table, moves, counts, strict=True):
        row[listed[:count]] = True
    return table


def positions_with_one_win(count=200):
    """Return random positions in which one move completes a four, and that move."""
    random, states, wins = np.random.default_rng(5), [], []
    while len(states) < count:
        state = connect_four.start()[None]
        while connect_four.turn(state)[0] <= SECOND:
            moves, _, counts = connect_four.legal(state)
            listed = moves[0, : counts[0]]
            after = np.repeat(state, len(listed), axis=0)
            connect_four.play(after, listed)
            won = listed[connect_four.score(after) != 0]
            if len(won) == 1 and len(listed) > 3:
                states.append(state[0].copy())
                wins.append(won[0])
                break
            connect_four.play(state, random.choice(listed, 1))
    return np.array(states), np.array(wins)


def test_go_on_two_sizes_learns_and_goes_on(tmp_path):
    run = learn(tmp_path / "run", cycles="2", **GO)
    assert sorted(path.name for path in (tmp_path / "run" / "games").iterdir())[-1] == "000001-0000000012.npz"
    assert {line["step"] for line in read_metrics(run.folder)} == {1, 2}
    learn(tmp_path / "run", resume=True, cycles="3", **GO)
    lines = [line for line in read_metrics(run.folder) if "policy_loss" in line]
    assert [line["step"] for line in lines] == [1, 2, 3]
    assert models.find(run.folder).about["cycles"] == 3


def test_the_newest_parent_goes_on_learning(whole, tmp_path):
    stage = ExpertIteration(resolve(Settings, SMALL | {"parent": str(whole), "channels": "64"}), tmp_path)
    assert (stage.learner.net.shape.blocks, stage.learner.net.shape.channels) == (1, 8)
    with pytest.raises(ValueError, match="plays connect_four, not go"):
        ExpertIteration(resolve(Settings, SMALL | GO | {"parent": str(whole)}), tmp_path)


# --- its parts --------------------------------------------------------------------------------------------


def stage(tmp_path, **words) -> ExpertIteration:
    return ExpertIteration(resolve(Settings, SMALL | words), tmp_path / "games")


def games_for(window: ReplayWindow, version: int, count: int = 12) -> tuple[SelfPlayTask, PlayedGames]:
    task = SelfPlayTask("connect_four", "", 1, version, 100 * version, count)
    return task, play(task, RolloutEvaluator(), SelfPlaySettings(visits=4, opening=6, at_once=12))


def test_on_kept_boards_it_learns_what_its_parent_says(tmp_path):
    parent = tmp_path / "parent"
    parent.mkdir()
    shape = NetworkShape(game="go", blocks=1, channels=8, pool_every=0, head_channels=8)
    towers.write_model(towers.lively(shape), parent, models.describe("go"))
    words = GO | {"parent": str(parent), "boards": "5", "rate": "1e-2", "kept": "7", "kept_games": "40"}
    it = stage(tmp_path, **words)
    random = np.random.default_rng(1)
    planes = it.kept.planes(it.kept.draw(200, random), random)
    norms = {name: value.clone() for name, value in it.learner.net.named_buffers()}

    def away() -> float:
        with torch.no_grad():
            policies, values = (each.float() for each in it.learner.net(planes))
        wanted = it.kept.answers(planes)
        return float((policies.softmax(1) - wanted[0]).abs().sum(1).mean() + (values - wanted[1]).abs().mean())

    assert away() < 0.02  # it begins as its parent
    with torch.no_grad():
        for weight in it.learner.net.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    before = away()
    it.learner.begin(1)
    for _ in range(30):
        it._keep(it.kept, random)
    assert away() < before / 2
    assert all(torch.equal(value, norms[name]) for name, value in it.learner.net.named_buffers())
    with pytest.raises(ValueError, match="parent = a model or a run is missing"):
        stage(tmp_path, **words | {"parent": ""})
    with pytest.raises(ValueError, match="kept = 5 is one of the boards, too"):
        stage(tmp_path, **words | {"kept": "5"})


def test_new_weights_play_only_when_they_win_enough(tmp_path, monkeypatch):
    gated = stage(tmp_path, gate="0.55", rollout_cycles="0")
    matches, shares = [], iter([0.54, 0.56])
    monkeypatch.setattr(gated, "network", lambda net: net)
    monkeypatch.setattr(gated, "play", lambda task, ours, theirs, longest: matches.append((ours, theirs)))
    monkeypatch.setattr(expert_iteration, "half_and_half", lambda games: (next(shares), 0.0))
    first = gated.snapshot(1)
    with torch.no_grad():
        for weight in gated.learner.average.parameters():
            weight.add_(0.1)
    gated._choose_player(1)
    assert gated.snapshot(2) == first
    assert gated.learner.means() | {"rate": 0} == {"gate_won": pytest.approx(0.54), "replaced": 0, "rate": 0}
    (tmp_path / "1").mkdir()
    gated.write(tmp_path / "1")
    resumed = stage(tmp_path, gate="0.55", rollout_cycles="0")
    resumed.resume(tmp_path / "1")
    assert resumed.snapshot(2) == first
    gated._choose_player(2)
    assert gated.snapshot(3) != first
    assert matches == [(gated.learner.average, gated.player)] * 2


def test_policies_turn_with_their_positions(tmp_path):
    """Seen in a mirror or not, the planes say which columns are full, and no policy plays there."""
    learner = stage(tmp_path)
    task, games = games_for(learner.window, 0, 60)
    learner.window.add(task, games)
    drawn = next(learner.window.batches(1, 300, np.random.default_rng(1)))
    planes, policies, values, _ = learner.seen(drawn, np.random.default_rng(2))
    full = planes[:, 2].sum(1) == 0  # no empty cell
    assert full.any()
    assert not (policies[full] > 0).any()
    np.testing.assert_allclose(policies.sum(1), 1, atol=1e-5)
    plain = connect_four.features(drawn.states)
    mirrored = (planes.numpy() != plain).any((1, 2, 3))
    assert 60 < mirrored.sum() < 240
    np.testing.assert_allclose(policies[mirrored], drawn.policies[mirrored][:, ::-1], atol=1e-6)
    assert np.array_equal(values.numpy(), drawn.values)


def test_values_are_those_of_the_side_to_play(tmp_path):
    window = ReplayWindow(tmp_path, "connect_four", 1000, 0.0)
    window.add(*games_for(window, 0))
    drawn = next(window.batches(1, 400, np.random.default_rng(1)))
    games = window.kept[0][1]
    states, outcomes = games.positions(connect_four, np.arange(len(games.moves))), games.outcomes[games.owners]
    ends = {(state.tobytes(), float(value)) for state, value in zip(states, outcomes, strict=True)}
    turns = connect_four.turn(drawn.states)
    firsts = np.where(turns == SECOND, -drawn.values, drawn.values)
    assert all((state.tobytes(), float(value)) in ends for state, value in zip(drawn.states, firsts, strict=True))
    assert set(turns.tolist()) == {0, 1}
    assert len({state.tobytes() for state in drawn.states}) > 0.8 * len({state for state, _ in ends})  # all are drawn


def test_owners_are_of_the_end_as_the_side_to_play_sees_it_and_turn_with_the_board(tmp_path):
    it = stage(tmp_path, **GO | {"boards": "5", "owner_weight": "1.5", "batch": "32", "longest": "60"})
    task = SelfPlayTask("go", "5", 1, 0, 0, 6)
    games = play(task, RolloutEvaluator(), SelfPlaySettings(visits=4, longest=60, boards=("5",)))
    gave_up = replace(games, resigned=np.where(games.numbers == 0, np.int8(FIRST), games.resigned))
    it.window.add(task, gave_up)
    chosen = np.arange(len(games.moves))
    drawn = it.window._positions(gave_up, chosen)
    ends = games.ends(go, chosen)
    fate = np.stack([go.colours(end).ravel() for end in ends])
    signs = np.where(go.turn(drawn.states) == FIRST, 1, -1)[:, None]
    unknown = games.owners == 0
    assert np.isnan(drawn.owners[unknown]).all()
    sure = (fate != 0) & ~unknown[:, None]  # stones that stay are their colour's
    assert np.array_equal(drawn.owners[sure], (signs * np.where(fate == 1, 1, -1))[sure])
    planes, _, _, owners = it.seen(drawn, np.random.default_rng(1))
    last = (games.plies == games.lengths[games.owners] - 1) & ~unknown  # a pass: the board stays as it is
    ours = planes[:, 0].flatten(1).numpy()[last] > 0
    assert ours.any()
    assert (owners.numpy()[last][ours] == 1).all()
    parts = it.loss(*it.seen(drawn, np.random.default_rng(1)))
    assert float(parts["owner_loss"].detach()) > 0.3
    it.learner.update(parts, len(chosen))
    it.write(tmp_path)
    assert not [name for name, _ in towers.folded(it.learner.average).named_parameters() if "owners" in name]
    with pytest.raises(ValueError, match="nobody owns points in connect_four"):
        stage(tmp_path, owner_weight="1")


def test_points_are_whose_stones_alone_reach_them():
    board = go.start(4)
    for move in (1, 3, 4, 7):  # Black b4 and a3, White d4 and d3
        go.play(board[None], np.array([move], np.int32))
    assert owners(board[None]).reshape(4, 4).tolist() == [[1, 1, 0, -1], [1, 0, 0, -1], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_copies_of_games_are_counted(tmp_path):
    window = ReplayWindow(tmp_path, "connect_four", 1000, 0.0)
    _, games = games_for(window, 0)
    assert games.different == 12
    task = SelfPlayTask("connect_four", "", 1, 0, 0, 30)
    alike = play(task, lambda game, states: (np.eye(7, dtype=np.float32)[[3] * len(states)], np.zeros(len(states))),
                 SelfPlaySettings(visits=1, opening=0, considered=0))  # fmt: skip
    assert alike.different == 1


def test_the_loss_is_cross_entropy_and_squared_error(tmp_path):
    learner = stage(tmp_path, precision="float32", value_weight="0.5")
    planes = torch.from_numpy(connect_four.features(np.array([read_moves(text).state for text in ("", "44", "123")])))
    policies = torch.tensor([[1.0, 0, 0, 0, 0, 0, 0], [0.5, 0.5, 0, 0, 0, 0, 0], [1 / 7] * 7])
    values = torch.tensor([1.0, -1, 0])
    with torch.no_grad():
        found = learner.loss(planes, policies, values)
        logits, guessed = learner.learner.net.train()(planes)
    policy = -(policies * logits.log_softmax(1)).sum(1).mean()
    error = ((guessed - values) ** 2).mean()
    assert float(found["policy_loss"]) == pytest.approx(float(policy), rel=1e-5)
    assert float(found["value_loss"]) == pytest.approx(float(error), rel=1e-5)
    assert float(found["loss"]) == pytest.approx(float(policy + 0.5 * error), rel=1e-5)
    assert float(found["target_entropy"]) == pytest.approx((np.log(2) + np.log(7)) / 3, rel=1e-5)


def test_the_window_holds_the_latest_positions(tmp_path):
    window = ReplayWindow(tmp_path / "games", "connect_four", 300, 0.5)
    for version in range(8):
        task, games = games_for(window, version)
        window.keep(task, games)
        window.add(task, games)
    assert window.size >= 300
    assert window.size - len(window.kept[0][1].to_learn) < 300
    again = ReplayWindow(tmp_path / "games", "connect_four", 300, 0.5)
    again.reload(7)
    assert [path for path, _ in again.kept] == [path for path, _ in window.kept]
    (tmp_path / "games" / "mine.npz").write_bytes(b"mine")
    window.remove_old()
    assert sorted(path.name for path in (tmp_path / "games").iterdir()) == [
        *(path.name for path, _ in window.kept), "mine.npz"
    ]  # fmt: skip
    earlier = ReplayWindow(tmp_path / "games", "connect_four", 300, 0.5)
    earlier.reload(6)
    assert max(path.name for path, _ in earlier.kept) == "000006-0000000600.npz"


def test_games_of_other_settings_are_not_taken_for_these(tmp_path):
    window = ReplayWindow(tmp_path / "games", "connect_four", 300, 0.5)
    task, games = games_for(window, 0)
    window.keep(task, games)
    assert window.find(task) is not None
    assert window.find(SelfPlayTask("connect_four", "", 1, 1, 100, 12)) is None
    with pytest.raises(ValueError, match="holds the games of other settings; remove it"):
        window.find(SelfPlayTask("connect_four", "", 1, 0, 0, 20))


def test_the_recipe_names_stages_that_there_are():
    module, kind = find_stage("expert_iteration", "connect_four")
    assert (module, kind) == ("training.expert_iteration", Settings)
    for preset in ("", "tiny"):
        (job,) = plan("connect_four", [], preset)
        assert job.kind is Settings


def test_the_rate_of_self_play_is_measured_beside_the_networks(tmp_path):
    run = open_run(tmp_path / "run", Settings, [], SMALL, False)
    found = expert_iteration.measure_rate(run, 0.5)
    assert found["unit"] == "evaluations/s"
    assert 0.05 < found["rate"] / found["limit"] < 1.5
    assert not (tmp_path / "run").exists()
