"""What a fault is: a row with its place in the list, a name, and how it lies in wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qbconsole.rehearsal.simulate.moments import Moment

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation

#: Chooses moments and waits for them; calls `simulation.strikes` when it really had an effect.
Plan = Callable[["Simulation"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way the world goes wrong."""

    #: Its place in reference/reliability.md b2: "F26".
    number: str
    #: What it does, in a few words.
    what: str
    plan: Plan


def writes(moment: Moment) -> bool:
    """Whether the set on its way adds list entries or documents; our marker's alone are many and weigh little."""
    return moment.weighs


def call(name: str) -> Callable[[Moment], bool]:
    """Whether it is that call."""
    return lambda moment: moment.call == name


def company_of(simulation: Simulation) -> str:
    """One of the companies, by chance."""
    return simulation.chance.choice(list(simulation.pcs))


def merchant_of(simulation: Simulation) -> str:
    """One of the merchants, by chance."""
    return simulation.chance.choice(list(simulation.shops))
