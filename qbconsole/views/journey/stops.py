"""The stops of a journey: pulled, events, decided, request, sent, answered, recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qbconsole.store.snapshots import SnapshotRow
from qbconsole.views.journey.answers import DocumentView, RequestView, Stop
from qbconsole.views.needs import need_words

#: Event keys named one by one in a sentence; a shop day has thousands.
_NAMED = 12
#: What booking calls the choice of a template (`decide.documents`).
TEMPLATE = "request template"


def stops_of(
    kept: SnapshotRow | None, events: Sequence[str], documents: Sequence[DocumentView]
) -> Iterator[Stop]:
    """The stations of the README, with when and what."""
    if kept is not None:
        of = f" of {kept.name}" if kept.name else ""
        sentence = f"Revision {kept.revision}{of}, {len(kept.raw):,} bytes, as the shop told it."
        yield Stop(
            name="pulled", module="sources/shopify, store/snapshots", at=kept.arrived_at, sentence=sentence
        )
    if events:
        first = min((one.planned_at for one in documents), default=None)
        named = ", ".join(events[:_NAMED]) + (f" and {len(events) - _NAMED} more" * (len(events) > _NAMED))
        sentence = f"{len(events)} events: {named}."
        yield Stop(name="events", module="shop/timeline", at=first, sentence=sentence)
    for document in documents:
        yield from _document_stops(document)


def _document_stops(document: DocumentView) -> Iterator[Stop]:
    name = f"{document.kind} {document.ref_number}"
    under = f" under mapping revision {document.mapping_revision}" if document.mapping_revision else ""
    sentence = f"{name} of {document.total.text()}, {document.state}{under}."
    yield Stop(name="decided", module="decide", at=document.planned_at, sentence=sentence)
    template = _template_of(document)
    for asked in document.requests:
        yield from request_stops(name, asked, template)
    if document.txn_id:
        at = document.requests[-1].changed_at if document.requests else None
        sentence = f"{name} is TxnID {document.txn_id} in QuickBooks."
        yield Stop(name="recorded", module="sync/settle", at=at, sentence=sentence)


def _template_of(document: DocumentView) -> str:
    """Which template wrote the request of a document, as it stands now."""
    found = (one for one in document.choices if one.field == TEMPLATE)
    return next((f" Written by {one.place}, sha256 {one.sha256}." for one in found), "")


def request_stops(name: str, asked: RequestView, template: str = "") -> Iterator[Stop]:
    """What became of one request."""
    needs = ", ".join(need_words(*one.split(" ", 1)) for one in asked.waits_for)
    waits = f" It waits for {needs}." if needs else ""
    tried = f", attempt {asked.attempt + 1}" if asked.attempt else ""
    sentence = f"{asked.name} for {name}: {asked.state.value}{tried}.{waits}{template}"
    yield Stop(name="request", module="qbxml/render", at=asked.made_at, sentence=sentence)
    if asked.sent_at is not None:
        sentence = f"It left in message set {asked.message_set}."
        yield Stop(name="sent", module="webconnector", at=asked.sent_at, sentence=sentence)
    if asked.status_code is not None:
        sentence = f"QuickBooks answered {asked.status_code}: {asked.status_text}"
        yield Stop(name="answered", module="qbxml/response", at=asked.changed_at, sentence=sentence)
