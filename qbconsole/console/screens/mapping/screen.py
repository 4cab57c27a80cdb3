"""The mapping editor's screen: sections beside rows, the effect and the text change below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from qbconsole.console.desk import RowId
from qbconsole.console.messages import CursorMoved, RowOpened, RowsMissed
from qbconsole.console.registry import bindings
from qbconsole.console.screens.mapping.messages import MappingSeen, PageMade
from qbconsole.console.screens.mapping.saving import Saving
from qbconsole.console.screens.mapping.told import (
    change_lines,
    effect_lines,
    effect_title,
    entry_row,
    panel,
    section_row,
    standing_told,
)
from qbconsole.console.showing import text
from qbconsole.console.widgets.dialogs import Paper
from qbconsole.console.widgets.picker import Picker
from qbconsole.console.widgets.virtual_table import Column, Row, Tone, VirtualTable
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.rules.mapping.faults import Path
    from qbconsole.views.mapping.entries import Entry

_GONE = Row(cells=("(gone)",), tone=Tone.QUIET)


class MappingScreen(Saving):
    """Sections, rows, picker, effect, text change."""

    MODE: ClassVar[str] = "mapping"
    SCOPE: ClassVar[str] = "mapping"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("mapping")]
    AUTO_FOCUS = "#map_entries"

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[RowId, Entry] = {}
        self._shown: tuple[str, str | None] = ("", None)
        #: Cause of the hold that brought us here, until its row is found.
        self._fixing = ""

    def body(self) -> Iterable[Widget]:
        """Lay the panes out."""
        yield Static("", id="map_banner", markup=False)
        sections = VirtualTable(
            Column(title="", width=9, grows=True),
            Column(title="", width=4, right=True),
            id="map_sections",
            heads=False,
            empty="…",
        )
        left = Vertical(sections, Static("", id="map_lacking", markup=False), id="map_left", classes="panel")
        left.border_title = "Sections"
        entries = VirtualTable(
            Column(title="When", width=21, grows=True),
            Column(title="Use", width=24, grows=True),
            Column(title="Hits", width=5, right=True),
            id="map_entries",
            empty="…",
        )
        rows = Vertical(entries, id="map_rows", classes="panel")
        yield Horizontal(left, Vertical(rows, Picker(id="map_picker"), id="map_right"), id="map_upper")
        effect = Static("", id="map_effect", classes="panel", markup=False)
        effect.border_title = "Effect on the last 30 days"
        yield effect
        change = Static("", id="map_change", classes="panel", markup=False)
        change.border_title = "Text change"
        yield change

    # ---- going somewhere

    def fix(self, cause: str) -> None:
        """Go to the name that a hold lacks, and open the picker on it."""
        self._fixing = cause
        self.reload()

    def _go_fixing(self) -> None:
        """Once there are rows: the row of the missing name, and its picker."""
        cause = self._fixing
        if not cause or self.page is None or self.picking:
            return
        found = next(
            (entry for rows in self.page.rows.values() for entry in rows if entry.mark == cause), None
        )
        self._fixing = ""
        if found is None:
            from qbconsole.views.mapping.lacking import named_in

            path = named_in(cause, (entry for rows in self.page.rows.values() for entry in rows))
            if path is None:
                self.console.tell(
                    "No line of the mapping is named by this hold; its next step is in the queue."
                )
                return
            self.go_to(path)
            return
        self.go_to(found.path)
        self.open_entry(found)

    def go_to(self, path: Path) -> None:
        """Show the section of a path, with the cursor on it."""
        below = path[2:] if path[0] == "merchants" and len(path) > 2 else path[1:]
        self.section = str(below[0])
        self.wanted_path = path
        self.query_one("#map_sections", VirtualTable).put_cursor_on(self.section)
        self.show_rows()

    @property
    def picking(self) -> bool:
        """Whether a name is being chosen."""
        return self.has_class("picking")

    @property
    def here(self) -> Entry | None:
        """The entry under the cursor."""
        return self._entries.get(self.query_one("#map_entries", VirtualTable).cursor_id)

    # ---- answers

    @on(MappingSeen)
    def _seen(self, event: MappingSeen) -> None:
        self.standing = event.standing
        if self.editing is None:
            self.editing = event.editing
        if self.editing.base_sha == event.editing.base_sha:
            self.disk = event.disk
        if self.moved and event.disk.text and not self.editing.changed and not self.picking:
            self.take(event.disk.text)
            self.console.tell(f"{self.editing.file} changed on disk and was read again.")
            return
        self.make_page()
        self.count_uses()
        self._show_banner()
        self.head()

    @on(PageMade)
    def _page_made(self, event: PageMade) -> None:
        self.page = event.page
        table = self.query_one("#map_sections", VirtualTable)
        rows: dict[RowId, Row] = {one.name: section_row(one) for one in event.page.sections}
        table.show_ids(list(rows), rows=rows, keep=True)
        table.put_cursor_on(self.section)
        lacking = self.query_one("#map_lacking", Static)
        lacking.update(text(f"! {event.page.lacking} unmapped") if event.page.lacking else Text(""))
        self.show_rows()
        self._show_change()
        self._show_banner()
        self.head()
        self._go_fixing()

    @on(CursorMoved, "#map_sections")
    def _section_moved(self, event: CursorMoved) -> None:
        if (
            isinstance(event.row, str)
            and event.row != self.section
            and self.query_one("#map_sections").has_focus
        ):
            self.section = event.row
            self.show_rows()

    @on(RowOpened, "#map_sections")
    def _section_opened(self) -> None:
        self.query_one("#map_entries", VirtualTable).focus()

    @on(RowOpened, "#map_entries")
    def _entry_opened(self) -> None:
        entry = self.here
        if entry is not None and not self.picking:
            self.open_entry(entry)

    @on(RowsMissed, "#map_entries")
    def _rows_missed(self, event: RowsMissed) -> None:
        fresh = self.page.fresh if self.page is not None else frozenset()
        rows = {}
        for name in event.ids:
            entry = self._entries.get(name)
            is_fresh = entry is not None and f"{entry.mark}={entry.use}" in fresh
            rows[name] = entry_row(entry, self.uses, is_fresh) if entry is not None else _GONE
        self.query_one("#map_entries", VirtualTable).put_rows(rows)

    # ---- showing

    def right(self) -> str:
        """Give unsaved edits, faults, the file on disk, undo."""
        editing = self.editing
        if editing is None:
            return "reading …"
        return standing_told(
            self.page,
            count=editing.count,
            changed=editing.changed,
            disk=str(self.disk.state) if self.disk is not None else "unchanged",
            can_undo=editing.can_undo,
        )

    def show_rows(self) -> None:
        """Paint the section's rows; the cursor stays on its entry."""
        if self.page is None:
            return
        entries = self.page.rows.get(self.section, ())
        self._entries = {entry.path: entry for entry in entries}
        table = self.query_one("#map_entries", VirtualTable)
        table.say_when_empty("Nothing is written here; A adds the first.")
        asked = (self.section, self.console.merchant)
        table.show_ids(tuple(self._entries), keep=self._shown == asked)
        self._shown = asked
        if self.wanted_path is not None:
            table.put_cursor_on(self.wanted_path)
            if self.wanted_path in self._entries and self.wanted_path == table.cursor_id:
                self.wanted_path = None
        pane = self.query_one("#map_rows")
        pane.border_title = text(self.section)
        note = "of the last good revision" if self.page.from_last_good else ""
        pane.border_subtitle = text(note)

    def show_effect(self) -> None:
        """Paint the effect's panel."""
        pane = self.query_one("#map_effect", Static)
        effect = self.effect
        if effect is not None and not self.effect_said:
            pane.border_title = text(effect_title(effect))
            pane.update(panel(effect_lines(effect), max(1, pane.size.height)))
        else:
            pane.border_title = "Effect on the last 30 days"
            said = self.effect_said or "Choose or edit something to see what it would change."
            pane.update(text(said))
        self.head()

    def _show_change(self) -> None:
        pane = self.query_one("#map_change", Static)
        page = self.page
        if page is None:
            return
        room = max(1, pane.size.height)
        if page.faults:
            pane.border_title = text(f"! {len(page.faults)} to mend before saving (c shows all)")
            pane.update(panel(map(str, page.faults), room))
        else:
            lines = change_lines(page)
            counts = (sum(line[0] == sign for line in lines) for sign in "+-")
            pane.border_title = text("Text change  +{} -{}".format(*counts) if lines else "Text change")
            pane.update(panel(lines, room) if lines else text("The text is as it was."))

    def _show_banner(self) -> None:
        """One line on top: another's change, or a file that is not in force."""
        words, standing = "", self.standing
        if self.moved and self.disk is not None:
            how = "X, then k keep mine / t take theirs / d diff"
            words = f"disk {self.disk.state}: {self.disk.why or how}"
        elif standing is not None and standing.fault:
            kept = f"revision {standing.revision} stays" if standing.revision else "nothing is"
            words = f"{kept} in force: {standing.fault}"
        banner = self.query_one("#map_banner", Static)
        banner.update(Text(safe(f"! {words}" if words else ""), no_wrap=True, overflow="ellipsis"))
        banner.set_class(bool(words), "shown")

    def on_resize(self) -> None:
        """Panels tell as much as fits."""
        super().on_resize()
        self.call_after_refresh(self._show_change)
        self.call_after_refresh(self.show_effect)

    # ---- actions

    def action_pane(self, name: str) -> None:
        """The keys go to another pane."""
        if not self.picking:
            self.query_one(f"#{name}", VirtualTable).focus()

    def action_preview(self) -> None:
        """The whole effect, or work it out now."""
        if self.effect is not None and not self.effect_said:
            title = effect_title(self.effect)
            self.console.push_screen(Paper(title, "\n".join(effect_lines(self.effect, whole=True))))
        elif self.editing is not None and not (self.tried or self.editing).changed:
            self.console.tell("Nothing is edited, so nothing would change.")
        else:
            self.effect_soon()
            self.console.tell("It is being worked out.")
