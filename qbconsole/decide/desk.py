"""The desk: everything a decision needs besides its case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qbconsole.books.answers import Answers
from qbconsole.books.naming.names import Names, Need
from qbconsole.books.policy import Settings
from qbconsole.company.snapshot import Company
from qbconsole.decide.case import Entered
from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.qbxml.text import fit_name
from qbconsole.rules.asking import Asking
from qbconsole.rules.mapping.values import Mapping as MerchantMapping
from qbconsole.rules.registry import load_plugins


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSpec:
    """All that another process needs to build the same desk; plain, picklable values."""

    settings: Settings
    mapping: MerchantMapping
    #: Where the merchant's plugin files are looked for, the first wins.
    plugin_folders: tuple[str, ...]
    templates: Mapping[str, str]
    #: The shipped ones; a template equal to its shipped text need not be read back each time.
    shipped_templates: Mapping[str, str]
    company: Company
    #: RefNumbers in use in the company -> key of the document that has it.
    taken: Mapping[str, str]


@dataclass(slots=True)
class Desk:
    """Everything a decision needs besides the case. `taken` and `entered` grow as cases are decided."""

    settings: Settings
    answers: Answers
    company: Company
    renderer: Renderer
    names: Names
    #: RefNumbers in use in the company, in capitals -> key of the document that has it.
    taken: dict[str, str] = field(default_factory=dict)
    entered: dict[Need, Entered] = field(default_factory=dict)
    #: Key of a document that was booked before -> its RefNumber.
    numbers: Mapping[str, str] = field(default_factory=dict)

    def number_of(self, key: str) -> str:
        """The RefNumber a document was booked under, "" for a new one."""
        return self.numbers.get(key, "")


def renderer_of(spec: DeskSpec) -> Renderer:
    """The templates of a workspace, compiled as they are used; one serves all its merchants."""
    return Renderer(spec.templates, shipped_schema(), proven=spec.shipped_templates)


def desk_of(spec: DeskSpec, renderer: Renderer | None = None, *, plugins_too: bool = True) -> Desk:
    """Build a desk, with a renderer already warm where there is one; raises PluginBroken.

    Without plugins the mapping alone answers, also for a merchant that has some.
    """
    mapping = spec.mapping
    names = mapping.merchants[spec.settings.merchant].plugins if plugins_too else ()
    plugins = load_plugins(names, [Path(folder) for folder in spec.plugin_folders])
    answers = Asking(mapping=mapping, merchant=spec.settings.merchant, plugins=plugins, company=spec.company)
    return Desk(
        settings=spec.settings,
        answers=answers,
        company=spec.company,
        renderer=renderer or renderer_of(spec),
        names=Names(company=spec.company, settings=spec.settings, fit=_fit_name),
        taken={number.upper(): key for number, key in spec.taken.items()},
        numbers={key: number for number, key in spec.taken.items()},
    )


def _fit_name(text: str, limit: int) -> str:
    return fit_name(text, limit).text
