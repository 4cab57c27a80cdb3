"""Plans of facts beside orders -> named documents: deposits, purchases, stock."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from qbconsole.books.answers import Answers
from qbconsole.books.documents import ExpenseLine, Memo
from qbconsole.books.documents.deposit import Deposit, DepositLine
from qbconsole.books.documents.purchasing import (
    Bill,
    ItemLine,
    ItemReceipt,
    LinkToTxn,
    PurchaseOrder,
    PurchaseOrderLine,
    VendorCredit,
    line_key,
)
from qbconsole.books.documents.stock import (
    InventoryAdjustment,
    InventoryAdjustmentLine,
    TransferInventory,
    TransferInventoryLine,
)
from qbconsole.books.facts.uncounted import goods_id
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import external_guid
from qbconsole.books.naming.entries import want_account, want_class, want_product, want_vendor
from qbconsole.books.naming.fields import site_of
from qbconsole.books.naming.lines import AccountPosting
from qbconsole.books.naming.namer import Namer
from qbconsole.books.naming.names import Names
from qbconsole.books.plan import DocumentKind, LineKind, PlanLine
from qbconsole.company.snapshot import Company
from qbconsole.money import Money
from qbconsole.shop.orders import Order, OrderLine
from qbconsole.value import replace

_Postings = list[AccountPosting]
_PAYABLE = "accounts_payable"
#: Kinds of item whose units QuickBooks counts.
_COUNTED_KINDS = ("ItemInventory", "ItemInventoryAssembly")


def deposit(namer: Namer, _ref_number: str, memo: Memo) -> tuple[object, _Postings]:
    """A payout that reached the bank; it has no number of its own in QuickBooks."""
    plan, accounts = namer.plan, list[AccountPosting]()
    lines = []
    for line in plan.lines:
        account = _account(namer, line.role)
        accounts.append(_posting(namer, line.role, account, -line.amount))
        lines.append(DepositLine(account_ref=account, memo=line.label or None, amount=line.amount))
    bank = _account(namer, plan.money_role)
    accounts.append(_posting(namer, plan.money_role, bank, plan.total))
    document = Deposit(
        txn_date=plan.on,
        deposit_to_account_ref=bank,
        memo=memo,
        external_guid=external_guid(plan.key),
        lines=tuple(lines),
    )
    return document, accounts


def purchase_order(namer: Namer, ref_number: str, memo: Memo) -> tuple[object, _Postings]:
    """What was ordered; posts nothing."""
    plan = namer.plan
    class_name = _class(namer)
    document = PurchaseOrder(
        vendor_ref=_vendor(namer),
        inventory_site_ref=site_of(namer) if _counted(namer) else None,
        txn_date=plan.on,
        ref_number=ref_number,
        memo=memo,
        external_guid=external_guid(plan.key),
        lines=tuple(
            PurchaseOrderLine(
                item_ref=_goods(namer, line),
                desc=line.label or None,
                quantity=_units(line),
                amount=line.amount,
                class_ref=class_name,
                override_item_account_ref=_own_account(namer, line),
            )
            for line in plan.lines
        ),
    )
    return document, []


def purchase(namer: Namer, ref_number: str, memo: Memo) -> tuple[object, _Postings]:
    """A bill, an item receipt or a vendor's credit: goods as items where QuickBooks keeps the stock."""
    plan = namer.plan
    sign = -1 if plan.kind is DocumentKind.VENDOR_CREDIT else 1
    accounts: _Postings = []
    items: list[ItemLine] = []
    site = site_of(namer) if _counted(namer) else None
    expenses: list[ExpenseLine] = []
    class_name = _class(namer)
    for line in plan.lines:
        account = _account(namer, line.role)
        accounts.append(_posting(namer, line.role, account, line.amount * sign))
        if line.kind is LineKind.PRODUCT and _counted(namer):
            items.append(_item_line(namer, line, class_name, site))
        else:
            expenses.append(
                ExpenseLine(
                    account_ref=account, amount=line.amount, memo=line.label or None, class_ref=class_name
                )
            )
    payable = _account(namer, _PAYABLE)
    accounts.append(_posting(namer, _PAYABLE, payable, plan.total * -sign))
    kinds: Mapping[DocumentKind, Callable[..., object]] = {
        DocumentKind.BILL: Bill,
        DocumentKind.ITEM_RECEIPT: ItemReceipt,
        DocumentKind.VENDOR_CREDIT: VendorCredit,
    }
    document = kinds[plan.kind](
        vendor_ref=_vendor(namer),
        ap_account_ref=payable,
        txn_date=plan.on,
        ref_number=ref_number,
        memo=memo,
        external_guid=external_guid(plan.key),
        expense_lines=tuple(expenses),
        item_lines=tuple(items),
    )
    return document, accounts


def _item_line(namer: Namer, line: PlanLine, class_name: str | None, site: str | None) -> ItemLine:
    """A line of goods, tied to the line of the purchase order it fills; it then comes to the order's site."""
    fills = namer.plan.fills
    if fills and line.order_line:
        link = LinkToTxn(txn_id=namer.slot(fills), txn_line_id=namer.slot(line_key(fills, line.order_line)))
        return ItemLine(
            quantity=_units(line),
            amount=line.amount,
            class_ref=class_name,
            override_item_account_ref=_own_account(namer, line),
            link_to_txn=link,
        )
    return ItemLine(
        item_ref=_goods(namer, line),
        inventory_site_ref=site,
        desc=line.label or None,
        quantity=_units(line),
        amount=line.amount,
        class_ref=class_name,
        override_item_account_ref=_own_account(namer, line),
    )


def _own_account(namer: Namer, line: PlanLine) -> str | None:
    """The account that goods are bought on, for an item without stock: its own may be income, as it is sold with.

    An inventory item is bought on its asset account and lets nobody say another.
    """
    asked = _as_sold(line)
    choice = namer.answers.item(asked, namer.order)
    if choice is None or _may_count(namer, namer.names.need("item", choice.value).full_name, asked):
        return None
    account = _account(namer, line.role)
    return None if account.startswith("?") else account


def stock_adjustment(namer: Namer, ref_number: str, memo: Memo) -> tuple[object, _Postings]:
    """More or less in stock. QuickBooks values it at its own average cost: qbXML has no place for a value."""
    plan = namer.plan
    account = _account(namer, plan.money_role)
    accounts = [_posting(namer, plan.money_role, account, -plan.total)]
    for role in sorted({line.role for line in plan.lines}):
        mine = [line.amount for line in plan.lines if line.role == role]
        accounts.append(_posting(namer, role, _account(namer, role), sum(mine[1:], mine[0])))
    document = InventoryAdjustment(
        account_ref=account,
        txn_date=plan.on,
        ref_number=ref_number,
        inventory_site_ref=site_of(namer),
        class_ref=_class(namer),
        memo=memo,
        external_guid=external_guid(plan.key),
        lines=tuple(
            InventoryAdjustmentLine(item_ref=item, quantity_difference=Decimal(units))
            for item, units in _units_by_item(namer).items()
        ),
    )
    return document, accounts


def _units_by_item(namer: Namer) -> dict[str, int]:
    """Units of each item; two products may stand on one item, which a document names once."""
    units: dict[str, int] = {}
    for line in namer.plan.lines:
        item = _counted_goods(namer, line)
        units[item] = units.get(item, 0) + (line.quantity or 0)
    return {item: moved for item, moved in units.items() if moved} or units


def counts_stock(names: Names, answers: Answers, order: Order, line: PlanLine) -> bool:
    """Whether QuickBooks counts the item of a line of goods, or would once it is added; False in any doubt."""
    asked = _as_sold(line)
    choice = answers.item(asked, order)
    if choice is None:
        return False
    return _counts(names.company, names.need("item", choice.value).full_name, order.line(asked.line_id))


def _counts(company: Company, item: str, sold: OrderLine | None) -> bool:
    found = company.items.by_name(item) if company.items.known else None
    # What is missing is added as an inventory item where it has a number of its own, else as another.
    return found.kind in _COUNTED_KINDS if found is not None else bool(sold and sold.sku)


def _counted_goods(namer: Namer, line: PlanLine) -> str:
    """The item of goods in a stock document: only inventory items can be adjusted or moved, else delivery is held."""
    asked = _as_sold(line)
    item, sold = _chosen(namer, asked), namer.sold(asked)
    if item is None:
        return "?item"
    if _may_count(namer, item, asked):
        return _wanted(namer, item, asked)
    named = sold is not None and bool(sold.sku)
    namer.holds.append(_not_counted(namer, item) if named or sold is None else _no_sku(namer, item, sold))
    return item


def _may_count(namer: Namer, item: str, asked: PlanLine) -> bool:
    """Whether QuickBooks counts the item; also where somebody mapped it and QuickBooks did not tell yet what it is."""
    sold = namer.sold(asked)
    if namer.company.items.known or (sold and sold.sku) or _counts(namer.company, item, sold):
        return _counts(namer.company, item, sold)
    misc = namer.answers.fixed_item("misc")
    return misc is None or item != misc.value


def _not_counted(namer: Namer, item: str) -> Hold:
    return Hold(
        reason=Reason.UNMAPPED,
        where=f'item "{item}"',
        sentence=f'QuickBooks counts no stock of "{item}": it is no inventory item.',
        next_step='Map its SKU to an inventory item, or set modes.inventory to "summary" and policy.cogs to "off".',
        subject=namer.plan.key,
        cause=f"not_counted:{item.casefold()}",
    )


def _no_sku(namer: Namer, item: str, sold: OrderLine) -> Hold:
    """Why the stock of a variant without a SKU waits, and the two ways to let it go."""
    path = shlex.quote(f"merchants.{namer.settings.merchant}.items.variant.{sold.variant_id}")
    mapped = f', or map it to an inventory item: qbconsole mapping set {path} "NAME"' * bool(sold.variant_id)
    return Hold(
        reason=Reason.UNMAPPED,
        where=f'stock of "{sold.title}"',
        sentence=f'QuickBooks counts no stock of "{sold.title}": it has no SKU, and "{item}" is no inventory item.',
        next_step=f"Give it a SKU in Shopify and pull{mapped}. The next book then sends it.",
        subject=namer.plan.key,
        cause=f"not_counted:{sold.variant_id or sold.id}",
    )


def transfer(namer: Namer, ref_number: str, memo: Memo) -> tuple[object, _Postings]:
    """Stock carried between two sites; its lines come in pairs, units leaving and units coming."""
    plan = namer.plan
    gone = [line for line in plan.lines if (line.quantity or 0) < 0]
    come = [line for line in plan.lines if (line.quantity or 0) > 0]
    document = TransferInventory(
        txn_date=plan.on,
        ref_number=ref_number,
        from_inventory_site_ref=site_of(namer, gone[0].site, what="site it leaves") or gone[0].site,
        to_inventory_site_ref=site_of(namer, come[0].site, what="site it comes to") or come[0].site,
        memo=memo,
        external_guid=external_guid(plan.key),
        lines=tuple(
            TransferInventoryLine(
                item_ref=_counted_goods(namer, line), quantity_to_transfer=_units(line) or Decimal(0)
            )
            for line in come
        ),
    )
    return document, []


def _account(namer: Namer, role: str) -> str:
    account, _ = namer.account(role)
    return account if account.startswith("?") else want_account(namer, account, role)


def _posting(namer: Namer, role: str, account: str, amount: Money) -> AccountPosting:
    return AccountPosting(on=namer.plan.on, role=role, account=account, amount=amount)


def _vendor(namer: Namer) -> str:
    name = namer.choose("vendor", namer.answers.vendor(namer.plan.vendor))
    if name is None:
        namer.unmapped("vendor", "vendors.house", "vendor")
        return "?vendor"
    return want_vendor(namer, name)


def _class(namer: Namer) -> str | None:
    name = namer.choose("class", namer.answers.class_(None, namer.order))
    return want_class(namer, name) if name else None


def _counted(namer: Namer) -> bool:
    """True where QuickBooks keeps the stock, so that goods are bought as items."""
    return namer.settings.modes.inventory == "detailed" and namer.settings.policy.cogs == "quickbooks"


def _goods(namer: Namer, line: PlanLine) -> str:
    """The item of a line of goods, chosen as a sale of it would be."""
    asked = _as_sold(line)
    name = _chosen(namer, asked)
    return "?item" if name is None else _wanted(namer, name, asked)


def _as_sold(line: PlanLine) -> PlanLine:
    return replace(line, line_id=goods_id(line), role="sales_income", returned=False)


def _chosen(namer: Namer, asked: PlanLine) -> str | None:
    name = namer.choose(f"item of {asked.label or asked.sku}", namer.answers.item(asked, namer.order))
    if name is None:
        namer.unmapped(
            f"item for {asked.sku or asked.label}", "items.misc", f"item:{asked.sku or asked.label}"
        )
        return None
    return namer.names.need("item", name).full_name


def _wanted(namer: Namer, name: str, asked: PlanLine) -> str:
    income, _ = namer.account("sales_income", asked)
    return want_product(namer, name, asked, namer.order.line(asked.line_id), income)


def _units(line: PlanLine) -> Decimal | None:
    return Decimal(line.quantity) if line.quantity else None


NAMED: Mapping[DocumentKind, Callable[[Namer, str, Memo], tuple[object, Sequence[AccountPosting]]]] = {
    DocumentKind.DEPOSIT: deposit,
    DocumentKind.PURCHASE_ORDER: purchase_order,
    DocumentKind.BILL: purchase,
    DocumentKind.ITEM_RECEIPT: purchase,
    DocumentKind.VENDOR_CREDIT: purchase,
    DocumentKind.INVENTORY_ADJUSTMENT: stock_adjustment,
    DocumentKind.TRANSFER_INVENTORY: transfer,
}
