"""Two company files with list entries of the same names: a word on one is no word on the other's."""

from __future__ import annotations

import pytest
from builders import Line, Pay, an_order
from trip import NOW, SHOP, Trip

from qbconsole.care.attention import Operator
from qbconsole.care.doctor import check_house
from qbconsole.cli.deciding import named
from qbconsole.console.screens.deciding import batch_question
from qbconsole.console.screens.queue import detail_text
from qbconsole.errors import UsageError
from qbconsole.views.approval import ToApprove
from qbconsole.views.journey import journey
from qbconsole.views.plan import batch_plan
from qbconsole.views.queue import View, detail, ids, rows
from qbconsole.views.status import status

ENTRY = "account/sales"
SECOND = """
[companies.elm]
name = "Elm & Ash LLC"
file = 'C:\\QB\\Elm.qbw'

[merchants.elm-ash]
company = "elm"
shop = "elm-ash.myshopify.com"
"""


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path, edit=lambda text: text.replace('accounts = "yes"', 'accounts = "ask"') + SECOND)
    orders = [an_order([Line(price="20.00")], pays=[Pay(amount="20.00")], number=1)]
    found.pull({"orders": orders})
    found.pull({"orders": orders, "shop": SHOP | {"myshopifyDomain": "elm-ash.myshopify.com"}})
    found.book()
    yield found
    found.close()


@pytest.fixture
def operator(trip):
    return Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")


def to_approve(trip) -> dict[str, ToApprove]:
    means = trip.workspace.means()
    found = status(trip.workspace.store, means.mapping, now=trip.workspace.clock())
    return {one.id: one.to_approve for one in found.companies}


def entries(trip):
    store = trip.workspace.store
    return {one.merchant: one for one in rows(store, ids(store, View.ALL)) if one.key == ENTRY}


def test_a_key_of_two_files_names_both_ways_out_and_the_merchants_name_before_it_is_one(trip, operator):
    with pytest.raises(UsageError, match="is of 2 merchants: elm-ash, oak-ember") as caught:
        operator.hold([ENTRY], "ask")
    assert f"elm-ash/{ENTRY}" in caught.value.next
    assert operator.hold([f"elm-ash/{ENTRY}"], "ask").done == (ENTRY,)


def test_what_is_held_in_one_file_is_neither_held_nor_told_in_the_other(trip, operator):
    before = to_approve(trip)
    assert operator.hold([entries(trip)["oak-ember"].called], "ask the accountant").done == (ENTRY,)
    after = to_approve(trip)
    assert after["oak"].kept == (ENTRY,)
    assert after["elm"] == before["elm"]
    plan = batch_plan(trip.workspace.store, "elm")
    operator.approve("elm", plan.hash)
    assert to_approve(trip)["elm"].count == 0
    assert to_approve(trip)["oak"].kept == (ENTRY,)


def test_what_is_held_by_name_is_not_counted_among_what_goes(trip, operator):
    before = batch_plan(trip.workspace.store, "oak")
    operator.hold([f"oak-ember/{ENTRY}"], "ask")
    after = batch_plan(trip.workspace.store, "oak")
    assert len(after.adding) == len(before.adding) - 1 == len(after.entries) - 1
    asked = batch_question(after)
    assert asked.title == f"Send 1 document and {len(after.adding)} list entries to oak?"
    assert asked.count == 1 + len(after.adding)
    assert "1 held by name stays; L on the row releases one." in asked.lines


def test_each_rows_detail_and_history_are_its_own(trip, operator):
    mine, theirs = entries(trip)["oak-ember"].called, entries(trip)["elm-ash"].called
    operator.hold([theirs], "ask")
    store = trip.workspace.store
    assert [detail(store, one).row.merchant for one in (mine, theirs)] == ["oak-ember", "elm-ash"]
    assert detail(store, mine).history == ()
    assert detail(store, mine).why == "It waits for the first session to read QuickBooks' list (account)."
    assert detail_text(detail(store, mine)).plain.startswith("What  sales, oak-ember\n")
    assert [line.partition(" operator")[2] for line in detail(store, theirs).history] == [":ann: hold"]


def test_the_journey_says_it_in_the_same_words(trip):
    (stop,) = [
        one for one in journey(trip.workspace.store, f"elm-ash/{ENTRY}").stops if "waits for" in one.sentence
    ]
    assert "It waits for the first session to read QuickBooks' list (account)." in stop.sentence


def test_what_queue_list_wrote_is_read_back_as_the_same_rows(trip, operator, monkeypatch):
    import io
    import json

    from qbconsole.cli.output import plain

    told = json.dumps({"count": 2, "rows": [plain(one) for one in entries(trip).values()]})
    monkeypatch.setattr("sys.stdin", io.StringIO(told))
    assert operator.hold(named((), True), "ask").done == (ENTRY, ENTRY)


def test_doctor_tells_many_companies_that_are_alike_together_and_one_with_its_name(tmp_path):
    more = "".join(SECOND.replace("elm", f"elm{number}") for number in range(1, 9))
    many = Trip(tmp_path, edit=lambda text: text + more)
    try:
        checks = list(check_house(many.workspace.means(), {}, port=1, now=NOW))
        (told,) = [one for one in checks if "compan" in one.name]
        assert told.name == "9 companies"
        assert told.sentence == "The Web Connector has never called for oak, elm1, elm2 and 6 others."
        assert "`qbconsole --company ID qwc`" in told.next_step
    finally:
        many.close()


def test_doctor_names_the_company_file_in_the_command_where_there_are_several(trip):
    checks = check_house(trip.workspace.means(), {}, port=1, now=NOW)
    steps = [one.next_step for one in checks if one.name.startswith("company ")]
    assert [
        step.count(f"`qbconsole --company {name} qwc`")
        for name, step in zip(("oak", "elm"), steps, strict=True)
    ] == [1, 1]
