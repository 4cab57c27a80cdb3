"""Hand-written qbXML of what is bought, counted, ordered and deposited."""

from __future__ import annotations

from quickbooks_bench import Bench, named, shop_bench, stock_item, vendor

GONE = "<TxnDelRq><TxnDelType>{}</TxnDelType><TxnID>{}</TxnID></TxnDelRq>"
VOIDED = "<TxnVoidRq><TxnVoidType>{}</TxnVoidType><TxnID>{}</TxnID></TxnVoidRq>"


def tags(**texts: str) -> str:
    """Elements in the order given; those without text are left out."""
    return "".join(f"<{tag}>{text}</{tag}>" for tag, text in texts.items() if text)


def line_link(txn_id: str, line_id: str) -> str:
    return f"<LinkToTxn><TxnID>{txn_id}</TxnID><TxnLineID>{line_id}</TxnLineID></LinkToTxn>"


# -- bought --------------------------------------------------------------------------------------------


def bought(
    item: str = "",
    amount: str = "",
    *,
    quantity: str = "",
    cost: str = "",
    override: str = "",
    link: str = "",
    site: str = "",
) -> str:
    return (
        f"<ItemLineAdd>{named('ItemRef', item)}{named('InventorySiteRef', site)}"
        f"{tags(Quantity=quantity, Cost=cost, Amount=amount)}"
        f"{named('OverrideItemAccountRef', override)}{link}</ItemLineAdd>"
    )


def spent(account: str, amount: str, *, memo: str = "", who: str = "") -> str:
    return (
        f"<ExpenseLineAdd>{named('AccountRef', account)}{tags(Amount=amount, Memo=memo)}"
        f"{named('CustomerRef', who)}</ExpenseLineAdd>"
    )


def owing(
    kind: str,
    *lines: str,
    who: str = "Kiln Co",
    day: str = "2026-03-02",
    ref: str = "",
    links: tuple[str, ...] = (),
    payable: str = "",
    memo: str = "",
) -> str:
    """A Bill, ItemReceipt or VendorCredit; expense lines before item lines."""
    linked = "".join(f"<LinkToTxnID>{one}</LinkToTxnID>" for one in links)
    return (
        f"<{kind}AddRq><{kind}Add>{named('VendorRef', who)}{named('APAccountRef', payable)}"
        f"{tags(TxnDate=day, RefNumber=ref, Memo=memo)}{linked}{''.join(lines)}</{kind}Add></{kind}AddRq>"
    )


def bill(*lines: str, **options: object) -> str:
    return owing("Bill", *lines, **options)


def item_receipt(*lines: str, **options: object) -> str:
    return owing("ItemReceipt", *lines, **options)


def vendor_credit(*lines: str, **options: object) -> str:
    return owing("VendorCredit", *lines, **options)


def ordered(item: str, quantity: str = "", *, rate: str = "", amount: str = "") -> str:
    return (
        f"<PurchaseOrderLineAdd>{named('ItemRef', item)}"
        f"{tags(Quantity=quantity, Rate=rate, Amount=amount)}</PurchaseOrderLineAdd>"
    )


def purchase_order(
    *lines: str, who: str = "Kiln Co", day: str = "2026-03-01", ref: str = "PO1", returned: str = ""
) -> str:
    asked = "".join(f"<IncludeRetElement>{name}</IncludeRetElement>" for name in returned.split())
    return (
        f"<PurchaseOrderAddRq><PurchaseOrderAdd>{named('VendorRef', who)}{tags(TxnDate=day, RefNumber=ref)}"
        f"{''.join(lines)}</PurchaseOrderAdd>{asked}</PurchaseOrderAddRq>"
    )


# -- counted -------------------------------------------------------------------------------------------


def counted(item: str, *, new: str = "", more: str = "") -> str:
    return (
        f"<InventoryAdjustmentLineAdd>{named('ItemRef', item)}<QuantityAdjustment>"
        f"{tags(NewQuantity=new, QuantityDifference=more)}</QuantityAdjustment></InventoryAdjustmentLineAdd>"
    )


def revalued(item: str, *, new: str = "", more: str = "", value: str = "", worth: str = "") -> str:
    return (
        f"<InventoryAdjustmentLineAdd>{named('ItemRef', item)}<ValueAdjustment>"
        f"{tags(NewQuantity=new, QuantityDifference=more, NewValue=value, ValueDifference=worth)}"
        "</ValueAdjustment></InventoryAdjustmentLineAdd>"
    )


def adjustment(*lines: str, account: str = "Inventory Shrinkage", day: str = "2026-03-02") -> str:
    return (
        f"<InventoryAdjustmentAddRq><InventoryAdjustmentAdd>{named('AccountRef', account)}"
        f"{tags(TxnDate=day, RefNumber='A1')}{''.join(lines)}"
        "</InventoryAdjustmentAdd></InventoryAdjustmentAddRq>"
    )


def transfer(item: str, quantity: str, *, source: str = "Leeds", target: str = "York") -> str:
    return (
        "<TransferInventoryAddRq><TransferInventoryAdd><TxnDate>2026-03-02</TxnDate>"
        f"{named('FromInventorySiteRef', source)}{named('ToInventorySiteRef', target)}"
        f"<TransferInventoryLineAdd>{named('ItemRef', item)}{tags(QuantityToTransfer=quantity)}"
        "</TransferInventoryLineAdd></TransferInventoryAdd></TransferInventoryAddRq>"
    )


# -- deposited -----------------------------------------------------------------------------------------


def put(account: str, amount: str, *, who: str = "", memo: str = "") -> str:
    return (
        f"<DepositLineAdd>{named('EntityRef', who)}{named('AccountRef', account)}"
        f"{tags(Memo=memo, Amount=amount)}</DepositLineAdd>"
    )


def deposit(
    *lines: str, where: str = "Checking", day: str = "2026-03-05", memo: str = "", back: str = ""
) -> str:
    taken = f"<CashBackInfoAdd>{named('AccountRef', 'Savings')}{tags(Amount=back)}</CashBackInfoAdd>"
    return (
        f"<DepositAddRq><DepositAdd>{tags(TxnDate=day)}{named('DepositToAccountRef', where)}{tags(Memo=memo)}"
        f"{taken if back else ''}{''.join(lines)}</DepositAdd></DepositAddRq>"
    )


# -- the bench -----------------------------------------------------------------------------------------


def buying_bench(**options: str) -> Bench:
    """A shop with two vendors, stock, and accounts for what goes missing."""
    bench = shop_bench(**options)
    bench.ask(
        vendor("Kiln Co")
        + vendor("Clay Ltd")
        + stock_item("Bowl", "10", "4.00")
        + stock_item("Plate", "", "2.50")
        + "<AccountAddRq><AccountAdd><Name>Inventory Shrinkage</Name><AccountType>CostOfGoodsSold</AccountType>"
        "</AccountAdd></AccountAddRq>"
        + "<ItemNonInventoryAddRq><ItemNonInventoryAdd><Name>Clay</Name><SalesAndPurchase>"
        f"<SalesPrice>9.00</SalesPrice>{named('IncomeAccountRef', 'Merchandise Sales')}"
        f"<PurchaseCost>1.25</PurchaseCost>{named('ExpenseAccountRef', 'Purchases')}"
        "</SalesAndPurchase></ItemNonInventoryAdd></ItemNonInventoryAddRq>"
    )
    return bench
