"""Which finite world a stage learns in: settings that name one, and the tables that they mean."""

from dataclasses import dataclass

from engine.settings import setting
from games.lab import grid, tic_tac_toe
from games.lab.finite_world import FiniteWorld
from training.learning_settings import RunSettings


@dataclass(frozen=True)
class WorldSettings(RunSettings):
    """A grid of some size, or tic-tac-toe."""

    world: str = setting("grid", "what is learned", choices=("grid", "tic_tac_toe"))
    side: int = setting(4, "side of the grid", least=2, most=64)
    slip: float = setting(0.0, "odds that a step on the grid goes in a direction of chance", least=0, most=1)
    discount: float = setting(1.0, "what a reward on the grid is worth a step later", least=0, most=1)


def world_of(settings: WorldSettings) -> FiniteWorld:
    """Return the world that the settings name."""
    if settings.world == "tic_tac_toe":
        return tic_tac_toe.world()
    return grid.corners(settings.side, settings.slip, settings.discount)
