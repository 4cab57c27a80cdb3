"""The whole trip, and the books it must end with, computed here from the raw orders by other means."""

from __future__ import annotations

import pytest
from books_by_hand import expected, is_held, ledger_of

from qbconsole.books.holds import Reason
from qbconsole.errors import UsageError
from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.decisions import PLUGINS
from qbconsole.rehearsal.demo import COMPANY, deliver, demo, prepare, pull_and_book, result
from qbconsole.rehearsal.stage import set_stage, write_workspace
from qbconsole.store import books, requests
from qbconsole.sync.book import book
from qbconsole.views.journey import journey
from qbconsole.views.tally import tally
from qbconsole.workspace import Workspace

pytestmark = pytest.mark.slow


def test_the_demo_ends_with_books_that_equal_what_the_orders_say(tmp_path):
    write_workspace(tmp_path)
    with Workspace.open(tmp_path, environ={}) as workspace:
        stage = set_stage(tmp_path, orders=150, seed=11, now=workspace.clock())
        password = prepare(workspace)
        pull_and_book(workspace, stage)
        sessions = deliver(workspace, stage, password)
        told = result(workspace, stage, sessions).as_json()
        orders = [order for shop in stage.shops for order in shop.orders]

        assert ledger_of(stage.company_file) == expected(stage.shops)
        assert told["difference"] == "0.00"
        assert told["documents"] == told["recorded"] + len(told["held"])
        assert {row["reason"] for row in told["held"]} <= {"test_order", "authorized_uncaptured", "voided"}
        assert len(told["held"]) == sum(is_held(order) for order in orders)
        assert set(told["merchants"]) == {"oak-ember", "cedar-lane"}

        # a second run of every verb changes nothing
        documents = len(stage.company_file.documents())
        pull_and_book(workspace, stage)
        book(workspace.means(), workspace.means().merchants())
        assert deliver(workspace, stage, password) == 0
        assert len(stage.company_file.documents()) == documents


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    """The demo as people see it, and the workspace it left."""
    root = tmp_path_factory.mktemp("demo")
    told = demo(root, orders=120, seed=3)
    with Workspace.open(root, environ={}) as workspace:
        yield told, workspace


def test_the_demos_shops_post_into_one_company_file_under_their_own_numbers(decided):
    told, workspace = decided
    assert told.difference == 0
    assert told.orders == 120
    assert {row["reason"] for row in told.held} <= {"test_order", "authorized_uncaptured", "voided"}
    counted = tally(workspace.store, COMPANY).merchants
    assert {m for m, n in counted.items() if n.recorded} == {"oak-ember", "cedar-lane", "pine-market"}


def test_the_figures_of_the_merchants_add_up_to_those_of_all(decided):
    told, _ = decided
    rows = told.merchants.values()
    for name, whole in (("orders", told.orders), ("documents", told.documents), ("recorded", told.recorded)):
        assert sum(row[name] for row in rows) == whole, name
    assert sum(row["held"] for row in rows) == len(told.held)


def test_explain_tells_the_demos_merchants_apart(decided):
    """Each merchant's plugins, rule and template decided something, and nobody else's."""
    _, workspace = decided
    with workspace.store.reading() as tx:
        rows = books.documents(tx, company=COMPANY, limit=10_000)
    chosen: dict[str, set[tuple[str, str, str]]] = {}
    for merchant, key in ((row.merchant, row.key) for row in rows):
        for document in journey(workspace.store, key).documents:
            for one in document.choices:
                chosen.setdefault(merchant, set()).add((one.who, one.value, one.place))
                assert bool(one.hook) == bool(one.sha256 and one.place.startswith("plugins/"))
    by = {merchant: {who for who, _, _ in rows} for merchant, rows in chosen.items()}
    for merchant, names in PLUGINS.items():
        others = {name for listed in PLUGINS.values() for name in listed} - set(names)
        assert by[merchant] & others == set(), merchant
        assert by[merchant] & set(names), merchant
    values = {merchant: {value for _, value, _ in rows} for merchant, rows in chosen.items()}
    assert "Other Income:Gift Wrap" in values["oak-ember"]
    assert "Cash Drawer Grand Avenue" in values["cedar-lane"]
    assert "Amazon Clearing" in values["pine-market"]
    assert "Other Income:Gift Wrap" not in values["cedar-lane"] | values["pine-market"]
    lines = workspace.means().mapping_text.splitlines()
    (rule,) = {place for _, value, place in chosen["oak-ember"] if value == "Other Income:Gift Wrap"}
    assert lines[int(rule.partition(":")[2]) - 1].startswith("[[merchants.oak-ember.rules]]")


def test_a_template_of_one_merchant_writes_that_merchants_words(decided):
    _, workspace = decided
    words: dict[str, set[bool]] = {}
    with workspace.store.reading() as tx:
        for row in books.documents(tx, company=COMPANY, limit=10_000):
            if row.kind == "SalesReceipt":
                (request,) = requests.requests_of_documents(tx, [row.key])
                words.setdefault(row.merchant, set()).add("From Oak &amp; Ember: " in request.body)
    assert words == {"oak-ember": {True}, "cedar-lane": {False}, "pine-market": {False}}


def test_the_demo_in_summary_ends_with_the_same_books_on_far_fewer_documents(tmp_path):
    told = demo(tmp_path, orders=150, seed=11, asked=Asked(mode="summary"))
    assert told.difference == 0
    assert told.documents == told.recorded + len(told.held)
    assert {row["reason"] for row in told.held} <= {"test_order", "authorized_uncaptured", "voided"}
    assert all(row["message"] and Reason(row["reason"]) for row in told.held)
    assert told.recorded < 150
    assert told.ledger["Checking"] != "0.00"


def test_a_setting_that_there_is_not_is_refused_by_name():
    with pytest.raises(UsageError, match="speed"):
        Asked(settings={"speed": "high"})
