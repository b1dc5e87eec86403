"""Games that a network plays against itself, compiled, and what there is to learn in them.

The boards of a game are kept as the player on roll sees them, with that player's checkers first, so each ply turns the
board round. A position's value is the five outputs before its roll; its target is built backwards from the end:

    target(t) = expected(t) + trace * other side's view of (target(t + 1) - value(t + 1))

where expected(t) is the next position's value (TD), or the value of the best afterstate averaged over all 21 rolls
(exact backups), both as the player on roll at t sees it. With the first this is the forward view of Sutton's TD(lambda)
(1988): the same sum of changes as eligibility traces make over a game whose weights stand still. With the second the
luck of the dice is taken out: a trace of 1 makes each target a variance-reduced rollout, as GNU Backgammon plays them.

Games end where the bear-off databases know the rest, if the network has them.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from engine.backgammon.afterstates import CONTACT, Network, evaluate, evaluate_plays, phase, play_buffers
from engine.backgammon.bearoff import is_bearoff
from engine.backgammon.outputs import OUTPUTS, best_of, turn_round
from games.backgammon import start
from games.backgammon.counted import count_up
from games.backgammon.inputs import INPUTS, encode_row
from games.backgammon.rules import BOARD, CHECKERS_EACH, DICE_OF_ROLL, OFF, ROLL_ODDS, SIDE, apply_play
from games.compiling import compiled
from games.randomness import below, next_random, random_states

LONGEST = 1000
"""Plies after which a game is broken off: what is left is its value. Beginners may shuffle for ever."""

_OPENING = start()[None, :BOARD].copy()

_f = np.float32


class Experience(NamedTuple):
    """Positions and what they should have been valued."""

    boards: np.ndarray  # int8 [N, 52] the player on roll first
    targets: np.ndarray  # float32 [N, 5]
    games: int
    ends: np.ndarray  # float32 [games, 5] what each game was settled at


def joined(one: Experience, other: Experience) -> Experience:
    """Return two sets of games as one."""
    boards, targets = np.concatenate([one.boards, other.boards]), np.concatenate([one.targets, other.targets])
    return Experience(boards, targets, one.games + other.games, np.concatenate([one.ends, other.ends]))


class PlayTable:
    """Scratch buffers for a game, for one thread at a time."""

    def __init__(self, hidden: int):
        self.buffers = play_buffers(hidden)
        self.boards = np.zeros((LONGEST + 1, BOARD), np.int8)
        self.values = np.zeros((LONGEST + 1, OUTPUTS), _f)
        self.expected = np.zeros((LONGEST + 1, OUTPUTS), _f)


def play_batch(
    network: Network,
    stakes: np.ndarray,
    seeds: np.ndarray,
    trace: float,
    exact: bool,
    threads: int,
    openings: np.ndarray = _OPENING,
    longest: int = LONGEST,
) -> Experience:
    """Play a game for each seed; positions come in the order of the seeds, whatever the threads.

    `openings` int8 [N, 52] are where the games begin, or [1, 52] for all; after `longest` plies a game is broken off.
    """
    openings = np.broadcast_to(openings, (len(seeds), BOARD))
    parts = zip(np.array_split(openings, threads), np.array_split(seeds, threads), strict=True)
    with ThreadPoolExecutor(threads) as pool:
        experience = pool.map(lambda part: _play_part(network, stakes, part[0], part[1], trace, exact, longest), parts)
        boards, targets, ends = (np.concatenate(each) for each in zip(*experience, strict=True))
    return Experience(boards, targets, len(seeds), ends)


def _play_part(network, stakes, openings, seeds, trace, exact, longest):
    table, states = PlayTable(network.bias.shape[1]), random_states(seeds)
    room = 80 * len(seeds)
    boards, targets = np.empty((room, BOARD), np.int8), np.empty((room, OUTPUTS), _f)
    ends = np.empty((len(seeds), OUTPUTS), _f)
    used = 0
    for k, state in enumerate(states):
        table.boards[0] = openings[k]
        length = play_game(
            state, network, stakes, table.buffers, table.boards, table.values, table.expected, exact, longest
        )
        if used + length > room:
            room = 2 * (used + length)
            boards, targets = _grown(boards, room), _grown(targets, room)
        end = used + length
        boards[used:end] = table.boards[:length]
        look_back(table.values, table.expected, length, _f(trace), targets[used:end])
        ends[k] = table.values[length]
        used = end
    return boards[:used], targets[:used], ends


def _grown(array: np.ndarray, room: int) -> np.ndarray:
    grown = np.empty((room, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown


# --- one game ---------------------------------------------------------------------------------------------


@compiled
def play_game(x, network, stakes, buffers, boards, values, expected, is_exact, longest):
    """Play a game from boards[0] until it is settled or has lasted the `longest` plies; return its plies.

    Fills boards and values [plies + 1], and what the next ply lets expect of each position [plies].
    """
    evaluate(boards[0], 0, network, buffers, values[0])
    ply = 0
    while (ply < longest) and not is_settled(boards[ply], network.tables):
        if is_exact:
            back_up(boards[ply], network, stakes, buffers, expected[ply])
        x = next_random(x)
        play_ply(boards[ply], _roll(x), network, stakes, buffers, boards[ply + 1], values[ply + 1])
        if not is_exact:
            turn_round(values[ply + 1], expected[ply])
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
def look_back(values, expected, length, trace, targets):
    """Fill the targets [plies, 5] of a game from its values [plies + 1, 5] and what was expected [plies, 5]."""
    later = np.zeros(OUTPUTS, np.float32)  # how far the target after this ply is from the value there
    for t in range(length - 1, -1, -1):
        win, win_gammon, win_backgammon, lose_gammon, lose_backgammon = later
        later[0], later[1], later[2] = -win, lose_gammon, lose_backgammon
        later[3], later[4] = win_gammon, win_backgammon
        for k in range(OUTPUTS):
            target = expected[t, k] + trace * later[k]
            targets[t, k] = min(max(target, _f(0)), _f(1))
            later[k] = target - values[t, k]


def encode(boards: np.ndarray, inputs: int) -> np.ndarray:
    """Return the inputs of boards, float32 [B, inputs], the counted ones 0 in races."""
    encoded = np.zeros((len(boards), inputs), np.float32)
    _encode(boards, encoded, encoded[:, INPUTS:])
    return encoded


@compiled
def _encode(boards, inputs, counted):
    for b in range(len(boards)):
        encode_row(boards[b], 0, inputs[b])
        if (counted.shape[1] > 0) and phase(boards[b]) == CONTACT:
            count_up(boards[b], 0, counted.shape[1], counted[b])
