"""Former names: a rename in QuickBooks is known by the ListID."""

from __future__ import annotations

from qbconsole.store import lists
from qbconsole.store.former_names import former_names
from qbconsole.store.lists import ListRow


def read(store, clock, kind="account", **names):
    """A whole list as read now: ListID -> full name."""
    rows = [ListRow(list_id=list_id, full_name=name) for list_id, name in names.items()]
    with store.atomic() as tx:
        lists.upsert_rows(tx, "oak", kind, rows, complete=True, at=clock.ahead(hours=1))


def known(store):
    with store.reading() as tx:
        return {(one.kind, one.was): one.full_name for one in former_names(tx, "oak")}


def test_an_entry_under_another_name_is_known_by_its_list_id(store, clock):
    read(store, clock, a="Sales", b="Bank")
    assert known(store) == {}
    read(store, clock, a="Revenue", b="BANK")
    assert known(store) == {("account", "Sales"): "Revenue"}
    read(store, clock, a="Income", b="Bank")
    assert known(store) == {("account", "Sales"): "Income", ("account", "Revenue"): "Income"}


def test_a_name_that_is_borne_again_is_no_former_name(store, clock):
    read(store, clock, a="Sales")
    read(store, clock, a="Revenue")
    read(store, clock, a="Revenue", b="sales")
    assert known(store) == {}
    read(store, clock, a="Sales")
    assert known(store) == {("account", "Revenue"): "Sales"}


def test_of_several_that_bore_a_name_the_last_counts_and_a_deleted_one_never(store, clock):
    read(store, clock, a="Sales")
    read(store, clock, a="Old sales", b="Sales")
    read(store, clock, a="Old sales", b="New sales")
    assert known(store) == {("account", "Sales"): "New sales"}
    read(store, clock, a="Old sales")
    assert known(store) == {("account", "Sales"): "Old sales"}


def test_lists_do_not_know_each_other(store, clock):
    read(store, clock, kind="customer", a="Ann")
    read(store, clock, kind="customer", a="Ann Lee")
    read(store, clock, kind="vendor", b="Ann")
    assert known(store) == {("customer", "Ann"): "Ann Lee"}
