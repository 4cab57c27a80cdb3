"""Shared by all tests: its place puts this folder on the path, so that tests can import `builders`."""

from __future__ import annotations

import compileall
import os
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "qbconsole"


def pytest_configure() -> None:
    """Give the package its bytecode, as an installed one has it.

    Where PYTHONDONTWRITEBYTECODE is set, each of the many processes that tests start would compile it anew.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        compileall.compile_dir(PACKAGE, quiet=2)
