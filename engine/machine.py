"""What this machine is: its processor, the cores and the memory that this process may use. It knows no game."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path


def cpu_name() -> str:
    """Return the processor's model as the system names it."""
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cpu_features() -> dict[str, bool]:
    """Return the processor features under LLVM's names, as numba's compiler sees them."""
    from llvmlite import binding  # only now: it is slow to load

    return dict(binding.get_host_cpu_features())


def usable_cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def usable_memory() -> int:
    """Return the bytes of memory, or of the container's share; 0 if unknown."""
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 0
    share = next(_lines("/sys/fs/cgroup/memory.max"), "max")
    return size if share == "max" else min(size, int(share))


def _lines(path: str) -> Iterator[str]:
    try:
        yield from Path(path).read_text().splitlines()
    except OSError:
        return
