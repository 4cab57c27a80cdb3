"""Laws of the simulated ledger, whatever happens: both sides agree, and nothing open is invented."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quickbooks_bench import (
    Bench,
    applied,
    credit_memo,
    invoice,
    line,
    payment,
    receipt,
    refund,
    sale,
    set_credit,
    shop_bench,
    stock_item,
)

D = Decimal
AMOUNTS = st.integers(-5_000, 50_000).map(lambda value: f"{D(value) / 100:.2f}")
PAID = st.integers(0, 60_000).map(lambda value: f"{D(value) / 100:.2f}")
ITEMS = st.sampled_from(["Mug", "Taxed mug", "Shipping", "Discount", "State", "City", "Subtotal", "Bowl"])
KINDS = st.sampled_from(["SalesReceipt", "Invoice", "CreditMemo"])
NAMES = st.sampled_from(["Ada", "Bob"])
TAXES = st.sampled_from(["", "State", "City", "Tax Calculated On Invoice"])
PICK = st.integers(0, 30)

SALE = st.tuples(
    st.just("sale"), KINDS, NAMES, TAXES, st.lists(st.tuples(ITEMS, AMOUNTS), min_size=1, max_size=5)
)
STEP = st.one_of(
    SALE,
    SALE,
    st.tuples(st.just("pay"), NAMES, PAID, PAID, PICK),
    st.tuples(st.just("auto"), NAMES, PAID),
    st.tuples(st.just("credit"), NAMES, PAID, PICK, PICK),
    st.tuples(st.just("refund"), NAMES, PAID, PICK),
    st.tuples(st.just("void"), PICK),
    st.tuples(st.just("delete"), PICK),
    st.tuples(st.just("edit"), PICK, AMOUNTS),
)


def picked(bench: Bench, number: int, *kinds: str) -> str:
    ids = [one.txn_id for one in bench.file.documents() if not kinds or one.kind in kinds]
    return ids[number % len(ids)] if ids else "0-0"


def text_of(bench: Bench, step: tuple[object, ...]) -> str:
    match step:
        case ("sale", kind, name, tax, rows):
            lines = "".join(line(kind, item, "" if item == "Subtotal" else amount) for item, amount in rows)
            return sale(kind, lines, name=name, tax=tax)
        case ("pay", name, total, amount, pick):
            return payment(total, applied(picked(bench, pick, "Invoice"), amount), name=name)
        case ("auto", name, total):
            return payment(total, "<IsAutoApply>true</IsAutoApply>", name=name)
        case ("credit", name, amount, pick, other):
            used = set_credit(picked(bench, other, "CreditMemo", "ReceivePayment"), amount)
            return payment("0.00", applied(picked(bench, pick, "Invoice"), "", used), name=name)
        case ("refund", name, amount, pick):
            return refund(picked(bench, pick, "CreditMemo"), amount, name=name)
        case ("void" | "delete" as what, pick):
            txn_id = picked(bench, pick)
            kind = next((one.kind for one in bench.file.documents() if one.txn_id == txn_id), "Invoice")
            word = "Void" if what == "void" else "Del"
            return f"<Txn{word}Rq><Txn{word}Type>{kind}</Txn{word}Type><TxnID>{txn_id}</TxnID></Txn{word}Rq>"
    return ""


def check_laws(bench: Bench) -> None:
    file = bench.file
    documents = file.documents()
    totals: dict[str, D] = {}
    open_by_name: dict[str, D] = {}
    for one in documents:
        assert sum((amount for _, amount, _ in one.postings), D(0)) == 0
        for account, amount, _ in one.postings:
            totals[account] = totals.get(account, D(0)) + amount
        if one.kind != "SalesReceipt":
            open_by_name[one.customer] = open_by_name.get(one.customer, D(0)) + one.open
        if one.kind in ("Invoice", "ARRefundCreditCard"):
            assert 0 <= one.open <= max(one.total, D(0)) or one.total < one.open
        assert one.total >= 0
    assert sum(file.trial_balance().values(), D(0)) == 0
    assert file.trial_balance() == {account: amount for account, amount in totals.items() if amount}
    for name in ("Ada", "Bob"):
        entry = file.find("Customer", "", name)
        assert file.owed[entry.list_id] == open_by_name.get(name, D(0))
        credits = sum((min(one.open, D(0)) for one in documents if one.customer == name), D(0))
        assert file.unused[entry.list_id] == -credits
    by_day = [amount for day in file.ledger_by_day().values() for amount in day.values()]
    assert sum(by_day, D(0)) == 0


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=14))
def test_the_ledger_always_balances_and_open_amounts_are_what_is_owed(steps):
    bench = shop_bench(xsd=None)
    bench.done(stock_item("Bowl", "5", "3.33"))
    for step in steps:
        if step[0] != "edit":
            bench.one(text_of(bench, step))
        elif (txn_id := picked(bench, step[1], "SalesReceipt")) != "0-0":
            bench.file.edit_document(txn_id, now=bench.now, memo=step[2], ref_number=step[2])
        check_laws(bench)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Mug", "Taxed mug", "Discount", "Subtotal"]), AMOUNTS), max_size=5),
    AMOUNTS,
)
def test_a_tax_line_never_has_another_sign_than_the_line_above(rows, tax):
    bench = shop_bench(xsd=None)
    lines = "".join(line("Invoice", item, "" if item == "Subtotal" else amount) for item, amount in rows)
    reply = bench.one(
        sale("Invoice", line("Invoice", "Mug", "900.00") + lines + line("Invoice", "State", tax))
    )
    if reply.code == 3180:
        return
    amounts = [D(text) for text in reply.texts("InvoiceLineRet/Amount")]
    assert abs(amounts[-1]) == abs(D(tax))
    assert amounts[-1] >= 0 if amounts[-2] >= 0 else amounts[-1] <= 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["SalesReceipt", "CreditMemo"]), st.integers(1, 7)), max_size=12))
def test_stock_value_is_always_the_asset_account(moves):
    bench = shop_bench(xsd=None)
    bench.done(stock_item("Bowl", "7", "3.33"))
    for kind, quantity in moves:
        bench.done(sale(kind, line(kind, "Bowl", "9.00", quantity=str(quantity))))
    held = bench.file.on_hand("Bowl")
    assert held.value == bench.balance("Inventory Asset")
    out = sum(quantity if kind == "SalesReceipt" else -quantity for kind, quantity in moves)
    assert held.quantity == 7 - out


def test_a_day_at_the_shop_adds_up():
    bench = shop_bench()
    bench.done(receipt(("Mug", "20.00"), ("State", "1.45"), deposit="Checking"))
    owed = bench.done(invoice(("Mug", "30.00"), ("Shipping", "5.00"), ("State", "2.54"))).text("TxnID")
    bench.done(payment("37.54", applied(owed, "37.54"), deposit="Checking", day="2026-03-02"))
    memo = bench.done(credit_memo(("Mug", "20.00"), ("State", "1.45"))).text("TxnID")
    bench.done(refund(memo, "21.45"))
    assert bench.file.trial_balance() == {
        "Checking": D("37.54"),
        "Merchandise Sales": D("-30.00"),
        "Shipping and Delivery Income": D("-5.00"),
        "Sales Tax Payable": D("-2.54"),
    }
    check_laws(bench)
