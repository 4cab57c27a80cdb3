"""The lists of a company file: records found by id, by name and by family, with what was changed or deleted.

It judges nothing but finds everything without scanning; the rules for names are in `requests.lists`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from qbconsole.sandbox.quickbooks.file.kinds import LISTS
from qbconsole.sandbox.quickbooks.file.records import Deleted, Entry, Stock, Value, stamp


@dataclass(slots=True, kw_only=True)
class Lists:
    """All list records of a company file, and the traces of what was deleted."""

    entries: dict[str, Entry] = field(default_factory=dict)
    deleted: dict[str, Deleted] = field(default_factory=dict)
    #: What was changed since the last save: (row, key).
    changed: dict[tuple[str, str], None] = field(default_factory=dict)
    #: How many records a name space may hold.
    limits: dict[str, int] = field(default_factory=dict)
    last_list_id: int = 0
    #: ListIDs of the records directly under one.
    children: dict[str, dict[str, None]] = field(default_factory=dict)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _families: dict[str, dict[str, None]] = field(default_factory=dict)
    _spaces: dict[str, int] = field(default_factory=dict)
    _specials: dict[str, str] = field(default_factory=dict)

    def enlist(
        self,
        family: str,
        name: str,
        now: datetime,
        *,
        parent: str = "",
        fields: dict[str, Value] | None = None,
    ) -> Entry:
        """Add a record to a list; the caller has checked the name."""
        self.last_list_id += 1
        full = f"{self.entries[parent].full_name}:{name}" if parent else name
        entry = Entry(
            family=family,
            list_id=f"{0x80000000 + self.last_list_id:X}-{int(now.timestamp())}",
            name=name,
            full_name=full,
            parent=parent,
            created=stamp(now),
            modified=stamp(now),
            edit_sequence=str(int(now.timestamp())),
            fields=fields or {},
            stock=Stock() if family == "ItemInventory" else None,
        )
        self.index(entry)
        self.changed["entry", entry.list_id] = None
        return entry

    def index(self, entry: Entry) -> None:
        """Make a record findable."""
        self.entries[entry.list_id] = entry
        space = LISTS[entry.family].space
        self._names[space, entry.full_name.casefold()] = entry.list_id
        self._families.setdefault(entry.family, {})[entry.list_id] = None
        self._spaces[space] = self._spaces.get(space, 0) + 1
        if entry.parent:
            self.children.setdefault(entry.parent, {})[entry.list_id] = None
        if special := entry.text("SpecialAccountType"):
            self._specials[special] = entry.list_id

    def drop_entry(self, entry: Entry, now: datetime) -> None:
        """Delete a list record and leave its trace."""
        space = LISTS[entry.family].space
        del self.entries[entry.list_id], self._names[space, entry.full_name.casefold()]
        del self._families[entry.family][entry.list_id]
        self.children.get(entry.parent, {}).pop(entry.list_id, None)
        self._spaces[space] -= 1
        self.changed["entry", entry.list_id] = None
        self.bury(Deleted(entry.family, entry.list_id, entry.created, stamp(now), entry.full_name, True))

    def rename(self, entry: Entry, name: str, now: datetime) -> None:
        """Give a record another name; its children's full names follow."""
        space = LISTS[entry.family].space
        parent = self.entries[entry.parent].full_name + ":" if entry.parent else ""
        old, new = entry.full_name, parent + name
        entry.name = name
        for each in [one for one in self.in_group(space) if (one.full_name + ":").startswith(old + ":")]:
            del self._names[space, each.full_name.casefold()]
            each.full_name = new + each.full_name[len(old) :]
            self._names[space, each.full_name.casefold()] = each.list_id
            self.touch_entry(each, now)

    def touch_entry(self, entry: Entry, now: datetime) -> None:
        """Note that a record was changed."""
        entry.modified = stamp(now)
        entry.edit_sequence = str(max(int(now.timestamp()), int(entry.edit_sequence) + 1))
        self.changed["entry", entry.list_id] = None

    def named(self, space: str, full_name: str) -> Entry | None:
        """The record with that full name in a name space, upper and lower case alike."""
        list_id = self._names.get((space, full_name.strip().casefold()))
        return self.entries[list_id] if list_id else None

    def find(self, group: str, list_id: str, full_name: str) -> Entry | None:
        """The record a reference means: the ListID wins over the name. Group: a family or a name space."""
        space = LISTS[group].space if group in LISTS else group
        entry = self.entries.get(list_id) if list_id else self.named(space, full_name)
        if entry is None or group not in (entry.family, LISTS[entry.family].space):
            return None
        return entry

    def in_group(self, group: str) -> Iterator[Entry]:
        """All records of a family or a name space, oldest first within a family."""
        for family, kind in LISTS.items():
            if group in (family, kind.space):
                for list_id in self._families.get(family, ()):
                    yield self.entries[list_id]

    def room(self, family: str) -> bool:
        """Whether the edition's limit allows one more record."""
        space = LISTS[family].space
        return self._spaces.get(space, 0) < self.limits.get(space, 1_000_000)

    def special(self, sort: str) -> Entry:
        """The account QuickBooks itself uses for something, such as UndepositedFunds."""
        return self.entries[self._specials[sort]]

    def account_sort(self, list_id: str) -> str:
        """AccountType of an account."""
        return self.entries[list_id].text("AccountType")

    def bury(self, trace: Deleted) -> None:
        """Leave the trace of something deleted."""
        self.deleted[trace.identifier] = trace
        self.changed["deleted", trace.identifier] = None
