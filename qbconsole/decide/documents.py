"""Plans -> decided documents: numbered, named, amended, rendered and checked; and the list entries they need."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from qbconsole.books.answers import Provenance
from qbconsole.books.holds import Hold, Released
from qbconsole.books.identity import ref_number
from qbconsole.books.naming.amended import prove_amended
from qbconsole.books.naming.documents import Named, name_plan
from qbconsole.books.naming.following.so_far import SharedNames
from qbconsole.books.naming.namer import Namer
from qbconsole.books.naming.names import Need
from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.decide.case import Decided, Entered
from qbconsole.decide.desk import Desk
from qbconsole.decide.missing import missing_names
from qbconsole.decide.rendering import Rendered, rendered
from qbconsole.qbxml.render import slot_token
from qbconsole.shop.events import Event, EventKind
from qbconsole.shop.orders import Order
from qbconsole.value import Value, replace

#: What the answer to an Add must bring back: enough to record and to compare the total.
RETURNED = ("TxnID", "EditSequence", "RefNumber", "Subtotal", "SalesTaxTotal", "TotalAmount")
_RETURNED_BY_KIND = {
    DocumentKind.INVOICE: ("TxnID", "EditSequence", "RefNumber", "Subtotal", "SalesTaxTotal"),
    DocumentKind.CHECK: ("TxnID", "EditSequence", "RefNumber", "Amount"),
    # It states no total: its debits are asked for and added up.
    DocumentKind.JOURNAL_ENTRY: ("TxnID", "EditSequence", "RefNumber", "JournalDebitLine"),
    DocumentKind.RECEIVE_PAYMENT: ("TxnID", "EditSequence", "RefNumber", "TotalAmount"),
    DocumentKind.AR_REFUND_CREDIT_CARD: ("TxnID", "EditSequence", "RefNumber", "TotalAmount"),
    DocumentKind.DEPOSIT: ("TxnID", "EditSequence", "DepositTotal"),
    DocumentKind.BILL: ("TxnID", "EditSequence", "RefNumber", "AmountDue"),
    DocumentKind.ITEM_RECEIPT: ("TxnID", "EditSequence", "RefNumber", "TotalAmount"),
    DocumentKind.VENDOR_CREDIT: ("TxnID", "EditSequence", "RefNumber", "CreditAmount"),
    # Its lines are asked for, because a receipt is tied to the ids of the lines it fills.
    DocumentKind.PURCHASE_ORDER: (
        "TxnID",
        "EditSequence",
        "RefNumber",
        "TotalAmount",
        "PurchaseOrderLineRet",
    ),
    DocumentKind.SALES_ORDER: ("TxnID", "EditSequence", "RefNumber", "TotalAmount"),
    DocumentKind.ESTIMATE: ("TxnID", "EditSequence", "RefNumber", "TotalAmount"),
    DocumentKind.INVENTORY_ADJUSTMENT: ("TxnID", "EditSequence", "RefNumber"),
    DocumentKind.TRANSFER_INVENTORY: ("TxnID", "EditSequence", "RefNumber"),
}


def returned(kind: DocumentKind) -> tuple[str, ...]:
    """What the answer to an Add of this kind must bring back."""
    return _RETURNED_BY_KIND.get(kind, RETURNED)


class Draft(Value):
    """A document with its names, which nobody wrote yet."""

    named: Named
    #: Token that stands for a TxnID -> key of the document it is of.
    slots: Mapping[str, str]
    amended_by: tuple[Provenance, ...] = ()


def decided_documents(
    plans: Iterable[Plan],
    order: Order,
    desk: Desk,
    *,
    stand_in: bool = False,
    shared: SharedNames | None = None,
) -> tuple[tuple[Decided, ...], tuple[Entered, ...]]:
    """Each plan as a document; `order` is what the rules look at: the order, or a stand-in, which nothing prints.

    `shared` are the names of what is booked beside them, None where nothing is ever bound to another.
    """
    documents: list[Decided] = []
    wanted: dict[Need, Entered] = {}
    for draft in drafts(plans, order, desk, shared):
        decided, entries = decided_document(draft, None if stand_in else order, desk)
        documents.append(decided)
        wanted |= {entry.need: entry for entry in entries}
    return tuple(documents), tuple(wanted.values())


def drafts(plans: Iterable[Plan], order: Order, desk: Desk, shared: SharedNames | None) -> Iterator[Draft]:
    """The plans drafted one after the other; what is bound to another takes the names they share."""
    for plan in plans:
        if shared is None:
            yield drafted(plan, order, desk)
            continue
        answers = shared.answers_for(plan, desk.answers, desk.names)
        draft = drafted(
            plan, order, desk if answers is desk.answers else dataclasses.replace(desk, answers=answers)
        )
        shared.take(plan, draft.named.document)
        yield draft


def drafted(plan: Plan, order: Order, desk: Desk) -> Draft:
    """A plan numbered, named and amended: all that is asked of rules and plugins. Raises BooksDoNotBalance."""
    given, suffix = plan.told_number
    # What has a number keeps it, whatever the mapping says of numbers now.
    number = desk.number_of(plan.key) or ref_number(
        plan.kind, given, suffix, plan.key, desk.taken, desk.settings.numbers
    )
    desk.taken[number.upper()] = plan.key
    slots: dict[str, str] = {}

    def slot(key: str) -> str:
        slots[slot_token(key)] = key
        return slot_token(key)

    namer = Namer(
        names=desk.names,
        plan=plan,
        order=order,
        answers=desk.answers.on(plan.true_on or plan.on),
        slot=slot,
    )
    named = name_plan(namer, number)
    document, amended_by = desk.answers.amend(named.document, order)
    if amended_by:
        prove_amended(named, document, " and ".join(f"plugin {by.who} ({by.place})" for by in amended_by))
        named = replace(named, document=document)
    return Draft(named=named, slots=slots, amended_by=amended_by)


def decided_document(
    draft: Draft, behind: Order | None, desk: Desk, *, unwritten: bool = False
) -> tuple[Decided, tuple[Entered, ...]]:
    """A draft written and checked, and the list entries it needs; `behind` is the order a template may print of.

    `unwritten` leaves the request out: for who knows already that it can be written.
    """
    named = draft.named
    made = (
        Rendered() if named.holds or unwritten else rendered(named, behind, returned(named.plan.kind), desk)
    )
    if made.template is not None:
        why = (*named.why, ("request template", made.template))
        named = replace(named, why=why, missing=(*named.missing, *made.missing))
    entries, missing_holds = missing_names(named, desk)
    holds = (*named.holds, *missing_holds, *made.holds)
    return (
        Decided(
            named=named,
            text=made.text,
            slots=draft.slots,
            needs=named.missing,
            holds=holds,
            losses=made.losses,
            amended_by=draft.amended_by,
        ),
        entries,
    )


# What is booked and unsent follows the decisions in force, also where they would not book it any more: it keeps its shape
# and its place in the books; a rule, filter or plugin that holds what it stands for holds its delivery.


def waits_again(
    plans: Sequence[Plan],
    events: Sequence[Event],
    why: Callable[[Event], Collection[Hold]],
    released: Collection[Released],
) -> dict[str, tuple[Hold, ...]]:
    """Document key -> why it waits now, for those that do; `why` gives the reasons to hold an event.

    What a person let go stays let go: for the document, and for the event before it was booked.
    """
    told = {event.key: event for event in events}
    found: dict[str, tuple[Hold, ...]] = {}
    for plan in plans:
        behind = {event.key: event for member in plan.members if (event := _behind(member.event_key, told))}
        holds = (
            replace(hold, subject=plan.key)
            for event in behind.values()
            for hold in why(event)
            if hold.released not in released
        )
        if standing := tuple(dict.fromkeys(hold for hold in holds if hold.released not in released)):
            found[plan.key] = standing
    return found


def kept_back(documents: Sequence[Decided], waits: Mapping[str, tuple[Hold, ...]]) -> tuple[Decided, ...]:
    """The documents, without a request where one waits."""
    return tuple(
        replace(one, text="", holds=(*one.holds, *waits[one.named.plan.key]))
        if one.named.plan.key in waits
        else one
        for one in documents
    )


def _behind(key: str, told: Mapping[str, Event]) -> Event | None:
    """The event that a member tells of; of what booking derived, the one it was derived from."""
    kind, _, rest = key.partition("/")
    if kind == EventKind.COST:
        key = rest.partition(".restock")[0]
    elif kind == EventKind.RELEASE:
        # It is derived from all that came before: whoever holds the order holds the first of it.
        return next(iter(told.values()), None)
    return told.get(key)
