"""What the shop owes its buyers: gift cards with their ledgers, and movements of store credit.

Neither can be asked for by when it changed: gift cards are walked in the order of their changes, buyers with store
credit are looked for among the buyers changed since, and once a week among all of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.answers import Denied, PartsDisagree, Withheld
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import REWIND, Batch, Raw, check_since, moment, stamp
from qbconsole.sources.shopify.paging import check_once, rest

#: All buyers are looked through for store credit this often: a movement may leave the buyer's updatedAt as it is.
EVERYONE = timedelta(days=7)


def gift_cards(client: ShopifyClient, cursor: str | None, until: datetime) -> Iterator[Batch]:
    """Cards changed since, with `transactions` where money moved and we may see it.

    The cursor stays before the first card whose ledger is withheld: it comes again, with its ledger once that is granted.
    Raises Withheld when a card's order is withheld: a sold card would look like one that staff gave away.
    """
    since = None if cursor is None else datetime.fromisoformat(cursor) - REWIND
    ledgers = _Ledgers(client)
    for page in client.pages("gift_cards", "giftCards", {}, first=100):
        hidden = tuple(denied for denied in page.denied if denied.field.endswith(".order"))
        if hidden:
            raise Withheld(hidden)
        rows = tuple(
            {**card, **ledgers.of(card)}
            for card in page.nodes
            if since is None or moment(card["updatedAt"], "a gift card") >= since
        )
        newest = max((str(card["updatedAt"]) for card in page.nodes), default=cursor)
        said = ledgers.said()
        yield Batch(rows=rows, cursor=None if said else newest, said=() if page.has_next else said)


class _Ledgers:
    """Reads cards' ledgers until one is withheld."""

    def __init__(self, client: ShopifyClient) -> None:
        self._client = client
        self._denied: tuple[Denied, ...] = ()

    def of(self, card: Raw) -> Raw:
        """`{"transactions": …}`, or nothing where no money moved or the ledger is withheld."""
        untouched = card["enabled"] and card["balance"] == card["initialValue"]
        if untouched or self._denied:
            return {}
        nodes: list[Raw] = []
        for page in self._client.pages(
            "gift_card_ledger", "giftCard.transactions", {"id": card["id"]}, first=50
        ):
            if page.denied:
                self._denied = page.denied
                return {}
            nodes += page.nodes
        return {"transactions": {"nodes": nodes}}

    def said(self) -> tuple[str, ...]:
        """What was withheld, once."""
        return tuple(denied.sentence() for denied in self._denied[:1])


def store_credit(client: ShopifyClient, cursor: str | None, until: datetime) -> Iterator[Batch]:
    """Movements of store credit: id, __typename, createdAt, amount (signed), event, account {id, owner}, origin.

    The cursor is two times: changes are known up to the first, all buyers were looked through at the second.
    """
    through, _, looked = (cursor or "").partition(" ")
    everyone = not looked or until - datetime.fromisoformat(looked) > EVERYONE
    since = None if everyone else stamp(datetime.fromisoformat(through) - REWIND)
    query = None if since is None else f"updated_at:>='{since}'"
    done = f"{stamp(until)} {stamp(until) if everyone else looked}"
    for page in client.pages("store_credit_owners", "customers", {"query": query}, first=100):
        rows: list[Raw] = []
        for buyer in page.nodes:
            check_since(moment(buyer["updatedAt"], "a buyer"), since, "a buyer")
            if buyer["storeCreditAccounts"]["nodes"]:
                _add_movements(client, buyer, rows)
        yield Batch(rows=tuple(rows), cursor=None if page.has_next else done)


def _add_movements(client: ShopifyClient, buyer: Raw, rows: list[Raw]) -> None:
    accounts: list[Raw] = []
    gid = str(buyer["id"])
    for page in client.pages("store_credit", "customer.storeCreditAccounts", {"id": gid}, first=10):
        if not page.is_there and accounts:
            raise PartsDisagree("a buyer was gone before all of their store credit came", where=gid)
        accounts += page.nodes
    check_once(accounts, "customer.storeCreditAccounts", gid)
    for account in accounts:
        movements = rest(
            client,
            "credit_movements",
            "storeCreditAccount.transactions",
            account["transactions"],
            str(account["id"]),
        )
        account["transactions"] = {"nodes": movements}
        rows += _movements(account, {"id": gid, "displayName": buyer.get("displayName")})


def _movements(account: Raw, owner: Raw) -> list[Raw]:
    """The API gives a movement no id, so it is made of what it says, and its place among equal ones."""
    number = str(account["id"]).rpartition("/")[2]
    if not number:
        raise ShopifyContradiction("a store credit account without an id")
    seen: Counter[str] = Counter()
    rows = []
    for movement in reversed(account["transactions"]["nodes"]):
        parts = (
            movement["createdAt"],
            movement["event"],
            movement["amount"]["amount"],
            movement["balanceAfterTransaction"]["amount"],
        )
        text = "|".join(str(part) for part in parts)
        seen[text] += 1
        digest = hashlib.sha256(f"{text}|{seen[text]}".encode()).hexdigest()[:16]
        rows.append(
            {
                "id": f"gid://shopify/StoreCreditAccountTransaction/{number}-{digest}",
                "__typename": movement.get("__typename"),
                "createdAt": movement["createdAt"],
                "amount": movement["amount"],
                "event": movement["event"],
                "account": {"id": account["id"], "owner": owner},
                "origin": movement.get("origin"),
            }
        )
    return rows
