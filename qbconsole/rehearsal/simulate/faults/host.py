"""Faults of our own house: processes killed, a full or failing disk, several workers, an operator in a hurry."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from qbconsole import failpoints
from qbconsole.care.attention import Operator
from qbconsole.rehearsal.simulate.ends.program import Killed
from qbconsole.rehearsal.simulate.faults.fault import Fault
from qbconsole.rehearsal.simulate.moments import Moment
from qbconsole.workspace import Workspace

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation


def _killed(simulation: Simulation) -> None:
    """Our process dies at one of its named places."""
    name = simulation.chance.choice(failpoints.NAMES)

    def act(_moment: Moment) -> None:
        simulation.strikes("F25", f"our process is killed at {name}")
        raise Killed(name)

    simulation.moments.when(f"reach {name}", act, nth=simulation.chance.randint(1, 8))


def _killed_at_a_commit(simulation: Simulation) -> None:
    """Our process dies just before some commit."""

    def act(_moment: Moment) -> None:
        simulation.strikes("F48", "our process is cut off before a commit")
        raise Killed("commit")

    simulation.moments.when("commit", act, nth=simulation.chance.randint(5, 120))


def _disk(simulation: Simulation) -> None:
    """The disk is full, or fails, at some commit and the next few."""
    code = simulation.chance.choice((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY))
    words = {sqlite3.SQLITE_FULL: "full", sqlite3.SQLITE_IOERR: "failing"}.get(code, "read-only")

    def act(_moment: Moment) -> None:
        simulation.strikes("F46", f"the disk is {words}")
        raise simulation.program.database.trouble(code)

    first = simulation.chance.randint(5, 120)
    for nth in range(first, first + simulation.chance.randint(1, 3)):
        simulation.moments.when("commit", act, nth=nth)


def _two_workers(simulation: Simulation) -> None:
    """Two processes serve one database: any call of a session may reach either."""
    simulation.program.start(workers=2)

    def act(moment: Moment) -> None:
        simulation.strikes("F45", f"{moment.company}: two workers share a session")

    simulation.moments.when("quickbooks done", act, nth=3)


def _retry_all(simulation: Simulation) -> None:
    """An operator retries everything there is, whatever it is doing."""

    def act(_moment: Moment) -> None:
        def command(workspace: Workspace) -> str:
            person = Operator(store=workspace.store, clock=workspace.clock, who="operator:hasty")
            return person.retry(None).sentence("retried")

        said = simulation.program.run("queue retry", command)
        simulation.strikes("F51", f"an operator retries everything: {said}")

    place = simulation.chance.choice(("quickbooks asked", "quickbooks done", "before update", "before book"))
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 5))


FAULTS = (
    Fault(number="F25", what="our process is killed at a failpoint", plan=_killed),
    Fault(number="F45", what="two workers serve one database", plan=_two_workers),
    Fault(number="F46", what="the disk is full, failing or read-only", plan=_disk),
    Fault(number="F48", what="our process is cut off before a commit", plan=_killed_at_a_commit),
    Fault(number="F51", what="an operator retries everything", plan=_retry_all),
)
