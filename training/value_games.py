"""Positions whose results are known, from games of raw policies: what a value network learns from.

    U uniform in 1..prefix: moves 1 .. U-1 by one policy, move U at random, then another policy to the end; s(U+1) stays

Source: Silver et al., Nature 529 (2016): one position a game, because those of one game resemble each other. `whole`
keeps every position of games that the second policy plays alone, which shows what that costs. Nothing needs torch.
"""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.networks.runtimes import Network
from games import wings
from games.game import NOBODY, SECOND
from training.disk import write_file
from training.policy_games import PolicyGames, Shares, play_shared, randoms_of
from training.self_play import SelfPlayTask

if TYPE_CHECKING:
    from training.devices import ProcessGroup  # needs torch


@dataclass(frozen=True)
class ValuePositions:
    """N positions of one board, and how their games ended."""

    states: np.ndarray  # [N, W]
    outcomes: np.ndarray  # float32 [N], the first player's

    def results(self, turns: np.ndarray) -> np.ndarray:
        """Return the outcomes as the side to play sees them, float32 [N]."""
        return np.where(turns == SECOND, -self.outcomes, self.outcomes)


def play_for_values(
    task: SelfPlayTask,
    early: Network,
    late: Network,
    prefix: int,
    longest: int,
    whole: bool = False,
    temperature: float = 1.0,
) -> ValuePositions:
    """Play the games of a task and return the positions that are kept; a game that is over too soon has none.

    At a `temperature` below 1 the games are played on more strongly, and their results say more of the positions.
    """
    randoms = randoms_of(task)
    last: np.ndarray = np.array([0 if whole else random.integers(1, prefix + 1) for random in randoms], np.int32)

    def share(ply: int, turns: np.ndarray) -> Shares:
        next_ = np.full(task.count, ply + 1)
        return [(early, next_ < last, 1.0), (None, next_ == last, 1.0), (late, next_ > last, temperature)]

    games = PolicyGames(*play_shared(task, randoms, share, longest), np.zeros(task.count, np.int8))
    if whole:
        rows, plies = np.nonzero(games.movers != NOBODY)
    else:
        rows, plies = np.flatnonzero(games.lengths > last), last[games.lengths > last]
    states = games.positions(wings.game(task.game), rows.astype(np.int32), plies)
    return ValuePositions(states, games.outcomes[rows])


def moves_before(share: float, task: SelfPlayTask) -> int:
    """Return how many moves at most come before a position, as a share of the points of a task's board."""
    return max(1, round(share * wings.game(task.game).features(_start(task)[None])[0, 0].size))


def _start(task: SelfPlayTask) -> np.ndarray:
    return wings.part("training", task.game, "self_play").start(task.board, np.random.default_rng(1))


# --- files ------------------------------------------------------------------------------------------------


def gathered(
    folder: Path,
    kind: str,
    tasks: Sequence[SelfPlayTask],
    play: Callable[[SelfPlayTask], ValuePositions],
    group: "ProcessGroup",
    say: Callable[[str], None],
) -> dict[str, ValuePositions]:
    """Return the positions of tasks by their boards, a file each; each process plays its part of what is missing."""
    paths = {task: folder / f"{kind}-{task.first:010}.npz" for task in tasks}
    missing = [task for task in tasks[group.own] if not paths[task].is_file()]
    for number, task in enumerate(missing, 1):
        if number == 1 or number % 10 == 0:
            say(f"playing games ({kind}): {number} of {len(missing)}")
        write_positions(paths[task], play(task))
    group.wait()
    found: dict[str, list[ValuePositions]] = {}
    for task in tasks:
        found.setdefault(task.board, []).append(read_positions(paths[task], _start(task)))
    joined = {
        board: ValuePositions(*map(np.concatenate, zip(*map(_parts, parts), strict=True)))
        for board, parts in found.items()
    }
    if not all(len(positions.states) for positions in joined.values()):
        raise ValueError("every game was over before its position: choose a smaller prefix")
    return joined


def _parts(positions: ValuePositions) -> tuple[np.ndarray, np.ndarray]:
    return positions.states, positions.outcomes


def write_positions(path: Path, positions: ValuePositions) -> None:
    """Write positions as one file, whole or not at all."""
    packed = io.BytesIO()
    np.savez_compressed(packed, states=positions.states, outcomes=positions.outcomes)
    path.parent.mkdir(exist_ok=True)
    write_file(path, packed.getvalue())


def read_positions(path: Path, like: np.ndarray) -> ValuePositions:
    """Read positions of the form of `like` [W]; raise `ValueError` for a file that holds none."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
            positions = ValuePositions(found["states"], found["outcomes"])
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} holds no positions: {error}") from None
    states, outcomes = positions.states, positions.outcomes
    if states.dtype != like.dtype or states.shape[1:] != like.shape or outcomes.shape != states.shape[:1]:
        raise ValueError(f"{path} holds no positions of this game and board")
    if outcomes.dtype != np.float32 or not (np.abs(outcomes) <= 1).all():
        raise ValueError(f"{path} holds outcomes that are not between -1 and 1")
    return positions
