"""Names QuickBooks lacks or may lack: what waits for them, how to add them, and which may not be added."""

from __future__ import annotations

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import request_id
from qbconsole.books.naming.documents import Named
from qbconsole.books.naming.namer import Need, Wanted
from qbconsole.books.policy import Create, Settings
from qbconsole.company.snapshot import Company
from qbconsole.decide.case import Entered
from qbconsole.decide.desk import Desk


def missing_names(named: Named, desk: Desk) -> tuple[tuple[Need, ...], tuple[Entered, ...], tuple[Hold, ...]]:
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
            "terms": company.terms.known,
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
        "terms": company.terms.by_name,
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
