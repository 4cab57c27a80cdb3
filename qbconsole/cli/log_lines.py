"""Lines of the log on stdout: those that are wanted, then those that follow; the same reading as the console's."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from qbconsole.views.logs.book import LogBook
from qbconsole.views.logs.lines import read_line
from qbconsole.views.logs.pages import FILE

__all__ = ["FILE", "as_object", "following", "last_lines", "log_of", "text_of"]

if TYPE_CHECKING:
    from qbconsole.views.logs.book import LogFound
    from qbconsole.views.logs.wanted import LogQuestion

#: Seconds between looks.
_SECONDS = 0.5


def last_lines(book: LogBook, question: LogQuestion, count: int) -> Iterator[bytes]:
    """At most so many of the newest lines wanted, with their context; nothing where there is no log yet."""
    yield from book.raws(_last(book.find(question), count))


def following(book: LogBook, question: LogQuestion, count: int) -> Iterator[bytes]:
    """The last lines, then each new one, for ever; a page that is turned or cut is noticed."""
    found = book.find(question)
    yield from book.raws(_last(found, count))
    while True:
        seen, epoch = (found.numbers[-1] if found.numbers else -1), found.epoch
        time.sleep(_SECONDS)
        found = book.find(question)
        yield from book.raws(number for number in found.numbers if found.epoch != epoch or number > seen)


def _last(found: LogFound, count: int) -> list[int]:
    """The numbers of the last lines found and of those beside them."""
    if len(found.hits) <= count:
        return list(found.numbers)
    first = found.hits[-count] - found.question.context
    return [number for number in found.numbers if number >= first]


def text_of(raw: bytes) -> str:
    """A line as a person reads it."""
    line = read_line(raw)
    if not line.level:
        return line.event
    return f"{line.at[:23]:<23}  {line.level:7}  {line.source:<8} {line.told}".rstrip()


def as_object(raw: bytes) -> str:
    """A line as one JSON object; ASCII, so that nothing in it acts on a terminal."""
    line = read_line(raw)
    return raw.decode("utf-8", "replace") if line.level else json.dumps({"event": line.event})


def log_of(workspace: Path) -> LogBook:
    """The log of a workspace's directory."""
    return LogBook(workspace / ".qbconsole" / "logs")
