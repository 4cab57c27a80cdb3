"""A company file as an operator sees it: is it the right one, on what grounds, and what may be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qbconsole.books.lifecycle import DocumentState
from qbconsole.company.bearings import NOTE, Bearings, decided
from qbconsole.company.verdict import CHOICES, Evidence, Verdict, next_step
from qbconsole.store import parties
from qbconsole.store.books.recorded import count_in
from qbconsole.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """Where one company stands with its file."""

    company: str
    #: As the mapping names it, and as the linked file does; "" before the first session.
    name: str
    linked_name: str
    #: A value of `company.verdict.Verdict`; "ok" where nothing speaks against it.
    verdict: str
    sentence: str
    next_step: str
    found_at: datetime | None
    #: (what, value): what QuickBooks said.
    evidence: tuple[tuple[str, str], ...]
    #: What an operator may say, by `company decide`.
    choices: tuple[str, ...]
    #: What was said already, and by whom; it is carried out in the next session.
    said: str
    said_by: str
    #: The same as a sentence, with what comes of it.
    decided: str
    #: Why nothing is written, whatever the cause; "" while all is well.
    stopped: str
    epoch: int
    serial: int
    last_contact_at: datetime | None
    deleted_until: datetime | None
    #: Why deletions in QuickBooks cannot all be known; "" where they are.
    deleted_gap: str
    #: Documents that are gone from QuickBooks and wait for a person.
    lost: int
    deleted: int

    @property
    def is_well(self) -> bool:
        """Whether sessions write to it."""
        return self.verdict == Verdict.OK and not self.stopped

    @property
    def word(self) -> str:
        """The verdict; where the file is the right one and nothing is written all the same, that."""
        return "stopped" if self.verdict == Verdict.OK and self.stopped else self.verdict


def file_state(store: Store, company: str, name: str) -> FileState:
    """One company; `name` is the mapping's."""
    with store.reading() as tx:
        row = parties.company(tx, company)
        left = Bearings.of(parties.note(tx, company, NOTE))
        lost = count_in(tx, company, DocumentState.LOST_BY_RESTORE)
        deleted = count_in(tx, company, DocumentState.DELETED_IN_QUICKBOOKS)
    verdict = Verdict(left.verdict) if left.verdict else Verdict.OK
    return FileState(
        company=company,
        name=name,
        linked_name=row.linked_name if row else "",
        verdict=verdict.value,
        sentence=left.sentence,
        next_step=next_step(verdict, company),
        found_at=_moment(left.found_at),
        evidence=_evidence(left.evidence),
        choices=tuple(word.value for word in CHOICES.get(verdict, ())),
        said=left.said,
        said_by=left.said_by,
        decided=decided(left),
        stopped=row.stopped if row else "",
        epoch=row.epoch if row else 1,
        serial=row.marker_serial if row else 0,
        last_contact_at=row.last_contact_at if row else None,
        deleted_until=_moment(left.deleted_until),
        deleted_gap=" ".join(filter(None, (left.deleted_untold, left.deleted_gap))),
        lost=lost,
        deleted=deleted,
    )


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _evidence(told: Evidence | None) -> tuple[tuple[str, str], ...]:
    if told is None:
        return ()
    rows = (
        ("company name", told.name),
        ("marker", told.marker if told.marker is not None else "none"),
        ("last restored", told.restored),
        ("last condensed", told.condensed),
        ("recorded last, not there", ", ".join(told.missing)),
    )
    return tuple((what, value) for what, value in rows if value)
