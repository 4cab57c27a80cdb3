"""Two desks side by side: every case is decided at both, as cheaply as gives the same answer.

Where settings and templates are the same, the candidate is first asked what was asked in force: see `heard`.

Which documents an order becomes depends on its facts, on the settings and on three answers: whether a sale is an
invoice, whether an event waits, and its channel. Where both desks say the same to these, what is booked has the same
shape under the candidate, and only its names are asked for again. Else it is decided anew at both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from qbconsole.books.holds import Hold
from qbconsole.books.naming.following.so_far import SharedNames
from qbconsole.books.policy import Creation, Settings
from qbconsole.decide.case import AnyCase, Case, DayCase, Decided, Decision, FactCase, Pooled
from qbconsole.decide.days import decide_day
from qbconsole.decide.desk import Desk
from qbconsole.decide.desk import desk_of as one_desk
from qbconsole.decide.documents import Draft, decided_documents
from qbconsole.decide.facts import decide_fact
from qbconsole.decide.orders import decide_order, law_broken
from qbconsole.decide.replay.case import Desks, How, Replay, Replayed, SeenHold, Side
from qbconsole.decide.replay.faces import face_of
from qbconsole.decide.replay.heard import Question, agrees, listening
from qbconsole.decide.replay.names import Proven, are_same, decided_pair, drafts_of
from qbconsole.decide.replay.reach import changed_rules, may_meet
from qbconsole.errors import BooksDoNotBalance
from qbconsole.qbxml.render import Renderer
from qbconsole.rules.mapping.values import Rule
from qbconsole.shop.events import SaleEvent, TenderEvent
from qbconsole.value import replace


class Heard(NamedTuple):
    """What the desk in force was asked about one case."""

    source_id: str
    #: How many documents came of it.
    documents: int
    questions: tuple[Question, ...]


class Known:
    """What is known of one case at the desk in force."""

    __slots__ = ("drafts", "heard", "sides")

    def __init__(self) -> None:
        #: By how it was replayed.
        self.sides: dict[How, Side] = {}
        self.heard: Heard | None = None
        #: Of a settled order, its documents as they are named in force.
        self.drafts: tuple[Draft, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both desks."""

    before: Desk
    after: Desk
    #: Both draw up the same documents, as far as settings say.
    same_settings: bool
    #: Settings and templates are the very same: only answers can differ.
    same_ground: bool
    #: The rules in which the two mappings differ, where nothing else does and no plugin answers; else None.
    changed_rules: tuple[Rule, ...] | None
    #: The desk in force, listening, and what it noted of the case at hand.
    listener: Desk
    notes: list[Question]
    #: Names that stood in requests which were found right.
    proven: Proven = field(default_factory=set)


def desk_of(spec: Desks, renderers: tuple[Renderer, Renderer] | None = None) -> Pair:
    """Build both desks; raises MappingInvalid or PluginBroken."""
    first, second = renderers or (None, None)
    before, after = one_desk(spec.before, first), one_desk(spec.after, second)
    notes: list[Question] = []
    return Pair(
        before=before,
        after=after,
        same_settings=same_shape_of(before.settings, after.settings),
        same_ground=before.settings == after.settings and spec.before.templates == spec.after.templates,
        changed_rules=_changed_rules(spec),
        listener=listening(before, notes),
        notes=notes,
    )


def _changed_rules(spec: Desks) -> tuple[Rule, ...] | None:
    first, second, merchant = spec.before.mapping, spec.after.mapping, spec.before.settings.merchant
    if any(one.merchants[merchant].plugins for one in (first, second)):
        return None
    return changed_rules(first, second, merchant)


def same_shape_of(before: Settings, after: Settings) -> bool:
    """Whether two settings draw up the same documents; what may be created only says which names are waited for."""
    return replace(before, create=Creation()) == replace(after, create=Creation())


def decide(replay: Replay, pair: Pair, known: Known | None = None) -> Replayed:
    """What one case comes to at both desks. PluginBroken is the only thing raised.

    `known` remembers what the desk in force said and was asked, for the next candidate against the same.
    """
    known = Known() if known is None else known
    how, case = replay.how, replay.after
    if how == "names" and isinstance(case, Case) and _is_out_of_reach(case, pair):
        return _same(case.order.id, replay.label, len(case.rename))
    if how != "anew" and not (pair.same_settings and _same_shape(case, pair)):
        how = "anew"
    elif how == "names" and pair.same_ground and isinstance(case, Case):
        named = _by_drafts(case, replay.label, pair, known)
        if named is not None:
            return named
    elif how == "kept" and pair.same_ground:
        known.heard = heard = known.heard or _listened(replay.before, pair)
        if agrees(pair.after.answers, heard.questions):
            return _same(heard.source_id, replay.label, heard.documents)
    before = known.sides.get(how)
    if before is None:
        before = known.sides[how] = _side(replay.before, pair.before, how)
    given = replay.after or replay.before
    after = _side(replay.after, pair.after, how)
    return _differing(given.source_id if given else "", replay.label, before, after)


def _same(source_id: str, label: str, documents: int) -> Replayed:
    return Replayed(source_id=source_id, label=label, before=Side(), after=Side(), same=documents)


def _is_out_of_reach(case: Case, pair: Pair) -> bool:
    """Whether none of the rules in which the two differ can speak of this order, so that all stays as it is."""
    rules = pair.changed_rules
    if rules is None or not pair.same_ground:
        return False
    return not may_meet(rules, case.order, pair.before.answers.channel(case.order))


def _listened(case: AnyCase | None, pair: Pair) -> Heard:
    if case is None:
        return Heard(source_id="", documents=0, questions=())
    pair.notes.clear()
    decision = _decided(case, pair.listener, "kept")
    return Heard(source_id=decision.source_id, documents=len(decision.documents), questions=tuple(pair.notes))


def _by_drafts(case: Case, label: str, pair: Pair, known: Known) -> Replayed | None:
    """A settled order by its names; None where only deciding it as a whole tells."""
    try:
        was = known.drafts = known.drafts or drafts_of(case, pair.before)
        now = drafts_of(case, pair.after)
    except BooksDoNotBalance:
        return None
    moved = [(one, other) for one, other in zip(was, now, strict=True) if not are_same(one, other)]
    if not moved:
        return _same(case.order.id, label, len(was))
    pairs = [
        decided_pair(one, other, case.order, pair.before, pair.after, pair.proven) for one, other in moved
    ]
    sides = _side_of([one for one, _ in pairs]), _side_of([other for _, other in pairs])
    told = _differing(case.order.id, label, *sides)
    return replace(told, same=told.same + len(was) - len(moved))


def _same_shape(case: AnyCase | None, pair: Pair) -> bool:
    """Whether both desks give the same answers to what shapes an order's documents."""
    if not isinstance(case, Case):
        return True
    one, other, order = pair.before.answers, pair.after.answers, case.order
    first, second = one.document(order), other.document(order)
    if (first and first.value) != (second and second.value):
        return False
    return all(
        bool(one.holds(event, order)) == bool(other.holds(event, order))
        for event in case.events
        if isinstance(event, SaleEvent | TenderEvent)
    )


def _side(case: AnyCase | None, desk: Desk, how: How) -> Side:
    if case is None:
        return Side()
    if how == "anew":
        case, desk = _anew(case, desk)
    decision = _decided(case, desk, how)
    return _side_of(decision.documents, decision.holds, decision.pooled)


def _side_of(
    documents: Sequence[Decided], holds: Sequence[Hold] = (), pooled: tuple[Pooled, ...] = ()
) -> Side:
    held = [*holds, *(hold for one in documents for hold in one.holds)]
    return Side(
        documents=tuple(map(face_of, documents)),
        holds=tuple(_seen(hold) for hold in held if not hold.is_flag),
        pooled=pooled,
    )


def _decided(case: AnyCase, desk: Desk, how: How) -> Decision:
    if isinstance(case, Case):
        return _named_again(case, desk) if how == "names" else decide_order(case, desk)
    return decide_fact(case, desk) if isinstance(case, FactCase) else decide_day(case, desk)


def _anew(case: AnyCase, desk: Desk) -> tuple[AnyCase, Desk]:
    """The case as if nothing of it were booked. What is booked was let into its period then, so none is closed."""
    if isinstance(case, DayCase):
        return case, desk
    is_booked = bool(case.booked) or (isinstance(case, Case) and bool(case.pooled))
    if is_booked:
        desk = dataclasses.replace(desk, settings=replace(desk.settings, closing_date=None))
    if isinstance(case, Case):
        held = frozenset(event.key for event in case.events)
        return replace(case, booked=(), rename=(), pooled=frozenset(), parts={}, held=held), desk
    return replace(case, booked=(), rename=()), desk


def _named_again(case: Case, desk: Desk) -> Decision:
    """What is booked of an order, named again as booking does it; nothing new is drawn up."""
    again = tuple(plan for plan in case.booked if plan.key in case.rename)
    try:
        documents, wanted = decided_documents(
            again, case.order, desk, shared=SharedNames.of(case.booked, case.rename, case.shared)
        )
    except BooksDoNotBalance as law:
        hold = law_broken(case.label, f"order/{case.order.id}", law)
        return Decision(source_id=case.order.id, holds=(hold,))
    return Decision(source_id=case.order.id, documents=documents, entries=wanted)


def _seen(hold: Hold) -> SeenHold:
    return SeenHold(
        subject=hold.subject, reason=str(hold.reason), sentence=hold.sentence, next_step=hold.next_step
    )


def _differing(source_id: str, label: str, before: Side, after: Side) -> Replayed:
    """Both sides without what is alike."""
    theirs = {face.key: face for face in after.documents}
    alike = {
        face.key for face in before.documents if face.key in theirs and face.looks_like(theirs[face.key])
    }
    held = {(hold.subject, hold.reason) for hold in before.holds}
    both = held & {(hold.subject, hold.reason) for hold in after.holds}
    return Replayed(
        source_id=source_id,
        label=label,
        before=_without(before, alike, both),
        after=_without(after, alike, both),
        same=len(alike),
    )


def _without(side: Side, alike: set[str], both: set[tuple[str, str]]) -> Side:
    return Side(
        documents=tuple(face for face in side.documents if face.key not in alike),
        holds=tuple(hold for hold in side.holds if (hold.subject, hold.reason) not in both),
        pooled=side.pooled,
    )
