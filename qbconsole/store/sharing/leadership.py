"""Leadership: one process at a time does the periodic work of a role, such as "scheduler".

A lease with a fencing number, measured by the database's time: a leader that dies is followed within `seconds`; one
that was only paused learns at `require` that it was followed. What a leader does must be safe to begin twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from qbconsole.store.database import Store
from qbconsole.store.sessions import Lease, LeaseLost, release_lease, renew_lease, require_lease, take_lease

#: The role that runs what is due by the clock.
SCHEDULER = "scheduler"
#: Ask `lead` again well within this many seconds, or another leads.
SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Leadership:
    """One process's part in a role. `owner` names the process and is nobody else's."""

    store: Store
    owner: str
    role: str = SCHEDULER
    seconds: float = SECONDS
    _lease: Lease | None = field(default=None, init=False)

    def lead(self) -> bool:
        """Become the leader, or stay it; False while another is. One commit."""
        with self.store.atomic() as tx:
            now = self.store.now(tx)
            held = self._lease
            if held is None or not renew_lease(tx, self.role, self.owner, held.fence, self.seconds, now):
                held = take_lease(tx, self.role, self.owner, self.seconds, now)
        self._lease = held
        return held is not None

    @property
    def fence(self) -> int:
        """Rises with each leader; 0 while we lead nothing."""
        return self._lease.fence if self._lease is not None else 0

    def require(self, tx: sa.Connection) -> None:
        """In a commit of the leader's work: still the leader, and until it ends. Raises LeaseLost."""
        if self._lease is None:
            raise LeaseLost("This process leads nothing.", where=self.role)
        require_lease(tx, self.role, self._lease.fence)

    def resign(self) -> None:
        """Let another lead at once."""
        if self._lease is not None:
            with self.store.atomic() as tx:
                release_lease(tx, self.role, self.owner, self._lease.fence)
        self._lease = None
