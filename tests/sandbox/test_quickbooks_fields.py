"""Short lists and the fields that name them: asked for, added, and refused where the name is not there."""

from __future__ import annotations

import pytest
from quickbooks_bench import Bench, named, receipt, shop_bench


@pytest.mark.parametrize(
    ("query", "name"),
    [("ShipMethodQueryRq", "UPS"), ("CustomerMsgQueryRq", "Thank you for your business.")],
)
def test_a_short_list_is_asked_for_whole(query, name):
    reply = Bench().done(f"<{query} requestID='1'><ActiveStatus>All</ActiveStatus></{query}>")
    assert name in reply.texts("Name")


def test_forms_are_asked_for_without_any_filter():
    reply = Bench().done("<TemplateQueryRq requestID='1'/>")
    assert "Custom Sales Receipt" in reply.texts("Name")


def test_a_sales_rep_answers_by_its_initials():
    bench = Bench()
    bench.file.enlist("SalesRep", "JD", bench.now)
    reply = bench.done("<SalesRepQueryRq requestID='1'><ActiveStatus>All</ActiveStatus></SalesRepQueryRq>")
    assert reply.texts("Initial") == ["JD"]
    assert reply.texts("Name") == []


def test_sites_are_asked_for_only_where_there_are_some():
    ask = "<InventorySiteQueryRq requestID='1'><ActiveStatus>All</ActiveStatus></InventorySiteQueryRq>"
    assert Bench().code(ask) == 3250
    bench = Bench(edition="Enterprise")
    bench.file.preferences.sites = True
    bench.file.enlist("InventorySite", "Main", bench.now)
    assert bench.done(ask).texts("Name") == ["Main"]


@pytest.mark.parametrize("kind", ["ShipMethod", "CustomerMsg"])
def test_a_short_list_takes_a_name_once(kind):
    bench = Bench()
    add = f"<{kind}AddRq requestID='1'><{kind}Add><Name>Cargo bike</Name></{kind}Add></{kind}AddRq>"
    assert bench.done(add).text("Name") == "Cargo bike"
    assert bench.code(add) == 3100


@pytest.mark.parametrize(
    ("field", "before"),
    [
        (named("TemplateRef", "No such form"), "<TxnDate>"),
        (named("SalesRepRef", "XX"), "<SalesReceiptLineAdd>"),
        (named("ShipMethodRef", "Balloon"), "<SalesReceiptLineAdd>"),
        (named("CustomerMsgRef", "Never said"), "<SalesReceiptLineAdd>"),
    ],
)
def test_a_name_that_is_not_there_is_3140(field, before):
    bench = shop_bench()
    text = receipt(("Mug", "5.00"))
    bench.done(text)
    assert bench.code(text.replace(before, field + before, 1)) == 3140


def test_a_line_says_its_site_only_where_there_are_some():
    site = f"{named('InventorySiteRef', 'Main')}</SalesReceiptLineAdd>"
    text = receipt(("Mug", "5.00")).replace("</SalesReceiptLineAdd>", site)
    assert shop_bench().code(text) == 3250
    bench = shop_bench(edition="Enterprise")
    bench.file.preferences.sites = True
    assert bench.code(text) == 3140
    bench.file.enlist("InventorySite", "Main", bench.now)
    assert bench.code(text) == 0
