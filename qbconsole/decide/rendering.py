"""A named document as a request: which template wrote it, what of the order it may print, and why it may not go."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

from qbconsole.books.answers import Choice, Provenance
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import request_id
from qbconsole.books.naming.documents import Named
from qbconsole.books.naming.lines import in_order
from qbconsole.books.naming.names import Need
from qbconsole.books.naming.taxes import is_own_tax
from qbconsole.books.plan import Plan
from qbconsole.decide.desk import Desk
from qbconsole.errors import TemplateBroken
from qbconsole.qbxml.render import Fragment, Renderer
from qbconsole.qbxml.templating import Facts, facts_of
from qbconsole.shop.orders import Order, OrderLine
from qbconsole.value import Value

#: What a template may name by itself (`qbxml.agreement.FREE`) -> the list its names stand in.
_LISTS = {
    "ClassRef": "class",
    "CustomerMsgRef": "customer_message",
    "SalesRepRef": "sales_rep",
    "ShipMethodRef": "ship_method",
    "TemplateRef": "template",
}
_NAMED = re.compile(rf"<({'|'.join(_LISTS)})>\s*<FullName>([^<]*)</FullName>")
#: Faults told of one document; the others are mostly the same one.
_TOLD = 3
#: Digits of a template's sha256 that provenance keeps.
_DIGITS = 12


class Rendered(Value):
    """What a template made of one document."""

    #: "" where it may not go.
    text: str = ""
    losses: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    #: Names a merchant's template wrote that QuickBooks lacks, or may lack.
    missing: tuple[Need, ...] = ()
    #: The template that wrote it, kept with the other choices; None where it did not run.
    template: Choice | None = None


def rendered(named: Named, order: Order | None, returned: tuple[str, ...], desk: Desk) -> Rendered:
    """The request's text and what it lost, or a hold naming the template's place; `order` is the one behind it."""
    plan = named.plan
    try:
        fragment = rendered_text(desk.renderer, named.document, plan, order, returned, desk.settings.merchant)
    except TemplateBroken as broken:
        return Rendered(holds=(template_hold(plan, str(broken), broken.next),))
    if fragment.faults:
        told = "; ".join(f"{fault.where}: {fault.sentence}" for fault in fragment.faults[:_TOLD])
        return Rendered(holds=(template_hold(plan, told, TemplateBroken.next_step),))
    losses = tuple(f"{loss.path}: {loss.what}" for loss in fragment.losses)
    return Rendered(
        text=fragment.text,
        losses=losses,
        missing=() if fragment.shipped else _lacking(fragment.text, named, desk),
        template=_written_by(fragment),
    )


def _lacking(text: str, named: Named, desk: Desk) -> tuple[Need, ...]:
    """What a template names by itself must exist too, else QuickBooks refuses the document."""
    found = (
        desk.names.need(_LISTS[match[1]], unescape(match[2])) for match in _NAMED.finditer(text) if match[2]
    )
    return tuple(
        dict.fromkeys(need for need in found if need not in named.missing and desk.names.lacks(need))
    )


def rendered_text(
    renderer: Renderer,
    document: object,
    plan: Plan,
    order: Order | None,
    returned: tuple[str, ...],
    merchant: str,
) -> Fragment:
    """Render a plan's document with what is behind it. Raises TemplateBroken."""

    def facts() -> Facts | None:
        return None if order is None else facts_of(order, lines_behind(plan, document, order))

    return renderer.render(
        document,  # type: ignore[arg-type]
        request_id=request_id(plan.key),
        merchant=merchant,
        include_ret_elements=returned,
        facts=facts,
    )


def lines_behind(plan: Plan, document: object, order: Order) -> tuple[OrderLine | None, ...]:
    """The order line that each line of a document tells of; empty where the lines are not the plan's any more."""
    lines = getattr(document, "lines", ())
    stand = in_order([line for line in plan.lines if not (plan.computed and is_own_tax(line))])
    if len(lines) != len(stand):
        return ()
    sold = {line.id: line for line in order.lines}
    return tuple(
        sold.get(row.line_id or "") if getattr(line, "amount", None) == row.amount else None
        for line, row in zip(lines, stand, strict=True)
    )


def template_hold(plan: Plan, sentence: str, next_step: str) -> Hold:
    """Why a document waits for a template."""
    return Hold(
        reason=Reason.TEMPLATE,
        where=f"{plan.kind} of {plan.number}",
        sentence=sentence,
        next_step=next_step,
        subject=plan.key,
        cause=f"template:{plan.kind}",
    )


def _written_by(fragment: Fragment) -> Choice:
    return _template_choice(fragment.template, fragment.sha256[:_DIGITS], fragment.shipped)


@lru_cache(maxsize=512)
def _template_choice(path: str, sha256: str, shipped: bool) -> Choice:
    who = "qbconsole" if shipped else "templates"
    name = path.rpartition("/")[2]
    return Choice(value=name, by=Provenance(who=who, place=f"templates/{path}", sha256=sha256))
