"""The pictures of docs/lab.md, drawn from the runs of `yomi train lab`.

python -m training.lab.pictures [RUNS] [FOLDER]
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from games.lab import grid
from games.lab.finite_world import action_values
from training.lab import td_lambda
from training.lab.dagger import GridImitation
from training.lab.dagger import Settings as DaggerSettings
from training.lab.table_stage import read_tables
from training.metrics import read_metrics
from training.run import RUNS


def newest(run: Path) -> Path:
    """Return the last model of a run; raise `ValueError` where there is none."""
    models = sorted((run / "models").glob("[0-9]*"))
    if not models:
        raise ValueError(f"{run} holds no model: run `yomi train lab` first")
    return models[-1]


def _curve(axes: Any, run: Path, name: str, label: str, over: str = "step") -> None:
    points = [(line[over], line[name]) for line in read_metrics(run) if name in line and over in line]
    if not points:
        raise ValueError(f"{run} has no {name}: run `yomi train lab` first")
    axes.plot(*zip(*points, strict=True), label=label)


def _labels(axes: Any, across: str, up: str) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)


# --- one function a picture -------------------------------------------------------------------------------


def value_iteration(axes: Any, runs: Path) -> None:
    """Draw the grid's values and its best actions."""
    values = read_tables(newest(runs / "lab-value_iteration-grid"))["values"]
    world, side = grid.corners(), round(len(values) ** 0.5)
    _cells(axes, values.reshape(side, side), "Blues_r")
    best = action_values(world, values)
    for state in np.flatnonzero(world.legal.any(1)):
        arrows = "".join(np.array(list(grid.ARROWS))[best[state] == best[state].max()])
        axes.text(state % side, state // side + 0.3, arrows, ha="center", va="center", fontsize=9)


def _cells(axes: Any, table: np.ndarray, colours: str) -> None:
    axes.imshow(table, cmap=colours, alpha=0.6)
    for (row, column), value in np.ndenumerate(table):
        axes.text(column, row, f"{value + 0.0:.3g}", ha="center", va="center")
    axes.set_xticks([])
    axes.set_yticks([])


def q_learning(axes: Any, runs: Path) -> None:
    """Draw how many games the greedy policy loses against every play."""
    _curve(axes, runs / "lab-q_learning-tic_tac_toe", "lost_games", "")
    axes.set_yscale("symlog")
    _labels(axes, "steps of 2,048 games at once", "games lost of all possible ones")


def curves_of_td(axes: Any, runs: Path) -> None:
    """Draw the book's error curves."""
    tables = read_tables(newest(runs / "lab-td_lambda"))
    for trace, errors in zip(td_lambda.LAMBDAS, tables["errors"] / tables["repetitions"], strict=True):
        axes.plot(td_lambda.RATES, errors, label=f"λ = {trace:g}")
    axes.set_ylim(0.25, 0.55)
    _labels(axes, "rate", "root mean square error")


def reinforce(axes: Any, runs: Path) -> None:
    """Draw returns with and without a baseline."""
    for name, label in (("reinforce", "with a baseline"), ("reinforce-plain", "without")):
        _curve(axes, runs / f"lab-{name}", "return", label, "world_steps")
    axes.set_xscale("log")
    _labels(axes, "steps of the world", "steps that poles stand")


def reinforce_table(axes: Any, runs: Path) -> None:
    """Draw how many games the greedy policy loses, with and without a baseline."""
    for name, label in (("reinforce_table", "with a baseline"), ("reinforce_table-plain", "without")):
        _curve(axes, runs / f"lab-{name}", "lost_games", label)
    _labels(axes, "batches of 512 games", "games lost of all possible ones")


def policies(axes: Any, runs: Path) -> None:
    """Draw returns of the methods that have a critic, beside REINFORCE."""
    for name in ("reinforce", "actor_critic-td", "actor_critic", "ppo"):
        _curve(axes, runs / f"lab-{name}", "return", name, "world_steps")
    axes.set_xscale("log")
    _labels(axes, "steps of the world", "steps that poles stand")


def dqn(axes: Any, runs: Path) -> None:
    """Draw the returns of deep Q-learning, and of what is left of it without its two aids."""
    for name, label in (
        ("dqn", "DQN"),
        ("dqn-without_replay", "no replay"),
        ("dqn-without_target", "no target network"),
    ):
        _curve(axes, runs / f"lab-{name}", "return", label, "world_steps")
    _labels(axes, "steps of the world", "steps that poles stand")


def dqn_games(axes: Any, runs: Path) -> None:
    """Draw the share of right moves at Connect Four."""
    _curve(axes, runs / "lab-dqn-connect_four", "return", "best move", "world_steps")
    axes.axhline(0.335, color="grey", linestyle=":", label="a random move")
    _labels(axes, "moves played", "share of right moves")


def dagger(axes: Any, runs: Path) -> None:
    """Draw when a pupil errs that was taught in either way."""
    for name, label in (("dagger-cloning", "cloning"), ("dagger", "DAgger")):
        stage = GridImitation(DaggerSettings())
        stage.tables = read_tables(newest(runs / f"lab-{name}"))
        axes.plot(stage.mistakes(), label=label)
    axes.set_ylim(0)
    _labels(axes, "step of a walk", "odds of a mistake")


def inverse(axes: Any, runs: Path) -> None:
    """Draw the reward that was recovered; the true one is 1 in the corner at the top right."""
    reward = read_tables(newest(runs / "lab-inverse"))["reward"]
    side = round(len(reward) ** 0.5)
    _cells(axes, reward.reshape(side, side).round(2), "Greens")


PICTURES: dict[str, Callable[[Any, Path], None]] = {
    "value_iteration": value_iteration,
    "q_learning": q_learning,
    "td_lambda": curves_of_td,
    "reinforce": reinforce,
    "reinforce_table": reinforce_table,
    "policies": policies,
    "dqn": dqn,
    "dqn_games": dqn_games,
    "dagger": dagger,
    "inverse": inverse,
}


def draw(runs: Path = RUNS, folder: Path = Path("docs/lab")) -> None:
    """Draw every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "lab"}):
        for name, picture in PICTURES.items():
            figure = Figure(figsize=(4.8, 3), layout="constrained")
            picture(figure.subplots(), runs)
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})


if __name__ == "__main__":
    draw(*map(Path, sys.argv[1:]))
