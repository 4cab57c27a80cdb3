"""Live: the desk over a real workspace. Imported by a worker after the first paint, because it brings the store along.

Reads go through `views`; nothing here writes, and what may be changed comes from the caller as Actions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

from qbconsole.care.plugins import plugins_found
from qbconsole.console.desk import Actions, Desk, QueueQuestion, RowId
from qbconsole.console.live_mapping import LiveMapping
from qbconsole.rules.mapping.values import Mapping as Decisions
from qbconsole.views import journey as journeys
from qbconsole.views import queue, status
from qbconsole.views.company_file import FileState, file_state
from qbconsole.views.logs.book import LogBook
from qbconsole.views.queue import QueueId, QueueRow, View
from qbconsole.workspace import MAPPING, OWN, Workspace, no_session

#: Seconds between looks at a database whose file we cannot see.
UNSEEN = 5


class LiveSource:
    """Answers from a workspace's store."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._mapping: tuple[int, Decisions] | None = None

    def now(self) -> datetime:
        """Give the workspace's instant in the zone of this machine."""
        return self._workspace.clock().astimezone()

    def changes(self) -> object:
        """Give when the database's file and its log were last written: no query, and every commit is seen.

        And whether the disk has room: what happens to it is written nowhere.
        """
        path = self._store.path
        if path is None:
            return int(time.monotonic()) // UNSEEN
        room = no_session(path)
        return (_written(path), _written(Path(f"{path}-wal")), self._mapping_written(), room)

    def _mapping_written(self) -> int:
        return _written(self._workspace.root / MAPPING)

    def _decisions(self) -> Decisions:
        """The mapping in force, read anew when its file was written."""
        written = self._mapping_written()
        if self._mapping is None or self._mapping[0] != written:
            self._mapping = (written, self._workspace.means().mapping)
        return self._mapping[1]

    def merchants(self) -> Sequence[str]:
        """Give the mapping's merchants."""
        return tuple(self._decisions().merchants)

    def status(self, merchant: str | None) -> status.Status:
        """Give the dashboard's page."""
        now = self._workspace.clock()
        found = status.status(self._store, self._decisions(), now=now, merchant=merchant)
        return replace(found, here=no_session(self._store.path))

    def ids(self, question: QueueQuestion) -> Sequence[RowId]:
        """Give the rows of a view."""
        return queue.ids(
            self._store,
            View(question.view),
            merchant=question.merchant,
            text=question.text,
            sort=question.sort,
            reverse=question.reverse,
        )

    def rows(self, ids: Sequence[RowId]) -> Mapping[RowId, QueueRow | None]:
        """Give one page; where a row went meanwhile, each is asked for by itself."""
        wanted = cast(Sequence[QueueId], ids)
        found = queue.rows(self._store, wanted)
        if len(found) == len(wanted):
            return dict(zip(ids, found, strict=True))
        return {name: next(iter(queue.rows(self._store, [name])), None) for name in wanted}

    def detail(self, key: str) -> queue.QueueDetail:
        """Give why a row waits."""
        return queue.detail(self._store, key)

    def files(self) -> Sequence[FileState]:
        """Give how each company file stands."""
        companies = self._decisions().companies.values()
        return [file_state(self._store, one.id, one.name) for one in companies]

    def journey(self, text: str) -> journeys.Journey:
        """Give an order's way into QuickBooks."""
        return journeys.journey(self._store, text)


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def open_desk(
    root: Path | None,
    *,
    environ: Mapping[str, str] | None,
    readonly: bool,
    actions: Callable[[Workspace], Actions] | None,
) -> Desk:
    """Open the workspace. Raises WorkspaceError, StoreError or MappingInvalid, each with a next step."""
    workspace = Workspace.open(root, environ=environ, readonly=readonly)
    try:
        source = LiveSource(workspace)
        may = None if readonly or actions is None else actions(workspace)
    except BaseException:
        workspace.close()
        raise
    return Desk(
        source=source,
        actions=may,
        mapping=LiveMapping(workspace),
        log=LogBook(workspace.root / OWN / "logs"),
        files=source.files,
        plugins=lambda: plugins_found(workspace.means()),
        close=workspace.close,
    )
