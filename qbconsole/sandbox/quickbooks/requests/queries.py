"""Queries: one row a query in the tables, the rest is shared.

Ids or names asked for directly are found by index, whatever their state; what is missing of them gives 500.
Filters walk one list or kind. An empty result is status 1 (qbwc-protocol.md section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from qbconsole.sandbox.quickbooks.file.documentkinds import DOCUMENTS
from qbconsole.sandbox.quickbooks.file.kinds import words
from qbconsole.sandbox.quickbooks.file.records import ZERO, Document, Entry, Posting, Refused, stamp
from qbconsole.sandbox.quickbooks.requests import filters
from qbconsole.sandbox.quickbooks.requests.answers import (
    element,
    entry_answer,
    escaped,
    money,
    reference,
)
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply
from qbconsole.sandbox.quickbooks.requests.documentanswers import document_answer
from qbconsole.sandbox.quickbooks.requests.given import Given

_EMPTY = "A query request did not find a matching object in QuickBooks"
_KEPT_DAYS = timedelta(days=90)
_NOT_SIMULATED = frozenset(
    words("TotalBalanceFilter CurrencyFilter ClassFilter TransactionItemFilter TransactionClassFilter")
)

#: Query -> family or name space asked; those of the first table have iterators, those of the second not.
_ITERATED_LISTS = {
    "CustomerQueryRq": "Customer",
    "VendorQueryRq": "Vendor",
    "EntityQueryRq": "Entity",
    "ItemQueryRq": "Item",
    **{
        f"Item{sort}QueryRq": f"Item{sort}"
        for sort in words(
            "Service NonInventory OtherCharge Inventory Discount SalesTax SalesTaxGroup Payment Subtotal"
        )
    },
}
_PLAIN_LISTS = {
    "AccountQueryRq": "Account",
    "ClassQueryRq": "Class",
    "PaymentMethodQueryRq": "PaymentMethod",
    "SalesTaxCodeQueryRq": "SalesTaxCode",
    "TermsQueryRq": "Terms",
    "StandardTermsQueryRq": "Terms",
    "ShipMethodQueryRq": "ShipMethod",
    "CustomerMsgQueryRq": "CustomerMsg",
    "EmployeeQueryRq": "Employee",
    "InventorySiteQueryRq": "InventorySite",
    "SalesRepQueryRq": "SalesRep",
    "TemplateQueryRq": "Template",
}
_DOCUMENTS = {f"{kind}QueryRq": kind for kind in DOCUMENTS}
#: Where the schema allows an iterator attribute.
ITERABLE = frozenset({*_ITERATED_LISTS, *_DOCUMENTS, "TransactionQueryRq"})


# -- lists ---------------------------------------------------------------------------------------------


def _list_query(desk: Desk, request: Given, group: str) -> Reply:
    _refuse_unknown(request)
    file = desk.file
    if group == "InventorySite" and not file.has_sites():
        raise Refused(3250, "This feature is not enabled or not available in this version of QuickBooks.")
    asked: list[str] = []
    if "ListID" in request or "FullName" in request:
        by_id = "ListID" in request
        asked = request.texts("ListID" if by_id else "FullName")
        found = [file.find(group, text if by_id else "", "" if by_id else text) for text in asked]
        lost = [text for text, entry in zip(asked, found, strict=True) if entry is None]
        keys: Iterable[str] = [entry.list_id for entry in found if entry is not None]
        extra: dict[str, str] = {}
    else:
        lost = []
        keys, extra = filters.page(desk, request, lambda: _select_entries(desk, request, group))
    wanted = frozenset(request.texts("IncludeRetElement"))
    owners = {owner.lower() for owner in request.texts("OwnerID")}
    rows = [entry_answer(file, file.entries[key], wanted, owners) for key in keys if key in file.entries]
    return _answer(request, rows, extra, lost)


def _select_entries(desk: Desk, request: Given, group: str) -> Iterator[str]:
    status = request.text("ActiveStatus") or "ActiveOnly"
    times = filters.modified(desk, request)
    names = filters.texts(request, "NameFilter", "NameRangeFilter", "Name")
    sorts: dict[str, frozenset[str]] = {
        name: frozenset(request.texts(name))
        for name in ("AccountType", "PaymentMethodType")
        if name in request
    }

    def fits(entry: Entry) -> bool:
        return (
            (status == "All" or entry.active == (status == "ActiveOnly"))
            and all(test(entry.modified) for test in times)
            and all(test(entry.name) for test in names)
            and all(entry.text(name) in allowed for name, allowed in sorts.items())
        )

    return (entry.list_id for entry in desk.file.in_group(group) if fits(entry))


# -- documents -----------------------------------------------------------------------------------------


def _document_query(desk: Desk, request: Given, kind: str) -> Reply:
    keys, extra, lost = _found(desk, request, kind)
    options = {
        "lines": request.flag("IncludeLineItems") is True,
        "linked": request.flag("IncludeLinkedTxns") is True,
    }
    wanted = frozenset(request.texts("IncludeRetElement"))
    owners = {owner.lower() for owner in request.texts("OwnerID")}
    rows = [
        document_answer(desk.file, desk.file.filed[key], **options, wanted=wanted, owners=owners)
        for key in keys
        if key in desk.file.filed
    ]
    return _answer(request, rows, extra, lost)


def _found(desk: Desk, request: Given, kind: str) -> tuple[Iterable[str], dict[str, str], list[str]]:
    """TxnIDs to answer, iterator attributes, and what was asked for directly but is not there."""
    _refuse_unknown(request)
    file = desk.file
    if "TxnID" in request:
        asked = request.texts("TxnID")
        known = [key for key in asked if key in file.filed and kind in ("", file.filed[key].kind)]
        return known, {}, [key for key in asked if key not in known]
    for name in ("RefNumberCaseSensitive", "RefNumber"):
        if name in request:
            exact = name == "RefNumberCaseSensitive"
            return _numbered(desk, request, kind, request.texts(name), exact=exact)
    keys, extra = filters.page(desk, request, lambda: _select_documents(desk, request, kind))
    return keys, extra, []


def _numbered(
    desk: Desk, request: Given, kind: str, asked: list[str], *, exact: bool
) -> tuple[Iterable[str], dict[str, str], list[str]]:
    keys: list[str] = []
    lost: list[str] = []
    tests = _tests(desk, request) if not kind else []
    for ref in asked:
        found = [one for one in desk.file.by_ref(kind, ref) if not exact or one.ref_number == ref]
        keys += [one.txn_id for one in found if all(test(one) for test in tests)]
        lost += [] if found else [ref]
    return keys, {}, lost if kind else []


def _select_documents(desk: Desk, request: Given, kind: str) -> Iterator[str]:
    tests = _tests(desk, request)
    return (one.txn_id for one in desk.file.of_kind(kind) if all(test(one) for test in tests))


def _tests(desk: Desk, request: Given) -> list[Callable[[Document], bool]]:
    """What a document must fulfil; TransactionQuery has the same filters under longer names."""
    tests: list[Callable[[Document], bool]] = []
    whole = request.tag == "TransactionQueryRq"
    long = "Transaction" if whole else ""
    times = filters.modified(desk, request.part(f"{long}ModifiedDateRangeFilter"))
    tests.append(lambda one: all(test(one.modified) for test in times))
    days = filters.dated(desk, request.part("TransactionDateRangeFilter" if whole else "TxnDateRangeFilter"))
    tests.append(lambda one: all(test(one.txn_date) for test in days))
    refs = filters.texts(request, "RefNumberFilter", "RefNumberRangeFilter", "RefNumber")
    tests.append(lambda one: all(test(one.ref_number) for test in refs))
    entities = filters.named(desk, request.part(f"{long}EntityFilter"), "Entity")
    if entities is not None:
        tests.append(lambda one: one.entity in entities)
    accounts = filters.named(desk, request.part(f"{long}AccountFilter"), "Account")
    if accounts is not None:
        tests.append(
            lambda one: one.account in accounts or any(row.account in accounts for row in one.postings)
        )
    return tests + _states(request)


def _states(request: Given) -> list[Callable[[Document], bool]]:
    tests: list[Callable[[Document], bool]] = []
    kinds = request.part("TransactionTypeFilter")
    if kinds is not None and "All" not in (names := kinds.texts("TxnTypeFilter")):
        tests.append(lambda one: one.kind in names)
    paid = request.text("PaidStatus") or request.text("TransactionPaidStatusFilter")
    if paid in ("PaidOnly", "Closed"):
        tests.append(lambda one: not one.open)
    elif paid in ("NotPaidOnly", "Open"):
        tests.append(lambda one: bool(one.open))
    posting = request.text("TransactionPostingStatusFilter")
    if posting in ("Posting", "NonPosting"):
        tests.append(
            lambda one: (one.pending or not DOCUMENTS[one.kind].posting) == (posting == "NonPosting")
        )
    return tests


def _any_kind(desk: Desk, request: Given) -> Reply:
    keys, extra, lost = _found(desk, request, "")
    level = request.text("TransactionDetailLevelFilter") or "SummaryOnly"
    wanted = frozenset(request.texts("IncludeRetElement"))
    rows: list[str] = []
    for document in (desk.file.filed[key] for key in keys if key in desk.file.filed):
        postings = document.postings or [Posting(document.account, ZERO, document.entity)]
        if level != "AllExceptSummary":
            rows.append(_row(desk, document, postings[0], wanted))
        if level != "SummaryOnly":
            rows.extend(_row(desk, document, posting, wanted) for posting in postings[1:])
    return _answer(request, rows, extra, lost)


def _row(desk: Desk, document: Document, posting: Posting, wanted: frozenset[str]) -> str:
    plain = {
        "TxnType": document.kind,
        "TxnID": document.txn_id,
        "TimeCreated": document.created,
        "TimeModified": document.modified,
        "EntityRef": reference(desk.file, document.entity),
        "AccountRef": reference(desk.file, posting.account),
        "TxnDate": document.txn_date.isoformat(),
        "RefNumber": document.ref_number,
        "Amount": money(posting.amount),
        "Memo": document.memo,
    }
    parts = [
        element(desk.file, name, value)
        for name, value in plain.items()
        if value and (not wanted or name in wanted)
    ]
    return f"<TransactionRet>\n{''.join(parts)}</TransactionRet>\n"


# -- deleted -------------------------------------------------------------------------------------------


def _deleted(desk: Desk, request: Given, *, lists: bool) -> Reply:
    sort = "ListDelType" if lists else "TxnDelType"
    asked = request.texts(sort)
    tests = filters.deleted(desk, request.part("DeletedDateRangeFilter"))
    oldest = stamp(desk.now - _KEPT_DAYS)
    rows = []
    for trace in desk.file.deleted.values():
        if trace.is_list != lists or trace.sort not in asked or trace.deleted < oldest:
            continue
        if all(test(trace.deleted) for test in tests):
            ret, identifier, label = (
                ("ListDeletedRet", "ListID", "FullName") if lists else ("TxnDeletedRet", "TxnID", "RefNumber")
            )
            rows.append(
                f"<{ret}>\n<{sort}>{trace.sort}</{sort}>\n<{identifier}>{trace.identifier}</{identifier}>\n"
                f"<TimeCreated>{trace.created}</TimeCreated>\n<TimeDeleted>{trace.deleted}</TimeDeleted>\n"
                f"<{label}>{escaped(trace.label)}</{label}>\n</{ret}>\n"
            )
    return _answer(request, rows, {}, [])


# -- shared --------------------------------------------------------------------------------------------


def _refuse_unknown(request: Given) -> None:
    for name in request.names():
        if name in _NOT_SIMULATED:
            raise Refused(1030, f"This simulated QuickBooks does not know the {name}.")


def _answer(request: Given, rows: list[str], extra: dict[str, str], lost: list[str]) -> Reply:
    meta = request.attribute("metaData")
    if meta in ("MetaDataOnly", "MetaDataAndResponseData"):
        extra = {"retCount": str(len(rows)), **extra}
    body = "" if meta == "MetaDataOnly" else "".join(rows)
    if lost:
        return Reply(
            body=body,
            code=500,
            extra=extra,
            message="The query request has not been fully completed. There was a required element "
            f'("{lost[0]}") that could not be found in QuickBooks.',
        )
    if not rows and request.attribute("iterator") != "Stop":
        return Reply(code=1, message=_EMPTY, extra=extra)
    return Reply(body=body, extra=extra)


def _list_handler(group: str) -> Handler:
    return lambda desk, request: _list_query(desk, request, group)


def _document_handler(kind: str) -> Handler:
    return lambda desk, request: _document_query(desk, request, kind)


HANDLERS: dict[str, Handler] = {
    **{tag: _list_handler(group) for tag, group in {**_ITERATED_LISTS, **_PLAIN_LISTS}.items()},
    **{tag: _document_handler(kind) for tag, kind in _DOCUMENTS.items()},
    "TransactionQueryRq": _any_kind,
    "TxnDeletedQueryRq": lambda desk, request: _deleted(desk, request, lists=False),
    "ListDeletedQueryRq": lambda desk, request: _deleted(desk, request, lists=True),
}
