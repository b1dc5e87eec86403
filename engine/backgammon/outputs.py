"""The five outputs of every evaluation of a backgammon position, and their equity at given stakes.

They are chances of the player on roll before the roll: to win; to win a gammon or more; to win a backgammon;
to lose a gammon or more; to lose a backgammon.
"""

import numpy as np

from games.compiling import inlined

OUTPUTS = 5
WIN, WIN_GAMMON, WIN_BACKGAMMON, LOSE_GAMMON, LOSE_BACKGAMMON = range(OUTPUTS)

_f = np.float32

MONEY = np.array([2, 1, 1, -1, -1, -1], _f)
"""Stakes: what each output adds to the player's equity, and last the equity of a plain loss. Cubeless, for money."""

WINS_ONLY = np.array([2, 0, 0, 0, 0, -1], _f)
"""The same where gammons do not count: the last game of a match, or the first steps of training."""


@inlined
def equity(outputs, stakes):
    """Return the equity of five outputs at these stakes, for the player whose outputs they are."""
    return (
        stakes[OUTPUTS]
        + stakes[WIN] * outputs[WIN]
        + stakes[WIN_GAMMON] * outputs[WIN_GAMMON]
        + stakes[WIN_BACKGAMMON] * outputs[WIN_BACKGAMMON]
        + stakes[LOSE_GAMMON] * outputs[LOSE_GAMMON]
        + stakes[LOSE_BACKGAMMON] * outputs[LOSE_BACKGAMMON]
    )


@inlined
def equity_to_other(outputs, row, stakes):
    """Return the equity of a row of outputs for the other player, at the other player's stakes."""
    return (
        stakes[OUTPUTS]
        + stakes[WIN] * (_f(1) - outputs[row, WIN])
        + stakes[WIN_GAMMON] * outputs[row, LOSE_GAMMON]
        + stakes[WIN_BACKGAMMON] * outputs[row, LOSE_BACKGAMMON]
        + stakes[LOSE_GAMMON] * outputs[row, WIN_GAMMON]
        + stakes[LOSE_BACKGAMMON] * outputs[row, WIN_BACKGAMMON]
    )


@inlined
def turn_round(outputs, turned):
    """Write outputs as the other player sees them."""
    turned[WIN] = _f(1) - outputs[WIN]
    turned[WIN_GAMMON], turned[WIN_BACKGAMMON] = outputs[LOSE_GAMMON], outputs[LOSE_BACKGAMMON]
    turned[LOSE_GAMMON], turned[LOSE_BACKGAMMON] = outputs[WIN_GAMMON], outputs[WIN_BACKGAMMON]


@inlined
def best_of(equities, count):
    """Return the index of the first greatest equity."""
    best = 0
    for k in range(1, count):
        if equities[k] > equities[best]:
            best = k
    return best
