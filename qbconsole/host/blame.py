"""Blame: which plugin, at which line, and the error that says so.

A fault is a plugin's when a line of its file was running; then it is PluginBroken. When the trace shows none
of its lines the fault is ours, and says so. When there is no trace at all, all the merchant's plugins are
suspects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import PurePath
from types import TracebackType
from typing import ClassVar

from qbconsole.errors import PluginBroken, QbconsoleError

_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)


class DecideFailed(QbconsoleError):
    """Our own mistake: deciding on an order stopped without any plugin's doing."""

    code: ClassVar[str] = "decide_failed"
    next_step: ClassVar[str] = (
        "Look at what the merchant's plugins return, else report it with the traceback in the log; "
        "other merchants go on."
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """A merchant's plugins: their names, and the folders their files are looked for in."""

    names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    def at(self, place: Place) -> tuple[str, str] | None:
        """The plugin a line belongs to and the line as people read it; None when it is nobody's here."""
        for folder in self.folders:
            for start in {folder, folder.encode("ascii", "backslashreplace").decode()}:
                if place.path.startswith(f"{start}/"):
                    inner = PurePath(place.path).relative_to(start)
                    return PurePath(inner.parts[0]).stem, f"{PurePath(folder).name}/{inner}:{place.line}"
        for name, home in _installed(self.names):
            if place.path == f"{home}.py" or place.path.startswith(f"{home}/"):
                return name, str(place)
        return None

    def together(self) -> str:
        """All of them, where nothing tells which one it was."""
        match self.names:
            case ():
                return "a plugin of this merchant"
            case (name,):
                return f"plugin {name}"
            case names:
                return f"one of the plugins {', '.join(names)}"


def _installed(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Where installed plugins lie, without importing them: their top module's path, less its suffix."""
    from qbconsole.rules.registry import GROUP  # only now: a child starts faster without the rules

    for point in entry_points(group=GROUP):
        if point.name in names and point.dist is not None:
            yield point.name, str(point.dist.locate_file(point.module.partition(".")[0]))


def verdict(did: str, suspects: Suspects, places: Iterable[Place] = (), hint: str = "") -> QbconsoleError:
    """The error for a fault: `did` goes on from the name of who did it ("ran longer than 2 s").

    `places` are what was running, newest first; `hint` is what the child announced last: a place, or a plugin's
    name, a tab and a place.
    """
    running = list(places)
    for place in running:
        found = suspects.at(place)
        if found:
            inside = f" in {place.function}" if place.function.isidentifier() else ""
            return PluginBroken(f"plugin {found[0]} {did}{inside}", where=found[1])
    if not (suspects.names or suspects.folders):
        return DecideFailed(
            f"a helper of ours {did}",
            where=str(running[0]) if running else "",
            next="Run it again; should it happen again, report it with the traceback in the log.",
        )
    if running:
        return DecideFailed(f"deciding {did}", where=str(running[0]))
    name, tab, asked = hint.partition("\t")
    if tab and name in suspects.names:
        return PluginBroken(f"plugin {name} {did}", where=asked)
    return PluginBroken(f"{suspects.together()} {did}", where=hint or ", ".join(suspects.folders))
