"""Desk: what the console is given to work with, as protocols: what it may read, and what it may have done.

The console itself never opens a store and never changes one: `live` builds the real desk in a worker after the
first paint, tests bring their own. Every method of Source and Actions is called in a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from qbconsole.care.company_file import DecisionPlan
    from qbconsole.care.mapping_check import Checked
    from qbconsole.care.mapping_file import Edited, OnDisk
    from qbconsole.company.snapshot import Company
    from qbconsole.rules.mapping.editing import Editing
    from qbconsole.sync.preview import Effect
    from qbconsole.views.company_file import FileState
    from qbconsole.views.journey import Journey
    from qbconsole.views.logs.book import LogBook
    from qbconsole.views.mapping.page import Page
    from qbconsole.views.mapping.uses import Uses
    from qbconsole.views.plan import BatchPlan
    from qbconsole.views.queue import QueueDetail, QueueRow
    from qbconsole.views.revisions import RevisionLine
    from qbconsole.views.status import Status

#: How a queue screen names a row before it is fetched; comes from views and goes back there.
RowId = Hashable
#: The saved views, by the values of `views.queue.View`.
VIEWS: dict[str, str] = {
    "exceptions": "Exceptions",
    "queued": "Queued",
    "recorded": "Recorded",
    "all": "All",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueQuestion:
    """Which rows of the queue, in which order."""

    view: str = "exceptions"
    merchant: str | None = None
    text: str = ""
    #: One of the names `views.queue.ids` sorts by.
    sort: str = "date"
    reverse: bool = True


class Source(Protocol):
    """Read-only answers."""

    def now(self) -> datetime:
        """Give the instant ages are counted from, in the operator's zone."""

    def changes(self) -> object:
        """Give something cheap that differs whenever anything was written."""

    def merchants(self) -> Sequence[str]:
        """Give the ids of all merchants, in the mapping's order."""

    def status(self, merchant: str | None) -> Status:
        """Give health, counts, and what needs a person."""

    def ids(self, question: QueueQuestion) -> Sequence[RowId]:
        """Give the rows a question is about, in order."""

    def rows(self, ids: Sequence[RowId]) -> Mapping[RowId, QueueRow | None]:
        """Give one page of rows, in the order of the ids; None for one that is gone meanwhile."""

    def detail(self, key: str) -> QueueDetail:
        """Give why a row waits and what mends it."""

    def journey(self, text: str) -> Journey:
        """Give an order's way into QuickBooks. Raises UsageError naming near ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force beside the file that is edited."""

    #: Why the file on disk is not in force, with its line; "" where it is.
    fault: str = ""
    #: The revision documents are booked under instead; 0 where there is none.
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """A company file's lists as QuickBooks told them last."""

    company: Company
    #: List -> when the whole of it was read.
    read_at: Mapping[str, datetime]


class MappingSource(Protocol):
    """Read-only answers about mappings.toml."""

    def seen(self, editing: Editing | None) -> tuple[Editing, OnDisk, Standing]:
        """Look at the file against an editing, which is begun where there is none."""

    def standing(self) -> Standing:
        """Give what is in force, and why the file is not."""

    def page(self, editing: Editing, merchant: str | None, *, shown: Editing | None = None) -> Page:
        """Make sections and rows; of `shown`, a candidate that is only tried, the text change."""

    def uses(self, merchant: str | None) -> Uses:
        """Count how often each entry was used."""

    def company_of(self, merchant: str | None) -> str:
        """Give the company file a merchant posts into; without one, the first."""

    def lists(self, company: str) -> Lists:
        """Give a company file's lists."""

    def effect(
        self,
        text: str,
        merchants: Sequence[str],
        *,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> Effect:
        """Replay the last days under a text; nothing is written. Raises MappingFaults, PluginBroken."""

    def history(self) -> Sequence[RevisionLine]:
        """Give the revisions, the one in force first."""

    def text_of(self, revision: int) -> str:
        """Give a revision's text. Raises UsageError where there is none."""

    def check(self, editing: Editing) -> Checked:
        """Look a valid text through, against QuickBooks' lists too."""


class Actions(Protocol):
    """What the operator may have done: what is behind `queue`, `hold`, `release`, `approve`, `mapping set` and `book`."""

    def save_mapping(self, editing: Editing) -> Edited:
        """Put an edited text in mappings.toml's place. Raises MappingFaults, FileMoved; then nothing is written."""

    def plan_decision(self, company: str, word: str) -> DecisionPlan:
        """Tell what a word on a company file would do. Raises UsageError where there is nothing to decide."""

    def decide(self, plan: DecisionPlan) -> str:
        """Say the word that was planned; gives one sentence. Raises UsageError where something else was found since."""

    def book_again(self) -> str:
        """Book what is held and may be cured by now; gives one sentence in the past tense."""

    def retry(self, keys: Sequence[str]) -> str:
        """Make the rows ready again, probing what may be in QuickBooks; gives one sentence in the past tense."""

    def ignore(self, keys: Sequence[str], reason: str) -> str:
        """Take the rows out of the queue for good, with the reason; gives one sentence in the past tense."""

    def hold(self, keys: Sequence[str], reason: str) -> str:
        """Keep back what has not left yet; gives one sentence in the past tense."""

    def release(self, keys: Sequence[str]) -> str:
        """Let go what a person holds, what is flagged or was refused; gives one sentence in the past tense."""

    def batch_plan(self, company: str) -> BatchPlan:
        """Give what an approval would let go."""

    def approve(self, plan: BatchPlan) -> str:
        """Let a batch go exactly as it was seen; gives one sentence. Raises UsageError when it is another one by now."""


class PluginState(Protocol):
    """What is known of one plugin, by `care`; its texts are the author's own."""

    @property
    def name(self) -> str:
        """The name merchants ask for it by."""

    @property
    def path(self) -> str:
        """Its file; "" where there is none."""

    @property
    def sha256(self) -> str:
        """Of the file."""

    @property
    def merchants(self) -> tuple[str, ...]:
        """Who asks for it."""

    @property
    def state(self) -> str:
        """One word or two: "ok", "broken", "not enabled"."""

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks it has."""

    @property
    def trouble(self) -> str:
        """What is wrong with it, with file and line."""

    @property
    def next_step(self) -> str:
        """What mends it."""


def _nothing() -> None:
    """There is nothing to let go of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One open workspace as the console sees it."""

    source: Source
    #: None: nothing can be changed from here.
    actions: Actions | None = None
    #: None: there is no mapping to be looked at.
    mapping: MappingSource | None = None
    #: None: there is no log to be read.
    log: LogBook | None = None
    #: Gives how each company file stands.
    files: Callable[[], Sequence[FileState]] = tuple
    #: Gives the merchants' plugins and their states; slow, because each is loaded.
    plugins: Callable[[], Sequence[PluginState]] = tuple
    close: Callable[[], None] = _nothing
