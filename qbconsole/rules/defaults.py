"""The default mapping: mappings.toml as a plugin that is asked last.

It implements the same hooks as a merchant's plugin. The one difference: it answers with a Choice, because it
knows the line every answer stands on, where a plugin answers with plain text.
"""

from __future__ import annotations

from qbconsole.books.answers import Choice
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import PlanLine
from qbconsole.books.roles import gateway_handle
from qbconsole.rules.conditions import applies, filtered
from qbconsole.rules.facts import Facts
from qbconsole.rules.hookspecs import hookimpl
from qbconsole.rules.ladder import Ladder
from qbconsole.shop.events import Event, TenderEvent
from qbconsole.shop.orders import Order, OrderLine


class DefaultMapping:
    """Answers from one merchant's ladder."""

    def __init__(self, ladder: Ladder) -> None:
        self.ladder = ladder

    @hookimpl(trylast=True)
    def choose_document(self, order: Order, channel: str) -> Choice | None:
        """By rule or table, else SalesReceipt."""
        return self.ladder.document(Facts(order=order, channel=channel))

    @hookimpl(trylast=True)
    def choose_customer(self, order: Order, channel: str) -> Choice | None:
        """By rule or table, else the house customer or the buyer."""
        return self.ladder.customer(Facts(order=order, channel=channel))

    @hookimpl(trylast=True)
    def choose_vendor(self, vendor: str) -> Choice | None:
        """By rule or table, else the house vendor or the shop's own name."""
        return self.ladder.vendor(vendor)

    @hookimpl(trylast=True)
    def choose_item(
        self, line: PlanLine, sale_line: OrderLine | None, order: Order, role: str, channel: str
    ) -> Choice | None:
        """By rule, variant or SKU for products, by role for the rest."""
        return self.ladder.item(Facts(order=order, line=line, sale=sale_line, role=role, channel=channel))

    @hookimpl(trylast=True)
    def choose_account(
        self,
        role: str,
        line: PlanLine | None,
        sale_line: OrderLine | None,
        order: Order | None,
        channel: str,
    ) -> Choice | None:
        """By rule, else by role and the roles that may stand in."""
        facts = Facts(order=order, line=line, sale=sale_line, role=role, channel=channel)
        return self.ladder.account(role, facts)

    @hookimpl(trylast=True)
    def choose_class(
        self, line: PlanLine | None, sale_line: OrderLine | None, order: Order, channel: str
    ) -> Choice | None:
        """By rule; a whole sale also by location or channel."""
        role = line.role if line else ""
        return self.ladder.class_(Facts(order=order, line=line, sale=sale_line, role=role, channel=channel))

    @hookimpl(trylast=True)
    def choose_tax(
        self, line: PlanLine, sale_line: OrderLine | None, order: Order, channel: str
    ) -> Choice | None:
        """By rule, else by title, province or one for all."""
        return self.ladder.tax(Facts(order=order, line=line, sale=sale_line, role=line.role, channel=channel))

    @hookimpl(trylast=True)
    def choose_payment_method(self, gateway: str, order: Order, channel: str) -> Choice | None:
        """By rule, else by gateway."""
        facts = Facts(order=order, gateway=gateway, channel=channel)
        return self.ladder.payment_method(gateway_handle(gateway), facts)

    @hookimpl(trylast=True)
    def choose_field(self, field: str, kind: str, order: Order, channel: str) -> Choice | None:
        """By rule or table; terms also as the order has them."""
        return self.ladder.field(field, Facts(order=order, channel=channel, document=kind))

    @hookimpl(trylast=True)
    def hold_event(self, event: Event, order: Order, channel: str) -> tuple[Hold, ...]:
        """Every hold rule that applies, and every filter the order does not pass."""
        gateway = event.gateway if isinstance(event, TenderEvent) else ""
        facts = Facts(order=order, gateway=gateway, channel=channel)
        ruled = tuple(
            self._ruled(rule.line, rule.outcomes["hold"], order)
            for rule in self.ladder.rules("hold")
            if applies(rule, "hold", facts)
        )
        filters, day = self.ladder.merchant.filters, order.shop.day(order.at)
        if not filters:
            return ruled
        whole = Facts(order=order, channel=channel)
        return ruled + filtered(filters, whole, order, day, self.ladder.file)

    def _ruled(self, line: int, sentence: str, order: Order) -> Hold:
        place = f"{self.ladder.file}:{line}"
        return Hold(
            reason=Reason.PLUGIN_HOLD,
            where=f"order {order.name}",
            sentence=sentence if sentence.endswith((".", "!", "?")) else f"{sentence}.",
            next_step=f"Release it when that is settled, or change the rule at {place}.",
            cause=f"rule:{place}",
        )
