"""Deep Q-learning: its memory, its targets against the formula, poles that stand, moves that a solver finds right."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.settings import resolve  # noqa: E402
from games.connect_four.writing import read_diagram  # noqa: E402
from training.lab import dqn  # noqa: E402
from training.lab.networks import in_numpy  # noqa: E402
from training.lab.transitions import Transition, TransitionMemory  # noqa: E402


def stage_of(**words):
    return dqn.DeepQLearning(resolve(dqn.Settings, words))


def learned(rounds, **words):
    """Return a stage after so many rounds of its schedule."""
    stage = stage_of(**words)
    for step, data in zip(range(1, rounds + 1), stage.data(0), strict=False):
        stage.learn(step, data)
    return stage


# --- the memory -------------------------------------------------------------------------------------------


def numbered(first, count):
    numbers = np.arange(first, first + count)
    rows = np.repeat(numbers[:, None], 4, 1).astype(float)
    return Transition(rows, numbers % 2, numbers / 7, rows + 0.5, numbers % 3 == 0)


def test_the_memory_keeps_the_latest():
    memory = TransitionMemory(10, np.zeros(4))
    memory.add(numbered(0, 4))
    assert len(memory) == 4
    memory.add(numbered(4, 9))
    kept = memory.draw(500, np.random.default_rng(1))
    assert set(kept.states[:, 0]) == set(range(3, 13))
    assert (kept.nexts == kept.states + 0.5).all()
    assert (kept.actions == kept.states[:, 0] % 2).all()
    assert np.allclose(kept.rewards, kept.states[:, 0] / 7)
    assert (kept.over == (kept.states[:, 0] % 3 == 0)).all()
    again = TransitionMemory(10, np.zeros(4))
    again.reload(memory.tables())
    assert all(map(np.array_equal, again.rows, memory.rows))
    with pytest.raises(ValueError, match="another size"):
        TransitionMemory(9, np.zeros(4)).reload(memory.tables())


def test_without_a_memory_each_transition_is_learned_once_and_in_order():
    stage = stage_of(replay=0, episodes=2, turns=6, updates=4)
    for _, parts in zip(range(2), stage.data(0), strict=False):
        assert [len(part.actions) for part in parts] == [3, 3, 3, 3]
        states, nexts = (np.concatenate([getattr(part, name) for part in parts]) for name in ("states", "nexts"))
        assert np.array_equal(states[2:], nexts[:-2])  # two poles by turns
    assert np.array_equal(stage.world.tables["states"], nexts[-2:])


# --- targets ----------------------------------------------------------------------------------------------


def test_targets_are_those_of_the_formula():
    stage = stage_of(episodes=6, turns=12, discount=0.9)
    data = next(stage.data(0))[0]
    worth = in_numpy(stage.target)(stage.world.seen(data.nexts)).max(1)
    expected = np.where(data.over, 0.01, 0.01 + 0.9 * worth)
    assert np.abs(stage.targets(data).numpy() - expected).max() < 1e-6


def test_a_pole_whose_time_is_up_has_not_fallen():
    stage = stage_of(episodes=3)
    stage.world.tables["states"][:], stage.world.tables["ages"][:] = 0.0, [0, 498, 499]
    found = stage.world.walk(lambda seen: np.zeros((3, 2)), 0.0, np.random.default_rng(1))
    assert not found.over.any()
    assert stage.world.tables["ages"].tolist() == [1, 499, 0]
    assert (stage.world.tables["states"] == found.nexts).all(1).tolist() == [True, True, False]


BOARD = """
O . . . . . .
X . . . . . .
O . . . . . .
X O . . . . .
O X . . . . .
X O X X X . O
"""


def test_what_the_other_side_can_do_counts_negative():
    stage = stage_of(game="connect_four", episodes=3, discount=0.9)
    before = np.repeat(read_diagram(BOARD)[None], 3, 0)  # O is to play
    assert stage.world.legal(before)[0].tolist() == [False, True, True, True, True, True, True]
    found = stage.world.step(before, np.array([1, 5, 6]))
    assert not found.over.any()  # only column 6 stops the four
    values = in_numpy(stage.target)(stage.world.seen(found.nexts))
    values[:, 0] = -np.inf  # the column is full
    assert np.abs(stage.targets(found).numpy() + 0.9 * values.max(1)).max() < 1e-6
    won = stage.world.step(found.nexts[:1], np.array([5]))
    assert (won.over.tolist(), won.rewards.tolist(), stage.targets(won).tolist()) == ([True], [1.0], [1.0])


# --- learning ---------------------------------------------------------------------------------------------


def test_the_target_network_follows_every_so_many_updates():
    stage, equal = stage_of(steps=9, updates=2, turns=3, target_every=4, hidden=8), []
    for step, data in enumerate(stage.data(0), 1):
        stage.learn(step, data)
        equal.append(all(map(torch.equal, stage.target.parameters(), stage.learner.net.parameters())))
    assert equal == [step % 2 == 0 for step in range(1, 10)]


def test_poles_stand_and_without_a_target_network_they_do_not():
    stage = learned(8, measured=20, hidden=32)
    best = stage.measure()["kept_return"]
    assert best > 80
    without = learned(8, measured=20, hidden=32, target_every=0)
    assert without.measure()["return"] < 15


def test_the_best_network_is_kept_and_goes_on_with_its_checkpoint(tmp_path):
    stage = learned(2, measured=10)
    first = stage.measure()["kept_return"]
    kept = [each.clone() for each in stage.best.parameters()]
    with torch.no_grad():
        for each in stage.learner.average.parameters():
            each.zero_()  # always pushes to the left
    numbers = stage.measure()
    assert numbers["return"] < 11 < numbers["kept_return"] == first
    folder = tmp_path / "000000002"
    folder.mkdir()
    stage.write(folder)
    again = stage_of(measured=10)
    again.resume(folder)
    assert all(map(torch.equal, again.best.parameters(), kept))
    assert again.numbers == stage.numbers


def test_moves_of_connect_four_are_learned():
    words = {"game": "connect_four", "episodes": 64, "turns": 8, "minibatch": 128, "hidden": 64, "target_every": 64}
    numbers = learned(6, discount=1, explore=0.5, average=0.9, **words).measure()
    assert numbers["return"] > 0.36  # random: 0.335
    assert "solved_after" not in numbers  # a game has no such bar


def test_a_game_without_judged_positions_is_refused():
    with pytest.raises(ValueError, match="no perfect player has judged positions of 'go', but of: connect_four"):
        stage_of(game="go")
