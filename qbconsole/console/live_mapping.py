"""Live: the mapping editor's desk over a real workspace. It reads and tries; saving comes from the caller as Actions."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from qbconsole.care.mapping_check import Checked, checked
from qbconsole.care.mapping_file import DiskState, OnDisk, begin, disk_state
from qbconsole.company.renames import Renames
from qbconsole.console.desk import Lists, Standing
from qbconsole.errors import MappingInvalid
from qbconsole.rules.mapping.editing import Editing
from qbconsole.rules.mapping.read import read
from qbconsole.sync.knowing import known_company, known_renames
from qbconsole.sync.preview import Effect, Past, preview
from qbconsole.views.mapping.known import lists_read
from qbconsole.views.mapping.lacking import lacking
from qbconsole.views.mapping.page import Page, page_of
from qbconsole.views.mapping.uses import Uses, uses
from qbconsole.views.revisions import RevisionLine, history, revision
from qbconsole.workspace import MAPPING, Workspace

#: The live effect replays so many days.
DAYS = 30


class LiveMapping:
    """Answers about a workspace's mappings.toml."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._past = Past()
        #: A cancelled replay may still end its page, and the past is for one at a time.
        self._replaying = threading.Lock()

    def seen(self, editing: Editing | None) -> tuple[Editing, OnDisk, Standing]:
        """Look at the file: as it is against an editing, which is begun where there is none."""
        standing = self.standing()
        path = self._workspace.root / MAPPING
        if editing is None:
            try:
                editing = begin(path)
            except MappingInvalid as fault:
                # What cannot be read as text is edited as it was last in force.
                unreadable = OnDisk(state=DiskState.UNREADABLE, why=f"{fault.where}: {fault.what}")
                return Editing.begin(self._workspace.mapping_text(), MAPPING), unreadable, standing
        return editing, disk_state(path, editing), standing

    def standing(self) -> Standing:
        """Give what is in force, and why the file is not."""
        fault = self._workspace.mapping_fault()
        said = f"{fault.where}: {fault.what.splitlines()[0]}" if fault is not None else ""
        last = history(self._workspace.store, limit=1) if said else ()
        return Standing(fault=said, revision=last[0].number if last else 0)

    def page(self, editing: Editing, merchant: str | None, *, shown: Editing | None = None) -> Page:
        """Make sections and rows of an editing."""
        wanted = lacking(self._workspace.store)
        in_force = self._in_force()
        renames = self._renames(in_force)
        return page_of(editing, in_force, wanted, merchant=merchant, shown=shown, renames=renames)

    def _renames(self, in_force: str) -> dict[str, Renames]:
        """Company -> what QuickBooks calls otherwise by now."""
        try:
            companies = read(in_force, MAPPING).companies
        except MappingInvalid:
            return {}
        with self._workspace.store.reading() as tx:
            return {company: known_renames(tx, company) for company in companies}

    def _in_force(self) -> str:
        try:
            return self._workspace.mapping_text()
        except MappingInvalid:
            return ""

    def uses(self, merchant: str | None) -> Uses:
        """Count how often each entry was used."""
        return uses(self._workspace.store, merchant=merchant)

    def company_of(self, merchant: str | None) -> str:
        """Give the company file a merchant posts into; without one, the first."""
        mapping = read(self._in_force(), MAPPING)
        if merchant is not None and merchant in mapping.merchants:
            return mapping.merchants[merchant].company
        return next(iter(mapping.companies), "")

    def lists(self, company: str) -> Lists:
        """Give a company file's lists as QuickBooks told them last."""
        store = self._workspace.store
        with store.reading() as tx:
            known = known_company(tx, company)
        return Lists(company=known, read_at=lists_read(store, company))

    def effect(
        self,
        text: str,
        merchants: Sequence[str],
        *,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> Effect:
        """Replay the last days under a text. Raises MappingFaults, PluginBroken."""
        mapping = read(text, MAPPING)
        with self._replaying:
            means = self._workspace.means()
            since = self._workspace.clock().date() - timedelta(days=DAYS)
            if cancelled():
                return Effect(since=since, merchants=tuple(merchants), is_whole=False)
            return preview(
                means,
                dataclasses.replace(means, mapping=mapping, mapping_text=text),
                since=since,
                merchants=merchants,
                progress=progress,
                cancelled=cancelled,
                past=self._past,
            )

    def history(self) -> Sequence[RevisionLine]:
        """Give the revisions, the one in force first."""
        return history(self._workspace.store)

    def text_of(self, number: int) -> str:
        """Give a revision's text."""
        return revision(self._workspace.store, number).text

    def check(self, editing: Editing) -> Checked:
        """Look a valid text through, against QuickBooks' lists too."""
        today = self._workspace.clock().date()
        return checked(editing.text, editing.file, None, self._workspace.store, today)
