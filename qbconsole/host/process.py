"""One child process: started with nothing it does not need, listened to by the clock, ended as a group.

Knows pipes and signals, not orders or plugins. Everything the child prints is kept up to a bound.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from io import FileIO
from pathlib import Path

from qbconsole.host import blackbox
from qbconsole.host.frames import Frame, Inbox, Kind, packed

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
#: What an interpreter needs to find its libraries and read text; the rest of the environment stays here.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
#: Printed text kept of one child: the last of it.
_PRINTED_BYTES = 16 << 10
_CHUNK = 64 << 10
#: How long a child may take to write down where it stands.
_LAST_WORDS_SECONDS = 0.5


class Overrun(Exception):
    """No frame came in time."""


class Gone(Exception):
    """The child ended, or closed its pipe."""


def environment(given: Mapping[str, str], room: str) -> dict[str, str]:
    """The child's environment: import paths made absolute, no secret, its own empty directory for files."""
    paths = [os.path.abspath(path) for path in given.get("PYTHONPATH", "").split(os.pathsep) if path]
    if _PACKAGE_PARENT not in (*paths, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        paths.insert(0, _PACKAGE_PARENT)
    kept = {name: given[name] for name in _KEPT if name in given}
    fixed = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONHASHSEED": "0",  # the same order of sets in every run: a plugin answers the same each time
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "TMPDIR": room,
    }
    return kept | fixed


class Process:
    """A running child and both ends of what joins us to it."""

    def __init__(self, python: str) -> None:
        self.printed = bytearray()
        self._inbox = Inbox()
        self._unsent = memoryview(b"")
        with contextlib.ExitStack() as undo:
            self._selector = undo.enter_context(selectors.DefaultSelector())
            self._box = undo.enter_context(blackbox.opened())
            room = undo.enter_context(tempfile.TemporaryDirectory(prefix="qbconsole-"))
            their_requests, self._requests = _pipe(undo)
            self._results, their_results = _pipe(undo)
            self._output, their_output = _pipe(undo)
            passed = [end.fileno() for end in (their_requests, their_results, self._box)]
            self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
                [python, "-P", "-m", "qbconsole.host.child", *map(str, passed)],
                stdin=subprocess.DEVNULL,
                stdout=their_output,
                stderr=their_output,
                cwd=room,
                env=environment(os.environ, room),
                pass_fds=passed,
                start_new_session=True,
            )
            for end in (their_requests, their_results, their_output):
                end.close()
            self._listen()
            self._undo = undo.pop_all()

    def _listen(self) -> None:
        for end in (self._requests, self._results, self._output):
            os.set_blocking(end.fileno(), False)
        self._selector.register(self._results, selectors.EVENT_READ, self._take_results)
        self._selector.register(self._output, selectors.EVENT_READ, self._take_output)

    def send(self, kind: Kind, payload: bytes) -> None:
        """Queue one frame; it goes out while we wait for the answer."""
        self._unsent = memoryview(bytes(self._unsent) + packed(kind, payload))
        if self._requests not in self._selector.get_map():
            self._selector.register(self._requests, selectors.EVENT_WRITE, self._give)

    def receive(self, seconds: float) -> Frame:
        """The next frame. Raises Overrun after that many seconds, Gone when the child ended, FrameError."""
        deadline = time.monotonic() + seconds
        frame = self._inbox.pop()
        while frame is None:
            left = deadline - time.monotonic()
            for key, _ in self._selector.select(max(left, 0)):
                key.data()
            frame = self._inbox.pop()
            if frame is None and left <= 0:
                raise Overrun
        return frame

    def _take_results(self) -> None:
        data = self._results.read(_CHUNK)
        if not data:
            raise Gone
        self._inbox.feed(data)

    def _take_output(self) -> bool:
        data = self._output.read(_CHUNK)
        if data:
            self.printed += data
            del self.printed[:-_PRINTED_BYTES]
        elif data is not None:
            self._selector.unregister(self._output)
        return bool(data)

    def _give(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # its end is closed: reading will tell
            self._unsent = self._unsent[self._requests.write(self._unsent[:_CHUNK]) or 0 :]
            if self._unsent:
                return
        self._unsent = memoryview(b"")
        self._selector.unregister(self._requests)

    def last_words(self) -> tuple[str, str]:
        """Ask a child that hangs where it stands; returns its trace and what it announced last."""
        os.kill(self._popen.pid, blackbox.ASK)  # not yet waited for, so the number is still its own
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        with contextlib.suppress(Gone, Overrun, ValueError):
            while (left := deadline - time.monotonic()) > 0:
                self.receive(left)
        return self.words()

    def words(self) -> tuple[str, str]:
        """What a child that is gone left: its trace and what it announced last."""
        return blackbox.traces(self._box), blackbox.announced(self._box)

    def kill(self) -> None:
        """Kill the child and all it started, from whatever thread; whoever listens to it sees it gone and ends it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)

    def end(self) -> str:
        """Kill the child and all it started; returns how it ended ("exit status 3", "SIGSEGV")."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)  # the group has the child's number until we wait
        status = self._popen.wait()
        for _ in range(_PRINTED_BYTES // 1024):  # bounded: something it started may still be printing
            if self._output not in self._selector.get_map() or not self._take_output():
                break
        self._undo.close()
        return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


def _pipe(undo: contextlib.ExitStack) -> tuple[FileIO, FileIO]:
    reading, writing = os.pipe()
    return undo.enter_context(FileIO(reading, "rb")), undo.enter_context(FileIO(writing, "wb"))
