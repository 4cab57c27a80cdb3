"""Mutants: our program with one promise broken, each by one small change, put in place while a simulated run lasts.

Tests of the test: a simulation that does not tell each of them within 200 seeds would not tell the real mistake either.
`make mutants` hunts; the seed that catches each is kept in caught.json and run by test_mutants.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.company import verdict
from qbconsole.company.documents import ObservedDocument
from qbconsole.money import Money
from qbconsole.qbxml import flat
from qbconsole.shop.orders import Shop
from qbconsole.store import requests, sessions
from qbconsole.store.schema import leases
from qbconsole.sync.deliver import conversation, exchange, filing, opening, planning
from qbconsole.sync.deliver.phases import clear, identify, look, probe, send
from qbconsole.sync.deliver.session import Phase
from qbconsole.sync.pull import keep
from qbconsole.sync.pull.webhooks import privacy
from qbconsole.sync.settle import found_absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One broken promise."""

    name: str
    #: What the program does now.
    what: str
    #: The faults of the kept seed: those that bring it to light soonest.
    faults: str
    #: Breaks it in this process.
    put_in: Callable[[ExitStack], None]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """While the block lasts, the program is so broken."""
        with ExitStack() as stack:
            self.put_in(stack)
            yield


def _swap(stack: ExitStack, owner: Any, name: Any, value: Any) -> None:
    """Put something in a place of a module, class or table until the stack closes."""
    if isinstance(owner, MutableMapping):
        kept = owner[name]
        owner[name] = value
        stack.callback(owner.__setitem__, name, kept)
        return
    kept = vars(owner)[name]
    setattr(owner, name, value)
    stack.callback(setattr, owner, name, kept)


# -- asking before sending again -----------------------------------------------------------------------


def _no_probe(stack: ExitStack) -> None:
    def unasked(turn):
        flying = requests.in_flight(turn.tx, turn.company)
        doubtful = [row for row in flying if row.state is RequestState.IN_DOUBT]
        found_absent(turn.tx, doubtful, turn.at)

    _swap(stack, planning.PHASES, Phase.PROBE, unasked)
    _swap(stack, planning.PHASES, Phase.LOOK, unasked)


def _fresh_id(stack: ExitStack) -> None:
    fresh, real = count(), planning.message_set_id
    _swap(
        stack,
        planning,
        "message_set_id",
        lambda epoch, keys, body, attempt: real(epoch, [*keys, str(next(fresh))], body, attempt),
    )
    _swap(stack, send, "_lost_and_absent", lambda _turn, _first: None)


def _re_render(stack: ExitStack) -> None:
    open_set, again = sessions.open_set, send._lost_and_absent

    def anew(body: str) -> str:
        return body.replace("<Memo>Shopify ", "<Memo>Shop ").replace("<Desc>", "<Desc>Item ")

    def open_anew(tx, ticket):
        found = open_set(tx, ticket)
        return found if found is None or not found.times_sent else replace(found, body=anew(found.body))

    def again_anew(turn, first):
        step = again(turn, first)
        return None if step is None else replace(step, document=anew(step.document))

    _swap(stack, sessions, "open_set", open_anew)
    _swap(stack, send, "_lost_and_absent", again_anew)


def _silence_is_absence(stack: ExitStack) -> None:
    for phase in (look, probe):
        _swap(stack, phase, "silent_ids", lambda _tx, _company: frozenset())


def _void_counts(stack: ExitStack) -> None:
    _swap(stack, ObservedDocument, "is_void", property(lambda _self: False))


# -- one at a time ---------------------------------------------------------------------------------------


def _always_fetchable(tx, one) -> bool:
    session = sessions.session(tx, one.ticket)
    is_open = session is not None and session.closed_at is None
    return is_open and sessions.set_states(tx, [one.id]).get(one.id) is sessions.SetState.SENT


def _always_renewed(_tx, _name, _owner, _fence, _seconds, _now) -> bool:
    return True


def _no_lease(stack: ExitStack) -> None:
    real = sessions.take_lease

    def taken_from_anybody(tx, name, owner, seconds, now):
        tx.execute(sa.update(leases).where(leases.c.name == name).values(owner="", until=None))
        return real(tx, name, owner, seconds, now)

    _swap(stack, sessions, "take_lease", taken_from_anybody)
    _swap(stack, sessions, "renew_lease", _always_renewed)
    _swap(stack, sessions, "renew_own", lambda _tx, _owner, _seconds, _now: True)
    _swap(stack, sessions, "is_fetchable", _always_fetchable)
    _swap(stack, opening.silence, "fall_silent", lambda *_asked, **_more: None)


def _no_fence(stack: ExitStack) -> None:
    _swap(stack, sessions, "renew_lease", _always_renewed)
    _swap(stack, sessions, "renew_own", lambda _tx, _owner, _seconds, _now: True)
    _swap(stack, sessions, "is_fetchable", _always_fetchable)
    _swap(stack, opening.silence, "fall_silent", lambda *_asked, **_more: None)


# -- durable before it leaves, concluded only from what belongs to it -----------------------------------------


def _leaves_before_commit(stack: ExitStack) -> None:
    """A set is recorded as sent only when its answer is there; a death in between forgets that it left."""
    pending: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()
    mark, settle = requests.mark_sent, conversation.Delivery.answer

    def later(tx, ids, set_id, *, at, company=""):
        pending.setdefault(tx.engine, []).append((list(ids), set_id, at))

    def answer(self, ticket, chunks, hresult, message):
        with self.store.atomic() as tx:
            for ids, set_id, at in pending.pop(tx.engine, ()):
                mark(tx, ids, set_id, at=at)
        return settle(self, ticket, chunks, hresult, message)

    _swap(stack, requests, "mark_sent", later)
    _swap(stack, conversation.Delivery, "answer", answer)


def _done_early(stack: ExitStack) -> None:
    _swap(stack, exchange, "percent_done", lambda _tx, _company: 100)


# -- which file, and what people did there --------------------------------------------------------------------


def _ignores_restores(stack: ExitStack) -> None:
    def always_ours(known, told):
        linked = known.marker or told.marker is not None
        return verdict.Verdict.OK if linked else verdict.Verdict.FIRST_LINK

    _swap(stack, identify, "judge", always_ours)


def _believes_itself(stack: ExitStack) -> None:
    _swap(stack, exchange, "doubt_ours", lambda *_asked: False)
    _swap(stack, opening, "doubt_ours", lambda *_asked: False)


def _forgets_early(stack: ExitStack) -> None:
    _swap(stack, clear, "KEPT_FOR", timedelta(0))


def _ignores_deletions(stack: ExitStack) -> None:
    _swap(stack, filing.FILED, "deleted", lambda asked: asked.notes)


# -- what is unsent follows what is decided now -----------------------------------------------------------


def _no_gate(stack: ExitStack) -> None:
    _swap(stack, send, "behind", lambda _tx, _company: ())


def _forgets_nobody(stack: ExitStack) -> None:
    _swap(stack, privacy, "_done", lambda _tx, _merchant, _topic, _nudge, _at: 0)


def _unsent_keep_the_name(stack: ExitStack) -> None:
    _swap(stack, privacy, "forget_unsent", lambda _tx, _merchant, _company, _sources, _at: 0)


def _news_bring_the_name_back(stack: ExitStack) -> None:
    _swap(stack, keep, "forgotten", lambda _tx, _merchant, _shop: None)


# -- amounts -------------------------------------------------------------------------------------------------


def _float_cents(stack: ExitStack) -> None:
    def in_floats(value: Money) -> str:
        return f"{int(float(value.amount) * 100) / 100:.2f}"

    _swap(stack, flat, "amount", in_floats)


def _days_of_greenwich(stack: ExitStack) -> None:
    def day(_self: Shop, moment: datetime | date) -> date:
        return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment

    _swap(stack, Shop, "day", day)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(name="no probe", what="what is in doubt is sent again unasked", faults="F26", put_in=_no_probe),
    Mutant(name="fresh id", what="a resend bears a new message-set id", faults="F26", put_in=_fresh_id),
    Mutant(name="re-render", what="a set that goes again is rendered anew", faults="F26", put_in=_re_render),
    Mutant(
        name="silence is absence",
        what="what a silent connector took is asked about by any other",
        faults="F24",
        put_in=_silence_is_absence,
    ),
    Mutant(name="void counts", what="a voided document satisfies a probe", faults="F43", put_in=_void_counts),
    Mutant(name="no lease", what="every connector gets the company", faults="F35", put_in=_no_lease),
    Mutant(name="no fence", what="a session that lost its lease writes on", faults="F45", put_in=_no_fence),
    Mutant(
        name="acknowledged before the commit",
        what="a set is recorded as sent only when its answer comes",
        faults="F26",
        put_in=_leaves_before_commit,
    ),
    Mutant(name="done early", what="100 percent while requests are left", faults="none", put_in=_done_early),
    Mutant(
        name="ignores restores",
        what="whatever file is open is taken for the linked one",
        faults="F31",
        put_in=_ignores_restores,
    ),
    Mutant(
        name="believes itself",
        what="a database from the middle of a session that broke off is believed",
        faults="F34",
        put_in=_believes_itself,
    ),
    Mutant(
        name="forgets early",
        what="QuickBooks is told to drop its record of a set at once",
        faults="none",
        put_in=_forgets_early,
    ),
    Mutant(
        name="ignores deletions",
        what="what was deleted in QuickBooks is not noticed",
        faults="F43",
        put_in=_ignores_deletions,
    ),
    Mutant(
        name="no gate",
        what="what was decided by a mapping of before is sent all the same",
        faults="F15",
        put_in=_no_gate,
    ),
    Mutant(
        name="forgets nobody",
        what="a demand to forget a buyer is noted and not done",
        faults="F13",
        put_in=_forgets_nobody,
    ),
    Mutant(
        name="unsent keep the name",
        what="a forgotten buyer's name stays in what is booked and unsent",
        faults="F13",
        put_in=_unsent_keep_the_name,
    ),
    Mutant(
        name="news bring the name back",
        what="what the shop tells later of a forgotten buyer is kept as it comes",
        faults="F13",
        put_in=_news_bring_the_name_back,
    ),
    Mutant(name="float cents", what="amounts pass through floats", faults="none", put_in=_float_cents),
    Mutant(
        name="days of Greenwich",
        what="an event's day is that of UTC, not the shop's",
        faults="none",
        put_in=_days_of_greenwich,
    ),
)
