"""`show`, `explain`: one order's journey, and why each account, item and customer was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import amount, as_json, block, line, table

if TYPE_CHECKING:
    from qbconsole.views.journey import DocumentView, Journey


def _journey(given: Given, text: str) -> Journey:
    from qbconsole.views.journey import journey

    with given.opened() as workspace:
        if given.merchant is not None:
            workspace.means().merchant(given.merchant)
            text = f"{given.merchant}/{text}"
        return journey(workspace.store, text)


@click.command()
@click.argument("id", metavar="ID")
@click.option("--qbxml", "part", flag_value="qbxml", help="Only the requests, and QuickBooks' answers.")
@click.option("--postings", "part", flag_value="postings", help="Only the postings.")
@click.option("--raw", "part", flag_value="raw", help="Only what the shop told, as it came.")
@pass_given
def show(given: Given, id: str, part: str | None) -> None:
    """Follow one order into QuickBooks.

    ID: an order's name (#1001) or id, a document's key, its TxnID or RefNumber; MERCHANT/ID where several shops use it.
    """
    found = _journey(given, id)
    parts = {"qbxml": _show_qbxml, "postings": _show_postings, "raw": _show_raw}
    if given.as_json:
        as_json(found)
    else:
        parts.get(part or "", _show_all)(found)


def _show_all(found: Journey) -> None:
    line(f"{found.name} of {found.merchant}, order {found.order_id}")
    for label, value in found.facts[1:]:
        line(f"  {label}: {value}")
    for title, quantity, money in found.lines:
        line(f"  {quantity + ' × ' if quantity else ''}{title}  {money}")
    _show_postings(found)
    line("Journey")
    for stop in found.stops:
        when = f"{stop.at:%Y-%m-%d %H:%M:%S}" if stop.at else ""
        line(f"  {when:19}  {stop.name}: {stop.sentence} ({stop.module})")
    for hold in found.holds:
        line(f"Held: {hold.reason}: {hold.where}: {hold.sentence} {hold.next_step}")


def _title(document: DocumentView) -> str:
    return (
        f"{document.kind} {document.ref_number} of {document.date}, {document.total.text()}, {document.state}"
    )


def _show_postings(found: Journey) -> None:
    for document in found.documents:
        line(_title(document))
        rows = [
            (account, role, amount(debit), amount(credit))
            for account, role, debit, credit in document.postings
        ]
        table(("ACCOUNT", "ROLE", "DEBIT", "CREDIT"), rows, right=frozenset({2, 3}))


def _show_qbxml(found: Journey) -> None:
    for document in found.documents:
        line(f"<!-- {_title(document)} -->")
        block(document.qbxml)
        block(document.answer)


def _show_raw(found: Journey) -> None:
    block(found.raw.decode("utf-8", "replace"))


@click.command()
@click.argument("id", metavar="ID")
@pass_given
def explain(given: Given, id: str) -> None:
    """Say why each account, item and customer was chosen.

    Who decided (a plugin, a rule, a table) and where it stands: the line of mappings.toml, or the plugin's.
    """
    found = _journey(given, id)
    if given.as_json:
        documents = [{"key": one.key, "kind": one.kind, "choices": _choices(one)} for one in found.documents]
        as_json(
            {"order": found.name, "merchant": found.merchant, "documents": documents, "holds": found.holds}
        )
        return
    for document in found.documents:
        line(_title(document))
        rows = [
            (field, value, who, place, ", ".join(silent))
            for field, value, who, place, silent in document.choices
        ]
        table(("FIELD", "CHOSEN", "BY", "WHERE", "ASKED BEFORE"), rows)
        for loss in document.losses:
            line(f"  QuickBooks cannot keep: {loss}")
    for hold in found.holds:
        line(f"Held: {hold.sentence} {hold.next_step}")


def _choices(document: DocumentView) -> list[dict[str, object]]:
    names = ("field", "value", "who", "place", "silent")
    return [dict(zip(names, choice, strict=True)) for choice in document.choices]
