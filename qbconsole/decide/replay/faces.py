"""The face of a decided document: all of it that a person would see change, small enough to be passed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qbconsole.books.answers import Choice
from qbconsole.books.plan import Plan
from qbconsole.decide.case import Decided
from qbconsole.money import Money
from qbconsole.value import Value


class Pick(Value):
    """One choice: of what, what was chosen, and who chose it."""

    field: str
    value: str
    place: str


class Face(Value):
    """A document as decided, without the values it is made of."""

    key: str
    kind: str
    ref_number: str
    on: date
    #: Its order's name.
    number: str
    picks: tuple[Pick, ...]
    #: Role, account, amount: debit positive.
    postings: tuple[tuple[str, str, Money], ...]
    #: The request's text; "" while something holds its delivery.
    text: str
    #: Names it uses that QuickBooks has not told of: list and full name.
    needs: tuple[tuple[str, str], ...]
    amended_by: tuple[str, ...] = ()

    def looks_like(self, other: Face) -> bool:
        """Whether nobody would see a difference; the line on which a name stands is none."""
        return (
            self.text == other.text
            and self.postings == other.postings
            and self.needs == other.needs
            and (self.kind, self.ref_number, self.on) == (other.kind, other.ref_number, other.on)
            and [(one.field, one.value) for one in self.picks]
            == [(one.field, one.value) for one in other.picks]
        )


def face_of(decided: Decided) -> Face:
    """The face of one decided document."""
    named, plan = decided.named, decided.named.plan
    return Face(
        key=plan.key,
        kind=str(plan.kind),
        ref_number=named.ref_number,
        on=plan.on,
        number=plan.number or label_of(plan),
        picks=tuple(_picks(named.why)),
        postings=tuple((row.role, row.account, row.amount) for row in named.accounts if row.amount),
        text=decided.text,
        needs=tuple((need.list_kind, need.full_name) for need in decided.needs),
        amended_by=tuple(by.place or by.who for by in decided.amended_by),
    )


def label_of(plan: Plan) -> str:
    """What people call a document without an order's name."""
    return plan.memo or plan.key


def _picks(why: Sequence[tuple[str, Choice]]) -> Sequence[Pick]:
    """Each field once, as long as it is the same each time; another value of it is told as the second."""
    seen: dict[str, list[str]] = {}
    found = []
    for field, choice in why:
        values = seen.setdefault(field, [])
        if choice.value in values:
            continue
        values.append(choice.value)
        name = field if len(values) == 1 else f"{field} ({len(values)})"
        found.append(Pick(field=name, value=choice.value, place=choice.by.place or choice.by.who))
    return found
