"""Revisions of the mapping: a text, the plugins it names and the merchant's templates, kept with who, when and why.

Each is kept before it decides anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa

from qbconsole.errors import MappingMoved
from qbconsole.rules.mapping.read import read
from qbconsole.rules.mapping.values import Mapping
from qbconsole.rules.registry import GROUP, plugin_files
from qbconsole.store import decisions
from qbconsole.store.requests import current
from qbconsole.sync.means import Means


class RunRevision:
    """The revision one run of `book` decides under: kept with its first merchant, the same for all of them.

    What somebody saves while it runs stays in force, and is the next run's: a text that was read before that is not put
    in force over it.
    """

    def __init__(self, means: Means) -> None:
        self._means = means
        self._number = 0

    def number(self, tx: sa.Connection) -> int:
        """Its number. Raises MappingMoved where the files were changed since they were read."""
        if not self._number:
            means, before = self._means, decisions.number_in_force(tx)
            number = keep_text(tx, means, means.mapping_text, who="book", why="found on disk")
            if before not in (0, number) and _is_stale(means):
                raise _moved()
            self._number = number
        return self._number


def still_in_force(tx: sa.Connection, merchant: str, number: int) -> None:
    """Raise MappingMoved where revisions put in force meanwhile decide this merchant's documents otherwise."""
    if current.is_overtaken(tx, merchant, number):
        raise _moved()


def _is_stale(means: Means) -> bool:
    if means.reread is None:
        return False
    there = means.reread()
    return (there.mapping_text, there.templates) != (means.mapping_text, means.templates)


def _moved() -> MappingMoved:
    return MappingMoved(
        "the mapping or a template was changed while documents were booked by what it said before"
    )


def keep_text(tx: sa.Connection, means: Means, text: str, *, who: str, why: str) -> int:
    """Keep a valid text as the revision in force; gives its number, the old one where nothing in it is new."""
    hashes = plugin_hashes(means, read(text, means.mapping.file))
    return decisions.keep_revision(
        tx, "", text, hashes, templates=template_hashes(means), who=who, why=why, at=means.clock()
    )


def template_hashes(means: Means) -> dict[str, str]:
    """sha256 of every template that is not the shipped one, so that a revision says what laid its documents out."""
    return {
        path: hashlib.sha256(text.encode()).hexdigest()
        for path, text in sorted(means.templates.items())
        if means.shipped_templates.get(path) != text
    }


def plugin_hashes(means: Means, mapping: Mapping) -> dict[str, str]:
    """sha256 of every plugin a mapping names, so that a revision says which code decided; none of it is run.

    A plugin that is nowhere is left out: booking holds its merchants.
    """
    names = {name for merchant in mapping.merchants.values() for name in merchant.plugins}
    return hashes_of(sorted(names), [Path(folder) for folder in means.plugin_folders])


def hashes_of(names: Iterable[str], folders: Iterable[Path]) -> dict[str, str]:
    """sha256 of plugins by name: of the file, or of every .py file of an installed package, as `rules.registry` has it."""
    files = plugin_files(folders)
    found: dict[str, str] = {}
    for name in names:
        sources = [files[name]] if name in files else _installed(name)
        try:
            text = b"".join(source.read_bytes() for source in sources)
        except OSError:
            continue  # loading it will say why
        if sources:
            found[name] = hashlib.sha256(text).hexdigest()
    return found


def _installed(name: str) -> list[Path]:
    """The sources of an installed plugin, found without importing the package they stand in."""
    for point in entry_points(group=GROUP, name=name):
        package, *parts = point.module.split(".")
        spec = find_spec(package)
        for part in parts:
            spec = PathFinder.find_spec(part, spec.submodule_search_locations or []) if spec else None
        origin = Path(spec.origin or "") if spec else Path()
        return sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    return []
