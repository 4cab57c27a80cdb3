"""A journal entry: debits equal credits, all amounts positive.

Fields as in `books.documents`. Our key stands in each line's memo, because the header's memo is not for US
desktop QuickBooks. Source: protocol notes, sections 15 and 18.
"""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents import Elements, Memo
from qbconsole.books.documents.questions import DocumentQuestion
from qbconsole.money import Money
from qbconsole.value import Value


class JournalLine(Value):
    """One debit or one credit. A line on A/R names the customer, one on A/P the vendor."""

    account_ref: str
    #: Positive on either side.
    amount: Money
    memo: Memo | None = None
    entity_ref: str | None = None
    class_ref: str | None = None


class JournalEntry(Value):
    """One entry; only one A/R or A/P account in it."""

    request: ClassVar[str] = "JournalEntryAdd"
    template: ClassVar[str] = "journal_entry_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType(
        {"debits": "JournalDebitLine", "credits": "JournalCreditLine"}
    )

    txn_date: date
    ref_number: str | None = None
    external_guid: str | None = None
    debits: tuple[JournalLine, ...]
    credits: tuple[JournalLine, ...]


class JournalEntryQuery(DocumentQuestion):
    """Journal entries; our key stands in a line's memo, so ask for the lines."""

    request: ClassVar[str] = "JournalEntryQuery"
    template: ClassVar[str] = "journal_entry_query.xml.j2"
