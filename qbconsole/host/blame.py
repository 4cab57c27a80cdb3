"""Blame: which plugin, at which line, and the error that says so.

A fault is a plugin's when a line of its file was running; then it is PluginBroken. When the trace shows none
of its lines the fault is ours, and says so. When there is no trace at all, the merchant's plugins are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from types import TracebackType
from typing import ClassVar

from qbconsole.errors import PluginBroken, QbconsoleError

_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)


class DecideFailed(QbconsoleError):
    """Our own mistake: deciding on an order stopped without any plugin's doing."""

    code: ClassVar[str] = "decide_failed"
    next_step: ClassVar[str] = "Report it with the traceback in the log; the order is held, others go on."


@dataclass(frozen=True, slots=True)
class Place:
    """A line of running code."""

    path: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


def in_dump(text: str) -> Iterator[Place]:
    """The places of a faulthandler trace, the newest call first. Paths keep their ASCII escapes."""
    return (Place(path, int(line), function) for path, line, function in _FRAME.findall(text))


def in_traceback(problem: BaseException) -> Iterator[Place]:
    """The places an exception came through, the newest call first, then those of its causes."""
    seen: BaseException | None = problem
    while seen is not None:
        yield from reversed(list(_steps(seen.__traceback__)))
        seen = seen.__cause__ or seen.__context__


def _steps(trace: TracebackType | None) -> Iterator[Place]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield Place(code.co_filename, trace.tb_lineno, code.co_name)
        trace = trace.tb_next


def _named(paths: Sequence[str]) -> str:
    names = [PurePath(path).stem for path in paths]
    return f"plugin {names[0]}" if len(names) == 1 else f"one of the plugins {', '.join(names)}"


def verdict(did: str, paths: Sequence[str], places: Sequence[Place] = (), hint: str = "") -> QbconsoleError:
    """The error for a fault: `did` goes on from the name of who did it ("ran longer than 2 s").

    `places` are what was running, newest first; `hint` is what the child announced last.
    """
    escaped = {path.encode("ascii", "backslashreplace").decode(): path for path in paths}
    escaped |= {path: path for path in paths}
    for place in places:
        path = escaped.get(place.path)
        if path is not None:
            inside = f" in {place.function}" if place.function.isidentifier() else ""
            return PluginBroken(f"{_named([path])} {did}{inside}", where=f"{path}:{place.line}")
    if not paths or places:
        return DecideFailed(f"deciding {did}", where=str(places[0]) if places else "")
    return PluginBroken(f"{_named(paths)} {did}", where=hint or ", ".join(paths))
