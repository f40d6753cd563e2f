"""Files that grow by an epoch at a time: tables in CSV, and event logs that TensorBoard reads.

An event log is written here by hand: TensorFlow's writer would need TensorFlow, seconds to load, in a process that may
do without. Its form is public and has not changed in ten years: records of TFRecord (length, masked CRC-32C, bytes,
masked CRC-32C), each an ``Event`` in the wire format of protocol buffers. The numbers of the fields are those of
``event.proto`` and ``summary.proto`` of TensorFlow, and of ``plugin_data.proto`` of TensorBoard's HParams.
"""

from __future__ import annotations

import csv
import struct
import time
from collections.abc import Mapping
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np


class CSVLog:
    """A table with a row for each epoch."""

    def __init__(self, place: Path):
        self._path = place.with_name(f"{place.name}.csv")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("", encoding="utf-8")
        self._columns: list[str] = []

    def write(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Add a row."""
        with self._path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if not self._columns:
                self._columns = list(numbers)
                writer.writerow(["epoch", *self._columns])
            writer.writerow([epoch, *(numbers.get(name, "") for name in self._columns)])

    def end(self, group: str, params: Mapping[str, Any], scores: Mapping[str, float]) -> None:
        """Nothing: parameters and scores are in ``cv_results_``, a row for each candidate."""


class EventLog:
    """A run of TensorBoard, with its parameters for the page HParams."""

    def __init__(self, place: Path):
        place.mkdir(parents=True, exist_ok=True)
        for before in place.glob("events.out.tfevents.*"):
            before.unlink()
        self._path = place / f"events.out.tfevents.{int(time.time()):010d}.sknn_tune"
        self._last_epoch = 0
        self._add([_text(3, "brain.Event:2")])

    def write(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Add a point to each curve."""
        self._last_epoch = epoch
        self._add([_whole(2, epoch), _scalars(numbers)])

    def end(self, group: str, params: Mapping[str, Any], scores: Mapping[str, float]) -> None:
        """Add what the fit was made with, and what came of it; runs of one group are shown as one row."""
        values = b"".join(_message(1, _text(1, name) + _message(2, _value(value))) for name, value in params.items())
        started = _message(3, values + _text(4, group))
        ended = _message(4, _whole(1, _SUCCESS))
        self._add([_message(5, _plugin_value("_hparams_/session_start_info", started))])
        self._add([_whole(2, self._last_epoch), _scalars(scores)])
        self._add([_message(5, _plugin_value("_hparams_/session_end_info", ended))])

    def _add(self, fields: list[bytes]) -> None:
        with self._path.open("ab") as file:
            file.write(_record(_double(1, time.time()) + b"".join(fields)))


LOGS = {"csv": CSVLog, "tensorboard": EventLog}

#: ``Status.STATUS_SUCCESS`` of HParams.
_SUCCESS = 1


def _scalars(numbers: Mapping[str, float]) -> bytes:
    """The field ``summary`` of an event: a value for each number."""
    return _message(5, b"".join(_message(1, _text(1, name) + _float(2, value)) for name, value in numbers.items()))


def _plugin_value(tag: str, content: bytes) -> bytes:
    """A value of a summary for HParams: it has no number, but metadata."""
    metadata = _message(1, _text(1, "hparams") + _message(2, content))
    return _message(1, _text(1, tag) + _message(9, metadata))


def _value(value: Any) -> bytes:
    """A ``google.protobuf.Value``."""
    if isinstance(value, bool | np.bool_):
        return _whole(4, int(value))
    if isinstance(value, Number) and not isinstance(value, complex):
        return _double(2, float(value))  # type: ignore[arg-type]
    return _text(3, str(value))


# --- protocol buffers: a key (number of the field, kind), then the value ----------------------------------------


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _whole(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _double(field: int, number: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", number)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _float(field: int, number: float) -> bytes:
    with np.errstate(over="ignore"):  # what single precision cannot hold is infinite
        return _varint(field << 3 | 5) + np.float32(number).astype("<f4").tobytes()


# --- TFRecord ---------------------------------------------------------------------------------------------------


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + _masked_crc(length) + content + _masked_crc(content)


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)  # the polynomial of Castagnoli, its bits reversed
        table.append(byte)
    return table


_TABLE = _crc_table()


def _masked_crc(content: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
