"""`queue list`, `queue retry`, `queue ignore`, `queue gone`."""

from __future__ import annotations

import rich_click as click

from qbconsole.cli.deciding import confirm_count, from_stdin, named, operator, tell
from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import amount, as_json, line, table, talk
from qbconsole.errors import UsageError

_VIEWS = ("exceptions", "queued", "recorded", "all")
_NEXT = (
    "The next session asks QuickBooks about them first. Closing a dialog on that PC after this makes duplicates: "
    "they are flagged then (twice_in_quickbooks)."
)


@click.group()
def queue() -> None:
    """List, retry or ignore what waits."""


@queue.command("list")
@click.option("--view", type=click.Choice(_VIEWS), default="exceptions", show_default=True)
@click.option(
    "--text",
    default="",
    help="Only rows with these words; also status:, kind:, reason:, merchant:, customer:.",
)
@click.option(
    "--sort", default="date", show_default=True, help="date, number, kind, total, state, since or merchant."
)
@click.option("--reverse", is_flag=True, help="The last first.")
@click.option(
    "--limit", type=click.IntRange(1), default=1000, show_default=True, help="At most so many rows."
)
@pass_given
def list_(given: Given, view: str, text: str, sort: str, reverse: bool, limit: int) -> None:
    """List documents that wait or failed, or all.

    In a stable order. What `--json` writes feeds `release`, `hold`, `queue retry` and `queue ignore` with `--stdin`.
    """
    from qbconsole.views.queue import View, ids, rows

    with given.opened() as workspace:
        narrow = given.narrowed(workspace.means())
        found = ids(workspace.store, View(view), text=text, sort=sort, reverse=reverse, **narrow)
        shown = rows(workspace.store, found[:limit])
    if given.as_json:
        as_json({"count": len(found), "rows": shown})
        return
    cells = [
        (
            one.number,
            one.date,
            one.kind,
            one.customer,
            amount(one.total),
            one.state,
            one.reason,
            one.attempt,
            one.key,
        )
        for one in shown
    ]
    heads = ("#", "DATE", "TYPE", "CUSTOMER", "TOTAL", "STATUS", "REASON", "TRY", "KEY")
    table(heads, cells, right=frozenset({4, 7}), giving=(3, 2, 6, 0), below=True)
    talk(f"{len(shown)} of {len(found)}.")


@queue.command()
@click.argument("ids", nargs=-1, metavar="ID…")
@click.option("--all", "everything", is_flag=True, help="All that were refused or quarantined.")
@from_stdin
@click.option("--lost", is_flag=True, help="Post all again that were lost when a company file was restored.")
@click.option("--yes", type=click.IntRange(0), metavar="COUNT", help="With --lost: so many, without asking.")
@pass_given
@click.pass_context
def retry(
    ctx: click.Context,
    given: Given,
    ids: tuple[str, ...],
    everything: bool,
    from_stdin: bool,
    lost: bool,
    yes: int | None,
) -> None:
    """Send again what QuickBooks refused or what was quarantined, and what is gone from QuickBooks.

    What was sent or is in doubt is probed first: the next session asks QuickBooks before anything is sent again.
    """
    keys = named(ids, from_stdin) if ids or from_stdin else ()
    if [bool(keys), everything, lost].count(True) != 1:
        raise UsageError(
            "say what to retry", next="Give keys, or --all, or --lost; list them with `qbconsole queue list`."
        )
    with given.changing() as workspace:
        person = operator(given, workspace)
        if lost:
            keys = person.lost()
            if not keys and yes is None:
                raise UsageError(
                    "no document was lost by a restore", next="`qbconsole queue list` tells what waits."
                )
            confirm_count(given, len(keys), f"Post {len(keys)} lost documents again?", yes)
        done = person.retry(None if everything else keys)
    ctx.exit(tell(given, done, "made ready again"))


@queue.command()
@click.argument("ids", nargs=-1, metavar="ID…")
@from_stdin
@click.option("--reason", required=True, help="Why; it stands in the journal for good.")
@pass_given
@click.pass_context
def ignore(ctx: click.Context, given: Given, ids: tuple[str, ...], from_stdin: bool, reason: str) -> None:
    """Take something out for good: a document that is not in QuickBooks, a held order, a flag."""
    with given.changing() as workspace:
        done = operator(given, workspace).ignore(named(ids, from_stdin), reason)
    ctx.exit(tell(given, done, "ignored"))


@queue.command()
@pass_given
@click.pass_context
def gone(ctx: click.Context, given: Given) -> None:
    """Say that a silent Web Connector does not come back, so that another may ask about what it took.

    Only when its PC is really off or gone: a dialog that is still open in QuickBooks there posts when it is closed, and
    then documents are in QuickBooks twice (told as twice_in_quickbooks).
    """
    from qbconsole.care.connectors import let_others_ask

    with given.changing() as workspace:
        company = given.the_company(workspace.means())
        told = let_others_ask(workspace.store, company, given.who, workspace.clock)
    if given.as_json:
        as_json(
            {
                "company": company,
                "gone": [
                    {
                        "peer": one.peer,
                        "computer": one.computer,
                        "since": one.since,
                        "requests": one.requests,
                        "set": one.set_id,
                    }
                    for one in told
                ],
            }
        )
    for one in told if not given.as_json else ():
        line(f"gone: {one.peer} {one.computer}".rstrip() + f", {one.requests} requests")
    talk(_NEXT if told else "No Web Connector is silent.")
    ctx.exit(0 if told else 1)
