"""Asking: one merchant's answers to every question booking has, each with who gave it.

Implements `books.answers.Answers`. Where no plugin listens to a hook the default mapping's answer is
remembered by the facts its rules look at, so an ordinary order costs a dictionary look-up a name. Answers
hold for a day: ask `on(day)` with the event's shop date, else the order's own date counts.
"""

from __future__ import annotations

import bisect
import copy
from collections.abc import Hashable, Sequence
from datetime import date

from qbconsole.books.answers import Choice, Provenance
from qbconsole.books.documents.fields import FIELDS
from qbconsole.books.holds import Hold
from qbconsole.books.news import NOTHING_NEW, News
from qbconsole.books.plan import DocumentKind, LineKind, PlanLine
from qbconsole.company import Company
from qbconsole.rules.conditions import boundaries, goods_only
from qbconsole.rules.defaults import DefaultMapping
from qbconsole.rules.facts import LINE_FACTS, READ, Facts
from qbconsole.rules.ladder import BUILT_IN, Ladder
from qbconsole.rules.mapping.values import Mapping
from qbconsole.rules.panel import Arguments, Panel
from qbconsole.rules.registry import Plugin
from qbconsole.rules.steps import TABLES_OF
from qbconsole.shop.events import Event, FactEvent
from qbconsole.shop.orders import Order, OrderLine
from qbconsole.value import replace

#: So many answers are remembered for each hook; then all are forgotten, which only costs time.
_REMEMBERED = 20_000
_UNASKED = Choice(value="", by=BUILT_IN)
#: Hook -> the outcome of rules that decides it; `choose_field` has one for each field.
_DECIDED_BY = {
    "choose_document": "document",
    "choose_customer": "customer",
    "choose_vendor": "vendor",
    "choose_item": "item",
    "choose_account": "account",
    "choose_class": "class",
    "choose_tax": "tax",
    "choose_payment_method": "payment_method",
}


class _Question:
    """One hook: whether its answers may be remembered, by what, and those that are."""

    __slots__ = ("amount", "goods_only", "hook", "memo", "plain", "plugged", "reads")

    def __init__(self, hook: str, ladder: Ladder, *, plugged: bool, settled: bool) -> None:
        rules = ladder.rules(_DECIDED_BY[hook])
        self.hook = hook
        self.plugged = plugged
        #: Nothing but the base key decides, and the day is either known or of no matter.
        self.plain = settled and not plugged and not rules
        #: The same, except for product lines.
        self.goods_only = settled and not plugged and goods_only(rules, _DECIDED_BY[hook])
        self.reads = sorted({name for rule in rules for name in rule.when})
        self.amount = any(rule.amount is not None for rule in rules)
        self.memo: dict[Hashable, Choice | None] = {}

    def known(self, base: Hashable, line: PlanLine | None) -> Choice | None:
        """The remembered answer where only the base key decides, else _UNASKED."""
        if self.plain or (self.goods_only and (line is None or line.kind is not LineKind.PRODUCT)):
            return self.memo.get(base, _UNASKED)
        return _UNASKED

    def key(self, base: Hashable, facts: Facts) -> Hashable:
        """What the answer depends on; _UNASKED where that is too much to remember."""
        line = facts.line
        if self.plain or (self.goods_only and (line is None or line.kind is not LineKind.PRODUCT)):
            return base
        if self.plugged or (facts.line is None and not LINE_FACTS.isdisjoint(self.reads)):
            return _UNASKED
        kind = facts.line.kind if facts.line else None
        amount = facts.amount if self.amount else None
        return (base, kind, amount, *(READ[name](facts) for name in self.reads))

    def remember(self, key: Hashable, choice: Choice | None) -> None:
        """Keep an answer, forgetting everything once there is too much."""
        if key is not _UNASKED:
            if len(self.memo) >= _REMEMBERED:
                self.memo.clear()
            self.memo[key] = choice


class Asking:
    """The answers for one merchant; `company` is what QuickBooks told us, None before it did."""

    def __init__(
        self,
        *,
        mapping: Mapping,
        merchant: str,
        plugins: Sequence[Plugin] = (),
        company: Company | None = None,
    ) -> None:
        self.merchant = merchant
        self._mapping, self._company = mapping, company
        self._plugins = tuple(one.given(mapping, merchant) for one in plugins)
        rules = [rule for tables in mapping.ladder(merchant) for rule in tables.rules]
        self._boundaries = boundaries(mapping.ladder(merchant))
        self._day: date | None = None
        #: Which of the stretches between two boundaries these answers are for.
        self._stretch = 0
        #: Views of other days: by the stretch between two boundaries, or by day where plugins see it.
        self._views: dict[Hashable, Asking] = {}
        self._lines: tuple[Order | None, dict[str, OrderLine]] = (None, {})
        self._prepare()
        ladder, filters = self._ladder, mapping.merchants[merchant].filters
        self._can_hold = bool(
            filters
            or any("hold" in rule.outcomes for rule in rules)
            or self._panel.has_plugin_for("hold_event")
        )
        self._class_by = ladder.has("classes.locations") or ladder.has("classes.channels")
        self._document_by = ladder.has("documents.locations") or ladder.has("documents.channels")
        self._item_by = ladder.has("items.product_type")
        self._registered = any(tables.registered is not None for tables in ladder.levels)
        #: Fields that anybody may say something of: most merchants name none.
        self._fields = frozenset(
            name
            for name in FIELDS
            if any(ladder.has(table) for table in TABLES_OF[name])
            or any(name in rule.outcomes for rule in rules)
            or self._panel.has_plugin_for("choose_field")
        )
        by_buyer = ladder.has("customers.buyers") or ladder.has("customers.companies")
        self._customer_by = by_buyer or ladder.merchant.modes.customers == "detailed"

    def _prepare(self) -> None:
        """Everything that depends on which dated rules hold."""
        self._ladder = Ladder(self._mapping, self.merchant, self._company, self._day)
        self._panel = Panel(self._plugins, DefaultMapping(self._ladder))
        settled = self._day is not None or not self._boundaries
        self._questions = {
            hook: _Question(hook, self._ladder, plugged=self._panel.has_plugin_for(hook), settled=settled)
            for hook in _DECIDED_BY
        }
        account, item, class_, tax = (
            self._questions[f"choose_{about}"] for about in ("account", "item", "class", "tax")
        )
        customer, method = self._questions["choose_customer"], self._questions["choose_payment_method"]
        self._heads_alike = account.goods_only and class_.plain and customer.plain and method.plain
        self._goods_alike = account.plain and item.plain and class_.plain
        self._charges_alike = account.goods_only and item.goods_only and class_.plain
        self._taxes_alike = account.goods_only and tax.plain and class_.plain
        self._channels: dict[str, str] = {}
        self._fixed: dict[str, Choice] = {}

    # -- days -------------------------------------------------------------------------------------

    def on(self, day: date) -> Asking:
        """The same merchant's answers for events of a shop date: dated rules are honoured by it."""
        if not self._boundaries and not self._plugins:
            return self
        key: Hashable = day if self._plugins else bisect.bisect_right(self._boundaries, day)
        view = self._views.get(key)
        if view is None:
            view = copy.copy(self)
            view._day = day
            view._stretch = bisect.bisect_right(self._boundaries, day)
            if self._boundaries:
                view._prepare()
            if len(self._views) >= _REMEMBERED:
                self._views.clear()
            self._views[key] = view
        return view

    def alike(self, line: PlanLine, sold: OrderLine | None, order: Order) -> Hashable | None:
        """What decides all names of a line besides its words; None where a plugin or a rule looks further."""
        if line.kind is LineKind.PRODUCT:
            if not self._goods_alike:
                return None
            if sold is None:
                return (self._stretch,)
            return self._stretch, sold.sku, sold.variant_id, sold.barcode, sold.product_type
        if line.kind is LineKind.TAX:
            return (self._stretch, order.province) if self._taxes_alike else None
        return (self._stretch,) if self._charges_alike else None

    def alike_sale(self, order: Order) -> Hashable | None:
        """What decides the head of a sales document; None where more than its place and channel has a say."""
        if not self._heads_alike or self._fields or self._customer_by or order.terms is not None:
            return None
        return self._stretch, order.source, order.location

    # -- what is asked ------------------------------------------------------------------------------

    def document(self, order: Order) -> Choice | None:
        """ "SalesReceipt" (default) or "Invoice" for a sale that is paid at once."""
        base: Hashable = (order.location, order.source) if self._document_by else ""
        found = self._questions["choose_document"].known(base, None)
        return found if found is not _UNASKED else self._ask("choose_document", base, order)

    def customer(self, order: Order) -> Choice | None:
        """Full name of the QuickBooks customer."""
        base: Hashable = order.source
        if self._customer_by or order.terms is not None:
            buyer = order.buyer
            on_terms = order.terms is not None
            base = (order.source, buyer.id, buyer.name, buyer.email, buyer.company, on_terms)
        found = self._questions["choose_customer"].known(base, None)
        return found if found is not _UNASKED else self._ask("choose_customer", base, order)

    def vendor(self, vendor: str) -> Choice | None:
        """Name of the QuickBooks vendor that stands for one of the shop's vendors; `on(day)` gives the day."""
        found = self._questions["choose_vendor"].known(vendor, None)
        return found if found is not _UNASKED else self._ask("choose_vendor", vendor, None, vendor=vendor)

    def item(self, line: PlanLine, order: Order) -> Choice | None:
        """Full name of the item a line is written with."""
        base: Hashable = line.role
        if line.kind is LineKind.PRODUCT:
            sale = self._sale(order, line)
            stays_out = line.returned and not line.restocked
            base = None
            if sale:
                kind = sale.product_type if self._item_by else None
                base = (sale.sku, sale.variant_id, sale.barcode, kind, stays_out and sale.may_be_counted)
        found = self._questions["choose_item"].known(base, line)
        return found if found is not _UNASKED else self._ask("choose_item", base, order, line, line.role)

    def account(self, role: str, line: PlanLine | None, order: Order | None) -> Choice | None:
        """Full name of the account a role posts to, here; None when nobody named one."""
        found = self._questions["choose_account"].known(role, line)
        if found is not _UNASKED:
            return found
        return self._ask("choose_account", role, order, line, role)

    def class_(self, line: PlanLine | None, order: Order) -> Choice | None:
        """Full name of the class; of the whole sale where line is None."""
        base: Hashable = line is None
        if self._class_by and line is None:
            base = (order.location, order.source)
        found = self._questions["choose_class"].known(base, line)
        if found is not _UNASKED:
            return found
        return self._ask("choose_class", base, order, line, line.role if line else "")

    def tax_item(self, line: PlanLine, order: Order) -> Choice | None:
        """Name of the sales-tax item (or other-charge item) for one tax."""
        base = (line.role, line.tax_title, order.province)
        found = self._questions["choose_tax"].known(base, line)
        if found is not _UNASKED:
            return found
        return self._ask("choose_tax", base, order, line, line.role, title=line.tax_title)

    def payment_method(self, gateway: str, order: Order) -> Choice | None:
        """Name of the payment method."""
        found = self._questions["choose_payment_method"].known(gateway, None)
        if found is not _UNASKED:
            return found
        return self._ask("choose_payment_method", gateway, order, gateway=gateway)

    def field(self, name: str, order: Order, kind: DocumentKind) -> Choice | None:
        """What a field of `books.documents.fields` says on a document of this kind; None leaves it out."""
        if name not in self._fields and (name != "terms" or order.terms is None):
            return None
        day = self._day_of(order)
        if self._day is None and day is not None and (self._boundaries or self._plugins):
            return self.on(day).field(name, order, kind)
        arguments = self._arguments(Facts(order=order), day, field=name, kind=kind.value)
        return self._panel.choose("choose_field", arguments)

    def unregistered(self, order: Order) -> Choice | None:
        """The province an order's tax may not be owed to, and where that is said; None where all is well."""
        if not self._registered:
            return None
        if self._day is None and self._boundaries:
            return self.on(order.shop.day(order.at)).unregistered(order)
        return self._ladder.unregistered(order)

    def fixed_item(self, word: str) -> Choice:
        """Name of an item no role needs: "misc", "zero_tax" (the 0 % tax item), "subtotal" or "payment"."""
        found = self._fixed.get(word)
        if found is None:
            found = self._fixed[word] = self._ladder.fixed_item(word)
        return found

    def agency(self, tax_item: str) -> Choice | None:
        """Vendor that a sales-tax item owes its tax to; None when the mapping names none."""
        return self._ladder.agency(tax_item)

    def channel(self, order: Order) -> str:
        """Label of the order's channel: "Online Store"."""
        label = self._channels.get(order.source)
        if label is None:
            label = self._channels[order.source] = self._ladder.channel(order.source)
        return label

    def holds(self, event: Event, order: Order, news: News = NOTHING_NEW) -> tuple[Hold, ...]:
        """Reasons of plugins, hold rules and filters to keep an event out of the books for now."""
        if not self._can_hold:
            return ()
        me = self.on(event.on)
        arguments = me._arguments(Facts(order=order), event.on, event=event, news=news)
        found = me._panel.holds(arguments, f"order {order.name}")
        return tuple(replace(one, subject=event.key) for one in found)

    def fact_holds(self, event: FactEvent, fact: object, label: str) -> tuple[Hold, ...]:
        """Reasons of plugins to keep a fact beside orders out of the books for now; `label` is what people call it."""
        if not self._panel.has_plugin_for("hold_fact"):
            return ()
        arguments = self.on(event.on)._arguments(Facts(), event.on, event=event, fact=fact)
        return self._panel.holds(arguments, label, "hold_fact")

    def amend(self, document: object, order: Order) -> tuple[object, tuple[Provenance, ...]]:
        """The document as the plugins want it, and who changed it."""
        if not self._panel.has_plugin_for("amend_document"):
            return document, ()
        return self._panel.amend(document, self._arguments(Facts(order=order), self._day_of(order)))

    def recorded(self, document: object, order: Order | None, txn_id: str) -> None:
        """Tell the plugins that QuickBooks recorded a document under this TxnID."""
        if self._panel.has_plugin_for("document_recorded"):
            facts = Facts(order=order)
            self._panel.tell(self._arguments(facts, self._day_of(order), document=document, txn_id=txn_id))

    # -- how it is found out -------------------------------------------------------------------------

    def _day_of(self, order: Order | None) -> date | None:
        if self._day is not None or order is None:
            return self._day
        return order.shop.day(order.at)

    def _ask(
        self,
        hook: str,
        base: Hashable,
        order: Order | None,
        line: PlanLine | None = None,
        role: str = "",
        **more: str,
    ) -> Choice | None:
        """The answer of the day, remembered where that is allowed."""
        day = self._day
        if self._boundaries or self._plugins:
            day = self._day_of(order)
            if self._day is None and day is not None:
                return self.on(day)._ask(hook, base, order, line, role, **more)
        question = self._questions[hook]
        facts = Facts(
            order=order,
            line=line,
            sale=self._sale(order, line) if order and line else None,
            role=role,
            gateway=more.get("gateway", ""),
            vendor=more.get("vendor", ""),
            channel=self.channel(order) if order else "",
        )
        key = question.key(base, facts)
        found = question.memo.get(key, _UNASKED)
        if found is _UNASKED:
            found = self._panel.choose(hook, self._arguments(facts, day, **more))
            if found is not None and hook == "choose_account" and found.by.hook:
                found = replace(found, value=self._ladder.account_name(found.value))
            question.remember(key, found)
        return found

    def _sale(self, order: Order, line: PlanLine) -> OrderLine | None:
        """The shop's line a plan's line tells of; one order's lines are indexed at a time."""
        indexed, lines = self._lines
        if indexed is not order:
            lines = {one.id: one for one in order.lines}
            self._lines = (order, lines)
        return lines.get(line.line_id) if line.line_id else None

    def _arguments(self, facts: Facts, day: date | None, **more: object) -> Arguments:
        """Everything any hook may be given, by name."""
        return {
            "order": facts.order,
            "line": facts.line,
            "sale_line": facts.sale,
            "role": facts.role,
            "channel": self.channel(facts.order) if facts.order else "",
            "day": day,
            "merchant": self.merchant,
            **more,
        }
