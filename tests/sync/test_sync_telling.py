"""What booking and delivery tell the log: lines that name document, order, merchant and session, and nothing else."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from trip import Trip

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


def rows(caplog, name: str) -> list[dict]:
    """Every line that a record stands for."""
    records = [record for record in caplog.records if record.name == name]
    same = ("merchant", "company", "ticket", "revision")
    return [
        {key: getattr(record, key) for key in same if hasattr(record, key)} | one
        for record in records
        for one in getattr(record, "each", ())
    ]


def an_order() -> dict:
    path = sorted(GOLDEN.glob("*/input.json"))[0]
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts.pop("now", None)
    return facts


def test_a_document_is_told_when_it_is_booked_and_when_it_is_recorded(trip, caplog):
    caplog.set_level(logging.INFO, "qbconsole")
    trip.pull(an_order())
    trip.book()
    (pulled,) = [record for record in caplog.records if record.name == "qbconsole.pull"]
    assert (pulled.merchant, pulled.orders) == ("oak-ember", len(an_order()["orders"]))
    booked = [row for row in rows(caplog, "qbconsole.book") if row["event"] == "booked"]
    assert booked
    for row in booked:
        assert row["document"].startswith("qbc1/")
        assert (row["merchant"], row["company"]) == ("oak-ember", "oak")
        assert row["order"].startswith("#")
    while trip.session() != "none":
        pass
    recorded = [
        row for row in rows(caplog, "qbconsole.deliver") if row["event"] == "recorded" and "document" in row
    ]
    assert {row["document"] for row in recorded} == {row["document"] for row in booked}
    for row in recorded:
        assert {"order", "merchant", "company", "ticket", "qb_id", "request"} <= set(row)
        assert len(row["ticket"]) == 8


def test_what_waits_is_told_with_what_mends_it(trip, caplog):
    caplog.set_level(logging.INFO, "qbconsole")
    facts = an_order()
    for order in facts["orders"]:
        order["test"] = True
    trip.pull(facts)
    trip.book()
    (held,) = {row["code"]: row for row in rows(caplog, "qbconsole.book") if row["event"] == "held"}.values()
    assert (held["code"], held["level"]) == ("test_order", "warning")
    assert held["what"]
    assert held["next"]


def test_nothing_is_asked_of_the_store_where_nobody_keeps_a_log(trip, caplog):
    caplog.set_level(logging.WARNING, "qbconsole")
    trip.pull(an_order())
    trip.book()
    trip.session()
    assert rows(caplog, "qbconsole.book") == []
    assert rows(caplog, "qbconsole.deliver") == []


def test_a_broken_plugin_is_told_with_its_place(tmp_path, caplog):
    caplog.set_level(logging.INFO, "qbconsole")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "mine.py").write_text("import nothing_like_it\n")
    trip = Trip(tmp_path, edit=lambda text: text.replace("plugins = []", 'plugins = ["mine"]'))
    try:
        trip.pull(an_order())
        trip.book()
    finally:
        trip.close()
    (told,) = [record for record in caplog.records if record.getMessage() == "posting stopped"]
    assert told.levelname == "ERROR"
    assert (told.merchant, told.where) == ("oak-ember", "plugins/mine.py:1")
    assert told.next
