"""What awaits approval: it is among what needs a person, and `A` lets it go as `qbconsole approve` does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from console_mapping import TAX_ITEM, editor, press, taxed
from console_watching import painted, settle, until
from trip import Trip

from qbconsole.console.screens.deciding import batch_question, named
from qbconsole.views.queue import View, ids, rows

AUTO = 'approve = "auto"'


def by_hand(text: str) -> str:
    assert AUTO in text
    return text.replace(AUTO, 'approve = "manual"')


@pytest.fixture
def asking(tmp_path):
    trip = Trip(tmp_path, edit=by_hand)
    trip.owner_sets_up(TAX_ITEM.format(name="CA Sales Tax 7.75"))
    trip.pull(taxed(3))
    trip.book()
    trip.deliver()
    return tmp_path


async def test_what_awaits_approval_needs_a_person_and_goes_by_a_key(asking):
    async with editor(asking, "exclamation_mark") as pilot:
        store = pilot.app.desk.source._store
        await until(pilot, lambda: "APPROVAL" in painted(pilot.app))
        await press(pilot, "A")
        await until(pilot, lambda: "wait for approval" in painted(pilot.app))
        await press(pilot, "n")
        assert any(one.state == "AWAITING_APPROVAL" for one in rows(store, ids(store, View.EXCEPTIONS)))
        await press(pilot, "A")
        await until(pilot, lambda: "wait for approval" in painted(pilot.app))
        await press(pilot, *"12", "enter", "y")
        await until(pilot, lambda: "Approved 3 documents and 9 list" in painted(pilot.app))
        assert not ids(store, View.ALL, text="status:approval")


async def test_one_row_is_released_alone(asking):
    async with editor(asking, "exclamation_mark") as pilot:
        store = pilot.app.desk.source._store
        await until(pilot, lambda: "APPROVAL" in painted(pilot.app))
        before = len(ids(store, View.ALL, text="status:approval"))
        await press(pilot, "L")
        await until(pilot, lambda: "Release 1 list entry?" in painted(pilot.app))
        await press(pilot, "y")
        await until(pilot, lambda: "1 released" in painted(pilot.app))
        await settle(pilot)
        assert len(ids(store, View.ALL, text="status:approval")) == before - 1


async def test_a_question_calls_things_what_the_queue_calls_them(asking):
    async with editor(asking, "exclamation_mark") as pilot:
        await until(pilot, lambda: "APPROVAL" in painted(pilot.app))
        store = pilot.app.desk.source._store
        found = rows(store, ids(store, View.ALL))
        entries = [one for one in found if one.is_entry]
        documents = [one for one in found if not one.is_entry]
        assert named(entries[:1]) == "1 list entry"
        assert named([*entries[:2], *documents[:3]]) == "3 documents and 2 list entries"
        held = replace(documents[0], kind="order", key="order/1")
        assert named([held]) == "1 order"
        assert named([held, entries[0], documents[0]]) == "3 rows"


async def test_one_list_entry_is_told_as_one(asking):
    async with editor(asking) as pilot:
        await until(pilot, lambda: pilot.app.desk is not None)
        plan = pilot.app.desk.actions.batch_plan("oak")
        one = replace(plan, documents=(), entries=plan.entries[:1])
        assert batch_question(one).title.startswith("Send 1 list entry to ")


async def test_what_another_console_approved_meanwhile_is_not_told_as_approved_here(asking):
    async with editor(asking) as pilot:
        await until(pilot, lambda: pilot.app.desk is not None)
        actions = pilot.app.desk.actions
        plan = actions.batch_plan("oak")
        assert actions.approve(plan).startswith("Approved 3 documents")
        assert (
            actions.approve(plan) == "Nothing of oak waited for approval any more: it was approved meanwhile."
        )
