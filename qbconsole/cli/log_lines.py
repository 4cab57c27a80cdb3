"""Lines of the log: the last ones, those that follow, and how a person reads one."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Collection, Iterator
from pathlib import Path

FILE = "qbconsole.jsonl"
_SECONDS = 0.5
_FIRST = ("timestamp", "level", "event", "logger")


def last_lines(folder: Path, count: int) -> list[str]:
    """At most so many lines, over the page turns; nothing where there is no log yet."""
    kept: deque[str] = deque(maxlen=count)
    pages = sorted(
        folder.glob(f"{FILE}*"), key=lambda path: -int(path.suffix[1:]) if path.suffix[1:].isdigit() else 0
    )
    for path in pages:
        with path.open(encoding="utf-8", errors="replace") as file:
            kept.extend(line.rstrip("\n") for line in file)
    return list(kept)


def following(folder: Path, count: int) -> Iterator[str]:
    """The last lines, then each new one, for ever; a turned page is noticed."""
    yield from last_lines(folder, count)
    path = folder / FILE
    place, inode = (path.stat().st_size, path.stat().st_ino) if path.exists() else (0, 0)
    while True:
        time.sleep(_SECONDS)
        if not path.exists():
            continue
        if path.stat().st_ino != inode:
            place, inode = 0, path.stat().st_ino
        with path.open("rb") as file:
            file.seek(place)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        place += len(whole)
        yield from whole.decode("utf-8", "replace").splitlines()


def text_of(raw: str, levels: Collection[str]) -> str | None:
    """A line as a person reads it; None when its level is not wanted."""
    try:
        told = json.loads(raw)
    except ValueError:
        return raw
    if not isinstance(told, dict):
        return raw
    if str(told.get("level", "info")) not in levels:
        return None
    rest = " ".join(f"{name}={value}" for name, value in told.items() if name not in _FIRST)
    return f"{str(told.get('timestamp', ''))[:19]}  {told.get('level', '')!s:7}  {told.get('event', '')}  {rest}".rstrip()
