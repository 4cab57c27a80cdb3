"""A deposit: what a payout brought to the bank, and what was kept back from it.

Fields as in `books.documents`. A deposit has no RefNumber: it is found by its day and the key in its memo.
Source: protocol notes, sections 15 and 18.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents.posting import Elements, Memo
from qbconsole.books.documents.questions import DatedQuestion
from qbconsole.money import Money
from qbconsole.value import Value


class DepositLine(Value):
    """Where a part of the money comes from, or goes: a line on A/R or A/P names whose it is."""

    entity_ref: str | None = None
    #: The clearing account of a gateway, the fee account …
    account_ref: str
    memo: str | None = None
    #: 11 characters.
    check_number: str | None = None
    payment_method_ref: str | None = None
    class_ref: str | None = None
    #: Positive raises the deposit; negative is kept back, as a fee.
    amount: Money


class Deposit(Value):
    """Money that arrives in an account: the sum of its lines, which may not be below zero."""

    request: ClassVar[str] = "DepositAdd"
    template: ClassVar[str] = "deposit_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "DepositLineAdd"})

    txn_date: date
    deposit_to_account_ref: str
    #: Carries the key: there is nothing else to find a deposit by.
    memo: Memo | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    lines: tuple[DepositLine, ...] = ()


class DepositQuery(DatedQuestion):
    """Deposits, by id or day."""

    request: ClassVar[str] = "DepositQuery"
    template: ClassVar[str] = "deposit_query.xml.j2"
