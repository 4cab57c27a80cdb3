"""Killed processes, small: CI runs more of it by `make kills`, a person all of it (see docs/reliability.md)."""

import crowd
import loop
import pytest
from postgres import postgres_server

__all__ = ["postgres_server"]
pytestmark = pytest.mark.slow


def test_pull_book_and_serve_killed_on_sqlite_lose_nothing_and_post_nothing_twice():
    done = loop.run(4, "sqlite", seed=11, orders=12)
    assert done.faults == []
    assert done.done == 4


def test_four_workers_killed_at_random_serve_eight_companies_exactly_once(postgres_server):
    done = crowd.run(companies=8, orders=20, workers=4, kills=5, seed=2, server=postgres_server)
    assert done.faults == []
    assert done.kills == 5
    assert done.effects == done.documents >= 160
