"""What may be in the summary of a condensed file: told by days and fences, never by clocks."""

from __future__ import annotations

from datetime import date

import pytest

from qbconsole.company.bearings import Bearings
from qbconsole.sync.deliver.doubt.condensed import Summary, met

C1, C2 = "2026-01-08T09:00:01", "2026-02-08T09:00:01"
OLD, SAME, NEW = date(2026, 1, 7), date(2026, 1, 8), date(2026, 1, 9)
WELL = Summary(day="2026-01-08", met_in=5, marked_in=10_000, unknown_before="")


@pytest.mark.parametrize(
    ("dated", "fence", "may"),
    [
        (OLD, 4, True),  # it left before anybody met the condensing
        (OLD, 5, False),  # the session that met it asks first and writes after
        (OLD, 6, False),
        (SAME, 4, False),
        (NEW, 4, False),
        (OLD, None, False),  # it never left
    ],
)
def test_what_left_before_a_session_met_the_condensing_may_be_in_it(dated, fence, may):
    assert WELL.may_hold(dated, fence) is may


def test_of_an_older_file_only_what_left_until_its_marker_may_be():
    older = Summary(day="2026-01-08", met_in=9, marked_in=3, unknown_before="")
    assert [older.may_hold(OLD, fence) for fence in (2, 3, 4)] == [True, True, False]


def test_of_a_file_that_was_never_condensed_nothing_is():
    never = Summary(day="", met_in=10_000, marked_in=10_000, unknown_before="")
    assert not never.may_hold(OLD, 1)
    assert met(Bearings(), "", "", 7) == Bearings()


def test_where_our_database_went_back_what_it_does_not_know_may_be_in_a_condensing_it_did_not_know():
    back = Bearings(look_until="2026-01-20")
    assert met(back, "", C1, 7).summed_before == "2026-01-08"
    assert met(back, C1, C1, 7).summed_before == ""
    assert met(Bearings(), "", C1, 7).summed_before == ""
    assert met(back, "", C2, 7).summed_before == "2026-01-20", (
        "later days are booked by a database that knows"
    )
    lost = Summary(day="2026-01-08", met_in=7, marked_in=10_000, unknown_before="2026-01-08")
    assert lost.may_hold(OLD, None)


def test_the_session_that_met_a_condensing_first_is_remembered_beside_later_ones():
    left = met(met(Bearings(), "", C1, 3), C1, C2, 8)
    assert left.condensed_in == {C1: 3, C2: 8}
    assert met(left, C2, C1, 11).condensed_in == {C1: 3, C2: 8}, "an older file is open again"
    assert Bearings.of(left.to_text()) == left
