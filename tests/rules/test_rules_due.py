"""When a schedule is due: each day once, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.rules.due import in_words, last_due, next_due
from qbconsole.rules.mapping.values import Schedule

ANGELES = ZoneInfo("America/Los_Angeles")
DAILY = Schedule(mode="daily", at="02:15")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_daily_is_a_time_of_the_shops_day():
    assert last_due(DAILY, ANGELES, at("2026-07-01T09:14")) == at("2026-06-30T09:15")
    assert last_due(DAILY, ANGELES, at("2026-07-01T09:15")) == at("2026-07-01T09:15")
    assert next_due(DAILY, ANGELES, at("2026-07-01T09:15")) == at("2026-07-02T09:15")


@pytest.mark.parametrize(
    ("day", "local", "moment"),
    [
        # 2026-03-08 02:00 becomes 03:00: 02:15 does not exist, 03:15 of summer time takes its place.
        ("2026-03-08", "02:15", "2026-03-08T10:15"),
        # 2026-11-01 02:00 becomes 01:00: 01:30 exists twice, the first is of summer time.
        ("2026-11-01", "01:30", "2026-11-01T08:30"),
    ],
)
def test_a_local_time_that_is_not_there_or_there_twice_is_due_once(day, local, moment):
    schedule = Schedule(mode="daily", at=local)
    begin = at(f"{day}T07:00")
    seen = {last_due(schedule, ANGELES, begin + timedelta(minutes=m)) for m in range(20 * 60)}
    assert {one for one in seen if one >= begin} == {at(moment)}


@given(
    minutes=st.integers(0, 3 * 366 * 24 * 60),
    schedule=st.one_of(
        st.builds(
            lambda h, m: Schedule(mode="daily", at=f"{h:02}:{m:02}"), st.integers(0, 23), st.integers(0, 59)
        ),
        st.builds(lambda n: Schedule(mode="every", minutes=n), st.integers(5, 1440)),
    ),
    zone=st.sampled_from(
        ["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
    ),
)
def test_the_last_is_the_newest_and_the_next_the_first_after_it(minutes, schedule, zone):
    now, place = at("2025-01-01T00:00") + timedelta(minutes=minutes), ZoneInfo(zone)
    last, coming = last_due(schedule, place, now), next_due(schedule, place, now)
    assert last <= now < coming
    assert last_due(schedule, place, coming - timedelta(microseconds=1)) == last
    assert next_due(schedule, place, last) == coming


def test_manual_is_never_due():
    manual = Schedule()
    now = at("2026-07-01T09:15")
    assert (last_due(manual, ANGELES, now), next_due(manual, ANGELES, now)) == (None, None)
    assert in_words(manual) == "only when asked"
    assert in_words(DAILY, "America/Los_Angeles") == "daily at 02:15, America/Los_Angeles"
    assert in_words(Schedule(mode="every", minutes=30)) == "every 30 minutes"
