"""The query budget as Shopify last told it: how long to wait before a query of known cost.

Numbers are read from `extensions.cost.throttleStatus` of every answer, never assumed (shopify-api.md section 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one query cost in points, and the bucket after it. `actual` is None when nothing was executed."""

    requested: float
    actual: float | None
    maximum: float
    available: float
    restore: float


def cost_of(body: Mapping[str, Any]) -> Cost | None:
    """Read `extensions.cost`; None where an answer has none or it is not as documented."""
    extensions = body.get("extensions")
    cost = extensions.get("cost") if isinstance(extensions, Mapping) else None
    status = cost.get("throttleStatus") if isinstance(cost, Mapping) else None
    if not isinstance(cost, Mapping) or not isinstance(status, Mapping):
        return None
    actual = cost.get("actualQueryCost")
    try:
        return Cost(
            requested=float(cost["requestedQueryCost"]),
            actual=None if actual is None else float(actual),
            maximum=float(status["maximumAvailable"]),
            available=float(status["currentlyAvailable"]),
            restore=float(status["restoreRate"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


class Budget:
    """Remembers the bucket and what each query asked for the last time."""

    def __init__(self) -> None:
        self._last: Cost | None = None
        self._at = 0.0
        self._asked: dict[str, float] = {}

    def learn(self, query: str, cost: Cost | None, now: float) -> None:
        """Take in what an answer said."""
        if cost is not None:
            self._last, self._at = cost, now
            self._asked[query] = cost.requested

    def wait(self, query: str, now: float) -> float:
        """Seconds until this query fits; 0 where nothing is known yet or nothing refills."""
        last, asks = self._last, self._asked.get(query, 0.0)
        if last is None or last.restore <= 0:
            return 0.0
        available = min(last.maximum, last.available + max(0.0, now - self._at) * last.restore)
        return max(0.0, (min(asks, last.maximum) - available) / last.restore)
