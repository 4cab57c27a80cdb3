"""Faults inside QuickBooks: it dies, forgets, refuses, is closed, has a dialog open; people change what is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

from qbconsole.rehearsal.simulate.ends.pc import Pc
from qbconsole.rehearsal.simulate.faults.fault import Fault, company_of, writes
from qbconsole.rehearsal.simulate.moments import Moment
from qbconsole.rehearsal.simulate.world import ByHand
from qbconsole.sandbox.quickbooks import CompanyFile, Filed
from qbconsole.sandbox.quickbooks.file.records import Refused

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation

_KEY = re.compile(r"qbc1/[^\]<]+\]")
#: What a payment or a refund follows to another customer.
_SETTLED, _ANN = frozenset({"Invoice", "CreditMemo"}), "Ann Lee"
_ADDS = ("SalesReceiptAddRq", "InvoiceAddRq", "ReceivePaymentAddRq", "CreditMemoAddRq", "JournalEntryAddRq")


def _dies_in_the_middle(simulation: Simulation) -> None:
    """QuickBooks ends in the middle of a set: some of it is done, no answer is stored."""

    def act(moment: Moment) -> None:
        simulation.pcs[moment.company].quickbooks.fail_next(
            "0x80040402", ran=simulation.chance.choice((1, 1, 2, -1))
        )
        simulation.strikes("F27", f"{moment.company}: QuickBooks ends in the middle of a set")

    simulation.moments.when("quickbooks asked", act, nth=simulation.chance.randint(1, 5), only=writes)


def _forgets(simulation: Simulation) -> None:
    """QuickBooks keeps only the newest recovery record, or none; and an answer is lost."""
    pc = simulation.pcs[company_of(simulation)]
    pc.quickbooks.retention = simulation.chance.choice(("newest", "none", "none"))

    def act(moment: Moment) -> None:
        moment.lost = True
        kept = pc.quickbooks.retention
        simulation.strikes(
            "F28", f"{moment.company}: an answer is lost, and QuickBooks keeps {kept} of its records"
        )

    simulation.moments.when(
        "quickbooks done",
        act,
        nth=simulation.chance.randint(1, 4),
        only=lambda moment: moment.writes and moment.company == pc.company,
    )


def _not_stored(simulation: Simulation) -> None:
    """QuickBooks did a set and says that it could not store the answer (9005)."""

    def act(moment: Moment) -> None:
        told = moment.body.replace('messageSetStatusCode="0"', 'messageSetStatusCode="9005"')
        if told != moment.body:
            moment.body = told
            simulation.pcs[moment.company].quickbooks.file.sets.clear()
            simulation.strikes("F28", f"{moment.company}: QuickBooks says 9005")

    simulation.moments.when("quickbooks done", act, nth=simulation.chance.randint(1, 4), only=writes)


def _poison(simulation: Simulation) -> None:
    """One document that QuickBooks cannot parse takes its whole set with it, until somebody mends it."""

    def act(moment: Moment) -> None:
        keys = _KEY.findall(moment.body)
        if not keys:
            return
        pc = simulation.pcs[moment.company]
        pc.poison = simulation.chance.choice(keys)
        simulation.repairs.append(partial(setattr, pc, "poison", ""))
        simulation.strikes("F22", f"{moment.company}: QuickBooks cannot read {pc.poison}")

    simulation.moments.when("quickbooks asked", act, only=lambda m: m.writes and bool(_KEY.search(m.body)))


def _closed(simulation: Simulation) -> None:
    """QuickBooks is closed, in another mode, or in other hands, for a while."""
    hresult = simulation.chance.choice(("0x80040408", "0x8004040A", "0x80040418", "0x80040420", "0x8004041A"))

    def act(moment: Moment) -> None:
        pc = simulation.pcs[moment.company]
        pc.quickbooks.down = hresult
        simulation.strikes("F36", f"{moment.company}: QuickBooks cannot be used ({hresult})")
        _for_a_while(simulation, partial(setattr, pc.quickbooks, "down", ""))

    place = simulation.chance.choice(("before update", "quickbooks asked"))
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 3))


def _dialog(simulation: Simulation) -> None:
    """A modal dialog is open for a while."""

    def act(moment: Moment) -> None:
        pc = simulation.pcs[moment.company]
        pc.quickbooks.dialog_open = True
        simulation.strikes("F37", f"{moment.company}: a dialog is open in QuickBooks")
        _for_a_while(simulation, partial(setattr, pc.quickbooks, "dialog_open", False))

    place = simulation.chance.choice(("before update", "quickbooks asked"))
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 3))


def _for_a_while(simulation: Simulation, undo: partial[None]) -> None:
    """Undone before one of the next sessions, at the latest when the faults stop."""
    simulation.moments.when("before update", lambda _moment: undo(), nth=simulation.chance.randint(1, 3))
    simulation.repairs.append(undo)


def _closing_date(simulation: Simulation) -> None:
    """The accountant closes the books over days that are still to be posted; later they are opened again."""

    def act(moment: Moment) -> None:
        file = simulation.pcs[moment.company].quickbooks.file
        wishes = file.preferences
        wishes.closing_date = (simulation.clock.now + timedelta(days=2)).date()
        # Those the file has by then: a backup that was put in its place brought its own.
        simulation.repairs.append(lambda: setattr(file.preferences, "closing_date", None))
        simulation.strikes("F38", f"{moment.company}: the books are closed up to {wishes.closing_date}")

    simulation.moments.when("quickbooks asked", act, nth=simulation.chance.randint(1, 3), only=writes)


def _in_use(simulation: Simulation) -> None:
    """A record is open in somebody's window: the next additions are refused with 3175 or 3176."""

    def act(moment: Moment) -> None:
        quickbooks = simulation.pcs[moment.company].quickbooks
        code = simulation.chance.choice((3175, 3176))
        tag = next((one for one in _ADDS if one in moment.body), "")
        if tag:
            for _ in range(simulation.chance.randint(1, 3)):
                quickbooks.refuse_next(tag, code, "The record is in use by another user.")
            simulation.strikes("F39", f"{moment.company}: {tag} is refused with {code}")

    simulation.moments.when("quickbooks asked", act, nth=simulation.chance.randint(1, 4), only=writes)


def _unknown_status(simulation: Simulation) -> None:
    """QuickBooks refuses a document with a code that nobody has seen."""

    def act(moment: Moment) -> None:
        tag = next((one for one in _ADDS if one in moment.body), "")
        if tag:
            code = simulation.chance.choice((3999, 2777, 5012))
            simulation.pcs[moment.company].quickbooks.refuse_next(tag, code, "Something new.")
            simulation.strikes("F41", f"{moment.company}: {tag} is refused with {code}")

    simulation.moments.when("quickbooks asked", act, nth=simulation.chance.randint(1, 4), only=writes)


def _name_taken(simulation: Simulation) -> None:
    """Somebody enters an employee of the name that we are about to add as a customer."""

    def act(moment: Moment) -> None:
        file = simulation.pcs[moment.company].quickbooks.file
        found = re.search(r"<CustomerAdd>\s*<Name>([^<]+)</Name>", moment.body)
        if found is None or "&" in found[1]:
            return
        file.add_name("Employee", found[1], simulation.clock.now)
        leaves = partial(file.delete_record, "Employee", found[1], simulation.clock.now)
        simulation.repairs.append(partial(_where_there, leaves))
        simulation.strikes("F40", f"{moment.company}: {found[1]} is an employee's name")

    simulation.moments.when("quickbooks asked", act, only=lambda moment: "<CustomerAdd>" in moment.body)


def _where_there(put_right: Callable[[], object]) -> None:
    """A person puts something right by name; what went with a restored file needs nothing."""
    with suppress(KeyError):
        put_right()


def _inactive(simulation: Simulation) -> None:
    """Somebody makes an account inactive that our documents name."""

    def act(moment: Moment) -> None:
        file = simulation.pcs[moment.company].quickbooks.file
        name = simulation.chance.choice(("Shopify Payments Clearing", "Sales:Shopify", "Checking"))
        if not file.listed("Account").get(name):
            return
        file.set_active("Account", name, active=False, now=simulation.clock.now)
        again = partial(
            _where_there, lambda: file.set_active("Account", name, active=True, now=simulation.clock.now)
        )
        simulation.repairs.append(again)
        simulation.strikes("F40", f"{moment.company}: {name} is made inactive")

    simulation.moments.when("quickbooks asked", act, nth=simulation.chance.randint(1, 3), only=writes)


def _by_hand(simulation: Simulation, moment: Moment, number: str) -> None:
    pc = simulation.pcs[moment.company]
    file, now = pc.quickbooks.file, simulation.clock.now
    ours = [one for one in file.documents() if _KEY.search(one.memo) and not one.voided]
    if not ours:
        return
    chosen = simulation.chance.choice(ours)
    what: Literal["deleted", "voided", "edited"]
    what = "edited" if number == "F42" else simulation.chance.choice(("deleted", "voided"))
    try:
        if what == "edited" and chosen.kind in _SETTLED:
            _moved(file, chosen, now)
        elif what == "edited":
            file.edit_document(chosen.txn_id, now=now, memo=f"Seen by Ann. {chosen.memo}")
        elif what == "deleted":
            file.delete_document(chosen.txn_id, now)
        else:
            file.void_document(chosen.txn_id, now)
    except Refused:
        return
    simulation.by_hand.append(_note(pc, chosen, what, simulation))
    simulation.strikes(number, f"{moment.company}: {chosen.kind} {chosen.ref_number} is {what} by hand")


def _moved(file: CompanyFile, chosen: Filed, now: datetime) -> None:
    """Ann puts it on a customer of her own, unless something is settled with it."""
    if _ANN not in file.listed("Customer"):
        file.add_name("Customer", _ANN, now)
    file.edit_document(chosen.txn_id, now=now, customer=_ANN)


def _note(
    pc: Pc, chosen: Filed, what: Literal["deleted", "voided", "edited"], simulation: Simulation
) -> ByHand:
    """What a person did, for the judges."""
    return ByHand(
        at=simulation.clock.now,
        file=pc.open.label,
        what=what,
        kind=chosen.kind,
        txn_id=chosen.txn_id,
        ref_number=chosen.ref_number,
        memo=chosen.memo,
        wanted="kept" if what == "edited" else simulation.chance.choice(("gone", "gone", "again")),
        txn_date=chosen.txn_date,
        postings=chosen.postings,
    )


def _edited(simulation: Simulation) -> None:
    """Somebody changes a document of ours."""
    simulation.moments.when(
        "before update",
        lambda moment: _by_hand(simulation, moment, "F42"),
        nth=simulation.chance.randint(2, 4),
    )


def _deleted(simulation: Simulation) -> None:
    """Somebody deletes or voids a document of ours."""
    simulation.moments.when(
        "before update",
        lambda moment: _by_hand(simulation, moment, "F43"),
        nth=simulation.chance.randint(2, 4),
    )


FAULTS = (
    Fault(number="F22", what="a request that QuickBooks cannot parse takes its set with it", plan=_poison),
    Fault(number="F27", what="QuickBooks ends in the middle of a set", plan=_dies_in_the_middle),
    Fault(number="F28", what="an answer is lost and QuickBooks forgot its record", plan=_forgets),
    Fault(number="F28", what="QuickBooks could not store an answer (9005)", plan=_not_stored),
    Fault(number="F36", what="QuickBooks is closed or in another mode", plan=_closed),
    Fault(number="F37", what="a modal dialog is open", plan=_dialog),
    Fault(number="F38", what="the closing date is moved over unsent days", plan=_closing_date),
    Fault(number="F39", what="a record is in use (3175, 3176)", plan=_in_use),
    Fault(number="F40", what="the name of a customer is taken (3100)", plan=_name_taken),
    Fault(number="F40", what="an account is made inactive", plan=_inactive),
    Fault(number="F41", what="an unknown status code", plan=_unknown_status),
    Fault(number="F42", what="a person edits a document of ours", plan=_edited),
    Fault(number="F43", what="a person deletes or voids a document of ours", plan=_deleted),
)
