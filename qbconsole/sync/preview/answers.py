"""What a what-if tells: which documents change, what that moves, what is in QuickBooks already. Frozen values.

Amounts: debit positive, each in its own currency. Texts may be the shop's own: show them through `visible.safe`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from qbconsole.money import Money

#: "changed": the same document with other names or words; "new", "gone": drawn up under one of the two only.
What = Literal["changed", "new", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing of a document that the candidate decides otherwise; "" where one of the two says nothing."""

    #: "item of line 1", "account of sales_income", or a place in the request: "SalesReceiptLineAdd 1 Desc".
    field: str
    before: str
    after: str
    #: Who decides it under the candidate: "mappings.toml:42"; "" where nobody is known.
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One document that would be another one."""

    merchant: str
    company: str
    #: What it is kept under: "8734", "payout/987", "day/2026-03-01.online-store..USD".
    source_id: str
    #: What people call that: "order #1001".
    label: str
    key: str
    #: As QuickBooks calls it; under the candidate where both have it.
    kind: str
    ref_number: str
    date: date
    what: What
    differences: tuple[Difference, ...]
    #: Account -> what the candidate posts to it beyond what is posted in force.
    moved: Mapping[str, Money]
    #: State of the document as it is kept; "" where it is not.
    state: str = ""
    #: It is in QuickBooks or on its way there: there it stays as it is.
    sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """An event or document that waits for a person under one of the two only."""

    merchant: str
    source_id: str
    label: str
    #: Event or document key.
    subject: str
    reason: str
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What the candidate moves on one account of a company file."""

    company: str
    account: str
    amount: Money
    #: Of that, on documents nothing of which is in QuickBooks: what would really come.
    unsent: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a candidate would do to what was replayed. Nothing was written."""

    #: First shop day looked at; None for everything.
    since: date | None
    merchants: tuple[str, ...]
    #: By day and number; those already sent among them.
    changed: tuple[Change, ...] = ()
    #: By company and account; accounts on which it comes to nothing are left out.
    deltas: tuple[Delta, ...] = ()
    #: Of the changed ones, those that are in QuickBooks or on their way: they stay as they are there.
    already_sent: tuple[Change, ...] = ()
    newly_held: tuple[Wait, ...] = ()
    newly_ready: tuple[Wait, ...] = ()
    #: Documents that both decide alike.
    unchanged: int = 0
    #: Orders, facts and shop days replayed.
    replayed: int = 0
    #: What would be added to QuickBooks' lists under the candidate only: ("account", "Sales:Wrap").
    added_names: tuple[tuple[str, str], ...] = ()
    #: Merchant -> why nothing of it was replayed.
    left_out: Mapping[str, str] = field(default_factory=dict)
    #: How long it took, to the millisecond.
    seconds: Decimal = Decimal(0)
    #: False where it was cancelled on the way: then it tells a part only.
    is_whole: bool = True
