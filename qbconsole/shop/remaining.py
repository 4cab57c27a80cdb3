"""What is still sold of an order: its parts so far, added up by what they are about, ready to be given back."""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.shop.bag import Bag
from qbconsole.shop.events import Part, PartKind, SaleEvent, TaxPart
from qbconsole.value import replace

About = tuple[PartKind, str | None, str | None]


def about(part: Part) -> About:
    """What a part is about: its kind and its line."""
    return (part.kind, part.line_id, part.shipping_line_id)


def summed(parts: Sequence[Part]) -> dict[About, Part]:
    """Parts about the same thing added up; the first one's words are kept."""
    sums: dict[About, Part] = {}
    for part in parts:
        held = sums.get(about(part))
        sums[about(part)] = part if held is None else _joined(held, part)
    return sums


def _joined(one: Part, other: Part) -> Part:
    quantity = None if one.quantity is None and other.quantity is None else 0
    if quantity is not None:
        quantity = (one.quantity or 0) + (other.quantity or 0)
    return replace(
        one,
        net=one.net + other.net,
        discount=one.discount + other.discount,
        taxes=joined_taxes(one.taxes, other.taxes),
        quantity=quantity,
    )


def joined_taxes(one: Sequence[TaxPart], other: Sequence[TaxPart]) -> tuple[TaxPart, ...]:
    """Taxes added up by title; titles that cancel out disappear."""
    sums: dict[tuple[str, bool], Bag] = {}
    for tax in (*one, *other):
        at = (tax.title, tax.channel_liable)
        sums[at] = sums[at] + tax.amount if at in sums else tax.amount
    return tuple(
        TaxPart(title=title, amount=amount, channel_liable=liable)
        for (title, liable), amount in sums.items()
        if amount
    )


def negated_taxes(taxes: Sequence[TaxPart]) -> tuple[TaxPart, ...]:
    """The same taxes given back."""
    return tuple(replace(tax, amount=-tax.amount) for tax in taxes)


def remaining_parts(events: Sequence[SaleEvent]) -> tuple[Part, ...]:
    """The parts that give back everything still sold; empty when nothing is."""
    left = []
    for part in summed([part for event in events for part in event.parts]).values():
        if not part.total and not part.net and not part.taxes:
            continue
        left.append(
            replace(
                part,
                net=-part.net,
                discount=part.net - part.net,
                taxes=negated_taxes(part.taxes),
                quantity=None if part.quantity is None else -part.quantity,
                returned=part.kind in (PartKind.PRODUCT, PartKind.SHIPPING),
                restocked=part.kind is PartKind.PRODUCT,
            )
        )
    return tuple(left)


def reversed_parts(events: Sequence[SaleEvent]) -> tuple[Part, ...]:
    """Every part once more with the other sign, for a sale that never came about: nothing was returned."""
    return tuple(
        replace(
            part,
            net=-part.net,
            discount=-part.discount,
            taxes=negated_taxes(part.taxes),
            quantity=None if part.quantity is None else -part.quantity,
            restocked=part.kind is PartKind.PRODUCT,
        )
        for event in events
        for part in event.parts
        if part.net or part.discount or part.taxes
    )
