"""Leases: the right to work on a company file or in a role, told apart by fencing numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.errors import StoreError
from qbconsole.store.database.statements import put_new, run
from qbconsole.store.encoding import moment, moment_text
from qbconsole.store.schema import leases
from qbconsole.value import Value


class LeaseLost(StoreError):
    """Somebody else holds the lease now; nothing was written."""

    code = "lease_lost"
    exit_status = 3
    next_step = "The other session goes on; this one ends and the next poll takes over."


class Lease(Value):
    """The right to work on something, until a moment, known by its fence."""

    #: A company's id, or a role such as "scheduler".
    name: str
    owner: str
    #: Rises each time the lease is taken.
    fence: int
    until: datetime


_L = leases.c
_LEASE = (
    sa.select(_L.owner, _L.fence, _L.until)
    .where(_L.name == sa.bindparam("name"))
    .with_for_update(skip_locked=True)
)
_HOLD = sa.select(_L.name).where(_L.name == sa.bindparam("name")).with_for_update()
_HOLD_FREE = _HOLD.with_for_update(skip_locked=True)
_WHO_HOLDS = sa.select(leases).where(_L.name == sa.bindparam("name"), _L.owner != "")
#: A lease while it is still the one that was taken.
_OURS = (
    _L.name == sa.bindparam("the_name"),
    _L.owner == sa.bindparam("the_owner"),
    _L.fence == sa.bindparam("the_fence"),
)
_RELEASE = sa.update(leases).where(*_OURS).values(owner="", until=sa.null())
_TAKE = (
    sa.update(leases)
    .where(_L.name == sa.bindparam("the_name"))
    .values(owner=sa.bindparam("the_owner"), fence=sa.bindparam("the_fence"), until=sa.bindparam("the_until"))
)
_RENEW = sa.update(leases).where(*_OURS).values(until=sa.bindparam("the_until"))
_RENEW_OWN = (
    sa.update(leases).where(_L.owner == sa.bindparam("the_owner")).values(until=sa.bindparam("the_until"))
)
_FENCE = sa.select(_L.fence).where(_L.name == sa.bindparam("name"), _L.owner != "").with_for_update(read=True)


def take_lease(tx: sa.Connection, name: str, owner: str, seconds: float, now: datetime) -> Lease | None:
    """Take a lease that is free or has run out; None while somebody else holds it.

    A name is always taken for the same seconds: one that ends much later was taken while the clock ran ahead, and counts as
    run out. Whoever still holds it is kept from writing by the fence.
    """
    put_new(tx, leases, ("name",), [{"name": name, "owner": "", "fence": 0, "until": None}])
    row = run(tx, _LEASE, {"name": name}).one_or_none()
    if row is None or (row.owner and row.until is not None and is_running(row.until, seconds, now)):
        return None
    until = now + timedelta(seconds=seconds)
    values = {
        "the_name": name,
        "the_owner": owner,
        "the_fence": row.fence + 1,
        "the_until": moment_text(until),
    }
    run(tx, _TAKE, values)
    return Lease(name=name, owner=owner, fence=row.fence + 1, until=until)


def is_running(until: str, seconds: float, now: datetime) -> bool:
    """Whether a lease of so many seconds that ends then is held now; clocks that differ by less than that are no matter."""
    return moment_text(now) < until <= moment_text(now + timedelta(seconds=2 * seconds))


def renew_lease(tx: sa.Connection, name: str, owner: str, fence: int, seconds: float, now: datetime) -> bool:
    """Hold a lease longer; False when somebody else took it or it was released."""
    until = moment_text(now + timedelta(seconds=seconds))
    values = {"the_name": name, "the_owner": owner, "the_fence": fence, "the_until": until}
    return run(tx, _RENEW, values).rowcount == 1


def renew_own(tx: sa.Connection, owner: str, seconds: float, now: datetime) -> bool:
    """The same for whatever this owner holds, so that nothing has to be read before it: what is read then stands."""
    values = {"the_owner": owner, "the_until": moment_text(now + timedelta(seconds=seconds))}
    return bool(owner) and run(tx, _RENEW_OWN, values).rowcount == 1


def hold_lease(tx: sa.Connection, name: str, *, waiting: bool = True) -> bool:
    """Be the only one to take, renew or end a lease until the commit; False where nobody ever took it.

    Comes before all that a unit changes: whoever holds it waits for what another one changed, never the other way round.
    Not `waiting`, False too where another unit holds it just now.
    """
    return run(tx, _HOLD if waiting else _HOLD_FREE, {"name": name}).one_or_none() is not None


def release_lease(tx: sa.Connection, name: str, owner: str, fence: int) -> bool:
    """Give a lease back; False when it was not ours any more."""
    values = {"the_name": name, "the_owner": owner, "the_fence": fence}
    return run(tx, _RELEASE, values).rowcount == 1


def require_lease(tx: sa.Connection, name: str, fence: int) -> None:
    """Raise LeaseLost unless this fence still holds; it then holds until the commit."""
    if run(tx, _FENCE, {"name": name}).scalar_one_or_none() != fence:
        raise LeaseLost("The lease went to another session.", where=name)


def lease(tx: sa.Connection, name: str) -> Lease | None:
    """Who holds a lease, even if it has run out; None when nobody does."""
    row = run(tx, _WHO_HOLDS, {"name": name}).one_or_none()
    if row is None:
        return None
    return Lease(name=row.name, owner=row.owner, fence=row.fence, until=moment(row.until))
