"""The operator's word on a company file that stopped a session: seen as a plan first, then one commit, journalled.

Nothing is sent here. The word is good for the very file it was said of; the next session that meets that file goes on,
looks for what may be there or gone, and writes our marker anew before anything else. docs/recovery.md tells each case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.company.verdict import CHOICES, Verdict, Word
from qbconsole.errors import UsageError
from qbconsole.store import journal, lists, parties, requests, sessions
from qbconsole.store.books.recorded import count_recorded, marked_at
from qbconsole.store.database import Store
from qbconsole.sync.deliver.met import bearings, keep_bearings, may_be_marked_anew
from qbconsole.value import replace

#: A backup may be of a little before the marker that is in it; clocks jump.
_MARGIN = timedelta(days=1)
#: Documents may be dated a little ahead: a payout that is on its way.
_AHEAD = timedelta(days=14)
_UNSENT = (RequestState.WAITING, RequestState.READY, RequestState.AWAITING_APPROVAL)
_FLYING = (RequestState.SENT, RequestState.IN_DOUBT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPlan:
    """What a word would do."""

    company: str
    word: Word
    verdict: Verdict
    sentence: str
    #: What will happen, a sentence each.
    steps: tuple[str, ...]
    #: Recorded documents that will be looked for, and those that will be looked for before they are sent.
    recorded: int = 0
    unsent: int = 0
    post_again: bool = False
    #: It was said already: saying it again changes nothing.
    is_said: bool = False
    #: Stands for exactly this finding.
    hash: str = ""
    since: str | None = field(default=None, repr=False)

    @property
    def count(self) -> int:
        """How many documents this may post or keep back: ten and more are typed."""
        return self.recorded if self.post_again else 1


def plan_decision(
    store: Store, company: str, word: str, clock: Callable[[], datetime], *, post_again: bool = False
) -> DecisionPlan:
    """What that word would do. Raises UsageError where there is nothing to decide, or that may not be said of it."""
    with store.reading() as tx:
        return _plan(tx, company, word, clock(), post_again=post_again)


def decide(
    store: Store,
    company: str,
    word: str,
    clock: Callable[[], datetime],
    *,
    who: str,
    post_again: bool = False,
    seen: str = "",
) -> DecisionPlan:
    """Say it. `seen` is the hash of the plan that was confirmed: something else found meanwhile is refused."""
    at = clock()
    with store.atomic() as tx:
        sessions.hold_lease(tx, company)  # a call of a session that notes something just now comes first
        plan = _plan(tx, company, word, at, post_again=post_again)
        if seen and seen != plan.hash:
            raise UsageError(
                f"the company file of {company} is not what it was when this was asked",
                next="Look at `qbconsole company status` again; nothing was changed.",
            )
        if plan.is_said:
            return plan
        _carry_out(tx, plan, who, at)
        data = {"word": plan.word.value, "verdict": plan.verdict.value, "recorded": plan.recorded}
        journal.record(
            tx, who, "company_decided", company, data | {"unsent": plan.unsent, "post_again": post_again}, at
        )
    return plan


def _plan(tx: sa.Connection, company: str, word: str, at: datetime, *, post_again: bool) -> DecisionPlan:
    left = bearings(tx, company)
    if not left.verdict or left.evidence is None:
        raise UsageError(
            f"there is nothing to decide about the company file of {company}",
            next="`qbconsole company status` tells how it stands; a session finds out when the Web Connector comes.",
        )
    verdict = Verdict(left.verdict)
    if word not in CHOICES[verdict]:
        raise UsageError(
            f"{word!r} is no answer to {verdict.value}",
            next=f"Say one of: {', '.join(CHOICES[verdict])}; nothing was changed.",
        )
    said = Word(word)
    since = _since(tx, company, verdict, left.evidence.marker, at)
    counts = requests.counts(tx, company)
    unsent = sum(counts.get(state, 0) for state in _UNSENT)
    flying = sum(counts.get(state, 0) for state in _FLYING)
    stops = said is Word.STOP
    recorded = 0 if stops else count_recorded(tx, company, datetime.fromisoformat(since) if since else None)
    return DecisionPlan(
        company=company,
        word=said,
        verdict=verdict,
        sentence=left.sentence,
        steps=_steps(said, verdict, left.evidence.name, recorded, unsent, flying, post_again=post_again),
        recorded=recorded,
        unsent=0 if stops else unsent,
        post_again=post_again and not stops,
        is_said=left.said == said.value and (stops or left.post_again == post_again),
        hash=sha256(f"{left.verdict}|{left.evidence}|{left.found_at}".encode()).hexdigest()[:12],
        since=None if stops else since,
    )


def _since(tx: sa.Connection, company: str, verdict: Verdict, marker: str | None, at: datetime) -> str:
    """ISO instant from which recorded documents may be gone; "" where all of them may be."""
    if verdict is Verdict.OWN_RESTORED:
        return at.isoformat()  # the file is newer than what we know: nothing we recorded is gone with it
    marked = marked_at(tx, company, marker) if marker else None
    return "" if marked is None else (marked - _MARGIN).isoformat()


def _steps(
    word: Word, verdict: Verdict, name: str, recorded: int, unsent: int, flying: int, *, post_again: bool
) -> tuple[str, ...]:
    if word is Word.STOP:
        return (f'Nothing is written while "{name}" is open as it is; open the right file to go on.',)
    told = [f'The next session goes on with "{name}" and writes our marker into it anew.']
    if verdict is not Verdict.OWN_RESTORED:
        told.append(
            f"{recorded} documents recorded since are looked for in it; what is there stays recorded, "
            + ("what is not is posted again." if post_again else "what is not waits for your word.")
        )
    else:
        told.append(
            "What our database lost is booked again from the shop; what is there already is only linked."
        )
    told.append(f"{unsent} documents and list entries not sent yet are looked for before they are sent.")
    if flying:
        told.append(f"{flying} that were sent and not answered are asked about first.")
    told.append("QuickBooks' lists are read anew.")
    return tuple(told)


def _carry_out(tx: sa.Connection, plan: DecisionPlan, who: str, at: datetime) -> None:
    left = bearings(tx, plan.company)
    if plan.word is Word.STOP:
        if may_be_marked_anew(parties.company(tx, plan.company), left):
            raise UsageError(
                f"it is too late: our marker is on its way into the company file of {plan.company}, as was said before",
                next="Stop its Web Connector if nothing more may go. `qbconsole company status` tells how the file stands; "
                "nothing was changed.",
            )
        stopped = replace(
            left, said=plan.word.value, said_by=who, go_on=None, recheck_since=None, post_again=False
        )
        keep_bearings(tx, plan.company, stopped, at)
        return
    row = parties.company(tx, plan.company)
    if row is None or left.evidence is None:
        raise UsageError(f"there is no company {plan.company!r}", next="Nothing was changed.")
    # A new epoch begins when a session meets that very file, so that the right one is not taken for another meanwhile.
    same = left.go_on is not None and left.go_on.is_same_file(left.evidence)
    lists.read_again(tx, plan.company)
    may_be_there = plan.verdict is not Verdict.RESTORED
    until = (at + _AHEAD).date().isoformat()
    decided = replace(
        left,
        said=plan.word.value,
        said_by=who,
        go_on=left.evidence,
        is_begun=left.is_begun and same,
        recheck_since=plan.since,
        recheck_after=0,
        reread_after=0,
        post_again=plan.post_again,
        look_until=max(left.look_until, until) if may_be_there else left.look_until,
    )
    keep_bearings(tx, plan.company, decided, at)
