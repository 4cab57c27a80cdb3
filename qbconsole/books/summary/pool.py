"""What is added up in one set of documents: a shop day, channel, location and currency, or a payout and currency.

Source: accounting.md section 10.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from qbconsole.books.plan import Plan

#: Lines of one document at most; QuickBooks' own limit is not known, so it is kept far below any seen.
LINE_CAP = 400
#: qbc1, the shop, "day", the pool, the part and its generation.
_KEY_PARTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What is added up in one journal entry; that of a payout is of all channels and locations."""

    #: The shop day, or the payout's.
    on: date
    #: The channel's label: "Online Store"; "" of a payout.
    channel: str
    location: str
    currency: str
    #: The payout that pays it out; "" of a shop day.
    payout: str = ""
    #: One of the channel's sources, for the rules that look at it.
    source: str = field(default="", compare=False)
    #: The merchant, where several share the shop.
    whose: str = field(default="", compare=False)

    @classmethod
    def of_plan(cls, plan: Plan) -> Pool:
        """The pool of a part that is kept."""
        return cls(
            on=plan.on,
            channel=plan.channel,
            location=plan.location,
            currency=plan.currency,
            payout=plan.payout,
            source=plan.source,
        )

    @property
    def slug(self) -> str:
        """Channel, location and currency as a key can hold them; of a payout, its id and currency."""
        if self.payout:
            return f"payout-{_plain(self.payout)}.{self.currency}"
        return ".".join((_plain(self.channel), _plain(self.location), self.currency))

    @property
    def source_id(self) -> str:
        """What the day's documents are kept under."""
        return f"day/{self.on.isoformat()}.{self.slug}"

    @property
    def key(self) -> str:
        """What stands in its documents' keys: one shop's merchants have days of their own, each kept under its merchant."""
        return f"{self.source_id}.{_plain(self.whose)}" if self.whose else self.source_id

    @property
    def mark(self) -> str:
        """What its documents' numbers share: "260301O", of a payout "P260301"."""
        day = f"{self.on:%y%m%d}"
        return f"P{day}" if self.payout else f"{day}{(self.channel[:1] or 'X').upper()}"

    @property
    def words(self) -> str:
        """What people call it: "2026-03-01, Online Store", or "sales of payout 987, 2026-03-01"."""
        if self.payout:
            return f"sales of payout {self.payout}, {self.on.isoformat()}"
        return ", ".join(text for text in (self.on.isoformat(), self.channel, self.location) if text)


def _plain(text: str) -> str:
    """Letters, digits and dashes; a mark keeps apart what looks the same without its other characters."""
    plain = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text).split()).lower()
    if plain == text.lower():
        return plain
    return f"{plain[:40]}~{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def is_day_of_others(key: str, other: str) -> bool:
    """Whether both keys are of one shop's same day or payout, and only one of them names whose it is."""
    mine, theirs = key.split("/"), other.split("/")
    if mine[:3] != theirs[:3] or mine[2:3] != ["day"] or min(len(mine), len(theirs)) < _KEY_PARTS:
        return False
    short, long = sorted((mine[3], theirs[3]), key=len)
    return long.startswith(f"{short}.")


def pool_of(
    on: date, channel: str, location: str, currency: str, source: str = "", *, whose: str = ""
) -> Pool:
    """The pool an order's event of this day belongs to."""
    return Pool(on=on, channel=channel, location=location, currency=currency, source=source, whose=whose)


#: What a payout's summary is to the rules that look at channels.
PAYOUTS = "shopify_payments"


def pool_of_payout(on: date, payout: str, currency: str, *, whose: str = "") -> Pool:
    """The pool of what a payout pays out."""
    return Pool(on=on, channel="", location="", currency=currency, payout=payout, source=PAYOUTS, whose=whose)
