"""A candidate: the decisions in force with an edited file, values, a plugin or a template put in, for a what-if.

Nothing of the workspace is touched: a plugin file lies in a folder of its own for as long as the candidate lives.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError

from qbconsole.errors import MappingInvalid, TemplateBroken, UsageError
from qbconsole.qbxml.templating import Sandbox
from qbconsole.rules.mapping.edit import set_values
from qbconsole.rules.mapping.read import read
from qbconsole.rules.mapping.read import text_of as text_in
from qbconsole.rules.nearest import nearest
from qbconsole.store import decisions
from qbconsole.sync.means import Means

#: Templates of what is booked: a what-if knows nothing that any other would change.
_WRITES = re.compile(r"_add\.xml\.j2$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a candidate is to be, beside what is in force."""

    #: An edited mappings.toml; None keeps the text in force.
    file: Path | None = None
    #: Paths and values, set on top of it as one edit.
    pairs: Sequence[tuple[str, str]] = ()
    #: Files not in the workspace's folders yet; a plugin of the same name gives way.
    plugins: Sequence[Path] = ()
    templates: Sequence[Path] = ()
    #: Whom the plugins and templates are for; () is every merchant.
    merchants: Sequence[str] = ()


def compared(means: Means, path: Path, asked: Asked) -> tuple[Means, Asked]:
    """What counts as in force, and what stands against it.

    Without any change named: the revision last booked under, against the file at `path` as it is now.
    """
    if asked.file or asked.pairs or asked.plugins or asked.templates:
        return means, asked
    with means.store.reading() as tx:
        last = decisions.in_force(tx)
    if last is not None:
        name = means.mapping.file
        means = dataclasses.replace(means, mapping=read(last.text, name), mapping_text=last.text)
    return means, dataclasses.replace(asked, file=path)


@contextmanager
def candidate(means: Means, asked: Asked) -> Iterator[Means]:
    """The candidate, while the block lasts.

    Raises MappingFaults with every error of its text at its line, UsageError for a file that is not there, and
    TemplateBroken for a template that does not compile. Its plugins are run by whoever decides with it.
    """
    text, name = means.mapping_text, means.mapping.file
    if asked.file is not None:
        text, name = text_of(asked.file), asked.file.name
    if asked.pairs:
        text = set_values(text, asked.pairs, name)
    mapping = read(text, name)
    for merchant in asked.merchants:
        if merchant not in mapping.merchants:
            raise UsageError(
                f"the candidate has no merchant {merchant!r}{nearest(merchant, mapping.merchants)}"
            )
    with tempfile.TemporaryDirectory(prefix="qbconsole-") as room:
        folders = [str(_linked(Path(room), number, file)) for number, file in enumerate(asked.plugins)]
        if asked.plugins:
            text = _enabled(text, name, asked)
        yield dataclasses.replace(
            means,
            mapping=read(text, name),
            mapping_text=text,
            templates=_templates(means, asked),
            plugin_folders=(*folders, *means.plugin_folders),
        )


def text_of(path: Path) -> str:
    """A mappings.toml somewhere. Raises MappingInvalid where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as cause:
        raise MappingInvalid(
            f"{path.name} cannot be read: {cause.strerror or cause}", where=str(path)
        ) from cause
    return text_in(raw, path.name)


def _linked(room: Path, number: int, file: Path) -> Path:
    """A folder with only this plugin in it, called like its own, so that faults name the place people know."""
    if not file.is_file() or file.suffix != ".py":
        raise UsageError(
            "there is no such plugin file", where=str(file), next="Name a .py file: --plugin plugins/oak.py."
        )
    folder = room / str(number) / (file.resolve().parent.name or "plugins")
    folder.mkdir(parents=True)
    (folder / file.name).symlink_to(file.resolve())
    return folder


def _enabled(text: str, name: str, asked: Asked) -> str:
    """The text with the plugins opted in to, asked after those that are there already."""
    mapping = read(text, name)
    pairs = []
    for merchant in asked.merchants or tuple(mapping.merchants):
        known = mapping.merchants[merchant].plugins
        wanted = tuple(dict.fromkeys((*known, *(file.stem for file in asked.plugins))))
        if wanted != known:
            pairs.append((f"merchants.{merchant}.plugins", json.dumps(list(wanted))))
    return set_values(text, pairs, name) if pairs else text


def _templates(means: Means, asked: Asked) -> Mapping[str, str]:
    """The templates with the given files in the place of those they are called like."""
    if not asked.templates:
        return means.templates
    given: dict[str, str] = {}
    for file in asked.templates:
        if file.name not in means.shipped_templates:
            raise UsageError(
                f"no template is called {file.name!r}{nearest(file.name, means.shipped_templates)}",
                where=str(file),
                next="Call it like the shipped one it stands in for; `qbconsole templates list` shows them.",
            )
        if not _WRITES.search(file.name):
            raise UsageError(
                "that template asks QuickBooks something or takes something back; it writes no document and no list entry",
                where=str(file),
                next="Try one that adds something, such as sales_receipt_add.xml.j2; `qbconsole templates check` looks at "
                "the others.",
            )
        text = _template(file)
        given |= dict.fromkeys([f"{one}/{file.name}" for one in asked.merchants] or [file.name], text)
    templates = {**means.templates, **given}
    for one in given:
        _refuse_uncompiled(templates, one)
    return templates


def _refuse_uncompiled(templates: Mapping[str, str], name: str) -> None:
    def source(path: str) -> tuple[str, str, None] | None:
        return (templates[path], path, None) if path in templates else None

    try:
        Sandbox(source).runner(name)
    except TemplateError as cause:
        place = f"templates/{name}:{getattr(cause, 'lineno', None) or 1}"
        raise TemplateBroken(cause.message or "it does not compile", where=place) from cause


def _template(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise UsageError(
            f"the template cannot be read: {cause}", where=str(file), next="Name a file in UTF-8."
        ) from cause
