"""Three toy games that follow the contract of games/game.py in plain numpy: they prove that the search knows no game.

race      two players, a die of three equal faces, and a choice: chance nodes
words     one player writes three tokens and is paid for the word: one-player trees, values of any range
noughts   noughts and crosses: a small two-player game that can be solved
"""

import math
from types import SimpleNamespace

import numpy as np

from games.game import CHANCE, FIRST, NOBODY, SECOND


def game(name, turn, moves, after, value, move_count, odds=None, players=2, ends=(-1.0, 1.0)):
    """Make a game module of functions over one row; the batched answers loop over them."""

    def play(states, chosen):
        for state, move in zip(states, chosen, strict=True):
            state[:] = after(state, int(move))

    def legal(states):
        lists = [moves(state) if turn(state) != NOBODY else [] for state in states]
        table = np.zeros((len(states), max(1, max(map(len, lists)))), np.int32)
        for row, found in zip(table, lists, strict=True):
            row[: len(found)] = found
        chances = (
            np.array([odds(state) if turn(state) == CHANCE else [0] * table.shape[1] for state in states])
            if odds
            else None
        )
        chances = np.zeros((len(states), 0), np.float32) if chances is None else chances.astype(np.float32)
        return table, chances, np.array([len(found) for found in lists], np.int32)

    def replay(roots, tree, paths, lengths):
        states = roots[tree].copy()
        for state, path, length in zip(states, paths, lengths, strict=True):
            for move in path[:length]:
                state[:] = after(state, int(move))
        return states

    def rollout(states, seeds, policy=None):
        values = []
        for state, seed in zip(states, seeds, strict=True):
            random = np.random.default_rng(int(seed))
            while turn(state) != NOBODY:
                chances = odds(state) if turn(state) == CHANCE else None
                state[:] = after(state, int(random.choice(moves(state), p=chances)))
            values.append(value(state))
        return np.array(values, np.float32)

    return SimpleNamespace(
        name=name,
        players=players,
        ends=ends,
        moves_left=lambda state: 10,
        turn=lambda states: np.array([turn(state) for state in states], np.int8),
        legal=legal,
        play=play,
        replay=replay,
        rollout=rollout,
        score=lambda states: np.array([value(state) for state in states], np.float32),
        move_count=lambda state: move_count,
        key=lambda state: int.from_bytes(state.tobytes(), "little"),
        forbidden=lambda state, past, moves=None: np.empty(0, np.int32),
        explain=lambda state, move: "" if turn(state) != NOBODY and move in moves(state) else "not a move",
        with_turn=lambda state, player: state,
        notation=lambda state, move: str(move),
        one=SimpleNamespace(turn=turn, moves=moves, after=after, value=value, odds=odds),
    )


# --- race: first over the line; take the roll, or a sure step of two --------------------------------------

GOAL = 6
ROLL, SURE = 3, 4  # moves 0..2 are the die's faces 1, 2, 5


def _race_after(state, move):
    first, second, player, roll = (int(x) for x in state)
    if player == CHANCE:
        return first, second, roll, move
    step = 2 if move == SURE else (1, 2, 5)[roll]
    first, second = first + step * (player == FIRST), second + step * (player == SECOND)
    return first, second, CHANCE, 1 - player


def _race_turn(state):
    return NOBODY if max(state[0], state[1]) >= GOAL else int(state[2])


race = game(
    "race",
    turn=_race_turn,
    moves=lambda state: [0, 1, 2] if state[2] == CHANCE else [ROLL, SURE],
    after=_race_after,
    value=lambda state: 1.0 if state[0] >= GOAL else -1.0,
    move_count=5,
    odds=lambda state: [0.5, 0.25, 0.25],
)
RACE = np.array([0, 0, CHANCE, FIRST], np.int32)
"""Places of both, whose choice it is, and then: the player who rolls next, or the face that was rolled."""


def solve(toy, state):
    """Return the exact value of a position of a toy with chance, by expectation and minimax."""
    one, turn = toy.one, toy.one.turn(state)
    if turn == NOBODY:
        return one.value(state)
    values = [solve(toy, np.array(one.after(state, move))) for move in one.moves(state)]
    if turn == CHANCE:
        return float(np.dot(values, one.odds(state)))
    return max(values) if turn == FIRST else min(values)


# --- words: three tokens of three; pay from -50 to 1000 ---------------------------------------------------

PAY = np.random.default_rng(7).integers(-50, 300, 27)
PAY[17] = 1000  # the word 1 2 2


words = game(
    "words",
    turn=lambda state: NOBODY if state[3] == 3 else FIRST,
    moves=lambda state: [0, 1, 2],
    after=lambda state, move: [move if i == state[3] else x for i, x in enumerate(state[:3])] + [state[3] + 1],
    value=lambda state: float(PAY[state[0] * 9 + state[1] * 3 + state[2]]),
    move_count=3,
    players=1,
    ends=(-math.inf, math.inf),
)
WORDS = np.array([0, 0, 0, 0], np.int32)


# --- noughts and crosses ----------------------------------------------------------------------------------

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


def _won(state):
    for a, b, c in LINES:
        if state[a] and state[a] == state[b] == state[c]:
            return int(state[a])
    return 0


noughts = game(
    "noughts",
    turn=lambda state: NOBODY if _won(state) or 0 not in state[:9] else SECOND if np.sum(state[:9]) else FIRST,
    moves=lambda state: [move for move in range(9) if state[move] == 0],
    after=lambda state, move: [(-1 if np.sum(state) else 1) if i == move else x for i, x in enumerate(state)],
    value=lambda state: float(_won(state)),
    move_count=9,
)
NOUGHTS = np.zeros(9, np.int32)


def noughts_board(text):
    """Read a board of x (the first player), o and dots."""
    return np.array([{"x": 1, "o": -1, ".": 0}[c] for c in text.replace("\n", "").replace(" ", "")], np.int32)
