"""Kinds of values on the command line: days, and how far back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import click

_BACK = re.compile(r"(\d{1,5})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


def day(text: str) -> date:
    """An ISO date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date; write it as 2026-01-31.") from None


def since(text: str) -> str:
    """An ISO date or time, or a span such as 30d; what it means needs a clock, so the text is kept."""
    if not _BACK.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise click.BadParameter(
                f"{text!r} is no date or time and no span like 30d, 12h or 2w."
            ) from None
    return text


def instant(text: str, now: datetime) -> datetime:
    """The moment a `since` names; without a zone it is UTC."""
    back = _BACK.fullmatch(text)
    if back:
        return now - timedelta(hours=int(back[1]) * _HOURS[back[2]])
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)
