"""Met: what a session knows of the company file that is open, and how it writes our marker into it.

Also where the company's bearings are read and kept; they outlive the session (`company.bearings`).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.company.bearings import NOTE, Bearings
from qbconsole.company.marker import Marker, MarkerUnreadable
from qbconsole.company.verdict import Evidence, Known
from qbconsole.store import parties
from qbconsole.value import Value


class Met(Value):
    """The open company file, as this session met it."""

    #: What QuickBooks says of it.
    told: Evidence | None = None
    #: TxnIDs that have to be in it, the last we recorded; and those of them that are not.
    fingerprint: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    #: It has our marker, but an operator said that it is to be written anew.
    is_to_be_marked_anew: bool = False
    #: The marker was moved on in this session, so documents may follow.
    is_promised: bool = False
    #: What was deleted was asked for.
    asked_deleted: bool = False


def bearings(tx: sa.Connection, company: str) -> Bearings:
    """What earlier sessions left."""
    return Bearings.of(parties.note(tx, company, NOTE))


def keep_bearings(tx: sa.Connection, company: str, new: Bearings, at: datetime) -> None:
    """Leave it for later ones."""
    parties.put_note(tx, company, NOTE, new.to_text(), at)


def taken_back(tx: sa.Connection, company: str, met: Met) -> str:
    """Why a session that carries out an operator's word must end: it was taken back meanwhile; "" where it stands."""
    if not met.is_to_be_marked_anew or bearings(tx, company).go_on is not None:
        return ""
    return "Somebody said meanwhile that this company file is not to be gone on with. Nothing was written."


def may_be_marked_anew(row: parties.Company | None, left: Bearings) -> bool:
    """Whether our marker of the epoch that an operator's word began left already: it may be in that file."""
    try:
        sent = Marker.from_text(left.marker_sent)
    except MarkerUnreadable:
        return False
    return left.is_begun and row is not None and sent.company_epoch == f"{row.id}-{row.epoch}"


def look_until(tx: sa.Connection, company: str) -> str:
    """ISO day: what is dated until then may be in the file though our database does not know; "" for nothing."""
    return bearings(tx, company).look_until


def known(row: parties.Company, name: str, install_id: str, left: Bearings, stray: str = "") -> Known:
    """What we kept of the linked file; `name` is the mapping's, for one that never was linked."""
    return Known(
        company=row.id,
        epoch=row.epoch,
        install_id=install_id,
        name=row.linked_name or name,
        marker=row.linked_marker,
        sent=left.marker_sent,
        stray=stray,
        serial=row.marker_serial,
        restored=row.last_restore_time,
        condensed=row.last_condense_time,
    )
