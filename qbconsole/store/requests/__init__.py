"""Requests: frozen bytes for QuickBooks, from the moment they are rendered to the moment they are answered."""

from qbconsole.store.requests.moving import (
    Move,
    approve,
    doubt,
    in_flight,
    mark_sent,
    move,
    move_all,
    pick_ready,
    quarantine,
    release,
    requests_in,
    requests_of_documents,
    requests_of_set,
    supersede,
)
from qbconsole.store.requests.putting import RequestConflict, put_requests
from qbconsole.store.requests.rows import NewRequest, Purpose, RequestRow, counts, requests_by_id
from qbconsole.store.requests.standing import documents_needing, standing
from qbconsole.store.requests.waiting import (
    Fill,
    Need,
    dependants,
    fill_slots,
    names_wanted,
    satisfy_needs,
    waiting_on,
)

__all__ = [
    "Fill",
    "Move",
    "Need",
    "NewRequest",
    "Purpose",
    "RequestConflict",
    "RequestRow",
    "approve",
    "counts",
    "dependants",
    "documents_needing",
    "doubt",
    "fill_slots",
    "in_flight",
    "mark_sent",
    "move",
    "move_all",
    "names_wanted",
    "pick_ready",
    "put_requests",
    "quarantine",
    "release",
    "requests_by_id",
    "requests_in",
    "requests_of_documents",
    "requests_of_set",
    "satisfy_needs",
    "standing",
    "supersede",
    "waiting_on",
]
