"""What the stages have in common that learn by gradient: a learner, whose means are logged and whose state is kept."""

from pathlib import Path
from typing import Any

from training.learner import Learner
from training.stage import Stage


class LearningStage(Stage):
    """A stage with a learner. One that keeps more than the learner's state writes and resumes it itself."""

    learner: Learner[Any]

    def means(self) -> dict[str, float]:
        """Return the losses since this was last asked, what else was counted, and the rate."""
        return self.learner.means()

    def agree(self, stop: bool) -> bool:
        """Return whether all processes stop, where one or more of them wish to."""
        return self.learner.group.agree(stop)

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        self.learner.write(folder)

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        self.learner.resume(checkpoint)
        return self.learner.step
