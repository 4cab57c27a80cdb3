"""Untold: QuickBooks answers the question what became of something in doubt with an error, or not whole.

Nothing is concluded from that, and each session asks again. But mostly its user lacks a right, and then it stays so for
ever: a person is told what QuickBooks says. Source: reliability.md F36.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qbconsole.books.holds import Hold, Reason
from qbconsole.qbxml.response import Reply
from qbconsole.store import holds
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.turn import Filing
from qbconsole.visible import safe

_CAUSE = "not_told:"
_LONGEST = 200
#: Answers from which something follows: found, nothing found, some not found.
TOLD = frozenset({0, 1, 500})
_RIGHT = "Put right what QuickBooks says, mostly a right that the Web Connector's QuickBooks user lacks; each session asks again."
_AGAIN = "Nothing to do at first, each session asks again; if it stays so, report it with the log."


def hold_untold(filing: Filing, rows: Iterable[RequestRow], replies: Sequence[Reply]) -> None:
    """QuickBooks did not say whether it has these; `replies` are its answers to the questions that would tell."""
    refused = next((one for one in replies if one.status_code not in TOLD), None)
    said = safe(f"{refused.message} ({refused.status_code})", limit=_LONGEST) if refused is not None else ""
    for row in rows:
        name = f"{row.name.removesuffix('Add')} {row.subject_key}"
        hold = Hold(
            reason=Reason.NOT_TOLD,
            where=name,
            sentence=f"{name} may be in QuickBooks, which does not say whether it is: {said or 'its answer is not whole'}.",
            next_step=_RIGHT if said else _AGAIN,
            subject=row.document_key or row.subject_key,
            cause=_cause(row),
        )
        holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)


def cure_untold(filing: Filing, rows: Iterable[RequestRow]) -> None:
    """It says so now."""
    told = {_cause(row) for row in rows}
    for cause in sorted(told & holds.open_causes(filing.tx, filing.company, _CAUSE)):
        holds.cure(filing.tx, filing.company, cause, filing.at)


def _cause(row: RequestRow) -> str:
    return f"{_CAUSE}{row.subject_key}"
