"""A network from nothing: it plays itself with a search, and learns what the searches found and how the games ended.

    games by the averaged weights -> replay window -> steps of learning -> (the gate ->) the next cycle

The policy learns the improved policies of the searches, the value the outcomes mixed with the searches' own values.
Sources: Anthony et al., Thinking fast and slow with deep learning and tree search (2017); Silver et al., AlphaGo Zero
(2017); Danihelka et al., Policy improvement by planning with Gumbel (2022). What a game adds, how its games begin and
how it is measured, is the part `self_play` of its wing in training/.
"""

import copy
from collections.abc import Generator, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.networks import model, towers
from engine.networks.layers import OwnerHead
from engine.networks.sight import sight
from engine.networks.towers import NetworkShape, PolicyValueNet
from games import wings
from training import self_play_rate
from training.devices import ProcessGroup
from training.expert_iteration_settings import Settings
from training.kept_positions import KeptPositions
from training.learner import Learner, below
from training.network_stage import NetworkStage
from training.played_games import PlayedGames
from training.playing import Snapshot, TaskRunner, evaluator_of, runner_of
from training.policy_games import half_and_half
from training.replay_window import Drawn, ReplayWindow
from training.report import Curve
from training.run import Run
from training.self_play import SelfPlayTask, check_boards, tasks_of
from training.snapshots import maker_of
from training.stage import carry_out

__all__ = ["ExpertIteration", "Settings", "train"]

GATING = 2**31
"""The version of the games of matches: random numbers that no cycle has."""

GAMES = "games"
"""The folder of a run that holds its replay window."""

Played = list[tuple[SelfPlayTask, PlayedGames]]

CURVES = {
    "owner_loss": Curve("", "Squared error of who owns each point at the end; always guessing nobody has about 1."),
    "target_entropy": Curve(
        "nats", "What is uncertain in the policies that searches found: no policy_loss gets below."
    ),
    "moves": Curve("a game", "Length of a game after its random opening."),
    "first_wins": Curve("of the games", "How often the first player wins; far from the game's own is a warning."),
    "draws": Curve("of the games", "How often nobody wins."),
    "copies": Curve("of the games", "Games of a cycle that are as another of it: they teach nothing new."),
    "root_value_spread": Curve("", "Standard deviation of the values that searches found; near 0, the value has died."),
    "wrong_resignations": Curve("of those played on", "How often a side that would have given up did not lose."),
    "gate_won": Curve("of the games", "Points of the new weights against those that play, both without search."),
    "replaced": Curve("", "1 where the new weights won enough to play the games to come, else 0."),
    "window_age": Curve("cycles", "How long ago the average position of the window was played."),
    "window": Curve("positions", "How many positions there are to learn from."),
}


def train(run: Run) -> None:
    """Play and learn until the last cycle, an interrupt or the time limit, going on from the newest checkpoint."""
    stage = ExpertIteration(run.settings, run.folder / GAMES)
    if not run.checkpoint():  # games are kept even where the first cycle fails
        run.save(0, stage.write)
    stage.learner.group.wait()  # all processes begin with the first one's checkpoint
    carry_out(run, stage)


class ExpertIteration(NetworkStage):
    """A network that learns from searches of its own games."""

    counted, gathering = "games", "playing"

    @property
    def curves(self) -> Mapping[str, Curve]:  # type: ignore[override]  # some are the game's
        """What the stage's own numbers mean."""
        return CURVES | self.wing.CURVES

    def __init__(self, settings: Settings, folder: Path):
        self.folder = folder.parent
        self.settings, self.steps, self.batch = settings, settings.cycles, settings.games
        group = ProcessGroup.join(settings.device, settings.threads)
        group.share(settings.batch)  # raises ValueError where it cannot be
        self.game = wings.game(settings.game)
        check_boards(settings.game, settings.boards)
        net = _beginning(settings)
        if settings.owner_weight:
            net.owners = OwnerHead(net.shape.channels, net.shape.head_channels)
        self.learner = Learner(net, settings, settings.cycles, group)
        self.learner.net.padded = False  # a batch is of boards of one size, which fill their planes
        if settings.parent:
            self.learner.net.eval()  # the norms keep their statistics: the network that learns is the one that played
        self.kept = _kept(settings, self.learner, folder)
        self.player = copy.deepcopy(self.learner.average)
        owners = settings.owner_weight > 0
        self.window = ReplayWindow(folder, settings.game, settings.window, settings.root_share, owners)
        self.measured: dict[str, float] = {}

    @cached_property
    def wing(self) -> ModuleType:
        """What the game adds."""
        return wings.part("training", self.settings.game, "self_play")

    # --- games --------------------------------------------------------------------------------------------

    def data(self, done: int) -> Generator[Played]:
        """Yield the games of each cycle, in the order of their numbers, played by the averaged weights of before it."""
        shown_in = None if self.learner.group.rank else self.folder
        runner = runner_of(self.settings.processes, self.settings.ray, shown_in)
        try:
            for cycle in range(done + 1, self.steps + 1):
                yield self._played(cycle, runner)
        finally:
            runner.close()

    def _played(self, cycle: int, runner: TaskRunner) -> Played:
        settings, version, group = self.settings, cycle - 1, self.learner.group
        tasks = tasks_of(settings.game, settings.boards, settings.seed, version, settings.games, settings.task)
        found = {task: games for task in tasks[group.own] if (games := self.window.find(task))}
        missing = [task for task in tasks[group.own] if task not in found]
        if missing:
            rules = settings.self_play(cycle)
            for task, games in runner.played(missing, self.snapshot(cycle), rules):
                self.window.keep(task, games)
                found[task] = games
        group.wait()
        return [(task, found.get(task) or self.window.found(task)) for task in tasks]

    def snapshot(self, cycle: int) -> Snapshot:
        """Return what plays in a cycle: the averaged weights, or rollouts before there is anything to average."""
        if cycle <= self.settings.rollout_cycles:
            return Snapshot(self.settings.game)
        return Snapshot(self.settings.game, self.snapshots.snapshot(self.player))

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: Played) -> None:
        """Put the games of a cycle into the window, and take steps on positions that are drawn from it."""
        self.learner.begin(step)
        new = sum(len(games.to_learn) for _, games in data)
        for task, games in data:
            self.window.add(task, games)
        self._count(data)
        random = np.random.default_rng([self.settings.seed, step])
        steps = max(1, round(new * self.settings.passes / self.settings.batch))
        for drawn in self.window.batches(steps, self.settings.batch, random):
            while self.kept and random.random() < self.settings.kept_share:
                self._keep(self.kept, random)
            seen = self.seen(drawn, random)
            self.learner.update(self.loss(*seen), len(seen[0]))
        self._choose_player(step)

    def _keep(self, kept: KeptPositions, random: np.random.Generator) -> None:
        """Take a step towards what the parent says of positions of other boards."""
        planes = kept.planes(kept.draw(self.settings.batch, random), random)
        found = self.loss(planes, *kept.answers(planes))
        self.learner.update({"loss": found["loss"]}, 0)

    def _choose_player(self, step: int) -> None:
        """Let the averaged weights play from now on, where they win enough against those that have played."""
        settings, average = self.settings, self.learner.average
        if settings.gate and step > settings.rollout_cycles:
            board = settings.boards[step % len(settings.boards)]
            task = SelfPlayTask(settings.game, board, settings.seed, GATING + step, 0, settings.gate_games)
            share, _ = half_and_half(
                self.play(task, self.network(average), self.network(self.player), settings.longest)
            )
            replaced = share >= settings.gate
            self.learner.count({"gate_won": torch.tensor(share), "replaced": torch.tensor(float(replaced))}, 1)
            if not replaced:
                return
        self.player.load_state_dict(average.state_dict())

    def seen(self, drawn: Drawn, random: np.random.Generator) -> list[Tensor]:
        """Return planes, policies, values and owners of this process's part, each position under a drawn symmetry."""
        shown, own = sight(self.settings.game), self.learner.group.own
        symmetries = random.integers(shown.SYMMETRIES, size=len(drawn.states)).astype(np.int8)[own]
        drawn = Drawn(*(each[own] for each in drawn))
        planes = shown.encode(drawn.states, symmetries)
        policies, owners = np.empty_like(drawn.policies), np.empty_like(drawn.owners)
        for k in range(shown.SYMMETRIES):
            rows, places = np.flatnonzero(symmetries == k), shown.symmetry(k, planes.shape[-1])
            policies[rows[:, None], places] = drawn.policies[rows]
            owners[rows[:, None], places[: owners.shape[1]]] = drawn.owners[rows]
        device = self.learner.group.device
        tensors = [torch.from_numpy(array).to(device) for array in (planes, policies, drawn.values, owners)]
        return [tensors[0].contiguous(memory_format=torch.channels_last), *tensors[1:]]

    def loss(self, planes: Tensor, policies: Tensor, values: Tensor, owners: Tensor | None = None) -> dict[str, Tensor]:
        """Return the loss of a batch and its parts: means over the positions."""
        logits, found, *foreseen = self.learner.forward(planes)
        policy_loss = F.cross_entropy(logits.float(), policies)
        entropy = -torch.special.xlogy(policies, policies).sum(1).mean()  # what no network can learn away
        value_loss = (found.float() - values).square().mean()
        parts = {"policy_loss": policy_loss, "target_entropy": entropy, "value_loss": value_loss}
        loss = policy_loss + self.settings.value_weight * value_loss
        if foreseen and owners is not None:
            known = owners.isfinite()
            away = torch.where(known, foreseen[0].float() - owners, 0)
            parts["owner_loss"] = away.square().sum() / known.sum().clamp(min=1)
            loss = loss + self.settings.owner_weight * parts["owner_loss"]
        return {"loss": loss} | parts

    def _count(self, data: Played) -> None:
        """Add what the games were like to the numbers of the next log."""
        games = [each for _, each in data]
        count = sum(map(len, games))
        outcomes, values = (np.concatenate(each) for each in zip(*((g.outcomes, g.values) for g in games), strict=True))
        about = {"moves": len(values) / count, "first_wins": np.mean(outcomes > 0), "draws": np.mean(outcomes == 0)}
        about |= {"root_value_spread": np.std(values)}
        self.learner.count({name: torch.tensor(float(value)) for name, value in about.items()}, count)
        self.learner.count({"copies": torch.tensor(1 - sum(each.different for each in games) / count)}, count)
        on, wrong = np.sum([each.wrong_resignations() for each in games], axis=0)
        if on:
            self.learner.count({"wrong_resignations": torch.tensor(wrong / on)}, int(on))

    def means(self) -> dict[str, float]:
        """Return the losses and what the games were like since this was last asked, the rate, and the window's size."""
        window = {"window": self.window.size, "window_age": self.window.age(self.learner.step)}
        return self.learner.means() | window

    def measure(self) -> dict[str, float]:
        """Return what the game's own measure says of the averaged weights, {} in a helping process."""
        if self.learner.group.rank:
            return {}
        snapshot = Snapshot(self.settings.game, self.snapshots.snapshot(self.learner.average))
        self.measured = self.wing.measure(evaluator_of(snapshot, self.settings.engine, self.settings.cache))
        return self.measured

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from; games that are older than the window go."""
        player = self.player.state_dict() if self.settings.gate else {}  # else it is the average
        self.learner.write(folder, {f"player.{name}": value for name, value in player.items()})
        self.window.remove_old()

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint and the games on disk; return its step."""
        tensors = self.learner.resume(checkpoint)
        self.player.load_state_dict(below(tensors, "player.") or self.learner.average.state_dict())
        self.window.reload(self.learner.step - 1)
        self.learner.group.wait()  # until nobody tidies the folder any more
        return self.learner.step

    def made(self, step: int) -> dict[str, object]:
        """Return the cycles and games up to a step."""
        return {"cycles": step, "games": step * self.settings.games}


def _beginning(settings: Settings) -> PolicyValueNet:
    """Return a new network, or that of `parent`."""
    torch.manual_seed(settings.seed)
    shape = NetworkShape(
        game=wings.check(settings.game),
        kind=settings.kind,
        blocks=settings.blocks,
        channels=settings.channels,
        pool_every=settings.pool_every,
        head_channels=settings.head_channels,
    )
    net = towers.load(model.find(settings.parent).folder) if settings.parent else PolicyValueNet(shape)
    if net.shape.game != settings.game:
        raise ValueError(f"the model {settings.parent} plays {net.shape.game}, not {settings.game}")
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch leaves it out of its types


def _kept(settings: Settings, learner: Learner[PolicyValueNet], folder: Path) -> KeptPositions | None:
    if not settings.kept:
        return None
    if not settings.parent:
        raise ValueError("kept names boards on which to stay what the parent is: parent = a model or a run is missing")
    return KeptPositions(settings, learner.net, folder, learner.group)


def measure_rate(run: Run, seconds: float = 20) -> dict[str, Any]:
    """Return evaluations a second in self-play, and of the network alone; its weights are drawn at random."""
    settings = run.settings
    net = towers.lively(_beginning(settings).shape)
    return self_play_rate.measure(settings, Snapshot(settings.game, maker_of(net.shape).snapshot(net)), seconds)
