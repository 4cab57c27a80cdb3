"""The program's outermost ring: whatever happens inside ends as an exit status and a sentence, never a traceback.

Exit 0 ok, 1 failed or attention, 2 usage or configuration, 3 worth retrying unchanged, 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

try:
    import click

    from qbconsole.cli.refusal import abandoned, refused, stumbled, unreadable
    from qbconsole.cli.root import cli
    from qbconsole.cli.words import hoisted
    from qbconsole.errors import QbconsoleError, StoreBroken
except KeyboardInterrupt:  # ctrl-c while we are still being read from disk: nothing was begun
    sys.exit(130)

_FULL = StoreBroken(
    "the disk is full: what this command says could not be written",
    next="Free disk space, then run the same command again; what was committed is kept.",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; gives its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows its number; it never stops a command.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    words = hoisted(sys.argv[1:] if argv is None else list(argv))
    json = "--json" in words
    try:
        status = cli.main(args=words, prog_name="qbconsole", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except (KeyboardInterrupt, click.Abort):
        return abandoned(json=json)
    except click.ClickException as wrong:
        return unreadable(wrong, json=json)
    except QbconsoleError as error:
        return refused(error, json=json)
    except SystemExit as ended:
        # click ends like this when whoever read our output has seen enough, which is no failure.
        return 0 if type(sys.stdout).__name__.endswith("PacifyFlushWrapper") else int(ended.code or 0)
    except BrokenPipeError:
        # The same, met at the last flush; nothing may be written at exit either.
        _silence()
        return 0
    except OSError as cause:
        if cause.errno not in (errno.ENOSPC, errno.EDQUOT):
            return stumbled(cause, words, json=json)
        _silence()
        return refused(_FULL, json=False)  # as text: stdout is what could not be written
    except Exception as cause:  # noqa: BLE001 - the outermost ring: nobody above could catch it
        return stumbled(cause, words, json=json)
    return status if isinstance(status, int) else 0


def _silence() -> None:
    """Let what stdout still holds go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
