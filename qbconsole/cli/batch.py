"""`plan`, `approve`, `hold`, `release`: what will be sent, and the operator's word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.deciding import from_stdin, named, operator, tell
from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import amount, as_json, line, table, talk
from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from qbconsole.views.plan import BatchPlan, PlannedDocument

_ASKS = "asks for approval"


@click.command()
@pass_given
def plan(given: Given) -> None:
    """Show what will be sent and what it does to the ledger.

    The hash stands for exactly these documents; `approve` is bound to it.
    """
    from qbconsole.views.plan import batch_plan

    with given.opened() as workspace:
        found = batch_plan(workspace.store, given.the_company(workspace.means()))
    if given.as_json:
        as_json(found)
    else:
        show_plan(found)


def show_plan(found: BatchPlan) -> None:
    """The plan as people read it."""
    rows = [
        (one.date, one.kind, one.ref_number, amount(one.total), _standing(one), one.held)
        for one in found.documents
    ]
    table(("DATE", "KIND", "NUMBER", "TOTAL", "STATE", "WHY"), rows, right=frozenset({3}))
    line()
    effect = [
        (account, amount(debit), amount(credit), amount(net)) for account, debit, credit, net in found.effect
    ]
    table(("ACCOUNT", "DEBIT", "CREDIT", "NET"), effect, right=frozenset({1, 2, 3}))
    if found.entries:
        line()
        new = [
            (
                one.list_kind.replace("_", " "),
                one.name,
                _ASKS if one.needs_approval else one.state,
            )
            for one in found.entries
        ]
        table(("NEW IN QUICKBOOKS", "NAME", "STATE"), new)
    if words := found.to_approve.words:
        talk(f"{words}.")
    going = "1 document goes" if len(found.going) == 1 else f"{len(found.going)} documents go"
    talk(f"{going} to {found.company}; hash {found.hash or 'none, there is nothing to send'}.")


def _standing(one: PlannedDocument) -> str:
    if one.held:
        return "held"
    return _ASKS if one.needs_approval else one.state


@click.command()
@click.option("--hash", "plan_hash", metavar="H", help="The hash `plan` showed.")
@pass_given
def approve(given: Given, plan_hash: str | None) -> None:
    """Let a batch plan go.

    Exactly as it was seen: refused when anything changed since. What a person holds by name stays. Without --hash a person is shown the plan and asked.
    """
    with given.changing() as workspace:
        company = given.the_company(workspace.means())
        approved = operator(given, workspace).approve(
            company, plan_hash or _agreed(given, workspace, company)
        )
    if given.as_json:
        as_json({"company": company, "hash": approved.hash, "documents": len(approved.going)})
    else:
        from qbconsole.views.approval import counted

        line(f"Approved {counted(len(approved.going), len(approved.adding))} for {company}.")


def _agreed(given: Given, workspace: object, company: str) -> str:
    """Show the plan and ask; the default is no."""
    from qbconsole.views.plan import batch_plan
    from qbconsole.workspace import Workspace

    if not given.interactive or not isinstance(workspace, Workspace):
        raise UsageError(
            "an approval names the plan it is for", next="Give --hash with what `qbconsole plan` showed."
        )
    found = batch_plan(workspace.store, company)
    show_plan(found)
    click.confirm(f"Send these {len(found.going)} documents?", default=False, abort=True, err=True)
    return found.hash


@click.command()
@click.argument("ids", nargs=-1, metavar="ID…")
@from_stdin
@click.option("--reason", default="", help="Why; it stands in the journal.")
@pass_given
@click.pass_context
def hold(ctx: click.Context, given: Given, ids: tuple[str, ...], from_stdin: bool, reason: str) -> None:
    """Keep documents back until they are released.

    Only what has not left yet can be held. ID: a key of `queue list`, an order's name, or a RefNumber.
    """
    with given.changing() as workspace:
        done = operator(given, workspace).hold(named(ids, from_stdin), reason)
    ctx.exit(tell(given, done, "held"))


@click.command()
@click.argument("ids", nargs=-1, metavar="ID…")
@from_stdin
@click.option("--reason", default="", help="Why; it stands in the journal.")
@pass_given
@click.pass_context
def release(ctx: click.Context, given: Given, ids: tuple[str, ...], from_stdin: bool, reason: str) -> None:
    """Let go what an operator held, or what was only flagged.

    What QuickBooks refused goes again. What is held for its cause goes by itself when the cause goes away; this says
    what that is.
    """
    with given.changing() as workspace:
        done = operator(given, workspace).release(named(ids, from_stdin), reason)
    ctx.exit(tell(given, done, "released"))
