"""One execution of a query: the shop it asks, and what it notes down on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qbconsole.sandbox.shopify.shop import Shop

Raw = dict[str, Any]


@dataclass(slots=True)
class Visit:
    """What one execution needs and notes down."""

    shop: Shop
    #: All that a query asks for, without pages: what a bulk operation runs.
    everything: Callable[[str], Mapping[str, Any]]
    points: int = 0
    #: Where this shop's files are downloaded from.
    base: str = ""
    searches: list[Raw] = field(default_factory=list)
