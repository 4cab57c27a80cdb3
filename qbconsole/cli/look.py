"""`show`, `explain`: the journey of one order, fact or shop day; what became of it and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import amount, as_json, block, line, table

if TYPE_CHECKING:
    from qbconsole.views.journey import DocumentView, Journey

#: Events and orders listed as text; --json lists all.
_SHOWN = 40
_ID = click.argument("words", nargs=-1, required=True, metavar="ID")


def _journey(given: Given, words: tuple[str, ...]) -> Journey:
    from qbconsole.views.journey import journey

    text = " ".join(words)
    with given.opened() as workspace:
        if given.merchant is not None:
            workspace.means().merchant(given.merchant)
            text = f"{given.merchant}/{text}"
        return journey(workspace.store, text)


@click.command()
@_ID
@click.option("--qbxml", "part", flag_value="qbxml", help="Only the requests, and QuickBooks' answers.")
@click.option("--postings", "part", flag_value="postings", help="Only the postings.")
@click.option("--raw", "part", flag_value="raw", help="Only what the shop told, as it came.")
@pass_given
def show(given: Given, words: tuple[str, ...], part: str | None) -> None:
    """Follow one order, payout or day into QuickBooks.

    ID: an order's name (#1001) or id; `payout 987`, `gift card 55` and so on; a document's key, TxnID or RefNumber; a
    shop day in summary (day/2026-03-01, or its RefNumber: the orders behind it); an entry of QuickBooks' lists
    (item/mug-1). MERCHANT/ID where several shops use it.
    """
    found = _journey(given, words)
    parts = {"qbxml": _show_qbxml, "postings": _show_postings, "raw": _show_raw}
    if given.as_json:
        as_json(found)
    else:
        parts.get(part or "", _show_all)(found)


def _show_all(found: Journey) -> None:
    line(f"{found.name} of {found.merchant}, {found.kind.replace('_', ' ')} {found.order_id}")
    for label, value in found.facts[1:]:
        line(f"  {label}: {value}")
    for title, quantity, money in found.lines[:_SHOWN] if found.kind != "day" else ():
        line(f"  {quantity + ' × ' if quantity else ''}{title}  {money}")
    _show_postings(found)
    _show_summary(found)
    line("Journey")
    for stop in found.stops:
        when = f"{stop.at:%Y-%m-%d %H:%M:%S}" if stop.at else ""
        line(f"  {when:19}  {stop.name}: {stop.sentence} ({stop.module})")
    for hold in found.holds:
        line(f"Held: {hold.reason}: {hold.where}: {hold.sentence} {hold.next_step}")


def _show_summary(found: Journey) -> None:
    """Of an order in summary its day entries, of a payout those that sum its orders, of a day entry its orders."""
    word = "Its orders are summed in" if found.kind == "payout" else "Stands in"
    for day in found.days:
        line(f"{word} {day.kind} {day.ref_number} of {day.words}, with {day.orders} orders, {day.state}")
    if found.orders:
        line("Orders behind it")
    for order in found.orders[:_SHOWN]:
        line(f"  {order.name or '-'}  {order.order_id}  {', '.join(order.events)}")
    _more(len(found.orders))


def _more(count: int) -> None:
    if count > _SHOWN:
        line(f"  … and {count - _SHOWN} more; --json lists all")


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
@_ID
@pass_given
def explain(given: Given, words: tuple[str, ...]) -> None:
    """Say what became of it and why, and who chose each name.

    ID as in `show`. Who decided (a plugin, a rule, a table) and where it stands: the line of mappings.toml, or the
    plugin's.
    """
    found = _journey(given, words)
    if given.as_json:
        as_json(_explained(found))
        return
    _tell_events(found)
    for document in found.documents:
        _tell_choices(document)
    for day in found.days:
        line(f"Who chose the accounts of {day.kind} {day.ref_number}: `qbconsole explain {day.ref_number}`.")
    for hold in found.holds:
        line(f"Held: {hold.sentence} {hold.next_step}")


def _explained(found: Journey) -> dict[str, object]:
    documents = [{"key": one.key, "kind": one.kind, "choices": _choices(one)} for one in found.documents]
    return {
        "order": found.name,
        "id": found.order_id,
        "kind": found.kind,
        "merchant": found.merchant,
        "events": found.events,
        "nothing": found.nothing,
        "documents": documents,
        "days": found.days,
        "orders": found.orders,
        "holds": found.holds,
    }


def _tell_events(found: Journey) -> None:
    if found.kind == "day":
        line(f"{found.name}: {len(found.events)} events of {len(found.orders)} orders, added up by role.")
    elif not found.events:
        line(found.nothing)
    for event in found.events[:_SHOWN]:
        line(event.sentence)
    _more(len(found.events))


def _tell_choices(document: DocumentView) -> None:
    line(_title(document))
    rows = [(one.field, one.value, one.by, one.place, ", ".join(one.silent)) for one in document.choices]
    table(("FIELD", "CHOSEN", "BY", "WHERE", "ASKED BEFORE"), rows)
    for loss in document.losses:
        line(f"  QuickBooks cannot keep: {loss}")


def _choices(document: DocumentView) -> list[dict[str, object]]:
    return [one._asdict() for one in document.choices]
