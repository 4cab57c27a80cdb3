"""The second checker: what our store says must be what left the house; it may read the store, the oracle may not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qbconsole.rehearsal.simulate.world import Violation, World

if TYPE_CHECKING:
    from qbconsole.store.database import Store


def check(store: Store, world: World) -> tuple[Violation, ...]:
    """Every law of our own records that the run broke."""
    with store.reading() as tx:
        bodies = {
            str(key): str(body) for key, body in tx.execute(sa.text("SELECT id, body FROM message_sets"))
        }
    return tuple(_other_bytes(bodies, world))


def _other_bytes(bodies: dict[str, str], world: World) -> Iterator[Violation]:
    for company in world.companies:
        for file in company.files:
            for one in file.written:
                if one.set_id in bodies and bodies[one.set_id] != one.text:
                    sentence = f"QuickBooks was handed other bytes under {one.set_id} than are stored."
                    yield Violation(law="stored bytes are sent bytes", sentence=sentence)
