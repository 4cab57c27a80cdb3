"""A shop day, decided: what its orders gave it, added to the day's open parts or to next ones."""

from __future__ import annotations

from qbconsole.books.booking.cents import in_cents
from qbconsole.books.generations import unspent
from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.books.proof import prove_plans
from qbconsole.books.summary.goods import move_goods
from qbconsole.books.summary.journal import add_to_day
from qbconsole.books.summary.receipt import Shown, write_receipts
from qbconsole.books.summary.seen import seen_as_order
from qbconsole.decide.case import DayCase, Decision
from qbconsole.decide.desk import Desk
from qbconsole.decide.documents import decided_documents
from qbconsole.decide.orders import law_broken
from qbconsole.errors import BooksDoNotBalance
from qbconsole.value import replace


def decide_day(case: DayCase, desk: Desk) -> Decision:
    """Decide one day: an unsent part is drawn up anew under its key; once one is sent, a next part opens."""
    fresh = unspent(_drawn(case), case.booked, case.spent)
    done = {plan.key for plan in fresh}
    again = [plan for plan in case.booked if plan.key in case.rename and plan.key not in done]
    every = (*again, *fresh)
    try:
        prove_plans(fresh)
        documents, wanted = decided_documents(
            every, seen_as_order(case.pool, case.shop, every), desk, stand_in=True
        )
    except BooksDoNotBalance as law:
        hold = law_broken(case.label, case.source_id, law)
        return Decision(source_id=case.source_id, kind=case.kind, holds=(hold,))
    if not case.is_over:
        documents = tuple(replace(one, text="", slots={}, needs=(), is_early=True) for one in documents)
    return Decision(source_id=case.source_id, kind=case.kind, documents=documents, entries=wanted)


def _drawn(case: DayCase) -> tuple[Plan, ...]:
    """What was paid at once by item where that is wanted, the rest in journal entries, its goods apart."""

    def booked(kind: DocumentKind) -> list[Plan]:
        return [plan for plan in case.booked if plan.kind is kind]

    pool, shop, open_parts = case.pool, case.shop, case.open_parts
    shown = [
        Shown(event_key=e.event_key, order_id=e.order_id, lines=e.lines, postings=e.postings)
        for e in case.entries
        if e.lines is not None
    ]
    receipts, left = write_receipts(pool, shop, booked(DocumentKind.SALES_RECEIPT), open_parts, shown)
    rest = [e for e in case.entries if e.lines is None or e.event_key in left]
    amounts = add_to_day(
        pool,
        shop,
        booked(DocumentKind.JOURNAL_ENTRY),
        open_parts,
        [(entry.event_key, entry.postings) for entry in rest if entry.postings],
        parts={entry.event_key: entry.part for entry in rest if entry.part},
    )
    goods = move_goods(
        pool,
        shop,
        booked(DocumentKind.INVENTORY_ADJUSTMENT),
        open_parts,
        [(entry.event_key, entry.goods) for entry in rest],
        parts={entry.event_key: entry.part for entry in rest if entry.part and not entry.postings},
    )
    return (*(in_cents(plan) for plan in (*receipts, *amounts)), *goods)
