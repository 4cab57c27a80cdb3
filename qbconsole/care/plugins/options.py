"""Options looked through before they count: what merchants say to their plugins, held to what the plugins declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qbconsole.care.mapping_check import Checked, remark
from qbconsole.host.look import look_at_all
from qbconsole.rules.mapping.faults import Fault
from qbconsole.rules.mapping.options.checking import option_faults
from qbconsole.rules.mapping.options.option import Option
from qbconsole.rules.mapping.values import Mapping
from qbconsole.rules.nearest import nearest


def wrong_options(mapping: Mapping, folders: Sequence[str]) -> tuple[Fault, ...]:
    """What would stop a merchant's posting, with its line. Enabled plugins are loaded, each in a process apart.

    A plugin that does not load is not judged here: `plugins list` says why.
    """
    names = sorted({name for merchant in mapping.merchants.values() for name in merchant.plugins})
    looked = look_at_all(names, folders) if names else {}
    found: list[Fault] = []
    for merchant in mapping.merchants.values():
        for name in merchant.plugins:
            if looked[name].trouble is None:
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


def with_options(found: Checked, mapping: Mapping, folders: Sequence[str]) -> Checked:
    """A check of a file in force, with what is wrong in what it says to plugins."""
    return replace(
        found,
        errors=(*found.errors, *map(remark, wrong_options(mapping, folders))),
        warnings=(*found.warnings, *map(remark, unheard_options(mapping))),
    )
