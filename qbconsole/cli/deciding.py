"""The operator at the command line: who decides, and how the outcome is told."""

from __future__ import annotations

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
