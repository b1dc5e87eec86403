"""Evaluate backgammon positions with a compiled network, and choose the play with the best afterstate (0-ply).

The network is TD-Gammon's (Tesauro 1992): 198 inputs, one hidden layer, five outputs, all sigmoid; one for positions
with contact, which may have more inputs (see games/backgammon/counted.py), and one for races. That for contact may have
a second, small hidden layer; both rectify then. The checkers that a play moves change a few inputs each, so the first
layer's sums are carried along instead of computed anew, and so are the counted inputs that a play leaves as they were:
an afterstate costs a handful of the first layer's rows. Of the second layer it costs the rows of those units of the
first that are on, about a fifth.
Where both players bear off, the databases of `bearoff.py` answer in its place.
"""

from typing import NamedTuple

import numpy as np

from engine.backgammon.bearoff import NO_TABLES, Tables, bearoff_outputs
from engine.backgammon.outputs import LOSE_BACKGAMMON, LOSE_GAMMON, OUTPUTS, WIN_BACKGAMMON, WIN_GAMMON, equity_to_other
from games.backgammon.counted import COUNTED, count_up, rearmost
from games.backgammon.inputs import HALF, INPUTS
from games.backgammon.rules import BAR, BOARD, CHECKERS_EACH, MOST_PLAYS, OFF, POINTS, SIDE, list_plays
from games.compiling import compiled, inlined, inlined_sum, summed

CONTACT, RACE = 0, 1
PHASES = 2

_f = np.float32


class Network(NamedTuple):
    """The weights, float32 with H hidden units and the phase (CONTACT or RACE) first, and the bear-off databases.

    S is the size of the second hidden layer of the network for contact, 0 without one; then the outputs are read from
    the first, as those of races are.
    """

    inner: np.ndarray  # [PHASES, 198 and those counted, H] a row an input
    bias: np.ndarray  # [PHASES, H]
    second: np.ndarray  # [1, H, S] a row a unit of the first layer; for contact alone
    threshold: np.ndarray  # [1, S]
    last: np.ndarray  # [5, S] read in place of outer[CONTACT], unless S is 0
    outer: np.ndarray  # [PHASES, 5, H]
    base: np.ndarray  # [PHASES, 5]
    tables: Tables = NO_TABLES  # the bear-off databases, if they are used


WEIGHTS = Network._fields[:7]

MOST_SECOND = 256
"""Units that a second hidden layer may have."""


class PlayBuffers(NamedTuple):
    """Scratch buffers for the plays of one roll, for one thread at a time."""

    plays: np.ndarray  # int8 [MOST_PLAYS, 8]
    keys: np.ndarray  # int64 [MOST_PLAYS]
    before: np.ndarray  # float32 [PHASES, H] hidden sums before the play, as if the other were on roll
    after: np.ndarray  # float32 [H] and after it
    layer: np.ndarray  # float32 [MOST_SECOND] the second hidden layer
    rows: np.ndarray  # int64 [80 or H] units below that are on, or change,
    weights: np.ndarray  # float32 [80 or H] and how far
    counted: np.ndarray  # float32 [2, COUNTED] before the play, and after it
    moved: np.ndarray  # int8 [52] the board after a play
    outputs: np.ndarray  # float32 [MOST_PLAYS, 5] of the afterstates, as the player on roll there sees them
    equities: np.ndarray  # float32 [MOST_PLAYS] as the player who moves sees them


def play_buffers(hidden: int) -> PlayBuffers:
    """Return scratch buffers for a network with this number of hidden units."""
    most = max(80, (hidden + 3) // 4 * 4)
    return PlayBuffers(
        np.zeros((MOST_PLAYS, 8), np.int8),
        np.zeros(MOST_PLAYS, np.int64),
        np.zeros((PHASES, hidden), _f),
        np.zeros(hidden, _f),
        np.zeros(MOST_SECOND, _f),
        np.zeros(most, np.int64),
        np.zeros(most, _f),
        np.zeros((2, COUNTED), _f),
        np.zeros(BOARD, np.int8),
        np.zeros((MOST_PLAYS, OUTPUTS), _f),
        np.zeros(MOST_PLAYS, _f),
    )


# --- one position -----------------------------------------------------------------------------------------


@compiled
def phase(checkers):
    """Return RACE if no checker can be hit any more by any rolls, else CONTACT."""
    return RACE if rearmost(checkers, 0) + rearmost(checkers, SIDE) <= POINTS else CONTACT


def phases(boards: np.ndarray) -> np.ndarray:
    """Return the phase of each board, int8 [B]."""
    found = np.empty(len(boards), np.int8)
    _phases(boards, found)
    return found


@compiled
def _phases(boards, found):
    for b in range(len(boards)):
        found[b] = phase(boards[b])


@compiled
def evaluate(checkers, me, network, buffers, outputs):
    """Fill the five outputs of a position, from the view of the player on roll, whose cells begin at `me`."""
    inner, bias, second, threshold, last, outer, base, tables = network
    which = phase(checkers)
    if lost(checkers, me):
        write_loss(checkers, me, buffers.outputs, 0)
    elif not ((which == RACE) and look_up(tables, checkers, me, buffers.outputs, 0)):
        sum_up(checkers, me, which, inner, bias, buffers.rows, buffers.weights, buffers.counted, buffers.after)
        finish(which, second, threshold, last, outer, base, buffers, 0)
        rule_out(checkers, me, buffers.outputs, 0)
    for k in range(OUTPUTS):
        outputs[k] = buffers.outputs[0, k]


@compiled
def look_up(tables, checkers, me, outputs, row):
    """Fill a row of outputs from the bear-off databases; return whether they hold the position."""
    return bearoff_outputs(tables, checkers, me, outputs[row])


@inlined
def lost(checkers, me):
    """Return whether the other player has borne off every checker."""
    return checkers[SIDE - me + OFF] == CHECKERS_EACH


@compiled
def write_loss(checkers, me, outputs, row):
    """Fill a row of outputs for the player who has lost: a plain game, a gammon or a backgammon."""
    far = 0
    for k in range(19, SIDE):
        far += checkers[me + k]
    for k in range(OUTPUTS):
        outputs[row, k] = 0
    outputs[row, LOSE_GAMMON] = checkers[me + OFF] == 0
    outputs[row, LOSE_BACKGAMMON] = (checkers[me + OFF] == 0) & (far > 0)


@inlined
def rule_out(checkers, me, outputs, row):
    """Set the chances of impossible gammons to 0: a player who has borne off a checker cannot lose one."""
    if checkers[me + OFF] > 0:
        outputs[row, LOSE_GAMMON], outputs[row, LOSE_BACKGAMMON] = 0, 0
    if checkers[SIDE - me + OFF] > 0:
        outputs[row, WIN_GAMMON], outputs[row, WIN_BACKGAMMON] = 0, 0


@inlined
def row_of(half, k, count):
    """Return the input that the count-th checker on cell k switches on; half 0: a checker of the player on roll."""
    row = (k - 1) * 4 + min(count, 4) - 1
    if k == BAR:
        row = 4 * POINTS
    elif k == OFF:
        row = 4 * POINTS + 1
    return half * HALF + row


@inlined
def weight_of(k, count):
    """Return the value of that input."""
    weight = _f(1) if count <= 3 else _f(0.5)
    if k == BAR:
        weight = _f(0.5)
    elif k == OFF:
        weight = _f(1 / CHECKERS_EACH)
    return weight


@compiled
def list_checkers(checkers, me, rows, weights):
    """List the inputs of a position as rows of the first layer with weights; return how many."""
    rows[0], weights[0] = 2 * HALF, 1
    found = 1
    for half in range(2):
        side = me if half == 0 else SIDE - me
        for k in range(SIDE):
            for count in range(1, checkers[side + k] + 1):
                rows[found], weights[found] = row_of(half, k, count), weight_of(k, count)
                found += 1
    return found


@inlined
def counts(inner, which):
    """Return whether the counted inputs are in use: the network has them, and the position has contact."""
    return (inner.shape[1] > INPUTS) & (which == CONTACT)


@compiled
def list_counted(checkers, me, rows, weights, found, wanted, counted):
    """Append the first counted inputs of a position that differ from those in counted[0]; return the list's length.

    As many as are `wanted` are counted, into counted[1].
    """
    count_up(checkers, me, wanted, counted[1])
    for k in range(wanted):
        if counted[1, k] != counted[0, k]:
            rows[found], weights[found] = INPUTS + k, counted[1, k] - counted[0, k]
            found += 1
    return found


@compiled
def sum_up(checkers, me, which, inner, bias, rows, weights, counted, sums):
    """Compute the hidden sums [H] of a position; leave what was counted in counted[1]."""
    found = list_checkers(checkers, me, rows, weights)
    if counts(inner, which):
        counted[0] = 0
        found = list_counted(checkers, me, rows, weights, found, inner.shape[1] - INPUTS, counted)
    add_rows(bias, inner, which, rows, weights, found, sums)


@summed
def add_rows(start, layer, which, rows, weights, count, sums):
    """Set sums [H] to start[which] plus weighted rows of a layer [..., units below, H].

    Four rows at a time, which saves memory traffic.
    """
    for k in range(count, (count + 3) // 4 * 4):
        rows[k], weights[k] = 0, 0
    for h in range(start.shape[1]):
        sums[h] = start[which, h]
    for k in range(0, count, 4):
        a, b, c, d = rows[k], rows[k + 1], rows[k + 2], rows[k + 3]
        u, v, w, x = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for h in range(start.shape[1]):
            sums[h] += u * layer[which, a, h] + v * layer[which, b, h] + w * layer[which, c, h] + x * layer[which, d, h]


@inlined
def finish(which, second, threshold, last, outer, base, buffers, row):
    """Compute a row of outputs from the hidden sums `after`, through the second layer where the phase has one."""
    if (which == CONTACT) & (threshold.shape[1] > 0):
        found = list_active(buffers.after, buffers.rows, buffers.weights)
        add_rows(threshold, second, CONTACT, buffers.rows, buffers.weights, found, buffers.layer)
        read_layer(buffers.layer, last, base, buffers.outputs, row)
    else:
        read_out(buffers.after, outer, base, which, buffers.outputs, row)


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


@compiled
def list_active(sums, rows, weights):
    """List the units whose sums are above 0 as rows of the next layer; return how many."""
    found = 0
    for h in range(len(sums)):  # without a branch: which units are on is hard to predict
        rows[found], weights[found] = h, sums[h]
        found += sums[h] > 0
    return found


@summed
def read_layer(layer, last, base, outputs, row):
    """Compute a row of outputs from the sums of the second hidden layer of the network for contact."""
    for k in range(OUTPUTS):
        total = _f(0)
        for h in range(last.shape[1]):
            total += last[k, h] * max(layer[h], _f(0))
        outputs[row, k] = sigmoid(total + base[CONTACT, k])


@inlined_sum
def sigmoid(x):
    """Return 1 / (1 + exp(-x)) within 1e-4, by Lambert's continued fraction for tanh(x / 2), which vectorises."""
    z = min(max(x * _f(0.5), _f(-4.97)), _f(4.97))
    s = z * z
    top = z * (_f(135135) + s * (_f(17325) + s * (_f(378) + s)))
    return _f(0.5) + _f(0.5) * top / (_f(135135) + s * (_f(62370) + s * (_f(3150) + s * _f(28))))


# --- the plays of a roll ----------------------------------------------------------------------------------


@compiled
def evaluate_plays(checkers, me, dice, network, stakes, buffers):
    """List the plays of a roll in `buffers`, with their outputs and equities; return how many there are.

    `stakes` are those of the player who moves.
    """
    inner, bias, second, threshold, last, outer, base, tables = network
    plays, keys, before, after, _, rows, weights, counted, moved, outputs, equities = buffers
    count = list_plays(checkers, me, dice, plays, keys)
    if count:
        which, you = phase(checkers), SIDE - me
        sum_up(checkers, you, which, inner, bias, rows, weights, counted, before[which])
        counted[0] = counted[1]
        for k in range(count):
            found = list_changes(checkers, me, plays, k, moved, rows, weights)
            now = phase(moved) if which == CONTACT else RACE
            if lost(moved, you):
                write_loss(moved, you, outputs, k)
            elif not ((now == RACE) and look_up(tables, moved, you, outputs, k)):
                if now != which:
                    sum_up(moved, you, now, inner, bias, rows, weights, counted, after)
                else:
                    if counts(inner, now):
                        found = list_counted(moved, you, rows, weights, found, inner.shape[1] - INPUTS, counted)
                    add_rows(before, inner, now, rows, weights, found, after)
                finish(now, second, threshold, last, outer, base, buffers, k)
                rule_out(moved, you, outputs, k)
            equities[k] = equity_to_other(outputs, k, stakes)
    return count


@compiled
def list_changes(checkers, me, plays, row, moved, rows, weights):
    """List what a play changes in the inputs of the other, who is on roll after it, and make it in `moved`."""
    you, found = SIDE - me, 0
    for k in range(BOARD):
        moved[k] = checkers[k]
    for k in range(0, 8, 2):
        source, die = np.int64(plays[row, k]), np.int64(plays[row, k + 1])
        if source > 0:
            target = source - die if source - die > OFF else np.int64(OFF)
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


# --- networks ---------------------------------------------------------------------------------------------


def fresh(hidden: int, seed: int = 1, counted: bool = False, second: int = 0) -> Network:
    """Return a network that knows nothing: small random weights, and outputs near the usual odds of a game."""
    random, inputs = np.random.default_rng(seed), INPUTS + counted * COUNTED
    inner = random.normal(0, INPUTS**-0.5, (PHASES, inputs, hidden)).astype(_f)
    outer = random.normal(0, 0.5 * hidden**-0.5, (PHASES, OUTPUTS, hidden)).astype(_f)
    middle = random.normal(0, (2 / hidden) ** 0.5, (1, hidden, second)).astype(_f)
    last = random.normal(0, 0.5 * max(second, 1) ** -0.5, (OUTPUTS, second)).astype(_f)
    base = np.tile(np.array([0, -1, -3, -1, -3], _f), (PHASES, 1))
    return Network(inner, np.zeros((PHASES, hidden), _f), middle, np.zeros((1, second), _f), last, outer, base)


def widened(network: Network, hidden: int, seed: int = 1, counted: bool = False) -> Network:
    """Return the same function with more hidden units, and perhaps the counted inputs; new weights do nothing yet."""
    inputs, old = int(network.inner.shape[1]), int(network.inner.shape[2])
    wider = fresh(hidden, seed, counted or inputs > INPUTS, network.threshold.shape[1])
    wider.inner[:, :, :old] = 0
    wider.inner[:, :inputs, :old] = network.inner
    wider.bias[:, :old], wider.threshold[:], wider.base[:] = network.bias, network.threshold, network.base
    wider.second[:, :old], wider.second[:, old:] = network.second, 0
    wider.outer[..., :old], wider.outer[..., old:] = network.outer, 0
    wider.last[:] = network.last
    return wider._replace(tables=network.tables)


def with_races_of(network: Network, other: Network) -> Network:
    """Give a network the weights with which another of the same shape values races, and return it."""
    for name in ("inner", "bias", "outer", "base"):
        getattr(network, name)[RACE] = getattr(other, name)[RACE]
    return network
