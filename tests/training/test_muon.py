"""Muon takes the steps that its paper says, and those of another implementation."""

import pytest

torch = pytest.importorskip("torch")

from training.muon import Muon, orthogonal  # noqa: E402


def matrix(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(32, 32), (24, 96), (96, 24)])
def test_all_directions_become_about_as_long(shape):
    scales = torch.logspace(0, -2, shape[1])
    found = torch.linalg.svdvals(orthogonal(matrix(*shape) * scales))
    assert found.max() < 1.4
    assert (found > 0.5).float().mean() > 0.9


@pytest.mark.parametrize("shape", [(16, 16), (12, 40), (40, 12)])
def test_steps_are_those_of_torch(shape):
    ours, theirs = (torch.nn.Parameter(matrix(*shape)) for _ in range(2))
    one = Muon([ours], 0.01, weight_decay=0.1)
    other = torch.optim.Muon([theirs], 0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for seed in range(5):
        ours.grad, theirs.grad = matrix(*shape, seed=seed), matrix(*shape, seed=seed)
        one.step()
        other.step()
    moved = (theirs - matrix(*shape)).norm()
    assert moved > 0.05
    assert (ours - theirs).norm() < 0.02 * moved


def test_a_convolution_counts_as_a_matrix():
    flat, square = torch.nn.Parameter(matrix(8, 36)), torch.nn.Parameter(matrix(8, 36).view(8, 4, 3, 3))
    flat.grad, square.grad = matrix(8, 36, seed=2), matrix(8, 36, seed=2).view(8, 4, 3, 3)
    Muon([flat], 0.1).step()
    Muon([square], 0.1).step()
    assert torch.equal(flat, square.flatten(1))
    assert not torch.equal(flat, matrix(8, 36))


def test_channels_last_takes_the_same_step():
    usual = torch.nn.Parameter(matrix(8, 4, 3, 3))
    last = torch.nn.Parameter(matrix(8, 4, 3, 3).contiguous(memory_format=torch.channels_last))
    usual.grad, last.grad = matrix(8, 4, 3, 3, seed=2), matrix(8, 4, 3, 3, seed=2)
    for weight in (usual, last):
        Muon([weight], 0.1).step()
    assert torch.allclose(usual, last)
    assert last.is_contiguous(memory_format=torch.channels_last)
