"""What all kinds of pull share: rows into snapshots, and what one pull came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.books.roles import gateway_handle
from qbconsole.store import snapshots
from qbconsole.sync.forgetting.redacting import forgotten
from qbconsole.sync.means import TEST_WANTED, Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one pull brought."""

    merchants: tuple[str, ...]
    new: int = 0
    changed: int = 0
    same: int = 0
    stale: int = 0
    #: What the app may not see, a sentence each.
    warnings: tuple[str, ...] = field(default=())

    def __add__(self, other: snapshots.PutResult) -> Pulled:
        return replace(
            self,
            new=self.new + other.new,
            changed=self.changed + other.changed,
            same=self.same + other.same,
            stale=self.stale + other.stale,
        )

    def warned(self, sentences: Iterable[str]) -> Pulled:
        """The same with these sentences, each once."""
        return replace(self, warnings=tuple(dict.fromkeys((*self.warnings, *sentences))))

    def counts(self) -> dict[str, Any]:
        """How much of what, as the journal notes it."""
        return {"new": self.new, "changed": self.changed, "same": self.same, "stale": self.stale}


def keep(
    means: Means,
    tx: sa.Connection,
    merchant: str,
    kind: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    include_test: bool = False,
) -> snapshots.PutResult:
    """Keep rows of one kind in the caller's commit."""
    hidden = forgotten(tx, merchant, means.merchant(merchant).shop)
    given = [row if hidden is None else hidden.without(kind, row) for row in rows]
    new = [_snapshot(kind, row) for row in given]
    if include_test and kind == "order":
        for snapshot, row in zip(new, given, strict=True):
            if row.get("test"):
                snapshots.set_cursor(tx, merchant, TEST_WANTED + snapshot.source_id, "1", means.clock())
    result = snapshots.put(tx, merchant, kind, new, means.clock())
    if include_test and kind == "order":
        snapshots.want_booking(tx, merchant, kind, [one.source_id for one in new])
    return result


def source_id(kind: str, row: Mapping[str, Any]) -> str:
    """What a row is kept under: legacyResourceId, else the GID's last part, else a purchase's number."""
    body = _body(kind, row)
    given = body.get("legacyResourceId") or body.get("id") or row.get("number") or row.get("name")
    return _own_id(kind, row, str(given or ""))


def _body(kind: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A payout stands beside its entries."""
    inside = row.get("payout")
    return inside if kind == "payout" and isinstance(inside, dict) else row


def _snapshot(kind: str, row: Mapping[str, Any]) -> snapshots.NewSnapshot:
    updated = row.get("updatedAt") or _body(kind, row).get("issuedAt")
    return snapshots.NewSnapshot(
        source_id=source_id(kind, row),
        updated_at=str(updated) if row.get("updatedAt") else None,
        raw=msgspec.json.encode(row),
        name=str(row.get("name") or row.get("number") or ""),
    )


def _own_id(kind: str, row: Mapping[str, Any], given: str) -> str:
    """Shopify's numbers are a GID's last part; "PO/7" of a purchase or a fee is no GID and stays whole.

    A fee's number is unique only within its gateway.
    """
    if given.startswith("gid://") or kind not in ("purchase", "fee"):
        return given.rsplit("/", 1)[-1].split("?", 1)[0]
    if kind == "purchase" or not given:
        return given
    handle = gateway_handle(str(row.get("gateway") or ""))
    return given if given.startswith(f"{handle}-") else f"{handle}-{given}"
