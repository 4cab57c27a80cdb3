"""What is still open among one order's documents: invoices to be paid, credits to be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from qbconsole.books.plan import Applied, DocumentKind, Plan
from qbconsole.money import Money, total
from qbconsole.value import replace


@dataclass(slots=True)
class OpenItems:
    """Amounts left, by document key, oldest first. Built anew for each order, changed only by `add`."""

    invoices: dict[str, Money] = field(default_factory=dict)
    #: Credit memos.
    memos: dict[str, Money] = field(default_factory=dict)
    #: Payments that were more than what was open, and entries in the customer's favour.
    payments: dict[str, Money] = field(default_factory=dict)

    @classmethod
    def of(cls, plans: Iterable[Plan]) -> OpenItems:
        """After these documents, in the order they were booked."""
        items = cls()
        for plan in plans:
            items.add(plan)
        return items

    @property
    def are_settled(self) -> bool:
        """True when nothing is open on either side."""
        return not any((*self.invoices.values(), *self.memos.values(), *self.payments.values()))

    def add(self, plan: Plan) -> None:
        """Take one more document in."""
        if plan.kind is DocumentKind.INVOICE:
            self.invoices[plan.key] = plan.total
        elif plan.kind is DocumentKind.CREDIT_MEMO:
            self.memos[plan.key] = plan.total
        elif plan.kind is DocumentKind.RECEIVE_PAYMENT and plan.money:
            own = total([row.amount for row in plan.applied if not row.credit_key], plan.currency)
            self.payments[plan.key] = plan.money - own
        elif plan.kind is DocumentKind.CHECK and plan.money:
            # What it pays beyond the memos it names is owed again, until a credit or money comes for it.
            self.invoices[plan.key] = plan.money - total([row.amount for row in plan.applied], plan.currency)
        elif plan.kind is DocumentKind.JOURNAL_ENTRY:
            self._add_moved(plan)
        for applied in plan.applied:
            self._use(applied)

    def _add_moved(self, plan: Plan) -> None:
        """What an entry moves on the customer's account is owed, or a credit, like any other.

        Pennies of tax, an exchange difference, or what was given back to a card, which uses up what is credited.
        """
        for row in plan.postings:
            if row.role == "accounts_receivable":
                (self.invoices if row.amount.amount > 0 else self.payments)[plan.key] = abs(row.amount)

    def left(self, key: str) -> Money | None:
        """What is open of an invoice or memo, below zero where more was settled than it has; None for others."""
        return self.invoices.get(key, self.memos.get(key))

    def _use(self, applied: Applied) -> None:
        for table, key in (
            (self.invoices, applied.document_key),
            (self.memos, applied.document_key),
            (self.memos, applied.credit_key),
            (self.payments, applied.credit_key),
        ):
            if key in table:
                table[key] = table[key] - applied.amount

    def pay(self, amount: Money) -> tuple[Applied, ...]:
        """Settle this much against open invoices, oldest first."""
        return _spread(self.invoices.items(), amount)

    def pay_with(self, amount: Money, credit_key: str) -> tuple[Applied, ...]:
        """Settle this much, and what is still open then by a credit, in one payment that names both."""
        rows = self.pay(amount)
        open_ = dict(self.invoices)
        for row in rows:
            open_[row.document_key] = open_[row.document_key] - row.amount
        credit = self.payments.get(credit_key)
        used = _spread(open_.items(), credit) if credit else ()
        return (*rows, *(replace(row, credit_key=credit_key) for row in used))

    def refund(self, amount: Money) -> tuple[Applied, ...]:
        """Take this much from credit memos, newest first: a refund belongs to the return just booked."""
        return _spread(reversed(self.memos.items()), amount)

    def offset(self) -> tuple[Applied, ...]:
        """Use credits for open invoices, newest memo first; the memos' own remainder stays for refunds."""
        open_ = {key: amount for key, amount in self.invoices.items() if amount}
        rows: list[Applied] = []
        for credit_key, credit in (*reversed(self.memos.items()), *self.payments.items()):
            for used in _spread(open_.items(), credit):
                open_[used.document_key] = open_[used.document_key] - used.amount
                rows.append(
                    Applied(document_key=used.document_key, amount=used.amount, credit_key=credit_key)
                )
        return tuple(rows)


def _spread(open_: Iterable[tuple[str, Money]], amount: Money) -> tuple[Applied, ...]:
    rows, left = [], amount
    for key, rest in open_:
        used = min(left, rest)
        if used.amount > 0:
            rows.append(Applied(document_key=key, amount=used))
            left = left - used
    return tuple(rows)
