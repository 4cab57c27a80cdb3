"""Shared by all tests: its place puts this folder on the path, so that tests can import `builders`."""

from __future__ import annotations

import compileall
import os
import shutil
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "qbconsole"
MEMORY = Path("/dev/shm")
#: What a whole run leaves behind is a tenth of this.
_ROOM = 4 << 30


def pytest_configure() -> None:
    """Give the package its bytecode, as an installed one has it.

    Where PYTHONDONTWRITEBYTECODE is set, each of the many processes that tests start would compile it anew.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        compileall.compile_dir(PACKAGE, quiet=2)
        _write_to_memory()


def _write_to_memory() -> None:
    """Let the thousands of small stores be made in memory where there is room: a killed process loses nothing there.

    What only a disk can do to us (full, read-only, damaged) the tests of the store do themselves.
    """
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
