"""Tic-tac-toe as a table: all 5,478 positions that games reach, and where each of their moves leads.

A value is that of the side to move: 1 if it wins, 0 for a draw, -1 if it loses.
"""

from functools import cache

import numpy as np

from games.lab.finite_world import FiniteWorld

LINES = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]])
CELLS = 9
START = 0
"""The number of the empty board."""


def winner(boards: np.ndarray) -> np.ndarray:
    """Return who has three in a row on boards [N, 9] of 1 (X), -1 (O) and 0: 1, -1 or 0."""
    sums = boards[:, LINES].sum(2)
    return np.where((sums == 3).any(1), 1, np.where((sums == -3).any(1), -1, 0))


@cache
def positions() -> np.ndarray:
    """Return all boards, int8 [5478, 9], those with fewer stones first."""
    layers = [np.zeros((1, CELLS), np.int8)]
    for ply in range(CELLS):
        going_on = layers[-1][winner(layers[-1]) == 0]
        layers.append(np.unique(_played(going_on, _side(ply))[going_on == 0], axis=0))
    return np.concatenate(layers)


def _side(ply: int) -> int:
    return 1 if ply % 2 == 0 else -1


def _played(boards: np.ndarray, side: int) -> np.ndarray:
    """Return boards [N, 9, 9] after a stone on each cell."""
    return boards[:, None] + side * np.eye(CELLS, dtype=np.int8)


@cache
def world() -> FiniteWorld:
    """Return the game as tables: a move that wins is worth 1 to its side, and the sides take turns."""
    boards = positions()
    keys = (boards + 1) @ 3 ** np.arange(CELLS)
    order = np.argsort(keys)
    side = np.where((boards != 0).sum(1) % 2 == 0, 1, -1)
    legal = (boards == 0) & (winner(boards) == 0)[:, None]
    keys_after = keys[:, None] + side[:, None] * 3 ** np.arange(CELLS)
    nexts = np.zeros(legal.shape, np.int64)
    nexts[legal] = order[np.searchsorted(keys[order], keys_after[legal])]
    rewards = np.where(legal, side[:, None] * winner(boards)[nexts], 0).astype(float)
    return FiniteWorld(nexts[..., None], np.ones((*legal.shape, 1)), rewards, legal, 1.0, sign=-1.0)


def lost_games(actions: np.ndarray) -> int:
    """Return how many games the best of the action values [S, 9] loses, as X and as O, against every possible play."""
    tables, boards = world(), positions()
    best, lost = actions.argmax(1), 0
    for own in (1, -1):
        states = np.array([START])
        for ply in range(CELLS):
            states = states[tables.legal[states].any(1)]
            if _side(ply) == own:
                states = tables.nexts[states, best[states], 0]
            else:
                states = tables.nexts[states, :, 0][tables.legal[states]]
                lost += int((winner(boards[states]) == -own).sum())
    return lost
