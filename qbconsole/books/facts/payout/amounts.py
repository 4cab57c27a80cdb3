"""What the rows of a payout post, added up by role; debit positive.

A row posts its amount with the sign reversed, its fee to an expense, and its net to where the money went: to
`bank`, or to `payouts_in_transit` when the payout failed. Source: accounting.md section 7 and convention 23.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qbconsole.books.facts.payout.roles import BALANCE, amount_role, fee_role, wording
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.money import Money
from qbconsole.shop.payments.payouts import BalanceEntry

#: Role, words for a line, and an amount, debit positive.
Amount = tuple[str, str, Money]


def row_amounts(rows: Iterable[BalanceEntry]) -> list[Amount]:
    """One amount for each role and type of row, zeros left out."""
    return _summed((amount_role(row.type), wording(row.type), -row.amount) for row in rows)


def fee_amounts(rows: Iterable[BalanceEntry]) -> list[Amount]:
    """What the rows cost, for each role of fees."""
    return _summed((fee_role(row.type), "Fees", row.fee) for row in rows)


def fees_apart(rows: Sequence[BalanceEntry], apart: Iterable[BalanceEntry]) -> list[Amount]:
    """The fees of a payout, some of which stand in documents of their own days.

    Those took their money from the balance already, so here they only go back to it.
    """
    ids = {row.id for row in apart}
    rest = fee_amounts(row for row in rows if row.id not in ids)
    return rest + _summed(
        (BALANCE, "Fees posted on their own days", row.fee) for row in rows if row.id in ids
    )


def line(amount: Amount) -> PlanLine:
    """One line of a deposit: what lowers an account brings money in, so its sign is the other one."""
    role, words, debit = amount
    return PlanLine(kind=LineKind.CHARGE, role=role, amount=-debit, label=words)


def _summed(amounts: Iterable[Amount]) -> list[Amount]:
    sums: dict[tuple[str, str], Money] = {}
    for role, words, amount in amounts:
        at = (role, words)
        sums[at] = sums[at] + amount if at in sums else amount
    return [(role, words, amount) for (role, words), amount in sums.items() if amount]
