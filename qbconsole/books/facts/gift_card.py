"""A gift card beside orders: given away by staff, changed by hand, expired.

A sold card is booked by its order, a used one by the tender; switching a card off changes nothing, for it is
still owed. Source: accounting.md section 2 and convention 24.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qbconsole.books.facts.checks import foreign, happened, incomplete, too_early
from qbconsole.books.facts.drawn import Drawn, journal
from qbconsole.books.holds import Hold
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.money import Money
from qbconsole.shop.events import EventKind, FactEvent
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.credit import Cause, CreditMovement, GiftCard

LIABILITY = "gift_card_liability"
EXPENSE = "gift_card_expense"
BREAKAGE = "breakage_income"


def draw_gift_card(card: GiftCard, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """Events: `gift_card/<id>` the issue, `gift_card/<id>.<movement id>`, `gift_card/<id>.expired`."""
    drawn = [_drawn(card, shop, settings, *step) for step in _steps(card, shop, settings)]
    holds = [hold for one in drawn for hold in one.holds]
    if card.order_id is None and card.initial_value is None:
        holds.append(incomplete(f"{EventKind.GIFT_CARD}/{card.id}", _where(card), "initialValue"))
    return Drawn(
        events=tuple(event for one in drawn for event in one.events),
        plans=tuple(plan for one in drawn for plan in one.plans),
        holds=tuple(holds),
    )


#: An event, what the card's holder gains by it, the role on the other side, and words for it.
_Step = tuple[FactEvent, Money, str, str]


def _steps(card: GiftCard, shop: Shop, settings: Settings) -> Iterator[_Step]:
    key = f"{EventKind.GIFT_CARD}/{card.id}"
    if card.order_id is None and card.initial_value is not None:
        issued = happened(shop, key, EventKind.GIFT_CARD, card.at, (card.initial_value,))
        yield issued, card.initial_value, EXPENSE, "issued"
    by_hand = [move for move in card.movements if move.cause is Cause.STAFF]
    for move in by_hand:
        yield _moved(shop, key, move), move.amount, EXPENSE, "changed by staff"
    if settings.policy.breakage == "book":
        yield from _expired(card, shop, key)


def _moved(shop: Shop, key: str, move: CreditMovement) -> FactEvent:
    return happened(shop, f"{key}.{move.id}", EventKind.GIFT_CARD, move.at, (move.amount,))


def _expired(card: GiftCard, shop: Shop, key: str) -> Iterator[_Step]:
    """What the card still held when its time ran out: by its ledger, else by its balance seen afterwards."""
    rows = [move for move in card.movements if move.cause is Cause.EXPIRY]
    for move in rows:
        yield _moved(shop, key, move), move.amount, BREAKAGE, "expired"
    if rows or card.expires_on is None or card.updated_at is None or not card.balance:
        return
    if shop.day(card.updated_at) > card.expires_on:
        event = happened(shop, f"{key}.expired", EventKind.GIFT_CARD, card.expires_on, (card.balance,))
        yield event, -card.balance, BREAKAGE, "expired"


def _drawn(
    card: GiftCard, shop: Shop, settings: Settings, event: FactEvent, gained: Money, role: str, words: str
) -> Drawn:
    """One event: what the holder gains raises the liability, at the cost of the other role."""
    holds: tuple[Hold, ...] = (
        *too_early(event, _where(card), settings),
        *foreign(event.key, _where(card), [gained], settings),
    )
    if holds:
        return Drawn(events=(event,), holds=holds)
    plan = journal(
        shop,
        event,
        gained.currency,
        [(role, gained), (LIABILITY, -gained)],
        number=card.id,
        memo=f"Gift card {card.ending or card.id} {words}, {event.on}",
    )
    return Drawn(events=(event,), plans=(plan,)) if plan else Drawn()


def _where(card: GiftCard) -> str:
    return f"gift card {card.ending or card.id}"
