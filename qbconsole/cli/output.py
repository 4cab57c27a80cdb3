"""Output: JSON or columns of text on stdout, talk and progress on stderr. Outside text is made harmless here."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import click

from qbconsole.errors import UsageError
from qbconsole.money import Money
from qbconsole.visible import safe


def plain(value: Any) -> Any:
    """A frozen answer as JSON has it: money as {amount, currency}, times in ISO form."""
    if isinstance(value, Money):
        return {"amount": value.text(), "currency": value.currency}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, Path | Decimal) else value


def as_json(value: Any) -> None:
    """One JSON object on one line; ASCII, so that nothing in it acts on a terminal."""
    click.echo(json.dumps(plain(value)))


def line(text: str = "") -> None:
    """One line of data."""
    click.echo(safe(text))


def block(text: str) -> None:
    """Text of several lines, each made harmless."""
    for one in text.splitlines():
        click.echo(safe(one))


def talk(text: str) -> None:
    """One line for the person who waits."""
    click.echo(safe(text), err=True)


#: Longest cell of a table, longer than any name or key of QuickBooks or of ours: one odd name spoils no other row.
_CELL = 200


#: A column that gives way on a narrow terminal keeps so much.
_LEAST = 8


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: frozenset[int] = frozenset(),
    giving: Sequence[int] = (),
    below: bool = False,
) -> None:
    """Columns as wide as their widest cell, cut at _CELL; `right` names columns of numbers.

    `giving` names columns that are cut, in this order, where the lines would be wider than the terminal; with `below`
    the last column stands whole on a line of its own there. In a pipe nothing is.
    """
    from rich.cells import cell_len

    cells = [[safe("" if cell is None else cell, limit=_CELL) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
    is_below = below and _over(widths) > 0
    if is_below:
        widths.pop()
    over = _over(widths)
    for place in giving:
        cut = min(max(over, 0), max(0, widths[place] - max(_LEAST, cell_len(heads[place]))))
        widths[place] -= cut
        over -= cut
    for row in ([*heads], *cells):
        padded = [
            _padded(whole, width, place in right)
            for place, (whole, width) in enumerate(zip(row, widths, strict=False))
        ]
        click.echo("  ".join(padded).rstrip())
        if is_below:
            click.echo(f"  {row[-1]}")


def _padded(whole: str, width: int, to_the_right: bool) -> str:
    from rich.cells import cell_len, set_cell_size

    cell = f"{set_cell_size(whole, width - 1)}…" if cell_len(whole) > width else whole
    gap = " " * (width - cell_len(cell))
    return gap + cell if to_the_right else cell + gap


def _over(widths: Sequence[int]) -> int:
    """How much wider than the terminal lines of these columns are."""
    return sum(widths) + 2 * (len(widths) - 1) - _columns()


def _columns() -> int:
    """How wide the terminal is; without bound where stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def write_file(path: Path, text: str) -> None:
    """Write a text file. Raises UsageError where that is refused."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as cause:
        raise UsageError(
            f"the file cannot be written: {cause.strerror or cause}",
            where=str(path),
            next="Name a file in a directory you may write to.",
        ) from cause


def amount(money: Money | None) -> str:
    """An amount with separators, "" for none."""
    return "" if money is None else f"{Decimal(money.text()):,}"


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while long work runs, where somebody is looking; `total` 0 means unknown."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield told
