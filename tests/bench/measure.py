"""Measuring: steps in interleaved rounds, medians of CPU time, ratios within one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median
from typing import Any

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is measured; `setting` makes what it works on anew each time, outside the clock."""

    count: int
    of: Callable[[Any], object]
    setting: Callable[[], AbstractContextManager[Any]] = nullcontext
    clock: Callable[[], float] = time.process_time

    def seconds(self) -> float:
        """How long one round takes, for one of `count`."""
        with self.setting() as given:
            start = self.clock()
            self.of(given)
            return (self.clock() - start) / self.count


def in_rounds(steps: Mapping[str, Step]) -> dict[str, list[float]]:
    """Every step once to warm up, then in turn, so that a busy moment of the machine meets them all."""
    for step in steps.values():
        step.seconds()
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            taken[name].append(step.seconds())
    return taken


def written(taken: Mapping[str, list[float]], *, floor: str, peer: str, unit: str) -> str:
    """One row a step."""
    lines = [
        f"{'step':31} {f'us/{unit}':>9} {f'{unit}s/s':>9} {'x floor':>8} {f'x {peer.split()[0]}':>11}  range"
    ]
    for name, times in taken.items():
        middle = median(times)
        lines.append(
            f"{name:31} {middle * 1e6:9.0f} {1 / middle:9.0f} {middle / median(taken[floor]):8.1f}"
            f" {middle / median(taken[peer]):11.1f}  {min(times) * 1e6:.0f}-{max(times) * 1e6:.0f}"
        )
    return "\n".join(lines) + "\n"
