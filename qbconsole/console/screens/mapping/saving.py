"""Saving and everything about the file: faults, the diff that is agreed to, another's change, $EDITOR, revisions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from qbconsole.console.editor import edited
from qbconsole.console.screens.mapping.choosing import Choosing
from qbconsole.console.screens.mapping.messages import (
    HistoryRead,
    MappingChecked,
    MappingSaved,
    RevisionRead,
    SavingOvertaken,
    SavingRefused,
)
from qbconsole.console.screens.mapping.told import checked_page, faults_page
from qbconsole.console.showing import clock, plural
from qbconsole.console.widgets.confirm import Confirm, Question
from qbconsole.console.widgets.dialogs import Chooser, Paper
from qbconsole.console.widgets.moved import FileMovedDialog
from qbconsole.errors import QbconsoleError
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.rules.mapping.editing import Editing

#: Lines of the text change that the question before saving shows.
SHOWN = 10


class Saving(Choosing):
    """The editor and the file."""

    @property
    def moved(self) -> bool:
        """Whether another text lies on disk than the one the edits began with."""
        return self.disk is not None and str(self.disk.state) != "unchanged"

    # ---- saving

    def action_save(self) -> None:
        """Save, after the text change was looked at; with faults, all of them are shown instead."""
        editing, page = self.editing, self.page
        if editing is None or page is None or not self.console.may_change:
            return
        if not editing.changed:
            self.console.tell("There is nothing to save.")
        elif self.moved:
            self.action_disk()
        elif fresh := editing.fresh_faults():
            self._show_faults(SavingRefused(fresh))
        else:
            self._ask(editing)

    def _ask(self, editing: Editing) -> None:
        lines = [line for line in editing.diff(0) if line[:1] in "+-"]
        rest = len(lines) - SHOWN
        more = (f"… {rest:,} more lines",) if rest > 0 else ()
        effect = self.effect_counted()
        question = Question(
            title=f"Save {plural(editing.count, 'edit')} to {editing.file}?",
            lines=(*lines[:SHOWN], *more, "", effect, "What is in QuickBooks already is not rewritten."),
            count=1,
        )
        self.console.push_screen(Confirm(question), lambda yes: self._save(editing) if yes else None)

    def effect_counted(self) -> str:
        """The effect in a sentence."""
        effect = self.effect
        if effect is None:
            return "Its effect was not worked out."
        since = f"Since {effect.since:%m-%d}" if effect.since else "Of all that is stored"
        change = f"{plural(len(effect.changed), 'document')} change{'s' if len(effect.changed) == 1 else ''}"
        return f"{since} {change}, {len(effect.newly_ready):,} go out, {len(effect.newly_held):,} are held."

    def _save(self, editing: Editing) -> None:
        desk = self.console.desk
        if desk is None or desk.actions is None or not self.console.may_change:
            return
        actions = desk.actions

        def work() -> Message:
            from qbconsole.care.mapping_file import FileMoved
            from qbconsole.rules.mapping.faults import MappingFaults

            try:
                return MappingSaved(editing, actions.save_mapping(editing))
            except MappingFaults as refused:
                return SavingRefused(refused.faults)
            except FileMoved as moved:
                return SavingOvertaken(safe(moved))

        self.console.look(self, "mapping save", work, exclusive=False)

    @on(MappingSaved)
    def _saved(self, event: MappingSaved) -> None:
        """What was saved is the new beginning; what was held for it is booked again."""
        from qbconsole.rules.mapping.editing import Editing

        desk = self.console.desk
        kept = f" The text before is {event.edited.backup}." if event.edited.backup else ""
        self.console.tell(f"Saved as revision {event.edited.revision}.{kept} Booking again what was held …")
        if self.editing is not None and self.editing.text == event.editing.text:
            self.editing = Editing.begin(event.editing.text, self.editing.file)
        self.disk = None
        self.reload()
        self.make_page()
        self.effect_soon()
        if desk is not None and desk.actions is not None:
            self.console.carry_out(self, desk.actions.book_again)

    @on(SavingRefused)
    def _show_faults(self, event: SavingRefused) -> None:
        text = self.editing.text if self.editing is not None else ""
        title = f"Not saved: {plural(len(event.faults), 'fault')}"
        self.console.push_screen(Paper(title, faults_page(event.faults, text)))

    @on(SavingOvertaken)
    def _overtaken(self, event: SavingOvertaken) -> None:
        self.console.tell(f"Not saved: {event.what}", wrong=True)
        self.reload()

    # ---- another's change

    def action_disk(self) -> None:
        """The file changed on disk: keep mine, take theirs, or see the difference."""
        editing, disk = self.editing, self.disk
        if editing is None or disk is None or not self.moved:
            self.console.tell("The file on disk is the one these edits began with.")
            return
        if not disk.text:
            self.console.tell(f"{editing.file} on disk: {disk.state} {disk.why}".strip(), wrong=True)
            return
        theirs = disk.text

        def chosen(word: str | None) -> None:
            if word == "mine":
                self._keep_mine(editing, theirs)
            elif word == "theirs":
                self.take(theirs)
            elif word == "diff":
                self._show_difference(editing, theirs)

        self.console.push_screen(FileMovedDialog(editing.file), chosen)

    def _keep_mine(self, editing: Editing, theirs: str) -> None:
        """My edits onto their text, so that nothing is lost; where both changed one thing, my whole text."""
        from qbconsole.rules.mapping.editing import Editing as Begun

        try:
            self.editing = editing.onto(theirs)
            told = "Your edits stand on the new text now; save it."
        except QbconsoleError as error:
            self.editing = Begun.begin(theirs, editing.file).replace_all(editing.text)
            told = f"{error}\nYour whole text stands in place of theirs now: look at the text change before you save it."
        self.console.tell(told)
        self._begun_anew()

    def take(self, theirs: str) -> None:
        """Their text; my edits are gone."""
        from qbconsole.rules.mapping.editing import Editing

        name = self.editing.file if self.editing is not None else "mappings.toml"
        self.editing = Editing.begin(theirs, name)
        self._begun_anew()

    def _begun_anew(self) -> None:
        self.disk = None
        self.make_page()
        self.effect_soon()
        self.reload()

    def _show_difference(self, editing: Editing, theirs: str) -> None:
        from qbconsole.rules.mapping.editing import diff_lines

        told = "\n".join(diff_lines(theirs, editing.text))
        self.console.push_screen(Paper("- on disk    + yours", told or "They are the same."))

    # ---- editor, revisions, faults

    def action_editor(self) -> None:
        """The whole text in $EDITOR, else vi or nano; taken back as one edit."""
        if self.editing is None or not self.console.may_change:
            return
        page, entry = self.page, self.here
        line = (
            page.faults[0].line
            if page is not None and page.faults
            else entry.line
            if entry is not None
            else 0
        )
        try:
            after = edited(self.console, self.editing.text, os.environ, line=line)
        except QbconsoleError as error:
            self.console.tell(f"{error}\n{error.next}", wrong=True)
            return
        self.edit(lambda editing: editing.replace_all(after))

    def action_revisions(self) -> None:
        """An earlier revision's text, as one edit that is looked at and saved like any other."""
        source = self.source
        if source is not None:
            self.console.look(self, "mapping history", lambda: HistoryRead(source.history()))

    @on(HistoryRead)
    def _history(self, event: HistoryRead) -> None:
        desk = self.console.desk
        if not event.kept or desk is None:
            self.console.tell(
                "No revision was kept yet: the first is kept when something is booked or saved."
            )
            return
        now = desk.source.now()
        shown = [
            f"{one.number:>4} {'*' if one.in_force else ' '} {clock(one.kept_at, now):<12}{safe(one.who, limit=16):<17}{one.why}"
            for one in event.kept
        ]

        def chosen(place: int | None) -> None:
            source = self.source
            if place is not None and source is not None:
                number = event.kept[place].number
                self.console.look(self, "mapping revision", lambda: RevisionRead(source.text_of(number)))

        self.console.push_screen(Chooser("Back to which revision?  (* in force)", shown), chosen)

    @on(RevisionRead)
    def _revision(self, event: RevisionRead) -> None:
        self.edit(lambda editing: editing.replace_all(event.text))

    def action_check(self) -> None:
        """Every error and warning of the text at its line."""
        source, editing = self.source, self.editing
        if source is None or editing is None:
            return
        if faults := editing.faults():
            self.console.push_screen(Paper(plural(len(faults), "fault"), faults_page(faults, editing.text)))
        else:
            self.console.look(self, "mapping check", lambda: MappingChecked(source.check(editing)))

    @on(MappingChecked)
    def _checked(self, event: MappingChecked) -> None:
        self.console.push_screen(Paper("Checked against QuickBooks' lists", checked_page(event.checked)))
