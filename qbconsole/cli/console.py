"""`console`: the Textual app, opened only here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given

if TYPE_CHECKING:
    from qbconsole.care.attention import Operator
    from qbconsole.workspace import Workspace


class ConsoleActions:
    """What the console may have done: the verbs behind `queue retry` and `queue ignore`."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator

    def retry(self, keys: Sequence[str]) -> str:
        """Make the rows ready again; gives one sentence in the past tense."""
        return self._operator.retry(keys).sentence("made ready again")

    def ignore(self, keys: Sequence[str], reason: str) -> str:
        """Take the rows out for good; gives one sentence in the past tense."""
        return self._operator.ignore(keys, reason).sentence("ignored")


def open_console(given: Given, *, banner: str = "") -> int:
    """Open the console on the workspace; gives the exit status."""
    from qbconsole.care.logbook import keep_log
    from qbconsole.console.app import run

    def actions(workspace: Workspace) -> ConsoleActions:
        from qbconsole.cli.deciding import operator

        return ConsoleActions(operator(Given(root=workspace.root), workspace))

    keep_log(given.place / ".qbconsole" / "logs", write=(given.place / "mappings.toml").is_file())
    return run(given.root, readonly=given.readonly, merchant=given.merchant, banner=banner, actions=actions)


@click.command()
@pass_given
@click.pass_context
def console(ctx: click.Context, given: Given) -> None:
    """Open the console.

    It needs a terminal; without one use `qbconsole status`.
    """
    ctx.exit(open_console(given))
