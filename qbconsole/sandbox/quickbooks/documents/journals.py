"""JournalEntryAdd: debits equal credits, no negative amounts, one receivable or payable line, names where due.

Source: qbwc-protocol.md section 15, accounting.md section 1.
"""

from __future__ import annotations

from qbconsole.sandbox.quickbooks.documents.headers import begin, file_in, party, reply
from qbconsole.sandbox.quickbooks.file.records import ZERO, Line, Posting, Reference, Refused
from qbconsole.sandbox.quickbooks.requests.answers import money
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner, missing
from qbconsole.sandbox.quickbooks.requests.given import Given

_TAGS = ("JournalDebitLine", "JournalCreditLine")
_OWING = ("AccountsReceivable", "AccountsPayable")


def _journal(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    if "Memo" in given and desk.file.country == "US":
        desk.warn(
            530, 'The field "Memo" in the JournalEntry is not supported; the journal was saved without it.'
        )
    document = begin(desk, given, "JournalEntry")
    document.lines = [_line(desk, part) for part in given.parts(*_TAGS)]
    if not document.lines:
        raise missing("JournalDebitLine", "JournalEntry")
    debits = sum((line.amount for line in document.lines if line.sort == "Debit"), ZERO)
    credits = sum((line.amount for line in document.lines if line.sort == "Credit"), ZERO)
    if debits != credits:
        raise Refused(
            3180,
            "There was an error when saving a JournalEntry.  QuickBooks error message: The transaction is not "
            f"in balance: debits {money(debits)}, credits {money(credits)}.",
        )
    document.total = debits
    document.postings = [
        Posting(line.account, line.amount if line.sort == "Debit" else -line.amount, line.entity)
        for line in document.lines
        if line.amount
    ]
    owing = [line for line in document.lines if desk.file.account_sort(line.account) in _OWING]
    if len(owing) > 1:
        raise Refused(3180, "A transaction may have only one accounts receivable or accounts payable line.")
    for line in owing:
        document.entity = line.entity
        if desk.file.account_sort(line.account) == "AccountsReceivable":
            document.receivable = line.account
            document.open = line.amount if line.sort == "Debit" else -line.amount
    first = document.lines[0].fields.get("Memo", "")
    document.memo = first if isinstance(first, str) else ""
    file_in(desk, document, given.attribute("defMacro"))
    return reply(desk, request, document)


def _line(desk: Desk, part: Given) -> Line:
    sort = "Debit" if part.tag == _TAGS[0] else "Credit"
    account = desk.required(part, "AccountRef", "JournalEntry line")
    amount = part.amount("Amount") or ZERO
    if amount < 0:
        raise Refused(3210, f'The "Amount" field has an invalid value "{amount}": it must not be negative.')
    line = Line(line_id="", sort=sort, amount=amount, account=account.list_id)
    line.entity = party(account, desk.entry(part, "EntityRef", "JournalEntry line"), "JournalEntry")
    line.fields["AccountRef"] = Reference("Account", account.list_id)
    for name in ("EntityRef", "ClassRef"):
        if (reference := desk.reference(part, name, "JournalEntry line")) is not None:
            line.fields[name] = reference
    if memo := part.text("Memo"):
        line.fields["Memo"] = memo
    return line


HANDLERS: dict[str, Handler] = {"JournalEntryAddRq": _journal}
