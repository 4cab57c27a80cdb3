"""All doors by name."""

from __future__ import annotations

from functools import cache

from fuzz import answers, mappings, orders, soap, templates, webhooks
from fuzz.door import Door

NAMES = ("soap", "answer", "webhook", "order", "mapping", "template")
_MAKERS = dict(
    zip(
        NAMES,
        (soap.door, answers.door, webhooks.door, orders.door, mappings.door, templates.door),
        strict=True,
    )
)


@cache
def door(name: str) -> Door:
    """One door; its examples are made when it is first asked for."""
    return _MAKERS[name]()
