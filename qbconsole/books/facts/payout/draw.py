"""A payout as documents: a deposit, or a journal entry where no money came or it went out.

Only PAID and FAILED post. A payout that changes its mind afterwards gets a document of its own, which moves the
money between `bank` and `payouts_in_transit`; what was posted first stays. Source: accounting.md section 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qbconsole.books.facts.checks import foreign, happened, incomplete, is_booked, too_early, unknown_kind
from qbconsole.books.facts.drawn import Drawn, journal, posted
from qbconsole.books.facts.payout.accruals import accruals, rows_apart
from qbconsole.books.facts.payout.amounts import Amount, fees_apart, line, row_amounts
from qbconsole.books.facts.payout.checks import amounts_of, payout_holds, posted_rows, row_flags, row_ignored
from qbconsole.books.facts.payout.roles import BALANCE
from qbconsole.books.identity import document_key
from qbconsole.books.plan import DocumentKind, Member, Plan
from qbconsole.books.policy import Settings
from qbconsole.money import Money, total
from qbconsole.shop.events import EventKind, FactEvent
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.payouts import Payout
from qbconsole.value import replace

BANK = "bank"
IN_TRANSIT = "payouts_in_transit"
#: Where the money of a payout stands, by its status.
_PLACES = {"PAID": BANK, "FAILED": IN_TRANSIT}
#: Statuses of a payout that is still to come: nothing to book, and nobody to ask.
_WAITING = frozenset({"SCHEDULED", "IN_TRANSIT", "CANCELED"})


def draw_payout(payout: Payout, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """All events of a payout and their documents. `booked` are the plans already booked of this payout.

    Events: `payout/<id>`, then `payout/<id>.failed` or `.paid` for each change of mind, and, where the policy
    `fees_date` puts fees on their own days, `fee/<row id>` for each row with a fee.
    """
    key, where = f"{EventKind.PAYOUT}/{payout.id}", f"payout {payout.id}"
    known = is_booked(key, booked)
    if payout.status not in _PLACES and not known:
        waits = payout.status in _WAITING
        return Drawn(holds=() if waits else (unknown_kind(key, where, f"status {payout.status}"),))
    if payout.issued_at is None:
        return Drawn(holds=(incomplete(key, where, "issuedAt"),))
    event = happened(shop, key, EventKind.PAYOUT, payout.issued_at, _said(payout))
    if known and any(foreign(key, where, amounts_of(payout), settings)):
        # Told otherwise since it was booked: the digest shows it, and nothing more is built on it.
        return Drawn(events=(event,))
    if known:
        return _after(payout, shop, event, settings, booked)
    holds = (*too_early(event, where, settings), *payout_holds(payout, key, settings))
    if holds:
        return Drawn(events=(event,), holds=holds)
    return _first(payout, shop, event, settings)


def _said(payout: Payout) -> Iterator[object]:
    """All that a booked payout rests on; cancelled after it was booked, it is told otherwise."""
    yield payout.net and abs(payout.net)  # sources sign a withdrawal both ways
    for row in sorted(posted_rows(payout), key=lambda row: row.id):
        yield from (row.id, row.type, row.amount, row.fee, row.net)
    if payout.status == "CANCELED":
        yield payout.status


def _first(payout: Payout, shop: Shop, event: FactEvent, settings: Settings) -> Drawn:
    """The payout as it is first booked, with the fees of its own days."""
    rows = posted_rows(payout)
    own_days = settings.policy.fees_date == "transaction"
    apart = rows_apart(rows, shop, settings.start) if own_days else ()
    amounts = [*row_amounts(rows), *fees_apart(rows, apart)]
    plan = _document(payout, shop, event, amounts, settings.home_currency)
    fees, fee_plans = accruals(payout.id, apart, shop, settings.home_currency)
    # Where all amounts cancel out nothing is left to post, and so nothing to tell of.
    return Drawn(
        events=(*fees, event) if plan else fees,
        plans=(*fee_plans, plan) if plan else fee_plans,
        holds=row_flags(payout, event.key),
        ignored=row_ignored(payout),
        rows=tuple(row.id for row in rows),
    )


def _document(
    payout: Payout, shop: Shop, event: FactEvent, amounts: Sequence[Amount], currency: str
) -> Plan | None:
    """The deposit; QuickBooks takes none of zero or less, so then a journal entry. None if all cancels out."""
    place = _PLACES[payout.status]
    net = -total([amount for _, _, amount in amounts], currency)
    sums = [*((role, amount) for role, _, amount in amounts), (place, net)]
    words = f"Shopify payout {payout.id}, {event.on}"
    if place != BANK or net.amount <= 0:
        told = words if place == BANK else f"{words}, failed"
        return journal(shop, event, currency, sums, number=payout.id, memo=told)
    return Plan(
        key=document_key(shop.handle, event.key),
        kind=DocumentKind.DEPOSIT,
        on=event.on,
        currency=currency,
        members=(Member(event_key=event.key),),
        postings=posted(event.on, currency, sums),
        lines=tuple(map(line, amounts)),
        money_role=BANK,
        money=net,
        number=payout.id,
        memo=words,
    )


def _after(payout: Payout, shop: Shop, event: FactEvent, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """A payout that is booked: what of it is still missing, and its money where Shopify says it is now."""
    first = next(plan for plan in booked if is_booked(event.key, (plan,)))
    fees, fee_plans = _fees_of(first, payout, shop, settings)
    place = _place(first)
    moves: list[FactEvent] = []
    plan = None
    while True:
        source, place = place, IN_TRANSIT if place == BANK else BANK
        move = replace(event, key=_move_key(event.key, place, len(moves) + 1), digest="")
        done = is_booked(move.key, booked)
        if not done and _PLACES.get(payout.status, source) != place:
            break
        moves.append(move)
        if not done:
            plan = _move(payout, shop, move, source, place, _arrived(first, payout))
            break
    return Drawn(
        events=(*fees, event, *moves),
        plans=(*fee_plans, plan) if plan else fee_plans,
        holds=row_flags(payout, event.key),
        ignored=row_ignored(payout),
        rows=tuple(row.id for row in posted_rows(payout)),
    )


def _fees_of(
    first: Plan, payout: Payout, shop: Shop, settings: Settings
) -> tuple[tuple[FactEvent, ...], tuple[Plan, ...]]:
    """Fees on their own days, if the booked document counts on them; a policy changed since then does not."""
    rows = posted_rows(payout)
    apart = rows_apart(rows, shop, settings.start)
    with_fees = [*row_amounts(rows), *fees_apart(rows, apart)]
    balance = total([amount for role, _, amount in with_fees if role == BALANCE], first.currency)
    at_once = total([amount for role, _, amount in row_amounts(rows) if role == BALANCE], first.currency)
    if balance == at_once or _sum_of(first, BALANCE) != balance:
        return (), ()
    return accruals(payout.id, apart, shop, first.currency)


def _sum_of(plan: Plan, role: str) -> Money:
    return total([posting.amount for posting in plan.postings if posting.role == role], plan.currency)


def _place(first: Plan) -> str:
    """Where the first document put the money."""
    return BANK if any(posting.role == BANK for posting in first.postings) else IN_TRANSIT


def _arrived(first: Plan, payout: Payout) -> Money:
    """What moves: what was booked as the payout's money, for the rows may be told otherwise since.

    On `payouts_in_transit` stand, beside it, rows that bring back the money of payouts before.
    """
    if arrived := _sum_of(first, BANK):
        return arrived
    rows = row_amounts(posted_rows(payout))
    own = total([amount for role, _, amount in rows if role == IN_TRANSIT], first.currency)
    return _sum_of(first, IN_TRANSIT) - own


def _move_key(key: str, place: str, count: int) -> str:
    """`payout/987.failed`, `payout/987.paid`; a number follows where a status comes back."""
    word = "failed" if place == IN_TRANSIT else "paid"
    return f"{key}.{word}" if count <= len(_PLACES) else f"{key}.{word}.{count}"


def _move(payout: Payout, shop: Shop, move: FactEvent, source: str, place: str, amount: Money) -> Plan | None:
    """A journal entry that moves a payout's money, dated the payout (convention 9)."""
    words = f"Shopify payout {payout.id}, {move.on}, {'failed' if place == IN_TRANSIT else 'paid'} afterwards"
    sums = [(place, amount), (source, -amount)]
    plan = journal(shop, move, amount.currency, sums, number=payout.id, memo=words)
    return replace(plan, suffix=move.key.rpartition(f"{payout.id}.")[2][:1].upper()) if plan else None
