"""The documents QuickBooks should hold, named and numbered, field by field as qbXML has them.

Fields carry qbXML's names in snake_case and stand in qbXML's order (protocol notes, section 18; requests.xsd).
A `..._ref` is the full name of a list entry ("Sales:Shopify"). Every field that qbXML may leave out may be
None here, which leaves it out; an empty text means blank. Values are raw: fitting text to QuickBooks' letters
and lengths is `qbxml.render`'s work. Never here: card numbers, and fields US desktop QuickBooks refuses.

Amounts are in the document's one currency; a line is positive when it raises the document's total. A
`txn_id` is QuickBooks' own id or, while that is not known, the slot of the document it will belong to
(`qbxml.render.slot_token`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from qbconsole.money import Money
from qbconsole.value import Value

#: Elements whose name is not the field's own in CamelCase, by field.
Elements = Mapping[str, str]


class Memo(Value):
    """A memo people read, and the key we find the document by: "Shopify #1001 [qbc1/…]"."""

    text: str
    #: Never cut; "" for a memo without a key.
    key: str = ""


class Address(Value):
    """A postal address; 41 characters a line."""

    addr1: str | None = None
    addr2: str | None = None
    addr3: str | None = None
    addr4: str | None = None
    addr5: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    note: str | None = None


class LineDataExt(Value):
    """A custom field of a line; the field must be defined in QuickBooks first."""

    #: "0" for the fields users see, or a GUID in braces.
    owner_id: str
    data_ext_name: str
    data_ext_value: str


class SalesLine(Value):
    """A line of a sales receipt, invoice or credit memo; it posts through its item."""

    item_ref: str | None = None
    desc: str | None = None
    #: None on discount lines, where QuickBooks wants none.
    quantity: Decimal | None = None
    #: Ignored by QuickBooks where an amount is given too.
    rate: Decimal | None = None
    class_ref: str | None = None
    amount: Money | None = None
    #: Needs Enterprise with Advanced Inventory.
    inventory_site_ref: str | None = None
    service_date: date | None = None
    sales_tax_code_ref: str | None = None
    override_item_account_ref: str | None = None
    other1: str | None = None
    other2: str | None = None
    data_ext: tuple[LineDataExt, ...] = ()


class SetCredit(Value):
    """Credit of a credit memo, used against the document it stands under."""

    credit_txn_id: str
    #: Positive.
    applied_amount: Money


class SalesReceipt(Value):
    """A sale paid at once. `lines` may not be empty."""

    request: ClassVar[str] = "SalesReceiptAdd"
    template: ClassVar[str] = "sales_receipt_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "SalesReceiptLineAdd"})

    customer_ref: str | None = None
    class_ref: str | None = None
    template_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    bill_address: Address | None = None
    ship_address: Address | None = None
    is_pending: bool | None = None
    check_number: str | None = None
    payment_method_ref: str | None = None
    due_date: date | None = None
    sales_rep_ref: str | None = None
    ship_date: date | None = None
    ship_method_ref: str | None = None
    fob: str | None = None
    item_sales_tax_ref: str | None = None
    memo: Memo | None = None
    customer_msg_ref: str | None = None
    is_to_be_printed: bool | None = None
    is_to_be_emailed: bool | None = None
    customer_sales_tax_code_ref: str | None = None
    deposit_to_account_ref: str | None = None
    other: str | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    lines: tuple[SalesLine, ...]


class Invoice(Value):
    """A sale paid later or by several payments."""

    request: ClassVar[str] = "InvoiceAdd"
    template: ClassVar[str] = "invoice_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType(
        {"link_to_txn_ids": "LinkToTxnID", "set_credits": "SetCredit", "lines": "InvoiceLineAdd"}
    )

    customer_ref: str
    class_ref: str | None = None
    ar_account_ref: str | None = None
    template_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    bill_address: Address | None = None
    ship_address: Address | None = None
    is_pending: bool | None = None
    is_finance_charge: bool | None = None
    po_number: str | None = None
    terms_ref: str | None = None
    due_date: date | None = None
    sales_rep_ref: str | None = None
    fob: str | None = None
    ship_date: date | None = None
    ship_method_ref: str | None = None
    item_sales_tax_ref: str | None = None
    memo: Memo | None = None
    customer_msg_ref: str | None = None
    is_to_be_printed: bool | None = None
    is_to_be_emailed: bool | None = None
    customer_sales_tax_code_ref: str | None = None
    other: str | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    #: Sales orders it is made from; their open lines come along and are not repeated in `lines`.
    link_to_txn_ids: tuple[str, ...] = ()
    set_credits: tuple[SetCredit, ...] = ()
    lines: tuple[SalesLine, ...] = ()


class CreditMemo(Value):
    """What is given back; its lines are positive. `lines` may not be empty."""

    request: ClassVar[str] = "CreditMemoAdd"
    template: ClassVar[str] = "credit_memo_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "CreditMemoLineAdd"})

    customer_ref: str
    class_ref: str | None = None
    ar_account_ref: str | None = None
    template_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    bill_address: Address | None = None
    ship_address: Address | None = None
    is_pending: bool | None = None
    po_number: str | None = None
    terms_ref: str | None = None
    due_date: date | None = None
    sales_rep_ref: str | None = None
    fob: str | None = None
    ship_date: date | None = None
    ship_method_ref: str | None = None
    item_sales_tax_ref: str | None = None
    memo: Memo | None = None
    customer_msg_ref: str | None = None
    is_to_be_printed: bool | None = None
    is_to_be_emailed: bool | None = None
    customer_sales_tax_code_ref: str | None = None
    other: str | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    lines: tuple[SalesLine, ...]


class AppliedTo(Value):
    """Money or credit of a payment, settled against one invoice."""

    elements: ClassVar[Elements] = MappingProxyType({"set_credits": "SetCredit"})

    txn_id: str
    #: Positive; None where only credits are used.
    payment_amount: Money | None = None
    set_credits: tuple[SetCredit, ...] = ()
    discount_amount: Money | None = None
    discount_account_ref: str | None = None
    discount_class_ref: str | None = None


class ReceivePayment(Value):
    """A customer's payment: either `applied_to` or, never by us, `is_auto_apply`. RefNumber: 20."""

    request: ClassVar[str] = "ReceivePaymentAdd"
    template: ClassVar[str] = "receive_payment_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"applied_to": "AppliedToTxnAdd"})

    customer_ref: str
    ar_account_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    #: Positive; at least the sum applied.
    total_amount: Money | None = None
    exchange_rate: Decimal | None = None
    payment_method_ref: str | None = None
    memo: Memo | None = None
    deposit_to_account_ref: str | None = None
    external_guid: str | None = None
    is_auto_apply: bool | None = None
    applied_to: tuple[AppliedTo, ...] = ()


class RefundAppliedTo(Value):
    """The part of a card refund that settles one credit memo."""

    txn_id: str
    #: Positive.
    refund_amount: Money


class ARRefundCreditCard(Value):
    """Money given back for credit memos of the same A/R account. `applied_to` may not be empty."""

    request: ClassVar[str] = "ARRefundCreditCardAdd"
    template: ClassVar[str] = "ar_refund_credit_card_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"applied_to": "RefundAppliedToTxnAdd"})

    customer_ref: str
    refund_from_account_ref: str | None = None
    ar_account_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    address: Address | None = None
    payment_method_ref: str | None = None
    memo: Memo | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    applied_to: tuple[RefundAppliedTo, ...]


class ApplyCheckTo(Value):
    """The part of a check that settles one credit memo or bill."""

    txn_id: str
    #: Positive.
    amount: Money | None = None


class ExpenseLine(Value):
    """A line that names its account; an A/R account needs the customer beside it."""

    account_ref: str | None = None
    amount: Money | None = None
    memo: str | None = None
    customer_ref: str | None = None
    class_ref: str | None = None
    billable_status: str | None = None
    data_ext: tuple[LineDataExt, ...] = ()


class Check(Value):
    """Money paid out of an account, for a refund made by hand or by bank."""

    request: ClassVar[str] = "CheckAdd"
    template: ClassVar[str] = "check_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType(
        {"apply_to": "ApplyCheckToTxnAdd", "expense_lines": "ExpenseLineAdd"}
    )

    account_ref: str
    payee_entity_ref: str | None = None
    ref_number: str | None = None
    txn_date: date
    memo: Memo | None = None
    address: Address | None = None
    is_to_be_printed: bool | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    apply_to: tuple[ApplyCheckTo, ...] = ()
    expense_lines: tuple[ExpenseLine, ...] = ()


#: What posts in QuickBooks.
PostingDocument = SalesReceipt | Invoice | CreditMemo | ReceivePayment | ARRefundCreditCard | Check
