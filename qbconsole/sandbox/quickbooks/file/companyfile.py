"""The company file as its owner sees it: made, saved, restored, condensed, edited by hand, looked into.

The only door for tests and the rehearsal; what it shows is plain text and Decimals, never internal records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Self

from qbconsole.sandbox.quickbooks.file import starting, storage
from qbconsole.sandbox.quickbooks.file.arithmetic import SIGNS, add_up, sale_postings
from qbconsole.sandbox.quickbooks.file.books import Books
from qbconsole.sandbox.quickbooks.file.documentkinds import DOCUMENTS
from qbconsole.sandbox.quickbooks.file.filed import Filed, filed
from qbconsole.sandbox.quickbooks.file.records import (
    COST_OF_SALES,
    COUNT_VALUE,
    ZERO,
    Block,
    Document,
    Entry,
    Posting,
    Reference,
    Refused,
    Stock,
    stamp,
)

_UNITS = ("Quantity", "QuantityDifference")


@dataclass(slots=True, kw_only=True)
class CompanyFile(Books):
    """A QuickBooks company file."""

    _place: tuple[Path, tuple[int, int]] | None = field(default=None)

    @classmethod
    def create(
        cls,
        *,
        name: str,
        now: datetime,
        edition: str = "Premier",
        country: str = "US",
        qbxml: str = "16.0",
        bare: bool = False,
    ) -> Self:
        """A new company file; `bare` has only the accounts QuickBooks makes, and sales tax still off."""
        file = cls(name=name, edition=edition, country=country, qbxml=qbxml)
        file.preferences.sales_tax = country == "US" and not bare
        (starting.fill_bare if bare else starting.fill_usual)(file, now)
        return file

    # -- on disk ---------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Keep everything at that place, durably and all or nothing; quick when little changed."""
        known = None
        if self._place is not None and self._place[0] == path:
            known = storage.append_changes(path, self, self._place[1])
        self._place = (path, known or storage.write_whole(path, self))
        self.changed.clear()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what the last whole save kept. Raises NotACompanyFile."""
        file = storage.read(path, cls)
        file.changed.clear()
        return file

    def restore(self, backup: Path, now: datetime) -> None:
        """Put a backup in place of everything, as QuickBooks' restore does; its time is reported."""
        older = type(self).load(backup)
        for each in fields(older):
            setattr(self, each.name, getattr(older, each.name))
        self.last_restore_time = now

    def condense(self, before: date, now: datetime) -> None:
        """Replace closed documents dated before a day by one summary journal; balances stay."""
        old = [
            one
            for one in self.filed.values()
            if one.txn_date < before and DOCUMENTS[one.kind].posting and not one.open and not one.links
        ]
        sums: dict[tuple[str, str, str], Decimal] = {}
        for document in old:
            for account, amount, entity, own in document.postings:
                sums[account, entity, own] = sums.get((account, entity, own), ZERO) + amount
            for line in document.lines:
                line.stock = None
            self.take_out(document, now)
            del self.deleted[document.txn_id]
        self.last_number += 1
        summary = Document(
            kind="JournalEntry",
            txn_id=self.next_txn_id(now),
            number=self.last_number,
            created=stamp(now),
            modified=stamp(now),
            edit_sequence=str(int(now.timestamp())),
            txn_date=before,
            memo="Condensed",
            postings=[
                Posting(account, amount, entity, own)
                for (account, entity, own), amount in sums.items()
                if amount
            ],
        )
        self.file_in(summary)
        self.last_condense_time = now

    # -- by hand ---------------------------------------------------------------------------------------

    def add_name(self, family: str, name: str, now: datetime) -> str:
        """Staff add a record of a list, for instance an Employee; answers its ListID."""
        return self.enlist(family, name, now).list_id

    def add_tax_group(self, name: str, members: Sequence[str], now: datetime) -> str:
        """Staff join sales tax items into a group that a document may name; answers its ListID."""
        items = [self._named("ItemSalesTax", member) for member in members]
        joined = tuple(("ItemSalesTaxRef", Reference(item.family, item.list_id)) for item in items)
        return self.enlist("ItemSalesTaxGroup", name, now, fields={"ItemSalesTaxRef": Block(joined)}).list_id

    def rename_account(self, full_name: str, name: str, now: datetime) -> None:
        """Staff rename an account; everything that refers to it follows."""
        self.rename(self._named("Account", full_name), name, now)

    def set_active(self, family: str, full_name: str, *, active: bool, now: datetime) -> None:
        """Staff make a record inactive, or active again."""
        entry = self._named(family, full_name)
        entry.active = active
        self.touch_entry(entry, now)

    def delete_record(self, family: str, full_name: str, now: datetime) -> None:
        """Staff delete a list record that nothing uses."""
        self.drop_entry(self._named(family, full_name), now)

    def edit_document(
        self,
        txn_id: str,
        *,
        now: datetime,
        memo: str | None = None,
        ref_number: str | None = None,
        txn_date: date | None = None,
        amounts: dict[int, Decimal] | None = None,
        customer: str | None = None,
    ) -> None:
        """Staff change a document; `amounts` sets line amounts of a sales document by position.

        One that something is settled with is not put on another `customer`.
        """
        document = self.filed[txn_id] if customer is None else self._unlinked(txn_id, "edit")
        postings = document.postings
        self.withdraw(document)
        document.memo = document.memo if memo is None else memo
        document.txn_date = txn_date or document.txn_date
        if ref_number is not None:
            self.renumber(document, ref_number)
        if amounts:
            sign = SIGNS.get(document.kind, 0)  # nothing is ever open on a sales order or an estimate
            paid = document.total * sign - document.open
            for position, amount in amounts.items():
                document.lines[position].amount = amount
            add_up(document)
            postings = sale_postings(document)
            if document.kind != "SalesReceipt":
                document.open = document.total * sign - paid
        if customer is not None:
            before, document.entity = document.entity, self._named("Customer", customer).list_id
            document.fields["CustomerRef"] = Reference("Customer", document.entity)
            postings = [
                one._replace(entity=document.entity) if one.entity == before else one for one in postings
            ]
        document.postings = postings
        self.repost(document)
        self.touch(document, now)

    def bill_receipt(
        self, txn_id: str, *, now: datetime, ref_number: str | None = None, day: date | None = None
    ) -> None:
        """Staff enter the bill for received items: the item receipt becomes a Bill, posted as it was.

        Requests cannot do that. Unverified: that the bill keeps the TxnID of the receipt.
        """
        document = self.filed[txn_id]
        self.rekind(document, "Bill")
        document.fields.setdefault("DueDate", (day or document.txn_date).isoformat())
        self.edit_document(txn_id, now=now, ref_number=ref_number, txn_date=day)

    def void_document(self, txn_id: str, now: datetime) -> None:
        """Make every amount of a document zero and say so in its memo; it stays in the file."""
        document = self._unlinked(txn_id, "void")
        if document.voided:
            return
        self.release(document, now)
        self.unpost(document)
        for line in document.lines:
            line.amount = ZERO
            line.fields |= {name: "0" for name in _UNITS if name in line.fields}
            line.fields |= {"ValueDifference": "0.00"} if line.sort == "Count" else {}
        document.total = document.subtotal = document.tax_total = document.open = ZERO
        document.voided = True
        document.memo = f"VOID: {document.memo}"
        if document.kind == "JournalEntry" and document.lines:
            document.lines[0].fields["Memo"] = document.memo
        self.touch(document, now)

    def delete_document(self, txn_id: str, now: datetime) -> None:
        """Delete a document for good; only its trace stays, for 90 days."""
        document = self._unlinked(txn_id, "delete")
        self.release(document, now)
        self.take_out(document, now)

    def _unlinked(self, txn_id: str, what: str) -> Document:
        document = self.filed[txn_id]
        if any(link.by != txn_id for link in document.links):
            raise Refused(
                3160,
                f"Cannot {what} the object specified by the id = {txn_id}. "
                "QuickBooks error message: This transaction is linked to another transaction.",
            )
        return document

    def _named(self, family: str, full_name: str) -> Entry:
        entry = self.find(family, "", full_name)
        if entry is None:
            raise KeyError(f"no {family} {full_name}")
        return entry

    # -- looking in ------------------------------------------------------------------------------------

    def trial_balance(self, *, own_cost: bool = True, own_value: bool = True) -> dict[str, Decimal]:
        """Account full name -> balance, debit positive; accounts that stand at zero are left out.

        QuickBooks finds some amounts by itself, at average cost: without `own_cost` the cost of what was sold
        is left out, without `own_value` the value of quantity adjustments. What remains is what requests said,
        also where both posted to the same account.
        """
        sums = dict(self.balances)
        for _day, posting in self._found_by_itself(own_cost=own_cost, own_value=own_value):
            sums[posting.account] -= posting.amount
        return {self.entries[account].full_name: sum_ for account, sum_ in sums.items() if sum_}

    def ledger_by_day(
        self, *, own_cost: bool = True, own_value: bool = True
    ) -> dict[date, dict[str, Decimal]]:
        """Date -> account full name -> what was posted that day, debit positive, zeros left out.

        `own_cost`, `own_value`: as for `trial_balance`.
        """
        days = {day: dict(sums) for day, sums in sorted(self.days.items())}
        for day, posting in self._found_by_itself(own_cost=own_cost, own_value=own_value):
            days[day][posting.account] -= posting.amount
        named = {
            day: {self.entries[account].full_name: amount for account, amount in sums.items() if amount}
            for day, sums in days.items()
        }
        return {day: sums for day, sums in named.items() if sums}

    def _found_by_itself(self, *, own_cost: bool, own_value: bool) -> Iterator[tuple[date, Posting]]:
        """The postings that are to be left out of the ledger, with their day."""
        left_out = {name for name, kept in ((COST_OF_SALES, own_cost), (COUNT_VALUE, own_value)) if not kept}
        for document in self.filed.values() if left_out else ():
            for posting in document.postings:
                if posting.own in left_out:
                    yield document.txn_date, posting

    def documents(self, kind: str | None = None) -> list[Filed]:
        """What is in the file, in the order it was filed."""
        return [filed(self, document) for document in self.of_kind(kind or "")]

    def listed(self, family: str) -> dict[str, bool]:
        """Full name -> active, for one list (or 'Item', 'Entity': all of them)."""
        return {entry.full_name: entry.active for entry in self.in_group(family)}

    def on_hand(self, item: str) -> Stock:
        """Quantity and value of an inventory item."""
        stock = self._named("ItemInventory", item).stock
        return stock or Stock()
