"""Fixed opponents that tell whether a backgammon network learns: random play, a rule of thumb, another network."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine.backgammon.afterstates import Network, evaluate_plays, fresh, play_buffers, write_loss
from engine.backgammon.outputs import LOSE_BACKGAMMON, LOSE_GAMMON, MONEY, OUTPUTS, best_of
from games.backgammon import start
from games.backgammon.rules import BAR, BOARD, CHECKERS_EACH, DICE_OF_ROLL, OFF, POINTS, SIDE, apply_play, list_plays
from games.compiling import compiled
from games.randomness import below, next_random, random_states
from training.backgammon.td_games import _roll

RANDOM, RULE, NETWORK = range(3)


def measure(network: Network, games: int, threads: int) -> dict[str, float]:
    """Return points a game of a network against each yardstick, cubeless, from the same dice each time."""
    novice = fresh(10, seed=1)
    return {
        "against_random": duel(network, RANDOM, novice, games // 2, threads),
        "against_rule": duel(network, RULE, novice, games, threads),
    }


def duel(network: Network, kind: int, other: Network, games: int, threads: int, seed: int = 1) -> float:
    """Return the mean points a game of a network against an opponent; each of its dice is played from both sides."""
    seeds = np.random.default_rng(seed).integers(0, 2**62, (games + 1) // 2, np.uint64)

    def part(chosen: np.ndarray) -> float:
        mine, theirs = play_buffers(network.bias.shape[1]), play_buffers(other.bias.shape[1])
        return float(_play_pairs(start()[:BOARD], random_states(chosen), network, mine, kind, other, theirs))

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(part, np.array_split(seeds, threads))) / (2 * len(seeds))


@compiled
def _play_pairs(opening, seeds, network, mine, kind, other, theirs):
    points = 0.0
    for x in seeds:
        points += _play(opening, x, True, network, mine, kind, other, theirs)
        points += _play(opening, x, False, network, mine, kind, other, theirs)
    return points


@compiled
def _play(opening, x, mine_begins, network, mine, kind, other, theirs):
    """Play a game; return the points of the network."""
    checkers, outputs = opening.copy(), np.zeros((1, OUTPUTS), np.float32)
    my_turn, me = mine_begins, 0
    for _ in range(2000):
        x = next_random(x)
        dice = DICE_OF_ROLL[_roll(x)]
        if my_turn:
            _move_by_network(checkers, me, dice, network, mine)
        elif kind == NETWORK:
            _move_by_network(checkers, me, dice, other, theirs)
        else:
            _move_by_rule(checkers, me, dice, theirs, kind, x)
        if checkers[me + OFF] == CHECKERS_EACH:
            write_loss(checkers, SIDE - me, outputs, 0)
            gain = 1 + outputs[0, LOSE_GAMMON] + outputs[0, LOSE_BACKGAMMON]
            return gain if my_turn else -gain
        my_turn, me = not my_turn, SIDE - me
    return np.float32(0)


@compiled
def _move_by_network(checkers, me, dice, network, table):
    count = evaluate_plays(checkers, me, dice, network, MONEY, table)
    if count:
        apply_play(checkers, me, table.plays[best_of(table.equities, count)])


@compiled
def _move_by_rule(checkers, me, dice, table, kind, x):
    count = list_plays(checkers, me, dice, table.plays, table.keys)
    if count:
        chosen = np.int64(below(next_random(x), np.uint64(count)))
        if kind == RULE:
            for k in range(count):
                table.equities[k] = _rule_of_thumb(checkers, me, table.plays[k], table.moved)
            chosen = best_of(table.equities, count)
        apply_play(checkers, me, table.plays[chosen])


@compiled
def _rule_of_thumb(checkers, me, play, after):
    """Score a play: hit, make points at home, leave few blots where they can be hit, run with what is left."""
    for k in range(BOARD):
        after[k] = checkers[k]
    apply_play(after, me, play)
    you = SIDE - me
    worth = 1.5 * after[you + BAR] + 0.7 * after[me + OFF]
    behind = 0
    for k in range(1, POINTS + 1):
        if after[me + k] >= 2:
            worth += 0.6 if k <= 7 else 0.3
        elif after[me + k] == 1 and (behind > 0 or after[you + BAR] > 0):
            worth -= 0.2 + 0.03 * (25 - k)
        behind += after[you + 25 - k - 1] if k < POINTS else 0
        worth -= 0.02 * k * after[me + k]
    return worth - after[me + BAR]
