"""Lines of the log as the screen shows them: a row, the entry below, and the whole of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from qbconsole.console.screens.inspector import pretty
from qbconsole.console.showing import age
from qbconsole.console.widgets.virtual_table import Row, Tone, fitted
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.views.logs.lines import LogLine

#: A row is never longer than this; the whole line is one key away.
_ROW = 2000
#: Lines of the entry.
_ENTRY = 5
_WHOLE = 60_000
_SHORT = {"warning": "WARN", "critical": "CRIT", "exception": "ERROR"}


def log_row(line: LogLine, now: datetime, *, relative: bool, beside: bool) -> Row:
    """Give one row; `beside`: it is context, and says so by a dash behind its time."""
    sign = "-" if beside else ""
    tone = Tone.QUIET if beside or line.gravity == 0 else Tone.PROBLEM if line.is_error else Tone.PLAIN
    cells = (
        f"{_time(line.at, now, relative=relative):<12}{sign}",
        _SHORT.get(line.level, line.level.upper()),
        line.source if line.level else "",
        safe(line.told, limit=_ROW),
    )
    return Row(cells=cells, tone=tone)


def _time(written: str, now: datetime, *, relative: bool) -> str:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return ""
    if at.tzinfo is None:
        return ""
    if relative:
        return age(at, now)
    here = at.astimezone(now.tzinfo)
    same = here.date() == now.date()
    return here.strftime("%H:%M:%S.%f")[:12] if same else here.strftime("%m-%d %H:%M")


def entry_text(line: LogLine, width: int) -> Text:
    """Give the line's fields, two a row where they are short."""
    told = [("event", line.event), *line.fields, ("at", line.at), ("bytes", f"{line.size:,}")]
    half = (width - 2) // 2
    rows: list[str] = []
    waiting = ""
    for name, value in told:
        field = f"{safe(name, limit=10):<10} {safe(value, limit=width)}"
        if cell_len(field) >= half:
            rows += [waiting, field] if waiting else [field]
            waiting = ""
        elif waiting:
            rows.append(fitted(waiting, half) + " " + field)
            waiting = ""
        else:
            waiting = field
    rows += [waiting] if waiting else []
    if len(rows) > _ENTRY:
        rows = [*rows[: _ENTRY - 1], f"… {len(rows) - _ENTRY + 1} more rows: enter"]
    return Text("\n".join(rows), no_wrap=True, overflow="ellipsis")


def whole_line(raw: bytes, line: LogLine) -> str:
    """Give the line as indented JSON, or as it is where it is none or too long to be shown whole."""
    shown = pretty(raw)
    rest = line.size - len(raw)
    told = shown[:_WHOLE]
    if len(shown) > _WHOLE or rest:
        told += f"\n… of {line.size:,} bytes; x exports the lines whole"
    return told
