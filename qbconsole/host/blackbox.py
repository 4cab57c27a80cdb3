"""The black box: one unnamed file both processes hold, read after the child is gone.

Its first bytes are the last thing the child announced; behind them stand the tracebacks that `faulthandler`
writes from C, so that an endless loop is found by file and line even where no Python code gets a turn.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import tempfile
from typing import IO, NoReturn

#: Room for one announcement; the traces start behind it.
_ROOM = 512
#: The supervisor's "say where you are, then end".
ASK = signal.SIGUSR1


def opened() -> IO[bytes]:
    """A new, empty box, to be handed to the child by its descriptor."""
    box = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - the caller closes it with the child
    box.write(b" " * _ROOM)
    return box


def announce(box: int, text: str) -> None:
    """Leave word of what is about to run, for the case that nothing can be said afterwards."""
    os.pwrite(box, text.encode("utf-8", "replace")[:_ROOM].ljust(_ROOM), 0)


def armed(box: int) -> None:
    """Make this process write where it stands when it is asked to, crashes, or ends itself."""
    faulthandler.enable(file=box, all_threads=False)
    # Chained to the default action: the process ends when its trace is whole, so nobody has to guess.
    signal.signal(ASK, signal.SIG_DFL)
    faulthandler.register(ASK, file=box, all_threads=False, chain=True)
    leave = os._exit

    def told_exit(status: int) -> NoReturn:
        faulthandler.dump_traceback(file=box, all_threads=False)
        leave(status)

    os._exit = told_exit


def announced(box: IO[bytes]) -> str:
    """What the child announced last."""
    return os.pread(box.fileno(), _ROOM, 0).decode("utf-8", "replace").strip()


def traces(box: IO[bytes]) -> str:
    """Every traceback the child left, the newest call first in each; "" when it left none."""
    return os.pread(box.fileno(), 64 << 10, _ROOM).decode("ascii", "replace")
