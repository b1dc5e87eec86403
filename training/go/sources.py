"""The games that a stage learns from: packed once, kept beside the runs, and shared by all of them.

Where there are no games, the fast rollout policy plays some against itself: nothing to become strong by, but enough
to watch a network learn.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from engine.rollouts import shipped_policy
from engine.settings import setting
from games import go
from games.game import NOBODY, Record
from games.go import sgf
from training.go.dataset import Dataset, DatasetError, pack
from training.run import Run, share_bar

PACKED = "datasets"
"""The folder of packed games, beside the run folders."""


@dataclass(frozen=True)
class GamesSettings:
    """Which games to learn from; a stage's settings begin with these."""

    data: tuple[str, ...] = setting((), "games to learn from: SGF files, folders of them, .xz, .zip, or one packed set")
    validation: tuple[str, ...] = setting((), "games only to measure on; none: every hundredth game of the data")
    games: int = setting(0, "take so many games of the data; 0: all", least=0, most=10**9)
    practice: int = setting(
        0, "without data: games that the rollout policy plays against itself", least=0, most=1_000_000
    )
    practice_size: int = setting(9, "board size of those games", least=2, most=25)


def open_games(run: Run) -> tuple[Dataset, Dataset]:
    """Return the games to learn from and those to measure on; pack them first where that was not done."""
    settings = run.settings
    games = _packed(run, settings.data, settings.games) if settings.data else _practice(run)
    if settings.validation:
        return games, _packed(run, settings.validation)
    rest, held_out = games.split(0.01 if len(games) >= 1000 else 0.1)
    if not len(held_out):
        raise DatasetError(f"{len(games)} games are too few to hold some back for measuring; name validation games")
    return rest, held_out


def _packed(run: Run, sources: Sequence[str], limit: int = 0) -> Dataset:
    """Return the packed games of some sources; one that is a packed folder is taken as it is."""
    paths = [Path(source).expanduser() for source in sources]
    if len(paths) == 1 and (paths[0] / "dataset.json").exists():
        games = Dataset(paths[0])
        return games.part(np.arange(min(limit, len(games)))) if limit else games
    return _kept(run, _key(paths, limit), lambda out: _pack(run, paths, out, limit))


def _key(paths: Sequence[Path], limit: int) -> str:
    """Name games by where they lie, how long their files are and when they changed."""
    files = [
        file for path in paths for file in ([path] if path.is_file() else sorted(filter(Path.is_file, path.rglob("*"))))
    ]
    seen = [[str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    return sha256(json.dumps([seen, limit]).encode()).hexdigest()[:12]


def _kept(run: Run, name: str, make) -> Dataset:
    """Return packed games from the folder beside the runs; `make(path)` makes them where they are missing."""
    path = run.folder.parent / PACKED / name
    while run.silent and not (path / "dataset.json").exists():
        time.sleep(1)  # the process that writes the run packs for all
    if not (path / "dataset.json").exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
    return Dataset(path)


def _pack(run: Run, paths: Sequence[Path], out: Path, limit: int) -> None:
    run.say(f"packing {', '.join(map(str, paths))}")
    with share_bar("packing", "games") as progress:
        report = pack(paths, out, limit or None, progress)
    run.say(
        f"packed {report.games} games, {report.positions} positions; "
        f"skipped {report.skipped}, kept {report.illegal} up to an illegal move (listed in {out / 'skipped.txt'})"
    )


# --- practice ---------------------------------------------------------------------------------------------


def _practice(run: Run) -> Dataset:
    settings = run.settings
    if not getattr(settings, "practice", 0):
        raise DatasetError("there are no games to learn from: name some with data=FOLDER, or try --preset tiny")

    def make(out: Path) -> None:
        run.say(f"playing {settings.practice} practice games on {settings.practice_size}x{settings.practice_size}")
        with TemporaryDirectory() as folder:
            path = Path(folder) / "practice.sgf"
            sgf.save(path, practice_games(settings.practice, settings.practice_size, settings.seed))
            pack([path], out)

    return _kept(run, f"practice-{settings.practice}-{settings.practice_size}-{settings.seed}", make)


SHARPNESS = 2.5
"""The power of the policy's probabilities with which practice moves are drawn, so that there is something to learn."""


def practice_games(count: int, size: int = 9, seed: int = 1, komi: float = 7.0) -> list[Record]:
    """Let the rollout policy that ships with Yomi play games against itself, all at once."""
    policy, random = shipped_policy(go), np.random.default_rng(seed)
    states = go.start(size, komi)[None].repeat(count, 0)
    moves: list[list[int]] = [[] for _ in range(count)]
    for _ in range(2 * size * size):
        playing = np.flatnonzero(go.turn(states) != NOBODY)
        if not len(playing):
            break
        after = states[playing]
        chosen = _draw(go.priors(after, policy) ** SHARPNESS, random)
        go.play(after, chosen)
        states[playing] = after
        for game, move in zip(playing, chosen, strict=True):
            moves[game].append(int(move))
    start = {"size": size, "komi": komi, "rules": "tromp-taylor"}
    results = [{1: "B+", -1: "W+"}.get(value, "0") for value in go.score(states).tolist()]
    return [Record(go.name, start, made, result=result) for made, result in zip(moves, results, strict=True)]


def _draw(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a number in each row of weights [B, M], int32 [B]."""
    sums = weights.cumsum(1)
    points = random.random((len(weights), 1)) * sums[:, -1:]
    return (sums <= points).sum(1).astype(np.int32)
