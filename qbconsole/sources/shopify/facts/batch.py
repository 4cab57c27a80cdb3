"""What every reader gives, and the small words all of them need: times, and records that are not whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.answers import QueryTooCostly, VersionRetired
from qbconsole.visible import safe

Raw = dict[str, Any]
#: Search lags behind and parents are stamped before children: go back this far.
REWIND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A record that could not be read whole; the others beside it were."""

    #: As its snapshots are known: a GID's last part, a purchase order's number.
    number: str
    #: As people call it: "Transfer #T0001".
    name: str
    why: str
    #: When it had changed, as Shopify wrote it; None where it does not say.
    updated_at: str | None = None

    def sentence(self) -> str:
        """What could not be read, for people."""
        return f"{self.name} could not be read whole, so it is not kept: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows to be kept in one commit."""

    rows: tuple[Raw, ...] = ()
    #: Where to go on once these rows are kept; None: the cursor stays.
    cursor: str | None = None
    #: What could not be read, a sentence each.
    said: tuple[str, ...] = ()
    #: Records that are not among the rows and wait until they can be read.
    unread: tuple[Unread, ...] = ()


def stamp(at: datetime) -> str:
    """A point in time as Shopify's search takes it; whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: object, what: str) -> datetime:
    """A time of Shopify's. Raises ShopifyContradiction where there is none."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as cause:
        raise ShopifyContradiction(f"{what} without a time: {text!r}") from cause


def check_since(at: datetime, cursor: str | None, what: str) -> None:
    """Refuse a row from before the window: then the filter was not applied."""
    if cursor is not None and at < datetime.fromisoformat(cursor):
        raise ShopifyContradiction(f"Shopify gave {what} of {stamp(at)}, outside the window asked for")


def if_whole(name: str, number: str, read: Callable[[], Raw]) -> Raw | Unread:
    """One record, or why it cannot be read: one that contradicts itself does not keep the others away."""
    try:
        return read()
    except VersionRetired:
        raise  # of no other record an answer could be believed either
    except (ShopifyContradiction, QueryTooCostly) as cause:
        return Unread(number=number, name=safe(name, limit=80), why=str(cause))


def parted(found: Iterable[Raw | Unread]) -> tuple[tuple[Raw, ...], tuple[Unread, ...]]:
    """Rows, and what could not be read."""
    every = list(found)
    unread = tuple(one for one in every if isinstance(one, Unread))
    return tuple(one for one in every if not isinstance(one, Unread)), unread
