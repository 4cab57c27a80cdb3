"""The operator of a simulated run: reads what our program shows, and follows the next step that it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from qbconsole.care import attention
from qbconsole.rehearsal.simulate.world import Told, Unfinished
from qbconsole.workspace import Workspace

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation

_HOLDS = """
SELECT merchant, subject, place, reason, sentence, next_step, flag FROM holds WHERE state = 'open' ORDER BY id
"""
_UNFINISHED = """
SELECT d.key, d.company, d.merchant, d.kind, d.state, COALESCE((
    SELECT r.state FROM requests r WHERE r.document_key = d.key AND r.state <> 'superseded' ORDER BY r.id DESC LIMIT 1
), '') FROM documents d WHERE d.state = 'planned' ORDER BY d.key
"""


class Operator:
    """Somebody at the console."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def look(self) -> bool:
        """Do what the screens ask for; True where something was done."""

        def command(workspace: Workspace) -> int:
            person = attention.Operator(
                store=workspace.store, clock=workspace.clock, who="operator:simulated"
            )
            tried = person.retry(None)
            return len(tried.done)

        done = self._simulation.program.run("queue retry", command) or 0
        if done:
            self._simulation.log.say("operator", f"retried {done}")
        return bool(done)

    def stopped(self, company: str) -> str:
        """Why nothing is written to a company."""
        rows = self._rows("SELECT stopped FROM companies WHERE id = :id", id=company)
        return str(rows[0][0]) if rows else ""

    def told(self) -> tuple[Told, ...]:
        """Every open hold and flag."""
        return tuple(
            Told(
                merchant=merchant or "",
                subject=subject,
                where=where,
                reason=reason,
                sentence=sentence,
                next_step=next_step,
                is_flag=bool(flag),
            )
            for merchant, subject, where, reason, sentence, next_step, flag in self._rows(_HOLDS)
        )

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Documents on their way, and those that do not get on."""
        return tuple(
            Unfinished(key=key, company=company, merchant=merchant, kind=kind, state=state, request=request)
            for key, company, merchant, kind, state, request in self._rows(_UNFINISHED)
        )

    def _rows(self, query: str, **values: str) -> list[tuple[str, ...]]:
        with self._simulation.program.shell.store.reading() as tx:
            return [tuple(row) for row in tx.execute(sa.text(query), values)]
