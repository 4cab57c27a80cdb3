"""Showing: amounts, ages, times and states as an operator reads them; always text, never markup.

Everything a shopper, a merchant or QuickBooks may have written goes through `safe`, `block` or `text` here before a
widget sees it. Status is said in words and signs; colour only repeats it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.money import Money

#: States that need a person.
PROBLEMS = frozenset(
    {"HELD", "REFUSED", "QUARANTINED", "FLAGGED", "DRIFTED", "DELETED_IN_QUICKBOOKS", "LOST_BY_RESTORE"}
)
#: States in which nothing more is to be done.
QUIET = frozenset({"RECORDED", "VERIFIED", "IGNORED", "UNDONE", "SUPERSEDED"})
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def text(value: object, style: str = "") -> Text:
    """Give one line of outside text as Text, which never reads markup."""
    return Text(safe(value), style=style, no_wrap=True, overflow="ellipsis")


def block(value: str, *, limit: int = 400_000) -> str:
    """Give several lines of outside text, each made harmless; what is beyond `limit` characters is counted."""
    cut = value[:limit]
    lines = "\n".join(safe(line) for line in cut.replace("\r\n", "\n").split("\n"))
    return lines if len(value) <= limit else f"{lines}\n… {len(value) - limit:,} more characters"


def amount(money: Money | None) -> str:
    """Give "4,310.22", or "-" where there is no amount."""
    return "-" if money is None else f"{money.amount:,}"


def with_currency(money: Money | None) -> str:
    """Give "4,310.22 USD"."""
    return "-" if money is None else f"{money.amount:,} {money.currency}"


def age(since: datetime | None, now: datetime) -> str:
    """Give "now", "5m", "3h" or "12d"."""
    if since is None:
        return "-"
    seconds = int((now - since).total_seconds())
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m"
    return f"{seconds // _HOUR}h" if seconds < 2 * _DAY else f"{seconds // _DAY}d"


def clock(moment: datetime | None, now: datetime) -> str:
    """Give "10:24", with the day before it when that is not today, in the zone of `now`."""
    if moment is None:
        return "-"
    here = moment.astimezone(now.tzinfo)
    return here.strftime("%H:%M") if here.date() == now.date() else here.strftime("%m-%d %H:%M")


def sign(state: str) -> str:
    """Give the sign before a state: "!" needs a person, "?" is not known yet, " " goes its way."""
    if state in PROBLEMS:
        return "!"
    return "?" if state == "IN_DOUBT" else " "


def plural(count: int, word: str) -> str:
    """Give "1 document", "1,200 documents", "2 list entries"."""
    if count != 1:
        word = f"{word[:-1]}ies" if word.endswith("ry") else f"{word}s"
    return f"{count:,} {word}"
