"""Entries -> plans in detailed mode: which documents QuickBooks should hold for them.

Paid at once by one tender: a SalesReceipt. Else an Invoice and a ReceivePayment per tender. What comes back: a
CreditMemo, and per refund of money an ARRefundCreditCard (a Check for manual gateways) applied to it.
Everything is applied explicitly, by our own keys. Source: accounting.md section 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from qbconsole.books.booking.lines import liability_line, rounding_line, sales_lines, sides
from qbconsole.books.booking.open_items import OpenItems
from qbconsole.books.booking.order import RECEIVABLE, Entry, part_postings
from qbconsole.books.booking.roles_of import is_liability, money_role
from qbconsole.books.identity import document_key
from qbconsole.books.plan import DocumentKind, LineKind, Member, Plan, PlanLine, Posting, netted
from qbconsole.books.roles import gateway_handle
from qbconsole.money import Money
from qbconsole.shop.events import Part, SaleEvent, TenderEvent
from qbconsole.shop.orders import Order

_SUFFIX = {
    DocumentKind.INVOICE: "E",
    DocumentKind.SALES_RECEIPT: "E",
    DocumentKind.CREDIT_MEMO: "C",
    DocumentKind.RECEIVE_PAYMENT: "P",
    DocumentKind.AR_REFUND_CREDIT_CARD: "R",
    DocumentKind.CHECK: "K",
    DocumentKind.JOURNAL_ENTRY: "J",
}
_SALES = (DocumentKind.INVOICE, DocumentKind.SALES_RECEIPT)


@dataclass(slots=True)
class _Drafting:
    """The plans of one order as they are drawn up; lives only inside `shape`."""

    order: Order
    items: OpenItems
    counts: Counter[str]
    receipts: bool
    plans: list[Plan] = field(default_factory=list)
    consumed: set[str] = field(default_factory=set)

    def add(self, kind: DocumentKind, on: date, event_key: str, part: str, **more: object) -> Plan:
        plan = Plan(
            key=document_key(self.order.shop.handle, event_key, part),
            kind=kind,
            on=on,
            currency=self.order.currency,
            number=self.order.name,
            suffix=self._suffix(kind, part),
            **more,  # type: ignore[arg-type]
        )
        self.items.add(plan)
        self.plans.append(plan)
        return plan

    def _suffix(self, kind: DocumentKind, part: str) -> str:
        letter = "A" if part.startswith("apply") else _SUFFIX[kind]
        count = self.counts[letter]
        self.counts[letter] += 1
        if kind in _SALES:
            return f"E{count}" if count else ""
        return f"{letter}{count + 1}"


def shape(
    order: Order, entries: Sequence[Entry], booked: Sequence[Plan], *, receipts: bool = True
) -> tuple[Plan, ...]:
    """Draw up the documents of entries not booked yet; `receipts` False asks for invoices throughout."""
    counts = Counter(plan.suffix[:1] or "E" for plan in booked)
    draft = _Drafting(order, OpenItems.of(booked), counts, receipts)
    for on in sorted({entry.on for entry in entries}):
        _one_day(draft, [entry for entry in entries if entry.on == on])
    return tuple(draft.plans)


def _one_day(draft: _Drafting, entries: Sequence[Entry]) -> None:
    """Within a day what is owed is drawn up before the money that settles it."""
    tenders = [entry for entry in entries if isinstance(entry.event, TenderEvent)]
    for entry in entries:
        if isinstance(entry.event, SaleEvent):
            _draw_sale(draft, entry, entry.event, tenders)
    for entry in tenders:
        if entry.event.key not in draft.consumed and isinstance(entry.event, TenderEvent):
            _draw_tender(draft, entry, entry.event)


def _draw_sale(draft: _Drafting, entry: Entry, event: SaleEvent, tenders: Sequence[Entry]) -> None:
    sold, back = sides(event.parts)
    if sold:
        group = None if back else _settling(draft, sold, tenders)
        if group is not None:
            _receipt(draft, entry, event, sold, group)
        else:
            _invoice(draft, entry, event, sold, tenders, part="sold" if back else "")
    if back:
        _memo(draft, entry, event, back, tenders, part="returned" if sold else "")
    _apply_credits(draft, entry.on, event.key)


def _settling(draft: _Drafting, sold: Sequence[Part], tenders: Sequence[Entry]) -> list[Entry] | None:
    """The day's tenders that settle a sale exactly, with one money gateway at most; None when none do."""
    items = draft.items
    if not draft.receipts or any((*items.invoices.values(), *items.memos.values(), *items.payments.values())):
        return None
    left = sum((part.total.shop.amount for part in sold), draft.order.total.shop.amount * 0)
    group: list[Entry] = []
    for entry in tenders:
        if not left:
            break
        event = entry.event
        if event.key in draft.consumed or not isinstance(event, TenderEvent) or event.tender == "REFUND":
            continue
        left -= event.amount.shop.amount
        group.append(entry)
    changes = [e for e in tenders if isinstance(e.event, TenderEvent) and e.event.tender == "CHANGE"]
    for entry in changes:
        if left and entry not in group and isinstance(entry.event, TenderEvent):
            left -= entry.event.amount.shop.amount
            group.append(entry)
    gateways = {
        e.event.gateway for e in group if isinstance(e.event, TenderEvent) and not is_liability(e.event)
    }
    plain = all(not entry.exchange and not entry.discrepancy for entry in group)
    return group if not left and len(gateways) <= 1 and plain else None


def _receipt(
    draft: _Drafting, entry: Entry, event: SaleEvent, sold: Sequence[Part], group: Sequence[Entry]
) -> None:
    tenders = [e.event for e in group if isinstance(e.event, TenderEvent)]
    money = [tender for tender in tenders if not is_liability(tender)]
    lines = [*sales_lines(sold, credit=False)]
    lines += [rounding_line(tender) for tender in money if tender.rounding.shop]
    lines += [liability_line(tender) for tender in tenders if is_liability(tender)]
    draft.consumed |= {tender.key for tender in tenders}
    draft.add(
        DocumentKind.SALES_RECEIPT,
        entry.on,
        event.key,
        "1",
        members=(Member(event_key=event.key), *(Member(event_key=tender.key) for tender in tenders)),
        postings=netted((*entry.postings, *(p for e in group for p in e.postings))),
        lines=tuple(lines),
        money_role=money_role(money[0]) if money else "clearing:other",
        money=_received(money, draft.order.currency),
        gateway=money[0].gateway if money else (tenders[0].gateway if tenders else ""),
        memo=_words(draft.order, event),
        true_on=_true(entry),
    )


def _received(tenders: Iterable[TenderEvent], currency: str) -> Money:
    value = Money.zero(currency)
    for tender in tenders:
        value = value + tender.amount.shop + tender.rounding.shop
    return value


def _invoice(
    draft: _Drafting,
    entry: Entry,
    event: SaleEvent,
    sold: Sequence[Part],
    tenders: Sequence[Entry],
    *,
    part: str,
) -> None:
    """A gift card of the same day is a negative line, since a payment cannot go to a liability."""
    lines = [*sales_lines(sold, credit=False)]
    used = _liability_tenders(draft, tenders, _sum(lines, draft.order.currency), incoming=True)
    lines += [liability_line(tender) for tender in used]
    _sales_document(draft, DocumentKind.INVOICE, entry, event, sold, lines, used, tenders, part)


def _memo(
    draft: _Drafting,
    entry: Entry,
    event: SaleEvent,
    back: Sequence[Part],
    tenders: Sequence[Entry],
    *,
    part: str,
) -> None:
    """Money given back on a gift card the same day lowers the memo, for the same reason."""
    lines = [*sales_lines(back, credit=True)]
    if not lines:
        return
    used = _liability_tenders(draft, tenders, _sum(lines, draft.order.currency), incoming=False)
    lines += [liability_line(tender) for tender in used]
    _sales_document(draft, DocumentKind.CREDIT_MEMO, entry, event, back, lines, used, tenders, part)


def _sales_document(
    draft: _Drafting,
    kind: DocumentKind,
    entry: Entry,
    event: SaleEvent,
    parts: Sequence[Part],
    lines: Sequence[PlanLine],
    used: Sequence[TenderEvent],
    tenders: Sequence[Entry],
    part: str,
) -> None:
    keys = {tender.key for tender in used}
    draft.consumed |= keys
    own = [posting for piece in parts for posting in part_postings(piece, entry.on)]
    owed = sum((piece.total.shop.amount for piece in parts), draft.order.total.shop.amount * 0)
    own.append(Posting(on=entry.on, role=RECEIVABLE, amount=Money(owed, draft.order.currency)))
    members = (Member(event_key=event.key, part=part), *(Member(event_key=key) for key in keys))
    draft.add(
        kind,
        entry.on,
        event.key,
        part or "1",
        members=members,
        postings=netted((*own, *(p for e in tenders if e.event.key in keys for p in e.postings))),
        lines=tuple(lines),
        memo=_words(draft.order, event),
        true_on=_true(entry),
    )


def _liability_tenders(
    draft: _Drafting, tenders: Sequence[Entry], room: Money, *, incoming: bool
) -> list[TenderEvent]:
    """Gift-card and store-credit tenders of the day that fit on the document whole."""
    fitting = []
    for entry in tenders:
        event = entry.event
        if not isinstance(event, TenderEvent) or event.key in draft.consumed or not is_liability(event):
            continue
        amount = event.amount.shop if incoming else -event.amount.shop
        if amount > amount - amount and amount <= room and not entry.exchange and not entry.discrepancy:
            fitting.append(event)
            room = room - amount
    return fitting


def _apply_credits(draft: _Drafting, on: date, event_key: str) -> None:
    """Settle credits against open invoices, by a payment of zero that names both."""
    for number, applied in enumerate(draft.items.offset(), 1):
        draft.add(
            DocumentKind.RECEIVE_PAYMENT,
            on,
            event_key,
            f"apply{number}",
            members=(),
            postings=(),
            money=Money.zero(draft.order.currency),
            applied=(applied,),
            memo=f"Credit used for {draft.order.name}",
        )


def _draw_tender(draft: _Drafting, entry: Entry, event: TenderEvent) -> None:
    if entry.discrepancy:
        _discrepancy_memo(draft, entry, event)
    if event.amount.shop > event.amount.shop - event.amount.shop:
        _payment(draft, entry, event)
    elif event.amount.shop:
        _pay_back(draft, entry, event)
    if entry.exchange:
        _exchange_entry(draft, entry, event)


def _payment(draft: _Drafting, entry: Entry, event: TenderEvent) -> None:
    """A payment; or for a gift card used later, a memo on its liability that settles the invoice."""
    postings = _without_exchange(entry)
    if is_liability(event):
        line = liability_line(event)
        draft.add(
            DocumentKind.CREDIT_MEMO,
            entry.on,
            event.key,
            "1",
            members=(Member(event_key=event.key, part="1" if entry.exchange else ""),),
            postings=postings,
            lines=(PlanLine(kind=LineKind.TENDER, role=line.role, amount=-line.amount, label=line.label),),
            memo=f"Payment of {draft.order.name} by {event.gateway.replace('_', ' ')}",
            true_on=_true(entry),
        )
        _apply_credits(draft, entry.on, event.key)
        return
    rounding = event.rounding.shop
    draft.add(
        DocumentKind.RECEIVE_PAYMENT,
        entry.on,
        event.key,
        "1",
        members=(Member(event_key=event.key, part="1" if entry.exchange or rounding else ""),),
        postings=tuple(_no_rounding(postings, event)),
        money_role=money_role(event),
        money=event.amount.shop,
        gateway=event.gateway,
        applied=draft.items.pay(event.amount.shop),
        memo=f"Payment of {draft.order.name} by {event.gateway}",
        true_on=_true(entry),
    )
    if rounding:
        _rounding_entry(draft, entry, event)


def _no_rounding(postings: Sequence[Posting], event: TenderEvent) -> list[Posting]:
    """The payment itself moves the amount without cash rounding; the rounding has its own entry."""
    role, rounding = money_role(event), event.rounding.shop
    moved = (Posting(on=p.on, role=role, amount=-rounding) for p in postings if p.role == role)
    return list(netted((*(p for p in postings if p.role != "cash_rounding"), *moved)))


def _rounding_entry(draft: _Drafting, entry: Entry, event: TenderEvent) -> None:
    rounding = event.rounding.shop
    draft.add(
        DocumentKind.JOURNAL_ENTRY,
        entry.on,
        event.key,
        "rounding",
        members=(Member(event_key=event.key, part="rounding"),),
        postings=netted(
            (
                Posting(on=entry.on, role=money_role(event), amount=rounding),
                Posting(on=entry.on, role="cash_rounding", amount=-rounding),
            )
        ),
        memo=f"Cash rounding of {draft.order.name}",
        true_on=_true(entry),
    )


def _discrepancy_memo(draft: _Drafting, entry: Entry, event: TenderEvent) -> None:
    """Money given back beyond any credit: a memo makes the credit that the refund then uses."""
    amount = entry.discrepancy
    draft.add(
        DocumentKind.CREDIT_MEMO,
        entry.on,
        event.key,
        "memo",
        members=(Member(event_key=event.key, part="memo"),),
        postings=netted(
            (
                Posting(on=entry.on, role="refund_discrepancy", amount=amount),
                Posting(on=entry.on, role=RECEIVABLE, amount=-amount),
            )
        ),
        lines=(
            PlanLine(
                kind=LineKind.CHARGE,
                role="refund_discrepancy",
                amount=amount,
                label="Refund beyond returned items",
                returned=True,
            ),
        ),
        memo=f"Refund of {draft.order.name} beyond its parts",
        true_on=_true(entry),
    )


def _pay_back(draft: _Drafting, entry: Entry, event: TenderEvent) -> None:
    """Money back to the customer, out of credit memos where there are any, else owed again."""
    amount = -event.amount.shop
    whole = not (entry.discrepancy or entry.exchange or event.rounding.shop)
    member = Member(event_key=event.key, part="" if whole else "1")
    postings = netted(
        (
            Posting(on=entry.on, role=RECEIVABLE, amount=amount),
            Posting(on=entry.on, role=money_role(event), amount=-amount),
        )
    )
    applied = draft.items.refund(amount)
    covered = sum((row.amount.amount for row in applied), amount.amount * 0) == amount.amount
    if is_liability(event):
        kind = DocumentKind.JOURNAL_ENTRY
    elif covered and not event.manual and gateway_handle(event.gateway) != "manual":
        kind = DocumentKind.AR_REFUND_CREDIT_CARD
    else:
        kind = DocumentKind.CHECK
    draft.add(
        kind,
        entry.on,
        event.key,
        "1",
        members=(member,),
        postings=postings,
        money_role=money_role(event),
        money=amount,
        gateway=event.gateway,
        applied=() if kind is DocumentKind.JOURNAL_ENTRY else applied,
        memo=f"Refund of {draft.order.name} by {event.gateway}",
        true_on=_true(entry),
    )
    if event.rounding.shop:
        _rounding_entry(draft, entry, event)


def _exchange_entry(draft: _Drafting, entry: Entry, event: TenderEvent) -> None:
    draft.add(
        DocumentKind.JOURNAL_ENTRY,
        entry.on,
        event.key,
        "exchange",
        members=(Member(event_key=event.key, part="exchange"),),
        postings=netted(
            (
                Posting(on=entry.on, role="fx_gain_loss", amount=entry.exchange),
                Posting(on=entry.on, role=RECEIVABLE, amount=-entry.exchange),
            )
        ),
        memo=f"Exchange difference of {draft.order.name}",
        true_on=_true(entry),
    )


def _without_exchange(entry: Entry) -> tuple[Posting, ...]:
    back = (
        Posting(on=entry.on, role="fx_gain_loss", amount=-entry.exchange),
        Posting(on=entry.on, role=RECEIVABLE, amount=entry.exchange),
    )
    return netted((*entry.postings, *back))


def _sum(lines: Iterable[PlanLine], currency: str) -> Money:
    value = Money.zero(currency)
    for line in lines:
        value = value + line.amount
    return value


def _true(entry: Entry) -> date | None:
    return entry.event.on if entry.event.on != entry.on else None


def _words(order: Order, event: SaleEvent) -> str:
    words = {
        "ORDER": f"Shopify {order.name}",
        "ORDER_EDIT": f"Edit of {order.name}",
        "REFUND": f"Refund of {order.name}",
        "RETURN": f"Return of {order.name}",
        "CANCEL": f"Cancellation of {order.name}",
    }.get(event.reason, f"Shopify {order.name}")
    return f"{words}, PO {order.po_number}" if order.po_number and event.reason == "ORDER" else words
