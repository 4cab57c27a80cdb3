"""Terminal: is there one we can draw on, and giving it back when we are told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping

from qbconsole.errors import UsageError

#: An SSH line that drops sends HUP, a service manager TERM; the default would leave the alternate screen on.
ENDING = (signal.SIGTERM, signal.SIGHUP)


def require_terminal(environ: Mapping[str, str] | None = None) -> None:
    """Refuse to draw into a pipe or a terminal that cannot place a cursor. Raises UsageError naming the commands."""
    env = os.environ if environ is None else environ
    reason = ""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        reason = "the console needs a terminal, and this is none"
    elif env.get("TERM", "") in ("dumb", "unknown"):
        reason = f"the console cannot draw on a terminal of type {env['TERM']!r}"
    if reason:
        raise UsageError(reason, next="Use `qbconsole status` and `qbconsole queue list`; both take --json.")


def poor(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether the terminal has its own 16 colours and no more."""
    env = os.environ if environ is None else environ
    return env.get("TERM", "") in ("linux", "vt100", "vt220", "ansi", "xterm-16color")


def end_on_signals(leave: Callable[[int], None]) -> Callable[[], None]:
    """Call `leave(128 + n)` on a signal that ends us, in the running loop; gives what takes the handlers away."""
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, leave, 128 + number)

    def undo() -> None:
        for number in ENDING:
            loop.remove_signal_handler(number)

    return undo
