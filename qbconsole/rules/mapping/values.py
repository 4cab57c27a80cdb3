"""What mappings.toml says, as frozen plain values that travel to the plugin host and into the store.

Nothing here knows TOML or validation: `rules.mapping.read` builds these, and an invalid file never becomes
one. Tables keep the line of every entry, because every choice must be able to say where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as ReadOnly
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from qbconsole.books.answers import TOGETHER
from qbconsole.books.policy import Creation, Modes, Numbers, Policy, Settings
from qbconsole.company.lists import SkuField
from qbconsole.value import Value, field

_NUMBERED = re.compile(r"(?P<number>[0-9A-Za-z.-]{1,7}) · (?P<name>.*)")


def folded(text: str) -> str:
    """The form in which two texts people typed are the same text."""
    return text.strip().casefold()


def folded_taxes(title: str) -> str:
    """The same for a tax, or several parted by TOGETHER: their order is of no matter."""
    return TOGETHER.join(sorted(map(folded, title.split(TOGETHER))))


def split_account(text: str) -> tuple[str, str]:
    """Number and full name of an account as a merchant writes it; either may be "".

    "4000" -> ("4000", ""), "4000 · Sales" -> ("4000", "Sales"), "Sales:Shopify" -> ("", "Sales:Shopify").
    """
    if text.isdigit() and len(text) <= 7:
        return text, ""
    number, names = "", []
    for part in text.split(":"):
        found = _NUMBERED.fullmatch(part.strip())
        number = found["number"] if found else ""
        names.append(found["name"].strip() if found else part.strip())
    return number, ":".join(names)


class Said(Value):
    """One entry of a table and the line it stands on."""

    value: str
    line: int


class Bounds(Value):
    """From an amount (inclusive) to an amount (exclusive), in the shop's currency."""

    at_least: Decimal | None = None
    below: Decimal | None = None

    def hold(self, amount: Decimal) -> bool:
        """True when the amount lies within the bounds."""
        return not (
            (self.at_least is not None and amount < self.at_least)
            or (self.below is not None and amount >= self.below)
        )


class Span(Value):
    """From a shop date (inclusive) until a shop date (exclusive)."""

    first: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """True when the day lies within the span."""
        return not (
            (self.first is not None and day < self.first) or (self.until is not None and day >= self.until)
        )


class Registration(Value):
    """One line of [registered]: whether, and from when until when, tax of a province is owed."""

    line: int
    registered: bool = True
    span: Span | None = None

    def holds(self, day: date | None) -> bool:
        """True when tax of that day is owed there; without a day the dates do not count."""
        return self.registered and (self.span is None or day is None or self.span.holds(day))


class Rule(Value):
    """One if-then: what must hold, what it then says, and when it applies."""

    line: int
    #: Condition -> wanted texts; any of them will do, and every condition must hold.
    when: ReadOnly[str, tuple[str, ...]]
    #: Outcome ("account", "item", "hold" …) -> what the rule says.
    outcomes: ReadOnly[str, str]
    amount: Bounds | None = None
    span: Span | None = None


class Tables(Value):
    """The tables of one level: of [defaults], or of one merchant."""

    #: "defaults" or "merchants.oak-ember".
    level: str
    #: "accounts", "items", "items.sku", "taxes", "taxes.agency" … -> key -> entry. Empty tables are left
    #: out; keys that people type (SKUs, titles, places, names) are folded by `folded`.
    entries: ReadOnly[str, ReadOnly[str, Said]] = field(default_factory=dict)
    #: Item fields a SKU is looked up in, in this order; None where the level does not say.
    match: tuple[SkuField, ...] | None = None
    #: Province -> whether its tax is owed; None where the level says nothing of it.
    registered: ReadOnly[str, Registration] | None = None
    rules: tuple[Rule, ...] = ()

    def said(self, table: str, key: str) -> Said | None:
        """The entry of a table at this level, or None."""
        entries = self.entries.get(table)
        return entries.get(key) if entries else None


class Filter(Value):
    """One filter of a merchant: what passes; everything else is held as `filtered`."""

    #: "value", "location", "channel", "tag", "status" or "date".
    on: str
    line: int
    only: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()
    amount: Bounds | None = None
    span: Span | None = None


class Schedule(Value):
    """When a merchant is synced without being asked."""

    mode: Literal["daily", "every", "manual"] = "manual"
    #: For daily: "02:15" in the shop's time zone; `serve` starts the sync within a minute.
    at: str = "02:15"
    #: For every: so many minutes apart.
    minutes: int = 60


class CompanyEntry(Value):
    """[companies.X]: one QuickBooks company file."""

    id: str
    name: str
    #: Path on the Windows PC, "" where any open file of that name will do.
    file: str = ""
    country: str = "US"
    #: Books are closed up to and with this day.
    closing_date: date | None = None
    #: First month of the fiscal year, 1-12; None leaves it to QuickBooks.
    fiscal_year_start: int | None = None


class Given(Value):
    """One option of a plugin as it stands in mappings.toml."""

    value: Any
    line: int
    #: Key of a table -> its line.
    lines: ReadOnly[str, int] = field(default_factory=dict)


class Merchant(Value):
    """[merchants.X]: one shop, or the part of it that posts into one company file."""

    id: str
    company: str
    #: "oak-ember.myshopify.com"
    shop: str
    tables: Tables
    #: Where Shopify reaches `serve` ("https://books.example.com"); "" where no webhooks are wanted.
    webhooks: str = ""
    #: Plugins it opted in to, the first is asked first.
    plugins: tuple[str, ...] = ()
    start: date | None = None
    policy: Policy = field(default_factory=Policy)
    modes: Modes = field(default_factory=Modes)
    create: Creation = field(default_factory=Creation)
    numbers: Numbers = field(default_factory=Numbers)
    schedule: Schedule = field(default_factory=Schedule)
    filters: tuple[Filter, ...] = ()
    #: Plugin -> option -> what is said, the merchant's own before that of [defaults].
    options: ReadOnly[str, ReadOnly[str, Given]] = field(default_factory=dict)
    #: Where `plugins` stands, for what is missing among the options.
    plugins_line: int = 1


class Mapping(Value):
    """A whole mappings.toml that was found valid."""

    #: Name of the file as provenance shows it.
    file: str
    #: Of the text, in hex: the revision's identity.
    sha256: str
    companies: ReadOnly[str, CompanyEntry]
    merchants: ReadOnly[str, Merchant]
    defaults: Tables

    def settings(
        self,
        merchant: str,
        *,
        home_currency: str = "USD",
        closing_date: date | None = None,
        include_test: bool = False,
    ) -> Settings:
        """All that booking needs of a merchant; the later of two closing dates counts."""
        entry = self.merchants[merchant]
        known = (closing_date, self.companies[entry.company].closing_date)
        return Settings(
            merchant=merchant,
            policy=entry.policy,
            modes=entry.modes,
            create=entry.create,
            numbers=entry.numbers,
            start=entry.start,
            closing_date=max((day for day in known if day is not None), default=None),
            home_currency=home_currency,
            include_test=include_test,
            whose=merchant if len(self.merchants_of_shop(entry.shop)) > 1 else "",
        )

    def merchants_of_shop(self, domain: str) -> tuple[Merchant, ...]:
        """Every merchant of a shop; several where one shop is split over companies by filters."""
        wanted = domain.strip().lower()
        return tuple(one for one in self.merchants.values() if one.shop == wanted)

    def owns_payouts(self, merchant: str) -> bool:
        """Whether what a shop does beside its orders is this merchant's: the shop's first in the file has it all.

        A payout pays the orders of every merchant of its shop at once and arrives on one bank account.
        """
        return self.merchants_of_shop(self.merchants[merchant].shop)[0].id == merchant

    def merchants_of_company(self, company: str) -> tuple[Merchant, ...]:
        """Every merchant that posts into one company file."""
        return tuple(one for one in self.merchants.values() if one.company == company)

    def ladder(self, merchant: str) -> tuple[Tables, Tables]:
        """The merchant's own tables, then the defaults."""
        return (self.merchants[merchant].tables, self.defaults)


def nothing_mapped(file: str) -> Mapping:
    """A mapping that says nothing: what counts while no text of the file was ever valid."""
    return Mapping(file=file, sha256="", companies={}, merchants={}, defaults=Tables(level="defaults"))
