"""Games that were played to learn from, packed: starts, moves, what the search recommended, and how each ended.

A task of self-play makes one `PlayedGames`, in memory and as one .npz file. Positions are not kept: they are played
again when they are drawn. What is read from a file is checked once, completely.
"""

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from games.game import FIRST, NOBODY, SECOND, Game
from training.disk import write_file

LEAST = 1e-4
"""The least share of a move that is kept."""


@dataclass(frozen=True)
class PlayedGames:
    """G games with P moves in all, on one board; move p of game g is at offsets[g] + p.

    Values are the first player's. Of each move the policy to learn is kept, as `counts[p]` pairs of `policy_moves` and
    `policy_shares`, and the value that the search found.
    """

    version: int  # of the network that played
    board: str
    numbers: np.ndarray  # int64 [G]
    starts: np.ndarray  # [G, W], the position after the random opening
    lengths: np.ndarray  # int32 [G]
    outcomes: np.ndarray  # float32 [G]
    resigned: np.ndarray  # int8 [G], the side that gave up, NOBODY where the game was played to its end
    wished: np.ndarray  # int8 [G], the side that would have given up first, or NOBODY
    moves: np.ndarray  # int32 [P]
    values: np.ndarray  # float32 [P]
    learned: np.ndarray  # bool [P], whether the move had all its visits
    counts: np.ndarray  # int32 [P]
    policy_moves: np.ndarray  # int32 [N]
    policy_shares: np.ndarray  # float16 [N]

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def offsets(self) -> np.ndarray:
        """Where the moves of each game begin, int64 [G]."""
        return np.cumsum(self.lengths) - self.lengths

    @cached_property
    def owners(self) -> np.ndarray:
        """The game of each move, int32 [P]."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)

    @cached_property
    def plies(self) -> np.ndarray:
        """The number of each move within its game, int32 [P]."""
        return (np.arange(len(self.moves)) - self.offsets[self.owners]).astype(np.int32)

    @cached_property
    def policy_offsets(self) -> np.ndarray:
        """Where the pairs of each move begin, int64 [P]."""
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def paths(self) -> np.ndarray:
        """The moves of each game from the left, int32 [G, longest]."""
        paths = np.zeros((len(self), max(1, int(self.lengths.max(initial=1)))), np.int32)
        paths[self.owners, self.plies] = self.moves
        return paths

    @cached_property
    def to_learn(self) -> np.ndarray:
        """Which moves are learned from, int64."""
        return np.flatnonzero(self.learned)

    def positions(self, game: Game, chosen: np.ndarray) -> np.ndarray:
        """Return the positions before moves [B], [B, W]."""
        owners = self.owners[chosen]
        return game.replay(self.starts, owners, self.paths[owners], self.plies[chosen])

    def ends(self, game: Game, chosen: np.ndarray) -> np.ndarray:
        """Return how the games of moves [B] ended, [B, W]."""
        owners = self.owners[chosen]
        return game.replay(self.starts, owners, self.paths[owners], self.lengths[owners])

    def policies(self, moves: int, chosen: np.ndarray) -> np.ndarray:
        """Return what the search recommended for moves [B], float32 [B, moves]."""
        counts = self.counts[chosen]
        rows = np.repeat(np.arange(len(chosen)), counts)
        pairs = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        pairs += np.repeat(self.policy_offsets[chosen], counts)
        policies = np.zeros((len(chosen), moves), np.float32)
        policies[rows, self.policy_moves[pairs]] = self.policy_shares[pairs]
        return policies / policies.sum(1, keepdims=True)

    def targets(self, chosen: np.ndarray, root_share: float) -> np.ndarray:
        """Return outcomes mixed with the values that the search found, the first player's, float32 [B]."""
        outcomes = self.outcomes[self.owners[chosen]]
        return outcomes + np.float32(root_share) * (self.values[chosen] - outcomes)

    @property
    def different(self) -> int:
        """How many games are left without copies."""
        games = zip(self.starts, self.lengths, self.paths, strict=True)
        return len({(start.tobytes(), path[:length].tobytes()) for start, length, path in games})

    def wrong_resignations(self) -> tuple[int, int]:
        """Return how many games were played on after a side wished to give up, and in how many it did not lose."""
        on = (self.wished != NOBODY) & (self.resigned == NOBODY)
        lost = np.where(self.wished == FIRST, self.outcomes < 0, self.outcomes > 0)
        return int(on.sum()), int((on & ~lost).sum())


ARRAYS = [each.name for each in fields(PlayedGames) if each.type in (np.ndarray, "np.ndarray")]
KINDS = {
    "numbers": np.int64,
    "lengths": np.int32,
    "outcomes": np.float32,
    "resigned": np.int8,
    "wished": np.int8,
    "moves": np.int32,
    "values": np.float32,
    "learned": np.bool_,
    "counts": np.int32,
    "policy_moves": np.int32,
    "policy_shares": np.float16,
}


def write_games(path: Path, games: PlayedGames) -> None:
    """Write games as one file, whole or not at all."""
    packed = io.BytesIO()
    arrays = {name: getattr(games, name) for name in ARRAYS}
    np.savez_compressed(packed, version=np.int64(games.version), board=np.array(games.board), **arrays)
    write_file(path, packed.getvalue())


def read_games(path: Path, game: Game, start: Callable[[str], np.ndarray]) -> PlayedGames:
    """Read games; raise `ValueError` for a file that does not hold such of a game that begins with `start(board)`."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
            arrays = {name: found[name] for name in ARRAYS}
            games = PlayedGames(version=int(found["version"]), board=str(found["board"]), **arrays)
        _check(games, game, start(games.board))
    except (OSError, EOFError, KeyError, ValueError, IndexError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"{path} holds no games that can be learned from ({error}); remove it, and go on with --resume"
        ) from None
    return games


def _check(games: PlayedGames, game: Game, start: np.ndarray) -> None:
    """Raise `ValueError` where arrays do not fit each other, or a move of a game is not legal where it is played."""
    for name, kind in KINDS.items():
        array = getattr(games, name)
        if array.dtype != kind or array.ndim != 1:
            raise ValueError(f"{name} is {array.dtype} {array.shape}")
    count, plies = len(games.numbers), len(games.moves)
    sizes = {"starts": count, "lengths": count, "outcomes": count, "resigned": count, "wished": count}
    sizes |= {"values": plies, "learned": plies, "counts": plies}
    for name, size in sizes.items():
        if len(getattr(games, name)) != size:
            raise ValueError(f"there are {len(getattr(games, name))} of {name}, not {size}")
    if games.starts.dtype != start.dtype or games.starts.shape[1:] != start.shape:
        raise ValueError(f"its positions are {games.starts.dtype} {games.starts.shape[1:]}")
    if not count or games.lengths.min() < 0 or int(games.lengths.sum()) != plies:
        raise ValueError("its games have other moves than it says")
    pairs = len(games.policy_moves)
    if len(games.policy_shares) != pairs or games.counts.min(initial=1) < 1 or int(games.counts.sum()) != pairs:
        raise ValueError("its policies have other moves than it says")
    for name in ("outcomes", "values", "policy_shares"):
        if not np.isfinite(getattr(games, name)).all():
            raise ValueError(f"{name} are not finite numbers")
    if not (np.isin(games.resigned, (FIRST, SECOND, NOBODY)) & np.isin(games.wished, (FIRST, SECOND, NOBODY))).all():
        raise ValueError("a side gave up that there is not")
    _check_moves(games, game)


def _check_moves(games: PlayedGames, game: Game) -> None:
    """Play all games in step, and look whether every move is legal."""
    states, count = games.starts.copy(), game.move_count(games.starts[0])
    if games.policy_moves.min(initial=0) < 0 or games.policy_moves.max(initial=0) >= count:
        raise ValueError("a policy has a move that there is not")
    for ply in range(int(games.lengths.max(initial=0))):
        going = np.flatnonzero(games.lengths > ply)
        rows, moves = states[going], games.moves[games.offsets[going] + ply]
        listed, _, counts = game.legal(rows)
        if not ((listed == moves[:, None]) & (np.arange(listed.shape[1]) < counts[:, None])).any(1).all():
            raise ValueError(f"move {ply + 1} of a game is not legal")
        game.play(rows, moves)
        states[going] = rows
