"""kill -9 between QuickBooks' commit and our record, at every place that has a name: none twice, none lost."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter

import httpx
import pytest

from qbconsole.books.identity import key_in
from qbconsole.rehearsal.demo import (
    deliver,
    polling,
    prepare,
    pull_and_book,
    result,
    start_serving,
    wait_until_up,
)
from qbconsole.rehearsal.stage import free_port, set_stage, staged, write_workspace
from qbconsole.serve import QBWC_PATH
from qbconsole.workspace import Workspace

pytestmark = pytest.mark.slow
PLACES = (
    "before_sent_commit",
    "after_sent_commit",
    "after_answer_received",
    "before_settled_commit",
    "after_settled_commit",
)


@pytest.fixture(scope="module")
def booked(tmp_path_factory):
    """A workspace whose orders are booked, its shops and its password: nothing is killed before, so made once."""
    root = tmp_path_factory.mktemp("booked")
    write_workspace(root)
    with Workspace.open(root, environ={}) as workspace:
        stage = set_stage(root, orders=40, seed=5, now=workspace.clock())
        password = prepare(workspace)
        pull_and_book(workspace, stage)
    return stage, password


def run_until_killed(workspace, root, stage, password, place, count):
    """Poll a service that dies at the named place; tells whether it died."""
    port = free_port()
    environ = os.environ | {"QBCONSOLE_FAILPOINTS": f"{place}:{count}"}
    with start_serving(root, port, environ) as process:
        wait_until_up(process, port)
        connector = polling(workspace, stage, f"http://localhost:{port}{QBWC_PATH}", password)
        for _ in range(20):
            try:
                if connector.run_update().word == "none":
                    break
            except httpx.TransportError:
                break
            if process.poll() is not None:
                break
        died = process.poll() is not None
        if not died:
            process.terminate()
        process.wait(timeout=60)
    return died and process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("count", [6, 11])
def test_a_killed_service_loses_nothing_and_posts_nothing_twice(booked, tmp_path, place, count):
    made, password = booked
    shutil.copytree(made.root, tmp_path, dirs_exist_ok=True)
    with Workspace.open(tmp_path, environ={}) as workspace:
        stage = staged(tmp_path, made.shops, workspace.clock())
        assert run_until_killed(workspace, tmp_path, stage, password, place, count), (
            f"{place} was never reached"
        )
        sessions = deliver(workspace, stage, password)
        told = result(workspace, stage, sessions)
    # key_in reads a memo; every key must stand in QuickBooks once
    keys = Counter(key_in(filed.memo) for filed in stage.company_file.documents())
    assert {key for key, times in keys.items() if times > 1} == set()
    assert told.difference == 0
    assert told.documents == told.recorded + len(told.held)
