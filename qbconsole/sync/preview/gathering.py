"""Gathering: what replayed cases came to, added up to one Effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa

from qbconsole.books.lifecycle import GONE, DocumentState
from qbconsole.decide.replay import Face, Replayed, SeenHold, Side
from qbconsole.money import Money
from qbconsole.store import books, requests
from qbconsole.store.database import Store
from qbconsole.store.database.statements import chunks
from qbconsole.sync.preview.answers import Change, Delta, Difference, Effect, Wait
from qbconsole.sync.preview.differences import differences, moved
from qbconsole.sync.preview.sharing import Done

#: In QuickBooks, as far as we know.
_THERE = frozenset({DocumentState.RECORDED, DocumentState.VERIFIED, DocumentState.DRIFTED})


class Both(NamedTuple):
    """A document under both; `face` is the candidate's where it has one."""

    before: Face | None
    after: Face | None
    face: Face


class Gathering:
    """The effect while it grows; lives only inside one preview."""

    def __init__(self, store: Store, since: date | None, *, texts: bool) -> None:
        self._store, self._since, self._texts = store, since, texts
        self.unchanged = self.replayed = 0
        self._earlier = 0
        self._changed: list[Change] = []
        #: With the place of the page they are of: pages come in any order.
        self._held: list[tuple[int, Wait]] = []
        self._ready: list[tuple[int, Wait]] = []
        self._needs: tuple[set[tuple[str, str]], set[tuple[str, str]]] = (set(), set())

    def begin(self) -> None:
        """Another merchant: its pages are counted anew."""
        self._earlier = 1 + max((place for place, _ in (*self._held, *self._ready)), default=self._earlier)

    def take(self, merchant: str, company: str, page: Done) -> None:
        """Add one page of a merchant: snapshots of it, or shop days."""
        self.replayed += page.read
        found: list[tuple[Replayed, Both]] = []
        for one in page.results:
            self.unchanged += one.same
            found += [(one, both) for both in self._pairs(one.before, one.after)]
            self._wait(merchant, one, self._earlier + page.place)
        states = _states(self._store, [both.face.key for _, both in found])
        for one, both in found:
            state, sent = states.get(both.face.key, ("", False))
            if state != DocumentState.IGNORED:
                told = differences(both.before, both.after, texts=self._texts)
                self._changed.append(_change(merchant, company, one, both, told, state, sent=sent))

    def _pairs(self, before: Side, after: Side) -> Iterable[Both]:
        was = {face.key: face for face in before.documents}
        now = {face.key: face for face in after.documents}
        for names, faces in zip(self._needs, (was, now), strict=True):
            names.update(need for face in faces.values() for need in face.needs)
        for key, face in (was | now).items():
            both = Both(before=was.get(key), after=now.get(key), face=face)
            if self._since is None or any(one and one.on >= self._since for one in (both.before, both.after)):
                yield both

    def _wait(self, merchant: str, one: Replayed, place: int) -> None:
        was = {hold.subject for hold in one.before.holds}
        now = {hold.subject for hold in one.after.holds}
        self._held += [
            (place, _told(merchant, one, hold)) for hold in one.after.holds if hold.subject not in was
        ]
        self._ready += [
            (place, _told(merchant, one, hold)) for hold in one.before.holds if hold.subject not in now
        ]

    def effect(
        self, merchants: tuple[str, ...], left_out: Mapping[str, str], seconds: Decimal, *, is_whole: bool
    ) -> Effect:
        """Everything taken so far."""
        changed = tuple(sorted(self._changed, key=lambda one: (one.merchant, one.date, one.label, one.key)))
        return Effect(
            since=self._since,
            merchants=merchants,
            changed=changed,
            deltas=tuple(_deltas(changed)),
            already_sent=tuple(one for one in changed if one.sent),
            newly_held=_in_order(self._held),
            newly_ready=_in_order(self._ready),
            unchanged=self.unchanged,
            replayed=self.replayed,
            added_names=tuple(sorted(self._needs[1] - self._needs[0])),
            left_out=left_out,
            seconds=seconds,
            is_whole=is_whole,
        )


def _in_order(waits: Iterable[tuple[int, Wait]]) -> tuple[Wait, ...]:
    """Each once, as their pages follow one another."""
    return tuple(dict.fromkeys(wait for _, wait in sorted(waits, key=lambda one: one[0])))


def _told(merchant: str, one: Replayed, hold: SeenHold) -> Wait:
    return Wait(
        merchant=merchant,
        source_id=one.source_id,
        label=one.label,
        subject=hold.subject,
        reason=hold.reason,
        sentence=hold.sentence,
        next_step=hold.next_step,
    )


def _change(
    merchant: str,
    company: str,
    one: Replayed,
    both: Both,
    told: tuple[Difference, ...],
    state: str,
    *,
    sent: bool,
) -> Change:
    face = both.face
    return Change(
        merchant=merchant,
        company=company,
        source_id=one.source_id,
        label=one.label,
        key=face.key,
        kind=face.kind,
        ref_number=face.ref_number,
        date=face.on,
        what="new" if both.before is None else "gone" if both.after is None else "changed",
        differences=told,
        moved=moved(both.before, both.after),
        state=state,
        sent=sent,
    )


def _states(store: Store, keys: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Key -> the document's state, and whether anything of it is in QuickBooks or on its way."""
    found: dict[str, tuple[str, bool]] = {}
    for part in chunks(dict.fromkeys(keys)):
        with store.reading() as tx:
            found |= _states_in(tx, part)
    return found


def _states_in(tx: sa.Connection, keys: list[str]) -> dict[str, tuple[str, bool]]:
    rows = books.documents(tx, keys=keys, limit=len(keys))
    asked = requests.requests_of_documents(tx, [row.key for row in rows])
    gone = {one.document_key for one in asked if (one.state in GONE and not one.is_gone) or one.doubtful}
    return {row.key: (row.state.value, row.key in gone or row.state in _THERE) for row in rows}


def _deltas(changed: Iterable[Change]) -> Iterable[Delta]:
    sums: dict[tuple[str, str, str], list[Money]] = {}
    for one in changed:
        for account, amount in one.moved.items():
            zero = Money.zero(amount.currency)
            both = sums.setdefault((one.company, account, amount.currency), [zero, zero])
            both[0] = both[0] + amount
            if not one.sent:
                both[1] = both[1] + amount
    for (company, account, _), (amount, unsent) in sorted(sums.items()):
        if amount or unsent:
            yield Delta(company=company, account=account, amount=amount, unsent=unsent)
