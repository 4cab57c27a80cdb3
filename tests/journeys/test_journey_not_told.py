"""QuickBooks answers what it is asked with an error, for ever: what stands still says why, and goes on once it tells.

Facts: reference/reliability.md F36 and F26. QuickBooks here keeps no record of any set, so nothing but a look tells.
"""

from __future__ import annotations

import dataclasses
import re

import pytest
from hands import Hands
from test_journey_third_look import drill, some
from trip import COMPANY

from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store import holds, sessions
from qbconsole.views.queue import detail

__all__ = ["drill"]
pytestmark = pytest.mark.slow
_WORDS = "There is no permission to use this query."


class Unpermitted:
    """QuickBooks of a user who may not see one kind of document or list."""

    def __init__(self, inner, kind):
        self.inner, self.kind = inner, kind

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def process(self, text):
        answer = self.inner.process(text)
        refused = rf'\1statusCode="3260" statusSeverity="Error" statusMessage="{_WORDS}" />'
        asked = rf"(<{self.kind}QueryRs[^>]*?)statusCode=\"\d+\"[^>]*?(?:/>|>.*?</{self.kind}QueryRs>)"
        response = re.sub(asked, refused, answer.response or "", flags=re.DOTALL)
        return dataclasses.replace(answer, response=response)


@pytest.fixture
def quickbooks(drill):
    return QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")


def held(drill):
    with drill.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx, company=COMPANY, reason="not_told")]


@pytest.mark.parametrize("lost", ["taken", "done"])
def test_what_is_in_doubt_says_so_until_quickbooks_tells(drill, quickbooks, lost):
    drill.orders(4)
    drill.settle()
    drill.quickbooks = Unpermitted(quickbooks, "SalesReceipt")
    drill.orders(12)
    hands = Hands(drill)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    if lost == "done":
        hands.bring(text)
    hands.close()
    for _ in range(3):
        drill.update()
    doubtful = some(drill, RequestState.IN_DOUBT)
    assert {one.subject for one in held(drill)} == {row.document_key for row in doubtful} != set()
    shown = detail(drill.workspace.store, doubtful[0].document_key)
    assert f"{_WORDS} (3260)" in shown.why
    assert "right" in shown.fix
    drill.quickbooks = quickbooks
    drill.settle()
    drill.assert_books_are_right()
    assert held(drill) == []


@pytest.mark.parametrize("kind", ["Account", "Customer"])
def test_a_list_that_is_not_given_ends_the_session_with_quickbooks_words(drill, quickbooks, kind):
    drill.quickbooks = Unpermitted(quickbooks, kind)
    drill.orders(4)
    drill.update()
    with drill.workspace.store.reading() as tx:
        (last,) = sessions.recent_sessions(tx, company=COMPANY, limit=1)
    assert f"{_WORDS} (3260)" in last.last_error
    assert "right" in last.last_error
    drill.quickbooks = quickbooks
    drill.settle()
    drill.assert_books_are_right()
