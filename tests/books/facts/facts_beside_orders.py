"""Facts for tests: written shortly, read from the raw shapes of `pull --from-file`, drawn and proved.

Amounts are text in USD unless a currency follows ("5.00 CAD"); times are "MM-DD" or "MM-DD HH:MM" of 2026 in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from qbconsole.books.facts.drawn import Drawn
from qbconsole.books.facts.payout.draw import draw_payout
from qbconsole.books.plan import DocumentKind, Plan, tally
from qbconsole.books.policy import Policy, Settings
from qbconsole.books.proof import effect
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.payouts import Payout
from qbconsole.sources.shopify.reading_facts import read_payout

SHOP = Shop(
    domain="oak-ember.myshopify.com", currency="USD", timezone="America/New_York", home_currency="USD"
)
SETTINGS = Settings(merchant="oak-ember")
ACCRUED = Settings(merchant="oak-ember", policy=Policy(fees_date="transaction"))
BREAKAGE = Settings(merchant="oak-ember", policy=Policy(breakage="book"))


def money(text: str) -> dict[str, str]:
    amount, _, currency = text.partition(" ")
    return {"amount": amount, "currencyCode": currency or "USD"}


def when(text: str) -> str:
    day, _, clock = text.partition(" ")
    return f"2026-{day}T{clock or '15:00'}:00Z"


def a_row(
    number: int,
    kind: str,
    amount: str,
    fee: str = "0",
    net: str | None = None,
    at: str = "03-02",
    **more: Any,
) -> dict[str, Any]:
    """One balance entry; its net is amount less fee unless a test says otherwise."""
    plain, _, currency = amount.partition(" ")
    own = net or f"{Decimal(plain) - Decimal(fee.partition(' ')[0])} {currency}".strip()
    return {
        "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number}",
        "type": kind,
        "amount": money(amount),
        "fee": money(fee if " " in fee or not currency else f"{fee} {currency}"),
        "net": money(own),
        "transactionDate": when(at),
        "test": False,
    } | more


def a_payout(
    rows: Sequence[dict[str, Any]],
    net: str | None = None,
    status: str = "PAID",
    issued: str = "03-04",
    summary: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The raw shape of payout 987; its net is the sum of the rows' unless a test says otherwise."""
    nets = [Decimal(row["net"]["amount"]) for row in rows if row["type"] != "TRANSFER" and not row["test"]]
    return {
        "payout": {
            "id": "gid://shopify/ShopifyPaymentsPayout/987",
            "legacyResourceId": "987",
            "issuedAt": when(issued),
            "status": status,
            "net": money(net or str(sum(nets, Decimal(0)))),
            "summary": {name: money(amount) for name, amount in (summary or {}).items()},
        },
        "balanceTransactions": list(rows),
    }


def paid_out(raw: dict[str, Any], settings: Settings = SETTINGS, booked: Sequence[Plan] = ()) -> Drawn:
    """The payout drawn up and proved."""
    return checked(draw_payout(read(raw), SHOP, settings, booked))


def read(raw: dict[str, Any]) -> Payout:
    return read_payout(raw)


def checked(drawn: Drawn) -> Drawn:
    """The laws every fact's documents obey: zero sum, one day, lines mean the postings, each event once."""
    keys = {event.key for event in drawn.events}
    members = [member.event_key for plan in drawn.plans for member in plan.members]
    assert len(members) == len(set(members))
    assert set(members) <= keys
    for plan in drawn.plans:
        assert sum((posting.amount.amount for posting in plan.postings), Decimal(0)) == 0
        assert {posting.on for posting in plan.postings} == {plan.on}
        assert {at: amount for at, amount in effect(plan).items() if amount} == tally(plan.postings)
        if plan.kind is DocumentKind.DEPOSIT:
            assert plan.total == plan.money
            assert plan.total.amount > 0
    return drawn


def posted(drawn: Drawn) -> dict[str, dict[str, str]]:
    """Day -> role -> amount of all its documents, debit positive."""
    sums: dict[str, dict[str, Decimal]] = {}
    for plan in drawn.plans:
        for posting in plan.postings:
            day = sums.setdefault(f"{posting.on:%m-%d}", {})
            day[posting.role] = day.get(posting.role, Decimal(0)) + posting.amount.amount
    return {
        day: {role: str(amount) for role, amount in roles.items() if amount} for day, roles in sums.items()
    }


def keys(drawn: Drawn) -> list[str]:
    return [event.key for event in drawn.events]


def reasons(drawn: Drawn) -> list[str]:
    return [str(hold.reason) for hold in drawn.holds]
