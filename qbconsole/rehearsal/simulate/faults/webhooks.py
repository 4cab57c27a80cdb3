"""Faults of webhooks: lost, twice, in no order, forged, signed with the secret before, cut off by our own death."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qbconsole.rehearsal.simulate.ends.program import Killed
from qbconsole.rehearsal.simulate.faults.fault import Fault
from qbconsole.rehearsal.simulate.moments import Moment
from qbconsole.rehearsal.simulate.world import ForgottenBuyer

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation

_KEPT, _UNSIGNED = 200, 401
_ANOTHER = "not-the-secret"


def _changed(simulation: Simulation) -> tuple[str, str]:
    """A merchant whose order changed just now, and the order's id; "" where the shop would not allow it."""
    merchant = simulation.chance.choice(list(simulation.shops))
    end = simulation.shops[merchant]
    if not end.change(simulation.chance, simulation.clock.now):
        return merchant, ""
    order = max(end.shop.orders, key=lambda one: str(one["updatedAt"]))
    simulation.clock.sleep(5)
    return merchant, str(order["id"])


def _somewhere(simulation: Simulation) -> tuple[str, int]:
    place = simulation.chance.choice(("before book", "before update", "quickbooks asked", "before pull"))
    return place, simulation.chance.randint(1, 4 if place.startswith("q") else 3)


def _lost(simulation: Simulation) -> None:
    """Nobody tells us of a change."""

    def act(_moment: Moment) -> None:
        merchant, order = _changed(simulation)
        if order:
            simulation.strikes("F01", f"{merchant}: the webhook of a change is lost")

    place, nth = _somewhere(simulation)
    simulation.moments.when(place, act, nth=nth)


def _twice(simulation: Simulation) -> None:
    """The news come twice, the older after the newer."""

    def act(_moment: Moment) -> None:
        merchant, order = _changed(simulation)
        if not order:
            return
        number = f"{simulation.chance.getrandbits(40):x}"
        told = [f"{number}-2", f"{number}-1", f"{number}-2"]
        answers = {simulation.shops[merchant].tell(simulation.program, order, name) for name in told}
        if answers == {_KEPT}:
            simulation.strikes("F02", f"{merchant}: webhooks come twice and in no order")
            simulation.pull(merchant)

    place, nth = _somewhere(simulation)
    simulation.moments.when(place, act, nth=nth)


def _forged(simulation: Simulation) -> None:
    """Somebody else sends news."""

    def act(_moment: Moment) -> None:
        merchant = simulation.chance.choice(list(simulation.shops))
        order = "gid://shopify/Order/1"
        said = simulation.shops[merchant].tell(simulation.program, order, "forged", secret=_ANOTHER)
        if not said:  # nobody is there to take anything
            return
        simulation.strikes("F03", f"{merchant}: a forged webhook is answered with {said}")
        if said != _UNSIGNED:
            simulation.broke("nothing unsigned is taken", f"A forged webhook was answered with {said}.")

    place, nth = _somewhere(simulation)
    simulation.moments.when(place, act, nth=nth)


def _cut_off(simulation: Simulation) -> None:
    """Our process dies while it takes a delivery; Shopify, told nothing, sends it again."""
    name = simulation.chance.choice(("before_inbox_commit", "after_inbox_commit"))

    def die(_moment: Moment) -> None:
        raise Killed(name)

    def act(_moment: Moment) -> None:
        merchant, order = _changed(simulation)
        if not order:
            return
        simulation.moments.when(f"reach {name}", die, inside=True)
        end, number = simulation.shops[merchant], f"{simulation.chance.getrandbits(40):x}"
        if (
            end.tell(simulation.program, order, number) == 0
            and end.tell(simulation.program, order, number) == _KEPT
        ):
            simulation.strikes("F04", f"{merchant}: our process dies at {name}, and the webhook comes again")

    place, nth = _somewhere(simulation)
    simulation.moments.when(place, act, nth=nth)


def _forgotten(simulation: Simulation) -> None:
    """A buyer asks to be forgotten before or after the order was posted, in a shop whose buyers QuickBooks knows by name."""
    place = simulation.setting.places[0]
    path = simulation.program.root / "mappings.toml"
    by_name = f'\n[merchants.{place.merchant}.modes]\ncustomers = "detailed"\n'
    path.write_text(path.read_text(encoding="utf-8") + by_name, encoding="utf-8")

    def act(_moment: Moment) -> None:
        end = simulation.shops[place.merchant]
        orders = [order for order in end.shop.orders if order["customer"]]
        if not orders:
            return
        newest = max(orders, key=lambda one: str(one["createdAt"]))
        order = newest if simulation.chance.random() < 0.5 else simulation.chance.choice(orders)
        if end.forget_buyer(simulation.program, order, "redact") != _KEPT:
            return
        buyer = order["customer"]
        simulation.forgotten.append(
            ForgottenBuyer(
                merchant=place.merchant,
                company=place.company,
                customer=str(buyer["id"]).rpartition("/")[2],
                delivery="redact",
                words=tuple(str(buyer[word]) for word in ("displayName", "email") if buyer.get(word)),
            )
        )
        simulation.strikes("F13", f"{place.merchant}: a buyer is to be forgotten")
        simulation.pull(place.merchant)

    simulation.moments.when("before update", act, nth=simulation.chance.randint(1, 4))


FAULTS = (
    Fault(number="F01", what="the webhook of a change is lost", plan=_lost),
    Fault(number="F02", what="webhooks come twice and in no order", plan=_twice),
    Fault(number="F03", what="a forged webhook", plan=_forged),
    Fault(number="F04", what="our process dies while it takes a webhook", plan=_cut_off),
    Fault(number="F13", what="a buyer is to be forgotten", plan=_forgotten),
)
