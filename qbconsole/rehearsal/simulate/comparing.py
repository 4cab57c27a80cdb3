"""What somebody finds who compares a shop's day that waits with the entry in QuickBooks that a hold names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from lxml import etree

from qbconsole.books.identity import key_in

if TYPE_CHECKING:
    from qbconsole.sandbox.quickbooks import Filed

_NAMED = re.compile(r"\w+ (\S+) of \d{4}-\d{2}-\d{2}")


def named_in(sentence: str) -> tuple[str, ...]:
    """The numbers of the entries that a hold names."""
    return tuple(_NAMED.findall(sentence))


def say_it(there: Iterable[Filed], known: Iterable[str], mine: str) -> bool:
    """Whether what entries say beyond our books is just what waits. `known`, `mine`: our requests, "" for none."""
    beyond = Counter[str]()
    for entry in there:
        for account, amount, _ in entry.postings:
            beyond[account] += _cents(amount)
    for request in known:
        beyond.subtract(_asked(request))
    return _told(beyond) == _told(_asked(mine)) != {}


def key_of_entry(there: Filed) -> str:
    """Our key in an entry, which may stand in its lines."""
    return next(
        (key for text in (there.memo, *(one.description for one in there.lines)) if (key := key_in(text))), ""
    )


def _asked(request: str) -> Counter[str]:
    sums = Counter[str]()
    for line in (
        etree.fromstring(request.encode()).iter("JournalDebitLine", "JournalCreditLine") if request else ()
    ):
        sign = 1 if line.tag == "JournalDebitLine" else -1
        sums[line.findtext("AccountRef/FullName") or ""] += sign * _cents(
            Decimal(line.findtext("Amount") or "0")
        )
    return sums


def _told(sums: Counter[str]) -> dict[str, int]:
    return {account: cents for account, cents in sums.items() if cents}


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
