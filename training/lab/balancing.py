"""What REINFORCE, actor-critic and PPO share: poles that are pushed, episodes, a measurement.

    the policy plays episodes -> a subclass learns from them -> how long do 100 poles stand?

Lengths and returns are told in steps.
"""

from abc import abstractmethod
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from games.lab import cart_pole
from training.devices import ProcessGroup
from training.lab.balancing_settings import BalancingSettings
from training.lab.episodes import REWARD, SOLVED, Episodes, play, play_anew
from training.lab.networks import PolicyAndBaseline, choosing_best, drawing
from training.learner import Learner, write_tensors
from training.learning_stage import LearningStage
from training.policy_losses import advantages
from training.report import Curve
from training.run import Run

MEASURING = 1 << 40
"""Keeps the seeds of measurements apart from those of learning."""


class Balancing(LearningStage):
    """A policy and a baseline that learn from episodes of their own."""

    counted, gathering = "episodes", "playing"
    curves = {
        "length": Curve("steps", "How long the episodes stood that were learned from; 500 is the longest."),
        "return": Curve("steps", "How long poles stand that are pushed by the policy's likeliest push; 475: solved."),
        "world_steps": Curve("steps", "Steps of the world so far: what learning has cost."),
        "solved_after": Curve("steps", "Steps of the world when the return first reached 475; 0: not yet."),
    }

    def __init__(self, settings: BalancingSettings):
        self.settings: Any = settings
        self.steps, self.batch = settings.steps, settings.episodes
        torch.manual_seed(settings.seed)
        group = ProcessGroup.join(settings.device, settings.threads)
        self.learner = Learner(PolicyAndBaseline(settings.hidden), settings, settings.steps, group)
        self.poles, self.ages = np.zeros((self.batch, 4)), np.zeros(self.batch, np.int64)
        self.world_steps = self.solved_after = 0

    @abstractmethod
    def improve(self, episodes: Episodes) -> None:
        """Move the weights once or more, by what the episodes say."""

    # --- playing and learning -----------------------------------------------------------------------------

    def data(self, done: int) -> Generator[Episodes]:
        """Yield what each batch of poles does under the policy as it is then; one that ended begins anew."""
        for step in range(done + 1, self.steps + 1):
            random = np.random.default_rng([self.settings.seed, step])
            anew = (self.ages == 0)[:, None]
            self.poles = np.where(anew, cart_pole.start(self.batch, random), self.poles)
            played = play(drawing(self.learner.net.policy, random), self.poles, self.settings.turns)
            self.poles, self.ages = played.last_states.astype(float), self.ages + played.lengths
            yield played

    def learn(self, step: int, data: Episodes) -> None:
        """Learn from a batch."""
        self.learner.begin(step)
        torch.manual_seed(self.settings.seed + step)
        self.improve(data)
        self.world_steps += int(data.lengths.sum())
        ended = data.fell | (self.ages >= cart_pole.LONGEST)
        if ended.any():
            self.learner.count({"length": torch.tensor(self.ages[ended].mean())}, int(ended.sum()))
        self.ages[ended] = 0

    def tensor(self, array: np.ndarray) -> Tensor:
        """Return an array as a tensor on the learner's device."""
        return torch.from_numpy(array).to(self.learner.group.device)

    @torch.no_grad()
    def estimates(self, episodes: Episodes, trace: float, baseline: bool = True) -> tuple[Tensor, Tensor]:
        """Return the advantages of all pushes, and the values [B, T] that they are measured against.

        A trace of 1 looks at all that follows, as REINFORCE does, and 0 at the next value only: the TD error. An
        episode that did not fall would have gone on: its last value stands for the rest.
        """
        mask = self.tensor(episodes.mask)
        _, values = self.learner.net(self.tensor(episodes.seen))
        rewards, ends = REWARD * mask, self.tensor(episodes.lengths) - 1
        if not baseline:
            values = torch.zeros_like(values)
        rest = self.settings.discount * values[:, -1] * self.tensor(~episodes.fell)
        rewards[torch.arange(len(ends)), ends] += rest
        return advantages(rewards, values[:, :-1], mask, self.settings.discount, trace), values[:, :-1]

    # --- numbers ------------------------------------------------------------------------------------------

    def measure(self) -> dict[str, float]:
        """Return how long poles stand, and what learning has cost so far."""
        random = np.random.default_rng([self.settings.seed, MEASURING])
        found = float(
            play_anew(choosing_best(self.learner.average.policy), self.settings.measured, random).lengths.mean()
        )
        if found >= SOLVED and not self.solved_after:
            self.solved_after = self.world_steps
        return {"return": found, "world_steps": self.world_steps, "solved_after": self.solved_after}

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        self.learner.write(folder, self.tensors())

    def tensors(self) -> dict[str, Tensor]:
        """Return what learning goes on from beside the learner's own."""
        numbers = torch.tensor([self.world_steps, self.solved_after])
        return {"world_steps": numbers, "poles": torch.from_numpy(self.poles), "ages": torch.from_numpy(self.ages)}

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        tensors = self.learner.resume(checkpoint)
        if not self.reload(tensors):
            raise ValueError(f"{checkpoint} was written by another stage than this one, or for other settings of it")
        return self.learner.step

    def reload(self, tensors: dict[str, Tensor]) -> bool:
        """Go on from what `tensors` returned; return whether it fits."""
        if "poles" not in tensors or tensors["poles"].shape != self.poles.shape:
            return False
        self.poles, self.ages = tensors["poles"].numpy(), tensors["ages"].numpy()
        self.world_steps, self.solved_after = tensors["world_steps"].tolist()
        return True

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights."""
        self.learner.check()
        write_tensors(folder / "weights.safetensors", self.learner.average.state_dict())
