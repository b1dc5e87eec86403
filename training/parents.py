"""The network that a stage begins with: that of another run, or of a model that ships."""

import torch

from engine.networks import model, towers
from engine.networks.towers import PolicyValueNet


def parent_of(name: str, game: str) -> PolicyValueNet:
    """Return the network of a model or a run; raise `ValueError` for one of another game, or without both heads."""
    net = towers.load(model.find(name).folder)
    if net.shape.game != game:
        raise ValueError(f"the model {name} plays {net.shape.game}, not {game}")
    if len(net.shape.heads) < 2:
        raise ValueError(f"the model {name} has no {'value' if net.value is None else 'policy'} head")
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch leaves it out of its types
