"""Drawing answers from a network as it is now, many prompts at a time, with their keys and values kept."""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.text.llama import Llama
from training.text.pairs import AnswerTokens


@torch.no_grad()
def draw_answers(
    net: Llama, prompts: Sequence[list[int]], most: int, temperature: float, generator: torch.Generator
) -> list[AnswerTokens]:
    """Return an answer to each prompt, of at most so many tokens; one that does not end is left without end token."""
    device = net.model.embed_tokens.weight.device
    memory = _Memory(net, len(prompts), max(map(len, prompts)) + most, device)
    tokens = torch.full((len(prompts), max(map(len, prompts))), net.shape.end, device=device)
    for row, prompt in enumerate(prompts):
        tokens[row, : len(prompt)] = torch.tensor(prompt, device=device)
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
    logits = memory.extend(tokens, lengths)[torch.arange(len(prompts), device=device), lengths - 1]
    said = [list(prompt) for prompt in prompts]
    going = torch.arange(len(prompts), device=device)
    for _ in range(most):
        chosen = torch.multinomial((logits.float() / temperature).softmax(-1).cpu(), 1, generator=generator)[:, 0]
        for row, token in zip(going.tolist(), chosen.tolist(), strict=True):
            said[row].append(token)
        stays = (chosen != net.shape.end).to(device)
        if not bool(stays.any()):
            break
        going, chosen = going[stays], chosen.to(device)[stays]
        memory.keep(stays)
        logits = memory.extend(chosen[:, None], torch.ones(len(going), dtype=torch.long, device=device))[:, 0]
    return [AnswerTokens(tokens, len(prompt)) for tokens, prompt in zip(said, prompts, strict=True)]


class _Memory:
    """Keys and values of rows of different lengths."""

    def __init__(self, net: Llama, rows: int, longest: int, device: torch.device):
        shape = net.shape
        self.net = net
        self.shared = torch.zeros(shape.layers, 2, shape.kv_heads, 0, shape.head_size, device=device)
        self.tails = torch.zeros(rows, shape.layers, 2, shape.kv_heads, longest, shape.head_size, device=device)
        self.lengths = torch.zeros(rows, dtype=torch.long, device=device)

    def extend(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Return the logits of new tokens, of which each row has so many, and remember them."""
        longest = int(self.lengths.max())
        logits, _, memory = self.net.extend(tokens, self.shared, self.tails[..., :longest, :], self.lengths)
        rows = torch.arange(len(tokens), device=tokens.device)
        for place in range(tokens.shape[1]):  # what lies behind a row's tokens is overwritten later
            at = (self.lengths + place).clamp_max(self.tails.shape[4] - 1)
            self.tails[rows, ..., at, :] = memory[..., place, :]
        self.lengths = self.lengths + counts
        return logits

    def keep(self, stays: Tensor) -> None:
        """Forget rows that have ended."""
        self.tails, self.lengths = self.tails[stays], self.lengths[stays]
