"""More of an edit that is seen anew on another day: wherever the entry it may stand in is, and whatever its number.

Facts: reference/reliability.md F34; accounting.md section 13, convention 5.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from test_journey_entries_again import database_as_it_was
from test_journey_redated import _Drill, edited_and_posted, seen_anew
from test_journey_split_since import split
from trip import with_settings

from qbconsole.books.lifecycle import DocumentState

pytestmark = pytest.mark.slow


@pytest.fixture
def begin(tmp_path):
    drills = []

    def made(settings=None):
        drill = _Drill(tmp_path)
        drills.append(drill)
        path = tmp_path / "mappings.toml"
        path.write_text(with_settings(path.read_text("utf-8"), settings or {}), encoding="utf-8")
        return drill

    yield made
    for one in drills:
        one.close()


@pytest.mark.parametrize("numbers", [{"style": "made"}, {"prefix": "OE-"}, {"prefix": "SHOP1"}])
def test_whatever_numbers_entries_are_given(begin, tmp_path, numbers):
    drill = begin({"numbers": numbers})
    kept, before = edited_and_posted(drill, tmp_path)
    seen_anew(drill, kept)
    assert len(drill.held()) == 1
    assert drill.balance() == before


def lost_with_a_sale(drill, tmp_path):
    """What was lost is a day's entry with the edit and a sale; now the edit is another day's."""
    late = next(one for one in reversed(drill.shop.orders) if one is not drill.edited)
    drill.told(drill.edited)
    drill.settle()
    kept = drill.loses_what_follows(tmp_path)
    drill.edit(datetime.fromisoformat(late["createdAt"]))
    drill.told(drill.edited, late)
    drill.settle()
    before = drill.balance()
    database_as_it_was(drill, kept)
    drill.now += timedelta(days=2)
    drill.shop.annotate(drill.edited["name"], "a note", at=drill.now - timedelta(hours=30))
    drill.told(drill.edited, late)
    return before, sorted(row.key for row in drill.rows() if row.state is DocumentState.PLANNED)


def goes_on(drill):
    drill.stops("own_restored")
    drill.say("restored")
    drill.settle()


def test_so_it_is_while_the_sale_beside_it_is_held_by_somebody(begin, tmp_path):
    drill = begin()
    before, (sale, edit) = lost_with_a_sale(drill, tmp_path)
    assert drill.operator().hold([sale], "look at it").done == (sale,)
    goes_on(drill)
    assert drill.balance() == before
    assert [hold.subject for hold in drill.held()] == [edit]
    drill.operator().release([sale], "it is well")
    drill.settle()
    assert drill.balance() == before
    assert [hold.subject for hold in drill.held()] == [edit]


def test_so_it_is_where_the_flag_on_that_day_was_put_aside(begin, tmp_path):
    drill = begin()
    before, (sale, edit) = lost_with_a_sale(drill, tmp_path)
    assert drill.operator().hold([edit], "later").done == (edit,)
    goes_on(drill)
    assert drill.operator().release([sale], "seen").done == (sale,)
    drill.operator().release([edit], "now")
    drill.settle()
    assert drill.balance() == before
    assert [hold.subject for hold in drill.held()] == [edit]


def test_so_it_is_with_the_goods_of_that_day(begin, tmp_path):
    """QuickBooks tells no sum of an adjustment: of what a look found there, nobody knows what it holds."""
    drill = begin()
    path = tmp_path / "mappings.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('inventory = "summary"', 'inventory = "detailed"'), encoding="utf-8")
    drill.edited = next(one for one in drill.shop.orders if _counted(one))
    lost_with_a_sale(drill, tmp_path)
    there = [one.memo for one in drill.company_file.documents()]
    assert sum("Goods of" in one for one in there) > 1
    goes_on(drill)
    assert [one.memo for one in drill.company_file.documents()] == there
    assert sorted(hold.where.partition(" ")[0] for hold in drill.held()) == [
        "InventoryAdjustment",
        "JournalEntry",
    ]


def _counted(order):
    """Whether what is edited is of goods that are counted."""
    line = _Drill._line(order)
    return line is not None and not order["refunds"] and line["variant"]["inventoryItem"]["tracked"]


@pytest.mark.parametrize("since", ["split", "one again"])
def test_so_it_is_where_merchants_share_the_shop_since(begin, tmp_path, since):
    drill = begin({"filters": {"tag": {"except": ["B2B"]}}})
    split(drill, is_split=since == "one again")
    kept, before = edited_and_posted(drill, tmp_path)
    database_as_it_was(drill, kept)
    split(drill, is_split=since == "split")
    drill.now += timedelta(days=2)
    drill.shop.annotate(drill.edited["name"], "a note", at=drill.now - timedelta(hours=30))
    drill.told()
    goes_on(drill)
    assert drill.balance() == before
    assert len(drill.held()) == 1
