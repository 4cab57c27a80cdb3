"""What cannot be kept: somebody else wrote it, or has it, or QuickBooks does."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from qbconsole.books.identity import made_number
from qbconsole.books.lifecycle import DocumentState
from qbconsole.decide import Decided, Decision
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import books, requests
from qbconsole.store.books.first_words import first_sources, put_first_words
from qbconsole.store.requests import RequestRow
from qbconsole.value import Value


class Moved(books.DocumentConflict):
    """Somebody wrote what was decided by while it was decided: nothing was kept, it is to be decided again."""


class OthersToLock(Exception):
    """Documents of other companies are in it: those have to be locked too, all of them in order. Nothing was kept."""

    def __init__(self, companies: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(companies)))
        self.companies = companies


class Standing(Value):
    """What was booked before of the documents that are to be kept."""

    known: frozenset[str]
    #: All that was ever asked of QuickBooks for these.
    before: tuple[RequestRow, ...]


def what_stands(
    tx: sa.Connection,
    merchant: Merchant,
    decided: Collection[tuple[Decision, Decided]],
    locked: frozenset[str] | None,
) -> Standing:
    """What these documents stand in the place of. Raises where it is not theirs to replace, and OthersToLock."""
    known = books.kept_keys(tx, [document.named.plan.key for _, document in decided])
    if not known:
        return Standing(known=frozenset(), before=())
    kept = books.documents(tx, keys=sorted(known), limit=len(known))
    _refuse_of_another(kept, decided)
    theirs = _of_others(merchant, kept, locked)
    before = requests.requests_of_documents(tx, sorted(known))
    _refuse_booked_elsewhere(theirs, before)
    return Standing(known=frozenset(known), before=tuple(before))


def claim_rows(tx: sa.Connection, merchant: Merchant, decisions: Iterable[Decision]) -> None:
    """Keep which payout paid out each row of the balance. Raises where one is in two of them."""
    told = [(f"row:{row}", decision.source_id) for decision in decisions for row in decision.rows]
    if not told:
        return
    before = first_sources(tx, merchant.id, [word for word, _ in told])
    for word, source in told:
        if (first := before.setdefault(word, source)) != source:
            raise books.DocumentConflict(
                f"its balance row {word.partition(':')[2]} was paid out by {first.replace('/', ' ')} already",
                where=source,
                next="Look in Shopify which of the two it belongs to, and book by hand what is missing.",
            )
    put_first_words(tx, merchant.id, before)


def _refuse_of_another(
    kept: Iterable[books.DocumentRow], decided: Iterable[tuple[Decision, Decided]]
) -> None:
    """Raise where a document is drawn of another fact than the one it is booked of: of a row in two payouts, say."""
    drawn_of = {document.named.plan.key: decision.source_id for decision, document in decided}
    for row in kept:
        if row.source_id != drawn_of[row.key]:
            raise books.DocumentConflict(
                f"{row.key} tells what it tells, and is booked of {row.source_id.replace('/', ' ')}",
                where=row.key,
                next="Look in Shopify which of the two it belongs to, and book by hand what is missing.",
            )


def _of_others(
    merchant: Merchant, kept: Iterable[books.DocumentRow], locked: frozenset[str] | None
) -> list[books.DocumentRow]:
    """Documents among these that another merchant of the shop has; nobody else writes their requests until the commit.

    Not locked here: that merchant's run may hold its company and wait for ours.
    """
    theirs = [row for row in kept if row.merchant != merchant.id]
    companies = frozenset(row.company for row in theirs) - {merchant.company}
    if locked is not None and companies - locked:
        raise OthersToLock(companies)
    return theirs


def _refuse_booked_elsewhere(theirs: Iterable[books.DocumentRow], before: Iterable[RequestRow]) -> None:
    """Raise where another merchant of the shop booked this and QuickBooks may have it: an order moved by its tags, say.

    What it did not send yet goes over to this merchant; a day's sum has orders of both in it and never does.
    """
    fixed = {row.document_key for row in before if row.is_fixed}
    for row in theirs:
        if row.key in fixed or row.state is not DocumentState.PLANNED or row.source_id.startswith("day/"):
            raise books.DocumentConflict(
                f"{row.merchant} has booked it, as {row.key}, and it may be in its company file by now",
                where=row.key,
                next=f"Let the filters of both say whose it is; if it is not {row.merchant}'s, take it back there first.",
            )


def refuse_taken_numbers(
    tx: sa.Connection,
    merchant: Merchant,
    decided: Iterable[tuple[Decision, Decided]],
    known: Collection[str],
) -> None:
    """Raise where another run, of whichever merchant of the company, gave a new document's number away meanwhile."""
    fresh = [one.named for _, one in decided if one.named.plan.key not in known]
    wanted = {named.ref_number: named.plan for named in fresh if named.ref_number}
    for number, key in books.taken_ref_numbers(tx, merchant.company, wanted).items():
        plan = wanted[number]
        if key != plan.key and number != made_number(plan.kind, plan.key):
            raise Moved("Another document was given its number while it was decided.", where=plan.key)
