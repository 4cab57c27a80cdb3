"""What a request names is read from its own bytes, and an entity that we added is looked for among customers and vendors."""

from __future__ import annotations

import pytest
from builders import Line, an_order
from trip import COMPANY, Trip

from qbconsole.store import lists
from qbconsole.sync.again.lacking import missing_names
from qbconsole.sync.again.names import entities_in, names_in

ENTITY = "<JournalCreditLine><EntityRef><FullName>{}</FullName></EntityRef></JournalCreditLine>"


def ref(element: str, name: str) -> str:
    return f"<{element}><FullName>{name}</FullName></{element}>"


def test_a_name_is_read_as_it_is_called_in_quickbooks():
    body = ref("ItemRef", "CR&#200;ME &amp; &quot;Co&quot;") + ref("VendorRef", "Kiln N&#186; 9")
    assert list(names_in(body * 2)) == [("item", 'CRÈME & "Co"'), ("vendor", "Kiln Nº 9")]


@pytest.mark.parametrize(
    "element", ["IncomeAccountRef", "COGSAccountRef", "AssetAccountRef", "ExpenseAccountRef"]
)
def test_the_accounts_of_an_item_are_names_it_needs(element):
    assert list(names_in(ref(element, "Stock:Shopify"))) == [("account", "Stock:Shopify")]


def test_an_entity_is_of_no_list_by_itself():
    body = ENTITY.format("Tax &amp; Co")
    assert list(names_in(body)) == []
    assert list(entities_in(body * 2)) == ["Tax & Co"]


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    trip.pull({"orders": [an_order([Line(price="20.00", taxes={"State": "1.00"})])]})
    trip.book()
    trip.deliver()
    yield trip
    trip.close()


def missing(trip: Trip, name: str) -> tuple[tuple[str, str], ...]:
    with trip.workspace.store.reading() as tx:
        return missing_names(tx, COMPANY, ENTITY.format(name))


def test_an_entity_of_ours_that_is_gone_is_missing_and_one_of_somebody_else_proves_nothing(trip):
    agency = "Sales Tax Agency"
    assert missing(trip, agency) == ()
    with trip.workspace.store.atomic() as tx:
        ids = [row.list_id for row in lists.list_rows(tx, COMPANY, "vendor") if row.full_name == agency]
        assert lists.mark_deleted(tx, COMPANY, "vendor", ids, trip.now) == 1
    assert missing(trip, agency) == (("vendor", agency),)
    assert missing(trip, "Somebody's employee") == ()
