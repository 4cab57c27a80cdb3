"""Fields: what a document says beside its customer, items and accounts, and where each may stand.

Terms, sales rep, way of shipping, printed form, message, site, memo. None of them moves money; all but the memo are
names of QuickBooks' short lists, so one that is missing there holds the document or is added first.
Lengths: requests.xsd (SalesRepRef 5, ShipMethodRef 15, CustomerMsgRef 101, other names 31).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from qbconsole.books.plan import DocumentKind
from qbconsole.value import Value

_SALES = frozenset(
    {
        DocumentKind.SALES_RECEIPT,
        DocumentKind.INVOICE,
        DocumentKind.CREDIT_MEMO,
        DocumentKind.SALES_ORDER,
        DocumentKind.ESTIMATE,
    }
)
_STOCKED = frozenset(
    {
        *_SALES,
        DocumentKind.INVENTORY_ADJUSTMENT,
        DocumentKind.TRANSFER_INVENTORY,
        DocumentKind.PURCHASE_ORDER,
        DocumentKind.BILL,
        DocumentKind.ITEM_RECEIPT,
        DocumentKind.VENDOR_CREDIT,
    }
)


class Field(Value):
    """One row of the table."""

    #: As rules, hooks and provenance call it: "ship_method".
    name: str
    #: List of QuickBooks its names stand in; "" for free text.
    list_kind: str
    #: Longest text QuickBooks takes.
    longest: int
    #: The document's own field, "" where it stands on lines or is made of more than a name.
    ref: str
    #: Documents that have it.
    kinds: frozenset[DocumentKind]

    @property
    def label(self) -> str:
        """As people read it: "ship method". A template is also what lays out our requests, so that is not said here."""
        return "printed form" if self.name == "template" else self.name.replace("_", " ")


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field(
            name="terms",
            list_kind="terms",
            longest=31,
            ref="terms_ref",
            kinds=frozenset({DocumentKind.INVOICE, DocumentKind.SALES_ORDER, DocumentKind.ESTIMATE}),
        ),
        Field(name="sales_rep", list_kind="sales_rep", longest=5, ref="sales_rep_ref", kinds=_SALES),
        Field(
            name="ship_method",
            list_kind="ship_method",
            longest=15,
            ref="ship_method_ref",
            kinds=_SALES - {DocumentKind.ESTIMATE},
        ),
        Field(name="template", list_kind="template", longest=31, ref="template_ref", kinds=_SALES),
        Field(
            name="customer_message",
            list_kind="customer_message",
            longest=101,
            ref="customer_msg_ref",
            kinds=_SALES,
        ),
        Field(name="site", list_kind="inventory_site", longest=31, ref="", kinds=_STOCKED),
        Field(name="memo", list_kind="", longest=4095, ref="", kinds=frozenset(DocumentKind)),
    )
}

#: Kind of document -> the fields of its head that name an entry of a list.
HEAD: Mapping[DocumentKind, tuple[Field, ...]] = {
    kind: tuple(field for field in FIELDS.values() if field.ref and kind in field.kinds)
    for kind in DocumentKind
}
#: Kinds of document whose printed form and message the mapping may name one by one.
NamedKind = Literal["SalesReceipt", "Invoice", "CreditMemo", "SalesOrder", "Estimate"]
NAMED_KINDS: tuple[str, ...] = get_args(NamedKind)
#: Lists nothing can be added to through qbXML, or only with what no shop knows: a person makes the entry.
NEVER_ADDED = frozenset({"sales_rep", "template", "inventory_site"})
#: Placeholders of a memo.
MEMO_WORDS = ("what", "order", "channel", "location", "customer", "company", "po_number", "note")
