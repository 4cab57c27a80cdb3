"""What a text names: an order, a fact beside orders, or a shop day in summary."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from qbconsole.errors import UsageError
from qbconsole.rules.nearest import nearest
from qbconsole.store import books, parties, snapshots
from qbconsole.store.books import finding

#: What people call a kind of snapshot -> the kind.
KINDS = {
    "order": "order",
    "payout": "payout",
    "dispute": "dispute",
    "gift_card": "gift_card",
    "store_credit": "store_credit",
    "cash_session": "cash_session",
    "drawer": "cash_session",
    "fee": "fee",
    "inventory_group": "inventory_group",
    "stock_group": "inventory_group",
    "stock": "inventory_group",
    "transfer": "inventory_group",
    "purchase": "purchase",
    "purchase_order": "purchase",
}
DAY = "day/"


def stored_id(kind: str, source_id: str) -> str:
    """What a snapshot's events and documents are kept under: "8734", "payout/987"."""
    return source_id if kind == "order" else f"{kind}/{source_id}"


def snapshot_of(stored: str) -> tuple[str, str]:
    """Kind and id behind a stored id; a shop day has the kind "day" and no snapshot."""
    kind, slash, source_id = stored.partition("/")
    return (kind, source_id) if slash else ("order", stored)


def words_of(stored: str) -> str:
    """A stored id as people say it: "payout 987"."""
    kind, source_id = snapshot_of(stored)
    return f"{kind.replace('_', ' ')} {source_id}"


def named(tx: sa.Connection, text: str) -> tuple[str, str]:
    """Merchant and stored id of the one thing a text names. Raises UsageError naming near ones, or all that match."""
    shop, slash, rest = text.partition("/")
    merchants = {row.id for row in parties.all_merchants(tx)}
    only = shop if slash and shop in merchants else ""
    found = sorted(_found(tx, rest if only else text, {only} if only else merchants))
    if len(found) == 1:
        return found[0]
    if found:
        several = [f"{owner}/{source}" for owner, source in found]
        raise UsageError(
            f"{text} names {len(found)} things: {', '.join(several[:8])}",
            next=f"Name one, for example `{several[0]}`, or give --merchant.",
        )
    raise UsageError(
        f"nothing here is called {text!r}{nearest(text, finding.order_names(tx))}",
        next="Give an order's name or id, `payout ID`, a document's key, its TxnID or RefNumber; list them with "
        "`qbconsole queue list --view all`.",
    )


def _found(tx: sa.Connection, text: str, merchants: Collection[str]) -> set[tuple[str, str]]:
    """(merchant, stored id) of everything the text may stand for."""
    kind, wanted = _typed(text)
    found = {
        (one.merchant, stored_id(one.kind, one.source_id))
        for one in snapshots.find(tx, wanted)
        if one.kind == (kind or one.kind)
    }
    if not kind:
        found |= set(finding.sources_called(tx, text))
    if text.startswith(DAY):
        found |= set(finding.sources_beginning(tx, text.rstrip("…")))
    if not found and "/" in text:
        found = {
            (merchant, source)
            for merchant in merchants
            for source in books.sources_of_events(tx, merchant, [text])
        }
    return {one for one in found if one[0] in merchants}


def _typed(text: str) -> tuple[str, str]:
    """Kind and id of "payout 987", "gift card 55" or "payout/987"; no kind where the text names none."""
    word, slash, rest = text.partition("/")
    if not slash:
        word, _, rest = text.rpartition(" ")
    kind = KINDS.get("_".join(word.lower().split()), "")
    return (kind, rest.strip()) if kind and rest.strip() else ("", text)
