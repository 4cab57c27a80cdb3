"""Tickets, and which call of a session may follow which. Pure apart from the system's randomness.

Source: reference/qbwc-protocol.md section 3; reference/reliability.md S4.
"""

from __future__ import annotations

import enum
import secrets
import uuid
from collections.abc import Mapping
from types import MappingProxyType


def new_ticket() -> str:
    """Return a fresh ticket: 128 random bits in the shape of a GUID, as the samples of the protocol use."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16)))


class Call(enum.Enum):
    """The calls that carry a ticket."""

    SEND = "sendRequestXML"
    RECEIVE = "receiveResponseXML"
    CONNECTION_ERROR = "connectionError"
    LAST_ERROR = "getLastError"
    CLOSE = "closeConnection"


class Stage(enum.Enum):
    """How far a session is."""

    OPEN = "open"  # a ticket was given; QuickBooks may not have been opened yet
    SENT = "sent"  # a document left; what became of it is unknown until an answer arrives
    ANSWERED = "answered"  # the last answer is recorded; more may be asked for
    ENDING = "ending"  # 100, a negative number or a connection error was said; only the farewell is left
    CLOSED = "closed"  # the client said good-bye, or the ticket ran out


_ANY = {Call.LAST_ERROR: None, Call.CLOSE: Stage.CLOSED}

#: Stage -> call -> the stages it may lead to; None = the stage does not change. A call not listed is out of
#: order: it may be a repetition, a late one, or not from a Web Connector.
MOVES: Mapping[Stage, Mapping[Call, Stage | None]] = MappingProxyType(
    {
        # a refused opening may be followed by another trial with another file: the stage stays
        Stage.OPEN: {Call.SEND: Stage.SENT, Call.CONNECTION_ERROR: None, **_ANY},
        # asked again without an answer: the client retried or died, and gets the same document again
        Stage.SENT: {
            Call.SEND: Stage.SENT,
            Call.RECEIVE: Stage.ANSWERED,
            Call.CONNECTION_ERROR: Stage.ENDING,
            **_ANY,
        },
        # an answer that arrives twice is recorded once
        Stage.ANSWERED: {
            Call.SEND: Stage.SENT,
            Call.RECEIVE: Stage.ANSWERED,
            Call.CONNECTION_ERROR: Stage.ENDING,
            **_ANY,
        },
        Stage.ENDING: _ANY,
        Stage.CLOSED: {Call.CLOSE: Stage.CLOSED, Call.LAST_ERROR: None},
    }
)


def follow(stage: Stage, call: Call) -> Stage | None:
    """Return the stage after a call, or None where the call is out of order."""
    moves = MOVES[stage]
    return (moves[call] or stage) if call in moves else None
