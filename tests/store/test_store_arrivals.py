"""Parties, snapshots, inbox and cursors on both engines."""

import sqlite3
from datetime import date

import pytest

from qbconsole.errors import InputUnreadable, StoreError
from qbconsole.shop.orders import Shop
from qbconsole.store import inbox, parties, snapshots
from qbconsole.store.snapshots import NewSnapshot, PutResult, booking


def snap(source_id: str, updated_at: str | None, raw: str, name: str = "") -> NewSnapshot:
    return NewSnapshot(source_id=source_id, updated_at=updated_at, raw=raw.encode(), name=name)


def put(store, *rows, kind="order", merchant="oak-ember"):
    with store.atomic() as tx:
        return snapshots.put(tx, merchant, kind, rows, store.clock())


def test_a_company_keeps_its_link_when_it_is_renamed(store, clock):
    with store.atomic() as tx:
        parties.update_company(
            tx,
            "oak",
            linked_name="Oak",
            linked_marker="{1}",
            marker_serial=4,
            epoch=2,
            closing_date=date(2026, 1, 31),
        )
        parties.put_company(tx, "oak", name="Oak Ltd", file="D:\\oak.qbw", at=clock())
    with store.reading() as tx:
        company = parties.company(tx, "oak")
    assert (company.name, company.file) == ("Oak Ltd", "D:\\oak.qbw")
    assert (company.linked_marker, company.marker_serial, company.epoch) == ("{1}", 4, 2)
    assert company.closing_date == date(2026, 1, 31)
    with store.atomic() as tx:
        parties.opened_again(tx, "oak")
        assert parties.company(tx, "oak").closing_date is None


def test_epoch_and_marker_never_go_back(store):
    with store.atomic() as tx:
        parties.update_company(tx, "oak", epoch=3)
    with pytest.raises(StoreError), store.atomic() as tx:
        parties.update_company(tx, "oak", epoch=2)
    with pytest.raises(StoreError), store.atomic() as tx:
        parties.update_company(tx, "elm", stopped="x")


def test_a_merchant_remembers_its_shop(store):
    shop = Shop(domain="oak-uk.myshopify.com", currency="GBP", timezone="Europe/London", home_currency="USD")
    with store.atomic() as tx:
        parties.set_shop(tx, "oak-uk", shop)
    with store.reading() as tx:
        assert parties.merchant(tx, "oak-uk").shop == shop
        assert [one.id for one in parties.all_merchants(tx, company="oak")] == ["oak-ember", "oak-uk"]
        assert parties.merchant(tx, "nobody") is None
        assert [one.id for one in parties.all_companies(tx)] == ["oak"]


def test_new_changed_same_and_stale_are_told_apart(store):
    assert put(store, snap("1", "2026-01-02T00:00:00Z", "a", "#1001")) == PutResult(new=1)
    assert put(store, snap("1", "2026-01-02T00:00:00Z", "a", "#1001")) == PutResult(same=1)
    assert put(store, snap("1", "2026-01-01T23:59:59Z", "older", "#1001")) == PutResult(stale=1)
    assert put(store, snap("1", "2026-01-02T00:00:00Z", "b", "#1001")) == PutResult(changed=1)
    assert put(store, snap("1", "2026-01-03T00:00:00Z", "c"), snap("2", None, "d")) == PutResult(
        new=1, changed=1
    )
    with store.reading() as tx:
        held = snapshots.history(tx, "oak-ember", "order", "1")
        assert [(row.revision, row.raw) for row in held] == [(3, b"c"), (2, b"b"), (1, b"a")]
        assert snapshots.latest(tx, "oak-ember", "order", "1").raw == b"c"
        assert snapshots.latest(tx, "oak-uk", "order", "1") is None
        assert snapshots.count(tx, "oak-ember") == 2


def test_times_with_offsets_compare_as_moments(store):
    put(store, snap("1", "2026-01-02T00:00:00-05:00", "later"))
    assert put(store, snap("1", "2026-01-02T04:59:59Z", "older")) == PutResult(stale=1)
    assert put(store, snap("1", "2026-01-02T05:00:00.000Z", "same moment")) == PutResult(changed=1)


def test_one_source_twice_in_a_put_makes_two_revisions(store):
    rows = (
        snap("1", "2026-01-01T00:00:00Z", "a"),
        snap("1", "2026-01-02T00:00:00Z", "b"),
        snap("1", "2026-01-01T00:00:00Z", "a"),
    )
    assert put(store, *rows) == PutResult(new=1, changed=1, stale=1)
    with store.reading() as tx:
        assert [row.raw for row in snapshots.history(tx, "oak-ember", "order", "1")] == [b"b", b"a"]
        assert [row.raw for row in snapshots.to_book(tx, "oak-ember", "order", limit=9)] == [b"b"]


def test_a_bad_updated_at_is_refused_naming_the_source(store):
    with pytest.raises(InputUnreadable, match="yesterday") as caught, store.atomic() as tx:
        snapshots.put(tx, "oak-ember", "order", [snap("77", "yesterday", "{}")], store.clock())
    assert caught.value.where == "77"


def test_only_latest_revisions_wait_to_be_booked_page_by_page(store):
    put(store, *(snap(str(number), "2026-01-01T00:00:00Z", f"{number}") for number in range(7)))
    put(store, snap("3", "2026-01-02T00:00:00Z", "3b"))
    seen, after = [], 0
    with store.reading() as tx:
        while page := snapshots.to_book(tx, "oak-ember", "order", after=after, limit=3):
            seen += [row.raw.decode() for row in page]
            after = page[-1].id
    assert seen == ["0", "1", "2", "4", "5", "6", "3b"]


def test_a_source_that_changed_while_it_was_booked_still_waits(store):
    put(store, snap("1", "2026-01-01T00:00:00Z", "a"), snap("2", "2026-01-01T00:00:00Z", "x"))
    with store.reading() as tx:
        booked = [row.id for row in snapshots.to_book(tx, "oak-ember", "order", limit=9)]
    put(store, snap("1", "2026-01-02T00:00:00Z", "b"))
    with store.atomic() as tx:
        snapshots.mark_booked(tx, booked, 5)
        assert [row.raw for row in snapshots.to_book(tx, "oak-ember", "order", limit=9)] == [b"b"]
        assert snapshots.count(tx, "oak-ember", "order", waiting=True) == 1
        snapshots.want_booking(tx, "oak-ember", "order", ["2"])
        assert snapshots.count(tx, "oak-ember", "order", waiting=True) == 2
        snapshots.mark_booked(tx, [row.id for row in snapshots.to_book(tx, "oak-ember", "order", limit=9)], 5)
        assert snapshots.want_booking(tx, "oak-ember", "order") == 2


def test_a_source_is_found_by_name_id_and_global_id(store):
    put(store, snap("8734179787058", None, "{}", "#1001"))
    put(store, snap("5", None, "{}", "#1001"), merchant="oak-uk")
    with store.reading() as tx:
        assert [found.merchant for found in snapshots.find(tx, "#1001")] == ["oak-ember", "oak-uk"]
        assert len(snapshots.find(tx, "1001")) == 2
        assert [found.source_id for found in snapshots.find(tx, "gid://shopify/Order/5")] == ["5"]
        assert snapshots.find(tx, " 8734179787058 ")[0].to_book
        assert snapshots.find(tx, "nothing") == []
        assert [row.source_id for row in snapshots.latest_of(tx, "oak-uk", "order")] == ["5"]


def test_a_cursor_and_its_rows_are_one_commit(store, clock):
    def fail_half_way():
        with store.atomic() as tx:
            snapshots.put(tx, "oak-ember", "order", [snap("1", None, "{}")], clock())
            snapshots.set_cursor(tx, "oak-ember", "orders", "2026-01-01", clock())
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    with store.reading() as tx:
        assert snapshots.get_cursor(tx, "oak-ember", "orders") is None
        assert snapshots.count(tx, "oak-ember") == 0
    with store.atomic() as tx:
        snapshots.set_cursor(tx, "oak-ember", "orders", "a", clock())
        snapshots.set_cursor(tx, "oak-ember", "orders", "b", clock())
        assert snapshots.get_cursor(tx, "oak-ember", "orders") == "b"


def test_a_webhook_delivered_twice_is_kept_once(store, clock):
    with store.atomic() as tx:
        for name in ("d1", "d2", "d1"):
            inbox.receive(tx, "oak-ember", delivery_id=name, topic="orders/updated", raw=b"{}", at=clock())
        waiting = inbox.unhandled(tx, "oak-ember", 10)
        assert [one.delivery_id for one in waiting] == ["d1", "d2"]
        inbox.mark_handled(tx, [waiting[0].id], clock())
        assert [one.delivery_id for one in inbox.unhandled(tx, "oak-ember", 10)] == ["d2"]


def test_an_unknown_merchant_is_refused_by_the_database(store, clock):
    with pytest.raises(StoreError), store.atomic() as tx:
        snapshots.put(tx, "nobody", "order", [snap("1", None, "{}")], clock())


def test_picking_what_to_book_uses_its_index(sqlite_store):
    with sqlite_store.reading() as tx:
        sql = str(booking._WAITING.compile(tx, compile_kwargs={"literal_binds": False}))
        plan = " ".join(
            row[3]
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("m", "k", 0, 5, 0)[: sql.count("?")])
        )
    assert "snapshot_heads_to_book" in plan, plan
    assert "TEMP B-TREE" not in plan
    assert sqlite3.sqlite_version
