"""The rules of backgammon: diagrams, a slow referee beside every fast answer, counts, the cube and the match.

Diagrams are read by `backgammon_boards.py`; what they show is tried for both players.
"""

from itertools import pairwise

import numpy as np
import pytest
from numba import njit

from games import backgammon as bg
from games.backgammon.rules import CHECKERS_EACH, DICE_OF_ROLL, MOST_MOVES, SIDE, apply_play, list_plays, room_for_plays
from games.game import CHANCE, FIRST, NOBODY, SECOND, IllegalMove, Position
from games.randomness import next_random, random_states
from tests.backgammon_boards import OPENING, board_of, boards_of_a_game, checkers_of, random_boards
from tests.measures import slow_backgammon as slow

LAST_MAN = "15O . . . . .   . . . . . .   . . . . . .   . . . . . X"


@pytest.fixture(params=[FIRST, SECOND], ids=["first", "second"])
def mover(request):
    return request.param


def begin(diagram, dice=(), mover=FIRST, **rules):
    """Return a game from a diagram, before the mover's roll or after it; without a cube unless told otherwise."""
    mine, theirs = checkers_of(diagram)
    sides = (mine, theirs) if mover == FIRST else (theirs, mine)
    return Position(bg, bg.set_up(*sides, mover=mover, dice=dice, **({"cube": False} | rules)))


def names(position):
    """Return the legal moves as players write them."""
    return {bg.notation(position.state, int(move)) for move in position.legal()}


def number(state, name):
    """Return the move of a name."""
    return next(move for move in range(bg.MOVES) if bg.notation(state, move) == name)


def play(position, moves):
    """Play moves by their names: "24/18 13/11", "double take 61"."""
    for name in moves.split():
        position.play(number(position.state, name))


def assert_board(position, mover, diagram):
    mine, theirs = checkers_of(diagram)
    assert bg.checkers(position.state, mover).tolist() == mine
    assert bg.checkers(position.state, 1 - mover).tolist() == theirs


def test_the_opening_is_the_diagram():
    assert_board(Position(bg, bg.start()), FIRST, OPENING)
    assert_board(Position(bg, bg.start()), SECOND, OPENING)


# --- what may be moved first ------------------------------------------------------------------------------

FIRST_MOVES = {
    "an opening": (OPENING, (6, 5), "24/18 13/7 8/2 13/8 8/3"),
    "a double": (OPENING, (5, 5), "13/8 8/3"),
    "both dice: the six not with the checker who would leave no five": (
        "X . . . . 2O   . . . . . .   X . . . . 2O   . . . . . 2O",
        (6, 5),
        "24/18",
    ),
    "both dice: the ace with the checker whom it lets play the six": (
        "X . . . . .   2O . . . . .   . . . . . .   . . . X . .",
        (6, 1),
        "24/23",
    ),
    "the larger, where each can be played but not both": (
        "X . . . . .   . . . . 2O .   . . . . . .   . . . . . .",
        (6, 4),
        "24/18",
    ),
    "the larger, whoever else could play the smaller": (
        "X 2O . . . .   2O . . . . .   . . . . . X   2O . . . X 2O",
        (5, 1),
        "24/19 7/2",
    ),
    "the smaller, where the larger cannot be played": (
        "X . . . . .   2O . . . . 2O   . . . . . .   . . . . . .",
        (6, 5),
        "24/19",
    ),
    "from the bar, before anybody else": (
        "X . . . . .   . . . . . 2O   . . . . . .   3X . . . . .   bar X",
        (4, 2),
        "bar/21 bar/23",
    ),
    "from the bar with the die that enters": (
        "X . . 2O . .   . . . . . .   . . . . . .   3X . . . . .   bar 2X",
        (4, 2),
        "bar/23",
    ),
    "from the bar, and not off, though all others are home": (
        "O . . . . .   . . . . . .   . . . . . .   . . . X X X   bar X",
        (3, 2),
        "bar/22 bar/23",
    ),
    "off exactly, or on inside the home": (
        "O . . . . .   . . . . . .   . . . . . .   X X . . . .",
        (6, 5),
        "6/off 5/off 6/1",
    ),
    "off by larger dice, only the rearmost": (
        "O . . . . .   . . . . . .   . . . . . .   . . X . X .",
        (6, 5),
        "4/off(6) 4/off(5)",
    ),
    "not off by a larger die while a checker stands behind": (
        "O . . . . .   . . . . . .   . . . . . .   X . . . X .",
        (5, 4),
        "6/1 6/2",
    ),
    "not off while a checker is outside": (
        "O . . . . .   . . . . . .   . . . . . X   . . . X . .",
        (3, 2),
        "7/4 7/5 3/1",
    ),
    "past the blot, not past the point": (
        ". . . . . .   . . . . . X   . . O . 2O .   . . . . . .",
        (5, 3),
        "13/10",
    ),
}


@pytest.mark.parametrize(("diagram", "dice", "moves"), FIRST_MOVES.values(), ids=FIRST_MOVES)
def test_first_moves(diagram, dice, moves, mover):
    position = begin(diagram, dice, mover)
    assert position.turn == mover
    assert names(position) == set(moves.split())


TURNS = {
    "no checker of a closed board enters": (
        "2O 2O 2O 2O 2O 2O   . . . . . .   . . . . . .   3X . . . . .   bar X",
        (6, 5),
        "",
        "2O 2O 2O 2O 2O 2O   . . . . . .   . . . . . .   3X . . . . .   bar X",
    ),
    "one of two checkers enters": (
        ". . . 2O . .   . . . . . .   . . . . . .   . . . . . .   bar 2X",
        (4, 2),
        "bar/23",
        ". X . 2O . .   . . . . . .   . . . . . .   . . . . . .   bar X",
    ),
    "blocked at home": (
        ". . . . . .   . . . . . .   . . . . . .   3X . . . . 2O",
        (5, 5),
        "",
        ". . . . . .   . . . . . .   . . . . . .   3X . . . . 2O",
    ),
    "one move of a double": (
        "X . . . . .   . . 2O . . .   . . . . . .   . . . . . .",
        (4, 4),
        "24/20",
        ". . . . X .   . . 2O . . .   . . . . . .   . . . . . .",
    ),
    "two moves of a double": (
        "X . . . . .   . . . . . .   2O . . . . .   . . . . . .",
        (4, 4),
        "24/20 20/16",
        ". . . . . .   . . X . . .   2O . . . . .   . . . . . .",
    ),
    "three moves of a double": (
        "X . . . . .   . . . . . .   . . . . 2O .   . . . . . .",
        (4, 4),
        "24/20 20/16 16/12",
        ". . . . . .   . . . . . .   X . . . 2O .   . . . . . .",
    ),
    "four moves of a double": (
        "2X . . . . .   . . . . . .   . . . . . .   . . . . . O",
        (4, 4),
        "24/20 24/20 20/16 20/16",
        ". . . . . .   . . 2X . . .   . . . . . .   . . . . . O",
    ),
    "either die first": (
        "X . . . . .   . . . . . .   . . . . . .   X . . . . O",
        (5, 2),
        "6/4 24/19",
        ". . . . . X   . . . . . .   . . . . . .   . . X . . O",
    ),
    "the last checker is outside, then nobody": (
        "O . . . . .   . . . . . .   . . . . . X   . . . X . .",
        (3, 2),
        "7/5 3/off",
        "O . . . . .   . . . . . .   . . . . . .   . X . . . .",
    ),
    "a larger die, once nobody stands behind": (
        "O . . . . .   . . . . . .   . . . . . .   X . . . X .",
        (5, 4),
        "6/1 2/off(4)",
        "O . . . . .   . . . . . .   . . . . . .   . . . . . X",
    ),
    "a hit": (
        "X . . . . .   . . . . . .   . . X . . O   . . . . . .",
        (3, 1),
        "10/7 24/23",
        ". X . . . .   . . . . . .   . . . . . X   . . . . . .   bar O",
    ),
    "a hit and on": (
        ". . . . . .   . . . . . .   . . X . . O   . . . . . .",
        (3, 1),
        "10/7 7/6",
        ". . . . . .   . . . . . .   . . . . . .   X . . . . .   bar O",
    ),
    "two hits": (
        ". . . . . .   . . . . . .   . . X X . O   . O . . . .",
        (4, 3),
        "10/7 9/5",
        ". . . . . .   . . . . . .   . . . . . X   . X . . . .   bar 2O",
    ),
    "two hits by one checker of a double": (
        ". . . . . .   . . . . . .   X . O . O .   . . . . . .",
        (2, 2),
        "12/10 10/8 8/6 6/4",
        ". . . . . .   . . . . . .   . . . . . .   . . X . . .   bar 2O",
    ),
    "a hit on entering": (
        ". . . O . .   . . . . . .   . . . . . .   . . X . . .   bar X",
        (4, 1),
        "bar/21 4/3",
        ". . . X . .   . . . . . .   . . . . . .   . . . X . .   bar O",
    ),
    "a hit from the bar, while checkers of the other wait there too": (
        ". . . O . .   . . . . . .   . . . . . .   . . . . . .   bar X 2O",
        (4, 1),
        "bar/21 21/20",
        ". . . . X .   . . . . . .   . . . . . .   . . . . . .   bar 3O",
    ),
    "a hit on the ace point": (
        ". . . . . .   . . . . . .   . . . . . .   . . X . . O",
        (3, 2),
        "4/1 1/off(2)",
        ". . . . . .   . . . . . .   . . . . . .   . . . . . .   bar O",
    ),
}


@pytest.mark.parametrize(("before", "dice", "moves", "after"), TURNS.values(), ids=TURNS)
def test_turns_end_by_themselves(before, dice, moves, after, mover):
    position = begin(before, dice, mover)
    for name in moves.split():
        assert position.turn == mover
        play(position, name)
    assert_board(position, mover, after)
    if not position.over:
        assert position.turn == CHANCE
        assert position.state[bg.MOVER] == 1 - mover
    assert not position.state[bg.DICE : bg.ROLLED + 2].any()


def test_dice_that_are_left(mover):
    position = begin(OPENING, (3, 1), mover)
    assert position.state[bg.DICE : bg.ROLLED + 2].tolist() == [3, 1, 0, 0, 3, 1]
    play(position, "8/5")
    assert position.state[bg.DICE : bg.ROLLED + 2].tolist() == [1, 0, 0, 0, 3, 1]
    position = begin(OPENING, (1, 1), mover)
    play(position, "8/7")
    assert position.state[bg.DICE : bg.ROLLED + 2].tolist() == [1, 1, 1, 0, 1, 1]


def test_who_was_hit_must_enter(mover):
    position = begin("X . . . . .   . . . . . .   . . X . . O   . . . . . .", (3, 1), mover)
    play(position, "10/7 24/23 64")
    assert position.turn == 1 - mover
    assert names(position) == {"bar/21", "bar/19"}


# --- the end of a game ------------------------------------------------------------------------------------

ENDS = {
    "plain, with one checker off": ("14O . . . . .   . . . . . .   . . . . . .   . . . . . X", 1),
    "plain, with one checker off, one on the bar": (
        "13O . . . . .   . . . . . .   . . . . . .   . . . . . X   bar O",
        1,
    ),
    "gammon": (LAST_MAN, 2),
    "gammon, with a checker before the winner's home": (
        "14O . . . . .   . . . . . .   . . . . . O   . . . . . X",
        2,
    ),
    "backgammon, at the edge of the winner's home": (
        "14O . . . . .   . . . . . .   . . . . . .   O . . . . X",
        3,
    ),
    "backgammon, deep in the winner's home": (
        "13O . . . . .   . . . . . .   . . . . . .   . . . . 2O X",
        3,
    ),
    "backgammon, on the bar": ("14O . . . . .   . . . . . .   . . . . . .   . . . . . X   bar O", 3),
}


@pytest.mark.parametrize(("diagram", "points"), ENDS.values(), ids=ENDS)
def test_what_a_game_is_worth(diagram, points, mover):
    position = begin(diagram, (1, 1), mover)
    play(position, "1/off")
    assert position.over
    assert position.state[bg.WINNER] == mover
    assert bg.points_won(position.state) == points
    assert position.value() == (points if mover == FIRST else -points)
    assert len(position.legal()) == 0


@pytest.mark.parametrize(
    ("rules", "points"),
    [
        ({"cube": True}, 1),
        ({"cube": True, "jacoby": False}, 2),
        ({"cube": True, "value": 2, "owner": FIRST}, 4),
        ({"cube": True, "value": 8, "owner": SECOND}, 16),
        ({"cube": False}, 2),
        ({"cube": True, "length": 7}, 2),
    ],
    ids=str,
)
def test_jacoby_gammons_count_once_the_cube_was_turned(rules, points, mover):
    position = begin(LAST_MAN, (1, 1), mover, **rules)
    play(position, "1/off")
    assert bg.points_won(position.state) == points


# --- the cube ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "may"),
    [
        ({}, "both"),
        ({"cube": False}, "nobody"),
        ({"value": 2, "owner": FIRST}, "first"),
        ({"value": 2, "owner": SECOND}, "second"),
        ({"value": 2048, "owner": FIRST}, "first"),
        ({"value": 4096, "owner": FIRST}, "nobody"),
        ({"length": 5}, "both"),
        ({"length": 1}, "nobody"),
        ({"length": 5, "score": (4, 2), "crawford": True}, "nobody"),
        ({"length": 5, "score": (4, 2)}, "second"),
        ({"length": 5, "score": (3, 1)}, "both"),
        ({"length": 5, "score": (3, 1), "value": 2, "owner": FIRST}, "nobody"),
        ({"length": 5, "score": (3, 1), "value": 2, "owner": SECOND}, "second"),
        ({"length": 5, "score": (3, 1), "value": 4, "owner": SECOND}, "nobody"),
    ],
    ids=str,
)
def test_who_may_double(rules, may, mover):
    position = begin(
        OPENING, (), mover, cube=rules.get("cube", True), **{k: v for k, v in rules.items() if k != "cube"}
    )
    allowed = may in ("both", ("first", "second")[mover])
    assert position.turn == (mover if allowed else CHANCE)
    assert bool(names(position) == {"roll", "double"}) == allowed
    assert (not position.why_not(bg.DOUBLE)) == allowed


def test_a_double_is_taken_and_the_cube_changes_hands(mover):
    position, other = begin(OPENING, (), mover, cube=True), 1 - mover
    play(position, "double")
    assert position.turn == other
    assert position.state[bg.MOVER] == mover
    assert names(position) == {"take", "drop"}
    play(position, "take")
    assert position.state[[bg.CUBE, bg.OWNER, bg.OFFERED, bg.TURN]].tolist() == [1, other, 0, CHANCE]
    play(position, "31 8/5 6/5")
    assert position.turn == other
    assert names(position) == {"roll", "double"}
    play(position, "roll 31 8/5 6/5")
    assert position.turn == CHANCE, "who gave the cube away may not double"
    play(position, "42 8/4 6/4 double take")
    assert position.state[[bg.CUBE, bg.OWNER]].tolist() == [2, mover]


def test_a_dropped_double_costs_the_cube_as_it_was(mover):
    for rules, points in (({}, 1), ({"value": 4, "owner": mover}, 4), ({"length": 9, "value": 2, "owner": mover}, 2)):
        position = begin(OPENING, (), mover, cube=True, **rules)
        play(position, "double drop")
        assert position.over
        assert position.state[bg.WINNER] == mover
        assert bg.points_won(position.state) == points


def test_no_double_at_the_opening_roll_or_after_a_roll(mover):
    assert Position(bg, bg.start()).why_not(bg.DOUBLE) == "the dice must be rolled first"
    assert begin(OPENING, (6, 1), mover, cube=True).why_not(bg.DOUBLE)


def test_without_a_cube_nobody_is_asked():
    random, position = np.random.default_rng(3), Position(bg, bg.start(cube=False))
    while not position.over:
        assert position.turn == CHANCE or position.state[bg.DICE]
        position.play(int(random.choice(position.legal())))


@pytest.mark.parametrize("rules", [{"cube": False}, {"length": 5, "score": (4, 2), "crawford": True}], ids=str)
def test_a_player_given_the_turn_gets_no_cube_that_is_not_there(rules):
    given = Position(bg, bg.with_turn(bg.start(**rules), SECOND))
    assert given.turn == SECOND
    assert names(given) == {"roll"}


# --- the match --------------------------------------------------------------------------------------------


def won(winner, points, **rules):
    """Return a finished game: the winner bears off his last checker and wins so many points (plain, any cube)."""
    cube = {"value": points, "owner": NOBODY} if points > 1 else {}
    position = begin(LAST_MAN.replace("15O", "14O"), (1, 1), winner, cube=True, **cube, **rules)
    play(position, "1/off")
    assert bg.points_won(position.state) == points
    return position.state


NEXT = [
    # length, score, Crawford game; winner, points; score after it, Crawford game next
    (5, (0, 0), False, FIRST, 1, (1, 0), False),
    (5, (0, 0), False, SECOND, 2, (0, 2), False),
    (5, (0, 0), False, SECOND, 4, (0, 4), True),
    (5, (3, 3), False, FIRST, 1, (4, 3), True),
    (5, (4, 2), True, SECOND, 1, (4, 3), False),
    (5, (4, 2), True, SECOND, 2, (4, 4), False),
    (5, (4, 3), False, SECOND, 1, (4, 4), False),
    (2, (0, 0), False, FIRST, 1, (1, 0), True),
    (0, (0, 0), False, FIRST, 8, (0, 0), False),
]


@pytest.mark.parametrize(("length", "score", "crawford", "winner", "points", "after", "next_crawford"), NEXT)
def test_the_next_game_of_a_match(length, score, crawford, winner, points, after, next_crawford):
    over = won(winner, points, length=length, score=score, crawford=crawford)
    assert not bg.match_over(over)
    following = bg.next_game(over)
    expected = bg.start(length, after, next_crawford)
    assert np.array_equal(following, expected)


@pytest.mark.parametrize(("length", "score", "winner", "points"), [(1, (0, 0), FIRST, 1), (5, (1, 4), FIRST, 4)])
def test_the_last_game_of_a_match(length, score, winner, points):
    over = won(winner, points, length=length, score=score)
    assert bg.match_over(over)
    assert max(over[bg.SCORE : bg.SCORE + 2]) < length, "the score is that before the game"
    with pytest.raises(ValueError, match="no game of a match"):
        bg.next_game(over)


def test_a_game_in_progress_ends_no_match():
    assert not bg.match_over(bg.start(1))


def test_money_games_keep_their_rules():
    over = won(FIRST, 2, jacoby=False)
    assert np.array_equal(bg.next_game(over), bg.start(jacoby=False))


# --- dice -------------------------------------------------------------------------------------------------


def test_the_opening_roll_is_no_double_and_tells_who_begins():
    moves, odds, counts = bg.legal(bg.start()[None])
    assert counts[0] == 30
    assert odds[0, :30] == pytest.approx(np.full(30, 1 / 30))
    seen = set()
    for move in moves[0, :30]:
        position = Position(bg, bg.start(cube=False))
        position.play(int(move))
        high, low = position.state[bg.ROLLED : bg.ROLLED + 2].tolist()
        assert high > low
        assert position.turn == position.state[bg.MOVER]
        assert bg.roll_move(low, high, position.turn) == move
        seen.add((high, low, position.turn))
    assert len(seen) == 30


def test_later_rolls_have_their_odds():
    state = begin(OPENING).state
    moves, odds, counts = bg.legal(state[None])
    assert counts[0] == 21
    for move, chance in zip(moves[0, :21], odds[0, :21], strict=True):
        high, low = bg.notation(state, int(move))
        assert chance == pytest.approx(1 / 36 if high == low else 1 / 18)
        assert bg.roll_move(int(low), int(high)) == move


@njit(nogil=True)
def count_rolls(state, x, rolls, moves, found):
    for _ in range(rolls):
        x = next_random(x)
        found[bg._random_roll(state, x, moves)] += 1


@pytest.mark.parametrize("state", [bg.start(), begin(OPENING).state], ids=["opening", "later"])
def test_the_dice_of_rollouts_are_fair(state):
    rolls, found = 1_000_000, np.zeros(bg.MOVES)
    count_rolls(state.copy(), random_states(np.array([5], np.uint64))[0], rolls, np.zeros(MOST_MOVES, np.int32), found)
    moves, odds, counts = bg.legal(state[None])
    expected = rolls * odds[0, : counts[0]]
    chi_square = ((found[moves[0, : counts[0]]] - expected) ** 2 / expected).sum()
    assert found.sum() == pytest.approx(expected.sum())
    freedom = counts[0] - 1
    assert abs(chi_square - freedom) < 4 * np.sqrt(2 * freedom)


# --- the slow referee -------------------------------------------------------------------------------------


def dice_left(state):
    return tuple(sorted(int(die) for die in state[bg.DICE : bg.DICE + 4] if die))


def test_plays_and_moves_are_those_of_the_slow_referee():
    random, longest = np.random.default_rng(2), 0
    for checkers in random_boards(1600):
        player, dice = int(random.integers(2)), tuple(random.integers(1, 7, 2).tolist())
        state = bg.set_up(checkers[0], checkers[1], mover=player, dice=dice, cube=False)
        board, given = board_of(bg.set_up(checkers[0], checkers[1], cube=False), player), slow.dice_of(dice)
        expected = slow.ends(board, given)
        found = [board_of(after, player) for _, after in bg.plays(state)]
        assert len(found) == len(set(found))
        assert set(found) == expected
        assert (state[bg.MOVER] == player) == bool(expected), "a turn without plays passes"
        while expected and state[bg.TURN] == player:  # walk through the turn at random
            board, given = board_of(state, player), dice_left(state)
            legal = set(Position(bg, state).legal().tolist())
            assert legal == {bg.checker_move(checker, die) for checker, die in slow.first_moves(board, given)}
            state = state[None].copy()
            bg.play(state, np.array([random.choice(sorted(legal))], np.int32))
            state = state[0]
        longest = max(longest, len(expected))
    assert longest > 300, "some roll had many plays"


PLAYS_OF_OPENINGS = {
    11: 42, 21: 15, 22: 75, 31: 16, 32: 17, 33: 73, 41: 14, 42: 18, 43: 17, 44: 52, 51: 8, 52: 8, 53: 9, 54: 9, 55: 4,
    61: 10, 62: 14, 63: 14, 64: 14, 65: 7, 66: 11,
}  # fmt: skip
"""Counted by slow_backgammon.py, and so is the next."""

TWO_ROLLS_DEEP = 202_782


def count_plays(checkers, me, rolls, rooms):
    """Count as the slow referee does."""
    plays, keys = rooms[rolls - 1]
    total = 0
    for dice in DICE_OF_ROLL:
        count = list_plays(checkers, me, dice, plays, keys)
        if rolls == 1:
            total += count
            continue
        for chosen in plays[:count].copy():
            after = checkers.copy()
            apply_play(after, me, chosen)
            total += count_plays(after, SIDE - me, rolls - 1, rooms)
    return total


def test_counts_of_plays_from_the_start(mover):
    found = {}
    for name in PLAYS_OF_OPENINGS:
        found[name] = len(bg.plays(begin(OPENING, (name // 10, name % 10), mover).state))
    assert found == PLAYS_OF_OPENINGS
    assert list(found.values()) == [len(slow.ends((slow.START, slow.START), slow.dice_of(roll))) for roll in slow.ROLLS]
    rooms = [room_for_plays() for _ in range(2)]
    checkers = bg.start()[: 2 * SIDE]
    assert [count_plays(checkers, mover * SIDE, rolls, rooms) for rolls in (1, 2)] == [
        sum(PLAYS_OF_OPENINGS.values()),
        TWO_ROLLS_DEEP,
    ]


def test_listing_plays_leaves_the_position_alone():
    rooms = room_for_plays()
    for checkers in random_boards(200):
        row = checkers.astype(np.int8).ravel()
        for dice in DICE_OF_ROLL:
            list_plays(row, 0, dice, *rooms)
            assert np.array_equal(row, checkers.ravel())


def test_plays_are_listed_only_where_checkers_are_to_be_moved():
    for state in (bg.start(), begin(OPENING, cube=True).state, begin(LAST_MAN).state):
        assert bg.plays(state) == []


def test_plays_are_legal_moves_one_after_another():
    for checkers in random_boards(60):
        for moves, after in bg.plays(bg.set_up(checkers[0], checkers[1], dice=(4, 2))):
            position = Position(bg, bg.set_up(checkers[0], checkers[1], dice=(4, 2)))
            for move in moves:
                position.play(move)
            assert np.array_equal(position.state, after)


# --- whole games ------------------------------------------------------------------------------------------


def random_games(count, **rules):
    states = np.repeat(bg.start(**rules)[None], count, axis=0)
    bg.rollout(states, np.arange(count, dtype=np.uint64))
    return states


GAMMONS_AT_RANDOM = 0.62, 0.25
"""Shares of gammons or more, and of backgammons, in 750 random games of the slow referee."""


def test_random_games_end_and_gammons_are_as_frequent_as_ever():
    states = random_games(4000, cube=False)
    assert (states[:, bg.TURN] == NOBODY).all()
    assert set(states[:, bg.GAIN]) == {1, 2, 3}
    for state in states[:200]:
        winner = state[bg.WINNER]
        assert bg.checkers(state, winner)[bg.OFF] == CHECKERS_EACH
        assert bg.checkers(state, 1 - winner)[bg.OFF] < CHECKERS_EACH
    gammons, backgammons = np.mean(states[:, bg.GAIN] >= 2), np.mean(states[:, bg.GAIN] == 3)
    assert (gammons, backgammons) == pytest.approx(GAMMONS_AT_RANDOM, abs=0.05)


def test_men_are_never_lost():
    for seed in range(3):
        for checkers in boards_of_a_game(seed):
            assert (checkers.sum(axis=1) == CHECKERS_EACH).all()
            assert not (checkers[FIRST, 1:25].astype(bool) & checkers[SECOND, 24:0:-1].astype(bool)).any()


def test_a_mid_turn_position_is_rolled_out_from_there():
    position = begin(OPENING, (6, 5), cube=True)
    play(position, "24/18")
    values = bg.rollout(np.repeat(position.state[None], 50, axis=0), np.arange(50, dtype=np.uint64))
    assert len(set(values.tolist())) > 1


def test_a_rollout_after_a_double_takes_it():
    position = begin(OPENING, (), cube=True, jacoby=False)
    play(position, "double")
    states = np.repeat(position.state[None], 50, axis=0)
    values = bg.rollout(states, np.arange(50, dtype=np.uint64))
    assert set(np.abs(values)) <= {2, 4, 6}
    assert (states[:, bg.CUBE] == 1).all()


# --- positions that people set up -------------------------------------------------------------------------

WRONG = {
    "fourteen checkers": (lambda: ([0] * 25 + [14], checkers_of(OPENING)[1]), {}, "each side has 15 checkers"),
    "a side of 25 points": (lambda: ([15] + [0] * 24, checkers_of(OPENING)[1]), {}, "each side has 15 checkers"),
    "less than none": (lambda: ([16, -1] + [0] * 24, checkers_of(OPENING)[1]), {}, "each side has 15 checkers"),
    "a point that both hold": (
        lambda: ([13, 2] + [0] * 24, [13] + [0] * 23 + [2, 0]),
        {},
        r"both sides have checkers on the same point \(1 ",
    ),
    "nobody left": (lambda: ([15] + [0] * 25, [15] + [0] * 25), {}, "borne off all"),
    "the game over": (lambda: ([15] + [0] * 25, checkers_of(OPENING)[1]), {}, "borne off all"),
    "two closed boards that nobody leaves": (
        lambda: ([0] + [2] * 6 + [0] * 18 + [3],) * 2,
        {},
        "bar",
    ),
    "a seven": (None, {"dice": (7, 1)}, "dice show 1 to 6, two of them, not 7 1"),
    "a nought": (None, {"dice": (3, 0)}, "dice show 1 to 6, two of them, not 3 0"),
    "three dice": (None, {"dice": (3, 3, 3)}, "dice show 1 to 6, two of them, not 3 3 3"),
    "a cube of three": (None, {"value": 3}, "power of two up to 4096, not 3"),
    "a cube of nothing": (None, {"value": 0}, "power of two up to 4096, not 0"),
    "a cube of 8192": (None, {"value": 8192}, "power of two up to 4096, not 8192"),
    "a third player on roll": (None, {"mover": 2}, "on roll"),
    "a third player's cube": (None, {"owner": 2}, "cube"),
    "a match of 65": (None, {"length": 65}, "a match is 1 to 64 points long"),
    "a match of less than none": (None, {"length": -1}, "a match is 1 to 64 points long"),
    "a match that is over": (None, {"length": 5, "score": (5, 0)}, "no game of a match to 5 begins at 5-0"),
    "a negative score": (None, {"length": 5, "score": (-1, 0)}, "no game of a match to 5 begins at -1-0"),
    "a score for money": (None, {"score": (1, 0)}, "money games have no match score"),
    "Crawford at 0-0": (None, {"length": 5, "crawford": True}, "Crawford game"),
    "Crawford for money": (None, {"crawford": True}, "Crawford game"),
}


@pytest.mark.parametrize(("sides", "words", "told"), WRONG.values(), ids=WRONG)
def test_positions_that_cannot_be_are_refused(sides, words, told):
    first, second = sides() if sides else checkers_of(OPENING)
    with pytest.raises(ValueError, match=told):
        bg.set_up(first, second, **words)


def test_a_position_without_dice_waits_for_them(mover):
    assert begin(OPENING, (), mover).turn == CHANCE
    assert begin(OPENING, (), mover, cube=True).turn == mover
    rolled = begin(OPENING, (), mover, cube=True)
    play(rolled, "roll 65")
    assert np.array_equal(rolled.state, begin(OPENING, (5, 6), mover, cube=True).state)


@pytest.mark.parametrize(
    ("diagram", "mine", "theirs"),
    [
        (OPENING, 167, 167),
        (LAST_MAN, 1, 15),
        ("X . . . . .   . . . . . .   . . . . . .   . . . . . .   bar 2X O", 74, 25),
    ],
)
def test_pip_counts(diagram, mine, theirs, mover):
    state = begin(diagram, (), mover).state
    assert (bg.pip_count(state, mover), bg.pip_count(state, 1 - mover)) == (mine, theirs)


def test_a_hit_costs_the_pips_that_were_gone(mover):
    position = begin(OPENING.replace("3X .", "3X O").replace("5O   .", "4O   ."), (6, 1), mover)
    before = bg.pip_count(position.state, 1 - mover)
    play(position, "13/7 8/7")
    assert bg.pip_count(position.state, 1 - mover) == before + 25 - 18
    assert bg.pip_count(position.state, mover) == 160


# --- words ------------------------------------------------------------------------------------------------

WHY = [
    (OPENING, (), bg.checker_move(24, 6), "the dice must be rolled first"),
    (OPENING, (), -1, "there is no such move"),
    (OPENING, (), bg.MOVES, "there is no such move"),
    (OPENING, (), bg.roll_move(6, 1, SECOND), "this roll is not possible now"),
    (OPENING, (6, 1), bg.roll_move(6, 1), "the dice are not to be rolled now"),
    (OPENING, (6, 1), bg.ROLL, "the checkers are to be moved"),
    (OPENING, (6, 1), bg.TAKE, "the checkers are to be moved"),
    (OPENING, (6, 1), bg.checker_move(13, 2), "there is no 2 to play"),
    (OPENING, (6, 1), bg.checker_move(12, 1), "there is no checker on the 12-point"),
    (OPENING, (6, 1), bg.checker_move(25, 1), "there is no checker on the bar"),
    (OPENING, (5, 1), bg.checker_move(6, 5), "the 1-point is blocked"),
    (OPENING, (6, 1), bg.checker_move(6, 6), "checkers are borne off only when all are home"),
    (
        "O . . . . .   . . . . . .   . . . . . .   X . . . . .   bar X",
        (4, 2),
        31,
        "the checker on the bar must enter first",
    ),
    (
        "O . . . . .   . . . . . .   . . . . . .   X . . . X .",
        (5, 4),
        bg.checker_move(2, 5),
        "a checker farther back must",
    ),
    ("X . . . . .   . . . . 2O .   . . . . . .   . . . . . .", (6, 4), bg.checker_move(24, 4), "both dice, or"),
]


@pytest.mark.parametrize(("diagram", "dice", "move", "told"), WHY)
def test_why_a_move_is_illegal(diagram, dice, move, told, mover):
    position = begin(diagram, dice, mover)
    before = position.state.copy()
    with pytest.raises(IllegalMove, match=f"is not legal here: {told}"):
        position.play(move)
    assert np.array_equal(position.state, before)


def test_why_a_move_is_illegal_around_the_cube(mover):
    offered = begin(OPENING, (), mover, cube=True)
    play(offered, "double")
    assert offered.why_not(bg.ROLL) == "the double must be answered"
    assert offered.why_not(bg.roll_move(6, 1)) == "the dice are not to be rolled now"
    play(offered, "drop")
    assert offered.why_not(bg.ROLL) == "the game is over"


@pytest.mark.parametrize(
    ("move", "name"),
    [
        (bg.checker_move(13, 6), "13/7"),
        (bg.checker_move(25, 3), "bar/22"),
        (bg.checker_move(6, 6), "6/off"),
        (bg.checker_move(5, 6), "5/off(6)"),
        (bg.roll_move(1, 6), "61"),
        (bg.roll_move(3, 3), "33"),
        (bg.roll_move(6, 1, FIRST), "61"),
        (bg.roll_move(6, 1, SECOND), "61'"),
        (bg.ROLL, "roll"),
        (bg.DOUBLE, "double"),
        (bg.TAKE, "take"),
        (bg.DROP, "drop"),
    ],
)
def test_names_of_moves(move, name):
    assert bg.notation(bg.start(), move) == name


# --- pictures ---------------------------------------------------------------------------------------------


def column(line, text):
    return line.index(text) + len(text) - 1


@pytest.mark.parametrize("point", range(1, 25))
def test_men_stand_below_or_above_the_number_of_their_point(point, mover):
    mine, theirs = [13] + [0] * 25, [15] + [0] * 25
    mine[point] = 2
    theirs[0], theirs[25] = 14, 1
    sides = (mine, theirs) if mover == FIRST else (theirs, mine)
    lines = bg.describe(bg.set_up(*sides, mover=mover, cube=False)).splitlines()
    numbers = next(line for line in lines if f" {point} " in f"{line} " and set(line) <= set(" 0123456789"))
    rows = [line for line in lines if " X" in line and "|" in line]
    assert len(rows) == 2
    assert {column(row, "X") for row in rows} == {column(f"{numbers} ", f" {point} ") - 1}


def test_a_picture_tells_what_matters(mover):
    position = begin("X . . . . 7O   . . . . . .   . . . . . .   3X . . . . .   bar 2O", (), mover, cube=True, value=2)
    drawn = bg.describe(position.state).splitlines()
    assert f"pips {24 + 18}, off 11" in drawn[-2]
    assert f"pips {42 + 50}, off 6" in drawn[0]
    assert drawn[-1] == "X to roll, cube 2"
    assert sum(line.count("O") for line in drawn[1:-2]) == 4 + 2, "a number stands for the checkers above four"
    assert any("7" in line and "|" in line for line in drawn)
    other = bg.describe(position.state, 1 - mover).splitlines()
    assert other[-1] == "O to roll, cube 2"
    assert f"pips {42 + 50}, off 6" in other[-2]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "X to roll, cube 1"),
        ("double", "X doubles, cube 1"),
        ("double take", "X to roll, cube 2 (O's)"),
        ("double drop", "X won 1"),
        ("roll 61", "X to play 6 1, cube 1"),
        ("roll 61 13/7", "X to play 1, cube 1"),
        ("roll 33", "X to play 3 3 3 3, cube 1"),
    ],
)
def test_a_picture_tells_what_is_going_on(words, told, mover):
    position = begin(OPENING, (), mover, cube=True)
    play(position, words)
    assert bg.describe(position.state).splitlines()[-1] == told


def test_a_picture_tells_the_match():
    drawn = bg.describe(bg.start(7, (6, 3), crawford=True))
    assert "opening roll, cube 1, Crawford" in drawn
    assert "off 0, 6 of 7 points" in drawn
    assert "off 0, 3 of 7 points" in drawn


# --- what the search asks ---------------------------------------------------------------------------------


def test_a_player_can_be_given_the_turn_anywhere(mover):
    for position in (begin(OPENING, (6, 1), mover, cube=True), Position(bg, bg.start())):
        given = Position(bg, bg.with_turn(position.state, mover))
        assert given.turn == given.state[bg.MOVER] == mover
        assert names(given) == {"roll", "double"}
        play(given, "roll 61 13/7")
        assert_board(given, mover, OPENING.replace("5X   5O", "4X   5O").replace("3X .", "3X X"))


def test_keys_tell_positions_apart():
    position = begin(OPENING, (6, 5))
    play(position, "24/18 18/13 61 8/7")
    assert len(set(position.keys)) == len(position.keys)
    assert bg.key(bg.start()) == bg.key(bg.start())
    assert bg.key(bg.start()) != bg.key(bg.start(5))


def test_moves_in_a_row_are_numbered_without_gaps():
    numbers = [bg.checker_move(source, die) for source in range(1, 26) for die in range(1, 7)]
    numbers += [bg.ROLL, bg.DOUBLE, bg.TAKE, bg.DROP]
    numbers += [bg.roll_move(a, b) for a in range(1, 7) for b in range(1, a + 1)]
    numbers += [bg.roll_move(a, b, SECOND) for a in range(1, 7) for b in range(1, a)]
    assert numbers[0] == 0
    assert all(after == before + 1 for before, after in pairwise(numbers))
    assert len(numbers) == bg.MOVES
