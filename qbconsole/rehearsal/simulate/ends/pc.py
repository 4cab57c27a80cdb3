"""A company's PC: QuickBooks with a company file open, and the Web Connectors that poll our service from it.

The simulated QuickBooks and Connector do the work; here is who has which file open, what was written into which,
and the moments before and after QuickBooks works.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

import httpx

from qbconsole.rehearsal.simulate.clock import Log
from qbconsole.rehearsal.simulate.ends.program import URL, Program
from qbconsole.rehearsal.simulate.ends.road import Road
from qbconsole.rehearsal.simulate.ends.wire import Near
from qbconsole.rehearsal.simulate.moments import Moment
from qbconsole.rehearsal.simulate.world import OpenedFile, Role, Written
from qbconsole.rehearsal.stage import requests_xsd
from qbconsole.sandbox.connector import Answer, Connector, Ending, Fault, FaultKind, Transcript
from qbconsole.sandbox.quickbooks import CompanyFile, Filed, QuickBooks, Unreachable

#: So many exchanges are more than any update of so small a world needs.
_ROUND_TRIPS = 200
_SECONDS_A_SET = 0.5
_UNREADABLE = "0x80040400"
_NEW_ID = re.compile(r'newMessageSetID="([^"]*)"')
_OLD_ID = re.compile(r'oldMessageSetID="([^"]*)"')


@dataclass(slots=True)
class OnDisk:
    """A company file, and what was written into it."""

    label: str
    role: Role
    file: CompanyFile
    before: frozenset[str] = frozenset()
    written: list[Written] = field(default_factory=list)
    #: Time of a condensing -> documents of the archive copy that QuickBooks made of the file then.
    archives: dict[datetime, tuple[Filed, ...]] = field(default_factory=dict)

    @property
    def archive(self) -> tuple[Filed, ...]:
        """The archive copy of the condensing that the file went through last, as it is open now."""
        at = self.file.last_condense_time
        return self.archives.get(at, ()) if at is not None else ()

    def condense(self, before: date, now: datetime) -> int:
        """Somebody condenses it; QuickBooks makes an archive copy first. Gives how many documents are gone."""
        there = len(self.file.filed)
        self.archives[now] = tuple(self.file.documents())
        self.file.condense(before, now)
        return there + 1 - len(self.file.filed)

    def seen(self) -> OpenedFile:
        """As the judges get it."""
        return OpenedFile(
            label=self.label,
            role=self.role,
            file=self.file,
            before=self.before,
            written=tuple(self.written),
            archive=self.archive,
        )


@dataclass(slots=True)
class Pc:
    """One company's computer."""

    company: str
    program: Program
    password: str
    windows_path: str
    quickbooks: QuickBooks
    #: Label -> every file that was ever open here.
    files: dict[str, OnDisk]
    open_label: str = "right"
    #: The computer is off: nobody polls.
    off: bool = False
    #: A text that QuickBooks cannot read; any set that holds it is refused whole.
    poison: str = ""
    #: Sets that held it.
    unread: set[str] = field(default_factory=set)
    #: Connector -> the set that waits behind a dialog in its QuickBooks: it may be done yet, when nobody listens.
    behind_dialog: dict[str, str] = field(default_factory=dict)
    #: What QuickBooks answered the last time.
    last_said: str = ""

    @property
    def log(self) -> Log:
        """The run's log."""
        return self.program.log

    @property
    def open(self) -> OnDisk:
        """The file that is open now."""
        return self.files[self.open_label]

    def open_file(self, label: str) -> None:
        """Somebody opens another company file; QuickBooks lets nobody while a dialog waits to be closed."""
        if label != self.open_label:
            for connector in sorted(self.behind_dialog):
                close_dialog(self, connector, done=True)
        self.open_label = label
        self.quickbooks.file = self.files[label].file
        self.quickbooks.reopen()

    def update(self, connector: str = "A", faults: Mapping[int, Fault] | None = None) -> Transcript | None:
        """One update of one of the connectors; None where it cannot come.

        The real one does one update of a Windows user at a time, also while QuickBooks shows a dialog.
        """
        if self.off or connector in self.behind_dialog:
            return None
        road = Road(self.program, self.company, connector, _peer(connector))
        client = Connector(
            URL,
            self.company,
            self.password,
            _Window(self, connector),
            http=cast("httpx.Client", Near(URL, {}, road.carry)),
            company_file=self.windows_path,
            sleep=self.program.clock.sleep,
            max_round_trips=_ROUND_TRIPS,
            keep_texts=False,
        )
        heard = client.run_update(self._with_what_is_wrong(faults or {}))
        said = heard.word if heard.ending is Ending.NOTHING else heard.ending.value
        self.log.say(
            f"{self.company}/{connector}",
            f"update: {said}, {heard.exchanges} exchanges {heard.error}".strip(),
        )
        return heard

    def _with_what_is_wrong(self, faults: Mapping[int, Fault]) -> Mapping[int, Fault]:
        """While a dialog is open or QuickBooks is down, it cannot be opened."""
        try:
            self.quickbooks.require_reachable()
        except Unreachable as down:
            return {0: Fault(kind=FaultKind.CANNOT_OPEN, hresult=down.hresult, message=str(down)), **faults}
        return faults


def _peer(connector: str) -> str:
    return f"10.0.0.{ord(connector[0]) - 60}"


def new_pc(company: str, program: Program, password: str, windows_path: str, file: CompanyFile) -> Pc:
    """A PC with that file open."""
    quickbooks = QuickBooks(file, requests_xsd=requests_xsd(), clock=program.clock.true)
    right = OnDisk(f"{company}/right", "right", file, frozenset(file.filed))
    return Pc(company, program, password, windows_path, quickbooks, {"right": right})


@dataclass(slots=True)
class _Window:
    """QuickBooks as one connector sees it."""

    pc: Pc
    connector: str

    def process(self, text: str, /) -> Answer:
        """Let QuickBooks work on a document; both sides of it are moments."""
        pc = self.pc
        before = pc.program.moments.passing("quickbooks asked", self._moment(text))
        if before.held:
            pc.behind_dialog[self.connector] = text
            raise httpx.ReadError("QuickBooks does not answer")
        if before.lost:
            raise httpx.ReadError("the computer is off")
        answer = do(pc, self.connector, before.body)
        after = self._moment(text)
        after.body = answer.response
        pc.program.moments.passing("quickbooks done", after)
        if after.lost:
            raise httpx.ReadError("the computer is off")
        pc.last_said = answer.response
        return answer if after.body == answer.response else _Other(response=after.body)

    def hello(self) -> str:
        """Host, company, preferences."""
        return self.pc.quickbooks.hello()

    def reopen(self) -> object:
        """A session begins."""
        self.pc.quickbooks.reopen()
        return None

    def _moment(self, text: str) -> Moment:
        writes = bool(_set_id(text))
        return Moment(
            company=self.pc.company,
            connector=self.connector,
            body=text,
            writes=writes,
            weighs=writes and "<DataExt" not in text,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """What is said in place of an answer."""

    response: str = ""
    hresult: str = ""
    message: str = ""


def close_dialog(pc: Pc, connector: str, *, done: bool) -> None:
    """Somebody closes the dialog: what waited behind it is done after all, or is not; nobody hears the answer."""
    text = pc.behind_dialog.pop(connector, "")
    if text and done:
        do(pc, connector, text)


def do(pc: Pc, connector: str, text: str) -> Answer:
    """QuickBooks works on a document; what it made is noted with the file."""
    there = pc.open
    if pc.poison and pc.poison in text:
        pc.unread.add(_set_id(text))
        return _Other(
            hresult=_UNREADABLE,
            message="QuickBooks found an error when parsing the provided XML text stream.",
        )
    known = set(there.file.filed)
    pc.program.clock.sleep(_SECONDS_A_SET)
    answer = pc.quickbooks.process(text)
    made = tuple(txn_id for txn_id in there.file.filed if txn_id not in known)
    there.written.append(
        Written(at=pc.program.clock.now, connector=connector, set_id=_set_id(text), text=text, made=made)
    )
    pc.log.note(f"{pc.company} QuickBooks", text)
    pc.log.note(f"{pc.company} QuickBooks says", answer.response or answer.hresult)
    if made:
        pc.log.say(
            f"{pc.company} QuickBooks", f"{connector} brought {len(made)} documents into {there.label}"
        )
    return answer


def _set_id(text: str) -> str:
    """The id of a set that changes the file; "" for one that asks, also about what became of another."""
    start = text.find("<QBXMLMsgsRq")
    head = text[start : text.find(">", start)]
    new, old = _NEW_ID.search(head), _OLD_ID.search(head)
    return new[1] if new is not None and (old is None or old[1] != new[1]) else ""
