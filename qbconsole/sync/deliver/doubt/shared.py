"""Shared: a shop's day that is in QuickBooks under the key it had when other merchants shared that shop.

A summary's key names its merchant where several share the shop (`books.summary.pool`), so the same day has another key
after a merchant was added or taken out; one from before merchants were named there has, too. What our database lost is
looked for under the key of now, and its sum may be another one by now. So its number and day tell, and a person decides.
Source: reliability.md F34.
"""

from __future__ import annotations

from collections.abc import Iterable

from qbconsole.books.summary.pool import is_day_of_others
from qbconsole.company.documents import ObservedDocument
from qbconsole.store import books, requests
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.doubt.numbers import numbers_of
from qbconsole.sync.deliver.seen.twice import key_of
from qbconsole.sync.deliver.turn import Filing
from qbconsole.sync.settle import hold_request


def hold_shared(filing: Filing, absent: Iterable[RequestRow]) -> list[RequestRow]:
    """Of requests that were not found, those that may go; the rest waits with what stands there in its place."""
    rows = list(absent)
    there = {key: one for one in filing.values(ObservedDocument) if not one.is_void and (key := key_of(one))}
    if not any(is_day_of_others(row.document_key or "", key) for row in rows for key in there):
        return rows
    known = {row.key for row in books.documents(filing.tx, keys=sorted(there), limit=len(there))}
    unknown = {key: one for key, one in there.items() if key not in known}
    return [row for row in rows if not _is_held(filing, row, unknown)]


def _is_held(filing: Filing, row: RequestRow, unknown: dict[str, ObservedDocument]) -> bool:
    ours = books.documents(filing.tx, keys=[row.document_key or ""], limit=1)
    numbers = numbers_of(filing.tx, ours[0]) if ours else ()
    for key, found in unknown.items():
        if found.ref_number not in numbers or not is_day_of_others(row.document_key or "", key):
            continue
        name = f"{found.kind} {found.ref_number}".strip()
        sentence = (
            f"QuickBooks has {name} of this shop's day under a key from when other merchants shared the shop."
        )
        step = (
            f"Compare the two. If it is this one, put [{row.document_key}] into its memo in place of [{key}]; if it is "
            "not, renumber it. Then retry."
        )
        hold_request(filing.tx, filing.company, row, sentence, step, filing.at)
        # It stays doubtful, so that booking anew cannot send it either.
        requests.quarantine(filing.tx, [row.id], why=sentence, at=filing.at)
        return True
    return False
