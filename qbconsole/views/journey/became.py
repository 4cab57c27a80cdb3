"""What an event became and why: a sentence for each document that stands for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qbconsole.books.booking.roles_of import is_liability
from qbconsole.books.plan import NON_POSTING, DocumentKind, LineKind, Plan
from qbconsole.money import Money, total
from qbconsole.shop.events import Event, EventKind, FactEvent, SaleEvent, TenderEvent
from qbconsole.views.journey.shown import Shown, Told, gateway_words, listed, on_day

Sentence = Callable[[Event, Shown, Told], str]


def became(event: Event, shown: Shown, told: Told) -> str:
    """Which document it is, and why this kind; and why its day, where that is not the event's."""
    if shown.plan.corrects:
        corrected = told.documents.get(shown.plan.corrects)
        what = corrected.name if corrected else "the document"
        return f"QuickBooks computed other tax on {what}; {shown.name} moves the pennies to {shown.account('rounding')}."
    if isinstance(event, FactEvent):
        sentence = _derived(event, shown) or _fact(event, shown, told)
    else:
        sentence = _ORDERS.get(shown.plan.kind, _plain)(event, shown, told)
    if sentence.startswith(_SAME):
        return sentence
    return " ".join(filter(None, (sentence, _moved(event, shown, told))))


#: How a sentence begins of a document whose kind and day another event's sentence gives the reason of.
_SAME = "It stands on the same"


def _derived(event: FactEvent, shown: Shown) -> str:
    """What booking derives from an order's events; "" for anything else."""
    if event.kind is EventKind.COST and shown.plan.kind is DocumentKind.INVENTORY_ADJUSTMENT:
        return f"Only then it was told what went back to stock, so it is {shown.name}; QuickBooks moves the cost itself."
    if event.kind is EventKind.COST:
        return f"No sales document shows what goods cost, so it is {shown.name}."
    if event.kind is not EventKind.RELEASE:
        return ""
    if shown.plan.kind in (DocumentKind.SALES_RECEIPT, DocumentKind.INVOICE):
        return f"{_SAME} {shown.name}, as a line that clears {shown.account('customer_deposits')}."
    return f"It is {shown.name}, which clears {shown.account('customer_deposits')}."


def _moved(event: Event, shown: Shown, told: Told) -> str:
    on = shown.row.txn_date
    moved_by_closing = shown.plan.true_on is not None or not (
        isinstance(event, SaleEvent) and told.ruling.policy.recognise_on != "order"
    )
    if on == event.on:
        return ""
    if shown.plan.payout:
        return f"It counts on {on_day(on)}, with the payout that pays it out (`summary_by`)."
    if moved_by_closing:
        return f"The books are closed on its own day, so it is dated {on_day(on)} (`closed_period`)."
    return f'It counts on {on_day(on)}, because `recognise_on` is "{told.ruling.policy.recognise_on}".'


def _plain(event: Event, shown: Shown, told: Told) -> str:
    nothing = ", which posts nothing" if shown.plan.kind in NON_POSTING else ""
    return f"It is {shown.name}{nothing}."


def _ordered(event: Event, shown: Shown, told: Told) -> str:
    return (
        f"It is not shipped yet, so until it counts it is {shown.name} (`orders`), which posts nothing."
        if isinstance(event, SaleEvent)
        else _plain(event, shown, told)
    )


def _tenders_in(shown: Shown, told: Told) -> list[TenderEvent]:
    members = {member.event_key for member in shown.plan.members}
    return [one for one in told.events if isinstance(one, TenderEvent) and one.key in members]


def _receipt(event: Event, shown: Shown, told: Told) -> str:
    if isinstance(event, TenderEvent):
        return f"{_SAME} {shown.name}."
    tenders = _tenders_in(shown, told)
    released = any(member.event_key.startswith(f"{EventKind.RELEASE}/") for member in shown.plan.members)
    if not tenders and released:
        return f"Its deposits settle it, so it is {shown.name}, with a line that uses them up."
    if not tenders:
        return f"There is nothing to pay, so it is {shown.name} of nothing, for the record and for stock."
    money = [one for one in tenders if not is_liability(one)]
    cards = [one for one in tenders if is_liability(one)]
    used = listed(dict.fromkeys(gateway_words(one.gateway) for one in cards))
    by_card = f" What {used} paid is a line on it that lowers the liability." if cards else ""
    if not money:
        return f"It was paid at once by {used}, so it is {shown.name} of nothing.{by_card}"
    account = shown.account(shown.plan.money_role)
    if released:
        return f"Deposits and the payment of that day settle it, so it is {shown.name}, which deposits to {account}."
    return (
        f"It was paid at once by one gateway, {gateway_words(money[0].gateway)}, so it is {shown.name}, "
        f"which deposits to {account}.{by_card}"
    )


def _invoice(event: Event, shown: Shown, told: Told) -> str:
    return f"{_why_invoice(event, shown, told)}, so it is {shown.name}, and what is paid is applied to it."


def _why_invoice(event: Event, shown: Shown, told: Told) -> str:
    if told.terms:
        return f"It is sold on terms ({told.terms})"
    if isinstance(event, SaleEvent) and any(part.returned or part.owed < 0 for part in event.parts):
        return "What went out and what came back stand apart"
    paid = [
        one
        for one in told.events
        if isinstance(one, TenderEvent) and one.amount.shop.amount > 0 and one.on >= event.on
    ]
    same_day = [one for one in paid if one.on == event.on]
    if not paid:
        return "It is not paid yet"
    if not same_day:
        return f"It was paid later, on {on_day(paid[0].on)}"
    gateways = dict.fromkeys(one.gateway for one in same_day if not is_liability(one))
    if len(gateways) > 1:
        return f"It was paid by {len(gateways)} gateways, and a sales receipt deposits to one account only"
    sold = total(
        (line.amount for line in shown.plan.lines if line.kind is not LineKind.TENDER), shown.plan.currency
    )
    received = total((one.amount.shop for one in same_day), shown.plan.currency)
    if received < sold:
        return f"Only {received} of it was paid that day"
    return "Its payments do not settle it exactly on one sales receipt"


def _applied(plan: Plan, told: Told) -> str:
    """ "invoice 1001 for 20.00 USD"; documents of other orders by their key."""
    words = []
    for row in plan.applied:
        other = told.documents.get(row.document_key)
        words.append(f"{other.name if other else row.document_key} for {row.amount}")
    return listed(words)


def _payment(event: Event, shown: Shown, told: Told) -> str:
    settled = _applied(shown.plan, told)
    if not shown.plan.members:
        credits = (told.documents.get(row.credit_key) for row in shown.plan.applied)
        used = listed(dict.fromkeys(one.name for one in credits if one))
        return f"The credit of {used or 'a memo'} is used by {shown.name} of nothing for {settled}."
    kept = f", applied to {settled}" if settled else ", a credit of the customer until something is owed"
    return f"It is {shown.name} to {shown.account(shown.plan.money_role)}{kept}."


def _memo(event: Event, shown: Shown, told: Told) -> str:
    if isinstance(event, SaleEvent):
        return f"What is given back is {shown.name}."
    if any(member.part == "memo" and member.event_key == event.key for member in shown.plan.members):
        return (
            f"{shown.plan.total} of it goes beyond what was owed back; {shown.name} books that to "
            f"{shown.account('refund_discrepancy')}."
        )
    if any(one.key == event.key for one in _tenders_in(shown, told)) and len(shown.plan.members) > 1:
        return f"{_SAME} {shown.name}."
    return f"A payment cannot go to a liability, so it is {shown.name} on the liability, and it settles the invoice."


def _paid_back(event: Event, shown: Shown, told: Told) -> str:
    settled = _applied(shown.plan, told)
    account = shown.account(shown.plan.money_role)
    if shown.plan.kind is DocumentKind.AR_REFUND_CREDIT_CARD:
        return f"It is {shown.name} from {account} out of the customer's credit, {settled}."
    why = f"out of the customer's credit, {settled}" if settled else "no credit memo covers it"
    return f"It is {shown.name} from {account}: {why}."


_JOURNALS = {
    "rounding": "Cash rounding has no line on that document; it is {name}.",
    "exchange": "What the exchange rate left over is {name} to {fx}.",
}


def _journal(event: Event, shown: Shown, told: Told) -> str:
    parts = [member.part for member in shown.plan.members if member.event_key == event.key]
    for part in parts:
        if part in _JOURNALS:
            return _JOURNALS[part].format(name=shown.name, fx=shown.account("fx_gain_loss"))
    if shown.posted("customer_deposits"):
        return (
            f"The sale does not count yet, so it is {shown.name}: the money waits on "
            f"{shown.account('customer_deposits')}."
        )
    return f"No sales document shows this, so it is {shown.name}."


_ORDERS: Mapping[DocumentKind, Sentence] = {
    DocumentKind.SALES_RECEIPT: _receipt,
    DocumentKind.INVOICE: _invoice,
    DocumentKind.RECEIVE_PAYMENT: _payment,
    DocumentKind.CREDIT_MEMO: _memo,
    DocumentKind.AR_REFUND_CREDIT_CARD: _paid_back,
    DocumentKind.CHECK: _paid_back,
    DocumentKind.JOURNAL_ENTRY: _journal,
    DocumentKind.SALES_ORDER: _ordered,
    DocumentKind.ESTIMATE: _ordered,
}


def _fact(event: FactEvent, shown: Shown, told: Told) -> str:
    plan = shown.plan
    if event.kind is EventKind.FEE and told.ruling.policy.fees_date == "transaction":
        return f'Fees stand on their own days (`fees_date` is "transaction"), so it is {shown.name}: {_sides(shown)}.'
    if event.kind is EventKind.PAYOUT and "." in event.key:
        return f"What was booked stays; {shown.name} moves the money: {_sides(shown)}."
    if plan.kind in NON_POSTING:
        return f"It is {shown.name}, which posts nothing."
    if plan.kind is DocumentKind.JOURNAL_ENTRY and event.kind is EventKind.PAYOUT:
        return f"QuickBooks takes no deposit of nothing or less, so it is {shown.name}: {_sides(shown)}."
    if plan.kind is DocumentKind.ITEM_RECEIPT:
        return f'It is {shown.name} (`receipts` is "item_receipt"), which staff turn into the bill: {_sides(shown)}.'
    if event.kind is EventKind.BILL:
        return f"The goods are posted by their receipt; {shown.name} posts only what the bill adds or changes: {_sides(shown)}."
    return f"It is {shown.name}: {_sides(shown)}."


def _sides(shown: Shown) -> str:
    """ "Checking + 96.80 USD, Merchant Fees + 3.20 USD, Shopify Payments Clearing - 100.00 USD"."""
    sums: dict[str, Money] = {}
    for row in shown.plan.postings:
        account = shown.account(row.role)
        sums[account] = sums[account] + row.amount if account in sums else row.amount
    rows = sorted(((name, amount) for name, amount in sums.items() if amount), key=lambda row: -row[1].amount)
    return listed(
        (f"{name} {'+' if amount.amount > 0 else '-'} {abs(amount)}" for name, amount in rows), most=8
    )


def stands_in_day(event: Event, shown: Shown, others: int, told: Told) -> str:
    """The sentence of an event that is booked in its shop day's summary."""
    together = f", together with {others} other order{'s' * (others != 1)}" if others else ""
    day = ", ".join(filter(None, (on_day(shown.plan.on), shown.plan.channel, shown.plan.location)))
    if shown.plan.payout:
        day = f"payout {shown.plan.payout}"
    what = "Its goods move in" if shown.plan.kind is DocumentKind.INVENTORY_ADJUSTMENT else "It stands in"
    return f"{what} {shown.name} of {day}{together}. {_moved(event, shown, told)}".strip()
