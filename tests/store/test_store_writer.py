"""The one connection that writes: kept between units, one unit at a time, given up after one that failed."""

import sqlite3
import threading

import pytest
import sqlalchemy as sa

from qbconsole.errors import StoreError, StoreLocked
from qbconsole.store import parties
from qbconsole.store.database import Store


def put(tx, name, clock):
    parties.put_company(tx, name, name=name, file="", at=clock())


def broken(tx, clock):
    put(tx, "elm", clock)
    raise sqlite3.OperationalError("disk I/O error")


def names(store):
    with store.reading() as tx:
        return [one.id for one in parties.all_companies(tx)]


def test_units_share_a_connection_until_one_fails(sqlite_store, clock):
    def connection():
        with sqlite_store.atomic() as tx:
            return tx.connection.driver_connection

    first = connection()
    assert connection() is first
    with pytest.raises(StoreError), sqlite_store.atomic() as tx:
        broken(tx, clock)
    assert "elm" not in names(sqlite_store)
    with sqlite_store.atomic() as tx:
        put(tx, "ash", clock)
    assert "ash" in names(sqlite_store)


def test_after_a_commit_that_failed_the_next_unit_begins_anew(sqlite_store, clock):
    writer = sqlite_store.engines.writer

    def refuse(_connection):
        raise sqlite3.OperationalError("disk I/O error")

    sa.event.listen(writer, "commit", refuse)
    with pytest.raises(StoreError), sqlite_store.atomic() as tx:
        put(tx, "elm", clock)
    sa.event.remove(writer, "commit", refuse)
    with sqlite_store.atomic() as tx:
        put(tx, "ash", clock)
    assert "elm" not in names(sqlite_store)
    assert "ash" in names(sqlite_store)


def test_a_unit_inside_a_unit_is_told_that_the_store_is_locked(sqlite_path, clock):
    with (
        Store.open(sqlite_path, clock=clock, wait=0.05) as store,
        store.atomic() as outer,
        pytest.raises(StoreLocked),
        store.atomic(),
    ):
        put(outer, "never", clock)


def test_a_closed_store_lets_go_of_its_file(sqlite_path, clock):
    with Store.open(sqlite_path, clock=clock) as store, store.atomic() as tx:
        put(tx, "elm", clock)
        driver = tx.connection.driver_connection
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        driver.execute("SELECT 1")
    assert not sqlite_path.with_name(f"{sqlite_path.name}-wal").exists()


def test_a_unit_that_runs_while_the_store_is_closed_commits_and_lets_go_of_its_connection(sqlite_path, clock):
    store = Store.open(sqlite_path, clock=clock)
    began, closed, used = threading.Event(), threading.Event(), []

    def work():
        with store.atomic() as tx:
            put(tx, "elm", clock)
            used.append(tx.connection.driver_connection)
            began.set()
            assert closed.wait(60)

    worker = threading.Thread(target=work)
    worker.start()
    assert began.wait(60)
    store.close()
    closed.set()
    worker.join()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        used[0].execute("SELECT 1")
    with Store.open(sqlite_path, clock=clock) as again:
        assert names(again) == ["elm"]


def test_a_unit_that_comes_after_closing_keeps_nothing_either(sqlite_path, clock):
    store = Store.open(sqlite_path, clock=clock)
    store.close()
    with store.atomic() as tx:
        put(tx, "ash", clock)
        used = tx.connection.driver_connection
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        used.execute("SELECT 1")


def test_a_reading_that_runs_while_the_store_is_closed_lets_go_of_its_connection(sqlite_path, clock):
    store = Store.open(sqlite_path, clock=clock)
    began, closed, used = threading.Event(), threading.Event(), []

    def work():
        with store.reading() as tx:
            used.append(tx.connection.driver_connection)
            began.set()
            assert closed.wait(60)
            assert tx.exec_driver_sql("SELECT 1").scalar_one() == 1

    worker = threading.Thread(target=work)
    worker.start()
    assert began.wait(60)
    store.close()
    closed.set()
    worker.join()
    with store.reading() as tx:  # one that comes later keeps nothing either
        used.append(tx.connection.driver_connection)
    for one in used:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            one.execute("SELECT 1")
