"""Evaluate backgammon positions with a compiled network, and choose the play with the best afterstate (0-ply).

The network is TD-Gammon's (Tesauro 1992): 198 inputs, one hidden layer, five outputs, all sigmoid; one for positions
with contact and one for races. The men that a play moves change a few inputs each, so the hidden layer's sums are
carried along instead of computed anew: an afterstate costs a handful of rows of the first layer.

The outputs, always from the view of the player on roll, before he rolls: win, win a gammon or more, win a backgammon,
lose a gammon or more, lose a backgammon.
"""

from typing import NamedTuple

import numpy as np

from games.backgammon_features import HALF, INPUTS
from games.backgammon_rules import BAR, BOARD, MEN_EACH, MOST_PLAYS, OFF, POINTS, SIDE, list_plays
from games.compiling import compiled, inlined, inlined_sum, summed

OUTPUTS = 5
WIN, WIN_GAMMON, WIN_BACKGAMMON, LOSE_GAMMON, LOSE_BACKGAMMON = range(OUTPUTS)

CONTACT, RACE = 0, 1
PHASES = 2

_f = np.float32

MONEY = np.array([2, 1, 1, -1, -1, -1], _f)
"""Stakes: what each output adds for the player who counts, and last what he has in any case. Cubeless, for money."""

WINS_ONLY = np.array([2, 0, 0, 0, 0, -1], _f)
"""The same where gammons do not count: the last game of a match, or a beginner's lessons."""


class Network(NamedTuple):
    """The weights, float32; H hidden units. Index 0 is the phase: CONTACT or RACE."""

    inner: np.ndarray  # [PHASES, 198, H] a row an input
    bias: np.ndarray  # [PHASES, H]
    outer: np.ndarray  # [PHASES, 5, H]
    base: np.ndarray  # [PHASES, 5]


class Desk(NamedTuple):
    """What one thread works on."""

    plays: np.ndarray  # int8 [MOST_PLAYS, 8]
    keys: np.ndarray  # int64 [MOST_PLAYS]
    before: np.ndarray  # float32 [H] hidden sums before the play, as if the other were on roll
    after: np.ndarray  # float32 [H] and after it
    rows: np.ndarray  # int64 [64] inputs that are on, or change,
    weights: np.ndarray  # float32 [64] and how far
    men: np.ndarray  # int8 [52] the men after a play
    outputs: np.ndarray  # float32 [MOST_PLAYS, 5] of the afterstates, as the player on roll there sees them
    equities: np.ndarray  # float32 [MOST_PLAYS] as the player who moves sees them


def desk(hidden: int) -> Desk:
    """Return room for a thread that works with a network of so many hidden units."""
    return Desk(
        np.zeros((MOST_PLAYS, 8), np.int8),
        np.zeros(MOST_PLAYS, np.int64),
        np.zeros(hidden, _f),
        np.zeros(hidden, _f),
        np.zeros(64, np.int64),
        np.zeros(64, _f),
        np.zeros(BOARD, np.int8),
        np.zeros((MOST_PLAYS, OUTPUTS), _f),
        np.zeros(MOST_PLAYS, _f),
    )


# --- one position -----------------------------------------------------------------------------------------


@compiled
def phase(men):
    """Return RACE where no man can be hit any more, whoever rolls what; else CONTACT."""
    mine = _rearmost(men, 0)
    theirs = _rearmost(men, SIDE)
    return RACE if mine + theirs <= POINTS else CONTACT


def phases(boards: np.ndarray) -> np.ndarray:
    """Return the phase of each board, int8 [B]."""
    found = np.empty(len(boards), np.int8)
    _phases(boards, found)
    return found


@compiled
def _phases(boards, found):
    for b in range(len(boards)):
        found[b] = phase(boards[b])


@inlined
def _rearmost(men, side):
    k = BAR
    while (k > OFF) and men[side + k] == 0:
        k -= 1
    return k


@compiled
def evaluate(men, me, network, desk, outputs):
    """Fill the five outputs of a position, as the player on roll (his cells begin at `me`) sees it."""
    if lost(men, me):
        write_loss(men, me, desk.outputs, 0)
    else:
        which = phase(men)
        add_men(men, me, network.inner, network.bias, which, desk.rows, desk.weights, desk.after)
        read_out(desk.after, network.outer, network.base, which, desk.outputs, 0)
    for k in range(OUTPUTS):
        outputs[k] = desk.outputs[0, k]


@inlined
def lost(men, me):
    """Tell whether the other player has borne off his last man."""
    return men[SIDE - me + OFF] == MEN_EACH


@compiled
def write_loss(men, me, outputs, row):
    """Fill a row of outputs for the player who has lost, by what his men are worth to the other."""
    far = 0
    for k in range(19, SIDE):
        far += men[me + k]
    for k in range(OUTPUTS):
        outputs[row, k] = 0
    outputs[row, LOSE_GAMMON] = men[me + OFF] == 0
    outputs[row, LOSE_BACKGAMMON] = (men[me + OFF] == 0) & (far > 0)


@inlined
def row_of(half, k, count):
    """Return which input the count-th man on cell k turns on; half 0: a man of the player on roll."""
    row = (k - 1) * 4 + min(count, 4) - 1
    if k == BAR:
        row = 4 * POINTS
    elif k == OFF:
        row = 4 * POINTS + 1
    return half * HALF + row


@inlined
def weight_of(k, count):
    """Return how far he turns it on."""
    weight = _f(1) if count <= 3 else _f(0.5)
    if k == BAR:
        weight = _f(0.5)
    elif k == OFF:
        weight = _f(1 / MEN_EACH)
    return weight


@compiled
def list_men(men, me, rows, weights):
    """List the inputs of a position as rows of the first layer with weights; return how many."""
    rows[0], weights[0] = 2 * HALF, 1
    found = 1
    for half in range(2):
        side = me if half == 0 else SIDE - me
        for k in range(SIDE):
            for count in range(1, men[side + k] + 1):
                rows[found], weights[found] = row_of(half, k, count), weight_of(k, count)
                found += 1
    return found


@summed
def add_men(men, me, inner, bias, which, rows, weights, sums):
    """Compute the hidden sums [H] of a position from nothing."""
    for h in range(len(sums)):
        sums[h] = bias[which, h]
    count = list_men(men, me, rows, weights)
    add_rows(sums, inner, which, rows, weights, count, sums)


@summed
def add_rows(start, inner, which, rows, weights, count, sums):
    """Set sums [H] to start [H] plus weighted rows of inner [PHASES, 198, H]; four at a time, which spares memory."""
    for k in range(count, (count + 3) // 4 * 4):
        rows[k], weights[k] = 0, 0
    for h in range(len(sums)):
        sums[h] = start[h]
    for k in range(0, count, 4):
        a, b, c, d = rows[k], rows[k + 1], rows[k + 2], rows[k + 3]
        u, v, w, x = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for h in range(len(sums)):
            sums[h] += u * inner[which, a, h] + v * inner[which, b, h] + w * inner[which, c, h] + x * inner[which, d, h]


@summed
def read_out(sums, outer, base, which, outputs, row):
    """Compute a row of outputs from the hidden sums."""
    a, b, c, d, e = base[which, 0], base[which, 1], base[which, 2], base[which, 3], base[which, 4]
    for h in range(len(sums)):
        active = sigmoid(sums[h])
        a += outer[which, 0, h] * active
        b += outer[which, 1, h] * active
        c += outer[which, 2, h] * active
        d += outer[which, 3, h] * active
        e += outer[which, 4, h] * active
    outputs[row, 0], outputs[row, 1], outputs[row, 2] = sigmoid(a), sigmoid(b), sigmoid(c)
    outputs[row, 3], outputs[row, 4] = sigmoid(d), sigmoid(e)


@inlined_sum
def sigmoid(x):
    """Return 1 / (1 + exp(-x)) within 1e-4, by Lambert's continued fraction for tanh(x / 2), which vectorises."""
    z = min(max(x * _f(0.5), _f(-4.97)), _f(4.97))
    s = z * z
    top = z * (_f(135135) + s * (_f(17325) + s * (_f(378) + s)))
    return _f(0.5) + _f(0.5) * top / (_f(135135) + s * (_f(62370) + s * (_f(3150) + s * _f(28))))


@inlined
def equity(outputs, stakes):
    """Return what five outputs are worth at these stakes to the player whose outputs they are."""
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
    """Return what a row of outputs is worth to the other player, at his stakes."""
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


# --- the plays of a roll ----------------------------------------------------------------------------------


@compiled
def evaluate_plays(men, me, dice, network, stakes, desk):
    """List the plays of a roll in desk.plays and fill desk.outputs and desk.equities; return how many there are.

    `stakes` are those of the player who moves.
    """
    inner, bias, outer, base = network
    plays, keys, before, after, rows, weights, moved, outputs, equities = desk
    count = list_plays(men, me, dice, plays, keys)
    if count:
        which, you = phase(men), SIDE - me
        add_men(men, you, inner, bias, which, rows, weights, before)
        for k in range(count):
            found = list_changes(men, me, plays, k, moved, rows, weights)
            now = phase(moved) if which == CONTACT else RACE
            if lost(moved, you):
                write_loss(moved, you, outputs, k)
            elif now == which:
                add_rows(before, inner, which, rows, weights, found, after)
                read_out(after, outer, base, which, outputs, k)
            else:
                add_men(moved, you, inner, bias, now, rows, weights, after)
                read_out(after, outer, base, now, outputs, k)
            equities[k] = equity_to_other(outputs, k, stakes)
    return count


@compiled
def list_changes(men, me, plays, row, moved, rows, weights):
    """List what a play changes in the inputs of the other, who is on roll after it, and make it in `moved`."""
    you, found = SIDE - me, 0
    for k in range(BOARD):
        moved[k] = men[k]
    for k in range(0, 8, 2):
        source, die = np.int64(plays[row, k]), np.int64(plays[row, k + 1])
        if source > 0:
            target = max(source - die, OFF)
            count = np.int64(moved[me + source])
            rows[found], weights[found] = row_of(1, source, count), -weight_of(source, count)
            moved[me + source] -= 1
            moved[me + target] += 1
            count = np.int64(moved[me + target])
            rows[found + 1], weights[found + 1] = row_of(1, target, count), weight_of(target, count)
            found += 2
            if (target > OFF) & (moved[you + 25 - target] == 1):
                moved[you + 25 - target] = 0
                moved[you + BAR] += 1
                rows[found], weights[found] = row_of(0, 25 - target, 1), -1
                rows[found + 1], weights[found + 1] = row_of(0, BAR, 1), weight_of(BAR, 1)
                found += 2
    return found


@inlined
def best_of(equities, count):
    """Return the index of the first greatest equity."""
    best = 0
    for k in range(1, count):
        if equities[k] > equities[best]:
            best = k
    return best


# --- networks ---------------------------------------------------------------------------------------------


def fresh(hidden: int, seed: int = 1) -> Network:
    """Return a network that knows nothing: small random weights, outputs as a beginner would guess them."""
    random = np.random.default_rng(seed)
    inner = random.normal(0, INPUTS**-0.5, (PHASES, INPUTS, hidden)).astype(_f)
    outer = random.normal(0, 0.5 * hidden**-0.5, (PHASES, OUTPUTS, hidden)).astype(_f)
    base = np.tile(np.array([0, -1, -3, -1, -3], _f), (PHASES, 1))
    return Network(inner, np.zeros((PHASES, hidden), _f), outer, base)


def widened(network: Network, hidden: int, seed: int = 1) -> Network:
    """Return the same function with more hidden units: the new ones listen, and have no say yet."""
    wider = fresh(hidden, seed)
    old = network.bias.shape[1]
    for name in ("inner", "bias", "outer"):
        getattr(wider, name)[..., :old] = getattr(network, name)
    wider.outer[..., old:] = 0
    wider.base[:] = network.base
    return wider
