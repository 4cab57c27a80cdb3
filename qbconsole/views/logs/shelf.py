"""Shelf: all pages of the log as one list of numbered lines. Numbers go on over the turn of a page.

When the files are not what they were (one was cut, or another put in its place) everything is counted anew under
a new `epoch`, and numbers of the old one mean nothing any more.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from qbconsole.views.logs.pages import BLOCK, FILE, Page, files_of
from qbconsole.views.logs.sieve import Block

#: Blocks kept as lines: what a screen shows lies in one or two.
KEPT = 8


class Shelf:
    """The pages of one folder. Not for two threads at once: LogBook sees to that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages: list[Page] = []
        #: Number of each page's first line.
        self._firsts: list[int] = []
        self._blocks: OrderedDict[tuple[int, int, int], list[bytes]] = OrderedDict()
        self.epoch = 1

    @property
    def newest(self) -> Path:
        """The page that is written now."""
        return self._folder / FILE

    @property
    def first(self) -> int:
        """Number of the oldest line there is."""
        return self._firsts[0] if self._firsts else 0

    @property
    def end(self) -> int:
        """The number after the newest line's."""
        return self._firsts[-1] + self._pages[-1].lines if self._pages else 0

    @property
    def size(self) -> int:
        """Bytes of the newest page."""
        return self._pages[-1].end if self._pages else 0

    def refresh(self, stop: Callable[[], bool]) -> None:
        """Take what was written since the last look."""
        there = [(path, told) for path in files_of(self._folder) if (told := _told(path)) is not None]
        gone = self._gone(there)
        if gone is None:
            self._begin_anew()
            gone = 0
        kept, firsts = self._pages[gone:], self._firsts[gone:]
        first = firsts[0] if firsts else self.end
        pages = [
            kept[place] if place < len(kept) else Page(path, (told.st_dev, told.st_ino))
            for place, (path, told) in enumerate(there)
        ]
        for place, (page, (path, told)) in enumerate(zip(pages, there, strict=True)):
            page.path = path
            if told.st_size > page.end:
                page.grow(closed=place + 1 < len(pages), stop=stop)
        self._pages = pages
        self._firsts = []
        for page in pages:
            self._firsts.append(first)
            first += page.lines
        if self._firsts[: len(firsts)] != firsts:  # somebody wrote into a page that was turned
            self.epoch += 1

    def _gone(self, there: Sequence[tuple[Path, os.stat_result]]) -> int | None:
        """How many of the oldest pages are gone; None where the files are not those we know."""
        for gone in range(len(self._pages) + 1):
            kept = self._pages[gone:]
            if len(kept) <= len(there) and all(
                _is(page, path, told) for page, (path, told) in zip(kept, there, strict=False)
            ):
                return gone if kept or not self._pages else None
        return None

    def _begin_anew(self) -> None:
        self.epoch += 1
        self._pages, self._firsts = [], []
        self._blocks.clear()

    def blocks(self, start: int, end: int) -> Iterator[Block]:
        """Blocks that hold lines from `start` up to before `end`, in order."""
        for page, first in zip(list(self._pages), list(self._firsts), strict=True):
            if first + page.lines <= start or first >= end:
                continue
            for block in page.blocks():
                begins = first + page.first_of(block)
                if begins >= end:
                    break
                if first + page.end_of(block) > start:
                    yield self._block(page, first, block)

    def blocks_back(self, before: int) -> Iterator[Block]:
        """Blocks that hold lines before `before`, from the last of them backwards."""
        for page, first in reversed(list(zip(self._pages, self._firsts, strict=True))):
            for block in reversed(page.blocks()):
                if first + page.first_of(block) < before:
                    yield self._block(page, first, block)

    def _block(self, page: Page, first: int, block: int) -> Block:
        try:
            text = page.text(block)
        except OSError:  # turned out of the folder between two looks
            text = b""
        return Block(
            first=first + page.first_of(block), end=first + page.end_of(block) if text else 0, text=text
        )

    def raw(self, number: int) -> bytes | None:
        """One line as it is written; None where it is gone."""
        if not self.first <= number < self.end:
            return None
        place = bisect_right(self._firsts, number) - 1
        page, local = self._pages[place], number - self._firsts[place]
        block = page.block_of(local)
        lines = self._lines(page, block)
        index = local - page.first_of(block)
        return lines[index] if index < len(lines) else None

    def _lines(self, page: Page, block: int) -> list[bytes]:
        key = (id(page), block, page.end_of(block))
        if key not in self._blocks:
            try:
                self._blocks[key] = page.read(block)
            except OSError:  # turned out of the folder between two looks
                return []
            while len(self._blocks) > KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(key)
        return self._blocks[key]


def last_block(path: Path) -> tuple[list[bytes], int]:
    """The last whole lines of a file, as many as BLOCK bytes hold, and the file's size; nothing where it is not there."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - BLOCK)
            file.seek(start)
            raw = file.read()
    except OSError:
        return [], 0
    lines = raw.split(b"\n")[:-1]  # what stands behind the last line end is half a line
    return (lines[1:] if start else lines), size


def _told(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _is(page: Page, path: Path, told: os.stat_result) -> bool:
    try:
        return page.is_same(path, (told.st_dev, told.st_ino), told.st_size)
    except OSError:
        return False
