"""How many records a list can hold, by edition, and how close a list is to that.

QuickBooks refuses new names once a list is full and old ones can never be used again, so the forecast matters
before the end does. The figures come from an Intuit community article and vary by year: warn on them, never
refuse a posting because of them. An edition we do not recognise gets the strictest figures.
Source: qbwc-protocol.md section 17.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qbconsole.company.identity import Host

Edition = Literal["pro_premier", "enterprise"]
ListName = Literal["names", "customers", "vendors", "items", "accounts", "classes", "payment_methods"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLimits:
    """The most records each list takes; `names` counts customers, vendors, employees and others together."""

    names: int
    customers: int
    vendors: int
    items: int
    accounts: int
    classes: int
    payment_methods: int


PRO_PREMIER = ListLimits(
    names=14_500,
    customers=10_000,
    vendors=10_000,
    items=14_500,
    accounts=10_000,
    classes=10_000,
    payment_methods=10_000,
)
#: Before Enterprise 14 (version 24) "more than 100,000".
ENTERPRISE_BEFORE_14 = ListLimits(
    names=100_000,
    customers=100_000,
    vendors=100_000,
    items=100_000,
    accounts=100_000,
    classes=100_000,
    payment_methods=10_000,
)
ENTERPRISE = ListLimits(
    names=1_000_000,
    customers=1_000_000,
    vendors=1_000_000,
    items=1_000_000,
    accounts=100_000,
    classes=100_000,
    payment_methods=10_000,
)
#: From this share of a limit on, an operator should know.
NEARLY_FULL_PERCENT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Fullness:
    """How full one list is."""

    list: ListName
    used: int
    limit: int

    @property
    def left(self) -> int:
        """How many records still fit, never below zero."""
        return max(0, self.limit - self.used)

    @property
    def percent(self) -> int:
        """Whole percent in use, rounded down."""
        return self.used * 100 // self.limit

    @property
    def is_nearly_full(self) -> bool:
        """Whether an operator should be warned."""
        return self.percent >= NEARLY_FULL_PERCENT


def edition(product: str) -> Edition:
    """The edition by the product's name: "QuickBooks Enterprise Solutions 24.0" -> enterprise."""
    return "enterprise" if "enterprise" in product.casefold() else "pro_premier"


def limits_for(host: Host | None) -> ListLimits:
    """The limits of this QuickBooks; without a host the strictest."""
    if host is None or edition(host.product) != "enterprise":
        return PRO_PREMIER
    major = host.version.partition(".")[0]
    return ENTERPRISE_BEFORE_14 if major.isdecimal() and int(major) < 24 else ENTERPRISE


def fullness(used: dict[ListName, int], limits: ListLimits) -> tuple[Fullness, ...]:
    """One row a list, fullest first."""
    rows = [Fullness(list=name, used=count, limit=getattr(limits, name)) for name, count in used.items()]
    return tuple(sorted(rows, key=lambda row: (row.used / row.limit, row.list), reverse=True))
