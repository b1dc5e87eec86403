"""TD learning: the sums of eligibility traces, exact values on a small race, games that only their seeds decide."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numba import njit

import yomi
from engine.backgammon import afterstates
from engine.backgammon import model as afterstates_model
from engine.backgammon.afterstates import RACE, WEIGHTS, evaluate, play_buffers
from engine.backgammon.bearoff import NO_TABLES
from engine.backgammon.outputs import LOSE_GAMMON, MONEY, OUTPUTS, WINS_ONLY
from engine.networks import model
from engine.settings import resolve
from games import backgammon as bg
from games.backgammon.counted import COUNTED
from games.backgammon.inputs import INPUTS
from games.backgammon.rules import BOARD, ROLL_ODDS, SIDE
from games.randomness import next_random, random_states
from tests.backgammon_boards import OPENING, board_of, checkers_of, counts_of, exact_win, random_boards, tiny_races
from tests.measures import slow_backgammon as slow
from training.backgammon import td_kinds
from training.backgammon.td_games import (
    LONGEST,
    Experience,
    PlayTable,
    _roll,
    back_up,
    encode,
    look_back,
    play_batch,
    play_game,
)
from training.backgammon.td_settings import AIMED_PLIES
from training.report import meaning_of
from training.run import Run, open_run, read_metrics

torch = pytest.importorskip("torch")

from training.backgammon.td import TD, Settings, game_seeds, train  # noqa: E402
from training.backgammon.td_baselines import NETWORK, RANDOM, RULE, duel, measure  # noqa: E402
from training.backgammon.td_network import AfterstateNet  # noqa: E402
from training.learner import learning_rate  # noqa: E402

ROOT = Path(yomi.__file__).parent
WORDS = {
    "hidden": 8, "games": 960, "batch": 16, "minibatch": 128, "threads": 2, "log_every": 1, "measure_every": 30,
    "measured": 20, "checkpoint_minutes": 0.001, "bearoff": False,
}  # fmt: skip
SETTINGS = Settings(**WORDS)
TIMES = ("games_per_s", "playing_share", "learning_share", "measuring_share", "saving_share", "exporting_share")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the net is tiny, and others may be at work
    yield
    torch.set_num_threads(before)


def turned(outputs):
    """Return outputs [..., 5] as the other player sees them."""
    win, win_gammon, win_backgammon, lose_gammon, lose_backgammon = np.moveaxis(np.asarray(outputs, np.float64), -1, 0)
    return np.stack([1 - win, lose_gammon, lose_backgammon, win_gammon, win_backgammon], -1)


def same_weights(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in WEIGHTS)


# --- lambda -----------------------------------------------------------------------------------------------


def seen_by_first(outputs):
    """Return the outputs [T, 5] of a game's positions, whose players take turns, as the first of them sees them."""
    return np.stack([row if t % 2 == 0 else turned(row) for t, row in enumerate(outputs)])


@pytest.mark.parametrize("trace", [0.0, 0.35, 0.7, 1.0])
@pytest.mark.parametrize("plies", [1, 2, 7, 40])
def test_looking_back_moves_weights_as_eligibility_traces_do(trace, plies):
    random = np.random.default_rng(plies)
    values = random.random((plies + 1, OUTPUTS)).astype(np.float32)
    targets = np.zeros((plies, OUTPUTS), np.float32)
    look_back(values, turned(values[1:]).astype(np.float32), plies, np.float32(trace), targets)

    gradients = random.normal(0, 1, (plies, OUTPUTS, 3))  # of each value by three weights, as the first player sees it
    before, wanted = seen_by_first(values.astype(np.float64)), seen_by_first(targets)
    forward = np.einsum("to,tow->ow", wanted - before[:plies], gradients)

    backward, eligibility = np.zeros((OUTPUTS, 3)), np.zeros((OUTPUTS, 3))
    for t in range(plies):
        eligibility = trace * eligibility + gradients[t]
        backward += (before[t + 1] - before[t])[:, None] * eligibility
    assert forward == pytest.approx(backward, abs=1e-5)


def test_without_a_trace_the_next_value_teaches_and_with_a_full_one_the_end():
    values = np.random.default_rng(1).random((6, OUTPUTS)).astype(np.float32)
    targets = np.zeros((5, OUTPUTS), np.float32)
    expected = turned(values[1:]).astype(np.float32)
    look_back(values, expected, 5, np.float32(0), targets)
    assert targets == pytest.approx(expected)
    look_back(values, expected, 5, np.float32(1), targets)
    assert seen_by_first(targets) == pytest.approx(np.tile(turned(values[5]), (5, 1)))


def test_exact_backups_with_a_full_trace_are_rollouts_without_luck():
    """The first position is worth what its rolls let expect, and all that later positions proved to be worth more."""
    random = np.random.default_rng(2)
    values = random.uniform(0.45, 0.55, (8, OUTPUTS)).astype(np.float32)
    expected, targets = values[:7] + random.uniform(-0.03, 0.03, (7, OUTPUTS)).astype(np.float32), np.zeros((7, 5), "f")
    look_back(values, expected, 7, np.float32(1), targets)
    surprises = seen_by_first(expected) - seen_by_first(values[:7])
    assert targets[0] == pytest.approx(values[0] + surprises.sum(0), abs=1e-6)
    look_back(values, expected, 7, np.float32(0), targets)
    assert targets == pytest.approx(expected)


# --- games ------------------------------------------------------------------------------------------------


def played(opening, seed, network, stakes=MONEY, exact=False, longest=LONGEST):
    """Return the boards [plies + 1, 52], values [plies + 1, 5] and expected outputs [plies, 5] of a game."""
    table, x = PlayTable(network.bias.shape[1]), random_states(np.array([seed], np.uint64))[0]
    table.boards[0] = opening
    plies = play_game(x, network, stakes, table.buffers, table.boards, table.values, table.expected, exact, longest)
    return table.boards[: plies + 1].copy(), table.values[: plies + 1].copy(), table.expected[:plies].copy()


def board_at(boards, t):
    return board_of(boards[t], 0)


def test_a_game_is_legal_ply_by_ply_and_valued_as_the_network_values_it():
    network = afterstates.fresh(8)
    boards, values, _ = played(bg.start()[:BOARD], 5, network)
    value = np.zeros(OUTPUTS, np.float32)
    for t in range(len(boards) - 1):
        ends = {end for roll in slow.ROLLS for end in slow.ends(board_at(boards, t), slow.dice_of(roll))}
        after = slow.turned(board_at(boards, t + 1))
        assert after in ends or after == board_at(boards, t), "a play, or none"
        evaluate(boards[t], 0, network, play_buffers(8), value)
        assert values[t] == pytest.approx(value, abs=1e-5)
    assert boards[-1, SIDE + bg.OFF] == 15
    assert values[-1, 0] == 0, "who is on roll now has lost"


def test_the_network_plays_what_it_likes_best():
    network = afterstates.fresh(8)
    boards, _, _ = played(bg.start()[:BOARD], 6, network, WINS_ONLY)
    value = np.zeros(OUTPUTS, np.float32)

    def chance_after(end):
        evaluate(counts_of(slow.turned(end)), 0, network, play_buffers(8), value)
        return 1 - float(value[0])

    for t in range(0, len(boards) - 1, 12):
        board, after = board_at(boards, t), slow.turned(board_at(boards, t + 1))
        bests = [max(map(chance_after, ends)) for roll in slow.ROLLS if (ends := slow.ends(board, slow.dice_of(roll)))]
        assert after == board or np.abs(np.array(bests) - chance_after(after)).min() < 1e-5


def test_exact_backups_are_the_average_over_the_rolls():
    network, backed_up, value = (
        afterstates.fresh(8, seed=4),
        np.zeros(OUTPUTS, np.float32),
        np.zeros(OUTPUTS, np.float32),
    )
    for checkers in random_boards(24):
        board = board_of(np.concatenate(checkers), 0)
        expected = np.zeros(OUTPUTS)
        for roll, odds in zip(slow.ROLLS, ROLL_ODDS, strict=True):
            outcomes = []
            for end in slow.ends(board, slow.dice_of(roll)) or {board}:
                evaluate(counts_of(slow.turned(end)), 0, network, play_buffers(8), value)
                outcomes.append(turned(value))
            expected += odds * max(outcomes, key=lambda outputs: MONEY[:5] @ outputs)
        back_up(counts_of(board), network, MONEY, play_buffers(8), backed_up)
        assert backed_up == pytest.approx(expected, abs=1e-4)


def test_only_seeds_decide_games_not_threads():
    network, seeds = afterstates.fresh(8), np.arange(7, dtype=np.uint64)
    for trace, exact in ((0.7, False), (0.0, True)):
        alone = play_batch(network, MONEY, seeds, trace, exact, 1)
        assert alone.games == 7
        assert len(alone.boards) == len(alone.targets) > 7
        for threads in (2, 3, 10):
            together = play_batch(network, MONEY, seeds, trace, exact, threads)
            assert all(map(np.array_equal, alone, together))
    other = play_batch(network, MONEY, seeds + np.uint64(100), 0.7, False, 2)
    assert not np.array_equal(alone.boards[:50], other.boards[:50])


def test_a_batch_holds_the_games_in_order():
    network, seeds = afterstates.fresh(8), np.array([11, 12], np.uint64)
    experience = play_batch(network, MONEY, seeds, 0.5, False, 2)
    boards, ends = [], []
    for seed in (11, 12):
        game, values, _ = played(bg.start()[:BOARD], seed, network)
        boards.append(game[:-1])
        ends.append(values[-1])
    assert np.array_equal(experience.boards, np.concatenate(boards))
    assert np.array_equal(experience.ends, ends)
    assert experience.targets.shape == (len(experience.boards), OUTPUTS)
    assert ((experience.targets >= 0) & (experience.targets <= 1)).all()


def test_a_game_without_end_is_broken_off():
    network = afterstates.fresh(4)
    closed = counts_of((tuple(sorted([1, 2, 3, 4, 5, 6] * 2 + [25] * 3)),) * 2)
    boards, values, _ = played(closed, 1, network)
    assert len(boards) == LONGEST + 1
    assert 0 < values[-1, 0] < 1


@njit(nogil=True)
def count_rolls(x, rolls, found):
    for _ in range(rolls):
        x = next_random(x)
        found[_roll(x)] += 1


def test_the_dice_of_self_play_are_fair():
    rolls, found = 1_000_000, np.zeros(21)
    count_rolls(random_states(np.array([1], np.uint64))[0], rolls, found)
    expected = rolls * ROLL_ODDS
    assert ((found - expected) ** 2 / expected).sum() < 45.3, "chi-square of 20 degrees, one time in a thousand"


# --- exact values -----------------------------------------------------------------------------------------


def race_experience(stage, boards, seeds):
    """Play games from boards as the stage plays them from the start, and return the experience in them."""
    network, settings, parts = stage.net.network(), stage.settings, []
    for board, seed in zip(boards, seeds, strict=True):
        game, values, expected = played(counts_of(board), seed, network, MONEY, settings.exact)
        targets = np.zeros_like(expected)
        look_back(values, expected, len(targets), np.float32(settings.trace), targets)
        parts.append((game[:-1], targets, values[-1]))
    boards, targets = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    return Experience(boards, targets, len(parts), np.stack([part[2] for part in parts]))


def race_error(network, races):
    """Return how far a network's chances to win are from the exact ones, on average, and its largest gammon chance."""
    value, errors, gammons = np.zeros(OUTPUTS, np.float32), [], 0.0
    room = play_buffers(network.bias.shape[1])
    for board in races:
        evaluate(counts_of(board), 0, network, room, value)
        errors.append(abs(float(value[0]) - exact_win(board)))
        gammons = max(gammons, float(value[1:].max()))
    return float(np.mean(errors)), gammons


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        ({"trace": 0.0}, 0.04),
        ({"trace": 0.7}, 0.04),
        ({"trace": 1.0}, 0.04),
        ({"trace": 0.0, "exact": True}, 0.02),
        ({"trace": 0.9, "exact": True, "games": 40 * 240}, 0.02),
    ],
    ids=["td-0", "td-0.7", "outcomes", "exact", "exact-sooner"],
)
def test_a_small_race_is_learned_to_its_exact_values(words, bound):
    races = [board for board in tiny_races() if any(board[1])]
    words = {"games": 40 * 400} | words
    settings = replace(SETTINGS, hidden=16, batch=40, minibatch=32, rate=0.05, average=0.99, **words)
    stage, random = TD(settings), np.random.default_rng(1)
    at_first, _ = race_error(stage.network(), races)
    for step in range(settings.batches):
        chosen = random.integers(0, len(races), settings.batch)
        seeds = np.arange(settings.batch) + 1000 * step
        stage.learn(step + 1, race_experience(stage, [races[k] for k in chosen], seeds))
    at_last, gammons = race_error(stage.network(), races)
    assert at_first > 0.3
    assert at_last < bound
    assert gammons < 0.01


# --- the stage --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the folder of a run that nobody disturbed."""
    with Run(tmp_path_factory.mktemp("runs") / "whole", SETTINGS) as run:
        train(run)
    return run.folder


def curve(folder):
    """Return what was logged, but the times."""
    return [{name: value for name, value in line.items() if name not in TIMES} for line in read_metrics(folder)]


def test_a_run_folder_is_whole(trained):
    names = {path.name for path in trained.iterdir()}
    assert {"settings.toml", "metrics.jsonl", "checkpoints", "models", "report.html"} <= names
    assert not list(trained.rglob("*.aside"))
    assert [line["step"] for line in read_metrics(trained) if "against_rule" in line] == [30, 60]
    about = model.find(trained).about
    assert (about["game"], about["games"], about["hidden"]) == ("backgammon", 960, 8)
    assert about["measured"]["step"] == 60
    assert all(30 < line["plies"] < 150 for line in read_metrics(trained) if "plies" in line)


def test_every_number_of_the_log_has_a_meaning_in_the_report(trained):
    names = {name for line in read_metrics(trained) for name in line} - {"step"}
    assert {name for name in names if not meaning_of(name, TD.curves).meaning} == set()


def test_a_short_run_beats_random_play_and_gains_on_the_rule_of_thumb(tmp_path):
    often = {"log_every": 10, "measure_every": 10, "measured": 400}
    settings = replace(SETTINGS, hidden=20, games=1440, batch=48, rate=6e-3, average=0.99, **often)
    with Run(tmp_path / "run", settings) as run:
        train(run)
    against_random = [line["against_random"] for line in read_metrics(run.folder) if "against_random" in line]
    against_rule = [line["against_rule"] for line in read_metrics(run.folder) if "against_rule" in line]
    assert against_random[-1] > 2
    assert against_rule[-1] > against_rule[0] + 0.5


@pytest.mark.parametrize(
    "words",
    [{}, {"memory": 1500, "passes": 2, "counted": True}, {"memory": 1500, "aimed": 0.5}],
    ids=["plain", "memory", "aimed"],
)
def test_the_stage_resumes_exactly(tmp_path, words):
    settings = replace(SETTINGS, **words)
    with Run(tmp_path / "run", settings) as run:
        stage = TD(settings)
        for step in (1, 2, 3):
            stage.learn(step, stage.play(step))
        run.save(3, stage.write)
        twin = TD(replace(settings, seed=9))
        twin.settings = settings
        assert twin.resume(run.checkpoint()) == 3
        for each in (stage, twin):
            for step in (4, 5):
                each.learn(step, each.play(step))
    assert twin.means() == stage.means()
    assert same_weights(stage.network(), twin.network())
    assert same_weights(stage.net.network(), twin.net.network())


def test_killed_in_the_middle_it_goes_on_with_the_same_curve(trained, tmp_path, monkeypatch):
    folder, recipe = tmp_path / "runs" / "killed", tmp_path / "toy.toml"
    recipe.write_text("[td]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in WORDS.items()))
    command = [sys.executable, str(ROOT / "yomi.py"), "train", str(recipe), "td", "--name", "killed"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 120
        while not (any((folder / "checkpoints").glob("0*")) and len(read_metrics(folder)) > 3):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert read_metrics(folder)[-1]["step"] < SETTINGS.batches
    with open_run(folder, Settings, [], {}, resume=True) as run:
        assert int(run.checkpoint().name) > 0
        train(run)
    assert curve(folder) == curve(trained)
    assert same_weights(afterstates_model.load(folder), afterstates_model.load(trained))


def test_games_follow_their_numbers_and_the_seed():
    stage, twin = TD(SETTINGS), TD(replace(SETTINGS, threads=1))
    assert all(map(np.array_equal, stage.play(1), twin.play(1)))
    other = TD(SETTINGS)
    other.settings = replace(SETTINGS, seed=2)
    assert not np.array_equal(stage.play(1).boards[:40], other.play(1).boards[:40])
    assert not np.array_equal(stage.play(2).boards[:40], stage.play(1).boards[:40])


def test_no_two_seeds_share_a_game():
    """Seeds up to 32 bits, and up to 2**32 games: every game has a seed of its own."""
    last = 2**32 - 1
    found = [game_seeds(seed, first, 2) for seed in (0, 1, 20261129, 2**24, last) for first in (0, last - 2)]
    assert len(np.unique(np.concatenate(found))) == 20
    assert game_seeds(3, 5, 2).tolist() == [(3 << 40) + 5, (3 << 40) + 6]


def test_a_parent_is_where_learning_begins(trained):
    parent = afterstates_model.load(trained)
    child = TD(replace(SETTINGS, parent=str(trained), hidden=12)).network()
    before, after = np.zeros(OUTPUTS, np.float32), np.zeros(OUTPUTS, np.float32)
    for checkers in random_boards(20):
        board = np.concatenate(checkers).astype(np.int8)
        evaluate(board, 0, parent._replace(tables=child.tables), play_buffers(8), before)
        evaluate(board, 0, child, play_buffers(12), after)
        assert after == pytest.approx(before, abs=1e-5)
    with pytest.raises(ValueError, match="has 8 hidden units"):
        TD(replace(SETTINGS, parent=str(trained), hidden=6))
    with pytest.raises(ValueError, match="there is no model 'nowhere'"):
        TD(replace(SETTINGS, parent="nowhere"))


def test_a_parent_of_another_shape_teaches_and_hands_on_its_positions(tmp_path):
    first = tmp_path / "first"
    with Run(first, replace(SETTINGS, memory=3000, games=64)) as run:
        train(run)
    wanted = replace(SETTINGS, parent=str(first), hidden=12, second=4, counted=True, memory=3000)
    with pytest.raises(ValueError, match="let it teach a new network"):
        TD(wanted)
    child, parent = (
        TD(replace(wanted, taught=1, inherit=True)),
        afterstates_model.load(first)._replace(tables=NO_TABLES),
    )
    assert 0 < len(child.boards) <= 3000
    taught, alone = child.play(1), TD(replace(wanted, taught=1)).player(2)
    own = play_batch(parent, MONEY, game_seeds(SETTINGS.seed, 0, 16), SETTINGS.trace, False, 1)
    assert np.array_equal(taught.boards, own.boards), "the parent plays the first batch"
    assert (alone.threshold.size, alone.inner.shape[1:]) == (4, (INPUTS + COUNTED, 12))
    assert np.array_equal(alone.inner[RACE, :INPUTS, :8], parent.inner[RACE]), "races are valued as the parent does"
    with pytest.raises(ValueError, match="no run of backgammon that keeps positions"):
        TD(replace(wanted, taught=1, inherit=True, parent="backgammon", hidden=1024))
    with pytest.raises(ValueError, match="name one with `parent`"):
        TD(replace(wanted, taught=1, parent=""))


def test_wins_only_games_teach_gammons_too(tmp_path):
    experience = TD(replace(SETTINGS, stakes="wins", trace=1.0)).play(1)
    assert experience.ends[:, LOSE_GAMMON].any()
    assert set(np.unique(experience.ends)) <= {0, 1}


def test_a_memory_keeps_the_latest_positions():
    stage = TD(replace(SETTINGS, memory=2500))
    experience = [stage.play(1)]
    while sum(len(each.boards) for each in experience) < 4000:
        stage.learn(len(experience), experience[-1])
        experience.append(stage.play(len(experience) + 1))
    stage.learn(len(experience), experience[-1])
    assert np.array_equal(stage.boards, np.concatenate([each.boards for each in experience])[-2500:])
    assert np.array_equal(stage.targets, np.concatenate([each.targets for each in experience])[-2500:])


def test_aimed_games_begin_at_hard_positions_of_the_memory_and_are_short():
    stage = TD(replace(SETTINGS, memory=5000, aimed=0.25, bearoff=True))
    first = stage.play(1)
    assert (first.games, len(stage.openings(1))) == (16, 0), "there is nothing to draw from yet"
    stage.learn(1, first)
    openings, second = stage.openings(2), stage.play(2)
    assert len(openings) == 4
    assert set(td_kinds.kinds(openings)) <= set(td_kinds.WEIGHTS)
    assert {board.tobytes() for board in openings} <= {board.tobytes() for board in first.boards}
    assert np.array_equal(stage.openings(2), openings)
    assert not np.array_equal(stage.openings(3), openings)
    tail = second.boards[-4 * AIMED_PLIES :]
    assert (second.games, len(second.ends)) == (16, 16)
    assert any(np.array_equal(board, openings[-1]) for board in tail)
    with pytest.raises(ValueError, match="set `memory`"):
        TD(replace(SETTINGS, aimed=0.25))


def test_steady_games_are_played_by_the_averaged_weights():
    stages = [TD(replace(SETTINGS, memory=5000, steady=steady, rate=0.05)) for steady in (False, True)]
    first = stages[0].play(1)
    for stage in stages:
        stage.learn(1, first)  # both have learned the same
    newest, averaged = (stage.play(2).boards for stage in stages)
    stages[0].net.load_state_dict(stages[0].learner.average.state_dict())
    assert not np.array_equal(newest, averaged)
    assert np.array_equal(stages[0].play(2).boards, averaged)


KINDS_OF_POSITION = {
    "past each other": ("2O 3O 5O 5O . .   . . . . . .   . . . . . .   5X 5X 5X . . .", td_kinds.RACE),
    "opening": (OPENING, td_kinds.OTHER),
    "a last checker waits": (". . . . . .   . . . . . .   . . . . . .   5X 4X 4X . O .", td_kinds.BEARING),
    "six points in a row": (
        "2X . . . 5O 4O   4O . . . . .   . . 2X 2X 2X 2X   2X 2X . . 2O .",
        td_kinds.PRIME,
    ),
    "an anchor on the 20-point": ("5O 4O . . 2X .   . 4O . . . 5X   2O 4X . . 4X .   . . . . . .", td_kinds.HOLDING),
    "two anchors, far behind": ("2X 2X . 5O 4O .   . . . 2O . 2X   . 4O . . . .   3X 3X 3X . . .", td_kinds.BACKGAME),
}


@pytest.mark.parametrize(("diagram", "kind"), KINDS_OF_POSITION.values(), ids=KINDS_OF_POSITION)
def test_kinds_of_position(diagram, kind):
    mine, theirs = checkers_of(diagram)
    boards = np.array([mine + theirs, theirs + mine], np.int8)
    assert td_kinds.kinds(boards).tolist() == [kind, kind]


def test_each_phase_learns_from_its_own_positions():
    stage = TD(SETTINGS)
    experience = stage.play(1)
    races = afterstates.phases(experience.boards) == RACE
    before = stage.net.network()
    stage.learn(1, experience._replace(boards=experience.boards[~races], targets=experience.targets[~races]))
    after = stage.net.network()
    assert np.array_equal(before.outer[RACE], after.outer[RACE])
    assert not np.array_equal(before.outer[1 - RACE], after.outer[1 - RACE])


@pytest.mark.parametrize(("step", "rate"), [(1, 1.0), (50, 1.0), (75, 0.55), (100, 0.1)])
def test_the_rate_stays_and_falls(step, rate):
    settings = Settings(games=1000, batch=10, rate=1.0, decay=0.5, last_rate=0.1)
    assert learning_rate(settings, step, settings.batches) == pytest.approx(rate)


# --- what is wrong is told --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"hiden": "3"}, "there is no setting 'hiden' .did you mean 'hidden'"),
        ({"hidden": "0"}, "hidden = 0 is less than 1"),
        ({"stakes": "honour"}, "stakes = 'honour' is none of 'money', 'wins'"),
        ({"trace": "-0.1"}, "trace = -0.1 is less than 0"),
        ({"games": "many"}, "games = 'many' should be a whole number"),
    ],
)
def test_settings_that_cannot_be_are_told(words, told):
    with pytest.raises(ValueError, match=told):
        resolve(Settings, words)


def test_a_checkpoint_of_another_network_is_told(trained):
    with pytest.raises(ValueError, match="000000060 was written by another stage, or for another network"):
        TD(replace(SETTINGS, hidden=9)).resume(Run(trained, SETTINGS).checkpoint())


def test_a_checkpoint_of_another_stage_is_told(tmp_path):
    from safetensors.numpy import save_file

    with Run(tmp_path / "run", SETTINGS) as run:
        run.save(3, lambda folder: save_file({"net.stem": np.zeros(3)}, folder / "state.safetensors"))
        with pytest.raises(ValueError, match="checkpoints"):
            TD(SETTINGS).resume(run.checkpoint())


# --- torch's twin, and the yardsticks ---------------------------------------------------------------------


@pytest.mark.parametrize(("counted", "second"), [(False, 0), (True, 0), (True, 4)])
def test_torch_computes_what_compiled_code_plays_with(counted, second):
    network = afterstates.fresh(8, 2, counted, second)
    net, value = AfterstateNet(network), np.zeros(OUTPUTS, np.float32)
    assert same_weights(net.network(), network)
    boards = np.stack(
        [np.concatenate(checkers).astype(np.int8) for checkers in random_boards(60) if checkers[1][bg.OFF] < 15]
    )
    races = afterstates.phases(boards) == RACE
    assert 0 < races.sum() < len(races)
    with torch.no_grad():
        inputs = torch.from_numpy(encode(boards, network.inner.shape[1]))
        contact, race = net(inputs[~races], inputs[races])
        outputs = np.empty((len(boards), OUTPUTS), np.float32)
        outputs[~races], outputs[races] = torch.sigmoid(contact).numpy(), torch.sigmoid(race).numpy()
    for board, expected in zip(boards, outputs, strict=True):
        evaluate(board, 0, network, play_buffers(8), value)
        lose, win = board[bg.OFF] == 0, board[SIDE + bg.OFF] == 0  # compiled code knows which gammons cannot be
        assert value == pytest.approx(expected * [1, win, win, lose, lose], abs=1e-3)


def test_duels_are_fair_and_repeatable():
    network = afterstates.fresh(8, seed=3)
    assert duel(network, NETWORK, network, 60, threads=2) == 0, "each side of the same dice against itself"
    assert duel(network, RANDOM, network, 40, threads=1) == duel(network, RANDOM, network, 40, threads=2)
    found = measure(network, 40, threads=2)
    assert set(found) == {"against_random", "against_rule"}
    assert all(abs(points) <= 3 for points in found.values())


def test_the_rule_of_thumb_beats_a_novice():
    assert duel(afterstates.fresh(8), RULE, afterstates.fresh(8), 100, threads=2) < -0.5
