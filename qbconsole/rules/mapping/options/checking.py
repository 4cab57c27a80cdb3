"""Options held to what the plugin declares: every fault at its line of mappings.toml, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from qbconsole.errors import PluginBroken
from qbconsole.rules.mapping import words
from qbconsole.rules.mapping.complaint import sentence_of
from qbconsole.rules.mapping.faults import Fault
from qbconsole.rules.mapping.options.option import NOTHING, Lookup, Option
from qbconsole.rules.mapping.values import Given
from qbconsole.rules.nearest import nearest
from qbconsole.visible import safe

_TYPES: Mapping[str, Any] = {
    "text": words.Text,
    "texts": words.Texts,
    "amount": words.Amount,
    "number": int,
    "switch": bool,
    "day": date,
    "account": words.AccountName,
    "item": words.ListName,
    "class": words.ListName,
    "customer": words.PartyName,
    "vendor": words.VendorName,
    "terms": words.TermsName,
    "document": Literal["SalesReceipt", "Invoice"],
}


@cache
def _adapter(kind: str, by: str) -> TypeAdapter[Any]:
    one = _TYPES[kind]
    key = words.RolePattern if by == "role" else words.Text
    # `mapping set` cannot know that "true" is meant as a switch, so these may stand in quotes too.
    config = ConfigDict(strict=kind not in ("switch", "number", "day"))
    return TypeAdapter(dict[key, one] if by else one, config=config)  # type: ignore[valid-type]


def options_of(
    plugin: str, path: str, declared: object, given: Mapping[str, Given], file: str, line: int
) -> Mapping[str, Any]:
    """What a plugin is handed: every option it declares, checked, defaults filled in; frozen.

    `path` is the plugin's own file, `file` the mapping's name, `line` where the merchant opted in. Raises PluginBroken, with the line in mappings.toml
    where the merchant's words are at fault.
    """
    found, faults = _taken(plugin, declared_options(plugin, path, declared), given, file, line)
    if faults:
        raise _broken(plugin, sorted(faults))
    return MappingProxyType(found) if found else NOTHING


def option_faults(
    plugin: str, options: Mapping[str, Option], given: Mapping[str, Given], file: str, line: int
) -> tuple[Fault, ...]:
    """Everything that is wrong with what a merchant says to a plugin, in the file's order."""
    return tuple(sorted(_taken(plugin, options, given, file, line)[1]))


def _taken(
    plugin: str, options: Mapping[str, Option], given: Mapping[str, Given], file: str, line: int
) -> tuple[dict[str, Any], list[Fault]]:
    found: dict[str, Any] = {}
    faults = list(_unknown(plugin, options, given, file))
    for name, option in options.items():
        if name in given:
            found[name], wrong = _read(plugin, name, option, given[name], file)
            faults += wrong
        elif option.required:
            faults.append(Fault(line, _place(plugin, name), f"is missing: {option.about}", file))
        else:
            found[name] = Lookup(option.default) if option.by else option.default
    return found, faults


def declared_options(plugin: str, path: str, declared: object) -> Mapping[str, Option]:
    """OPTIONS of the plugin's file. Raises PluginBroken where it is no table of Option."""
    options: Mapping[Any, Any] = declared if isinstance(declared, Mapping) else {"OPTIONS": None}
    for name, option in options.items():
        if not isinstance(name, str) or not isinstance(option, Option) or option.kind not in _TYPES:
            raise PluginBroken(
                f"plugin {plugin}: OPTIONS must be a dict of names and Option(kind=..., about=...); "
                f"{safe(name, limit=60)} is none of a kind there is ({', '.join(_TYPES)})",
                where=f"{path}:1",
            )
    return options


def _place(plugin: str, name: str) -> str:
    return f"plugin.{plugin}.{safe(name, limit=60)}"


def _unknown(
    plugin: str, options: Mapping[str, Option], given: Mapping[str, Given], file: str
) -> Iterator[Fault]:
    for name, one in given.items():
        if name not in options:
            known = nearest(name, options) or (
                f"; it knows {', '.join(options)}" if options else "; it knows none"
            )
            yield Fault(one.line, _place(plugin, name), f"the plugin has no such option{known}", file)


def _read(plugin: str, name: str, option: Option, given: Given, file: str) -> tuple[Any, list[Fault]]:
    try:
        value = _adapter(option.kind, option.by).validate_python(given.value)
    except ValidationError as invalid:
        return None, [_fault(plugin, name, option, given, file, one) for one in invalid.errors()]
    return (Lookup(value) if option.by else value), []


def _fault(plugin: str, name: str, option: Option, given: Given, file: str, error: Any) -> Fault:
    path, sentence = sentence_of(error)
    inner = str(path[0]) if path else ""
    line = given.lines.get(inner, given.line)
    place = _place(plugin, name) + (f'."{safe(inner, limit=60)}"' if inner in given.lines else "")
    return Fault(line, place, f"{sentence} ({option.about})", file)


def _broken(plugin: str, faults: list[Fault]) -> PluginBroken:
    first = faults[0]
    told = "; ".join(map(str, faults)) if len(faults) > 1 else f"{first.path}: {first.sentence}"
    return PluginBroken(
        f"plugin {plugin} cannot use its options: {told}",
        where=first.place,
        next=f"Correct [merchants.X.plugin.{plugin}] in {first.file}; docs/plugins-shipped.md says what it takes.",
    )
