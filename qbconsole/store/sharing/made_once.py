"""Made once: a small private file that whoever comes first makes, and everybody else reads.

Several workers that start in a new workspace make it at the same moment; all of them must go by the one that stays.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path


def make_once(path: Path, text: bytes) -> None:
    """Keep this text in a new file, durable and 0600, unless there is one already. Read the file afterwards.

    Written beside and then given its name: it is whole or not there, on a full disk too. Raises OSError.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    beside.unlink(missing_ok=True)
    try:
        handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):  # somebody else was quicker
                os.link(beside, path)
        except OSError:
            if path.exists():
                return
            beside.replace(path)  # a file system without links
    finally:
        beside.unlink(missing_ok=True)
