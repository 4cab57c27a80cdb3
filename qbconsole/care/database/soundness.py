"""Soundness: when a database's pages are checked, and what happens where one is damaged.

A small file is checked each time it is opened. A large one is checked before the first session unless it was found
sound within a day; then that check is put off until sessions run, so that a restart is quick. Once a day the whole
check follows, with every index. Nothing is written to a damaged database.
"""

from __future__ import annotations

import contextlib
import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from qbconsole.errors import StoreBroken
from qbconsole.store.database import Store
from qbconsole.store.database.opening import QUICK_CHECK_BYTES

DAY = timedelta(days=1)
#: In our own folder: when which check found nothing.
NAME = "sound"
_RESTORE = (
    "Stop everything that writes; put the newest sound file of .qbconsole/backups in its place, start again, and let "
    "the Web Connector come: the marker in the company file tells what has to be looked up there."
)


def check_at_start(store: Store, own: Path, now: datetime) -> bool:
    """Check what has to be checked before a session; True where the check was put off. Raises StoreBroken."""
    path = store.path
    if path is None or path.stat().st_size <= QUICK_CHECK_BYTES:
        return False  # PostgreSQL looks after its own pages; a small file was checked when it was opened
    if _since(own, "quick", now) < DAY:
        return True
    check(store, own, now)
    return False


def check(store: Store, own: Path, now: datetime, *, whole: bool = False) -> None:
    """Check now and remember when it was sound. Raises StoreBroken."""
    found = store.check(quick=not whole)
    if found:
        raise StoreBroken(f"The database is damaged: {found[0]}", where=str(store.path), next=_RESTORE)
    _remember(own, {"quick": now} | ({"whole": now} if whole else {}))


def check_when_due(store: Store, own: Path, now: datetime) -> bool:
    """The whole check, where the last one is a day old; tells whether it was. Raises StoreBroken."""
    if store.path is None or _since(own, "whole", now) < DAY:
        return False
    check(store, own, now, whole=True)
    return True


def _since(own: Path, name: str, now: datetime) -> timedelta:
    """How long ago a check found nothing; very long where that is not known, or lies ahead."""
    try:
        passed = now - datetime.fromisoformat(_known(own)[name])
    except (ValueError, KeyError, TypeError):
        return timedelta.max
    return passed if passed >= timedelta(0) else timedelta.max


def _known(own: Path) -> dict[str, str]:
    try:
        found = json.loads((own / NAME).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(own: Path, checks: dict[str, datetime]) -> None:
    """Kept beside the database; where it cannot be, the check is made again."""
    with contextlib.suppress(OSError):
        beside = own / f"{NAME}.{os.getpid()}"
        text = json.dumps(_known(own) | {name: at.isoformat() for name, at in checks.items()})
        beside.write_text(text, encoding="ascii")
        beside.chmod(0o600)
        beside.replace(own / NAME)
