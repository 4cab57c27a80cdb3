"""What QuickBooks would not take before the books went back in time can be tried again after it: it is not stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hands import Hands
from test_journey_restores import backed_up
from test_journey_third_look import drill

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.store import requests

__all__ = ["drill"]

pytestmark = pytest.mark.slow


def put_aside(drill):
    with drill.workspace.store.reading() as tx:
        states = [RequestState.REFUSED, RequestState.QUARANTINED]
        return [row.document_key for row in requests.requests_in(tx, company="oak", states=states, limit=99)]


@pytest.mark.parametrize("is_cut_off", [False, True])
@pytest.mark.parametrize("status", [3000, 3180])
def test_what_was_put_aside_is_looked_for_and_then_tried_again(drill, tmp_path, status, is_cut_off):
    drill.orders(4)
    drill.settle()
    drill.orders(8)
    drill.quickbooks.refuse_next("SalesReceiptAddRq", status, "It cannot be done.")
    drill.settle()
    (key,) = put_aside(drill)
    drill.company_file.restore(backed_up(drill, tmp_path), drill.now)
    drill.now += timedelta(days=1)  # the lists are due, so a session comes
    drill.stops("restored")
    drill.say("restored")
    for _ in range(3):
        drill.update()
    assert put_aside(drill) == [key]
    assert drill.operator().retry([key]).done == (key,)
    if (
        is_cut_off
    ):  # the session ends over the question: the next one looks for it as for all that is in doubt
        hands = Hands(drill)
        hands.login()
        hands.take_until("<SalesReceiptQueryRq")
        hands.close()
    drill.settle()
    assert put_aside(drill) == []
    assert not drill.rows(DocumentState.PLANNED)
    drill.assert_books_are_right()
