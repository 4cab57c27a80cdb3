"""A buyer who has to be forgotten while documents are booked and unsent: they leave without the name, amounts and all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from test_sync_webhooks import House, demand, number

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.store import books, holds, requests, snapshots
from qbconsole.store.requests import current
from qbconsole.sync.book import _Run, book
from qbconsole.sync.forgetting.redacting import forgotten
from qbconsole.sync.keeping import list_key
from qbconsole.sync.settle import hold_request

BY_NAME = '\n[merchants.oak-ember.modes]\ncustomers = "detailed"\n'


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    mapping = tmp_path / "mappings.toml"
    mapping.write_text(mapping.read_text(encoding="utf-8") + BY_NAME, encoding="utf-8")
    made.means = made.workspace.means()
    yield made
    made.workspace.close()


def buyer(house):
    """The first order's buyer."""
    customer = house.shop.order("#1001")["customer"]
    return customer, customer["id"].rpartition("/")[2]


def forget(house, customer_id):
    assert (
        demand(house, "customers/redact", customer={"id": int(customer_id)}, orders_to_redact=[]).status
        == 200
    )
    house.now += timedelta(hours=1)
    house.pull()


def tables_that_say(house, *words):
    """Tables of the whole database in which one of these words stands."""
    with house.workspace.store.reading() as tx:
        names = tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return {
            name
            for name in names
            for row in tx.exec_driver_sql(f'SELECT * FROM "{name}"')
            if any(
                word.encode() in (x if isinstance(x, bytes) else str(x).encode())
                for x in row
                for word in words
            )
        }


def planned(house):
    with house.workspace.store.reading() as tx:
        rows = books.documents(tx, merchant="oak-ember", states=[DocumentState.PLANNED])
    return {row.key: (row.total, row.txn_date) for row in rows}


def test_what_is_unsent_is_booked_anew_without_the_name_and_with_the_same_amounts(house):
    house.pull()
    book(house.means, house.means.merchants())
    customer, customer_id = buyer(house)
    words = customer["displayName"], customer["email"]
    before = planned(house)
    assert {"request_bodies", "document_bodies", "snapshots"} <= tables_that_say(house, *words)
    forget(house, customer_id)
    with house.workspace.store.reading() as tx:
        assert current.behind(tx, "oak") == ("oak-ember",)
    book(house.means, house.means.merchants())
    assert tables_that_say(house, *words) == set()
    assert planned(house) == before
    with house.workspace.store.reading() as tx:
        assert current.behind(tx, "oak") == ()


def test_another_buyer_of_the_same_name_keeps_the_entry_in_the_list_of_customers(house):
    customer, customer_id = buyer(house)
    twin = next(
        one for one in house.shop.orders if one["customer"] and one["customer"]["id"] != customer["id"]
    )
    twin["customer"] = {
        **twin["customer"],
        "displayName": customer["displayName"],
        "email": "twin@example.com",
    }
    house.pull()
    book(house.means, house.means.merchants())
    before = planned(house)
    forget(house, customer_id)
    book(house.means, house.means.merchants())
    assert tables_that_say(house, customer["email"]) == set()
    with house.workspace.store.reading() as tx:
        found = tx.exec_driver_sql(
            "SELECT count(*) FROM requests r JOIN request_bodies b ON b.request_id = r.id"
            " WHERE r.purpose = 'list_add' AND r.state <> 'superseded' AND b.body LIKE '%twin@example.com%'"
        ).scalar_one()
    assert found == 1
    assert planned(house) == before


def test_what_shopify_tells_later_of_that_time_does_not_bring_the_name_back(house):
    house.pull()
    customer, customer_id = buyer(house)
    forget(house, customer_id)
    house.shop.annotate("#1001", f"{customer['displayName']} rang", at=house.now)
    house.now += timedelta(hours=1)
    house.pull(since=house.now - timedelta(days=60))
    assert house.kept()[number(house.shop.order("#1001"))]["customer"]["displayName"] is None
    house.pull(order="#1001")
    assert tables_that_say(house, customer["displayName"], customer["email"]) == set()


def test_a_later_order_of_the_same_buyer_is_a_new_acquaintance(house):
    house.pull()
    _customer, customer_id = buyer(house)
    forget(house, customer_id)
    with house.workspace.store.reading() as tx:
        hidden = forgotten(tx, "oak-ember", house.means.merchant("oak-ember").shop)
    order = json.loads(json.dumps(house.shop.order("#1001")))
    assert hidden.without("order", order)["customer"]["displayName"] is None
    later = order | {"createdAt": "2026-03-01T00:00:00Z"}
    assert hidden.without("order", later) == later
    assert hidden.without("payout", order) == order


def test_a_demand_of_another_shop_hides_nobody(house):
    house.pull()
    _, customer_id = buyer(house)
    house.courier.send(
        "customers/redact",
        {"shop_domain": "elm.myshopify.com", "customer": {"id": int(customer_id)}},
        "https://books.example.com/webhooks/oak-ember",
    )
    house.now += timedelta(hours=1)
    house.pull()
    with house.workspace.store.reading() as tx:
        assert forgotten(tx, "oak-ember", house.means.merchant("oak-ember").shop) is None
        assert snapshots.get_cursor(tx, "oak-ember", current.DECIDED_BY) != current.AGAIN


def test_an_entry_that_quickbooks_refused_waits_for_nobody_when_its_buyer_is_forgotten(house):
    """Simulated seed 949: nobody asked for it any more, and its hold stayed open for ever."""
    house.pull()
    book(house.means, house.means.merchants())
    customer, customer_id = buyer(house)
    key = list_key("customer", customer["displayName"])
    with house.workspace.store.atomic() as tx:
        (number_,) = requests.standing(tx, "oak", requests.Purpose.LIST_ADD, [key]).values()
        (row,) = requests.requests_by_id(tx, [number_])
        for state in (RequestState.READY, RequestState.SENT, RequestState.REFUSED):
            if state is not row.state:
                requests.move(tx, row.id, state, at=house.now)
        hold_request(tx, "oak", row, "The name is in use.", "Rename one of them, then retry.", house.now)
    forget(house, customer_id)
    book(house.means, house.means.merchants())
    with house.workspace.store.reading() as tx:
        assert requests.requests_by_id(tx, [row.id])[0].state is RequestState.SUPERSEDED
        assert [one.hold.reason for one in holds.open_holds(tx, reason="refused")] == []


def break_template(house, *, broken):
    """The merchant's own template of sales receipts, which cannot be read, or none any more."""
    own = house.workspace.root / "templates/oak-ember/sales_receipt_add.xml.j2"
    own.parent.mkdir(parents=True, exist_ok=True)
    if broken:
        own.write_text("{{ nobody.closes.this", encoding="utf-8")
    else:
        own.unlink()
    house.means = house.workspace.means()


def entries(house):
    """List entries that are to be added to QuickBooks' customers."""
    with house.workspace.store.reading() as tx:
        return {row.subject_key for row in requests.unsent_entries(tx, "oak", "oak-ember", "customer")}


def test_the_entry_of_a_document_that_a_broken_template_holds_is_not_added_either(house):
    """Simulated seed 2958: no request named it, so nobody took it back, and it left with the name and the e-mail."""
    break_template(house, broken=True)
    house.pull()
    book(house.means, house.means.merchants())
    customer, customer_id = buyer(house)
    before = planned(house)
    assert list_key("customer", customer["displayName"]) in entries(house)
    forget(house, customer_id)
    assert list_key("customer", customer["displayName"]) not in entries(house)
    book(house.means, house.means.merchants())
    others = {
        one["customer"]["displayName"].casefold()
        for one in house.shop.orders
        if one["customer"] and one["customer"]["id"] != customer["id"]
    }
    assert {one.partition("/")[2] for one in entries(house)} & others  # the other buyers' are asked for anew
    assert tables_that_say(house, customer["displayName"], customer["email"]) == set()

    break_template(house, broken=False)
    book(house.means, house.means.merchants())
    assert tables_that_say(house, customer["displayName"], customer["email"]) == set()
    assert planned(house) == before
    assert [one.reason for one in house.open_reasons() if one.reason == "template"] == []


def test_an_entry_of_a_name_the_buyer_had_before_is_not_added_either(house):
    house.pull()
    book(house.means, house.means.merchants())
    customer, customer_id = buyer(house)
    was = customer["displayName"]
    for order in house.shop.orders:
        if order["customer"] and order["customer"]["id"] == customer["id"]:
            order["customer"] = order["customer"] | {"displayName": "Married Otherwise"}
            house.now += timedelta(hours=1)
            house.shop.annotate(order["name"], "a new name", at=house.now - timedelta(minutes=10))
            house.pull(order=order["name"])
    book(house.means, house.means.merchants())
    forget(house, customer_id)
    book(house.means, house.means.merchants())
    assert tables_that_say(house, was, "Married Otherwise", customer["email"]) == set()


def tell(house, name, **otherwise):
    """Shopify tells an order anew, with these fields as they are given."""
    raw = house.kept()[number(house.shop.order(name))] | otherwise
    house.now += timedelta(hours=1)
    new = snapshots.NewSnapshot(
        source_id=raw["legacyResourceId"],
        updated_at=house.now.isoformat(),
        raw=json.dumps(raw).encode(),
        name=name,
    )
    with house.workspace.store.atomic() as tx:
        snapshots.put(tx, "oak-ember", "order", [new], house.now)


def test_what_cannot_be_booked_anew_does_not_leave_and_a_hold_says_why(house):
    house.pull()
    book(house.means, house.means.merchants())
    customer, customer_id = buyer(house)
    before = planned(house)
    forget(house, customer_id)
    total = house.kept()[number(house.shop.order("#1001"))]["totalPriceSet"]
    tell(house, "#1001", totalPriceSet=None)
    book(house.means, house.means.merchants())
    held = {one.subject for one in house.open_reasons() if one.reason == "incomplete_order"}
    assert held == {f"order/{number(house.shop.order('#1001'))}"}
    with house.workspace.store.reading() as tx:
        assert current.behind(tx, "oak") == ()  # all the others may leave
        ready = [row.body for row in requests.requests_in(tx, company="oak") if row.state != "superseded"]
    assert ready
    assert [body for body in ready if customer["displayName"] in body or customer["email"] in body] == []

    tell(house, "#1001", totalPriceSet=total)
    book(house.means, house.means.merchants())
    assert tables_that_say(house, customer["displayName"], customer["email"]) == set()
    assert planned(house) == before
    with house.workspace.store.reading() as tx:
        again = [row for key in before for row in requests.requests_of_documents(tx, [key])]
    assert {row.document_key for row in again if row.state != "superseded"} == set(before)


@pytest.mark.parametrize("moment", ["read", "kept"])
def test_a_demand_that_comes_while_book_decides_is_not_missed(house, monkeypatch, moment):
    """Another process of ours acts on it: what was read before is decided anew, what was kept before leaves later."""
    house.pull()
    customer, customer_id = buyer(house)
    keep, demands = _Run.keep, iter([customer_id])

    def kept(run, *what):
        if moment == "read":
            forget_next(demands)
        found = keep(run, *what)
        forget_next(demands)
        return found

    def forget_next(demands):
        for one in demands:
            forget(house, one)

    monkeypatch.setattr(_Run, "keep", kept)
    book(house.means, house.means.merchants())
    with house.workspace.store.reading() as tx:
        behind = current.behind(tx, "oak")
    assert behind == (("oak-ember",) if moment == "kept" else ())
    said = tables_that_say(house, customer["displayName"], customer["email"])
    assert bool(said) == (moment == "kept")
    book(house.means, house.means.merchants())
    assert tables_that_say(house, customer["displayName"], customer["email"]) == set()
    with house.workspace.store.reading() as tx:
        assert current.behind(tx, "oak") == ()
    assert len(planned(house)) >= len(house.shop.orders)
