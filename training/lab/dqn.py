"""Deep Q-learning (Mnih et al. 2015): Q-learning with a network, kept steady by a memory and a target network.

    loss = Huber(Q(s, a) - (reward + discount * max over b of Q_target(s', b)))        over transitions of the memory

Neighbouring transitions resemble each other: the memory mixes them. A network that chases its own values runs away:
the target network stays as it is for some hundred updates. The best action still changes from one round to the next,
so that the best network that was measured is kept; its return is measured again, in other episodes.
"""

import copy
from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.devices import ProcessGroup
from training.lab.balancing import MEASURING
from training.lab.dqn_settings import Settings
from training.lab.networks import in_numpy, two_layers
from training.lab.q_worlds import Games, Poles, QWorld
from training.lab.transitions import Transition, TransitionMemory
from training.learner import Learner, below, write_tensors
from training.learning_stage import LearningStage
from training.report import Curve
from training.run import Run
from training.stage import carry_out

__all__ = ["DeepQLearning", "Settings", "train"]


def train(run: Run) -> None:
    """Act and learn until the last round, going on from the newest checkpoint."""
    carry_out(run, DeepQLearning(run.settings))


class DeepQLearning(LearningStage):
    """Agents that act by action values [A] of their states, and what is remembered of them."""

    counted, gathering = "updates", "acting"

    def __init__(self, settings: Settings):
        self.settings, self.steps, self.batch = settings, settings.steps, settings.updates
        torch.manual_seed(settings.seed)
        self.group = ProcessGroup.join(settings.device, settings.threads)
        self.world = world_of(settings)
        example = self.world.tables["states"]
        net = two_layers(self.world.seen(example).shape[1], settings.hidden, self.world.actions, torch.nn.ReLU)
        self.learner = Learner(net, settings, settings.steps, self.group)
        self.target, self.best = (copy.deepcopy(self.learner.net).requires_grad_(False) for _ in range(2))
        self.memory = TransitionMemory(settings.replay or settings.episodes * settings.turns, example[0])
        self.numbers = {"world_steps": 0.0, "solved_after": 0.0, "best_return": -1.0, "kept_return": 0.0}

    # --- acting -------------------------------------------------------------------------------------------

    def data(self, done: int) -> Generator[list[Transition]]:
        """Yield what is learned from after each round: some of what is remembered for each update."""
        settings = self.settings
        for step in range(done + 1, self.steps + 1):
            random, values = np.random.default_rng([settings.seed, step]), in_numpy(self.learner.net)
            for _ in range(settings.turns):
                self.memory.add(self.world.walk(values, self.epsilon(step), random))
            self.numbers["world_steps"] += settings.turns * settings.episodes
            if settings.replay:
                yield [self.memory.draw(settings.minibatch, random) for _ in range(settings.updates)]
            else:
                yield self.memory.in_order(settings.updates)

    def epsilon(self, step: int) -> float:
        """Return the odds of a random action: they fall in a line from 1 and stay."""
        gone = min(1.0, (step - 1) / max(1.0, self.settings.exploring * self.steps))
        return 1 + (self.settings.explore - 1) * gone

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: list[Transition]) -> None:
        """Move the values of actions towards what followed them."""
        self.learner.begin(step)
        for batch in data:
            values = self.learner.forward(self.tensor(self.world.seen(batch.states)))
            chosen = values.gather(1, self.tensor(batch.actions)[:, None])[:, 0]
            means = {"loss": F.smooth_l1_loss(chosen, self.targets(batch)), "value": chosen.mean()}
            self.learner.update(means, len(chosen))
            if self.settings.target_every and self.learner.updates % self.settings.target_every == 0:
                self.target.load_state_dict(self.learner.net.state_dict())

    @torch.no_grad()
    def targets(self, batch: Transition) -> Tensor:
        """Return the reward and what the best action after it is worth [B]; nothing comes after an end."""
        net = self.target if self.settings.target_every else self.learner.net
        values = net(self.tensor(self.world.seen(batch.nexts)))
        legal = self.tensor(self.world.legal(batch.nexts) | batch.over[:, None])
        best = values.masked_fill(~legal, -torch.inf).amax(1)
        discount = self.world.sign * self.settings.discount
        return self.tensor(batch.rewards) + discount * best * self.tensor(~batch.over)

    def tensor(self, array: np.ndarray) -> Tensor:
        """Return an array as a tensor on the learner's device."""
        return torch.from_numpy(array).to(self.group.device)

    # --- numbers ------------------------------------------------------------------------------------------

    def measure(self) -> dict[str, float]:
        """Return how good the best actions are, of the network as it is now and of the best one so far."""
        found, numbers = self.judged(self.learner.average, MEASURING), self.numbers
        if found > numbers["best_return"]:
            self.best.load_state_dict(self.learner.average.state_dict())
            numbers["best_return"], numbers["kept_return"] = found, self.judged(self.best, MEASURING + 1)
        if found >= self.world.solved and not numbers["solved_after"]:
            numbers["solved_after"] = numbers["world_steps"]
        told = [name for name in numbers if name != "solved_after" or np.isfinite(self.world.solved)]
        return {"return": found} | {name: numbers[name] for name in told}

    def judged(self, net: torch.nn.Sequential, number: int) -> float:
        """Return how good a network is, in episodes that the number chooses."""
        random = np.random.default_rng([self.settings.seed, number])
        return self.world.measure(in_numpy(net), self.settings.measured, random)

    @property
    def curves(self) -> dict[str, Curve]:  # type: ignore[override]
        """What the numbers mean."""
        unit, solved = self.world.curve.unit, f"Steps of the world when the return first reached {self.world.solved}"
        found = {
            "return": self.world.curve,
            "best_return": Curve(unit, "The best return that was measured so far: that network is kept."),
            "kept_return": Curve(unit, "The return of the kept network in other episodes, where there are others."),
            "world_steps": Curve("steps", "Steps of the world so far: what learning has cost."),
            "value": Curve("", f"The mean value of the actions that are learned from. {self.world.worth}"),
        }
        return found | (
            {"solved_after": Curve("steps", f"{solved}; 0: not yet.")} if np.isfinite(self.world.solved) else {}
        )

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from, the memory included."""
        tables = self.memory.tables() | {f"world.{name}": table for name, table in self.world.tables.items()}
        tensors = {name: torch.from_numpy(_storable(table)) for name, table in tables.items()}
        for name, net in (("target", self.target), ("best", self.best)):
            tensors |= {f"{name}.{key}": value for key, value in net.state_dict().items()}
        tensors |= {f"number.{name}": torch.tensor(value, dtype=torch.float64) for name, value in self.numbers.items()}
        self.learner.write(folder, tensors)

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        tensors = self.learner.resume(checkpoint)
        try:
            self.target.load_state_dict(below(tensors, "target."))
            self.best.load_state_dict(below(tensors, "best."))
            self.memory.reload({name: value.numpy() for name, value in tensors.items() if name.startswith("memory.")})
            for name, table in self.world.tables.items():
                table[:] = tensors[f"world.{name}"].numpy().view(table.dtype)
            self.numbers = {name: float(tensors[f"number.{name}"]) for name in self.numbers}
        except (LookupError, RuntimeError, ValueError):
            raise ValueError(f"{checkpoint} was written by another stage, or for other settings of it") from None
        return self.learner.step

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the weights of the best network so far."""
        self.learner.check()
        write_tensors(folder / "weights.safetensors", self.best.state_dict())


def world_of(settings: Settings) -> QWorld:
    """Return the world that the settings name."""
    random = np.random.default_rng(settings.seed)
    return Games(settings.episodes, random, settings.game) if settings.game else Poles(settings.episodes, random)


def _storable(table: np.ndarray) -> np.ndarray:
    """Return a table as the numbers that files of tensors know."""
    return table.view(np.int64) if table.dtype == np.uint64 else table
