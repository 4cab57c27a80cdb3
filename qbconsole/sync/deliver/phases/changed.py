"""Changed: once a day, what somebody changed in QuickBooks since the last look is held against our books.

All kinds in one question; of those with more than a page, pages of one after the other. An iterator ends with its session,
so a look of more pages than a session asks for would begin anew each time and never end: the first page tells how many
follow, and where they are too many a shorter time is asked for, then the next; each that was read whole stays read. Source: reliability.md b3 step 7, F42; qbwc-protocol.md
(iterators).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from qbconsole.company.documents import ObservedDocument
from qbconsole.qbxml.response import Reply
from qbconsole.store import parties
from qbconsole.store.books import recorded
from qbconsole.sync.deliver.asking import CHANGED_PAGE
from qbconsole.sync.deliver.phases import verify
from qbconsole.sync.deliver.seen.twice import tell_twice
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.value import Value, field, replace

#: Pages that are asked for in a session.
PAGES = 20
#: What was changed is asked for again after this long.
DAILY = timedelta(hours=20)
#: QuickBooks' clock is its PC's, and wrong in summer: looks overlap by more than that.
OVERLAP = timedelta(days=2)
#: No shorter time is asked for; what changed within it is read to its end, however many pages that takes.
_SHORTEST = timedelta(minutes=2)
_NAME = "read_back"


class Looked(Value):
    """How far a company was read back."""

    #: Until when what was changed is known, and the kinds still to be asked for in this look.
    until: datetime | None = None
    since: datetime | None = None
    kinds: tuple[str, ...] = ()
    #: Kinds that are known until another moment than the others: their last look failed, or goes on by parts of its time.
    behind: dict[str, datetime] = field(default_factory=dict)
    #: How much time is asked for at once of the first of the kinds; None: all until now.
    span: timedelta | None = None

    def since_of(self, kind: str) -> datetime | None:
        """From when on a kind is asked for."""
        return self.behind.get(kind, self.since)


def step(turn: Turn) -> Step | None:
    """What was recorded and not read back yet; then the next page of what was changed."""
    return verify.step(turn) or _page(turn)


def goes_on(tx: sa.Connection, company: str) -> bool:
    """Whether a look is not at its end, or more waits to be read back than one session reads."""
    if _looked(tx, company).kinds:
        return True
    most = verify.AT_ONCE * verify.QUESTIONS
    return len(recorded.to_read_back(tx, company, most + 1)) > most


def _page(turn: Turn) -> Step | None:
    looked = _looked(turn.tx, turn.company)
    if looked.until is None:
        # Everything was read back just now, or will be.
        _keep(turn, Looked(until=turn.at))
        return None
    if not looked.kinds:
        if turn.at - looked.until < DAILY:
            return None
        kinds = tuple(recorded.kinds_there(turn.tx, turn.company))
        looked = replace(looked, until=turn.at, since=looked.until - OVERLAP, kinds=kinds)
        _keep(turn, looked)
    if not looked.kinds:
        return None
    short = _short(looked, turn.notes)
    if short:
        purpose = f"changes:{','.join(kind for kind, _ in short)}"
        notes = replace(turn.notes, changed=turn.notes.changed + 1)
        return Step(purpose=purpose, fragments=turn.asker.changes(short), notes=notes)
    kind = looked.kinds[0]
    since = looked.since_of(kind)
    if since is None or (turn.notes.changed >= PAGES and not _is_shortest(looked, turn)):
        return None
    to = since + looked.span if looked.span is not None else None
    notes = replace(turn.notes, changed=turn.notes.changed + 1)
    questions = turn.asker.changed(kind, since, turn.notes.iterator, to=to)
    return Step(purpose=f"changed:{kind}", fragments=questions, notes=notes)


def _short(looked: Looked, notes: Notes) -> list[tuple[str, datetime]]:
    """Kinds of which no more than a page is expected, with since when they are asked for."""
    kinds = looked.kinds if looked.span is None else looked.kinds[1:]
    told = ((kind, looked.since_of(kind)) for kind in kinds if kind not in notes.long_changes)
    return [(kind, since) for kind, since in told if since is not None] if not notes.iterator else []


def _is_shortest(looked: Looked, turn: Turn) -> bool:
    """Whether the pages of the shortest time are being read: they would be no fewer the next time."""
    return bool(turn.notes.iterator) and looked.span == _SHORTEST


def _looked(tx: sa.Connection, company: str) -> Looked:
    told = parties.note(tx, company, _NAME)
    return msgspec.json.decode(told, type=Looked) if told else Looked()


def _keep(where: Turn | Filing, looked: Looked) -> None:
    parties.put_note(where.tx, where.company, _NAME, msgspec.json.encode(looked).decode(), where.at)


def _is_read(filing: Filing, reply: Reply) -> bool:
    """Whether all of a page was told; 1 says that there is nothing."""
    return reply.status_code in (0, 1) and reply.is_whole and filing.answer.fault is None


def _judged(filing: Filing) -> None:
    """Hold what was told against our books, and tell what is there twice."""
    found = {one.txn_id: one for one in filing.values(ObservedDocument)}
    verify.judge(filing, recorded.by_txn_ids(filing.tx, filing.company, found), found)
    tell_twice(filing, found.values())


def filed_short(filing: Filing) -> Notes:
    """What changed of several kinds: each is read, or has more than a page, or is asked for anew next time."""
    _judged(filing)
    looked, notes = _looked(filing.tx, filing.company), filing.notes
    replies = {one.request_name: one for one in filing.answer.replies}
    for kind in filing.argument.split(","):
        reply = replies.get(f"{kind}Query")
        if reply is None or not _is_read(filing, reply):
            looked = _failed(looked, kind)
        elif len(reply.rows) >= CHANGED_PAGE:
            notes = replace(notes, long_changes=(*notes.long_changes, kind))
        else:
            looked = _read(looked, kind, filing.at)
    _keep(filing, looked)
    return notes


def filed(filing: Filing) -> Notes:
    """A page of one kind; what was not read whole is asked for anew next time."""
    _judged(filing)
    reply = next(iter(filing.answer.replies), None)
    looked, kind = _looked(filing.tx, filing.company), filing.argument
    if reply is None or not _is_read(filing, reply):
        _keep(filing, _failed(looked, kind))
        return replace(filing.notes, iterator="")
    if reply.iterator_remaining:
        return _more(filing, reply.iterator_id, reply.iterator_remaining, looked)
    _keep(filing, _read(looked, kind, filing.at))
    return replace(filing.notes, iterator="")


def _more(filing: Filing, iterator: str, remaining: int, looked: Looked) -> Notes:
    """The next page; or a shorter time, or the next session, where the pages that follow are too many."""
    notes = filing.notes
    following = -(-remaining // CHANGED_PAGE)
    if notes.iterator or following <= PAGES - notes.changed or looked.span == _SHORTEST:
        return replace(notes, iterator=iterator)
    # A fresh session asks two questions before the second page: all kinds, then the first page.
    if following <= PAGES - 2:
        return replace(notes, changed=PAGES)
    since = looked.since_of(filing.argument) or filing.at
    span = (looked.span or max(filing.at - since, _SHORTEST)) * (PAGES - 1) / (following + 1)
    _keep(filing, replace(looked, span=max(_SHORTEST, span)))
    return notes


def _failed(looked: Looked, kind: str) -> Looked:
    """The kind is left for the next look, from where this one stands."""
    since = looked.since_of(kind)
    behind = looked.behind if since is None else looked.behind | {kind: since}
    return replace(_done(looked, kind), behind=behind)


def _read(looked: Looked, kind: str, now: datetime) -> Looked:
    """The kind is read, or a part of its time is and the next part follows."""
    since = looked.since_of(kind)
    part = looked.span if kind == looked.kinds[0] else None
    if since is not None and part is not None and since + part <= now:
        return replace(looked, behind=looked.behind | {kind: since + part}, span=part * 2)
    behind = {one: then for one, then in looked.behind.items() if one != kind}
    return replace(_done(looked, kind), behind=behind)


def _done(looked: Looked, kind: str) -> Looked:
    """Without that kind; the parts of time are those of the first one."""
    span = None if looked.kinds[:1] == (kind,) else looked.span
    return replace(looked, kinds=tuple(one for one in looked.kinds if one != kind), span=span)
