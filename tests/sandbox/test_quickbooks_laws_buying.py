"""Laws of what is bought and counted: stock is worth what the asset account says, orders know what came."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quickbooks_bench import Bench, line, sale
from quickbooks_papers import (
    GONE,
    VOIDED,
    adjustment,
    bill,
    bought,
    buying_bench,
    counted,
    deposit,
    ordered,
    owing,
    purchase_order,
    put,
    revalued,
)

from qbconsole.sandbox.quickbooks import CompanyFile

D = Decimal
AMOUNTS = st.integers(-2_000, 20_000).map(lambda value: f"{D(value) / 100:.2f}")
UNITS = st.integers(-3, 12).map(str)
ITEMS = st.sampled_from(["Bowl", "Plate", "Clay"])
KINDS = st.sampled_from(["Bill", "ItemReceipt", "VendorCredit"])
PICK = st.integers(0, 30)
STEP = st.one_of(
    st.tuples(st.just("buy"), KINDS, ITEMS, UNITS, AMOUNTS),
    st.tuples(st.just("order"), ITEMS, st.integers(1, 9).map(str), AMOUNTS),
    st.tuples(st.just("receive"), st.sampled_from(["Bill", "ItemReceipt"]), PICK),
    st.tuples(st.just("sell"), st.sampled_from(["SalesReceipt", "CreditMemo"]), ITEMS, UNITS, AMOUNTS),
    st.tuples(st.just("count"), ITEMS, UNITS),
    st.tuples(st.just("value"), ITEMS, AMOUNTS),
    st.tuples(st.just("deposit"), AMOUNTS, AMOUNTS),
    st.tuples(st.just("void"), PICK),
    st.tuples(st.just("delete"), PICK),
)


def picked(bench: Bench, number: int, *kinds: str) -> tuple[str, str]:
    found = [(one.kind, one.txn_id) for one in bench.file.documents() if not kinds or one.kind in kinds]
    return found[number % len(found)] if found else ("Bill", "0-0")


def text_of(bench: Bench, step: tuple[str, ...]) -> str:
    match step:
        case ("buy", kind, item, units, amount):
            return owing(kind, bought(item, amount, quantity=units))
        case ("order", item, units, amount):
            return purchase_order(ordered(item, units, amount=amount), ordered("Clay", "1"))
        case ("receive", kind, pick):
            return owing(kind, links=(picked(bench, pick, "PurchaseOrder")[1],))
        case ("sell", kind, item, units, amount):
            return sale(kind, line(kind, item, amount, quantity=units))
        case ("count", item, units):
            return adjustment(counted(item, more=units))
        case ("value", item, amount):
            return adjustment(revalued(item, worth=amount))
        case ("deposit", one, other):
            return deposit(put("Savings", one), put("Merchant Account Fees", other))
        case ("void", pick):
            return VOIDED.format(*picked(bench, pick))
        case ("delete", pick):
            return GONE.format(*picked(bench, pick))
    raise AssertionError(step)


def check_laws(file: CompanyFile) -> None:
    documents = file.documents()
    whole = file.trial_balance()
    assert sum(whole.values(), D(0)) == 0
    for flags in ({"own_cost": False}, {"own_value": False}, {"own_cost": False, "own_value": False}):
        assert sum(file.trial_balance(**flags).values(), D(0)) == 0
    for one in documents:
        assert sum((amount for _, amount, _ in one.postings), D(0)) == 0
        assert one.total >= 0
        assert not one.postings or one.kind not in ("PurchaseOrder", "SalesOrder", "Estimate")
    worth = sum((file.on_hand(item).value for item in ("Bowl", "Plate")), D(0))
    assert worth == whole.get("Inventory Asset", D(0))
    vendor = file.find("Vendor", "", "Kiln Co")
    owed = sum((one.open for one in documents if one.kind in ("Bill", "ItemReceipt", "VendorCredit")), D(0))
    assert -file.owed[vendor.list_id] == owed
    check_orders(file)


def check_orders(file: CompanyFile) -> None:
    """What an order says came is what living documents brought, and what is on order is what did not."""
    came: dict[str, D] = {}
    left: dict[str, D] = {}
    for document in file.filed.values():
        for one in document.lines:
            if one.fills is not None:
                came[one.fills.line_id] = came.get(one.fills.line_id, D(0)) + one.fills.units
    for order in file.of_kind("PurchaseOrder"):
        for one in order.lines:
            assert one.filled == came.pop(one.line_id, D(0))
            left[one.item] = left.get(one.item, D(0)) + one.left()
    assert came == {}
    for item, units in left.items():
        assert file.to_come.units("PurchaseOrder", item) == units


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=16))
def test_stock_orders_and_payables_stay_true(steps):
    bench = buying_bench(xsd=None)
    for step in steps:
        bench.one(text_of(bench, step))
        check_laws(bench.file)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=10))
def test_a_saved_file_is_read_as_it_was(tmp_path_factory, steps):
    bench = buying_bench(xsd=None)
    for step in steps:
        bench.one(text_of(bench, step))
    place: Path = tmp_path_factory.mktemp("books") / "oak.qbw"
    bench.file.save(place)
    again = CompanyFile.load(place)
    assert again.documents() == bench.file.documents()
    assert again.trial_balance() == bench.file.trial_balance()
    check_laws(again)


def test_staff_make_a_receipt_into_a_bill():
    bench = buying_bench()
    order = bench.done(purchase_order(ordered("Bowl", "5", rate="4.00"))).text("TxnID")
    receipt = bench.done(owing("ItemReceipt", links=(order,))).text("TxnID")
    before = bench.file.trial_balance()
    bench.later(hours=1)
    bench.file.bill_receipt(receipt, now=bench.now, ref_number="V-7")
    assert bench.file.trial_balance() == before
    reply = bench.done("<BillQueryRq><RefNumber>V-7</RefNumber></BillQueryRq>")
    assert (reply.text("AmountDue"), reply.text("DueDate")) == ("20.00", "2026-03-02")
    assert bench.one("<ItemReceiptQueryRq/>").code == 1
    assert [one.side for one in bench.file.documents("Bill")[0].lines] == ["item"]
    bench.done(bill(bought("Bowl", "1.00")))
    check_laws(bench.file)


def test_condensing_leaves_open_orders(tmp_path):
    bench = buying_bench()
    bench.done(purchase_order(ordered("Bowl", "5"), day="2025-01-01"))
    bench.file.condense(bench.now.date(), bench.now)
    assert len(bench.file.documents("PurchaseOrder")) == 1


def test_what_quickbooks_found_by_itself_is_shown_with_a_document():
    bench = buying_bench()
    txn_id = bench.done(sale("SalesReceipt", line("SalesReceipt", "Bowl", "30.00", quantity="3"))).text(
        "TxnID"
    )
    assert bench.document(txn_id).own == (
        ("Cost of Goods Sold", D("12.00"), ""),
        ("Inventory Asset", D("-12.00"), ""),
    )
