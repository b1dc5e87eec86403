"""Where a network learns: which device, at which precision, in how many processes, and how batches get there."""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from shutil import which
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, distributed, nn

from engine.machine import cpu_features

T = TypeVar("T")

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Of glibc's mallopt, from malloc.h."""


@dataclass(frozen=True)
class ProcessGroup:
    """This process's device, and its place among the processes that `torchrun` started."""

    device: torch.device
    rank: int = 0
    ranks: int = 1

    @classmethod
    def join(cls, device: str = "auto", threads: int = 0) -> "ProcessGroup":
        """Join the other processes, if any; raise `ValueError` for a device that cannot be used."""
        ranks, local = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("LOCAL_RANK", 0))
        chosen = _device(device, local)
        if threads:
            torch.set_num_threads(threads)
        if chosen.type == "cpu":
            torch.set_flush_denormal(True)  # numbers near 0 cost a hundred times as much
            _keep_memory()
        else:
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
            torch.backends.cudnn.benchmark = True
        if ranks > 1 and not distributed.is_initialized():
            distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
        return cls(chosen, int(os.environ.get("RANK", 0)), ranks)

    @property
    def on_gpu(self) -> bool:
        return self.device.type == "cuda"

    def share(self, batch: int) -> int:
        """Return this process's part of a batch; raise `ValueError` where it cannot be shared evenly."""
        if batch % self.ranks:
            raise ValueError(f"a batch of {batch} positions cannot be shared evenly by {self.ranks} processes")
        return batch // self.ranks

    @property
    def own(self) -> slice:
        """This process's part of what all of them hold: its rank's row, and every `ranks`-th after it."""
        return slice(self.rank, None, self.ranks)

    def agree(self, stop: bool) -> bool:
        """Return whether any process wants to stop, so that all do at the same step."""
        if self.ranks == 1:
            return stop
        wanted = torch.tensor(float(stop), device=self.device)
        distributed.all_reduce(wanted)
        return bool(wanted)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Set tensors to the means of what they are in all processes, in one exchange."""
        if self.ranks > 1 and tensors:
            flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
            distributed.all_reduce(flat)
            parts = (flat / self.ranks).split([tensor.numel() for tensor in tensors])
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.detach().copy_(part.view(tensor.shape))

    def gather(self, own: T) -> list[T]:
        """Return what each process holds, in the order of their ranks."""
        if self.ranks == 1:
            return [own]
        found: list[Any] = [None] * self.ranks
        distributed.all_gather_object(found, own)
        return found

    def in_first(self, work: Callable[[], None]) -> None:
        """Have the first process do something that the others wait for."""
        if not self.rank:
            work()
        self.wait()

    def wait(self) -> None:
        """Wait until all processes are here: then each finds the files of the others."""
        if self.ranks > 1:
            distributed.barrier()

    def autocast(self, precision: str) -> AbstractContextManager:
        """Return a context that computes convolutions and products in bfloat16 ("auto": where that is fast)."""
        low = precision == "bfloat16" or (precision == "auto" and self._bfloat16_is_fast())
        return torch.autocast(self.device.type, torch.bfloat16, enabled=low)

    def _bfloat16_is_fast(self) -> bool:
        if self.on_gpu:
            return torch.cuda.get_device_capability(self.device) >= (8, 0)
        features = cpu_features()
        return bool(features.get("amx-bf16") or features.get("avx512bf16"))

    def prepared(self, net: nn.Module, compiling: str) -> nn.Module:
        """Return the network compiled, if `compiling` says so.

        "auto" compiles on a GPU, and on a CPU where there is a C++ compiler: it fuses what lies between convolutions,
        which takes longer than they do.
        """
        wanted = compiling == "yes" or (compiling == "auto" and (self.on_gpu or _cpp_compiler()))
        return torch.compile(net) if wanted else net  # type: ignore[return-value]  # a module, too

    def tensors(self, batch: Any) -> list[Tensor]:
        """Return a batch's arrays as tensors, in memory from which a GPU can copy while it works."""
        made = [torch.from_numpy(np.ascontiguousarray(array)) for array in batch]
        return [tensor.pin_memory() for tensor in made] if self.on_gpu else made

    def on_device(self, batches: Iterator[Any]) -> Iterator[list[Tensor]]:
        """Yield batches of tensors on the device; a GPU receives the next while it learns from this one."""
        if not self.on_gpu:
            yield from batches
            return
        aside = torch.cuda.Stream(self.device)
        while True:
            with torch.cuda.stream(aside):  # asked for after the step was launched: both run at once
                batch = [tensor.to(self.device, non_blocking=True) for tensor in next(batches)]
            torch.cuda.current_stream(self.device).wait_stream(aside)
            for tensor in batch:
                tensor.record_stream(torch.cuda.current_stream(self.device))
            yield batch


def _cpp_compiler() -> bool:
    return any(map(which, (os.environ.get("CXX", "g++"), "g++", "clang++")))


def _keep_memory() -> None:
    """Let glibc keep the memory of large tensors: mapped anew for each, its pages cost a quarter of a CPU's step."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, -1)


def _device(name: str, local: int) -> torch.device:
    """Return a device that really computes; raise `ValueError` with the reason where it does not."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        if device.type == "cuda" and not torch.cuda.is_available():
            raise ValueError("there is no GPU that CUDA can use")  # torch without CUDA fails in other words
        if device.type == "cuda":
            device = torch.device("cuda", local if device.index is None else device.index)
            torch.cuda.set_device(device)
        torch.zeros(1, device=device).item()
    except Exception as error:  # each kind of device fails in its own way
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ValueError(f"device = {name!r} cannot be used here: {reason}") from None
    return device
