"""DepositAdd: money put into a bank account, from accounts by line and from payments that wait undeposited.

A line's amount is what its account gives: positive credits it, negative (a fee) debits it. The total must not be
negative. A deposit has no RefNumber (qbwc-protocol.md section 15).
"""

from __future__ import annotations

from decimal import Decimal

from qbconsole.sandbox.quickbooks.documents.headers import (
    MONEY_ACCOUNTS,
    begin,
    file_in,
    of_type,
    party,
    reply,
)
from qbconsole.sandbox.quickbooks.file.records import ZERO, Document, Entry, Line, Posting, Reference, Refused
from qbconsole.sandbox.quickbooks.requests.answers import money
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner
from qbconsole.sandbox.quickbooks.requests.given import Given

_WHERE = "Deposit line"
_OWING = ("AccountsReceivable", "AccountsPayable")


def _deposit(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    bank = desk.required(given, "DepositToAccountRef", "Deposit")
    of_type(bank, MONEY_ACCOUNTS, "DepositToAccountRef", "Deposit")
    document = begin(desk, given, "Deposit")
    document.account = bank.list_id
    back = given.part("CashBackInfoAdd")
    paid: dict[str, Document] = {}
    document.lines = [] if back is None else [_cash_back(desk, back)]
    document.lines += [_line(desk, part, paid) for part in given.parts("DepositLineAdd")]
    _judge(desk, document, bank)
    document.postings = [
        posting
        for posting in (
            Posting(bank.list_id, document.total),
            *(Posting(line.account, -_brought(line), line.entity) for line in document.lines),
        )
        if posting.amount
    ]
    file_in(desk, document, given.attribute("defMacro"))
    for payment in paid.values():
        desk.file.tie(document, payment, desk.now)
    return reply(desk, request, document)


def _line(desk: Desk, part: Given, paid: dict[str, Document]) -> Line:
    if "PaymentTxnID" in part:
        return _payment(desk, part, paid)
    account = desk.required(part, "AccountRef", _WHERE)
    line = Line(line_id="", sort="Deposit", amount=part.amount("Amount") or ZERO, account=account.list_id)
    line.entity = party(account, desk.entry(part, "EntityRef", _WHERE), _WHERE)
    line.fields["AccountRef"] = Reference("Account", account.list_id)
    for name in ("EntityRef", "PaymentMethodRef", "ClassRef"):
        if (reference := desk.reference(part, name, _WHERE)) is not None:
            line.fields[name] = reference
    for name in ("Memo", "CheckNumber"):
        if text := part.text(name):
            line.fields[name] = text
    return line


def _payment(desk: Desk, part: Given, paid: dict[str, Document]) -> Line:
    """A payment or receipt that waits in Undeposited Funds. Codes 3120, 3210."""
    txn_id = desk.txn_id(part, "PaymentTxnID")
    payment = desk.file.filed.get(txn_id)
    funds = desk.file.special("UndepositedFunds").list_id
    if payment is None or payment.kind not in ("ReceivePayment", "SalesReceipt"):
        raise Refused(3120, f'Object "{txn_id}" specified in the request cannot be found.')
    deposited = any(desk.file.filed[link.other].kind == "Deposit" for link in payment.links)
    if payment.account != funds or deposited or txn_id in paid:
        raise Refused(
            3210,
            f'The "PaymentTxnID" field has an invalid value "{txn_id}": it does not wait to be deposited.',
        )
    paid[txn_id] = payment
    line = Line(line_id="", sort="Paid", amount=payment.total, account=funds, entity=payment.entity)
    line.fields |= {"TxnType": payment.kind, "TxnID": txn_id, "AccountRef": Reference("Account", funds)}
    if payment.entity:
        line.fields["EntityRef"] = Reference("Customer", payment.entity)
    if memo := part.text("OverrideMemo"):
        line.fields["Memo"] = memo
    return line


def _cash_back(desk: Desk, part: Given) -> Line:
    account = desk.required(part, "AccountRef", "Deposit cash back")
    of_type(account, MONEY_ACCOUNTS, "AccountRef", "Deposit cash back")
    line = Line(line_id="", sort="CashBack", amount=part.amount("Amount") or ZERO, account=account.list_id)
    line.fields["AccountRef"] = Reference("Account", account.list_id)
    if memo := part.text("Memo"):
        line.fields["Memo"] = memo
    return line


def _brought(line: Line) -> Decimal:
    """What a line adds to the deposit; cash taken out lowers it."""
    return -line.amount if line.sort == "CashBack" else line.amount


def _judge(desk: Desk, document: Document, bank: Entry) -> None:
    document.total = sum((_brought(line) for line in document.lines), ZERO)
    said = "There was an error when saving a Deposit.  QuickBooks error message: "
    if not document.lines:
        raise Refused(3180, said + "The transaction is empty.")
    if document.total < 0:
        raise Refused(3180, said + f"The total {money(document.total)} of the deposit must not be negative.")
    if any(line.account == bank.list_id for line in document.lines):
        raise Refused(3210, f'The "AccountRef" of a line is the account "{bank.full_name}" deposited to.')
    owing = [line for line in document.lines if desk.file.account_sort(line.account) in _OWING]
    if len(owing) > 1:
        raise Refused(3180, said + "A transaction may have only one accounts receivable or payable line.")
    for line in owing:
        document.entity = line.entity
        if desk.file.account_sort(line.account) == "AccountsReceivable":
            document.open, document.receivable = -line.amount, line.account


HANDLERS: dict[str, Handler] = {"DepositAddRq": _deposit}
