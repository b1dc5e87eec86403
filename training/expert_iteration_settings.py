"""The settings of expert iteration; they need no torch, so that they can be listed and checked without it."""

from dataclasses import dataclass, fields, replace

from engine.settings import again, setting
from training.kept_settings import KeptSettings
from training.learning_settings import MOST_STEPS, LearningSettings
from training.self_play_settings import SelfPlaySettings


@dataclass(frozen=True)
class Settings(KeptSettings, LearningSettings, SelfPlaySettings):
    """How a network learns from searches of its own games; AlphaGo Zero's own choices are named where they differ."""

    game: str = setting("", "the game")
    cycles: int = setting(100, "cycles: games, then steps of learning", least=1, most=MOST_STEPS)
    games: int = setting(1024, "games of a cycle", least=1, most=10_000_000)
    task: int = setting(512, "games that one process plays at a time, which are kept as one file", 1, most=1_000_000)
    processes: int = setting(0, "processes that play; 0: this one does", least=0, most=1024)
    ray: str = setting("", "address of a Ray cluster whose actors play instead; local: one on this machine")

    rollout_cycles: int = setting(0, "first cycles, whose games are searched by rollouts alone", 0, most=MOST_STEPS)
    rollout_visits: int = setting(200, "simulations a move of those cycles", least=1, most=1_000_000)

    kind: str = setting("residual", "the tower", choices=("residual", "plain"))
    blocks: int = setting(4, "residual blocks, or plain layers (AlphaGo Zero: 19 and 39)", least=1, most=1000)
    channels: int = setting(48, "filters of each convolution (AlphaGo Zero: 256)", least=1, most=16_384)
    pool_every: int = setting(2, "every so many blocks one sees the whole board; 0: none", least=0, most=1000)
    head_channels: int = setting(24, "filters of the heads", least=1, most=16_384)
    parent: str = setting("", "a model or a run whose weights to begin with")

    window: int = setting(200_000, "latest positions among which those to learn are drawn", least=1, most=10**9)
    passes: float = setting(4.0, "times that a position is learned, on average", least=0, most=10_000)
    batch: int = setting(512, "positions a step of learning (AlphaGo Zero: 2048)", least=1, most=1 << 20)
    value_weight: float = setting(1.0, "weight of the value's squared error beside the policy's loss", 0, most=1e6)
    owner_weight: float = setting(
        0.0,
        "weight of foreseeing who will own each point at the end, of games with points to own (KataGo: 1.5)",
        0,
        most=1e6,
    )
    root_share: float = setting(
        0.5, "share of the search's value in the value to learn; the rest is the outcome (AlphaGo Zero: 0)", 0, most=1
    )

    gate: float = setting(
        0.0, "share of the points that new weights need against those that play, to replace them; 0: they always do "
        "(AlphaGo Zero: 0.55)", 0, most=1
    )  # fmt: skip
    gate_games: int = setting(400, "games of that match, of the two policies without search", 2, most=1_000_000)

    warm_up: int = setting(1, "cycles in which the rate climbs to its height", least=0, most=MOST_STEPS)
    log_every: int = setting(1, "cycles between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(5, "cycles between two measurements", least=1, most=MOST_STEPS)
    checkpoint_minutes: float = setting(1.0, "minutes of learning that a kill may cost; no game is lost", 0, most=1e7)
    average: float = again(LearningSettings, "average", 0.99)

    def self_play(self, cycle: int) -> SelfPlaySettings:
        """Return how the games of a cycle are played."""
        own = SelfPlaySettings(**{each.name: getattr(self, each.name) for each in fields(SelfPlaySettings)})
        return replace(own, visits=self.rollout_visits) if cycle <= self.rollout_cycles else own
