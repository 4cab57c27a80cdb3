"""The lines of a sales document from the parts of a sale. Positive raises the document's total."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from qbconsole.books.booking.roles_of import discount_role, money_role, part_role, tax_role
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.money import Money
from qbconsole.shop.events import Part, PartKind, TenderEvent

_NOTHING = Decimal(0)
#: Parts that are sold, as against parts that are given back or kept.
_SOLD_KINDS = frozenset(
    {
        PartKind.PRODUCT,
        PartKind.SHIPPING,
        PartKind.GIFT_CARD,
        PartKind.TIP,
        PartKind.DUTY,
        PartKind.ADDITIONAL_FEE,
    }
)


def sides(parts: Sequence[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What belongs on an invoice or receipt, and what on a credit memo; neither comes out negative."""
    sold: list[Part] = []
    back: list[Part] = []
    for part in parts:
        if part.net or part.discount or part.taxes or part.quantity:
            (sold if _is_sold(part) else back).append(part)
    if back and sum(part.owed for part in back) > 0:
        return (*sold, *back), ()
    return tuple(sold), tuple(back)


def _is_sold(part: Part) -> bool:
    return part.kind in _SOLD_KINDS and not part.returned and part.owed >= 0


def owed_for(parts: Iterable[Part], currency: str) -> Money:
    """What the customer owes for parts, tax included, in the shop's currency."""
    return Money.exact(sum([part.owed for part in parts], Money.zero(currency).amount), currency)


def sales_lines(parts: Sequence[Part], *, credit: bool) -> tuple[PlanLine, ...]:
    """Lines of an invoice or receipt, or (credit) of a credit memo: goods, charges, then taxes by title."""
    lines: list[PlanLine] = []
    taxes: dict[tuple[str, bool], Decimal] = {}
    for part in parts:
        _add_own_lines(lines, part, credit=credit)
        for tax in part.taxes:
            at = (tax.title, tax.channel_liable)
            taxes[at] = taxes.get(at, _NOTHING) + tax.amount.shop.amount
    for (title, liable), amount in taxes.items():
        if amount:
            lines.append(
                PlanLine(
                    kind=LineKind.TAX,
                    role=tax_role(liable),
                    amount=Money.exact(-amount if credit else amount, parts[0].net.shop.currency),
                    label=title,
                    tax_title=title,
                    channel_liable=liable,
                )
            )
    return tuple(lines)


def _add_own_lines(lines: list[PlanLine], part: Part, *, credit: bool) -> None:
    off = part.discount.shop
    gross = part.net.shop + off if off else part.net.shop
    taxed = tuple([tax.title for tax in part.taxes if not tax.channel_liable]) if part.taxes else ()
    quantity = part.quantity or None
    if quantity is not None and credit:
        quantity = -quantity
    if gross or (quantity and not off):
        lines.append(
            PlanLine(
                kind=LineKind.PRODUCT if part.kind is PartKind.PRODUCT else LineKind.CHARGE,
                role=part_role(part),
                amount=-gross if credit else gross,
                label=part.label,
                quantity=quantity,
                line_id=part.line_id,
                taxed=taxed,
                restocked=part.restocked,
                returned=part.returned,
            )
        )
    if off:
        lines.append(
            PlanLine(
                kind=LineKind.DISCOUNT,
                role=discount_role(part),
                amount=off if credit else -off,
                label=part.discount_label,
                line_id=part.line_id,
                taxed=taxed,
            )
        )


def liability_line(tender: TenderEvent, *, settles: bool = True) -> PlanLine:
    """A gift card or store credit used: it lowers what is to be paid (on a memo: what is to be refunded).

    With `settles` False it is the memo's own line: the card's money makes a credit.
    """
    amount = abs(tender.amount.shop)
    return PlanLine(
        kind=LineKind.TENDER,
        role=money_role(tender),
        amount=-amount if settles else amount,
        label=tender.gateway.replace("_", " "),
    )


def rounding_line(tender: TenderEvent) -> PlanLine:
    """Cash rounding paid with a receipt."""
    return PlanLine(
        kind=LineKind.CHARGE, role="cash_rounding", amount=tender.rounding.shop, label="Cash rounding"
    )
