"""A store of the first schema: its summaries are told what they lack, so that later money comes out right to the cent."""

from __future__ import annotations

import json
import runpy
import sqlite3
from pathlib import Path

import pytest
from builders import Back, Line, an_order
from golden.harness import ledger_beside_postings
from trip import Trip

from qbconsole.views.postings import postings

OLD = Path(__file__).parent / "old_stores"
WROTE = runpy.run_path(str(OLD / "write_0001.py"), run_name="old")


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".qbconsole").mkdir()
    with sqlite3.connect(tmp_path / ".qbconsole" / "state.db") as store:
        store.executescript((OLD / "schema_0001.sql").read_text(encoding="utf-8"))
    return tmp_path


def parts(trip: Trip) -> dict[str, str]:
    with trip.workspace.store.reading() as tx:
        rows = tx.exec_driver_sql("SELECT event_key, part FROM document_events WHERE live = 1").all()
        plans = tx.exec_driver_sql("SELECT plan FROM document_bodies").scalars().all()
    kept = {one["event_key"]: one["part"] for plan in plans for one in json.loads(plan)["members"]}
    assert dict(rows) == kept
    return kept


def all_roles(trip: Trip) -> dict[str, dict[str, str]]:
    return postings(trip.workspace.store)["postings"]


def test_deposits_and_returns_are_marked_and_later_money_comes_out_right(root):
    trip = Trip(root, settings=WROTE["SETTINGS"])
    try:
        told = {key: part for key, part in parts(trip).items() if part}
        assert told == {"txn/101": "deposit", "cost/agreement/2": "put back 8.00 -8.00"}
        assert (root / ".qbconsole" / "backups" / "before-upgrade-from-0001.db").exists()
        paid = WROTE["told"](1, WROTE["FIRST"], WROTE["REST"])
        broken = WROTE["mugs"]() | {"updatedAt": "2026-03-21T12:00:00Z"}
        for row in broken["transactions"]:
            row["id"] += "03"
        broken["refunds"] = an_order(
            [Line(price="10.00", quantity=3)],
            refunds=[Back(lines=[(1, 1, "10.00", "0")], at="03-07 10:00", restock="NO_RESTOCK")],
        )["refunds"]
        trip.pull({"orders": [paid | {"updatedAt": "2026-03-21T12:00:00Z"}, broken]})
        trip.book()
        days = all_roles(trip)
        assert days["2026-03-03"] == {"clearing:shopify_payments": "10.00", "customer_deposits": "-10.00"}
        assert days["2026-03-04"] == {
            "clearing:shopify_payments": "30.00",
            "customer_deposits": "10.00",
            "sales_income": "-40.00",
        }
        assert days["2026-03-07"] == {"inventory_adjustment": "4.00", "inventory_asset": "-4.00"}
        assert {hold["reason"] for hold in postings(trip.workspace.store)["holds"]} == {"no_unit_cost"}
        trip.deliver()
        ledger, ours = ledger_beside_postings(trip, apart=False)
        assert ledger == ours
    finally:
        trip.close()


def test_a_day_that_cannot_be_told_is_flagged_with_what_to_do(root):
    with sqlite3.connect(root / ".qbconsole" / "state.db") as store:
        (number, plan) = store.execute(
            "SELECT document_id, plan FROM document_bodies WHERE CAST(plan AS TEXT) LIKE '%day/2026-03-03%'"
        ).fetchone()
        other = plan.replace(b'"-10.00"', b'"-7.00"').replace(b'"10.00"', b'"7.00"')
        store.execute("UPDATE document_bodies SET plan = ? WHERE document_id = ?", (other, number))
    trip = Trip(root, settings=WROTE["SETTINGS"])
    try:
        assert parts(trip)["txn/101"] == ""
        trip.book()
        holds = postings(trip.workspace.store)["holds"]
        (flag,) = [hold for hold in holds if hold["reason"] == "summary_not_told"]
        assert "taken before the sale counted" in flag["message"]
    finally:
        trip.close()
