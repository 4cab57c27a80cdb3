"""Plugins and options looked through before they count: that they are there, and what merchants say to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from qbconsole.care.mapping_check import Checked, remark
from qbconsole.host.look import look_at_all
from qbconsole.rules.mapping.faults import Fault
from qbconsole.rules.mapping.options.checking import option_faults
from qbconsole.rules.mapping.options.option import Option
from qbconsole.rules.mapping.values import Mapping
from qbconsole.rules.nearest import nearest
from qbconsole.rules.registry import installed_plugins, plugin_files
from qbconsole.visible import safe


def absent_plugins(mapping: Mapping, folders: Sequence[str]) -> tuple[Fault, ...]:
    """Plugins a merchant asks for that are neither a file nor installed: nothing of it would be booked."""
    known = {*plugin_files(map(Path, folders)), *installed_plugins()}
    return tuple(
        Fault(
            merchant.plugins_line,
            f"merchants.{merchant.id}.plugins",
            f"there is no plugin {safe(name)}{nearest(name, known)}",
            mapping.file,
        )
        for merchant in mapping.merchants.values()
        for name in merchant.plugins
        if name not in known
    )


def wrong_options(
    mapping: Mapping, folders: Sequence[str], allowed: Collection[str] | None = None
) -> tuple[Fault, ...]:
    """What would stop a merchant's posting, with its line. Enabled plugins are loaded, each in a process apart.

    `allowed` are those that may be loaded at all (QBCONSOLE_LOAD_PLUGINS). A plugin that does not load is not judged
    here: `plugins list` says why.
    """
    wanted = {name for merchant in mapping.merchants.values() for name in merchant.plugins}
    names = sorted(name for name in wanted if allowed is None or name in allowed)
    looked = look_at_all(names, folders) if names else {}
    found: list[Fault] = []
    for merchant in mapping.merchants.values():
        for name in merchant.plugins:
            if name in looked and looked[name].trouble is None:
                declared = {option: Option(**told) for option, told in looked[name].options.items()}
                found += option_faults(
                    name, declared, merchant.options.get(name, {}), mapping.file, merchant.plugins_line
                )
    return tuple(dict.fromkeys(found))


def unheard_options(mapping: Mapping) -> tuple[Fault, ...]:
    """What is said to a plugin that nobody opted in to: a slip, or switched off on purpose."""
    return tuple(dict.fromkeys(_unheard(mapping)))


def _unheard(mapping: Mapping) -> Iterator[Fault]:
    heard = {name for merchant in mapping.merchants.values() for name in merchant.plugins}
    for merchant in mapping.merchants.values():
        for name, options in merchant.options.items():
            if name not in heard and options:
                line = min(one.line for one in options.values())
                what = f"nobody hears it: no merchant has the plugin{nearest(name, heard)}"
                yield Fault(line, f"plugin.{name}", what, mapping.file)


def with_options(
    found: Checked, mapping: Mapping, folders: Sequence[str], allowed: Collection[str] | None = None
) -> Checked:
    """A check of a file in force, with plugins there are not and what is wrong in what it says to the others."""
    faults = (*absent_plugins(mapping, folders), *wrong_options(mapping, folders, allowed))
    return replace(
        found,
        errors=(*found.errors, *map(remark, faults)),
        warnings=(*found.warnings, *map(remark, unheard_options(mapping))),
    )
