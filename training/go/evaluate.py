"""How well a policy predicts expert moves, and a value outcomes: `yomi evaluate policy`.

Every position of every usable game counts once, unturned. A move is predicted where no other is as likely; accuracies
are shares of all positions, the log loss is in nats, and the squared error is of outcomes 1 and -1, where known.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from engine.networks.evaluator import choose
from engine.networks.model import POLICY, VALUE, check, find
from engine.search import Evaluator
from games import go
from training.go.dataset import Dataset, pack
from training.go.packing import UNKNOWN, Progress
from training.run import share_bar


class PolicyTally:
    """Sums over positions: hits, log loss, squared error."""

    def __init__(self):
        self.positions = self.top1 = self.top5 = self.judged = self.agreed = 0
        self.loss = self.error = 0.0

    def add_moves(self, log_probabilities: np.ndarray, moves: np.ndarray) -> None:
        """Count what was predicted, float [B, moves], against what was played, int [B]."""
        played = np.take_along_axis(log_probabilities, moves[:, None], 1)
        rank = (log_probabilities >= played).sum(1)  # 1 is best; a tie counts against the policy
        self.positions += len(moves)
        self.top1 += int((rank <= 1).sum())
        self.top5 += int((rank <= 5).sum())
        self.loss -= float(played.astype(np.float64).sum())

    def add_outcomes(self, values: np.ndarray, outcomes: np.ndarray) -> None:
        """Count values against known outcomes, of the same view, float [B]."""
        self.judged += len(values)
        self.error += float(np.square(values.astype(np.float64) - outcomes).sum())

    def add_agreement(self, priors: np.ndarray, theirs: np.ndarray) -> None:
        """Count the positions in which another has the same best move, float [B, moves]."""
        self.agreed += int((priors.argmax(1) == theirs.argmax(1)).sum())

    def summary(self) -> dict[str, float]:
        """Return the means of what was counted."""
        means = {}
        if self.positions:
            means = {"top1": self.top1 / self.positions, "top5": self.top5 / self.positions}
            means["log_loss"] = self.loss / self.positions
        return means | ({"value_mse": self.error / self.judged} if self.judged else {})


@dataclass(frozen=True)
class Report:
    """What `yomi evaluate policy` prints; `value_mse` is None where no outcome is known."""

    positions: int
    top1: float
    top5: float
    log_loss: float
    value_mse: float | None
    games: int
    illegal_games: int
    skipped_games: int
    agreement: float | None = None  # share of positions with the best move of the evaluator that it is held against


def evaluate_policy(
    evaluator: Evaluator,
    records: Sequence[str | Path],
    limit: int | None = None,
    every: int = 1,
    batch: int = 64,
    judges: bool = True,
    progress: Progress | None = None,
    against: Evaluator | None = None,
) -> Report:
    """Measure an evaluator on every `every`-th position of games; raise `DatasetError` where none can be used.

    `judges` says that the evaluator has values of its own. `progress` is called with the share that is done and the
    number of positions. The best moves are compared with those of `against`, say the same network in more precision.
    """
    tally = PolicyTally()
    with TemporaryDirectory() as folder:
        packed = pack(records, Path(folder) / "games", limit)
        for states, moves, outcomes, done in _batches(Dataset(packed.path), every, batch):
            _measure(tally, evaluator, states, moves, outcomes if judges else None, against)
            if progress:
                progress(done, tally.positions)
    means = tally.summary()
    return Report(
        positions=tally.positions,
        top1=means["top1"],
        top5=means["top5"],
        log_loss=means["log_loss"],
        value_mse=means.get("value_mse"),
        games=packed.games,
        illegal_games=packed.illegal,
        skipped_games=packed.skipped,
        agreement=tally.agreed / tally.positions if against else None,
    )


def _measure(
    tally: PolicyTally,
    evaluator: Evaluator,
    states: np.ndarray,
    moves: np.ndarray,
    outcomes: np.ndarray | None,
    against: Evaluator | None,
) -> None:
    priors, values = evaluator(go, states)
    if priors.shape[1] == 0:  # an evaluator without an opinion
        priors = np.full((len(states), go.move_count(states[0])), 1 / go.move_count(states[0]), np.float32)
    tally.add_moves(np.log(np.maximum(priors, 1e-9)), moves)
    if against is not None:
        tally.add_agreement(priors, against(go, states)[0])
    if outcomes is not None:
        known = ~np.isnan(outcomes)
        tally.add_outcomes(values[known], outcomes[known])


def _batches(dataset: Dataset, every: int, batch: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    """Yield states, the moves played there, outcomes for Black (nan where unknown), all of one board size."""
    for size in dataset.sizes:
        waiting: list[tuple[np.ndarray, ...]] = []
        numbers = np.flatnonzero(dataset.games["size"] == size)
        for k, number in enumerate(numbers):
            waiting.append(_positions(dataset, int(number), every))
            if sum(len(states) for states, *_ in waiting) >= 16 * batch or k == len(numbers) - 1:
                states, moves, outcomes = map(np.concatenate, zip(*waiting, strict=True))
                waiting.clear()
                for b in range(0, len(states), batch):
                    here = slice(b, b + batch)
                    yield states[here], moves[here], outcomes[here], (k + 1) / len(numbers)


def _positions(dataset: Dataset, k: int, every: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every n-th position of a game, the moves played there, and the outcome for Black."""
    record = dataset[k]
    moves = np.array(record.moves, np.int32)
    numbers = np.arange((len(moves) - int(dataset.ends[k])) % every, len(moves), every, dtype=np.int32)
    paths = np.repeat(moves[None], len(numbers), 0)
    states = go.replay(go.start(**record.start)[None], np.zeros(len(numbers), np.int32), paths, numbers)
    result = int(dataset.games["result"][k])
    return states, moves[numbers], np.full(len(numbers), np.nan if result == UNKNOWN else result)


# --- the command ------------------------------------------------------------------------------------------


def report_policy(
    name: str,
    records: Sequence[str],
    limit: int | None,
    every: int,
    engine: str,
    symmetries: str,
    against: str,
    as_json: bool,
) -> dict[str, Any] | str:
    """Measure the model of a name on games, and say what was found, for programs or for people.

    `engine` runs it, seeing each position under `symmetries`; with `against` another engine does so too, and the
    positions are counted in which they agree.
    """
    model = find(name)
    check(model, go.name)
    evaluator = choose(model, engine, symmetries, cache=0)
    print(f"{model.name}: {evaluator.why}", file=sys.stderr, flush=True)
    heads = model.about.get("shape", {}).get("heads", (POLICY, VALUE))
    if POLICY not in heads:
        raise ValueError(f"the model {model.name} has no policy: it has values only")
    reference = choose(model, against, symmetries, cache=0) if against else None
    with share_bar("measuring", "positions") as progress:
        report = evaluate_policy(
            evaluator, records, limit, every, judges=VALUE in heads, progress=progress, against=reference
        )
    return asdict(report) if as_json else _sentences(report)


def _sentences(report: Report) -> str:
    agreed = "" if report.agreement is None else f"\nsame best move {report.agreement:.2%}"
    error = "unknown" if report.value_mse is None else f"{report.value_mse:.4f}"
    return (
        f"{report.positions:,} positions of {report.games:,} games "
        f"({report.illegal_games} up to an illegal move, {report.skipped_games} skipped)\n"
        f"top 1    {report.top1:.2%}\ntop 5    {report.top5:.2%}\n"
        f"log loss {report.log_loss:.4f}\nvalue squared error {error}{agreed}"
    )
