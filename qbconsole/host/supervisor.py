"""PluginHost: decides on orders in a child process and never waits longer than it was told.

Whatever goes wrong in the child becomes one error with the plugin's file and line; the next call starts a
new child. One host belongs to one thread.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

import msgspec

from qbconsole.errors import PluginBroken, QbconsoleError
from qbconsole.host.blame import DecideFailed, Suspects, in_dump, verdict
from qbconsole.host.frames import Failure, Frame, FrameError, Kind, Start
from qbconsole.host.process import Gone, Overrun, Process
from qbconsole.host.values import Reader, ValueRefused
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.decide import AnyCase, Decision, DeskSpec

_log = logging.getLogger(__name__)


class Interrupted(Exception):
    """Somebody else wanted no more of it."""


class PluginHost:
    """A merchant's desk in a process of its own, started at the first case and after every failure.

    `plugins` are the names the merchant opted in to: suspects where no trace tells which one it was.
    """

    def __init__(
        self,
        spec: DeskSpec,
        *,
        plugins: Sequence[str] = (),
        work: str = "qbconsole.decide",
        seconds_per_case: float = 2.0,
        start_seconds: float = 20.0,
        memory_bytes: int = 1 << 30,
        python: str = sys.executable,
    ) -> None:
        self._suspects = Suspects(names=tuple(plugins), folders=spec.plugin_folders)
        self._python = python
        self._reader: Reader[Decision] = Reader(work, import_module(work).Decision)
        self._start = Start(
            work=work,
            spec=spec,
            suspects=self._suspects,
            memory_bytes=memory_bytes,
            start_seconds=start_seconds,
            seconds_per_case=seconds_per_case,
        )
        self._process: Process | None = None
        self._is_interrupted = False

    def decide_all(self, cases: Iterable[AnyCase], *, chunk: int = 50) -> Iterator[Decision]:
        """Yield the Decision on each case, in order; at most `chunk` cases are taken ahead of the reader.

        Raises PluginBroken after the decisions that were still made, so the case after the last decision
        is the one it stopped at; DecideFailed when no plugin is at fault; any other error of ours as it
        was raised in the child.
        """
        rest = iter(cases)
        while taken := list(islice(rest, chunk)):
            decided: list[Decision] = []
            problem: QbconsoleError | None = None
            try:
                self._decide(taken, decided)
            except QbconsoleError as raised:
                problem = raised
            yield from decided
            if problem is not None:
                raise problem

    def start(self) -> None:
        """Start the child now rather than at the first case. Raises what loading it raises."""
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(self.close)
            self._running()
            on_failure.pop_all()

    def interrupt(self) -> None:
        """End the child from another thread: whoever waits for it gets Interrupted. For good."""
        self._is_interrupted = True
        if (process := self._process) is not None:
            process.kill()

    def close(self) -> None:
        """End the child, if there is one."""
        if self._process is not None:
            self._stop(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _decide(self, cases: Sequence[AnyCase], decided: list[Decision]) -> None:
        """Fill `decided`, one for each case. A child in mid-chunk never outlives a failure in here."""
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(self.close)
            process = self._running()
            process.send(Kind.CASES, pickle.dumps(cases, protocol=5))
            for case in cases:
                on = safe(case.label, limit=60)
                frame = self._answer(process, Kind.DECIDED, self._start.seconds_per_case, f"on {on}")
                decided.append(self._value(frame, on))
            on_failure.pop_all()

    def _running(self) -> Process:
        """The child at its desk, started now if there is none."""
        if self._is_interrupted:
            raise Interrupted
        if self._process is not None:
            return self._process
        self._process = process = Process(self._python)
        process.send(Kind.START, pickle.dumps(self._start, protocol=5))
        self._answer(process, Kind.READY, self._start.start_seconds, "while it was loaded")
        return process

    def _answer(self, process: Process, expected: Kind, seconds: float, when: str) -> Frame:
        """The next frame, when it is the one expected; everything else raises."""
        try:
            frame = process.receive(seconds)
        except Overrun:
            self._raise_for(process.last_words(), f"ran longer than {seconds:g} s {when} and was stopped")
        except Gone:
            if self._is_interrupted:
                raise Interrupted from None
            words, how = process.words(), self._stop(process)
            self._raise_for(words, f"ended its process ({how}) {when}")
        except FrameError as cause:
            raise verdict(f"wrote into the results {when}: {cause}", self._suspects) from cause
        if frame.kind is Kind.FAILED:
            self._raise_failure(frame)
        if frame.kind is not expected:
            raise verdict(f"wrote into the results {when}: {frame.kind.name}", self._suspects)
        return frame

    def _value(self, frame: Frame, on: str) -> Decision:
        try:
            return self._reader.read(frame.payload)
        except ValueRefused as cause:
            what = f"gave what is no plain value for {on}: {safe(cause, limit=120)}"
            raise verdict(what, self._suspects) from cause

    def _raise_for(self, words: tuple[str, str], did: str) -> NoReturn:
        trace, hint = words
        error = verdict(did, self._suspects, in_dump(trace), _safe_hint(hint))
        _log.error("%s\n%s", error, trace)
        raise error

    def _raise_failure(self, frame: Frame) -> NoReturn:
        try:
            told = msgspec.json.decode(frame.payload, type=Failure)
        except msgspec.MsgspecError as cause:
            raise verdict("wrote into the results", self._suspects) from cause
        error = _error_named(told.code)(told.what, where=told.where, next=told.next)
        _log.error("%s\n%s", error, told.traceback)
        raise error

    def _stop(self, process: Process) -> str:
        how = process.end()
        self._process = None
        if process.printed:
            text = process.printed.decode("utf-8", "replace")
            _log.info("printed by %s: %s", self._suspects.together(), text)
        return how


def _safe_hint(hint: str) -> str:
    """What the child announced, made harmless; the tab between a plugin's name and its place stays."""
    return "\t".join(safe(part) for part in hint.split("\t", 1))


def _error_named(code: str) -> type[QbconsoleError]:
    """The error class with this code; PluginBroken for a code that only the plugin knows."""
    kinds = {PluginBroken.code: PluginBroken, DecideFailed.code: DecideFailed}
    waiting: list[type[QbconsoleError]] = [QbconsoleError]
    while waiting:
        kind = waiting.pop()
        kinds.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return kinds.get(code, PluginBroken)
