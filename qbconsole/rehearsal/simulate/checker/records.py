"""What the store says at the end of a run, read once: sets, requests, documents, sessions, answers."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qbconsole.rehearsal.simulate.world import World

if TYPE_CHECKING:
    from qbconsole.store.database import Store

#: Faults after which our own records may honestly be older than what happened.
_WENT_BACK = ("F34",)
#: QuickBooks could not read the set, and did nothing of it.
_UNREAD = "0x80040400"
_ANSWER = re.compile(r"<\w+Rs\b([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
#: Statuses under which QuickBooks may have done it all the same: done with a remark, or an internal error.
_MAY_BE_DONE = frozenset({"0", "500", "501", "510", "530", "531", "540", "550", "560", "570", "1000"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSet:
    """A message set as stored."""

    id: str
    company: str
    fence: int
    ticket: str
    body: str
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """A request as stored."""

    id: int
    company: str
    name: str
    purpose: str
    state: str
    subject: str
    document: str
    qb_id: str
    doubtful: bool

    @property
    def what(self) -> str:
        """For a sentence."""
        return f"{self.name} of {self.document or self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDocument:
    """A document as stored."""

    key: str
    company: str
    kind: str
    state: str
    txn_id: str


@dataclass(slots=True, kw_only=True)
class Records:
    """Everything the laws are held against."""

    sets: dict[str, KeptSet]
    requests: dict[int, KeptRequest]
    documents: list[KeptDocument]
    #: Company -> (fence, ticket), in the order sessions were opened.
    sessions: dict[str, list[tuple[int, str]]]
    #: Company -> fence of its lease.
    leases: dict[str, int]
    #: Set -> (HRESULT, text) of each answer that came for it.
    answers: dict[str, list[tuple[str, str]]]
    #: Our own database was put back to an older one: it may not know what it did.
    went_back: bool = False
    _refused: dict[tuple[str, int], bool] = field(default_factory=dict)

    def was_refused(self, set_id: str, request: int) -> bool:
        """Whether an answer says that QuickBooks did nothing of the request in that set."""
        place = (set_id, request)
        if place not in self._refused:
            name = self._name(set_id, request)
            self._refused[place] = any(
                hresult.casefold() == _UNREAD or _says_no(text, name)
                for hresult, text in self.answers.get(set_id, ())
            )
        return self._refused[place]

    def fragment(self, set_id: str, request: int) -> str:
        """A request's part of a set; "" where it cannot be told."""
        name = self._name(set_id, request)
        return self.sets[set_id].body.partition(f'requestID="{name}"')[2].partition("Rq>")[0] if name else ""

    def _name(self, set_id: str, request: int) -> str:
        """The requestID a request has in a set."""
        kept = self.sets[set_id]
        names = re.findall(r'requestID="([^"]*)"', kept.body)
        return names[kept.requests.index(request)] if len(names) == len(kept.requests) else ""


def _says_no(text: str, name: str) -> bool:
    """Whether an answer has an error for the request of that name."""
    told = (dict(_ATTRIBUTE.findall(found[1])) for found in _ANSWER.finditer(text))
    return any(
        one.get("requestID") == name and one.get("statusCode", "0") not in _MAY_BE_DONE for one in told
    )


def read(store: Store, world: World) -> Records:
    """Read what the laws need. Raises nothing of its own."""
    with store.reading() as tx:
        sets = {
            row.id: KeptSet(
                id=row.id,
                company=row.company,
                fence=row.fence,
                ticket=row.ticket,
                body=row.body,
                requests=tuple(json.loads(row.request_ids or "[]")),
            )
            for row in tx.execute(
                sa.text("SELECT id, company, fence, ticket, body, request_ids FROM message_sets")
            )
        }
        requests = {
            row.id: KeptRequest(
                id=row.id,
                company=row.company,
                name=row.name,
                purpose=row.purpose,
                state=row.state,
                subject=row.subject_key,
                document=row.document_key or "",
                qb_id=row.qb_id,
                doubtful=bool(row.doubtful),
            )
            for row in tx.execute(
                sa.text(
                    "SELECT id, company, name, purpose, state, subject_key, document_key, qb_id, doubtful"
                    " FROM requests"
                )
            )
        }
        documents = [
            KeptDocument(key=row.key, company=row.company, kind=row.kind, state=row.state, txn_id=row.txn_id)
            for row in tx.execute(sa.text("SELECT key, company, kind, state, txn_id FROM documents"))
        ]
        sessions: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in tx.execute(
            sa.text("SELECT company, fence, ticket FROM sessions ORDER BY opened_at, fence")
        ):
            sessions[row.company].append((row.fence, row.ticket))
        leases = {row.name: row.fence for row in tx.execute(sa.text("SELECT name, fence FROM leases"))}
        answers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        found = tx.execute(
            sa.text("SELECT message_set, hresult, raw FROM responses WHERE message_set IS NOT NULL")
        )
        for row in found:
            answers[row.message_set].append((row.hresult, bytes(row.raw).decode("utf-8", "replace")))
    return Records(
        sets=sets,
        requests=requests,
        documents=documents,
        sessions=sessions,
        leases=leases,
        answers=answers,
        went_back=any(world.fired.get(number) for number in _WENT_BACK),
    )
