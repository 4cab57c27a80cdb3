"""The schema editors are given says what the models say: of the shipped file, and of good and bad samples."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from qbconsole.rules.mapping.json_schema import WORDS, json_schema, words_of
from qbconsole.rules.mapping.read import faults_of
from qbconsole.rules.mapping.schema import LevelTables, MerchantTable

SHIPPED = Path(__file__).parents[2] / "mappings.toml"
SCHEMA = json_schema()
HEAD = """schema = 1
[companies.oak]
name = "Oak & Ember LLC"
[merchants.oak]
company = "oak"
shop = "oak-ember.myshopify.com"
"""


def as_editors_see_it(value):
    """Dates are texts to JSON Schema."""
    if isinstance(value, dict):
        return {key: as_editors_see_it(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_editors_see_it(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def accepts(text: str) -> bool:
    checker = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))
    return checker.is_valid(as_editors_see_it(tomllib.loads(text)))


#: A table's head, or a key and its value.
EXAMPLE = re.compile(r'\[|("[^"]+"|[\w-]+) = ["\[{\d]|("[^"]+"|\w+) = (true|false)')


def uncommented(text: str) -> str:
    """The shipped file with every example switched on: what is commented out must be valid too."""
    lines = []
    for line in text.splitlines():
        bare = line.removeprefix("# ")
        lines.append(bare if line.startswith("# ") and EXAMPLE.match(bare) else line)
    return "\n".join(lines) + "\n"


def test_the_schema_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_the_shipped_file_is_accepted_and_shows_every_table():
    text = SHIPPED.read_text(encoding="utf-8")
    assert accepts(text)
    for key in (*LevelTables.model_fields, *MerchantTable.model_fields):
        assert key in text, f"mappings.toml shows nothing of {key}"


GOOD = [
    "",
    '[defaults.accounts]\nsales_income = "4000 · Sales:4010 · Shopify"\ncogs = "5000"\n',
    '[defaults.clearing]\nshopify_payments = "A:B:C"\n',
    '[defaults.taxes]\n"*" = "Any"\n"CA State Tax" = { item = "CA", agency = "CDTFA" }\n',
    '[defaults.taxes]\n"A + B" = { group = "AB" }\n',
    '[defaults.items]\nmatch = "name"\nmisc = "Sundry"\n[defaults.items.barcode]\n"501" = "Mug"\n',
    '[defaults.items]\nmatch = ["name", "barcode"]\nproduct = "single"\n',
    '[defaults.registered]\nCA = true\n"New York" = { from = 2026-01-01, until = 2027-01-01 }\nTX = false\n',
    '[defaults.numbers]\nstyle = "digits"\nprefix = "OE-"\n',
    '[defaults.terms]\nnames = { "Net 30" = "Net 30 Days" }\n',
    '[defaults.sales_reps]\nsale = "WEB"\nstaff = { "Jo Doe" = "JD" }\n',
    '[defaults.ship_methods]\n"*" = "USPS"\n',
    '[defaults.memos]\nInvoice = "{what} for {company}"\nDeposit = "{what}"\n',
    '[defaults.customers]\nhouse = "Shopify {channel}"\n',
    '[defaults.policy]\nrestock_loss_role = "cogs"\n',
    '[[merchants.oak.rules]]\nwhen = { sku = "A*", amount = { at_least = "5", below = 10 } }\nclass = "A:B"\nfrom = 2026-01-01\n',
    '[[merchants.oak.rules]]\nwhen = { document = ["Invoice"], province = "TX" }\nterms = "Net 30"\n',
    '[[defaults.rules]]\nwhen = { role = "clearing:*" }\naccount = "X"\n',
    '[merchants.oak.filters]\nchannel = "POS"\ntag = { except = ["a"] }\ndate = { from = 2026-01-01 }\n',
    '[merchants.oak.schedule]\nmode = "daily"\nat = "23:59"\n',
]
#: What both refuse.
BAD = [
    "schema = 2\n",
    '[defaults.acounts]\ncogs = "x"\n',
    '[defaults.accounts]\nsales_incom = "x"\n',
    '[defaults.accounts]\ncogs = "This part of a name is far too long"\n',
    '[defaults.accounts]\ncogs = "a::b"\n',
    '[defaults.accounts]\ncogs = "a:b:c:d:e:f"\n',
    '[defaults.accounts]\ncogs = " "\n',
    "[defaults.accounts]\ncogs = 5000\n",
    '[defaults.clearing]\n"PayPal (Express)" = "x"\n',
    '[defaults.taxes]\nGST = { agency = "x" }\n',
    '[defaults.taxes]\nGST = { item = "a", rate = 5 }\n',
    '[defaults.taxes]\nGST = "a:b"\n',
    '[defaults.items]\nmatch = ["barcod"]\n',
    '[defaults.items]\nproduct = "sku2"\n',
    '[defaults.registered]\nCA = "yes"\n',
    "[defaults.registered]\nCA = { since = 2026-01-01 }\n",
    '[defaults.numbers]\nstyle = "name"\n',
    '[defaults.numbers]\nprefix = "TOOLONG"\n',
    '[defaults.numbers]\nprefix = "A#"\n',
    '[defaults.terms]\n"Net 30" = "Net 30 Days"\n',
    '[defaults.sales_reps]\nsale = "TOOLONG"\n',
    '[defaults.ship_methods]\nStandard = "More than fifteen letters"\n',
    '[defaults.templates]\nCheck = "x"\n',
    '[defaults.memos]\nInvoice = "{shop}"\n',
    '[defaults.memos]\nInvoice = "{what"\n',
    '[defaults.customers]\nhouse = "Shopify {shop}"\n',
    '[defaults.policy]\nrestock_loss_role = "loss"\n',
    '[defaults.policy]\ntax = "line"\n',
    '[[merchants.oak.rules]]\nwhen = { sku = "A" }\n',
    '[[merchants.oak.rules]]\nwhen = { skus = "A" }\nitem = "x"\n',
    '[[merchants.oak.rules]]\nwhen = { amount = { at_least = 12.5 } }\nitem = "x"\n',
    '[[merchants.oak.rules]]\nwhen = { amount = { at_least = "much" } }\nitem = "x"\n',
    '[[merchants.oak.rules]]\nwhen = { role = "sales_incom" }\nitem = "x"\n',
    '[[merchants.oak.rules]]\nwhen = { document = "Check" }\nterms = "x"\n',
    '[[merchants.oak.rules]]\ndocument = "CreditMemo"\n',
    '[[merchants.oak.rules]]\nitem = "x"\nfrom = "2026-13-01"\n',
    '[merchants.oak.filters]\nstatus = { only = ["a", 3] }\n',
    '[merchants.oak.schedule]\nat = "2:15"\n',
    '[merchants.elm]\ncompany = "oak"\nshop = "https://elm.myshopify.com/admin"\n',
    '[merchants.Elm]\ncompany = "oak"\nshop = "elm.myshopify.com"\n',
    '[merchants.elm]\ncompany = "oak"\n',
    '[merchants.elm]\ncompany = "oak"\nshop = "elm.myshopify.com"\nplugins = ["../evil"]\n',
]


@pytest.mark.parametrize("tables", GOOD)
def test_what_the_models_take_the_schema_takes(tables):
    assert faults_of(HEAD + tables) == ()
    assert accepts(HEAD + tables)


@pytest.mark.parametrize("tables", BAD)
def test_what_the_models_refuse_the_schema_refuses(tables):
    text = tables if tables.startswith("schema") else HEAD + tables
    assert faults_of(text)
    assert not accepts(text)


def test_every_example_of_the_shipped_file_is_valid_when_it_is_switched_on():
    text = uncommented(SHIPPED.read_text(encoding="utf-8"))
    assert text.count("[[merchants.oak-ember.rules]]") == 3
    assert faults_of(text) == ()
    assert accepts(text)


def test_every_key_says_what_it_is_and_nothing_is_told_of_keys_that_are_gone():
    tables = {**SCHEMA["definitions"], "MappingFile": SCHEMA}
    for name, table in tables.items():
        for key, value in table.get("properties", {}).items():
            assert value["description"].endswith((".", "?")), f"{name}.{key}"
        if name not in ("TemplatesTable", "MessagesTable", "MemosTable"):
            missing = table.get("properties", {}).keys() - words_of(name).keys()
            assert not missing, f"{name}: {missing}"
    for name, told in WORDS.items():
        if not name.startswith("_"):
            gone = told.keys() - tables[name].get("properties", {}).keys()
            assert not gone, f"{name}: {gone}"
