"""The compiled backgammon network: the same numbers as plain numpy, play by play; signs, widening, models on disk."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from engine.backgammon import afterstates, bearoff
from engine.backgammon import model as afterstates_model
from engine.backgammon.afterstates import (
    CONTACT,
    PHASES,
    RACE,
    WEIGHTS,
    Network,
    evaluate,
    evaluate_plays,
    play_buffers,
)
from engine.backgammon.outputs import MONEY, WINS_ONLY, best_of, equity, equity_to_other, turn_round
from engine.networks import model
from games import backgammon as bg
from games.backgammon.counted import COUNTED, count_up
from games.backgammon.inputs import INPUTS
from games.backgammon.rules import BOARD, DICE_OF_ROLL, ROLLS, SIDE
from tests.backgammon_boards import OPENING, board_of, checkers_of, counts_of, exact_win, random_boards, tiny_races
from tests.measures import slow_backgammon as slow
from training.disk import write_folder

CLOSE = 1e-3
"""How far a compiled output may be from the true sigmoids: each is within 1e-4, and one feeds another."""

UNEVEN = np.array([2.2, 0.7, 0.3, -0.9, -0.4, -1.3], np.float32)
"""Stakes of a match score at which gammons are worth less to the mover than to the other."""


def lively(hidden, seed=1, counted=False, second=0):
    """Return a network whose outputs are far from one another, and far from the middle."""
    random, network = np.random.default_rng(seed), afterstates.fresh(hidden, seed, counted, second)
    bias = random.normal(0, 1, (PHASES, hidden)).astype(np.float32)
    base = random.normal(0, 1, (PHASES, 5)).astype(np.float32)
    threshold = random.normal(0, 1, (1, second)).astype(np.float32)
    layers = network.second, threshold, 4 * network.last
    return Network(3 * network.inner, bias, *layers, 4 * network.outer, base)


def cells(checkers, me):
    """Return flat cells in which the given checkers [2, 26], the side on roll first, begin at `me`."""
    return np.concatenate(checkers if me == 0 else checkers[::-1]).astype(np.int8)


def same_weights(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in WEIGHTS)


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def is_race(checkers):
    """Tell whether no checker of either side stands in front of one of the other."""
    mine = max((k for k in range(1, SIDE) if checkers[0][k]), default=0)
    theirs = max((k for k in range(1, SIDE) if checkers[1][k]), default=0)
    return mine < 25 - theirs


def plain(network, checkers):
    """Compute the five outputs of checkers [2, 26] without any haste."""
    if checkers[1][bg.OFF] == 15:
        gammon = checkers[0][bg.OFF] == 0
        return np.array([0, 0, 0, gammon, gammon and checkers[0][19:].any()], float)
    inputs, counted = (
        bg.features(bg.set_up(checkers[0], checkers[1], cube=False)[None])[0],
        np.zeros(COUNTED, np.float32),
    )
    which = RACE if is_race(checkers) else CONTACT
    if which == CONTACT:
        count_up(cells(checkers, 0), 0, COUNTED, counted)
    inputs = np.concatenate([inputs, counted])[: network.inner.shape[1]]
    sums = inputs @ network.inner[which] + network.bias[which]
    if which == CONTACT and network.threshold.size:
        layer = np.maximum(np.maximum(sums, 0) @ network.second[0] + network.threshold[0], 0)
        outputs = sigmoid(network.last @ layer + network.base[which])
    else:
        outputs = sigmoid(network.outer[which] @ sigmoid(sums) + network.base[which])
    return outputs * can_be(checkers)


def can_be(checkers):
    """Tell which outputs are possible: who has borne a checker off loses no gammon."""
    lose, win = checkers[0][bg.OFF] == 0, checkers[1][bg.OFF] == 0
    return np.array([True, win, win, lose, lose])


def turned(outputs):
    win, win_gammon, win_backgammon, lose_gammon, lose_backgammon = outputs
    return np.array([1 - win, lose_gammon, lose_backgammon, win_gammon, win_backgammon])


def worth(outputs, stakes):
    """Return what outputs are worth to the player whose they are."""
    return stakes[:5] @ outputs + stakes[5]


# --- the same numbers as numpy ----------------------------------------------------------------------------


@pytest.mark.parametrize(("hidden", "counted", "second"), [(1, False, 0), (7, True, 0), (32, False, 0), (9, True, 5)])
def test_outputs_are_those_of_plain_numpy(hidden, counted, second):
    network, room = lively(hidden, counted=counted, second=second), play_buffers(hidden)
    outputs = np.zeros(5, np.float32)
    spread = []
    for checkers in random_boards(300):
        for me in (0, SIDE):
            evaluate(cells(checkers, me), me, network, room, outputs)
            assert outputs == pytest.approx(plain(network, checkers), abs=CLOSE)
        spread.append(outputs.copy())
    assert np.std(spread, axis=0).min() > 0.02, "all outputs are alike: nothing was tested"


@pytest.mark.parametrize(
    ("stakes", "counted", "second"),
    [(MONEY, False, 0), (WINS_ONLY, True, 0), (UNEVEN, True, 4)],
    ids=["money", "wins, with counts", "uneven, with two layers"],
)
def test_every_play_of_every_roll_is_that_of_plain_numpy(stakes, counted, second):
    network, room, checked = lively(9, counted=counted, second=second), play_buffers(9), set()
    boards = [*random_boards(60), *(counts_of(board).reshape(2, SIDE) for board in tiny_races()[::40])]
    for number, checkers in enumerate(boards):
        me = SIDE * (number % 2)
        row = cells(checkers, me)
        for roll in DICE_OF_ROLL:
            count = evaluate_plays(row, me, roll, network, stakes, room)
            for k in range(0, count, 7):
                after = after_play(row, me, room.plays[k])
                expected = plain(network, after)
                assert room.outputs[k] == pytest.approx(expected, abs=CLOSE)
                assert room.equities[k] == pytest.approx(worth(turned(expected), stakes), abs=8 * CLOSE)
                checked.add((is_race(checkers), is_race(after), after[1][bg.OFF] == 15))
        assert np.array_equal(row, cells(checkers, me)), "the checkers are as they were"
    assert {(False, False, False), (False, True, False), (True, True, False), (True, True, True)} <= checked


def after_play(row, me, play):
    """Return checkers [2, 26] after a play, those of the other, who is on roll now, first."""
    checkers = bg.set_up(row[me : me + SIDE], row[SIDE - me : BOARD - me], cube=False)
    board = board_of(checkers, 0)
    for source, die in play.reshape(4, 2).tolist():
        board = slow.moved(board, source, die) if source else board
    return counts_of(slow.turned(board)).reshape(2, SIDE)


def test_a_roll_that_cannot_be_played_has_no_plays():
    closed = checkers_of("2O 2O 2O 2O 2O 2O   . . . . . .   . . . . . .   3X . . . . .   bar X")
    assert evaluate_plays(cells(closed, 0), 0, DICE_OF_ROLL[-2], lively(3), MONEY, play_buffers(3)) == 0


def test_databases_answer_for_races_that_they_know():
    network, room, outputs = lively(4)._replace(tables=bearoff.load()), play_buffers(4), np.zeros(5, np.float32)
    for board in tiny_races()[::9]:
        evaluate(counts_of(board), 0, network, room, outputs)
        assert outputs.tolist() == pytest.approx([exact_win(board), 0, 0, 0, 0], abs=1e-6)
        count = evaluate_plays(counts_of(board), 0, DICE_OF_ROLL[7], network, MONEY, room)
        best = max(1 - exact_win(slow.turned(end)) for end in slow.ends(board, slow.dice_of((4, 2))))
        assert room.equities[:count].max() == pytest.approx(2 * best - 1, abs=1e-6)


# --- finished games, phases, signs ------------------------------------------------------------------------

LOST = {
    "a plain game": ("14X . . . . .   . . . . . .   . . . . . .   . . . . . .", [0, 0, 0, 0, 0]),
    "a gammon": (". . . . . .   15X . . . . .   . . . . . .   . . . . . .", [0, 0, 0, 1, 0]),
    "a backgammon": (". . . . . X   14X . . . . .   . . . . . .   . . . . . .", [0, 0, 0, 1, 1]),
    "a backgammon on the bar": (". . . . . .   14X . . . . .   . . . . . .   . . . . . .   bar X", [0, 0, 0, 1, 1]),
}


@pytest.mark.parametrize(("diagram", "outputs"), LOST.values(), ids=LOST)
@pytest.mark.parametrize("me", [0, SIDE])
def test_a_lost_game_is_worth_what_the_rules_say(diagram, outputs, me):
    found = np.ones(5, np.float32)
    evaluate(cells(checkers_of(diagram), me), me, lively(4), play_buffers(4), found)
    assert found.tolist() == outputs


@pytest.mark.parametrize(
    ("diagram", "which"),
    [
        (OPENING, CONTACT),
        (". . . . . .   . . . . X .   . O . . . .   . . . . . .", CONTACT),
        (". . . . . .   . . . . O .   . X . . . .   . . . . . .", RACE),
        (". . . . . .   . . . . . .   . . . . . .   X . . . . .   bar O", CONTACT),
        ("5O . . . . .   . . . . . .   . . . . . .   . . . . . .   bar X", CONTACT),
        ("15O . . . . .   . . . . . .   . . . . . .   . . . . . 15X", RACE),
        ("O . . . . X   . . . . . .   . . . . . .   . . . . . .", RACE),
        ("X O . . . .   . . . . . .   . . . . . .   . . . . . .", CONTACT),
    ],
)
def test_phases(diagram, which):
    mine, theirs = checkers_of(diagram)
    both = np.stack([cells((mine, theirs), 0), cells((theirs, mine), 0)])
    assert afterstates.phases(both).tolist() == [which, which]
    assert afterstates.phase(both[0]) == which


def test_a_race_stays_a_race():
    for checkers in random_boards(200):
        state = bg.set_up(checkers[0], checkers[1], dice=(6, 2), cube=False)
        if is_race(checkers):
            assert all(afterstates.phase(after[:BOARD]) == RACE for _, after in bg.plays(state))


def test_equities_have_the_signs_of_their_players():
    outputs = np.array([0.7, 0.3, 0.05, 0.1, 0.02], np.float32)
    money = 2 * 0.7 - 1 + 0.3 + 0.05 - 0.1 - 0.02
    around, back = np.zeros(5, np.float32), np.zeros(5, np.float32)
    turn_round(outputs, around)
    assert around == pytest.approx([0.3, 0.1, 0.02, 0.3, 0.05])
    turn_round(around, back)
    assert back == pytest.approx(outputs)
    assert equity(outputs, MONEY) == pytest.approx(money)
    assert equity(around, MONEY) == pytest.approx(-money)
    assert equity_to_other(outputs[None], 0, MONEY) == pytest.approx(-money)
    assert equity(outputs, WINS_ONLY) == pytest.approx(0.4)
    assert equity_to_other(outputs[None], 0, UNEVEN) == pytest.approx(worth(around, UNEVEN))


def test_a_gammon_at_once_is_worth_two():
    row, room = cells(checkers_of("15O . . . . .   . . . . . .   . . . . . .   . . . . X X"), 0), play_buffers(3)
    count = evaluate_plays(row, 0, DICE_OF_ROLL[ROLLS.tolist().index([2, 1])], lively(3), MONEY, room)
    assert room.equities[best_of(room.equities, count)] == 2


def test_the_first_of_the_best_is_chosen():
    assert best_of(np.array([0.1, 0.5, 0.5, 9.0], np.float32), 3) == 1


# --- widening ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before_it", "wanted", "second"), [(False, False, 0), (False, True, 0), (True, True, 0), (True, False, 3)]
)
def test_a_widened_network_says_the_same_and_can_learn_more(before_it, wanted, second):
    narrow = lively(6, counted=before_it, second=second)
    wide = afterstates.widened(narrow, 20, 3, wanted)
    assert wide.bias.shape == (PHASES, 20)
    assert wide.inner.shape[1] == INPUTS + COUNTED * (before_it or wanted)
    before, after = np.zeros(5, np.float32), np.zeros(5, np.float32)
    for checkers in random_boards(60):
        evaluate(cells(checkers, 0), 0, narrow, play_buffers(6), before)
        evaluate(cells(checkers, 0), 0, wide, play_buffers(20), after)
        assert after == pytest.approx(before, abs=1e-5)
    assert wide.inner[:, :, 6:].std() > 0.01, "the new units listen to something"
    assert same_weights(afterstates.widened(narrow, 6), narrow)


def test_fresh_networks_follow_their_seed():
    one, same, other = afterstates.fresh(5, 1), afterstates.fresh(5, 1), afterstates.fresh(5, 2)
    assert same_weights(one, same)
    assert not np.array_equal(one.inner, other.inner)
    assert {getattr(one, name).dtype for name in WEIGHTS} == {np.dtype(np.float32)}


# --- models on disk ---------------------------------------------------------------------------------------


def written(folder, network=None, **about):
    write_folder(
        folder, lambda at: afterstates_model.write(network or lively(6), at, afterstates_model.describe(**about))
    )
    return folder


@pytest.mark.parametrize(("counted", "second"), [(False, 0), (True, 4)])
def test_a_model_comes_back_from_the_disk(tmp_path, counted, second):
    network = lively(6, counted=counted, second=second)
    folder = written(tmp_path / "runs" / "one" / "models" / "000000007", network, games=12)
    for name in (folder, tmp_path / "runs" / "one", str(folder)):
        assert same_weights(afterstates_model.load(name), network)
    found = model.find(folder)
    assert (found.game, found.about["games"]) == ("backgammon", 12)
    assert (found.about["inputs"], found.about["hidden"]) == (INPUTS + counted * COUNTED, 6)
    assert same_weights(afterstates_model.read(found), network)


def test_other_models_are_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no model 'nowhere'"):
        afterstates_model.load("nowhere")
    with pytest.raises(ValueError, match="plays go, not backgammon"):
        afterstates_model.load(next(name for name in model.shipped() if model.find(name).game == "go"))
    folder = written(tmp_path / "one")
    about = json.loads((folder / model.DESCRIPTION).read_text())
    (folder / model.DESCRIPTION).write_text(json.dumps(about | {"format": 2}))
    with pytest.raises(ValueError, match="is of format 2"):
        afterstates_model.load(folder)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "holds no network"),
        (lambda path: path.write_bytes(b"not at all"), "holds no network"),
        (lambda path: path.write_bytes(b""), "holds no network"),
        (lambda path: rewrite(path, wrong=np.zeros(3, np.float32)), "holds no network"),
        (lambda path: rewrite(path, base=np.full((2, 5), np.nan, np.float32)), "not finite numbers"),
        (lambda path: rewrite(path, base=np.full((2, 5), np.inf, np.float32)), "not finite numbers"),
        (lambda path: rewrite(path, bias=np.zeros((PHASES, 5), np.float32)), "another shape"),
        (lambda path: rewrite(path, bias=np.zeros((), np.float32)), "another shape"),
        (lambda path: rewrite(path, bias=np.zeros((PHASES, 6), np.float64)), "another shape"),
        (lambda path: rewrite(path, inner=np.zeros((PHASES, INPUTS + 1, 6), np.float32)), "another shape"),
        (lambda path: rewrite(path, threshold=np.zeros(3, np.float32)), "another shape"),
    ],
    ids=[
        "missing",
        "cut short",
        "text",
        "empty",
        "other names",
        "not a number",
        "infinite",
        "other shape",
        "a number",
        "doubles",
        "other inputs",
        "half a second layer",
    ],
)
def test_broken_weights_are_told_in_a_sentence(spoil, told, tmp_path):
    folder = written(tmp_path / "one")
    spoil(folder / model.WEIGHTS)
    with pytest.raises(ValueError, match=told) as error:
        afterstates_model.load(folder)
    assert "\n" not in str(error.value)
    assert str(folder) in str(error.value)


def rewrite(path, **weights):
    from safetensors.numpy import load_file, save_file

    save_file(load_file(path) | weights, path)


def test_a_model_of_another_game_is_refused_before_its_weights_are_read(tmp_path):
    folder = written(tmp_path / "one")
    found = replace(model.find(folder), game="go")
    shutil.rmtree(folder)
    with pytest.raises(ValueError, match="plays go, not backgammon"):
        afterstates_model.read(found)
