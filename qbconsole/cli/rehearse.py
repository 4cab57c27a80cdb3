"""`demo` and `sandbox`: production code against the simulated ends, or one of the ends by itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, table, talk


@click.command()
@click.option(
    "--orders", type=click.IntRange(1, 100_000), default=200, show_default=True, help="How many orders."
)
@click.option(
    "--seed",
    type=int,
    default=7,
    show_default=True,
    help="Another seed, other orders; the same seed, the same.",
)
@click.option("--headless", is_flag=True, help="Print the result; open no console.")
@click.option(
    "--mode",
    type=click.Choice(["detailed", "summary"]),
    default="detailed",
    show_default=True,
    help="How sales are booked: a document per order, or a journal a day.",
)
@click.option(
    "--policy",
    "policies",
    metavar="NAME=VALUE",
    multiple=True,
    help="A policy of the mapping, or closing_date, start or another mode; may be repeated.",
)
@pass_given
@click.pass_context
def demo(ctx: click.Context, given: Given, /, headless: bool, **asked: Any) -> None:
    """Run the whole trip on simulated ends.

    Shopify, QuickBooks and its Web Connector over loopback HTTP, in a workspace of their own; then the console opens on it. Held documents alone are no failure.
    """
    from qbconsole.cli.rehearsing import run_demo

    given.require_writable()
    with tempfile.TemporaryDirectory(prefix="qbconsole-demo-") as room:
        root = given.root or Path(room)
        done = run_demo(root, **asked)
        if given.as_json:
            as_json(done.as_json())
        else:
            rows = [(account, amount) for account, amount in done.ledger.items()]
            table(("QUICKBOOKS' LEDGER", "BALANCE"), rows, right=frozenset({1}))
            for hold in done.held:
                talk(f"held: {hold['source']}: {hold['message']}")
            line(f"{done.recorded} of {done.documents} documents recorded, difference {done.difference:.2f}.")
        if not headless and not given.as_json:
            from qbconsole.cli.console import open_console

            ctx.exit(
                open_console(
                    Given(root=root),
                    banner="Demo: simulated shops and QuickBooks; nothing leaves this computer.",
                )
            )
        ctx.exit(1 if done.difference else 0)


@click.group()
def sandbox() -> None:
    """Run one of the two simulated ends by itself."""


@sandbox.command("shopify")
@click.option("--port", type=click.IntRange(1, 65535), default=8411, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--orders", type=click.IntRange(0, 100_000), default=200, show_default=True)
@click.option("--domain", help="Address of the shop it plays; else the workspace's merchant's.")
@click.pass_context
def sandbox_shopify(ctx: click.Context, /, port: int, seed: int, orders: int, domain: str | None) -> None:
    """Play a Shopify shop on this computer, until ctrl-c.

    In a workspace it is the shop of its first merchant, or of --merchant. Its token is shpat_sandbox. Point `pull` at it with QBCONSOLE_SHOPIFY_URL=http://127.0.0.1:PORT.
    """
    from qbconsole.cli.rehearsing import play_shopify, shop_meant

    domain = domain or shop_meant(ctx.ensure_object(Given))
    talk(f"{domain} answers on http://127.0.0.1:{port} with {orders} orders; press ctrl-c to stop.")
    play_shopify(port=port, seed=seed, orders=orders, domain=domain)


@sandbox.command("quickbooks")
@click.option("--url", default="http://localhost:8321/qbwc", show_default=True, help="Where `serve` listens.")
@click.option("--user", required=True, help="User name of the .qwc file.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The company file; made where it is missing.",
)
@click.option("--name", help="Company name of a file that is made; else the mapping's `name`.")
@click.option("--windows-path", help="Where the file lies on the PC it plays; else the mapping's `file`.")
@click.option("--once", is_flag=True, help="One update, then end.")
@click.option(
    "--every", type=click.IntRange(1), default=15, show_default=True, help="Seconds between updates."
)
@click.option(
    "--fault",
    "faults",
    metavar="KIND:N",
    multiple=True,
    help="At exchange N of the first update, such as lose-answer:3; docs/simulation.md lists the kinds.",
)
@click.option(
    "--refuse",
    "refusals",
    metavar="NAME=CODE",
    multiple=True,
    help="Refuse the next request of that name with this status code, such as SalesReceiptAdd=3180.",
)
@click.pass_context
def sandbox_quickbooks(ctx: click.Context, /, **asked: Any) -> None:
    """Play QuickBooks with its Web Connector polling, until ctrl-c.

    In a workspace it plays the company file that its mapping calls by the user's name. The password comes from QBCONSOLE_QBWC_PASSWORD, or is asked for.
    """
    from qbconsole.cli.rehearsing import Playing, asked_password, file_meant, play_quickbooks

    given = ctx.ensure_object(Given)
    name, windows_path = file_meant(given, asked["user"])
    asked |= {"name": asked["name"] or name, "windows_path": asked["windows_path"] or windows_path}
    ctx.exit(play_quickbooks(Playing(password=asked_password(given), **asked), as_json=given.as_json))


@sandbox.command("simulate")
@click.option(
    "--seeds", default="0:20", show_default=True, help="FIRST:LAST, the last left out; or one seed."
)
@click.option(
    "--faults", default="all", show_default=True, help="all, none, or numbers of docs/simulation.md: F26,F43."
)
@click.option("--jobs", type=click.IntRange(0), default=0, help="Processes; 0: one for each processor.")
@click.option("--timeline", is_flag=True, help="Tell one seed event by event.")
@click.option(
    "--server",
    default="",
    help="PostgreSQL for the databases, each made and dropped: postgresql://USER@HOST:PORT.",
)
@click.pass_context
def sandbox_simulate(ctx: click.Context, /, seeds: str, **asked: Any) -> None:
    """Let small worlds go wrong, by seed, and judge the books they end with.

    Production code under a virtual clock against the three simulated ends. A seed that breaks a law is told with the command that plays it again; exit 1 then.
    """
    from qbconsole.cli.simulating import Asked, play_seeds, seeds_of

    as_json = ctx.ensure_object(Given).as_json
    ctx.exit(play_seeds(Asked(seeds=seeds_of(seeds), as_json=as_json, **asked)))
