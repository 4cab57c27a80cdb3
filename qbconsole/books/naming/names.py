"""Names in use: the QuickBooks names that documents need, and how each would be added.

A shop has few names and many documents. What a name takes along (its legal form, its parents, the accounts of an
item, the agency of a tax) does not depend on the document, so it is worked out once a desk and remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Generic, TypeVar, TypeVarTuple

from qbconsole.books.answers import Choice
from qbconsole.books.documents.fields import FIELDS
from qbconsole.books.policy import Settings
from qbconsole.company.lists import Listed
from qbconsole.company.snapshot import Company
from qbconsole.value import Value

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
About = TypeVarTuple("About")
#: Longest own name in each list (protocol notes, section 12).
NAME_MAX = {"customer": 41, "vendor": 41} | {
    field.list_kind: field.longest for field in FIELDS.values() if field.list_kind
}
#: Lists whose names have no parents, so that a colon in them is only a colon.
_FLAT = frozenset({"customer_message", "template", "ship_method", "sales_rep"})
#: A name shorter than this has no room for a mark.
_MARKED_FROM = 10
#: So many names are remembered; then all are forgotten, which only costs time.
_REMEMBERED = 20_000


# Looked up by the hundred, so its hash is worked out once.
class Need(Value, kw_only=False, cache_hash=True):
    """A name of a QuickBooks list that a request uses; it must exist before the request may go."""

    #: "account", "item", "customer", "vendor", "class", "payment_method", "terms", "sales_tax_code", or the list of a
    #: field of `books.documents.fields`: "ship_method" …
    list_kind: str
    full_name: str


class Wanted(Value):
    """How a needed name would be added to QuickBooks, should it be missing and may we add it."""

    need: Need
    #: A list entry of `books.documents.list_entries` or `books.documents.items`; None where nobody can tell yet which.
    entry: object | None
    #: Names the entry itself uses: its accounts, its parent, its agency.
    needs: tuple[Need, ...] = ()


@dataclass(slots=True, kw_only=True)
class Names:
    """Everything about names that one desk has worked out."""

    company: Company
    settings: Settings
    #: Text and length -> what QuickBooks will keep of a name.
    fit: Callable[[str, int], str]
    #: What was worked out for the parts of documents, by all that decides it; `keep` adds to it.
    told: dict[Hashable, Told[Any]] = field(default_factory=dict)
    _legal: dict[tuple[str, str], Need] = field(default_factory=dict)
    _lacking: dict[Need, bool] = field(default_factory=dict)
    _inactive: dict[Need, bool] = field(default_factory=dict)
    _accounts: dict[str, str] = field(default_factory=dict)
    _uses: dict[tuple[object, ...], tuple[str, Using]] = field(default_factory=dict)

    def need(self, list_kind: str, full_name: str) -> Need:
        """The name in the form QuickBooks keeps it."""
        found = self._legal.get((list_kind, full_name))
        if found is None:
            found = Need(list_kind, self._fitted(list_kind, full_name))
            _remember(self._legal, (list_kind, full_name), found)
        return found

    def lacks(self, need: Need) -> bool:
        """Whether QuickBooks lacks a name, or may lack it because its list was never read."""
        found = self._lacking.get(need)
        if found is None:
            there = _finder(self.company, need.list_kind)(need.full_name)
            found = there is None or not there.is_active
            _remember(self._lacking, need, found)
        return found

    def is_inactive(self, need: Need) -> bool:
        """Whether QuickBooks has the name but would let no document use it; another of the name it would refuse."""
        found = self._inactive.get(need)
        if found is None:
            there = _finder(self.company, need.list_kind)(need.full_name)
            found = there is not None and not there.is_active
            _remember(self._inactive, need, found)
        return found

    def account(self, name: str) -> str:
        """A number or "4000 · Sales" becomes the full name once the chart is known."""
        if not self.company.chart.known:
            return name
        found = self._accounts.get(name)
        if found is None:
            account = self.company.chart.find(name)
            found = account.full_name if account else name
            _remember(self._accounts, name, found)
        return found

    def used(self, want: Callable[[Using, *About], str], about: tuple[*About]) -> tuple[str, Using]:
        """A name and all that comes with it, worked out the first time it is asked for."""
        found = self._uses.get((want, about))
        if found is None:
            apart = Using(names=self)
            found = (want(apart, *about), apart)
            apart.settle()
            _remember(self._uses, (want, about), found)
        return found

    def keep(self, key: Hashable, told: Told[Any]) -> None:
        """Remember it for the next document that has such a part."""
        _remember(self.told, key, told)

    def _fitted(self, list_kind: str, full_name: str) -> str:
        """Each part of a full name fitted to its length; one that had to be cut ends in a stable mark."""
        limit = NAME_MAX.get(list_kind, 31)
        if list_kind in _FLAT:
            return self._part(full_name, limit)
        return ":".join(self._part(part, limit) for part in full_name.split(":"))

    def _part(self, text: str, limit: int) -> str:
        fitted = self.fit(text, 4095)
        if len(fitted) <= limit:
            return fitted
        if limit < _MARKED_FROM:
            return self.fit(fitted, limit)
        mark = hashlib.sha256(text.encode()).hexdigest()[:5].upper()
        return f"{self.fit(fitted[: limit - 6], limit - 6)}~{mark}"


def _finder(company: Company, list_kind: str) -> Callable[[str], Listed | None]:
    """How a name of a list is looked up in what QuickBooks told us."""
    return {
        "account": company.chart.find,
        "item": company.items.by_name,
        "customer": company.names.customer,
        "vendor": company.names.vendor,
        "class": company.classes.by_name,
        "payment_method": company.payment_methods.by_name,
        "terms": company.terms.by_name,
        "sales_tax_code": company.sales_tax_codes.by_name,
        "ship_method": company.ship_methods.by_name,
        "customer_message": company.customer_messages.by_name,
        "sales_rep": company.sales_reps.by_name,
        "template": company.templates.by_name,
        "inventory_site": company.sites.by_name,
    }[list_kind]


def _remember(memo: dict[K, V], key: K, value: V) -> None:
    if len(memo) >= _REMEMBERED:
        memo.clear()
    memo[key] = value


@dataclass(slots=True, kw_only=True, eq=False)
class Using:
    """Names that one document uses, or that one name takes along, in the order they came up."""

    names: Names
    #: The names QuickBooks lacks, or may lack; the values mean nothing.
    needs: dict[Need, None] = field(default_factory=dict)
    #: How those would be added.
    wanted: dict[Need, Wanted] = field(default_factory=dict)
    #: Others whose names it uses too, in the order they came up; `settle` puts them together.
    _waiting: dict[Using, None] = field(default_factory=dict)

    def need(self, list_kind: str, full_name: str) -> str:
        """Use a name of a list, in the form QuickBooks keeps it."""
        need = self.names.need(list_kind, full_name)
        if self.names.lacks(need):
            self.settle()
            self.needs[need] = None
        return need.full_name

    def want(self, need: Need, entry: object | None, needs: tuple[Need, ...] = ()) -> None:
        """Say how a name would be added (None: nobody can tell yet); whoever says so first describes it."""
        self.settle()
        if need in self.needs:
            self.wanted.setdefault(need, Wanted(need=need, entry=entry, needs=needs))

    def take(self, other: Using) -> None:
        """Use everything another one uses, which is settled; what is described already stays as it is."""
        # Where QuickBooks has all names, which is most days, there is nothing to put together.
        if other.needs:
            self._waiting[other] = None

    def settle(self) -> None:
        """Put together what was taken since; `needs` and `wanted` are whole then."""
        if not self._waiting:
            return
        wanted: dict[Need, Wanted] = {}
        # Backwards, so that the first to describe a name has the last word.
        for other in reversed(self._waiting):
            wanted.update(other.wanted)
        wanted.update(self.wanted)
        self.wanted = wanted
        for other in self._waiting:
            self.needs.update(other.needs)
        self._waiting.clear()


# No Value: it leads back to the desk's names, so the garbage collector must see it.
@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Generic[T]):
    """What one part of a document came to: its names, who chose them, and what they take along."""

    names: T
    why: tuple[tuple[str, Choice], ...]
    using: Using


def remembered(want: Callable[[Using, *About], str]) -> Callable[[Using, *About], str]:
    """Work a use out once a desk; its arguments alone may decide it, never the document at hand."""

    @wraps(want)
    def use(using: Using, *about: *About) -> str:
        name, taken = using.names.used(want, about)
        using.take(taken)
        return name

    return use
