"""Accounts meant by their number: one that QuickBooks does not have would become an account that is called so."""

from __future__ import annotations

from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.values import split_account


def number_missing(text: str, company: Company) -> str:
    """Why an account cannot be meant by its number; "" where none was given, or another fault is the matter."""
    number, name = split_account(text)
    if not number:
        return ""
    numbers = sorted(one.number for one in company.chart if one.number)
    if not numbers:
        return "is a number, and QuickBooks shows no account numbers; write the account's full name"
    named = company.chart.by_name(name) if name else None
    if named is not None:
        has = f"has the number {named.number}" if named.number else "has no number"
        return f'has another number: "{named.full_name}" {has} in QuickBooks; write it as it stands there'
    if name:
        return ""
    close = min(numbers, key=lambda one: (_apart(one, number), one))
    there = company.chart.by_number(close)
    return (
        f"is no account's number in QuickBooks, and none can be added by its number alone; nearest is "
        f"{close} ({there.full_name if there else ''})"
    )


def _apart(one: str, other: str) -> int:
    if one.isdigit() and other.isdigit():
        return abs(int(one) - int(other))
    return 10**9
