"""Facts beside orders: the reader of each kind of snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qbconsole.shop.orders import Shop

#: Kind of snapshot -> what reads it, in the order they are booked. Readers raise InputUnreadable.
READERS: Mapping[str, Callable[[Mapping[str, Any], Shop], Any]] = {}
