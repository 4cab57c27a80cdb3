"""One page of the editor: sections with counts, rows, faults at their lines, and what the edits change in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qbconsole.books.roles import ROLES, stand_ins
from qbconsole.company.renames import Renames
from qbconsole.rules.mapping.editing import Editing
from qbconsole.rules.mapping.faults import Fault, MappingFaults, Path
from qbconsole.rules.mapping.lint.renamed import renamed_in
from qbconsole.rules.mapping.places import Places, places
from qbconsole.rules.mapping.read import parse, without_mark
from qbconsole.value import Value, field, replace
from qbconsole.views.mapping.entries import DEFAULTS, Entry, entries_of
from qbconsole.views.mapping.lacking import Lacking, lacking_entry

#: Section -> what its pane calls it, in the order a bookkeeper goes through them; others follow by their own name.
TITLES: dict[str, str] = {
    "accounts": "accounts",
    "clearing": "clearing",
    "items": "items",
    "taxes": "taxes",
    "registered": "registered",
    "payment_methods": "payments",
    "customers": "customers",
    "vendors": "vendors",
    "classes": "classes",
    "channels": "channels",
    "documents": "documents",
    "terms": "terms",
    "sales_reps": "sales reps",
    "ship_methods": "ship via",
    "sites": "sites",
    "templates": "forms",
    "messages": "messages",
    "memos": "memos",
    "numbers": "numbers",
    "policy": "policies",
    "modes": "modes",
    "create": "create",
    "filters": "filters",
    "rules": "rules",
    "schedule": "schedule",
    "plugins": "plugins",
    "plugin": "options",
    "merchants": "merchants",
    "companies": "companies",
}
#: Sections that are there even while nothing is written in them: the first entry is made here.
_ALWAYS = ("accounts", "clearing", "items", "taxes", "payment_methods", "customers", "vendors", "classes", "policy",
           "modes", "rules", "plugins")  # fmt: skip


class Section(Value):
    """One line of the sections' pane."""

    name: str
    title: str
    count: int
    #: Names that held documents lack in it.
    lacking: int = 0
    #: Names in it that QuickBooks calls otherwise now.
    renamed: int = 0


class Page(Value):
    """What the screen paints; made anew after every edit."""

    #: Of the editing it was made from: how many edits hold, and of which text.
    stamp: tuple[int, int, str]
    sections: tuple[Section, ...]
    #: Section -> rows.
    rows: Mapping[str, tuple[Entry, ...]]
    faults: tuple[Fault, ...]
    diff: tuple[str, ...]
    #: Marks of entries that are not in the text the editing began with.
    fresh: frozenset[str]
    #: Place of a name -> what to write instead, because QuickBooks calls its entry otherwise now.
    renamed: Mapping[Path, str] = field(default_factory=dict)
    #: Rows of the last good revision are shown, because the text is no TOML.
    from_last_good: bool = False

    @property
    def lacking(self) -> int:
        """How many names held documents lack."""
        return sum(section.lacking for section in self.sections)


def stamp_of(editing: Editing) -> tuple[int, int, str]:
    """What tells one state of an editing from another."""
    return (editing.count, len(editing.text), editing.base_sha)


def page_of(
    editing: Editing,
    in_force: str,
    wanted: Sequence[Lacking] = (),
    *,
    merchant: str | None = None,
    shown: Editing | None = None,
    renames: Mapping[str, Renames] | None = None,
) -> Page:
    """Make the page; `merchant` narrows it to one shop's own rows and the defaults.

    `renames`: company -> what QuickBooks calls otherwise now.

    Rows of a text that is no TOML are those `in_force`: what is broken never decides anything. `shown` is the editing
    with a choice that is only tried: its text change is told.
    """
    try:
        data, text, broken = parse(editing.text, editing.file), editing.text, False
    except MappingFaults:
        data, text, broken = _parsed(in_force), in_force, True
    spots = places(without_mark(text))
    rows = _by_section(data, spots, wanted, merchant)
    renamed = {one.path: one.now for one in renamed_in(data, renames or {}) if not one.others}
    rows = {name: [_renamed(entry, renamed) for entry in found] for name, found in rows.items()}
    now, before = _said(data, spots), _said_at_first(editing) if editing.changed and not broken else None
    return Page(
        stamp=stamp_of(editing),
        sections=tuple(_sections(rows)),
        rows={name: tuple(found) for name, found in rows.items()},
        faults=editing.faults(),
        diff=(shown or editing).diff(1),
        fresh=frozenset(now - before) if before is not None else frozenset(),
        renamed=renamed,
        from_last_good=broken,
    )


def _renamed(entry: Entry, renamed: Mapping[Path, str]) -> Entry:
    """The entry with what to write instead; of a rule the first name in it."""
    depth = len(entry.path)
    found = next((now for path, now in renamed.items() if path[:depth] == entry.path), "")
    return replace(entry, renamed=found) if found else entry


def _parsed(text: str) -> dict[str, Any]:
    try:
        return parse(text)
    except MappingFaults:
        return {}


def _said(data: Mapping[str, Any], spots: Places) -> set[str]:
    return {fresh_mark(entry) for entry in entries_of(data, spots)}


def fresh_mark(entry: Entry) -> str:
    """What tells an entry from one that says something else at the same place."""
    return f"{entry.mark}={entry.use}"


def _said_at_first(editing: Editing) -> set[str]:
    return _said(_parsed(editing.start), Places({}))


def _by_section(
    data: dict[str, Any], spots: Places, wanted: Sequence[Lacking], merchant: str | None
) -> dict[str, list[Entry]]:
    rows: dict[str, list[Entry]] = {}
    for one in wanted:
        entry = lacking_entry(one, data)
        if entry is not None and (merchant is None or merchant in one.merchants):
            rows.setdefault(entry.section, []).append(entry)
    for entry in entries_of(data, spots):
        if merchant is None or entry.level in (merchant, DEFAULTS, ""):
            rows.setdefault(entry.section, []).append(entry)
    rows.setdefault("accounts", []).extend(_stand_ins(rows.get("accounts", ()), "accounts"))
    rows.setdefault("items", []).extend(_stand_ins(rows.get("items", ()), "items"))
    return rows


def _stand_ins(written: Sequence[Entry], section: str) -> Iterator[Entry]:
    """Roles without a line of their own, and the role that stands in for each."""
    named = {entry.when for entry in written}
    for role in ROLES.values():
        if role.name in named or (section == "items" and not role.item):
            continue
        other = next((name for name in stand_ins(role.name) if name in named), "")
        path = (DEFAULTS, section, role.name)
        mark = f"{DEFAULTS}.{section}.{role.name}"
        yield Entry(
            path=path, section=section, level=DEFAULTS, when=role.name, use="", mark=mark, stand_in=other
        )


def _sections(rows: Mapping[str, Sequence[Entry]]) -> Iterator[Section]:
    names = [name for name in TITLES if rows.get(name) or name in _ALWAYS]
    for name in (*names, *(name for name in rows if name not in TITLES)):
        found = rows.get(name, ())
        yield Section(
            name=name,
            title=TITLES.get(name, name),
            count=sum(1 for entry in found if entry.line),
            lacking=sum(1 for entry in found if entry.held),
            renamed=sum(1 for entry in found if entry.renamed),
        )
