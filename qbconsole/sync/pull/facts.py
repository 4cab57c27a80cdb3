"""What happened beside the orders, part by part, each with a cursor and scopes of its own.

A part that is withheld, that the shop does not have, or whose answer cannot be believed is told as a warning and
tried again with the next pull; the parts after it go on. So do the others of a part of which one record cannot be read
whole; that one is held (`unread`). No answer at all ends the pull, as it does for orders; so does
a token that is void by now, or another version of the API.

Most of these rows do not say when they changed, so what was read first may not be kept last: of two pulls at once the one
that began last reads on, and the other leaves it all to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from qbconsole.errors import ShopifyContradiction, ShopifyRefused
from qbconsole.failpoints import reach
from qbconsole.shop.orders import Shop
from qbconsole.sources.shopify import facts
from qbconsole.sources.shopify.answers import FieldUnknown
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import stamp
from qbconsole.store import journal, parties, snapshots
from qbconsole.sync.means import Means
from qbconsole.sync.pull.keep import Pulled, keep, source_id
from qbconsole.sync.pull.stopped import EVERYWHERE
from qbconsole.sync.pull.unread import tell_read, tell_unread

#: A part's cursor is named so, with its kind behind it.
CURSOR = "facts/"
#: How many pulls began to read; the last one's number is whose turn it is.
_TURN = "facts_turn"
Read = Callable[[ShopifyClient, str | None, datetime], Iterator[facts.Batch]]


class _Overtaken(Exception):
    """Another pull began to read after this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of fact and who reads it."""

    #: Kind of snapshot.
    kind: str
    #: As a warning names it.
    name: str
    read: Read


def parts(shop: Shop) -> tuple[Part, ...]:
    """All parts in the order they are pulled."""
    return (
        Part(kind="payout", name="payouts", read=facts.payouts),
        Part(kind="dispute", name="disputes", read=facts.disputes),
        Part(kind="gift_card", name="gift cards", read=facts.gift_cards),
        Part(kind="store_credit", name="store credit", read=facts.store_credit),
        Part(kind="cash_session", name="cash sessions", read=facts.cash_sessions),
        Part(kind="transfer", name="transfers", read=facts.transfers),
        Part(kind="purchase", name="purchase orders", read=partial(facts.purchases, day=shop.day)),
    )


def cursors(shop: Shop) -> tuple[str, ...]:
    """Names of all parts' cursors; one that is "" is none."""
    return tuple(CURSOR + part.kind for part in parts(shop))


def pull_facts(
    means: Means,
    merchant: str,
    shop: Shop,
    client: ShopifyClient,
    until: datetime,
    pulled: Pulled,
    *,
    since: datetime | None = None,
) -> tuple[Pulled, frozenset[str]]:
    """Pull every part up to `until`; with `since` from then on, and the cursors stay.

    Gives what it came to, and the kinds that could not be read, or not all of it.
    """
    unread = set()
    turn = _take_turn(means, merchant)
    for part in parts(shop):
        try:
            pulled, is_whole = _pull_part(means, merchant, part, client, until, pulled, since, turn)
            if not is_whole:
                unread.add(part.kind)
        except _Overtaken:
            said = "Another pull began meanwhile, and reads on what happened beside orders"
            return pulled.warned([said]), frozenset(one.kind for one in parts(shop))
        except EVERYWHERE:
            raise
        except FieldUnknown:
            unread.add(part.kind)
            pulled = pulled.warned([f"This shop's version of Shopify's API has no {part.name}"])
        except (ShopifyRefused, ShopifyContradiction) as cause:
            unread.add(part.kind)
            pulled = pulled.warned([f"No {part.name} were read: {cause}"])
    return pulled, frozenset(unread)


def _take_turn(means: Means, merchant: str) -> str:
    with means.store.atomic() as tx:
        parties.lock_merchant(tx, merchant)
        turn = str(1 + int(snapshots.get_cursor(tx, merchant, _TURN) or 0))
        snapshots.set_cursor(tx, merchant, _TURN, turn, means.clock())
    return turn


def _pull_part(
    means: Means,
    merchant: str,
    part: Part,
    client: ShopifyClient,
    until: datetime,
    pulled: Pulled,
    since: datetime | None,
    turn: str,
) -> tuple[Pulled, bool]:
    """What it came to, and whether all of it was read. Raises _Overtaken."""
    is_whole = True
    mine = means.merchant(merchant)
    with means.store.reading() as tx:
        cursor = snapshots.get_cursor(tx, merchant, CURSOR + part.kind) or None
    if since is not None:
        # The second time is store credit's: when all buyers were last looked through.
        cursor = f"{stamp(since)} {stamp(until)}" if part.kind == "store_credit" else stamp(since)
    for batch in part.read(client, cursor, until):
        pulled = pulled.warned((*batch.said, *(one.sentence() for one in batch.unread)))
        is_whole &= not (batch.said or batch.unread)
        moves = batch.cursor is not None and batch.cursor != cursor and since is None
        if not batch.rows and not batch.unread and not moves:
            continue
        with means.store.atomic() as tx:
            parties.lock_merchant(tx, merchant)
            if snapshots.get_cursor(tx, merchant, _TURN) != turn:
                raise _Overtaken
            before = pulled
            pulled += keep(means, tx, merchant, part.kind, batch.rows)
            tell_read(tx, means, mine, part.kind, (source_id(part.kind, row) for row in batch.rows))
            tell_unread(tx, means, mine, part.kind, batch.unread)
            if moves and batch.cursor is not None:
                snapshots.set_cursor(tx, merchant, CURSOR + part.kind, batch.cursor, means.clock())
            if (pulled.new, pulled.changed) != (before.new, before.changed):
                journal.record(tx, "operator", "pull", merchant, pulled.counts(), means.clock())
            reach("before_pulled_commit")
        reach("after_pulled_commit")
    return pulled, is_whole
