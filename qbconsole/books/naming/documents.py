"""Plan -> named document, one function a kind. Source of the shapes: accounting.md section 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qbconsole.books.answers import Choice
from qbconsole.books.documents import (
    AppliedTo,
    ApplyCheckTo,
    ARRefundCreditCard,
    Check,
    CreditMemo,
    ExpenseLine,
    Invoice,
    Memo,
    ReceivePayment,
    RefundAppliedTo,
    SalesLine,
    SalesReceipt,
    SetCredit,
)
from qbconsole.books.holds import Hold
from qbconsole.books.identity import external_guid
from qbconsole.books.naming.entries import (
    want_account,
    want_class,
    want_payment_method,
)
from qbconsole.books.naming.facts import NAMED
from qbconsole.books.naming.fields import head_fields, memo_wording, memo_words, site_of
from qbconsole.books.naming.journal import chosen_customer, customers_account, journal_entry
from qbconsole.books.naming.lines import (
    AccountPosting,
    computed_tax,
    document_line,
    in_order,
    is_counted,
    turned,
)
from qbconsole.books.naming.namer import Namer
from qbconsole.books.naming.names import Need, Wanted
from qbconsole.books.naming.ordered import from_order, order_document
from qbconsole.books.naming.taxes import document_tax, is_own_tax, turned_tax
from qbconsole.books.plan import Applied, DocumentKind, Plan
from qbconsole.books.roles import gateway_handle
from qbconsole.money import Money, total
from qbconsole.value import Value, replace

RECEIVABLE = "accounts_receivable"
_ORDERS = (DocumentKind.SALES_ORDER, DocumentKind.ESTIMATE)
_SALES = (DocumentKind.SALES_RECEIPT, DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO, *_ORDERS)


class Named(Value):
    """A document with every name it uses."""

    plan: Plan
    document: object
    ref_number: str
    accounts: tuple[AccountPosting, ...]
    #: Names it uses that QuickBooks lacks, or may lack.
    missing: tuple[Need, ...]
    wanted: Mapping[Need, Wanted]
    why: tuple[tuple[str, Choice], ...]
    holds: tuple[Hold, ...]


def name_plan(namer: Namer, ref_number: str) -> Named:
    """Name one plan. What nobody named is listed in `holds`, and its account reads "?role"."""
    plan = namer.plan
    if plan.kind in _SALES:
        document, accounts = _sales_document(namer, ref_number)
    elif plan.kind is DocumentKind.JOURNAL_ENTRY:
        document, accounts = journal_entry(namer, ref_number, document_memo(namer))
    elif plan.kind in NAMED:
        document, named = NAMED[plan.kind](namer, ref_number, document_memo(namer))
        accounts = list(named)
    else:
        document, accounts = _money_document(namer, ref_number)
    namer.settle()
    return Named(
        plan=plan if plan.computed == namer.computed else replace(plan, computed=namer.computed),
        document=document,
        ref_number=ref_number,
        accounts=tuple(accounts),
        missing=tuple(namer.needs),
        wanted=namer.wanted,
        why=tuple(namer.why),
        holds=tuple(namer.holds),
    )


def document_memo(namer: Namer) -> Memo:
    """What it is in words, its true day where that is another, and the key."""
    return _memo(namer, memo_wording(namer))


def _memo(namer: Namer, wording: str | None) -> Memo:
    plan = namer.plan
    text = plan.memo
    if plan.true_on is not None:
        text = f"{text} (of {plan.true_on.isoformat()})"
    return Memo(text=text if wording is None else memo_words(namer, wording, text), key=plan.key)


def _money_account(namer: Namer, role: str) -> str:
    account, _ = namer.account(role)
    return account if account.startswith("?") else want_account(namer, account, role)


def _posting(namer: Namer, role: str, account: str, amount: Money) -> AccountPosting:
    return AccountPosting(on=namer.plan.on, role=role, account=account, amount=amount)


def _payment_method(namer: Namer) -> str | None:
    if not namer.plan.gateway:
        return None
    choice = namer.answers.payment_method(namer.plan.gateway, namer.order)
    name = namer.choose("payment method", choice)
    return want_payment_method(namer, name, gateway_handle(namer.plan.gateway)) if name else None


class _SaleNames(Value):
    """The names in the head of a sales document, but for its taxes."""

    class_ref: str | None
    customer: str
    #: How the mapping puts its memo; None where it is told as it is.
    wording: str | None
    fields: Mapping[str, str | None]
    #: Where its money goes, or what customers owe on; "" for what posts nothing.
    account: str
    method: str | None


def _sale_names(namer: Namer) -> _SaleNames:
    kind = namer.plan.kind
    class_name = namer.choose("class", namer.answers.class_(None, namer.order))
    customer = chosen_customer(namer)
    class_ref = want_class(namer, class_name) if class_name else None
    wording, fields = memo_wording(namer), head_fields(namer)
    account, method = "", None
    if kind is DocumentKind.SALES_RECEIPT:
        account, method = _money_account(namer, namer.plan.money_role), _payment_method(namer)
    elif kind not in _ORDERS:
        account = customers_account(namer)
    return _SaleNames(
        class_ref=class_ref,
        customer=customer,
        wording=wording,
        fields=fields,
        account=account,
        method=method,
    )


def _sales_document(namer: Namer, ref_number: str) -> tuple[object, list[AccountPosting]]:
    plan = namer.plan
    sign = 1 if plan.kind is DocumentKind.CREDIT_MEMO else -1
    decided = namer.answers.alike_sale(namer.order)
    tax = document_tax(namer, decided)
    left = [line for line in plan.lines if is_own_tax(line)] if namer.computed else []
    written = [line for line in plan.lines if line not in left] if left else plan.lines
    stand = in_order(written)
    # Only a Subtotal may fail to lend its sign; where tax is a charge, it keeps its own.
    if len(stand) > len(written) and namer.settings.policy.tax != "liability_line":
        namer.holds += [turned_tax(plan, line) for line in turned(stand)]
    site = site_of(namer) if any(is_counted(namer, line) for line in stand) else None
    rows = [document_line(namer, line, tax.code_of(line), sign, site) for line in stand]
    lines = tuple([line for line, _ in rows]) or (SalesLine(desc=plan.memo),)
    accounts = [posting for _, posting in rows if posting is not None]
    accounts += [computed_tax(namer, line, sign) for line in left]
    key = None if decided is None else ("sale", plan.kind, decided, plan.money_role, plan.gateway)
    names = namer.part(key, _sale_names)
    common: dict[str, Any] = {
        "customer_ref": names.customer,
        "class_ref": names.class_ref,
        "txn_date": plan.on,
        "ref_number": ref_number,
        "item_sales_tax_ref": tax.item,
        "customer_sales_tax_code_ref": tax.customer_code,
        "memo": _memo(namer, names.wording),
        "external_guid": external_guid(plan.key),
        "lines": lines,
        **names.fields,
    }
    if plan.kind in _ORDERS:
        return order_document(namer, common), []
    account = names.account
    if plan.kind is DocumentKind.SALES_RECEIPT:
        accounts.append(_posting(namer, plan.money_role, account, plan.total))
        return SalesReceipt(
            deposit_to_account_ref=account, payment_method_ref=names.method, **common
        ), accounts
    accounts.append(_posting(namer, RECEIVABLE, account, plan.total * -sign))
    if plan.kind is DocumentKind.CREDIT_MEMO:
        return CreditMemo(ar_account_ref=account, **common), accounts
    terms = namer.order.terms
    common |= from_order(namer, stand, rows)
    return (
        Invoice(
            ar_account_ref=account,
            po_number=namer.order.po_number or None,
            due_date=terms.due_on if terms else None,
            **common,
        ),
        accounts,
    )


def _money_document(namer: Namer, ref_number: str) -> tuple[object, list[AccountPosting]]:
    plan = namer.plan
    money = plan.money or Money.zero(plan.currency)
    customer, open_account = chosen_customer(namer), customers_account(namer)
    incoming = plan.kind is DocumentKind.RECEIVE_PAYMENT
    moved = money if incoming else -money
    accounts = [_posting(namer, RECEIVABLE, open_account, -moved)] if money else []
    account = None
    if plan.money_role:
        account = _money_account(namer, plan.money_role)
        accounts.append(_posting(namer, plan.money_role, account, moved))
    common: dict[str, Any] = {
        "txn_date": plan.on,
        "ref_number": ref_number,
        "memo": document_memo(namer),
        "external_guid": external_guid(plan.key),
    }
    if plan.kind is DocumentKind.CHECK:
        return _check(namer, customer, open_account, account, money, common), accounts
    common |= {"customer_ref": customer, "ar_account_ref": open_account}
    common["payment_method_ref"] = _payment_method(namer)
    if incoming:
        return _payment(namer, account, money, common), accounts
    applied = refunds_applied(plan.applied, namer.slot)
    return ARRefundCreditCard(refund_from_account_ref=account, applied_to=applied, **common), accounts


def payments_applied(applied: Sequence[Applied], slot: Callable[[str], str]) -> tuple[AppliedTo, ...]:
    """What a payment settles: with its own money, or with the credit of other documents; each document once."""
    rows: dict[str, list[Applied]] = {}
    for row in applied:
        rows.setdefault(row.document_key, []).append(row)
    return tuple(
        AppliedTo(
            txn_id=slot(key),
            payment_amount=_sum_of([row.amount for row in of_it if not row.credit_key]),
            set_credits=tuple(
                SetCredit(credit_txn_id=slot(row.credit_key), applied_amount=row.amount)
                for row in of_it
                if row.credit_key
            ),
        )
        for key, of_it in rows.items()
    )


def _sum_of(amounts: Sequence[Money]) -> Money | None:
    return total(amounts, amounts[0].currency) if amounts else None


def refunds_applied(applied: Sequence[Applied], slot: Callable[[str], str]) -> tuple[RefundAppliedTo, ...]:
    """The credits a card refund pays out."""
    return tuple(RefundAppliedTo(txn_id=slot(row.document_key), refund_amount=row.amount) for row in applied)


def checks_applied(applied: Sequence[Applied], slot: Callable[[str], str]) -> tuple[ApplyCheckTo, ...]:
    """The credits a check pays out."""
    return tuple(ApplyCheckTo(txn_id=slot(row.document_key), amount=row.amount) for row in applied)


def _payment(namer: Namer, account: str | None, money: Money, common: dict[str, Any]) -> ReceivePayment:
    applied = payments_applied(namer.plan.applied, namer.slot)
    return ReceivePayment(
        total_amount=money,
        deposit_to_account_ref=account,
        is_auto_apply=None if applied else False,
        applied_to=applied,
        **common,
    )


def _check(
    namer: Namer,
    customer: str,
    receivable: str,
    account: str | None,
    money: Money,
    common: dict[str, Any],
) -> Check:
    return Check(
        account_ref=account or "?clearing",
        payee_entity_ref=customer,
        apply_to=checks_applied(namer.plan.applied, namer.slot),
        expense_lines=(ExpenseLine(account_ref=receivable, amount=money, customer_ref=customer),),
        **common,
    )
