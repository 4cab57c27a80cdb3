"""What happened, in one plain clause for every kind of event: "the customer bought 2 × Mug for 43.20 USD"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.money import Money, total
from qbconsole.shop.events import Event, EventKind, FactEvent, Part, PartKind, SaleEvent, TenderEvent
from qbconsole.views.journey.shown import Shown, gateway_words, listed

_THINGS = {
    PartKind.SHIPPING: "shipping",
    PartKind.TIP: "a tip",
    PartKind.GIFT_CARD: "a gift card",
    PartKind.DUTY: "duties",
    PartKind.ADDITIONAL_FEE: "fees",
    PartKind.RETURN_FEE: "a return fee",
    PartKind.ADJUSTMENT: "an adjustment",
    PartKind.UNKNOWN: "something unknown",
}
_BREAKAGE = "breakage_income"


def happened(event: Event, standing: Sequence[Shown]) -> str:
    """The clause; amounts of a fact come from the documents that stand for it."""
    if isinstance(event, SaleEvent):
        return _sale(event)
    if isinstance(event, TenderEvent):
        return _tender(event)
    return _fact(event, standing)


def _things(parts: Sequence[Part]) -> str:
    """What some parts are: products by name and count, everything else by its kind, each kind once."""
    words = []
    for part in parts:
        if part.kind is PartKind.PRODUCT and part.quantity:
            words.append(f"{abs(part.quantity)} × {part.label or 'a product'}")
        else:
            words.append(_THINGS.get(part.kind, part.label or "goods"))
    return listed(dict.fromkeys(words))


def _sum(parts: Sequence[Part]) -> Money:
    return Money(sum((part.owed for part in parts), start=parts[0].owed * 0), parts[0].net.shop.currency)


def _sale(event: SaleEvent) -> str:
    back = [part for part in event.parts if part.returned or part.owed < 0]
    sold = [part for part in event.parts if part not in back]
    if not event.parts:
        return {"CANCEL": "the order was cancelled"}.get(
            event.reason, "a refund was recorded that gives back no goods"
        )
    owed = _sum(event.parts)
    less = f"the customer owes {abs(owed)} {'less' if owed.amount < 0 else 'more'}"
    if event.reason in ("CANCEL", "VOID"):
        why = "the order was cancelled" if event.reason == "CANCEL" else "the promise of money fell through"
        return f"{why}, and {abs(owed)} is owed no more"
    if event.reason == "ORDER_EDIT":
        return f"the order was edited ({_things(event.parts)}), and {less if owed else 'as much is owed as before'}"
    if sold and back:
        return f"{_things(back)} came back and {_things(sold)} went out, so {less}"
    if back:
        return f"{_things(back)} came back, worth {abs(owed)}"
    return f"the customer bought {_things(sold)} for {owed}{_elsewhere(event)}"


def _elsewhere(event: SaleEvent) -> str:
    """What the customer saw, where that was another currency: " (9.00 EUR)"."""
    like = event.parts[0].net
    if like.presentment.currency == like.shop.currency:
        return ""
    seen = total((part.total.presentment for part in event.parts), like.presentment.currency)
    return f" ({abs(seen)})"


def _tender(event: TenderEvent) -> str:
    amount = event.amount
    paid = abs(amount.shop)
    told = str(paid)
    if amount.presentment.currency != amount.shop.currency:
        told += f" ({abs(amount.presentment)})"
    if event.tender == "CHANGE":
        return f"{told} was handed out as change"
    way = gateway_words(event.gateway)
    rounding = f" (and {abs(event.rounding.shop)} of cash rounding)" if event.rounding.shop else ""
    return f"{told} was paid {'back ' if amount.shop.amount < 0 else ''}by {way}{rounding}"


def _worth(shown: Shown | None) -> str:
    """The amount of the goods of a document: its debits, whatever the document is."""
    if shown is None:
        return ""
    plan: Plan = shown.plan
    debits = (row.amount for row in plan.postings if row.amount.amount > 0)
    worth = total(debits, plan.currency) if plan.postings else abs(plan.total)
    return str(worth)


def _payout(event: FactEvent, shown: Shown | None) -> str:
    name = event.key.replace("/", " ")
    number = name.partition(".")[0]
    if event.key.partition(".")[2].startswith("failed"):
        return f"{number} failed after it was booked as paid"
    if event.key.partition(".")[2].startswith("paid"):
        return f"{number} arrived after it was booked as failed"
    if shown is None:
        return f"Shopify closed {number}"
    arrived, waiting = shown.posted("bank"), shown.posted("payouts_in_transit")
    if arrived.amount > 0:
        return f"Shopify paid out {arrived} to the bank ({number})"
    if arrived.amount < 0:
        return f"Shopify took {-arrived} from the bank ({number})"
    return f"{number} of {waiting} did not arrive" if waiting else f"Shopify closed {number} at nothing"


def _fee(event: FactEvent, shown: Shown | None) -> str:
    if shown is None:
        return "a fee was taken"
    fee = total(
        (row.amount for row in shown.plan.postings if not row.role.startswith("clearing:")),
        shown.plan.currency,
    )
    return f"a fee of {fee} was taken" if fee.amount >= 0 else f"a fee of {-fee} was given back"


def _credit(thing: str, liability: str) -> Callable[[FactEvent, Shown | None], str]:
    def told(event: FactEvent, shown: Shown | None) -> str:
        if shown is None:
            return f"{thing} was issued, changed or expired"
        gained = -shown.posted(liability)
        if shown.posted(_BREAKAGE):
            return f"{thing} worth {-gained} expired"
        if thing == "a gift card" and "." not in event.key:
            return f"a gift card of {gained} was given out without a sale"
        word = "granted" if gained.amount >= 0 else "taken back"
        return f"{abs(gained)} of {thing.removeprefix('a ')} was {word} by hand"

    return told


def _drawer(event: FactEvent, shown: Shown | None) -> str:
    if shown is None:
        return "a cash drawer was closed"
    over = -shown.posted("cash_over_short")
    return f"a cash drawer was closed with {abs(over)} too {'much' if over.amount > 0 else 'little'} in it"


def _stock(event: FactEvent, shown: Shown | None) -> str:
    if shown is None:
        return "stock was counted or corrected"
    value = shown.posted("inventory_asset")
    if not value:
        return "stock was counted or corrected, worth nothing as far as Shopify tells"
    return f"stock worth {abs(value)} was {'found' if value.amount > 0 else 'lost'}"


def _bought(what: str) -> Callable[[FactEvent, Shown | None], str]:
    """ "goods{worth} arrived{whom}" with the amount and the vendor where a document tells them."""

    def told(event: FactEvent, shown: Shown | None) -> str:
        vendor = shown.plan.vendor if shown else ""
        worth = _worth(shown)
        return what.format(worth=f" worth {worth}" if worth else "", vendor=vendor or "the vendor")

    return told


def _bill(event: FactEvent, shown: Shown | None) -> str:
    """`bill/PO-7.B1` is the bill itself, `bill/PO-7.B1.R1` what it says of one receipt."""
    names = event.key.partition("/")[2].split(".")
    vendor = shown.plan.vendor if shown and shown.plan.vendor else "the vendor"
    if len(names) > 2:
        return f"bill {names[1]} told other costs of the goods of receipt {names[2]}"
    return f"bill {names[-1]} came from {vendor}"


def _cost(_event: FactEvent, shown: Shown | None) -> str:
    if shown is not None and shown.plan.kind is DocumentKind.INVENTORY_ADJUSTMENT:
        return "it was told what of the returned goods went back to stock"
    return f"the goods of it moved at their cost{', ' + str(abs(shown.posted('cogs'))) if shown else ''}"


_FACTS: Mapping[EventKind, Callable[[FactEvent, Shown | None], str]] = {
    EventKind.PAYOUT: _payout,
    EventKind.FEE: _fee,
    EventKind.GIFT_CARD: _credit("a gift card", "gift_card_liability"),
    EventKind.STORE_CREDIT: _credit("store credit", "store_credit_liability"),
    EventKind.CASH_SESSION: _drawer,
    EventKind.STOCK: _stock,
    EventKind.TRANSFER: lambda _event, _shown: "stock was moved between locations",
    EventKind.PURCHASE: _bought("goods{worth} were ordered from {vendor}"),
    EventKind.RECEIPT: _bought("goods{worth} arrived from {vendor}"),
    EventKind.BILL: _bill,
    EventKind.VENDOR_CREDIT: _bought("{vendor} credited goods or money{worth}"),
    EventKind.RELEASE: lambda _event, _shown: "the sale began to count, so its deposits became payment",
    EventKind.COST: _cost,
}


def _fact(event: FactEvent, standing: Sequence[Shown]) -> str:
    told = _FACTS.get(event.kind)
    shown = standing[0] if standing else None
    return told(event, shown) if told else f"something happened: {event.key}"
