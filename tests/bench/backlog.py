"""A workspace with a long backlog: a few receipts go the whole trip, the rest are copies of one that is ready.

Booking a hundred thousand orders would take minutes and is measured elsewhere (booking.py); what delivery meets is rows,
and these are the very rows booking makes, with keys, numbers and requestIDs of their own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from builders import Line, Pay, Ship, an_order
from trip import COMPANY, NOW, Trip, cheap_passwords

from qbconsole.sync.enrolling import give_password

LINES = tuple(
    Line(price=price, sku=f"SKU-{number}", taxes={"Sales tax": tax})
    for number, (price, tax) in enumerate(
        (("20.00", "1.65"), ("35.50", "2.93"), ("9.99", "0.82"), ("120.00", "9.90")), 1
    )
)
_REQUEST_ID = re.compile(r'requestID="([^"]*)"')
#: Tables of which each copy has a row of its own, with the column that leads to the original.
_COPIED = (("documents", "id"), ("document_bodies", "document_id"), ("postings", "document_id"))


def workspace_with(root: Path, documents: int) -> tuple[Trip, str]:
    """A workspace whose company is linked, whose lists are known, and where so many receipts are ready."""
    root.mkdir(parents=True)
    trip = Trip(root)
    trip.pull({"orders": [_order(1)]})
    trip.book()
    trip.deliver()
    trip.pull({"orders": [_order(2)]})
    trip.book()
    with cheap_passwords():
        password = give_password(trip.workspace.store, trip.workspace.keys, COMPANY, NOW)
    path = trip.workspace.store.path
    assert path is not None
    trip.close()
    _multiply(path, documents - 1)
    return trip, password


def copied(trip: Trip, root: Path) -> Path:
    """The same workspace again, for another round; what copying left to the disk is done before it begins."""
    shutil.copytree(trip.workspace.root, root)
    os.sync()
    return root


def _order(number: int) -> dict[str, Any]:
    """Four lines, shipping, one card payment: what most orders are."""
    order = an_order(LINES, shipping=(Ship(price="6.00"),), pays=(Pay(amount="206.79"),), number=number)
    text = json.dumps(order).replace("OrderTransaction/", f"OrderTransaction/{number}00")
    told: dict[str, Any] = json.loads(text)
    return told


def _multiply(path: Path, times: int) -> None:
    """Copy the one receipt that is ready, with everything that hangs on it."""
    with closing(sqlite3.connect(path)) as store, store:
        store.row_factory = sqlite3.Row
        request = _row(store, "SELECT * FROM requests WHERE state = 'ready' AND name = 'SalesReceiptAdd'")
        body = _row(store, "SELECT * FROM request_bodies WHERE request_id = ?", request["id"])
        document = _row(store, "SELECT * FROM documents WHERE key = ?", request["document_key"])
        given = _REQUEST_ID.search(body["body"])
        assert given is not None
        for number in range(1, times + 1):
            key = f"{document['key']}/{number}"
            new_document = dict(document) | {"id": None, "key": key, "ref_number": f"B{number}"}
            document_id = _put(store, "documents", new_document)
            for table, column in _COPIED[1:]:
                for row in store.execute(f"SELECT * FROM {table} WHERE {column} = ?", (document["id"],)):
                    _put(store, table, dict(row) | {column: document_id})
            new_request = dict(request) | {"id": None, "subject_key": key, "document_key": key}
            request_id = _put(store, "requests", new_request)
            text = body["body"].replace(given[0], f'requestID="{given[1]}-{number}"', 1)
            _put(store, "request_bodies", dict(body) | {"request_id": request_id, "body": text})


def _row(store: sqlite3.Connection, question: str, *given: object) -> sqlite3.Row:
    found: sqlite3.Row = store.execute(question, given).fetchone()
    return found


def _put(store: sqlite3.Connection, table: str, row: dict[str, Any]) -> int:
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    return (
        store.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values())).lastrowid or 0
    )
