"""Deep Q-learning (Mnih et al. 2015): Q-learning with a network, kept steady by a memory and a target network.

    loss = (Q(s, a) - (reward + discount * max over b of Q_target(s', b)))^2        over transitions of the memory

Neighbouring transitions resemble each other: the memory mixes them. A network that chases its own values runs away:
the target network stays as it is for some hundred steps.
"""

import copy
from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from games.lab import cart_pole
from training.devices import ProcessGroup
from training.lab.balancing import MEASURING, REWARD, SOLVED, Balancing
from training.lab.dqn_settings import Settings
from training.lab.episodes import play
from training.lab.networks import choosing_best, two_layers
from training.lab.transitions import Transition, TransitionMemory
from training.learner import Learner, below, write_tensors
from training.run import Run
from training.stage import Stage, carry_out

__all__ = ["DeepQLearning", "Settings", "train"]


def train(run: Run) -> None:
    """Balance until the last step, going on from the newest checkpoint."""
    carry_out(run, DeepQLearning(run.settings))


class DeepQLearning(Stage):
    """Poles that are pushed by action values [2] of a state, and what is remembered of them."""

    counted, gathering = "world_steps", "playing"
    curves = {name: Balancing.curves[name] for name in ("return", "world_steps", "solved_after")}

    def __init__(self, settings: Settings):
        self.settings, self.steps, self.batch = settings, settings.steps, settings.poles
        torch.manual_seed(settings.seed)
        group = ProcessGroup.join(settings.device, settings.threads)
        self.learner = Learner(two_layers(4, settings.hidden, 2), settings, settings.steps, group)
        self.target = copy.deepcopy(self.learner.net).requires_grad_(False)
        self.memory = TransitionMemory(max(settings.replay, settings.poles))
        self.poles = cart_pole.start(settings.poles, np.random.default_rng(settings.seed))
        self.ages = np.zeros(settings.poles, np.int64)  # steps since a pole was set up
        self.world_steps = self.solved_after = 0

    # --- playing ------------------------------------------------------------------------------------------

    def data(self, done: int) -> Generator[Transition]:
        """Yield what is learned from in each step: some of what is remembered, or the step itself."""
        settings = self.settings
        for step in range(done + 1, self.steps + 1):
            random = np.random.default_rng([settings.seed, step])
            new = self.walk(self.epsilon(step), random)
            self.memory.add(new)
            yield self.memory.draw(settings.minibatch, random) if settings.replay else new

    def epsilon(self, step: int) -> float:
        """Return the odds of a push of chance: they fall in a line from 1 and stay."""
        gone = min(1.0, step / max(1.0, self.settings.exploring * self.steps))
        return 1 + (self.settings.explore - 1) * gone

    def walk(self, epsilon: float, random: np.random.Generator) -> Transition:
        """Push each pole once; set up a new one where it fell or stood long enough."""
        before, chance = self.poles, random.random(self.batch) < epsilon
        pushes = np.where(chance, random.integers(2, size=self.batch), choosing_best(self.learner.net)(before))
        after = cart_pole.push(before, pushes)
        fell, self.ages = cart_pole.fallen(after), self.ages + 1
        over = fell | (self.ages >= cart_pole.LONGEST)
        self.poles = np.where(over[:, None], cart_pole.start(self.batch, random), after)
        self.ages[over] = 0
        self.world_steps += self.batch
        return Transition(before.astype(np.float32), pushes, after.astype(np.float32), fell)

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: Transition) -> None:
        """Move the values of pushes towards what followed them."""
        self.learner.begin(step)
        device = self.learner.group.device
        states, pushes, nexts, fell = (torch.from_numpy(each).to(device) for each in data)
        with torch.no_grad():
            best = (self.target if self.settings.target_every else self.learner.net)(nexts).amax(1)
            targets = REWARD + self.settings.discount * best * ~fell
        values = self.learner.forward(states).gather(1, pushes[:, None])[:, 0]
        self.learner.update({"loss": F.mse_loss(values, targets), "value": values.mean()}, len(pushes))
        if self.settings.target_every and step % self.settings.target_every == 0:
            self.target.load_state_dict(self.learner.net.state_dict())

    def means(self) -> dict[str, float]:
        """Return what was learned since this was last asked, and the rate."""
        return self.learner.means()

    def measure(self) -> dict[str, float]:
        """Return how long poles stand under the best pushes, and what learning has cost so far."""
        random = np.random.default_rng([self.settings.seed, MEASURING])
        found = float(play(choosing_best(self.learner.average), self.settings.measured, random).lengths.mean())
        if found >= SOLVED and not self.solved_after:
            self.solved_after = self.world_steps
        return {"return": found, "world_steps": self.world_steps, "solved_after": self.solved_after}

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from, the memory included."""
        more = self.memory.tables() | {"poles": self.poles, "ages": self.ages}
        tensors = {name: torch.from_numpy(table) for name, table in more.items()}
        tensors |= {f"target.{name}": value for name, value in self.target.state_dict().items()}
        self.learner.write(folder, tensors | {"world_steps": torch.tensor([self.world_steps, self.solved_after])})

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        tensors = self.learner.resume(checkpoint)
        try:
            self.target.load_state_dict(below(tensors, "target."))
            self.memory.reload({name: value.numpy() for name, value in tensors.items() if name.startswith("memory.")})
            self.poles, self.ages = tensors["poles"].numpy(), tensors["ages"].numpy()
            self.world_steps, self.solved_after = tensors["world_steps"].tolist()
        except (LookupError, RuntimeError, ValueError):
            raise ValueError(f"{checkpoint} was written by another stage, or for other settings of it") from None
        return self.learner.step

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights."""
        self.learner.check()
        write_tensors(folder / "weights.safetensors", self.learner.average.state_dict())
