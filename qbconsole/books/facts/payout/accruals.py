"""Fees on their own days, not with the payout: accrued against the balance before the payout pays out.

Each row's fee is an event of its own, so that a row counts once, in whichever payout it comes; one journal
entry takes all fees of a payout and a shop day. Source: accounting.md section 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qbconsole.books.facts.checks import happened
from qbconsole.books.facts.drawn import journal
from qbconsole.books.facts.payout.amounts import fee_amounts
from qbconsole.books.facts.payout.roles import BALANCE
from qbconsole.books.plan import Member, Plan
from qbconsole.money import total
from qbconsole.shop.events import EventKind, FactEvent
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.payouts import BalanceEntry
from qbconsole.value import replace


def rows_apart(rows: Sequence[BalanceEntry], shop: Shop, start: date | None) -> tuple[BalanceEntry, ...]:
    """Rows whose fee has a day of its own in these books; a fee older than their start stays in its payout."""
    return tuple(row for row in rows if row.fee and (start is None or shop.day(row.at) >= start))


def accruals(
    payout_id: str, rows: Sequence[BalanceEntry], shop: Shop, currency: str
) -> tuple[tuple[FactEvent, ...], tuple[Plan, ...]]:
    """The events `fee/<row id>` of these rows, and a journal entry a shop day: fees +, balance -."""
    days: dict[date, list[BalanceEntry]] = {}
    for row in sorted(rows, key=lambda row: (shop.day(row.at), len(row.id), row.id)):
        days.setdefault(shop.day(row.at), []).append(row)
    drawn = [_day(payout_id, group, shop, currency) for group in days.values()]
    events = tuple(event for group, _ in drawn for event in group)
    return events, tuple(plan for _, plan in drawn if plan is not None)


def _day(
    payout_id: str, rows: Sequence[BalanceEntry], shop: Shop, currency: str
) -> tuple[tuple[FactEvent, ...], Plan | None]:
    events = tuple(
        happened(shop, f"{EventKind.FEE}/{row.id}", EventKind.FEE, row.at, (row.type, row.fee))
        for row in rows
    )
    costs = [(role, amount) for role, _, amount in fee_amounts(rows)]
    costs.append((BALANCE, -total([row.fee for row in rows], currency)))
    first = events[0]
    words = f"Shopify Payments fees of {first.on}, payout {payout_id}"
    plan = journal(shop, first, currency, costs, number=payout_id, memo=words)
    if plan is None:  # what was charged that day was given back that day
        return (), None
    members = tuple(Member(event_key=event.key) for event in events)
    return events, replace(plan, members=members, suffix=f"F{first.on:%m%d}")
