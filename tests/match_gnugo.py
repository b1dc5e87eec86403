"""A match of Yomi against GNU Go: python tests/match_gnugo.py --games 40 --seconds 5 [--size 9] [--komi 7] ...

Colours alternate; every game has a seed of its own on both sides. Games are played to two passes (GNU Go never
resigns and captures all that is dead) and counted as area with every stone alive. With --policy the network plays its
first choice and does not search. A game in which GNU Go dies is void. Prints a line a game, how many games differ, and
the score with its 95 % interval (Wilson).
"""

import argparse
import math
import shutil
from concurrent.futures import ThreadPoolExecutor

from engine.clock import Limit
from engine.gtp_player import GtpPlayer
from engine.players import RESIGN, Player, make_player
from engine.policy_player import PolicyPlayer
from engine.program import PlayerFailed
from games import go
from games.game import FIRST, Position

GNUGO = "--mode gtp --chinese-rules --positional-superko --capture-all-dead --never-resign"


def our_player(options: argparse.Namespace, seed: int) -> Player:
    """Return our player."""
    limit = Limit(options.visits, options.seconds if options.visits is None else None)
    searching = make_player(go, options.model, limit, seed=seed, threads=options.threads)
    if not options.policy:
        return searching
    return PolicyPlayer(options.model, searching.evaluator, searching.settings)


def play(number: int, options: argparse.Namespace) -> tuple[float | None, str, tuple[int, ...]]:
    """Play one game; return 1 for a win of ours, 0.5 for a draw, None for no game, a line about it, and its moves."""
    gnugo = shutil.which("gnugo") or "/usr/games/gnugo"
    ours, theirs = number % 2, GtpPlayer(f"{gnugo} {GNUGO} --level {options.level} --seed {number + 1}", timeout=900)
    us = our_player(options, seed=number + 1)
    position, visits = Position(go, go.start(options.size, options.komi, "chinese")), []
    resigned = False
    while not position.over and not resigned and len(position.moves) < 3 * options.size**2:
        player = us if position.turn == ours else theirs
        try:
            move = player.choose(position)
        except PlayerFailed as error:
            return None, f"game {number + 1}: void after {len(position.moves)} moves, {error}", tuple(position.moves)
        if player is us and us.thought:
            visits.append(us.thought.visits)
        resigned = move == RESIGN
        if not resigned:
            position.play(move)
    theirs.close()
    lead = go.final_lead(position.state) * (1 if ours == FIRST else -1)
    won = 0.0 if resigned else 0.5 + 0.5 * math.copysign(lead != 0, lead)
    middle = sorted(visits)[len(visits) // 2] if visits else 0
    result = "resigned" if resigned else f"{lead:+g} points"
    line = f"game {number + 1}, {'BW'[ours]}: {result}, {len(position.moves)} moves, {middle} visits a move"
    return won, line, tuple(position.moves)


def interval(score: float, games: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share of games."""
    z, p = 1.96, score / games
    middle, spread = p + z * z / (2 * games), z * math.sqrt(p * (1 - p) / games + z * z / (4 * games**2))
    return (middle - spread) / (1 + z * z / games), (middle + spread) / (1 + z * z / games)


def main() -> None:
    """Play the match."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=40)
    parser.add_argument("--size", type=int, default=9)
    parser.add_argument("--komi", type=float, default=7)
    parser.add_argument("--level", type=int, default=10, help="GNU Go's")
    parser.add_argument("--model", default="rollouts")
    parser.add_argument("--policy", action="store_true", help="the network's first choice, no search")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--visits", type=int, help="in place of seconds: does not depend on the machine")
    parser.add_argument("--threads", type=int, help="of the search (all cores)")
    parser.add_argument("--at-once", type=int, default=1, help="games at once")
    options = parser.parse_args()
    scores, games = [], set()
    with ThreadPoolExecutor(options.at_once) as pool:
        for won, line, moves in pool.map(lambda k: play(k, options), range(options.games)):
            if won is not None:
                scores.append(won)
            games.add(moves)
            print(f"{line}; {sum(scores):g} of {len(scores)}", flush=True)
    print(f"{len(games)} different games, {options.games - len(scores)} void")
    if scores:
        score, (low, high) = sum(scores), interval(sum(scores), len(scores))
        share = f"{score / len(scores):.0%}, 95 % interval {low:.0%} to {high:.0%}"
        print(f"Yomi won {score:g} of {len(scores)} ({share})")


if __name__ == "__main__":
    main()
