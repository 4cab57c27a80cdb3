"""Accounts that payouts of Shopify Payments leave: of gateways whose money comes with them, and not the bank itself.

Shopify pays instalments out in full, as charges among the others. On another account they would stay for ever, and what the
payouts take would be missing on the first one. Source: accounting.md section 7 (CHARGE rows).
"""

from __future__ import annotations

from collections.abc import Iterator

from qbconsole.books.facts.payout.draw import BANK
from qbconsole.books.facts.payout.roles import BALANCE
from qbconsole.books.roles import CLEARING
from qbconsole.company.snapshot import Company
from qbconsole.rules.facts import Facts
from qbconsole.rules.ladder import Ladder
from qbconsole.rules.mapping.lint.listed import Remark
from qbconsole.rules.mapping.values import Mapping, Merchant

#: As Shopify names Shop Pay Installments, which it does in both ways.
TOGETHER = ("shop_pay_installments", "shopify_installments")


def apart(
    mapping: Mapping, merchant: Merchant, company: Company | None, booked: frozenset[str]
) -> Iterator[Remark]:
    """Those of which money is booked and whose account is not that of Shopify Payments."""
    ladder = Ladder(mapping, merchant.id, company, None)
    paid_out = ladder.account(BALANCE, Facts(role=BALANCE))
    for gateway in TOGETHER:
        role = CLEARING + gateway
        own = ladder.account(role, Facts(role=role)) if gateway in booked else None
        if own is None or paid_out is None or own.value.casefold() == paid_out.value.casefold():
            continue
        yield Remark(
            line=_line(own.by.place),
            path=f"clearing.{gateway}",
            sentence=f'{gateway} is paid out with Shopify Payments, whose payouts take it from "{paid_out.value}", and its '
            f'money is put on "{own.value}": neither comes to zero; write clearing.{gateway} = "{paid_out.value}", and move '
            "what is booked there by hand",
            is_error=False,
        )


def onto_itself(mapping: Mapping, merchant: Merchant, company: Company | None) -> Iterator[Remark]:
    """The bank that payouts arrive on, where it is the account they leave: no deposit there would equal Shopify's."""
    ladder = Ladder(mapping, merchant.id, company, None)
    left, reached = (ladder.account(role, Facts(role=role)) for role in (BALANCE, BANK))
    if left is None or reached is None or left.value.casefold() != reached.value.casefold():
        return
    yield Remark(
        line=_line(left.by.place),
        path="clearing.shopify_payments",
        sentence=f'payouts leave "{left.value}" and arrive on it, so that sales and fees stand on the bank one by one and no payout '
        "does; name an account of its own for clearing.shopify_payments, best of type Bank",
        is_error=False,
    )


def _line(place: str) -> int:
    """The line of a place as a name's answer tells it; 0 where it stands in no file."""
    line = place.rpartition(":")[2]
    return int(line) if line.isdigit() else 0
