"""Messages: what has happened, in the past tense. Workers and widgets post them, handlers change the screen.

A worker that reads for a screen posts to that screen; anything the whole console must know goes to the app.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.message import Message

if TYPE_CHECKING:
    from qbconsole.care.company_file import DecisionPlan
    from qbconsole.console.desk import Desk, PluginState, QueueQuestion, RowId, Standing
    from qbconsole.errors import QbconsoleError
    from qbconsole.views.company_file import FileState
    from qbconsole.views.journey import Journey
    from qbconsole.views.logs.book import LogFound
    from qbconsole.views.logs.lines import LogLine
    from qbconsole.views.logs.pulse import Pulse
    from qbconsole.views.plan import BatchPlan
    from qbconsole.views.queue import QueueDetail, QueueRow
    from qbconsole.views.status import Status


class WorkspaceOpened(Message):
    """The store is open and the first questions may be asked."""

    def __init__(self, desk: Desk, merchants: Sequence[str]) -> None:
        self.desk = desk
        self.merchants = tuple(merchants)
        super().__init__()


class OpeningFailed(Message):
    """There is nothing to show: the workspace or its store cannot be opened."""

    def __init__(self, error: QbconsoleError) -> None:
        self.error = error
        super().__init__()


class BooksChanged(Message):
    """Something was written since the last look."""


class ReadingFailed(Message):
    """One question could not be answered; the screen keeps what it has."""

    def __init__(self, what: str, next_step: str) -> None:
        self.what = what
        self.next_step = next_step
        super().__init__()


class StatusRead(Message):
    """Health, counts and causes arrived."""

    def __init__(self, status: Status, merchants: Sequence[str], standing: Standing | None = None) -> None:
        self.status = status
        self.merchants = tuple(merchants)
        #: What is in force of the mapping; None where there is no file to ask.
        self.standing = standing
        super().__init__()


class QueueRead(Message):
    """The order of a queue's rows arrived; the rows follow page by page."""

    def __init__(self, question: QueueQuestion, ids: Sequence[RowId]) -> None:
        self.question = question
        self.ids = ids
        super().__init__()


class RowsRead(Message):
    """One page of the queue arrived."""

    def __init__(self, rows: Mapping[RowId, QueueRow | None]) -> None:
        self.rows = rows
        super().__init__()


class DetailRead(Message):
    """Why one row waits, and what mends it."""

    def __init__(self, detail: QueueDetail) -> None:
        self.detail = detail
        super().__init__()


class DetailMissed(Message):
    """A row left the queue before it could be told why it waits."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()


class JourneyRead(Message):
    """One order's way into QuickBooks arrived."""

    def __init__(self, asked: str, journey: Journey) -> None:
        self.asked = asked
        self.journey = journey
        super().__init__()


class JourneyMissed(Message):
    """Nothing, or more than one thing, answers to that name."""

    def __init__(self, asked: str, what: str, next_step: str) -> None:
        self.asked = asked
        self.what = what
        self.next_step = next_step
        super().__init__()


class TargetsRead(Message):
    """The rows an action is about, complete, so that the question to the operator can tell their total."""

    def __init__(self, action: str, rows: Sequence[QueueRow], company_files: Sequence[str]) -> None:
        self.action = action
        self.rows = tuple(rows)
        self.company_files = tuple(company_files)
        super().__init__()


class FilesRead(Message):
    """How the company files stand."""

    def __init__(self, files: Sequence[FileState]) -> None:
        self.files = tuple(files)
        super().__init__()


class PlanMade(Message):
    """What a word on a company file would do; nothing was done."""

    def __init__(self, plan: DecisionPlan) -> None:
        self.plan = plan
        super().__init__()


class ApprovalPlanned(Message):
    """What an approval would let go; nothing was approved."""

    def __init__(self, plan: BatchPlan) -> None:
        self.plan = plan
        super().__init__()


class ActionDone(Message):
    """An action was carried out and is durable."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__()


class TableMessage(Message):
    """Something happened in a table; `control` is the table, so that a screen with several tells them apart."""

    @property
    def control(self) -> DOMNode | None:
        """The table."""
        return self._sender if isinstance(self._sender, DOMNode) else None


class CursorMoved(TableMessage):
    """Another row of a table is under the cursor."""

    def __init__(self, row: RowId) -> None:
        self.row = row
        super().__init__()


class RowOpened(TableMessage):
    """Enter was pressed on a row."""

    def __init__(self, row: RowId) -> None:
        self.row = row
        super().__init__()


class RowsMissed(TableMessage):
    """A table had to paint rows it does not have yet."""

    def __init__(self, ids: Sequence[RowId]) -> None:
        self.ids = tuple(ids)
        super().__init__()


class MarksChanged(TableMessage):
    """Rows were marked or unmarked."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__()


class SortChosen(TableMessage):
    """The operator wants another order of rows."""

    def __init__(self, sort: str, reverse: bool) -> None:
        self.sort = sort
        self.reverse = reverse
        super().__init__()


class FollowChanged(Message):
    """A log began or ceased to follow what is written."""

    def __init__(self, on: bool) -> None:
        self.on = on
        super().__init__()


class LogRead(Message):
    """Which lines of the log answer a question; `lines` are there where they were read along."""

    def __init__(self, found: LogFound, pulse: Pulse | None, lines: Mapping[int, LogLine]) -> None:
        self.found = found
        self.pulse = pulse
        self.lines = dict(lines)
        super().__init__()


class LogRefused(Message):
    """What was typed is no question to the log."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__()


class LogLinesRead(Message):
    """Some lines of the log arrived."""

    def __init__(self, epoch: int, lines: Mapping[int, LogLine]) -> None:
        self.epoch = epoch
        self.lines = dict(lines)
        super().__init__()


class LogLineRead(Message):
    """One line arrived as it is written, to be shown whole or copied."""

    def __init__(self, number: int, raw: bytes, purpose: str) -> None:
        self.number = number
        self.raw = raw
        self.purpose = purpose
        super().__init__()


class LogErrorFound(Message):
    """The next error is here, or there is none."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        super().__init__()


class PluginsRead(Message):
    """The merchants' plugins and their states arrived."""

    def __init__(self, plugins: Sequence[PluginState]) -> None:
        self.plugins = tuple(plugins)
        super().__init__()
