"""A small work module: the desk is the merchant's plugin files, deciding calls each one's `choose_item`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

_say: list[Callable[[str], None]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    order: Order

    @property
    def label(self) -> str:
        return f"order {self.order.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    names: tuple[str, ...] = ()
    plugin_folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    order: str
    items: tuple[Any, ...]


def announce_to(say: Callable[[str], None]) -> None:
    _say.append(say)


def desk_of(spec: Spec) -> tuple[Callable[[Case], Any], ...]:
    found = []
    for name in spec.names:
        path = f"{spec.plugin_folders[0]}/{name}.py"
        place = spec_from_file_location("merchants_plugin", path)
        module = module_from_spec(place)
        place.loader.exec_module(module)
        found.append(module.choose_item)
    return tuple(found)


def decide(case: Case, desk: tuple[Callable[[Case], Any], ...]) -> Any:
    items = []
    for choose_item in desk:
        code = choose_item.__code__
        _say[0](f"{code.co_filename}:{code.co_firstlineno} choose_item")
        items.append(choose_item(case))
    if "instead" in items:
        return items
    return Decision(order=case.order.name, items=tuple(items))
