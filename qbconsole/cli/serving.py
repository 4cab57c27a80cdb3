"""`serve` and `qwc`: listen for the Web Connector, and introduce us to it."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, block, talk, write_file

DEFAULT_URL = "http://localhost:8321/qbwc"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8321, show_default=True)
@click.option(
    "--tls-cert", default="", metavar="FILE", help="Certificate; listening beyond this computer needs one."
)
@click.option("--tls-key", default="", metavar="FILE", help="The certificate's key.")
@click.option(
    "--behind-proxy", is_flag=True, help="A proxy in front ends TLS and nothing else reaches the port."
)
@click.option("--url", default="", help="Address the Web Connector uses, where it differs.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer together; more than one needs PostgreSQL.",
)
@click.option("--no-schedule", is_flag=True, help="Only listen; another process syncs by schedule.")
@pass_given
def serve(
    given: Given,
    host: str,
    port: int,
    tls_cert: str,
    tls_key: str,
    behind_proxy: bool,
    url: str,
    workers: int,
    no_schedule: bool,
) -> None:
    """Listen for the Web Connector.

    Until ctrl-c. It listens on this computer only unless a certificate or a proxy is named. What is due by the
    schedule is pulled and booked beside it, by commands of their own.
    """
    from qbconsole.serve import Listening
    from qbconsole.serve import serve as listen

    listening = Listening(
        host=host,
        port=port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        behind_proxy=behind_proxy,
        url=url,
        schedules=not no_schedule,
        workers=workers,
    )
    with given.changing() as workspace:
        listen(
            workspace,
            listening,
            ready=lambda at: talk(f"Listening on {at}; press ctrl-c to stop."),
            told=talk,
        )


@click.command()
@click.option("--url", default=DEFAULT_URL, show_default=True, help="Where the Web Connector reaches us.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write there, not to stdout.",
)
@click.option("--new-password", is_flag=True, help="Make a new password; the old one ends at once.")
@pass_given
def qwc(given: Given, url: str, out: Path | None, new_password: bool) -> None:
    """Write the .qwc file that introduces us to a Web Connector.

    The file holds no password. Where none exists yet one is made and shown once, on stderr.
    """
    from qbconsole.care.setup import introduce

    with given.changing() as workspace:
        means = workspace.means()
        made = introduce(
            means, workspace.keys, given.the_company(means), url, who=given.who, new_password=new_password
        )
    if out is not None:
        write_file(out, made.text)
    if given.as_json:
        as_json(
            {
                "company": made.company,
                "user": made.user,
                "password": made.password,
                "file": out,
                "qwc": made.text,
            }
        )
        return
    if made.password:
        talk(f"Password for the Web Connector, shown once: {made.password}")
    talk(f"User name: {made.user}" + (f"; written to {out}" if out else ""))
    if out is None:
        block(made.text)
