"""The picker's candidates: names of QuickBooks' cached lists, why one does not fit, and how they rank by what is typed.

Order: exact name > the last part begins so > all words occur > alike (rapidfuzz). Among true matches, and among those
that are alike, what does not fit comes after what does, with the reason, so that one learns why. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process, utils

from qbconsole.company.lists import Entries
from qbconsole.company.snapshot import Company
from qbconsole.value import Value
from qbconsole.views.mapping.want import Want

#: Below this a name is not alike.
_ALIKE = 60
#: So many names that are only alike are shown.
_MOST_ALIKE = 40
_EXACT, _PREFIX, _ALL_WORDS = 100, 95, 90
_WORD = re.compile(r"\w+")
#: From here on a typed word is one of a name's, mistyped.
_MISTYPED = 75


class Candidate(Value):
    """One name that could be picked."""

    name: str
    #: "Income", "ItemSalesTax", "vendor" …
    kind: str
    is_active: bool = True
    #: Documents it was used for, as far as they were counted.
    used: int = 0
    #: Why it does not fit; "" where it does.
    why_not: str = ""


class Hit(Value):
    """A candidate among those found, 0 to 100 near what was typed."""

    candidate: Candidate
    score: int
    #: False for a mere guess: what was typed is no part of this name, and may well be a new one.
    is_meant: bool = True


def candidates(company: Company, want: Want, used: Mapping[str, int]) -> tuple[Candidate, ...]:
    """Every name a place could take; those that do not fit with the reason."""
    if want.words:
        return tuple(Candidate(name=word, kind="word", used=used.get(word, 0)) for word in want.words)
    found = [_candidate(record, kind, company, want, used) for kind, record in _records(company, want)]
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def is_known(company: Company, list_kind: str) -> bool:
    """Whether the list was ever read."""
    held: Any = _list(company, list_kind)
    return bool(held is not None and held.known)


def _list(company: Company, list_kind: str) -> object:
    match list_kind:
        case "account":
            return company.chart
        case "item":
            return company.items
        case "customer" | "vendor":
            return company.names
    return _entries(company, list_kind)


def _entries(company: Company, list_kind: str) -> Entries | None:
    """One of the short lists, whose entries are alike in all that matters here."""
    return {
        "class": company.classes,
        "payment_method": company.payment_methods,
        "terms": company.terms,
        "sales_rep": company.sales_reps,
        "ship_method": company.ship_methods,
        "inventory_site": company.sites,
        "template": company.templates,
        "customer_message": company.customer_messages,
    }.get(list_kind)


def _records(company: Company, want: Want) -> Iterator[tuple[str, Any]]:
    match want.list_kind:
        case "account":
            yield from ((one.account_type, one) for one in company.chart)
        case "item":
            yield from ((one.kind, one) for one in company.items)
        case "customer":
            yield from (("Customer", one) for one in company.names.customers)
        case "vendor":
            yield from (
                ("Tax agency" if one.is_tax_agency else "Vendor", one) for one in company.names.vendors
            )
        case kind:
            yield from ((_CALLED.get(kind, ""), one) for one in _entries(company, kind) or ())


_CALLED = {
    "class": "Class",
    "payment_method": "Payment method",
    "terms": "Terms",
    "sales_rep": "Sales rep",
    "ship_method": "Ship method",
    "inventory_site": "Site",
    "template": "Printed form",
    "customer_message": "Message",
}


def _candidate(record: Any, kind: str, company: Company, want: Want, used: Mapping[str, int]) -> Candidate:
    return Candidate(
        name=record.full_name,
        kind=kind,
        is_active=record.is_active,
        used=used.get(record.full_name, 0),
        why_not=_why_not(record, kind, company, want),
    )


def _why_not(record: Any, kind: str, company: Company, want: Want) -> str:
    if not record.is_active:
        return "inactive in QuickBooks"
    if want.types and kind not in want.types:
        return "wrong type for this"
    if kind == "NonPosting":
        return "takes no postings"
    home = company.preferences.home_currency.full_name if company.preferences else ""
    currency = getattr(record, "currency", "")
    if currency and home and currency != home:
        return f"other currency: {currency}"
    return ""


def ranked(
    every: Sequence[Candidate], typed: str, *, near: str = "", inactive: bool = False
) -> tuple[Hit, ...]:
    """What to show for what is typed; with nothing typed all, those most like `near` first."""
    shown = [one for one in every if inactive or one.is_active]
    typed = " ".join(typed.split())
    if not typed:
        return tuple(sorted(_by_likeness(shown, near), key=_order))
    told = dict(_exact(shown, typed.casefold()))
    hits = [Hit(candidate=shown[place], score=score) for place, score in told.items()]
    rest = {place: one.name for place, one in enumerate(shown) if place not in told}
    alike = process.extract(
        typed,
        rest,
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        score_cutoff=_ALIKE,
        limit=_MOST_ALIKE,
    )
    hits += [
        Hit(
            candidate=shown[place],
            score=min(int(score), _ALL_WORDS - 1),
            is_meant=_is_mistyped(typed.casefold(), name.casefold()),
        )
        for name, score, place in alike
    ]
    # A true match that does not fit stands before a guess that would: the operator meant it, and learns why not.
    return tuple(sorted(hits, key=lambda hit: (hit.score < _ALL_WORDS, *_order(hit))))


def _order(hit: Hit) -> tuple[bool, int, int, str]:
    one = hit.candidate
    return bool(one.why_not), -hit.score, -one.used, one.name.casefold()


def _exact(shown: Sequence[Candidate], typed: str) -> Iterator[tuple[int, int]]:
    words = typed.split()
    for place, one in enumerate(shown):
        name = one.name.casefold()
        if name == typed:
            yield place, _EXACT
        elif name.rpartition(":")[2].strip().startswith(typed):
            yield place, _PREFIX
        elif all(word in name for word in words):
            yield place, _ALL_WORDS


def _is_mistyped(typed: str, name: str) -> bool:
    """Whether each word typed is, but for a letter or two, a word of the name or how one begins."""
    parts = _WORD.findall(name)
    return all(
        any(max(fuzz.ratio(word, part), fuzz.ratio(word, part[: len(word)])) >= _MISTYPED for part in parts)
        for word in _WORD.findall(typed)
    )


def _by_likeness(shown: Iterable[Candidate], near: str) -> list[Hit]:
    every = list(shown)
    if not near:
        return [Hit(candidate=one, score=0) for one in every]
    names = {place: one.name for place, one in enumerate(every)}
    found = process.extract(near, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=None)
    return [Hit(candidate=every[place], score=int(score)) for _, score, place in found]
