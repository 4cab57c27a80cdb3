"""A fact beside orders, decided: drawn up whole, then only what is not booked yet is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import partial

from qbconsole.books.booking.cents import in_cents
from qbconsole.books.facts.drawn import Drawn
from qbconsole.books.facts.table import draw
from qbconsole.books.facts.uncounted import STOCK_ONLY, apart, goods_id
from qbconsole.books.generations import unspent
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.naming.facts import counts_stock
from qbconsole.books.naming.following.so_far import SharedNames
from qbconsole.books.plan import LineKind, Plan, PlanLine
from qbconsole.books.proof import prove_plans
from qbconsole.decide.case import Decision, FactCase
from qbconsole.decide.closing import closed, dated_plan
from qbconsole.decide.desk import Desk
from qbconsole.decide.documents import decided_documents, kept_back, waits_again
from qbconsole.decide.orders import law_broken
from qbconsole.errors import BooksDoNotBalance
from qbconsole.money import Money
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import Event, EventKind, FactEvent
from qbconsole.shop.orders import Order, OrderLine, Shop
from qbconsole.shop.stock import StockChange, StockGroup, StockTransfer
from qbconsole.value import replace

#: Events that are drawn as long as their source tells of them, whatever the policy: told of nothing, they are not.
_BY_SOURCE = frozenset(
    {
        EventKind.FEE,
        EventKind.CASH_SESSION,
        EventKind.STOCK,
        EventKind.PURCHASE,
        EventKind.RECEIPT,
        EventKind.BILL,
        EventKind.VENDOR_CREDIT,
    }
)


def decide_fact(case: FactCase, desk: Desk) -> Decision:
    """Decide one fact. A merchant's facts become holds; PluginBroken is the only thing raised."""
    settings = desk.settings
    drawn = draw(case.fact, case.shop, settings, case.booked)
    placed = {member.event_key for plan in case.booked for member in plan.members}
    waiting = {hold.subject for hold in drawn.holds if not hold.is_flag}
    plans: list[Plan] = []
    holds = [hold for hold in drawn.holds if hold.is_flag or hold.subject not in placed]
    if settings.policy.before_start == "opening_balance":
        # It stands in the opening balance already: nothing is to be done about it.
        holds = [hold for hold in holds if hold.reason is not Reason.BEFORE_START]
    for plan in _apart(case, drawn.plans, desk):
        keys = {member.event_key for member in plan.members}
        if keys & (placed | waiting):
            continue
        why = closed(plan.on, case.label, plan.members[0].event_key, settings) if plan.postings else ()
        holds += [hold for hold in why if hold not in holds]
        if not why:
            plans.append(in_cents(dated_plan(plan, settings)))
    asked = _asked(case, drawn, plans, desk)
    if asked:
        # A fact waits whole: a part of a payout's money is no deposit.
        waiting |= {member.event_key for plan in plans for member in plan.members}
        holds += asked
        plans = []
    plans = list(unspent(plans, case.booked, case.spent))
    known = {event.key for event in case.events}
    try:
        prove_plans(plans)
        again = tuple(plan for plan in case.booked if plan.key in case.rename)
        every = (*again, *plans)
        documents, wanted = decided_documents(
            every,
            _seen_as_order(every, case.shop, case),
            desk,
            stand_in=True,
            shared=SharedNames.of(case.booked, case.rename, case.shared),
        )
        documents = kept_back(documents, _waits_again(case, drawn, again, desk))
    except BooksDoNotBalance as law:
        hold = law_broken(case.label, case.source_id, law)
        return Decision(source_id=case.source_id, kind=case.kind, holds=(hold,))
    changed = _changed(case, drawn, placed)
    return Decision(
        source_id=case.source_id,
        kind=case.kind,
        # What waits is kept once it is booked, as it is told then.
        events=tuple(e for e in drawn.events if e.key not in known and e.key not in waiting),
        documents=documents,
        entries=wanted,
        holds=(*holds, *changed),
        ignored=drawn.ignored,
        rows=() if changed else _paid_out(drawn, placed, plans),
        over=tuple(event.key for event in drawn.events if event.kind is EventKind.BILL),
    )


def _paid_out(drawn: Drawn, placed: set[str], plans: Sequence[Plan]) -> tuple[str, ...]:
    """The rows of a payout that is in the books by now; one that waits leaves them to another."""
    booked = placed | {member.event_key for plan in plans for member in plan.members}
    waits = any(event.kind is EventKind.PAYOUT and event.key not in booked for event in drawn.events)
    return () if waits else drawn.rows


def _asked(case: FactCase, drawn: Drawn, plans: Sequence[Plan], desk: Desk) -> tuple[Hold, ...]:
    """Reasons of plugins to wait before any of these is booked, but those a person let go."""
    keys = {member.event_key for plan in plans for member in plan.members}
    told = (
        replace(hold, subject=case.source_id)
        for event in drawn.events
        if event.key in keys
        for hold in desk.answers.fact_holds(event, case.fact, case.label)
    )
    return tuple(dict.fromkeys(hold for hold in told if hold.released not in case.released))


def _waits_again(
    case: FactCase, drawn: Drawn, again: Sequence[Plan], desk: Desk
) -> dict[str, tuple[Hold, ...]]:
    """Reasons of plugins to keep back what is booked of it and unsent."""

    def why(event: Event) -> tuple[Hold, ...]:
        if not isinstance(event, FactEvent):
            return ()
        told = desk.answers.fact_holds(event, case.fact, case.label)
        return tuple(replace(hold, subject=case.source_id) for hold in told)

    return waits_again(again, drawn.events, why, case.released)


def _changed(case: FactCase, drawn: Drawn, placed: set[str]) -> tuple[Hold, ...]:
    """Booked events that their source tells otherwise now."""
    told = {event.key: event.digest for event in drawn.events}
    return tuple(
        Hold(
            reason=Reason.CHANGED_AFTER_BOOKING,
            where=case.label,
            sentence=f"Shopify now tells other amounts for {event.key} than were booked.",
            next_step="Compare it in Shopify with `qbconsole show`; correct the books by hand.",
            subject=event.key,
            cause=f"changed:{event.key}",
        )
        for event in _facts(case.events)
        if event.key in placed and told.get(event.key, _nothing(case, event)) != event.digest
    )


def _nothing(case: FactCase, event: FactEvent) -> str:
    """What a booked event that is drawn no more says: other than before where its source alone decides that, else the same.

    Which fees of a payout stand apart, and whether what expired counts, is the policy's to say.
    """
    of_source = event.kind in _BY_SOURCE and case.kind != "payout"
    is_issue = event.kind is EventKind.GIFT_CARD and "." not in event.key
    return "" if of_source or is_issue else event.digest


def _facts(events: Sequence[Event]) -> tuple[FactEvent, ...]:
    return tuple(event for event in events if isinstance(event, FactEvent))


def _seen_as_order(plans: Sequence[Plan], shop: Shop, case: FactCase) -> Order:
    """The goods of a fact as lines of an order, so that the same rules choose their items and classes."""
    on = plans[0].on if plans else None
    at = datetime.combine(on, time(12), UTC) if on else datetime(1970, 1, 1, tzinfo=UTC)
    zero = Bag.zero(shop.currency, shop.currency)
    lines = {goods_id(line): line for plan in plans for line in plan.lines if line.kind is LineKind.PRODUCT}
    told = _stock_told(case)
    order = Order(
        id=case.source_id,
        name=case.label,
        shop=shop,
        at=at,
        updated_at=at,
        currency=shop.currency,
        presentment_currency=shop.currency,
        total=zero,
        total_tax=None,
        current_total=None,
        lines=tuple(_goods_line(goods, line, told.get(goods), zero) for goods, line in lines.items()),
    )
    return replace(
        order, location=next((line.site for plan in plans for line in plan.lines if line.site), "")
    )


def _goods_line(goods: str, line: PlanLine, told: StockChange | None, zero: Bag) -> OrderLine:
    """Goods as a line of an order; `told` is what their source says of them by now: a SKU given since, say."""
    return OrderLine(
        id=goods,
        title=_title(goods, line, told),
        quantity=line.quantity or 0,
        current_quantity=line.quantity or 0,
        unit_price=zero,
        total=zero,
        sku=line.sku or (told.sku if told else "") or None,
        variant_id=(told.variant_id if told else "") or None,
        barcode=(told.barcode if told else "") or None,
        product_type=(told.product_type if told else "") or None,
        tracked=True,
        unit_cost=_unit(line.amount, line.quantity),
    )


def _title(goods: str, line: PlanLine, told: StockChange | None) -> str:
    """What people call the goods: by title, by SKU, or by the number of their inventory item."""
    if told is None or line.sku:
        return line.label or goods
    return told.title or told.sku or f"inventory item {goods}"


def _stock_told(case: FactCase) -> dict[str, StockChange]:
    """What a group or transfer says of goods that had no SKU, by inventory item; a SKU given since is among it."""
    fact = case.fact
    groups = fact.shipments if isinstance(fact, StockTransfer) else (fact,)
    return {
        change.item_id: change
        for group in groups
        if isinstance(group, StockGroup)
        for change in group.changes
    }


def _apart(case: FactCase, plans: Sequence[Plan], desk: Desk) -> list[Plan]:
    """The plans, with goods whose item QuickBooks may not count taken out of stock documents."""
    if not any(plan.kind in STOCK_ONLY for plan in plans):
        return list(plans)
    seen, found = _seen_as_order(plans, case.shop, case), list[Plan]()
    for plan in plans:
        counts = partial(counts_stock, desk.names, desk.answers.on(plan.on), seen)
        found += apart(plan, case.shop, counts)
    return found


def _unit(amount: Money, quantity: int | None) -> Money | None:
    """What one unit cost, as a description of the item only; no posting is made of it."""
    return Money.rounded(amount.amount / quantity, amount.currency) if quantity else None
