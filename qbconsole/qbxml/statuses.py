"""Every status code QuickBooks puts on an answer, as a table: what it means, what we do, what the operator reads.

The number decides; the severity never does (a refusal has been seen with severity Info), and texts only where
the number alone is a catch-all (3170, 3180). An unknown code is never taken for success: it holds the request
with QuickBooks' own text. This module judges one answer; how often a retry is tried is the caller's business.
Source: qbwc-protocol.md sections 7 and 10.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Action(StrEnum):
    """What an answer asks of us."""

    #: Done.
    OK = "ok"
    #: Done, and there was nothing to find.
    EMPTY = "empty"
    #: Done, but the operator should know.
    WARN = "warn"
    #: The same request again, later, with back-off and a cap.
    RETRY = "retry"
    #: A query can repair it: link, re-read, match again.
    RESOLVE = "resolve"
    #: It never ran: send it again unchanged, no attempt counted.
    REQUEUE = "requeue"
    #: A person, the mapping or our program must change first.
    FIX = "fix"


#: Actions after which the request took effect.
DONE = frozenset({Action.OK, Action.EMPTY, Action.WARN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One row of the table."""

    code: int
    action: Action
    #: What QuickBooks means by it, for people who read qbXML.
    meaning: str
    #: What an operator reads.
    sentence: str
    #: What the operator does next.
    next_step: str


_NOTHING = "Nothing to do."
_OUR_FAULT = "Report it with `qbconsole show ID --json`; it is a fault of this program or of a template."
_WAITS = "Nothing to do; it is tried again by itself."
_LOOKED_UP = "Nothing to do; the next session looks the record up in QuickBooks."
_MAPPING = "Run `qbconsole explain ID` to see where the name comes from, change the mapping, then run `qbconsole release KEY`, or `L` in the queue."
_LOOK = "Open the document in QuickBooks and check it."
_RIGHTS = "Have the QuickBooks administrator grant the right, then run `qbconsole release KEY`, or `L` in the queue."
_HELD = (
    "Read QuickBooks' message, correct what it names, then run `qbconsole release KEY`, or `L` in the queue."
)

_O, _E, _W, _T, _S, _Q, _F = (
    Action.OK,
    Action.EMPTY,
    Action.WARN,
    Action.RETRY,
    Action.RESOLVE,
    Action.REQUEUE,
    Action.FIX,
)

_ROWS: tuple[tuple[int, Action, str, str, str], ...] = (
    (0, _O, "done", "QuickBooks did it.", _NOTHING),
    (1, _E, "query matched nothing", "QuickBooks has nothing that matches.", _NOTHING),
    (500, _E, "some ids or names not found", "QuickBooks does not know some of what was asked for.", _LOOKED_UP),
    (501, _W, "not expressible in this qbXML version", "This QuickBooks shows the record only in part.", _LOOK),
    (510, _W, "object saved but not returned", "QuickBooks saved it but did not show it.", _LOOKED_UP),
    (530, _W, "field not supported, saved without", "QuickBooks saved it without one field.", _LOOK),
    (531, _W, "value not supported, saved without", "QuickBooks saved it without one value.", _LOOK),
    (540, _W, "result cut at the maximum", "QuickBooks gave only part of a list.", _WAITS),
    (550, _W, "notes not saved", "QuickBooks saved it without its notes.", _LOOK),
    (560, _W, "deprecated field", "QuickBooks saved it; a field is out of date.", _NOTHING),
    (570, _W, "link not made, other document closed", "QuickBooks saved it without linking it.", _LOOK),
    (600, _S, "message set: no stored state", "QuickBooks keeps no record of that request.", _LOOKED_UP),
    (1000, _T, "internal error", "QuickBooks had an internal error; what was sent is looked up first.", _WAITS),
    (1010, _T, "system not available", "QuickBooks was not available.", _WAITS),
    (1030, _F, "message type not supported", "This QuickBooks does not know that request.", _OUR_FAULT),
    (1060, _F, "requestID too long", "QuickBooks refused the request's number.", _OUR_FAULT),
    (3000, _S, "invalid id", "The id we kept is not valid in this company file.", _LOOKED_UP),
    (3010, _F, "bad boolean", "QuickBooks refused a yes/no value.", _OUR_FAULT),
    (3020, _F, "bad date", "QuickBooks refused a date.", _OUR_FAULT),
    (3030, _F, "bad date range", "QuickBooks refused a range of dates.", _OUR_FAULT),
    (3031, _F, "bad string range", "QuickBooks refused a range of texts.", _OUR_FAULT),
    (3035, _F, "bad time interval", "QuickBooks refused a time interval.", _OUR_FAULT),
    (3040, _F, "amount not readable", "QuickBooks refused an amount.", _OUR_FAULT),
    (3045, _F, "price not readable", "QuickBooks refused a price.", _OUR_FAULT),
    (3070, _F, "text too long", "A text is longer than QuickBooks allows.", _OUR_FAULT),
    (3090, _F, "value cannot be stored", "QuickBooks cannot store that value, often a colon in a name.", _MAPPING),
    (3100, _S, "name in use", "The name is already used in QuickBooks, perhaps by an inactive record.", _LOOKED_UP),
    (3120, _S, "object not found", "The record is no longer in QuickBooks.", _LOOKED_UP),
    (3140, _F, "invalid reference", "It names an account, item or customer that QuickBooks does not have.", _MAPPING),
    (3150, _F, "required element missing", "QuickBooks misses a required field.", _OUR_FAULT),
    (3160, _F, "cannot delete", "QuickBooks will not delete it: it is in use, linked or protected.", _HELD),
    (3170, _F, "error while modifying", "QuickBooks could not change the record.", _HELD),
    (
        3171,
        _F,
        "dated on or before the closing date",
        "The books are closed for that date.",
        "Change `closed_period` in the mapping, or move the closing date in QuickBooks, then run `qbconsole release KEY`, or `L` in the queue.",
    ),
    (3175, _T, "record in use", "Someone has the record open in QuickBooks.", _WAITS),
    (3176, _T, "related record in use", "Someone has a related record open in QuickBooks.", _WAITS),
    (3177, _F, "same document linked twice", "The same document is linked twice.", _OUR_FAULT),
    (3180, _F, "error while saving", "QuickBooks could not save it.", _HELD),
    (3200, _S, "EditSequence is stale", "The record was changed in QuickBooks since we read it.", _LOOKED_UP),
    (3210, _F, "value not allowed here", "QuickBooks does not allow a value there, as when more is paid than due.", _HELD),
    (3220, _F, "refused (meaning unverified)", "QuickBooks refused it.", _HELD),
    (3230, _F, "refused (meaning unverified)", "QuickBooks refused it.", _HELD),
    (3231, _Q, "not processed", "It did not run because an earlier request of the set failed.", _WAITS),
    (3240, _T, "object not ready (unverified)", "QuickBooks was not ready for it.", _WAITS),
    (
        3250,
        _F,
        "feature not enabled",
        "That feature is switched off or not in this edition of QuickBooks.",
        "Switch it on in QuickBooks' preferences, or take it out of the mapping, then run `qbconsole release KEY`, or `L` in the queue.",
    ),
    (3260, _F, "user lacks the right", "The QuickBooks user may not do that.", _RIGHTS),
    (3261, _F, "application lacks the right", "qbconsole may not do that in this company file.", _RIGHTS),
    (3262, _F, "application lacks the right", "qbconsole may not do that in this company file.", _RIGHTS),
    (
        3270,
        _F,
        "posting account missing (unverified)",
        "QuickBooks misses an account it must post to.",
        _MAPPING,
    ),
    (3351, _F, "custom field not assigned", "The custom field does not exist for that kind of record.", _OUR_FAULT),
    (9001, _S, "message set: checksum differs", "A resend differed from what was sent first.", _OUR_FAULT),
    (9002, _S, "message set: no stored answer", "QuickBooks keeps no answer to that request.", _LOOKED_UP),
    (9003, _S, "message set: not used", "QuickBooks answered with a code it does not use.", _LOOKED_UP),
    (9004, _F, "message set: id too long", "QuickBooks refused the number of a set of requests.", _OUR_FAULT),
    (9005, _S, "message set: answer not stored", "QuickBooks could not keep its answer.", _LOOKED_UP),
)  # fmt: skip

#: The table by code.
STATUSES: dict[int, Status] = {
    code: Status(code=code, action=action, meaning=meaning, sentence=sentence, next_step=next_step)
    for code, action, meaning, sentence, next_step in _ROWS
}

#: Ranges that share one row: first code, last code, the row.
_RANGES: tuple[tuple[int, int, Status], ...] = (
    (2, 499, Status(code=2, action=_O, meaning="information", sentence="QuickBooks did it.", next_step=_NOTHING)),
    (
        500,
        999,
        Status(
            code=500,
            action=_W,
            meaning="unknown warning; data may have been saved",
            sentence="QuickBooks did it, with a warning.",
            next_step=_LOOK,
        ),
    ),
    (
        2000,
        2040,
        Status(
            code=2000,
            action=_F,
            meaning="sign-on error of the online edition",
            sentence="QuickBooks answered like its online edition.",
            next_step=_OUR_FAULT,
        ),
    ),
    (
        9100,
        9199,
        Status(
            code=9100,
            action=_F,
            meaning="macro error",
            sentence="QuickBooks could not follow a reference between requests.",
            next_step=_OUR_FAULT,
        ),
    ),
)  # fmt: skip

_UNKNOWN = Status(
    code=-1, action=_F, meaning="unknown code", sentence="QuickBooks refused it.", next_step=_HELD
)
#: Parts of a 3170 or 3180 message, lower case, that say somebody else is in the way for a moment.
_IN_THE_WAY = ("modified by another user", "could not be locked", "failed to acquire the lock", "in use")


def look_up(code: int, message: str = "") -> Status:
    """The row for a status code; `message` matters for 3170 and 3180 only."""
    status = STATUSES.get(code)
    if status is None:
        ranged = (row for first, last, row in _RANGES if first <= code <= last)
        return replace(next(ranged, _UNKNOWN), code=code)
    if code in (3170, 3180) and any(part in message.casefold() for part in _IN_THE_WAY):
        return replace(
            status,
            action=Action.RETRY,
            sentence="Someone else was changing that record in QuickBooks.",
            next_step=_WAITS,
        )
    return status


class SetState(StrEnum):
    """What a messageSetStatusCode says about the recovery record of a set."""

    #: The answer that follows is QuickBooks' stored one, or the set ran just now.
    STORED = "stored"
    #: QuickBooks keeps no answer under that id. Most likely it never ran; a query must confirm it.
    ABSENT = "absent"
    #: The id is known with other content: never resend under it, ask by query.
    CHECKSUM = "checksum"
    #: The id is longer than QuickBooks takes; nothing is recoverable by it.
    TOO_LONG = "too_long"
    #: It ran or not, but its answer could not be kept: ask by query.
    NOT_STORED = "not_stored"
    #: No code, or one we do not know: ask by query.
    UNCLEAR = "unclear"


_SET_STATES = {
    0: SetState.STORED,
    600: SetState.ABSENT,
    9001: SetState.CHECKSUM,
    9002: SetState.ABSENT,
    9004: SetState.TOO_LONG,
    9005: SetState.NOT_STORED,
}


def set_state(code: int | None) -> SetState:
    """What the code on the whole answer means for recovery; None where QuickBooks gave none."""
    return SetState.UNCLEAR if code is None else _SET_STATES.get(code, SetState.UNCLEAR)
