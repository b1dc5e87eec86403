"""A turn entered by clicks: on many positions every legal play can be entered, and nothing else."""

from collections.abc import Iterator

import numpy as np
import pytest

from games import backgammon as bg
from games.backgammon.rules import BAR, DICE, OFF, ROLLS, SIDE
from gui.backgammon import turn as turns
from gui.backgammon.turn import Turn
from tests.backgammon_boards import checkers_of, random_boards

ROLLS_TRIED = [tuple(map(int, roll)) for roll in ROLLS]


def turn_of(diagram: str, dice: tuple[int, int]) -> Turn:
    return turns.begin(bg.set_up(*checkers_of(diagram), dice=dice))


def positions(count: int, seed: int = 3) -> Iterator[np.ndarray]:
    """Yield random positions with dice that leave something to play, both players moving."""
    random = np.random.default_rng(seed)
    for number, checkers in enumerate(random_boards(count)):
        high, low = ROLLS_TRIED[random.integers(len(ROLLS_TRIED))]
        state = bg.set_up(*checkers.tolist(), mover=number % 2, dice=(high, low))
        if state[DICE]:
            yield state


def ends(states) -> set[bytes]:
    return {state.tobytes() for state in states}


def everything_by_clicks(turn: Turn) -> set[bytes]:
    """Return all ends that clicks on any cell, with either die, lead to."""
    found, seen, waiting = set(), set(), [turn]
    while waiting:
        turn = waiting.pop()
        if turn.complete:
            found.add(turn.state.tobytes())
            continue
        for cell in range(SIDE):
            for other in (False, True):
                after = turns.click(turn, cell, other)
                if len(after.moves) > len(turn.moves) and after.state.tobytes() not in seen:
                    seen.add(after.state.tobytes())
                    waiting.append(after)
    return found


def everything_by_dragging(turn: Turn) -> set[bytes]:
    """Return all ends that bringing checkers wherever they may go leads to, dice in either order."""
    found, seen, waiting = set(), set(), [turn]
    while waiting:
        turn = waiting.pop()
        if turn.complete:
            found.add(turn.state.tobytes())
            continue
        for ordered in (turn, turns.swap(turn)):
            for source in turns.sources(ordered):
                for target in turns.ways(ordered, source):
                    after = turns.move_checker(ordered, source, target)
                    if after.state.tobytes() not in seen:
                        seen.add(after.state.tobytes())
                        waiting.append(after)
    return found


def test_clicks_enter_every_legal_play_and_nothing_else():
    for state in positions(160):
        legal = ends(after for _, after in bg.plays(state))
        assert everything_by_clicks(turns.begin(state)) == legal, bg.describe(state)


def test_dragging_enters_every_legal_play_and_nothing_else():
    for state in positions(50, seed=4):
        legal = ends(after for _, after in bg.plays(state))
        assert everything_by_dragging(turns.begin(state)) == legal, bg.describe(state)


def test_checkers_go_nowhere_else():
    for state in positions(20, seed=6):
        turn = turns.begin(state)
        goals = {(source, target) for source in turns.sources(turn) for target in turns.ways(turn, source)}
        for source in range(SIDE):
            for target in range(SIDE):
                assert bool(turns.move_checker(turn, source, target).moves) == ((source, target) in goals)


def test_each_play_goes_in_move_by_move_and_comes_back_by_undo():
    for state in positions(60, seed=5):
        for moves, after in bg.plays(state):
            turn = turns.begin(state)
            for move in moves:
                source, die = move // 6 + 1, move % 6 + 1
                larger = turns.click(turn, source)
                turn = larger if larger.moves[-1] % 6 + 1 == die else turns.click(turn, source, other_die=True)
            assert turn.complete
            assert turns.confirmed(turn) == moves
            assert np.array_equal(turn.state, after)
            for _ in moves:
                turn = turns.undo(turn)
            assert turn.moves == ()
            assert np.array_equal(turn.state, state)


OPENING = "2X . . . . 5O   . 3O . . . 5X   5O . . . 3X .   5X . . . . 2O"


def test_a_click_moves_by_the_larger_die_and_the_other_click_by_the_smaller():
    turn = turn_of(OPENING, (3, 1))
    assert turns.click(turn, 8).written == "8/5"
    assert turns.click(turn, 8, other_die=True).written == "8/7"
    assert turns.click(turns.swap(turn), 8).written == "8/7"
    assert turns.click(turn, 5).moves == ()


def test_a_blocked_die_gives_way_to_the_other():
    turn = turn_of(OPENING, (5, 1))
    assert turns.click(turn, 6).written == "6/5"  # 6/1 is blocked


def test_a_man_goes_on_with_both_dice_and_the_first_die_chooses_the_way():
    one = turn_of("2X . . . . .   . . . . . .   . . . . . .   13X . O O O .", (2, 1))
    assert turns.ways(one, 6) == {
        4: (bg.checker_move(6, 2),),
        5: (bg.checker_move(6, 1),),
        3: (bg.checker_move(6, 2), bg.checker_move(4, 1)),
    }
    assert turns.move_checker(one, 6, 3).written == "6/4*/3*"
    assert turns.move_checker(turns.swap(one), 6, 3).written == "6/3*"
    assert turns.move_checker(one, 6, 2).moves == ()


def test_like_dice_take_a_man_up_to_four_steps():
    turn = turn_of(OPENING, (2, 2))
    assert sorted(turns.ways(turn, 24)) == [16, 18, 20, 22]
    done = turns.move_checker(turn, 24, 16)
    assert done.complete
    assert done.written == "24/16"


def test_choose_then_target_and_choosing_twice():
    turn = turns.choose(turn_of(OPENING, (6, 1)), 24)
    assert turn.source == 24
    assert turns.choose(turn, 18).written == "24/18"
    assert turns.choose(turn, 24).written == "24/18"
    assert turns.choose(turn, 13).source == 13
    assert turns.choose(turn, 2).source is None


def test_who_is_on_the_bar_enters_first():
    turn = turn_of("X . . . . 5O   . 3O . . . 5X   5O . . . 3X .   5X . . . . 2O bar X", (6, 2))
    assert turns.sources(turn) == {BAR}
    assert turns.sources(turns.click(turn, BAR, other_die=True)) == {24, 13, 8}


def test_the_larger_die_must_be_played_where_only_one_can_be():
    turn = turn_of("X . . . . .   . . 2O . . .   . . . . . .   . . . . . .", (6, 3))
    play = {after for after in (turns.click(turn, 24), turns.click(turn, 24, other_die=True)) if after.moves}
    assert all(each.moves[0] % 6 + 1 in (3, 6) for each in play)
    assert everything_by_clicks(turn) == ends(after for _, after in bg.plays(turn.state))


def test_bearing_off_goes_to_the_tray_with_a_larger_die_too():
    turn = turn_of("2O . . . . .   . . . . . .   . . . . . .   . . . X X X", (6, 5))
    assert OFF in turns.ways(turn, 3)
    done = turns.move_checker(turns.move_checker(turn, 3, OFF), 2, OFF)
    assert done.complete
    assert done.written == "3/off 2/off"
    assert turns.unplayable(done) == []


ALONE = "X . . . . .   . . . . . .   . . . . . 2O   . . . . . X"


def test_what_is_forced_is_played_and_taken_back():
    whole = turns.finish_forced(turn_of(ALONE, (6, 5)))
    assert whole.complete
    assert whole.written == "24/13"
    assert turns.undo(whole).moves == ()
    assert turns.finish_forced(turn_of(OPENING, (3, 1))).moves == ()


def test_the_forced_rest_of_a_turn_is_taken_back_with_what_forced_it():
    done = turns.finish_forced(turns.click(turn_of(ALONE, (6, 5)), 24))
    assert done.complete
    assert done.by_hand == (True, False)
    assert turns.undo(done).moves == ()


def test_dice_show_their_order_and_what_is_used():
    turn = turn_of(OPENING, (3, 1))
    assert turns.dice(turn) == [(3, False), (1, False)]
    assert turns.dice(turns.swap(turn)) == [(1, False), (3, False)]
    assert turns.dice(turns.click(turn, 8)) == [(3, True), (1, False)]
    double = turns.click(turn_of(OPENING, (2, 2)), 13)
    assert turns.dice(double) == [(2, False), (2, False), (2, False), (2, True)]


def test_a_die_that_nobody_can_use_is_named():
    turn = turn_of("X . . . . 2O   2O 2O 2O 2O 2O 2O   . . . . . .   . . . . . X", (6, 4))
    done = turns.finish_forced(turn)
    assert done.complete
    assert turns.unplayable(done) == [6]
    assert all(used for _, used in turns.dice(done))


def test_confirming_needs_all_dice():
    turn = turn_of(OPENING, (3, 1))
    with pytest.raises(ValueError, match="dice are left"):
        turns.confirmed(turns.click(turn, 8))
    assert turns.confirmed(turns.click(turns.click(turn, 8), 6, other_die=True)) == (
        bg.checker_move(8, 3),
        bg.checker_move(6, 1),
    )


def test_a_whole_play_goes_in_at_once():
    turn = turns.click(turn_of(OPENING, (3, 1)), 13)
    assert turns.enter(turn, (bg.checker_move(8, 3), bg.checker_move(6, 1))).written == "8/5 6/5"
    with pytest.raises(ValueError, match="not legal"):
        turns.enter(turn, (bg.checker_move(9, 3),))


def test_a_turn_needs_dice():
    with pytest.raises(ValueError, match="no dice"):
        turns.begin(bg.start())
