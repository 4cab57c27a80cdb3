"""Values from the child: unpickling that can build plain values and nothing else.

The bytes were written by a process in which a plugin ran, and an ordinary unpickler calls whatever its
input names. Only what stands in a table here, and the dataclasses and enums of our value packages, can be
named; a function, a dotted name or any other class is refused before it is looked at.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections import OrderedDict, defaultdict, deque
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

Value = TypeVar("Value")
#: Where our values are defined. Nothing here opens, connects or runs anything when it is built.
_HOMES = ("qbconsole.shop", "qbconsole.company", "qbconsole.books", "qbconsole.qbxml")
_MODULES = ("qbconsole.money", "qbconsole.decide")


class ValueRefused(ValueError):
    """A result that is not made of plain values."""


def _attribute(owner: object, name: str) -> Any:
    """Stand in for getattr, which ZoneInfo's pickles name; anything else asked of it is refused."""
    if owner is ZoneInfo and name in ("_unpickle", "no_cache"):
        return getattr(ZoneInfo, name)
    raise ValueRefused(f"the attribute {name} of {owner!r}")


# bytes, bytearray, int and range are left out: called with a number they take that much memory. Classes
# written in Python are left out: a pickle can set attributes on the class itself; those in C are immutable.
_PLAIN: dict[tuple[str, str], Any] = {
    **{(kind.__module__, kind.__name__): kind for kind in (date, datetime, time, timedelta, timezone)},
    **{("collections", kind.__name__): kind for kind in (OrderedDict, defaultdict, deque)},
    **{("builtins", kind.__name__): kind for kind in (dict, frozenset, list, set, tuple)},
    ("decimal", "Decimal"): Decimal,
    ("_decimal", "Decimal"): Decimal,
    ("zoneinfo", "ZoneInfo"): ZoneInfo,
    ("builtins", "getattr"): _attribute,
}


def _is_home(module: str, work: str) -> bool:
    return module in _MODULES or module == work or module.startswith(tuple(f"{home}." for home in _HOMES))


def _value_class(module: str, name: str, work: str) -> Any:
    """What builds a value defined in one of our value modules; everything else raises ValueRefused.

    Neither answer lets a pickle set an attribute on the class: a frozen, slotted dataclass has a
    `__setstate__` of its own, which needs an instance, and of an enum only the call is given out.
    """
    found: object = None
    if _is_home(module, work) and name.isidentifier():
        found = getattr(import_module(module), name, None)
    if not isinstance(found, type) or found.__module__ != module:
        raise ValueRefused(f"{module}.{name}")
    if issubclass(found, Enum):
        return found.__call__
    if not (dataclasses.is_dataclass(found) and hasattr(found, "__setstate__")):
        raise ValueRefused(f"{module}.{name}")
    return found


class _Values(pickle.Unpickler):
    """An unpickler that knows plain values only."""

    def __init__(self, payload: bytes, work: str, known: dict[tuple[str, str], Any]) -> None:
        super().__init__(io.BytesIO(payload))
        self._work = work
        self._known = known

    def find_class(self, module: str, name: str) -> Any:
        """Look a name up in the table; pickle calls this for every class or function a pickle names."""
        found = self._known.get((module, name))
        if found is None:
            found = self._known[module, name] = _value_class(module, name, self._work)
        return found


class Reader(Generic[Value]):
    """Reads the results of one kind of work, remembering the classes it has allowed."""

    def __init__(self, work: str, expected: type[Value]) -> None:
        self._work = work
        self._expected = expected
        self._known = dict(_PLAIN)

    def read(self, payload: bytes) -> Value:
        """The one value in the payload. Raises ValueRefused when it is anything but the type expected."""
        try:
            value = _Values(payload, self._work, self._known).load()
        except ValueRefused:
            raise
        except Exception as cause:
            # Boundary: a forged pickle raises whatever it likes.
            raise ValueRefused(f"bytes that are no pickled value ({type(cause).__name__})") from cause
        if not isinstance(value, self._expected):
            raise ValueRefused(f"a {type(value).__qualname__} where a {self._expected.__qualname__} belongs")
        return value
