"""What the stages have in common that learn from their own games: a network, as files to play with, and as a model."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.networks import model, towers
from engine.networks.runtimes import Network
from engine.networks.towers import PolicyValueNet
from training.learner import Learner
from training.learning_stage import LearningStage
from training.playing import Snapshot, network_of
from training.policy_games import PolicyGames, joined, play_policies
from training.run import Run
from training.self_play import SelfPlayTask
from training.snapshots import SnapshotMaker, maker_of


class NetworkStage(LearningStage):
    """A stage that learns a network; `made` says for model.json what a model was made of."""

    settings: Any  # with game and parent
    learner: Learner[PolicyValueNet]
    measured: dict[str, float]

    @property
    def snapshots(self) -> SnapshotMaker:
        """What turns the network into a file to play with."""
        return maker_of(self.learner.net.shape)

    def made(self, step: int) -> dict[str, object]:
        """Return how much was learned up to a step, in the stage's own words."""
        raise NotImplementedError

    def play(self, task: SelfPlayTask, ours: Network, theirs: Network, longest: int) -> PolicyGames:
        """Return the games of a task between two policies, of which each process plays its part."""
        group = self.learner.group
        first, end = (task.count * rank // group.ranks for rank in (group.rank, group.rank + 1))
        part = replace(task, first=task.first + first, count=end - first)
        return joined(group.gather(play_policies(part, ours, theirs, longest)))

    def network(self, net: PolicyValueNet) -> Network:
        """Return a network as those that play have it."""
        return network_of(Snapshot(self.settings.game, self.snapshots.snapshot(net)), self.settings.engine)

    def result(self) -> PolicyValueNet:
        """Return the network that is measured and written as a model: the averaged weights."""
        return self.learner.average

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights as a model to play with."""
        self.learner.check()
        about = model.describe(
            self.settings.game,
            parent=self.settings.parent,
            run=run.folder.name,
            **self.made(step),
            measured=self.measured,
        )
        towers.write_model(self.result(), folder, about, self.snapshots.export)
