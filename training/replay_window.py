"""The replay window: the latest games of a run, a file for each task of self-play, and the positions to learn from.

Files are whole or absent, so a game that was played is never played again, whatever was killed. They go only when the
caller says so: after a checkpoint that does not need them any more.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from games import wings
from games.game import NOBODY, SECOND
from training.played_games import PlayedGames, read_games, write_games
from training.self_play import SelfPlayTask


class Drawn(NamedTuple):
    """Positions to learn from, all on boards of one size."""

    states: np.ndarray  # [B, W]
    policies: np.ndarray  # float32 [B, moves]
    values: np.ndarray  # float32 [B], what the side to play is to expect
    owners: np.ndarray  # float32 [B, points], whose each point is at the end: 1 the mover's, -1, 0; NaN: not known


class ReplayWindow:
    """The games of the latest so many positions, newest last; with `owners`, it tells who will own each point."""

    def __init__(self, folder: Path, game: str, positions: int, root_share: float, owners: bool = False):
        self.folder, self.positions, self.root_share = folder, positions, root_share
        self.game, self.wing = wings.game(game), wings.part("training", game, "self_play")
        self.owners = owners
        if owners and not hasattr(self.wing, "owners"):
            raise ValueError(f"nobody owns points in {game}: owner_weight has to be 0")
        self.kept: list[tuple[Path, PlayedGames]] = []

    def path(self, task: SelfPlayTask) -> Path:
        """Return where the games of a task are kept."""
        return self.folder / f"{task.version:06}-{task.first:010}.npz"

    def find(self, task: SelfPlayTask) -> PlayedGames | None:
        """Return the games of a task that were played before, or None; raise `ValueError` for a damaged file."""
        path = self.path(task)
        if not path.is_file():
            return None
        games = self._read(path)
        if games.board != task.board or not np.array_equal(games.numbers, task.first + np.arange(task.count)):
            raise ValueError(f"{path} holds the games of other settings; remove it, and they are played anew")
        return games

    def found(self, task: SelfPlayTask) -> PlayedGames:
        """Return the games of a task that another process has played; raise `ValueError` where they are not here."""
        games = self.find(task)
        if not games:
            raise ValueError(f"{self.path(task)} is missing: all processes of a run need the same folder")
        return games

    def keep(self, task: SelfPlayTask, games: PlayedGames) -> None:
        """Write the games of a task."""
        self.folder.mkdir(exist_ok=True)
        write_games(self.path(task), games)

    def add(self, task: SelfPlayTask, games: PlayedGames) -> None:
        """Put games into the window; those of before which it has no room for leave it."""
        self.kept.append((self.path(task), games))
        self._make_room()

    def reload(self, version: int) -> None:
        """Fill the window with the games on disk, up to those of a version."""
        for path in self.folder.glob(".*.aside"):
            path.unlink()
        for path in sorted(self.folder.glob("*.npz")):
            number = path.stem.partition("-")[0]
            if number.isdecimal() and int(number) <= version:
                self.kept.append((path, self._read(path)))
        self._make_room()

    def _read(self, path: Path) -> PlayedGames:
        return read_games(path, self.game, lambda board: self.wing.start(board, np.random.default_rng(0)))

    def _make_room(self) -> None:
        while len(self.kept) > 1 and self.size - len(self.kept[0][1].to_learn) >= self.positions:
            self.kept.pop(0)

    def remove_old(self) -> None:
        """Remove the files of games that are older than the window."""
        if self.kept:
            oldest = self.kept[0][0].name
            for path in self.folder.glob("*.npz"):
                if path.name < oldest and path.stem.replace("-", "").isdecimal():
                    path.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """How many positions there are to learn from."""
        return sum(len(games.to_learn) for _, games in self.kept)

    def age(self, cycle: int) -> float:
        """Return how many cycles before this one the average position was played."""
        played = sum(len(games.to_learn) * (games.version + 1) for _, games in self.kept)
        return cycle - played / max(1, self.size)

    def batches(self, count: int, batch: int, random: np.random.Generator) -> Iterator[Drawn]:
        """Yield so many batches, each on one board, which is drawn by the number of its positions."""
        boards: dict[str, list[PlayedGames]] = {}
        for _, games in self.kept:
            boards.setdefault(games.board, []).append(games)
        groups = list(boards.values())
        sizes = np.array([sum(len(games.to_learn) for games in group) for group in groups])
        for _ in range(count):
            yield self._drawn(groups[int(random.choice(len(groups), p=sizes / sizes.sum()))], batch, random)

    def _drawn(self, group: list[PlayedGames], batch: int, random: np.random.Generator) -> Drawn:
        ends = np.cumsum([len(games.to_learn) for games in group])
        numbers = np.sort(random.integers(ends[-1], size=batch))
        parts = []
        for games, end in zip(group, ends, strict=True):
            inside = numbers[(numbers >= end - len(games.to_learn)) & (numbers < end)] - (end - len(games.to_learn))
            if len(inside):
                parts.append(self._positions(games, games.to_learn[inside]))
        return Drawn(*map(np.concatenate, zip(*parts, strict=True)))

    def _positions(self, games: PlayedGames, chosen: np.ndarray) -> Drawn:
        states = games.positions(self.game, chosen)
        sides = np.where(self.game.turn(states) == SECOND, np.float32(-1), np.float32(1))
        policies = games.policies(self.game.move_count(states[0]), chosen)
        owners = np.empty((len(states), 0), np.float32)
        if self.owners:
            owners = sides[:, None] * self.wing.owners(games.ends(self.game, chosen))
            owners[games.resigned[games.owners[chosen]] != NOBODY] = np.nan  # they were not played to the end
        return Drawn(states, policies, sides * games.targets(chosen, self.root_share), owners)
