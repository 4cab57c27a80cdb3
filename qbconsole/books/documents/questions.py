"""What we ask QuickBooks, and the two requests that take a document back.

Fields as in `books.documents`. A question names keys, or names, or filters, never a mixture; lists answer
active entries only unless `active_status` is "All" (inactive ones hold their names too). A moment is the wall
clock of the QuickBooks computer: its zone is not sent. Source: protocol notes, sections 8, 16 and 18.3.
"""

from __future__ import annotations

from datetime import date, datetime
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents.posting import Elements
from qbconsole.value import Value

_LIST: Elements = MappingProxyType({"list_ids": "ListID", "full_names": "FullName", "owner_ids": "OwnerID"})
_DOCUMENT: Elements = MappingProxyType(
    {
        "txn_ids": "TxnID",
        "ref_numbers": "RefNumber",
        "ref_numbers_case_sensitive": "RefNumberCaseSensitive",
        "owner_ids": "OwnerID",
    }
)


class Asked(Value):
    """What every question may say."""

    #: Top-level elements wanted in the answer; none means all.
    include_ret_elements: tuple[str, ...] = ()


class HostQuery(Asked):
    """Product, version, file mode; with `include_max_capacity` the capacity of each list."""

    request: ClassVar[str] = "HostQuery"
    template: ClassVar[str] = "host_query.xml.j2"

    include_max_capacity: bool | None = None


class CompanyQuery(Asked):
    """The open company file; our marker comes back where our owner id is asked for."""

    request: ClassVar[str] = "CompanyQuery"
    template: ClassVar[str] = "company_query.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"owner_ids": "OwnerID"})

    owner_ids: tuple[str, ...] = ()


class PreferencesQuery(Asked):
    """Which features the company file uses, and its closing date."""

    request: ClassVar[str] = "PreferencesQuery"
    template: ClassVar[str] = "preferences_query.xml.j2"


class CompanyActivityQuery(Asked):
    """When the company file was last restored or condensed."""

    request: ClassVar[str] = "CompanyActivityQuery"
    template: ClassVar[str] = "company_activity_query.xml.j2"


class ListQuestion(Asked):
    """What every question about a list may say."""

    elements: ClassVar[Elements] = _LIST

    list_ids: tuple[str, ...] = ()
    full_names: tuple[str, ...] = ()
    max_returned: int | None = None
    #: "ActiveOnly", "InactiveOnly" or "All".
    active_status: str | None = None
    from_modified_date: datetime | None = None
    to_modified_date: datetime | None = None


class PagedListQuestion(ListQuestion):
    """A question about a list that is answered page by page."""

    owner_ids: tuple[str, ...] = ()
    #: "Start", "Continue" or "Stop"; with the same filters each time.
    iterator: str | None = None
    iterator_id: str | None = None


class AccountQuery(ListQuestion):
    """Accounts; not iterable."""

    request: ClassVar[str] = "AccountQuery"
    template: ClassVar[str] = "account_query.xml.j2"

    account_types: tuple[str, ...] = ()
    owner_ids: tuple[str, ...] = ()


class CustomerQuery(PagedListQuestion):
    """Customers and jobs."""

    request: ClassVar[str] = "CustomerQuery"
    template: ClassVar[str] = "customer_query.xml.j2"


class VendorQuery(PagedListQuestion):
    """Vendors."""

    request: ClassVar[str] = "VendorQuery"
    template: ClassVar[str] = "vendor_query.xml.j2"


class ItemQuery(PagedListQuestion):
    """Items of every kind."""

    request: ClassVar[str] = "ItemQuery"
    template: ClassVar[str] = "item_query.xml.j2"


class ClassQuery(ListQuestion):
    """Classes; not iterable."""

    request: ClassVar[str] = "ClassQuery"
    template: ClassVar[str] = "class_query.xml.j2"


class TermsQuery(ListQuestion):
    """Terms of both kinds; not iterable."""

    request: ClassVar[str] = "TermsQuery"
    template: ClassVar[str] = "terms_query.xml.j2"


class PaymentMethodQuery(ListQuestion):
    """Payment methods; not iterable."""

    request: ClassVar[str] = "PaymentMethodQuery"
    template: ClassVar[str] = "payment_method_query.xml.j2"


class SalesTaxCodeQuery(ListQuestion):
    """Sales-tax codes; not iterable."""

    request: ClassVar[str] = "SalesTaxCodeQuery"
    template: ClassVar[str] = "sales_tax_code_query.xml.j2"


class ShipMethodQuery(ListQuestion):
    """Ways of shipping; not iterable."""

    request: ClassVar[str] = "ShipMethodQuery"
    template: ClassVar[str] = "ship_method_query.xml.j2"


class CustomerMsgQuery(ListQuestion):
    """Messages to customers; not iterable."""

    request: ClassVar[str] = "CustomerMsgQuery"
    template: ClassVar[str] = "customer_msg_query.xml.j2"


class SalesRepQuery(ListQuestion):
    """Sales reps, by their initials; not iterable."""

    request: ClassVar[str] = "SalesRepQuery"
    template: ClassVar[str] = "sales_rep_query.xml.j2"


class InventorySiteQuery(Asked):
    """Sites of stock; unlike other lists it takes no limit of their number."""

    request: ClassVar[str] = "InventorySiteQuery"
    template: ClassVar[str] = "inventory_site_query.xml.j2"
    elements: ClassVar[Elements] = _LIST

    list_ids: tuple[str, ...] = ()
    full_names: tuple[str, ...] = ()
    #: "ActiveOnly", "InactiveOnly" or "All".
    active_status: str | None = None
    from_modified_date: datetime | None = None
    to_modified_date: datetime | None = None


class TemplateQuery(Asked):
    """Forms that documents are printed on; QuickBooks gives all of them, whatever is asked."""

    request: ClassVar[str] = "TemplateQuery"
    template: ClassVar[str] = "template_query.xml.j2"


class DatedQuestion(Asked):
    """What may be asked of documents of any one kind. Without lines unless they are asked for."""

    elements: ClassVar[Elements] = _DOCUMENT

    txn_ids: tuple[str, ...] = ()
    max_returned: int | None = None
    #: Modified moments or document dates, not both.
    from_modified_date: datetime | None = None
    to_modified_date: datetime | None = None
    from_txn_date: date | None = None
    to_txn_date: date | None = None
    include_line_items: bool | None = None
    iterator: str | None = None
    iterator_id: str | None = None


class NumberedQuestion(DatedQuestion):
    """A question about documents that have a RefNumber."""

    ref_numbers: tuple[str, ...] = ()
    #: The faster one; probes use it.
    ref_numbers_case_sensitive: tuple[str, ...] = ()


class DocumentQuestion(NumberedQuestion):
    """A question about documents that may carry custom fields: nearly all."""

    owner_ids: tuple[str, ...] = ()


class LinkedDocumentQuestion(DocumentQuestion):
    """A question about documents that have links."""

    include_linked_txns: bool | None = None


class PayableDocumentQuestion(LinkedDocumentQuestion):
    """A question about documents that are paid later."""

    #: "All", "PaidOnly" or "NotPaidOnly".
    paid_status: str | None = None


class SalesReceiptQuery(DocumentQuestion):
    """Sales receipts."""

    request: ClassVar[str] = "SalesReceiptQuery"
    template: ClassVar[str] = "sales_receipt_query.xml.j2"


class ReceivePaymentQuery(DocumentQuestion):
    """Customer payments."""

    request: ClassVar[str] = "ReceivePaymentQuery"
    template: ClassVar[str] = "receive_payment_query.xml.j2"


class ARRefundCreditCardQuery(DocumentQuestion):
    """Card refunds."""

    request: ClassVar[str] = "ARRefundCreditCardQuery"
    template: ClassVar[str] = "ar_refund_credit_card_query.xml.j2"


class InvoiceQuery(PayableDocumentQuestion):
    """Invoices."""

    request: ClassVar[str] = "InvoiceQuery"
    template: ClassVar[str] = "invoice_query.xml.j2"


class CreditMemoQuery(LinkedDocumentQuestion):
    """Credit memos."""

    request: ClassVar[str] = "CreditMemoQuery"
    template: ClassVar[str] = "credit_memo_query.xml.j2"


class CheckQuery(LinkedDocumentQuestion):
    """Checks."""

    request: ClassVar[str] = "CheckQuery"
    template: ClassVar[str] = "check_query.xml.j2"


class TransactionQuery(Asked):
    """Documents of every kind, summarised: QuickBooks' own name for the question."""

    request: ClassVar[str] = "TransactionQuery"
    template: ClassVar[str] = "transaction_query.xml.j2"
    elements: ClassVar[Elements] = _DOCUMENT

    txn_ids: tuple[str, ...] = ()
    max_returned: int | None = None
    ref_numbers_case_sensitive: tuple[str, ...] = ()
    from_modified_date: datetime | None = None
    to_modified_date: datetime | None = None
    from_txn_date: date | None = None
    to_txn_date: date | None = None
    #: "SalesReceipt", "Invoice", … (requests.xsd, AskableDocument).
    txn_types: tuple[str, ...] = ()
    #: "All", "SummaryOnly" or "AllExceptSummary".
    detail_level: str | None = None
    #: "Either", "NonPosting" or "Posting".
    posting_status: str | None = None
    iterator: str | None = None
    iterator_id: str | None = None


class TxnDeletedQuery(Asked):
    """Documents deleted in the last 90 days; the kinds may not be empty."""

    request: ClassVar[str] = "TxnDeletedQuery"
    template: ClassVar[str] = "txn_deleted_query.xml.j2"

    txn_del_types: tuple[str, ...]
    from_deleted_date: datetime | None = None
    to_deleted_date: datetime | None = None


class ListDeletedQuery(Asked):
    """List entries deleted in the last 90 days; the lists may not be empty."""

    request: ClassVar[str] = "ListDeletedQuery"
    template: ClassVar[str] = "list_deleted_query.xml.j2"

    list_del_types: tuple[str, ...]
    from_deleted_date: datetime | None = None
    to_deleted_date: datetime | None = None


class TxnVoid(Value):
    """Void a document: it stays, with zero amounts. Not for payments and orders."""

    request: ClassVar[str] = "TxnVoid"
    template: ClassVar[str] = "txn_void.xml.j2"

    #: "SalesReceipt", … (requests.xsd, VoidableDocument).
    txn_void_type: str
    txn_id: str


class TxnDel(Value):
    """Delete a document for good."""

    request: ClassVar[str] = "TxnDel"
    template: ClassVar[str] = "txn_del.xml.j2"

    #: "ReceivePayment", … (requests.xsd, DeletableDocument).
    txn_del_type: str
    txn_id: str


#: What may be asked.
Question = (
    HostQuery
    | CompanyQuery
    | PreferencesQuery
    | CompanyActivityQuery
    | AccountQuery
    | CustomerQuery
    | VendorQuery
    | ItemQuery
    | ClassQuery
    | TermsQuery
    | PaymentMethodQuery
    | SalesTaxCodeQuery
    | ShipMethodQuery
    | CustomerMsgQuery
    | SalesRepQuery
    | InventorySiteQuery
    | TemplateQuery
    | TransactionQuery
    | SalesReceiptQuery
    | InvoiceQuery
    | CreditMemoQuery
    | ReceivePaymentQuery
    | ARRefundCreditCardQuery
    | CheckQuery
    | TxnDeletedQuery
    | ListDeletedQuery
)
#: What takes a document back.
TakeBack = TxnVoid | TxnDel
