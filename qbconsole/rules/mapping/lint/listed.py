"""What a merchant's tables name, held against QuickBooks' lists: is it there, in use, and of a kind that can do this?

A list that was never read proves nothing. What is not there is no error where we may add it; but a name that looks
like one that is there is most likely misspelt. Sources: accounting.md section 1 (types by role); protocol notes,
sections 12 (items) and 15 (sales tax); a journal line's account needs the company's currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from qbconsole.books.roles import CLEARING_TYPES, ROLES
from qbconsole.company.records import Account
from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.lint.numbers import number_missing
from qbconsole.rules.mapping.lint.renamed import written_now
from qbconsole.rules.mapping.values import Mapping, Merchant, Said
from qbconsole.value import Value

#: From here on a name that is not there looks like one that is.
_ALIKE = 88
_TAXES = frozenset({"ItemSalesTax", "ItemSalesTaxGroup"})
#: No sales line can carry the sale of something with these.
_NO_SALE = frozenset({*_TAXES, "ItemPayment", "ItemSubtotal", "ItemGroup", "ItemFixedAsset"})
#: Judged with the way sales are booked, by `lint` itself.
_BY_MODE = frozenset({"accounts_receivable"})


class Remark(Value):
    """One thing that is wrong with one entry."""

    line: int
    #: "merchants.oak-ember.accounts.sales_income".
    path: str
    sentence: str
    is_error: bool = True
    #: The name that QuickBooks lacks, where it is that.
    absent: str = ""


def remarks(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    """Everything the lists say against the entries that count for a merchant, its own before the defaults'."""
    for kind, one in (
        *(("account", row) for row in _accounts(mapping, merchant, company)),
        *(("item", row) for row in _items(mapping, merchant, company)),
        *(("item", row) for row in _taxes(mapping, merchant, company)),
    ):
        # A name that is gone because its entry is called otherwise now has a finding of its own.
        if not one.absent or not written_now(kind, one.absent, company.renames):
            yield one
    yield from _classes(mapping, merchant, company)


def _entries(mapping: Mapping, merchant: Merchant, table: str) -> Iterator[tuple[str, str, Said]]:
    """Key, path and entry; what the merchant says itself hides what the defaults say."""
    seen: set[str] = set()
    for level in mapping.ladder(merchant.id):
        for key, said in level.entries.get(table, {}).items():
            if key not in seen:
                seen.add(key)
                yield key, f"{level.level}.{table}.{key}", said


def _accounts(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    if not company.chart.known:
        return
    names = [one.full_name for one in company.chart if one.is_active]
    tables: tuple[tuple[str, Callable[[str], tuple[str, ...]]], ...] = (
        ("accounts", lambda role: ROLES[role].types if role in ROLES else ()),
        ("clearing", lambda _gateway: CLEARING_TYPES),
    )
    for table, types_of in tables:
        for key, path, said in _entries(mapping, merchant, table):
            account = company.chart.find(said.value)
            if account is None and (why := number_missing(said.value, company)):
                yield Remark(line=said.line, path=path, sentence=f'"{said.value}" {why}')
            elif account is None:
                yield from absent(said, path, "account", names, merchant.create.accounts)
            elif why := _unfit(account, types_of(key), key, company):
                yield Remark(line=said.line, path=path, sentence=f'"{said.value}" {why}')


def _unfit(account: Account, types: tuple[str, ...], key: str, company: Company) -> str:
    """Why an account cannot be used here; "" when it can."""
    if why := unusable(account, company):
        return why
    if types and key not in _BY_MODE and account.account_type not in types:
        use = f" ({ROLES[key].use})" if key in ROLES else ""
        return f"is of type {account.account_type}; {key}{use} needs {' or '.join(types)}"
    return ""


def unusable(account: Account, company: Company) -> str:
    """Why nothing can be posted to an account; "" when something can."""
    if not account.is_active:
        return "is inactive in QuickBooks; make it active there, or name another"
    preferences = company.preferences
    home = str(preferences.home_currency) if preferences and preferences.multi_currency else ""
    if home and account.currency and account.currency.casefold() != home.casefold():
        return f"is kept in {account.currency}, and the company in {home}; name an account in {home}"
    return ""


def _items(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    items = company.items
    if not items.known:
        return
    names = [one.full_name for one in items if one.is_active]
    rows = [
        row for table in ("items", "items.sku", "items.variant") for row in _entries(mapping, merchant, table)
    ]
    for key, path, said in rows:
        if key == "product":  # a way, no name
            continue
        item = items.by_name(said.value)
        if item is None:
            yield from absent(said, path, "item", names, merchant.create.items)
        elif not item.is_active:
            yield Remark(
                line=said.line,
                path=path,
                sentence=f'"{said.value}" is inactive in QuickBooks; make it active there, or name another item',
            )
        elif item.kind in _NO_SALE and key not in _OF_THEIR_KIND.get(item.kind, ()):
            yield Remark(
                line=said.line,
                path=path,
                sentence=f'"{said.value}" is of kind {item.kind}, which no line of a sale can be written with; name a '
                "service, non-inventory, other-charge or inventory item",
            )


#: Where the kinds of _NO_SALE are meant.
_OF_THEIR_KIND = {
    "ItemSalesTax": ("zero_tax",),
    "ItemSubtotal": ("subtotal",),
    "ItemPayment": ("payment",),
    "ItemGroup": (),
}


def _taxes(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    items = company.items
    if not items.known or merchant.policy.tax == "liability_line":
        return
    taxes = [one.full_name for one in items if one.kind in _TAXES and one.is_active]
    for _, path, said in _entries(mapping, merchant, "taxes"):
        item = items.by_name(said.value)
        if item is None:
            # Only its owner knows a rate, so one that is to compute is never added by us.
            may = "no" if merchant.policy.tax == "quickbooks" else merchant.create.items
            yield from absent(said, path, "sales-tax item", taxes, may)
        elif item.kind not in _TAXES:
            yield Remark(
                line=said.line,
                path=path,
                sentence=f'"{said.value}" is of kind {item.kind}, no sales-tax item; name one, or write it as `charge`',
            )
        elif not item.is_active:
            yield Remark(line=said.line, path=path, sentence=f'"{said.value}" is inactive in QuickBooks')
        elif item.kind == "ItemSalesTax" and not item.tax_vendor:
            yield Remark(
                line=said.line,
                path=path,
                sentence=f'"{said.value}" has no tax agency in QuickBooks, so nobody is owed what it collects; '
                "choose its vendor there",
            )


def _classes(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    preferences = company.preferences
    if preferences is None or preferences.class_tracking:
        return
    named = [
        (said.line, path)
        for table in ("classes", "classes.locations", "classes.channels")
        for _, path, said in _entries(mapping, merchant, table)
    ]
    named += [
        (rule.line, f"{level.level}.rules[{place}].class")
        for level in mapping.ladder(merchant.id)
        for place, rule in enumerate(level.rules)
        if "class" in rule.outcomes
    ]
    for line, path in named:
        yield Remark(
            line=line,
            path=path,
            sentence="class tracking is off in QuickBooks, which refuses classes then; switch it on there "
            "(Edit > Preferences > Accounting), or name no class",
        )


def absent(said: Said, path: str, kind: str, names: Iterable[str], may_add: str) -> Iterator[Remark]:
    """A name QuickBooks lacks: an error where nobody may add it, a warning where it looks misspelt."""
    from rapidfuzz import fuzz, process  # only where a name is not there: it takes 20 ms to import

    near = process.extractOne(said.value, list(names), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    if may_add == "no":
        yield Remark(
            line=said.line,
            path=path,
            sentence=f'QuickBooks has no {kind} "{said.value}", and [create] forbids to add one{hint}',
            absent=said.value,
        )
    elif near:
        yield Remark(
            line=said.line,
            path=path,
            sentence=f'QuickBooks has no {kind} "{said.value}" and would get one{hint}',
            is_error=False,
            absent=said.value,
        )
