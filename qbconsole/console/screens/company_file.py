"""Company file: what the last session found about each, and the operator's word where one stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from qbconsole.console.messages import ActionDone, FilesRead, PlanMade, ReadingFailed
from qbconsole.console.registry import bindings
from qbconsole.console.showing import block, text
from qbconsole.console.widgets.confirm import Confirm, Question

if TYPE_CHECKING:
    from qbconsole.console.app import QbConsole
    from qbconsole.views.company_file import FileState

#: Company files that are well and are told one by one; more are counted.
MANY = 6
#: What each word means, beside it.
MEANINGS = {
    "restored": "a backup was put in place: go on from it",
    "copy": "this copy is the one to go on with",
    "relink": "this is the right file: mark it anew",
    "stop": "it is not the right file: write nothing to it",
}


class CompanyFileDialog(ModalScreen[None]):
    """The files, and below them what may be said."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog")]
    AUTO_FOCUS = "#words"

    def __init__(self) -> None:
        super().__init__()
        self._choices: list[tuple[str, str]] = []

    @property
    def console(self) -> QbConsole:
        """The app."""
        return cast("QbConsole", self.app)

    def compose(self) -> ComposeResult:
        """Lay text and words out."""
        with Vertical(id="box", classes="wide") as box:
            box.border_title = "Company file"
            box.border_subtitle = "esc closes"
            yield VerticalScroll(Static("Reading …", id="files", markup=False), id="states", can_focus=False)
            yield OptionList(id="words", markup=False)

    def on_mount(self) -> None:
        """Ask how the files stand."""
        desk = self.console.desk
        if desk is not None:
            self.console.look(self, "files", lambda: FilesRead(desk.files()))

    @on(FilesRead)
    def _read(self, event: FilesRead) -> None:
        files = sorted(event.files, key=_needs_nobody)
        self.query_one("#files", Static).update(Text("\n".join(block(one) for one in told(files))))
        self._choices = [
            (one.company, word)
            for one in files
            for word in one.choices
            if self.console.may_change and not one.said
        ]
        words = self.query_one(OptionList)
        words.clear_options()
        words.add_options(
            Option(text(f"{company}: {word:<9} {MEANINGS[word]}")) for company, word in self._choices
        )
        words.display = bool(self._choices)
        if self._choices:
            words.highlighted = 0
            words.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        """Look at the plan first."""
        company, word = self._choices[event.option_index]
        desk = self.console.desk
        if desk is not None and desk.actions is not None:
            actions = desk.actions
            self.console.look(self, "plan", lambda: PlanMade(actions.plan_decision(company, word)))

    @on(PlanMade)
    def _planned(self, event: PlanMade) -> None:
        plan = event.plan

        def answered(yes: bool | None) -> None:
            desk = self.console.desk
            if yes and desk is not None and desk.actions is not None and self.console.may_change:
                self.console.carry_out(self, partial(desk.actions.decide, plan))

        asked = Question(
            title=f"Say {plan.word.value} of {plan.company}?", lines=tuple(plan.steps), count=plan.count
        )
        self.console.push_screen(Confirm(asked), answered)

    @on(ActionDone)
    def _done(self, event: ActionDone) -> None:
        self.console.tell(event.sentence)
        self.dismiss(None)
        self.console.action_reload()

    @on(ReadingFailed)
    def _failed(self, event: ReadingFailed) -> None:
        self.console.tell(f"{event.what} {event.next_step}".strip(), wrong=True)

    def action_close(self) -> None:
        """Back; nothing was said."""
        self.dismiss(None)


def _needs_nobody(one: FileState) -> bool:
    return one.is_well and not (one.decided or one.lost or one.deleted or one.deleted_gap)


def told(files: Sequence[FileState]) -> Iterator[str]:
    """The lines about each file; those that are well in one, and many of them in one together."""
    well = [one for one in files if _needs_nobody(one)]
    if len(well) > MANY:
        linked = sum(bool(one.linked_name) for one in well)
        yield f"  {linked:,} are well, {len(well) - linked:,} had no session yet: `qbconsole company status`"
        files = [one for one in files if not _needs_nobody(one)]
    for one in files:
        yield f"{'!' if not one.is_well else ' '} {one.company}: {one.word}, {one.linked_name or f'{one.name} (not linked yet)'}"
        if one.sentence or one.stopped:
            yield f"  {one.sentence or one.stopped}"
        for what, value in one.evidence:
            yield f"  {what}: {value}"
        if one.decided:
            yield f"  {one.decided}"
        elif one.next_step:
            yield f"  -> {one.next_step}"
        if one.lost or one.deleted:
            yield f"  gone from QuickBooks: {one.lost} lost by a restore, {one.deleted} deleted there"
        if one.deleted_gap:
            yield f"  {one.deleted_gap}"
