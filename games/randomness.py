"""Random numbers of compiled code: one uint64 a stream, spread from seeds."""

import numpy as np

from games.compiling import inlined

_u = np.uint64


def random_states(seeds: np.ndarray) -> np.ndarray:
    """Spread seeds over the generator's states, splitmix64's last steps, never 0."""
    x = seeds.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x ^ (x >> np.uint64(31))) | np.uint64(1)


@inlined
def next_random(x):
    """Advance xorshift64* (Vigna 2016); the state must not be 0."""
    x ^= x >> _u(12)
    x ^= x << _u(25)
    return x ^ (x >> _u(27))


@inlined
def below(x, n):
    """Draw a number below n from a random state."""
    return ((x * _u(2685821657736338717) >> _u(32)) * n) >> _u(32)
