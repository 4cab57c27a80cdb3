"""`pull`, `book`, `sync`, `postings`: from the shop into the books, and what the books then say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, progress, table, talk
from qbconsole.cli.values import day, since
from qbconsole.errors import UsageError


@click.command()
@click.option(
    "--since",
    type=since,
    metavar="WHEN",
    help="From an ISO date or time on, or 30d, 12h, 2w back; the cursor stays.",
)
@click.option("--order", metavar="ID", help="Only this order, by name (#1001) or id.")
@click.option(
    "--from-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="From a JSON or bulk JSONL file.",
)
@click.option(
    "--fees",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A gateway's fees from a CSV file: date, fee, and as far as it has them gateway, currency, reference.",
)
@click.option("--gateway", metavar="NAME", help="Whose fees --fees holds, where the file does not say.")
@click.option("--include-test", is_flag=True, help="Let test orders be booked, on purpose.")
@click.option(
    "--bulk/--no-bulk",
    "in_bulk",
    default=None,
    help="Orders as one file that Shopify writes, or page by page; unasked by whichever is quicker.",
)
@pass_given
def pull(
    given: Given,
    since: str | None,
    order: str | None,
    from_file: Path | None,
    fees: Path | None,
    gateway: str | None,
    include_test: bool,
    in_bulk: bool | None,
) -> None:
    """Take in what happened in the shop.

    Orders, and what happened beside them (payouts, gift cards, drawers, goods), changed since the last pull; kept raw
    as it came, nothing is booked. What the app may not see is a warning. A file is taken whole or not at all.
    """
    from qbconsole.cli.pulling import pull_from_fees, pull_from_file, pull_from_shops

    if gateway is not None and fees is None:
        raise UsageError("--gateway says whose fees --fees holds", next="Give the file with --fees FILE.")
    if fees is not None and (from_file is not None or since is not None or order is not None):
        raise UsageError("--fees stands alone", next="Pull the rest with a second command.")
    if in_bulk and (from_file is not None or fees is not None or order is not None):
        raise UsageError(
            "--bulk is for a whole shop", next="Leave --bulk out, or pull without a file or an order."
        )
    with given.changing() as workspace:
        if fees is not None:
            pulled = pull_from_fees(given, workspace, fees, gateway=gateway)
        elif from_file is not None:
            pulled = pull_from_file(given, workspace, from_file, include_test=include_test)
        else:
            pulled = pull_from_shops(
                given, workspace, since=since, order=order, include_test=include_test, in_bulk=in_bulk
            )
    for warning in pulled.warnings:
        talk(f"Attention: {warning}")
    if given.as_json:
        as_json(pulled)
    else:
        line(
            f"{pulled.new} new, {pulled.changed} changed, {pulled.same} as before, {pulled.stale} older than known."
        )


@click.command()
@pass_given
@click.pass_context
def book(ctx: click.Context, given: Given) -> None:
    """Book what was pulled.

    Into documents with postings, each proved to the cent; what cannot be booked is held with its reason. Booking twice creates nothing.
    """
    from qbconsole.sync.book import book as book_all

    with given.changing() as workspace, progress("booking") as told:
        means = workspace.means()
        given.tell_broken_mapping(workspace)
        booked = book_all(means, means.merchants(given.merchant, given.company), progress=told)
    for merchant, why in booked.stopped.items():
        talk(f"{merchant} is stopped: {why}")
    if given.as_json:
        as_json(booked)
    else:
        line(f"{booked.orders} orders: {booked.documents} documents, {booked.held} held.")
        for sentence in booked.ignored:
            line(f"Ignored: {sentence}")
    ctx.exit(1 if booked.stopped else 0)


@click.group()
def sync() -> None:
    """Pull and book; delivery follows by itself."""


@sync.command("now")
@pass_given
@click.pass_context
def sync_now(ctx: click.Context, given: Given) -> None:
    """Pull and book now, every merchant or those named.

    Documents go to QuickBooks when its Web Connector polls next; this says when it last did.
    """
    from qbconsole.cli.pulling import synced

    with given.changing() as workspace:
        done = synced(given, workspace)
    for trouble in done.troubles:
        talk(f"{trouble.where}: {trouble.what} {trouble.next}")
    if given.as_json:
        as_json(done)
    else:
        line(
            f"Pulled {done.pulled.new} new and {done.pulled.changed} changed; booked {done.booked.documents} documents, {done.booked.held} held."
        )
        for sentence in done.booked.ignored:
            line(f"Ignored: {sentence}")
        for company, at in done.last_contact.items():
            line(
                f"{company}: {'the Web Connector has never called' if at is None else f'the Web Connector last called {at:%Y-%m-%d %H:%M} UTC'}."
            )
    ctx.exit(done.exit_status)


@click.command()
@click.option("--from", "first", type=day, metavar="DATE", help="First day.")
@click.option("--to", "last", type=day, metavar="DATE", help="Last day, inclusive.")
@pass_given
def postings(given: Given, first: date | None, last: date | None) -> None:
    """Show what the books say per day.

    By role and by account, sent or not; debit positive. What is held for its accounting contributes nothing.
    """
    from qbconsole.views.postings import postings as postings_of

    if first and last and first > last:
        raise UsageError("--from lies after --to", next="Give the earlier day as --from.")
    with given.opened() as workspace:
        told = postings_of(workspace.store, **given.narrowed(workspace.means()), first=first, last=last)
    if given.as_json:
        as_json(told)
        return
    rows = [
        (day, account, amount)
        for day, amounts in told["accounts"].items()
        for account, amount in amounts.items()
    ]
    table(("DATE", "ACCOUNT", "DEBIT +"), rows, right=frozenset({2}))
    for hold in told["holds"]:
        talk(f"{hold['reason']}: {hold['source']}: {hold['message']}")
