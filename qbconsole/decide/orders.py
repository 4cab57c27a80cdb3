"""An order, decided: its events booked by policy, then drawn up as documents or given to its days' summaries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from qbconsole.books.answers import Choice
from qbconsole.books.booking.checks import lapsed_holds, order_holds, tender_holds, untold_holds
from qbconsole.books.booking.goods.cost import put_back, returns_of, with_cost
from qbconsole.books.booking.goods.restocked import told_units, with_restocking
from qbconsole.books.booking.order import Entry, walk
from qbconsole.books.booking.recognition import Standing, recognised
from qbconsole.books.booking.shape import shape
from qbconsole.books.generations import unspent
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.naming.following.so_far import SharedNames
from qbconsole.books.news import NOTHING_NEW, news
from qbconsole.books.ordered import draw_orders, left_open, order_kind
from qbconsole.books.plan import DEPOSIT, ORDERED, DocumentKind, Plan
from qbconsole.books.policy import Settings
from qbconsole.books.proof import prove, prove_entries, prove_plans
from qbconsole.books.summary.goods import goods_of, keeps_stock
from qbconsole.books.summary.pool import pool_of, pool_of_payout
from qbconsole.books.summary.receipt import shown_lines
from qbconsole.decide.case import Case, Decided, Decision, Pooled
from qbconsole.decide.closing import closed, dated, dated_plan
from qbconsole.decide.desk import Desk
from qbconsole.decide.documents import decided_documents, kept_back, waits_again
from qbconsole.decide.payouts import by_payout, stand
from qbconsole.errors import BooksDoNotBalance
from qbconsole.shop.bag import Bag
from qbconsole.shop.cancellations import is_taken_back, standing_lapse
from qbconsole.shop.events import Event, EventKind, OrderEvent, SaleEvent, TenderEvent
from qbconsole.shop.orders import Order
from qbconsole.shop.timeline import changed, timeline
from qbconsole.value import replace as filled


def decide_order(case: Case, desk: Desk) -> Decision:
    """Decide one order. A merchant's facts become holds; PluginBroken is the only thing raised."""
    order, settings = case.order, desk.settings
    if case.include_test:
        settings = replace(settings, include_test=True)
    placed = case.pooled | {
        member.event_key for plan in case.booked for member in plan.members if member.part != ORDERED
    }
    holds = order_holds(order, settings, booked=bool(placed))
    if holds:
        return Decision(source_id=order.id, holds=holds)
    known = _order_events(case.events)
    if untold := untold_holds(order, known):
        return Decision(source_id=order.id, holds=untold)
    events = timeline(order, known)
    known_keys = {event.key for event in known}
    fresh = tuple(event for event in events if event.key not in known_keys)
    try:
        entries, event_holds, looked_at = _bookable(case, events, placed, desk)
        in_summary = _in_summary(case, settings)
        pooled = _pooled(entries, order, desk) if in_summary else ()
        plans = () if in_summary else shape(order, entries, case.booked, receipts=_receipts(order, desk))
        if in_summary:
            prove_entries(entries, order.currency)
        else:
            prove(entries, plans, order.currency)
        again = tuple(plan for plan in case.booked if plan.key in case.rename)
        waits = waits_again(again, events, lambda event: desk.answers.holds(event, order), case.released)
        orders = _ordered(case, events, placed, desk)
        drawn = unspent((*orders, *plans), case.booked, case.spent)
        documents, wanted = decided_documents(
            (*again, *drawn), order, desk, shared=SharedNames.of(case.booked, case.rename, case.shared)
        )
        chosen = desk.answers.document(order)
        documents = kept_back([_told_kind(one, chosen) for one in documents], waits)
    except BooksDoNotBalance as law:
        return Decision(source_id=order.id, holds=(law_broken(case.label, f"order/{order.id}", law),))
    flags = tuple(flag for entry in entries for flag in entry.flags)
    return Decision(
        source_id=order.id,
        events=fresh,
        documents=documents,
        entries=wanted,
        holds=(
            *_changed_holds(case, known, placed),
            *tender_holds(order),
            *(lapsed_holds(order, settings) if placed else ()),
            *event_holds,
            *flags,
            *left_open(order, case.booked, placed),
        ),
        pooled=pooled,
        words=case.fresh if drawn or pooled else (),
        looked_at=looked_at,
    )


def _order_events(events: Sequence[Event]) -> tuple[OrderEvent, ...]:
    return tuple(event for event in events if isinstance(event, (SaleEvent, TenderEvent)))


def _receipts(order: Order, desk: Desk) -> bool:
    choice = desk.answers.document(order)
    return choice is None or choice.value != DocumentKind.INVOICE


def _told_kind(decided: Decided, choice: Choice | None) -> Decided:
    """A sale's document with who chose its kind, where it is the one chosen; an unpaid sale is an Invoice anyway."""
    named = decided.named
    if choice is None or choice.value != named.plan.kind:
        return decided
    return filled(decided, named=filled(named, why=(("document", choice), *named.why)))


def _in_summary(case: Case, settings: Settings) -> bool:
    """Orders on terms stay itemised, and so does one that has documents of its own already."""
    return settings.modes.sales == "summary" and case.order.terms is None and not case.booked


def _bookable(
    case: Case, events: Sequence[OrderEvent], placed: frozenset[str] | set[str], desk: Desk
) -> tuple[tuple[Entry, ...], tuple[Hold, ...], tuple[str, ...]]:
    """Entries of events not in any document yet, on the day they are booked; why others wait; and which were looked at."""
    policy = desk.settings.policy
    order, as_booked = case.order, _as_booked(case, events, placed)
    walked = walk(order, as_booked)
    in_time = walk(order, events) if as_booked != tuple(events) else walked
    deposits = frozenset(key for key, part in case.parts.items() if part == DEPOSIT)
    standing = Standing(keys=placed, plans=case.booked, pooled=deposits)
    walked = recognised(order, walked, policy.recognise_on, standing, in_time=in_time)
    if policy.cogs == "unit_cost":
        walked = with_cost(
            case.order,
            walked,
            policy.restock_loss_role,
            case.booked,
            case.parts,
            placed=placed,
            held=case.held,
        )
    elif keeps_stock(desk.settings):
        walked = with_restocking(case.order, walked, case.booked, case.parts)
    homes = by_payout(case, walked, desk.settings) if _in_summary(case, desk.settings) else {}
    # What posts nothing and stands nowhere was looked at before: a refund record without parts needs no document.
    quiet = {event.key for event in case.events} - case.held
    entries: list[Entry] = []
    holds: list[Hold] = []
    #: What may be followed: it stands in the books by now, or is in them without a document.
    there = set(placed)
    lapse, costs_of_nothing = standing_lapse(order, events), set[str]()
    for entry in walked:
        if entry.event.key in placed or entry.event.key in costs_of_nothing:
            continue
        if _taken_back(entry, order, placed) or _after(entry, lapse):
            costs_of_nothing.add(f"{EventKind.COST}/{entry.event.key}")
            continue
        if _in_opening_balance(entry, order, desk.settings):
            continue
        if not entry.postings and entry.event.key in quiet:
            there.add(entry.event.key)
            continue
        if entry.follows and entry.follows not in there:
            continue
        entry, waits = stand(entry, homes, case.label)
        why = (
            *_asked(case, entry.event, desk),
            *waits,
            *closed(entry.on, case.label, entry.event.key, desk.settings),
        )
        if why:
            holds += why
        else:
            there.add(entry.event.key)
            entries.append(dated(entry, desk.settings))
    looked_at = tuple(entry.event.key for entry in walked if entry.event.key not in placed)
    return tuple(entries), tuple(dict.fromkeys(holds)), looked_at


def _asked(case: Case, event: Event, desk: Desk) -> Iterator[Hold]:
    """Reasons of plugins, rules and filters to wait, but those a person let go."""
    told = NOTHING_NEW if case.booked or case.pooled else news(case.fresh)
    for hold in desk.answers.holds(event, case.order, told):
        if hold.released not in case.released:
            yield hold


def _ordered(
    case: Case, events: Sequence[OrderEvent], placed: Collection[str], desk: Desk
) -> tuple[Plan, ...]:
    """Orders of sales that do not count yet, where the merchant wants them; they post nothing."""
    settings = desk.settings
    kind = order_kind(settings.policy, settings.modes)
    if kind is None:
        return ()
    waiting = {event.key for event in events if any(_asked(case, event, desk))}
    plans = draw_orders(kind, case.order, events, {*placed, *waiting}, case.booked)
    prove_plans(plans)
    return tuple(dated_plan(plan, settings) for plan in plans)


def _as_booked(
    case: Case, events: Sequence[OrderEvent], placed: frozenset[str] | set[str]
) -> tuple[OrderEvent, ...]:
    """What was told first, then what is new: money that is told late meets the account as the books have it.

    Else an exchange difference would fall to a tender that is booked already, and be lost. A sale that waits stands
    where it was told too, for the money booked since was reckoned with it; a refund record without parts was not.
    """
    at = {event.key: place for place, event in enumerate(case.events) if _was_reckoned(event, placed)}
    done = sorted((event for event in events if event.key in at), key=lambda event: at[event.key])
    return (*done, *(event for event in events if event.key not in at))


def _was_reckoned(event: Event, placed: Collection[str]) -> bool:
    return event.key in placed or not isinstance(event, SaleEvent) or bool(event.parts)


def _taken_back(entry: Entry, order: Order, placed: frozenset[str] | set[str]) -> bool:
    """A record told late of what a lapse or cancellation gave back as a whole: it must not be given back twice."""
    if not isinstance(entry.event, SaleEvent) or not is_taken_back(order, placed):
        return False
    like = Bag.zero(order.currency, order.presentment_currency)
    return entry.event.kind is not EventKind.CANCEL and entry.event.total(like).presentment.amount < 0


def _after(entry: Entry, lapse: SaleEvent | None) -> bool:
    """What was added to an order after its promise of money lapsed: it waits with the order, until that is put back."""
    if lapse is None or not isinstance(entry.event, SaleEvent) or entry.event.reason == "ORDER":
        return False
    return entry.event.kind is not EventKind.CANCEL and entry.event.at > lapse.at


def _in_opening_balance(entry: Entry, order: Order, settings: Settings) -> bool:
    """What happened to an order before the start date stands in the opening balance already."""
    return (
        settings.start is not None
        and settings.policy.before_start == "opening_balance"
        and order.shop.day(order.at) < settings.start
        and entry.on < settings.start
    )


def _pooled(entries: Sequence[Entry], order: Order, desk: Desk) -> tuple[Pooled, ...]:
    channel = desk.answers.channel(order)
    counted = keeps_stock(desk.settings)
    by_item = desk.settings.policy.summary_document == "sales_receipt"
    shown = shown_lines(order, entries) if by_item else {}
    returns, whose = returns_of(entries), desk.settings.whose
    pooled = (
        Pooled(
            pool=pool_of_payout(entry.on, entry.payout, order.currency, whose=whose)
            if entry.payout
            else pool_of(entry.on, channel, order.location, order.currency, order.source, whose=whose),
            event_key=entry.event.key,
            order_id=order.id,
            order_name=order.name,
            postings=entry.postings,
            goods=goods_of(order, entry) if counted else (),
            lines=None if entry.is_deposit else shown.get(entry.event.key),
            part=DEPOSIT if entry.is_deposit else told_units(entry) or put_back(entry, returns),
            true_on=entry.event.on if entry.event.on != entry.on else None,
        )
        for entry in entries
    )
    return tuple(one for one in pooled if one.postings or one.goods or one.lines)


def law_broken(where: str, subject: str, law: BooksDoNotBalance) -> Hold:
    """Our own mistake, caught by the proof: nothing of it is booked."""
    return Hold(
        reason=Reason.LAW_BROKEN,
        where=where,
        sentence=f"It cannot be booked without breaking a law of accounting: {law}",
        next_step=law.next,
        subject=subject,
        cause=f"law_broken:{subject.partition('/')[2]}",
    )


def _changed_holds(
    case: Case, known: Sequence[OrderEvent], placed: frozenset[str] | set[str]
) -> tuple[Hold, ...]:
    return tuple(
        Hold(
            reason=Reason.CHANGED_AFTER_BOOKING,
            where=case.label,
            sentence=f"Shopify now tells other amounts for {key} than were booked.",
            next_step="Compare the order in Shopify with `qbconsole show`; correct the books by hand.",
            subject=key,
            cause=f"changed:{key}",
        )
        for key in changed(case.order, known)
        if key in placed
    )
