"""Faults between the Web Connector and us: calls and answers lost, twice, late, cut, foreign; sessions never closed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qbconsole.rehearsal.simulate.ends.pc import close_dialog
from qbconsole.rehearsal.simulate.faults.fault import Fault, call, writes
from qbconsole.rehearsal.simulate.moments import Moment, Only

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation

#: Longer than a session may be silent (sync.deliver: LEASE_SECONDS).
_LONG = 700


def _lost_answer(simulation: Simulation) -> None:
    """QuickBooks committed; its answer never comes, or ours to it does not."""

    def act(moment: Moment) -> None:
        moment.lost = True
        simulation.strikes("F26", f"{moment.company}: an answer is lost after QuickBooks was done")

    nth = simulation.chance.randint(1, 4)
    place = simulation.chance.choice(("quickbooks done", "asked", "said"))
    only = writes if place == "quickbooks done" else call("receiveResponseXML")
    simulation.moments.when(place, act, nth=nth if place == "quickbooks done" else nth * 3, only=only)


def _never_arrived(simulation: Simulation) -> None:
    """The connector dies with our document in its hand, or never got it."""

    def act(moment: Moment) -> None:
        moment.lost = True
        simulation.strikes("F26", f"{moment.company}: QuickBooks never sees what was sent")

    place = simulation.chance.choice(("quickbooks asked", "said"))
    only = writes if place == "quickbooks asked" else call("sendRequestXML")
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 5), only=only)


def _twice(simulation: Simulation) -> None:
    """A call comes twice: the client heard no answer to the first."""

    def act(moment: Moment) -> None:
        moment.twice = True
        simulation.strikes("F29", f"{moment.company}: {moment.call} comes twice")

    name = simulation.chance.choice(
        ("receiveResponseXML", "receiveResponseXML", "sendRequestXML", "authenticate")
    )
    simulation.moments.when("asked", act, nth=simulation.chance.randint(1, 12), only=call(name))


def _late(simulation: Simulation) -> None:
    """An answer of an older session comes in the middle of another one."""

    def act(moment: Moment) -> None:
        kept = simulation.program.answers
        if kept:
            request, peer = simulation.chance.choice(kept)
            simulation.program.handle(request, peer=peer)
            simulation.strikes("F29", f"{moment.company}: an old answer comes once more")

    simulation.moments.when("asked", act, nth=simulation.chance.randint(8, 30), only=call("sendRequestXML"))


def _spoilt(simulation: Simulation) -> None:
    """The answer arrives cut, empty, as garbage or as that of another set."""

    def act(moment: Moment) -> None:
        whole = moment.body
        kind = simulation.chance.choice(("cut", "garbage", "empty", "foreign"))
        if kind == "cut":
            moment.body = whole[: len(whole) * 2 // 3]
        elif kind == "garbage":
            moment.body = whole[: len(whole) // 2] + "\ufffe<&>" + whole[len(whole) // 2 :]
        else:
            moment.body = "" if kind == "empty" else simulation.pcs[moment.company].last_said or "<QBXML/>"
        if moment.body != whole:
            simulation.strikes("F30", f"{moment.company}: the answer is {kind}")

    only = writes if simulation.chance.random() < 0.6 else (lambda _moment: True)
    simulation.moments.when("quickbooks done", act, nth=simulation.chance.randint(1, 6), only=only)


def _second_connector(simulation: Simulation) -> None:
    """Another connector with the same .qwc comes while one is at work."""

    def act(moment: Moment) -> None:
        if moment.connector == "A":
            simulation.strikes(
                "F35", f"{moment.company}: a second connector comes while the first is at work"
            )
            simulation.update(moment.company, "B")

    place = simulation.chance.choice(("quickbooks asked", "quickbooks done", "asked"))
    only = (lambda m: m.call != "authenticate") if place == "asked" else writes
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 4), only=only)


def _never_closed(simulation: Simulation) -> None:
    """The last call never arrives: the connector's computer sleeps."""

    def act(moment: Moment) -> None:
        moment.lost = True
        simulation.strikes("F44", f"{moment.company}: closeConnection never arrives")

    simulation.moments.when("asked", act, nth=simulation.chance.randint(1, 3), only=call("closeConnection"))


def _lease_lost(simulation: Simulation) -> None:
    """A session sleeps longer than its lease while another connector comes; then it wakes up."""

    def act(moment: Moment) -> None:
        if moment.connector == "A":
            simulation.clock.sleep(_LONG)
            simulation.strikes(
                "F45", f"{moment.company}: a session sleeps over its lease, another connector comes"
            )
            simulation.update(moment.company, "B")

    simulation.moments.when("quickbooks done", act, nth=simulation.chance.randint(1, 9))


def _behind_a_dialog(simulation: Simulation) -> None:
    """A set waits behind a modal dialog; our session runs out, another connector comes; then it is done after all."""
    _wait_behind_a_dialog(simulation, lambda moment: moment.writes and "DataExt" not in moment.body)


def _marker_behind_a_dialog(simulation: Simulation) -> None:
    """The same of the set that moves our marker."""
    _wait_behind_a_dialog(simulation, lambda moment: moment.writes and "DataExt" in moment.body)


def _wait_behind_a_dialog(simulation: Simulation, only: Only) -> None:
    def act(moment: Moment) -> None:
        company = moment.company
        if moment.connector != "A":
            return
        moment.held = True
        done = simulation.chance.random() < 0.75
        end = partial(_closed_dialog, simulation, company, done=done)
        simulation.moments.when("before update", lambda _moment: end(), nth=simulation.chance.randint(2, 4))
        simulation.repairs.append(end)
        simulation.moments.when("before update", lambda _moment: _other_comes(simulation, company))
        simulation.strikes("F24", f"{company}: a set waits behind a dialog")

    simulation.moments.when("quickbooks asked", act, nth=simulation.chance.randint(1, 4), only=only)


def _other_comes(simulation: Simulation, company: str) -> None:
    simulation.clock.sleep(_LONG)
    if "A" in simulation.pcs[company].behind_dialog:
        simulation.update(company, "B")


def _closed_dialog(simulation: Simulation, company: str, *, done: bool) -> None:
    pc = simulation.pcs[company]
    if "A" in pc.behind_dialog:
        close_dialog(pc, "A", done=done)
        simulation.log.say(
            f"{company} QuickBooks", f"the dialog is closed, what waited is {'done' if done else 'gone'}"
        )


FAULTS = (
    Fault(number="F26", what="an answer is lost after QuickBooks committed", plan=_lost_answer),
    Fault(number="F26", what="a document of ours never reaches QuickBooks", plan=_never_arrived),
    Fault(number="F29", what="a call comes twice", plan=_twice),
    Fault(number="F29", what="an answer of another session comes late", plan=_late),
    Fault(number="F30", what="an answer is cut, garbage, empty or of another set", plan=_spoilt),
    Fault(number="F35", what="a second connector comes while one is at work", plan=_second_connector),
    Fault(number="F44", what="closeConnection never arrives", plan=_never_closed),
    Fault(
        number="F24",
        what="a set waits behind a dialog and is done when nobody listens",
        plan=_behind_a_dialog,
    ),
    Fault(number="F24", what="a marker write waits behind a dialog", plan=_marker_behind_a_dialog),
    Fault(number="F45", what="a session sleeps over its lease", plan=_lease_lost),
)
