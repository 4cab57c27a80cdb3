"""Deposits, purchases, stock and orders through their templates: signs, choices, keys, and what nobody may change."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from qbxml_samples import fullest, smallest, sources

from qbconsole.books.documents import (
    Bill,
    Deposit,
    DepositLine,
    Estimate,
    InventoryAdjustment,
    InventoryAdjustmentLine,
    ItemReceipt,
    Memo,
    PurchaseOrder,
    SalesOrder,
    TransferInventory,
    VendorCredit,
)
from qbconsole.money import Money
from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema

KEY = "qbc1/oak-ember/payout/1/1/0"
KINDS = (
    Deposit,
    PurchaseOrder,
    ItemReceipt,
    Bill,
    VendorCredit,
    InventoryAdjustment,
    TransferInventory,
    SalesOrder,
    Estimate,
)
SOURCES = sources()
SCHEMA = shipped_schema()
RENDERER = Renderer(SOURCES, SCHEMA)


def render(document):
    return RENDERER.render(document, request_id="r1")


def texts(fragment, path: str) -> list[str | None]:
    return [node.text for node in etree.fromstring(fragment.text).iterfind(f".//{path}")]


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def test_what_a_payout_keeps_back_is_a_negative_line_of_its_deposit():
    deposit = Deposit(
        txn_date=date(2026, 3, 4),
        deposit_to_account_ref="Bank",
        memo=Memo(text="Payout 1", key=KEY),
        lines=(
            DepositLine(account_ref="Clearing", amount=usd("100")),
            DepositLine(account_ref="Fees", memo="Card fees", amount=usd("-2.9")),
        ),
    )
    fragment = render(deposit)
    assert fragment.faults == ()
    assert texts(fragment, "DepositLineAdd/Amount") == ["100.00", "-2.90"]
    assert texts(fragment, "DepositAdd/Memo") == [f"Payout 1 [{KEY}]"]
    assert texts(fragment, "RefNumber") == []


@pytest.mark.parametrize("kind", [Bill, ItemReceipt, VendorCredit])
def test_a_vendors_number_has_20_characters(kind):
    document = dataclasses.replace(smallest(kind), ref_number="x" * 20)
    assert render(document).faults == ()
    (fault,) = render(dataclasses.replace(document, ref_number="x" * 21)).faults
    assert fault.sentence == "RefNumber has 21 characters; QuickBooks takes 20"


@pytest.mark.parametrize(
    "kind", [PurchaseOrder, SalesOrder, Estimate, InventoryAdjustment, TransferInventory]
)
def test_a_number_of_our_own_has_11_characters(kind):
    document = dataclasses.replace(smallest(kind), ref_number="x" * 12)
    (fault,) = render(document).faults
    assert fault.sentence == "RefNumber has 12 characters; QuickBooks takes 11"


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ({"new_quantity": Decimal(0)}, "<NewQuantity>0</NewQuantity>"),
        ({"quantity_difference": Decimal("-1.5")}, "<QuantityDifference>-1.5</QuantityDifference>"),
    ],
)
def test_stock_is_counted_anew_or_by_how_much_it_differs(line, written):
    adjustment = dataclasses.replace(
        smallest(InventoryAdjustment), lines=(InventoryAdjustmentLine(item_ref="MUG", **line),)
    )
    fragment = render(adjustment)
    assert fragment.faults == ()
    assert f"<QuantityAdjustment>{written}</QuantityAdjustment>" in fragment.text


@pytest.mark.parametrize(
    "line", [{}, {"new_quantity": Decimal(1), "quantity_difference": Decimal(1)}], ids=["neither", "both"]
)
def test_stock_without_exactly_one_count_is_a_fault(line):
    wrong = InventoryAdjustmentLine(item_ref="MUG", **line)
    assert render(dataclasses.replace(smallest(InventoryAdjustment), lines=(wrong,))).faults != ()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_key_ends_the_memo_and_may_not_be_dropped(kind):
    document = dataclasses.replace(smallest(kind), memo=Memo(text="Words", key=KEY))
    assert texts(render(document), "Memo")[0] == f"Words [{KEY}]"
    source = SOURCES[kind.template]
    assert source.count("{{ d.memo }}") == 1
    changed = Renderer(SOURCES | {kind.template: source.replace("{{ d.memo }}", "Thank you")}, SCHEMA)
    (fault,) = changed.render(document, request_id="r1").faults
    assert f"drops the key [{KEY}]" in fault.sentence


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        (Deposit, "{{ line.amount }}", "1.00", "writes Amount 1.00; the document says 12.50"),
        (Deposit, "{{ d.deposit_to_account_ref }}", "Mine", "writes DepositToAccountRef Mine"),
        (PurchaseOrder, "{{ d.vendor_ref }}", "Other", "writes VendorRef Other"),
        (Bill, "{{ d.ap_account_ref }}", "Other", "writes APAccountRef Other"),
        (Bill, "{{ txn_id }}", "9-9", "writes LinkToTxnID 9-9"),
        (ItemReceipt, "{{ link.txn_line_id }}", "9-9", "writes TxnLineID 9-9"),
        (ItemReceipt, "{{ line.cost }}", "1", "writes Cost 1"),
        (VendorCredit, "{{ line.account_ref }}", "Other", "writes AccountRef Other"),
        (InventoryAdjustment, "{{ line.quantity_difference }}", "9", "writes QuantityDifference 9"),
        (TransferInventory, "{{ d.to_inventory_site_ref }}", "Other", "writes ToInventorySiteRef Other"),
        (TransferInventory, "{{ line.quantity_to_transfer }}", "9", "writes QuantityToTransfer 9"),
        (SalesOrder, "{{ line.sales_tax_code_ref }}", "Tax", "writes SalesTaxCodeRef Tax"),
        (Estimate, "{{ line.rate }}", "9", "writes Rate 9"),
    ],
)  # fmt: skip
def test_a_template_may_not_change_what_counts(kind, old, new, told):
    assert old in SOURCES[kind.template]
    changed = Renderer(SOURCES | {kind.template: SOURCES[kind.template].replace(old, new)}, SCHEMA)
    (fault,) = changed.render(fullest(kind), request_id="r1").faults
    assert told in fault.sentence
    assert fault.where.startswith(f"templates/{kind.template}")


def _hostile(document: object, text: str) -> object:
    """The document with this text wherever free words stand."""
    changed: dict[str, object] = {}
    for field in dataclasses.fields(document):  # type: ignore[arg-type]
        value = getattr(document, field.name)
        if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            changed[field.name] = tuple(_hostile(one, text) for one in value)
        elif field.name in (
            "desc",
            "memo",
            "other",
            "other1",
            "other2",
            "vendor_msg",
            "fob",
            "addr1",
            "city",
        ):
            changed[field.name] = Memo(text=text, key=KEY) if isinstance(value, Memo) else text
        elif field.name.endswith("_address"):
            changed[field.name] = _hostile(value, text)
    return dataclasses.replace(document, **changed)  # type: ignore[type-var]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(text=st.text(max_size=120))
def test_no_outside_text_breaks_or_forges_a_document(kind, text):
    fragment = render(_hostile(fullest(kind), text))
    assert fragment.faults == ()
    assert fragment.text.isascii()
    assert etree.fromstring(fragment.text).tag == f"{kind.request}Rq"
