"""Generations: a document whose events were undone and are booked again has a key of its own.

A key is unique for ever, in QuickBooks' memos too: what a probe finds under it must be this document and no other.
Source: design.md section 5, "Identity".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qbconsole.books.plan import Plan
from qbconsole.value import replace


def unspent(plans: Sequence[Plan], booked: Sequence[Plan], spent: Collection[str]) -> tuple[Plan, ...]:
    """The plans under keys no undone document had, and what they name of each other and of `booked` with them."""
    if not spent:
        return tuple(plans)
    live = {_base(plan.key): plan.key for plan in booked}
    now = {key: live[_base(key)] for key in spent if _base(key) in live}
    now |= {plan.key: _free(plan.key, spent) for plan in plans}
    return tuple(_named(plan, now) for plan in plans)


def _base(key: str) -> str:
    return key.rpartition("/")[0]


def _free(key: str, spent: Collection[str]) -> str:
    base, _, generation = key.rpartition("/")
    number = int(generation)
    while f"{base}/{number}" in spent:
        number += 1
    return f"{base}/{number}"


def _named(plan: Plan, now: dict[str, str]) -> Plan:
    return replace(
        plan,
        key=now[plan.key],
        applied=tuple(
            replace(
                row,
                document_key=now.get(row.document_key, row.document_key),
                credit_key=now.get(row.credit_key, row.credit_key),
            )
            for row in plan.applied
        ),
        fills=now.get(plan.fills, plan.fills),
        corrects=now.get(plan.corrects, plan.corrects),
    )
