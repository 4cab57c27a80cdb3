"""Raw rows of what happens beside orders -> shop values: lenient about what is absent, strict about the rest."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from qbconsole.books.facts.cash import draw_cash_session
from qbconsole.books.facts.fees import draw_fee
from qbconsole.books.facts.gift_card import draw_gift_card
from qbconsole.books.facts.payout.draw import draw_payout
from qbconsole.books.facts.store_credit import draw_store_credit
from qbconsole.books.policy import Settings
from qbconsole.errors import InputUnreadable
from qbconsole.money import Money
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.credit import Cause
from qbconsole.sources.shopify.reading_facts import (
    read_cash_session,
    read_fee,
    read_gift_card,
    read_payout,
    read_store_credit,
)

USD = {"amount": "12.5", "currencyCode": "USD"}
ROW = {
    "id": "gid://shopify/ShopifyPaymentsBalanceTransaction/4",
    "type": "CHARGE",
    "sourceType": "CHARGE",
    "amount": {"amount": "100.0", "currencyCode": "USD"},
    "fee": {"amount": "3.2", "currencyCode": "USD"},
    "net": {"amount": "96.8", "currencyCode": "USD"},
    "transactionDate": "2026-03-02T15:00:00-05:00",
    "test": False,
    "adjustmentReason": "dispute",
    "associatedOrder": {"id": "gid://shopify/Order/1", "name": "#1001"},
    "somethingNew": {"anything": [1, 2]},
}
PAYOUT = {
    "payout": {
        "id": "gid://shopify/ShopifyPaymentsPayout/1?x=2",
        "legacyResourceId": "987",
        "issuedAt": "2026-03-04T00:00:00Z",
        "status": "PAID",
        "net": {"amount": "96.80", "currencyCode": "USD"},
        "externalTraceId": "T-1",
        "summary": {
            "chargesGross": {"amount": "100.00", "currencyCode": "USD"},
            "chargesFee": {"amount": "3.20", "currencyCode": "USD"},
            "refundsFeeGross": {"amount": "0.00", "currencyCode": "USD"},
            "reservedFundsGross": None,
            "usdcRebateCreditAmount": {"amount": "0.75", "currencyCode": "USDC"},
        },
    },
    "balanceTransactions": [ROW],
}
CARD = {"id": "gid://shopify/GiftCard/5", "createdAt": "2026-03-02T15:00:00Z", "initialValue": USD}
CREDIT = {
    "id": "gid://shopify/StoreCreditAccountTransaction/8-ab12",
    "__typename": "StoreCreditAccountCreditTransaction",
    "createdAt": "2026-03-02T15:00:00Z",
    "event": "ADJUSTMENT",
    "amount": USD,
    "account": {"id": "gid://shopify/StoreCreditAccount/8", "owner": {"id": "x", "displayName": "Zoë"}},
}
SESSION = {"id": "gid://shopify/CashTrackingSession/3", "closingTime": "2026-03-02T21:00:00Z"}
FEE = {"id": "a", "gateway": "PayPal", "date": "2026-03-02", "amount": "2.90", "currencyCode": "USD"}
DRAWERS: dict[str, Any] = {
    "payout": draw_payout,
    "gift card": draw_gift_card,
    "store credit": draw_store_credit,
    "cash session": draw_cash_session,
    "fee": draw_fee,
}
SHOP = Shop(domain="m.myshopify.com", currency="USD", timezone="Pacific/Kiritimati", home_currency="USD")
READERS = {
    "payout": (read_payout, PAYOUT),
    "gift card": (read_gift_card, CARD),
    "store credit": (read_store_credit, CREDIT),
    "cash session": (read_cash_session, SESSION),
    "fee": (read_fee, FEE),
}


def with_row(**more: Any) -> dict[str, Any]:
    return PAYOUT | {"balanceTransactions": [ROW | more]}


def with_payout(**more: Any) -> dict[str, Any]:
    return PAYOUT | {"payout": PAYOUT["payout"] | more}


def test_a_payout_is_read_whole():
    payout = read_payout(PAYOUT)
    (row,) = payout.rows
    assert (payout.id, payout.status, payout.net, payout.trace) == (
        "987",
        "PAID",
        Money.of("96.80", "USD"),
        "T-1",
    )
    assert payout.issued_at == datetime(2026, 3, 4, tzinfo=UTC)
    assert [(figure.kind, str(figure.gross), str(figure.fee)) for figure in payout.summary] == [
        ("charges", "100.00 USD", "3.20 USD"),
        ("rebate", "0.75 USDC", "0.00 USDC"),
    ]
    assert (row.id, row.type, str(row.amount), str(row.fee), str(row.net)) == (
        "4",
        "CHARGE",
        "100.00 USD",
        "3.20 USD",
        "96.80 USD",
    )
    assert (row.at, row.at.tzinfo) == (datetime(2026, 3, 2, 20, tzinfo=UTC), UTC)
    assert (row.order_id, row.reason, row.test) == ("1", "dispute", False)


@pytest.mark.parametrize("shape", [None, [], {"nodes": []}, {"edges": []}, {}])
def test_no_rows_are_no_rows_however_they_are_said(shape):
    assert read_payout(PAYOUT | {"balanceTransactions": shape}).rows == ()


def test_rows_come_as_a_list_or_a_connection_and_count_once():
    twice = [ROW, None, ROW | {"somethingNew": None}, ROW | {"id": "5"}]
    for shape in (twice, {"nodes": twice}, {"edges": [{"node": row} for row in twice]}):
        assert [row.id for row in read_payout(PAYOUT | {"balanceTransactions": shape}).rows] == ["4", "5"]


def test_a_field_left_out_equals_null():
    bare = read_payout({"payout": {"id": "987", "status": "scheduled"}})
    assert (bare.issued_at, bare.net, bare.rows, bare.summary, bare.status) == (
        None,
        None,
        (),
        (),
        "SCHEDULED",
    )
    assert bare == read_payout(
        {"payout": {"id": "987", "status": "scheduled", "issuedAt": None, "net": None, "summary": None}}
    )
    assert read_payout(with_row(fee=None)).rows[0].fee == Money.zero("USD")
    assert read_gift_card(CARD).movements == ()
    assert read_gift_card(CARD).enabled
    assert read_cash_session(SESSION).over is None


def test_a_value_without_a_time_stays_a_date():
    assert read_payout(with_payout(issuedAt="2026-03-04")).issued_at == date(2026, 3, 4)
    assert read_fee(FEE).on == date(2026, 3, 2)
    assert read_gift_card(CARD | {"expiresOn": "2026-04-01"}).expires_on == date(2026, 4, 1)


def test_a_time_without_a_zone_is_utc():
    at = read_gift_card(CARD | {"createdAt": "2026-03-02T15:00:00"}).at
    assert at == datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"note": "sorry"}, Cause.STAFF),
        ({"event": "ADJUSTMENT"}, Cause.STAFF),
        ({"note": "by order", "order": {"id": "1"}}, Cause.ORDER),
        ({"event": "ORDER_PAYMENT"}, Cause.ORDER),
        ({"amount": USD, "processedAt": CARD["createdAt"]}, Cause.ISSUE),
        ({"__typename": "GiftCardExpirationTransaction", "note": "x"}, Cause.EXPIRY),
        ({"event": "SOMETHING_NEW", "note": "x"}, Cause.UNKNOWN),
        ({}, Cause.UNTOLD),
    ],
)
def test_why_a_cards_balance_moved(row, cause):
    raw = {
        "id": "2",
        "processedAt": "2026-03-05T15:00:00Z",
        "amount": {"amount": "-3", "currencyCode": "USD"},
    }
    (move,) = read_gift_card(CARD | {"transactions": {"nodes": [raw | row]}}).movements
    assert move.cause is cause


def test_store_credit_is_signed_by_the_name_of_its_type():
    def amount(kind: str, text: str) -> str:
        raw = CREDIT | {
            "__typename": f"StoreCreditAccount{kind}Transaction",
            "amount": USD | {"amount": text},
        }
        return read_store_credit(raw).amount.text()

    assert [amount("Credit", "5"), amount("Debit", "5"), amount("Debit", "-5")] == ["5.00", "-5.00", "-5.00"]
    assert [amount("DebitRevert", "5"), amount("Expiration", "5"), amount("", "-5")] == [
        "5.00",
        "-5.00",
        "-5.00",
    ]
    movement = read_store_credit(CREDIT)
    assert (movement.id, movement.account_id, movement.owner, movement.cause) == (
        "8-ab12",
        "8",
        "Zoë",
        Cause.STAFF,
    )


def test_a_drawer_is_read_in_both_of_its_shapes():
    device = SESSION | {"status": "CLOSED", "expectedCashAtClose": USD, "cashCountedAtClose": USD}
    tracked = SESSION | {"expectedClosingBalance": USD, "closingBalance": USD, "registerName": "Till 2"}
    assert [read_cash_session(raw).over for raw in (device, tracked)] == [Money.zero("USD")] * 2
    assert read_cash_session(tracked).register == "Till 2"
    assert read_cash_session(SESSION | {"status": "OPEN"}).closed_at is None


@pytest.mark.parametrize(
    ("what", "raw", "told"),
    [
        ("payout", with_row(amount={"amount": "ten", "currencyCode": "USD"}), "payout 987 .*amount.*ten"),
        ("payout", with_row(amount={"amount": 10.5, "currencyCode": "USD"}), "balance entry 4: amount.*10.5"),
        ("payout", with_row(net=None), "balance entry 4: it has no net"),
        ("payout", with_row(amount=None), "payout 987 .*balance entry 4: it has no amount"),
        ("payout", with_row(fee="3.20"), "fee is '3.20'"),
        ("payout", with_row(fee={"amount": "3.205", "currencyCode": "USD"}), "finer than the smallest unit"),
        ("payout", with_row(fee={"amount": "3.20"}), "None is no currency"),
        ("payout", with_row(fee={"amount": "NaN", "currencyCode": "USD"}), "fee"),
        ("payout", with_row(fee={"amount": "Infinity", "currencyCode": "USD"}), "fee"),
        ("payout", with_row(fee={"amount": True, "currencyCode": "USD"}), "fee"),
        ("payout", with_row(transactionDate=None), "None is no time"),
        ("payout", with_row(transactionDate="yesterday"), "yesterday"),
        ("payout", with_row(transactionDate="0001-01-01T00:00:00+14:00"), "no time of a shop"),
        ("payout", with_row(id=""), "it has no id"),
        ("payout", with_row(id="gid://shopify/X/1] [qbc1"), "no id"),
        ("payout", with_row(associatedOrder=7), "balance entry 4"),
        ("payout", with_payout(legacyResourceId=None, id=None), "payout cannot be read: it has no id"),
        ("payout", with_payout(issuedAt=1772582400), "no time"),
        ("payout", with_payout(net="96.80"), "net is '96.80'"),
        ("payout", PAYOUT | {"balanceTransactions": "many"}, "no list"),
        ("payout", [PAYOUT], "payout cannot be read"),
        ("gift card", CARD | {"createdAt": None}, "gift card 5 .*None is no time"),
        ("gift card", CARD | {"initialValue": {"currencyCode": "USD"}}, "initialValue: None is no amount"),
        ("gift card", CARD | {"transactions": [{"id": "2"}]}, "gift card 5"),
        ("store credit", CREDIT | {"amount": None}, "store credit 8-ab12 .*it has no amount"),
        ("store credit", CREDIT | {"id": None}, "store credit cannot be read: it has no id"),
        ("cash session", SESSION | {"closingTime": "soon"}, "cash session 3 .*soon"),
        (
            "cash session",
            SESSION | {"totalDiscrepancy": {"amount": "x", "currencyCode": "USD"}},
            "totalDiscrep",
        ),
        ("fee", FEE | {"id": " "}, "it has no id"),
        ("fee", FEE | {"gateway": None}, "fee a .*it has no gateway"),
        ("fee", FEE | {"amount": "2,90"}, "2,90"),
        ("fee", FEE | {"amount": 2.9}, "2.9 is no amount"),
        ("fee", FEE | {"currencyCode": "dollars"}, "'dollars' is no currency"),
        ("fee", FEE | {"date": "03/02/2026"}, "03/02/2026"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(what, raw, told):
    with pytest.raises(InputUnreadable, match=told) as caught:
        READERS[what][0](raw)
    assert caught.value.where.startswith(what)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["2026-03-02", "1.00", "USD"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("what", READERS)
@examples(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_field_may_be_anything_and_what_can_be_read_can_be_drawn(what, data):
    reader, sample = READERS[what]
    raw = json.loads(json.dumps(sample))
    for _ in range(data.draw(st.integers(1, 3))):
        target = raw
        while True:
            keys = list(target) if isinstance(target, dict) else list(range(len(target)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(target[key], dict | list) and data.draw(st.booleans()):
                target = target[key]
                continue
            target[key] = data.draw(JSON)
            break
    try:
        value = reader(raw)
    except InputUnreadable:
        return
    drawn = DRAWERS[what](value, SHOP, Settings(merchant="m"), ())
    assert all(sum(posting.amount.amount for posting in plan.postings) == 0 for plan in drawn.plans)
