"""Plan -> journal entry: debits and credits as positive amounts, whose each line is where QuickBooks asks it."""

from __future__ import annotations

from qbconsole.books.documents import Memo
from qbconsole.books.documents.journal_entry import JournalEntry, JournalLine
from qbconsole.books.identity import external_guid
from qbconsole.books.naming.entries import (
    DEFAULT_AGENCY,
    want_account,
    want_class,
    want_customer,
    want_vendor,
)
from qbconsole.books.naming.lines import AccountPosting
from qbconsole.books.naming.namer import Namer
from qbconsole.books.plan import LineKind, PlanLine, Posting

RECEIVABLE = "accounts_receivable"
_OWN_TAX = "sales_tax_payable"


def journal_entry(namer: Namer, ref_number: str, memo: Memo) -> tuple[object, list[AccountPosting]]:
    """The key stands in each line's memo: the header's is not for the US desktop."""
    plan = namer.plan
    accounts: list[AccountPosting] = []
    debits: list[JournalLine] = []
    credits: list[JournalLine] = []
    class_name = namer.choose("class", namer.answers.class_(None, namer.order))
    for posting in plan.postings:
        account, entity = _account(namer, posting)
        accounts.append(
            AccountPosting(
                on=plan.on, role=posting.role, account=account, amount=posting.amount, facet=posting.facet
            )
        )
        line = JournalLine(
            account_ref=account,
            amount=abs(posting.amount),
            memo=Memo(text=memo.text, key=memo.key),
            entity_ref=entity,
            class_ref=want_class(namer, class_name) if class_name else None,
        )
        (debits if posting.amount.amount > 0 else credits).append(line)
    document = JournalEntry(
        txn_date=plan.on,
        ref_number=ref_number,
        external_guid=external_guid(plan.key),
        debits=tuple(debits),
        credits=tuple(credits),
    )
    return document, accounts


def _account(namer: Namer, posting: Posting) -> tuple[str, str | None]:
    """The account of a line, and the customer or tax agency QuickBooks asks for beside it."""
    if posting.role == RECEIVABLE:
        account = receivable(namer)
        return account, chosen_customer(namer) if _is_receivable(namer, account) else None
    account, _ = namer.account(posting.role)
    if account.startswith("?"):
        return account, None
    entity = None
    if posting.role == _OWN_TAX and namer.is_own_tax_account(account):
        entity = _agency(namer, posting.facet)
    return want_account(namer, account, posting.role), entity


def _is_receivable(namer: Namer, account: str) -> bool:
    """In summary the role may stand on an Other Current Asset, which has no customers."""
    found = namer.company.chart.find(account) if namer.company.chart.known else None
    return found is None or found.account_type == "AccountsReceivable"


def _agency(namer: Namer, title: str) -> str:
    """The vendor that the tax of this title is owed to."""
    line = PlanLine(
        kind=LineKind.TAX,
        role=_OWN_TAX,
        amount=namer.plan.postings[0].amount,
        label=title,
        tax_title=title,
    )
    item = namer.choose(f"tax item of {title}", namer.answers.tax_item(line, namer.order))
    agency = namer.choose(f"agency of {title}", namer.answers.agency(item)) if item else None
    return want_vendor(namer, agency or _agency_of(namer, item) or DEFAULT_AGENCY)


def _agency_of(namer: Namer, item: str | None) -> str:
    """Whom QuickBooks itself owes the item's tax to; "" where it lacks the item, or for a group of several."""
    items = namer.company.items
    found = items.by_name(item) if items.known and item else None
    return str(found.tax_vendor) if found and found.tax_vendor else ""


def receivable(namer: Namer) -> str:
    """The account customers owe on."""
    account, _ = namer.account(RECEIVABLE)
    return account if account.startswith("?") else namer.need("account", account)


def customers_account(namer: Namer) -> str:
    """The account of an invoice, memo or payment: a real A/R account, also where the role has another one."""
    name = receivable(namer)
    if name.startswith("?") or _is_receivable(namer, name):
        return name
    found = namer.company.chart.by_special("AccountsReceivable")
    return namer.need("account", found.full_name) if found else name


def chosen_customer(namer: Namer) -> str:
    """The customer the rules choose, or "?customer" and a hold."""
    name = namer.choose("customer", namer.answers.customer(namer.order))
    if name is None:
        namer.unmapped("customer", "customers.house", "customer")
        return "?customer"
    return want_customer(namer, name)
