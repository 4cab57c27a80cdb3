"""Which names the documents of one order share, as they are decided one after the other.

What settles something takes the customer and the receivable account of that document. What else stands on accounts
receivable takes them of what is open of its order, for it may be settled with it later: two invoices by one payment, or
two memos by one refund. Nothing open: the rules decide, and what they say is what the next document shares.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qbconsole.books.answers import Answers
from qbconsole.books.booking.bound import bound_to
from qbconsole.books.booking.open_items import OpenItems
from qbconsole.books.naming.following.shared import Shared, Sharing
from qbconsole.books.naming.journal import RECEIVABLE
from qbconsole.books.naming.names import Names
from qbconsole.books.plan import DocumentKind, Plan

_K = DocumentKind
#: Kinds that lend their names: what is settled or used up, and what is filled.
LENDING = frozenset({_K.INVOICE, _K.CREDIT_MEMO, _K.RECEIVE_PAYMENT, _K.SALES_ORDER, _K.PURCHASE_ORDER})
_RECEIVABLE = frozenset(
    {_K.INVOICE, _K.CREDIT_MEMO, _K.RECEIVE_PAYMENT, _K.AR_REFUND_CREDIT_CARD, _K.CHECK, _K.JOURNAL_ENTRY}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNames:
    """The names of one case's documents so far; they grow by `take`."""

    names: dict[str, Shared]
    items: OpenItems
    #: Key of a follow-up of pennies -> the document it repeats the names of.
    corrects: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, booked: Sequence[Plan], rename: Collection[str], shared: Mapping[str, Shared]) -> SharedNames:
        """Of what is booked and stays as it is; `shared` is what that says."""
        stays = [plan for plan in booked if plan.key not in rename]
        return cls(
            names={plan.key: shared[plan.key] for plan in stays if plan.key in shared},
            items=OpenItems.of(stays),
            corrects={plan.key: plan.corrects for plan in stays if plan.corrects},
        )

    def answers_for(self, plan: Plan, answers: Answers, names: Names) -> Answers:
        """The answers by which a plan is named: the merchant's own where it shares nothing."""
        if not self.names:
            return answers
        found = (self.names.get(self.corrects.get(key, key)) for key in self._related(plan))
        shared = next((one for one in found if one is not None), None)
        if shared is None:
            return answers
        return Sharing(answers=answers, names=names, shared=shared)

    def take(self, plan: Plan, document: object) -> None:
        """A document was named: those after it share its names."""
        if plan.kind in _RECEIVABLE:
            self.items.add(plan)
        if plan.kind in LENDING:
            self.names[plan.key] = Shared.of(document)

    def _related(self, plan: Plan) -> Iterator[str]:
        """What it is bound to; then, where it stands on accounts receivable, what is open, oldest first."""
        yield from bound_to(plan)
        if plan.kind in _RECEIVABLE and any(row.role == RECEIVABLE for row in plan.postings):
            for table in (self.items.invoices, self.items.memos, self.items.payments):
                yield from (key for key, left in table.items() if left.amount > 0)
