"""`status`, `logs`: how things stand, and what was written down."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, table

if TYPE_CHECKING:
    from qbconsole.views.status import Status

_SECONDS = 2.0
_LEVELS = ("debug", "info", "warning", "error")


@click.command()
@click.option("--watch", is_flag=True, help="Again every two seconds, until ctrl-c.")
@pass_given
@click.pass_context
def status(ctx: click.Context, given: Given, watch: bool) -> None:
    """Show how things stand; exit 1 when something needs a person.

    Exit 0 when all is well. Under --json with --watch: a JSON object a line.
    """
    from qbconsole.views.status import status as status_of
    from qbconsole.workspace import no_session

    with given.opened() as workspace:
        while True:
            means = workspace.means()
            found = status_of(workspace.store, means.mapping, now=workspace.clock(), **given.narrowed(means))
            found = replace(found, here=no_session(workspace.store.path))
            broken = given.tell_broken_mapping(workspace)
            attention = (*filter(None, (broken,)), *found.attention)
            if given.as_json:
                as_json({"healthy": not attention, "attention": attention, "status": found})
            else:
                show_status(found, well=not attention)
            if not watch:
                ctx.exit(1 if attention else 0)
            time.sleep(_SECONDS)


def show_status(found: Status, *, well: bool) -> None:
    """The dashboard as text."""
    from qbconsole.books.lifecycle import RequestState

    rows = [
        (
            one.id,
            one.linked_name or one.name,
            f"{one.last_contact_at:%Y-%m-%d %H:%M}" if one.last_contact_at else "never",
            *(
                one.counts.get(RequestState(state), 0)
                for state in ("waiting", "ready", "in_doubt", "refused")
            ),
            # Why it is stopped is told below, once.
            "stopped" if one.stopped else "open" if one.lease_owner else "ok",
        )
        for one in found.companies
    ]
    table(
        ("COMPANY", "FILE", "LAST CONTACT", "WAITING", "READY", "IN DOUBT", "REFUSED", "STATE"),
        rows,
        right=frozenset({3, 4, 5, 6}),
        giving=(1, 0),
    )
    line()
    shops = [
        (
            one.id,
            one.shop,
            f"{one.last_pulled_at:%Y-%m-%d %H:%M}" if one.last_pulled_at else "never",
            one.orders,
            one.to_book,
            sum(one.documents.values()),
            one.held,
            one.flagged,
        )
        for one in found.merchants
    ]
    table(
        ("MERCHANT", "SHOP", "LAST PULL", "ORDERS", "TO BOOK", "DOCUMENTS", "HELD", "FLAGGED"),
        shops,
        right=frozenset({3, 4, 5, 6, 7}),
        giving=(1, 0),
    )
    for sentence in found.in_companies:
        line(f"! {sentence}")
    for cause in sorted(found.held_by_cause, key=lambda one: one.is_quiet):
        sign = " " if cause.is_quiet else "!"
        line(f"{sign} {cause.count}  {cause.reason}: {cause.sentence}  {cause.next_step}")
    line()
    line("All is well." if well else "Needs a person.")


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written, until ctrl-c.")
@click.option("--level", type=click.Choice(_LEVELS), default="debug", help="This level and graver ones.")
@click.option(
    "--grep",
    "words",
    default="",
    metavar="WORDS",
    help="Only lines with all these words: regular expressions, !not, field:word, field=text.",
)
@click.option("--order", default="", metavar="NAME", help="Only lines about this order: '#1001'.")
@click.option("--document", default="", metavar="KEY", help="Only lines about the document of this key.")
@click.option("--context", type=click.IntRange(0, 1000), default=0, help="Lines before and after each.")
@click.option(
    "--lines",
    "count",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="How many of the last of them.",
)
@pass_given
def logs(
    given: Given, follow: bool, level: str, words: str, order: str, document: str, context: int, count: int
) -> None:
    """Read the log.

    Under --json the lines as they are, a JSON object each; what is no JSON stands as text under "event".
    """
    from qbconsole.cli.log_lines import as_object, following, last_lines, log_of, text_of
    from qbconsole.views.logs.wanted import LogQuestion

    named = [f'{name}="{value}"' for name, value in (("order", order), ("document", document)) if value]
    question = LogQuestion(
        text=" ".join((words, *named)).strip(), level=level, merchant=given.merchant, context=context
    )
    source = (following if follow else last_lines)(log_of(given.place), question, count)
    for raw in source:
        line(as_object(raw) if given.as_json else text_of(raw))
