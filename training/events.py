"""The numbers of a run for TensorBoard: an events file in the run's folder, written as the numbers come.

TensorBoard's own writer works in a thread, which ends with a traceback where the disk is full.
"""

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.disk import writing


class Events:
    """An events file; `Events.open` returns None where TensorBoard is not installed."""

    def __init__(self, folder: Path):
        from tensorboard.summary.writer.record_writer import RecordWriter

        self.path = folder / f"events.out.tfevents.{int(time.time()):010}.{socket.gethostname()}.{os.getpid()}"
        with writing(self.path):
            self._file = self.path.open("ab")
        self._writer = RecordWriter(self._file)

    @classmethod
    def open(cls, folder: Path, first: int) -> "Events | None":
        """Begin an events file at a step; TensorBoard forgets what it knew of later steps."""
        try:
            from tensorboard.compat.proto.event_pb2 import SessionLog

            events = cls(folder)
        except ImportError:
            return None
        events._add(file_version="brain.Event:2")
        events._add(step=first + 1, session_log=SessionLog(status=SessionLog.SessionStatus.START))
        return events

    def add(self, step: int, numbers: Mapping[str, float]) -> None:
        """Add the numbers of a step."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=name, simple_value=float(value)) for name, value in numbers.items()]
        self._add(step=step, summary=Summary(value=values))

    def _add(self, **about: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        with writing(self.path):
            self._writer.write(Event(wall_time=time.time(), **about).SerializeToString())
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with writing(self.path):
            self._file.close()
