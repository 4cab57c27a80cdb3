"""The questions a session asks QuickBooks, as qbXML: who are you, what do you have, what became of this.

Questions carry no message-set id: they change nothing and must not fill the company file with records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from qbconsole.books.documents.deposit import DepositQuery
from qbconsole.books.documents.journal_entry import JournalEntryQuery
from qbconsole.books.documents.purchasing import (
    BillQuery,
    ItemReceiptQuery,
    PurchaseOrderQuery,
    VendorCreditQuery,
)
from qbconsole.books.documents.questions import (
    AccountQuery,
    ARRefundCreditCardQuery,
    CheckQuery,
    ClassQuery,
    CompanyActivityQuery,
    CompanyQuery,
    CreditMemoQuery,
    CustomerMsgQuery,
    CustomerQuery,
    HostQuery,
    InventorySiteQuery,
    InvoiceQuery,
    ItemQuery,
    ListDeletedQuery,
    PaymentMethodQuery,
    PreferencesQuery,
    ReceivePaymentQuery,
    SalesReceiptQuery,
    SalesRepQuery,
    SalesTaxCodeQuery,
    ShipMethodQuery,
    TemplateQuery,
    TermsQuery,
    TransactionQuery,
    TxnDeletedQuery,
    VendorQuery,
)
from qbconsole.books.documents.sales_orders import EstimateQuery, SalesOrderQuery
from qbconsole.books.documents.stock import InventoryAdjustmentQuery, TransferInventoryQuery
from qbconsole.qbxml.render import Renderer

#: Rows of one page of a long list.
PAGE = 500
#: Lists QuickBooks gives whole, and those it gives in pages, in the order they are asked for.
WHOLE_LISTS = ("account", "class", "terms", "payment_method", "sales_tax_code")
PAGED_LISTS = ("vendor", "customer", "item")
#: Lists QuickBooks gives whole, but that are only asked for where a document names an entry of them. A company file may
#: not have them at all: then QuickBooks refuses the question, and nothing is in them.
RARE_LISTS = ("ship_method", "customer_message", "sales_rep", "template", "inventory_site")
_LIST_QUERY = {
    "account": AccountQuery,
    "class": ClassQuery,
    "terms": TermsQuery,
    "payment_method": PaymentMethodQuery,
    "sales_tax_code": SalesTaxCodeQuery,
    "vendor": VendorQuery,
    "customer": CustomerQuery,
    "item": ItemQuery,
    "ship_method": ShipMethodQuery,
    "customer_message": CustomerMsgQuery,
    "sales_rep": SalesRepQuery,
    "template": TemplateQuery,
    "inventory_site": InventorySiteQuery,
}
#: Documents are asked for by RefNumber; deposits, which have none, by day (`Asker.documents`).
_DOCUMENT_QUERY = {
    "SalesReceipt": SalesReceiptQuery,
    "Invoice": InvoiceQuery,
    "CreditMemo": CreditMemoQuery,
    "ReceivePayment": ReceivePaymentQuery,
    "ARRefundCreditCard": ARRefundCreditCardQuery,
    "Check": CheckQuery,
    "JournalEntry": JournalEntryQuery,
    "PurchaseOrder": PurchaseOrderQuery,
    "ItemReceipt": ItemReceiptQuery,
    "Bill": BillQuery,
    "VendorCredit": VendorCreditQuery,
    "InventoryAdjustment": InventoryAdjustmentQuery,
    "TransferInventory": TransferInventoryQuery,
    "SalesOrder": SalesOrderQuery,
    "Estimate": EstimateQuery,
}
_FOUND = ("TxnID", "EditSequence", "TxnDate", "Memo")
_NUMBERED = (*_FOUND, "RefNumber")
#: What a probe wants to be told; nothing means all. A total may stand under several names. Whom what others are bound
#: to is on tells whether those may go as they were booked.
_PROBED = {
    "Check": (*_NUMBERED, "Amount"),
    "Invoice": (*_NUMBERED, "Subtotal", "SalesTaxTotal", "CustomerRef"),
    "JournalEntry": (),
    "Deposit": (*_FOUND, "DepositTotal"),
    "PurchaseOrder": (*_NUMBERED, "TotalAmount", "VendorRef", "PurchaseOrderLineRet"),
    "ItemReceipt": (*_NUMBERED, "TotalAmount"),
    "Bill": (*_NUMBERED, "AmountDue"),
    "VendorCredit": (*_NUMBERED, "CreditAmount"),
    "InventoryAdjustment": _NUMBERED,
    "TransferInventory": _NUMBERED,
}
#: What a read-back wants besides: whom it is for, and where the money goes.
_HELD_AGAINST = (
    "CustomerRef",
    "VendorRef",
    "PayeeEntityRef",
    "EntityRef",
    "DepositToAccountRef",
    "RefundFromAccountRef",
    "AccountRef",
    "TimeModified",
)
#: Rows of one page of what was changed.
CHANGED_PAGE = 200
_HEADS = (*_NUMBERED, "Subtotal", "SalesTaxTotal", "TotalAmount", "CustomerRef")
#: What tells one document from another, whatever its kind.
_BRIEF = ("TxnID", "TxnType", "RefNumber", "TxnDate", "Amount", "Memo")
#: Somebody may have moved a deposit to another day before we heard that it is there.
_MOVED = timedelta(days=31)
#: Lists of which we are told what was deleted.
_DELETED_LISTS = (
    *("Account", "Class", "Customer", "PaymentMethod", "SalesTaxCode", "StandardTerms", "Vendor"),
    *("ItemDiscount", "ItemInventory", "ItemNonInventory", "ItemOtherCharge", "ItemPayment", "ItemSalesTax"),
    *("ItemSalesTaxGroup", "ItemService", "ItemSubtotal"),
)
#: Kinds whose lines are wanted too: the key of a journal entry stands there, receipts are tied to an order's.
_WITH_LINES = frozenset({"JournalEntry", "PurchaseOrder"})


def is_list(kind: str, request_name: str) -> bool:
    """Whether a reply to that request tells of this list."""
    return _LIST_QUERY[kind].__name__ == request_name


class Sought(Protocol):
    """What is known of a document that may be in QuickBooks."""

    @property
    def ref_number(self) -> str:
        """Its number, "" for a deposit."""

    @property
    def txn_date(self) -> date:
        """Its day."""


@lru_cache(maxsize=512)
def _written(renderer: Renderer, question: object, request_id: str) -> str:
    """One question; every session asks most of them in the very words, and numbers, of the one before."""
    return renderer.render(question, request_id=request_id).text  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Asker:
    """Writes questions and the marker, with the templates that ship."""

    renderer: Renderer
    #: Place of the set in its session: it stands in each requestID, so that an answer to another set is known.
    turn: int = 0

    def at(self, turn: int) -> Asker:
        """The same, for that set of a session."""
        return Asker(self.renderer, turn)

    def write(self, questions: Iterable[object]) -> list[str]:
        """The questions as fragments, numbered by their set and place."""
        return [
            _written(self.renderer, question, f"{self.turn}.{number}")
            for number, question in enumerate(questions)
        ]

    def identity(self, owner_id: str, *, with_host: bool, txn_ids: Sequence[str] = ()) -> list[str]:
        """Which file is open, its marker, and whether it was restored; host and preferences where untold.

        `txn_ids` are of documents that have to be in it.
        """
        questions: list[object] = [CompanyActivityQuery(), CompanyQuery(owner_ids=(owner_id,))]
        if with_host:
            questions += [HostQuery(), PreferencesQuery()]
        if txn_ids:
            questions.append(TransactionQuery(txn_ids=tuple(txn_ids), include_ret_elements=_BRIEF))
        return self.write(questions)

    def by_txn_ids(self, txn_ids: Sequence[str], transfers: Sequence[str] = ()) -> list[str]:
        """Documents of any kind by TxnID; the answer tells which there are. Transfers of stock are asked for apart."""
        questions: list[object] = []
        if txn_ids:
            questions.append(TransactionQuery(txn_ids=tuple(txn_ids), include_ret_elements=_BRIEF))
        if transfers:
            told = ("TxnID", "RefNumber", "TxnDate", "Memo")
            questions.append(TransferInventoryQuery(txn_ids=tuple(transfers), include_ret_elements=told))
        return self.write(questions)

    def deleted(self, since: datetime | None) -> list[str]:
        """What was deleted: documents, and entries of lists. QuickBooks tells of the last 90 days, `since` of fewer."""
        return self.write(
            [
                TxnDeletedQuery(txn_del_types=(*_DOCUMENT_QUERY, "Deposit"), from_deleted_date=since),
                ListDeletedQuery(list_del_types=_DELETED_LISTS, from_deleted_date=since),
            ]
        )

    def short_lists(self, kinds: Sequence[str]) -> list[str]:
        """Whole lists, inactive records too: they also hold their names. Of one that may be long, a page at most."""
        return self.write(map(_whole, kinds))

    def page(self, kind: str, iterator_id: str) -> list[str]:
        """The first or next page of a long list."""
        question = _LIST_QUERY[kind](
            active_status="All",
            max_returned=PAGE,
            iterator="Continue" if iterator_id else "Start",
            iterator_id=iterator_id or None,
        )
        return self.write([question])

    def by_names(self, kind: str, names: Sequence[str]) -> list[str]:
        """Records of a list by full name, active or not."""
        return self.write([_LIST_QUERY[kind](full_names=tuple(names))])

    def documents(
        self, kind: str, sought: Iterable[Sought], *, deleted_from: datetime | None = None
    ) -> list[str]:
        """Documents of one kind by RefNumber, deposits by the days around theirs; the key in the memo then tells ours from others'.

        `deleted_from`: those deleted since then too; of deposits that would tell nothing, without a number.
        """
        told = _PROBED.get(kind, _HEADS)
        if kind == "Deposit":
            return self.write(
                DepositQuery(from_txn_date=first, to_txn_date=last, include_ret_elements=told)
                for first, last in _spans(one.txn_date for one in sought)
            )
        question = _DOCUMENT_QUERY[kind](
            ref_numbers_case_sensitive=tuple(one.ref_number for one in sought),
            include_line_items=True if kind in _WITH_LINES else None,
            include_ret_elements=told,
        )
        if deleted_from is None:
            return self.write([question])
        since = deleted_from.replace(tzinfo=None)
        return self.write([question, TxnDeletedQuery(txn_del_types=(kind,), from_deleted_date=since)])

    def read_back(self, kinds: Mapping[str, Sequence[str]]) -> list[str]:
        """Documents by kind and TxnID, as far as they are held against ours."""
        return self.write(
            _query_of(kind)(
                txn_ids=tuple(txn_ids),
                include_line_items=True if kind == "JournalEntry" else None,
                include_ret_elements=_read_back(kind),
            )
            for kind, txn_ids in kinds.items()
        )

    def changes(self, kinds: Iterable[tuple[str, datetime]]) -> list[str]:
        """Documents of several kinds that were made or changed since a moment, a page of each at most."""
        return self.write(
            _query_of(kind)(
                from_modified_date=since.replace(tzinfo=None),
                max_returned=CHANGED_PAGE,
                include_line_items=True if kind == "JournalEntry" else None,
                include_ret_elements=_read_back(kind),
            )
            for kind, since in kinds
        )

    def changed(
        self, kind: str, since: datetime, iterator_id: str, *, to: datetime | None = None
    ) -> list[str]:
        """A page of the documents of a kind that were made or changed in this time, by QuickBooks' own clock."""
        question = _query_of(kind)(
            from_modified_date=since.replace(tzinfo=None),
            to_modified_date=to.replace(tzinfo=None) if to is not None else None,
            max_returned=CHANGED_PAGE,
            iterator="Continue" if iterator_id else "Start",
            iterator_id=iterator_id or None,
            include_line_items=True if kind == "JournalEntry" else None,
            include_ret_elements=_read_back(kind),
        )
        return self.write([question])


def _whole(kind: str) -> Any:
    if kind == "template":
        return TemplateQuery()
    most = {"max_returned": PAGE} if kind in PAGED_LISTS else {}
    return _LIST_QUERY[kind](active_status="All", **most)


def _query_of(kind: str) -> Any:
    return DepositQuery if kind == "Deposit" else _DOCUMENT_QUERY[kind]


def _read_back(kind: str) -> tuple[str, ...]:
    told = _PROBED.get(kind, _HEADS)
    return tuple(dict.fromkeys((*told, *_HELD_AGAINST))) if told else ()


def _spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last day of what is asked for around these, each day once."""
    spans: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        first, last = day - _MOVED, day + _MOVED
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans
