"""The same worlds with their database on PostgreSQL: same books, same run for the same seed, nothing left behind."""

from __future__ import annotations

import pytest
from postgres import postgres_server, server_engine

from qbconsole.rehearsal.simulate.ends.database import on_server
from qbconsole.rehearsal.simulate.many import many_seeds, one_seed

__all__ = ["postgres_server"]  # a fixture


@pytest.mark.parametrize(("seed", "faults"), [(2, "all"), (1, "F34"), (5, "F45,F35"), (6, "F25,F48")])
def test_a_world_on_postgresql_keeps_every_law(postgres_server, seed, faults):
    with on_server(postgres_server):
        told = one_seed(seed, faults)
    assert told.violations == ()
    assert told.documents > 0
    struck = {number for number in faults.split(",") if number.startswith("F")}
    assert not struck or struck & set(told.fired)


def test_the_same_seed_is_the_same_run(postgres_server):
    with on_server(postgres_server):
        first, again = one_seed(4, "F46", keep_lines=True), one_seed(4, "F46", keep_lines=True)
    assert first.violations == ()
    assert first.fired["F46"]
    assert first.lines == again.lines
    assert first.digest == again.digest


def test_several_processes_leave_no_database_behind(postgres_server):
    with on_server(postgres_server):
        done = many_seeds(range(8), "none", jobs=2)
    assert done.failed == ()
    with server_engine(postgres_server, "postgres").connect() as connection:
        left = connection.exec_driver_sql("SELECT datname FROM pg_database").scalars().all()
    assert not [name for name in left if "simulate" in name]
