"""Loading: everything that takes time, in threads. A worker reads and posts one past-tense message, nothing else.

Workers belong to the app, so that leaving a screen does not end them; a newer question of the same group makes the
older answer unwanted. What a worker cannot read becomes ReadingFailed, never a crash.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import Worker, get_current_worker

from qbconsole.console.desk import Desk, QueueQuestion, RowId
from qbconsole.console.messages import (
    ActionDone,
    BooksChanged,
    DetailMissed,
    DetailRead,
    JourneyMissed,
    JourneyRead,
    LogErrorFound,
    LogLineRead,
    LogLinesRead,
    LogRead,
    LogRefused,
    OpeningFailed,
    PluginsRead,
    QueueRead,
    ReadingFailed,
    RowsRead,
    StatusRead,
    TargetsRead,
    WorkspaceOpened,
)
from qbconsole.errors import QbconsoleError, UsageError
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.views.logs.book import LogBook, LogFound
    from qbconsole.views.logs.wanted import LogQuestion
    from qbconsole.views.queue import QueueRow

#: Seconds a search of the log works before it tells how far it came and is asked to go on.
LOG_SECONDS = 0.4


def _files(desk: Desk, rows: Sequence[QueueRow]) -> list[str]:
    """The company files these rows go to, by their names."""
    merchants = {row.merchant for row in rows}
    status = desk.source.status(None)
    wanted = {one.company for one in status.merchants if one.id in merchants}
    return [one.linked_name or one.name for one in status.companies if one.id in wanted]


def _post(to: MessagePump, read: Callable[[], Message]) -> None:
    try:
        message = read()
    except QbconsoleError as error:
        message = ReadingFailed(safe(error), safe(error.next))
    if not get_current_worker().is_cancelled:
        to.post_message(message)


class Loading(App[None]):
    """The app's workers."""

    #: None until the workspace is open.
    desk: Desk | None = None
    _seen: object = None

    @work(thread=True, group="open", exit_on_error=False)
    def open_desk(self, opener: Callable[[], Desk]) -> None:
        """Open the workspace: this is where the heavy modules are imported."""
        try:
            desk = opener()
            merchants = desk.source.merchants()
        except QbconsoleError as error:
            self.post_message(OpeningFailed(error))
            return
        self.post_message(WorkspaceOpened(desk, merchants))

    @work(thread=True, group="poll", exclusive=True, exit_on_error=False)
    def look_for_changes(self, desk: Desk) -> None:
        """Post BooksChanged when anything was written since the last look; the first look always does."""
        found = desk.source.changes()
        if found != self._seen:
            self._seen = found
            self.post_message(BooksChanged())

    @work(thread=True, group="status", exclusive=True, exit_on_error=False)
    def read_status(self, to: MessagePump, desk: Desk, merchant: str | None) -> None:
        """Read health, counts and causes."""

        def read() -> Message:
            standing = desk.mapping.standing() if desk.mapping is not None else None
            return StatusRead(desk.source.status(merchant), desk.source.merchants(), standing)

        _post(to, read)

    @work(thread=True, group="queue", exclusive=True, exit_on_error=False)
    def read_queue(self, to: MessagePump, desk: Desk, question: QueueQuestion) -> None:
        """Read the order of a queue's rows."""
        _post(to, lambda: QueueRead(question, desk.source.ids(question)))

    @work(thread=True, group="rows", exit_on_error=False)
    def read_rows(self, to: MessagePump, desk: Desk, ids: Sequence[RowId]) -> None:
        """Read one page of rows; every page asked for is wanted."""
        _post(to, lambda: RowsRead(desk.source.rows(ids)))

    @work(thread=True, group="detail", exclusive=True, exit_on_error=False)
    def read_detail(self, to: MessagePump, desk: Desk, key: str) -> None:
        """Read why one row waits, or that it does no more."""

        def read() -> Message:
            try:
                return DetailRead(desk.source.detail(key))
            except UsageError:
                return DetailMissed(key)

        _post(to, read)

    @work(thread=True, group="journey", exclusive=True, exit_on_error=False)
    def read_journey(self, to: MessagePump, desk: Desk, asked: str) -> None:
        """Read an order's way, or what is near to that name."""

        def read() -> Message:
            try:
                return JourneyRead(asked, desk.source.journey(asked))
            except UsageError as error:
                return JourneyMissed(asked, safe(error), safe(error.next))

        _post(to, read)

    @work(thread=True, group="targets", exclusive=True, exit_on_error=False)
    def read_targets(self, to: MessagePump, desk: Desk, action: str, ids: Sequence[RowId]) -> None:
        """Read the rows an action is about, and the company files they go to."""

        def read() -> Message:
            rows = [row for row in desk.source.rows(ids).values() if row is not None]
            return TargetsRead(action, rows, _files(desk, rows))

        _post(to, read)

    @work(thread=True, group="targets", exclusive=True, exit_on_error=False)
    def read_named_targets(self, to: MessagePump, desk: Desk, action: str, keys: Sequence[str]) -> None:
        """Read the same of rows that are known by their keys."""

        def read() -> Message:
            rows = [desk.source.detail(key).row for key in keys]
            return TargetsRead(action, rows, _files(desk, rows))

        _post(to, read)

    def look(
        self, to: MessagePump, group: str, read: Callable[[], Message], *, exclusive: bool = True
    ) -> Worker[None]:
        """Ask something; a newer question of the same group makes the older answer unwanted."""
        return self.run_worker(
            partial(_post, to, read),
            name=group,
            group=group,
            exclusive=exclusive,
            thread=True,
            exit_on_error=False,
        )

    @work(thread=True, group="act", exit_on_error=False)
    def carry_out(self, to: MessagePump, act: Callable[[], str]) -> None:
        """Do what the operator confirmed; it is never cut short by a newer one."""
        _post(to, lambda: ActionDone(act()))

    @work(thread=True, group="log", exclusive=True, exit_on_error=False)
    def read_log(self, to: MessagePump, book: LogBook, question: LogQuestion, *, tail_first: bool) -> None:
        """Read which lines of the log are wanted; with `tail_first` the newest are told before all are counted."""
        cancelled = get_current_worker()

        def read() -> Message:
            until = time.monotonic() + LOG_SECONDS  # from here on: a thread may have waited for its turn
            try:
                if tail_first:
                    found, lines = book.tail(question)
                    return LogRead(found, None, {number: line for number, line in lines.items() if line})
                wanted = book.find(question, stop=lambda: cancelled.is_cancelled or time.monotonic() > until)
                return LogRead(wanted, book.pulse(), {})
            except UsageError as error:
                return LogRefused(safe(error))

        _post(to, read)

    @work(thread=True, group="log lines", exit_on_error=False)
    def read_log_lines(self, to: MessagePump, book: LogBook, epoch: int, numbers: Sequence[int]) -> None:
        """Read some lines of the log; every page asked for is wanted."""

        def read() -> Message:
            found = book.lines(numbers)
            return LogLinesRead(epoch, {number: line for number, line in found.items() if line is not None})

        _post(to, read)

    @work(thread=True, group="log line", exclusive=True, exit_on_error=False)
    def read_log_line(self, to: MessagePump, book: LogBook, number: int, purpose: str) -> None:
        """Read one line of the log as it is written."""
        _post(to, lambda: LogLineRead(number, book.whole(number), purpose))

    @work(thread=True, group="log error", exclusive=True, exit_on_error=False)
    def find_log_error(self, to: MessagePump, book: LogBook, found: LogFound, number: int, by: int) -> None:
        """Look for the next error among lines found."""
        _post(to, lambda: LogErrorFound(book.error(found, number, by)))

    @work(thread=True, group="log export", exit_on_error=False)
    def export_log(self, to: MessagePump, book: LogBook, found: LogFound, path: Path) -> None:
        """Write lines found into a file of the operator's own."""

        def write() -> Message:
            count = book.export(found, path)
            return ActionDone(f"{count:,} lines written to {path}")

        _post(to, write)

    @work(thread=True, group="plugins", exclusive=True, exit_on_error=False)
    def read_plugins(self, to: MessagePump, desk: Desk) -> None:
        """Read the merchants' plugins; each that is enabled is loaded in a process of its own."""
        _post(to, lambda: PluginsRead(desk.plugins()))
