"""What a request waits for, as queue and journey both say it."""

from __future__ import annotations


def need_words(kind: str, name: str) -> str:
    """Give "account Sales"; a list that nobody read yet may have the entry already."""
    if kind == "list_read":
        return f"the first session to read QuickBooks' list ({name.replace('_', ' ')})"
    return f"{kind.replace('_', ' ')} {name}"
