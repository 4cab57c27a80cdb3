"""A login: whether there is anything to do, whose the company is, and what became of the session before."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.store import parties, sessions
from qbconsole.store.sessions import SetState
from qbconsole.sync.deliver import exchange
from qbconsole.sync.deliver.doubt import silence
from qbconsole.sync.deliver.doubt.older import doubt_ours
from qbconsole.sync.deliver.exchange import Serving
from qbconsole.sync.deliver.planning import anything_to_do
from qbconsole.sync.deliver.session import Phase
from qbconsole.webconnector.conversation import Login


def begin(serving: Serving, tx: sa.Connection, login: Login, company: str, ticket: str) -> tuple[bool, str]:
    """Take the company's lease and begin a session: whether it began, and the word of the login.

    The word is the company file's path, or "none" where nothing is to do, or "busy".
    """
    at = serving.clock()
    parties.update_company(tx, company, last_contact_at=at)
    if company not in serving.mapping().companies or not anything_to_do(tx, company, at):
        return False, "none"
    now, server = serving.store.now_and_server(tx)
    _end_abandoned(serving, tx, login, company, server, at)
    before = sessions.lease(tx, company)
    lease = sessions.take_lease(tx, company, ticket, exchange.LEASE_SECONDS, now)
    if lease is None:
        return False, "busy"
    if before is not None and (cut_off := sessions.session(tx, before.owner)) is not None:
        doubt_ours(serving.store, tx, cut_off, serving.witnessed, at)
    taken = [serving.as_fetched(one) for one in sessions.sets_in(tx, company, [SetState.SENT])]
    silence.fall_silent(tx, company, taken, at, server=server)
    sessions.open_session(
        tx,
        ticket=ticket,
        company=company,
        fence=lease.fence,
        phase=Phase.IDENTIFY.value,
        at=at,
        peer=login.peer,
        client_version=login.client_version,
    )
    return True, serving.mapping().companies[company].file


def _end_abandoned(
    serving: Serving, tx: sa.Connection, login: Login, company: str, server: str, at: datetime
) -> None:
    """The same Web Connector logs in again: it does one update at a time, so its last one is over.

    Two connectors behind one address look alike. So a session whose set may be running in QuickBooks right
    now is only ended where our own restart cut it off; else the lease has to run out, as for strangers. What
    it took is asked about once this one told that it is the same (`silence.came_back`).
    """
    if not sessions.hold_lease(tx, company, waiting=False):
        return  # nobody's, or its session is speaking just now
    held = sessions.lease(tx, company)
    last = sessions.session(tx, held.owner) if held is not None else None
    if last is None or (last.peer, last.client_version) != (login.peer, login.client_version):
        return
    cut_off = sessions.open_set(tx, last.ticket)
    if cut_off is None or last.last_at <= serving.started_at:
        taken = [serving.as_fetched(cut_off)] if cut_off is not None else []
        silence.fall_silent(tx, company, taken, at, server=server)
        serving.end(tx, last, at)
