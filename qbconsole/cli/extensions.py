"""`plugins list`: what merchants added to the program."""

from __future__ import annotations

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, table, talk


@click.group()
def plugins() -> None:
    """List the merchants' plugins."""


@plugins.command("list")
@pass_given
@click.pass_context
def list_plugins(ctx: click.Context, given: Given) -> None:
    """List every plugin file, who uses it and whether it loads.

    Exit 1 when an enabled one is broken. One that nobody enabled is never run.
    """
    from qbconsole.care.extensions import plugins_found

    with given.opened() as workspace:
        found = plugins_found(workspace.means())
    if given.as_json:
        as_json({"plugins": found})
    else:
        rows = [
            (one.name, one.state, ", ".join(one.merchants), ", ".join(one.hooks), one.sha256[:12])
            for one in found
        ]
        table(("PLUGIN", "STATE", "MERCHANTS", "HOOKS", "SHA256"), rows)
        for one in found:
            if one.trouble:
                talk(f"{one.trouble} {one.next_step}")
    ctx.exit(1 if any(one.trouble for one in found) else 0)
