"""Sieve: which lines of a block are worth reading, told from their bytes, hundreds of thousands in a second.

A probe is a set of alternatives in small letters; a line has to hold one of each probe. That can only be said of
lines that are whole JSON objects: where a block holds others, all its lines are worth reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from qbconsole.value import Value

Probe: TypeAlias = tuple[bytes, ...]


class Block(Value):
    """Some lines of the log that stand together: numbers `first` to before `end`."""

    first: int
    end: int
    #: Without the end of the last line.
    text: bytes


def sieve(block: Block, probes: Sequence[Probe]) -> Iterator[tuple[int, bytes]]:
    """The lines that may have what is asked, by number."""
    count = block.end - block.first
    if not probes or not _all_json(block.text, count):
        yield from enumerate(block.text.split(b"\n")[: max(0, count)], block.first)
        return
    folded = block.text.lower()
    if all(any(one in folded for one in probe) for probe in probes):
        driver = min(probes, key=len)
        others = [probe for probe in probes if probe is not driver]
        for number, start, end in _lines_with(folded, driver, block.first):
            line = folded[start:end]
            if all(any(one in line for one in probe) for probe in others):
                yield number, block.text[start:end]


def _all_json(text: bytes, count: int) -> bool:
    """Whether each line begins and ends as an object does."""
    return text.startswith(b"{") and text.endswith(b"}") and text.count(b"}\n{") == count - 1


def _lines_with(folded: bytes, probe: Probe, number: int) -> Iterator[tuple[int, int, int]]:
    """Number, begin and end of each line that holds one of the alternatives."""
    places = {one: folded.find(one) for one in probe}
    counted = 0
    while found := [place for place in places.values() if place >= 0]:
        place = min(found)
        number += folded.count(b"\n", counted, place)
        end = folded.find(b"\n", place)
        end = len(folded) if end < 0 else end
        yield number, folded.rfind(b"\n", 0, place) + 1, end
        counted = end
        places = {one: folded.find(one, end) if 0 <= at < end else at for one, at in places.items()}
