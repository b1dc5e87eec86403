"""The machine: what of it this process may use."""

from engine import machine
from engine.measures import doctor


def test_no_more_memory_than_the_container_gets(monkeypatch):
    monkeypatch.setattr(machine, "_lines", lambda path: iter(["1073741824"] if "memory.max" in path else []))
    assert machine.usable_memory() == 2**30
    assert not doctor.memory().ok


def test_the_cores_that_may_be_used_are_some_of_those_there():
    assert 1 <= machine.usable_cores() <= (machine.os.cpu_count() or 1)


def test_the_processor_has_a_name_and_features():
    assert machine.cpu_name()
    assert all(isinstance(there, bool) for there in machine.cpu_features().values())
