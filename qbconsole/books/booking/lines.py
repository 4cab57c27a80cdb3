"""The lines of a sales document from the parts of a sale. Positive raises the document's total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qbconsole.books.booking.roles_of import discount_role, money_role, part_role, tax_role
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.shop.events import Part, PartKind, TenderEvent

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
    """What belongs on an invoice or receipt, and what on a credit memo."""
    sold = tuple(p for p in parts if p.kind in _SOLD_KINDS and not p.returned and not _gives_back(p))
    back = tuple(p for p in parts if p not in sold)
    if back and sum(p.total.shop.amount for p in back) > 0:
        return (*sold, *back), ()
    return sold, back


def _gives_back(part: Part) -> bool:
    return part.total.shop.amount < 0


def sales_lines(parts: Sequence[Part], *, credit: bool) -> tuple[PlanLine, ...]:
    """Lines of an invoice or receipt, or (credit) of a credit memo: goods, charges, then taxes by title."""
    lines: list[PlanLine] = []
    taxes: dict[tuple[str, bool], PlanLine] = {}
    for part in parts:
        lines += _own_lines(part, credit=credit)
        for tax in part.taxes:
            amount = -tax.amount.shop if credit else tax.amount.shop
            at = (tax.title, tax.channel_liable)
            held = taxes.get(at)
            taxes[at] = (
                replace(held, amount=held.amount + amount)
                if held
                else PlanLine(
                    kind=LineKind.TAX,
                    role=tax_role(tax.channel_liable),
                    amount=amount,
                    label=tax.title,
                    tax_title=tax.title,
                    channel_liable=tax.channel_liable,
                )
            )
    return (*lines, *(tax for tax in taxes.values() if tax.amount))


def _own_lines(part: Part, *, credit: bool) -> list[PlanLine]:
    gross = part.net.shop + part.discount.shop
    quantity = part.quantity
    if credit:
        gross, quantity = -gross, None if quantity is None else -quantity
    lines = []
    if gross or quantity:
        lines.append(
            PlanLine(
                kind=LineKind.PRODUCT if part.kind is PartKind.PRODUCT else LineKind.CHARGE,
                role=part_role(part),
                amount=gross,
                label=part.label,
                quantity=quantity or None,
                line_id=part.line_id,
                restocked=part.restocked,
                returned=part.returned,
            )
        )
    if part.discount.shop:
        lines.append(
            PlanLine(
                kind=LineKind.DISCOUNT,
                role=discount_role(part),
                amount=part.discount.shop if credit else -part.discount.shop,
                label=part.discount_label,
                line_id=part.line_id,
            )
        )
    return lines


def liability_line(tender: TenderEvent) -> PlanLine:
    """A gift card or store credit used: it lowers what is to be paid (on a memo: what is to be refunded)."""
    return PlanLine(
        kind=LineKind.TENDER,
        role=money_role(tender),
        amount=-abs(tender.amount.shop),
        label=tender.gateway.replace("_", " "),
    )


def rounding_line(tender: TenderEvent) -> PlanLine:
    """Cash rounding paid with a receipt."""
    return PlanLine(
        kind=LineKind.CHARGE, role="cash_rounding", amount=tender.rounding.shop, label="Cash rounding"
    )
