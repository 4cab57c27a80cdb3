"""Names QuickBooks lacks or may lack: what waits for them, how to add them, and which may not be added."""

from __future__ import annotations

from qbconsole.books.documents.fields import NEVER_ADDED
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import request_id
from qbconsole.books.naming.documents import Named
from qbconsole.books.naming.names import Need, Wanted
from qbconsole.books.policy import Create, Settings
from qbconsole.company.renames import Rename, renamed
from qbconsole.company.snapshot import Company
from qbconsole.decide.case import Entered
from qbconsole.decide.desk import Desk
from qbconsole.decide.rendering import template_hold
from qbconsole.errors import TemplateBroken


def missing_names(named: Named, desk: Desk) -> tuple[tuple[Entered, ...], tuple[Hold, ...]]:
    """Of names QuickBooks lacks or may lack: how to add them, and which may not be added."""
    entries, holds = [], []
    for need in named.missing:
        # Its entry is still there: another of the old name would be a second one, and stock or balances split.
        renames = desk.company.renames
        if renames and (rename := renamed(renames, need.list_kind, need.full_name)) is not None:
            holds.append(renamed_name(named.plan.key, need, rename))
            continue
        if desk.names.is_inactive(need):
            holds.append(inactive_name(named.plan.key, need))
            continue
        may = _may_create(need, desk.settings)
        if need in named.wanted and named.wanted[need].entry is None:
            if _is_known(need.list_kind, desk.company):
                holds.append(withheld_item(named.plan.key, need.full_name))
            continue
        if need in named.wanted and may != "no":
            try:
                entries.append(desk.entered.get(need) or _entered(named.wanted[need], desk, ask=may == "ask"))
            except TemplateBroken as broken:
                holds.append(template_hold(named.plan, str(broken), broken.next))
        elif _is_known(need.list_kind, desk.company):
            holds.append(missing_name(named.plan.key, need.list_kind, need.full_name))
    return tuple(entries), tuple(holds)


def _entered(entry: Wanted, desk: Desk, *, ask: bool) -> Entered:
    """The entry to be added, rendered once a desk: whoever wants a name first describes it. Raises TemplateBroken."""
    key = f"list/{entry.need.list_kind}/{entry.need.full_name.casefold()}"
    fragment = desk.renderer.render(
        entry.entry,  # type: ignore[arg-type]
        request_id=request_id(key),
        merchant=desk.settings.merchant,
    )
    if fragment.faults:
        raise TemplateBroken(fragment.faults[0].sentence, where=fragment.faults[0].where)
    needs = tuple(need for need in entry.needs if desk.names.lacks(need))
    entered = Entered(need=entry.need, text=fragment.text, needs=needs, ask=ask)
    desk.entered[entry.need] = entered
    return entered


def _may_create(need: Need, settings: Settings) -> Create:
    """What the merchant says of adding to this list; short lists go with the items."""
    create = settings.create
    match need.list_kind:
        case "account":
            return create.accounts
        case "customer":
            return create.customers
        case "vendor":
            return create.vendors
    return create.items


def _is_known(list_kind: str, company: Company) -> bool:
    return bool(
        {
            "account": company.chart.known,
            "item": company.items.known,
            "customer": company.names.known,
            "vendor": company.names.known,
            "class": company.classes.known,
            "payment_method": company.payment_methods.known,
            "terms": company.terms.known,
            "sales_tax_code": company.sales_tax_codes.known,
            "ship_method": company.ship_methods.known,
            "customer_message": company.customer_messages.known,
            "sales_rep": company.sales_reps.known,
            "template": company.templates.known,
            "inventory_site": company.sites.known,
        }.get(list_kind)
    )


#: What the merchant says of adding to a list; short lists go with the items.
_CREATED_AS = {"account": "accounts", "customer": "customers", "vendor": "vendors"}


def renamed_name(document_key: str, need: Need, rename: Rename) -> Hold:
    """Why a document waits for a name whose entry is called otherwise in QuickBooks by now."""
    what = need.list_kind.replace("_", " ")
    return Hold(
        reason=Reason.MISSING_NAME,
        where=f'{what} "{need.full_name}"',
        sentence=f'The {what} "{rename.was}" was renamed to "{rename.now}" in QuickBooks.',
        next_step="`qbconsole mapping check --fix` writes the new name where mappings.toml has the old one; else map it "
        "there, or give it its old name again.",
        subject=document_key,
        cause=f"missing:{need.list_kind}:{need.full_name.casefold()}",
    )


def inactive_name(document_key: str, need: Need) -> Hold:
    """Why a document waits for a name that QuickBooks has and lets nobody use."""
    what = need.list_kind.replace("_", " ")
    return Hold(
        reason=Reason.MISSING_NAME,
        where=f'{what} "{need.full_name}"',
        sentence=f'The {what} "{need.full_name}" is inactive in QuickBooks.',
        next_step="Make it active there, or map another one.",
        subject=document_key,
        cause=f"missing:{need.list_kind}:{need.full_name.casefold()}",
    )


def withheld_item(document_key: str, full_name: str) -> Hold:
    """Why a document waits for an item that QuickBooks lacks, and that we cannot add before we know what it is."""
    return Hold(
        reason=Reason.MISSING_NAME,
        where=f'item "{full_name}"',
        sentence=f'QuickBooks has no active item "{full_name}", and Shopify withholds whether stock of it is counted.',
        next_step="Grant the app read_products and read_inventory, then pull; or create it in QuickBooks.",
        subject=document_key,
        cause=f"missing:item:{full_name.casefold()}",
    )


def missing_name(document_key: str, list_kind: str, full_name: str) -> Hold:
    """Why a document waits for a name QuickBooks lacks."""
    what = list_kind.replace("_", " ")
    may = "" if list_kind in NEVER_ADDED else f", or set create.{_CREATED_AS.get(list_kind, 'items')} to yes"
    return Hold(
        reason=Reason.MISSING_NAME,
        where=f'{what} "{full_name}"',
        sentence=f'QuickBooks has no active {what} "{full_name}".',
        next_step=f"Create it in QuickBooks, map another one{may}.",
        subject=document_key,
        cause=f"missing:{list_kind}:{full_name.casefold()}",
    )
