"""What every document has: date, number, memo, identity; and how a checked document is filed.

`begin` only reads and refuses; nothing is in the file before `file_in`.
"""

from __future__ import annotations

from datetime import date

from qbconsole.sandbox.quickbooks.file.documentkinds import DOCUMENTS
from qbconsole.sandbox.quickbooks.file.kinds import words
from qbconsole.sandbox.quickbooks.file.records import Document, Entry, Refused
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Reply
from qbconsole.sandbox.quickbooks.requests.documentanswers import document_answer
from qbconsole.sandbox.quickbooks.requests.given import Given

#: Never echoed as given: we know them better.
_COMPUTED = frozenset(
    words(
        "TxnID TimeCreated TimeModified EditSequence TxnNumber TxnDate RefNumber Memo ExternalGUID Subtotal"
        " SalesTaxPercentage SalesTaxTotal TotalAmount AppliedAmount BalanceRemaining CreditRemaining IsPaid IsPending"
        " UnusedPayment UnusedCredits Amount"
    )
)
_LONGEST_NUMBER = 9
#: Where money may go to or come from.
MONEY_ACCOUNTS = frozenset({"Bank", "OtherCurrentAsset"})


def check_open(desk: Desk, day: date) -> None:
    """Code 3171 for a date on or before the closing date."""
    closing = desk.file.preferences.closing_date
    if closing is not None and day <= closing:
        raise Refused(
            3171,
            "An attempt was made to modify a transaction dated "
            f"{day.isoformat()}, on or before the company's closing date {closing.isoformat()}.",
        )


def blank(desk: Desk, kind: str, day: date) -> Document:
    """An empty document of that day; code 3171 in a closed period."""
    check_open(desk, day)
    return Document(
        kind=kind,
        txn_id="",
        number=0,
        created=desk.stamp,
        modified=desk.stamp,
        edit_sequence=str(int(desk.now.timestamp())),
        txn_date=day,
    )


def begin(desk: Desk, given: Given, kind: str) -> Document:
    """A document with its header read; no date means the last one used for this kind, else today."""
    day = given.day("TxnDate") or desk.last_dates.get(kind) or desk.now.date()
    document = blank(desk, kind, day)
    document.fields = desk.collect(given, DOCUMENTS[kind].order, _COMPUTED)
    document.memo = given.text("Memo")
    document.external_guid = given.text("ExternalGUID")
    document.pending = given.flag("IsPending") is True
    if "RefNumber" in given:
        document.ref_number = given.text("RefNumber")
    elif DOCUMENTS[kind].numbered:
        document.ref_number = str(desk.file.next_ref.get(kind, 1))
    return document


def file_in(desk: Desk, document: Document, macro: str = "") -> None:
    """Give a finished document its ids and file it."""
    file = desk.file
    document.txn_id = file.next_txn_id(desk.now)
    for line in document.lines:
        line.line_id = file.next_txn_id(desk.now)
    file.last_number += 1
    document.number = file.last_number
    ref = document.ref_number
    if ref.isdecimal() and ref.isascii() and len(ref) <= _LONGEST_NUMBER:
        file.next_ref[document.kind] = int(ref) + 1
    desk.last_dates[document.kind] = document.txn_date
    if macro:
        desk.macros[macro] = document.txn_id
    file.file_in(document)


def reply(desk: Desk, request: Given, document: Document) -> Reply:
    """The answer to an Add: the whole document, or the elements asked for."""
    wanted = frozenset(request.texts("IncludeRetElement"))
    return Reply(body=document_answer(desk.file, document, wanted=wanted))


def receivable(desk: Desk, given: Given, where: str) -> Entry:
    """The accounts receivable account a document uses; code 3210 for another type."""
    account = desk.entry(given, "ARAccountRef", where) or desk.file.special("AccountsReceivable")
    return of_type(account, frozenset({"AccountsReceivable"}), "ARAccountRef", where)


def of_type(account: Entry, sorts: frozenset[str], name: str, where: str) -> Entry:
    """The same account; code 3210 when its type does not fit its role."""
    if account.text("AccountType") not in sorts:
        raise wrong_role(account, name, where)
    return account


def wrong_role(account: Entry, name: str, where: str) -> Refused:
    """The refusal of an account whose type does not fit its role."""
    return Refused(
        3210,
        f'The "{name}" field has an invalid value "{account.full_name}" in the {where}.  QuickBooks error '
        f"message: An account of type {account.text('AccountType')} cannot be used here.",
    )


def payable(desk: Desk, given: Given, where: str) -> Entry:
    """The accounts payable account a document uses; code 3210 for another type."""
    account = desk.entry(given, "APAccountRef", where) or desk.file.special("AccountsPayable")
    return of_type(account, frozenset({"AccountsPayable"}), "APAccountRef", where)


def refuse_sites(desk: Desk, part: Given, where: str) -> None:
    """Code 3250 for a stock site where the company has none (qbwc-protocol.md section 14)."""
    for name in part.names():
        if name.endswith("InventorySiteRef") and not desk.file.has_sites():
            raise Refused(
                3250, f'The "{name}" in the {where} is not supported: inventory sites are not in use.'
            )


def deposit_account(desk: Desk, given: Given, where: str) -> Entry:
    """Where received money goes: Undeposited Funds unless stated; code 3210 for another type."""
    account = desk.entry(given, "DepositToAccountRef", where) or desk.file.special("UndepositedFunds")
    return of_type(account, MONEY_ACCOUNTS, "DepositToAccountRef", where)


def over(document: Document, what: str, available: object) -> Refused:
    """The refusal of paying, crediting or refunding more than is left."""
    return Refused(
        3210,
        f'The "{what}" field has an invalid value for the {document.kind} {document.txn_id}: '
        f"it is more than the {available} left to apply.",
    )


def party(account: Entry, name: Entry | None, where: str) -> str:
    """Who stands on a line: receivables need a customer, payables and Sales Tax Payable a vendor (3180)."""
    sort, family = account.text("AccountType"), name.family if name else ""
    if sort == "NonPosting":
        raise Refused(3210, f'The account "{account.full_name}" cannot be posted to.')
    if sort == "AccountsReceivable" and family != "Customer":
        raise Refused(3180, f"The accounts receivable line of the {where} must have a customer.")
    if sort == "AccountsPayable" and family != "Vendor":
        raise Refused(3180, f"The accounts payable line of the {where} must have a vendor.")
    if account.text("SpecialAccountType") == "SalesTaxPayable" and family != "Vendor":
        raise Refused(3180, "Sales tax detail line must have a vendor.")
    return name.list_id if name else ""
