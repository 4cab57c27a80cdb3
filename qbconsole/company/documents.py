"""Documents as QuickBooks holds them: what an Add or Mod answered, what a query found, what was deleted.

An observed document is evidence for probes, read-back and drift; it must never be turned back into a request.
Amounts are QuickBooks' own, in the document's currency; None where QuickBooks did not say, or where the
currency is one we cannot name.
Source: qbwc-protocol.md sections 9, 13, 15 and 16.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qbconsole.company.records import NO_REF, Ref
from qbconsole.money import Money
from qbconsole.value import Value


class ObservedLine(Value, omit_defaults=True):
    """One line of a document; lines of item groups stand in the same row as all others."""

    #: SalesReceiptLine, InvoiceLine, CreditMemoLine, JournalDebitLine, JournalCreditLine, DepositLine …
    kind: str
    txn_line_id: str = ""
    item: Ref = NO_REF
    account: Ref = NO_REF
    amount: Money | None = None
    quantity: Decimal | None = None
    description: str = ""
    sales_tax_code: Ref = NO_REF
    class_ref: Ref = NO_REF
    entity: Ref = NO_REF


class AppliedLink(Value, omit_defaults=True):
    """Another document this one is tied to: what a payment or refund was applied to, or what paid it."""

    txn_id: str
    #: Invoice, CreditMemo, ReceivePayment …
    kind: str = ""
    ref_number: str = ""
    amount: Money | None = None


class ObservedDocument(Value, omit_defaults=True):
    """One document of the company file."""

    #: SalesReceipt, Invoice, ReceivePayment, CreditMemo, Check, JournalEntry, Deposit …
    kind: str
    txn_id: str
    edit_sequence: str = ""
    #: "" where blank, and always for a deposit.
    ref_number: str = ""
    txn_date: date | None = None
    memo: str = ""
    #: With tax. Of a journal entry the sum of its debits.
    total: Money | None = None
    external_guid: str = ""
    #: The customer, vendor or payee.
    customer: Ref = NO_REF
    #: Where the money goes or comes from, or the receivables account.
    account: Ref = NO_REF
    lines: tuple[ObservedLine, ...] = ()
    links: tuple[AppliedLink, ...] = ()
    #: QuickBooks' name of the currency, "" while multicurrency is off.
    currency: str = ""
    time_modified: str = ""

    @property
    def is_void(self) -> bool:
        """A hint: QuickBooks keeps a voided document with zero amounts and a memo that begins `VOID:`."""
        return not self.total and self.memo.lstrip().casefold().startswith("void:")


class DeletedDocument(Value):
    """A document that was deleted in the last 90 days."""

    kind: str
    txn_id: str
    ref_number: str = ""
    time_created: str = ""
    time_deleted: str = ""
