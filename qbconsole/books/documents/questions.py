"""What we ask QuickBooks, and the two requests that take a document back.

Fields as in `books.documents`. A question names keys, or names, or filters, never a mixture; lists answer
active entries only unless `active_status` is "All" (inactive ones hold their names too). A moment is the wall
clock of the QuickBooks computer: its zone is not sent. Source: protocol notes, sections 8, 16 and 18.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents.posting import Elements

_LIST: Elements = MappingProxyType({"list_ids": "ListID", "full_names": "FullName", "owner_ids": "OwnerID"})
_DOCUMENT: Elements = MappingProxyType(
    {
        "txn_ids": "TxnID",
        "ref_numbers": "RefNumber",
        "ref_numbers_case_sensitive": "RefNumberCaseSensitive",
        "owner_ids": "OwnerID",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every question may say."""

    #: Top-level elements wanted in the answer; none means all.
    include_ret_elements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostQuery(Asked):
    """Product, version, file mode; with `include_max_capacity` the capacity of each list."""

    request: ClassVar[str] = "HostQuery"
    template: ClassVar[str] = "host_query.xml.j2"

    include_max_capacity: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyQuery(Asked):
    """The open company file; our marker comes back where our owner id is asked for."""

    request: ClassVar[str] = "CompanyQuery"
    template: ClassVar[str] = "company_query.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"owner_ids": "OwnerID"})

    owner_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesQuery(Asked):
    """Which features the company file uses, and its closing date."""

    request: ClassVar[str] = "PreferencesQuery"
    template: ClassVar[str] = "preferences_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyActivityQuery(Asked):
    """When the company file was last restored or condensed."""

    request: ClassVar[str] = "CompanyActivityQuery"
    template: ClassVar[str] = "company_activity_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedListQuestion(ListQuestion):
    """A question about a list that is answered page by page."""

    owner_ids: tuple[str, ...] = ()
    #: "Start", "Continue" or "Stop"; with the same filters each time.
    iterator: str | None = None
    iterator_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuery(ListQuestion):
    """Accounts; not iterable."""

    request: ClassVar[str] = "AccountQuery"
    template: ClassVar[str] = "account_query.xml.j2"

    account_types: tuple[str, ...] = ()
    owner_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerQuery(PagedListQuestion):
    """Customers and jobs."""

    request: ClassVar[str] = "CustomerQuery"
    template: ClassVar[str] = "customer_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorQuery(PagedListQuestion):
    """Vendors."""

    request: ClassVar[str] = "VendorQuery"
    template: ClassVar[str] = "vendor_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuery(PagedListQuestion):
    """Items of every kind."""

    request: ClassVar[str] = "ItemQuery"
    template: ClassVar[str] = "item_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassQuery(ListQuestion):
    """Classes; not iterable."""

    request: ClassVar[str] = "ClassQuery"
    template: ClassVar[str] = "class_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsQuery(ListQuestion):
    """Terms of both kinds; not iterable."""

    request: ClassVar[str] = "TermsQuery"
    template: ClassVar[str] = "terms_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodQuery(ListQuestion):
    """Payment methods; not iterable."""

    request: ClassVar[str] = "PaymentMethodQuery"
    template: ClassVar[str] = "payment_method_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesTaxCodeQuery(ListQuestion):
    """Sales-tax codes; not iterable."""

    request: ClassVar[str] = "SalesTaxCodeQuery"
    template: ClassVar[str] = "sales_tax_code_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedQuestion(DatedQuestion):
    """A question about documents that have a RefNumber."""

    ref_numbers: tuple[str, ...] = ()
    #: The faster one; probes use it.
    ref_numbers_case_sensitive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentQuestion(NumberedQuestion):
    """A question about documents that may carry custom fields: nearly all."""

    owner_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDocumentQuestion(DocumentQuestion):
    """A question about documents that have links."""

    include_linked_txns: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableDocumentQuestion(LinkedDocumentQuestion):
    """A question about documents that are paid later."""

    #: "All", "PaidOnly" or "NotPaidOnly".
    paid_status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReceiptQuery(DocumentQuestion):
    """Sales receipts."""

    request: ClassVar[str] = "SalesReceiptQuery"
    template: ClassVar[str] = "sales_receipt_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePaymentQuery(DocumentQuestion):
    """Customer payments."""

    request: ClassVar[str] = "ReceivePaymentQuery"
    template: ClassVar[str] = "receive_payment_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class ARRefundCreditCardQuery(DocumentQuestion):
    """Card refunds."""

    request: ClassVar[str] = "ARRefundCreditCardQuery"
    template: ClassVar[str] = "ar_refund_credit_card_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceQuery(PayableDocumentQuestion):
    """Invoices."""

    request: ClassVar[str] = "InvoiceQuery"
    template: ClassVar[str] = "invoice_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemoQuery(LinkedDocumentQuestion):
    """Credit memos."""

    request: ClassVar[str] = "CreditMemoQuery"
    template: ClassVar[str] = "credit_memo_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckQuery(LinkedDocumentQuestion):
    """Checks."""

    request: ClassVar[str] = "CheckQuery"
    template: ClassVar[str] = "check_query.xml.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TxnDeletedQuery(Asked):
    """Documents deleted in the last 90 days; the kinds may not be empty."""

    request: ClassVar[str] = "TxnDeletedQuery"
    template: ClassVar[str] = "txn_deleted_query.xml.j2"

    txn_del_types: tuple[str, ...]
    from_deleted_date: datetime | None = None
    to_deleted_date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDeletedQuery(Asked):
    """List entries deleted in the last 90 days; the lists may not be empty."""

    request: ClassVar[str] = "ListDeletedQuery"
    template: ClassVar[str] = "list_deleted_query.xml.j2"

    list_del_types: tuple[str, ...]
    from_deleted_date: datetime | None = None
    to_deleted_date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TxnVoid:
    """Void a document: it stays, with zero amounts. Not for payments and orders."""

    request: ClassVar[str] = "TxnVoid"
    template: ClassVar[str] = "txn_void.xml.j2"

    #: "SalesReceipt", … (requests.xsd, VoidableDocument).
    txn_void_type: str
    txn_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TxnDel:
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
