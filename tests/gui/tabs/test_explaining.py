"""What the inspector explains: the printed formulas are the search's own numbers; guesses, and turning points."""

import re

import numpy as np
import pytest

from engine import tree
from engine.clock import Limit
from engine.players import Analysis, MindChange, SearchPlayer
from engine.reading import read_player
from engine.search import SearchSettings
from engine.stepping import PHASES, Choice, Selected, Stepper, Term
from engine.tree_steps import _best_child, _normaliser
from games.game import CHANCE, FIRST, SECOND, Position
from gui.history import Node
from gui.tabs.explaining import N, P, Q, U, explain, explain_phase
from gui.tabs.predicting import Predictions
from gui.tabs.tree_details import axis_of, bars_of_line, term_of
from gui.tabs.tree_rows import Words
from gui.turning import turning_points
from tests.engine.test_stepping import opinionated
from tests.toys import NOUGHTS, RACE, WORDS, noughts, race, words

SIDES = Words(("X", "O"), str)
CASES = {
    "two sides": (noughts, NOUGHTS, SearchSettings(c_puct=2.0, first_play=0.3), 700),
    "one side, values normalised": (words, WORDS, SearchSettings(normalise=True, first_play=0.1), 30),
    "leaves followed": (words, WORDS, SearchSettings(normalise=True, follow=True, first_play=0.0), 8),
    "a plan of visits": (noughts, NOUGHTS, SearchSettings(gumbel=4), 60),
}


@pytest.fixture(params=CASES)
def grown(request):
    """A tree at rest: player, position, and all nodes of its reading with their paths."""
    game, state, settings, visits = CASES[request.param]
    player, position = SearchPlayer("toy", opinionated, settings, nodes=20_000), Position(game, state)
    player.think(position, Limit(visits=visits))
    read = read_player(player, position, depth=3, width=9)
    return player, read


def scores_of(player, node):
    """Return Q + U of a node's children, as the compiled `select` itself computes them for a lone simulation."""
    forest, settings = player.tree, player.settings
    ints, scores = forest.ints.copy(), np.zeros(30, np.float32)
    ints[tree.IN_FLIGHT, node] += 1  # as `select` does before it chooses
    weights = tuple(np.float32(w) for w in (settings.c_puct, settings.virtual_loss, settings.first_play))
    scale, shift = _normaliser.py_func(*forest.bounds[:, 0])
    _best_child.py_func(ints, forest.floats, np.int64(node), weights, scale, shift, scores)
    below = tree.children(forest, node)
    return dict(zip(forest.ints[tree.MOVE, below].tolist(), scores[: len(below)].tolist(), strict=True))


def nodes_of(player, node, index):
    """Yield the nodes of a reading that have children, each with its index in the tree."""
    if node.children:
        yield node, index
    below = tree.children(player.tree, index)
    places = dict(zip(player.tree.ints[tree.MOVE, below].tolist(), below.tolist(), strict=True))
    for child in node.children:
        yield from nodes_of(player, child, places[child.move])


def value_of(line):
    """Return what a printed product or sum comes to, and what is printed behind its last equals sign."""
    left, right = (part.strip(" .=") for part in line.rsplit("=", 1))
    plain = left.rsplit("=", 1)[-1].replace(",", "").replace(" x ", "*").replace("sqrt", "np.sqrt")
    return eval(plain, {"np": np}), float(right.replace(",", ""))


def test_every_printed_product_and_sum_is_the_searchs_own_number(grown):
    player, read = grown
    checked = 0
    for parent, index in nodes_of(player, read.root, int(player.tree.regions[tree.ROOT, 0])):
        scores = scores_of(player, index)
        choice = Choice(parent.turn, (), -1, False, parent.visits + 1, parent.value)
        for child in parent.children:
            if child.closed:
                assert scores[child.move] == -np.inf
                continue
            lines = explain(U, term_of(child), choice, child.value, read.formula, SIDES).split("\n")
            product, printed = value_of(lines[2])
            assert product == pytest.approx(printed, rel=0.02)
            assert printed == pytest.approx(child.u, rel=6e-3)
            total, sum_printed = value_of(lines[3].removeprefix("select compares Q + U = "))
            assert total == pytest.approx(sum_printed, abs=0.011 * max(1, abs(total)))
            assert sum_printed == pytest.approx(scores[child.move], abs=0.006 * max(1.0, abs(scores[child.move])))
            checked += 1
    assert checked >= (1 if player.settings.follow else 6)


def test_the_value_is_explained_as_whoever_chooses_sees_it():
    player, position = SearchPlayer("toy", opinionated, SearchSettings(first_play=0.3), nodes=9000), Position(
        noughts, NOUGHTS
    )  # fmt: skip
    player.think(position, Limit(visits=300))
    read = read_player(player, position, depth=2, width=9)
    for parent in (read.root, read.root.children[0]):
        choice = Choice(parent.turn, (), -1, False, parent.visits + 1, parent.value)
        for child in parent.children:
            mean = child.value if child.visits else None
            said = explain(Q, term_of(child), choice, mean, read.formula, SIDES)
            assert f"as {'XO'[parent.turn]} sees it" in said or "guess" in said
            numbers = value_of(re.sub(r"-\((.*)\)", r"-1*(\1)", said.split("\n")[1]))
            assert numbers[0] == pytest.approx(numbers[1], abs=0.01)
            assert numbers[1] == pytest.approx(child.q, abs=0.006)
    assert {read.root.turn, read.root.children[0].turn} == {FIRST, SECOND}


def test_visits_priors_and_dice_are_explained():
    choice, term = Choice(FIRST, (), -1, False, 801, 0.1), Term(3, 90, 0.33, 0.1, 0.2)
    assert "N = 90 of 800 = 11%" in explain(N, term, choice, 0.1, None, SIDES)
    assert "P = 0.33" in explain(P, term, choice, 0.1, None, SIDES)
    dice = explain(N, Term(3, 1, 1 / 18, 0.0, 0.0), Choice(CHANCE, (), -1, False, 37), None, None, SIDES)
    assert "odds x N = 0.0556 x 37 = 2.06 are due, 1 were made" in dice


@pytest.mark.parametrize("case", [(noughts, NOUGHTS, 0.5), (race, RACE, 0.3), (words, WORDS, 0.0)])
def test_every_phase_is_explained_with_its_own_numbers(case):
    game, state, weight = case
    player = SearchPlayer("toy", opinionated, SearchSettings(rollout_weight=weight), nodes=9000)
    stepper, seen = Stepper(player, Position(game, state)), {}
    assert all("\n" not in explain_phase(phase, {}, SIDES) for phase in PHASES)
    for _ in range(8):
        for event in stepper.simulate():
            seen[event.phase] = event
        said = {phase: explain_phase(phase, seen, SIDES) for phase in PHASES}
        for phase in ("rollout", "backup"):
            sums = [line for line in said[phase].split("\n")[1:] if " x " in line or " / " in line]
            for line in sums:
                total, printed = value_of(line.split("Q = ")[-1].removeprefix("v = "))
                assert total == pytest.approx(printed, rel=6e-3, abs=0.011)
    assert bool(weight) == ("(1 - " in said["rollout"].split("\n")[1])


def test_all_bars_share_one_scale_that_holds_zero():
    player, position = SearchPlayer("toy", opinionated, nodes=9000), Position(noughts, NOUGHTS)
    player.think(position, Limit(visits=200))
    read = read_player(player, position)
    low, high = axis_of(bars_of_line(read, read.best[:3], SIDES))
    assert low <= -1
    assert high >= 1


# --- guesses ----------------------------------------------------------------------------------------------


def test_guesses_are_compared_with_what_select_takes_and_counted():
    guesses, terms = Predictions(), (Term(4, 1, 0.5, 0.1, 0.4), Term(5, 1, 0.5, 0.1, 0.3))
    event = Selected((4, 7), (Choice(FIRST, terms, 0),))
    assert not guesses.waits(None)
    guesses.switch()
    assert guesses.waits(None)
    guesses.take((4,))
    assert not guesses.waits(None)
    for _ in range(3):  # it is drawn many times
        guesses.see(event, SIDES)
    assert (guesses.verdict, guesses.count) == ("Right.", "1 of 1 right")
    assert not guesses.waits(event)
    guesses.take((5,))
    guesses.see(Selected((4,), event.choices), SIDES)
    assert guesses.verdict == "No: 4 has Q + U = +0.500, 5 +0.400."
    assert guesses.count == "1 of 2 right"


# --- turning points ---------------------------------------------------------------------------------------


def node(move, value=None, *changes, visits=100):
    thought = Analysis(visits, value or 0.0, 1.0, [], 0, tuple(MindChange(*each) for each in changes))
    return Node(move, FIRST, None, [], thought if changes else None, value)


def test_the_latest_change_of_mind_and_the_greatest_jump_are_found():
    line = [
        node(-1, 0.0, (1, 3, 0.0), (30, 4, 0.1)),
        node(4, 0.1, (1, 5, 0.0), (70, 6, 0.1)),
        node(6, 0.5, (1, 2, 0.5)),
        node(2, 1.0),
    ]
    found = turning_points(line, lambda ply, move: f"{ply}:{move}")
    assert [(point.ply, point.words) for point in found] == [
        (1, "Move 2: it changed from 1:5 to 1:6 after 70% of its 100 visits"),
        (2, "Move 3: its value went from +0.50 to +1.00"),
    ]
    assert turning_points([node(-1, 0.0), node(1, 0.1)], lambda ply, move: str(move)) == []


def test_a_search_notes_when_another_move_is_its_favourite():
    player, position = SearchPlayer("toy", opinionated, SearchSettings(wave=1), nodes=9000), Position(noughts, NOUGHTS)
    found = player.think(position, Limit(visits=600))
    assert [change.visits for change in found.changes] == sorted({change.visits for change in found.changes})
    assert found.changes[-1].move == found.lines[0].move
    moves = [change.move for change in found.changes]
    assert all(a != b for a, b in zip(moves, moves[1:], strict=False))
