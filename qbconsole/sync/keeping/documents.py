"""Documents with their postings and who chose their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.decide import Decided, Decision
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import books
from qbconsole.store.encoding import pack


def keep_documents(
    tx: sa.Connection,
    merchant: Merchant,
    decided: Iterable[tuple[Decision, Decided]],
    known: Collection[str],
    revision: int,
    at: datetime,
) -> int:
    """New ones are put, those booked before replaced; gives how many are new."""
    rows = [_document(merchant, decision.source_id, document, revision) for decision, document in decided]
    for row in rows:
        if row.key in known:
            books.replace_document(tx, row, at)
    return len(books.put_documents(tx, [row for row in rows if row.key not in known], at))


def _document(merchant: Merchant, source_id: str, decided: Decided, revision: int) -> books.NewDocument:
    named, plan = decided.named, decided.named.plan
    why = {
        "choices": [(name, choice) for name, choice in named.why],
        "amended_by": decided.amended_by,
        "losses": decided.losses,
    }
    return books.NewDocument(
        key=plan.key,
        company=merchant.company,
        merchant=merchant.id,
        source_id=source_id,
        kind=plan.kind.value,
        txn_date=plan.on,
        ref_number=named.ref_number,
        number=plan.number,
        plan=plan,
        document=pack(named.document),
        provenance=pack(why),
        mapping_revision=revision,
        total=plan.total,
        postings=tuple(
            books.LedgerLine(row.on, row.role, row.facet, row.account, row.amount)
            for row in named.accounts
            if row.amount
        ),
        members=plan.members,
    )
