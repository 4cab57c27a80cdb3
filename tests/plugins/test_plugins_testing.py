"""What authors are given to test with: orders, a chart of accounts, their plugin at work, golden qbXML."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from qbconsole import testing
from qbconsole.care.plugins import State
from qbconsole.errors import PluginBroken
from qbconsole.testing import MERCHANT, Harness, assert_balanced

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
FIXTURE = type(testing.an_order)
PLUGIN = """from qbconsole.plugin import hookimpl

@hookimpl
def choose_customer(order):
    return "Wholesale" if "wholesale" in order.tags else None

@hookimpl
def choose_item(sale_line, role):
    return "Gift wrap" if sale_line and sale_line.sku == "WRAP" and role == "sales_income" else None

@hookimpl
def hold_event(order):
    return f"{order.name} is odd." if "odd" in order.tags else None
"""


@pytest.fixture
def plugins(tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "oak.py").write_text(PLUGIN)
    os.chmod(folder / "oak.py", 0o644)
    return folder


def test_an_order_adds_up_and_takes_any_fact(an_order):
    order = an_order(lines=[("A", 2, "1.50"), ("B", 1, "2.00")], name="#7", tags=("x",), currency="EUR")
    assert (order.total.shop.text(), order.currency, order.name, order.tags) == ("5.00", "EUR", "#7", ("x",))
    assert [tender.gateway for tender in order.tenders] == ["shopify_payments"]
    assert an_order(paid_by=None).tenders == ()


def test_decided_is_what_booking_keeps(decided, an_order, plugins):
    decision = decided(an_order(tags=("wholesale",)), plugins=["oak"], folder=plugins)
    (document,) = decision.documents
    assert document.named.document.customer_ref == "Wholesale"
    assert [choice.by.place for about, choice in document.named.why if about == "customer"] == [
        "plugins/oak.py:3"
    ]
    assert_balanced(decision)


def test_a_name_that_a_known_chart_lacks_is_missed(decided, an_order, chart_of_accounts):
    company = chart_of_accounts({"Sales": "Income", "Sales:Shopify": "Income"})
    assert company.chart.by_name("sales:shopify").account_type == "Income"
    (document,) = decided(an_order(), company=company).documents
    wanted = {need.full_name for need in document.needs if need.list_kind == "account"}
    assert "Sales:Shopify" not in wanted
    assert "Shopify Payments Clearing" in wanted


def test_the_harness_gives_documents_postings_holds_and_qbxml(plugin_harness, an_order, plugins):
    harness = plugin_harness("oak", folder=plugins)
    plain, odd = an_order(lines=[("WRAP", 1, "3.00")]), an_order(tags=("odd",))
    (receipt,) = harness.documents(plain)
    assert [line.item_ref for line in receipt.lines] == ["Gift wrap"]
    assert {name: amount.text() for name, amount in harness.postings(plain, plain).items()} == {
        "Sales:Shopify": "-6.00",
        "Shopify Payments Clearing": "6.00",
    }
    assert harness.holds(odd) == ["#1001 is odd."]
    assert "<ItemRef><FullName>Gift wrap</FullName></ItemRef>\n" in harness.qbxml(plain)
    assert harness.qbxml(odd) == "<!-- held: #1001 is odd. -->\n"
    assert "requestID" not in harness.qbxml(plain)


def test_the_harness_meets_a_broken_plugin_as_booking_does(an_order, plugins):
    (plugins / "oak.py").write_text(PLUGIN.replace('"wholesale" in', "1 in 1 and"))
    with pytest.raises(PluginBroken, match="choose_customer raised TypeError") as caught:
        Harness(["oak"], plugins, merchant=MERCHANT).decide(an_order())
    assert caught.value.where == "plugins/oak.py:5"


def test_a_document_out_of_balance_is_seen(decided, an_order):
    decision = decided(an_order())
    (document,) = decision.documents
    from qbconsole.value import replace

    lame = replace(document, named=replace(document.named, accounts=document.named.accounts[:1]))
    with pytest.raises(AssertionError, match="out of balance"):
        assert_balanced(replace(decision, documents=(lame,)))


def pytest_of_an_author(folder, *words):
    """pytest as somebody runs it who has qbconsole installed and nothing of ours set up."""
    found = any(point.name == "qbconsole" for point in entry_points(group="pytest11"))
    ours = () if found else ("-p", "qbconsole.testing")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ours, *words]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


@pytest.mark.slow
def test_authors_find_the_fixtures_by_themselves_and_write_golden_files(plugins):
    (plugins / "test_oak.py").write_text(
        "def test_it(plugin_harness, an_order, golden_qbxml):\n"
        "    golden_qbxml(plugin_harness('oak').qbxml(an_order()), 'plain')\n"
    )
    status, told = pytest_of_an_author(plugins)
    assert (status, "pytest --write-golden" in told) == (1, True)
    assert pytest_of_an_author(plugins, "--write-golden")[0] == 0
    golden = plugins / "golden" / "plain.qbxml"
    assert "<FullName>Shopify Online Store</FullName>" in golden.read_text()
    golden.write_text(golden.read_text().replace("Shopify Online Store", "Somebody"))
    assert pytest_of_an_author(plugins)[0] == 1


# -- the page authors follow --------------------------------------------------------------------------------


def test_every_fixture_and_state_is_documented():
    text = PAGE.read_text(encoding="utf-8")
    fixtures = [name for name, one in vars(testing).items() if isinstance(one, FIXTURE)]
    assert sorted(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == sorted([*fixtures, "assert_balanced"])
    table = text.partition("| state |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE) == [state.value for state in State]
    for call in re.findall(r"`harness\.(\w+)\(", text):
        assert callable(getattr(Harness, call))


def test_the_plugin_of_the_page_does_what_the_page_says(plugin_harness, an_order, plugins):
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    plugin, test = code[0], code[1]
    (plugins / "leeds_shop.py").write_text(plugin)
    os.chmod(plugins / "leeds_shop.py", 0o644)
    told: dict[str, object] = {}
    exec(test, told)
    make = functools.partial(plugin_harness, folder=plugins)
    told["test_large_wholesale_orders_wait"](make, an_order)
    (receipt,) = make("leeds_shop").documents(an_order(tags=("wholesale",)))
    assert receipt.customer_ref == "Wholesale"
