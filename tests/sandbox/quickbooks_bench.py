"""A QuickBooks on the bench: hand-written qbXML in, statuses and texts out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from qbconsole.sandbox.quickbooks import Answer, CompanyFile, Filed, QuickBooks

ROOT = Path(__file__).resolve().parents[2]
XSD = ROOT / "qbconsole" / "qbxml" / "requests.xsd"
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GUID = "{5a1d0f6c-7f3e-4f57-8a21-0d6c2b9a4e11}"


def message_set(body: str, *, on_error: str = "continueOnError", version: str = "16.0", ids: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{version}"?>\n'
        f'<QBXML><QBXMLMsgsRq onError="{on_error}"{ids}>{body}</QBXMLMsgsRq></QBXML>'
    )


class Reply:
    """One ...Rs element."""

    def __init__(self, element: ElementTree.Element) -> None:
        self.element = element
        self.tag = element.tag
        self.code = int(element.get("statusCode", "-1"))
        self.severity = element.get("statusSeverity", "")
        self.message = element.get("statusMessage", "")

    def text(self, path: str) -> str:
        """Text of the first element of that path anywhere below."""
        return self.element.findtext(f".//{path}") or ""

    def texts(self, path: str) -> list[str]:
        return [one.text or "" for one in self.element.findall(f".//{path}")]


class Bench:
    """A fresh company file with a few records, the program over it, and a clock that is moved by hand."""

    def __init__(self, *, xsd: Path | None = XSD, bare: bool = False, **options: str) -> None:
        self.now = START
        self.file = CompanyFile.create(name="Oak & Ember LLC", now=START, bare=bare, **options)
        self.qb = QuickBooks(self.file, requests_xsd=xsd, clock=lambda: self.now)

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def raw(self, body: str, **options: str) -> Answer:
        return self.qb.process(message_set(body, **options))

    def ask(self, body: str, **options: str) -> list[Reply]:
        answer = self.raw(body, **options)
        assert answer.hresult == "", answer.message
        root = ElementTree.fromstring(answer.response)
        return [Reply(one) for one in root[0]]

    def one(self, body: str, **options: str) -> Reply:
        replies = self.ask(body, **options)
        assert len(replies) == 1
        return replies[0]

    def done(self, body: str) -> Reply:
        reply = self.one(body)
        assert reply.code == 0, reply.message
        return reply

    def code(self, body: str) -> int:
        return self.one(body).code

    def document(self, txn_id: str) -> Filed:
        return next(one for one in self.file.documents() if one.txn_id == txn_id)

    def balance(self, account: str) -> Decimal:
        return self.file.trial_balance().get(account, Decimal(0))


def named(tag: str, name: str) -> str:
    return f"<{tag}><FullName>{name}</FullName></{tag}>" if name else ""


def customer(name: str, inside: str = "") -> str:
    return f"<CustomerAddRq><CustomerAdd><Name>{name}</Name>{inside}</CustomerAdd></CustomerAddRq>"


def vendor(name: str) -> str:
    return f"<VendorAddRq><VendorAdd><Name>{name}</Name></VendorAdd></VendorAddRq>"


def account(name: str, sort: str, parent: str = "") -> str:
    return (
        f"<AccountAddRq><AccountAdd><Name>{name}</Name>{named('ParentRef', parent)}"
        f"<AccountType>{sort}</AccountType></AccountAdd></AccountAddRq>"
    )


def item(kind: str, name: str, posting: str, code: str = "") -> str:
    return (
        f"<Item{kind}AddRq><Item{kind}Add><Name>{name}</Name>{named('SalesTaxCodeRef', code)}"
        f"<SalesOrPurchase><Price>5.00</Price>{named('AccountRef', posting)}</SalesOrPurchase>"
        f"</Item{kind}Add></Item{kind}AddRq>"
    )


def discount_item(name: str, inside: str = "") -> str:
    return (
        f"<ItemDiscountAddRq><ItemDiscountAdd><Name>{name}</Name>{named('SalesTaxCodeRef', 'Non')}{inside}"
        f"{named('AccountRef', 'Sales Discounts')}</ItemDiscountAdd></ItemDiscountAddRq>"
    )


def tax_item(name: str, rate: str, agency: str = "State Board of Equalization") -> str:
    return (
        f"<ItemSalesTaxAddRq><ItemSalesTaxAdd><Name>{name}</Name><TaxRate>{rate}</TaxRate>"
        f"{named('TaxVendorRef', agency)}</ItemSalesTaxAdd></ItemSalesTaxAddRq>"
    )


def stock_item(name: str, quantity: str = "", cost: str = "4.00") -> str:
    on_hand = f"<QuantityOnHand>{quantity}</QuantityOnHand>" if quantity else ""
    return (
        f"<ItemInventoryAddRq><ItemInventoryAdd><Name>{name}</Name>{named('SalesTaxCodeRef', 'Non')}"
        f"<SalesPrice>9.99</SalesPrice>{named('IncomeAccountRef', 'Merchandise Sales')}"
        f"<PurchaseCost>{cost}</PurchaseCost>{named('COGSAccountRef', 'Cost of Goods Sold')}"
        f"{named('AssetAccountRef', 'Inventory Asset')}{on_hand}</ItemInventoryAdd></ItemInventoryAddRq>"
    )


def line(
    kind: str,
    item: str,
    amount: str = "",
    *,
    quantity: str = "",
    rate: str = "",
    code: str = "",
    override: str = "",
    desc: str = "",
) -> str:
    parts = [named("ItemRef", item)]
    for tag, text in (("Desc", desc), ("Quantity", quantity), ("Rate", rate), ("Amount", amount)):
        parts.append(f"<{tag}>{text}</{tag}>" if text else "")
    parts += [named("SalesTaxCodeRef", code), named("OverrideItemAccountRef", override)]
    return f"<{kind}LineAdd>{''.join(parts)}</{kind}LineAdd>"


def sale(
    kind: str,
    lines: str,
    *,
    name: str = "Ada",
    day: str = "2026-03-02",
    ref: str = "1001",
    tax: str = "",
    code: str = "",
    deposit: str = "",
    memo: str = "",
    attributes: str = "",
    inside: str = "",
) -> str:
    head = "".join(
        [
            named("CustomerRef", name),
            f"<TxnDate>{day}</TxnDate>" if day else "",
            f"<RefNumber>{ref}</RefNumber>" if ref else "",
            named("ItemSalesTaxRef", tax),
            f"<Memo>{memo}</Memo>" if memo else "",
            named("CustomerSalesTaxCodeRef", code),
            named("DepositToAccountRef", deposit),
            inside,
        ]
    )
    return f"<{kind}AddRq><{kind}Add{attributes}>{head}{lines}</{kind}Add></{kind}AddRq>"


def receipt(*lines: tuple[str, str], **options: str) -> str:
    return sale("SalesReceipt", "".join(line("SalesReceipt", *one) for one in lines), **options)


def invoice(*lines: tuple[str, str], **options: str) -> str:
    return sale("Invoice", "".join(line("Invoice", *one) for one in lines), **options)


def credit_memo(*lines: tuple[str, str], **options: str) -> str:
    return sale("CreditMemo", "".join(line("CreditMemo", *one) for one in lines), **options)


def applied(txn_id: str, amount: str = "", inside: str = "") -> str:
    paid = f"<PaymentAmount>{amount}</PaymentAmount>" if amount else ""
    return f"<AppliedToTxnAdd><TxnID>{txn_id}</TxnID>{paid}{inside}</AppliedToTxnAdd>"


def set_credit(txn_id: str, amount: str) -> str:
    return (
        f"<SetCredit><CreditTxnID>{txn_id}</CreditTxnID><AppliedAmount>{amount}</AppliedAmount></SetCredit>"
    )


def payment(total: str, parts: str, *, name: str = "Ada", deposit: str = "", day: str = "2026-03-03") -> str:
    return (
        f"<ReceivePaymentAddRq><ReceivePaymentAdd>{named('CustomerRef', name)}<TxnDate>{day}</TxnDate>"
        f"<TotalAmount>{total}</TotalAmount>{named('DepositToAccountRef', deposit)}{parts}"
        "</ReceivePaymentAdd></ReceivePaymentAddRq>"
    )


def refund(txn_id: str, amount: str, *, name: str = "Ada", source: str = "Checking") -> str:
    return (
        f"<ARRefundCreditCardAddRq><ARRefundCreditCardAdd>{named('CustomerRef', name)}"
        f"{named('RefundFromAccountRef', source)}<TxnDate>2026-03-04</TxnDate><RefundAppliedToTxnAdd>"
        f"<TxnID>{txn_id}</TxnID><RefundAmount>{amount}</RefundAmount></RefundAppliedToTxnAdd>"
        "</ARRefundCreditCardAdd></ARRefundCreditCardAddRq>"
    )


def journal(*lines: tuple[str, str, str, str], day: str = "2026-03-02", ref: str = "J1") -> str:
    """Lines: side, account, amount, name."""
    parts = "".join(
        f"<Journal{side}Line>{named('AccountRef', where)}<Amount>{amount}</Amount><Memo>by hand</Memo>"
        f"{named('EntityRef', who)}</Journal{side}Line>"
        for side, where, amount, who in lines
    )
    return (
        f"<JournalEntryAddRq><JournalEntryAdd><TxnDate>{day}</TxnDate><RefNumber>{ref}</RefNumber>{parts}"
        "</JournalEntryAdd></JournalEntryAddRq>"
    )


def shop_bench(**options: str) -> Bench:
    """A bench with a customer, items of every kind the tests sell, and two taxes."""
    bench = Bench(**options)
    bench.ask(
        customer("Ada")
        + customer("Bob")
        + item("NonInventory", "Mug", "Merchandise Sales", "Non")
        + item("NonInventory", "Taxed mug", "Merchandise Sales", "Tax")
        + item("OtherCharge", "Shipping", "Shipping and Delivery Income", "Non")
        + discount_item("Discount")
        + tax_item("State", "7.25")
        + tax_item("City", "1.00", "City Department of Revenue")
        + "<ItemSubtotalAddRq><ItemSubtotalAdd><Name>Subtotal</Name></ItemSubtotalAdd></ItemSubtotalAddRq>"
        + "<ItemPaymentAddRq><ItemPaymentAdd><Name>Gift card paid</Name></ItemPaymentAdd></ItemPaymentAddRq>"
    )
    return bench
