"""Keeping decisions: events, documents, postings, requests and holds of one chunk, in the caller's commit.

A document is kept with its request, or with the hold that says why it has none yet. Names QuickBooks lacks and we
may add become requests of their own, before the documents that wait for them.
"""

from qbconsole.sync.keeping.chunk import Kept, keep_decisions
from qbconsole.sync.keeping.conflicts import Moved, OthersToLock
from qbconsole.sync.keeping.entries import LIST_ORDER, READ_FIRST, list_key

__all__ = [
    "LIST_ORDER",
    "READ_FIRST",
    "Kept",
    "Moved",
    "OthersToLock",
    "keep_decisions",
    "list_key",
]
