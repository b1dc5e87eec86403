"""What a network sees of a backgammon position: TD-Gammon's 198 inputs (Tesauro 1992; Sutton and Barto, section 16.1).

For each player, the one on roll first, and each point from his own side: one man, two, three, and half of what is
above three, are four units; then half the men on the bar and a fifteenth of the men off; at last two units that tell
who is on roll. We always show the player on roll first, so the last two are constant here.
"""

import numpy as np

from games.backgammon_rules import BAR, MOVER, OFF, POINTS, SIDE
from games.compiling import compiled

HALF = 4 * POINTS + 2
INPUTS = 2 * HALF + 2


def encode(states: np.ndarray) -> np.ndarray:
    """Return the inputs of positions as their player on roll sees them, float32 [B, 198]."""
    inputs = np.empty((len(states), INPUTS), np.float32)
    _encode(states, inputs)
    return inputs


@compiled
def _encode(states, inputs):
    for b in range(len(states)):
        encode_row(states[b], np.int64(states[b, MOVER]) * SIDE, inputs[b])


@compiled
def encode_row(men, me, inputs):
    """Fill 198 inputs as the player whose cells begin at `me` sees the men."""
    _encode_side(men, me, inputs, 0)
    _encode_side(men, SIDE - me, inputs, HALF)
    inputs[2 * HALF], inputs[2 * HALF + 1] = 1, 0


@compiled
def _encode_side(men, side, inputs, at):
    for point in range(1, POINTS + 1):
        count = men[side + point]
        inputs[at] = count >= 1
        inputs[at + 1] = count >= 2
        inputs[at + 2] = count >= 3
        inputs[at + 3] = max(count - 3, 0) / np.float32(2)
        at += 4
    inputs[at] = men[side + BAR] / np.float32(2)
    inputs[at + 1] = men[side + OFF] / np.float32(15)
