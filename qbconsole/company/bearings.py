"""Bearings: what one session leaves for the next about the company file, so that it is known again.

PURE: a value and its JSON; kept as the company's note `NOTE`. An operator's word (`said`) is good for the very file it
was said of: where another one is open at the next session, that one is judged anew.
"""

from __future__ import annotations

import msgspec

from qbconsole.company.verdict import Evidence, Word
from qbconsole.value import Value, field

#: Name of the company's note.
NOTE = "bearings"
#: Another note of the company: ISO instant at which a Web Connector gave a wrong password for it.
REFUSED_LOGIN = "refused_login"


class Bearings(Value):
    """Where we are with one company file."""

    #: The marker's text that left last; it may be in the file though no answer said so.
    marker_sent: str = ""
    #: What the last session found, "" while all is well, and on what grounds.
    verdict: str = ""
    sentence: str = ""
    evidence: Evidence | None = None
    #: ISO instant.
    found_at: str = ""
    #: The operator's word on it, and whose.
    said: str = ""
    said_by: str = ""
    #: The file to go on with, by the operator's word, until our marker is in it.
    go_on: Evidence | None = None
    #: A session met that file and began a new epoch with it.
    is_begun: bool = False
    #: Documents recorded from this instant on are looked for; "" is all there are, None: nothing is to be looked for.
    recheck_since: str | None = None
    #: Number of the last document that was looked for.
    recheck_after: int = 0
    #: Number of the last that was read back anew: an older file has it as it was before somebody edited it.
    reread_after: int = 0
    #: What turns out lost is posted again at once.
    post_again: bool = False
    #: ISO instant of the last that our database knows of a session which broke off while it sent: it may be an older one of
    #: before that session's end; "" where nothing says so.
    broke_off: str = ""
    #: ISO day: documents dated until then may be in the file though our database does not know; "" for none.
    look_until: str = ""
    #: ISO instant of the last session that our database knew when it was found to have gone back, "" where it never was;
    #: and the ISO day until which documents may be dated that left since and that it lost.
    lost_since: str = ""
    lost_until: str = ""
    #: Time of a condensing, as QuickBooks told it -> fence of the session that first met the file so.
    condensed_in: dict[str, int] = field(default_factory=dict)
    #: ISO day: what is dated before it may be condensed though our database does not know that it left; "" for none.
    summed_before: str = ""
    #: ISO instant until which deletions are known, "" before the first look.
    deleted_until: str = ""
    #: Why deletions cannot all be known; "" where they are.
    deleted_gap: str = ""
    #: Why QuickBooks did not tell them when it was asked last; "" where it did.
    deleted_untold: str = ""

    def to_text(self) -> str:
        """As the note keeps it."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of(cls, text: str) -> Bearings:
        """From the note; "" is a company that nobody met yet."""
        return msgspec.json.decode(text, type=cls) if text else cls()


def decided(left: Bearings) -> str:
    """What was said of the file and what comes of it; "" where nobody said anything."""
    if not left.said:
        return ""
    then = (
        "nothing is written until another file is open"
        if left.said == Word.STOP
        else "the next session carries it out"
    )
    return f"decided: {left.said}, by {left.said_by}; {then}"


def told_of(left: Bearings, stopped: str) -> str:
    """Why nothing is written, without the step that a person took already."""
    done = decided(left)
    is_of_it = bool(left.sentence) and stopped.startswith(left.sentence)
    return f"{left.sentence} {done[0].upper()}{done[1:]}." if done and is_of_it else stopped
