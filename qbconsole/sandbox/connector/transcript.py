"""What a simulated update did, and what can be made to go wrong in it. Values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Ending(enum.Enum):
    """How an update ended."""

    DONE = "done"  # 100, then closeConnection
    CLOSED = "closed"  # the service had nothing (more) to send and said so by getLastError
    FAILED = "failed"  # the service said a negative number; its sentence is the transcript's error
    NOTHING = "nothing"  # 'none' at authenticate: QuickBooks was never opened
    POSTPONED = "postponed"  # the service asked to wait; see wait_seconds
    REFUSED = "refused"  # 'nvu', or an answer so malformed that it looks like it (QBWC1012)
    BUSY = "busy"  # 'busy' at authenticate
    TOO_OLD = "too old"  # clientVersion said E:, or W: with nobody there to press the button
    NOT_OPENED = "not opened"  # QuickBooks could not be opened and the service said 'done'
    MALFORMED = "malformed"  # an answer this client cannot read (QBWC1042)
    UNREACHABLE = "unreachable"  # no HTTP answer
    DIED = "died"  # a fault of ours: the client vanished without a word


class FaultKind(enum.Enum):
    """What goes wrong in an exchange (one sendRequestXML with its receiveResponseXML)."""

    CANNOT_OPEN = "cannot open"  # exchange 0: QuickBooks does not open, once; connectionError
    DIE_BEFORE_SEND = "die before send"  # the client dies before it asks
    DIE_AFTER_SEND = "die after send"  # the client has the document, QuickBooks never sees it
    REPEAT_SEND = "repeat send"  # the first answer to sendRequestXML is lost, so it is asked again
    LOSE_ANSWER = "lose answer"  # QuickBooks did it; receiveResponseXML is never sent
    ANSWER_TWICE = "answer twice"  # receiveResponseXML is sent again with the same content
    CUT_ANSWER = "cut answer"  # the answer arrives without its second half
    HRESULT = "hresult"  # QuickBooks never saw the document; an hresult comes instead of an answer
    HRESULT_AFTER = "hresult after"  # QuickBooks did it, and an hresult comes instead of its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One mishap. `hresult` and `message` matter for CANNOT_OPEN and the two HRESULT kinds."""

    kind: FaultKind
    hresult: str = "0x80040402"
    message: str = "Unexpected error."


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Everything one update did, in order. `requests` and `answers` stay empty where texts are not kept."""

    ending: Ending
    calls: tuple[str, ...]
    ticket: str
    word: str
    wait_seconds: int | None
    progress: tuple[int, ...]
    exchanges: int
    requests: tuple[str, ...] = field(repr=False)
    answers: tuple[str, ...] = field(repr=False)
    final: str
    error: str


class Notes:
    """Collects a transcript while the update runs."""

    def __init__(self, *, keep_texts: bool) -> None:
        self.keep_texts = keep_texts
        self.calls: list[str] = []
        self.progress: list[int] = []
        self.requests: list[str] = []
        self.answers: list[str] = []
        self.ticket = self.word = self.final = self.error = ""
        self.wait_seconds: int | None = None
        self.exchanges = 0

    def text(self, kept: list[str], text: str) -> None:
        """Keep a document, where documents are kept."""
        if self.keep_texts:
            kept.append(text)

    def transcript(self, ending: Ending) -> Transcript:
        """Freeze what was noted."""
        return Transcript(
            ending=ending,
            calls=tuple(self.calls),
            ticket=self.ticket,
            word=self.word,
            wait_seconds=self.wait_seconds,
            progress=tuple(self.progress),
            exchanges=self.exchanges,
            requests=tuple(self.requests),
            answers=tuple(self.answers),
            final=self.final,
            error=self.error,
        )
