"""What a tournament's folder says: who played, who won, how strong they are, and whether what was asked is answered.

tournament.toml   the settings, resolved
games.jsonl       one line a finished game
sessions.jsonl    one line each time the tournament was started: commit, machine, providers (`note_session`)
replays.jsonl     one line a game played again from its seed (`note_replay`)
"""

import json
import math
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.machine import cpu_name, usable_cores
from engine.settings import read_toml
from training.disk import append_line
from training.tournament.arena import Arena, split
from training.tournament.folder import Line, finished, read_lines
from training.tournament.points import Points, mean_points
from training.tournament.ratings import RatedGame, Ratings, rate
from training.tournament.settings import TABLES, TournamentSettings
from training.tournament.sprt import Hypotheses, SprtVerdict, judge, pentanomial
from training.tournament.validity import Validity, by_pairs, examine, read_notes

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Gate:
    """Whether a player is as much stronger than another as was asked; nan and False where they have not played."""

    player: str
    against: str
    elo: float
    difference: float
    low: float
    high: float
    reached: bool


@dataclass(frozen=True)
class Results:
    """Everything that a report tells. `games` are the lines that count, `ends` how often each player's games ended how.

    `ends` counts by player: "resign" the games that it gave up, every other kind those that it lost by its fault.
    """

    folder: Path
    settings: dict
    arena: Arena
    sessions: list[dict]
    games: list[Line]
    voids: list[Line]
    ratings: Ratings
    points: list[Points]
    ends: dict[str, Counter]
    seconds: dict[str, float]
    sprt: SprtVerdict | None
    gate: Gate | None
    validity: Validity

    @property
    def game(self) -> str:
        return self.arena.name

    @property
    def players(self) -> dict[str, dict]:
        """Return what the settings say of each player, by name."""
        return {player["name"]: player for player in self.settings.get("players", ())}

    @property
    def passed(self) -> bool:
        """Tell whether the gate, if there is one, is reached, and the test, if there is one, has accepted H1."""
        return (self.gate is None or self.gate.reached) and (self.sprt is None or self.sprt.decision == "H1")


def read_results(folder: Path) -> Results:
    """Read and rate a tournament, finished or not; raise `ValueError` for a folder that holds none."""
    folder = Path(folder)
    settings = read_settings(folder)
    lines = read_lines(folder)
    games = list(finished(lines).values())
    ratings, arena = rate_lines(games, settings), arena_of(settings)
    return Results(
        folder=folder,
        settings=settings,
        arena=arena,
        sessions=read_notes(folder / "sessions.jsonl"),
        games=games,
        voids=[line for line in lines if line["end"] == "void"],
        ratings=ratings,
        points=mean_points(games) if arena.worth_points else [],
        ends=_ends(games),
        seconds=_seconds(games, arena.unit == "move"),
        sprt=verdict(games, settings),
        gate=_gate(games, settings),
        validity=examine(folder, arena),
    )


def read_settings(folder: Path) -> dict:
    """Return tournament.toml."""
    path = Path(folder) / "tournament.toml"
    if not path.is_file():
        raise ValueError(f"{folder} is no tournament: it has no tournament.toml")
    return read_toml(path)


# --- ratings and tests of lines ---------------------------------------------------------------------------


def arena_of(settings: dict) -> Arena:
    """Return the arena of a tournament's file."""
    return split({name: value for name, value in settings.items() if name not in TABLES}, TournamentSettings)[1]


def rate_lines(games: Iterable[Line], settings: dict, anchor: str | None = None) -> Ratings:
    """Rate the players of games; the settings' anchor holds once it has played."""
    arena = arena_of(settings)
    outcomes = [RatedGame(line["first"], line["second"], arena.score(line["points"])) for line in games]
    anchor = settings.get("anchor", "") if anchor is None else anchor
    if not any(anchor in (game.first, game.second) for game in outcomes):
        return rate(outcomes)
    return rate(outcomes, anchor, settings.get("anchor_elo", 0.0))


def verdict(games: Iterable[Line], settings: dict) -> SprtVerdict | None:
    """Return how the sequential test of the settings stands, None where none is asked; only whole pairs count."""
    asked = settings.get("sprt")
    if not asked:
        return None
    arena = arena_of(settings)
    values = {name: float(asked[name]) for name in ("elo0", "elo1", "alpha", "beta") if name in asked}
    both = {asked["first"], asked["second"]}
    pairs = [pair for pair in by_pairs(games) if len(pair) == 2 and {pair[0]["first"], pair[0]["second"]} == both]
    first = asked["first"]
    scored = [(_score_for(first, one, arena), _score_for(first, other, arena)) for one, other in pairs]
    return judge(Hypotheses(**values), pentanomial(scored))


def _score_for(player: str, line: Line, arena: Arena) -> float:
    score = arena.score(line["points"])
    return score if line["first"] == player else 1 - score


def _gate(games: list[Line], settings: dict) -> Gate | None:
    asked = settings.get("gate")
    if not asked:
        return None
    player, against, elo = asked["player"], asked["against"], float(asked["elo"])
    names = {line[side] for line in games for side in ("first", "second")}
    if not {player, against} <= names:
        return Gate(player, against, elo, math.nan, -math.inf, math.inf, False)
    ratings = rate_lines(games, settings, against)
    row, zero = ratings.of(player), ratings.of(against).elo
    return Gate(player, against, elo, row.elo - zero, row.low - zero, row.high - zero, bool(row.elo - zero >= elo))


def _ends(games: Iterable[Line]) -> dict[str, Counter]:
    ends: dict[str, Counter] = defaultdict(Counter)
    for line in games:
        loser = line["second"] if line["points"] > 0.5 else line["first"]  # a win is worth 1 at least in every game
        if who := line.get("fault") or (loser if line["end"] == "resign" else ""):
            ends[who][line["end"]] += 1
    return ends


def _seconds(games: Iterable[Line], a_move: bool) -> dict[str, float]:
    """Return the mean seconds that each player took, for a move or for a whole game."""
    spent: dict[str, float] = defaultdict(float)
    units: dict[str, float] = defaultdict(float)
    for line in games:
        for side, seconds in zip(("first", "second"), line.get("seconds", ()), strict=False):
            spent[line[side]] += seconds
            units[line[side]] += (line.get("moves", 0) - len(line.get("opening", ()))) / 2 if a_move else 1
    return {name: spent[name] / units[name] for name in spent if units[name] > 0}


# --- checkpoints ------------------------------------------------------------------------------------------


def checkpoints(results: Results) -> dict[str, list[tuple[int, str]]]:
    """Return step and name of players whose models are checkpoints of one run and who think alike, by that run."""
    runs: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rated = {row.name for row in results.ratings.rows if row.rated}
    for name, player in results.players.items():
        found = re.fullmatch(r"(.*?)(?:/models)?/(\d+)/?", str(player.get("model", "")).replace("\\", "/"))
        if found and name in rated:
            runs[f"{found[1]} ({told_limit(player)})"].append((int(found[2]), name))
    return {run: sorted(steps) for run, steps in runs.items() if len(steps) > 1}


def told_limit(player: dict) -> str:
    """Say how a player of the settings thinks and for how long."""
    limits = [f"{player[name]:g} {name}" for name in ("visits", "seconds") if player.get(name)]
    limits += [f"{player['plies']} plies"] if player.get("plies", -1) >= 0 else []
    return ", ".join([str(player.get("kind", "")), *limits])


# --- notes ------------------------------------------------------------------------------------------------


def note_session(folder: Path, providers: dict[str, str], fingerprints: dict[str, str]) -> None:
    """Write down with what a tournament is played from now on; both tell of models, by their names in the settings.

    `providers` say where a network runs, `fingerprints` which it is. Raise `ValueError` where games were played with
    another one of the same name.
    """
    path = Path(folder) / "sessions.jsonl"
    for session in read_notes(path):
        for model, known in session.get("fingerprints", {}).items():
            if fingerprints.get(model, known) != known:
                raise ValueError(
                    f"{folder} holds games of an earlier model {model!r}: give this tournament another name"
                )
    about = {"commit": commit(), "machine": cpu_name(), "cores": usable_cores(), "providers": providers}
    about |= {"started": datetime.now(UTC).isoformat(timespec="seconds"), "fingerprints": fingerprints}
    append_line(path, json.dumps(about), sync=True)


def note_replay(folder: Path, game: int, digest: str) -> None:
    """Write down what a game became when it was played again from its seed."""
    append_line(Path(folder) / "replays.jsonl", json.dumps({"id": game, "digest": digest}), sync=True)


def commit() -> str:
    """Return the commit of this program, with "+" where files differ from it, or the installed version."""
    from engine.measures.doctor import version_of

    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + "+" * bool(_git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return f"version {version_of('yomi') or 'unknown'}"


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()
