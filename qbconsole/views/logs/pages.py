"""Pages of the log: its files, and where blocks of whole lines begin in them. Lines are counted, not kept.

A line is found by its number through a table of one entry a block, so that a log of a million lines costs a few
hundred kilobytes and is opened in the time it takes to count its line ends.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path

#: The newest page; older ones have .1, .2 … behind it (care/logbook.py writes them).
FILE = "qbconsole.jsonl"
#: Bytes of a block, about.
BLOCK = 256 * 1024
#: Longest part of one line that is ever read.
LONGEST = 8 * 1024 * 1024
_HEAD = 256


class Page:
    """One file and its blocks. It only grows; a file that shrank or is another one becomes a new page."""

    def __init__(self, path: Path, identity: tuple[int, int]) -> None:
        self.path = path
        self.identity = identity
        #: Whole lines known, and the byte behind the last of them.
        self.lines = 0
        self.end = 0
        #: Of each block: the byte it begins at, and the number of its first line.
        self._starts = array("Q", [0])
        self._firsts = array("Q", [0])
        self._head = b""

    def is_same(self, path: Path, identity: tuple[int, int], size: int) -> bool:
        """Whether that file is this page: an inode is used again as soon as its file is gone."""
        if identity != self.identity or size < self.end:
            return False
        with path.open("rb") as file:
            return file.read(len(self._head)) == self._head

    def grow(self, *, closed: bool, stop: Callable[[], bool]) -> bool:
        """Count what was written since; gives whether there was anything.

        The last line is left where its end is not written yet, unless nobody writes this page any more.
        """
        before = self.lines
        with self.path.open("rb") as file:
            if len(self._head) < _HEAD:
                self._head = file.read(_HEAD)
            file.seek(self.end)
            place = self.end
            while not stop() and (piece := file.read(BLOCK)):
                place += len(piece)
                if piece.rfind(b"\n") >= 0:
                    place = self._count(piece, place)
                    file.seek(place)
            if closed and place > self.end and not stop():
                self._close(1, place)
        return self.lines != before

    def _count(self, piece: bytes, place: int) -> int:
        """Count the lines of a piece that ends at `place`; gives the byte behind the last whole one."""
        begins = place - len(piece)
        if begins > self.end:  # the end of a long line: it has a block of its own
            self._close(1, begins + piece.find(b"\n") + 1)
            return self.end
        self._close(piece.count(b"\n"), begins + piece.rfind(b"\n") + 1)
        return self.end

    def _close(self, lines: int, end: int) -> None:
        """Add lines; a block that is full is followed by a new one."""
        if self.end > self._starts[-1] and end - self._starts[-1] > BLOCK:
            self._starts.append(self.end)
            self._firsts.append(self.lines)
        self.lines += lines
        self.end = end

    def block_of(self, line: int) -> int:
        """The block a line stands in."""
        return bisect_right(self._firsts, line) - 1

    def blocks(self) -> range:
        """All blocks."""
        return range(len(self._starts)) if self.lines else range(0)

    def first_of(self, block: int) -> int:
        """Number of a block's first line in this page."""
        return self._firsts[block]

    def end_of(self, block: int) -> int:
        """The number after a block's last line in this page."""
        return self._firsts[block + 1] if block + 1 < len(self._firsts) else self.lines

    def text(self, block: int) -> bytes:
        """The lines of a block without the last one's end; what is beyond LONGEST is cut."""
        start = self._starts[block]
        end = self._starts[block + 1] if block + 1 < len(self._starts) else self.end
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(min(end - start, LONGEST)).removesuffix(b"\n")

    def read(self, block: int) -> list[bytes]:
        """The lines of a block."""
        return self.text(block).split(b"\n")[: self.end_of(block) - self._firsts[block]]


def files_of(folder: Path) -> Iterator[Path]:
    """The log's files, oldest first; none where there is no log yet."""
    found = folder.glob(f"{FILE}*")
    numbered = [(path, path.name.removeprefix(FILE)) for path in found]
    kept = [(path, int(tail[1:] or 0)) for path, tail in numbered if not tail or tail[1:].isdecimal()]
    yield from (path for path, _ in sorted(kept, key=lambda one: -one[1]))
