"""The laws once more, for a document that a plugin amended: it must still post what the plan says.

A plugin may change names, texts, classes and how lines are cut; it may not move an amount to another account, nor
touch what a probe finds the document by (number, GUID, key, date). Source: design.md section 5, "Laws".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias, TypeVar

from qbconsole.books.documents import CreditMemo, Invoice, SalesLine, SalesReceipt
from qbconsole.books.documents.journal_entry import JournalEntry, JournalLine
from qbconsole.books.naming.documents import Named
from qbconsole.errors import BooksDoNotBalance
from qbconsole.money import Money

#: What no amendment may change: the document's identity, its accounts, its money, its taxes.
_FIXED = (
    "txn_date",
    "ref_number",
    "external_guid",
    "ar_account_ref",
    "deposit_to_account_ref",
    "refund_from_account_ref",
    "account_ref",
    "total_amount",
    "amount",
    "is_auto_apply",
    "is_pending",
    "exchange_rate",
    "item_sales_tax_ref",
    "customer_sales_tax_code_ref",
    "set_credits",
    "applied_to",
    "apply_to",
    "expense_lines",
    "ap_account_ref",
    "link_to_txn_ids",
    "from_inventory_site_ref",
    "to_inventory_site_ref",
)
#: What no amendment may change on a line of a document that is not a sale or a journal entry.
_LINE_FIXED = (
    "account_ref",
    "item_ref",
    "amount",
    "quantity",
    "cost",
    "rate",
    "new_quantity",
    "quantity_difference",
    "quantity_to_transfer",
    "override_item_account_ref",
    "link_to_txn",
)
_Sums: TypeAlias = dict[str, Decimal]
_Line = TypeVar("_Line")


def prove_amended(named: Named, amended: object, by: str) -> None:
    """Raise BooksDoNotBalance, which names who amended it, unless the document is found and posts as the named one."""
    try:
        _prove(named, amended)
    except BooksDoNotBalance as law:
        what = f"amend_document of {by} {law.what}"
        raise BooksDoNotBalance(
            what, where=law.where, next="Mend the plugin, then run `qbconsole book`."
        ) from law


def _prove(named: Named, amended: object) -> None:
    before, key = named.document, named.plan.key
    for field in _FIXED:
        was, is_now = getattr(before, field, None), getattr(amended, field, None)
        if was != is_now:
            raise _broken(key, f"changes {field} from {was} to {is_now}")
    memo = getattr(before, "memo", None)
    if memo is not None and getattr(getattr(amended, "memo", None), "key", "") != memo.key:
        raise _broken(key, "takes the key out of the memo")
    if not isinstance(before, SalesReceipt | Invoice | CreditMemo | JournalEntry):
        _same_lines(named, before, amended)
    was_posted, is_posted = _posted(named, before), _posted(named, amended)
    for account in sorted(was_posted | is_posted):
        was_sum, now_sum = was_posted.get(account, Decimal(0)), is_posted.get(account, Decimal(0))
        if was_sum != now_sum:
            raise _broken(key, f"posts {now_sum} instead of {was_sum} to {account}")


def _same_lines(named: Named, before: object, amended: object) -> None:
    """Goods and deposits: a plugin may change words, classes and vendors, never what a line moves."""
    if type(amended) is not type(before):
        raise _broken(named.plan.key, f"makes a {type(amended).__name__} of a {type(before).__name__}")
    for field in ("lines", "item_lines"):
        was, now = _facts_of(before, field), _facts_of(amended, field)
        if was != now:
            raise _broken(named.plan.key, f"changes what its {field.replace('_', ' ')} move")


def _facts_of(document: object, field: str) -> list[tuple[object, ...]]:
    lines = getattr(document, field, ())
    if not isinstance(lines, tuple):
        return [(lines,)]
    return [tuple(getattr(line, name, None) for name in _LINE_FIXED) for line in lines]


def _broken(key: str, what: str) -> BooksDoNotBalance:
    return BooksDoNotBalance(what, where=key)


def _posted(named: Named, document: object) -> _Sums:
    if isinstance(document, SalesReceipt | Invoice | CreditMemo):
        return _sold(named, document)
    if isinstance(document, JournalEntry):
        return _journaled(named, document)
    return {}


def _sold(named: Named, document: SalesReceipt | Invoice | CreditMemo) -> _Sums:
    """Line amounts by account: the line's own, or the one its item posts to as we named it."""
    accounts = _item_accounts(named)
    unpriced = {line.item_ref for line in _lines(named.document) if line.amount is None}
    sums: _Sums = {}
    for line in _all(named, document.lines, SalesLine):
        if line.rate is not None or (line.amount is None and line.item_ref not in {None, *unpriced}):
            raise _broken(named.plan.key, f'leaves the amount of "{line.item_ref}" to QuickBooks')
        if line.amount is None:
            continue
        account = line.override_item_account_ref or accounts.get(line.item_ref, f'item "{line.item_ref}"')
        sums[account] = sums.get(account, Decimal(0)) + _amount(named, line.amount)
    return sums


def _lines(document: object) -> tuple[SalesLine, ...]:
    return tuple(getattr(document, "lines", ()))


def _item_accounts(named: Named) -> Mapping[str | None, str]:
    """Item -> account of the lines that state none; postings stand in the order of the priced lines."""
    priced = (line for line in _lines(named.document) if line.amount is not None)
    return {
        line.item_ref: posting.account
        for line, posting in zip(priced, named.accounts, strict=False)
        if line.override_item_account_ref is None
    }


def _journaled(named: Named, document: JournalEntry) -> _Sums:
    sums: _Sums = {}
    for lines, sign in ((document.debits, 1), (document.credits, -1)):
        for line in _all(named, lines, JournalLine):
            before = sums.get(line.account_ref, Decimal(0))
            sums[line.account_ref] = before + sign * _amount(named, line.amount)
    return sums


def _all(named: Named, lines: object, kind: type[_Line]) -> Iterator[_Line]:
    if not isinstance(lines, tuple):
        raise _broken(named.plan.key, f"gives a {type(lines).__name__} for the lines, not a tuple")
    for line in lines:
        if not isinstance(line, kind):
            raise _broken(named.plan.key, f"has a {type(line).__name__} for a line")
        yield line


def _amount(named: Named, amount: object) -> Decimal:
    currency = named.plan.currency
    if not isinstance(amount, Money) or amount.currency != currency:
        raise _broken(named.plan.key, f"has the amount {amount!r}, which is no Money in {currency}")
    return amount.amount
