"""Values: what flows through the house. Frozen, filled by name, equal by content, and cheap to make by the thousand.

They are msgspec structs and not dataclasses because a frozen dataclass takes five times as long to fill
(docs/adr/0017-values-are-structs.md). Whoever reads dataclasses reads them all the same.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, dataclass_transform

import msgspec
from msgspec import StructMeta, field
from msgspec.structs import replace

__all__ = ["Value", "field", "replace"]


class _Meta(StructMeta):
    """Every value is what Value is, unless it says otherwise: msgspec's own options are not all inherited."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> _Meta:
        """Make the class of a value."""
        # Nothing frozen is part of a cycle, so the collector need not look at it.
        options = {"frozen": True, "kw_only": True, "gc": False} | options
        return super().__new__(mcs, name, bases, namespace, **options)


class _DataclassFields:
    """What `dataclasses` asks of a class: plugins say `dataclasses.replace(line, memo="...")`."""

    def __get__(self, value: object, kind: type[Value]) -> dict[str, dataclasses.Field[Any]]:
        return _dataclass_fields(kind)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Value(msgspec.Struct, metaclass=_Meta, frozen=True):
    """Base of all values; `class Spot(Value, kw_only=False)` may also be filled by place."""

    __dataclass_fields__ = _DataclassFields()


@cache
def _dataclass_fields(kind: type[Value]) -> dict[str, dataclasses.Field[Any]]:
    """The fields as those of a dataclass, made by `dataclasses` itself when somebody first asks."""
    told: list[Any] = []
    for one in msgspec.structs.fields(kind):
        default = {} if one.default is msgspec.NODEFAULT else {"default": one.default}
        factory = {} if one.default_factory is msgspec.NODEFAULT else {"default_factory": one.default_factory}
        told.append((one.name, one.type, dataclasses.field(**default, **factory)))
    same: Any = dataclasses.make_dataclass(kind.__name__, told, kw_only=True)
    return dict(same.__dataclass_fields__)
