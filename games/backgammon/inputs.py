"""Network inputs of a backgammon position.

TD-Gammon's 198 inputs (Tesauro 1992; Sutton and Barto, section 16.1): for each player, the one on roll first, and each
point from the player's own side, four units: one checker, two, three, and half the number above three; then half the
checkers on the bar and a fifteenth of those off; at last two units for the side on roll, which are constant here
because the player on roll always comes first. What players count comes after them, if a network has it (`counted.py`).
"""

import numpy as np

from games.backgammon.rules import BAR, MOVER, OFF, POINTS, SIDE
from games.compiling import compiled

HALF = 4 * POINTS + 2
INPUTS = 2 * HALF + 2


def encode(states: np.ndarray) -> np.ndarray:
    """Return the inputs of positions from the view of the player on roll, float32 [B, 198]."""
    inputs = np.empty((len(states), INPUTS), np.float32)
    _encode(states, inputs)
    return inputs


@compiled
def _encode(states, inputs):
    for b in range(len(states)):
        encode_row(states[b], np.int64(states[b, MOVER]) * SIDE, inputs[b])


@compiled
def encode_row(checkers, me, inputs):
    """Fill 198 inputs from the view of the player whose cells begin at `me`."""
    _encode_side(checkers, me, inputs, 0)
    _encode_side(checkers, SIDE - me, inputs, HALF)
    inputs[2 * HALF], inputs[2 * HALF + 1] = 1, 0


@compiled
def _encode_side(checkers, side, inputs, at):
    for point in range(1, POINTS + 1):
        count = checkers[side + point]
        inputs[at] = count >= 1
        inputs[at + 1] = count >= 2
        inputs[at + 2] = count >= 3
        inputs[at + 3] = max(count - 3, 0) / np.float32(2)
        at += 4
    inputs[at] = checkers[side + BAR] / np.float32(2)
    inputs[at + 1] = checkers[side + OFF] / np.float32(15)
