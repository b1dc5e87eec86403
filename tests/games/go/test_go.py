"""The rules of Go: diagrams, counts, and a slow referee beside every fast answer.

In a diagram X is Black and O is White; lower case letters are empty points under test.
"""

from itertools import product

import numpy as np
import pytest

from games import go, randomness
from games.game import FIRST, NOBODY, SECOND, IllegalMove, Position
from games.go import board as go_board
from games.go import rules as go_rules
from games.go import symmetries
from tests.measures import slow_go
from tests.measures.slow_go import BLACK, EMPTY, WHITE

SUICIDE_RULES = {"tromp-taylor", "new-zealand"}
REPETITION = {
    "tromp-taylor": "positional",
    "chinese": "positional",
    "aga": "situational",
    "new-zealand": "situational",
    "japanese": "ko",
}


def begin(diagram, rules="tromp-taylor", to_play=FIRST, komi=0.0):
    """Return a game from a diagram and the points that its letters name."""
    state, letters = go_board.parse(diagram, komi=komi, rules=rules, to_play=to_play)
    return Position(go, state), letters


def board_of(state):
    return tuple(go.colours(state).ravel().tolist())


def assert_board(position, diagram):
    expected, _ = go_board.parse(diagram)
    assert go_board.diagram(position.state) == go_board.diagram(expected)


def play(position, *names):
    size = int(position.state[go_rules.SIZE])
    for name in names:
        position.play(go_board.move(name, size))


def halves(pictures):
    """Split two diagrams that stand side by side, three spaces or more between them."""
    rows = [row.strip().split("   ") for row in pictures.strip().splitlines()]
    return "\n".join(row[0] for row in rows), "\n".join(row[-1].strip() for row in rows)


# --- captures: Black plays a ------------------------------------------------------------------------------

CAPTURES = {
    "a stone in the corner": """
        O a . .    . X . .
        X . . .    X . . .
        . . . .    . . . .
        . . . .    . . . .
    """,
    "a stone at the edge": """
        . X O a    . X . X
        . . X .    . . X .
        . . . .    . . . .
        . . . .    . . . .
    """,
    "a stone in the centre": """
        . . X . .    . . X . .
        . X O a .    . X . X .
        . . X . .    . . X . .
        . . . . .    . . . . .
        . . . . .    . . . . .
    """,
    "a bent chain at once": """
        . X X . .    . X X . .
        X O O X .    X . . X .
        X O X . .    X . X . .
        X O X . .    X . X . .
        . a . . .    . X . . .
    """,
    "two chains with one stone": """
        . O X . .    . O X . .
        X X O X .    X X . X .
        O O a . .    . . X . .
        X X O X .    X X . X .
        . . X . .    . . X . .
    """,
    "four chains with one stone": """
        . . X . .    . . X . .
        . X O X .    . X . X .
        X O a O X    X . X . X
        . X O X .    . X . X .
        . . X . .    . . X . .
    """,
    "from inside a chain that surrounds it": """
        O O O X .    . . . X .
        O a O X .    . X . X .
        O O O X .    . . . X .
        X X X . .    X X X . .
        . . . . .    . . . . .
    """,
    "first, before its own last liberty counts": """
        a O X .    X . X .
        O O X .    . . X .
        X X X .    X X X .
        . . . .    . . . .
    """,
    "only the chain without liberties": """
        X O O .    X O O .
        . O a O    . O X O
        X O . .    X O . .
        . . . .    . . . .
    """,
}


@pytest.mark.parametrize("pictures", CAPTURES.values(), ids=CAPTURES)
@pytest.mark.parametrize("rules", go.RULESETS)
def test_capture(pictures, rules):
    before, expected = halves(pictures)
    position, letters = begin(before, rules)
    stones = np.count_nonzero(go.colours(position.state))
    position.play(letters["a"][0])
    assert_board(position, expected)
    assert position.state[go_rules.LOST + WHITE] == stones + 1 - np.count_nonzero(go.colours(position.state))
    assert position.state[go_rules.LOST + BLACK] == 0
    assert_consistent(position.state)


SNAPBACK = """
    X O a b X .
    X O O O X .
    . X X X . .
    . . . . . .
    . . . . . .
    . . . . . .
"""


@pytest.mark.parametrize("rules", go.RULESETS)
def test_snapback(rules):
    position, letters = begin(SNAPBACK, rules)
    throw_in, takes = letters["a"][0], letters["b"][0]
    position.play(throw_in)
    position.play(takes)
    assert_board(
        position,
        """
        X O . O X .
        X O O O X .
        . X X X . .
        . . . . . .
        . . . . . .
        . . . . . .
    """,
    )
    position.play(throw_in)
    assert_board(
        position,
        """
        X . X . X .
        X . . . X .
        . X X X . .
        . . . . . .
        . . . . . .
        . . . . . .
    """,
    )
    assert position.state[[go_rules.LOST + BLACK, go_rules.LOST + WHITE]].tolist() == [1, 5]


# --- suicide: White plays a -------------------------------------------------------------------------------

SUICIDES = {
    "two stones in the corner": """
        O a X .    . . X .
        X X . .    X X . .
        . . . .    . . . .
        . . . .    . . . .
    """,
    "a chain in the centre": """
        . X X X .    . X X X .
        X O O a X    X . . . X
        . X X X .    . X X X .
        . . . . .    . . . . .
        . . . . .    . . . . .
    """,
    "a stone that joins two chains": """
        O a O X    . . . X
        X X X .    X X X .
        . . . .    . . . .
        . . . .    . . . .
    """,
}


@pytest.mark.parametrize("pictures", SUICIDES.values(), ids=SUICIDES)
@pytest.mark.parametrize("rules", go.RULESETS)
def test_suicide_of_several_stones(pictures, rules):
    before, expected = halves(pictures)
    position, letters = begin(before, rules, to_play=SECOND)
    move = letters["a"][0]
    lost = np.count_nonzero(go.colours(position.state) == WHITE) + 1
    assert (move in position.legal()) == (rules in SUICIDE_RULES)
    if rules not in SUICIDE_RULES:
        with pytest.raises(IllegalMove, match="suicide"):
            position.play(move)
        return
    position.play(move)
    assert_board(position, expected)
    assert position.state[go_rules.LOST + WHITE] == lost
    assert_consistent(position.state)


@pytest.mark.parametrize("rules", go.RULESETS)
def test_suicide_of_a_single_stone_is_never_legal(rules):
    position, letters = begin("""
        a X . . .
        X . X . .
        . X b X .
        . . X . X
        . . . X c
    """, rules, to_play=SECOND)  # fmt: skip
    for move in (*letters["a"], *letters["b"], *letters["c"]):
        assert move not in position.legal()
        with pytest.raises(IllegalMove, match="suicide"):
            position.play(move)


# --- ko and superko ---------------------------------------------------------------------------------------


def ko_fight(rules):
    """Return a game in which Black has just taken a ko at b, and where White would take it back."""
    position, letters = begin("""
        . X O . .
        X a b O .
        . X O . .
        . . . . .
        . . . . .
    """, rules, to_play=SECOND)  # fmt: skip
    position.play(letters["a"][0])
    position.play(letters["b"][0])
    return position, letters["a"][0]


@pytest.mark.parametrize("rules", go.RULESETS)
def test_a_ko_cannot_be_taken_back_at_once(rules):
    position, back = ko_fight(rules)
    assert_board(
        position,
        """
        . X O . .
        X . X O .
        . X O . .
        . . . . .
        . . . . .
    """,
    )
    assert go.explain(position.state, back) == "it takes back a ko at once"
    assert back not in position.legal()
    play(position, "E1", "A1")
    assert back in position.legal()
    position.play(back)
    assert position.state[[go_rules.LOST + BLACK, go_rules.LOST + WHITE]].tolist() == [1, 1]


@pytest.mark.parametrize(("rules", "legal"), [("japanese", True), ("aga", False), ("chinese", False)])
def test_passes_lift_a_simple_ko_only(rules, legal):
    position, back = ko_fight(rules)
    play(position, "pass", "E1")
    assert position.state[go_rules.KO] == 0
    assert back in position.legal()
    position.undo()
    assert go.explain(go.with_turn(position.state, SECOND), back) == ""
    assert (position.why_not(back, by=SECOND) == "") == legal


SEND_TWO = """
    a O b O .
    X X O O .
    . X O . .
    . X O . .
    . X O . .
"""


@pytest.mark.parametrize(("rules", "legal"), [
    ("tromp-taylor", False), ("chinese", False), ("aga", True), ("new-zealand", True), ("japanese", True),
])  # fmt: skip
def test_sending_two_returning_one(rules, legal):
    position, letters = begin(SEND_TWO, rules, to_play=SECOND)
    position.play(letters["a"][0])
    position.play(letters["b"][0])
    again = go_board.move("B5", 5)
    assert go.explain(position.state, again) == ""
    assert (again in position.legal()) == legal
    assert (again in position.forbidden()) != legal
    if not legal:
        with pytest.raises(IllegalMove, match="B5 is not legal here: it repeats an earlier position"):
            position.play(again)
        return
    position.play(again)
    assert_board(position, SEND_TWO.replace("a", ".").replace("b", "."))


TRIPLE_KO = """
    O a O X . O X b X
    . O X . . . O X .
    . . . . . . . . .
    . . . . . . . . .
    . . . . . . . . .
    . . . . . . . . .
    . . . . . . . . .
    . O X . . . . . .
    O c O X . . . . .
"""


@pytest.mark.parametrize("rules", go.RULESETS)
def test_triple_ko(rules):
    position, letters = begin(TRIPLE_KO, rules)
    for move in (letters["a"][0], letters["b"][0], letters["c"][0]):
        position.play(move)
    play(position, "C9", "G9")
    last = go_board.move("C1", 9)
    assert (last in position.legal()) == (rules == "japanese"), "six moves come back to the start"
    other = go_board.move("E5", 9)
    position.play(other)
    play(position, "E4")
    assert last in position.legal()


# --- eyes -------------------------------------------------------------------------------------------------

REAL_EYES = """
    e X . . X e X
    X X . . X X .
    . . O X . . .
    . X X e X X X
    . X e X X e X
    . X X X X X O
    . . . X e X .
"""
FALSE_EYES = """
    f X . O X f X
    X O . . X X O
    . . O X . . .
    X O X f X X X
    f X . X O X f
    X O X X . O X
    . . . X . . .
"""


@pytest.mark.parametrize(("picture", "letter", "expected"), [(REAL_EYES, "e", True), (FALSE_EYES, "f", False)])
@pytest.mark.parametrize("colour", [BLACK, WHITE])
def test_eyes(picture, letter, expected, colour):
    if colour == WHITE:
        picture = picture.translate(str.maketrans("XO", "OX"))
    position, letters = begin(picture)
    for move in letters[letter]:
        eye = go_rules.fills_eye(position.state, go_rules.move_point(position.state, move), colour)
        assert eye == expected, go.notation(position.state, move)
        assert not go_rules.fills_eye(position.state, go_rules.move_point(position.state, move), 3 - colour)


# --- counting ---------------------------------------------------------------------------------------------

SETTLED = """
    . X O . .
    X X O . .
    . X O O .
    X X O . O
    . X O O .
"""
DEAD_STONES = """
    O X O . .
    . X O X .
    . X O O .
    X X O . O
    . X O O .
"""
SEKI = """
    X X O O O
    X . O O O
    X X O O O
    X . O O O
    X X O O O
"""


@pytest.mark.parametrize(("picture", "dead", "area", "territory"), [
    pytest.param(SETTLED, "", 10 - 15, 3 - 7, id="settled"),
    pytest.param(DEAD_STONES, "A5 D4", 10 - 15, (4 + 1) - (7 + 1), id="a dead stone each"),
    pytest.param(DEAD_STONES, "A5", (10 + 1) - (8 + 2), (4 + 1) - 2, id="one left alive spoils a region"),
    pytest.param(SEKI, "", 8 - 15, 0, id="seki: shared liberties are nobody's"),
])  # fmt: skip
def test_area_and_territory_of_one_position(picture, dead, area, territory):
    for rules, expected in (("chinese", area), ("japanese", territory)):
        position, _ = begin(picture, rules, komi=6.5)
        off = np.zeros((5, 5), bool)
        off.ravel()[[go_board.move(name, 5) for name in dead.split()]] = True
        assert go.final_lead(position.state, off) == expected - 6.5, rules


@pytest.mark.parametrize(("rules", "lead"), [("chinese", 12 - 3), ("japanese", 5 + 1)])
def test_prisoners_count_in_territory_only(rules, lead):
    position, letters = begin("""
        O a X O
        X X X O
        . . X O
        . . X .
    """, rules)  # fmt: skip
    position.play(letters["a"][0])
    play(position, "pass", "pass")
    assert go.final_lead(position.state) == lead
    assert position.value() == 1


@pytest.mark.parametrize("bonus", [0, 3, 4])
def test_handicap_bonus_goes_to_white(bonus):
    assert go.final_lead(go.start(9, 0.5, "chinese", handicap_bonus=bonus)) == -0.5 - bonus


def test_rollouts_count_komi_and_bonus():
    terms = [(0.5, 0), (20.5, 0), (0.5, 20), (81.5, 0)]
    means = [played_out(go.start(9, komi, handicap_bonus=bonus), 400)[1].mean() for komi, bonus in terms]
    assert means[0] > means[1] == means[2] > means[3] == -1


@pytest.mark.parametrize(("komi", "winner"), [(-1.5, 1), (7.5, -1), (0, 0), (-1000, 1), (1000, -1)])
def test_komi_decides_an_empty_board(komi, winner):
    state = go.start(5, komi)
    assert go.final_lead(state) == -komi
    assert go.score(state[None]) == winner


def test_two_passes_end_the_game():
    position = Position(go, go.start(5))
    play(position, "C3", "pass", "D4", "pass")
    assert position.turn == FIRST, "a stone between the passes starts them afresh"
    play(position, "pass")
    assert position.turn == NOBODY
    assert position.over
    assert position.legal().size == 0
    for name in ("A1", "pass"):
        with pytest.raises(IllegalMove, match="the game is over"):
            play(position, name)
    position.play(go_board.move("A1", 5), by=SECOND)
    assert position.turn == FIRST, "but a player may insist, as when a dead stone is disputed"


@pytest.mark.parametrize(("words", "message"), [
    ({"size": 1}, "2 to 25"), ({"size": 26}, "2 to 25"), ({"komi": 6.25}, "half points"),
    ({"komi": 1001}, "half points"), ({"rules": "ing"}, "tromp-taylor"),
])  # fmt: skip
def test_what_no_game_can_be(words, message):
    with pytest.raises(ValueError, match=message):
        go.start(**words)


@pytest.mark.parametrize(("move", "why"), [
    (-1, "no such point"), (26, "no such point"), (12, "taken"), (25, ""), (0, ""),
])  # fmt: skip
def test_reasons(move, why):
    position = Position(go, go.start(5))
    play(position, "C3")
    assert why in go.explain(position.state, move)
    assert bool(why) == bool(go.explain(position.state, move))


def test_names_of_points():
    names = [go.notation(go.start(25), move) for move in (0, 8, 24, 624, 625)]
    assert names == ["A25", "J25", "Z25", "Z1", "pass"]


# --- every counter and link, recomputed slowly ------------------------------------------------------------


def assert_consistent(state):
    """Recompute all that a position keeps up: chains, liberties, neighbours, empty points."""
    size, board = int(state[go_rules.SIZE]), board_of(state)
    points = [go_rules.point(state, move) for move in range(size * size)]
    for move, point in enumerate(points):
        assert_neighbours(state, board, move, point)
        if board[move] == EMPTY:
            assert state[point + go_rules.CHAIN] == point
            assert state[go_rules.LIST + state[point + go_rules.SLOT]] == point
        elif state[point + go_rules.CHAIN] == point:
            assert_chain(state, board, move, points)
    empty = {points[move] for move in range(size * size) if board[move] == EMPTY}
    listed = state[go_rules.LIST : int(go_rules.LIST) + int(state[go_rules.EMPTIES])].tolist()
    assert sorted(listed) == sorted(empty)


def assert_neighbours(state, board, move, point):
    size = int(state[go_rules.SIZE])
    near = [board[beside] for beside in slow_go.neighbours(move, size)]
    edges = 4 - len(near)
    around = (near.count(BLACK) + edges) + 16 * (near.count(WHITE) + edges) + 256 * near.count(EMPTY)
    assert state[point + go_rules.AROUND] == around


def assert_chain(state, board, move, points):
    """Check the chain whose speaker is this move's point."""
    size, head = int(state[go_rules.SIZE]), points[move]
    stones, _ = slow_go.region(board, move, size)
    ring, stone = [], head
    while stone != head or not ring:
        ring.append(stone)
        stone = int(state[stone + go_rules.NEXT])
    assert sorted(ring) == sorted(points[stone] for stone in stones)
    assert {int(state[stone + go_rules.CHAIN]) for stone in ring} == {head}
    touches = [points[p] for stone in stones for p in slow_go.neighbours(stone, size) if board[p] == EMPTY]
    assert touches, "a chain without liberties"
    assert state[head + go_rules.STONES] == len(stones)
    assert state[head + go_rules.LIBERTIES] == len(touches), "one for every stone that touches a liberty"
    assert state[head + go_rules.LIBERTY_SUM] == sum(touches) % 65536


def assert_history(position):
    """Recompute the latest position's ko, counters and legal moves from the boards before it."""
    state, size = position.state, int(position.state[go_rules.SIZE])
    history = [(board_of(past), int(past[go_rules.TO_PLAY])) for past in position.states[-2:]]
    assert state[go_rules.MOVES] == len(position.moves)
    for colour in (BLACK, WHITE):
        on_board = np.count_nonzero(go.colours(state) == colour)
        assert int(state[go_rules.PLAYED + colour]) - int(state[go_rules.LOST + colour]) == on_board
    played = [move for move, mover in zip(position.moves, position.movers, strict=True) if move < size * size]
    assert state[go_rules.PLAYED + BLACK] + state[go_rules.PLAYED + WHITE] == len(played)
    taken_back = [
        move
        for move in range(size * size)
        if len(history) > 1
        and history[-1][0] != history[-2][0]
        and history[-1][0][move] == EMPTY
        and slow_go.after(history[-1][0], move, history[-1][1], size) == history[-2][0]
    ]
    assert state[go_rules.KO] == (go_rules.point(state, taken_back[0]) if taken_back else 0)


def random_game(size, rules, seed, length):
    """Play random moves, tight ones more often than others, and yield the game after each."""
    chance, position = np.random.default_rng(seed), Position(go, go.start(size, rules=rules))
    while not position.over and len(position.moves) < length:
        yield position
        legal = position.legal()
        stones = legal[legal < size * size]
        tight = [
            move for move in stones if position.state[go_rules.move_point(position.state, move) + go_rules.AROUND] < 256
        ]
        among = tight if tight and chance.random() < 0.5 else stones if stones.size else legal
        position.play(size * size if chance.random() < 0.02 else int(chance.choice(among)))
    yield position


@pytest.mark.parametrize("rules", go.RULESETS)
@pytest.mark.parametrize(("size", "games"), [(2, 3), (3, 3), (5, 2), (9, 1)])
def test_random_games_agree_with_the_referee(size, games, rules):
    for seed in range(games):
        for position in random_game(size, rules, seed, 150):
            assert_consistent(position.state)
            assert_history(position)
            history = [(board_of(past), int(past[go_rules.TO_PLAY])) for past in position.states]
            expected = slow_go.legal(history, size, rules in SUICIDE_RULES, REPETITION[rules])
            if not position.over:
                assert position.legal().tolist() == [*expected, size * size]


@pytest.mark.parametrize(("size", "length", "step"), [(13, 400, 10), (19, 700, 20), (25, 1000, 50)])
def test_large_boards_stay_consistent(size, length, step):
    for count, position in enumerate(random_game(size, "tromp-taylor", size, length)):
        if count % step == 0:
            assert_consistent(position.state)
            assert_history(position)


@pytest.mark.parametrize("size", range(go.SMALLEST, go.LARGEST + 1))
def test_every_size(size):
    states = np.stack([go.start(size)] * 3)
    assert go.legal(states)[2].tolist() == [size * size + 1] * 3
    assert set(go.rollout(states, np.arange(3))) <= {-1, 1}
    for state in states:
        assert_consistent(state)
        assert go.final_lead(state) == slow_go.area(board_of(state), size) - 7.5


def test_the_largest_board_keeps_its_liberty_sums_in_range():
    state = go_board.setup(25, white=[624], to_play=FIRST)
    go.play(state[None], np.array([623], np.int32))
    corner, last = go_rules.point(state, 624), go_rules.point(state, 599)
    assert len(state) < 65536
    assert state[corner + go_rules.LIBERTIES] == 1
    assert state[corner + go_rules.LIBERTY_SUM] == last
    assert last * 4 < 65536, "a last liberty that four stones of a chain touch"


# --- counts -----------------------------------------------------------------------------------------------


def reachable(size, rules):
    """Return all boards that play reaches from the empty one, either colour to move at each, as tuples."""
    found, frontier = {board_of(go.start(size))}, go.start(size, rules=rules)[None]
    while len(frontier):
        children = [child for turn in (FIRST, SECOND) for child in successors(frontier, turn)]
        fresh = {board_of(child): child for child in children}
        frontier = np.array([child for board, child in fresh.items() if board not in found])
        found |= set(fresh)
    return found


def successors(states, turn):
    """Return every position one stone after any of these, where it is this player's turn."""
    parents = np.stack([go.with_turn(state, turn) for state in states])
    moves, _, counts = go.legal(parents)
    rows = np.repeat(np.arange(len(parents)), counts - 1)
    children = parents[rows]
    go.play(children, np.concatenate([row[: count - 1] for row, count in zip(moves, counts, strict=True)]))
    return children


@pytest.mark.parametrize(("size", "count"), [(2, 57), (3, 12675)])
@pytest.mark.parametrize("rules", ["tromp-taylor", "japanese"])
def test_number_of_legal_positions(size, count, rules):
    """Tromp and Farnebäck, Combinatorics of Go (2016), L(2, 2) and L(3, 3); OEIS A094777."""
    found = reachable(size, rules)
    assert len(found) == count
    everything = product(range(3), repeat=size * size)
    assert found == {board for board in everything if slow_go.is_position(board, size)}


def perft(position, depth):
    """Count the move sequences of a length."""
    if depth == 0:
        return 1
    count = 0
    for move in position.legal().tolist():
        position.play(move)
        count += perft(position, depth - 1)
        position.undo()
    return count


@pytest.mark.parametrize(("size", "depth"), [(2, 7), (3, 4), (4, 3)])
@pytest.mark.parametrize("rules", ["tromp-taylor", "aga", "japanese"])
def test_perft(size, depth, rules):
    start = [((EMPTY,) * size**2, BLACK)]
    expected = slow_go.perft(start, depth, size, rules in SUICIDE_RULES, REPETITION[rules])
    assert perft(Position(go, go.start(size, rules=rules)), depth) == expected


# --- keys -------------------------------------------------------------------------------------------------


def test_key_is_that_of_the_board_whatever_the_order_of_moves():
    games = [Position(go, go.start(9, rules=rules)) for rules in ("tromp-taylor", "chinese") for _ in range(2)]
    for game, names in zip(games, ["C3 D4 E5 F6", "E5 F6 C3 D4"] * 2, strict=True):
        play(game, *names.split())
    assert len({go.key(game.state) for game in games}) == 1
    assert len({key for game in games for key in game.keys}) == 1 + 2 * 3 + 1, "and every other board has another"


@pytest.mark.parametrize("rules", go.RULESETS)
def test_key_is_the_sum_of_its_stones(rules):
    for position in random_game(9, rules, 7, 200):
        stones = go.colours(position.state).ravel()
        key = 0
        for move in np.flatnonzero(stones):
            key ^= int(go.ZOBRIST[stones[move], move])
        if REPETITION[rules] == "situational" and position.turn == SECOND:
            key ^= int(go.ZOBRIST[EMPTY, 0])
        assert position.over or position.keys[-1] == key


def test_keys_differ_on_all_boards_of_three():
    boards = [board for board in product(range(3), repeat=9) if slow_go.is_position(board, 3)]
    keys = {go.key(setup_board(board)) for board in boards}
    assert len(keys) == len(boards) == 12675


def setup_board(board):
    size = int(len(board) ** 0.5)
    stones = {colour: [move for move, c in enumerate(board) if c == colour] for colour in (BLACK, WHITE)}
    return go_board.setup(size, black=stones[BLACK], white=stones[WHITE])


# --- symmetry ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", range(8))
def test_turned_games_are_the_same_game(k):
    table, twin = symmetries.symmetry(k, 7), Position(go, go.start(7))
    for position in random_game(7, "tromp-taylor", k, 120):
        if position.moves:
            twin.play(int(table[position.moves[-1]]))
        assert np.array_equal(symmetries.turned(go.colours(position.state), k), go.colours(twin.state))
        assert sorted(table[position.legal()]) == twin.legal().tolist()
        assert go.final_lead(position.state) == go.final_lead(twin.state)


# --- playouts ---------------------------------------------------------------------------------------------

ALIVE = """
    . X . X O . O . O
    X X X X O O O O O
    O O X O O . . . .
    . O X O . . . . .
    O O X O . . O O O
    X X X O . . O X X
    . . X O . . O X .
    . . X O . . O X X
    . . X O . . O X .
"""
"""Black has two eyes at the upper left and two at the lower right, White two at the top; the five white stones on the
left are in atari and dead."""


def played_out(state, playouts, seed=1):
    states = np.stack([state] * playouts)
    values = go.rollout(states, np.arange(playouts) + seed * playouts)
    return states, values


def takes_a_ko(state, point, colour):
    """Tell whether a move takes a ko: forbidden when this side passed, free now that both have."""
    after = state.copy()
    go_rules.place(after, point, colour)
    return bool(after[go_rules.KO])


@pytest.mark.parametrize("rules", go.RULESETS)
@pytest.mark.parametrize("size", [6, 9])
def test_playouts_end_where_only_eyes_are_left(size, rules):
    states, values = played_out(go.start(size, 0.5, rules), 60)
    for state, value in zip(states, values, strict=True):
        assert_consistent(state)
        for colour in (BLACK, WHITE):
            moves = [go_rules.move_point(state, move) for move in np.flatnonzero(go.colours(state).ravel() == EMPTY)]
            playable = [
                p for p in moves if go_rules.can_place(state, p, colour) and not go_rules.fills_eye(state, p, colour)
            ]
            assert all(takes_a_ko(state, p, colour) for p in playable)
        lead = slow_go.area(board_of(state), size)
        assert value == np.sign(lead - 0.5)


def test_playouts_on_the_smallest_boards_visit_legal_positions_only():
    for size in (2, 3):
        states, _ = played_out(go.start(size), 3000)
        boards = {board_of(state) for state in states}
        assert len(boards) > size
        assert all(slow_go.is_position(board, size) for board in boards)


@pytest.mark.parametrize("to_play", [FIRST, SECOND])
def test_playouts_never_fill_eyes_nor_kill_what_lives(to_play):
    position, _ = begin(ALIVE, to_play=to_play)
    states, _ = played_out(position.state, 300)
    for name in ("A9", "C9", "F9", "H9", "J3", "J1"):
        move = go_board.move(name, 9)
        assert {board_of(state)[move] for state in states} == {EMPTY}, name
    for name in ("B9", "J2"):
        assert {board_of(state)[go_board.move(name, 9)] for state in states} == {BLACK}


def test_playouts_are_the_same_for_both_colours():
    black = go.start(9, 0.5)
    white = go.with_turn(go.start(9, -0.5), SECOND)
    black_states, black_values = played_out(black, 200)
    white_states, white_values = played_out(white, 200)
    assert np.array_equal(black_values, -white_values)
    swapped = np.array([EMPTY, WHITE, BLACK])
    for one, other in zip(black_states, white_states, strict=True):
        assert np.array_equal(swapped[go.colours(one)], go.colours(other))


def test_random_numbers_are_uniform():
    """A chi-square test with 24 degrees of freedom: one seed in a thousand exceeds 51."""
    x, drawn = np.uint64(1), np.zeros(25)
    for _ in range(25000):
        x = randomness.next_random(np.uint64(x))
        drawn[int(randomness.below(np.uint64(x), np.uint64(25)))] += 1
    assert ((drawn - 1000) ** 2 / 1000).sum() < 51


def test_rollouts_depend_on_their_seed_alone():
    start = go.start(9, 6.5)
    together, values = played_out(start, 100)
    again, same = played_out(start, 100)
    assert np.array_equal(values, same)
    assert np.array_equal(together, again)
    alone = start[None].copy()
    assert go.rollout(alone, np.array([137])) == values[37]
    assert np.array_equal(alone[0], together[37])
    assert len({state.tobytes() for state in together}) == 100


# --- dead stones and ownership ----------------------------------------------------------------------------


def test_ownership_of_a_settled_board():
    position, _ = begin(ALIVE)
    owners = go.ownership(position.state)
    assert owners.shape == (9, 9)
    assert (np.abs(owners) <= 1).all()
    for name, owner in {"A9": 1, "J9": -1, "A1": 1, "J3": 1, "D5": -1, "A6": 1}.items():
        assert owners.ravel()[go_board.move(name, 9)] * owner > 0.8, name
    assert np.array_equal(owners, go.ownership(position.state)), "the same seed gives the same answer"


def test_dead_stones_of_a_settled_board():
    position, _ = begin(ALIVE)
    before = position.state.copy()
    dead = go.dead_stones(position.state)
    names = {go.notation(position.state, move) for move in np.flatnonzero(dead)}
    assert names == {"A7", "B7", "B6", "A5", "B5"}
    assert np.array_equal(position.state, before)


def test_territory_score_takes_the_dead_off_first():
    picture = """
        . X . X O . .
        X X X X O O .
        O . X O . O .
        . . X O O O O
        X X X O . X .
        . . X O O O .
        . X X O . . .
    """
    position, _ = begin(picture, "japanese", komi=0)
    assert go.final_lead(position.state, go.dead_stones(position.state)) == (9 + 1) - (12 + 1)
    assert go.score(position.state[None]) == -1


@pytest.mark.parametrize(("rules", "winner"), [("chinese", 1), ("japanese", -1)])
def test_rollouts_count_as_their_rules_do(rules, winner):
    """Only eyes are left: Black has 15 points of area to 10, and 2 of territory to 3."""
    position, _ = begin("""
        . X X O .
        X X X O O
        X . X O .
        X X X O O
        X X X O .
    """, rules)  # fmt: skip
    states, values = played_out(position.state, 20)
    assert {board_of(state) for state in states} == {board_of(position.state)}
    assert set(values) == {winner} == set(go.score(position.state[None]))
