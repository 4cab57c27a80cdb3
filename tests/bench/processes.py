"""Servers of a bench as processes of their own, and what the kernel says of them: CPU and memory."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds of CPU, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory_of(pid: int, what: str) -> float:
    """MB, as the kernel counts: VmRSS now, VmHWM at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def environ() -> dict[str, str]:
    """What a process of a bench is started with: it finds this project and the bench's modules."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE), str(HERE.parent)])}


def forget_peak(pid: int) -> None:
    """Let VmHWM begin again at what the process has now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@contextmanager
def serving(which: str, where: Path, batch: int) -> Iterator[tuple[int, int]]:
    """One server of `servers.py`; gives its port and pid once it answers."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, str(HERE / "servers.py"), which, str(where), str(port), str(batch)]
    with subprocess.Popen(
        command, env=environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(port, process)
            yield port, process.pid
        finally:
            process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it is ready: ours says 503 while it gets there, and what it loads till then is not growth."""
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"a server of the bench ended with {process.returncode}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if line.recv(64).partition(b" ")[2][:3] not in (b"", b"503"):
                return
        select.select([], [], [], 0.05)
    raise SystemExit("a server of the bench does not answer")
