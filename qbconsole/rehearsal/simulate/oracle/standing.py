"""What stands in a company file, in moves: every document there, whoever wrote it, by the order it names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from qbconsole.rehearsal.simulate.oracle.moves import Move
from qbconsole.rehearsal.simulate.world import ByHand, OpenedFile
from qbconsole.sandbox.quickbooks import Filed

#: Our key stands in brackets at the end of a memo (design.md section 5, identity).
_KEY = re.compile(r"\[(qbc1/[^\]]+)\]")
_NAME = re.compile(r"#\w+")


def documents(file: OpenedFile) -> list[Filed]:
    """What was written since our program first met the file."""
    return [one for one in file.file.documents() if one.txn_id not in file.before]


def keys(document: Filed) -> set[str]:
    """Our keys that a document carries; none where it was voided."""
    texts = (document.memo, *(line.description for line in document.lines))
    return set() if document.voided else {found[1] for text in texts if (found := _KEY.search(text))}


def subject(memo: str, names: Collection[str]) -> str:
    """The order that a memo names to its reader, before our key; "" for none of these."""
    told = memo.partition("[qbc1/")[0]
    return next((name for name in _NAME.findall(told) if name in names), "")


def moves_standing(found: Iterable[Filed], names: Collection[str]) -> Iterator[Move]:
    """What the documents come to."""
    for document in found:
        for account, amount, _name in document.postings:
            yield Move(subject(document.memo, names), document.txn_date, account, amount)


def moves_by_hand(
    done: Iterable[ByHand],
    found: Iterable[Filed],
    archive: Iterable[Filed],
    names: Collection[str],
    *,
    restored: bool,
    condensed: datetime | None,
) -> Iterator[Move]:
    """What people changed in QuickBooks, and which is to stay as they left it.

    `archive` is what was condensed since, at `condensed`: the summary holds it as it was left. Who changed a document
    twice wants what was wanted last. What an older file took back (`restored`) is no change any more: it has the
    document as it was.
    """
    there = {document.txn_id: document for document in found}
    standing = {document.txn_id: document for document in archive} | there
    changes: dict[str, list[ByHand]] = defaultdict(list)
    for change in done:
        changes[change.txn_id].append(change)
    for txn_id, made in changes.items():
        first, last = made[0], made[-1]
        about = subject(first.memo, names)
        known = standing if condensed is not None and last.at < condensed else there
        back = restored and txn_id in known and not known[txn_id].voided
        if last.wanted == "gone" and not back:
            yield from _turned(about, first.txn_date, first.postings)
        if last.wanted == "kept" and (now := standing.get(txn_id)) is not None:
            yield from _turned(about, first.txn_date, first.postings)
            for account, amount, _name in now.postings:
                yield Move(about, now.txn_date, account, amount)


def _turned(about: str, day: date, postings: Iterable[tuple[str, Decimal, str]]) -> Iterator[Move]:
    for account, amount, _name in postings:
        yield Move(about, day, account, -amount)
