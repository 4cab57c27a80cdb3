"""What a command that cannot be carried out says: one sentence and the next step, or one JSON object.

Text goes to stderr; under --json the object is the answer, so it goes to stdout. Nothing outside is shown raw.
"""

from __future__ import annotations

import json as stdlib_json
from collections.abc import Sequence

import click

from qbconsole.errors import QbconsoleError
from qbconsole.visible import safe

INTERRUPTED = 130
_STUMBLED = "Nothing half done was kept. Run `qbconsole logs --level error`, then report what it shows at the project's page."


def told(error: dict[str, str], *, json: bool) -> None:
    """Write an error as people or as programs read it."""
    if json:
        click.echo(stdlib_json.dumps(error))
        return
    place = f" ({safe(error['where'])})" if error["where"] else ""
    # Faults of mappings.toml come as a list, a line each.
    what = "\n".join(safe(line) for line in error["what"].splitlines())
    click.echo(f"Error: {what}{place}", err=True)
    if error["next"]:
        click.echo(f"Next:  {safe(error['next'])}", err=True)


def refused(error: QbconsoleError, *, json: bool) -> int:
    """An error of ours."""
    told(error.as_dict(), json=json)
    return error.exit_status


def unreadable(wrong: click.ClickException, *, json: bool) -> int:
    """A command line that cannot be read."""
    context = getattr(wrong, "ctx", None)
    path = context.command_path if context is not None else "qbconsole"
    error = {"code": "usage", "what": wrong.format_message(), "where": "", "next": f"See `{path} --help`."}
    told(error, json=json)
    return 2


def abandoned(*, json: bool) -> int:
    """Somebody pressed ctrl-c."""
    then = "What was committed is kept; run the command again to go on."
    if json:
        told({"code": "interrupted", "what": "Interrupted.", "where": "", "next": then}, json=json)
    else:  # `serve` says to press it
        click.echo(f"Stopped. {then}", err=True)
    return INTERRUPTED


def stumbled(cause: Exception, words: Sequence[str], *, json: bool) -> int:
    """A mistake of ours: the traceback goes to the log, people get a sentence."""
    from qbconsole.cli.given import log_for

    log_for(words).error("stumbled", exc_info=cause)
    what = f"This is a mistake in qbconsole: {type(cause).__name__}: {safe(cause, limit=300)}"
    told({"code": "internal", "what": what, "where": "", "next": _STUMBLED}, json=json)
    return 1
