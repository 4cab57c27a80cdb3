"""The first two laws: every event of the shop stands in QuickBooks exactly once, and with the shop's amounts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from qbconsole.rehearsal.simulate.oracle.beside import moves_beside
from qbconsole.rehearsal.simulate.oracle.moves import ZERO, Move, Sums, sums, without_days
from qbconsole.rehearsal.simulate.oracle.orders import moves_of, stays_out
from qbconsole.rehearsal.simulate.oracle.standing import (
    documents,
    keys,
    moves_by_hand,
    moves_standing,
    subject,
)
from qbconsole.rehearsal.simulate.world import CompanyEnd, MerchantEnd, Violation, World
from qbconsole.sandbox.quickbooks import Filed

ONCE = "exactly once"
NOTHING_LOST = "nothing is lost"
AMOUNTS = "the amounts are the shop's"
_ASKED = re.compile(r"recorded (-?[0-9]+\.[0-9]+), planned were (-?[0-9]+\.[0-9]+)")


def judge_books(world: World, company: CompanyEnd) -> Iterator[Violation]:
    """Hold one company's file against its shops."""
    merchants = [one for one in world.merchants if one.company == company.id]
    names = _names(merchants)
    found = documents(company.right)
    done = [one for one in world.by_hand if one.file == company.right.label]
    yield from _twice(found, company)
    absent = sorted(names - {subject(one.memo, names) for one in found})
    touched = {subject(one.memo, names) for one in done}
    condensed_at = company.right.file.last_condense_time
    condensed = condensed_at is not None
    for name in absent:
        if name not in touched and not condensed:
            yield Violation(law=NOTHING_LOST, sentence=f"Order {name} is nowhere in {company.name}.")
    restored = "F31" in world.fired
    by_hand = moves_by_hand(
        done, found, company.right.archive, names, restored=restored, condensed=condensed_at
    )
    expected = [*_told(merchants), *by_hand]
    standing = list(moves_standing(found, names))
    before = _open_day(world, merchants)
    for about, (wanted, there) in _by_subject(expected, standing, before, whole=condensed).items():
        if about not in absent and not _is_asked_for(world, found, (about, names), wanted, there):
            twins = [one for one in _twins(found) if subject(one.memo, names) == about]
            yield from _differences(company, about, wanted, there, twins)


def _names(merchants: list[MerchantEnd]) -> set[str]:
    """The orders that have documents of their own."""
    return {
        order["name"]
        for one in merchants
        for order in one.shop.orders
        if one.sales == "detailed" and not stays_out(order)
    }


def _told(merchants: list[MerchantEnd]) -> Iterator[Move]:
    for one in merchants:
        zone = one.shop.world.zone
        for order in one.shop.orders:
            yield from moves_of(order, zone, order["name"] if one.sales == "detailed" else "")
        yield from moves_beside(one.shop)


def _open_day(world: World, merchants: list[MerchantEnd]) -> date:
    """The first day that is not over everywhere: its sums are not booked yet."""
    zones = [one.shop.world.zone for one in merchants if one.sales == "summary"]
    return min((world.ended.astimezone(zone).date() for zone in zones), default=date.max)


def _by_subject(
    expected: list[Move], standing: list[Move], before: date, *, whole: bool
) -> dict[str, tuple[Sums, Sums]]:
    """By order: what the shop says and what stands there, by day where the shop tells a day for all of it."""
    sides: dict[str, tuple[list[Move], list[Move]]] = defaultdict(lambda: ([], []))
    for side, moves in enumerate((expected, standing)):
        for move in moves:
            if move.day is None or move.day < before:
                sides["" if whole else move.subject][side].append(move)
    found = {}
    for about, (wanted, there) in sorted(sides.items()):
        pair = sums(wanted), sums(there)
        if whole or any(move.day is None for move in wanted):
            pair = without_days(pair[0]), without_days(pair[1])
        found[about] = pair
    return found


def _differences(
    company: CompanyEnd, about: str, wanted: Sums, there: Sums, twins: list[Filed]
) -> Iterator[Violation]:
    wrong = [place for place in {**wanted, **there} if wanted.get(place, ZERO) != there.get(place, ZERO)]
    if not wrong:
        return
    if twins:
        one = twins[0]
        sentence = (
            f"{one.kind} {one.ref_number} of {one.txn_date} over {one.total:.2f} stands more than once "
            f"in {company.name}, under different keys."
        )
        yield Violation(law=ONCE, sentence=sentence)
        return
    told = "; ".join(_said(place, wanted, there) for place in sorted(wrong, key=str)[:3])
    more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    what = f"order {about}" if about else "all that is not one order's"
    yield Violation(law=AMOUNTS, sentence=f"{company.name}, {what}: {told}{more}.")


def _is_asked_for(
    world: World, found: list[Filed], order: tuple[str, set[str]], wanted: Sums, there: Sums
) -> bool:
    """Whether a flag asks a person to correct a document of this order by exactly what is wrong.

    Our database went back, and what Shopify does not date was booked anew together with what came since, under the key that
    QuickBooks has a part of it by. No program can tell the two apart by then.
    """
    if "F34" not in world.fired:
        return False
    about, names = order
    off = {abs(wanted.get(place, ZERO) - there.get(place, ZERO)) for place in {**wanted, **there}}
    for flag in world.told:
        amounts = _ASKED.search(flag.sentence) if flag.reason == "amounts_differ" else None
        its_own = any(f"[{flag.subject}]" in one.memo and subject(one.memo, names) == about for one in found)
        if amounts and its_own and abs(Decimal(amounts[2]) - Decimal(amounts[1])) in off:
            return True
    return False


def _said(place: tuple[date | None, str], wanted: Sums, there: Sums) -> str:
    day, account = place
    amounts: tuple[Decimal, Decimal] = there.get(place, ZERO), wanted.get(place, ZERO)
    return f"{account} on {day or 'all days'} stands at {amounts[0]:.2f}, the shop says {amounts[1]:.2f}"


def _twice(found: list[Filed], company: CompanyEnd) -> Iterator[Violation]:
    for key, times in Counter(key for document in found for key in keys(document)).items():
        if times > 1:
            yield Violation(law=ONCE, sentence=f"{key} stands {times} times in {company.name}.")


def _twins(found: list[Filed]) -> list[Filed]:
    """Documents that say the same as an earlier one, whatever key they carry."""
    said: set[object] = set()
    twins = []
    for one in found:
        told = (one.kind, one.txn_date, one.customer, one.ref_number, one.total, one.postings)
        if one.postings and not one.voided:
            if told in said:
                twins.append(one)
            said.add(told)
    return twins
