"""An option as a plugin declares it, and a table of what merchants gave to look things up in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from qbconsole.rules.facts import fits
from qbconsole.value import Value

#: What an option may be; names are checked for the letters and lengths QuickBooks takes.
Kind = Literal[
    "text",
    "texts",
    "amount",
    "number",
    "switch",
    "day",
    "account",
    "item",
    "class",
    "customer",
    "vendor",
    "terms",
    "document",
]

#: What a plugin that declares nothing, and is given nothing, is handed.
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Option(Value):
    """One option of a plugin: what it may be, what it is for, and what holds where nobody gives it.

    Source of the names' lengths: `rules.mapping.words`.
    """

    kind: Kind
    #: One clause, for people: "from this order total on a PO number is asked for".
    about: str
    default: Any = None
    #: What the keys are where the option is a table: "brand". A plugin is handed a `Lookup` then.
    by: str = ""
    required: bool = False


class Lookup(Mapping[str, Any]):
    """A table of options; keys compare as in rules: without case, `*` stands for anything, the first that fits answers."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, Any] | None = None) -> None:
        self._entries = dict(entries or {})

    def __getitem__(self, text: str) -> Any:
        """What stands under a text. Raises KeyError where nothing fits."""
        for key, value in self._entries.items():
            if fits((key,), (text,)):
                return value
        raise KeyError(text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Lookup({self._entries!r})"

    def first(self, *texts: str) -> Any:
        """What stands under the first of these texts that is in the table; None where none is."""
        return next((self[text] for text in texts if text and text in self), None)
