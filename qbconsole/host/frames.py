"""Frames: the length-prefixed messages between the supervisor and its child, over two pipes of their own.

A head of one byte for the kind and eight for the length (big-endian), then the payload. Neither side ever
reads more than MOST_BYTES for one frame; standard output is no part of it, so a plugin may print.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, BinaryIO

from qbconsole.host.blame import Suspects

_HEAD = struct.Struct(">BQ")
#: One order decided is some kilobytes; a list of fifty cases is a few hundred.
MOST_BYTES = 64 << 20


class Kind(IntEnum):
    """What a frame holds."""

    START = 1  # to the child: which work, for which desk, within which limits (pickle)
    CASES = 2  # to the child: a list of cases (pickle)
    READY = 3  # from the child: the desk stands (empty)
    DECIDED = 4  # from the child: the decision on the next case, in order (pickle, read with `values`)
    FAILED = 5  # from the child: a Failure (JSON); the child ends after it


class FrameError(ValueError):
    """Bytes that are no frame: the child's side of the pipe was written by somebody else."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole message."""

    kind: Kind
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """All the child is told before the first case."""

    #: Dotted name of a module with `desk_of(spec)` and `decide(case, desk)`.
    work: str
    spec: Any
    suspects: Suspects
    memory_bytes: int
    start_seconds: float
    seconds_per_case: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error on its way out of the child."""

    code: str
    what: str
    where: str
    next: str
    #: For the log; never shown.
    traceback: str = ""


def packed(kind: Kind, payload: bytes = b"") -> bytes:
    """The frame as it goes over the pipe."""
    return _HEAD.pack(kind, len(payload)) + payload


def _head(data: bytes | bytearray) -> tuple[Kind, int]:
    number, length = _HEAD.unpack_from(data)
    try:
        kind = Kind(number)
    except ValueError as cause:
        raise FrameError(f"a frame of unknown kind {number}") from cause
    if length > MOST_BYTES:
        raise FrameError(f"a frame of {length:,} bytes; {MOST_BYTES:,} is the most")
    return kind, length


def read_frame(stream: BinaryIO) -> Frame | None:
    """Wait for the next frame; None when the other side closed its end."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, length = _head(head)
    payload = stream.read(length)
    return Frame(kind, payload) if len(payload) == length else None


class Inbox:
    """Collects bytes as they arrive and gives out whole frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Take in what was read."""
        self._bytes += data

    def pop(self) -> Frame | None:
        """The next whole frame, or None while it is incomplete. Raises FrameError."""
        if len(self._bytes) < _HEAD.size:
            return None
        kind, length = _head(self._bytes)
        end = _HEAD.size + length
        if len(self._bytes) < end:
            return None
        payload = bytes(self._bytes[_HEAD.size : end])
        del self._bytes[:end]
        return Frame(kind, payload)
