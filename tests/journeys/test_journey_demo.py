"""The whole trip, and the books it must end with, computed here from the raw orders by other means."""

from __future__ import annotations

import pytest
from books_by_hand import expected, is_held, ledger_of

from qbconsole.books.holds import Reason
from qbconsole.errors import UsageError
from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.demo import COMPANY, deliver, demo, prepare, pull_and_book, result
from qbconsole.rehearsal.stage import set_stage, write_workspace
from qbconsole.sync.book import book
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


def test_two_shops_post_into_one_company_file_under_their_own_numbers(tmp_path):
    told = demo(tmp_path, orders=60, seed=3)
    assert told.difference == 0
    with Workspace.open(tmp_path, environ={}) as workspace:
        assert {m for m, n in tally(workspace.store, COMPANY).merchants.items() if n.recorded} == {
            "oak-ember",
            "cedar-lane",
        }


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
