"""Games that a network plays against itself, compiled, and what there is to learn in them.

The boards of a game are kept as the player on roll sees them, his checkers first, so each ply turns the board round. A
position's value is the five outputs before its roll; the value it should have had is built backwards from the end:

    target(t) = other side's view of (1 - trace) * value(t + 1) + trace * target(t + 1)           TD(lambda)
    target(t) = other side's view of the best afterstate's value, averaged over all 21 rolls       exact backups

Games end where the bear-off databases know the rest, if the network has them. The first line is the forward view of
Sutton's TD(lambda) (1988): the same sum of changes as eligibility traces make over a game whose weights stand still.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from engine.backgammon.afterstates import CONTACT, Network, evaluate, evaluate_plays, phase, play_buffers
from engine.backgammon.bearoff import is_bearoff
from engine.backgammon.outputs import OUTPUTS, best_of, turn_round
from games.backgammon import start
from games.backgammon.inputs import INPUTS, count_up, encode_row
from games.backgammon.rules import BOARD, CHECKERS_EACH, DICE_OF_ROLL, OFF, ROLL_ODDS, SIDE, apply_play
from games.compiling import compiled
from games.randomness import below, next_random, random_states

LONGEST = 1000
"""Plies after which a game is broken off: what is left is its value. Beginners may shuffle for ever."""

_f = np.float32


class Experience(NamedTuple):
    """Positions and what they should have been valued."""

    boards: np.ndarray  # int8 [N, 52] the player on roll first
    targets: np.ndarray  # float32 [N, 5]
    games: int
    ends: np.ndarray  # float32 [games, 5] what each game was settled at


class PlayTable:
    """A thread's room for a game."""

    def __init__(self, hidden: int):
        self.buffers = play_buffers(hidden)
        self.boards = np.zeros((LONGEST + 1, BOARD), np.int8)
        self.values = np.zeros((LONGEST + 1, OUTPUTS), _f)
        self.exact = np.zeros((LONGEST + 1, OUTPUTS), _f)


def play_batch(
    network: Network, stakes: np.ndarray, seeds: np.ndarray, trace: float, exact: bool, threads: int
) -> Experience:
    """Play a game for each seed; positions come in the order of the seeds, whatever the threads."""
    parts = np.array_split(seeds, threads)
    with ThreadPoolExecutor(threads) as pool:
        experience = pool.map(lambda part: _play_part(network, stakes, part, trace, exact), parts)
        boards, targets, ends = (np.concatenate(each) for each in zip(*experience, strict=True))
    return Experience(boards, targets, len(seeds), ends)


def _play_part(network, stakes, seeds, trace, exact):
    table, states = PlayTable(network.bias.shape[1]), random_states(seeds)
    opening = start()[:BOARD]
    room = 80 * len(seeds)
    boards, targets = np.empty((room, BOARD), np.int8), np.empty((room, OUTPUTS), _f)
    ends = np.empty((len(seeds), OUTPUTS), _f)
    used = 0
    for k, state in enumerate(states):
        length = play_game(
            opening, state, network, stakes, table.buffers, table.boards, table.values, table.exact, exact
        )
        if used + length > room:
            room = 2 * (used + length)
            boards, targets = _grown(boards, room), _grown(targets, room)
        end = used + length
        boards[used:end] = table.boards[:length]
        if exact:
            targets[used:end] = table.exact[:length]
        else:
            look_back(table.values, length, _f(trace), targets[used:end])
        ends[k] = table.values[length]
        used = end
    return boards[:used], targets[:used], ends


def _grown(array: np.ndarray, room: int) -> np.ndarray:
    grown = np.empty((room, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown


# --- one game ---------------------------------------------------------------------------------------------


@compiled
def play_game(opening, x, network, stakes, buffers, boards, values, exact, is_exact):
    """Play a game until it is settled; return its plies.

    Fills boards and values [plies + 1], and exact backups [plies] if wanted.
    """
    for k in range(BOARD):
        boards[0, k] = opening[k]
    evaluate(boards[0], 0, network, buffers, values[0])
    ply = 0
    while (ply < LONGEST) and not is_settled(boards[ply], network.tables):
        if is_exact:
            back_up(boards[ply], network, stakes, buffers, exact[ply])
        x = next_random(x)
        play_ply(boards[ply], _roll(x), network, stakes, buffers, boards[ply + 1], values[ply + 1])
        ply += 1
    return ply


@compiled
def is_settled(board, tables):
    """Tell whether the game is over, or the bear-off databases know the rest of it."""
    return (board[SIDE + OFF] == CHECKERS_EACH) | ((len(tables.one_sided) > 0) & is_bearoff(board))


@compiled
def _roll(x):
    """Draw the number of a roll."""
    face = np.int64(below(x, np.uint64(36)))
    high, low = max(face // 6, face % 6), min(face // 6, face % 6)
    return high * (high + 1) // 2 + low


@compiled
def play_ply(board, roll, network, stakes, buffers, after, value):
    """Play a roll as the network likes it best; fill the board after it, turned round, and its value."""
    count = evaluate_plays(board, 0, DICE_OF_ROLL[roll], network, stakes, buffers)
    for k in range(BOARD):
        buffers.moved[k] = board[k]
    if count:
        best = best_of(buffers.equities, count)
        apply_play(buffers.moved, 0, buffers.plays[best])
        for k in range(OUTPUTS):
            value[k] = buffers.outputs[best, k]
    for k in range(SIDE):
        after[k], after[SIDE + k] = buffers.moved[SIDE + k], buffers.moved[k]
    if count == 0:
        evaluate(after, 0, network, buffers, value)


@compiled
def back_up(board, network, stakes, buffers, outputs):
    """Fill the outputs of a position as its 21 rolls, each played best, make them: one ply ahead, exactly."""
    turned = np.zeros(OUTPUTS, np.float32)
    value = np.zeros(OUTPUTS, np.float32)
    board_after = np.zeros(BOARD, np.int8)
    for k in range(OUTPUTS):
        outputs[k] = 0
    for roll in range(len(ROLL_ODDS)):
        play_ply(board, roll, network, stakes, buffers, board_after, value)
        turn_round(value, turned)
        for k in range(OUTPUTS):
            outputs[k] += ROLL_ODDS[roll] * turned[k]


@compiled
def look_back(values, length, trace, targets):
    """Fill the targets [plies, 5] of a game's positions from its values [plies + 1, 5] by TD(lambda)."""
    for k in range(OUTPUTS):
        targets[length - 1, k] = values[length, k]
    for t in range(length - 1, -1, -1):
        if t < length - 1:
            for k in range(OUTPUTS):
                targets[t, k] = (1 - trace) * values[t + 1, k] + trace * targets[t + 1, k]
        _turn_round_in_place(targets[t])


@compiled
def _turn_round_in_place(outputs):
    win, win_gammon, win_backgammon, lose_gammon, lose_backgammon = outputs
    outputs[0], outputs[1], outputs[2], outputs[3], outputs[4] = (
        1 - win,
        lose_gammon,
        lose_backgammon,
        win_gammon,
        win_backgammon,
    )


def encode(boards: np.ndarray, inputs: int) -> np.ndarray:
    """Return the inputs of boards, float32 [B, 198 or 205], the counted ones 0 in races."""
    encoded = np.zeros((len(boards), inputs), np.float32)
    _encode(boards, encoded, encoded[:, INPUTS:])
    return encoded


@compiled
def _encode(boards, inputs, counted):
    for b in range(len(boards)):
        encode_row(boards[b], 0, inputs[b])
        if (counted.shape[1] > 0) and phase(boards[b]) == CONTACT:
            count_up(boards[b], 0, counted[b])
