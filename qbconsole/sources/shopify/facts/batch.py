"""What every reader gives, and the small words all of them need: times, and rows cut short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from qbconsole.errors import ShopifyContradiction

Raw = dict[str, Any]
#: Search lags behind and parents are stamped before children: go back this far.
REWIND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows to be kept in one commit."""

    rows: tuple[Raw, ...] = ()
    #: Where to go on once these rows are kept; None: the cursor stays.
    cursor: str | None = None
    #: What could not be read, a sentence each.
    said: tuple[str, ...] = ()


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


def cut_short(row: Raw, *names: str) -> bool:
    """Whether a connection inside this row has more than was given."""
    return any(row[name]["pageInfo"]["hasNextPage"] for name in names)


def whole(row: Raw, *names: str) -> Raw:
    """The row with these connections as `pull --from-file` has them, without pageInfo."""
    return {**row, **{name: {"nodes": row[name]["nodes"]} for name in names}}
