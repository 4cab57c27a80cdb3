"""Changing entries: the picker with what it tries, new entries and rules, taking out, moving, undo and redo."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on

from qbconsole.books.documents.fields import FIELDS
from qbconsole.console.screens.mapping.messages import ListsRead
from qbconsole.console.screens.mapping.state import MappingState
from qbconsole.console.showing import clock
from qbconsole.console.widgets.dialogs import Ask, Chooser
from qbconsole.console.widgets.picker import Picked, Picker, PickerClosed, Refused, Tried
from qbconsole.console.widgets.virtual_table import VirtualTable
from qbconsole.errors import QbconsoleError
from qbconsole.value import replace
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.console.desk import Lists
    from qbconsole.rules.mapping.editing import Editing
    from qbconsole.rules.mapping.faults import Path
    from qbconsole.views.mapping.entries import Entry
    from qbconsole.views.mapping.picking import Candidate, Hit
    from qbconsole.views.mapping.want import Want

#: Section -> tables within it, by the first word of a new entry's name.
NESTED: dict[str, tuple[str, ...]] = {
    "items": ("sku", "variant", "barcode", "product_type"),
    "customers": ("buyers", "companies"),
    "vendors": ("names",),
    "classes": ("locations", "channels"),
    "documents": ("locations", "channels"),
    "terms": ("names", "companies", "buyers"),
    "sales_reps": ("staff", "locations", "channels"),
}
#: What a rule may be made to decide, what is asked for most first; as people read it.
OUTCOMES: Mapping[str, str] = {
    "item": "item",
    "account": "account",
    "class": "class",
    "customer": "customer",
    "tax": "tax",
    "payment_method": "payment method",
    "document": "document: SalesReceipt or Invoice",
    "hold": "hold: a person looks first",
    "vendor": "vendor",
    **{name: field.label for name, field in FIELDS.items()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is being chosen, and what a choice does to the text."""

    path: Path
    #: What the row says now.
    said: str
    #: The name the candidates are compared with while nothing is typed.
    near: str
    make: Callable[[Editing, str, bool], Editing]


def set_at(path: Path, editing: Editing, name: str, as_typed: bool) -> Editing:
    """A name at its place: one of a list exactly as it is, a typed one in the type the schema has there."""
    return editing.write(path, name) if as_typed else editing.set(path, name)


def _with_agency(place: Path, editing: Editing, name: str, _as_typed: bool) -> Editing:
    """The agency beside its tax's item; a tax that is a text alone becomes a table of both."""
    held: Any = editing.data()
    for part in place[:-1]:
        held = held[part]
    if isinstance(held, dict):
        return editing.set(place, name)
    return editing.set(place[:-1], {"item": held, "agency": name})


class Choosing(MappingState):
    """The editor's hands."""

    def __init__(self) -> None:
        super().__init__()
        self.target: Target | None = None
        self._candidates: Sequence[Candidate] = ()
        #: Words and not names are chosen from: true, false, detailed.
        self._of_words = False
        self._inactive = False

    # ---- beginning

    def open_entry(self, entry: Entry) -> None:
        """Choose what an entry says."""
        if not self.console.may_change:
            self.console.tell("Nothing can be changed here: this console only reads.")
        elif entry.section == "rules":
            self._open_rule(entry)
        else:
            near = entry.when.rpartition(" ")[2] if entry.section == "items" else entry.when
            near = self._renamed(entry.path) or near
            self.choose(Target(path=entry.path, said=entry.use, near=near, make=partial(set_at, entry.path)))

    def _open_rule(self, entry: Entry) -> None:
        """One thing a rule says, to be said otherwise."""
        rule = self._rule(entry.path)
        if rule is None:
            return
        parts: list[tuple[str | int, ...]] = []
        for name, value in rule.items():
            parts += [(name, one) for one in value] if isinstance(value, dict) else [(name,)]

        def chosen(place: int | None) -> None:
            if place is not None:
                path = (*entry.path, *parts[place])
                held: Any = rule
                for part in parts[place]:
                    held = held[part]
                near = self._renamed(path)
                self.choose(Target(path=path, said=str(held), near=near, make=partial(set_at, path)))

        shown = [" ".join(map(str, part)) for part in parts]
        self.console.push_screen(Chooser("What of this rule?", shown), chosen)

    def _renamed(self, path: Path) -> str:
        """What QuickBooks calls the entry of a place by now, so that it stands first; "" where it has its name."""
        return self.page.renamed.get(path, "") if self.page is not None else ""

    def _rule(self, path: Path) -> dict[str, Any] | None:
        """The rule at a place; None, with the reason told, where the text has none there or is invalid."""
        try:
            held: Any = self.editing.data() if self.editing is not None else {}
            for part in path:
                held = held[part]
        except QbconsoleError as error:
            self.console.tell(f"{error}", wrong=True)
        except (KeyError, IndexError):
            self.console.tell("The text has no such rule by now.", wrong=True)
        else:
            return dict(held)
        return None

    def choose(self, target: Target) -> None:
        """Open the picker on the lists of the company file that the place is about."""
        self.target = target
        company = self._company(target.path)
        if company in self.lists:
            self._pick(self.lists[company])
        else:
            self.read_lists(company)

    def _company(self, path: Path) -> str:
        source = self.source
        owner = str(path[1]) if path[0] == "merchants" else self.console.merchant
        return source.company_of(owner) if source is not None else ""

    @on(ListsRead)
    def _lists_read(self, event: ListsRead) -> None:
        self.lists[event.company] = event.lists
        if self.target is not None and not self.query_one(Picker).is_open:
            self._pick(event.lists)

    def _pick(self, lists: Lists) -> None:
        from qbconsole.views.mapping.picking import candidates, is_known
        from qbconsole.views.mapping.want import want_of

        target = self.target
        if target is None:
            return
        want = want_of(target.path)
        self._candidates, self._of_words = candidates(lists.company, want, self._used()), bool(want.words)
        known = is_known(lists.company, want.list_kind)
        synced = self._synced(want, lists, known=known)
        self.query_one(Picker).begin(
            want.what,
            synced,
            self._ranked,
            typed_about=_typed_about(want, known=known),
            said=safe(target.said, limit=30),
        )
        self.set_class(True, "picking")

    def _synced(self, want: Want, lists: Lists, *, known: bool) -> str:
        desk = self.console.desk
        read_at = lists.read_at.get(want.list_kind)
        if not want.list_kind:
            return ""
        if not known or read_at is None or desk is None:
            return "list not read yet"
        name = "COA" if want.list_kind == "account" else f"{want.list_kind.replace('_', ' ')} list"
        return f"{name} synced {clock(read_at, desk.source.now())}"

    def _ranked(self, typed: str) -> Sequence[Hit]:
        from qbconsole.views.mapping.picking import ranked

        near = self.target.near if self.target is not None else ""
        return ranked(self._candidates, typed, near=near, inactive=self._inactive)

    def _used(self) -> Mapping[str, int]:
        """Name -> how often entries that say it were used."""
        found: dict[str, int] = {}
        for rows in self.page.rows.values() if self.page is not None and self.uses is not None else ():
            for entry in rows:
                if self.uses is not None and (count := self.uses.of(entry.mark)):
                    found[entry.use] = found.get(entry.use, 0) + count
        return found

    def show_uses(self) -> None:
        """Tell the names that stand there how often they were used; none moves while somebody looks at them."""
        used = self._used()
        self._candidates = tuple(replace(one, used=used.get(one.name, 0)) for one in self._candidates)
        picker = self.query_one(Picker)
        if picker.is_open:
            picker.retell(self._candidates)

    # ---- trying and picking

    @on(Tried)
    def _tried(self, event: Tried) -> None:
        """The candidate under the cursor: its effect and its text change are shown, nothing is edited."""
        self.tried = None
        if event.name and self.target is not None and self.editing is not None:
            try:
                self.tried = self.target.make(self.editing, event.name, self._of_words)
            except QbconsoleError:
                self.tried = None
        self.effect_soon()
        self.make_page()

    @on(Picked)
    def _picked(self, event: Picked) -> None:
        target = self.target
        if target is None:
            return
        if self.edit(lambda editing: target.make(editing, event.name, event.as_typed or self._of_words)):
            self.wanted_path = entry_path(target.path)
            self.end_choosing()
            self._ask_agency(target.path, event.name)

    def _ask_agency(self, path: Path, name: str) -> None:
        """Tell whom the tax of an item just picked is owed to, or ask where nobody knows; esc leaves it open."""
        from qbconsole.views.mapping.agency import known_agency, wanted_agency

        lists = self.lists.get(self._company(path))
        if lists is None or self.editing is None:
            return
        agency = known_agency(path, name, lists.company)
        if agency:
            self.console.tell(f"{safe(name, limit=40)} is owed to {safe(agency, limit=40)} in QuickBooks.")
        try:
            place = wanted_agency(path, name, self.editing.data(), lists.company)
        except QbconsoleError:
            return  # the text has another fault, which saving tells
        if place is not None:
            self.console.tell(f"Whom is {safe(name, limit=40)} owed to? QuickBooks does not say.")
            self.choose(Target(path=place, said="", near=str(place[-2]), make=partial(_with_agency, place)))

    @on(Refused)
    def _refused(self, event: Refused) -> None:
        self.console.tell(f"{event.name}: {event.why}.", wrong=True)

    @on(PickerClosed)
    def _picker_closed(self) -> None:
        self.end_choosing()

    def end_choosing(self) -> None:
        """Back to the rows."""
        self.target = self.tried = None
        self.query_one(Picker).end()
        self.set_class(False, "picking")
        self.query_one("#map_entries", VirtualTable).focus()
        self.effect_soon()
        self.make_page()

    def edit(self, make: Callable[[Editing], Editing]) -> bool:
        """Make one edit; False, with the reason told, where it cannot be made."""
        if self.editing is None or not self.console.may_change:
            return False
        try:
            self.editing = make(self.editing)
        except QbconsoleError as error:
            self.console.tell(f"{error}", wrong=True)
            return False
        self.make_page()
        self.effect_soon()
        return True

    def _level(self) -> Path:
        """Where a new entry goes: to the merchant shown, else where the cursor is, else to the defaults."""
        entry = self.here
        if self.console.merchant is not None:
            return ("merchants", self.console.merchant)
        return tuple(entry.path[:2]) if entry is not None and entry.path[0] == "merchants" else ("defaults",)

    @property
    def here(self) -> Entry | None:
        """The entry under the cursor."""
        raise NotImplementedError

    # ---- actions

    def action_inactive(self) -> None:
        """Show inactive names in the picker, or not."""
        self._inactive = not self._inactive
        self.console.tell(f"Inactive names are {'shown' if self._inactive else 'hidden'} in the picker.")
        picker = self.query_one(Picker)
        if picker.is_open:
            picker.again()

    def action_add(self) -> None:
        """A new entry in this section, or a new rule."""
        if self.editing is None:
            return
        if self.section == "rules":
            hint = "tag=wholesale location=Leeds amount>=5000"
            self.console.push_screen(Ask("When does the new rule hold?", hint), self._rule_when)
            return
        within = NESTED.get(self.section, ())
        hint = f"its name, or one of {', '.join(within)} and the name" if within else "its name"
        self.console.push_screen(Ask(f"New entry in {self.section}", hint), self._named)

    def _named(self, typed: str | None) -> None:
        if not typed:
            return
        first, _, rest = typed.partition(" ")
        below = (first, rest.strip()) if rest.strip() and first in NESTED.get(self.section, ()) else (typed,)
        path = (*self._level(), self.section, *below)
        self.choose(Target(path=path, said="", near=below[-1], make=partial(set_at, path)))

    def _rule_when(self, typed: str | None) -> None:
        if not typed:
            return
        try:
            when = conditions_of(typed)
        except ValueError as cause:
            self.console.tell(f"{cause}", wrong=True)
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                self._rule_then(when, list(OUTCOMES)[place])

        self.console.push_screen(Chooser("What does it decide then?", list(OUTCOMES.values())), chosen)

    def _rule_then(self, when: Mapping[str, Any], outcome: str) -> None:
        entry = self.here
        is_rule = entry is not None and isinstance(entry.path[-1], int)
        array = entry.path[:-1] if entry is not None and is_rule else (*self._level(), "rules")
        position = self._end_of(array)
        if position is None:
            return

        def make(editing: Editing, name: str, _as_typed: bool) -> Editing:
            return editing.insert(array, position, {"when": dict(when), outcome: name})

        self.choose(Target(path=(*array, position, outcome), said="", near="", make=make))

    def _end_of(self, array: Path) -> int | None:
        """How many rules are at a place; None, with the reason told, where the text is invalid."""
        try:
            held: Any = self.editing.data() if self.editing is not None else {}
        except QbconsoleError as error:
            self.console.tell(f"{error}", wrong=True)
            return None
        for part in array:
            held = held.get(part, {}) if isinstance(held, dict) else {}
        return len(held) if isinstance(held, list) else 0

    def action_delete(self) -> None:
        """Take the entry or rule out; undo brings it back."""
        entry = self.here
        if entry is None or not entry.line:
            self.console.tell("There is nothing written here to take out.")
        else:
            self.edit(lambda editing: editing.unset(entry.path))

    def action_shift(self, by: int) -> None:
        """Move a rule up or down: the first that fits answers."""
        entry = self.here
        place = entry.path[-1] if entry is not None else None
        if entry is None or not isinstance(place, int):
            self.console.tell("Only rules have an order.")
            return
        array, to = entry.path[:-1], place + by
        end = self._end_of(array)
        if end is not None and 0 <= to < end and self.edit(lambda editing: editing.move(array, place, to)):
            self.wanted_path = (*array, to)

    def action_undo(self) -> None:
        """Take the last edit back."""
        self._turn(lambda editing: editing.undo(), "There is nothing to undo.")

    def action_redo(self) -> None:
        """Make the edit that was taken back again."""
        self._turn(lambda editing: editing.redo(), "There is nothing to redo.")

    def _turn(self, turn: Callable[[Editing], Editing], otherwise: str) -> None:
        before = self.editing
        if before is None or turn(before) is before:
            self.console.tell(otherwise)
        else:
            self.edit(turn)


def conditions_of(typed: str) -> dict[str, Any]:
    """What was typed as a rule's conditions: tag=wholesale, sku="A 1|B 2", amount>=5000, amount<10. Raises ValueError."""
    found: dict[str, Any] = {}
    for word in shlex.split(typed):
        for sign, key in ((">=", "at_least"), ("<", "below")):
            name, there, value = word.partition(sign)
            if there and name and value:
                bounds = found.setdefault(name, {})
                if not isinstance(bounds, dict) or key in bounds:
                    raise ValueError(_twice(name))
                bounds[key] = value
                break
        else:
            name, there, value = word.partition("=")
            if not (there and name and value):
                raise ValueError(f"{word!r} is no condition; write it like tag=wholesale or amount>=5000")
            if name in found:
                raise ValueError(_twice(name))
            several = value.split("|")
            found[name] = several if len(several) > 1 else value
    return found


def _twice(name: str) -> str:
    return f"{name!r} has a condition already; several values are written like tag=wholesale|trade"


def entry_path(path: Path) -> Path:
    """The row a place is in: a rule's, where the place is within one."""
    place = next((at for at, part in enumerate(path) if isinstance(part, int)), len(path) - 1)
    return path[: place + 1]


def _typed_about(want: Want, *, known: bool) -> str:
    """What is told beside a name that no list has; "" where only words of a few may stand."""
    if want.words:
        return ""
    if not want.list_kind:
        return "as typed"
    return "not in QuickBooks" if known else "list not read yet"
