"""The backgammon network as torch trains it: the twin of engine.backgammon.afterstates."""

import torch
from torch import Tensor, nn

from engine.backgammon.afterstates import CONTACT, RACE, WEIGHTS, Network


class AfterstateNet(nn.Module):
    """Two networks, for contact and for races; weights as in `Network`."""

    inner: Tensor
    bias: Tensor
    second: Tensor
    threshold: Tensor
    last: Tensor
    outer: Tensor
    base: Tensor

    def __init__(self, network: Network):
        super().__init__()
        for name in WEIGHTS:
            weights = torch.from_numpy(getattr(network, name).copy())
            if weights.numel():
                self.register_parameter(name, nn.Parameter(weights))
            else:  # no second layer, and nothing to learn or to keep of it
                self.register_buffer(name, weights, persistent=False)

    def forward(self, contact: Tensor, races: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [B, 5] of the inputs [B, I] of contact positions, and of those of races."""
        return self.logits(contact, CONTACT), self.logits(races, RACE)

    def logits(self, inputs: Tensor, phase: int) -> Tensor:
        """Return logits [B, 5] of inputs [B, I] that are all of one phase."""
        sums = torch.addmm(self.bias[phase], inputs, self.inner[phase])
        if phase == CONTACT and self.threshold.numel():
            hidden = torch.relu(torch.addmm(self.threshold, torch.relu(sums), self.second[0]))
            return torch.addmm(self.base[phase], hidden, self.last.t())
        return torch.addmm(self.base[phase], torch.sigmoid(sums), self.outer[phase].t())

    def network(self) -> Network:
        """Return the weights as compiled code plays with them."""
        return Network(*(getattr(self, name).detach().cpu().numpy().copy() for name in WEIGHTS))
