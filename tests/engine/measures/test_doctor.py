"""The doctor: what is missing is a finding, and the provider it names is one that ran a network."""

import importlib.util
import json
import sys
import types

import pytest

from engine.measures import doctor


def test_report_is_whole_and_readable_by_programs():
    findings = list(doctor.examine())
    report = json.loads(json.dumps(doctor.report_json(findings)))
    assert {"python", "numba", "onnxruntime", "cores", "memory", "compiled code", "display", "search"} <= {
        finding["what"] for finding in report["findings"]
    }
    for finding in report["findings"]:
        assert set(finding) == {"what", "found", "means", "ok"}
        assert finding["means"], finding["what"]
    assert report["ok"] == all(finding["ok"] for finding in report["findings"])


def test_the_search_works_here():
    finding = doctor.health()
    assert finding.ok
    assert "200 visits" in finding.found


def test_a_missing_dependency_is_a_finding_with_its_purpose(monkeypatch):
    monkeypatch.setattr(doctor, "version_of", lambda name: "")
    found = {finding.what: finding for finding in doctor.packages()}
    assert not found["sgfmill"].ok
    assert "SGF" in found["sgfmill"].means
    assert found["torch"].ok  # only training needs it


def test_a_check_that_breaks_is_a_finding():
    def broken():
        """The weather."""
        raise RuntimeError("no window")

    finding = doctor._safely(broken)
    assert not finding.ok
    assert "no window" in finding.found
    assert "weather" in finding.means


def test_without_onnxruntime_the_player_without_a_network_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "version_of", lambda name: "")
    assert "--model rollouts" in doctor.network().means


@pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None, reason="onnxruntime is not installed")
def test_the_probe_runs_on_an_onnxruntime_that_is_there():
    assert doctor.probe_provider() in doctor.PROVIDERS


def test_the_provider_in_use_counts_and_not_the_ones_on_offer(monkeypatch):
    class Session:
        def __init__(self, network, providers):
            assert providers == ["CUDAExecutionProvider", "CPUExecutionProvider"]

        def run(self, outputs, feeds):
            return [feeds["x"] * feeds["w"]]

        def get_providers(self):
            return ["CPUExecutionProvider"]

    pretended = types.SimpleNamespace(
        set_default_logger_severity=lambda level: None,
        get_available_providers=lambda: [
            "TensorrtExecutionProvider",
            "CUDAExecutionProvider",
            "AzureExecutionProvider",
            "CPUExecutionProvider",
        ],
        InferenceSession=Session,
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", pretended)
    monkeypatch.setattr(doctor, "version_of", lambda name: "1.0" if name == "onnxruntime-gpu" else "")
    finding = doctor.network()
    assert "CPUExecutionProvider" in finding.found
    assert "CPU runs networks" in finding.means


def test_the_tiny_network_is_well_formed_protobuf():
    """Walk the wire format: every length must end exactly where its message does."""
    fields = dict(_fields(doctor.tiny_network()))
    assert set(fields) == {1, 7, 8}  # IR version, graph, operator set
    graph = _fields(fields[7])
    assert [number for number, _ in graph] == [1, 2, 11, 11, 12]  # node, name, two inputs, an output
    assert dict(_fields(graph[0][1]))[4] == b"Conv"
    assert [dict(_fields(payload))[1] for number, payload in graph[2:]] == [b"x", b"w", b"y"]


def _fields(message: bytes) -> list[tuple[int, bytes | int]]:
    found, at = [], 0
    while at < len(message):
        number, kind = message[at] >> 3, message[at] & 7
        size = message[at + 1]
        assert size < 128
        found.append((number, size) if kind == 0 else (number, message[at + 2 : at + 2 + size]))
        at += 2 + (0 if kind == 0 else size)
    assert at == len(message)
    return found


@pytest.mark.parametrize(("variable", "there"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("NOTHING", False)])
def test_display(monkeypatch, variable, there):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, ":0")
    assert doctor.has_display() is there
