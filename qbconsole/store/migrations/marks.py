"""What revision 0005 works out: plain sums over what the store holds as JSON; never changed, as revisions are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

_NOTHING = Decimal(0)
#: Sums of a day's other money that are tried at most.
_MOST = 100_000
_RESTOCKED = ("RETURN", "CANCEL", "LEGACY_RESTOCK")


class Sale(NamedTuple):
    """A sale event as it was kept, and the order as Shopify told it then."""

    body: Mapping[str, Any]
    order: Mapping[str, Any]


class Moved(NamedTuple):
    """What a cost moves: debit positive."""

    stock: Decimal
    cogs: Decimal


def day_sums(postings: Iterable[Mapping[str, Any]], role: str) -> tuple[Decimal, Decimal]:
    """Debits and credits of a role, both positive."""
    amounts = [Decimal(row["amount"]["amount"]) for row in postings if row["role"] == role]
    return sum((one for one in amounts if one > 0), _NOTHING), -sum(
        (one for one in amounts if one < 0), _NOTHING
    )


def marks_of_deposits(
    sure: Mapping[str, Decimal], maybe: Mapping[str, Decimal], credits: Decimal
) -> dict[str, str] | None:
    """The money whose sale counts nowhere yet waits as a deposit; None where that is not what the day posted."""
    taken = sum((amount for amount in sure.values() if amount > 0), _NOTHING)
    reached = {_NOTHING}
    for amount in (one for one in maybe.values() if one > 0):
        reached |= {so_far + amount for so_far in reached if so_far + amount <= credits - taken}
        if len(reached) > _MOST:
            return None
    return dict.fromkeys(sure, "deposit") if credits - taken in reached else None


def marks_of_costs(
    plan: Mapping[str, Any], orders: Iterable[Sequence[Sale]], bare: Sequence[str]
) -> dict[str, str] | None:
    """What the day's returns put back; None where it does not come to what the day posted."""
    sold = [(sale, order) for order in orders for sale in order]
    returns = {f"cost/{sale.body['key']}" for sale, _ in sold if any(p["returned"] for p in _goods(sale))}
    wanted = [key for key in bare if key in returns]
    if not wanted:
        return {}
    members = {one["event_key"]: one["part"] for one in plan["members"]}
    there = [key for key in members if key.startswith("cost/")]
    for lost_in_cogs in (False, True):
        moved = {
            f"cost/{sale.body['key']}": one
            for order in {id(order): order for _, order in sold}.values()
            for sale, one in zip(order, _moved(order, lost_in_cogs), strict=True)
        }
        told = [_told(members[key]) or moved.get(key, Moved(_NOTHING, _NOTHING)) for key in there]
        if _sides(one.stock for one in told) == day_sums(plan["postings"], "inventory_asset") and _sides(
            one.cogs for one in told
        ) == day_sums(plan["postings"], "cogs"):
            return {key: f"put back {moved[key].stock} {moved[key].cogs}" for key in wanted}
    return None


def _told(part: str) -> Moved | None:
    if not part.startswith("put back "):
        return None
    stock, cogs = part.removeprefix("put back ").split()
    return Moved(Decimal(stock), Decimal(cogs))


def _sides(amounts: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    every = list(amounts)
    return sum((one for one in every if one > 0), _NOTHING), -sum((one for one in every if one < 0), _NOTHING)


def _goods(sale: Sale) -> list[Mapping[str, Any]]:
    return [part for part in sale.body["parts"] if part["kind"] == "product" and part["quantity"]]


def _moved(order: Sequence[Sale], lost_in_cogs: bool) -> list[Moved]:
    """What each sale of an order moved, by the unit cost first known and what refunds told when it was read."""
    unit: dict[str, Decimal] = {}
    for sale in order:
        for part in _goods(sale):
            if part["line_id"] and part["unit_cost"]:
                unit.setdefault(part["line_id"], Decimal(part["unit_cost"]["amount"]))
    taken: dict[str, int] = {}
    found = []
    for sale in order:
        stock = cogs = _NOTHING
        for part in _goods(sale):
            line, units = part["line_id"] or "", part["quantity"]
            cost = unit.get(line)
            if cost is None:
                continue
            back = units if units > 0 else -_put_back(sale, part, taken)
            stock -= cost * back
            cogs += cost * (back if lost_in_cogs else units)
        found.append(Moved(stock, cogs))
    return found


def _put_back(sale: Sale, part: Mapping[str, Any], taken: dict[str, int]) -> int:
    units, line = -part["quantity"], part["line_id"] or ""
    if sale.body["reason"] not in ("REFUND", "RETURN"):
        return int(units)
    told = _told_units(sale.order, line)[taken.get(line, 0) :]
    taken[line] = taken.get(line, 0) + units
    mine = told[:units]
    return sum(mine) + (units - len(mine) if part["restocked"] or not told else 0)


def _told_units(order: Mapping[str, Any], line: str) -> list[bool]:
    """Of each unit that refunds tell of, whether it went back to stock; the oldest refund first."""
    units: list[bool] = []
    refunds = order.get("refunds") or []
    for refund in sorted(refunds, key=lambda one: one.get("processedAt") or one.get("createdAt") or ""):
        rows = refund.get("refundLineItems") or {}
        for row in rows.get("nodes", []) if isinstance(rows, dict) else rows:
            if str((row.get("lineItem") or {}).get("id", "")).rpartition("/")[2] == line:
                back = bool(row.get("restocked")) or row.get("restockType") in _RESTOCKED
                units += [back] * int(row.get("quantity") or 0)
    return units
