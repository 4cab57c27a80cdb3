"""The operator at the command line: who decides, and how the outcome is told."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from qbconsole.care.attention import Decided, Operator
from qbconsole.cli.given import Given
from qbconsole.cli.output import as_json, line, talk
from qbconsole.errors import UsageError
from qbconsole.workspace import Workspace


def operator(given: Given, workspace: Workspace) -> Operator:
    """Whoever runs this command, narrowed to the company and merchant named."""
    if given.company or given.merchant:
        given.narrowed(workspace.means())
    return Operator(
        store=workspace.store,
        clock=workspace.clock,
        who=given.who,
        merchant=given.merchant,
        company=given.company,
    )


from_stdin = click.option(
    "--stdin",
    "from_stdin",
    is_flag=True,
    help="Keys from stdin: a line each, or what `queue list --json` wrote.",
)


def named(ids: tuple[str, ...], from_stdin: bool) -> tuple[str, ...]:
    """The keys given as words and on stdin, each once. Raises UsageError where there is none, or no key can be read."""
    keys = (*ids, *(_keys_in(sys.stdin.read()) if from_stdin else ()))
    if not keys:
        raise UsageError(
            "no key was given" + (": stdin is empty" if from_stdin else ""),
            next="Give keys, or --stdin with a list of them; `qbconsole queue list --view all` has them.",
        )
    return tuple(dict.fromkeys(keys))


def _keys_in(text: str) -> list[str]:
    """Keys a line each; or the rows of `queue list --json`, also reduced to a list of rows or keys by another program."""
    if not text.lstrip().startswith(("{", "[")):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        return [key for found in _values(text) for key in _keys_of(found)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
        raise UsageError(
            "stdin has neither keys nor what `queue list --json` writes",
            next="Give a key a line, or the whole output of `qbconsole queue list --json`; nothing was changed.",
        ) from cause


def _values(text: str) -> list[Any]:
    """One JSON value, or one a line, as `jq -c` writes them."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _keys_of(found: Any) -> list[str]:
    rows = found if isinstance(found, list) else found.get("rows", [found])
    keys = [one if isinstance(one, str) else _called(one) for one in rows]
    if not all(isinstance(key, str) and key for key in keys):
        raise ValueError("a key is a text")
    count = found.get("count", 0) if isinstance(found, dict) else 0
    if isinstance(count, int) and count > len(keys):
        talk(
            f"The list is cut: {len(keys)} of {count} rows; give `queue list` a larger --limit for the others."
        )
    return keys


def _called(row: Any) -> str:
    """The key of a row; a list entry's with its merchant, as `QueueRow.called` gives it."""
    key, merchant = row["key"], row.get("merchant")
    return f"{merchant}/{key}" if row.get("is_entry") and merchant and isinstance(key, str) else key


#: From here on the count is typed.
MANY = 10


def confirm_count(
    given: Given, count: int, question: str, yes: int | None, *, what: str = "documents"
) -> None:
    """Ask, where a person can be asked; ten and more are typed. A script names the count. Raises UsageError."""
    if yes is not None or not given.interactive:
        if yes != count:
            raise UsageError(
                f"this is about {count} {what}"
                + (f", not {yes}" if yes is not None else " and needs a person's yes"),
                next=f"Give --yes {count} when this is what you want; nothing was changed.",
            )
        return
    asked = f"{question} {count} {what}; type the count"
    if count >= MANY and click.prompt(asked, type=int, err=True) != count:
        raise click.Abort
    click.confirm(question, default=False, abort=True, err=True)


def tell(given: Given, done: Decided, verb: str) -> int:
    """Say what became of each; gives the exit status: 1 when something named was left as it was."""
    if given.as_json:
        as_json(done)
    else:
        for key in done.done:
            line(f"{verb}: {key}")
        for key in done.probed_first:
            line(f"probed first in the next session: {key}")
        for key, why in done.left:
            talk(f"left: {key}: {why}")
        talk(done.sentence(verb))
    return 1 if done.left else 0
