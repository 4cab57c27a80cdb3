"""The editor's rows and panels as text. Pure; everything outside may have written goes through `safe`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from qbconsole.console.showing import amount, plural
from qbconsole.console.widgets.virtual_table import Row, Tone
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.care.mapping_check import Checked, Remark
    from qbconsole.rules.mapping.faults import Fault
    from qbconsole.sync.preview import Change, Difference, Effect
    from qbconsole.views.mapping.entries import Entry
    from qbconsole.views.mapping.page import Page, Section
    from qbconsole.views.mapping.uses import Uses

#: Changes told on the whole page of an effect.
MOST_CHANGES = 200
#: Lines around a fault that its page shows.
_AROUND = 3


def section_row(section: Section) -> Row:
    """One line of the sections' pane; "!" where held documents lack a name in it, or one was renamed."""
    is_wrong = bool(section.lacking or section.renamed)
    title = f"{section.title} !" if is_wrong else section.title
    tone = Tone.PROBLEM if is_wrong else Tone.PLAIN if section.count else Tone.QUIET
    return Row(cells=(title, f"{section.count:,}"), tone=tone)


def entry_row(entry: Entry, uses: Uses | None, fresh: bool) -> Row:
    """One entry: when, whose, what then, and how often it was used."""
    own = entry.level not in ("", "defaults")
    when = f"{entry.when}  {entry.level}" if own else entry.when
    if entry.held:
        cells = (f"! {when}", f"({plural(entry.held, 'document')} held)", "")
        return Row(cells=cells, tone=Tone.PROBLEM)
    if not entry.line:
        use = f"(as {entry.stand_in})" if entry.stand_in else "(not named)"
        return Row(cells=(when, use, ""), tone=Tone.QUIET)
    count = uses.of(entry.mark) if uses is not None else 0
    if entry.renamed:
        cells = (f"! {when}", f"{entry.use} -> {entry.renamed}", f"{count:,}" if count else "")
        return Row(cells=cells, tone=Tone.PROBLEM)
    hits = "new" if fresh else f"{count:,}" if count else ""
    return Row(cells=(when, entry.use, hits))


def standing_told(page: Page | None, *, count: int, changed: bool, disk: str, can_undo: bool) -> str:
    """The right end of the header: unsaved edits, faults, the file on disk, undo."""
    if page is None:
        return "reading …"
    edits = f"*{count} unsaved" if changed else "saved"
    faults = plural(len(page.faults), "fault") if page.faults else "valid"
    undo = f"  undo {count}" if can_undo else ""
    return f"{edits}  {faults}  disk {disk}{undo}"


def effect_title(effect: Effect) -> str:
    """What the effect looked at."""
    since = f"since {effect.since:%m-%d}" if effect.since else "all"
    return f"Effect {since} (dry run, {effect.seconds:.1f} s)"


def effect_lines(effect: Effect, *, whole: bool = False) -> Iterator[str]:
    """What an effect comes to; the first line counts, the others show."""
    every = plural(len(effect.changed) + effect.unchanged, "document")
    counted = f"{len(effect.changed):,} of {every} change; {len(effect.already_sent):,} in QuickBooks stay"
    counted += f"; {len(effect.newly_ready):,} would go out, {len(effect.newly_held):,} be held"
    yield counted
    for name, why in effect.left_out.items():
        yield f"! {name}: {why}"
    moved = [
        f"{one.account} {'+' if one.amount.amount > 0 else ''}{amount(one.amount)} {one.amount.currency}"
        for one in effect.deltas
    ]
    if moved and not whole:
        yield f"Accounts  {', '.join(moved[:4])}{f' and {len(moved) - 4} more' if len(moved) > 4 else ''}"
    for wait in effect.newly_held:
        yield f"! {wait.label} held: {wait.sentence}"
    ready = {wait.subject: wait for wait in effect.newly_ready}
    for change in effect.changed[:MOST_CHANGES]:
        yield change_told(change, goes_out=ready.pop(change.key, None) is not None)
        if whole:
            yield from (f"      {difference_told(one)}  {one.place}" for one in change.differences)
    if len(effect.changed) > MOST_CHANGES:
        yield f"  … and {len(effect.changed) - MOST_CHANGES:,} more: qbconsole mapping preview"
    for wait in ready.values():
        yield f"  {wait.label} held -> ready: {wait.sentence}"
    if whole:
        yield ""
        yield from (f"  {one}" for one in moved)


def change_told(change: Change, *, goes_out: bool = False) -> str:
    """One document that would be another one, with the first thing that differs."""
    state = " in QuickBooks, stays" if change.sent else " held -> ready" if goes_out else ""
    first = change.differences[0] if change.differences else None
    what = difference_told(first) if first is not None else change.what
    return f"  {change.label} {change.kind}{state}: {what}"


def difference_told(one: Difference) -> str:
    """What differs: "item of Mug: Mugs -> Cups"."""
    return f"{one.field}: {one.before or '-'} -> {one.after or '-'}"


def panel(lines: Iterable[str], room: int) -> Text:
    """Lines that fit a panel; the last tells how many do not."""
    every = [safe(line) for line in lines]
    if len(every) > room > 0:
        rest = len(every) - room + 1
        every = [*every[: room - 1], f"… {rest:,} more lines"]
    return Text("\n".join(every), no_wrap=True, overflow="ellipsis")


def change_lines(page: Page) -> list[str]:
    """The text change without its context, so that three lines tell it."""
    return [line for line in page.diff if line[:1] in "+-" and line[1:].strip()]


def faults_page(faults: Sequence[Fault], text: str) -> str:
    """Every fault at its line, with the lines around it."""
    lines = text.split("\n")
    told = []
    for fault in faults:
        told.append(str(fault))
        first = max(1, fault.line - _AROUND)
        for number in range(first, min(len(lines), fault.line + _AROUND) + 1):
            sign = ">" if number == fault.line else " "
            told.append(f"  {sign}{number:>5}  {lines[number - 1].rstrip()}")
        told.append("")
    return "\n".join(told).rstrip()


def checked_page(checked: Checked) -> str:
    """Errors, warnings and notes, each with its place."""
    told = [
        *_remarks("error", checked.errors),
        *_remarks("warning", checked.warnings),
        *_remarks("note", checked.notes),
    ]
    return "\n".join(told) or "No errors and no warnings."


def _remarks(word: str, rows: Sequence[Remark]) -> Iterator[str]:
    for one in rows:
        yield f"{word}: {': '.join(filter(None, (one.where, one.path, one.what)))}"
