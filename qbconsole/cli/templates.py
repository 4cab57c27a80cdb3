"""`templates list`, `check`, `new`, `fields`: what writes the requests for QuickBooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, block, line, progress, table, talk
from qbconsole.cli.values import instant, since
from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qbconsole.care.templates import TemplateChecked

_DIGITS = 12


@click.group()
def templates() -> None:
    """List, check and change the qbXML templates."""


@templates.command("list")
@pass_given
@click.pass_context
def list_templates(ctx: click.Context, given: Given) -> None:
    """List every template, whose documents it is for, where it comes from and whether it compiles.

    Exit 1 when one does not, or when nothing is ever written with it.
    """
    from qbconsole.care.templates import templates_found
    from qbconsole.cli.diagnosis import shipped_templates

    with given.opened() as workspace:
        merchants = None if workspace.mapping_fault() else workspace.means().mapping.merchants
        found = templates_found(workspace.templates(), shipped_templates(), merchants)
    if given.as_json:
        as_json({"templates": found})
    else:
        rows = [
            (one.name, one.merchant or "all", one.origin, one.api, one.sha256[:_DIGITS], one.trouble)
            for one in found
        ]
        table(("TEMPLATE", "MERCHANT", "FROM", "API", "SHA256", "TROUBLE"), rows)
    ctx.exit(1 if any(one.trouble for one in found) else 0)


@templates.command()
@click.argument("names", nargs=-1, metavar="[NAME …]")
@click.option(
    "--since",
    "back",
    type=since,
    default="7d",
    show_default=True,
    metavar="7d|DATE",
    help="Stored documents to try.",
)
@pass_given
@click.pass_context
def check(ctx: click.Context, given: Given, names: tuple[str, ...], back: str) -> None:
    """Try templates on the smallest and fullest example and on what was booked lately; nothing is written.

    What they write is checked as QuickBooks would, and read again: money, dates, names and keys must be the
    document's. NAME: invoice_add, or oak-ember/invoice_add. --merchant narrows it to what that merchant uses. Exit 1 when a template is at fault.
    """
    from qbconsole.care.templates import check_templates

    with given.opened() as workspace, progress("Templates") as told:
        first = instant(back, workspace.clock()).date()
        found = check_templates(
            workspace.means(), names=names, merchant=given.merchant, since=first, progress=told
        )
    if given.as_json:
        as_json({"templates": found, "faults": sum(len(one.faults) for one in found)})
    else:
        _tell(found)
    ctx.exit(1 if any(one.faults for one in found) else 0)


@templates.command()
@click.argument("name")
@pass_given
def new(given: Given, name: str) -> None:
    """Copy a shipped template into the workspace, to be changed there. Nothing is ever overwritten.

    NAME: sales_receipt_add. With --merchant it is for that merchant's documents only.
    """
    from qbconsole.care.templates.making import new_template
    from qbconsole.cli.diagnosis import shipped_templates

    with given.changing() as workspace:
        whose = given.merchant
        if whose is not None:
            workspace.means().merchant(whose)
        path = new_template(workspace.root / "templates", shipped_templates(), name, whose or "")
    if given.as_json:
        as_json({"path": path})
    else:
        line(str(path))
        talk("Change it, then run `qbconsole templates check`.")


def _tell(found: Sequence[TemplateChecked]) -> None:
    for one in found:
        for fault in one.faults:
            line(f"{fault.where}: {fault.sentence} (on {fault.on})")
    for one in found:
        for loss in one.losses:
            talk(f"templates/{one.template.name}: QuickBooks cannot keep {loss}")
    faults, bad = sum(len(one.faults) for one in found), sum(bool(one.faults) for one in found)
    tried = f"{sum(one.examples for one in found)} examples and {sum(one.stored for one in found)} stored documents"
    verdict = f"{faults} faults in {bad} of them." if faults else "No faults."
    talk(f"{len(found)} templates tried on {tried}. {verdict}")


@templates.command()
@click.argument("name", required=False)
@click.option("--markdown", is_flag=True, help="As docs/templates.md has it.")
@pass_given
def fields(given: Given, name: str | None, markdown: bool) -> None:
    """List what `d` holds in a template: the fields of the document, and of its lines.

    NAME: sales_receipt_add, or SalesReceipt; without it the documents there are.
    """
    from qbconsole.qbxml.schema import shipped_schema
    from qbconsole.qbxml.templating.fields import as_markdown, described, fields_of
    from qbconsole.rules.nearest import nearest

    every = described(shipped_schema())
    found = fields_of(name, every) if name else [one for one in every if one.template]
    if not found:
        step = "`qbconsole templates fields` lists what there is."
        raise UsageError(
            f"there is no document {name}{nearest(str(name), [one.name for one in every])}", next=step
        )
    if given.as_json:
        as_json({"documents": found})
    elif markdown:
        block(as_markdown(found if name else every))
    elif not name:
        table(("DOCUMENT", "TEMPLATE", "ABOUT"), [(one.name, one.template, one.about) for one in found])
    for one in found if name and not (given.as_json or markdown) else ():
        line(f"{one.name}: {one.about}")
        rows = [
            (row.name, row.element, row.holds, "may be none" if row.optional else "") for row in one.fields
        ]
        table(("  FIELD", "QBXML", "HOLDS", ""), [(f"  {row[0]}", *row[1:]) for row in rows])
