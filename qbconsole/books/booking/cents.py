"""Currencies with three decimals in a QuickBooks of two: rounded once a document, the rest to `rounding`.

Each role's sum is rounded half away from zero; nothing is lost, the difference stands on its own role.
Source: accounting.md section 13, convention 22.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from qbconsole.books.plan import DocumentKind, LineKind, Plan, PlanLine, Posting, Tally, listed, tally
from qbconsole.books.proof import effect
from qbconsole.money import Money, exponent, total
from qbconsole.value import replace

ROUNDING = "rounding"
_CENT = Decimal("0.01")


def coin(amount: Money) -> Money:
    """The amount in hundredths, half away from zero; the same for all but three-decimal currencies."""
    if exponent(amount.currency) <= 2:
        return amount
    return Money(amount.amount.quantize(_CENT, rounding=ROUND_HALF_UP), amount.currency)


def in_cents(plan: Plan) -> Plan:
    """The plan with amounts QuickBooks can keep."""
    if exponent(plan.currency) <= 2:
        return plan
    if plan.kind is DocumentKind.JOURNAL_ENTRY:
        return replace(
            plan, postings=_rounded(plan.postings, plan.currency), money=plan.money and coin(plan.money)
        )
    rounded = replace(plan, lines=_lines(plan), money=plan.money and coin(plan.money))
    return replace(rounded, postings=listed(effect(rounded), plan.currency))


def _rounded(postings: Iterable[Posting], currency: str) -> tuple[Posting, ...]:
    sums: Tally = {at: coin(Money(amount, currency)).amount for at, amount in tally(postings).items()}
    for on in {on for on, _, _ in sums}:
        rest = sum((amount for at, amount in sums.items() if at[0] == on), Decimal(0))
        sums[(on, ROUNDING, "")] = sums.get((on, ROUNDING, ""), Decimal(0)) - rest
    return listed(sums, currency)


def _lines(plan: Plan) -> tuple[PlanLine, ...]:
    """Lines in hundredths: each role's last line takes what is left of the role's rounded sum."""
    left = {role: coin(_sum(plan.lines, plan.currency, role)) for role in {line.role for line in plan.lines}}
    last = {line.role: at for at, line in enumerate(plan.lines)}
    lines = []
    for at, line in enumerate(plan.lines):
        amount = left[line.role] if last[line.role] == at else coin(line.amount)
        left[line.role] = left[line.role] - amount
        lines.append(replace(line, amount=amount))
    rest = coin(plan.total) - total([line.amount for line in lines], plan.currency) if lines else None
    if rest:
        lines.append(PlanLine(kind=LineKind.CHARGE, role=ROUNDING, amount=rest, label="Rounding"))
    return tuple(lines)


def _sum(lines: Iterable[PlanLine], currency: str, role: str) -> Money:
    return total([line.amount for line in lines if line.role == role], currency)
