"""The terminal is given back whatever ends us, and where there is none the commands are named."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qbconsole.console.app import run
from qbconsole.console.terminal import poor, require_terminal
from qbconsole.errors import UsageError, WorkspaceError

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
sys.path.insert(0, {here!r})
from console_desk import desk
from qbconsole.console.app import QbConsole
{more}
app = QbConsole(desk)
app.run(mouse=False)
sys.exit(app.return_code)
"""
CRASH = """
def broken(self, event):
    raise RuntimeError("on purpose")
from qbconsole.console.screens.dashboard import DashboardScreen
DashboardScreen.on_status_read = broken
"""
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"


class Terminal:
    """A program on a pseudo terminal of 80x24."""

    def __init__(self, program: str) -> None:
        self.master, slave = pty.openpty()
        env = {
            **os.environ,
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "80",
            "LINES": "24",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True
        )
        os.close(slave)
        self.seen = b""

    def read_until(self, words: bytes, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while words not in self.seen:
            assert time.monotonic() < end, f"{words!r} never came: {self.seen[-400:]!r}"
            if not self._read(end - time.monotonic()):
                break
        assert words in self.seen, self.seen[-400:]

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], max(0.0, seconds))
        if not ready:
            return True
        try:
            came = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen += came
        return bool(came)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(60)
        os.close(self.master)


@pytest.fixture
def terminal():
    opened: list[Terminal] = []

    def start(more: str = "") -> Terminal:
        opened.append(Terminal(PROGRAM.format(here=str(Path(__file__).parent), more=more)))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back_and_tells_its_number(terminal, number):
    here = terminal()
    here.read_until(b"CA-ORANGE")
    here.process.send_signal(number)
    here.read_until(LEAVES_ALTERNATE_SCREEN)
    assert here.process.wait(60) == 128 + number


@pytest.mark.slow
def test_a_crash_gives_the_terminal_back_and_is_no_success(terminal):
    here = terminal(CRASH)
    here.read_until(b"on purpose")
    assert LEAVES_ALTERNATE_SCREEN in here.seen
    assert here.process.wait(60) == 1


def test_without_a_terminal_the_commands_are_named(monkeypatch, tmp_path):
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with pytest.raises(UsageError) as told:
            run(tmp_path, environ={"TERM": "xterm"})
    assert "qbconsole status" in told.value.next
    assert "queue list" in told.value.next
    assert told.value.exit_status == 2


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_place_a_cursor_is_refused(monkeypatch, term):
    master, slave = pty.openpty()
    with os.fdopen(master, "rb"), os.fdopen(slave, "r") as end:
        monkeypatch.setattr(sys, "stdin", end)
        monkeypatch.setattr(sys, "stderr", end)
        require_terminal({"TERM": "xterm"})
        with pytest.raises(UsageError, match=term):
            require_terminal({"TERM": term})


def test_terminals_of_sixteen_colours_are_known():
    assert poor({"TERM": "linux"})
    assert not poor({"TERM": "xterm-256color"})


async def test_a_workspace_that_cannot_be_opened_ends_the_console_with_its_error():
    from qbconsole.console.app import QbConsole

    def opener():
        raise WorkspaceError("there is no mappings.toml here", where="/nowhere")

    app = QbConsole(opener)
    async with app.run_test() as pilot:
        while app.trouble is None:
            await pilot.pause(0.01)
    assert app.return_code == 2
    assert "mappings.toml" in str(app.trouble)


def test_the_console_is_imported_without_the_store():
    """First paint is layout: what is heavy comes after it, in a worker."""
    program = (
        "import sys, qbconsole.console.app as app;"
        "print([name for name in ('sqlalchemy', 'pydantic', 'lxml', 'httpx', 'qbconsole.store', 'qbconsole.views.queue')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "[]"
