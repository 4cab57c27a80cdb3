"""Values from the child: pickled fast, and read back so that plain values can come and nothing else.

The bytes were written by a process in which a plugin ran, and an ordinary unpickler calls whatever its
input names. Here a name stands for a builder of ours: those of a short table, and of the values and
enums of our value packages. A function, a dotted name or any other class is refused before it is looked at,
and no class is ever handed out, so that no pickle can change one.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
import typing
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from importlib import import_module
from operator import attrgetter
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from qbconsole.value import Value as HouseValue

Value = TypeVar("Value")
Build = Callable[..., Any]
#: Where our values are defined. Nothing here opens, connects or runs anything when it is built.
_HOMES = (
    "qbconsole.shop.",
    "qbconsole.company.",
    "qbconsole.books.",
    "qbconsole.qbxml.",
    "qbconsole.decide.",
)
_MODULES = ("qbconsole.money", "qbconsole.decide")


class ValueRefused(ValueError):
    """A result that is not made of plain values."""


def _names(kind: type) -> Sequence[str]:
    if issubclass(kind, HouseValue):
        return kind.__struct_fields__
    return [field.name for field in dataclasses.fields(typing.cast(Any, kind))]


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How each class is taken apart; pickle's own way through __getstate__ takes more than twice as long."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        reducer = _reducer(kind)
        if reducer is None:
            raise KeyError(kind)  # pickle knows the way
        self[kind] = reducer
        return reducer


def _reducer(kind: type) -> Callable[[Any], Any] | None:
    if dataclasses.is_dataclass(kind):
        return _taken_apart(kind)
    if issubclass(kind, Enum):
        return lambda member: (kind, (member.value,))
    if kind is Decimal:
        return lambda amount: (Decimal, (str(amount),))
    return None


def _taken_apart(kind: type) -> Callable[[Any], Any]:
    names = _names(kind)
    if len(names) < 2:  # attrgetter gives a tuple from two names on
        return lambda value: (kind, tuple(getattr(value, name) for name in names))
    get = attrgetter(*names)
    return lambda value: (kind, get(value))


class _Pickler(pickle.Pickler):
    dispatch_table = _Reducers()


def dumped(value: object) -> bytes:
    """Pickle a value for a Reader. Raises what pickle raises for what cannot be passed on."""
    stream = io.BytesIO()
    _Pickler(stream, protocol=5).dump(value)
    return stream.getvalue()


def _sealed(build: Any) -> Build:
    """The same callable as an object on which a pickle can set nothing."""
    sealed: Build = build.__call__
    return sealed


_ZONE = _sealed(lambda name: ZoneInfo(name))


def _attribute(owner: object, name: str) -> Build:
    """Stand in for getattr, which ZoneInfo's pickles name; anything else asked of it is refused."""
    if owner is not _ZONE or name != "_unpickle":
        raise ValueRefused(f"the attribute {name} of {owner!r}")
    return _sealed(lambda key, _from_cache: ZoneInfo(key))


# bytes, bytearray, int and range are left out: called with a number they take that much memory.
_PLAIN: dict[tuple[str, str], Build] = {
    **{(kind.__module__, kind.__name__): kind for kind in (date, datetime, time, timedelta, timezone)},
    **{("builtins", kind.__name__): kind for kind in (dict, frozenset, list, set, tuple)},
    ("decimal", "Decimal"): Decimal,
    ("zoneinfo", "ZoneInfo"): _ZONE,
    ("builtins", "getattr"): _sealed(_attribute),
}


def _built(kind: type) -> Build:
    """A builder of one frozen, slotted dataclass from its fields in order; its own checks are run."""
    places = [getattr(kind, name).__set__ for name in _names(kind)]
    check = getattr(kind, "__post_init__", None)

    def build(*values: object) -> object:
        made: object = object.__new__(kind)
        for put, value in zip(places, values, strict=True):
            put(made, value)
        if check is not None:
            check(made)
        return made

    return build


def _filled(kind: type[HouseValue]) -> Build:
    """The same of a value, which fills itself."""
    names = kind.__struct_fields__
    return lambda *values: kind(**dict(zip(names, values, strict=True)))


def _builder(module: str, name: str, work: str) -> Build:
    """What builds a value defined in one of our value modules; everything else raises ValueRefused."""
    found: object = None
    if (module.startswith(_HOMES) or module in (*_MODULES, work)) and name.isidentifier():
        found = getattr(import_module(module), name, None)
    if isinstance(found, type) and found.__module__ == module:
        if issubclass(found, Enum):
            return _sealed(lambda value: found(value))
        if issubclass(found, HouseValue):
            return _sealed(_filled(found))
        if dataclasses.is_dataclass(found) and "__slots__" in vars(found):
            return _sealed(_built(found))
    raise ValueRefused(f"{module}.{name}")


class _Values(pickle.Unpickler):
    """An unpickler that knows plain values only."""

    def __init__(self, payload: bytes, work: str, known: dict[tuple[str, str], Build]) -> None:
        super().__init__(io.BytesIO(payload))
        self._work = work
        self._known = known

    def find_class(self, module: str, name: str) -> Build:
        """Look a name up in the table; pickle calls this for every class or function a pickle names."""
        found = self._known.get((module, name))
        if found is None:
            found = self._known[module, name] = _builder(module, name, self._work)
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
