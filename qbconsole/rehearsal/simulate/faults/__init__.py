"""The faults of reference/reliability.md b2: small rows by their F-number; several of a number are variants of it."""

from __future__ import annotations

from qbconsole.rehearsal.simulate.faults import company, decisions, host, quickbooks, session, shop, webhooks
from qbconsole.rehearsal.simulate.faults.fault import Fault

#: All that `--faults all` chooses from.
ALL: tuple[Fault, ...] = (
    *webhooks.FAULTS,
    *shop.FAULTS,
    *decisions.FAULTS,
    *session.FAULTS,
    *quickbooks.FAULTS,
    *company.FAULTS,
    *host.FAULTS,
)
#: What strikes but is not survived yet: its mechanism is still being built. Chosen only by its number and "!".
LATER: tuple[Fault, ...] = (*company.LATER,)

__all__ = ["ALL", "LATER", "Fault"]
