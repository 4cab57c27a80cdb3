"""One session as the store keeps it: where it is, what it still has to read, and the next set to send.

A session goes through its phases in order; each phase either gives a set or is over. Every set is kept before
it leaves, so a call that comes again gets the same bytes again.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from qbconsole.store.sessions import Session
from qbconsole.sync.deliver.met import Met
from qbconsole.value import Value, field, replace


class Phase(StrEnum):
    """Where a session is. The order is the order of a session (design.md section 6, point 3)."""

    IDENTIFY = "identify"  # which company file is open, and is it ours
    PROBE = "probe"  # ask QuickBooks' recovery records about sets without an answer
    LOOK = "look"  # look for what is still in doubt, by number and key
    DELETED = "deleted"  # what somebody deleted since the last look
    LISTS = "lists"  # read the lists that are unknown or old
    RECHECK = "recheck"  # after an operator's word on the file: is what was recorded in it
    LINK = "link"  # write our marker into a file that has none, or anew
    SEND = "send"  # move the marker on, look for what may be there, then list entries, then documents
    VERIFY = "verify"  # read back what was recorded, and once a day what somebody changed
    MARK = "mark"  # write the marker's next serial
    CLEAR = "clear"  # let QuickBooks forget sets that were answered long ago
    DONE = "done"


ORDER = tuple(Phase)


class Notes(Value):
    """What a session remembers between calls; kept as JSON."""

    #: qbXML version both sides speak.
    version: str = "13.0"
    #: Path of the company file and computer, as the connector told them: it is known again by these.
    file: str = ""
    computer: str = ""
    #: The server of our database when it began (`Store.now_and_server`).
    server: str = ""
    #: The company file that is open.
    met: Met = field(default_factory=Met)
    #: Host and preferences came with the first call.
    has_hello: bool = False
    #: Company file has our marker.
    marked: bool = False
    #: Sets of earlier sessions still to be asked about.
    probes: tuple[str, ...] = ()
    #: Lists still to be read.
    lists: tuple[str, ...] = ()
    #: Those of them that were more than a page: they are read page by page.
    long_lists: tuple[str, ...] = ()
    #: Iterator of the long list being read, and when it was begun.
    iterator: str = ""
    reading_since: str = ""
    #: Names of the list being read so far: full name -> active.
    names: dict[str, bool] = field(default_factory=dict)
    #: Requests already looked for in this session; once is enough.
    looked: tuple[int, ...] = ()
    #: Questions asked in reading back, and the number of the last document.
    read_back: int = 0
    read_until: int = 0
    #: Pages asked for of what was changed.
    changed: int = 0
    #: Kinds of which more than a page was changed.
    long_changes: tuple[str, ...] = ()
    #: Sets QuickBooks was told to forget.
    cleared: int = 0
    #: Requests in a row that QuickBooks could not read.
    poisoned: int = 0
    #: QuickBooks said of a set that it could not read it; and the set of which a second such word may be that one, repeated.
    unread: bool = False
    refused: str = ""
    #: The set that was handed out when an answer came that is not its own.
    otherwise: str = ""
    #: Something was recorded in this session, so the marker must move.
    wrote: bool = False
    #: Why the session must end without writing.
    stop: str = ""

    def to_text(self) -> str:
        """As the session row keeps it."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of(cls, session: Session) -> Notes:
        """From the session row."""
        return msgspec.json.decode(session.notes, type=cls) if session.notes else cls()

    def without_list(self, kind: str) -> Notes:
        """That list is read."""
        rest = tuple(one for one in self.lists if one != kind)
        return replace(self, lists=rest, iterator="", reading_since="", names={})


class _Served(msgspec.Struct):
    """What of the notes every call asks for: they may hold thousands of names."""

    server: str = ""


def began_with(session: Session) -> str:
    """The server of our database when a session told who it is; "" before, and for a file."""
    return msgspec.json.decode(session.notes, type=_Served).server if session.notes else ""


def after(phase: Phase) -> Phase:
    """The phase that follows."""
    return ORDER[min(ORDER.index(phase) + 1, len(ORDER) - 1)]
