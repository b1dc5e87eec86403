"""A tournament's results as tables of text, which Markdown, HTML and the terminal then draw."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from training.tournament.points import Mean, Points
from training.tournament.ratings import RatingRow
from training.tournament.results import Results, told_limit
from training.tournament.sprt import Hypotheses, SprtVerdict

MANY = 20
"""Rows of a list that may be long."""

NAMED = ("name", "kind", "visits", "seconds", "plies")
"""What of a player's settings the other columns tell."""


@dataclass(frozen=True)
class Table:
    """A title, a head, rows as long as the head, and sentences to stand below."""

    title: str
    head: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)


def tables(results: Results) -> list[Table]:
    """Return all tables that have something to tell."""
    parts = [
        _ratings(results),
        _verdicts(results),
        _points(results),
        _cross_table(results),
        _pairs(results),
        _validity(results),
        _incidents(results),
        _players(results),
        _sessions(results),
    ]
    return [table for table in parts if table.rows]


def headline(results: Results) -> str:
    """Say in one line what was played."""
    settings, games = results.settings, len(results.games)
    names = {line[side] for line in results.games for side in ("first", "second")}
    return f"{results.arena.headline}; {settings.get('kind', 'round-robin')}, {len(names)} players, {games} games"


# --- numbers as text --------------------------------------------------------------------------------------


def interval(low: float, high: float, digits: int = 0) -> str:
    """Write an interval; an open side is told as such."""
    if low == high:
        return "by definition"
    if low == -math.inf and high == math.inf:
        return "unknown"
    if high == math.inf:
        return f"above {low:+.{digits}f}"
    if low == -math.inf:
        return f"below {high:+.{digits}f}"
    return f"{low:+.{digits}f} to {high:+.{digits}f}"


def _elo(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:+.0f}"


def _share(part: float, whole: float, digits: int = 1) -> str:
    return f"{part / whole:.{digits}%}" if whole else "-"


def _mean(mean: Mean) -> str:
    return f"{mean.mean:+.3f} ({interval(mean.low, mean.high, 3)})"


def _wins(wins: int, draws: int, losses: int) -> str:
    return f"{wins}-{losses}" + (f"-{draws}" if draws else "")


def _chance(value: float) -> str:
    """Write odds; nothing is certain."""
    if math.isnan(value):
        return "-"
    return "> 99.9%" if value > 0.9995 else "< 0.1%" if value < 0.0005 else f"{value:.1%}"


# --- the tables -------------------------------------------------------------------------------------------


def _ratings(results: Results) -> Table:
    sides = results.arena.sides
    head = ["", "player", "Elo", "95 %", "games", "W-L-D", "score", *sides]
    head += [f"s/{results.arena.unit}", "resigned", "faults"]
    rows = [[str(place), *_rating(results, row)] for place, row in enumerate(results.ratings.rows, 1)]
    return Table("Ratings", head, rows, _rating_notes(results))


def _rating(results: Results, row: RatingRow) -> list[str]:
    ends, seconds = results.ends.get(row.name, Counter()), results.seconds.get(row.name)
    second = row.score - row.first_score, row.games - row.first_games
    return [
        row.name,
        _elo(row.elo),
        interval(row.low, row.high),
        str(row.games),
        _wins(row.wins, row.draws, row.losses),
        _share(row.score, row.games),
        _share(row.first_score, row.first_games, 0),
        _share(*second, 0),
        "-" if seconds is None else f"{seconds:.2f}",
        str(ends.get("resign", 0)),
        str(sum(count for end, count in ends.items() if end != "resign")),
    ]


def _rating_notes(results: Results) -> list[str]:
    ratings, asked = results.ratings, results.settings.get("anchor", "")
    if not ratings.rows:
        return []
    anchor = next(row for row in ratings.rows if row.name == ratings.anchor)
    advantage = ratings.first_advantage
    bounds = interval(advantage.low, advantage.high)
    notes = [
        f"Elo by maximum likelihood over all games, {anchor.name} at {anchor.elo:g} by definition. To begin is worth "
        f"{advantage.elo:+.0f} Elo ({bounds}); equal players draw {ratings.draw_rate:.1%} of their games."
    ]
    if asked and asked != ratings.anchor:
        notes.append(f"The anchor {asked} has not played yet.")
    if any(math.isinf(row.low) or math.isinf(row.high) for row in ratings.rows if row.rated):
        notes.append("Where only one bound is given, nothing that was played says how much further it may be.")
    if any(not row.rated for row in ratings.rows):
        notes.append("Unknown: no games connect the player to the anchor.")
    if results.sprt and results.sprt.decision:
        notes.append("A match that a test has stopped early overstates the difference a little.")
    return notes


def _verdicts(results: Results) -> Table:
    rows = []
    if results.sprt:
        rows.append(_sprt(results.sprt, results.settings["sprt"]))
    if gate := results.gate:
        question = f"{gate.player} at least {gate.elo:+g} Elo against {gate.against}"
        found = f"{_elo(gate.difference)}, 95 % {interval(gate.low, gate.high)}"
        rows.append([question, "yes" if gate.reached else "no", found])
    return Table("Asked", ["question", "answer", "evidence"], rows)


def _sprt(test: SprtVerdict, asked: dict) -> list[str]:
    low, high = asked.get("elo0", Hypotheses.elo0), asked.get("elo1", Hypotheses.elo1)
    question = f"{asked['first']} against {asked['second']}: {high:+g} Elo (H1) rather than {low:+g} (H0)"
    answer = {"H0": "no: H0 accepted", "H1": "yes: H1 accepted", "": "open"}[test.decision]
    ratio = f"log-likelihood ratio {test.llr:+.2f}, decided at {test.lower:.2f} and {test.upper:+.2f}"
    pairs = ", ".join(map(str, test.counts))
    return [question, answer, f"{ratio}; pairs with 0, 0.5, 1, 1.5, 2 points: {pairs}"]


def _points(results: Results) -> Table:
    measured = any(game.get("luck") for game in results.games)
    head = ["player", "against", "games", "points a game (95 %)", *["luck taken out (95 %)"] * measured]

    def row(points: Points) -> list[str]:
        means = [_mean(points.fell), *[_mean(points.adjusted)] * measured]
        return [points.player, points.opponent or "all", str(points.games), *means]

    notes = ["The two games with the same dice are one observation."] + ["Luck was not measured."] * (not measured)
    return Table("Points", head, [row(points) for points in results.points], notes)


def _cross_table(results: Results) -> Table:
    names = [row.name for row in results.ratings.rows]

    def cell(name: str, other: str) -> str:
        if name == other:
            return ""
        pair = results.ratings.between(name, other)
        return _wins(pair.wins, pair.draws, pair.losses) if pair.games else "-"

    rows = [[name, *(cell(name, other) for other in names)] for name in names]
    return Table("Cross table", ["", *names], rows, ["Won-lost-drawn of the row's player against the column's."])


def _pairs(results: Results) -> Table:
    head = ["player", "against", "games", "score", "expected", "Elo difference", "stronger"]
    rows = []
    for pair in results.ratings.pairwise:
        known = not math.isnan(pair.difference)
        difference = f"{pair.difference:+.0f} ± {1.96 * pair.error:.0f}" if known else "unknown"
        score = _share(pair.wins + pair.draws / 2, pair.games)
        likely = [_chance(pair.expected), difference, _chance(pair.superiority)]
        rows.append([pair.name, pair.other, str(pair.games), score, *likely])
    note = (
        "Expected score, difference and the odds of being stronger are by all games of the tournament, not these alone."
    )
    return Table("Pairings", head, rows, [note])


# --- may it be trusted? -----------------------------------------------------------------------------------


def _validity(results: Results) -> Table:
    return Table("Validity", ["what", "found"], [list(row) for row in _findings(results)])


def _findings(results: Results) -> Iterator[tuple[str, str]]:
    found = results.validity
    yield "pairs of games with sides swapped", f"{found.pairs_complete} complete of {found.pairs_begun} begun"
    yield "unique games up to symmetry", f"{found.unique} of {found.games}" + _examples(found.copies)
    if found.prefix:
        moves, one, other = found.prefix
        yield "longest shared beginning", f"{moves} moves, games {one} and {other}; openings have {found.opening}"
    for name, kinds in found.faults.items():
        yield f"faults of {name}", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    if not found.faults:
        yield "faults", "none"
    yield "void games, played again", str(found.voids)
    if found.repeated:
        yield "games written twice", f"{found.repeated}, counted once"
    if found.replays:
        differing = ", ".join(map(str, found.replays_differing[:MANY])) or "none"
        yield "replayed from their seeds", f"{found.replays} games, differing: {differing}"


def _examples(copies: list[list[int]]) -> str:
    if not copies:
        return ""
    groups = "; ".join(" = ".join(map(str, group[:5])) for group in copies[:3])
    return f": copies are no new evidence, but the intervals count them ({groups}{'; ...' if len(copies) > 3 else ''})"


def _incidents(results: Results) -> Table:
    lines = [line for line in [*results.games, *results.voids] if line.get("fault") or line.get("note")]
    lines.sort(key=lambda line: line["id"])
    rows = [[str(line["id"]), line["end"], line.get("fault") or "-", line.get("note", "")] for line in lines[:MANY]]
    notes = [f"And {len(lines) - MANY} more in games.jsonl."] if len(lines) > MANY else []
    notes.append("Who fails loses the game, and it counts, unless it is void.")
    return Table("Incidents", ["game", "end", "by", "what happened"], rows, notes)


def _players(results: Results) -> Table:
    rows = []
    for name, player in results.players.items():
        others = [f"{key} = {value}" for key, value in player.items() if key not in NAMED and value not in ("", None)]
        rows.append([name, told_limit(player), ", ".join(others)])
    return Table("Players", ["player", "thinks by", "settings"], rows)


def _sessions(results: Results) -> Table:
    rows = []
    for session in results.sessions:
        machine = f"{session.get('machine', '?')}, {session.get('cores', '?')} cores"
        networks = "; ".join(f"{name}: {why}" for name, why in session.get("providers", {}).items())
        rows.append([session.get("started", "?"), session.get("commit", "?"), machine, networks or "none"])
    return Table("Sessions", ["started", "commit", "machine", "networks run"], rows)
