"""docs/templates.md says what is true: the language, what is free, the limits, every field, and recipes that work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from qbxml_samples import fullest, smallest, sources

from qbconsole.books.documents import SalesReceipt
from qbconsole.books.plan import DocumentKind
from qbconsole.qbxml.agreement import FREE
from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.qbxml.templating import TEMPLATE_API
from qbconsole.qbxml.templating.examples import example_facts
from qbconsole.qbxml.templating.facts import LineFacts, OrderFacts
from qbconsole.qbxml.templating.fields import as_markdown, described
from qbconsole.qbxml.templating.filters import FILTERS, MOST_TEXT
from qbconsole.qbxml.templating.guarded import MOST_DEEP, MOST_STEPS, MOST_WRITTEN
from qbconsole.qbxml.templating.language import METHODS, MOST_SOURCE, TESTS

PAGE = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")
MANUAL, _, FIELDS = PAGE.partition("\n## Fields\n")
RECIPES = re.findall(r"^```jinja\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)
SOURCES = sources()
SCHEMA = shipped_schema()
NAME = "sales_receipt_add.xml.j2"


def listed(start: str) -> set[str]:
    """The names in backquotes of a point of the list that begins so."""
    (point,) = re.findall(rf"^\* {start}(.*?)(?=^\* |^$)", MANUAL, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"`(\w+)`", point))


def test_the_language_is_listed_whole():
    assert listed("Filters:") == set(FILTERS)
    assert listed("Tests after `is`:") == TESTS
    assert listed("Methods of text:") == METHODS


def test_what_is_free_and_every_limit_is_said():
    for name in FREE:
        assert name in MANUAL
    for number in (MOST_STEPS, MOST_WRITTEN, MOST_TEXT, MOST_SOURCE):
        assert f"{number:,}" in MANUAL
    assert f"nest macros {MOST_DEEP} deep" in " ".join(MANUAL.split())
    assert f"template API {TEMPLATE_API}" in MANUAL


def test_every_fact_of_the_order_and_its_lines_is_described():
    table = MANUAL.partition("| field of `d.order` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == set(OrderFacts.__struct_fields__)
    for name in LineFacts.__struct_fields__:
        assert f"`{name}`" in MANUAL


def test_every_document_is_listed_with_its_fields_as_the_program_has_them():
    made = as_markdown(described(SCHEMA))
    assert FIELDS.strip().endswith(made), (
        "run `qbconsole templates fields --markdown` and put it below ## Fields"
    )
    headings = re.findall(r"^### (.*)$", FIELDS, re.MULTILINE)
    assert {kind.value for kind in DocumentKind} <= set(headings)
    assert len(headings) == len(set(headings))


def test_there_are_recipes_for_what_people_ask_for():
    assert len(RECIPES) >= 6
    written = "\n".join(RECIPES)
    for wanted in ("d.order.note", "line.barcode", "line.sku", "<Other1>", "<Other2>", "<DataExt>"):
        assert wanted in written


@pytest.mark.parametrize("recipe", RECIPES, ids=[re.search(r"<(\w+)>", one)[1] for one in RECIPES])
def test_every_recipe_works_on_the_template_it_names(recipe):
    lines = SOURCES[NAME].splitlines()
    numbers = [n for n, line in enumerate(lines) if any(one in line for one in re.findall(r"<\w+>", recipe))]
    assert 1 <= len(numbers) <= 2
    lines[numbers[0] : numbers[-1] + 1] = [recipe.rstrip("\n")]
    renderer = Renderer(SOURCES | {f"oak/{NAME}": "\n".join(lines)}, SCHEMA, proven=SOURCES)
    for document in (smallest(SalesReceipt), fullest(SalesReceipt)):
        for facts in (None, lambda document=document: example_facts(document)):
            fragment = renderer.render(document, request_id="r1", merchant="oak", facts=facts)
            assert fragment.faults == ()
    assert "Ann" in fragment.text or "IsToBePrinted>true" in fragment.text
