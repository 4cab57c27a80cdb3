"""Errors that come instead of an answer: the `hresult` of receiveResponseXML and connectionError, as a table.

Only 0x80040400 proves that nothing of a set ran. Every other code on a set that writes leaves its outcome
unknown: it is never resent before QuickBooks was asked. On connectionError no session was opened, so nothing
ran whatever the code; the remedy then says what to do.
Source: qbwc-protocol.md sections 2 and 11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum


class SetFate(StrEnum):
    """What an hresult says about the requests of a set that writes."""

    #: QuickBooks refused the document before anything ran.
    REFUSED_UNPROCESSED = "refused_unprocessed"
    #: It may have run, wholly or in part.
    IN_DOUBT = "in_doubt"


class Remedy(StrEnum):
    """Who can end the cause."""

    #: The requests themselves: find the one that is wrong.
    FIX = "fix"
    #: Time.
    RETRY = "retry"
    #: Somebody at the PC with QuickBooks.
    OPERATOR = "operator"
    #: The QuickBooks administrator of that company file, or of that PC.
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class HResult:
    """One row of the table."""

    #: "0x80040400"; where the given text is no number, that text.
    code: str
    fate: SetFate
    remedy: Remedy
    meaning: str
    sentence: str
    next_step: str


_WAITS = "Nothing to do; the next session asks what became of the requests and goes on."

_ROWS: tuple[tuple[str, SetFate, Remedy, str, str, str], ...] = (
    (
        "0x80040400",
        SetFate.REFUSED_UNPROCESSED,
        Remedy.FIX,
        "the document did not parse or breaks the schema",
        "QuickBooks could not read a set of requests and did none of them.",
        "Nothing to do; the set is halved until the one bad request is found and held.",
    ),
    (
        "0x80040401",
        SetFate.IN_DOUBT,
        Remedy.RETRY,
        "QuickBooks not reachable",
        "The Web Connector could not reach QuickBooks.",
        _WAITS,
    ),
    (
        "0x80040402",
        SetFate.IN_DOUBT,
        Remedy.RETRY,
        "unexpected error",
        "QuickBooks had an unexpected error.",
        "If it comes back, read qbsdklog.txt on the PC with QuickBooks.",
    ),
    (
        "0x80040408",
        SetFate.IN_DOUBT,
        Remedy.OPERATOR,
        "QuickBooks could not start",
        "QuickBooks could not be started.",
        "Start QuickBooks once by hand on its PC and see what it says.",
    ),
    (
        "0x8004040a",
        SetFate.IN_DOUBT,
        Remedy.OPERATOR,
        "another company file is open",
        "Another company file is open in QuickBooks.",
        "Close it, or open the file this company is linked to.",
    ),
    (
        "0x8004040d",
        SetFate.IN_DOUBT,
        Remedy.RETRY,
        "session ticket invalid",
        "QuickBooks ended the session.",
        _WAITS,
    ),
    (
        "0x80040410",
        SetFate.IN_DOUBT,
        Remedy.OPERATOR,
        "file open in another mode",
        "The company file is open in another mode than the Web Connector asks for.",
        "Switch QuickBooks between single-user and multi-user mode, or close it.",
    ),
    (
        "0x80040414",
        SetFate.IN_DOUBT,
        Remedy.OPERATOR,
        "a modal dialog is open",
        "A dialog window is open in QuickBooks and blocks everything.",
        "Close the dialog on the PC with QuickBooks.",
    ),
    (
        "0x80040416",
        SetFate.IN_DOUBT,
        Remedy.OPERATOR,
        "QuickBooks not running and no file named",
        "QuickBooks is closed and no company file is named.",
        "Set `file` of this company in mappings.toml to the full path of its .QBW file.",
    ),
    (
        "0x8004041a",
        SetFate.IN_DOUBT,
        Remedy.ADMIN,
        "application has no permission for this file",
        "The company file does not allow qbconsole.",
        "Have the administrator allow it in QuickBooks under Integrated Applications.",
    ),
    (
        "0x80040420",
        SetFate.IN_DOUBT,
        Remedy.ADMIN,
        "user refused access",
        "Someone refused qbconsole access to the company file.",
        "Have the administrator allow it in QuickBooks under Integrated Applications.",
    ),
    (
        "0x80040421",
        SetFate.IN_DOUBT,
        Remedy.OPERATOR,
        "passed-through message",
        "QuickBooks gave a message of its own.",
        "Read the message and act on it.",
    ),
    (
        "0x80040422",
        SetFate.IN_DOUBT,
        Remedy.OPERATOR,
        "single-user mode needed",
        "QuickBooks needs single-user mode for that.",
        "Switch the company file to single-user mode and run the Web Connector again.",
    ),
    (
        "0x80040154",
        SetFate.IN_DOUBT,
        Remedy.ADMIN,
        "SDK component not registered",
        "A part of QuickBooks is not installed properly on its PC.",
        "Reinstall the Web Connector and repair QuickBooks on that PC.",
    ),
    (
        "0x80010105",
        SetFate.IN_DOUBT,
        Remedy.RETRY,
        "COM server fault",
        "QuickBooks broke off in the middle.",
        _WAITS,
    ),
)

#: The table by normalised code.
HRESULTS: dict[str, HResult] = {
    code: HResult(
        code=code, fate=fate, remedy=remedy, meaning=meaning, sentence=sentence, next_step=next_step
    )
    for code, fate, remedy, meaning, sentence, next_step in _ROWS
}

_UNKNOWN = HResult(
    code="",
    fate=SetFate.IN_DOUBT,
    remedy=Remedy.OPERATOR,
    meaning="unknown code",
    sentence="The Web Connector gave an error we do not know.",
    next_step="Read its message; if it comes back, look at the Web Connector's log on that PC.",
)


def normalise(text: str) -> str | None:
    """A code in any spelling as "0x" and eight lower-case hex digits; None when it is no 32-bit number.

    Accepts 0x80040400, 80040400, 2147746816 and -2147220480. Eight hex digits are read as hex.
    """
    given = text.strip().lower()
    if re.fullmatch(r"0x[0-9a-f]{1,8}|[0-9a-f]{8}", given, re.ASCII):
        number = int(given, 16)
    elif re.fullmatch(r"-?[0-9]{1,10}", given, re.ASCII):
        number = int(given)
    else:
        return None
    if not -(2**31) <= number < 2**32:
        return None
    return f"0x{number & 0xFFFFFFFF:08x}"


#: Of these our own sentence says all that QuickBooks' words do.
_SAYS_ALL = frozenset({"0x8004040a"})


def told(known: HResult | None, message: str, otherwise: str) -> str:
    """What went wrong, in our words and then QuickBooks' own, each thing once, and what to do.

    `otherwise` where no code was given: then QuickBooks' own words are all there is.
    """
    words = " ".join(message.split())
    if known is None:
        return f"{otherwise} {words}".strip()
    sentence = known.sentence
    if known.code not in HRESULTS:
        sentence = f"{sentence.removesuffix('.')}: {known.code[:40]}."
    if words and known.code not in _SAYS_ALL:
        sentence = f"{sentence} {words if words.endswith(('.', '!', '?')) else f'{words}.'}"
    return f"{sentence} {known.next_step}"


def look_up(text: str) -> HResult | None:
    """The row for an hresult as it came; None when it is empty, which means there was no error.

    Zero counts as no error too. A code we do not know, or no code at all but words, leaves the set in doubt.
    """
    if not text.strip():
        return None
    code = normalise(text)
    if code == "0x00000000":
        return None
    return HRESULTS.get(code or "") or replace(_UNKNOWN, code=code or text.strip())
