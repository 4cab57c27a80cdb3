"""The faults of reference/reliability.md b2, one small class each; `ALL` is the table by their F-number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation


class Fault(Protocol):
    """One way the world can go wrong."""

    @property
    def number(self) -> str:
        """Its place in the list: "F26"."""
        ...

    @property
    def what(self) -> str:
        """What it does, in a few words."""
        ...

    def plan(self, simulation: Simulation) -> None:
        """Choose moments and wait for them; `simulation.strikes` when it really had an effect."""
        ...
