"""Shared by all tests: its place puts this folder on the path, so that tests can import `builders`."""

from __future__ import annotations

import compileall
import os
import shutil
import sys
from pathlib import Path

import pytest

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


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    """Keep the tests' rewritten bytecode too: rewriting the assertions anew costs each worker of each run 11 s.

    While tests run, the environment's word on bytecode holds again.
    """
    as_told, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        return (yield)
    finally:
        sys.dont_write_bytecode = as_told


def _write_to_memory() -> None:
    """Let the thousands of small stores be made in memory where there is room: a killed process loses nothing there.

    What only a disk can do to us (full, read-only, damaged) the tests of the store do themselves.
    """
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
