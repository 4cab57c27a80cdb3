"""Words for the log's filter that find the lines of one document, order, session or merchant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qbconsole.views.logs.lines import LogLine

#: What lines have in common that belong together, the closest first.
_KIN = ("document", "order", "ticket", "merchant", "company")
#: Documents of one fact looked for at once.
_DOCUMENTS = 8


def kin(line: LogLine) -> list[str]:
    """Give the words that find all lines of the same order, document, session, merchant or company."""
    found = [(name, line.value(name)) for name in _KIN]
    merchant = line.value("merchant") or ""
    return [
        _order(value, merchant) if name == "order" else f"{name}={_quoted(value)}"
        for name, value in found
        if value
    ]


def about(key: str) -> str:
    """Give the words that find the lines about a row of the queue: a document, or what a hold is about."""
    return f"{'document' if key.startswith('qbc1/') else 'subject'}={_quoted(key)}"


def about_order(name: str, merchant: str, keys: Sequence[str]) -> str:
    """Give the words that find the lines about an order by its name; about a fact, those of its documents."""
    if keys and not name.startswith("#"):
        return f"document:{'|'.join(keys[:_DOCUMENTS])}"
    return _order(name, merchant)


def _order(name: str, merchant: str) -> str:
    """Shops count their orders alike, so that a name alone finds those of all."""
    return f"order={_quoted(name)}" + (f" merchant={_quoted(merchant)}" if merchant else "")


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
