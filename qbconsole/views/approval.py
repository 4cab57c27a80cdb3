"""What waits for approval, counted and said as `plan`, `status` and the dashboard all say it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from qbconsole.store import journal
from qbconsole.store.requests.approvals import asking

#: What the journal calls a person's words on one document.
HELD_OR_NOT = ("hold", "release")


def counted(documents: int, entries: int) -> str:
    """Give "12 documents and 1 list entry", "0 documents" for nothing."""
    told = [
        f"{count:,} {one if count == 1 else many}"
        for count, one, many in (
            (documents, "document", "documents"),
            (entries, "list entry", "list entries"),
        )
        if count
    ]
    return " and ".join(told) or "0 documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToApprove:
    """What `approve` would let go, and what it would not because a person holds it by name."""

    documents: int = 0
    entries: int = 0
    #: Keys a person holds by name.
    kept: tuple[str, ...] = ()
    #: Of all these, how many wait for something else as well.
    incomplete: int = 0

    @property
    def is_known(self) -> bool:
        """Whether something waits for its approval alone; before QuickBooks' lists are read an entry may be there."""
        return bool(self.count) and self.count + len(self.kept) > self.incomplete

    @property
    def words(self) -> str:
        """Give "12 documents and 1 list entry wait for approval", "" for nothing."""
        waits = "waits" if self.count == 1 else "wait"
        return f"{counted(self.documents, self.entries)} {waits} for approval" if self.count else ""

    @property
    def count(self) -> int:
        """All that `words` counts."""
        return self.documents + self.entries

    def sentences(self, company: str, *, alone: bool) -> tuple[str, ...]:
        """What a person is told; `alone`: there is no other company file that a command could mean."""
        command = "qbconsole" if alone else f"qbconsole --company {company}"
        told = []
        if self.documents or self.is_known:
            told.append(f"{company}: {self.words}: look at `{command} plan`, then `{command} approve`.")
        if len(self.kept) == 1:
            told.append(
                f"{company}: 1 is held by name and no approval lets it go: `{command} release {self.kept[0]}` does."
            )
        elif self.kept:
            told.append(
                f"{company}: {len(self.kept)} are held by name and no approval lets them go, `{command} release` does. "
                f"List them with `{command} queue list --view queued --text status:approval`."
            )
        return tuple(told)


NOTHING = ToApprove()


def to_approve(tx: sa.Connection, company: str) -> ToApprove:
    """What waits for approval in one company file."""
    found = asking(tx, company)
    words = journal.last_words(tx, HELD_OR_NOT, [one.subject_key for one in found], company=company)
    kept = {key for key, word in words.items() if word.verb == "hold"}
    going = [one for one in found if one.subject_key not in kept]
    return ToApprove(
        documents=sum(not one.is_entry for one in going),
        entries=sum(one.is_entry for one in going),
        kept=tuple(one.subject_key for one in found if one.subject_key in kept),
        incomplete=sum(one.is_waiting for one in found),
    )
