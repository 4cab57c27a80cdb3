"""Dashboard: is all well, how much is there, what needs a person, and when the Web Connector was last here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from qbconsole.console.desk import RowId
from qbconsole.console.messages import CursorMoved, RowOpened, StatusRead
from qbconsole.console.screens.framed import Framed
from qbconsole.console.showing import age, clock, plural, text
from qbconsole.console.widgets.dialogs import Paper
from qbconsole.console.widgets.virtual_table import Column, Row, Tone, VirtualTable, fitted
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.console.desk import Standing
    from qbconsole.views.status import Cause, CompanyStatus, MerchantStatus, SessionLine, Status

#: The reason of holds that stop all of a merchant: a plugin of its is broken.
PLUGIN = "plugin_broken"
_PLACE = re.compile(r" ?\(([^()\s]+:\d+)\)")
#: Lines of a panel; what is beyond is counted.
HEALTH_LINES = 5
SESSION_LINES = 4


class DashboardScreen(Framed):
    """The first screen."""

    MODE: ClassVar[str] = "dash"

    def __init__(self) -> None:
        super().__init__()
        self._status: Status | None = None

    def body(self) -> Iterable[Widget]:
        """Lay the four panels out."""
        health = Static("Opening …", id="health", classes="panel", markup=False)
        health.border_title = "Health"
        books = Static("", id="books", classes="panel", markup=False)
        books.border_title = "Books"
        yield Static("", id="stopped", markup=False)
        yield Horizontal(health, books, id="top")
        table = VirtualTable(
            Column(title="", width=1),
            Column(title="", width=6, right=True),
            Column(title="", width=30, grows=True),
            Column(title="", width=10, right=True),
            id="causes",
            empty="…",
            heads=False,
        )
        needs = Vertical(table, Static("", id="next", markup=False), id="needs", classes="panel")
        needs.border_title = "Needs you"
        yield needs
        sessions = Static("", id="sessions", classes="panel", markup=False)
        sessions.border_title = "Recent Web Connector sessions"
        yield sessions

    def reload(self) -> None:
        """Ask for the status of the merchant shown."""
        console = self.console
        if console.desk is not None:
            console.read_status(self, console.desk, console.merchant)

    def right(self) -> str:
        """Give how many things need a person."""
        if self._status is None:
            return "opening …"
        count = self._status.things
        return f"{plural(count, 'thing')} for you" if count else "all well"

    @on(StatusRead)
    def _read(self, event: StatusRead) -> None:
        console = self.console
        if console.desk is None:
            return
        now = console.desk.source.now()
        self._status = event.status
        console.merchant_ids = event.merchants
        self._show_health()
        self.query_one("#books", Static).update(lines(book_lines(event.status), HEALTH_LINES))
        self.query_one("#sessions", Static).update(lines(session_lines(event.status, now), SESSION_LINES))
        needs = self._needs()
        self._show_stopped(event.standing)
        table = self.query_one("#causes", VirtualTable)
        table.say_when_empty("Nothing needs you.")
        rows: dict[RowId, Row] = {place: need_row(need, now) for place, need in enumerate(needs)}
        table.show_ids(list(rows), rows=rows, keep=True)
        self.query_one("#needs").border_title = needs_title(event.status)
        self._show_next(table.cursor_id)
        self.head()

    def on_resize(self) -> None:
        """On few columns health stands above the books, with fewer lines."""
        super().on_resize()
        self.call_after_refresh(self._show_health)

    def _show_health(self) -> None:
        desk = self.console.desk
        if self._status is not None and desk is not None:
            panel = self.query_one("#health", Static)
            room = panel.content_size.height or HEALTH_LINES
            panel.update(lines(health_lines(self._status, desk.source.now()), room))

    @on(CursorMoved)
    def _moved(self, event: CursorMoved) -> None:
        self._show_next(event.row)

    def _show_next(self, row: object) -> None:
        need = self._need(row)
        words = "" if need is None else f"-> {need if isinstance(need, str) else need.next_step}"
        room = self.query_one("#needs").size
        fits = max(1, room.height * 2 // 5) * max(20, room.width - 12)  # lines break between words
        self.query_one("#next", Static).update(Text(safe(words, limit=fits)))

    def _causes(self) -> tuple[Cause, ...]:
        """What needs a person; what stops all posting of a merchant comes first, what needs nobody last."""
        causes = self._status.held_by_cause if self._status else ()
        return tuple(sorted(causes, key=lambda cause: (cause.is_quiet, cause.reason != PLUGIN)))

    def _needs(self) -> list[str | Cause]:
        """What no hold tells comes first, in a sentence each; then what is held, by cause."""
        return [*(self._status.untold if self._status else ()), *self._causes()]

    def _show_stopped(self, standing: Standing | None) -> None:
        """Say on top that a broken plugin stops posting, that a company file waits for a word, or that the mapping's file is not in force."""
        stopped = [cause for cause in self._causes() if cause.reason == PLUGIN]
        fault = standing.fault if standing is not None else ""
        line = self.query_one("#stopped", Static)
        halted = self._halted()
        line.set_class(bool(stopped or fault or halted), "shown")
        if stopped:
            more = f" and {len(stopped) - 1:,} more" if len(stopped) > 1 else ""
            words = f"! Posting stopped: {place_first(stopped[0].sentence)}"
            room = max(20, (self.size.width or 80) - len(more) - 16)
            line.update(Text(f"{safe(words, limit=room)}{more}  enter: show", no_wrap=True))
        elif halted:
            room = max(20, (self.size.width or 80) - 14)
            words = f"! {halted[0].id} stopped: {halted[0].stopped}"
            line.update(Text(f"{safe(words, limit=room)}  F: decide", no_wrap=True))
        elif fault:
            room = max(20, (self.size.width or 80) - 9)
            words = f"! The last good mapping stays in force: {fault}"
            line.update(Text(f"{safe(words, limit=room)}  4: show", no_wrap=True))

    def _halted(self) -> list[CompanyStatus]:
        """Companies whose file waits for a person's word."""
        return [one for one in self._status.companies if one.is_to_decide] if self._status else []

    def _need(self, row: object) -> str | Cause | None:
        needs = self._needs()
        return needs[row] if isinstance(row, int) and row < len(needs) else None

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        """A sentence: read it whole; one subject: look at it; several: the queue, only these."""
        cause = self._need(event.row)
        if cause is None:
            return
        if isinstance(cause, str):
            self.console.push_screen(Paper("Needs you", cause))
        elif cause.reason == PLUGIN:
            self.console.action_plugins()
        elif len(cause.subjects) == 1:
            self.console.inspect(cause.subjects[0])
        else:
            self.console.show_queue(view="exceptions", text=f"reason:{cause.reason}")


def place_first(sentence: str) -> str:
    """Give a sentence with its place in front, where one stands in brackets: the end of a banner may be cut."""
    found = _PLACE.search(sentence)
    return f"{found[1]} {sentence.replace(found[0], '', 1)}" if found else sentence


def lines(found: Iterable[Text], room: int) -> Text:
    """Give the lines that fit; the last tells how many do not."""
    every = list(found)
    if len(every) > room:
        rest = len(every) - room + 1
        every = [*every[: room - 1], Text(f"… and {rest:,} more: `qbconsole status`")]
    return Text("\n").join(every) if every else Text("-")


def health_lines(status: Status, now: datetime) -> list[Text]:
    """Give a line each for shop, Web Connector and QuickBooks; what is wrong comes first."""
    found = [_shop_line(one, now) for one in status.merchants]
    found += [_health("QuickBooks", True, "LEFT", told) for told in status.left_behind]
    for company in status.companies:
        found += [_connector_line(company, now), _file_line(company)]
    return [line for _, line in sorted(found, key=lambda one: not one[0])]


def _health(what: str, wrong: bool, word: str, about: str) -> tuple[bool, Text]:
    line = text(f"{what:<10}{'!' if wrong else ' '} ")
    line.append(fitted(word, 6), style="bold" if wrong else "")
    line.append(f" {safe(about)}")
    line.no_wrap, line.overflow = True, "ellipsis"
    return wrong, line


def _shop_line(one: MerchantStatus, now: datetime) -> tuple[bool, Text]:
    coming = one.schedule.next_at if one.schedule is not None else None
    then = f", next {clock(coming, now)}" if coming is not None else ""
    if one.schedule is not None and one.schedule.trouble:
        return _health("Shopify", True, "SYNC", f"{one.id}: {one.schedule.trouble}")
    if one.last_pulled_at is None:
        return _health("Shopify", False, "new", f"{one.id}: nothing pulled yet{then}")
    return _health("Shopify", False, "ok", f"{clock(one.last_pulled_at, now)} {one.id}{then}")


def _connector_line(one: CompanyStatus, now: datetime) -> tuple[bool, Text]:
    if one.last_contact_at is None and not one.turned_away:
        return _health("Connector", False, "new", f"{one.id}: not seen yet")
    if one.turned_away:
        return _health("Connector", True, "DENIED", f"{one.id}: {one.turned_away}")
    quiet = one.is_silent or bool(one.quiet)
    word = "busy" if one.lease_owner else "QUIET" if quiet else "ok"
    return _health(
        "Connector", quiet and not one.lease_owner, word, f"{clock(one.last_contact_at, now)} {one.id}"
    )


def _file_line(one: CompanyStatus) -> tuple[bool, Text]:
    if one.stopped:
        return _health("QuickBooks", True, "STOP", one.stopped)
    if not one.linked_name:
        return _health("QuickBooks", False, "new", f"{one.name}: not linked yet")
    word = "ok" if one.lists_known else "new"
    return _health("QuickBooks", False, word, one.linked_name)


def _sum(tables: Iterable[Mapping[Any, int]], *states: str) -> int:
    return sum(count for table in tables for state, count in table.items() if str(state) in states)


def book_lines(status: Status) -> Iterator[Text]:
    """Give the counts, two a line; what needs a person has its sign."""
    documents = [one.documents for one in status.merchants]
    requests = [one.counts for one in status.companies]
    approvals = [one.to_approve for one in status.companies]
    pairs = (
        (("orders", sum(one.orders for one in status.merchants), False),
         ("to book", sum(one.to_book for one in status.merchants), False)),
        (("documents", sum(sum(table.values()) for table in documents), False),
         ("recorded", _sum(documents, "recorded", "verified"), False)),
        (("queued", _sum(requests, "waiting", "ready", "sent") - sum(one.incomplete for one in approvals), False),
         ("approval", sum(one.count + len(one.kept) for one in approvals), any(one.sentences("", alone=True) for one in approvals))),
        (("in doubt", _sum(requests, "in_doubt"), True),
         ("refused", _sum(requests, "refused", "quarantined"), True)),
        (("held", sum(one.held for one in status.merchants), any(one.held > one.held_quietly for one in status.merchants)),
         ("flagged", sum(one.flagged for one in status.merchants), True)),
    )  # fmt: skip
    for pair in pairs:
        yield Text("  ").join(_count(*one) for one in pair)


def _count(word: str, count: int, needs: bool) -> Text:
    wrong = needs and count > 0
    return Text(f"{'!' if wrong else ' '} {word:<10}{count:>6,}", style="bold" if wrong else "")


def needs_title(status: Status) -> str:
    """Give how many things need a person, and how many are only listed."""
    listed = sum(cause.count for cause in status.held_by_cause if cause.is_quiet)
    return f"Needs you ({status.things:,})" + (f", needs nobody ({listed:,})" if listed else "")


def need_row(need: str | Cause, now: datetime) -> Row:
    """Give one line of "Needs you"."""
    return (
        Row(cells=("!", "", need, ""), tone=Tone.PROBLEM) if isinstance(need, str) else cause_row(need, now)
    )


def cause_row(cause: Cause, now: datetime) -> Row:
    """Give one line of "Needs you"; what nobody has to act on has no sign."""
    cells = (" " if cause.is_quiet else "!", f"{cause.count:,} x", cause.sentence, age(cause.oldest_at, now))
    return Row(cells=cells, tone=Tone.QUIET if cause.is_quiet else Tone.PROBLEM)


def session_lines(status: Status, now: datetime) -> Iterator[Text]:
    """Give the newest sessions of all companies shown."""
    every = [(line, one.id) for one in status.companies for line in one.sessions]
    if not every:
        yield Text("None yet. Give the .qwc file of `qbconsole qwc` to the Web Connector.")
    for line, company in sorted(every, key=lambda pair: pair[0].opened_at, reverse=True)[:SESSION_LINES]:
        yield _session(line, company, now)


def _session(line: SessionLine, company: str, now: datetime) -> Text:
    state = "open" if line.closed_at is None else "closed"
    words = f"{clock(line.opened_at, now):>11}  {fitted(safe(line.ticket), 6)}  {fitted(safe(company), 12)}"
    words += f"  {plural(line.requests, 'set'):>8}  {state:<6}  {safe(line.phase)}"
    if line.last_error:
        words += f"  ! {safe(line.last_error)}"
    return Text(words, no_wrap=True, overflow="ellipsis")
