"""The names of a settled order, told apart at two desks that differ in their answers only; written where that may matter.

A document is drafted at both desks: named, not written. By a shipped template its request says nothing beyond its draft,
so drafts that are alike need none. Where names differ the difference is told by them; a request is then made only to
learn whether QuickBooks would take it. What requests.xsd says of a name it says of that name alone, so one request
that was made with it and found right speaks for every other of the same kind. What a plugin amended or a merchant's own
template writes is always made and compared.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from qbconsole.books.naming.following.so_far import SharedNames
from qbconsole.decide.case import Case, Decided
from qbconsole.decide.desk import Desk
from qbconsole.decide.documents import Draft, decided_document, drafts
from qbconsole.shop.orders import Order

#: Kind of document, choice without line numbers, and value: one that stood in a request that was found right.
Proven: TypeAlias = set[tuple[str, str, str]]
_NUMBERS = re.compile(r"\d+")


def drafts_of(case: Case, desk: Desk) -> tuple[Draft, ...]:
    """What is booked of an order, named again; nothing new is drawn up. Raises BooksDoNotBalance."""
    again = (plan for plan in case.booked if plan.key in case.rename)
    return tuple(drafts(again, case.order, desk, SharedNames.of(case.booked, case.rename, case.shared)))


def are_same(was: Draft, now: Draft) -> bool:
    """Whether nobody would see a difference: names, words, accounts, what is lacked and what holds; lines are none."""
    one, other = was.named, now.named
    return (
        one.document == other.document
        and one.accounts == other.accounts
        and one.missing == other.missing
        and one.ref_number == other.ref_number
        and [(hold.reason, hold.subject, hold.sentence) for hold in one.holds]
        == [(hold.reason, hold.subject, hold.sentence) for hold in other.holds]
        and not (was.amended_by or now.amended_by)
        and [(name, choice.value) for name, choice in one.why]
        == [(name, choice.value) for name, choice in other.why]
    )


def decided_pair(
    was: Draft, now: Draft, order: Order, before: Desk, after: Desk, proven: Proven
) -> tuple[Decided, Decided]:
    """One document at both desks, as far as is needed to tell them apart; `proven` grows."""
    first, second = _choices(was), _choices(now)
    unwritten = _may_stay_unwritten(was, now, before) and (
        (first ^ second) <= proven if first != second else _is_alike(was, now)
    )
    one, _ = decided_document(was, order, before, unwritten=unwritten)
    other, _ = decided_document(now, order, after, unwritten=unwritten)
    for decided, said in ((one, first), (other, second)):
        if decided.text:
            proven |= said
    return one, other


def _may_stay_unwritten(was: Draft, now: Draft, desk: Desk) -> bool:
    if was.amended_by or now.amended_by:
        return False
    documents = (was.named.document, now.named.document)
    merchant = desk.settings.merchant
    return all(desk.renderer.is_shipped(one, merchant) for one in documents)  # type: ignore[arg-type]


def _is_alike(was: Draft, now: Draft) -> bool:
    """Whether the very same request would be written: it is made of nothing else, and held by nothing else."""
    return was.named.document == now.named.document and bool(was.named.holds) == bool(now.named.holds)


def _choices(draft: Draft) -> Proven:
    kind = str(draft.named.plan.kind)
    return {(kind, _without_numbers(name), choice.value) for name, choice in draft.named.why}


@lru_cache(maxsize=4096)
def _without_numbers(name: str) -> str:
    return _NUMBERS.sub("", name)
