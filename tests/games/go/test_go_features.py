"""What a network sees of Go, plane by plane, beside slow answers written from the definitions.

In a diagram X is Black, O is White. Black is to play; c marks the points, and all of them, that the plane shows.
"""

import numpy as np
import pytest

from games import go
from games.game import FIRST, SECOND
from games.go import board as go_board
from games.go import liberties as go_liberties
from games.go import planes as go_features
from games.go import rules as go_rules
from games.go import symmetries
from games.go.planes import COUNT, PLANES
from tests.measures import slow_go
from tests.measures.slow_go import EMPTY


def planes_of(state, name, **options):
    """Return the planes of one name, [count, side, side]."""
    first, count = next((first, count) for known, first, count in PLANES if known == name)
    return go_features.encode(state[None], **options)[0, first : first + count]


# --- the slow answers -------------------------------------------------------------------------------------


def slow_captures(past, board, prey, x, attacker, size):
    """Tell whether an atari at x captures the prey in a ladder; `past` is the board that ko forbids."""
    new = slow_go.after(board, x, attacker, size)
    if new == past or new[x] == EMPTY:
        return False
    replies = slow_replies(new, prey, attacker, size)
    return not any(slow_saves(board, new, prey, reply, attacker, size) for reply in replies)


def slow_replies(board, prey, attacker, size):
    """Return the last liberty of the prey and those of the chains around it that it has in atari."""
    around = [p for p in slow_go.region(board, prey, size)[1] if board[p] == attacker]
    ways = [slow_go.liberties(board, stone, size) for stone in [prey, *around]]
    return set.union(*(way for way in ways if len(way) == 1))


def slow_saves(past, board, prey, reply, attacker, size):
    new = slow_go.after(board, reply, 3 - attacker, size)
    if new == past or new[reply] == EMPTY:
        return False
    left = slow_go.liberties(new, prey, size)
    if len(left) == 2:
        return not any(slow_captures(board, new, prey, x, attacker, size) for x in left)
    return len(left) > 2


def slow_ladders(past, board, me, size):
    """Return the points of ladder captures and of ladder escapes."""
    found, escapes = set(), set()
    for stone, colour in enumerate(board):
        free = slow_go.liberties(board, stone, size) if colour else ()
        if colour == 3 - me and len(free) == 2:
            found |= {x for x in free - found if slow_captures(past, board, stone, x, me, size)}
        if colour == me and len(free) == 1:
            replies = slow_replies(board, stone, 3 - me, size) - escapes
            escapes |= {x for x in replies if slow_saves(past, board, stone, x, 3 - me, size)}
    return found, escapes


def is_own_eye(board, move, me, size):
    """Tell whether own stones surround a point whose diagonals make it a real eye."""
    if any(board[near] != me for near in slow_go.neighbours(move, size)):
        return False
    row, column = divmod(move, size)
    corners = [(row + a, column + b) for a in (-1, 1) for b in (-1, 1)]
    inside = [r * size + c for r, c in corners if 0 <= r < size and 0 <= c < size]
    return sum(board[corner] == 3 - me for corner in inside) + (len(inside) < 4) < 2


class SlowGame:
    """A game kept as boards; `planes` answers from the definitions."""

    def __init__(self, size, rules, komi):
        self.size, self.rules, self.komi = size, rules, komi
        self.history = [((EMPTY,) * size * size, 1)]
        self.born, self.moves, self.placed = [0] * size * size, [], {1: 0, 2: 0}
        self.suicide = rules in ("tromp-taylor", "new-zealand")

    def legal(self):
        return slow_go.legal(self.history, self.size, self.suicide, "ko")

    def play(self, move):
        board, colour = self.history[-1]
        if move < self.size**2:
            board = slow_go.after(board, move, colour, self.size)
            self.born[move] = len(self.moves)
            self.placed[colour] += 1
        self.moves.append(move)
        self.history.append((board, 3 - colour))

    def planes(self):
        planes = np.zeros((COUNT, self.size**2), np.uint8)
        for name, first, count in PLANES:
            answer = getattr(self, "see_" + name.replace(" ", "_").replace("-", "_"))
            board, me = self.history[-1]
            for move in range(self.size**2):
                value = answer(board, me, move)
                if count == 1:
                    planes[first, move] = value
                elif value:
                    planes[first + min(value, count) - 1, move] = 1
        return planes.reshape(COUNT, self.size, self.size)

    def see_stone_colour(self, board, me, move):
        return {me: 1, 3 - me: 2, EMPTY: 3}[board[move]]

    def see_ones(self, board, me, move):
        return 1

    def see_turns_since(self, board, me, move):
        return board[move] and len(self.moves) - self.born[move]

    def see_liberties(self, board, me, move):
        return board[move] and len(slow_go.liberties(board, move, self.size))

    def see_capture_size(self, board, me, move):
        return move in self.legal_now() and board.count(3 - me) - self.then(board, me, move).count(3 - me)

    def see_self_atari_size(self, board, me, move):
        if move not in self.legal_now():
            return 0
        new = self.then(board, me, move)
        if new[move] == EMPTY:
            return board.count(me) + 1 - new.count(me)
        stones, _ = slow_go.region(new, move, self.size)
        return len(stones) if len(slow_go.liberties(new, move, self.size)) == 1 else 0

    def see_liberties_after_move(self, board, me, move):
        new = self.then(board, me, move) if move in self.legal_now() else board
        return new[move] and board[move] == EMPTY and len(slow_go.liberties(new, move, self.size))

    def see_ladder_capture(self, board, me, move):
        return move in self.ladders_now()[0]

    def see_ladder_escape(self, board, me, move):
        return move in self.ladders_now()[1]

    def see_sensibleness(self, board, me, move):
        return move in self.legal_now() and not is_own_eye(board, move, me, self.size)

    def see_zeros(self, board, me, move):
        return 0

    def see_black_to_play(self, board, me, move):
        return me == 1

    def see_komi_for(self, board, me, move):
        return max(0, self.komi_of(me))

    def see_komi_against(self, board, me, move):
        return max(0, -self.komi_of(me))

    def see_territory(self, board, me, move):
        return self.rules == "japanese"

    def see_suicide(self, board, me, move):
        return self.suicide

    def see_superko(self, board, me, move):
        return self.rules != "japanese"

    def see_passed(self, board, me, move):
        return self.moves[-1:] == [self.size**2]

    def see_ko(self, board, me, move):
        if len(self.history) < 2 or board[move] != EMPTY:
            return 0
        return self.then(board, me, move) == self.history[-2][0] != board

    def komi_of(self, me):
        white = 2 * self.komi
        if self.rules == "japanese":  # area counts White's territory and stones, and every stone was played
            white += 2 * (self.placed[1] - self.placed[2])
        return int(white if me == 2 else -white)

    def then(self, board, me, move):
        return slow_go.after(board, move, me, self.size)

    def legal_now(self):
        return self.once("legal", lambda: set(self.legal()))

    def ladders_now(self):
        past = self.history[-2][0] if len(self.history) > 1 else None
        return self.once("ladders", lambda: slow_ladders(past, *self.history[-1], self.size))

    def once(self, name, answer):
        if self.__dict__.get(name + "_at") != len(self.moves):
            self.__dict__[name + "_at"], self.__dict__[name + "_is"] = len(self.moves), answer()
        return self.__dict__[name + "_is"]


def plausible(game, rng):
    """Choose a move: mostly one next to a recent stone, seldom an own eye, rarely a pass."""
    moves = [move for move in game.legal() if rng.random() < 0.05 or not is_own_eye(*slow_eye(game, move))]
    if not moves or rng.random() < 0.01:
        return game.size**2
    recent = [move for move in game.moves[-4:] if move < game.size**2]
    if recent and rng.random() < 0.8:
        centre = np.array(divmod(recent[rng.integers(len(recent))], game.size))
        moves.sort(key=lambda move: np.abs(np.array(divmod(move, game.size)) - centre).sum() + 2 * rng.random())
        moves = moves[:5]
    return int(moves[rng.integers(len(moves))])


def slow_eye(game, move):
    board, me = game.history[-1]
    return board, move, me, game.size


def assert_same(planes, expected, game):
    for name, first, count in PLANES:
        fast, slow = planes[first : first + count], expected[first : first + count]
        assert np.array_equal(fast, slow), f"{name} after {game.moves} of {game.rules}\n{fast}\n{slow}"


@pytest.mark.parametrize(
    ("size", "rules", "komi", "moves", "step", "seed"),
    [
        (2, "tromp-taylor", 0.5, 60, 1, 0),
        (5, "tromp-taylor", 25, 120, 1, 1),
        (5, "japanese", -3.5, 120, 1, 2),
        (7, "new-zealand", 9, 150, 3, 3),
        (7, "chinese", 0, 150, 3, 4),
        (9, "tromp-taylor", 7, 160, 5, 5),
        (9, "japanese", 6.5, 160, 5, 6),
        (13, "aga", 7.5, 240, 15, 7),
        (19, "chinese", 7.5, 300, 60, 8),
    ],
)
def test_planes_are_what_their_definitions_say(size, rules, komi, moves, step, seed):
    rng, game = np.random.default_rng(seed), SlowGame(size, rules, komi)
    state = go.start(size, komi, rules)[None].copy()
    for k in range(moves):
        move = plausible(game, rng)
        game.play(move)
        go.play(state, np.array([move], np.int32))
        if k % step == 0:
            assert_same(go_features.encode(state)[0], game.planes(), game)


def test_planes_of_games_played_without_any_sense():
    rng, game = np.random.default_rng(9), SlowGame(6, "new-zealand", 0)
    state = go.start(6, 0, "new-zealand")[None].copy()
    for k in range(200):
        move = int(rng.choice([*game.legal(), 36]))
        game.play(move)
        go.play(state, np.array([move], np.int32))
        if k % 2:
            assert_same(go_features.encode(state)[0], game.planes(), game)


# --- ladders ----------------------------------------------------------------------------------------------

LADDER_CAPTURES = {
    "a ladder that works": """
        . . . . . . . .
        . . X . . . . .
        . X O c . . . .
        . X . . . . . .
        . . . . . . . .
        . . . . . . . .
        . . . . . . . .
        . . . . . . . .""",
    "a stone of the prey's waits": """
        . . . . . . . .
        . . X . . . . .
        . X O . . . . .
        . X . . . . . .
        . . . . . . . .
        . . . . . O . .
        . . . . . . . .
        . . . . . . . .""",
    "a stone of the attacker's waits": """
        . . . . . . . .
        . . X . . . . .
        . X O c . . . .
        . X . . . . . .
        . . . . . . . .
        . . . . . X . .
        . . . . . . . .
        . . . . . . . .""",
    "the prey captures a stone of the ladder": """
        . . O . . . . .
        . O X . . . . .
        . X O . . . . .
        . X . . . . . .
        . . . . . . . .
        . . . . . . . .
        . . . . . . . .
        . . . . . . . .""",
    "along the edge, from either end": """
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . X X X . .
        . c O O c . .""",
    "along the edge, away from a friend": """
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . X X X X O .
        . . O O c O .""",
}

LADDER_ESCAPES = {
    "out into the open": """
        . . . . . . .
        . . O . . . .
        . O X c . . .
        . . O . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .""",
    "into a ladder": """
        . . . . . . . .
        . . O . . . . .
        . O X O . . . .
        . O . . . . . .
        . . . . . . . .
        . . . . . . . .
        . . . . . . . .
        . . . . . . . .""",
    "into a ladder with a friend on its way": """
        . . . . . . . .
        . . O . . . . .
        . O X O . . . .
        . O c . . . . .
        . . . . . . . .
        . . . . . . . .
        . . . . . X . .
        . . . . . . . .""",
    "by capturing, and only so": """
        . . . . . .
        . . . . . .
        . . . . . .
        X . . . . .
        O c . . . .
        X . O . . .""",
    "by capturing or by extending": """
        . . X . . . .
        . X O c . . .
        . O X O . . .
        . O c . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .""",
    "nowhere to go": """
        . . . . . .
        . . . . . .
        . . . . . .
        . . . . . .
        O O O . . .
        X X . O . .""",
}


def shown(state, name):
    """List the moves that a single plane shows."""
    return np.flatnonzero(planes_of(state, name)).tolist()


@pytest.mark.parametrize("diagram", LADDER_CAPTURES.values(), ids=LADDER_CAPTURES)
def test_ladder_capture(diagram):
    state, letters = go_board.parse(diagram)
    assert shown(state, "ladder capture") == letters.get("c", [])


@pytest.mark.parametrize("diagram", LADDER_ESCAPES.values(), ids=LADDER_ESCAPES)
def test_ladder_escape(diagram):
    state, letters = go_board.parse(diagram)
    assert shown(state, "ladder escape") == letters.get("c", [])


@pytest.mark.parametrize("size", [9, 19, 25])
@pytest.mark.parametrize("breaker", ["none", "White", "Black"])
def test_a_ladder_runs_across_the_whole_board(size, breaker):
    def at(row, column):
        return row * size + column

    black, white, far = [at(1, 2), at(2, 1), at(3, 1)], [at(2, 2)], at(size - 3, size - 3)
    black += [far] * (breaker == "Black")
    white += [far] * (breaker == "White")
    state = go_board.setup(size, black=black, white=white)
    assert shown(state, "ladder capture") == [at(2, 3)] * (breaker != "White")


@pytest.mark.parametrize(
    ("diagram", "name"),
    [
        (LADDER_CAPTURES["a ladder that works"], "ladder capture"),
        (LADDER_ESCAPES["out into the open"], "ladder escape"),
    ],
)
def test_ladders_respect_the_ko(diagram, name):
    state, letters = go_board.parse(diagram)
    state[go_rules.KO] = go_rules.point(state, letters["c"][0])
    assert shown(state, name) == []


def test_reading_takes_every_stone_back():
    rng, scratch, fresh = np.random.default_rng(3), go_liberties.new_scratch(), go_liberties.new_scratch()
    planes, unturned = np.empty((1, COUNT * 81), np.uint8), np.zeros(1, np.int8)
    games = [SlowGame(9, "chinese", 7) for _ in range(4)]
    states = np.repeat(go.start(9, 7, "chinese")[None], 4, axis=0)
    for _ in range(100):
        moves = np.array([plausible(game, rng) for game in games], np.int32)
        for game, move in zip(games, moves, strict=True):
            game.play(int(move))
        go.play(states, moves)
        for state in states:
            go_features._encode(state[None], unturned, planes, 9, scratch)
            go_liberties.lay_out(state, fresh)
            assert np.array_equal(scratch[:1024], fresh[:1024])


# --- the game, the batch and its options ------------------------------------------------------------------


def middle_game(size, rules="chinese", komi=7.5, moves=60, seed=4):
    rng, game = np.random.default_rng(seed), SlowGame(size, rules, komi)
    state = go.start(size, komi, rules)
    for _ in range(moves):
        move = plausible(game, rng)
        game.play(move)
        go.play(state[None], np.array([move], np.int32))
    return state


def test_the_first_48_planes_are_alphagos():
    assert [count for _, _, count in PLANES[:11]] == [3, 1, 8, 8, 8, 8, 8, 1, 1, 1, 1]
    assert PLANES[11][:2] == ("black to play", 48)
    assert [first for _, first, _ in PLANES] == [sum(count for _, _, count in PLANES[:k]) for k in range(len(PLANES))]
    assert COUNT == len(go_features.SCALE) == sum(count for _, _, count in PLANES)


@pytest.mark.parametrize("k", range(8))
def test_a_turned_board_is_encoded_turned(k):
    state = middle_game(9)
    turned = go_features.encode(state[None], symmetries=np.array([k]))
    assert np.array_equal(turned[0], symmetries.turned(go_features.encode(state[None])[0], k))
    where = planes_of(state, "sensibleness").ravel().nonzero()[0]
    mapped = planes_of(state, "sensibleness", symmetries=np.array([k])).ravel().nonzero()[0]
    assert sorted(symmetries.symmetry(k, 9)[where]) == mapped.tolist()


@pytest.mark.parametrize("k", range(8))
def test_small_boards_lie_in_the_corner_of_large_planes(k):
    states = np.stack([middle_game(9, seed=5), middle_game(9, seed=6)])
    padded = np.full((3, COUNT, 13, 13), 7, np.uint8)
    go_features.encode(states, np.array([k, k]), out=padded[1:])
    assert np.array_equal(padded[1:, :, :9, :9], go_features.encode(states, np.array([k, k])))
    assert not padded[1:, :, 9:].any()
    assert not padded[1:, :, :, 9:].any()
    assert (padded[0] == 7).all()
    assert np.array_equal(go_features.encode(states, np.array([k, k]), side=13), padded[1:])
    assert padded[1:, go_features.MASK].sum() == 2 * 81


def test_encoding_only_reads():
    state = middle_game(13)
    before = state.copy()
    planes = go_features.encode(state[None])
    state.flags.writeable = False
    assert np.array_equal(go.features(state[None]), planes)
    assert np.array_equal(go_features.encode(np.repeat(state[None], 4, axis=0)[::2]), planes.repeat(2, axis=0))
    assert np.array_equal(state, before)


def test_no_positions_have_no_planes():
    assert go_features.encode(np.empty((0, 100), np.uint16), side=9).shape == (0, COUNT, 9, 9)


@pytest.mark.parametrize(("komi", "bonus", "against_black"), [(7.5, 0, 15), (-3, 0, -6), (0.5, 4, 9), (200, 0, 255)])
def test_komi_is_seen_in_half_points_by_the_side_to_play(komi, bonus, against_black):
    state = go.start(9, komi, handicap_bonus=bonus)
    for turn, komi_for in ((FIRST, -against_black), (SECOND, against_black)):
        seen = go.with_turn(state, turn)
        assert (planes_of(seen, "komi for") == max(0, komi_for)).all()
        assert (planes_of(seen, "komi against") == max(0, -komi_for)).all()


def test_stones_set_up_are_old():
    state = go_board.setup(9, black=[40, 41])
    assert planes_of(state, "turns since").sum(axis=(1, 2)).tolist() == [0] * 7 + [2]


@pytest.mark.parametrize(
    "out",
    [
        np.empty((1, COUNT, 9, 9), np.float32),
        np.empty((2, COUNT, 9, 9), np.uint8),
        np.empty((1, COUNT - 1, 9, 9), np.uint8),
        np.empty((1, COUNT, 9, 10), np.uint8),
        np.empty((1, 9, 9, COUNT), np.uint8).transpose(0, 3, 1, 2),
        np.empty((1, COUNT, 8, 8), np.uint8),
        np.empty(COUNT * 81, np.uint8),
    ],
)
def test_planes_that_do_not_fit_are_refused(out):
    with pytest.raises(ValueError, match="planes"):
        go_features.encode(go.start(9)[None], out=out)
