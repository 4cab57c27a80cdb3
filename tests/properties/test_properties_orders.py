"""The laws on made-up orders of every kind, decided as `book` decides them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from builders import Books, read
from desks import SHIPPED, SUMMARY, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_orders import Life, lives

from qbconsole.books.booking.order import walk
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Policy, Settings
from qbconsole.decide import Case, DayCase, Decision, Pooled, decide
from qbconsole.shop.timeline import timeline

ROUNDS = settings(max_examples=25, deadline=None, derandomize=True)
OWN = {
    "PRODUCT": ("sales_income", "discounts", "returns"),
    "SHIPPING": ("shipping_income", "shipping_discounts", "shipping_refunds"),
    "GIFT_CARD": ("gift_card_liability",),
    "DUTY": ("duties_payable",),
    "ADDITIONAL_FEE": ("additional_fees",),
    "TIP": ("tips_payable",),
}
LIABLE = {"gift_card": "gift_card_liability", "shopify_store_credit": "store_credit_liability"}
#: QuickBooks posts the cost of counted goods itself; three decimals are rounded once a document.
APART = ("cogs", "inventory_asset", "rounding")


def order_of(life: Life, number: int = 1):
    return read(life.raw(number), currencyCode=life.tongue.currency)


def by_role(plans: Iterable[Plan], *, by_day: bool = True) -> dict:
    sums: dict = defaultdict(Decimal)
    for plan in plans:
        for row in plan.postings:
            if row.role not in APART:
                sums[(row.on, row.role) if by_day else row.role] += row.amount.amount
    return {at: amount for at, amount in sums.items() if amount}


def plans_of(decision: Decision) -> list[Plan]:
    assert not [hold for hold in decision.holds if not hold.is_flag], decision.holds
    return [document.named.plan for document in decision.documents]


def days_of(entries: Iterable[Pooled], at_desk, shop) -> list[Plan]:
    """The shop days these entries come to."""
    pools: dict = {}
    for entry in entries:
        pools.setdefault(entry.pool, []).append(entry)
    cases = [DayCase(pool=pool, shop=shop, entries=tuple(found)) for pool, found in pools.items()]
    return [plan for case in cases for plan in plans_of(decide(case, at_desk))]


@ROUNDS
@given(lives())
def test_every_event_and_every_document_sums_to_zero(life):
    order = order_of(life)
    for entry in walk(order, timeline(order)):
        assert sum((row.amount.amount for row in entry.postings), Decimal(0)) == 0
    for plan in plans_of(decide(Case(order=order), desk(life.tongue.currency))):
        assert sum((row.amount.amount for row in plan.postings), Decimal(0)) == 0
        assert all(row.on == plan.on for row in plan.postings)


@ROUNDS
@given(lives(currencies=("USD", "JPY")))
def test_each_role_holds_what_shopify_says_of_it(life):
    """Order, refund and liability identities, added up from the raw agreements and tenders alone."""
    raw = life.raw()
    books = by_role(plans_of(decide(Case(order=order_of(life)), desk(life.tongue.currency))), by_day=False)
    want: dict[str, Decimal] = defaultdict(Decimal)
    for agreed in raw["agreements"]["nodes"]:
        for sale in agreed["sales"]["nodes"]:
            total, tax = (
                Decimal(sale[name]["shopMoney"]["amount"]) for name in ("totalAmount", "totalTaxAmount")
            )
            want["sales_tax_payable"] -= tax
            want["|".join(OWN[sale["lineType"]])] -= total - tax
            want["owed"] += total
    for tender in raw["transactions"]:
        amount = Decimal(tender["amountSet"]["shopMoney"]["amount"]) * (
            -1 if tender["kind"] == "REFUND" else 1
        )
        role = LIABLE.get(tender["gateway"], f"clearing:{tender['gateway']}")
        want[role] += amount
        want["owed"] -= amount
    found: dict[str, Decimal] = defaultdict(Decimal)
    groups = {role: "|".join(roles) for roles in OWN.values() for role in roles}
    beside = ("accounts_receivable", "refund_discrepancy", "fx_gain_loss")
    for role, amount in books.items():
        found["owed" if role in beside else groups.get(role, role)] += amount
    assert {k: v for k, v in found.items() if v} == {k: v for k, v in want.items() if v}


@ROUNDS
@given(
    st.lists(lives(currencies=("USD", "JPY")), min_size=1, max_size=3), st.sampled_from(["order", "payment"])
)
def test_detailed_and_summary_post_the_same_by_day_and_role(some, recognise_on):
    some = [life for life in some if life.tongue.currency == some[0].tongue.currency]
    policy = Policy(recognise_on=recognise_on, cogs="off")
    currency = some[0].tongue.currency
    detailed, summary = (desk(currency, policy=policy, modes=modes) for modes in (None, SUMMARY))
    orders = [order_of(life, number) for number, life in enumerate(some, 1)]
    plans = [plan for order in orders for plan in plans_of(decide(Case(order=order), detailed))]
    given_days = [decide(Case(order=order), summary) for order in orders]
    pooled = [entry for decision in given_days for entry in decision.pooled]
    assert not [document for decision in given_days for document in decision.documents]
    assert by_role(days_of(pooled, summary, orders[0].shop)) == by_role(plans)


@ROUNDS
@given(lives())
def test_deciding_again_what_is_booked_gives_nothing_new(life):
    order, at_desk = order_of(life), desk(life.tongue.currency)
    first = decide(Case(order=order), at_desk)
    again = decide(Case(order=order, events=first.events, booked=tuple(plans_of(first))), at_desk)
    assert not again.events
    assert not again.documents
    journals = desk(life.tongue.currency, modes=SUMMARY, policy=Policy(cogs="off"))
    told = decide(Case(order=order), journals)
    kept = frozenset(entry.event_key for entry in told.pooled)
    once_more = decide(Case(order=order, events=told.events, pooled=kept), journals)
    assert not once_more.pooled
    assert not once_more.documents


RENAMED = (
    SHIPPED.replace('"Sales:Shopify', '"Income:Web')
    .replace('"Shopify Shipping"', '"Post and packing"')
    .replace('product = "sku"', 'product = "single"')
    .replace('house = "Shopify {channel}"', 'house = "Counter"')
    .replace('"*" = { item = "Shopify Sales Tax", agency', '"*" = { item = "State Tax", agency')
    + '\n[[merchants.oak-ember.rules]]\nwhen = { title = "Thing 1" }\naccount = "Other Income:Things"\n'
)


@ROUNDS
@given(lives(), st.sampled_from(["tax_item_line", "liability_line"]))
def test_another_mapping_changes_accounts_but_no_total_by_role(life, tax):
    order, currency = order_of(life), life.tongue.currency
    shipped = decide(Case(order=order), desk(currency, policy=Policy(tax=tax)))
    renamed = decide(Case(order=order), desk(currency, mapping=RENAMED, policy=Policy(tax=tax)))
    assert by_role(plans_of(shipped)) == by_role(plans_of(renamed))
    for decision in (shipped, renamed):
        for document in decision.documents:
            rows = document.named.accounts
            assert sum((row.amount.amount for row in rows), Decimal(0)) == 0
            assert by_role([document.named.plan]) == by_accounts_role(rows)


def by_accounts_role(rows) -> dict:
    """Postings by account, added up by the role each of them is of."""
    sums: dict = defaultdict(Decimal)
    for row in rows:
        if row.role not in APART:
            sums[row.on, row.role] += row.amount.amount
    return {at: amount for at, amount in sums.items() if amount}


@ROUNDS
@given(lives(currencies=("KWD",)))
def test_three_decimals_leave_only_cents_to_rounding(life):
    order = order_of(life)
    entries = Books(settings=Settings(merchant="oak", home_currency="KWD")).book(order).entries
    exact: dict = defaultdict(Decimal)
    for entry in entries:
        for row in entry.postings:
            exact[row.on, row.role] += row.amount.amount
    plans = plans_of(decide(Case(order=order), desk("KWD")))
    for at, amount in by_role(plans).items():
        assert abs(amount - exact[at]) <= Decimal("0.005") * len(plans), at
    rows = [row.amount.amount for plan in plans for row in plan.postings]
    assert all(row == row.quantize(Decimal("0.01")) for row in rows)
