"""The operator at the command line: who decides, and how the outcome is told."""

from __future__ import annotations

from qbconsole.care.attention import Decided, Operator
from qbconsole.cli.given import Given
from qbconsole.cli.output import as_json, line, talk
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
