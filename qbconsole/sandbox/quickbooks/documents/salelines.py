"""The lines of a sales document: which account, which amount, which sign, taxable or not, what leaves stock.

An explicit Amount wins over Rate and Quantity. A discount or payment item always lowers the total. A
sales-tax item with an Amount takes the sign of the line directly above it, whatever was sent; a Subtotal
line counts as the sum it shows.
"""

from __future__ import annotations

from decimal import Decimal

from qbconsole.sandbox.quickbooks.documents.headers import refuse_sites
from qbconsole.sandbox.quickbooks.documents.linking import Brought, bring, one_line, whole_orders
from qbconsole.sandbox.quickbooks.file.arithmetic import SIGNS
from qbconsole.sandbox.quickbooks.file.companyfile import CompanyFile
from qbconsole.sandbox.quickbooks.file.records import (
    ZERO,
    Block,
    Document,
    Entry,
    Line,
    Reference,
    Refused,
    StockMove,
    cents,
)
from qbconsole.sandbox.quickbooks.requests.answers import plain, price
from qbconsole.sandbox.quickbooks.requests.desk import Desk, missing
from qbconsole.sandbox.quickbooks.requests.given import Given
from qbconsole.sandbox.quickbooks.requests.lists import item_account

_HUNDRED = Decimal(100)
_ECHOED = ("Desc", "UnitOfMeasure", "ServiceDate", "Other1", "Other2")
_OWN_ACCOUNT = frozenset({"ItemSalesTax", "ItemPayment", "ItemSubtotal"})
_UNTAXED = frozenset({"ItemSalesTax", "ItemPayment", "ItemSubtotal"})


def read_lines(desk: Desk, given: Given, document: Document) -> list[Line]:
    """All lines, in order; each is read knowing those above it."""
    tag = f"{document.kind}LineAdd"
    if given.parts(f"{document.kind}LineGroupAdd"):
        raise Refused(
            3140, f"There is an invalid reference to QuickBooks Item Group in the {document.kind} line."
        )
    lines: list[Line] = [bring(brought) for brought in whole_orders(desk, given, document)]
    for part in given.parts(tag):
        if "LinkToTxn" in part:
            brought = one_line(desk, part, document)
            lines += [] if brought is None else [_brought(desk, part, brought)]
        else:
            lines.append(_line(desk, part, document, lines))
    return lines


def _brought(desk: Desk, part: Given, brought: Brought) -> Line:
    """A line of a sales order on an invoice, at another quantity, rate or amount where the request says so."""
    line = bring(brought, part.price("Quantity"))
    if (rate := part.price("Rate")) is not None:
        line.fields["Rate"], line.amount = price(rate), cents(rate * line.units())
    line.amount = line.amount if (amount := part.amount("Amount")) is None else amount
    if text := part.text("Desc"):
        line.fields["Desc"] = text
    if (code := desk.entry(part, "SalesTaxCodeRef", "Invoice line")) is not None:
        line.fields["SalesTaxCodeRef"] = Reference("SalesTaxCode", code.list_id)
        line.taxable = code.text("IsTaxable") == "true"
    return line


def move_stock(file: CompanyFile, document: Document) -> None:
    """Let inventory leave (or come back, on a credit memo) at average cost."""
    for line in document.lines:
        item = file.entries.get(line.item)
        if item is None or item.stock is None:
            continue
        text = line.fields.get("Quantity")
        quantity = Decimal(text) if isinstance(text, str) else Decimal(1)
        units = quantity * SIGNS[document.kind]
        if units:
            cost = item.stock.take(units)
            accounts = item.refers("COGSAccountRef"), item.refers("AssetAccountRef")
            line.stock = StockMove(item.list_id, units, cost, *accounts)
            file.changed["entry", item.list_id] = None


def _line(desk: Desk, part: Given, document: Document, above: list[Line]) -> Line:
    where = f"{document.kind} line"
    item = desk.entry(part, "ItemRef", where)
    line = Line(line_id="", sort="Item" if item else "Text", amount=ZERO)
    for name in _ECHOED:
        if text := part.text(name):
            line.fields[name] = text
    refuse_sites(desk, part, where)
    if (site := desk.reference(part, "InventorySiteRef", where)) is not None:
        line.fields["InventorySiteRef"] = site
    if "TaxAmount" in part and desk.file.country == "US":
        raise Refused(3250, f'The "TaxAmount" in the {where} is not supported in this edition.')
    if item is None:
        if part.text("Amount") or part.text("Rate"):
            raise missing("ItemRef", where)
        return line
    _single(item)
    line.item = item.list_id
    line.fields["ItemRef"] = Reference(item.family, item.list_id)
    line.account, line.entity = _account(desk, part, item, where)
    klass = desk.reference(part, "ClassRef", where)
    if klass is None and desk.file.preferences.class_tracking:
        header = document.fields.get("ClassRef")
        klass = header if isinstance(header, Reference) else None
    if klass is not None:
        line.fields["ClassRef"] = klass
    _price(desk, part, item, line, above)
    _tax_code(desk, part, item, line, where)
    if "Desc" not in line.fields and (text := _description(item)):
        line.fields["Desc"] = text
    return line


def _single(item: Entry) -> None:
    """A tax group stands for a whole document, never for a line (qbwc-protocol.md section 13)."""
    if item.family == "ItemSalesTaxGroup":
        raise Refused(3210, f'The sales tax group "{item.full_name}" cannot be used on a line.')


def _account(desk: Desk, part: Given, item: Entry, where: str) -> tuple[str, str]:
    """The account a line posts to and the name on the posting (the agency of a tax item)."""
    if "OverrideItemAccountRef" in part and part.named("OverrideItemAccountRef") is not None:
        if item.family in _OWN_ACCOUNT:
            raise Refused(
                3210, f'The "OverrideItemAccountRef" is not allowed for the item "{item.full_name}".'
            )
        return item_account(desk, part, "OverrideItemAccountRef", where).list_id, ""
    if item.family == "ItemSalesTax":
        return desk.file.special("SalesTaxPayable").list_id, item.refers("TaxVendorRef")
    if item.family == "ItemPayment":
        return item.refers("DepositToAccountRef") or desk.file.special("UndepositedFunds").list_id, ""
    side = item.fields.get("SalesOrPurchase") or item.fields.get("SalesAndPurchase")
    if isinstance(side, Block):
        parts = dict(side.parts)
        account = parts.get("IncomeAccountRef") or parts.get("AccountRef")
        return (account.list_id if isinstance(account, Reference) else ""), ""
    return item.refers("IncomeAccountRef") or item.refers("AccountRef"), ""


def _price(desk: Desk, part: Given, item: Entry, line: Line, above: list[Line]) -> None:
    quantity, amount = part.price("Quantity"), part.amount("Amount")
    rate, share = part.price("Rate"), part.price("RatePercent")
    if item.family == "ItemSubtotal":
        line.counts = False
        line.amount = _running(above)
        return
    if quantity is not None and item.family == "ItemDiscount":
        raise Refused(3210, f'The "Quantity" field is not allowed for the discount item "{item.full_name}".')
    if rate is None and share is None and amount is None:
        rate, share = _own_price(item)
    if share is not None:
        line.fields["RatePercent"] = price(share)
    computed = _computed(item, quantity, rate, share, above)
    if amount is None:
        amount = computed
    elif rate is not None and amount != computed:
        desk.warn(530, "The Rate was ignored because an Amount was given as well.")
        rate = None
    line.amount = _signed(item, amount, above)
    if quantity is not None:
        line.fields["Quantity"] = plain(quantity)
    if rate is None and share is None and quantity:
        rate = round(line.amount / quantity, 5)
    if rate is not None:
        line.fields["Rate"] = price(rate)


def _own_price(item: Entry) -> tuple[Decimal | None, Decimal | None]:
    """Rate or percentage stored with the item."""
    if item.family == "ItemDiscount":
        flat, share = item.text("DiscountRate"), item.text("DiscountRatePercent")
        return (Decimal(flat), None) if flat else (None, Decimal(share) if share else None)
    if item.family == "ItemSalesTax":
        return None, percent(item)
    side = item.fields.get("SalesOrPurchase") or item.fields.get("SalesAndPurchase")
    found = dict(side.parts) if isinstance(side, Block) else item.fields
    text = found.get("SalesPrice") or found.get("Price")
    return (Decimal(text), None) if isinstance(text, str) else (None, None)


def _computed(
    item: Entry, quantity: Decimal | None, rate: Decimal | None, share: Decimal | None, above: list[Line]
) -> Decimal:
    if share is not None:
        base = _above(above)
        if item.family == "ItemSalesTax" and base is not None and base.fields.get("ItemRef") is not None:
            _refuse_second_tax(base)
        return cents((base.amount if base else ZERO) * share / _HUNDRED)
    return cents((rate or ZERO) * (quantity if quantity is not None else 1))


def _refuse_second_tax(base: Line) -> None:
    reference = base.fields["ItemRef"]
    if isinstance(reference, Reference) and reference.family == "ItemSalesTax":
        raise Refused(
            3180, "Only the first tax line after a subtotal is computed; this one must state its Amount."
        )


def _signed(item: Entry, amount: Decimal, above: list[Line]) -> Decimal:
    if item.family in ("ItemDiscount", "ItemPayment"):
        return -abs(amount)
    if item.family == "ItemSalesTax":
        base = _above(above)
        if base is not None:
            return -abs(amount) if base.amount < 0 else abs(amount)
    return amount


def _above(above: list[Line]) -> Line | None:
    """The nearest line above that has an amount; text lines do not count."""
    return next((line for line in reversed(above) if line.sort != "Text"), None)


def _running(above: list[Line]) -> Decimal:
    """What a Subtotal line shows: everything since the Subtotal line before it."""
    total = ZERO
    for line in reversed(above):
        if not line.counts:
            break
        total += line.amount
    return total


def _tax_code(desk: Desk, part: Given, item: Entry, line: Line, where: str) -> None:
    given = desk.entry(part, "SalesTaxCodeRef", where)
    wishes = desk.file.preferences
    if not wishes.sales_tax:
        return
    default = wishes.nontaxable_code if item.family in _UNTAXED else wishes.taxable_code
    code = given or desk.file.entries[item.refers("SalesTaxCodeRef") or default]
    if item.family == "ItemSubtotal":
        return
    line.fields["SalesTaxCodeRef"] = Reference("SalesTaxCode", code.list_id)
    line.taxable = code.text("IsTaxable") == "true"


def percent(item: Entry) -> Decimal:
    """The rate of a sales tax item in percent."""
    return Decimal(item.text("TaxRate") or "0")


def _description(item: Entry) -> str:
    side = item.fields.get("SalesOrPurchase") or item.fields.get("SalesAndPurchase")
    if isinstance(side, Block):
        parts = dict(side.parts)
        text = parts.get("SalesDesc") or parts.get("Desc") or ""
        return text if isinstance(text, str) else ""
    return item.text("SalesDesc") or item.text("ItemDesc")
