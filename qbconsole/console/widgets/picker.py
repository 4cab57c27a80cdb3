"""Picker: type to filter a list of candidates; what does not fit is greyed, with the reason.

The owner ranks: this only shows, moves and tells. Keys that move work while the field has the focus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from qbconsole.console.desk import RowId
from qbconsole.console.messages import CursorMoved, RowOpened, RowsMissed
from qbconsole.console.registry import bindings
from qbconsole.console.showing import text
from qbconsole.console.widgets.virtual_table import Column, Row, Tone, VirtualTable
from qbconsole.value import replace

if TYPE_CHECKING:
    from qbconsole.views.mapping.picking import Candidate, Hit

#: Row of what was typed, where no list has it.
TYPED = -1


class Tried(Message):
    """Another candidate is under the cursor; "" for none."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__()


class Picked(Message):
    """A name was chosen. `as_typed`: no list has it."""

    def __init__(self, name: str, *, as_typed: bool) -> None:
        self.name = name
        self.as_typed = as_typed
        super().__init__()


class Refused(Message):
    """What was chosen does not fit."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__()


class PickerClosed(Message):
    """Nothing was chosen."""


class Picker(Vertical):
    """A field and the names below it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("picker")]
    DEFAULT_CSS = """
    Picker { display: none; height: 1fr; }
    Picker.open { display: block; }
    Picker VirtualTable { height: 1fr; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id, classes="panel")
        self._rank: Callable[[str], Sequence[Hit]] = lambda _typed: ()
        self._hits: Sequence[Hit] = ()
        self._typed_about = ""

    def compose(self) -> ComposeResult:
        """Lay field and names out."""
        yield Input(id="pick", placeholder="type to filter, enter picks, esc leaves it", compact=True)
        yield VirtualTable(
            Column(title="", width=20, grows=True),
            Column(title="", width=3, right=True),
            Column(title="", width=27),
            id="candidates",
            heads=False,
        )

    @property
    def is_open(self) -> bool:
        """Whether a name is being chosen."""
        return self.has_class("open")

    def begin(
        self,
        title: str,
        synced: str,
        rank: Callable[[str], Sequence[Hit]],
        *,
        typed_about: str,
        said: str = "",
    ) -> None:
        """Show the names `rank` gives; `typed_about` is told beside what no list has, "" where that may not be."""
        self._rank, self._typed_about = rank, typed_about
        self.border_title, self.border_subtitle = text(title), text(synced)
        field = self.query_one(Input)
        with self.prevent(Input.Changed):
            field.value = ""
        field.placeholder = (
            f"now {said}; type to filter" if said else "type to filter, enter picks, esc leaves it"
        )
        self.add_class("open")
        self.again()
        field.focus()

    def again(self) -> None:
        """Rank anew."""
        self._hits = self._rank(self._typed_now)
        self._show(keep=False)

    def retell(self, candidates: Sequence[Candidate]) -> None:
        """Show what else became known of the names shown: each stays in its row, and the cursor on its name."""
        known = {one.name: one for one in candidates}
        self._hits = tuple(
            replace(hit, candidate=known.get(hit.candidate.name, hit.candidate)) for hit in self._hits
        )
        self._show(keep=True)

    @property
    def _typed_now(self) -> str:
        return self.query_one(Input).value.strip()

    def _show(self, *, keep: bool) -> None:
        typed = self._typed_now
        ids: list[RowId] = list(range(len(self._hits)))
        exact = any(hit.candidate.name == typed for hit in self._hits)
        if typed and self._typed_about and not exact:
            # enter takes the first: a name nobody meant must not stand before the one that was typed
            guessed = bool(self._hits) and not self._hits[0].is_meant
            ids.insert(0 if guessed else len(ids), TYPED)
        table = self.query_one(VirtualTable)
        table.say_when_empty("Nothing is called so." if typed else "Nothing to choose from: type it.")
        table.show_ids(ids, keep=keep)
        if not ids:
            self.post_message(Tried(""))

    def end(self) -> None:
        """Take it away."""
        self.remove_class("open")
        self._hits = ()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.again()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose()

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        event.stop()
        self._choose()

    @on(RowsMissed)
    def _missed(self, event: RowsMissed) -> None:
        event.stop()
        rows: dict[RowId, Row] = {row: self._row(row) for row in event.ids if isinstance(row, int)}
        self.query_one(VirtualTable).put_rows(rows)

    @on(CursorMoved)
    def _moved(self, event: CursorMoved) -> None:
        event.stop()
        if self.is_open:
            self.post_message(Tried(self._name_in(event.row)))

    def _row(self, row: int) -> Row:
        if row == TYPED or row >= len(self._hits):
            return Row(cells=(f'"{self._typed_now}"', "", self._typed_about))
        hit = self._hits[row]
        one = hit.candidate
        used = f"used {one.used:,}x" if one.used else ""
        about = one.why_not or f"{one.kind:<14}{used}".strip()
        score = str(hit.score) if hit.score else ""
        return Row(cells=(one.name, score, about), tone=Tone.QUIET if one.why_not else Tone.PLAIN)

    def _name_in(self, row: RowId) -> str:
        """The name in a row; "" where it does not fit."""
        if row == TYPED:
            return self._typed_now
        if isinstance(row, int) and row < len(self._hits):
            one = self._hits[row].candidate
            return "" if one.why_not else one.name
        return ""

    def _choose(self) -> None:
        row = self.query_one(VirtualTable).cursor_id
        name = self._name_in(row) if row is not None else ""
        if name:
            self.post_message(Picked(name, as_typed=row == TYPED))
        elif isinstance(row, int) and 0 <= row < len(self._hits):
            one = self._hits[row].candidate
            self.post_message(Refused(one.name, one.why_not))

    def action_step(self, by: int) -> None:
        """Another candidate."""
        self.query_one(VirtualTable).action_move(by)

    def action_leaf(self, by: int) -> None:
        """A page of candidates up or down."""
        self.query_one(VirtualTable).action_page(by)

    def action_leave_it(self) -> None:
        """Choose nothing."""
        self.post_message(PickerClosed())
