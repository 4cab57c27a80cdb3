"""`init`, `setup`, `doctor`: make a workspace, fill it, look it over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, table, talk
from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from qbconsole.care.setup import Answers


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@pass_given
def init(given: Given, directory: Path) -> None:
    """Make a workspace.

    DIRECTORY gets the shipped mappings.toml, folders for plugins and templates, and a private .qbconsole. Nothing that exists is overwritten.
    """
    from qbconsole.care.setup import make_workspace

    given.require_writable()
    written = make_workspace(directory)
    if given.as_json:
        as_json({"workspace": directory.absolute(), "written": written})
        return
    for path in written:
        line(str(path))
    talk(f"Next: edit {directory / 'mappings.toml'}, then run `qbconsole --workspace {directory} setup`.")


@click.command()
@click.option(
    "--answers",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="JSON from a private file (mode 600), or - for stdin, in place of questions.",
)
@pass_given
def setup(given: Given, answers: Path | None) -> None:
    """Store credentials and make the Web Connector's password.

    Secrets are asked for without echo, or read from a file; they are never taken from the command line.
    """
    from qbconsole.care.setup import keep_answers, read_answers

    given.require_writable()
    told = read_answers(answers) if answers else None
    with given.changing() as workspace:
        means = workspace.means()
        told = told or _asked(
            given, [one.id for one in means.merchants(given.merchant)], list(means.mapping.companies)
        )
        made = keep_answers(means, workspace.keys, told, who=given.who)
    if given.as_json:
        as_json({"credentials": sorted(told.credentials), "passwords": made})
        return
    for company, password in made.items():
        # a line of its own: on 80 columns a password that is broken is copied wrong
        line(f"{company}: password for the Web Connector, shown once:")
        line(password)
    merchants = "1 merchant" if len(told.credentials) == 1 else f"{len(told.credentials)} merchants"
    talk(f"Kept credentials of {merchants}. Next: run `qbconsole doctor`.")


def _asked(given: Given, merchants: list[str], companies: list[str]) -> Answers:
    """Ask a person; without one say which option to use."""
    from qbconsole.care.setup import Answers, Told
    from qbconsole.sources.shopify.credentials import AccessToken, ClientCredentials

    if not given.interactive:
        raise UsageError(
            "there is nobody to ask", next="Give the answers with --answers FILE, or - for stdin."
        )
    credentials: dict[str, Told] = {}
    for merchant in merchants:
        token = click.prompt(
            f"{merchant}: access token (shpat_…), empty for client id and secret",
            default="",
            hide_input=True,
            show_default=False,
            err=True,
        )
        if token:
            credentials[merchant] = AccessToken(token=token.strip())
            continue
        client_id = click.prompt(
            f"{merchant}: client id, empty to leave it out", default="", show_default=False, err=True
        )
        if client_id:
            secret = click.prompt(f"{merchant}: client secret", hide_input=True, err=True)
            credentials[merchant] = ClientCredentials(
                client_id=client_id.strip(), client_secret=secret.strip()
            )
    wanted = [
        one
        for one in companies
        if click.confirm(f"{one}: make a new password for the Web Connector?", default=False, err=True)
    ]
    return Answers(credentials=credentials, new_passwords=tuple(wanted))


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8321, show_default=True, help="Where `serve` listens."
)
@pass_given
@click.pass_context
def doctor(ctx: click.Context, given: Given, port: int) -> None:
    """Check this installation.

    Exit 0 when all is well or only asks for a look, 1 when something does not work.
    """
    from qbconsole.care.doctor import Health
    from qbconsole.cli.diagnosis import checks

    found = checks(given, port)
    if given.as_json:
        as_json({"checks": found})
    else:
        table(("", "CHECK", "FOUND"), [(one.health.value, one.name, one.sentence) for one in found])
        for one in found:
            if one.next_step:
                talk(f"{one.name}: {one.next_step}")
    ctx.exit(1 if any(one.health is Health.FAILED for one in found) else 0)
