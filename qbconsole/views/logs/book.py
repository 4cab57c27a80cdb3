"""LogBook: what the console and `qbconsole logs` ask of the log: the lines a question wants, errors, one line whole."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from qbconsole.errors import WorkspaceError
from qbconsole.views.logs.lines import LogLine, read_line
from qbconsole.views.logs.pulse import LATELY, Pulse, pulse_of
from qbconsole.views.logs.shelf import Shelf, last_block
from qbconsole.views.logs.sieve import sieve
from qbconsole.views.logs.wanted import LogQuestion, Wanted, wanted

#: A line this long is enough for any eye; the rest is counted.
WHOLE = 1_000_000
_ERRORS = wanted(LogQuestion(level="error"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFound:
    """The lines a question wants, by number, oldest first."""

    question: LogQuestion
    #: Another epoch: numbers of before mean nothing any more.
    epoch: int
    #: Lines to show: those found, and their context.
    numbers: Sequence[int]
    #: Lines found; the same as `numbers` without context.
    hits: Sequence[int]
    #: Lines there are, and bytes of the newest page.
    total: int
    size: int
    #: Lines looked at so far; less than `total` while the search goes on: ask again.
    looked: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether there may be more of them in lines not looked at yet."""
        return self.looked < self.total

    def is_hit(self, number: int) -> bool:
        """Whether the line was found for itself and not as context."""
        return _holds(self.hits, number)


class _Search:
    """One question and what was found for it so far."""

    def __init__(self, question: LogQuestion, epoch: int, first: int) -> None:
        self.question = question
        self.wanted = wanted(question)
        self.epoch = epoch
        self.hits = array("Q")
        #: The first line not looked at yet.
        self.place = first
        #: The answer given last, and what there was then.
        self.found: LogFound | None = None
        self.there = (0, 0, 0)


def _never() -> bool:
    return False


class LogBook:
    """The log of one workspace. Each method may be called in any thread; one works at a time."""

    def __init__(self, folder: Path) -> None:
        self._shelf = Shelf(folder)
        self._lock = RLock()
        self._search: _Search | None = None
        #: The pulse, and what there was when it was taken.
        self._pulse: tuple[tuple[int, int], Pulse] | None = None
        #: Lines read as JSON so far: what looking costs.
        self.lines_read = 0

    def find(self, question: LogQuestion, *, stop: Callable[[], bool] = _never) -> LogFound:
        """The lines a question wants, as the log is now; the same value again where nothing was written since.

        `stop` is asked now and then: once true the answer tells of what was looked at so far, and asking again
        goes on from there.
        Raises UsageError for a word that is no regular expression.
        """
        with self._lock:
            asked = wanted(question)
            shelf = self._shelf
            shelf.refresh(stop)
            search = self._search
            if search is None or search.question != question or search.epoch != shelf.epoch:
                search = self._search = _Search(question, shelf.epoch, shelf.first)
            if not asked.everything:
                self._look(search, stop)
            there = (shelf.first, shelf.end, search.place)
            if search.found is None or search.there != there:
                search.found, search.there = self._found(search, everything=asked.everything), there
            return search.found

    def _look(self, search: _Search, stop: Callable[[], bool]) -> None:
        start = max(search.place, self._shelf.first)
        for block in self._shelf.blocks(start, self._shelf.end):
            if stop():
                return
            for number, raw in sieve(block, search.wanted.probes):
                if number >= start and self._fits(search.wanted, raw):
                    search.hits.append(number)
            search.place = max(search.place, block.end)

    def _fits(self, asked: Wanted, raw: bytes) -> bool:
        self.lines_read += 1
        return asked.fits(read_line(raw))

    def _lines(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        for block in self._shelf.blocks(start, end):
            for number, raw in sieve(block, ()):
                if start <= number < end:
                    yield number, raw

    def _found(self, search: _Search, *, everything: bool) -> LogFound:
        first, end = self._shelf.first, self._shelf.end
        hits: Sequence[int] = range(first, end)
        if not everything:
            hits = search.hits[bisect_left(search.hits, first) :]
        context = search.question.context
        numbers = hits if everything or not context else array("Q", around(hits, context, first, end))
        return LogFound(
            question=search.question,
            epoch=search.epoch,
            numbers=numbers,
            hits=hits,
            total=end - first,
            size=self._shelf.size,
            looked=end - first if everything else max(first, search.place) - first,
        )

    def tail(self, question: LogQuestion) -> tuple[LogFound, Mapping[int, LogLine | None]]:
        """The newest lines that a question wants, before anything was counted: what is painted first.

        Their numbers are their own, of epoch 0. Raises UsageError for a word that is no regular expression.
        """
        asked = wanted(question)
        raws, size = last_block(self._shelf.newest)
        read = {place: read_line(raw) for place, raw in enumerate(raws)}
        lines: dict[int, LogLine | None] = {place: line for place, line in read.items() if asked.fits(line)}
        numbers = tuple(lines)
        found = LogFound(
            question=question, epoch=0, numbers=numbers, hits=numbers, total=len(raws), size=size
        )
        return found, lines

    def pulse(self) -> Pulse:
        """How much was written lately, and how often an error."""
        with self._lock:
            there = (self._shelf.epoch, self._shelf.end)
            if self._pulse is None or self._pulse[0] != there:
                start = max(self._shelf.first, self._shelf.end - LATELY)
                told = pulse_of(raw for _, raw in self._lines(start, self._shelf.end))
                self._pulse = (there, told)
            return self._pulse[1]

    # ---- lines

    def lines(self, numbers: Iterable[int]) -> Mapping[int, LogLine | None]:
        """These lines, read; None for one that is gone meanwhile."""
        found: dict[int, LogLine | None] = {}
        with self._lock:
            for number in numbers:
                raw = self._shelf.raw(number)
                self.lines_read += raw is not None
                found[number] = None if raw is None else read_line(raw)
        return found

    def whole(self, number: int) -> bytes:
        """One line as it is written, WHOLE bytes at most; nothing where it is gone."""
        with self._lock:
            return (self._shelf.raw(number) or b"")[:WHOLE]

    def error(self, found: LogFound, number: int, by: int) -> int | None:
        """The next error among the lines found after (`by` 1) or before (-1) this one; None where there is none."""
        with self._lock:
            shelf = self._shelf
            blocks = shelf.blocks(number + 1, shelf.end) if by > 0 else shelf.blocks_back(number)
            for block in blocks:
                for place, raw in list(sieve(block, _ERRORS.probes))[:: 1 if by > 0 else -1]:
                    beyond = place > number if by > 0 else place < number
                    if beyond and _holds(found.hits, place) and read_line(raw).is_error:
                        return place
        return None

    def export(self, found: LogFound, path: Path) -> int:
        """Write all lines found, as they are, into a file that only its owner can read; gives how many.

        Raises WorkspaceError where it cannot be written.
        """
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
            with self._lock, open(os.open(path, flags, 0o600), "wb") as out:
                return sum(out.write(raw + b"\n") > 0 for raw in self.raws(found.numbers))
        except OSError as cause:
            raise WorkspaceError(
                f"the lines cannot be written: {cause.strerror or cause}", where=str(path)
            ) from cause

    def raws(self, numbers: Iterable[int]) -> Iterator[bytes]:
        """These lines as they are written; those that are gone are left out."""
        for number in numbers:
            with self._lock:
                raw = self._shelf.raw(number)
            if raw is not None:
                yield raw


def around(hits: Iterable[int], context: int, first: int, end: int) -> Iterator[int]:
    """The numbers of lines and of those beside them, each once, in order; `first` to before `end` exist."""
    place = first
    for hit in hits:
        yield from range(max(place, hit - context), min(end, hit + context + 1))
        place = max(place, min(end, hit + context + 1))


def _holds(numbers: Sequence[int], number: int) -> bool:
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number
