"""Rates of backgammon's rules and of plays by the network, for `yomi bench rules`."""

from collections.abc import Iterator

import numpy as np

from engine.backgammon.afterstates import evaluate_plays, fresh, play_buffers
from engine.backgammon.outputs import MONEY
from engine.measures.rates import Row, Work, steady_rate
from games import backgammon
from games.backgammon.rules import DICE, DICE_OF_ROLL, MOVER, SIDE, list_plays, room_for_plays
from games.compiling import compiled

RANDOM_GAMES_LIMIT = 950
"""OpenSpiel's C++ backgammon, random games to the end, one thread of a 2-core AVX-512 machine: the best of several."""

PLAY_LISTS_LIMIT = 71_000
"""Full play lists a second of a generator written in C, same machine."""

NETWORK_LIMIT = 10_700
"""0-ply plays a second of GNU Backgammon 1.07 behind its socket, two processes, same machine."""

HIDDEN = 80


def rows(seconds: float) -> Iterator[Row]:
    """Measure random games, play lists on positions of such games, and plays of a network on them."""
    yield Row("backgammon-random-games", steady_rate(random_games(), seconds), "games/CPU-s", RANDOM_GAMES_LIMIT)
    yield Row("backgammon-play-lists", steady_rate(play_lists(), seconds), "lists/CPU-s", PLAY_LISTS_LIMIT)
    yield Row("backgammon-0-ply-plays", steady_rate(network_plays(), seconds), "plays/CPU-s", NETWORK_LIMIT)


SUITES = {"rules": rows}


def random_games(games: int = 50) -> Work:
    """Return work that plays games out at random."""
    opening, seeds = np.repeat(backgammon.start(cube=False)[None], games, axis=0), np.random.default_rng(1)

    def work() -> int:
        backgammon.rollout(opening.copy(), seeds.integers(0, 2**63, games, np.uint64))
        return games

    return work


def play_lists() -> Work:
    """Return work that lists the plays of all 21 rolls on positions of random games."""
    positions, room = positions_met(), room_for_plays()
    return lambda: _list_all(positions, DICE_OF_ROLL, *room)


def network_plays(hidden: int = HIDDEN) -> Work:
    """Return work that finds the best afterstate by a network for all 21 rolls on positions of random games."""
    positions, network, table = positions_met(), fresh(hidden), play_buffers(hidden)
    return lambda: _choose_all(positions, DICE_OF_ROLL, network, MONEY, table)


def positions_met(games: int = 20, seed: int = 1) -> np.ndarray:
    """Return the positions of random games in which checkers are to be moved."""
    random, met = np.random.default_rng(seed), []
    states = np.repeat(backgammon.start(cube=False)[None], games, axis=0)
    while len(states):
        moves, _, counts = backgammon.legal(states)
        backgammon.play(states, moves[np.arange(len(states)), random.integers(0, counts)])
        states = states[backgammon.turn(states) != backgammon.NOBODY]
        met.append(states[states[:, DICE] > 0])
    return np.concatenate(met)[::7]


@compiled
def _list_all(states, rolls, plays, keys):
    for b in range(len(states)):
        for roll in range(len(rolls)):
            list_plays(states[b], np.int64(states[b, MOVER]) * SIDE, rolls[roll], plays, keys)
    return len(states) * len(rolls)


@compiled
def _choose_all(states, rolls, network, stakes, buffers):
    for b in range(len(states)):
        for roll in range(len(rolls)):
            evaluate_plays(states[b], np.int64(states[b, MOVER]) * SIDE, rolls[roll], network, stakes, buffers)
    return len(states) * len(rolls)
