"""A name that is called otherwise in QuickBooks by now is known by its ListID: nothing is added twice, and a fix is at hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import Line, Pay
from shopday import counted
from trip import COMPANY, Trip

from qbconsole.care.mapping_check import checked
from qbconsole.care.mapping_mending import mend
from qbconsole.store import lists
from qbconsole.views.postings import postings
from qbconsole.views.revisions import history

MUG = Line(price="20.00", taxes={"State": "1.60"})


@pytest.fixture
def trip(tmp_path):
    """A merchant whose first order is in QuickBooks, so that the lists are known."""
    trip = Trip(tmp_path)
    trip.pull({"orders": [an_order(1)]})
    trip.book()
    trip.deliver()
    assert told(trip) == []
    yield trip
    trip.close()


def an_order(number: int, buyer: str = ""):
    who = {"customer": {"id": f"gid://shopify/Customer/{number}", "displayName": buyer}} if buyer else {}
    return counted(MUG, number=number, pays=[Pay(amount="21.60")], **who)


def told(trip) -> list[str]:
    return [one["message"] for one in postings(trip.workspace.store)["holds"]]


def later(trip) -> None:
    """The lists are read again once they are old."""
    trip.now += timedelta(hours=13)
    trip.deliver()


def path(trip):
    return trip.workspace.root / "mappings.toml"


def look(trip):
    return checked(path(trip).read_text(encoding="utf-8"), "mappings.toml", None, trip.workspace.store)


def fix(trip, **more):
    return mend(trip.workspace.means(), path(trip), who="ann", **more)


def accounts(trip) -> list[str]:
    with trip.workspace.store.reading() as tx:
        return [row.full_name for row in lists.list_rows(tx, COMPANY, "account")]


def test_a_renamed_account_holds_and_the_fix_lets_it_go(trip):
    trip.company_file.rename_account("Sales:Shopify", "Web shop", trip.now)
    later(trip)
    trip.pull({"orders": [an_order(2)]})
    trip.book()
    trip.deliver()
    assert told(trip) == ['The account "Sales:Shopify" was renamed to "Sales:Web shop" in QuickBooks.']
    assert "Sales:Shopify" not in accounts(trip)
    before = path(trip).read_text(encoding="utf-8")
    (found,) = [one for one in look(trip).errors if one.fix]
    line = before.splitlines()[int(found.where.partition(":")[2]) - 1]
    assert line.startswith('sales_income = "Sales:Shopify"')
    assert (found.path, found.fix) == ("defaults.accounts.sales_income", "Sales:Web shop")
    tried = fix(trip, dry_run=True)
    assert any(one.startswith('+sales_income = "Sales:Web shop"') for one in tried.lines)
    assert path(trip).read_text(encoding="utf-8") == before
    done = fix(trip)
    after = path(trip).read_text(encoding="utf-8")
    assert after == before.replace(f"\n{line}", f"\n{line.replace('Sales:Shopify', 'Sales:Web shop')}")
    assert done.written == (f'{found.where}: {found.path}: "Sales:Shopify" -> "Sales:Web shop"',)
    newest = history(trip.workspace.store, limit=1)[0]
    assert (newest.who, newest.why) == ("ann", "renamed in QuickBooks: Sales:Shopify -> Sales:Web shop")
    assert look(trip).errors == ()
    trip.book()
    trip.deliver()
    assert told(trip) == []
    assert len([one for one in trip.company_file.filed.values() if one.kind == "SalesReceipt"]) == 2
    assert "Sales:Shopify" not in accounts(trip)
    assert fix(trip).written == ()


def test_renamed_back_it_is_found_again(trip):
    trip.company_file.rename_account("Sales:Shopify", "Web shop", trip.now)
    later(trip)
    trip.pull({"orders": [an_order(2)]})
    trip.book()
    assert len(told(trip)) == 1
    trip.company_file.rename_account("Sales:Web shop", "Shopify", trip.now)
    later(trip)
    assert [one for one in look(trip).errors if one.fix] == []
    trip.book()
    trip.deliver()
    assert told(trip) == []


def customer(trip, name: str):
    return trip.company_file.find("Customer", "", name)


def test_a_house_customer_is_not_added_twice(tmp_path):
    trip = Trip(
        tmp_path, edit=lambda text: text.replace('house = "Shopify {channel}"', 'house = "Web buyers"')
    )
    trip.pull({"orders": [an_order(1)]})
    trip.book()
    trip.deliver()
    trip.company_file.rename(customer(trip, "Web buyers"), "Buyers", trip.now)
    later(trip)
    trip.pull({"orders": [an_order(2)]})
    trip.book()
    assert told(trip) == ['The customer "Web buyers" was renamed to "Buyers" in QuickBooks.']
    fix(trip)
    trip.book()
    trip.deliver()
    assert told(trip) == []
    assert customer(trip, "Web buyers") is None
    trip.close()


def test_a_buyer_whose_customer_was_renamed_waits_for_a_word(tmp_path):
    trip = Trip(tmp_path, settings={"modes": {"customers": "detailed"}})
    trip.pull({"orders": [an_order(1, "Ann Lee")]})
    trip.book()
    trip.deliver()
    trip.company_file.rename(customer(trip, "Ann Lee"), "Ann Lee of Leeds", trip.now)
    later(trip)
    trip.pull({"orders": [an_order(2, "Ann Lee")]})
    trip.book()
    assert told(trip) == ['The customer "Ann Lee" was renamed to "Ann Lee of Leeds" in QuickBooks.']
    assert fix(trip).written == ()
    text = path(trip).read_text(encoding="utf-8")
    named = '\n[merchants.oak-ember.customers.buyers]\n"0022" = "Ann Lee of Leeds"\n'
    path(trip).write_text(text + named, encoding="utf-8")
    trip.book()
    trip.deliver()
    assert told(trip) == []
    assert len([one for one in trip.company_file.filed.values() if one.kind == "SalesReceipt"]) == 2
    trip.close()
