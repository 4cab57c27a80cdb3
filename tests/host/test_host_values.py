"""Reading results: every kind of plain value comes through; what would run code or grab memory does not."""

from __future__ import annotations

import dataclasses
import os
import pickle
import subprocess
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import host_work
import pytest

from qbconsole.host.supervisor import PluginHost
from qbconsole.host.values import Reader, ValueRefused, dumped
from qbconsole.money import Money, MoneyError
from qbconsole.shop.events import PartKind


class Reduced:
    """Pickles to a call of anything."""

    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return self.parts


def read(value, expected=object, payload=None):
    return Reader("host_work", expected).read(payload or dumped(value))


def test_plain_values_come_through_unchanged():
    value = (
        Money.of("12.50", "USD"),
        PartKind.TIP,
        {"when": datetime(2026, 1, 2, 3, tzinfo=UTC), "day": date(2026, 1, 2), "for": timedelta(hours=1)},
        datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Paris")),
        frozenset({1}),
        {2},
        Decimal("0.1"),
        b"raw",
        None,
        "é",
        host_work.Decision(order="#1", items=()),
    )
    assert read(value) == value
    assert read(value)[1] is PartKind.TIP


@pytest.mark.parametrize(
    "value",
    [
        Reduced(os.system, ("true",)),
        Reduced(subprocess.Popen, (["true"],)),
        Reduced(eval, ("1",)),
        Reduced(getattr, (Money, "of")),
        Reduced(getattr, (ZoneInfo, "clear_cache")),
        Reduced(bytearray, (1 << 40,)),
        Reduced(PluginHost, (host_work.Spec(),)),
        Reduced(Money.of, ("1", "USD")),
        Counter("abc"),
        MoneyError("an exception is no value"),
        os.system,
        Enum,
    ],
    ids=lambda value: str(getattr(value, "parts", value))[:40],
)
def test_anything_that_could_act_is_refused(value):
    with pytest.raises(ValueRefused):
        read(value)


def test_a_name_reached_through_one_of_our_modules_is_refused():
    # A pickle may name "os.system" inside a module that imported os.
    payload = b"\x80\x04\x8c\x14qbconsole.failpoints\x8c\x09os.system\x93\x8c\x04true\x85R."
    with pytest.raises(ValueRefused, match=r"os\.system"):
        read(None, payload=payload)


@pytest.mark.parametrize("kind", [Money, PartKind, host_work.Decision, Decimal, ZoneInfo])
def test_no_pickle_changes_a_class(kind):
    # Opcode BUILD sets attributes on whatever lies on the stack, here the class itself.
    module, name = kind.__module__.encode(), kind.__name__.encode()
    state = pickle.dumps((None, {"changed": True}), protocol=5)[2:-1]
    payload = b"\x80\x05" + b"c" + module + b"\n" + name + b"\n" + _unframed(state) + b"b."
    with pytest.raises(ValueRefused):
        read(None, payload=payload)
    assert not hasattr(kind, "changed")


def _unframed(pickled: bytes) -> bytes:
    return pickled[9:] if pickled[:1] == b"\x95" else pickled


@pytest.mark.parametrize("payload", [b"\x80\x05", b"junk", b"\x80\x05.", b"\x80\x05K\x01K\x02b."])
def test_bytes_that_are_no_pickle_are_refused(payload):
    with pytest.raises(ValueRefused):
        read(None, payload=payload)


def test_another_type_than_expected_is_refused():
    with pytest.raises(ValueRefused, match="a str where a Decision belongs"):
        read("#1", host_work.Decision)


def _classes(hint, seen):
    """Every dataclass and enum that a value of this type may hold."""
    for part in get_args(hint):
        _classes(part, seen)
    kind = get_origin(hint) or hint
    if isinstance(kind, type) and kind.__module__.startswith("qbconsole") and kind not in seen:
        seen.add(kind)
        for field_hint in get_type_hints(kind).values() if dataclasses.is_dataclass(kind) else ():
            _classes(field_hint, seen)
        for below in kind.__subclasses__():
            _classes(below, seen)


def test_everything_a_decision_may_hold_can_come_back():
    seen: set[type] = set()
    _classes(import_module("qbconsole.decide").Decision, seen)
    assert len(seen) > 10
    refused = []
    for kind in seen:
        try:
            Reader("qbconsole.decide", object).read(
                b"\x80\x02c" + f"{kind.__module__}\n{kind.__qualname__}\n.".encode()
            )
        except ValueRefused:
            refused.append(f"{kind.__module__}.{kind.__qualname__}")
    assert refused == [], "make it a frozen, slotted dataclass or an enum of a value package"
