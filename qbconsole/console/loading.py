"""Loading: everything that takes time, in threads. A worker reads and posts one past-tense message, nothing else.

Workers belong to the app, so that leaving a screen does not end them; a newer question of the same group makes the
older answer unwanted. What a worker cannot read becomes ReadingFailed, never a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import work
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import get_current_worker

from qbconsole.console.desk import Desk, QueueQuestion, RowId
from qbconsole.console.messages import (
    ActionDone,
    BooksChanged,
    DetailRead,
    JourneyMissed,
    JourneyRead,
    OpeningFailed,
    QueueRead,
    ReadingFailed,
    RowsRead,
    StatusRead,
    TargetsRead,
    WorkspaceOpened,
)
from qbconsole.errors import QbconsoleError, UsageError
from qbconsole.visible import safe


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
        _post(to, lambda: StatusRead(desk.source.status(merchant), desk.source.merchants()))

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
        """Read why one row waits."""
        _post(to, lambda: DetailRead(desk.source.detail(key)))

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
            merchants = {row.merchant for row in rows}
            status = desk.source.status(None)
            wanted = {one.company for one in status.merchants if one.id in merchants}
            files = [one.linked_name or one.name for one in status.companies if one.id in wanted]
            return TargetsRead(action, rows, files)

        _post(to, read)

    @work(thread=True, group="act", exit_on_error=False)
    def carry_out(self, to: MessagePump, act: Callable[[], str]) -> None:
        """Do what the operator confirmed; it is never cut short by a newer one."""
        _post(to, lambda: ActionDone(act()))
