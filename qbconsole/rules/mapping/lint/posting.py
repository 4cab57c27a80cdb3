"""Accounts that rules name, and items beside the accounts of what they are for.

QuickBooks takes one line on accounts receivable or payable an entry, and then with its customer or vendor, so no rule may
send anything there; an item cannot post to these, to its own tax account or to Undeposited Funds. Source: accounting.md
section 1, protocol notes (JournalEntryAdd).
"""

from __future__ import annotations

from collections.abc import Iterator

from qbconsole.books.roles import CLEARING, CLEARING_TYPES, ROLES, stand_ins
from qbconsole.company.records import Account
from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.lint.listed import Remark, absent, unusable
from qbconsole.rules.mapping.lint.numbers import number_missing
from qbconsole.rules.mapping.values import Mapping, Merchant, Said

_ONE_LINE = {"AccountsReceivable": "accounts receivable", "AccountsPayable": "accounts payable"}
#: QuickBooks' own accounts that no item can post to.
_NO_ITEM = {"SalesTaxPayable": "its own sales tax account", "UndepositedFunds": "Undeposited Funds"}


def postings(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    """What the lists say against where things would be posted."""
    if not company.chart.known:
        return
    yield from _ruled(mapping, merchant, company)
    yield from _roles(mapping, merchant, company)
    yield from _items(mapping, merchant, company)


def _ruled(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    """Accounts that rules choose."""
    names = [one.full_name for one in company.chart if one.is_active]
    for level in mapping.ladder(merchant.id):
        for position, rule in enumerate(level.rules):
            if not (name := rule.outcomes.get("account")):
                continue
            said = Said(value=name, line=rule.line)
            path = f"{level.level}.rules[{position}].account"
            account = company.chart.find(name)
            if account is None and (why := number_missing(name, company)):
                yield Remark(line=rule.line, path=path, sentence=f'"{name}" {why}')
                continue
            if account is None:
                yield from absent(said, path, "account", names, merchant.create.accounts)
                continue
            roles = rule.when.get("role", ())
            why = unusable(account, company) or _no_place_for_rules(account, roles)
            if not why and "gateway" in rule.when and "role" not in rule.when:
                why = _wrong_type(account, "the clearing account of a gateway", CLEARING_TYPES)
            elif not why:
                why = next(filter(None, (_of_role(account, role) for role in roles)), "")
            if why:
                yield Remark(line=rule.line, path=path, sentence=f'"{name}" {why}')


def _no_place_for_rules(account: Account, roles: tuple[str, ...]) -> str:
    for role in roles:
        if role in ROLES and account.account_type in ROLES[role].types:
            return ""  # who says accounts_receivable means it
    if account.account_type in _ONE_LINE:
        kind = _ONE_LINE[account.account_type]
        return f"is {kind}, and QuickBooks takes one such line an entry, with its name; name another account"
    if account.account_type == "NonPosting":
        return "is a non-posting account, which takes no amounts; name another"
    if not roles and account.special_account_type in _NO_ITEM:
        return f"is {_NO_ITEM[account.special_account_type]}, which no line of a sale can name; name another account"
    return ""


def _of_role(account: Account, role: str) -> str:
    if role.startswith(CLEARING):
        return _wrong_type(account, role, CLEARING_TYPES)
    if role not in ROLES or "*" in role:
        return ""
    return _wrong_type(account, f"{role} ({ROLES[role].use})", ROLES[role].types)


def _wrong_type(account: Account, what: str, types: tuple[str, ...]) -> str:
    if account.account_type in types:
        return ""
    return f"is of type {account.account_type}; {what} needs {' or '.join(types)}"


def _said(mapping: Mapping, merchant: Merchant, table: str, key: str) -> tuple[Said | None, str]:
    for level in mapping.ladder(merchant.id):
        if found := level.said(table, key):
            return found, f"{level.level}.{table}.{key}"
    return None, ""


def _roles(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    """Accounts of roles whose lines are written with an item; tax as a tax item is QuickBooks' own affair."""
    as_item = merchant.policy.tax != "liability_line"
    for role in ROLES.values():
        said, path = _said(mapping, merchant, "accounts", role.name)
        account = company.chart.find(said.value) if said else None
        if said is None or account is None or not role.item or (role.special and as_item):
            continue
        if special := _NO_ITEM.get(account.special_account_type):
            yield Remark(
                line=said.line,
                path=path,
                sentence=f'"{said.value}" is {special}, to which no item can post; name an ordinary account of type '
                f"{role.types[0]}",
            )


def _items(mapping: Mapping, merchant: Merchant, company: Company) -> Iterator[Remark]:
    """Items of roles that post elsewhere than their role: each line has to state the other account."""
    if not company.items.known:
        return
    for role in ROLES.values():
        said, path = _said(mapping, merchant, "items", role.name)
        item = company.items.by_name(said.value) if said else None
        if said is None or item is None or not role.item or not str(item.income_account):
            continue
        named, where = _account_of(mapping, merchant, role.name)
        account = company.chart.find(named) if named else None
        own = str(item.income_account)
        if account is None or account.full_name.casefold() == own.casefold():
            continue
        yield Remark(
            line=said.line,
            path=path,
            sentence=f'"{said.value}" posts to "{own}" in QuickBooks, and {where} says "{account.full_name}": each line '
            "would state that account instead of the item's, so reports by item and by account differ; name one account "
            "in both",
            is_error=False,
        )


def _account_of(mapping: Mapping, merchant: Merchant, role: str) -> tuple[str, str]:
    for name in stand_ins(role):
        said, path = _said(mapping, merchant, "accounts", name)
        if said is not None:
            return said.value, path
    return "", ""
