"""The tax of a sales document: a line of its own, or computed by QuickBooks itself (`tax = "quickbooks"`).

QuickBooks computes one sales-tax item or group on the taxable lines of a document, so the lines the shop taxed carry
the taxable code, and all of them must be taxed alike. What it would charge is forecast where its rates are known:
a document it would get wrong by more than pennies is never sent. Source: accounting.md section 6, option A.
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

from qbconsole.books.answers import TOGETHER
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.naming.entries import DEFAULT_AGENCY, want_tax_item
from qbconsole.books.naming.namer import Namer, tax_path
from qbconsole.books.plan import NON_POSTING, LineKind, Plan, PlanLine
from qbconsole.company.lists import Items
from qbconsole.money import Money, total
from qbconsole.value import Value

OWN_TAX = "sales_tax_payable"
#: Up to here QuickBooks' tax is put right by a follow-up; beyond, a person looks.
PENNIES = Decimal("0.05")
_HUNDRED = Decimal(100)


class DocumentTax(Value):
    """What a sales document says of tax; None where sales tax is off in QuickBooks."""

    item: str | None = None
    #: Code of the customer and of every line QuickBooks computes no tax on.
    code: str | None = None
    #: Code of the lines it computes tax on; None where it computes nothing.
    taxable: str | None = None

    @property
    def customer_code(self) -> str | None:
        """The customer's code on this document: it must be taxable for QuickBooks to compute anything."""
        return self.taxable or self.code

    def code_of(self, line: PlanLine) -> str | None:
        """The code of one line."""
        return self.taxable if self.taxable and line.taxed else self.code


def hold_unregistered(namer: Namer) -> None:
    """Hold delivery where tax was charged for a province the merchant is not registered in; the books keep it."""
    plan = namer.plan
    choice = namer.answers.unregistered(namer.order)
    if choice is None or plan.kind in NON_POSTING:
        return
    if not any(is_own_tax(line) and line.amount for line in plan.lines):
        return
    settings = f"merchants.{namer.settings.merchant}.registered"
    namer.holds.append(
        Hold(
            reason=Reason.UNREGISTERED,
            where=f"{plan.kind} of {plan.number}",
            sentence=f"Tax was charged for {choice.value}, where the mapping says no tax is owed ({choice.by.place}).",
            next_step=f"Register there and say so: qbconsole mapping set '{settings}.\"{choice.value}\"' true; or stop "
            "charging it in Shopify.",
            subject=plan.key,
            cause=f"unregistered:{choice.value.casefold()}",
        )
    )


def is_own_tax(line: PlanLine) -> bool:
    """A tax the merchant owes himself."""
    return line.kind is LineKind.TAX and not line.channel_liable


def document_tax(namer: Namer, decided: Hashable | None) -> DocumentTax:
    """Every document states its tax item and code, so that nothing is inherited; none where tax is off.

    `decided`: what the answers about its head depend on, None where that cannot be told.
    """
    computed = namer.computed = _is_computed(namer)
    hold_unregistered(namer)
    preferences = namer.company.preferences
    if preferences is not None and not preferences.sales_tax_on:
        if computed:
            namer.holds.append(_switched_off(namer.plan))
        return DocumentTax()
    code = str(preferences.default_non_taxable_code if preferences else "") or "Non"
    if computed:
        taxable = str(preferences.default_taxable_code if preferences else "") or "Tax"
        return DocumentTax(
            item=_computing_item(namer),
            code=namer.need("sales_tax_code", code),
            taxable=namer.need("sales_tax_code", taxable),
        )
    return namer.part(None if decided is None else ("no tax", code, decided), _no_tax, code)


def _no_tax(namer: Namer, code: str) -> DocumentTax:
    """The item and code of a document on which QuickBooks computes nothing."""
    item = namer.choose("document tax item", namer.answers.fixed_item("zero_tax"))
    item = item or "Tax Calculated On Invoice"
    agency = namer.choose("agency of the document tax item", namer.answers.agency(item))
    legal = want_tax_item(namer, item, agency or DEFAULT_AGENCY)
    return DocumentTax(item=legal, code=namer.need("sales_tax_code", code))


def _is_computed(namer: Namer) -> bool:
    """Whether QuickBooks computes the tax; never that of a whole day or payout, with taxes of every kind together."""
    plan = namer.plan
    pooled = bool(plan.channel or plan.payout)
    return namer.settings.policy.tax == "quickbooks" and not pooled and any(map(is_own_tax, plan.lines))


def _computing_item(namer: Namer) -> str | None:
    """The item or group QuickBooks computes by, which must be there: only its owner knows its rate."""
    plan = namer.plan
    alike = dict.fromkeys(line.taxed for line in plan.lines if line.taxed and line.amount)
    if not alike:
        namer.holds.append(tax_difference(plan, Money.zero(plan.currency)))
        return None
    names: dict[str, str] = {}
    for titles in alike:
        title = TOGETHER.join(titles)
        asked = PlanLine(kind=LineKind.TAX, role=OWN_TAX, amount=plan.total, label=title, tax_title=title)
        name = namer.choose(f"tax item of {title}", namer.answers.tax_item(asked, namer.order))
        if name is None:
            column = "group" if len(titles) > 1 else "item"
            namer.unmapped(f'tax {column} for "{title}"', tax_path(title, column), f"tax:{title}")
            return None
        names[title] = namer.need("item", name)
    if len(set(names.values())) > 1:
        namer.holds.append(_taxed_unlike(plan, names))
        return None
    name = next(iter(names.values()))
    told = forecast(plan, name, namer.company.items)
    if told is not None and is_beyond(plan, told):
        namer.holds.append(tax_difference(plan, told))
    return name


def own_tax(plan: Plan) -> Money:
    """What the shop charged on a document for the merchant to pay."""
    return total([line.amount for line in plan.lines if is_own_tax(line)], plan.currency)


def forecast(plan: Plan, item: str, items: Items) -> Money | None:
    """What QuickBooks will charge by this item or group; None while its rates are not known.

    Each tax item's rate times the taxable lines, rounded once. Nothing is posted of it.
    """
    found = items.by_name(item) if items.known else None
    if found is None:
        return None
    members = [items.by_id(one.list_id) or items.by_name(one.full_name) for one in found.members] or [found]
    rates = [one.tax_rate for one in members if one is not None and one.tax_rate is not None]
    if len(rates) != len(members):
        return None
    base = sum((line.amount.amount for line in plan.lines if line.taxed), Decimal(0))
    taxes = [Money.rounded(base * rate / _HUNDRED, plan.currency) for rate in rates]
    return total(taxes, plan.currency)


def is_beyond(plan: Plan, told: Money) -> bool:
    """Whether QuickBooks' tax cannot be put right: more than pennies off, or a total below zero, which it refuses.

    The latter is a document that a gift card pays to the cent.
    """
    more = told - own_tax(plan)
    return abs(more.amount) > PENNIES or (plan.total + more).amount < 0


def tax_difference(plan: Plan, charged: Money) -> Hold:
    """QuickBooks charges, or would charge, another tax than the shop did."""
    gap = charged - own_tax(plan)
    what = (
        "more than pennies"
        if abs(gap.amount) > PENNIES
        else "and a total below zero, which QuickBooks refuses"
    )
    return Hold(
        reason=Reason.TAX_DIFFERENCE,
        where=f"{plan.kind} of {plan.number}",
        sentence=f"QuickBooks computes {charged.text()} of tax, the shop charged {own_tax(plan).text()}: "
        f"a difference of {gap.text()}, {what}.",
        next_step=_OTHERWISE,
        subject=plan.key,
        cause=f"tax_difference:{plan.key}",
    )


_OTHERWISE = (
    "Compare the rate of its tax item in QuickBooks with the shop's; where the shop's tax stands, book with "
    'policy.tax = "tax_item_line".'
)


def turned_tax(plan: Plan, line: PlanLine) -> Hold:
    """QuickBooks would book a tax with the other sign."""
    return Hold(
        reason=Reason.TAX_DIFFERENCE,
        where=f"{plan.kind} of {plan.number}",
        sentence=f'Its tax "{line.tax_title}" is {line.amount.text()}, and QuickBooks gives a tax the sign of the line '
        "above it: none could stand there that has this one's.",
        next_step='Enter it in QuickBooks by hand and ignore it here, or book with policy.tax = "liability_line".',
        subject=plan.key,
        cause=f"tax_difference:{plan.key}",
    )


def _taxed_unlike(plan: Plan, names: dict[str, str]) -> Hold:
    told = ", ".join(f'"{title}" ({name})' for title, name in names.items())
    return Hold(
        reason=Reason.TAX_DIFFERENCE,
        where=f"{plan.kind} of {plan.number}",
        sentence=f"Its lines are taxed unlike each other: {told}. QuickBooks computes one tax item or group on all "
        "taxable lines of a document.",
        next_step='Map them to one item or group, or book with policy.tax = "tax_item_line".',
        subject=plan.key,
        cause="taxed_unlike:" + "|".join(sorted(names)),
    )


def _switched_off(plan: Plan) -> Hold:
    return Hold(
        reason=Reason.TAX_DIFFERENCE,
        where=f"{plan.kind} of {plan.number}",
        sentence="QuickBooks is to compute its tax, but sales tax is switched off in the company file.",
        next_step='Switch sales tax on in QuickBooks, or book with policy.tax = "liability_line".',
        subject=plan.key,
        cause="tax_difference:switched_off",
    )
