"""What is PostgreSQL's own: settings of a server that must not count, an upgrade that is waited for, a server that hangs up."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
import sqlalchemy as sa
from postgres import create_database, postgres_server, server_engine

from qbconsole.books.holds import Hold, Reason
from qbconsole.errors import QbconsoleError, StoreBroken, StoreLocked
from qbconsole.store import decisions, holds, parties
from qbconsole.store.database import Store, upgrading

__all__ = ["postgres_server"]


@pytest.fixture
def name(postgres_server):
    made = f"own_{uuid4().hex[:12]}"
    create_database(postgres_server, made)
    return made


def test_what_is_told_to_be_committed_is_durable_whatever_the_database_says(postgres_server, name, clock):
    with server_engine(postgres_server, "postgres").connect() as tx:
        tx.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
        tx.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    with Store.open(f"{postgres_server}/{name}", clock=clock) as store:
        with store.atomic() as tx:
            assert tx.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
            assert tx.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "read committed"
        with store.reading() as tx:
            assert tx.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "repeatable read"


def test_a_second_worker_waits_for_the_upgrade_of_the_first_however_long_it_lasts(
    postgres_server, name, clock
):
    url, came = f"{postgres_server}/{name}", []
    upgrade = sa.select(sa.func.pg_advisory_xact_lock(upgrading._UPGRADE_LOCK))

    def second():
        try:
            with Store.open(url, clock=clock, wait=0.2) as store, store.atomic() as tx:
                came.append(tx.exec_driver_sql("SHOW lock_timeout").scalar_one())
        except StoreLocked as error:  # told in the test's own thread
            came.append(error)

    with (
        server_engine(postgres_server, name).execution_options(isolation_level="READ COMMITTED").begin() as tx
    ):
        tx.execute(upgrade)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(1.0)
        assert thread.is_alive(), came
    thread.join(60)
    assert came == ["200ms"]


def test_a_server_that_hung_up_costs_one_unit_and_one_reading_however_many_connections_there_were(
    postgres_server, name, clock
):
    with Store.open(f"{postgres_server}/{name}", clock=clock) as store:
        every = threading.Barrier(3)

        def unit():
            with store.atomic() as tx, store.reading():
                parties.company(tx, "oak")
                every.wait(60)

        units = [threading.Thread(target=unit) for _ in range(3)]
        for one in units:
            one.start()
        for one in units:
            one.join()
        with server_engine(postgres_server, "postgres").connect() as tx:
            tx.execute(
                sa.text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"),
                {"name": name},
            )
        for begin in (store.atomic, store.reading):
            with pytest.raises(StoreBroken, match="cannot be reached"), begin() as tx:
                parties.company(tx, "oak")
            for _ in range(4):
                with begin() as tx:
                    assert parties.company(tx, "oak") is None


@pytest.fixture
def at_once(postgres_server, name, clock):
    """Does the same thing in two units, the second while the first has not committed; gives what both came to."""
    with Store.open(f"{postgres_server}/{name}", clock=clock) as store:

        def both(*whats):
            came = []

            def second():
                try:
                    with store.atomic() as tx:
                        came.append(whats[-1](tx))
                except QbconsoleError as error:  # told in the test's own thread
                    came.append(error)

            thread = threading.Thread(target=second)
            with store.atomic() as tx:
                came.append(whats[0](tx))
                thread.start()
                thread.join(0.7)
            thread.join(60)
            return store, came

        yield both


def kept(text, clock):
    return lambda tx: decisions.keep_revision(tx, "", text, {}, who="book", why="found on disk", at=clock())


def test_a_new_mapping_that_two_runs_find_at_once_is_one_revision(at_once, clock):
    _, (first, second) = at_once(kept("a", clock))
    assert first == second


def test_of_two_mappings_kept_at_once_the_last_is_in_force(at_once, clock):
    store, (first, second) = at_once(kept("a", clock), kept("b", clock))
    with store.reading() as tx:
        assert [row.text for row in decisions.revisions(tx)] == ["b", "a"]
        assert decisions.number_in_force(tx) == second != first


def test_a_hold_that_two_find_at_once_stands_once(at_once, clock):
    hold = Hold(
        reason=Reason.REAUTH,
        where="shop",
        sentence="It lapsed.",
        next_step="Renew it.",
        subject="shop",
        cause="c",
    )

    def put(tx):
        return holds.put_holds(tx, None, "oak", [hold], clock())

    at_once(lambda tx: parties.put_company(tx, "oak", name="Oak", file="", at=clock()), lambda _tx: None)
    store, came = at_once(put)
    assert came == [[hold], [hold]]
    with store.reading() as tx:
        assert [row.hold for row in holds.open_holds(tx, company="oak")] == [hold]
