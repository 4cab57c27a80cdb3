"""The root of the command line: global options and the table of commands.

Nothing heavy is imported here: `--help` answers within a quarter of a second.
"""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from qbconsole.cli.lazy import Later, LazyGroup


def _later(module: str, name: str, sentence: str, panel: str) -> Later:
    return Later(module=f"qbconsole.cli.{module}", name=name, sentence=sentence, panel=panel)


_BEGIN, _DAILY, _LOOK, _DECIDE, _RUN = "Begin", "Every day", "Look", "Decide", "Run"
COMMANDS: dict[str, Later] = {
    "demo": _later("rehearse", "demo", "Run the whole trip on simulated ends.", _BEGIN),
    "init": _later("install", "init", "Make a workspace.", _BEGIN),
    "setup": _later("install", "setup", "Store credentials and make the Web Connector's password.", _BEGIN),
    "qwc": _later("serving", "qwc", "Write the .qwc file that introduces us to a Web Connector.", _BEGIN),
    "doctor": _later("install", "doctor", "Check this installation.", _BEGIN),
    "pull": _later("books", "pull", "Take in what happened in the shop.", _DAILY),
    "book": _later("books", "book", "Book what was pulled.", _DAILY),
    "sync": _later("books", "sync", "Pull and book; delivery follows by itself.", _DAILY),
    "plan": _later("batch", "plan", "Show what will be sent and what it does to the ledger.", _DAILY),
    "approve": _later("batch", "approve", "Let a batch plan go.", _DAILY),
    "hold": _later("batch", "hold", "Keep documents back until they are released.", _DAILY),
    "release": _later("batch", "release", "Let go what an operator held, or what was only flagged.", _DAILY),
    "status": _later(
        "watch", "status", "Show how things stand; exit 1 when something needs a person.", _LOOK
    ),
    "console": _later("console", "console", "Open the console.", _LOOK),
    "queue": _later("queue", "queue", "List, retry or ignore what waits.", _LOOK),
    "show": _later("look", "show", "Follow one order, payout or day into QuickBooks.", _LOOK),
    "explain": _later("look", "explain", "Say what became of it and why, and who chose each name.", _LOOK),
    "postings": _later("books", "postings", "Show what the books say per day.", _LOOK),
    "logs": _later("watch", "logs", "Read the log.", _LOOK),
    "company": _later(
        "company", "company", "Say how the company files stand; decide where one stopped.", _DECIDE
    ),
    "mapping": _later("mapping", "mapping", "Check or change mappings.toml.", _DECIDE),
    "plugins": _later("plugins", "plugins", "List, begin, try and trust the merchants' plugins.", _DECIDE),
    "templates": _later("templates", "templates", "List, check and change the qbXML templates.", _DECIDE),
    "schedule": _later(
        "schedule", "schedule", "Show when each merchant is synced next, or run what is due.", _RUN
    ),
    "serve": _later("serving", "serve", "Listen for the Web Connector.", _RUN),
    "sandbox": _later("rehearse", "sandbox", "Run one of the two simulated ends by itself.", _RUN),
}


click.rich_click.COMMAND_GROUPS = {
    "qbconsole": [
        {"name": panel, "commands": [name for name, one in COMMANDS.items() if one.panel == panel]}
        for panel in (_BEGIN, _DAILY, _LOOK, _DECIDE, _RUN)
    ]
}


def _say_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"qbconsole {version('qbconsole')}")
        except PackageNotFoundError:
            click.echo("qbconsole, run from its sources")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    later=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Global options may stand before or after the command. Data goes to stdout, talk to stderr. "
    "Exit 0 ok, 1 failed or attention, 2 usage or configuration, 3 worth retrying, 130 interrupted.",
)
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Directory with mappings.toml [QBCONSOLE_WORKSPACE, else here].",
)
@click.option("--company", metavar="ID", help="Only this company file.")
@click.option("--merchant", metavar="ID", help="Only this merchant.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout, errors too.")
@click.option("--readonly", is_flag=True, help="Change nothing.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_say_version,
    help="Show the version.",
)
@click.pass_context
def cli(
    ctx: click.Context,
    workspace: Path | None,
    company: str | None,
    merchant: str | None,
    as_json: bool,
    readonly: bool,
) -> None:
    """Bring Shopify's orders into QuickBooks Desktop, to the cent and exactly once."""
    from qbconsole.cli.given import Given

    given = Given(root=workspace, company=company, merchant=merchant, as_json=as_json, readonly=readonly)
    ctx.obj = given
    if ctx.invoked_subcommand is None:
        if sys.stdin.isatty() and sys.stdout.isatty() and not as_json:
            from qbconsole.cli.console import open_console

            ctx.exit(open_console(given))
        click.echo(ctx.get_help())
