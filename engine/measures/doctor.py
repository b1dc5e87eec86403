"""What is installed, which devices are used and why: `yomi doctor`. Heavy packages are imported only to try them."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from time import perf_counter

from engine.machine import cpu_features, cpu_name, usable_cores, usable_memory

GIB = 2**30


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, what was found, and what that means for the user."""

    what: str
    found: str
    means: str
    ok: bool = True


def examine() -> Iterator[Finding]:
    """Look at everything, quickest first; what fails is a finding, never an exception."""
    yield from packages()
    yield from machine()
    for check in (compiled_code, network, display, health):
        yield _safely(check)


def _safely(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding(check.__name__, f"{type(error).__name__}: {error}", f"{check.__doc__} This failed.", False)


# --- packages ---------------------------------------------------------------------------------------------

NEEDED = {
    "numpy": "arrays",
    "numba": "compiles rules and search",
    "sgfmill": "reads and writes SGF",
    "typer": "the command line",
    "rich": "the terminal board",
    "pygame": "the window",
    "openvino": "networks on CPUs, fastest with AMX",
}
OPTIONAL = {
    "torch": "training (extra: train)",
    "ray": "self-play on many machines (extra: ray)",
    "transformers": "Hugging Face models in the text game (extra: hf)",
    "pytest": "the tests (extra: test)",
}


def packages() -> Iterator[Finding]:
    """List Python and the dependencies with their versions; nothing is imported."""
    yield Finding("python", platform.python_version(), sys.executable)
    for name, purpose in NEEDED.items():
        yield _package(name, purpose, needed=True)
    for name, purpose in OPTIONAL.items():
        yield _package(name, purpose, needed=False)


def _package(name: str, purpose: str, needed: bool) -> Finding:
    version = version_of(name)
    missing = f"needed for: {purpose}" if needed else f"only needed for: {purpose}"
    return Finding(name, version or "not installed", purpose if version else missing, bool(version) or not needed)


def version_of(name: str) -> str:
    """Return the version of an installed distribution, or ""."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


# --- the machine ------------------------------------------------------------------------------------------


def machine() -> Iterator[Finding]:
    """Describe processor, its features, cores and memory."""
    yield Finding("processor", cpu_name(), f"{platform.system()} on {platform.machine()}")
    for check in (features, cores, memory):
        yield _safely(check)


def features() -> Finding:
    """The processor's wide instructions."""
    has = cpu_features()
    names = {"avx2": "AVX2", "avx512f": "AVX-512", "amx-tile": "AMX", "neon": "NEON"}
    found = ", ".join(label for key, label in names.items() if has.get(key)) or "none of AVX2, AVX-512, AMX, NEON"
    amx = has.get("amx-tile") and has.get("amx-bf16")
    return Finding("instructions", found, "bfloat16 networks run fast" if amx else "no AMX: networks are slower")


def cores() -> Finding:
    """The cores that may be used."""
    usable = usable_cores()
    there = os.cpu_count() or usable
    limited = f" of {there}" if usable < there else ""
    return Finding("cores", f"{usable}{limited}", "a search uses them all, unless --threads says otherwise")


def memory() -> Finding:
    """The memory that may be used."""
    size = usable_memory()
    if not size:
        return Finding("memory", "unknown", "this system does not tell")
    few = size < 2 * GIB
    return Finding("memory", f"{size / GIB:.1f} GiB", "little: keep searches short" if few else "enough", not few)


# --- compiled code, network, display ----------------------------------------------------------------------


def compiled_code() -> Finding:
    """The folder of compiled code."""
    from engine.measures.warming import Warming, is_compiled
    from games import wings
    from games.compiling import WARM

    cold = [game for game in wings.having("engine", "warm") if not is_compiled(game)]
    takes = f"cold: compiling takes about {sum(Warming(game).total for game in cold):.0f} s, once"
    return Finding("compiled code", str(WARM.parent), takes if cold else "kept from earlier: starts are quick")


def network() -> Finding:
    """One run of a tiny network through onnxruntime."""
    package = next((name for name in ("onnxruntime-gpu", "onnxruntime") if version_of(name)), "")
    if not package:
        return Finding("onnxruntime", "not installed", "networks cannot run; play with --model rollouts", False)
    provider = probe_provider()
    if provider != "CPUExecutionProvider":
        means = "the GPU runs networks"
    elif package == "onnxruntime":
        means = "the CPU runs networks: this package cannot use a GPU"
    else:
        means = "the CPU runs networks: there is no GPU, or CUDA or cuDNN did not load"
    return Finding("onnxruntime", f"{package} {version_of(package)}, {provider}", means)


PROVIDERS = ("CUDAExecutionProvider", "CoreMLExecutionProvider", "DmlExecutionProvider", "CPUExecutionProvider")
"""Where networks may run, best first. (TensorRT takes minutes to start, Azure computes nothing.)"""


def probe_provider() -> str:
    """Run a network of one node; return the provider that computed it (the list of "available" ones lies)."""
    import numpy as np
    import onnxruntime as ort

    ort.set_default_logger_severity(4)  # a provider that does not load is our finding, not its own page of errors
    offered = ort.get_available_providers()
    session = ort.InferenceSession(tiny_network(), providers=[name for name in PROVIDERS if name in offered])
    image = np.full((1, 1, 1, 1), 2, np.float32)
    (answer,) = session.run(None, {"x": image, "w": image + 1})
    if answer.item() != 6:
        raise ValueError(f"{session.get_providers()[0]} says that 2 * 3 is {answer.item():g}")
    return session.get_providers()[0]


def tiny_network() -> bytes:
    """Return an ONNX file that convolves one point by one weight (protobuf by hand; field numbers of onnx.proto).

    A convolution, because that is what fails first where a GPU's libraries are incomplete.
    """
    shape = _field(2, _field(1, _number(1, 1)) * 4)  # [1, 1, 1, 1]
    tensor = _field(2, _field(1, _number(1, 1) + shape))  # of element type 1, float32
    node = _field(1, b"x") + _field(1, b"w") + _field(2, b"y") + _field(4, b"Conv")
    graph = _field(1, node) + _field(2, b"probe")
    graph += b"".join(_field(number, _field(1, name) + tensor) for number, name in ((11, b"x"), (11, b"w"), (12, b"y")))
    return _number(1, 8) + _field(7, graph) + _field(8, _number(2, 13))  # IR version 8, operator set 13


def _field(number: int, payload: bytes) -> bytes:
    return bytes([number << 3 | 2, len(payload)]) + payload


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3, value])


def display() -> Finding:
    """The screen."""
    if has_display():
        return Finding("display", "available", "a window can open")
    return Finding("display", "none", "no window can open here; play in the terminal")


def has_display() -> bool:
    """Tell whether a window could open."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# --- health -----------------------------------------------------------------------------------------------


def health() -> Finding:
    """One tiny search."""
    started = perf_counter()
    from engine.measures.warming import Warming, is_compiled
    from games import wings

    game = wings.NAMES[0]
    if not is_compiled(game):
        Warming(game).run()
    visits = wings.part("engine", game, "warm").try_out()
    seconds = perf_counter() - started
    return Finding("search", f"{visits} visits in {seconds:.1f} s", "playing works")


# --- the report -------------------------------------------------------------------------------------------


def report_json(findings: list[Finding]) -> dict:
    """Return the report for programs: {"ok": bool, "findings": [{what, found, means, ok}]}."""
    return {"ok": all(finding.ok for finding in findings), "findings": [asdict(finding) for finding in findings]}


def report_line(finding: Finding):
    """Return one finding as a line for the terminal."""
    from rich.text import Text

    mark = ("ok  ", "green") if finding.ok else ("look", "bold yellow")
    if finding.ok and finding.found == "not installed":
        mark = ("-   ", "dim")
    return Text.assemble(mark, f"  {finding.what:<14}", (finding.found, "bold"), "  ", (finding.means, "dim"))
