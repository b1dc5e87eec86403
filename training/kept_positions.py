"""Positions of boards that are not learned, on which a network is to stay what its parent is.

    the parent's policy plays beginnings -> files of positions -> the parent's policy and value are learned there

What is not learned is forgotten: a network that learns on 9x9 alone loses what its parent knew of 19x19. The games are
not played on, so these positions cost little.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.networks.sight import sight
from engine.networks.towers import PolicyValueNet
from training.devices import ProcessGroup
from training.playing import Snapshot, network_of
from training.self_play import SelfPlayTask, check_boards, tasks_of
from training.snapshots import maker_of
from training.value_games import ValuePositions, gathered, moves_before, play_for_values

KEPT = "kept"
"""How the names of the files begin."""

VERSION = 2**31 + 1
"""The version of the tasks: random numbers that no other games have."""

PREFIX = 0.75
"""A position comes after 1 to so many moves, in points of the board."""


class KeptPositions:
    """Positions of the boards that `settings.kept` names, and what the parent says of them.

    Raise `ValueError` for a board that is learned, too, or that the game does not have.
    """

    def __init__(
        self,
        settings: Any,  # a stage's, with KeptSettings
        parent: PolicyValueNet,
        folder: Path,
        group: ProcessGroup,
        say: Callable[[str], None] = lambda sentence: None,
    ):
        check_boards(settings.game, settings.kept)
        if both := set(settings.boards) & set(settings.kept):
            raise ValueError(f"kept = {min(both)} is one of the boards, too: there the network is to change")
        self.settings, self.folder, self.group, self.say = settings, folder, group, say
        self.parent = copy.deepcopy(parent).to(group.device).eval().requires_grad_(False)
        self.parent.padded = False  # a batch is of boards of one size, which fill their planes

    @cached_property
    def states(self) -> list[np.ndarray]:
        """The positions of each board [N, W]; play what is not on disk yet."""
        settings, maker = self.settings, maker_of(self.parent.shape)
        network = network_of(Snapshot(settings.game, maker.snapshot(self.parent)), settings.engine)

        def play(task: SelfPlayTask) -> ValuePositions:
            prefix = moves_before(PREFIX, task)
            return play_for_values(task, network, network, prefix, prefix + 1)

        tasks = tasks_of(settings.game, settings.kept, settings.seed, 0, settings.kept_games, settings.task)
        numbered = [replace(task, version=VERSION) for task in tasks]
        found = gathered(self.folder, KEPT, numbered, play, self.group, self.say)
        return [positions.states for positions in found.values()]

    def draw(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Return so many positions of one board [count, W]; each position of any board is drawn alike."""
        sizes = np.array([len(states) for states in self.states])
        chosen = self.states[random.choice(len(sizes), p=sizes / sizes.sum())]
        return chosen[random.integers(len(chosen), size=count)]

    def planes(self, states: np.ndarray, random: np.random.Generator) -> Tensor:
        """Return this process's part of positions as the network sees them, each under a symmetry that is drawn."""
        shown, own = sight(self.settings.game), self.group.own
        symmetries = random.integers(shown.SYMMETRIES, size=len(states)).astype(np.int8)
        planes = torch.from_numpy(shown.encode(states[own], symmetries[own])).to(self.group.device)
        return planes.contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def answers(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Return the parent's policies [B, moves] and values [B]: what is to be learned."""
        with self.group.autocast(self.settings.precision):
            logits, values = self.parent(planes)
        return logits.float().softmax(1), values.float()
