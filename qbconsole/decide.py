"""PURE road: events + rules + company -> named, proved documents and request fragments.

Booking, what-if previews, plugin tests and template checks all call this one function, so that what is shown
is what is sent. It reads no file and no clock and asks nobody but the desk it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from qbconsole.books.answers import Answers, Provenance
from qbconsole.books.booking.checks import order_holds, tender_holds
from qbconsole.books.booking.order import Entry, walk
from qbconsole.books.booking.shape import shape
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import ref_number, request_id
from qbconsole.books.naming.amended import prove_amended
from qbconsole.books.naming.documents import Named, name_plan
from qbconsole.books.naming.namer import Namer, Need, Wanted
from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.books.policy import Create, Settings
from qbconsole.books.proof import prove
from qbconsole.company.snapshot import Company
from qbconsole.errors import BooksDoNotBalance, PluginBroken, TemplateBroken
from qbconsole.qbxml.render import Fragment, Renderer, slot_token
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.qbxml.text import fit_name
from qbconsole.rules.asking import Asking
from qbconsole.rules.mapping.read import read
from qbconsole.rules.registry import load_plugins
from qbconsole.shop.events import Event
from qbconsole.shop.orders import Order
from qbconsole.shop.timeline import changed, timeline

#: What the answer to an Add must bring back: enough to record and to compare the total.
RETURNED = ("TxnID", "EditSequence", "RefNumber", "Subtotal", "SalesTaxTotal", "TotalAmount")
_RETURNED_BY_KIND = {
    DocumentKind.INVOICE: ("TxnID", "EditSequence", "RefNumber", "Subtotal", "SalesTaxTotal"),
    DocumentKind.CHECK: ("TxnID", "EditSequence", "RefNumber", "Amount"),
    DocumentKind.JOURNAL_ENTRY: ("TxnID", "EditSequence", "RefNumber"),
    DocumentKind.RECEIVE_PAYMENT: ("TxnID", "EditSequence", "RefNumber", "TotalAmount"),
    DocumentKind.AR_REFUND_CREDIT_CARD: ("TxnID", "EditSequence", "RefNumber", "TotalAmount"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything known of one order."""

    order: Order
    #: Events kept already, booked or held, oldest first.
    events: tuple[Event, ...] = ()
    #: Plans of its live documents, in the order they were booked.
    booked: tuple[Plan, ...] = ()
    #: Those of them that no request was sent for and that are to be named again.
    rename: tuple[str, ...] = ()
    #: A test order that was pulled on purpose (`pull --include-test`).
    include_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSpec:
    """All that another process needs to build the same desk; plain, picklable values."""

    settings: Settings
    mapping_text: str
    mapping_name: str
    #: Where the merchant's plugin files are looked for, the first wins.
    plugin_folders: tuple[str, ...]
    templates: Mapping[str, str]
    #: The shipped ones; a template equal to its shipped text need not be read back each time.
    shipped_templates: Mapping[str, str]
    company: Company
    #: RefNumbers in use in the company -> key of the document that has it.
    taken: Mapping[str, str]


@dataclass(slots=True)
class Desk:
    """Everything a decision needs besides the case. `taken` and `rendered` grow as cases are decided."""

    settings: Settings
    answers: Answers
    company: Company
    renderer: Renderer
    taken: dict[str, str] = field(default_factory=dict)
    rendered: dict[Need, Fragment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A list entry to be added before the documents that use it."""

    need: Need
    text: str
    needs: tuple[Need, ...]
    #: An operator has to agree first (create = "ask").
    ask: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One document, decided."""

    named: Named
    #: The request's text; "" while something is missing.
    text: str
    #: Slot token -> key of the document whose TxnID belongs there.
    slots: Mapping[str, str]
    #: Names the request waits for.
    needs: tuple[Need, ...]
    holds: tuple[Hold, ...]
    #: What QuickBooks cannot keep of the texts, a clause each; the originals stay here.
    losses: tuple[str, ...] = ()
    amended_by: tuple[Provenance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one case came to."""

    order_id: str
    #: Events not known before.
    events: tuple[Event, ...] = ()
    documents: tuple[Decided, ...] = ()
    entries: tuple[Entered, ...] = ()
    #: Holds on the order and its events, and flags.
    holds: tuple[Hold, ...] = ()


def renderer_of(spec: DeskSpec) -> Renderer:
    """The templates of a workspace, compiled as they are used; one serves all its merchants."""
    return Renderer(spec.templates, shipped_schema(), proven=spec.shipped_templates)


def desk_of(spec: DeskSpec, renderer: Renderer | None = None) -> Desk:
    """Build a desk, with a renderer already warm where there is one; raises MappingInvalid or PluginBroken."""
    mapping = read(spec.mapping_text, spec.mapping_name)
    names = mapping.merchants[spec.settings.merchant].plugins
    plugins = load_plugins(names, [Path(folder) for folder in spec.plugin_folders])
    answers = Asking(mapping=mapping, merchant=spec.settings.merchant, plugins=plugins, company=spec.company)
    return Desk(
        settings=spec.settings,
        answers=answers,
        company=spec.company,
        renderer=renderer or renderer_of(spec),
        taken=dict(spec.taken),
    )


def decide(case: Case, desk: Desk) -> Decision:
    """Decide one order. A merchant's facts become holds; PluginBroken is the only thing raised."""
    order, settings = case.order, desk.settings
    if case.include_test:
        settings = replace(settings, include_test=True)
    holds = order_holds(order, settings, booked=bool(case.booked))
    if holds:
        return Decision(order_id=order.id, holds=holds)
    events = timeline(order, case.events)
    known = {event.key for event in case.events}
    fresh = tuple(event for event in events if event.key not in known)
    try:
        entries, event_holds = _bookable(case, events, desk)
        plans = shape(order, entries, case.booked, receipts=_receipts(order, desk))
        prove(entries, plans, order.currency)
        again = tuple(plan for plan in case.booked if plan.key in case.rename)
        documents, wanted = _documents((*again, *plans), case, desk)
    except BooksDoNotBalance as law:
        return Decision(order_id=order.id, holds=(_law_broken(order, law),))
    flags = tuple(flag for entry in entries for flag in entry.flags)
    return Decision(
        order_id=order.id,
        events=fresh,
        documents=documents,
        entries=wanted,
        holds=(*_changed_holds(case), *tender_holds(order), *event_holds, *flags),
    )


def _receipts(order: Order, desk: Desk) -> bool:
    choice = desk.answers.document(order)
    return choice is None or choice.value != DocumentKind.INVOICE


def _bookable(case: Case, events: Sequence[Event], desk: Desk) -> tuple[tuple[Entry, ...], tuple[Hold, ...]]:
    """Entries of events not in any document yet, on the day they are booked; and why others wait."""
    placed = {member.event_key for plan in case.booked for member in plan.members}
    # A refund record without parts posts nothing and needs no document.
    quiet = {event.key for event in case.events}
    entries: list[Entry] = []
    holds: list[Hold] = []
    for entry in walk(case.order, events):
        if entry.event.key in placed or (not entry.postings and entry.event.key in quiet):
            continue
        why = (*desk.answers.holds(entry.event, case.order), *_closed(entry, case.order, desk.settings))
        if why:
            holds += why
        else:
            entries.append(_dated(entry, desk.settings))
    return tuple(entries), tuple(holds)


def _closed(entry: Entry, order: Order, settings: Settings) -> tuple[Hold, ...]:
    """A day in a closed period waits, unless the merchant posts on the first open day of the same year."""
    closing = settings.closing_date
    if closing is None or entry.on > closing:
        return ()
    first_open = closing + timedelta(days=1)
    if settings.policy.closed_period == "first_open_day" and _same_fiscal_year(
        entry.on, first_open, settings.fiscal_first_month
    ):
        return ()
    return (
        Hold(
            reason=Reason.CLOSED_PERIOD,
            where=f"order {order.name}",
            sentence=f"It is of {entry.on}; the books are closed up to {closing}.",
            next_step="Open the period in QuickBooks, or set policy.closed_period to first_open_day.",
            subject=entry.event.key,
            cause=f"closed_period:{closing}",
        ),
    )


def _same_fiscal_year(one: date, other: date, first_month: int) -> bool:
    def year(day: date) -> int:
        return day.year if day.month >= first_month else day.year - 1

    return year(one) == year(other)


def _dated(entry: Entry, settings: Settings) -> Entry:
    closing = settings.closing_date
    if closing is None or entry.on > closing:
        return entry
    on = closing + timedelta(days=1)
    return replace(entry, on=on, postings=tuple(replace(p, on=on) for p in entry.postings))


def _law_broken(order: Order, law: BooksDoNotBalance) -> Hold:
    return Hold(
        reason=Reason.LAW_BROKEN,
        where=f"order {order.name}",
        sentence=f"It cannot be booked without breaking a law of accounting: {law}",
        next_step=law.next,
        subject=f"order/{order.id}",
        cause=f"law_broken:{order.id}",
    )


def _changed_holds(case: Case) -> tuple[Hold, ...]:
    placed = {member.event_key for plan in case.booked for member in plan.members}
    return tuple(
        Hold(
            reason=Reason.CHANGED_AFTER_BOOKING,
            where=f"order {case.order.name}",
            sentence=f"Shopify now tells other amounts for {key} than were booked.",
            next_step="Compare the order in Shopify with `qbconsole show`; correct the books by hand.",
            subject=key,
            cause=f"changed:{key}",
        )
        for key in changed(case.order, case.events)
        if key in placed
    )


def _documents(
    plans: Iterable[Plan], case: Case, desk: Desk
) -> tuple[tuple[Decided, ...], tuple[Entered, ...]]:
    documents: list[Decided] = []
    wanted: dict[Need, Entered] = {}
    for plan in plans:
        decided, entries = _document(plan, case, desk)
        documents.append(decided)
        wanted |= {entry.need: entry for entry in entries}
    return tuple(documents), tuple(wanted.values())


def _document(plan: Plan, case: Case, desk: Desk) -> tuple[Decided, tuple[Entered, ...]]:
    number = ref_number(plan.kind, plan.number, plan.suffix, plan.key, desk.taken)
    desk.taken[number.upper()] = plan.key
    slots: dict[str, str] = {}

    def slot(key: str) -> str:
        slots[slot_token(key)] = key
        return slot_token(key)

    namer = Namer(
        plan=plan,
        order=case.order,
        answers=desk.answers.on(plan.true_on or plan.on),
        company=desk.company,
        settings=desk.settings,
        slot=slot,
        fit=_fit_name,
    )
    named = name_plan(namer, number)
    document, amended_by = desk.answers.amend(named.document, case.order)
    if amended_by:
        prove_amended(named, document)
        named = replace(named, document=document)
    missing, entries, missing_holds = _missing(named, desk)
    holds = [*named.holds, *missing_holds]
    text = ""
    losses: tuple[str, ...] = ()
    if not named.holds:
        text, losses, faults = _rendered(named, desk)
        holds += faults
    return (
        Decided(
            named=named,
            text=text,
            slots=slots,
            needs=missing,
            holds=tuple(holds),
            losses=losses,
            amended_by=amended_by,
        ),
        entries,
    )


def _fit_name(text: str, limit: int) -> str:
    return fit_name(text, limit).text


def _rendered(named: Named, desk: Desk) -> tuple[str, tuple[str, ...], tuple[Hold, ...]]:
    """The request's text and what it lost, or a hold naming the template's place."""
    plan = named.plan
    try:
        fragment = desk.renderer.render(
            named.document,  # type: ignore[arg-type]
            request_id=request_id(plan.key),
            merchant=desk.settings.merchant,
            include_ret_elements=_RETURNED_BY_KIND.get(plan.kind, RETURNED),
        )
    except TemplateBroken as broken:
        return "", (), (_template_hold(plan, str(broken), broken.next),)
    if fragment.faults:
        told = "; ".join(fault.sentence for fault in fragment.faults[:3])
        return "", (), (_template_hold(plan, told, TemplateBroken.next_step),)
    return fragment.text, tuple(f"{loss.path}: {loss.what}" for loss in fragment.losses), ()


def _template_hold(plan: Plan, sentence: str, next_step: str) -> Hold:
    return Hold(
        reason=Reason.TEMPLATE,
        where=f"{plan.kind} of {plan.number}",
        sentence=sentence,
        next_step=next_step,
        subject=plan.key,
        cause=f"template:{plan.kind}",
    )


def _missing(named: Named, desk: Desk) -> tuple[tuple[Need, ...], tuple[Entered, ...], tuple[Hold, ...]]:
    """Names QuickBooks lacks or may lack: what waits for them, how to add them, and which may not be."""
    wanted = {entry.need: entry for entry in named.wanted}
    missing = tuple(need for need in named.needs if not _exists(need, desk.company))
    entries, holds = [], []
    for need in missing:
        entry = wanted.get(need)
        may = _may_create(need, desk.settings)
        if entry is not None and may != "no":
            entries.append(_entered(entry, desk, ask=may == "ask"))
        elif _is_known(need.list_kind, desk.company):
            holds.append(missing_name(named.plan.key, need.list_kind, need.full_name))
    return missing, tuple(entries), tuple(holds)


def _entered(entry: Wanted, desk: Desk, *, ask: bool) -> Entered:
    fragment = desk.rendered.get(entry.need)
    if fragment is None:
        key = f"list/{entry.need.list_kind}/{entry.need.full_name.casefold()}"
        fragment = desk.renderer.render(
            entry.entry,  # type: ignore[arg-type]
            request_id=request_id(key),
            merchant=desk.settings.merchant,
        )
        desk.rendered[entry.need] = fragment
    needs = tuple(need for need in entry.needs if not _exists(need, desk.company))
    return Entered(need=entry.need, text=fragment.text, needs=needs, ask=ask)


def _may_create(need: Need, settings: Settings) -> Create:
    """What the merchant says of adding to this list; short lists go with the items."""
    create = settings.create
    said = {"account": create.accounts, "customer": create.customers, "vendor": create.vendors}
    return said.get(need.list_kind, create.items)


def _is_known(list_kind: str, company: Company) -> bool:
    return bool(
        {
            "account": company.chart.known,
            "item": company.items.known,
            "customer": company.names.known,
            "vendor": company.names.known,
            "class": company.classes.known,
            "payment_method": company.payment_methods.known,
            "sales_tax_code": company.sales_tax_codes.known,
        }.get(list_kind)
    )


def _exists(need: Need, company: Company) -> bool:
    find = {
        "account": company.chart.find,
        "item": company.items.by_name,
        "customer": company.names.customer,
        "vendor": company.names.vendor,
        "class": company.classes.by_name,
        "payment_method": company.payment_methods.by_name,
        "sales_tax_code": company.sales_tax_codes.by_name,
    }[need.list_kind]
    found = find(need.full_name)
    return found is not None and found.is_active


def missing_name(document_key: str, list_kind: str, full_name: str) -> Hold:
    """Why a document waits for a name QuickBooks lacks."""
    what = list_kind.replace("_", " ")
    return Hold(
        reason=Reason.MISSING_NAME,
        where=f'{what} "{full_name}"',
        sentence=f'QuickBooks has no active {what} "{full_name}".',
        next_step=f"Create it in QuickBooks, map another one, or set create.{list_kind}s to yes.",
        subject=document_key,
        cause=f"missing:{list_kind}:{full_name.casefold()}",
    )


__all__ = [
    "Case",
    "Decided",
    "Decision",
    "Desk",
    "DeskSpec",
    "Entered",
    "PluginBroken",
    "decide",
    "desk_of",
    "missing_name",
]
