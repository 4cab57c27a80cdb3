"""`templates list`: what writes the requests for QuickBooks."""

from __future__ import annotations

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, table


@click.group()
def templates() -> None:
    """List the qbXML templates."""


@templates.command("list")
@pass_given
@click.pass_context
def list_templates(ctx: click.Context, given: Given) -> None:
    """List every template, where it comes from and whether it compiles."""
    from qbconsole.care.templates import templates_found
    from qbconsole.cli.diagnosis import shipped_templates

    with given.opened() as workspace:
        found = templates_found(workspace.templates(), shipped_templates())
    if given.as_json:
        as_json({"templates": found})
    else:
        table(("TEMPLATE", "FROM", "TROUBLE"), [(one.name, one.origin, one.trouble) for one in found])
    ctx.exit(1 if any(one.trouble for one in found) else 0)
