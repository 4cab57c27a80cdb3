"""Gift cards and store credit: sold with an order, issued by staff, used, given up.

A card sold is worth what was paid for it; what orders were paid with gift cards is taken off the staff's cards, in the
order of the tenders. Amounts are whole smallest units of the shop's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from qbconsole.sandbox.shopify.amounts import money, read
from qbconsole.sandbox.shopify.composing import Ids, Raw, stamp
from qbconsole.sandbox.shopify.seeding import World

_CREDIT, _DEBIT = "StoreCreditAccountCreditTransaction", "StoreCreditAccountDebitTransaction"
#: What a card is worth that staff give away.
_GIVEN = 5000


def gift_cards(world: World, orders: Sequence[Raw], ids: Ids) -> list[Raw]:
    """Every card: those sold, those staff issued (one of them given up with money on it)."""
    sold = [
        _card(world, ids, read(line["originalUnitPriceSet"]).shop, order["processedAt"], order)
        for order in orders
        for line in order["lineItems"]["nodes"]
        if line["isGiftCard"] and not order["test"]
        for _ in range(line["quantity"])
    ]
    given = [_issued(world, ids)]
    for at, amount in sorted(_uses(orders)):
        if _left(given[-1]) < amount:
            given.append(_issued(world, ids))
        _move(world, ids, given[-1], at, -amount)
    unused, ended = _issued(world, ids), _issued(world, ids)
    ended |= {"enabled": False, "deactivatedAt": stamp(world.end - timedelta(hours=8))}
    ended["updatedAt"] = ended["deactivatedAt"]
    return [*sold, *given, unused, ended]


def _uses(orders: Sequence[Raw]) -> list[tuple[str, int]]:
    return [
        (tender["processedAt"], read(tender["amountSet"]).shop)
        for order in orders
        for tender in order["transactions"]
        if tender["gateway"] == "gift_card"
        and tender["kind"] == "SALE"
        and tender["status"] == "SUCCESS"
        and not tender["test"]
    ]


def _issued(world: World, ids: Ids) -> Raw:
    at = datetime.combine(world.start, time(9, 30), world.zone)
    return _card(world, ids, _GIVEN, stamp(at), None)


def _card(world: World, ids: Ids, worth: int, at: str, order: Raw | None) -> Raw:
    gid = ids.take("GiftCard")
    return {
        "id": gid,
        "createdAt": at,
        "updatedAt": at,
        "enabled": True,
        "deactivatedAt": None,
        "expiresOn": None,
        "lastCharacters": gid[-4:],
        "initialValue": money(worth, world.currency),
        "balance": money(worth, world.currency),
        "order": None if order is None else {"id": order["id"], "name": order["name"]},
        "transactions": {"nodes": []},
    }


def _left(card: Raw) -> int:
    return read({"shopMoney": card["balance"]}).shop


def _move(world: World, ids: Ids, card: Raw, at: str, amount: int) -> None:
    card["transactions"]["nodes"].append(
        {
            "__typename": "GiftCardDebitTransaction" if amount < 0 else "GiftCardCreditTransaction",
            "id": ids.take("GiftCardTransaction"),
            "processedAt": at,
            "note": None,
            "amount": money(amount, world.currency),
        }
    )
    card["balance"] = money(_left(card) + amount, world.currency)
    card["updatedAt"] = max(card["updatedAt"], at)


def store_credit(world: World, ids: Ids) -> dict[str, list[Raw]]:
    """Three buyers were given credit by staff; one of them lost a part of it again."""
    first = datetime.combine(world.start, time(11), world.zone) + timedelta(days=1)
    wanted = ((2000, -500), (1500,), (375, 625))
    accounts = {}
    for buyer, amounts in zip(world.customers, wanted, strict=False):
        standing, rows = 0, []
        for number, amount in enumerate(amounts):
            standing += amount
            rows.append(
                {
                    "__typename": _DEBIT if amount < 0 else _CREDIT,
                    "createdAt": stamp(min(first + timedelta(days=2 * number), world.end)),
                    "event": "ADJUSTMENT",
                    "amount": money(amount, world.currency),
                    "balanceAfterTransaction": money(standing, world.currency),
                    "origin": None,
                }
            )
        accounts[str(buyer["id"])] = [
            {
                "id": ids.take("StoreCreditAccount"),
                "balance": money(standing, world.currency),
                # The newest stands first, as in the real shop's lists.
                "transactions": {"nodes": rows[::-1]},
            }
        ]
    return accounts
