"""A finished run as its judges see it: both simulated ends, what people did by hand, what our program tells of itself.

The oracle reads the shops and the company files and compares; the checker may read the store as well. Moments are
aware UTC in virtual time; amounts are Decimals as the ends give them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from qbconsole.sandbox.quickbooks import CompanyFile, Filed
from qbconsole.sandbox.shopify import Shop

#: "right": the file the company is linked to (a restored one stays right); "copy": a copy of it that somebody went on
#: with; "other": another company's.
Role = Literal["right", "copy", "other"]
#: What became of a document by hand: "gone": it must not stand there any more and must not be added again; "again":
#: the operator asked for it once more, so it has to stand there once; "kept": it stands, but as edited.
Wanted = Literal["gone", "again", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A law that a run broke."""

    #: Short name of the law, such as "exactly once".
    law: str
    #: What is wrong, in one sentence that names the document or account.
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One message set that QuickBooks worked on."""

    at: datetime
    #: Which connector brought it.
    connector: str
    #: newMessageSetID, "" for a set that only asks.
    set_id: str
    #: The very text QuickBooks was handed.
    text: str = field(repr=False)
    #: TxnIDs that are in the file since.
    made: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """A company file that was open when our connector came, whether it should have been or not."""

    label: str
    role: Role
    #: As it lies there at the end.
    file: CompanyFile = field(repr=False)
    #: TxnIDs it held before our program first met it.
    before: frozenset[str] = frozenset()
    #: What was handed to QuickBooks while this file was open, reads too, oldest first.
    written: tuple[Written, ...] = field(default=(), repr=False)
    #: What stood in it before it was condensed last, as QuickBooks' archive copy has it; its summary stands for the
    #: closed ones of these.
    archive: tuple[Filed, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What a person did to a document of ours in QuickBooks."""

    at: datetime
    #: Label of the file, the company in it: "oak/right".
    file: str
    what: Literal["deleted", "voided", "edited"]
    kind: str
    txn_id: str
    ref_number: str
    #: As it was before: it ends with our key.
    memo: str
    wanted: Wanted
    #: Its day and its postings before, as `Filed.postings`: (account, amount debit positive, name).
    txn_date: date
    postings: tuple[tuple[str, Decimal, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyEnd:
    """One company of the workspace."""

    id: str
    #: As the mapping names it, and so the right file.
    name: str
    #: Every file its connectors ever had open; at least the right one.
    files: tuple[OpenedFile, ...]
    #: Why our program writes nothing to it, "" while all is well.
    stopped: str = ""
    #: Sets that QuickBooks could not read, and did nothing of.
    unread: frozenset[str] = frozenset()

    @property
    def right(self) -> OpenedFile:
        """The file its books belong in."""
        return next(one for one in self.files if one.role == "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantEnd:
    """One merchant and its shop."""

    id: str
    company: str
    shop: Shop = field(repr=False)
    sales: Literal["detailed", "summary"] = "detailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A hold or a flag as a person reads it."""

    merchant: str
    #: Key of a document, "order/<id>", or the event.
    subject: str
    where: str
    reason: str
    sentence: str
    next_step: str
    #: It holds nothing back, it asks for a look.
    is_flag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A document that is neither in QuickBooks nor put aside."""

    key: str
    company: str
    merchant: str
    kind: str
    #: Of the document and of its request, as the lifecycle names them.
    state: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One document our service handed to a connector, whether or not it arrived."""

    at: datetime
    company: str
    ticket: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenBuyer:
    """Somebody whom Shopify demanded to forget, and we said yes."""

    merchant: str
    company: str
    #: Shopify's number.
    customer: str
    #: Id of the delivery that demanded it.
    delivery: str
    #: What tells who it is: the name, and last the e-mail address.
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The run, after the faults stopped and everybody had time to finish."""

    seed: int
    began: datetime
    ended: datetime
    #: mappings.toml as it is at the end.
    mapping: str = field(repr=False)
    companies: tuple[CompanyEnd, ...]
    merchants: tuple[MerchantEnd, ...]
    by_hand: tuple[ByHand, ...] = ()
    told: tuple[Told, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    handed: tuple[Handed, ...] = field(default=(), repr=False)
    #: Tickets that connectors were given, in that order.
    opened: tuple[str, ...] = ()
    #: Sessions a company needed after the faults stopped, and how many it may have needed.
    sessions_after: int = 0
    sessions_limit: int = 0
    #: Whether every connector was told "none" at the end.
    finished: bool = True
    #: Fault -> how often it really had an effect.
    fired: Mapping[str, int] = field(default_factory=dict)
    forgotten: tuple[ForgottenBuyer, ...] = ()
    #: What a fault saw with its own eyes, such as a forged webhook that was taken.
    seen_broken: tuple[Violation, ...] = ()
