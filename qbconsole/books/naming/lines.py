"""Plan lines -> document lines: item, account override, tax code, and an order that keeps taxes' signs.

A tax line's sign follows the line directly above it (field report in accounting.md section 6), so the last line
before the taxes must have their sign; where none can stand there, a Subtotal item parts them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from qbconsole.books.documents import SalesLine
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.naming.entries import (
    DEFAULT_AGENCY,
    want_account,
    want_charge,
    want_class,
    want_product,
    want_subtotal,
    want_tax_item,
)
from qbconsole.books.naming.namer import Namer, tax_path
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.books.roles import CLEARING
from qbconsole.money import Money
from qbconsole.shop.orders import OrderLine
from qbconsole.value import Value

#: Looked at for every line of every document, so read out of their class once.
_PRODUCT, _TAX, _TENDER = LineKind.PRODUCT, LineKind.TAX, LineKind.TENDER
#: Roles of lines that settle a document with what a cent was rounded by.
_ROUNDING = ("cash_rounding", "rounding")
_NOTHING = Decimal(0)
SUBTOTAL = PlanLine(kind=LineKind.CHARGE, role="subtotal", amount=Money.zero("USD"), label="Subtotal")


class AccountPosting(Value):
    """A posting with the account it goes to; "?role" where nobody named one. Debit positive."""

    on: date
    role: str
    account: str
    amount: Money
    facet: str = ""


def in_order(lines: Sequence[PlanLine]) -> tuple[PlanLine, ...]:
    """Goods and charges, taxes after a line of their sign, then what settles the document."""
    taxes: dict[bool, list[PlanLine]] = {}
    first: list[PlanLine] = []
    last: list[PlanLine] = []
    for line in lines:
        kind = line.kind
        if kind is _TAX:
            taxes.setdefault(line.amount.amount > _NOTHING, []).append(line)
        elif kind is _TENDER or line.role in _ROUNDING:
            last.append(line)
        else:
            first.append(line)
    goods = first
    # Taxes of both signs are rare (a kept fee's tax beside a returned line's): each stands after its own sign.
    for positive in sorted(taxes):
        first = [*_ending_in(first, positive), *taxes[positive]]
    if len(taxes) > 1 and turned(first):
        first = _each_after_its_own(goods, taxes) or first
    return (*first, *last)


def _each_after_its_own(goods: list[PlanLine], taxes: Mapping[bool, list[PlanLine]]) -> list[PlanLine] | None:
    """The second taxes below a line of their sign, where a Subtotal of all would lend the other; None without one."""
    for second in (True, False):
        at = _movable(goods, second)
        if at is not None:
            above = _ending_in([*goods[:at], *goods[at + 1 :]], not second)
            stand = [*above, *taxes[not second], goods[at], *taxes[second]]
            if not turned(stand):
                return stand
    return None


def _ending_in(lines: list[PlanLine], positive: bool) -> list[PlanLine]:
    """The lines with one of this sign at the end, or else a Subtotal."""
    if lines and lines[-1].amount and (lines[-1].amount.amount > _NOTHING) == positive:
        return lines
    at = None if any(line.kind is _TAX for line in lines) else _movable(lines, positive)
    if at is None:
        return [*lines, SUBTOTAL]
    return [*lines[:at], *lines[at + 1 :], lines[at]]


def _movable(lines: Sequence[PlanLine], positive: bool) -> int | None:
    """A line of the taxes' sign that has no discount of its own below it, nearest the end."""
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        discounted = at + 1 < len(lines) and lines[at + 1].kind is LineKind.DISCOUNT
        if line.amount.amount and (line.amount.amount > 0) == positive and not discounted:
            return at
    return None


def turned(stand: Sequence[PlanLine]) -> tuple[PlanLine, ...]:
    """The first tax of these that QuickBooks would give the other sign, because nothing lends it its own; mostly none.

    So it is where taxes of both signs are all there is: an edit that moved tax from one title to another.
    """
    above = since = _NOTHING
    for line in stand:
        amount = line.amount.amount
        if line.role == SUBTOTAL.role:
            above, since = since, _NOTHING
            continue
        if line.kind is _TAX and not line.channel_liable and amount and (amount < 0) != (above < 0):
            return (line,)
        above, since = amount, since + amount
    return ()


class LineNames(Value):
    """The names of one line; its amount, its quantity and its tax code are the document's."""

    item: str | None
    #: None where no rule names one for this very line.
    class_name: str | None
    #: What its amount posts to.
    account: str
    #: The account it states, where that is not its item's own.
    override: str | None
    #: It moves stock that QuickBooks keeps.
    counted: bool


def document_line(
    namer: Namer, line: PlanLine, code: str | None, sign: int, site: str | None = None
) -> tuple[SalesLine, AccountPosting | None]:
    """One line of a sales document and what it posts (sign: -1 on receipts and invoices, +1 on memos).

    `site`: where counted goods leave from or come back to.
    """
    if line.role == "subtotal":
        name = namer.choose("subtotal item", namer.answers.fixed_item("subtotal")) or "Subtotal"
        return SalesLine(item_ref=want_subtotal(namer, name), desc="Subtotal"), None
    sold = namer.sold(line) if line.line_id else None
    names = namer.part(_alike(namer, line, sold), _names, line, sold)
    amount, units = line.amount, line.quantity
    return (
        SalesLine(
            item_ref=names.item,
            desc=line.label or None,
            # Only products are counted; a charge, discount or tax line has no quantity.
            quantity=Decimal(units) if units and line.kind is _PRODUCT else None,
            class_ref=names.class_name,
            amount=amount,
            inventory_site_ref=site if names.counted else None,
            sales_tax_code_ref=code,
            override_item_account_ref=names.override,
        ),
        AccountPosting(
            on=namer.plan.on,
            role=line.role,
            account=names.account,
            amount=amount if sign > 0 else -amount,
            facet=line.tax_title,
        ),
    )


def _alike(namer: Namer, line: PlanLine, sold: OrderLine | None) -> Hashable | None:
    """What decides all names of a line; None where the answers may look further than that."""
    decided = namer.answers.alike(line, sold, namer.order)
    if decided is None:
        return None
    kind = line.kind
    if kind is _PRODUCT:
        stays_out = line.returned and not line.restocked
        product = (sold.title, sold.tracked, sold.is_withheld, sold.unit_cost) if sold is not None else None
        return kind, decided, line.role, line.label, stays_out, product
    if kind is _TAX:
        return kind, decided, line.role, line.label, line.tax_title, line.channel_liable
    return kind, decided, line.role, line.label


def _names(namer: Namer, line: PlanLine, sold: OrderLine | None) -> LineNames:
    """The names of a line, asked for one by one."""
    account, explicit = namer.account(line.role, line)
    item, item_account = _item(namer, line, sold, account)
    override = _override(account, item_account, explicit, line)
    if override is not None:
        want_account(namer, override, line.role)
    class_name = namer.choose(f"class of {line.label}", namer.answers.class_(line, namer.order))
    return LineNames(
        item=item,
        class_name=want_class(namer, class_name) if class_name else None,
        account=account,
        override=override,
        counted=is_counted(namer, line),
    )


def computed_tax(namer: Namer, line: PlanLine, sign: int) -> AccountPosting:
    """What a tax posts that QuickBooks adds by itself: no line, and the shop's amount until QuickBooks answered."""
    account, _ = namer.account(line.role, line)
    return AccountPosting(
        on=namer.plan.on, role=line.role, account=account, amount=line.amount * sign, facet=line.tax_title
    )


def is_counted(namer: Namer, line: PlanLine) -> bool:
    """Whether a line moves stock that QuickBooks keeps."""
    if line.kind is not _PRODUCT or namer.settings.modes.inventory != "detailed":
        return False
    sold = namer.sold(line)
    return bool(sold is not None and sold.tracked and sold.sku and (line.restocked or not line.returned))


def _item(
    namer: Namer, line: PlanLine, sold: OrderLine | None, account: str
) -> tuple[str | None, str | None]:
    """The item a line is written with, and the account that item posts to (None: not known)."""
    if line.kind is LineKind.TAX:
        return _tax_item(namer, line, account), account
    asked = _stockless(namer, line, sold)
    gateway = line.role.startswith(CLEARING)
    choice = namer.answers.fixed_item("payment") if gateway else namer.answers.item(asked, namer.order)
    name = namer.choose(f"item of {line.label or line.role}", choice)
    if name is None:
        namer.unmapped(f"item for {line.role}", f"items.{line.role}", f"item:{line.role}")
        return None, None
    if asked.kind is LineKind.PRODUCT:
        income, _ = namer.account("sales_income", line)
        item = want_product(namer, name, line, sold, income)
        return item, _known_item_account(namer, item)
    item = want_charge(namer, name, account, line.role)
    return item, _known_item_account(namer, item)


def _stockless(namer: Namer, line: PlanLine, sold: OrderLine | None) -> PlanLine:
    """Returned units that stay out of stock use the role's own item: a counted one would restock them."""
    stays_out = line.returned and not line.restocked
    if (
        stays_out
        and namer.settings.modes.inventory == "detailed"
        and sold is not None
        and sold.may_be_counted
    ):
        return PlanLine(kind=LineKind.CHARGE, role=line.role, amount=line.amount, label=line.label)
    return line


def _known_item_account(namer: Namer, item: str) -> str | None:
    """Where QuickBooks says the item posts; None for one it lacks, which another merchant may describe."""
    found = namer.company.items.by_name(item) if namer.company.items.known else None
    return (str(found.income_account) or None) if found else None


def _override(account: str, item_account: str | None, explicit: bool, line: PlanLine) -> str | None:
    """State the account where the item's own is another, unknown, or a rule chose one for this line."""
    if line.kind is LineKind.TAX or account.startswith("?"):
        return None
    if item_account is not None and item_account.casefold() == account.casefold() and not explicit:
        return None
    return account


def _tax_item(namer: Namer, line: PlanLine, account: str) -> str | None:
    """A sales-tax item of its agency; an other-charge item for marketplace tax and `liability_line`."""
    choice = namer.answers.tax_item(line, namer.order)
    name = namer.choose(f"tax item of {line.tax_title}", choice)
    as_charge = line.channel_liable or namer.settings.policy.tax == "liability_line"
    if name is None:
        title = line.tax_title or "*"
        value = "NAME" if as_charge else '{ item = "NAME", agency = "AGENCY" }'
        namer.unmapped(f'tax item for "{title}"', tax_path(title), f"tax:{title}", value)
        return None
    if as_charge:
        if namer.is_own_tax_account(account):
            _hold_own_tax_account(namer, account)
            return None
        return want_charge(namer, name, account, line.role)
    agency = namer.choose(f"agency of {line.tax_title}", namer.answers.agency(name))
    return want_tax_item(namer, name, agency or DEFAULT_AGENCY)


def _hold_own_tax_account(namer: Namer, account: str) -> None:
    """QuickBooks refuses an item on its own Sales Tax Payable, so tax as a charge needs an ordinary liability."""
    where = f"merchants.{namer.settings.merchant}.accounts.sales_tax_payable"
    namer.holds.append(
        Hold(
            reason=Reason.UNMAPPED,
            where=f"account {account}",
            sentence=f"{account} is QuickBooks' own account and takes no item, and tax is a charge here.",
            next_step=f'Name an ordinary liability: qbconsole mapping set {where} "Shopify Tax Collected"',
            subject=namer.plan.key,
            cause="unmapped:account:sales_tax_payable",
        )
    )
