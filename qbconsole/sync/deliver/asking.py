"""The questions a session asks QuickBooks, as qbXML: who are you, what do you have, what became of this.

Questions carry no message-set id: they change nothing and must not fill the company file with records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qbconsole.books.documents.journal_entry import JournalEntryQuery
from qbconsole.books.documents.questions import (
    AccountQuery,
    ARRefundCreditCardQuery,
    CheckQuery,
    ClassQuery,
    CompanyActivityQuery,
    CompanyQuery,
    CreditMemoQuery,
    CustomerQuery,
    HostQuery,
    InvoiceQuery,
    ItemQuery,
    PaymentMethodQuery,
    PreferencesQuery,
    ReceivePaymentQuery,
    SalesReceiptQuery,
    SalesTaxCodeQuery,
    TermsQuery,
    VendorQuery,
)
from qbconsole.qbxml.render import Renderer

#: Rows of one page of a long list.
PAGE = 500
#: Lists QuickBooks gives whole, and those it gives in pages, in the order they are asked for.
WHOLE_LISTS = ("account", "class", "terms", "payment_method", "sales_tax_code")
PAGED_LISTS = ("vendor", "customer", "item")
_LIST_QUERY = {
    "account": AccountQuery,
    "class": ClassQuery,
    "terms": TermsQuery,
    "payment_method": PaymentMethodQuery,
    "sales_tax_code": SalesTaxCodeQuery,
    "vendor": VendorQuery,
    "customer": CustomerQuery,
    "item": ItemQuery,
}
_DOCUMENT_QUERY = {
    "SalesReceipt": SalesReceiptQuery,
    "Invoice": InvoiceQuery,
    "CreditMemo": CreditMemoQuery,
    "ReceivePayment": ReceivePaymentQuery,
    "ARRefundCreditCard": ARRefundCreditCardQuery,
    "Check": CheckQuery,
    "JournalEntry": JournalEntryQuery,
}
_HEADS = ("TxnID", "EditSequence", "RefNumber", "Memo", "TxnDate", "Subtotal", "SalesTaxTotal", "TotalAmount")
_PROBED = {
    "Check": ("TxnID", "EditSequence", "RefNumber", "Memo", "TxnDate", "Amount"),
    "Invoice": ("TxnID", "EditSequence", "RefNumber", "Memo", "TxnDate", "Subtotal", "SalesTaxTotal"),
    "JournalEntry": (),
}


def is_list(kind: str, request_name: str) -> bool:
    """Whether a reply to that request tells of this list."""
    return _LIST_QUERY[kind].__name__ == request_name


@dataclass(frozen=True, slots=True)
class Asker:
    """Writes questions with the workspace's templates."""

    renderer: Renderer
    #: Place of the set in its session: it stands in each requestID, so that an answer to another set is known.
    turn: int = 0

    def at(self, turn: int) -> Asker:
        """The same, for that set of a session."""
        return replace(self, turn=turn)

    def write(self, questions: Iterable[object]) -> list[str]:
        """The questions as fragments, numbered by their set and place."""
        return [
            self.renderer.render(question, request_id=f"{self.turn}.{number}").text  # type: ignore[arg-type]
            for number, question in enumerate(questions)
        ]

    def identity(self, owner_id: str, *, with_host: bool) -> list[str]:
        """Which file is open, its marker, and whether it was restored; host and preferences where untold."""
        questions: list[object] = [CompanyActivityQuery(), CompanyQuery(owner_ids=(owner_id,))]
        if with_host:
            questions += [HostQuery(), PreferencesQuery()]
        return self.write(questions)

    def whole_lists(self, kinds: Sequence[str]) -> list[str]:
        """Lists that cannot be paged, inactive records too: they also hold their names."""
        return self.write(_LIST_QUERY[kind](active_status="All") for kind in kinds)

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

    def by_ref_numbers(self, kind: str, ref_numbers: Sequence[str]) -> list[str]:
        """Documents of one kind by RefNumber; the key in the memo then tells ours from others'."""
        query = _DOCUMENT_QUERY[kind]
        lines = True if kind == "JournalEntry" else None
        return self.write(
            [
                query(
                    ref_numbers_case_sensitive=tuple(ref_numbers),
                    include_line_items=lines,
                    include_ret_elements=_PROBED.get(kind, _HEADS),
                )
            ]
        )
