"""Ratings and tests against what is known: python tests/measures/check_ratings.py coverage|sprt|program [options]

    coverage   tournaments of players of known strength: how often do 95 % intervals hold the truth?
    sprt       matches under either hypothesis: how often is the wrong one taken, and how long does it take?
    program    one tournament's games rated by Ordo too, whose path is --ordo: the greatest difference in Elo

Everything is drawn from --seed. Ordo: github.com/michiguel/Ordo.
"""

import argparse
import csv
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from training.tournament.ratings import ELO, RatedGame, expected_score, rate
from training.tournament.sprt import Hypotheses, log_likelihood_ratio

NAMES = ["anchor", "b", "c", "d", "e", "f"]
TRUTH = np.array([0.0, 80.0, 150.0, 300.0, 450.0, 700.0])
ADVANTAGE, DRAWS = 40.0, 0.1  # of whoever begins, in Elo; of games between equals
OPENING_SPREAD = 150.0  # Elo by which openings favour one side


def elo_of(score: float) -> float:
    """Return the Elo difference at which a share of the points is expected."""
    return ELO * math.log(score / (1 - score))


def chances(difference: np.ndarray, draws: float) -> np.ndarray:
    """Return the odds of loss, draw, win [..., 3]: logistic expected score, Davidson's draws, by bisection on draws."""
    p = expected_score(np.asarray(difference, float))
    nu = 2 * draws / (1 - draws)
    low, high = np.zeros_like(p), 2 * np.minimum(p, 1 - p)
    for _ in range(60):
        middle = (low + high) / 2
        few = middle**2 < nu**2 * (p - middle / 2) * (1 - p - middle / 2)
        low, high = np.where(few, middle, low), np.where(few, high, middle)
    return np.stack([1 - p - low / 2, low, p - low / 2], -1)


def tournament(random: np.random.Generator, truth: np.ndarray, games: int, draws: float = DRAWS) -> list[RatedGame]:
    """Play a round robin of so many games a pairing, each beginning half of them."""
    outcomes = []
    for first in range(len(truth)):
        for second in set(range(len(truth))) - {first}:
            odds = chances(truth[first] - truth[second] + ADVANTAGE, draws)
            scores = random.choice([0, 0.5, 1], games // 2, p=odds)
            outcomes += [RatedGame(NAMES[first], NAMES[second], float(score)) for score in scores]
    return outcomes


def coverage(tournaments: int, games: int, seed: int, draws: float = DRAWS) -> dict[str, float]:
    """Return the share of 95 % intervals that hold the truth: by player, of the advantage, and of all ratings."""
    random, held = np.random.default_rng(seed), dict.fromkeys([*NAMES[1:], "advantage"], 0)
    for _ in range(tournaments):
        ratings = rate(tournament(random, TRUTH, games, draws), "anchor")
        for name, truth in zip(NAMES[1:], TRUTH[1:], strict=True):
            held[name] += ratings.of(name).low <= truth <= ratings.of(name).high
        held["advantage"] += ratings.first_advantage.low <= ADVANTAGE <= ratings.first_advantage.high
    shares = {name: count / tournaments for name, count in held.items()}
    return shares | {"ratings": float(np.mean([shares[name] for name in NAMES[1:]]))}


# --- the test ---------------------------------------------------------------------------------------------


def pair_odds(elo: float, draws: float) -> np.ndarray:
    """Return the odds of 0, 0.5, ..., 2 points from a pair of games [5], by openings that favour one side.

    The player's strength is chosen so that its mean score is exactly that of `elo`: what the hypotheses speak of.
    """
    openings = OPENING_SPREAD * np.linspace(-2, 2, 41)
    weights = np.exp(-(np.linspace(-2, 2, 41) ** 2) / 2)
    low, high = elo - 100, elo + 100
    for _ in range(60):
        strength = (low + high) / 2
        first, second = (chances(strength + sign * openings, draws) for sign in (1, -1))
        both = np.stack([np.convolve(a, b) for a, b in zip(first, second, strict=True)])
        odds = weights @ both / weights.sum()
        if odds @ np.linspace(0, 1, 5) < expected_score(elo):
            low = strength
        else:
            high = strength
    return odds


def sequential(test: Hypotheses, odds: np.ndarray, matches: int, seed: int, most: int = 100_000) -> tuple[float, float]:
    """Return the share of matches that end with H1, and how many pairs (or games) they take on average."""
    random = np.random.default_rng(seed)
    counts, lengths = np.zeros((matches, len(odds))), np.zeros(matches)
    (lower, upper), live, accepted = test.bounds, np.arange(matches), 0
    for length in range(1, most + 1):
        counts[live, random.choice(len(odds), len(live), p=odds)] += 1
        ratio = log_likelihood_ratio(counts[live], test.elo0, test.elo1)
        accepted += np.count_nonzero(ratio >= upper)
        lengths[live] = length
        live = live[(lower < ratio) & (ratio < upper)]
        if not len(live):
            return accepted / matches, lengths.mean()
    raise RuntimeError(f"{len(live)} of {matches} matches did not end within {most}")


def report_sprt(test: Hypotheses, matches: int, seed: int, draws: float) -> None:
    """Print the error rates under both hypotheses, for pairs and for single games."""
    for what, make in (("pairs", pair_odds), ("games", chances)):
        wrong, length = sequential(test, make(test.elo0, draws), matches, seed)
        missed, other = sequential(test, make(test.elo1, draws), matches, seed + 1)
        print(f"elo {test.elo0:g} against {test.elo1:g}, by {what}:", flush=True)
        print(f"  under H0: H1 taken {wrong:.1%} (alpha {test.alpha:.0%}), {length:.0f} {what} on average", flush=True)
        print(
            f"  under H1: H0 taken {1 - missed:.1%} (beta {test.beta:.0%}), {other:.0f} {what} on average", flush=True
        )


# --- another program --------------------------------------------------------------------------------------


def write_pgn(path: Path, outcomes: list[RatedGame]) -> None:
    """Write games as PGN headers with an empty game, which is what rating programs read."""
    results = {1: "1-0", 0.5: "1/2-1/2", 0: "0-1"}
    with path.open("w") as file:
        for game in outcomes:
            result = results[game.score]
            file.write(f'[White "{game.first}"]\n[Black "{game.second}"]\n[Result "{result}"]\n\n{result}\n\n')


def rated_by_ordo(program: str, outcomes: list[RatedGame], anchor: str) -> dict[str, float]:
    """Return Ordo's ratings by maximum likelihood, with the white advantage and draw rate that it finds itself.

    Without -M Ordo only matches total scores: where many games are drawn, that is another (and noisier) estimate.
    """
    scale = repr(elo_of(0.76))  # Ordo is told the difference at which 76 % is expected
    with tempfile.TemporaryDirectory() as folder:
        games, table = Path(folder, "games.pgn"), Path(folder, "ratings.csv")
        write_pgn(games, outcomes)
        words = ["-q", "-M", "-W", "-D", "-N", "3", "-a", "0", "-A", anchor, "-z", scale]
        subprocess.run([program, *words, "-p", str(games), "-c", str(table)], check=True, capture_output=True)
        return {row["PLAYER"]: float(row["RATING"]) for row in csv.DictReader(table.read_text().splitlines())}


def compare(program: str, outcomes: list[RatedGame]) -> float:
    """Print both ratings of a tournament; return the greatest difference in Elo."""
    ours, theirs = rate(outcomes, "anchor"), rated_by_ordo(program, outcomes, "anchor")
    for row in ours.rows:
        print(f"{row.name:8} ours {row.elo:8.2f} [{row.low:8.2f}, {row.high:8.2f}]   Ordo {theirs[row.name]:8.2f}")
    return max(abs(row.elo - theirs[row.name]) for row in ours.rows)


def main() -> None:
    """Run one of the checks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["coverage", "sprt", "program"])
    parser.add_argument("--tournaments", type=int, default=1000, help="or matches")
    parser.add_argument("--games", type=int, default=40, help="a pairing")
    parser.add_argument("--draws", type=float, default=DRAWS, help="the share of drawn games between equals")
    parser.add_argument("--elo", type=float, nargs=2, default=[0, 30], help="H0 and H1")
    parser.add_argument("--errors", type=float, nargs=2, default=[0.05, 0.05], help="alpha and beta")
    parser.add_argument("--ordo", default="ordo", help="the program")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.check == "coverage":
        for name, share in coverage(options.tournaments, options.games, options.seed, options.draws).items():
            error = math.sqrt(0.05 * 0.95 / options.tournaments)
            print(
                f"{name:10} {share:.1%}"
                + ("" if name == "ratings" else f"   (95.0 % +- {error:.1%} if they are right)")
            )
    elif options.check == "sprt":
        test = Hypotheses(*options.elo, *options.errors)
        report_sprt(test, options.tournaments, options.seed, options.draws)
    else:
        outcomes = tournament(np.random.default_rng(options.seed), TRUTH, options.games, options.draws)
        print(f"{len(outcomes)} games, at most {compare(options.ordo, outcomes):.2f} Elo apart; scale {ELO:.2f}")


if __name__ == "__main__":
    main()
