"""Due: the moments a merchant's schedule names, as instants.

A daily time is of the shop's own day. Where summer time makes that local time not exist the run is due as much later as
the clock was put on; where it exists twice, the first time only. Every day has one such moment, whatever its length.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qbconsole.rules.mapping.values import Schedule

_DAY = timedelta(days=1)


def last_due(schedule: Schedule, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The newest moment that is not after `now`; None where nothing is due unasked."""
    if schedule.mode == "manual":
        return None
    if schedule.mode == "every":
        return _floor(now, schedule.minutes)
    today = now.astimezone(zone).date()
    moments = (_daily(schedule, zone, today + day * _DAY) for day in (1, 0, -1, -2))
    return next(moment for moment in moments if moment <= now)


def next_due(schedule: Schedule, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first moment after `now`."""
    if schedule.mode == "manual":
        return None
    if schedule.mode == "every":
        return _floor(now, schedule.minutes) + timedelta(minutes=schedule.minutes)
    today = now.astimezone(zone).date()
    moments = (_daily(schedule, zone, today + day * _DAY) for day in (-1, 0, 1, 2))
    return next(moment for moment in moments if moment > now)


def in_words(schedule: Schedule, zone: str = "") -> str:
    """ "daily at 02:15, America/Los_Angeles", "every 30 minutes", "only when asked"."""
    if schedule.mode == "manual":
        return "only when asked"
    if schedule.mode == "every":
        return f"every {schedule.minutes} minutes"
    return f"daily at {schedule.at}" + (f", {zone}" if zone else "")


def _daily(schedule: Schedule, zone: ZoneInfo, on: date) -> datetime:
    # fold=0: of a time that exists twice the first; one that does not is read with the offset before the change.
    return datetime.combine(on, time.fromisoformat(schedule.at), zone).astimezone(UTC)


def _floor(now: datetime, minutes: int) -> datetime:
    step = minutes * 60
    return datetime.fromtimestamp(int(now.timestamp()) // step * step, UTC)
