"""Faults of the company file: another one is open, a copy, a backup put in its place; our own database put back."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qbconsole.rehearsal.simulate.ends.pc import OnDisk, Pc
from qbconsole.rehearsal.simulate.faults.fault import Fault, company_of, writes
from qbconsole.rehearsal.simulate.moments import Moment
from qbconsole.rehearsal.simulate.world import ByHand
from qbconsole.sandbox.quickbooks import CompanyFile

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation


def _other_file(simulation: Simulation) -> None:
    """Somebody has another company's file open for a while."""

    def act(moment: Moment) -> None:
        pc = simulation.pcs[moment.company]
        if pc.open_label != "right":
            return
        file = CompanyFile.create(name="Somebody Else Inc", now=simulation.clock.now)
        pc.files["other"] = OnDisk(f"{moment.company}/other", "other", file, frozenset(file.filed))
        pc.open_file("other")
        simulation.strikes("F33", f"{moment.company}: another company's file is open")
        _right_again(simulation, moment.company)

    simulation.moments.when("before update", act, nth=simulation.chance.randint(1, 3))


def _right_again(simulation: Simulation, company: str) -> None:
    """The right file is opened again before one of the next sessions, at the latest when the faults stop."""
    pc = simulation.pcs[company]
    again = partial(pc.open_file, "right")
    simulation.moments.when(
        "before update",
        lambda _moment: again(),
        nth=simulation.chance.randint(1, 2),
        only=lambda moment: moment.company == company,
    )
    simulation.repairs.append(again)


def _copy(simulation: Simulation) -> None:
    """A copy was made, work went on in the file itself, and then the copy is open for a while.

    What it lacks has to be known to us: of a file that was copied before an answer of it was lost nobody can tell a
    copy at the same path, and the first session that opens the file itself finds that it has gone another way. So it is
    of one that our own database went back as far as: docs/reliability.md, what is not promised.
    """
    company = company_of(simulation)
    pc = simulation.pcs[company]

    def made(_moment: Moment) -> None:
        if pc.open_label == "right":
            pc.files["copy"] = OnDisk(
                f"{company}/copy",
                "copy",
                copy.deepcopy(pc.quickbooks.file),
                frozenset(pc.quickbooks.file.filed),
            )

    def opened(moment: Moment) -> None:
        taken = pc.files.get("copy")
        if taken is None or moment.company != company or pc.open_label != "right" or simulation.fired["F34"]:
            return
        there, had = pc.files["right"].file, taken.file
        if len(there.filed) > len(had.filed) and there.company_custom != had.company_custom:
            pc.open_file("copy")
            simulation.strikes("F33", f"{company}: a copy of the file is open")
            _right_again(simulation, company)

    here = partial(_is_of, company)
    simulation.moments.when(
        "quickbooks asked", made, nth=simulation.chance.randint(1, 3), only=lambda m: here(m) and writes(m)
    )
    for nth in (2, 3, 4):
        simulation.moments.when("before update", opened, nth=nth, only=here)


def _is_of(company: str, moment: Moment) -> bool:
    return moment.company == company


def _restored(simulation: Simulation) -> None:
    """A backup of the company file, of after our first session, is put in its place."""
    _put_back(simulation, saved_before=2)


def _restored_whole(simulation: Simulation) -> None:
    """A backup of before our first session is put in its place: nothing of ours is in it, no list entry either."""
    _put_back(simulation, saved_before=1)


def _put_back(simulation: Simulation, saved_before: int) -> None:
    company = company_of(simulation)
    pc = simulation.pcs[company]
    backup = simulation.room / f"{company}.qbb"

    def saved(_moment: Moment) -> None:
        if pc.open_label == "right":
            copy.deepcopy(pc.quickbooks.file).save(backup)

    def back(_moment: Moment) -> None:
        if backup.exists() and pc.open_label == "right":
            before = len(pc.quickbooks.file.filed)
            pc.quickbooks.file.restore(backup, simulation.clock.now)
            pc.quickbooks.reopen()
            simulation.by_hand[:] = [one for one in simulation.by_hand if not _unknown(simulation, pc, one)]
            lost = before - len(pc.quickbooks.file.filed)
            simulation.strikes("F31", f"{company}: the file is restored, {lost} documents are gone")

    here = partial(_is_of, company)
    simulation.moments.when("before update", saved, nth=saved_before, only=here)
    back_before = saved_before + simulation.chance.randint(1, 2)
    simulation.moments.when("before update", back, nth=back_before, only=here)


def _unknown(simulation: Simulation, pc: Pc, change: ByHand) -> bool:
    """Whether the older file took back a document with what a person did to it, before we heard of the one or the other.

    Nobody can know of it then: the document is lost with the file, like all the others.
    """
    file = pc.quickbooks.file
    if change.file != pc.open.label or change.txn_id in file.filed:
        return False
    if any(trace.identifier == change.txn_id for trace in file.deleted.values()):
        return False
    if any(one.txn_id == change.txn_id for one in pc.open.archive):
        return False  # it was summed up before, as that person left it
    heard = sa.text(
        "SELECT 1 FROM documents WHERE note LIKE :was OR txn_id = :id AND state NOT IN ('recorded', 'verified')"
    )
    with simulation.program.shell.store.reading() as tx:
        return tx.execute(heard, {"id": change.txn_id, "was": f"was {change.txn_id}%"}).first() is None


def _summed_up(simulation: Simulation, pc: Pc, change: ByHand) -> bool:
    """Whether what a person voided was condensed before any session saw it void: nothing in the file tells of it.

    It counts as kept, so it stays as that person left it: docs/reliability.md, what is not promised.
    """
    if change.file != f"{pc.company}/right" or change.txn_id in pc.quickbooks.file.filed:
        return False
    voided = any(one.txn_id == change.txn_id and one.voided for one in pc.open.archive)
    heard = sa.text("SELECT 1 FROM documents WHERE txn_id = :id")
    with simulation.program.shell.store.reading() as tx:
        return voided and tx.execute(heard, {"id": change.txn_id}).first() is not None


def _our_own(simulation: Simulation) -> None:
    """A backup of our own database is put in its place."""
    nth = simulation.chance.randint(1, 4)

    def saved(_moment: Moment) -> None:
        simulation.program.save()

    def back(_moment: Moment) -> None:
        if not _is_copy_open(simulation) and simulation.program.put_back():
            simulation.strikes("F34", "our database is put back from a backup")

    simulation.moments.when("before update", saved, nth=nth)
    simulation.moments.when("before update", back, nth=nth + simulation.chance.randint(1, 2))


def _is_copy_open(simulation: Simulation) -> bool:
    """Whether our database could go back to what the copy knows, so that nothing tells it from the file itself."""
    return any(pc.open_label == "copy" for pc in simulation.pcs.values())


def _our_own_midway(simulation: Simulation) -> None:
    """A backup of our own database from the middle of a session is put in its place before that session ended."""
    nth, lost = simulation.chance.randint(1, 3), simulation.chance.random() < 0.5
    saved: list[str] = []

    def save(moment: Moment) -> None:
        simulation.program.save()
        saved.append(moment.company)

    def back(moment: Moment) -> None:
        if not _is_copy_open(simulation) and simulation.program.put_back():
            simulation.strikes(
                "F34", f"{moment.company}: our database is put back from the middle of this session"
            )
            moment.lost = lost  # else the connector goes on with its session

    def is_later(moment: Moment) -> bool:
        return writes(moment) and saved[:1] == [moment.company]

    simulation.moments.when("quickbooks asked", save, nth=nth, only=writes)
    simulation.moments.when("quickbooks done", back, nth=1 + simulation.chance.randint(1, 2), only=is_later)


def _condensed(simulation: Simulation) -> None:
    """The accountant condenses the file: closed documents of earlier days become one journal."""

    def act(moment: Moment) -> None:
        pc = simulation.pcs[moment.company]
        if pc.open_label != "right":
            return
        now = simulation.clock.now
        if gone := pc.open.condense((now - timedelta(days=1)).date(), now):
            simulation.strikes("F32", f"{moment.company}: the file is condensed, {gone} documents are gone")
            simulation.by_hand[:] = [
                replace(one, wanted="gone") if _summed_up(simulation, pc, one) else one
                for one in simulation.by_hand
            ]

    simulation.moments.when("before update", act, nth=simulation.chance.randint(2, 4))


FAULTS = (
    Fault(number="F33", what="another company's file is open", plan=_other_file),
    Fault(number="F33", what="a copy of the company file is open", plan=_copy),
    Fault(number="F31", what="the company file is restored from a backup", plan=_restored),
    Fault(number="F32", what="the company file is condensed", plan=_condensed),
    Fault(number="F34", what="our own database is restored from a backup", plan=_our_own),
    Fault(
        number="F34",
        what="our own database is restored from a backup of the middle of a session that broke off",
        plan=_our_own_midway,
    ),
)
LATER = (
    Fault(
        number="F31",
        what="the company file is restored from a backup of before our first session",
        plan=_restored_whole,
    ),
)
