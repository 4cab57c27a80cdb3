"""Sessions: leases with fencing numbers, Web Connector tickets, message sets, raw responses.

State of a session lives only here, so that any process may answer the next call. A lease lets one connector work
on one company file; every commit of a session calls `require_lease` first. A response is kept as it came, also
when its ticket is stale or nobody's; keeping it concludes nothing.
"""

from qbconsole.store.sessions.leases import (
    Lease,
    LeaseLost,
    hold_lease,
    is_running,
    lease,
    release_lease,
    renew_lease,
    renew_own,
    require_lease,
    take_lease,
)
from qbconsole.store.sessions.message_sets import (
    MessageSet,
    SetConflict,
    SetState,
    forgettable_sets,
    hand_out,
    is_fetchable,
    mark_set,
    message_set,
    open_set,
    put_message_set,
    set_states,
    sets_in,
)
from qbconsole.store.sessions.responses import keep_response, responses_to
from qbconsole.store.sessions.tickets import (
    Session,
    close_session,
    open_session,
    open_sessions,
    opened_in,
    recent_sessions,
    session,
    update_session,
)

__all__ = [
    "Lease",
    "LeaseLost",
    "MessageSet",
    "Session",
    "SetConflict",
    "SetState",
    "close_session",
    "forgettable_sets",
    "hand_out",
    "hold_lease",
    "is_fetchable",
    "is_running",
    "keep_response",
    "lease",
    "mark_set",
    "message_set",
    "open_session",
    "open_sessions",
    "open_set",
    "opened_in",
    "put_message_set",
    "recent_sessions",
    "release_lease",
    "renew_lease",
    "renew_own",
    "require_lease",
    "responses_to",
    "session",
    "set_states",
    "sets_in",
    "take_lease",
    "update_session",
]
