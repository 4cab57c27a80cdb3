"""Running commands: in this process for most tests, as real processes where that is the point."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from qbconsole.__main__ import main
from qbconsole.care.setup import make_workspace

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def root(tmp_path):
    """A fresh workspace."""
    make_workspace(tmp_path / "books")
    return tmp_path / "books"


@pytest.fixture
def run(root, capfd, monkeypatch):
    """Run a command in this process, on the fresh workspace; the log is closed again after the test."""
    monkeypatch.delenv("QBCONSOLE_DATABASE_URL", raising=False)

    def running(*words, workspace=root):
        status = main(["--workspace", str(workspace), *words])
        told = capfd.readouterr()
        return Ran(status, told.out, told.err)

    before = logging.getLogger().handlers[:]
    yield running
    for handler in logging.getLogger().handlers[:]:
        if handler not in before:
            logging.getLogger().removeHandler(handler)
            handler.close()
    structlog.reset_defaults()


@pytest.fixture
def process(root):
    """Run a command as a user does, in a process of its own without a terminal."""

    def running(*words, workspace=root, env=None, stdin=None):
        done = subprocess.run(
            [sys.executable, "-m", "qbconsole", "--workspace", str(workspace), *words],
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return running
