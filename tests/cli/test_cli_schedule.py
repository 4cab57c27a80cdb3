"""`schedule`: what it shows, and what `run-due` runs, as real commands against a simulated shop."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from qbconsole.store import sessions
from qbconsole.sync.schedule.one_at_a_time import lease_name
from qbconsole.workspace import Workspace

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def test_the_schedule_tells_when_a_merchant_is_synced_next(run, monkeypatch):
    monkeypatch.setenv("QBCONSOLE_NOW", "2026-11-21T07:00:00Z")
    (told,) = run("schedule", "--json").json["merchants"]
    assert (told["merchant"], told["words"]) == ("oak-ember", "daily at 02:15, the shop's time")
    assert (told["next_at"], told["last"], told["failures"]) == ("2026-11-22T02:15:00+00:00", None, 0)
    shown = run("schedule")
    assert shown.status == 0
    assert "daily at 02:15" in shown.out
    assert "never" in shown.out


def test_nothing_is_due_and_that_is_said(run):
    ran = run("schedule", "run-due")
    assert (ran.status, ran.out) == (0, "Nothing is due.\n")


def test_where_another_process_leads_nothing_is_run(run, root):
    with Workspace.open(root) as workspace, workspace.store.atomic() as tx:
        sessions.take_lease(tx, "scheduler", "serve", 60, workspace.clock())
    ran = run("schedule", "run-due", "--json")
    assert (ran.status, ran.json) == (0, {"led": False, "runs": []})


def test_a_sync_by_hand_says_that_one_runs_already(run, root):
    with Workspace.open(root) as workspace, workspace.store.atomic() as tx:
        sessions.take_lease(tx, lease_name("oak-ember"), "serve", 60, workspace.clock())
    ran = run("sync", "now", "--json")
    assert ran.status == 3
    (trouble,) = ran.json["troubles"]
    assert trouble["code"] == "store_locked"
    assert "runs already" in trouble["what"]


@pytest.mark.slow
def test_a_due_sync_that_fails_is_told_with_its_reason_and_when_it_is_tried_again(root):
    def command(now, *words):
        env = {**os.environ, "QBCONSOLE_NOW": now, "PYTHONPATH": ROOT}
        argv = [sys.executable, "-m", "qbconsole", "--workspace", str(root), "--json", *words]
        return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=120)

    assert command("2026-11-21T07:00:00Z", "schedule", "run-due").returncode == 0
    ran = command("2026-11-22T02:16:00Z", "schedule", "run-due")
    assert ran.returncode == 1
    (run,) = json.loads(ran.stdout)["runs"]
    assert run["outcome"] == "failed"
    assert "credentials" in run["detail"]
    told = json.loads(command("2026-11-22T02:17:00Z", "schedule").stdout)["merchants"][0]
    assert (told["failures"], told["next_at"]) == (1, "2026-11-22T02:21:00+00:00")
