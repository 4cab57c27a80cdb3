"""Which deletion may be of ours: neither made nor deleted before ours could be in QuickBooks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qbconsole.company.documents import DeletedDocument
from qbconsole.sync.deliver.doubt.since import OVERLAP, REACH, asked_from, may_be_ours

LEFT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "deleted", "may"),
    [
        ("2026-03-10T13:00:00+00:00", "2026-03-11T09:00:00+00:00", True),
        ("2026-03-09T13:00:00", "2026-03-09T14:00:00", True),  # within what clocks differ
        ("2026-03-08T04:00:01-08:00", "2026-03-08T04:00:01-08:00", True),  # to the second
        ("2026-03-08T04:00:00-08:01", "2026-03-11T09:00:00", True),
        ("2026-03-08T03:59:59-08:00", "2026-03-11T09:00:00", False),  # another's, deleted after ours left
        ("", "2026-01-10T09:00:00", False),
        ("", "2026-03-11T09:00:00", True),
        ("", "", True),  # QuickBooks does not say: it may be
        ("yesterday", "soon", True),
    ],
)
def test_a_deletion_counts_from_when_ours_could_be_there(created, deleted, may):
    told = DeletedDocument(kind="Invoice", txn_id="1-1", time_created=created, time_deleted=deleted)
    assert may_be_ours(told, LEFT) is may


def test_deletions_are_asked_for_from_the_earliest_that_counts():
    at = LEFT + timedelta(days=3)
    assert asked_from([], at) is None
    assert asked_from([LEFT, LEFT - timedelta(hours=1)], at) == LEFT - timedelta(hours=1) - OVERLAP
    assert asked_from([LEFT - timedelta(days=400)], at) == at - REACH
