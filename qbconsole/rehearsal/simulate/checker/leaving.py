"""What left the house: the very bytes that are stored, and nothing a second time that was not asked about before."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from qbconsole.rehearsal.simulate.checker.records import Records
from qbconsole.rehearsal.simulate.world import Handed, Violation, World

SAME_BYTES = "stored bytes are sent bytes"
ASKED_FIRST = "nothing goes again unasked"
SAME_ID = "what was lost goes again under its own id"
#: So often a set without an answer goes under one id.
_OFTEN = 3
_NUMBER = re.compile(r"<RefNumber>([^<]+)</RefNumber>")
_DAY = re.compile(r"<TxnDate>([^<]+)</TxnDate>")
_NEW = re.compile(r'<QBXMLMsgsRq[^>]*\bnewMessageSetID="([^"]*)"')
_OLD = re.compile(r'<QBXMLMsgsRq[^>]*\boldMessageSetID="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """One document that was handed to a connector."""

    at: datetime
    company: str
    ticket: str
    text: str
    #: Id under which QuickBooks would keep it; "" for questions.
    set_id: str
    #: Set that is asked about, in a status check: old and new id are the same. Alone, or beside another new one, the old id
    #: has QuickBooks forget its record, and asks nothing.
    asked_about: str


def check_leaving(records: Records, world: World) -> Iterator[Violation]:
    """Hold what connectors were handed, and what QuickBooks got, against the stored sets."""
    handed = [_read(one) for one in world.handed]
    yield from _other_bytes(records, world, handed)
    restored = {one.id: one.right.file.last_restore_time for one in world.companies}
    unread = _never_read(world) if records.went_back else frozenset()
    yield from _unasked(records, handed, restored if records.went_back else {}, unread)
    yield from _renamed(records, world, handed)


def _never_read(world: World) -> frozenset[str]:
    """Sets that QuickBooks could not read, and did not take another time either."""
    told = {one for company in world.companies for one in company.unread}
    taken = {one.set_id for company in world.companies for file in company.files for one in file.written}
    return frozenset(told - taken - {""})


def _read(one: Handed) -> _Leaving:
    head = one.text[: one.text.find("<QBXMLMsgsRq") + 400]
    new, old = _NEW.search(head), _OLD.search(head)
    asks = new is not None and old is not None and new[1] == old[1]
    return _Leaving(
        at=one.at,
        company=one.company,
        ticket=one.ticket,
        text=one.text,
        set_id=new[1] if new and not asks else "",
        asked_about=new[1] if new and asks else "",
    )


def _other_bytes(records: Records, world: World, handed: list[_Leaving]) -> Iterator[Violation]:
    left: dict[str, set[str]] = defaultdict(set)
    for one in handed:
        if one.set_id:
            left[one.set_id].add(one.text)
    for set_id, texts in left.items():
        if len(texts) > 1:
            sentence = f"{set_id} left in {len(texts)} different wordings."
            yield Violation(law=SAME_BYTES, sentence=sentence)
        kept = records.sets.get(set_id)
        if kept is None and not records.went_back:
            yield Violation(law=SAME_BYTES, sentence=f"{set_id} left and is not stored.")
        elif kept is not None and kept.body not in texts:
            yield Violation(law=SAME_BYTES, sentence=f"{set_id} left in other bytes than are stored.")
    for company in world.companies:
        for written in (one for file in company.files for one in file.written):
            known = left.get(written.set_id)
            if written.set_id and written.text not in (known or ()):
                sentence = f"QuickBooks was handed {written.set_id} in bytes that never left us."
                yield Violation(law=SAME_BYTES, sentence=sentence)


def _unasked(
    records: Records,
    handed: list[_Leaving],
    restored: Mapping[str, datetime | None],
    unread: frozenset[str],
) -> Iterator[Violation]:
    """A request that left before leaves again only after QuickBooks was asked, or had refused it.

    `restored`: when both the company file and our database went back. What left before that may be known to neither.
    `unread`: sets that QuickBooks could not read, where our database went back and may have lost that it was told so; the
    session that sent them was told.
    """
    last: dict[tuple[str, int], tuple[int, _Leaving]] = {}
    for place, one in enumerate(handed):
        kept = records.sets.get(one.set_id) if one.set_id else None
        for request in kept.requests if kept else ():
            name = (one.company, request)
            back = restored.get(one.company)
            if name in last and back is not None and last[name][1].at < back <= one.at:
                del last[name]
            if name in last and last[name][1].ticket == one.ticket and last[name][1].set_id in unread:
                del last[name]
            if name in last and not _may_go_again(records, handed, last[name], (place, one), request):
                what = records.requests[request].what
                sentence = f"{what} left in {last[name][1].set_id}, and again in {one.set_id} unasked."
                yield Violation(law=ASKED_FIRST, sentence=sentence)
            last[name] = (place, one)


def _may_go_again(
    records: Records,
    handed: list[_Leaving],
    first: tuple[int, _Leaving],
    again: tuple[int, _Leaving],
    request: int,
) -> bool:
    earlier, later = first[1], again[1]
    if earlier.set_id == later.set_id and earlier.ticket == later.ticket:
        return True  # the same call once more, under the id that QuickBooks knows it by
    if records.was_refused(earlier.set_id, request):
        return True
    between = [one for one in handed[first[0] + 1 : again[0]] if one.company == later.company]
    asks = _asks_for(records.requests[request].name, records.fragment(earlier.set_id, request))
    return any(one.asked_about == earlier.set_id or asks(one.text) for one in between)


def _asks_for(name: str, fragment: str) -> Callable[[str], bool]:
    """Tells the questions that say whether such a request was done: by its number, else its day; lists as a whole."""
    kind = name.removesuffix("Add")
    general = "Item" if kind.startswith("Item") else kind
    family = re.compile(rf"<(?:{kind}|{general}|Entity)QueryRq\b")
    found = _NUMBER.search(fragment) or _DAY.search(fragment)
    wanted = f">{found[1]}</" if found else ""
    return lambda text: bool(family.search(text)) and wanted in text


def _renamed(records: Records, world: World, handed: list[_Leaving]) -> Iterator[Violation]:
    """A set nobody answered goes again whole as it was: QuickBooks' record under its id is the last fence.

    After three times under one id it may go otherwise, and after an answer it is another attempt. A refusal that nobody
    heard is an answer once it was asked about: under the old id QuickBooks would only say it again.
    """
    refused = {
        one.set_id
        for company in world.companies
        for file in company.files
        for one in file.written
        if not one.made
    }
    asked = {one.asked_about for one in handed}
    first: dict[tuple[str, tuple[int, ...], str], str] = {}
    times = Counter(one.set_id for one in handed)
    for one in handed:
        kept = records.sets.get(one.set_id) if one.set_id else None
        if kept is None or not kept.requests:
            continue
        content = (one.company, kept.requests, one.text.replace(one.set_id, ""))
        earlier = first.setdefault(content, one.set_id)
        told = records.answers.get(earlier) or earlier in refused & asked
        if earlier != one.set_id and not told and times[earlier] < _OFTEN:
            sentence = f"{earlier} was not answered, and left again as {one.set_id}."
            yield Violation(law=SAME_ID, sentence=sentence)
            return
