"""Roles, clearing handles and keys: names that must never change once they are in somebody's books."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.books.identity import document_key, external_guid, key_in, made_number, memo, ref_number
from qbconsole.books.plan import DocumentKind
from qbconsole.books.policy import Numbers
from qbconsole.books.roles import ROLES, clearing_role, gateway_handle, stand_ins

KEY = "qbc1/oak/order/873/1/0"


@pytest.mark.parametrize(
    ("gateway", "handle"),
    [
        ("shopify_payments", "shopify_payments"),
        ("PayPal Express Checkout", "paypal_express_checkout"),
        ("Bank Deposit (EUR) [old]", "bank_deposit"),
        ("  Cash on Delivery (COD) ", "cash_on_delivery"),
        ("--Klarna -- Pay!--", "klarna_pay"),
        ("", "other"),
    ],
)
def test_a_gateways_handle_is_plain_and_stable(gateway, handle):
    assert gateway_handle(gateway) == handle
    assert clearing_role(gateway) == f"clearing:{handle}"


def test_a_stand_in_is_the_table_of_accounting():
    assert list(stand_ins("shipping_discounts")) == ["shipping_discounts", "discounts", "sales_income"]
    assert list(stand_ins("clearing:paypal")) == ["clearing:paypal", "clearing:other"]
    assert list(stand_ins("clearing:other")) == ["clearing:other"]


@pytest.mark.parametrize("role", ROLES)
def test_every_stand_in_ends(role):
    assert set(stand_ins(role)) <= set(ROLES)


def test_a_human_number_is_used_when_it_fits_and_is_free():
    kind = DocumentKind.SALES_RECEIPT
    assert ref_number(kind, "#1001", "", KEY, {}) == "1001"
    assert ref_number(kind, "#1001", "C1", KEY, {"1001C1": KEY}) == "1001C1"
    assert ref_number(kind, "#1001", "", KEY, {"1001": "other"}) == made_number(kind, KEY)
    assert ref_number(kind, "#10010010010", "E1", KEY, {}) == made_number(kind, KEY)
    assert ref_number(kind, "№ 1", "", KEY, {}) == made_number(kind, KEY)


@pytest.mark.parametrize(
    ("style", "prefix", "name", "suffix", "wanted"),
    [
        ("order", "OE-", "#1001", "", "OE-1001"),
        ("order", "OE-", "#1001", "C1", "OE-1001C1"),
        ("digits", "", "#EU-1001-X", "", "1001"),
        ("digits", "A", "EU1001", "P2", "A1001P2"),
        ("digits", "", "№ ①", "", None),
        ("made", "OE-", "#1001", "", None),
        ("order", "LONG-", "#1001001", "", None),
        ("order", "", "#", "", None),
    ],
)
def test_a_number_is_made_in_the_merchants_style_within_eleven_signs(style, prefix, name, suffix, wanted):
    kind, numbers = DocumentKind.INVOICE, Numbers(style=style, prefix=prefix)
    number = ref_number(kind, name, suffix, KEY, {}, numbers)
    assert number == (wanted or made_number(kind, KEY))
    assert len(number) <= 11
    assert ref_number(kind, name, suffix, KEY, {number.upper(): "other"}, numbers) == made_number(kind, KEY)


def test_a_vendors_own_number_and_that_of_a_day_are_not_cut_to_digits():
    digits = Numbers(style="digits", prefix="A")
    assert ref_number(DocumentKind.BILL, "INV-77", "", KEY, {}, digits) == "INV-77"
    assert ref_number(DocumentKind.JOURNAL_ENTRY, "WEB0302", "", KEY, {}, digits) == "AWEB0302"


@given(st.text(max_size=40))
def test_a_memo_gives_its_key_back_whatever_stands_before(words):
    assert key_in(memo(words, KEY)) == KEY


def test_other_peoples_memos_have_no_key():
    assert [key_in(text) for text in (None, "", "[x]", "see [qbc1/a] there")] == [None] * 4


@given(st.text(min_size=1, max_size=40))
def test_made_numbers_fit_and_repeat(key):
    number = made_number(DocumentKind.INVOICE, key)
    assert len(number) == 11
    assert number == made_number(DocumentKind.INVOICE, key)
    assert external_guid(key) == external_guid(key)


def test_a_key_names_shop_event_part_and_generation():
    assert document_key("oak", "order/873") == KEY
