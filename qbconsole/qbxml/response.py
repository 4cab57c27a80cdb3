"""QuickBooks' answers: a stream of qbXML text in, typed rows and replies out, memory flat.

An answer may be hostile, cut off, or hold 100,000 rows, so it is parsed as it arrives and each row is dropped
once it was handed over. What came before a fault stands, what came after it is unknown: a fault is raised
(`ResponseUnreadable`) only after every complete reply was given, and a row counts only with its Reply.
This module never validates against the schema (QuickBooks breaks it) and never decides what to do next.
Source: qbwc-protocol.md sections 2, 6, 7 and 8; performance.md W3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

from lxml import etree

from qbconsole.company import ObservedDocument
from qbconsole.errors import ResponseUnreadable
from qbconsole.qbxml import statuses
from qbconsole.qbxml.observed import read_row
from qbconsole.qbxml.rows import Told, bare_ids
from qbconsole.value import Value

if TYPE_CHECKING:
    from lxml.etree import _Element

#: An answer longer than this is refused (in bytes of UTF-8).
MAX_BYTES = 256 * 2**20
#: One row, or what stands before the first, may not be longer.
MAX_ROW_BYTES = 4 * 2**20
_PIECE = 64 * 1024
_WHOLE = re.compile(r"-?[0-9]{1,9}", re.ASCII)
#: What TxnDelRs, TxnVoidRs and ListDelRs tell without a row around it.
_ID_NAMES = frozenset({"TxnID", "ListID", "EditSequence", "ExternalGUID", "RefNumber"})


class MessageSet(Value):
    """The head of an answer."""

    #: The newMessageSetID QuickBooks echoes, "" when it does not.
    new_id: str
    #: None when not given; `statuses.set_state` says what it means for recovery.
    status_code: int | None


class Row(Value):
    """One record or document of a reply that is still being read; it counts only once its Reply was given."""

    #: Which reply of the set it belongs to, from 0.
    index: int
    request_name: str
    request_id: str
    value: Told


class Reply(Value):
    """QuickBooks' answer to one request, complete."""

    #: Its position in the set, from 0: match by this where QuickBooks left the request id out.
    index: int
    #: Without the ending: "CustomerAdd", "ItemQuery".
    request_name: str
    #: "" when QuickBooks did not echo it.
    request_id: str
    #: Decide by this; `statuses.look_up` says what it means.
    status_code: int
    #: Info, Warn or Error; not to be trusted.
    severity: str
    message: str
    #: How many rows there were, whether or not we could read them.
    row_count: int
    #: How many QuickBooks says there were.
    ret_count: int | None = None
    #: How many an iterator still holds.
    iterator_remaining: int | None = None
    iterator_id: str = ""
    #: Filled by `read_all`; `read` hands the rows out one by one instead.
    rows: tuple[Told, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether as many rows came as QuickBooks announced; if not, absence must not be concluded."""
        return self.ret_count is None or self.ret_count == self.row_count


class Answer(Value):
    """A whole answer held in memory: for writes and small queries."""

    #: None when the answer broke before it.
    message_set: MessageSet | None
    #: The complete ones, in order.
    replies: tuple[Reply, ...]
    #: Why the answer ends early; requests without a reply are then in doubt.
    fault: ResponseUnreadable | None = None


class Outcome(Value):
    """What became of one Add, Mod, Void or Del."""

    action: statuses.Action
    status_code: int
    message: str
    txn_id: str = ""
    list_id: str = ""
    edit_sequence: str = ""
    #: The document as QuickBooks saved it, where the answer shows it.
    observed: ObservedDocument | None = None
    #: It was saved, but no id came back: ask for it before anything else refers to it.
    needs_look_up: bool = False


Event: TypeAlias = MessageSet | Row | Reply


def read(chunks: Iterable[str | bytes], *, currency: str = "USD") -> Iterator[Event]:
    """Give the head of the answer, then each row as it comes and each reply when it is complete.

    Bytes are UTF-8 whatever they declare. `currency` is the ISO code of the company's own currency. Raises
    ResponseUnreadable at the first fault, after everything that is complete was given.
    """
    growing = _GrowingAnswer(currency)
    for piece in _pieces(chunks):
        fault = growing.feed(piece)
        yield from growing.events()
        if fault:
            raise fault
    fault = growing.end()
    yield from growing.events()
    if fault:
        raise fault


def read_all(chunks: Iterable[str | bytes], *, currency: str = "USD") -> Answer:
    """Read a whole answer, rows with their replies; never raises, a fault is part of the answer."""
    growing = _GrowingAnswer(currency)
    replies: list[Reply] = []
    try:
        for piece in _pieces(chunks):
            fault = growing.feed(piece)
            growing.take(replies)
            if fault:
                break
        else:
            fault = growing.end()
            growing.take(replies)
    except ResponseUnreadable as raised:
        fault = raised
    return Answer(message_set=growing.head, replies=tuple(replies), fault=fault)


def outcome(reply: Reply) -> Outcome:
    """What an Add, Mod, Void or Del came to. The reply must carry its rows (`read_all`)."""
    status = statuses.look_up(reply.status_code, reply.message)
    row = next(iter(reply.rows), None)
    txn_id, list_id = getattr(row, "txn_id", ""), getattr(row, "list_id", "")
    # Custom fields are saved under names, they have no id to look up.
    has_ids = reply.request_name.endswith(("Add", "Mod")) and not reply.request_name.startswith("DataExt")
    return Outcome(
        action=status.action,
        status_code=reply.status_code,
        message=reply.message,
        txn_id=txn_id,
        list_id=list_id,
        edit_sequence=getattr(row, "edit_sequence", ""),
        observed=row if isinstance(row, ObservedDocument) else None,
        needs_look_up=has_ids and status.action in statuses.DONE and not (txn_id or list_id),
    )


def _unreadable(why: str, cause: BaseException | None = None) -> ResponseUnreadable:
    line = getattr(cause, "lineno", None)
    fault = ResponseUnreadable(f"QuickBooks' answer {why}", where=f"line {line}" if line else "")
    fault.__cause__ = cause
    return fault


def _pieces(chunks: Iterable[str | bytes]) -> Iterator[bytes]:
    """Cut and join the chunks to pieces of a size the parser likes, without what may precede the XML."""
    held: list[bytes] = []
    size, begun = 0, False
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            part = chunk[start : start + _PIECE]
            # Lone surrogates become bytes that are no UTF-8: the parser then stops at their place.
            data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
            if not begun:
                data = data.lstrip(b"\xef\xbb\xbf \t\r\n")
                begun = bool(data)
            held.append(data)
            size += len(data)
            if size >= _PIECE:
                yield b"".join(held)
                held.clear()
                size = 0
    if not begun:
        raise _unreadable("is empty")
    yield b"".join(held)


class _GrowingAnswer:
    """The part of the answer that has arrived and was not yet handed over: the only mutable thing here.

    The parser builds a tree as pieces arrive; events() takes off every row that can grow no more, which is
    every one with a sibling behind it, so that the tree never holds more than a piece's worth and one row.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._parser = etree.XMLPullParser(
            ("start", "end"),
            tag=("QBXML", "QBXMLMsgsRs"),
            # What arrives was decoded by the SOAP layer: a declared encoding means nothing any more.
            encoding="utf-8",
            # No DOCTYPE ever reaches the parser, so only XML's own five exist: any other is an error, and
            # not, as it would be with False, a silent gap in the text.
            resolve_entities=True,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_blank_text=True,
            remove_comments=True,
            remove_pis=True,
        )
        self._set: _Element | None = None
        self._head_given = False
        self._ended = False
        #: What stands behind the last ">" so far and is not parsed yet.
        self._carry = b""
        self._size = 0
        self._unread = 0
        self._index = 0
        self._row_count = 0
        self._loose: dict[str, str] = {}
        #: Rows of the reply that is still being read, where a reply is given with its rows.
        self._told: list[Told] = []

    def feed(self, piece: bytes) -> ResponseUnreadable | None:
        """Take in the next piece; the fault, if there is one. Nothing may be fed after a fault."""
        self._size += len(piece)
        self._unread += len(piece)
        data = self._carry + piece
        cut = data.rfind(b">") + 1
        self._carry = data[cut:]
        # Refused before it is parsed; further on a DOCTYPE is no XML anyway.
        if self._set is None and b"<!DOCTYPE" in data:
            return _unreadable("declares a document type, which QuickBooks never does")
        if fault := self._parse(data[:cut]):
            return fault
        if self._set is None and self._unread > 2 * _PIECE:
            return _unreadable("is not qbXML")
        if self._size > MAX_BYTES:
            return _unreadable("is longer than we read")
        return _unreadable("has a row longer than we read") if self._unread > MAX_ROW_BYTES else None

    def end(self) -> ResponseUnreadable | None:
        """Close the answer; the fault, if it does not end where it should."""
        # Where the answer is cut, a mark stands behind the last reply only if that reply is complete. It
        # goes before the carried rest, which is half a tag or half a text.
        fault = self._parse(self._carry if self._ended else b"<cut/>")
        try:
            if fault is None:
                self._parser.close()
        except etree.XMLSyntaxError as cause:
            fault = _unreadable("is cut off", cause)
        if self._set is None:
            return _unreadable("is not qbXML", fault.__cause__ if fault else None)
        return fault

    def _parse(self, data: bytes) -> ResponseUnreadable | None:
        try:
            self._parser.feed(data)
        except etree.XMLSyntaxError as cause:
            self._watch()
            return _unreadable("is no XML", cause)
        self._watch()
        return None

    def events(self) -> Iterator[Event]:
        """Hand over what is complete and has not been handed over."""
        if self._set is None:
            return
        if not self._head_given and self.head is not None:
            self._head_given = True
            yield self.head
        for element, complete in self._grown(self._set):
            name, request_id = element.tag[:-2], element.get("requestID", "")
            for value in self._values(element, complete=complete):
                yield Row(index=self._index, request_name=name, request_id=request_id, value=value)
            if complete:
                yield self._reply(element, ())

    def take(self, replies: list[Reply]) -> None:
        """Hand over the replies that are complete, each with its rows: `events` in one, without a value a row."""
        if self._set is None:
            return
        for element, complete in self._grown(self._set):
            self._told.extend(self._values(element, complete=complete))
            if complete:
                replies.append(self._reply(element, tuple(self._told)))
                self._told.clear()

    @property
    def head(self) -> MessageSet | None:
        """What stands around all replies; None until it was read."""
        if self._set is None:
            return None
        return MessageSet(
            new_id=self._set.get("newMessageSetID", ""),
            status_code=_whole(self._set.get("messageSetStatusCode")),
        )

    def _grown(self, outer: _Element) -> Iterator[tuple[_Element, bool]]:
        """What stands in the answer by now and whether it is complete; that is taken off behind its last use."""
        there = list(outer)
        for place, element in enumerate(there, 1):
            complete = self._ended or place < len(there)
            if element.tag.endswith("Rs"):
                yield element, complete
            if not self._ended and complete:
                outer.remove(element)
                self._unread = 0
        if self._ended:
            del outer[:]  # at once, which takes a fraction of the time
            self._unread = 0

    def _watch(self) -> None:
        """Notice the beginning and the end of the element around all replies."""
        # Only start and end events of elements were asked for, so each carries an element.
        seen = cast("Iterator[tuple[str, _Element]]", self._parser.read_events())
        for event, element in seen:
            outer = element.getparent()
            if (
                element.tag == "QBXML"
                or outer is None
                or outer.tag != "QBXML"
                or outer.getparent() is not None
            ):
                continue
            if self._set is None or element is self._set:
                self._set = element
                self._ended = event == "end"

    def _values(self, element: _Element, *, complete: bool) -> list[Told]:
        """The rows of one reply that can grow no more; when it is complete, also the ids it told bare."""
        told: list[Told] = []
        children = list(element)
        for child in children if complete else children[:-1]:
            value = self._value(child)
            if not complete:  # else it goes with its reply
                element.remove(child)
            if value is not None:
                told.append(value)
        if complete or len(children) > 1:
            self._unread = 0
        if complete and self._loose:
            told.append(bare_ids(self._loose))
        return told

    def _value(self, row: _Element) -> Told | None:
        name = row.tag
        if name == "ErrorRecovery":
            return bare_ids({child.tag: child.text or "" for child in row})
        if not name.endswith("Ret"):
            if name in _ID_NAMES:
                self._loose[name] = row.text or ""
            return None
        self._row_count += 1
        return read_row(row, self._currency)

    def _reply(self, element: _Element, rows: tuple[Told, ...]) -> Reply:
        told = cast("dict[str, str]", dict(element.items()))
        status_code = _whole(told.get("statusCode"))
        if status_code is None:
            raise _unreadable(f"to request {self._index + 1} of the set has no status code")
        reply = Reply(
            index=self._index,
            request_name=element.tag[:-2],
            request_id=told.get("requestID", ""),
            status_code=status_code,
            severity=told.get("statusSeverity", ""),
            message=told.get("statusMessage", ""),
            row_count=self._row_count,
            ret_count=_whole(told.get("retCount")),
            iterator_remaining=_whole(told.get("iteratorRemainingCount")),
            iterator_id=told.get("iteratorID", ""),
            rows=rows,
        )
        self._index += 1
        self._row_count = 0
        self._loose.clear()
        return reply


def _whole(given: str | None) -> int | None:
    """A code or count; None when it is missing or no whole number of at most nine digits."""
    if not given:
        return None
    return 0 if given == "0" else int(given) if _WHOLE.fullmatch(given) else None
