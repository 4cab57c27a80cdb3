"""How a summary is drawn up, whatever it adds up: part by part, each in one document.

A part that is unsent is drawn up anew under its key; what comes later opens the next part, and so does a part that
grows too long. A part that was undone leaves a gap, its number is not used again.
Source: accounting.md section 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from qbconsole.books.identity import base36, document_key
from qbconsole.books.plan import DocumentKind, Member, Plan
from qbconsole.books.summary.pool import LINE_CAP, Pool
from qbconsole.shop.orders import Shop
from qbconsole.value import replace

#: What a part comes to so far, as long as it has lines; and what one event adds to it.
Sums = TypeVar("Sums", bound=Sized)
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Generic[Sums, Given]):
    """What is added up in documents of one kind, and how."""

    kind: DocumentKind
    #: Stands before a part's number in its key: "S1"; nothing before a journal entry's.
    series: str
    #: First letter of its number: "J260301O".
    letter: str
    #: How its memo begins, and what one of several is called.
    words: str
    part: str = "part"
    #: Which part of its events it stands for.
    member: str = ""
    #: What nothing comes to, and what a part that is kept does.
    nothing: Sums
    kept: Callable[[Plan], Sums]
    #: Both together; what is given stays as it is.
    added: Callable[[Sums, Given], Sums]
    #: The document's own fields; None where nothing is left to be said.
    content: Callable[[Sums, Pool], dict[str, Any] | None]


def draw_parts(
    sheet: Sheet[Sums, Given],
    pool: Pool,
    shop: Shop,
    booked: Sequence[Plan],
    given: Iterable[tuple[str, Given]],
    *,
    growing: Plan | None,
) -> tuple[Plan, ...]:
    """The parts that are new or drawn up anew, with these events (key and what each adds) in them.

    `growing` is the last of the booked parts where it may still be drawn up anew.
    """
    parts = _Parts(sheet=sheet, pool=pool, shop=shop, count=_last(booked), sums=sheet.nothing)
    if growing is not None:
        parts.part, parts.members, parts.sums = growing, list(growing.members), sheet.kept(growing)
    for event_key, one in given:
        parts.add(event_key, one)
    parts.close()
    return tuple(parts.done)


def open_part(booked: Sequence[Plan], open_parts: Iterable[str]) -> Plan | None:
    """The last part, if nothing of it is in QuickBooks or on its way."""
    return booked[-1] if booked and booked[-1].key in open_parts else None


def marked(plan: Plan, parts: Mapping[str, str]) -> Plan:
    """The part with what the membership of some of its events tells."""
    members = (replace(one, part=parts.get(one.event_key, one.part)) for one in plan.members)
    return replace(plan, members=tuple(members))


def _last(booked: Sequence[Plan]) -> int:
    """The highest number a part has: that of ".../S12/0" is 12."""
    numbers = (plan.key.split("/")[-2].lstrip("RS") for plan in booked)
    return max((int(number) for number in numbers), default=0)


@dataclass(slots=True, kw_only=True)
class _Parts(Generic[Sums, Given]):
    """The parts as they are added up; lives only inside `draw_parts`."""

    sheet: Sheet[Sums, Given]
    pool: Pool
    shop: Shop
    #: The number of the last part there is.
    count: int
    sums: Sums
    #: The part that was there already, where it grows.
    part: Plan | None = None
    members: list[Member] = field(default_factory=list)
    done: list[Plan] = field(default_factory=list)

    def add(self, event_key: str, given: Given) -> None:
        grown = self.sheet.added(self.sums, given)
        if len(grown) > LINE_CAP and self.members:
            self.close()
            grown = self.sheet.added(self.sums, given)
        self.sums = grown
        self.members.append(Member(event_key=event_key, part=self.sheet.member))

    def close(self) -> None:
        """Draw up the part at hand, if it says anything new, and begin the next one."""
        if self.members and (self.part is None or len(self.members) > len(self.part.members)):
            content = self.sheet.content(self.sums, self.pool)
            if content is not None:
                self.done.append(self._plan(content))
        self.part, self.members, self.sums = None, [], self.sheet.nothing

    def _plan(self, content: dict[str, Any]) -> Plan:
        if self.part is not None:
            return replace(self.part, members=tuple(self.members), **content)
        self.count += 1
        sheet, pool, several = self.sheet, self.pool, self.count > 1
        return Plan(
            key=document_key(self.shop.handle, pool.key, f"{sheet.series}{self.count}"),
            kind=sheet.kind,
            on=pool.on,
            currency=pool.currency,
            members=tuple(self.members),
            number=f"{sheet.letter}{pool.mark}",
            suffix=base36(self.count) if several else "",
            memo=f"{sheet.words} {pool.words}" + (f", {sheet.part} {self.count}" if several else ""),
            channel=pool.channel,
            source=pool.source,
            location=pool.location,
            payout=pool.payout,
            **content,
        )
