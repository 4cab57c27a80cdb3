"""docs/accounting.md tells the truth: each example's figures are its golden case's, and each event has one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from golden.accounting_page import BLOCK, GOLDEN, PAGE, example, table, with_examples
from golden.harness import WRITE

from qbconsole.books.policy import Modes, Policy
from qbconsole.books.roles import CLEARING, ROLES

NAMES = [found[1] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def test_every_example_is_its_golden_case():
    page = PAGE.read_text(encoding="utf-8")
    if WRITE:
        PAGE.write_text(with_examples(page), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == with_examples(page), "`make golden` writes the examples anew"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_balances_day_by_day_and_uses_known_roles(name):
    sums: dict[str, Decimal] = {}
    for row in example(name).splitlines():
        if row.startswith("| 20"):
            day, role, debit, credit = (cell.strip(" `") for cell in row.strip("|").split("|"))
            assert role in ROLES or role.startswith(CLEARING)
            sums[day] = sums.get(day, Decimal(0)) + Decimal(debit or 0) - Decimal(credit or 0)
    assert all(not left for left in sums.values())


def test_no_case_stands_on_the_page_twice_and_all_are_there():
    assert len(NAMES) == len(set(NAMES)) > 35
    assert all((GOLDEN / name).is_dir() for name in NAMES)


def test_every_choice_is_named_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    choices = page.split("\n## Choices", maxsplit=1)[1]
    for settings in (Policy, Modes):
        for name in settings.__dataclass_fields__:
            assert f"| `{name}` |" in choices, f"say in docs/accounting.md what {name} chooses"


def test_debits_stand_on_the_left_and_before_credits():
    rows = table({"2026-03-02": {"sales_income": "-5.00", "clearing:cash": "5.00"}})[2:]
    assert rows == ["| 2026-03-02 | `clearing:cash` | 5.00 |  |", "| 2026-03-02 | `sales_income` |  | 5.00 |"]
