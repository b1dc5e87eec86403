"""Stage 1: a policy (and a first value) from expert games, by supervised learning.

    games -> batches of positions -> cross entropy of the expert's move + squared error of the outcome
          -> AdamW or SGD, warm-up then decay -> a running average of the weights -> a model to play with

Source: Silver et al., Nature 529 (2016), Methods, "Policy network: classification". Differences: one network has both
heads, AdamW with a falling rate in place of SGD with halvings, and the weights that play are a running average.
Under `torchrun` every process learns from its own share of each batch, and the first writes the run.
"""

from dataclasses import dataclass

from engine.networks import NetworkShape
from training.run import Run
from training.settings import setting


@dataclass(frozen=True)
class Settings:
    """How to imitate; AlphaGo's own choices are named where they differ."""

    data: tuple[str, ...] = setting((), "games to learn from: SGF files, folders of them, .xz, .zip, or one packed set")
    validation: tuple[str, ...] = setting((), "games only to measure on; none: every hundredth game of the data")
    games: int = setting(0, "take so many games of the data; 0: all", least=0)
    side: int = setting(19, "side of the planes: the largest board", least=2)

    kind: str = setting("residual", "the tower", choices=("residual", "plain"))
    blocks: int = setting(6, "residual blocks, or plain layers (AlphaGo: 12 plain)", least=1)
    channels: int = setting(96, "filters of each convolution (AlphaGo: 192)", least=1)
    pool_every: int = setting(3, "every so many blocks one sees the whole board; 0: none", least=0)
    head_channels: int = setting(32, "filters of the heads", least=1)
    heads: tuple[str, ...] = setting(("policy", "value"), "policy, value or both")
    parent: str = setting("", "a model folder whose weights to begin with")

    steps: int = setting(100_000, "steps of learning", least=1)
    batch: int = setting(256, "positions a step, of all processes together (AlphaGo: 16)", least=1)
    optimiser: str = setting("adamw", "how gradients become steps (AlphaGo: sgd)", choices=("adamw", "sgd"))
    rate: float = setting(2e-3, "learning rate at its height", least=0)
    warm_up: int = setting(500, "steps in which the rate climbs to its height", least=0)
    decay: float = setting(1.0, "share of the steps, the last ones, in which the rate falls as a cosine", least=0)
    last_rate: float = setting(0.01, "the rate at the end, as a share of its height", least=0)
    momentum: float = setting(0.9, "momentum of sgd", least=0)
    weight_decay: float = setting(0.01, "pull of the convolutions' and matrices' weights towards 0", least=0)
    clip: float = setting(1.0, "longest gradient; 0: any", least=0)
    average: float = setting(0.999, "how much of the running average of the weights stays at each step", least=0)
    value_weight: float = setting(1.0, "weight of the outcome's squared error beside the move's cross entropy", least=0)

    precision: str = setting(
        "auto", "of convolutions; auto: bfloat16 where it is fast", choices=("auto", "float32", "bfloat16")
    )
    device: str = setting("auto", "cpu, cuda, ...; auto: a GPU if there is one")
    compile: str = setting("auto", "compile the network; auto: on a GPU", choices=("auto", "yes", "no"))
    workers: int = setting(0, "threads that encode positions; 0: as many as there are cores", least=0)
    seed: int = setting(1, "seed of weights and batches", least=0)

    minutes: float = setting(0, "stop after so many minutes, with a checkpoint to resume from; 0: never", least=0)
    log_every: int = setting(100, "steps between two lines of the log", least=1)
    measure_every: int = setting(2000, "steps between two measurements on the validation games", least=1)
    measured: int = setting(10_000, "positions of a measurement", least=1)
    checkpoint_minutes: float = setting(5, "minutes of work that a kill may cost", least=0)
    export_every: int = setting(0, "steps between two models to play with; 0: only at the end", least=0)

    @property
    def shape(self) -> NetworkShape:
        """The network that is trained."""
        return NetworkShape(
            kind=self.kind,
            blocks=self.blocks,
            channels=self.channels,
            pool_every=self.pool_every,
            head_channels=self.head_channels,
            heads=self.heads,
        )


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit; resume where the newest checkpoint stands."""
    settings, crew = run.settings, Crew.joined(run.settings.device)
    games, held_out = open_games(run)
    learner = Learner(settings, crew)
    learner.resume(run)
    batches = crew.batches(games, settings, learner.step)
    for step in run.steps(learner.step, settings.steps, settings.batch, settings.minutes, crew.agree):
        with run.spending("data"):
            batch = next(batches)
        with run.spending("learning"):
            learner.learn(*batch)
        if step % settings.log_every == 0:
            run.log(step, **learner.means(), **run.rates())
        if step % settings.measure_every == 0 or step == settings.steps:
            with run.spending("measuring"):
                run.log(step, **learner.measure(held_out))
                run.report()
        if settings.export_every and step % settings.export_every == 0:
            learner.export(run, held_out)
        if run.checkpoint_due(settings.checkpoint_minutes):
            run.save(step, learner.write)
    run.save(learner.step, learner.write)
    ...
