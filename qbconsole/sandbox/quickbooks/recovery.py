"""Message-set recovery: QuickBooks remembers a set by the id it was given, in the company file.

The same id with the same bytes is answered from memory and not run again; other bytes are refused with 9001.
Old and new id the same, without requests, only asks; an old id alone forgets (qbwc-protocol.md section 7).
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Literal

from qbconsole.sandbox.quickbooks.file.books import Books, StoredSet

Retention = Literal["all", "newest", "none"]
LONGEST_ID = 24
NO_STATE, OTHER_CONTENT, NOT_STORED, TOO_LONG = 600, 9001, 9002, 9004


def checksum(text: str) -> str:
    """What QuickBooks compares a repeated set by: its bytes."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def recalled(books: Books, old_id: str, new_id: str, text: str) -> str | int | None:
    """A stored answer, a messageSetStatusCode that settles the matter, or None: the set is to be run."""
    if max(len(old_id), len(new_id)) > LONGEST_ID:
        return TOO_LONG
    stored = books.sets.get(new_id)
    if new_id and old_id == new_id:
        return _answer(stored) if stored else NOT_STORED
    if new_id and stored is not None:
        return _answer(stored) if stored.checksum == checksum(text) else OTHER_CONTENT
    if old_id and not new_id and old_id not in books.sets:
        return NO_STATE
    return None


def forget(books: Books, old_id: str) -> None:
    """Clear the state kept under an id."""
    if books.sets.pop(old_id, None) is not None:
        books.changed["set", old_id] = None


def remember(books: Books, new_id: str, text: str, answer: str, retention: Retention) -> None:
    """Keep an answer as long as the retention says."""
    if retention == "none":
        return
    if retention == "newest":
        for known in list(books.sets):
            forget(books, known)
    books.sets[new_id] = StoredSet(checksum(text), zlib.compress(answer.encode(), 1))
    books.changed["set", new_id] = None


def _answer(stored: StoredSet) -> str:
    return zlib.decompress(stored.answer).decode()
