"""Faults on the shop's side: errors instead of pages, refused tokens, retired versions, orders that move meanwhile."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from qbconsole.rehearsal.simulate.faults.fault import Fault, merchant_of
from qbconsole.rehearsal.simulate.moments import Moment
from qbconsole.sandbox.shopify.bulk import FAULTS as BULK_FAULTS
from qbconsole.sandbox.shopify.service import Fault as Spoilt

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation

#: Weekends on which New York and Los Angeles change their clocks.
_CHANGES = (date(2026, 3, 6), date(2026, 10, 30))


def _refused_token(simulation: Simulation) -> None:
    """The app is uninstalled for a while: every query is answered 401."""
    merchant = merchant_of(simulation)

    def act(_moment: Moment) -> None:
        shop = simulation.shops[merchant].shop
        tokens = set(shop.permanent_tokens)
        shop.permanent_tokens.clear()
        simulation.strikes("F06", f"{merchant}: the token is revoked")
        simulation.repairs.append(lambda: shop.permanent_tokens.update(tokens))

    simulation.moments.when("shopify asked", act, nth=simulation.chance.randint(1, 20))


def _scope_gone(simulation: Simulation) -> None:
    """A permission is taken away for a while."""
    merchant = merchant_of(simulation)
    scope = simulation.chance.choice(("read_orders", "read_inventory", "read_shopify_payments_payouts"))

    def act(_moment: Moment) -> None:
        scopes = simulation.shops[merchant].shop.scopes
        if scope in scopes:
            scopes.discard(scope)
            simulation.repairs.append(partial(scopes.add, scope))
            simulation.strikes("F06", f"{merchant}: {scope} is taken away")

    simulation.moments.when("before pull", act, nth=simulation.chance.randint(1, 3))


def _retired(simulation: Simulation) -> None:
    """Shopify answers as another version than was asked for."""
    merchant = merchant_of(simulation)

    def act(_moment: Moment) -> None:
        shop = simulation.shops[merchant].shop
        shop.answers_as = "2026-01"
        simulation.repairs.append(partial(setattr, shop, "answers_as", None))
        simulation.strikes("F07", f"{merchant}: the API version is retired")

    simulation.moments.when("shopify asked", act, nth=simulation.chance.randint(1, 20))


def _spoilt_page(simulation: Simulation) -> None:
    """Some queries are throttled, answered with errors, cut, redirected or not at all."""

    def act(moment: Moment) -> None:
        kind = simulation.chance.choice(
            (429, 500, 502, "truncated", "internal", "throttled", "redirect", "timeout", "lost")
        )
        if kind == "lost":
            moment.lost = True
        else:
            simulation.shops[moment.call].shop.faults.append(Spoilt(kind=kind, seconds=0))
        simulation.strikes("F09", f"{moment.call}: a query is answered with {kind}")

    for _ in range(simulation.chance.randint(1, 3)):
        simulation.moments.when("shopify asked", act, nth=simulation.chance.randint(1, 40))


def _moves_meanwhile(simulation: Simulation) -> None:
    """An order changes while the pages are read."""

    def act(moment: Moment) -> None:
        end = simulation.shops[moment.call]
        if changed := end.change(simulation.chance, simulation.clock.now):
            simulation.strikes("F10", f"{moment.call}: {changed} while pages are read")

    simulation.moments.when("shopify said", act, nth=simulation.chance.randint(1, 8))


def _moves_while_sent(simulation: Simulation) -> None:
    """An order changes after it was pulled, while it is booked or sent; it is pulled again in between."""

    def act(_moment: Moment) -> None:
        merchant = merchant_of(simulation)
        changed = simulation.shops[merchant].change(simulation.chance, simulation.clock.now)
        if changed:
            simulation.strikes("F11", f"{merchant}: {changed} while it is being sent")
            simulation.clock.sleep(300)
            simulation.pull(merchant)
            simulation.book()

    place = simulation.chance.choice(("before book", "quickbooks asked", "quickbooks done"))
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 8))


def _variants(simulation: Simulation) -> None:
    """A shop whose prices contain tax, and buyers who pay in another currency."""
    simulation.reseed(taxes_included=simulation.chance.random() < 0.5, foreign=("EUR", 920_000))
    simulation.strikes("F12", "prices with tax in them, and a second currency")


def _change_of_clocks(simulation: Simulation) -> None:
    """The days are those on which the clocks change."""
    simulation.reseed(start=simulation.chance.choice(_CHANGES))
    simulation.strikes("F14", "the clocks change in these days")


def _clock_jumps(simulation: Simulation) -> None:
    """The clock of our computer is wrong by up to two hours for a while."""

    def act(_moment: Moment) -> None:
        simulation.clock.skew = timedelta(minutes=simulation.chance.choice((-120, -61, -7, 7, 61, 120)))
        simulation.repairs.append(partial(setattr, simulation.clock, "skew", timedelta()))
        simulation.strikes("F14", f"our clock jumps by {simulation.clock.skew}")

    place = simulation.chance.choice(("before pull", "before update", "quickbooks asked", "quickbooks done"))
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 3))


def _bulk(simulation: Simulation) -> None:
    """A bulk import fails, is cut, or is not the whole of it."""

    def act(moment: Moment) -> None:
        shop = simulation.shops[moment.call].shop
        kind = simulation.chance.choice(BULK_FAULTS)
        shop.bulk_faults.append(kind)
        went_well = simulation.pull(moment.call, in_bulk=True)
        if not shop.bulk_faults:
            said = "is imported all the same" if went_well else "is not used"
            simulation.strikes("F08", f"{moment.call}: a bulk file with the fault {kind} {said}")
        shop.bulk_faults.clear()

    simulation.moments.when("before pull", act, nth=simulation.chance.randint(1, 2))


FAULTS = (
    Fault(number="F06", what="the token is revoked for a while", plan=_refused_token),
    Fault(number="F06", what="a permission is taken away for a while", plan=_scope_gone),
    Fault(number="F07", what="the API version is retired", plan=_retired),
    Fault(number="F08", what="a bulk import fails, is cut or not whole", plan=_bulk),
    Fault(number="F09", what="queries are throttled, cut, or answered with errors", plan=_spoilt_page),
    Fault(number="F10", what="orders change while pages are read", plan=_moves_meanwhile),
    Fault(number="F11", what="an order changes while it is being sent", plan=_moves_while_sent),
    Fault(number="F12", what="prices with tax in them, and a second currency", plan=_variants),
    Fault(number="F14", what="days on which the clocks change", plan=_change_of_clocks),
    Fault(number="F14", what="our clock jumps", plan=_clock_jumps),
)
