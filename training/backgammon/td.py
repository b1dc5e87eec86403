"""Backgammon from nothing: a network plays itself, and each value learns from the values that came after it.

    games of the network against itself -> targets, backwards from the end -> cross entropy of five outputs -> Adam

Source: Tesauro, Practical issues in temporal difference learning (1992), and TD-Gammon (1995). Differences: the
network is frozen for a batch of games, so TD(lambda) is its forward view, batched; Adam in place of plain gradient
steps; what is measured and kept is a running average of the weights; contact and races have a network each.
The ladder of later programs is this stage again and again with other settings (see recipes/backgammon.toml): first
only wins count (`stakes`), then gammons too, from the weights of before (`parent`), with more hidden units (`hidden`),
at last with exact backups over all 21 rolls in place of the one that fell (`exact`).
"""

import copy
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.backgammon import afterstates, bearoff
from engine.backgammon import model as afterstates_model
from engine.backgammon.afterstates import RACE, Network
from engine.backgammon.bearoff import NO_TABLES
from engine.backgammon.outputs import LOSE_GAMMON, MONEY, OUTPUTS, WIN_GAMMON, WINS_ONLY
from engine.machine import usable_cores
from engine.settings import setting
from games.backgammon.rules import BOARD
from training.backgammon.td_baselines import measure
from training.backgammon.td_games import Lessons, encode, play_batch
from training.backgammon.td_network import AfterstateNet
from training.devices import Crew
from training.disk import write_folder
from training.run import Run, read_metrics

STAKES = {"money": MONEY, "wins": WINS_ONLY}


@dataclass(frozen=True)
class Settings:
    """How to learn backgammon; TD-Gammon's own choices are named where they differ."""

    hidden: int = setting(80, "hidden units (TD-Gammon: 40, later 80)", least=1)
    counted: bool = setting(False, "seven inputs more, of what players count: hits, blocks, primes")
    parent: str = setting("", "a model or a run whose weights to begin with, widened if it has fewer hidden units")
    games: int = setting(1_500_000, "games to play (TD-Gammon 2.1: 1,500,000)", least=1)
    batch: int = setting(256, "games that are played before their lessons are learned (TD-Gammon: 1)", least=1)
    passes: int = setting(1, "times that each position is learned, on average", least=1)
    memory: int = setting(0, "latest positions among which the lessons are drawn; 0: those of the batch", least=0)
    lesson: int = setting(512, "positions a step of the optimiser", least=1)
    stakes: str = setting("money", "what a game is played for; wins: gammons do not count", choices=tuple(STAKES))
    trace: float = setting(0.7, "lambda: 0 learns from the next value only, 1 from the outcome only", least=0, most=1)
    exact: bool = setting(False, "learn the average over all 21 rolls instead: slow, and free of luck")
    bearoff: bool = setting(True, "ask the bear-off databases where both players bear off, and end games there")
    rate: float = setting(2e-3, "learning rate at its height", least=0)
    decay: float = setting(0.7, "share of the games, the last ones, in which the rate falls as a cosine", least=0)
    last_rate: float = setting(0.02, "the rate at the end, as a share of its height", least=0)
    average: float = setting(0.999, "how much of the running average of the weights stays at each step", least=0)
    device: str = setting("auto", "where it learns: cpu, cuda, ...; auto: a GPU if there is one")
    threads: int = setting(0, "threads that play; 0: as many as there are cores", least=0)
    seed: int = setting(1, "seed of weights and dice")
    minutes: float = setting(0.0, "stop after so many minutes, with a checkpoint to resume from; 0: never", least=0)
    log_every: int = setting(20, "batches between two lines of the log", least=1)
    measure_every: int = setting(500, "batches between two matches against the yardsticks", least=1)
    measured: int = setting(1000, "games of such a match", least=2)
    checkpoint_minutes: float = setting(2.0, "minutes of work that a kill may cost", least=0)
    export_every: int = setting(0, "batches between two models to play with; 0: only at the end", least=0)

    @property
    def batches(self) -> int:
        """Batches of games."""
        return math.ceil(self.games / self.batch)


def train(run: Run) -> None:
    """Play and learn until the last game, an interrupt or the time limit, going on from the newest checkpoint."""
    settings = run.settings
    learner = Learner(settings)
    learner.resume(run)
    for step in run.steps(learner.step, settings.batches, settings.batch, settings.minutes, counted="games"):
        with run.spending("playing"):
            lessons = learner.play()
        with run.spending("learning"):
            learner.learn(lessons)
        if step % settings.log_every == 0:
            run.log(step, **learner.means(), **run.rates())
        if step % settings.measure_every == 0 or step == settings.batches:
            with run.spending("measuring"):
                run.log(step, **measure(learner.network(), settings.measured, learner.threads))
                run.report()
        if settings.export_every and step % settings.export_every == 0 and step < settings.batches:
            learner.export(run)
        if run.checkpoint_due(settings.checkpoint_minutes):
            run.save(step, learner.write)
    run.save(learner.step, learner.write)
    learner.export(run)
    run.report()


def learning_rate(settings: Settings, step: int) -> float:
    """Return the rate of a batch: it stays, and falls as half a cosine at the end."""
    falling = max(1.0, settings.decay * settings.batches)
    fallen = max(0.0, (step - settings.batches + falling) / falling)
    return settings.rate * (settings.last_rate + (1 - settings.last_rate) * (1 + math.cos(math.pi * fallen)) / 2)


class Learner:
    """A network that plays itself, the running average of its weights, and the optimiser that moves them."""

    def __init__(self, settings: Settings):
        self.settings, self.step = settings, 0
        self.threads = settings.threads or usable_cores()
        self.device = Crew.join(settings.device).device
        self.tables = bearoff.load() if settings.bearoff else NO_TABLES
        self.net = AfterstateNet(_beginning(settings)).to(self.device)
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        self.optimiser = torch.optim.Adam(self.net.parameters(), settings.rate, fused=True)
        self.updates = 0
        self.boards, self.targets = np.empty((0, BOARD), np.int8), np.empty((0, OUTPUTS), np.float32)
        self.sums = np.zeros(5)
        """Since the last log: positions, cross entropy, games, gammons or more, plies."""

    def network(self) -> Network:
        """Return the averaged weights, to play with."""
        return self.average.network()._replace(tables=self.tables)

    def play(self) -> Lessons:
        """Play a batch; the seeds of its games depend on nothing but their numbers."""
        settings = self.settings
        first = self.step * settings.batch
        seeds = np.arange(first, first + settings.batch, dtype=np.uint64) + np.uint64(settings.seed << 40)
        network, stakes = self.net.network()._replace(tables=self.tables), STAKES[settings.stakes]
        return play_batch(network, stakes, seeds, settings.trace, settings.exact, self.threads)

    def learn(self, lessons: Lessons) -> None:
        """Go over the lessons of a batch, or over as many that are drawn from the latest ones."""
        self.step += 1
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.settings, self.step)
        random, new = np.random.default_rng([self.settings.seed, self.step]), len(lessons.boards)
        keep = max(new, self.settings.memory)
        self.boards = np.concatenate([self.boards, lessons.boards])[-keep:]
        self.targets = np.concatenate([self.targets, lessons.targets])[-keep:]
        for _ in range(self.settings.passes):
            order = random.permutation(len(self.boards))[:new]
            for part in np.array_split(order, math.ceil(new / self.settings.lesson)):
                self._update(self.boards[part], self.targets[part])
        gammons = lessons.ends[:, [WIN_GAMMON, LOSE_GAMMON]].sum()
        self.sums += 0, 0, lessons.games, gammons, new

    def _update(self, boards: np.ndarray, targets: np.ndarray) -> None:
        """Take one step of the optimiser on some positions, those of each phase by their own network."""
        inputs, races = encode(boards, self.net.inner.shape[1]), afterstates.phases(boards) == RACE
        loss = torch.zeros((), device=self.device)
        for phase, chosen in enumerate((np.flatnonzero(~races), np.flatnonzero(races))):
            x, y = self._tensor(inputs[chosen]), self._tensor(targets[chosen])
            loss = loss + F.binary_cross_entropy_with_logits(self.net.logits(x, phase), y, reduction="sum")
        self.optimiser.zero_grad(set_to_none=True)
        (loss / len(inputs)).backward()
        self.optimiser.step()
        self.updates += 1
        stays = min(self.settings.average, self.updates / (10 + self.updates))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - stays)
        self.sums[:2] += len(inputs), float(loss.detach())

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def means(self) -> dict[str, float]:
        """Return what the games since this was last asked were like, and the rate."""
        positions, loss, games, gammons, plies = self.sums.tolist()
        self.sums[:] = 0
        rate = learning_rate(self.settings, self.step)
        return {"loss": loss / positions, "plies": plies / games, "gammons": gammons / games, "rate": rate}

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        tensors = {f"net.{name}": value.detach() for name, value in self.net.named_parameters()}
        tensors |= {f"average.{name}": value for name, value in self.average.named_parameters()}
        for number, state in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{number}.{name}": value for name, value in state.items()}
        tensors["updates"], tensors["sums"] = torch.tensor(self.updates), torch.from_numpy(self.sums)
        kept = self.settings.memory
        tensors["boards"] = torch.from_numpy(self.boards[-kept:] if kept else self.boards[:0])
        tensors["targets"] = torch.from_numpy(self.targets[-kept:] if kept else self.targets[:0])
        save_file({name: value.cpu().contiguous() for name, value in tensors.items()}, folder / "state.safetensors")

    def resume(self, run: Run) -> None:
        """Go on from the newest checkpoint, if there is one; raise `ValueError` for that of another network."""
        checkpoint = run.checkpoint()
        if checkpoint is None:
            return
        tensors = load_file(checkpoint / "state.safetensors")
        if "net.inner" not in tensors:
            raise ValueError(f"{checkpoint} was written by another stage than this one")
        hidden = tensors["net.bias"].shape[1]
        if tensors["net.inner"].shape != self.net.inner.shape:
            raise ValueError(f"{checkpoint} has {hidden} hidden units, not {self.settings.hidden}, or other inputs")
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            kind, _, name = key.partition(".")
            if kind == "optimiser":
                number, name = name.split(".")
                state.setdefault(int(number), {})[name] = value
            elif kind in ("net", "average"):
                getattr(getattr(self, kind), name).data.copy_(value)
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})
        self.updates, self.sums[:] = int(tensors["updates"]), tensors["sums"].numpy()
        self.boards, self.targets = tensors["boards"].numpy(), tensors["targets"].numpy()
        self.step = int(checkpoint.name)

    def export(self, run: Run) -> None:
        """Write the averaged weights as a model to play with, unless this step's is there."""
        path = run.model(self.step)
        if run.silent or path.exists():
            return
        last = next((line for line in reversed(read_metrics(run.folder)) if "against_rule" in line), {})
        settings = self.settings
        about = afterstates_model.describe(
            parent=Path(settings.parent).name,
            run=run.folder.name,
            games=self.step * settings.batch,
            measured=last,
        )
        with run.spending("exporting"):
            write_folder(path, lambda folder: afterstates_model.write(self.network(), folder, about))
        run.say(f"wrote the model {path}")


def _beginning(settings: Settings) -> Network:
    if not settings.parent:
        return afterstates.fresh(settings.hidden, settings.seed, settings.counted)
    network = afterstates_model.load(settings.parent)
    hidden = network.bias.shape[1]
    if hidden > settings.hidden:
        raise ValueError(f"{settings.parent} has {hidden} hidden units, which do not fit into {settings.hidden}")
    return afterstates.widened(network, settings.hidden, settings.seed, settings.counted)
