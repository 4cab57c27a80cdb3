"""Summaries drawn up by payout: what Shopify Payments took stands with the payout that pays it out, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from builders import Agreed, Back, Line, Pay, Sold
from golden.harness import ledger_beside_postings, sent_by
from shopday import counted, documents_of
from trip import NOW, Trip

from qbconsole.views.journey import journey
from qbconsole.views.postings import postings
from qbconsole.views.status import status

MUG = Line(price="10.00", quantity=3, taxes={"State": "2.40"})
CARD = Pay(amount="32.40")
CLEARING = "clearing:shopify_payments"
PLUGIN = '''"""Who owes is written to one customer."""

from qbconsole.plugin import hookimpl


@hookimpl
def choose_customer(order, channel):
    return f"Owed by {channel}"
'''


def settings(**policy: str) -> dict:
    return {
        "policy": {"summary_by": "payout", "cogs": "off"} | policy,
        "modes": {"sales": "summary", "inventory": "summary"},
    }


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings=settings())
    yield trip
    trip.close()


def row(number: int, amount: str, *, order: int = 1, tender: str | None = None, kind: str = "CHARGE") -> dict:
    """A row that pays out an order's money; its fee is 1.00, of a refund nothing."""
    fee = Decimal("1.00") if kind == "CHARGE" else Decimal(0)

    def money(value):
        return {"amount": str(value), "currencyCode": "USD"}

    return {
        "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number}",
        "type": kind,
        "sourceType": kind,
        "amount": money(amount),
        "fee": money(fee),
        "net": money(Decimal(amount) - fee),
        "transactionDate": "2026-03-02T15:01:00Z",
        "test": False,
        "associatedOrder": {"id": f"gid://shopify/Order/{order}", "name": f"#{1000 + order}"},
        "sourceOrderTransactionId": tender,
    }


def payout(number: int, *rows: dict, day: str = "03-06", status: str = "PAID") -> dict:
    net = sum((Decimal(one["net"]["amount"]) for one in rows), Decimal(0))
    return {
        "payout": {
            "id": f"gid://shopify/ShopifyPaymentsPayout/{number}",
            "legacyResourceId": str(number),
            "issuedAt": f"2026-{day}T18:00:00Z",
            "status": status,
            "net": {"amount": str(net), "currencyCode": "USD"},
        },
        "balanceTransactions": list(rows),
    }


def pull_and_book(trip: Trip, *orders, payouts=()) -> None:
    trip.pull({"orders": list(orders), "payouts": list(payouts)})
    trip.book()


def books(trip: Trip) -> dict:
    return postings(trip.workspace.store)["postings"]


def held(trip: Trip) -> list[str]:
    return sorted(one["reason"] for one in postings(trip.workspace.store)["holds"])


def entries(trip: Trip) -> list:
    return [one.plan for one in documents_of(trip, "JournalEntry")]


def totals(trip: Trip) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for day in books(trip).values():
        for role, text in day.items():
            sums[role] = sums.get(role, Decimal(0)) + Decimal(text)
    return {role: amount for role, amount in sums.items() if amount}


def test_sales_wait_for_their_payout_and_tie_to_its_deposit(trip):
    first, second = counted(MUG, number=1, pays=[CARD]), counted(MUG, number=2, at="03-04 15:00", pays=[CARD])
    pull_and_book(trip, first, second)
    assert books(trip) == {}
    assert held(trip) == ["awaiting_payout"] * 4
    pull_and_book(trip, payouts=[payout(9, row(1, "32.4"), row(2, "32.4", order=2), status="SCHEDULED")])
    assert held(trip) == ["awaiting_payout"] * 4
    pull_and_book(trip, payouts=[payout(9, row(1, "32.4"), row(2, "32.4", order=2))])
    assert held(trip) == []
    (entry,) = entries(trip)
    assert entry.key == "qbc1/oak-ember/day/2026-03-06.payout-9.USD/1/0"
    assert (entry.number, entry.memo) == ("JP260306", "Shopify sales of payout 9, 2026-03-06")
    assert books(trip) == {
        "2026-03-06": {
            "bank": "62.80",
            "merchant_fees": "2.00",
            "sales_income": "-60.00",
            "sales_tax_payable": "-4.80",
        }
    }
    (deposit,) = documents_of(trip, "Deposit")
    own = {p.role: p.amount for p in entry.postings}
    assert own[CLEARING] == -next(p.amount for p in deposit.plan.postings if p.role == CLEARING)
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=False)
    assert ledger == ours
    assert ledger.get("Shopify Payments Clearing", 0) == 0
    trip.book()
    assert len(entries(trip)) == 1


def test_other_gateways_unpaid_orders_and_gift_cards_stay_with_their_day(trip):
    pull_and_book(
        trip,
        counted(MUG, number=1, pays=[Pay(amount="32.40", gateway="paypal")]),
        counted(MUG, number=2),
        counted(MUG, number=3, pays=[Pay(amount="32.40", gateway="gift_card")]),
    )
    assert held(trip) == []
    (entry,) = entries(trip)
    assert entry.key.split("/")[3].startswith("2026-03-02.other")
    assert len(entry.members) == 5


def test_a_gift_card_beside_a_card_stands_with_the_payout_and_another_gateway_with_its_day(trip):
    mixed = [
        Pay(amount="10.00", gateway="gift_card"),
        Pay(amount="2.40", gateway="paypal"),
        Pay(amount="20.00"),
    ]
    pull_and_book(trip, counted(MUG, pays=mixed), payouts=[payout(9, row(1, "20"))])
    day, paid = sorted(entries(trip), key=lambda plan: plan.on)
    assert {p.role: p.amount.text() for p in day.postings} == {
        "accounts_receivable": "-2.40",
        "clearing:paypal": "2.40",
    }
    assert {p.role: p.amount.text() for p in paid.postings} == {
        "accounts_receivable": "2.40",
        CLEARING: "20.00",
        "gift_card_liability": "10.00",
        "sales_income": "-30.00",
        "sales_tax_payable": "-2.40",
    }
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=False)
    assert ledger == ours
    assert "Accounts Receivable" not in ledger


def test_money_of_nothing_waits_for_no_payout(trip):
    free = Line(price="10.00", off="10.00")
    trip.pull({"orders": [counted(free, pays=[Pay(amount="0.00")])]})
    trip.book()
    told = postings(trip.workspace.store)
    assert told["postings"] == {"2026-03-02": {"discounts": "10.00", "sales_income": "-10.00"}}
    assert told["holds"] == []


def test_money_of_nothing_does_not_part_a_sale_from_its_payout(trip):
    pays = [Pay(amount="0.00"), Pay(amount="32.40", at="03-02 15:02")]
    told = counted(MUG, pays=pays)
    trip.pull({"orders": [told], "payouts": [payout(11, row(1, "32.40"))]})
    trip.book()
    assert list(postings(trip.workspace.store)["postings"]) == ["2026-03-06"]


def test_a_refund_stands_with_the_payout_that_takes_it(trip):
    back = Pay(amount="10.80", kind="REFUND", at="03-05 10:00")
    refund = Back(lines=[(1, 1, "10.00", "0.80")], pays=[2])
    order = counted(MUG, pays=[CARD, back], refunds=[refund])
    pull_and_book(trip, order, payouts=[payout(8, row(1, "32.4"), day="03-04")])
    assert held(trip) == ["awaiting_payout"] * 2
    pull_and_book(trip, payouts=[payout(9, row(2, "-10.8", kind="REFUND"), day="03-09")])
    assert books(trip)["2026-03-09"] == {
        "bank": "-10.80",
        "returns": "10.00",
        "sales_tax_payable": "0.80",
    }
    assert CLEARING not in totals(trip)


def test_rows_name_their_tender_where_shopify_tells_it(trip):
    twice = [Pay(amount="16.20"), Pay(amount="16.20", at="03-03 10:00")]
    order = counted(MUG, pays=twice)
    second = order["transactions"][1]["id"].rpartition("/")[2]
    pull_and_book(trip, order, payouts=[payout(9, row(1, "16.2", tender=second))])
    (entry,) = entries(trip)
    assert [m.event_key for m in entry.members] == [f"txn/{second}"]
    assert len(held(trip)) == 2


def test_a_sale_that_came_after_its_money_stands_with_it_but_never_before_its_own_day(trip):
    early = Pay(amount="32.40", at="03-02 14:59")
    pull_and_book(
        trip,
        counted(MUG, number=1, pays=[early]),
        counted(MUG, number=2, at="03-20 15:00", pays=[early]),
        payouts=[payout(9, row(1, "32.4"), row(2, "32.4", order=2))],
    )
    by_day = {plan.on.isoformat(): [m.event_key for m in plan.members] for plan in entries(trip)}
    assert by_day["2026-03-20"] == ["order/2"]
    assert [key for key in by_day["2026-03-06"] if key.startswith("order/")] == ["order/1"]


def test_an_exchange_that_needs_no_money_is_not_kept_for_a_later_refund(trip):
    agreed = [
        Agreed([Sold(total="20.00", line=1)]),
        Agreed(
            [Sold(total="-20.00", action="RETURN", line=1), Sold(total="20.00", line=1)],
            "RETURN",
            "03-10 12:00",
        ),
        Agreed([Sold(total="-5.00", action="RETURN", line=1)], "REFUND", "03-20 12:00"),
    ]
    pays = [Pay(amount="20.00"), Pay(amount="5.00", kind="REFUND", at="03-20 12:01")]
    order = counted(Line(price="20.00"), pays=pays, agreements=agreed)
    taken = payout(10, row(2, "-5", kind="REFUND"), day="03-24")
    pull_and_book(trip, order, payouts=[payout(9, row(1, "20")), taken])
    summaries = [plan for plan in entries(trip) if "/day/" in plan.key]
    assert [plan.on.isoformat() for plan in summaries] == ["2026-03-06", "2026-03-10", "2026-03-24"]
    assert totals(trip) == {
        "bank": Decimal("14.00"),
        "merchant_fees": Decimal("1.00"),
        "sales_income": Decimal(-40),
        "returns": Decimal(25),
    }


def test_what_is_told_after_an_entry_was_sent_opens_its_next_part(trip):
    rows = [row(1, "32.4"), row(2, "32.4", order=2)]
    pull_and_book(trip, counted(MUG, number=1, pays=[CARD]), payouts=[payout(9, *rows)])
    trip.deliver()
    pull_and_book(trip, counted(MUG, number=2, pays=[CARD]))
    assert [plan.key.split("/")[-2] for plan in entries(trip)] == ["1", "2"]
    assert CLEARING not in totals(trip)


def test_waiting_asks_for_nobody_until_a_payout_should_long_have_come(trip):
    pull_and_book(trip, counted(MUG, pays=[CARD]))
    means = trip.workspace.means()
    for days, asks in ((13, False), (15, True)):
        page = status(trip.workspace.store, means.mapping, now=NOW + timedelta(days=days))
        assert any("awaiting_payout" in told for told in page.attention) is asks


def test_back_to_days_books_what_waited(trip):
    pull_and_book(trip, counted(MUG, pays=[CARD]))
    path = trip.workspace.root / "mappings.toml"
    path.write_text(path.read_text().replace('summary_by = "payout"', 'summary_by = "day"'))
    trip.book()
    assert held(trip) == []
    assert list(books(trip)) == ["2026-03-02"]


@pytest.mark.parametrize("document", ["journal", "sales_receipt"])
def test_both_documents_and_goods_stand_on_the_payouts_day(tmp_path, document):
    wanted = settings(summary_document=document, cogs="quickbooks") | {
        "modes": {"sales": "summary", "inventory": "detailed"}
    }
    trip = Trip(tmp_path, settings=wanted)
    pull_and_book(trip, counted(MUG, pays=[CARD]), payouts=[payout(9, row(1, "32.4"))])
    kinds = {"journal": ["JournalEntry", "InventoryAdjustment"], "sales_receipt": ["SalesReceipt"]}[document]
    assert [len(documents_of(trip, kind)) for kind in kinds] == [1] * len(kinds)
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours
    assert trip.company_file.on_hand("SKU-1").quantity == -3
    trip.close()


def test_a_closed_month_holds_or_moves_the_payouts_entry(tmp_path):
    for policy, days in (("hold", []), ("first_open_day", ["2026-04-01"])):
        root = tmp_path / policy
        root.mkdir()
        trip = Trip(root, settings=settings(closed_period=policy))
        trip.pull(
            {"orders": [counted(MUG, pays=[CARD])], "payouts": [payout(9, row(1, "32.4"))]}
            | {"closing_date": "2026-03-31"}
        )
        trip.book()
        assert list(books(trip)) == days
        trip.close()


def test_the_entry_names_its_orders_and_the_order_its_payout(trip):
    pull_and_book(trip, counted(MUG, number=1, pays=[CARD]), payouts=[payout(9, row(1, "32.4"))])
    store = trip.workspace.store
    entry = journey(store, "day/2026-03-06")
    assert (entry.name, [one.order_id for one in entry.orders]) == ("sales of payout 9, 2026-03-06", ["1"])
    (summed,) = journey(store, "payout 9").days
    assert (summed.ref_number, summed.orders) == ("JP260306", 1)
    order = journey(store, "#1001")
    assert (
        "of payout 9. It counts on 6 March 2026, with the payout that pays it out" in order.events[0].sentence
    )


def test_an_entry_waits_until_the_payouts_day_is_over(trip):
    trip.now = datetime(2026, 3, 6, 20, tzinfo=UTC)
    pull_and_book(trip, counted(MUG, number=1, pays=[CARD]), payouts=[payout(9, row(1, "32.4"))])
    trip.deliver()
    (entry,) = documents_of(trip, "JournalEntry")
    assert entry.row.state == "planned"
    trip.now = datetime(2026, 3, 7, 12, tzinfo=UTC)
    trip.book()
    trip.deliver()
    (entry,) = documents_of(trip, "JournalEntry")
    assert (entry.row.state, entry.plan.payout) == ("verified", "9")


def test_a_payout_that_failed_took_the_money_all_the_same(trip):
    pull_and_book(trip, counted(MUG, pays=[CARD]), payouts=[payout(9, row(1, "32.4"), status="FAILED")])
    assert held(trip) == []
    assert CLEARING not in totals(trip)
    assert totals(trip)["payouts_in_transit"] == Decimal("31.40")


def test_an_order_without_its_tender_named_is_matched_once_in_each_payout(trip):
    twice = [Pay(amount="16.20"), Pay(amount="16.20", at="03-03 10:00")]
    rows = [payout(9, row(1, "16.2")), payout(10, row(2, "16.2"), day="03-09")]
    pull_and_book(trip, counted(MUG, pays=twice), payouts=rows)
    assert [len(plan.members) for plan in entries(trip)] == [2, 1]
    assert held(trip) == []
    assert totals(trip).keys() == {"bank", "merchant_fees", "sales_income", "sales_tax_payable"}


def test_a_merchant_with_a_plugin_is_booked_by_payout_in_the_child(tmp_path):
    (tmp_path / "plugins").mkdir(mode=0o755)
    (tmp_path / "plugins" / "walk_in.py").write_text(PLUGIN, encoding="utf-8")
    trip = Trip(
        tmp_path,
        settings=settings(),
        edit=lambda text: text.replace("plugins = []", 'plugins = ["walk_in"]'),
    )
    pull_and_book(trip, counted(MUG, pays=[Pay(amount="20.00")]), payouts=[payout(9, row(1, "20"))])
    assert held(trip) == []
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=False)
    assert ledger == ours
    assert "Owed by Payments" in sent_by(trip)
    trip.close()


def test_a_sale_that_counts_on_a_day_of_its_own_is_summed_by_day(tmp_path):
    trip = Trip(tmp_path, settings=settings(recognise_on="payment"))
    pull_and_book(trip, counted(MUG, pays=[CARD]))
    assert (list(books(trip)), held(trip)) == (["2026-03-02"], [])
    trip.close()


def test_nothing_of_it_is_looked_at_where_orders_have_documents_of_their_own(tmp_path):
    trip = Trip(tmp_path, settings=settings() | {"modes": {"sales": "detailed", "inventory": "summary"}})
    pull_and_book(trip, counted(MUG, pays=[CARD]))
    assert (list(books(trip)), held(trip)) == (["2026-03-02"], [])
    trip.close()


def test_a_payout_by_item_states_its_taxes_where_quickbooks_computes_those_of_orders(tmp_path):
    trip = Trip(tmp_path, settings=settings(summary_document="sales_receipt", tax="quickbooks"))
    there = counted(Line(price="10.00", taxes={"CA Tax": "0.80"}), number=1, pays=[Pay(amount="10.80")])
    here = counted(Line(price="20.00", taxes={"NY Tax": "1.60"}), number=2, pays=[Pay(amount="21.60")])
    pull_and_book(trip, there, here, payouts=[payout(9, row(1, "10.8"), row(2, "21.6", order=2))])
    assert held(trip) == []
    (receipt,) = documents_of(trip, "SalesReceipt")
    assert not receipt.plan.computed
    lines = [(one.kind.value, str(one.amount.amount)) for one in receipt.plan.lines]
    assert lines == [("product", "30.00"), ("tax", "0.80"), ("tax", "1.60")]
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=False)
    assert ledger == ours
    trip.close()
