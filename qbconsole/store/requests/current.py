"""Current: whether what was booked and not sent still is as the decisions in force would have it.

What decides a merchant's documents is what the mapping says for it, its plugins and the templates that may write for
it: its mark. `book` decides unsent documents of another mark again, and notes the revision it got through with. Until
then a session sends nothing of that merchant: wrong names in QuickBooks are mended by hand, a late document is not.
Why: docs/adr/0019-unsent-documents-follow-the-decisions-in-force.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.rules.mapping.faults import MappingFaults
from qbconsole.rules.mapping.read import parse
from qbconsole.store import decisions, parties, snapshots
from qbconsole.store.books.unsent import decided_otherwise, revisions_planned
from qbconsole.store.database.statements import run
from qbconsole.store.schema import request_bodies, requests

#: Cursor of a merchant: the revision all its unsent documents were decided by, or would be decided alike. "" while
#: `book` decides them by another, and after it was cut off: each is looked at then.
DECIDED_BY = "decided_by"
#: In its place: something unsent has to be decided again whatever the decisions in force say of it.
AGAIN = "again"
#: Note of a company: merchants that posted into it once.
_LEFT = "left"
#: What was superseded before it left the house is of no use to anybody, and may name who had to be forgotten.
_FORGET = (
    sa.update(request_bodies)
    .where(
        request_bodies.c.request_id.in_(
            sa.select(requests.c.id).where(
                requests.c.merchant == sa.bindparam("the_merchant"),
                requests.c.state == RequestState.SUPERSEDED.value,
                requests.c.message_set.is_(None),
            )
        )
    )
    .values(body="")
)
#: What a mapping says that decides no document.
_BESIDE = ("schedule",)


def old_revisions(tx: sa.Connection, merchant: str, number: int) -> frozenset[int]:
    """Revisions that decided planned documents of this merchant otherwise than `number` does; mostly none."""
    if not number or snapshots.get_cursor(tx, merchant, DECIDED_BY) == str(number):
        return frozenset()
    now = mark(tx, number, merchant)
    return frozenset(old for old in revisions_planned(tx, merchant) if mark(tx, old, merchant) != now)


def begin(tx: sa.Connection, merchant: str, number: int, at: datetime) -> None:
    """From here on documents are decided by this revision: what was noted of another mark holds no longer."""
    noted = snapshots.get_cursor(tx, merchant, DECIDED_BY)
    if noted and noted != AGAIN and mark(tx, int(noted), merchant) != mark(tx, number, merchant):
        snapshots.set_cursor(tx, merchant, DECIDED_BY, "", at)


def wait_for_book(tx: sa.Connection, merchant: str, at: datetime) -> None:
    """Nothing of this merchant is sent before `book` went through what waits to be booked."""
    snapshots.set_cursor(tx, merchant, DECIDED_BY, AGAIN, at)


def decided_before(tx: sa.Connection, merchant: str, revision: int, at: datetime) -> None:
    """What this revision decided was frozen and may go again: where others are in force by now, `book` looks at it first."""
    noted = snapshots.get_cursor(tx, merchant, DECIDED_BY)
    if noted and noted != AGAIN and mark(tx, revision, merchant) != mark(tx, int(noted), merchant):
        snapshots.set_cursor(tx, merchant, DECIDED_BY, "", at)


def is_again(tx: sa.Connection, merchant: str) -> bool:
    """Whether something unsent of this merchant has to be decided again whatever is in force."""
    return snapshots.get_cursor(tx, merchant, DECIDED_BY) == AGAIN


def is_overtaken(tx: sa.Connection, merchant: str, number: int) -> bool:
    """Whether a revision in force by now decides this merchant's documents otherwise."""
    there = decisions.number_in_force(tx)
    return there != number and mark(tx, there, merchant) != mark(tx, number, merchant)


def note_current(tx: sa.Connection, merchant: str, number: int, at: datetime) -> None:
    """Every unsent document of this merchant is as this revision decides it."""
    noted = snapshots.get_cursor(tx, merchant, DECIDED_BY)
    if noted == AGAIN:
        forget_superseded(tx, merchant)
    if noted != str(number):
        snapshots.set_cursor(tx, merchant, DECIDED_BY, str(number), at)


def forget_superseded(tx: sa.Connection, merchant: str) -> None:
    """Drop the bytes of every request of this merchant that was superseded before it left the house."""
    run(tx, _FORGET, {"the_merchant": merchant})


def behind(tx: sa.Connection, company: str) -> tuple[str, ...]:
    """Merchants of a company whose unsent documents other decisions made than those in force: they wait for `book`.

    A merchant that `book` never noted anything of (an older program did) is looked through once.
    """
    number = decisions.number_in_force(tx)
    if not number:
        return ()
    others = decided_otherwise(tx, company, DECIDED_BY, number)
    others |= {one: snapshots.get_cursor(tx, one, DECIDED_BY) for one in _left(tx, company)}
    return tuple(one for one, noted in others.items() if _is_behind(tx, one, noted, number))


def note_left(tx: sa.Connection, company: str, merchant: str, at: datetime) -> None:
    """This merchant posts into another company from now on: what it left here unsent waits for `book` all the same."""
    left = {*_left(tx, company), merchant}
    parties.put_note(tx, company, _LEFT, json.dumps(sorted(left)), at)


def _left(tx: sa.Connection, company: str) -> list[str]:
    told = parties.note(tx, company, _LEFT)
    return list(json.loads(told)) if told else []


def _is_behind(tx: sa.Connection, merchant: str, noted: str | None, number: int) -> bool:
    if noted == AGAIN:
        return True
    if not noted:
        return bool(old_revisions(tx, merchant, number))
    return mark(tx, int(noted), merchant) != mark(tx, number, merchant)


def waits_for_book(tx: sa.Connection, merchants: tuple[str, ...]) -> str:
    """Why their documents stay here, and what lets them go; "" for none."""
    kept = decisions.revision(tx, decisions.number_in_force(tx))
    named = _named(kept.text) if kept is not None else frozenset(merchants)
    there, gone = [one for one in merchants if one in named], [one for one in merchants if one not in named]
    told = []
    if there:
        told.append(
            f"The mapping, a plugin or a template of {', '.join(there)} was changed since its unsent documents were "
            "booked, or a buyer in them has to be forgotten, or what they settle was moved to another customer or vendor "
            "in QuickBooks: they wait until `qbconsole book` has decided them again."
        )
    if gone:
        told.append(
            f"mappings.toml does not name {', '.join(gone)} any more: its unsent documents wait until it does and "
            "`qbconsole book` has run, or until they are left out (`qbconsole queue ignore KEY --reason TEXT`)."
        )
    return " ".join(told)


@lru_cache(maxsize=16)
def _named(text: str) -> frozenset[str]:
    """The merchants of a mapping; of one that cannot be read none is missed."""
    try:
        return frozenset(parse(text).get("merchants", {}))
    except MappingFaults:
        return frozenset()


def mark(tx: sa.Connection, number: int, merchant: str) -> str:
    """What a revision says that decides this merchant's documents, as a digest; "" for one that is not kept."""
    kept = decisions.revision(tx, number)
    if kept is None:
        return ""
    return mark_of(kept.text, kept.plugins, kept.templates, merchant)


def mark_of(text: str, plugins: Mapping[str, str], templates: Mapping[str, str], merchant: str) -> str:
    """The same of a text, with the sha256 of each plugin, and of each template that is not a shipped one."""
    return _mark(text, tuple(sorted(plugins.items())), tuple(sorted(templates.items())), merchant)


@lru_cache(maxsize=256)
def _mark(
    text: str, plugins: tuple[tuple[str, str], ...], templates: tuple[tuple[str, str], ...], merchant: str
) -> str:
    try:
        data = parse(text)
    except MappingFaults:
        return hashlib.sha256(text.encode()).hexdigest()
    mine = {
        key: one for key, one in data.get("merchants", {}).get(merchant, {}).items() if key not in _BESIDE
    }
    said = [
        data.get("defaults", {}),
        mine,
        [one for one in plugins if one[0] in mine.get("plugins", ())],
        # One that stands in another merchant's folder never writes for this one.
        [one for one in templates if "/" not in one[0] or one[0].startswith(f"{merchant}/")],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
