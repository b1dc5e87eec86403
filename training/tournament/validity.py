"""What a tournament's figures may be trusted for: whole pairs, games that differ, faults, replays that agree."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from games.plain_files import parse_json
from training.tournament.arena import Arena
from training.tournament.folder import Line, finished, read_lines


@dataclass(frozen=True)
class Validity:
    """What was found; the tables tell it in words.

    `repeated` are lines of games that have one already, `copies` groups of games with the same moves up to symmetry;
    `prefix` is how many first moves two games share at most, again up to symmetry, and which two those are; None
    where no moves are kept that could be compared.
    """

    games: int
    voids: int
    repeated: int
    pairs_complete: int
    pairs_begun: int
    unique: int
    copies: list[list[int]]
    prefix: tuple[int, str, str] | None
    opening: int
    faults: dict[str, dict[str, int]]
    replays: int
    replays_differing: list[int]


def read_notes(path: Path) -> list[dict]:
    """Return the lines of a .jsonl file, without those that a kill has cut short."""
    notes = []
    for text in path.read_text("utf-8", "replace").splitlines() if path.exists() else []:
        with suppress(ValueError):
            notes.append(parse_json(text))
    return [note for note in notes if isinstance(note, dict)]


def examine(folder: Path, arena: Arena) -> Validity:
    """Look at everything that a tournament has left in its folder."""
    lines = read_lines(folder)
    games = list(finished(lines).values())
    voids = sum(line["end"] == "void" for line in lines)
    pairs = [len(pair) == 2 for pair in by_pairs(games)]
    copies = _copies(games)
    replays, differing = _replays(folder, games)
    return Validity(
        games=len(games),
        voids=voids,
        repeated=len(lines) - voids - len(games),
        pairs_complete=sum(pairs),
        pairs_begun=len(pairs),
        unique=len(games) - sum(len(group) - 1 for group in copies),
        copies=copies,
        prefix=arena.shared_beginning(folder / "records"),
        opening=max((len(game.get("opening", ())) for game in games), default=0),
        faults=_faults(lines),
        replays=replays,
        replays_differing=differing,
    )


def by_pairs(games: Iterable[Line]) -> list[list[Line]]:
    """Group games by the pair (one opening or dice sequence, sides swapped) that they belong to.

    Of a whole pair, the game of the player whose name sorts first comes first.
    """
    pairs: dict[tuple, list[Line]] = defaultdict(list)
    for game in games:
        pairs[*sorted((game["first"], game["second"])), game.get("pair", game["id"])].append(game)
    return [sorted(pair, key=lambda game: (game["first"], game["id"])) for pair in pairs.values()]


def _faults(lines: Iterable[Line]) -> dict[str, dict[str, int]]:
    faults: dict[str, Counter] = defaultdict(Counter)
    for line in lines:
        if line.get("fault"):
            faults[line["fault"]][line["end"]] += 1
    return {name: dict(kinds) for name, kinds in sorted(faults.items())}


def _copies(games: Iterable[Line]) -> list[list[int]]:
    alike: dict[str, list[int]] = defaultdict(list)
    for game in games:
        alike[game.get("digest") or f"game {game['id']}"].append(game["id"])
    return [ids for ids in alike.values() if len(ids) > 1]


def _replays(folder: Path, games: Iterable[Line]) -> tuple[int, list[int]]:
    """Compare games that were played again from their seeds (replays.jsonl) with what they had been."""
    digests, replays = {game["id"]: game.get("digest") for game in games}, read_notes(folder / "replays.jsonl")
    replays = [line for line in replays if isinstance(line.get("id"), int) and line["id"] in digests]
    return len(replays), [line["id"] for line in replays if line.get("digest") != digests[line["id"]]]
