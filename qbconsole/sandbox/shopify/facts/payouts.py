"""Shopify Payments: balance entries of the orders' tenders, the payouts that carry them, disputes.

Charges cost 2.9 % and 0.30, refunds give no fee back. The entries of one shop day are paid out two days later; what
is to be paid after the world's end is SCHEDULED, the last day's entries are in no payout yet. Among the payouts are
one that failed, one that takes money, a reserve held and released, and a type nobody has heard of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from qbconsole.sandbox.shopify.amounts import money, ratio, read
from qbconsole.sandbox.shopify.composing import Ids, Raw, stamp
from qbconsole.sandbox.shopify.seeding import World

#: A type that no list of types has; a connector has to book it all the same.
UNHEARD_OF = "STARDUST_CREDIT"
_DISPUTE_FEE = 1500
#: Type -> the pair of fields of a payout's summary that adds it up.
_SUMS = {
    "CHARGE": ("chargesGross", "chargesFee"),
    "REFUND": ("refundsFeeGross", "refundsFee"),
    "RESERVED_FUNDS": ("reservedFundsGross", "reservedFundsFee"),
    "RESERVED_FUNDS_REVERSAL": ("reservedFundsGross", "reservedFundsFee"),
    "TRANSFER_FAILURE": ("retriedPayoutsGross", "retriedPayoutsFee"),
}
_OTHER_SUMS = ("adjustmentsGross", "adjustmentsFee")
_SUMMARY = (
    *("chargesGross", "chargesFee", "refundsFeeGross", "refundsFee", "adjustmentsGross", "adjustmentsFee"),
    *("reservedFundsGross", "reservedFundsFee", "retriedPayoutsGross", "retriedPayoutsFee"),
    *("advanceGross", "advanceFees", "usdcRebateCreditAmount"),
)


@dataclass(slots=True, kw_only=True)
class Settled:
    """What Shopify Payments did with the orders' money."""

    payouts: list[Raw] = field(default_factory=list)
    entries: list[Raw] = field(default_factory=list)
    disputes: list[Raw] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Entry:
    """A balance entry under construction; amounts in the shop's smallest unit, signed."""

    type: str
    amount: int
    at: datetime
    fee: int = 0
    source: str = "ADJUSTMENT"
    tender: str | None = None
    order: Raw | None = None
    reason: str | None = None

    @property
    def net(self) -> int:
        return self.amount - self.fee


@dataclass(slots=True, kw_only=True)
class _Payout:
    """A payout under construction."""

    issued: datetime
    entries: list[_Entry]
    status: str = "PAID"

    @property
    def net(self) -> int:
        return sum(entry.net for entry in self.entries)


def settle_payments(world: World, orders: Sequence[Raw], ids: Ids) -> Settled:
    """Pay out what came in through Shopify Payments."""
    days: dict[date, list[_Entry]] = {}
    for entry in sorted(_of_orders(orders), key=lambda one: (one.at, one.tender or "")):
        days.setdefault(entry.at.astimezone(world.zone).date(), []).append(entry)
    if not days:
        return Settled()
    *paid_days, last = sorted(days)
    drafts = [_Payout(issued=_morning(world, day), entries=days[day]) for day in paid_days]
    settled = Settled()
    _incidents(world, drafts, days, settled, ids)
    drafts.sort(key=lambda draft: draft.issued)
    for draft in drafts:
        if draft.issued > world.end:
            draft.status = "SCHEDULED"
        _write(world, draft, settled, ids)
    settled.entries += [_written(world, entry, None, "PENDING", ids) for entry in days[last]]
    return settled


def pay_out_the_rest(world: World, settled: Settled, ids: Ids) -> None:
    """Pay what is scheduled, and whatever entries are in no payout yet with one more."""
    for payout in settled.payouts:
        if payout["status"] == "SCHEDULED":
            _paid(world, payout, settled, ids)
    rest = [entry for entry in settled.entries if entry["associatedPayout"]["id"] is None]
    if rest:
        last = _Payout(issued=world.end + timedelta(days=2), entries=[_read_back(entry) for entry in rest])
        settled.entries[:] = [entry for entry in settled.entries if entry not in rest]
        _write(world, last, settled, ids)


def _paid(world: World, payout: Raw, settled: Settled, ids: Ids) -> None:
    payout |= {"status": "PAID", "externalTraceId": f"TRACE{payout['legacyResourceId']}"}
    for entry in settled.entries:
        if entry["associatedPayout"]["id"] == payout["id"]:
            entry["associatedPayout"] = {"id": payout["id"], "status": "PAID"}
    issued = datetime.fromisoformat(payout["issuedAt"])
    sent = _Entry(type="TRANSFER", source="TRANSFER", amount=-_minor(payout["net"]), at=issued)
    settled.entries.append(_written(world, sent, payout["id"], "PAID", ids))


def _minor(value: Raw) -> int:
    return read({"shopMoney": value}).shop


def _read_back(raw: Raw) -> _Entry:
    """A pending entry as it was before it was written down."""
    tender = raw["sourceOrderTransactionId"]
    return _Entry(
        type=raw["type"],
        amount=_minor(raw["amount"]),
        at=datetime.fromisoformat(raw["transactionDate"]),
        fee=_minor(raw["fee"]),
        source=raw["sourceType"],
        tender=tender and f"gid://shopify/OrderTransaction/{tender}",
        order=raw["associatedOrder"],
        reason=raw["adjustmentReason"],
    )


def _of_orders(orders: Sequence[Raw]) -> list[_Entry]:
    found = []
    for order in orders:
        for tender in order["transactions"]:
            live = tender["status"] == "SUCCESS" and not tender["test"]
            if not live or tender["gateway"] != "shopify_payments":
                continue
            amount, at = read(tender["amountSet"]).shop, datetime.fromisoformat(tender["processedAt"])
            about: dict[str, Any] = {"at": at, "tender": tender["id"], "order": order}
            if tender["kind"] in ("SALE", "CAPTURE"):
                fee = ratio(amount, 29, 1000) + 30
                found.append(_Entry(type="CHARGE", source="CHARGE", amount=amount, fee=fee, **about))
            elif tender["kind"] == "REFUND":
                found.append(_Entry(type="REFUND", source="REFUND", amount=-amount, **about))
    return found


def _morning(world: World, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=2), time(8), world.zone)


def _incidents(
    world: World, drafts: list[_Payout], days: dict[date, list[_Entry]], settled: Settled, ids: Ids
) -> None:
    """Everything that is not a charge or a refund, where there are payouts enough to tell it."""

    def add(place: int, kind: str, amount: int, **more: Any) -> None:
        at = drafts[place].issued - timedelta(hours=20)
        drafts[place].entries.append(_Entry(type=kind, amount=amount, at=at, **more))

    if len(drafts) > 0:
        add(0, "SHIPPING_LABEL", -735)
    if len(drafts) > 3:
        add(3, "RESERVED_FUNDS", -5000)
        add(3, UNHEARD_OF, 500, reason="Welcome")
    if len(drafts) > 4:
        _disputes(world, drafts, settled, ids)
        add(4, "RESERVED_FUNDS_REVERSAL", 5000)
        # A failed payout's money comes back and goes out with the next one.
        drafts[1].status = "FAILED"
        failure = _Entry(
            type="TRANSFER_FAILURE",
            source="TRANSFER",
            amount=drafts[1].net,
            at=drafts[1].issued + timedelta(hours=9),
        )
        drafts[2].entries.append(failure)
        evening = drafts[3].issued + timedelta(hours=9)
        labels = [
            _Entry(type="SHIPPING_LABEL", amount=amount, at=evening - timedelta(hours=2))
            for amount in (-2310, -1505)
        ]
        drafts.append(_Payout(issued=evening, entries=labels))


def _disputes(world: World, drafts: list[_Payout], settled: Settled, ids: Ids) -> None:
    """Two charges of the first day are disputed, one lost and one won; a third buyer only asks."""
    charges = [entry for entry in drafts[0].entries if entry.type == "CHARGE"][:3]
    for number, charge in enumerate(charges):
        at = drafts[2].issued - timedelta(hours=21)
        ended = drafts[4].issued - timedelta(hours=22)
        status = ("LOST", "WON", "NEEDS_RESPONSE")[number]
        settled.disputes.append(_dispute(world, charge, status, at, ended, ids))
        if status == "NEEDS_RESPONSE":
            continue
        about: dict[str, Any] = {"source": "DISPUTE", "tender": charge.tender, "order": charge.order}
        drafts[2].entries.append(
            _Entry(type="DISPUTE_WITHDRAWAL", amount=-charge.amount, fee=_DISPUTE_FEE, at=at, **about)
        )
        if status == "WON":
            drafts[4].entries.append(
                _Entry(type="DISPUTE_REVERSAL", amount=charge.amount, fee=-_DISPUTE_FEE, at=ended, **about)
            )


def _dispute(world: World, charge: _Entry, status: str, at: datetime, ended: datetime, ids: Ids) -> Raw:
    gid = ids.take("ShopifyPaymentsDispute")
    waits = status == "NEEDS_RESPONSE"
    return {
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "type": "INQUIRY" if waits else "CHARGEBACK",
        "status": status,
        "initiatedAt": stamp(at),
        "finalizedOn": None if waits else ended.date().isoformat(),
        "evidenceDueBy": stamp(at + timedelta(days=7)),
        "amount": money(charge.amount, world.currency),
        "order": _order(charge.order),
        "reasonDetails": {"reason": "PRODUCT_NOT_RECEIVED", "networkReasonCode": "13.1"},
    }


def _order(order: Raw | None) -> Raw | None:
    return None if order is None else {"id": order["id"], "name": order["name"]}


def _write(world: World, draft: _Payout, settled: Settled, ids: Ids) -> None:
    """The payout and its entries as the API has them; a payout on its way is an entry of its own, too."""
    gid = ids.take("ShopifyPaymentsPayout")
    sums = dict.fromkeys(_SUMMARY, 0)
    for entry in draft.entries:
        gross, fee = _SUMS.get(entry.type, _OTHER_SUMS)
        sums[gross] += entry.amount
        sums[fee] += entry.fee
    settled.payouts.append(
        {
            "id": gid,
            "legacyResourceId": gid.rpartition("/")[2],
            "issuedAt": stamp(draft.issued),
            "status": draft.status,
            "transactionType": "DEPOSIT" if draft.net >= 0 else "WITHDRAWAL",
            "externalTraceId": f"TRACE{gid.rpartition('/')[2]}" if draft.status == "PAID" else None,
            "net": money(draft.net, world.currency),
            "summary": {name: money(amount, world.currency) for name, amount in sums.items()},
        }
    )
    rows = draft.entries
    if draft.status != "SCHEDULED":
        rows = [*rows, _Entry(type="TRANSFER", source="TRANSFER", amount=-draft.net, at=draft.issued)]
    settled.entries += [_written(world, entry, gid, draft.status, ids) for entry in rows]


def _written(world: World, entry: _Entry, payout: str | None, status: str, ids: Ids) -> Raw:
    gid = ids.take("ShopifyPaymentsBalanceTransaction")
    tender = entry.tender and entry.tender.rpartition("/")[2]
    return {
        "id": gid,
        "type": entry.type,
        "sourceType": entry.source,
        "sourceId": gid.rpartition("/")[2],
        "sourceOrderTransactionId": tender,
        "transactionDate": stamp(entry.at),
        "test": False,
        "amount": money(entry.amount, world.currency),
        "fee": money(entry.fee, world.currency),
        "net": money(entry.net, world.currency),
        "adjustmentReason": entry.reason,
        "adjustmentsOrders": [],
        "associatedOrder": _order(entry.order),
        "associatedPayout": {"id": payout, "status": status},
        # What the list is searched and sorted by, under the names of the search.
        "payments_transfer_id": payout.rpartition("/")[2] if payout else "",
        "processedAt": stamp(entry.at),
    }
