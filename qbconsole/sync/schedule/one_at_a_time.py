"""One sync of a merchant at a time, on however many computers: a lease that is renewed while it runs.

Two would not spoil anything, but each would fetch and decide what the other does.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
import structlog

from qbconsole.errors import QbconsoleError, StoreLocked
from qbconsole.store import sessions
from qbconsole.store.database import Store
from qbconsole.store.encoding import moment_text

#: Held so long after the last sign of life; renewed every quarter of it.
SECONDS = 120
_LOG = structlog.get_logger("qbconsole.sync")


def lease_name(merchant: str) -> str:
    """Name of the lease."""
    return f"sync/{merchant}"


def is_syncing(tx: sa.Connection, store: Store, merchant: str) -> bool:
    """Whether a sync of this merchant runs now, on whichever computer."""
    held = sessions.lease(tx, lease_name(merchant))
    if held is None:
        return False
    return sessions.is_running(moment_text(held.until), SECONDS, store.now(tx))


@contextmanager
def one_at_a_time(store: Store, merchant: str) -> Iterator[None]:
    """The turn of one sync. Raises StoreLocked while another one of this merchant runs."""
    name, owner = lease_name(merchant), uuid.uuid4().hex
    with store.atomic() as tx:
        taken = sessions.take_lease(tx, name, owner, SECONDS, store.now(tx))
    if taken is None:
        raise StoreLocked(
            "a sync of this merchant runs already, by the schedule or by somebody else",
            where=merchant,
            next="Wait for it: `qbconsole schedule` shows it; what it brings need not be fetched twice.",
        )
    over = threading.Event()

    def renew() -> None:
        while not over.wait(SECONDS / 4):
            try:
                with store.atomic() as tx:
                    sessions.renew_lease(tx, name, owner, taken.fence, SECONDS, store.now(tx))
            except QbconsoleError as cause:
                _LOG.warning("lease not renewed", merchant=merchant, what=cause.what)

    beat = threading.Thread(target=renew, name=f"lease of {name}", daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()
        with store.atomic() as tx:
            sessions.release_lease(tx, name, owner, taken.fence)
