"""Rules that never answer are told; a rule that may still answer never is."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.bundled import bundled
from qbconsole.rules.mapping.lint import lint
from qbconsole.rules.mapping.lint.unreached import unreached
from qbconsole.rules.mapping.values import Rule

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


def test_a_condition_without_any_text_is_told():
    assert told('when = { tag = [] }\nclass = "X"', 'class = "Y"') == ["rules[0]"]


CONDITIONS = st.dictionaries(
    st.sampled_from(["tag", "sku", "channel", "role", "gateway"]),
    st.lists(st.sampled_from(["a", "b", "c", "*"]), min_size=1, max_size=3, unique=True).map(tuple),
    max_size=3,
)
RULES = st.lists(
    st.tuples(
        CONDITIONS, st.lists(st.sampled_from(["class", "item", "hold"]), min_size=1, max_size=2, unique=True)
    ),
    max_size=12,
)


@given(RULES)
def test_the_same_rules_are_told_as_when_each_is_compared_with_each(drawn):
    rules = [
        Rule(line=line, when=when, outcomes=dict.fromkeys(outcomes, "X"))
        for line, (when, outcomes) in enumerate(drawn)
    ]
    asked = {"role", "gateway"}

    def takes_all(wide: Rule, narrow: Rule, outcome: str) -> bool:
        return (
            outcome != "hold"
            and outcome in wide.outcomes
            and asked & set(wide.when) == asked & set(narrow.when)
            and ("sku" in wide.when) == ("sku" in narrow.when)
            and all(
                name in narrow.when and ("*" in said or set(narrow.when[name]) <= set(said))
                for name, said in wide.when.items()
            )
        )

    expected = []
    for place, rule in enumerate(rules):
        first = [next((o for o in rules[:place] if takes_all(o, rule, out)), None) for out in rule.outcomes]
        if all(first):
            lines = ", ".join(map(str, sorted({one.line for one in first if one})))
            expected.append((place, f"an earlier rule takes everything it speaks of: line {lines}"))
    assert list(unreached(rules)) == expected


def test_thousands_of_rules_are_not_each_compared_with_each():
    def calls(count: int) -> int:
        rules = [Rule(line=n, when={"sku": (f"s{n}",)}, outcomes={"item": "X"}) for n in range(count)]
        made = [0]

        def count_call(_frame, event, _arg):
            made[0] += event == "call"

        sys.setprofile(count_call)
        try:
            assert list(unreached(rules)) == []
        finally:
            sys.setprofile(None)
        return made[0]

    assert calls(400) < 5 * calls(100)
