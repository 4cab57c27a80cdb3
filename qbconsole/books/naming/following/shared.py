"""Names that bound documents share: a payment is of its invoice's customer, and stands on its account.

QuickBooks refuses a payment, a refund or a credit of another customer or another accounts receivable account than what
it settles, an invoice of another customer than its sales order, and goods of another vendor than their purchase order.
So what follows takes these names from what is there, whatever the mapping, or a dated rule of it, says by then.
Source: QuickBooks' refusal 3210, simulated in sandbox/quickbooks/documents/settling.py.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from qbconsole.books.answers import Choice, Provenance
from qbconsole.books.naming.following.relayed import Relayed
from qbconsole.books.naming.journal import RECEIVABLE
from qbconsole.books.naming.names import Names
from qbconsole.books.plan import PlanLine
from qbconsole.company.renames import renamed
from qbconsole.company.snapshot import Company
from qbconsole.shop.orders import Order
from qbconsole.value import Value, replace

_NAMES = ("customer_ref", "ar_account_ref", "vendor_ref")
_BY = Provenance(who="qbconsole", place="as on the document it is bound to")


class Shared(Value):
    """What a document says that others bound to it must say too; its fields are those of the documents."""

    customer_ref: str | None = None
    ar_account_ref: str | None = None
    vendor_ref: str | None = None
    #: QuickBooks has the document, so it has the names, or the entry that one of them was merged into.
    is_there: bool = False
    #: QuickBooks itself told whom it is on, be our lists older than that.
    is_told: bool = False

    @classmethod
    def of(cls, document: object) -> Shared:
        """Of a named document; a name nobody gave ("?customer") is shared with nobody."""
        names = {name: getattr(document, name, None) for name in _NAMES}
        return cls(**{name: value for name, value in names.items() if value and not value.startswith("?")})

    def as_there(self, entity: str | None) -> Shared:
        """The same of a document that QuickBooks has; `entity` is whom it has it on, where that is somebody else."""
        if entity is None:
            return replace(self, is_there=True)
        if self.vendor_ref is not None:
            return replace(self, is_there=True, is_told=True, vendor_ref=entity)
        return replace(self, is_there=True, is_told=True, customer_ref=entity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing(Relayed):
    """A merchant's answers, but for the names a document shares; where those are the merchant's own it says so."""

    names: Names
    shared: Shared

    def alike_sale(self, order: Order) -> Hashable | None:
        """The merchant's, of documents that share these names."""
        decided = self.answers.alike_sale(order)
        return None if decided is None else (decided, self.shared)

    def customer(self, order: Order) -> Choice | None:
        """The document's."""
        return self._or("customer", self.shared.customer_ref, self.answers.customer(order))

    def vendor(self, vendor: str) -> Choice | None:
        """The document's."""
        return self._or("vendor", self.shared.vendor_ref, self.answers.vendor(vendor))

    def account(self, role: str, line: PlanLine | None, order: Order | None) -> Choice | None:
        """The document's, where it is what customers owe on."""
        own = self.answers.account(role, line, order)
        if role != RECEIVABLE:
            return own
        return self._or("account", self.shared.ar_account_ref, own)

    def _or(self, kind: str, name: str | None, own: Choice | None) -> Choice | None:
        """The name as QuickBooks has it now, unless it is the merchant's own choice or gone for good."""
        if not name or self._is_own(kind, name, own):
            return own
        if (rename := renamed(self.names.company.renames, kind, name)) is not None:
            name = rename.now
        if self._is_own(kind, name, own) or self._was_merged(kind, name):
            return own
        return Choice(value=name, by=_BY)

    def _was_merged(self, kind: str, name: str) -> bool:
        """Whether what the document is on has no entry of its own any more."""
        told = self.shared.is_told and kind != "account"
        return self.shared.is_there and not told and _is_gone(self.names.company, kind, name)

    def _is_own(self, kind: str, name: str, own: Choice | None) -> bool:
        if own is None:
            return False
        value = self.names.account(own.value) if kind == "account" else own.value
        return self.names.need(kind, value).full_name.casefold() == name.casefold()


def _is_gone(company: Company, kind: str, name: str) -> bool:
    """Whether no entry bears the name any more: it was merged into another, for what is used cannot be deleted."""
    if kind == "account":
        return company.chart.known and company.chart.find(name) is None
    find = company.names.customer if kind == "customer" else company.names.vendor
    return company.names.known and find(name) is None
