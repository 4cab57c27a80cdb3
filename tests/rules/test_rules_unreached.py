"""Rules that never answer are told; a rule that may still answer never is."""

from __future__ import annotations

import pytest

from qbconsole.bundled import bundled
from qbconsole.rules.mapping.lint import lint

SHIPPED = bundled("mappings.toml").read_text(encoding="utf-8")


def told(*rules: str) -> list[str]:
    text = SHIPPED + "".join(f"\n[[merchants.oak-ember.rules]]\n{rule}\n" for rule in rules)
    return [
        one.fault.path.rpartition(".")[2] + (" error" if one.is_error else "")
        for one in lint(text, {})
        if "never answers" in one.fault.sentence
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('when = { tag = ["a", "b"] }\nclass = "X"', 'when = { tag = "a" }\nclass = "Y"'),
        ('class = "X"', 'when = { tag = "a" }\nclass = "Y"'),
        ('when = { sku = "*" }\nitem = "X"', 'when = { sku = "A", tag = "a" }\nitem = "Y"'),
        (
            'when = { amount = { at_least = "5" } }\nclass = "X"',
            'when = { amount = { at_least = "6" } }\nclass = "Y"',
        ),
        ('from = 2026-01-01\nclass = "X"', 'from = 2026-02-01\nuntil = 2026-03-01\nclass = "Y"'),
    ],
)
def test_an_earlier_broader_rule_is_told_and_the_other_order_is_not(first, second):
    assert told(first, second) == ["rules[1]"]
    assert told(second, first) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('class = "X"', 'when = { tag = "a" }\nitem = "Y"'),
        ('class = "X"', 'when = { tag = "a" }\nclass = "Y"\ncustomer = "Z"'),
        ('class = "X"', 'when = { sku = "A" }\nclass = "Y"'),
        ('account = "X"', 'when = { role = "tips_payable" }\naccount = "Y"'),
        ('hold = "X"', 'when = { tag = "a" }\nhold = "Y"'),
        ('until = 2026-01-01\nclass = "X"', 'when = { tag = "a" }\nclass = "Y"'),
    ],
)
def test_a_rule_of_other_questions_takes_nothing(first, second):
    assert told(first, second) == []


def test_an_amount_that_no_number_has_is_told():
    assert told('when = { amount = { at_least = "9", below = "5" } }\nclass = "X"') == ["rules[0]"]
