"""Two desks side by side: every case is decided at both, as cheaply as gives the same answer.

Which documents an order becomes depends on its facts, on the settings and on three answers: whether a sale is an
invoice, whether an event waits, and its channel. Where both desks say the same to these, what is booked has the same
shape under the candidate, and only its names are asked for again. Else it is decided anew at both.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from qbconsole.books.holds import Hold
from qbconsole.books.policy import Creation, Settings
from qbconsole.decide.case import AnyCase, Case, DayCase, Decision, FactCase
from qbconsole.decide.days import decide_day
from qbconsole.decide.desk import Desk
from qbconsole.decide.desk import desk_of as one_desk
from qbconsole.decide.documents import decided_documents
from qbconsole.decide.facts import decide_fact
from qbconsole.decide.orders import decide_order, law_broken
from qbconsole.decide.replay.case import Desks, How, Replay, Replayed, SeenHold, Side
from qbconsole.decide.replay.faces import face_of
from qbconsole.errors import BooksDoNotBalance
from qbconsole.qbxml.render import Renderer
from qbconsole.shop.events import SaleEvent, TenderEvent
from qbconsole.value import replace

#: What the desk in force says of one case, by how it was replayed.
Known = dict[How, Side]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both desks."""

    before: Desk
    after: Desk
    same_settings: bool


def desk_of(spec: Desks, renderers: tuple[Renderer, Renderer] | None = None) -> Pair:
    """Build both desks; raises MappingInvalid or PluginBroken."""
    first, second = renderers or (None, None)
    before, after = one_desk(spec.before, first), one_desk(spec.after, second)
    return Pair(before=before, after=after, same_settings=same_shape_of(before.settings, after.settings))


def same_shape_of(before: Settings, after: Settings) -> bool:
    """Whether two settings draw up the same documents; what may be created only says which names are waited for."""
    return replace(before, create=Creation()) == replace(after, create=Creation())


def decide(replay: Replay, pair: Pair, known: Known | None = None) -> Replayed:
    """What one case comes to at both desks. PluginBroken is the only thing raised.

    `known` remembers what the desk in force said, for the next candidate against the same.
    """
    how = replay.how
    if how != "anew" and not (pair.same_settings and _same_shape(replay.after, pair)):
        how = "anew"
    before = known.get(how) if known is not None else None
    if before is None:
        before = _side(replay.before, pair.before, how)
        if known is not None:
            known[how] = before
    given = replay.after or replay.before
    return _differing(
        given.source_id if given else "", replay.label, before, _side(replay.after, pair.after, how)
    )


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
    if how == "names" and isinstance(case, Case):
        decision = _named_again(case, desk)
    elif isinstance(case, Case):
        decision = decide_order(case, desk)
    elif isinstance(case, FactCase):
        decision = decide_fact(case, desk)
    else:
        decision = decide_day(case, desk)
    held = [*decision.holds, *(hold for one in decision.documents for hold in one.holds)]
    return Side(
        documents=tuple(map(face_of, decision.documents)),
        holds=tuple(_seen(hold) for hold in held if not hold.is_flag),
        pooled=decision.pooled,
    )


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
        documents, wanted = decided_documents(again, case.order, desk)
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
