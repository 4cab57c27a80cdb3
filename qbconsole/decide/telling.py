"""Telling plugins what QuickBooks recorded; a work of the supervised child, so it has `desk_of`, `decide` and `Decision`."""

from __future__ import annotations

from typing import Any, cast

from qbconsole.decide.desk import DeskSpec
from qbconsole.decide.desk import desk_of as whole_desk_of
from qbconsole.rules.asking import Asking
from qbconsole.rules.panel import announce_to
from qbconsole.shop.orders import Order
from qbconsole.value import Value

__all__ = ["Decision", "Recorded", "Told", "announce_to", "decide", "desk_of"]


class Recorded(Value):
    """One document that QuickBooks has now."""

    key: str
    #: The document as it was sent: a SalesReceipt, an Invoice.
    document: Any
    #: The order behind it; None for what has none.
    order: Order | None
    txn_id: str

    @property
    def label(self) -> str:
        """What people call it."""
        return f"document {self.key}"


class Told(Value):
    """Every plugin that wanted to know was told."""

    key: str


#: What the host expects back.
Decision = Told


def desk_of(spec: DeskSpec) -> Asking:
    """The merchant's plugins, ready to listen; raises MappingInvalid or PluginBroken."""
    return cast(Asking, whole_desk_of(spec).answers)


def decide(case: Recorded, asking: Asking) -> Told:
    """Tell the plugins. Raises PluginBroken."""
    asking.recorded(case.document, case.order, case.txn_id)
    return Told(key=case.key)
