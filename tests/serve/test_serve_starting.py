"""From the start of `serve` to its first session: one at a time on a file, busy until ready, halted where damaged."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from loop import serving, wait_until_ready
from nursery import Nursery
from trip import cheap_passwords
from world import make, pull_and_book

from qbconsole.care.database import soundness
from qbconsole.errors import StoreBroken, WebConnectorError
from qbconsole.rehearsal.stage import free_port
from qbconsole.serve import delivery_of
from qbconsole.serve.gate import ROOM_BYTES, Gate, why_not
from qbconsole.serve.readiness import Readiness, State
from qbconsole.store.sharing.alone import holder, take
from qbconsole.webconnector.conversation import Hello, Login
from qbconsole.workspace import Workspace

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as made:
        yield made


@pytest.fixture
def world(tmp_path):
    return make(tmp_path / "world", companies=1, orders=3, seed=4, facts=False)


def health(port: int) -> tuple[int, str]:
    try:
        told = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False, timeout=60)
    except httpx.TransportError:
        return 0, ""
    return told.status_code, told.text


def start(nursery, world, port: int) -> int:
    arguments = ("--workspace", str(world.root), "serve", "--port", str(port))
    return nursery.start(*arguments, environ={}, log=world.root / f"{port}.log")


def wait_until_said(path: Path, words: str) -> str:
    for _ in range(3000):
        said = path.read_text(encoding="utf-8") if path.exists() else ""
        if words in said:
            return said
        httpx.Client(trust_env=False).close()  # costs a few milliseconds; no test sleeps
    raise AssertionError(f"{words!r} was not said: {said}")


@pytest.mark.slow
def test_of_two_on_one_file_the_second_stands_by_and_takes_over(nursery, world):
    with serving(nursery, world, {}) as (first, _, _):
        port = free_port()
        second = start(nursery, world, port)
        said = wait_until_said(world.root / f"{port}.log", "Standing by")
        assert f"process {first} serves this database" in said
        status, told = health(port)
        assert status == 503
        assert told.startswith(f"standing by: process {first} ")
        nursery.kill(first)
        wait_until_ready(nursery, second, port)
        assert health(port) == (200, "ok 1 companies\n")
        assert "taking over" in (world.root / f"{port}.log").read_text(encoding="utf-8")
        assert nursery.kill(second) == -9


@pytest.mark.slow
def test_on_the_same_port_too_and_a_stranger_on_it_is_an_error(nursery, world, tmp_path):
    port = free_port()
    first = start(nursery, world, port)
    wait_until_ready(nursery, first, port)
    stranger = make(tmp_path / "other", companies=1, orders=1, seed=1, facts=False)
    assert nursery.wait(start(nursery, stranger, port)) == 2
    assert "cannot listen" in (stranger.root / f"{port}.log").read_text(encoding="utf-8")
    second = start(nursery, world, port)
    wait_until_said(world.root / f"{port}.log", "Standing by")
    nursery.kill(first)
    wait_until_ready(nursery, second, port)
    assert nursery.kill(second) == -9


@pytest.mark.slow
def test_a_damaged_database_halts_with_how_to_restore_it(nursery, world):
    pull_and_book(world)
    with world.workspace() as workspace:
        path = workspace.store.path
    data = bytearray(path.read_bytes())
    for place in range(8192 * 3, len(data) - 8192, 8192 * 2):
        data[place : place + 64] = b"\xff" * 64
    path.write_bytes(data)
    port = free_port()
    assert nursery.wait(start(nursery, world, port)) == 1
    said = (world.root / f"{port}.log").read_text(encoding="utf-8")
    assert "damaged" in said
    assert "backups" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_mapping_that_is_half_saved_is_waited_for_where_none_was_ever_in_force(nursery, world):
    mapping = world.root / "mappings.toml"
    whole = mapping.read_text(encoding="utf-8")
    mapping.write_text(f"{whole[: len(whole) // 2]}\n[half", encoding="utf-8")
    port = free_port()
    started = start(nursery, world, port)
    said = wait_until_said(world.root / f"{port}.log", "Waits for a valid mappings.toml")
    assert "mappings.toml:" in said, "with its line"
    assert "Traceback" not in said
    status, told = health(port)
    assert status == 503
    assert told.startswith("starting: waits for a valid mappings.toml: ")
    mapping.write_text(whole, encoding="utf-8")
    wait_until_ready(nursery, started, port)
    assert health(port) == (200, "ok 1 companies\n")
    assert (world.root / f"{port}.log").read_text(encoding="utf-8").count("Waits for a valid") == 1
    assert nursery.kill(started) == -9


def test_a_lock_ends_with_its_holder_and_names_it(tmp_path):
    file = tmp_path / "state.db"
    first = take(file)
    assert first is not None
    assert take(file) is None
    assert holder(file).startswith("process ")
    first.give_up()
    second = take(file)
    assert second is not None
    second.give_up()
    assert holder(tmp_path / "nothing.db") == "another process"


LOGIN = Login(user="oak", password="x", peer="127.0.0.1")
HELLO = Hello(hcp="", company_file="", country="US", major=16, minor=0)


def test_a_shut_gate_says_busy_and_refuses_the_rest():
    gate = Gate(readiness=Readiness(), may_begin=lambda: "")
    assert gate.open(LOGIN).word == "busy"
    assert gate.explain("t") == "qbconsole is starting."
    for call in (
        lambda: gate.next("t", HELLO),
        lambda: gate.answer("t", [], "", ""),
        lambda: gate.fail("t", "", ""),
        lambda: gate.close("t"),
    ):
        with pytest.raises(WebConnectorError, match="starting"):
            call()


def test_a_gate_lets_no_session_begin_while_something_is_in_the_way(world):
    reasons = ["3 MiB are free", ""]
    with world.workspace() as workspace, cheap_passwords():
        gate = Gate(readiness=Readiness(state=State.READY), may_begin=lambda: reasons[0])
        gate.let_through(delivery_of(workspace))
        login = Login(user="oak", password=world.companies[0].password, peer="127.0.0.1")
        assert gate.open(login).word == "busy"
        reasons.pop(0)
        assert gate.open(login).word not in ("busy", "nvu")


def test_what_is_in_the_way_room_rights_or_a_newer_program(world, monkeypatch):
    with world.workspace() as workspace:
        assert why_not(workspace) == ""
        monkeypatch.setattr("qbconsole.serve.gate.ROOM_BYTES", 2**60)
        assert "free disk space" in why_not(workspace)
        with workspace.store.atomic() as tx:
            tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        assert "another version" in why_not(workspace)
    assert ROOM_BYTES == 256 * 2**20


def test_a_large_file_is_checked_before_or_after_the_start_and_whole_once_a_day(world, monkeypatch):
    with world.workspace() as workspace:
        store, own = workspace.store, workspace.own
        assert not soundness.check_at_start(store, own, NOW)  # small: it was checked when it was opened
        monkeypatch.setattr(soundness, "QUICK_CHECK_BYTES", 0)
        assert not soundness.check_at_start(store, own, NOW)
        assert soundness.check_at_start(store, own, NOW + timedelta(hours=23))
        assert not soundness.check_at_start(store, own, NOW + timedelta(hours=25))
        assert not soundness.check_at_start(
            store, own, NOW - timedelta(hours=1)
        )  # a clock set back proves nothing
        assert soundness.check_when_due(store, own, NOW)
        assert not soundness.check_when_due(store, own, NOW + timedelta(hours=23))
        assert soundness.check_when_due(store, own, NOW + timedelta(hours=25))
        (own / soundness.NAME).write_text("nonsense")
        assert soundness.check_when_due(store, own, NOW)
        assert set(json.loads((own / soundness.NAME).read_text(encoding="ascii"))) == {"quick", "whole"}


def test_a_check_that_finds_damage_says_how_to_restore(tmp_path, world, monkeypatch):
    with Workspace.open(world.root, environ={}) as workspace:
        monkeypatch.setattr(type(workspace.store), "check", lambda _self, *, quick=False: ["page 7 is torn"])
        with pytest.raises(StoreBroken, match="page 7 is torn") as caught:
            soundness.check(workspace.store, workspace.own, NOW)
    assert "backups" in caught.value.next
