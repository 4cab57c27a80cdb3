"""Books: events, documents with their membership, and postings, as kept."""

from qbconsole.store.books.documents import (
    DocumentConflict,
    DocumentMove,
    LedgerLine,
    NewDocument,
    move_documents,
    put_documents,
    release_members,
    replace_document,
    set_document_state,
    update_document,
)
from qbconsole.store.books.events import (
    EventConflict,
    NewEvents,
    events_of,
    put_events,
    put_many_events,
)
from qbconsole.store.books.postings import (
    PostingRow,
    PostingTotal,
    ledger,
    posting_totals,
    postings_between,
    postings_of,
)
from qbconsole.store.books.reading import (
    Document,
    DocumentRow,
    by_txn_id,
    document,
    documents,
    plans_of,
    taken_ref_numbers,
)
from qbconsole.store.books.sources import count_events, pooled_events, sources_of_events

__all__ = [
    "Document",
    "DocumentConflict",
    "DocumentMove",
    "DocumentRow",
    "EventConflict",
    "LedgerLine",
    "NewDocument",
    "NewEvents",
    "PostingRow",
    "PostingTotal",
    "by_txn_id",
    "count_events",
    "document",
    "documents",
    "events_of",
    "ledger",
    "move_documents",
    "plans_of",
    "pooled_events",
    "posting_totals",
    "postings_between",
    "postings_of",
    "put_documents",
    "put_events",
    "put_many_events",
    "release_members",
    "replace_document",
    "set_document_state",
    "sources_of_events",
    "taken_ref_numbers",
    "update_document",
]
