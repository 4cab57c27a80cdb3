"""Fields of a document named: terms, rep, way of shipping, printed form, message, site and memo.

What nobody names is left out. A name QuickBooks lacks is added where that can be done, else it holds the document.
"""

from __future__ import annotations

import re
from typing import Any

from qbconsole.books.documents.fields import FIELDS, HEAD, Field
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.naming.entries import want_entry, want_terms
from qbconsole.books.naming.namer import Namer
from qbconsole.shop.orders import Order
from qbconsole.value import replace

_WORD = re.compile(r"\{(\w+)\}")


def head_fields(namer: Namer) -> dict[str, Any]:
    """The fields of a document's head that name an entry of a short list; None where nobody says anything."""
    found: dict[str, Any] = {}
    for field in HEAD[namer.plan.kind]:
        choice = namer.answers.field(field.name, namer.order, namer.plan.kind)
        name = namer.choose(field.label, choice) if choice is not None else None
        found[field.ref] = _wanted(namer, field, name) if name else None
    return found


def _wanted(namer: Namer, field: Field, name: str) -> str:
    if field.name == "terms":
        terms = namer.order.terms
        return want_terms(namer, name, terms.due_in_days if terms else None, known=terms is not None)
    return want_entry(namer, field.list_kind, name)


def site_of(namer: Namer, location: str | None = None, *, what: str = "site") -> str | None:
    """The site of a location, the order's own where none is given; None where the mapping names none."""
    order: Order = namer.order if location is None else replace(namer.order, location=location)
    name = namer.choose(what, namer.answers.field("site", order, namer.plan.kind))
    if name is None:
        return None
    preferences = namer.company.preferences
    if preferences is not None and not preferences.multi_location_inventory:
        _hold_sites(namer, name)
    return want_entry(namer, FIELDS["site"].list_kind, name)


def memo_wording(namer: Namer) -> str | None:
    """How the mapping puts the memo of such a document; None where it is told as it is."""
    return namer.choose("memo", namer.answers.field("memo", namer.order, namer.plan.kind))


def memo_words(namer: Namer, wording: str, told: str) -> str:
    """The words of a memo as the mapping puts them; the key that follows is never touched."""
    order = namer.order
    words = {
        "what": told,
        "order": order.name,
        "channel": namer.answers.channel(order),
        "location": order.location,
        "customer": order.buyer.name,
        "company": order.buyer.company,
        "po_number": order.po_number,
        "note": order.note,
    }
    filled = _WORD.sub(lambda found: words.get(found[1], found[0]), wording)
    # A key in a text of somebody else's would be taken for ours by whoever looks for it.
    return " ".join(filled.replace("[qbc1/", "(qbc1/").split())


def _hold_sites(namer: Namer, site: str) -> None:
    """QuickBooks refuses a site where stock is kept at one place: only Enterprise with Advanced Inventory has them."""
    hold = Hold(
        reason=Reason.EDITION,
        where=f"{namer.plan.kind} of {namer.plan.number}",
        sentence=f'The mapping names the site "{site}", but this company file keeps its stock at one place.',
        next_step="Take [sites] out of the mapping, or switch on Advanced Inventory in QuickBooks Enterprise.",
        subject=namer.plan.key,
        cause="edition:sites",
    )
    if hold not in namer.holds:
        namer.holds.append(hold)
