"""The second checker: what our store says must be what left the house; it may read the store, the oracle may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qbconsole.rehearsal.simulate.checker.decided import check_decided
from qbconsole.rehearsal.simulate.checker.forgotten import check_forgotten
from qbconsole.rehearsal.simulate.checker.journal import check_journal
from qbconsole.rehearsal.simulate.checker.leaving import check_leaving
from qbconsole.rehearsal.simulate.checker.records import read
from qbconsole.rehearsal.simulate.checker.remembered import check_remembered
from qbconsole.rehearsal.simulate.checker.standing import check_fences, check_standing, check_turns
from qbconsole.rehearsal.simulate.world import Violation, World

if TYPE_CHECKING:
    from qbconsole.store.database import Store

__all__ = ["check"]


def check(store: Store, world: World) -> tuple[Violation, ...]:
    """Every law of our own records that the run broke; nothing where all is well."""
    records = read(store, world)
    return (
        *check_leaving(records, world),
        *check_remembered(records, world),
        *check_journal(store),
        *check_standing(records, world),
        *check_fences(records, world),
        *check_turns(world),
        *check_forgotten(store, records, world),
        *check_decided(store, records, world),
    )
