"""Applying money: ReceivePaymentAdd, ARRefundCreditCardAdd, CheckAdd, and the credits an invoice may use.

Everything is checked before anything is filed. A charge is whatever is open in debit on accounts receivable
(invoice, journal line, check), a credit whatever is open in credit (credit memo, unused payment, journal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qbconsole.sandbox.quickbooks.documents.buying.lines import expense_line
from qbconsole.sandbox.quickbooks.documents.headers import (
    MONEY_ACCOUNTS,
    begin,
    deposit_account,
    file_in,
    of_type,
    over,
    receivable,
    reply,
)
from qbconsole.sandbox.quickbooks.file.records import (
    ZERO,
    Document,
    Entry,
    Link,
    Posting,
    Reference,
    Refused,
)
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner, missing
from qbconsole.sandbox.quickbooks.requests.given import Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """So much of a credit is to be used."""

    source: Document
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Application:
    charge: Document
    amount: Decimal
    discount: Decimal
    discount_account: str
    credits: list[Credit]

    def whole(self) -> Decimal:
        """Everything that comes off the charge."""
        return self.amount + self.discount + sum((credit.amount for credit in self.credits), ZERO)


# -- credits -------------------------------------------------------------------------------------------


def credits_given(desk: Desk, parts: Sequence[Given], customer: str, account: str) -> list[Credit]:
    """Read SetCredit aggregates; 3120 for an unknown credit, 3210 for more than is left or another's."""
    used: list[Credit] = []
    for part in parts:
        source = _find(desk, desk.txn_id(part, "CreditTxnID"))
        amount = _positive(part.amount("AppliedAmount"), "AppliedAmount")
        _same_side(source, customer, account, "CreditTxnID")
        if amount > -source.open - sum((one.amount for one in used if one.source is source), ZERO):
            raise over(source, "AppliedAmount", f"{-source.open}")
        used.append(Credit(source=source, amount=amount))
    return used


def set_credits(desk: Desk, charge: Document, credits: Sequence[Credit], by: str) -> None:
    """Apply checked credits to a charge."""
    for credit in credits:
        desk.file.apply(charge, credit.source, Link(credit.source.txn_id, credit.amount, by), desk.now)


def _find(desk: Desk, txn_id: str) -> Document:
    found = desk.file.filed.get(txn_id)
    if found is None:
        raise Refused(
            3120,
            f'Object "{txn_id}" specified in the request cannot be found.  QuickBooks error message: '
            "Invalid argument.  The specified record does not exist in the list.",
        )
    return found


def _same_side(document: Document, customer: str, account: str, name: str) -> None:
    if document.entity != customer or document.receivable != account:
        raise Refused(
            3210,
            f'The "{name}" field has an invalid value "{document.txn_id}".  QuickBooks error message: The '
            "transaction belongs to another customer or another accounts receivable account.",
        )


def _positive(amount: Decimal | None, name: str) -> Decimal:
    if amount is None:
        raise missing(name, "request")
    if amount < 0:
        raise Refused(3210, f'The "{name}" field has an invalid value "{amount}": it must not be negative.')
    return amount


# -- receive payment -----------------------------------------------------------------------------------


def _receive_payment(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    customer = desk.required(given, "CustomerRef", "ReceivePayment")
    account = receivable(desk, given, "ReceivePayment")
    document = _headed(desk, given, "ReceivePayment", customer, account)
    bank = deposit_account(desk, given, "ReceivePayment")
    document.account = bank.list_id
    document.fields["DepositToAccountRef"] = Reference("Account", bank.list_id)
    document.total = _positive(given.amount("TotalAmount") or ZERO, "TotalAmount")
    parts = given.parts("AppliedToTxnAdd")
    if parts:
        applications = _applications(desk, parts, customer, account)
    elif given.flag("IsAutoApply"):
        applications = _automatic(desk, document.total, customer, account)
    elif "IsAutoApply" in given:
        applications = []
    else:
        raise missing("AppliedToTxnAdd", "ReceivePayment")
    if sum((one.amount for one in applications), ZERO) > document.total:
        raise Refused(3210, "The amounts applied are more than the TotalAmount of the ReceivePayment.")
    if desk.bare_credits and not document.total and not any(one.discount for one in applications):
        for one in applications:
            set_credits(desk, one.charge, one.credits, by=one.charge.txn_id)
        return Reply()
    discounts = [Posting(one.discount_account, one.discount) for one in applications if one.discount]
    less = sum((posting.amount for posting in discounts), ZERO)
    document.open = -(document.total + less)
    both = [
        Posting(bank.list_id, document.total),
        *discounts,
        Posting(account.list_id, document.open, document.entity),
    ]
    document.postings = [posting for posting in both if posting.amount]
    file_in(desk, document, given.attribute("defMacro"))
    for one in applications:
        link = Link(document.txn_id, one.amount, document.txn_id, one.discount, one.discount_account)
        desk.file.apply(one.charge, document, link, desk.now)
        set_credits(desk, one.charge, one.credits, by=document.txn_id)
    return reply(desk, request, document)


def _applications(desk: Desk, parts: Sequence[Given], customer: Entry, account: Entry) -> list[_Application]:
    found: list[_Application] = []
    taken: list[Credit] = []
    for part in parts:
        charge = _find(desk, desk.txn_id(part))
        _same_side(charge, customer.list_id, account.list_id, "TxnID")
        discount = _positive(part.amount("DiscountAmount") or ZERO, "DiscountAmount")
        where = desk.entry(part, "DiscountAccountRef", "ReceivePayment")
        if discount and where is None:
            raise missing("DiscountAccountRef", "AppliedToTxnAdd")
        credits = credits_given(desk, part.parts("SetCredit"), customer.list_id, account.list_id)
        _not_twice(taken, credits)
        application = _Application(
            charge=charge,
            amount=_positive(part.amount("PaymentAmount") or ZERO, "PaymentAmount"),
            discount=discount,
            discount_account=where.list_id if where else "",
            credits=credits,
        )
        if not {"PaymentAmount", "SetCredit", "DiscountAmount"} & set(part.names()):
            raise missing("PaymentAmount", "AppliedToTxnAdd")
        before = sum((one.whole() for one in found if one.charge is charge), ZERO)
        if before + application.whole() > charge.open:
            raise over(charge, "PaymentAmount", f"{charge.open}")
        found.append(application)
    return found


def _not_twice(taken: list[Credit], credits: Sequence[Credit]) -> None:
    """A credit named for several charges must have enough for all of them together."""
    taken.extend(credits)
    for credit in credits:
        used = sum((one.amount for one in taken if one.source is credit.source), ZERO)
        if used > -credit.source.open:
            raise over(credit.source, "AppliedAmount", f"{-credit.source.open}")


def _automatic(desk: Desk, total: Decimal, customer: Entry, account: Entry) -> list[_Application]:
    """As QuickBooks applies by itself: an open amount that fits exactly, else the oldest first."""
    charges = desk.file.open_charges(customer.list_id, account.list_id)
    exact = [charge for charge in charges if charge.open == total][:1]
    found: list[_Application] = []
    for charge in exact or charges:
        amount = min(total, charge.open)
        if amount > 0:
            found.append(
                _Application(charge=charge, amount=amount, discount=ZERO, discount_account="", credits=[])
            )
            total -= amount
    return found


# -- refunds -------------------------------------------------------------------------------------------


def _refund(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    customer = desk.required(given, "CustomerRef", "ARRefundCreditCard")
    account = receivable(desk, given, "ARRefundCreditCard")
    document = _headed(desk, given, "ARRefundCreditCard", customer, account)
    source = desk.entry(given, "RefundFromAccountRef", "ARRefundCreditCard")
    source = source or desk.file.special("UndepositedFunds")
    of_type(source, MONEY_ACCOUNTS, "RefundFromAccountRef", "ARRefundCreditCard")
    document.account = source.list_id
    document.fields["RefundFromAccountRef"] = Reference("Account", source.list_id)
    parts = given.parts("RefundAppliedToTxnAdd")
    if not parts:
        raise missing("RefundAppliedToTxnAdd", "ARRefundCreditCard")
    credits = _refunded(desk, parts, "RefundAmount", customer, account)
    document.total = document.open = sum((credit.amount for credit in credits), ZERO)
    if not document.total:
        raise Refused(3180, "There was an error when saving an ARRefundCreditCard: nothing is refunded.")
    document.postings = [
        Posting(account.list_id, document.total, document.entity),
        Posting(source.list_id, -document.total, document.entity),
    ]
    file_in(desk, document, given.attribute("defMacro"))
    set_credits(desk, document, credits, by=document.txn_id)
    return reply(desk, request, document)


def _refunded(desk: Desk, parts: Sequence[Given], name: str, customer: Entry, account: Entry) -> list[Credit]:
    """Credit memos named for refunding; 3210 for another kind of document or more than is left."""
    credits: list[Credit] = []
    for part in parts:
        memo = _find(desk, desk.txn_id(part))
        if memo.kind != "CreditMemo":
            raise Refused(
                3210, f'The "TxnID" field has an invalid value "{memo.txn_id}": it is no credit memo.'
            )
        _same_side(memo, customer.list_id, account.list_id, "TxnID")
        left = -memo.open - sum((one.amount for one in credits if one.source is memo), ZERO)
        amount = part.amount(name) if name in part else left
        amount = _positive(amount, name)
        if amount > left:
            raise over(memo, name, f"{left}")
        credits.append(Credit(source=memo, amount=amount))
    return credits


# -- checks --------------------------------------------------------------------------------------------


def _check(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    document = begin(desk, given, "Check")
    bank = of_type(desk.required(given, "AccountRef", "Check"), frozenset({"Bank"}), "AccountRef", "Check")
    payee = desk.entry(given, "PayeeEntityRef", "Check")
    document.account = bank.list_id
    document.entity = payee.list_id if payee else ""
    if given.parts("ItemLineAdd", "ItemGroupLineAdd"):
        raise Refused(1030, "This simulated QuickBooks does not know item lines on checks.")
    document.lines = [expense_line(desk, part, payee, "Check") for part in given.parts("ExpenseLineAdd")]
    document.total = sum((line.amount for line in document.lines), ZERO)
    if not document.lines or document.total < 0:
        raise Refused(
            3180, "There was an error when saving a Check: it has no lines, or its total is negative."
        )
    owing = [line for line in document.lines if desk.file.account_sort(line.account) == "AccountsReceivable"]
    if len(owing) > 1:
        raise Refused(3180, "A transaction may have only one accounts receivable or payable line.")
    for line in owing:
        document.open, document.receivable, document.entity = line.amount, line.account, line.entity
    credits = _check_credits(desk, given.parts("ApplyCheckToTxnAdd"), document)
    document.postings = [Posting(bank.list_id, -document.total, document.entity)]
    document.postings += [Posting(line.account, line.amount, line.entity) for line in document.lines]
    file_in(desk, document, given.attribute("defMacro"))
    set_credits(desk, document, credits, by=document.txn_id)
    return reply(desk, request, document)


def _check_credits(desk: Desk, parts: Sequence[Given], document: Document) -> list[Credit]:
    if not parts:
        return []
    if not document.receivable:
        raise Refused(3210, "A Check is applied to a credit only with a line on accounts receivable.")
    entries = desk.file.entries
    customer, account = entries[document.entity], entries[document.receivable]
    credits = _refunded(desk, parts, "Amount", customer, account)
    if sum((credit.amount for credit in credits), ZERO) > document.open:
        raise Refused(3210, "More is applied than the Check's line on accounts receivable.")
    return credits


def _headed(desk: Desk, given: Given, kind: str, customer: Entry, account: Entry) -> Document:
    document = begin(desk, given, kind)
    document.entity, document.receivable = customer.list_id, account.list_id
    document.fields["ARAccountRef"] = Reference("Account", account.list_id)
    return document


HANDLERS: dict[str, Handler] = {
    "ReceivePaymentAddRq": _receive_payment,
    "ARRefundCreditCardAddRq": _refund,
    "CheckAddRq": _check,
}
