"""Lifecycle: the three small machines of delivery, as tables of allowed moves.

A request, a document and a hold each are in one state; what is not in the tables below never happens, and
`store` refuses it. docs/lifecycle.md tells the same for people. Source: design.md section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from qbconsole.errors import QbconsoleError


class RequestState(StrEnum):
    """Where frozen bytes for QuickBooks stand."""

    WAITING = "waiting"  # for a name in a list, or for the TxnID of another document
    READY = "ready"  # may go into the next message set
    AWAITING_APPROVAL = "awaiting_approval"  # complete, but an operator has to let it go
    SENT = "sent"  # durable before it left the house; QuickBooks may have it
    IN_DOUBT = "in_doubt"  # sent, and no answer told what became of it: probed, never guessed
    ANSWERED = "answered"  # QuickBooks did it
    REFUSED = "refused"  # QuickBooks said no; it holds nothing of it
    QUARANTINED = "quarantined"  # taken out of the queue, so that the others can go on
    SUPERSEDED = "superseded"  # planned anew before it was sent


class DocumentState(StrEnum):
    """Where one document of the books stands."""

    PLANNED = "planned"  # in our books, not known to be in QuickBooks
    RECORDED = "recorded"  # QuickBooks answered with a TxnID
    VERIFIED = "verified"  # read back: amounts and names are ours
    DRIFTED = "drifted"  # someone changed it in QuickBooks
    DELETED_IN_QUICKBOOKS = "deleted_in_quickbooks"  # someone deleted or voided it there
    LOST_BY_RESTORE = "lost_by_restore"  # gone because an older company file was restored
    UNDONE = "undone"  # taken back by us; its events are free again
    IGNORED = "ignored"  # an operator decided that it stays as it is


class HoldState(StrEnum):
    """Where a reason to wait stands."""

    OPEN = "open"  # waits for a person or for its cause to go away
    RELEASED = "released"  # a person decided; the same reason does not come back by itself
    CURED = "cured"  # the cause went away; it may come back


_R, _D, _H = RequestState, DocumentState, HoldState

REQUEST_MOVES: Mapping[RequestState, frozenset[RequestState]] = {
    _R.WAITING: frozenset({_R.READY, _R.SUPERSEDED}),
    _R.READY: frozenset({_R.SENT, _R.AWAITING_APPROVAL, _R.SUPERSEDED}),
    _R.AWAITING_APPROVAL: frozenset({_R.READY, _R.SUPERSEDED}),
    # ready and quarantined: only when QuickBooks refused the whole set unprocessed (0x80040400)
    _R.SENT: frozenset({_R.ANSWERED, _R.IN_DOUBT, _R.REFUSED, _R.READY, _R.QUARANTINED}),
    # ready: only after a probe proved absence; refused: QuickBooks' own record of the set says so
    _R.IN_DOUBT: frozenset({_R.ANSWERED, _R.READY, _R.REFUSED, _R.QUARANTINED}),
    _R.ANSWERED: frozenset(),
    _R.REFUSED: frozenset({_R.READY}),
    # in_doubt: a person looked, and asks QuickBooks once more
    _R.QUARANTINED: frozenset({_R.READY, _R.IN_DOUBT}),
    _R.SUPERSEDED: frozenset(),
}

DOCUMENT_MOVES: Mapping[DocumentState, frozenset[DocumentState]] = {
    _D.PLANNED: frozenset({_D.RECORDED, _D.UNDONE, _D.IGNORED}),
    _D.RECORDED: frozenset(
        {_D.VERIFIED, _D.DRIFTED, _D.DELETED_IN_QUICKBOOKS, _D.LOST_BY_RESTORE, _D.UNDONE}
    ),
    _D.VERIFIED: frozenset({_D.DRIFTED, _D.DELETED_IN_QUICKBOOKS, _D.LOST_BY_RESTORE, _D.UNDONE}),
    _D.DRIFTED: frozenset({_D.VERIFIED, _D.DELETED_IN_QUICKBOOKS, _D.LOST_BY_RESTORE, _D.UNDONE, _D.IGNORED}),
    # recorded: found again; planned: an operator wants it posted once more
    _D.DELETED_IN_QUICKBOOKS: frozenset({_D.RECORDED, _D.PLANNED, _D.UNDONE, _D.IGNORED}),
    _D.LOST_BY_RESTORE: frozenset({_D.RECORDED, _D.PLANNED, _D.UNDONE, _D.IGNORED}),
    _D.UNDONE: frozenset(),
    _D.IGNORED: frozenset({_D.PLANNED, _D.RECORDED, _D.UNDONE}),
}

HOLD_MOVES: Mapping[HoldState, frozenset[HoldState]] = {
    _H.OPEN: frozenset({_H.RELEASED, _H.CURED}),
    _H.RELEASED: frozenset({_H.OPEN}),  # only when a person holds it again
    _H.CURED: frozenset({_H.OPEN}),
}

#: A request may begin here.
REQUEST_BEGINS = frozenset({_R.WAITING, _R.READY, _R.AWAITING_APPROVAL})
#: QuickBooks was not asked by these; one superseded may have another beside it that was.
UNSENT: frozenset[RequestState] = frozenset({_R.WAITING, _R.READY, _R.AWAITING_APPROVAL, _R.SUPERSEDED})
#: QuickBooks may have it; never rendered again.
IN_FLIGHT = frozenset({_R.SENT, _R.IN_DOUBT})
#: Something of it is in QuickBooks, or may be.
GONE = frozenset({*IN_FLIGHT, _R.ANSWERED})
#: A document in one of these counts in our books and owns its events.
COUNTED = frozenset(_D) - {_D.UNDONE, _D.IGNORED}


class MoveRefused(QbconsoleError):
    """A state would change in a way the lifecycle does not know; nothing was changed."""

    code = "move_refused"
    next_step = "Look at `qbconsole show ID`; what is in QuickBooks, or may be, is never sent anew unproved."


def may_move(here: StrEnum, there: StrEnum) -> bool:
    """Whether the tables allow the move."""
    if isinstance(here, RequestState):
        return there in REQUEST_MOVES[here]
    if isinstance(here, DocumentState):
        return there in DOCUMENT_MOVES[here]
    return isinstance(here, HoldState) and there in HOLD_MOVES[here]


def require_move(here: StrEnum, there: StrEnum, what: str) -> None:
    """Raise MoveRefused, naming the thing, when the tables do not allow the move."""
    if not may_move(here, there):
        raise MoveRefused(f"{what} is {here.value} and cannot become {there.value}")
