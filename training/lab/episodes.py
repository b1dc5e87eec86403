"""Whole episodes of cart and pole, many at once, as the estimators of training/policy_losses.py want them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from games.lab import cart_pole

Chooser = Callable[[np.ndarray], np.ndarray]
"""Pushes [B] of 0 or 1 for states [B, 4]."""


REWARD = 0.01
"""What a step earns, rather than 1, so that values stay near 1."""

SOLVED = 475
"""The mean return of 100 episodes from which gymnasium calls the problem solved."""


USUAL = np.array([2, 2, 0.2, 2], np.float32)
"""Place, speed, angle and angular speed where poles are about to fall: a network sees them as 1."""


def seen(states: np.ndarray) -> np.ndarray:
    """Return states [..., 4] as a network sees them, float32."""
    return (states / USUAL).astype(np.float32)


class Episodes(NamedTuple):
    """B episodes, or parts of them, of up to T steps; behind its end an episode stands still."""

    states: np.ndarray  # float32 [B, T + 1, 4], before each step and behind the last one
    pushes: np.ndarray  # int64 [B, T]
    mask: np.ndarray  # float32 [B, T], 1 for the steps before the end
    fell: np.ndarray  # bool [B]; False: it would have gone on

    @property
    def lengths(self) -> np.ndarray:
        """The steps of each episode [B], which are its return."""
        return self.mask.sum(1).astype(int)

    @property
    def last_states(self) -> np.ndarray:
        """The state behind the last step of each episode [B, 4]."""
        return self.states[:, -1]

    @property
    def seen(self) -> np.ndarray:
        """The states as a network sees them, float32 [B, T + 1, 4]."""
        return seen(self.states)

    def stretched(self, steps: int) -> "Episodes":
        """Return the same episodes with room for so many steps; they stand still in what is new."""
        room = ((0, 0), (0, steps - self.mask.shape[1]))
        pushes, mask = np.pad(self.pushes, room), np.pad(self.mask, room)
        return Episodes(np.pad(self.states, (*room, (0, 0)), mode="edge"), pushes, mask, self.fell)


def newest(older: Episodes, newer: Episodes, most: int) -> Episodes:
    """Return the last `most` of two batches of episodes."""
    longest = max(older.mask.shape[1], newer.mask.shape[1])
    both = zip(older.stretched(longest), newer.stretched(longest), strict=True)
    return Episodes(*(np.concatenate(each)[-most:] for each in both))


def play(choose: Chooser, begin: np.ndarray, longest: int = cart_pole.LONGEST) -> Episodes:
    """Play on with all poles [B, 4] at once, until all have fallen or the time is up."""
    now = begin
    states, pushes, mask = [now], list[np.ndarray](), list[np.ndarray]()
    fell = np.zeros(len(now), bool)
    while not fell.all() and len(pushes) < longest:
        pushes.append(choose(now))
        mask.append(~fell)
        now = np.where(fell[:, None], now, cart_pole.push(now, pushes[-1]))
        fell = fell | cart_pole.fallen(now)
        states.append(now)
    return Episodes(
        np.stack(states, 1).astype(np.float32), np.stack(pushes, 1), np.stack(mask, 1).astype(np.float32), fell
    )


def play_anew(choose: Chooser, count: int, random: np.random.Generator, longest: int = cart_pole.LONGEST) -> Episodes:
    """Play so many whole episodes at once."""
    return play(choose, cart_pole.start(count, random), longest)
