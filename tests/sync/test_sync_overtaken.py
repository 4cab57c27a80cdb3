"""The mapping is edited while `book` or `sync now` runs, or a run is cut off: what is sent is by what is in force."""

from __future__ import annotations

from contextlib import suppress

import pytest
from test_sync_current import ITEM, asked, behind, mapped, order
from trip import Trip

from qbconsole.care.mapping_file import revert
from qbconsole.cli.given import Given
from qbconsole.cli.pulling import synced
from qbconsole.errors import MappingMoved
from qbconsole.store import decisions
from qbconsole.sync import book as booking

NEW, OLD = '"New Mug"', '"Old Mug"'


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings={"items": {"sku": {"SKU-1": "Old Mug"}}})
    trip.pull({"orders": [order()]})
    trip.book()
    yield trip
    trip.close()


def number_in_force(trip: Trip) -> int:
    with trip.workspace.store.reading() as tx:
        return decisions.number_in_force(tx)


def sent(trip: Trip) -> str:
    trip.deliver(3)
    return str(trip.company_file.documents())


def meanwhile(monkeypatch, call: int, happens) -> None:
    """Before the commit of the run's chunk of this number, something else happens, once."""
    real, calls = booking._Run.keep, []

    def keep(run, *args):
        calls.append(run)
        if len(calls) == call:
            happens()
        return real(run, *args)

    monkeypatch.setattr(booking._Run, "keep", keep)


def cut_off() -> None:
    raise KeyboardInterrupt


def test_what_a_run_that_was_cut_off_decided_waits_where_the_mapping_is_put_back(trip, monkeypatch):
    trip.pull({"orders": [order(), order(2)]})
    trip.book()
    before = number_in_force(trip)
    mapped(trip, (ITEM, NEW))
    monkeypatch.setattr(booking, "CHUNK", 1)
    meanwhile(monkeypatch, 2, cut_off)
    with suppress(KeyboardInterrupt):
        trip.book()
    path = trip.workspace.root / "mappings.toml"
    assert revert(trip.workspace.means(), path, before, who="operator:ann").revision == before
    assert behind(trip) == ("oak-ember",)
    assert "Mug" not in sent(trip)
    trip.book()
    assert behind(trip) == ()
    text = sent(trip)
    assert ("New Mug" in text, "Old Mug" in text) == (False, True)


def test_a_run_that_a_saved_mapping_overtakes_keeps_nothing_more(trip, monkeypatch):
    trip.pull({"orders": [order(), order(2)]})
    meanwhile(monkeypatch, 1, lambda: (mapped(trip, (ITEM, NEW)), trip.book()))
    with pytest.raises(MappingMoved) as told:
        trip.book()
    assert told.value.exit_status == 3
    assert behind(trip) == ()
    assert ["New Mug" in row.body for row in asked(trip)] == [True, True]
    assert "Old Mug" not in sent(trip)


def test_a_run_that_was_overtaken_before_anybody_booked_leaves_it_to_the_next(trip, monkeypatch):
    trip.pull({"orders": [order(), order(2)]})
    meanwhile(monkeypatch, 1, lambda: mapped(trip, (ITEM, NEW)))
    with pytest.raises(MappingMoved):
        trip.book()
    assert behind(trip) == ("oak-ember",)
    trip.book()
    assert ["New Mug" in row.body for row in asked(trip)] == [True, True]


def test_files_read_before_an_edit_are_not_put_in_force_over_it(trip):
    means = trip.workspace.means()
    number = mapped(trip, (ITEM, NEW))
    trip.book()
    with pytest.raises(MappingMoved):
        booking.book(means, means.merchants())
    assert number_in_force(trip) == number
    assert "New Mug" in sent(trip)


def test_a_file_put_back_by_hand_is_in_force_again(trip):
    path, before = trip.workspace.root / "mappings.toml", number_in_force(trip)
    text = path.read_bytes()
    mapped(trip, (ITEM, NEW))
    trip.book()
    path.write_bytes(text)
    trip.book()
    assert number_in_force(trip) == before
    assert "Old Mug" in sent(trip)


def test_a_sync_books_by_what_was_edited_while_it_pulled(trip, monkeypatch):
    def pulled(_workspace, _means, _merchant, *_more, **_options):
        told = trip.pull({"orders": [order(), order(2)]})
        mapped(trip, (ITEM, NEW))
        return told

    monkeypatch.setattr("qbconsole.cli.pulling._pulled", pulled)
    done = synced(Given(root=trip.workspace.root), trip.workspace)
    assert (done.exit_status, done.booked.orders) == (0, 2)
    assert ["New Mug" in row.body for row in asked(trip)] == [True, True]
