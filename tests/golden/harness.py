"""What golden cases share: a case read from its folder, taken through the program, and what came of it.

A case has `input.json`, or `input-1.json`, `input-2.json` and so on pulled in that order, each at its "now" if it
names one and booked before the next. `case.toml` says why the case is here, in which modes it runs, and which
settings of the mapping it needs.

Where QuickBooks computes the tax, `[quickbooks]` says which tax items it has, and `delivered` in `expected.json` what
the books are once it answered. Where `[quickbooks]` names its `edition`, it was met once before anything was pulled.
A gateway's fees are tables beside the input, `fees.csv`, taken in as `pull --fees` does once the shop is known.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree
from trip import COMPANY, NOW, Trip

from qbconsole.books.holds import DELIVERY, Reason
from qbconsole.store import requests
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.pull import pull_fees
from qbconsole.views.postings import postings

WRITE = os.environ.get("QBCONSOLE_GOLDEN") == "write"
#: Kinds that stand on what customers owe.
_OF_CUSTOMERS = ("Invoice", "CreditMemo", "ReceivePayment", "ARRefundCreditCard", "Check", "JournalEntry")
#: Accounts that QuickBooks itself posts to where it keeps the stock.
_STOCK_ACCOUNTS = ("Cost of Goods Sold", "Inventory Asset")
#: A daily journal keeps no stock in QuickBooks, so it posts no cost unless a case asks for it.
SUMMARY = {"policy": {"cogs": "off"}, "modes": {"sales": "summary", "inventory": "summary"}}


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path
    modes: tuple[str, ...]
    settings: dict[str, Any]
    files: tuple[Path, ...]
    expected: dict[str, Any]
    #: Tables of fees, taken in after the files.
    fees: tuple[Path, ...]
    #: What the company file has beforehand: its `edition`, `taxes` with their rates in percent, `tax_groups` with their taxes.
    quickbooks: dict[str, Any]

    def settings_in(self, mode: str) -> dict[str, Any]:
        """The case's settings, on top of those of a daily journal in summary mode."""
        if mode == "detailed":
            return self.settings
        return self.settings | {name: table | self.settings.get(name, {}) for name, table in SUMMARY.items()}

    def quickbooks_keeps_cost(self, mode: str) -> bool:
        return self.settings_in(mode).get("policy", {}).get("cogs", "quickbooks") == "quickbooks"


def read_case(folder: Path) -> Case:
    told = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    settings = told.get("merchant", {}) | told.get("company", {})
    return Case(
        folder=folder,
        modes=tuple(told["modes"]),
        settings=settings,
        files=tuple(sorted(folder.glob("input*.json"))),
        fees=tuple(sorted(folder.glob("fees*.csv"))),
        expected=json.loads((folder / "expected.json").read_text(encoding="utf-8")),
        quickbooks=told.get("quickbooks", {}),
    )


def booked(case: Case, mode: str, root: Path) -> Trip:
    """A workspace in which the case's files were pulled and booked, one after the other."""
    trip = Trip(root, settings=case.settings_in(mode))
    trip.owner_sets_up(*taxes(case.quickbooks))
    if edition := case.quickbooks.get("edition"):
        meet(trip, edition)
    for path in case.files:
        facts = json.loads(path.read_text(encoding="utf-8"))
        now = facts.pop("now", None)
        trip.now = datetime.fromisoformat(now) if now else NOW
        trip.pull(facts)
        trip.book()
    for path in case.fees:
        pull_fees(trip.workspace.means(), path)
        trip.book()
    return trip


def meet(trip: Trip, edition: str) -> None:
    """A first session, in which QuickBooks tells what it is and has."""
    trip.company_file.edition = edition
    enrol(trip.workspace.means())
    assert trip.session() == "100"


def taxes(quickbooks: dict[str, Any]) -> Iterator[str]:
    """Requests that add sales-tax items and groups, as the owner of the file has them."""
    for name, rate in quickbooks.get("taxes", {}).items():
        agency = "<TaxVendorRef><FullName>State Board of Equalization</FullName></TaxVendorRef>"
        inside = f"<Name>{name}</Name><TaxRate>{rate}</TaxRate>{agency}"
        yield f"<ItemSalesTaxAddRq><ItemSalesTaxAdd>{inside}</ItemSalesTaxAdd></ItemSalesTaxAddRq>"
    for name, members in quickbooks.get("tax_groups", {}).items():
        inside = "".join(f"<ItemSalesTaxRef><FullName>{one}</FullName></ItemSalesTaxRef>" for one in members)
        body = f"<ItemSalesTaxGroupAdd><Name>{name}</Name>{inside}</ItemSalesTaxGroupAdd>"
        yield f"<ItemSalesTaxGroupAddRq>{body}</ItemSalesTaxGroupAddRq>"


def wait_for_the_days_to_be_over(trip: Trip) -> None:
    """Months later everything known is booked once more: that must change nothing, and open days may now go."""
    trip.now = NOW
    trip.book()


def accounting_holds(told: dict[str, Any]) -> list[dict[str, str]]:
    """Holds and flags of the books; what only waits for a name in QuickBooks is the mapping's affair."""
    return [hold for hold in told["holds"] if Reason(hold["reason"]) not in DELIVERY]


def unmet(expected: list[dict[str, str]], found: list[dict[str, str]]) -> list[str]:
    """What was expected and is not held, and the other way round; "*" is any reason.

    An order's sale and its money may be held one by one, so reasons and sources count, not how often.
    """

    def fits(wanted: dict[str, str], hold: dict[str, str]) -> bool:
        return wanted["reason"] in ("*", hold["reason"]) and wanted.get("source", "") in hold["source"]

    missing = [f"not held: {wanted}" for wanted in expected if not any(fits(wanted, hold) for hold in found)]
    beyond = [hold for hold in found if not any(fits(wanted, hold) for wanted in expected)]
    return missing + [f"held: {hold['reason']} {hold['source']}: {hold['message']}" for hold in beyond]


def sent_by(trip: Trip) -> str:
    """The requests for documents, pretty-printed, in the order they go."""
    with trip.workspace.store.reading() as tx:
        rows = requests.requests_in(tx, company=COMPANY)
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False)
    texts = []
    for row in rows:
        if row.document_key is None:
            continue
        tree = etree.fromstring(row.body, parser)
        for trimmed in tree.findall("IncludeRetElement"):
            tree.remove(trimmed)
        texts.append(etree.tostring(tree, pretty_print=True, encoding="unicode"))
    return "\n".join(texts)


def compare(path: Path, text: str) -> None:
    if WRITE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{path} differs; `make golden` writes it anew"


def open_on_both_sides(trip: Trip) -> list[tuple[str, str, Decimal]]:
    """What customers owe and have to their credit at once, with nothing settled against the other: never."""
    found: dict[str, list[tuple[str, str, Decimal]]] = {}
    for filed in trip.company_file.documents():
        if filed.open and filed.kind in _OF_CUSTOMERS:
            found.setdefault(filed.customer, []).append((filed.kind, filed.ref_number, filed.open))
    both = (rows for rows in found.values() if len({row[2] > 0 for row in rows}) > 1)
    return [row for rows in both for row in rows]


def ledger_beside_postings(trip: Trip, *, apart: bool) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """The simulated ledger and ours, by account; `apart` leaves out what QuickBooks posts for stock."""
    ours: dict[str, Decimal] = {}
    for named in postings(trip.workspace.store)["accounts"].values():
        for account, text in named.items():
            ours[account] = ours.get(account, Decimal(0)) + Decimal(text)
    ledger = dict(trip.company_file.trial_balance())
    for cost in _STOCK_ACCOUNTS if apart else ():
        ledger.pop(cost, None)
        ours.pop(cost, None)
    return ledger, {account: value for account, value in ours.items() if value}
