"""Inspector: one order, fact or shop day -> its postings -> the qbXML, the answer, what became of it and why."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.events import DescendantBlur
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input, Static, TextArea

from qbconsole.console.desk import RowId
from qbconsole.console.messages import JourneyMissed, JourneyRead, RowOpened
from qbconsole.console.registry import bindings
from qbconsole.console.screens.deciding import Deciding
from qbconsole.console.screens.log_words import about_order
from qbconsole.console.showing import amount, block, clock, text, with_currency
from qbconsole.console.widgets.dialogs import Paper
from qbconsole.console.widgets.virtual_table import Column, Row, VirtualTable
from qbconsole.money import Money
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.books.holds import Hold
    from qbconsole.views.journey import ChoiceView, DocumentView, EventView, Journey

#: The papers below the postings, in the order of `,` and `.`.
PAPERS = (
    ("qbxml", "qbXML"),
    ("answer", "Answer"),
    ("why", "Why"),
    ("history", "History"),
    ("raw", "Raw JSON"),
)
#: From here on panes stand beside each other; app.tcss says the same by -wide.
WIDE = 100
#: Lines of the banner that leave the panes as they are; lines it may have at least.
SHORT_LINES = 4
HELD_LINES = 6
#: A raw order longer than this is shown in part.
RAW_CHARACTERS = 200_000
#: A shop day in summary has thousands of events; `qbconsole --json explain` lists all.
MOST_EVENTS = 200
_WHY = (
    Column(title="Field", width=28),
    Column(title="Value", width=20, grows=True),
    Column(title="Decided by", width=24, from_width=100),
    Column(title="Where", width=20),
)
_STOPS = (
    Column(title="When", width=11),
    Column(title="Stop", width=12),
    Column(title="What happened", width=20, grows=True),
    Column(title="Module", width=28, from_width=100),
)


def _language() -> str | None:
    """Colours for XML where the grammar is installed; plain text without."""
    both = all(importlib.util.find_spec(name) for name in ("tree_sitter", "tree_sitter_xml"))
    return "xml" if both else None


class InspectorScreen(Deciding):
    """Facts and postings above, one paper of five below."""

    MODE: ClassVar[str] = "inspect"
    SCOPE: ClassVar[str] = "inspect"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("inspect")]
    AUTO_FOCUS = "#facts"

    def __init__(self) -> None:
        super().__init__()
        self._asked = ""
        self._journey: Journey | None = None
        self._place = 0
        self._paper = 0

    def body(self) -> Iterable[Widget]:
        """Lay the panes out; TCSS puts them beside each other where there is room."""
        yield Input(id="find", placeholder="/ order name, id, TxnID, RefNumber or document key", compact=True)
        yield Static("", id="holds", markup=False)
        order = Static(_EMPTY, id="order", markup=False)
        postings = Static("", id="postings", markup=False)
        facts = VerticalScroll(order, postings, id="facts", classes="panel")
        facts.border_title = "Order"
        yield facts
        yield Static("", id="papers", markup=False)
        with_xml = _language()
        yield ContentSwitcher(
            _page("qbxml", with_xml),
            _page("answer", with_xml),
            VirtualTable(*_WHY, id="why", empty="No document yet."),
            VirtualTable(*_STOPS, id="history", empty="No stop yet."),
            _page("raw", None),
            id="paper",
            initial="qbxml",
        )

    # ---- asking

    def look_up(self, asked: str) -> None:
        """Show what answers to this name."""
        self._asked = asked
        self._place = 0
        if self.is_mounted:
            self.reload()

    def reload(self) -> None:
        """Ask for the order again."""
        self._show_papers()
        if self._asked and self.console.desk is not None:
            self.console.read_journey(self, self.console.desk, self._asked)

    @on(Input.Submitted, "#find")
    def _find(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.look_up(event.value.strip())
            self.query_one("#facts").focus()

    # ---- answers

    def on_mount(self) -> None:
        """Nothing is shown yet: offer the field."""
        self.set_class(self._journey is None, "looking")

    @on(JourneyRead)
    def _read(self, event: JourneyRead) -> None:
        if event.asked != self._asked:
            return
        first = self._journey is None or self._journey.order_id != event.journey.order_id
        self._journey = event.journey
        if first:
            self._place = place_of(event.asked, event.journey)
        self._show()

    @on(JourneyMissed)
    def _missed(self, event: JourneyMissed) -> None:
        if event.asked != self._asked:
            return
        self._journey = None
        self._show()
        self.query_one("#order", Static).update(Text(f"{block(event.what)}\n{block(event.next_step)}"))

    # ---- showing

    @property
    def document(self) -> DocumentView | None:
        """The document shown."""
        documents = self._journey.documents if self._journey else ()
        return documents[min(self._place, len(documents) - 1)] if documents else None

    def right(self) -> str:
        """Give the document's state and its place among the order's."""
        document = self.document
        if document is None or self._journey is None:
            return "HELD" if self._journey and self._journey.holds else ""
        return f"{str(document.state).upper()}  {self._place + 1} of {len(self._journey.documents)}"

    def _show(self) -> None:
        journey, document = self._journey, self.document
        self.set_class(journey is None or self.query_one("#find").has_focus, "looking")
        self.query_one("#order", Static).update(
            order_told(journey, wide=self.size.width >= WIDE) if journey else Text(_EMPTY)
        )
        self.query_one("#postings", Static).update(postings_table(document) if document else Text(""))
        title = "Order"
        if journey:
            title = f"{journey.name} {journey.merchant}" + (
                f" > {document_title(document)}" if document else ""
            )
        self.query_one("#facts").border_title = Text(safe(title, limit=76))
        self._show_holds()
        self._show_pages()
        self._show_tables()
        self.head()

    def _show_holds(self) -> None:
        told = [piece for hold in (self._journey.holds if self._journey else ()) for piece in hold_told(hold)]
        width = max(20, (self.size.width or 80) - 2)
        cut = [line for piece in told for line in piece.wrap(self.app.console, width)]
        room = max(HELD_LINES, self.size.height // 4)
        if len(cut) > room:
            cut = [*cut[: room - 1], Text("  … h: all of it")]
        panel = self.query_one("#holds", Static)
        panel.update(Text("\n").join(cut))
        panel.display = bool(cut)
        self.set_class(len(cut) > SHORT_LINES, "much_held")

    def _show_pages(self) -> None:
        document, journey = self.document, self._journey
        pages = {
            "qbxml": document.qbxml if document else "",
            "answer": document.answer if document else "",
            "raw": pretty(journey.raw) if journey else "",
        }
        for name, page in pages.items():
            area = self.query_one(f"#{name}", TextArea)
            shown = block(page, limit=RAW_CHARACTERS)
            if area.text != shown:
                area.load_text(shown)

    def _show_tables(self) -> None:
        desk = self.console.desk
        if desk is None:
            return
        now = desk.source.now()
        why: dict[RowId, Row] = {place: row for place, (row, _, _) in enumerate(self._why())}
        self.query_one("#why", VirtualTable).show_ids(list(why), rows=why, keep=True)
        stops = self._journey.stops if self._journey else ()
        told: dict[RowId, Row] = {
            place: Row(cells=(clock(stop.at, now), stop.name, stop.sentence, stop.module))
            for place, stop in enumerate(stops)
        }
        self.query_one("#history", VirtualTable).show_ids(list(told), rows=told, keep=True)

    def _why(self) -> list[tuple[Row, str, str]]:
        """What happened and became of it, then who chose each name of the document shown: row, title, whole text."""
        events = self._journey.events[:MOST_EVENTS] if self._journey else ()
        told = [(event_row(event), event.key, event.sentence) for event in events]
        choices = self.document.choices if self.document else ()
        return [*told, *((choice_row(choice), choice[0], choice_told(choice)) for choice in choices)]

    def _show_papers(self) -> None:
        line = Text(no_wrap=True)
        for place, (_, title) in enumerate(PAPERS):
            here = place == self._paper
            line.append(f"[{title}]" if here else f" {title} ", style="bold" if here else "")
            line.append(" ")
        self.query_one("#papers", Static).update(line)
        self.query_one("#paper", ContentSwitcher).current = PAPERS[self._paper][0]

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        """A line that was cut, whole."""
        place = event.row if isinstance(event.row, int) else 0
        if PAPERS[self._paper][0] == "why":
            _, title, whole = self._why()[place]
            self.console.push_screen(Paper(title, whole))
        elif self._journey:
            stop = self._journey.stops[place]
            self.console.push_screen(Paper(stop.name, f"{stop.at}\n{stop.module}\n\n{stop.sentence}"))

    # ---- actions

    def action_find(self) -> None:
        """Type what to look for."""
        self.add_class("looking")
        self.query_one("#find", Input).focus()

    @on(DescendantBlur)
    def _looked(self) -> None:
        """The field takes a line only while it is typed into, or nothing is shown yet."""
        self.set_class(self._journey is None, "looking")

    def action_turn(self, by: int) -> None:
        """Another document of the order."""
        count = len(self._journey.documents) if self._journey else 0
        if count:
            self._place = (self._place + by) % count
            self._show()

    def action_paper(self, by: int) -> None:
        """Another paper, and the keys go to it."""
        self._paper = (self._paper + by) % len(PAPERS)
        self._show_papers()
        self.query_one(f"#{PAPERS[self._paper][0]}").focus()

    def on_resize(self) -> None:
        """More room shows the order's facts with a line each."""
        super().on_resize()
        if self._journey is not None:
            self._show()

    def action_held(self) -> None:
        """All of what holds the order, or asks for a look, and what mends it."""
        held = self._journey.holds if self._journey else ()
        if not held:
            self.console.tell("Nothing holds this.")
            return
        body = "\n\n".join("\n".join(piece.plain for piece in hold_told(hold)) for hold in held)
        self.console.push_screen(Paper("What holds it", body))

    def action_zoom(self) -> None:
        """The papers over the whole screen, and back."""
        self.toggle_class("zoomed")

    def action_lines(self) -> None:
        """The lines of the log about the order."""
        if self._journey is not None:
            keys = [document.key for document in self._journey.documents]
            self.console.show_log(about_order(self._journey.name, self._journey.merchant, keys))

    def action_fix(self) -> None:
        """The mapping, at the name the document shown waits for, else at one the order's others wait for."""
        held = [hold for hold in (self._journey.holds if self._journey else ()) if hold.cause]
        if not held:
            self.console.tell("Nothing holds this, so there is nothing to map.")
            return
        here = self.document.key if self.document else ""
        # stable: of equals the first told stays first
        held.sort(key=lambda hold: (hold.is_flag, hold.subject != here))
        self.console.fix(held[0].cause)

    def gather(self, action: str) -> None:
        """Read the document shown, else what is held of the order; a decision is about nothing more."""
        desk, document = self.console.desk, self.document
        held = self._journey.holds if self._journey else ()
        keys = [document.key] if document else list(dict.fromkeys(one.subject for one in held if one.subject))
        if keys and desk is not None:
            self.console.read_named_targets(self, desk, action, keys)
        else:
            self.console.tell("Nothing here waits for a decision.")

    def whose_batch(self) -> str | None:
        """Give the order's merchant."""
        return self._journey.merchant if self._journey else None

    def action_copy(self) -> None:
        """Copy a part."""
        journey, document = self._journey, self.document
        if journey is None:
            return
        parts = {"order": journey.name, "order id": journey.order_id}
        if document is not None:
            parts |= {
                "TxnID": document.txn_id or "",
                "RefNumber": document.ref_number or "",
                "key": document.key,
            }
            parts |= {"qbXML": document.qbxml, "answer": document.answer}
        self.console.offer_copy({**parts, "raw JSON": journey.raw.decode("utf-8", "replace")})


_EMPTY = "Press / and type an order name (#1001), an id, a TxnID, a RefNumber or a document key."


def _page(name: str, language: str | None) -> TextArea:
    area = TextArea(
        "", language=language, read_only=True, show_line_numbers=True, soft_wrap=True, id=name, compact=True
    )
    area.show_cursor = False
    area.cursor_blink = False
    return area


def hold_told(hold: Hold) -> tuple[Text, Text]:
    """Give what holds it and why, then what to do."""
    word = "FLAG" if hold.is_flag else "HELD"
    why = f"! {word} {safe(hold.reason)}: {safe(hold.sentence)}"
    return Text(why, "bold"), Text(f"  -> {safe(hold.next_step)}")


def place_of(asked: str, journey: Journey) -> int:
    """Give the place of the document that was asked for, else the first."""
    for place, one in enumerate(journey.documents):
        if asked in (one.key, one.txn_id, one.ref_number):
            return place
    return 0


def document_title(document: DocumentView) -> str:
    """Give "SalesReceipt 1001, 64.95 USD"."""
    return f"{document.kind} {document.ref_number or '-'}, {with_currency(document.total)}"


def order_told(journey: Journey, *, wide: bool) -> Group:
    """Give the order's facts and lines; on a narrow screen the facts run on, so that the postings are seen too."""
    running = Text()
    facts = Table.grid(expand=True, padding=(0, 1))
    facts.add_column(max_width=18, no_wrap=True)
    facts.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for label, value in journey.facts:
        facts.add_row(text(label, "dim"), text(value))
        running.append(" · " if running else " ")
        running.append(f"{safe(label)} ", style="dim").append(safe(value))
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(width=6, no_wrap=True, justify="right")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right", no_wrap=True)
    for title, quantity, value in journey.lines:
        table.add_row(text(f"{quantity} x" if quantity else ""), text(title), text(value))
    return Group(facts if wide else running, table)


def postings_table(document: DocumentView) -> Table:
    """Give debit and credit by account, and whether they balance, in words."""
    table = Table(box=None, expand=True, padding=(0, 1), show_edge=False, header_style="bold")
    table.add_column("Account", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("Debit", justify="right", no_wrap=True)
    table.add_column("Credit", justify="right", no_wrap=True)
    for account, role, debit, credit in document.postings:
        named = account if not str(account).startswith("?") else f"! {account} ({role})"
        table.add_row(text(named), _side(debit), _side(credit))
    debits = [debit for _, _, debit, _ in document.postings if debit is not None]
    credits = [credit for _, _, _, credit in document.postings if credit is not None]
    if debits or credits:
        table.add_row(text(_verdict(debits, credits), "bold"), _side(_total(debits)), _side(_total(credits)))
    for loss in document.losses:
        table.add_row(text(f"~ {loss}"), Text(""), Text(""))
    return table


def _side(money: Money | None) -> Text:
    return Text("" if money is None else amount(money))


def _total(amounts: list[Money]) -> Money | None:
    return (
        Money(sum((one.amount for one in amounts[1:]), amounts[0].amount), amounts[0].currency)
        if amounts
        else None
    )


def _verdict(debits: list[Money], credits: list[Money]) -> str:
    return "balanced" if _total(debits) == _total(credits) else "! NOT BALANCED"


def choice_row(choice: ChoiceView) -> Row:
    """Give one line of Why."""
    return Row(cells=(choice.field, choice.value, choice.by, choice.place))


def choice_told(choice: ChoiceView) -> str:
    """Give one choice with everybody who was asked."""
    asked = f"asked before, with nothing to say: {', '.join(choice.silent)}" if choice.silent else ""
    return f"{choice.value}\n\ndecided by {choice.by}\n{choice.place}\n{asked}"


def event_row(event: EventView) -> Row:
    """Give one line of Why that tells what happened."""
    return Row(cells=(str(event.date or ""), event.sentence, event.kind, event.key))


def pretty(raw: bytes) -> str:
    """Give JSON indented, or the bytes as they are where they are none."""
    shown = raw.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(shown), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):  # no JSON, or nested beyond reason
        return shown
