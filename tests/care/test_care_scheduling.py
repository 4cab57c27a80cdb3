"""The schedule is acted on: each due moment once, by one leader, in processes of their own; failures wait longer."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
from builders import Line, Pay, an_order
from hypothesis import given, settings
from hypothesis import strategies as st
from trip import NOW, SHOP, Trip

from qbconsole.care.mapping_file import edit_mapping
from qbconsole.errors import StoreLocked
from qbconsole.rules.mapping.read import read
from qbconsole.store import decisions, inbox
from qbconsole.store.books.finding import last_pulled
from qbconsole.store.sharing import schedule
from qbconsole.store.sharing.leadership import Leadership
from qbconsole.store.sharing.schedule import Due, Verb
from qbconsole.sync.schedule.one_at_a_time import one_at_a_time
from qbconsole.sync.schedule.scheduling import LIFE, Scheduler, command_of
from qbconsole.sync.schedule.telling import told
from qbconsole.views.status import status

OAK = "oak-ember"
#: 02:15 of Los Angeles on the day after the trip's NOW, which is 23:00 of the day before there.
FIRST = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    found.pull({"orders": [an_order([Line(price="20.00")], pays=[Pay(amount="20.00")])]})
    yield found
    found.close()


def scheduler(trip: Trip, code: str = "print('{}')", owner: str = "one") -> Scheduler:
    """One whose runs are a line of Python."""
    return Scheduler(
        root=trip.workspace.root,
        means=trip.workspace.means,
        leadership=Leadership(store=trip.workspace.store, owner=owner),
        command=lambda _root, _due: (sys.executable, "-c", code),
    )


def looked(one: Scheduler, seconds: float = 20):
    """One look, and what ended of it."""
    found = one.tick()
    for child in one._children:
        child.process.wait(timeout=seconds)
    return found + one._reap()


def runs(trip: Trip):
    with trip.workspace.store.reading() as tx:
        return decisions.runs(tx, subject=OAK, limit=100)


def test_a_due_moment_is_run_once_and_what_was_due_before_the_schedule_was_seen_is_not(trip):
    one = scheduler(trip, 'print(\'{"booked": {"documents": 3, "held": 1}}\')')
    assert looked(one) == []
    trip.now = FIRST + timedelta(minutes=1)
    (ended,) = looked(one)
    assert (ended.due, ended.outcome) == (Due(merchant=OAK, verb=Verb.SYNC, due_at=FIRST), "ok")
    assert ended.detail == "3 documents, 1 held."
    assert looked(one) == looked(scheduler(trip, owner="two")) == []
    (run,) = runs(trip)
    assert (run.due_at, run.outcome, run.ended_at) == (FIRST, "ok", trip.now)


def test_of_many_missed_moments_the_newest_is_caught_up_once(trip):
    one = scheduler(trip)
    looked(one)
    trip.now = FIRST + timedelta(days=40, minutes=3)
    (ended,) = looked(one)
    # Still winter time: the same hour.
    assert ended.due.due_at == FIRST + timedelta(days=40)
    assert looked(one) == []


def test_a_clock_that_went_ahead_and_back_runs_nothing_twice_and_stops_nothing(trip):
    one = scheduler(trip)
    looked(one)
    trip.now = FIRST + timedelta(days=400)
    assert len(looked(one)) == 1
    # The leadership of the future has not run out: the same process keeps it.
    trip.now = FIRST + timedelta(minutes=1)
    assert [ended.due.due_at for ended in looked(one)] == [FIRST]
    trip.now = FIRST - timedelta(minutes=30)
    assert looked(one) == []
    trip.now = FIRST + timedelta(hours=1)
    assert looked(one) == []


def test_two_that_look_at_once_run_it_once_and_the_second_leads_when_the_first_is_gone(trip):
    one, two = scheduler(trip), scheduler(trip, owner="two")
    looked(one)
    trip.now = FIRST
    one.tick()
    assert two.tick() == []
    assert not two._children
    one.close()
    assert [run.outcome for run in runs(trip)] == ["failed"]
    trip.now += timedelta(minutes=5)
    (ended,) = looked(two)
    assert (ended.outcome, ended.due.due_at) == ("ok", FIRST + timedelta(minutes=5))


def test_a_leader_that_was_followed_claims_nothing(trip):
    one, two = scheduler(trip), scheduler(trip, owner="two")
    looked(one)
    trip.now = FIRST
    means = trip.workspace.means()
    (due,) = one._claimable(means)
    trip.now += timedelta(minutes=2)  # it was paused, and its lease ran out
    assert two.leadership.lead()
    one._begin(means, due)
    assert runs(trip) == []


def test_a_failure_is_tried_again_later_each_time_and_stands_in_status(trip):
    one = scheduler(trip, 'print(\'{"what": "the shop is away", "next": "Wait."}\'); raise SystemExit(3)')
    looked(one)
    trip.now = FIRST
    waits = []
    for _ in range(5):
        (ended,) = looked(one)
        assert (ended.outcome, ended.detail) == ("failed", "the shop is away Wait.")
        with trip.workspace.store.reading() as tx:
            found = schedule.standing(tx, trip.workspace.means().merchant(OAK), trip.now)
        waits.append((found.next_at - trip.now).total_seconds() / 60)
        trip.now = found.next_at - timedelta(seconds=1)
        assert looked(one) == []
        trip.now += timedelta(seconds=1)
    assert waits == [5, 15, 60, 240, 240]
    assert found.failures == 5
    well = scheduler(trip)
    one.close()
    assert [ended.outcome for ended in looked(well)] == ["ok"]


def test_a_run_nobody_told_the_end_of_is_given_up_once_its_lease_is_free(trip):
    one = scheduler(trip)
    looked(one)
    trip.now = FIRST
    store = trip.workspace.store
    with store.atomic() as tx:
        decisions.start_run(tx, subject=OAK, verb="sync", due_at=FIRST, at=FIRST)
    trip.now += timedelta(minutes=3)
    with one_at_a_time(store, OAK):
        assert looked(one) == []
        assert [run.outcome for run in runs(trip)] == [""]
    looked(one)
    assert [run.outcome for run in runs(trip)] == ["died"]
    trip.now += timedelta(minutes=5)
    assert [ended.outcome for ended in looked(one)] == ["ok"]


def test_a_run_that_never_ends_hides_no_missed_sync(trip):
    one = scheduler(trip)
    looked(one)
    with trip.workspace.store.atomic() as tx:
        decisions.start_run(tx, subject=OAK, verb="sync", due_at=FIRST, at=FIRST)

    def said(now):
        with trip.workspace.store.reading() as tx:
            return schedule.standing(tx, trip.workspace.means().merchant(OAK), now).trouble

    assert said(FIRST + timedelta(hours=5)) == ""
    assert said(FIRST + timedelta(hours=7)).startswith(
        "The sync begun at 2026-11-21 10:15 UTC has not ended; end its process"
    )
    later = said(FIRST + timedelta(days=5, hours=1))
    assert "and the sync due at 2026-11-26 10:15 UTC waits; end its process" in later


def test_a_command_that_hangs_is_ended_after_its_time_and_tried_again(trip):
    passed = [timedelta(0)]
    one = scheduler(trip, "import time; time.sleep(600)")
    one.passed = lambda: passed[0]
    one.tick()
    trip.now = FIRST
    assert one.tick() == []
    passed[0] = LIFE
    assert one.tick() == []
    passed[0] += timedelta(seconds=1)
    (ended,) = one.tick()
    assert (ended.outcome, ended.detail) == ("failed", "It had not ended after 12 hours and was stopped.")
    assert not one._children
    assert [run.outcome for run in runs(trip)] == ["failed"]


def test_webhooks_that_come_together_are_one_run_within_a_minute(trip):
    one = scheduler(trip)
    looked(one)
    for number in range(5):
        with trip.workspace.store.atomic() as tx:
            inbox.receive(tx, OAK, delivery_id=f"d{number}", topic="orders/updated", raw=b"{}", at=trip.now)
    trip.now += timedelta(seconds=20)
    assert [ended.due.verb for ended in looked(one)] == [Verb.NUDGE]
    trip.now += timedelta(minutes=2)
    # The run left them (it was none of ours): they are not run for again and again.
    assert looked(one) == []
    with trip.workspace.store.atomic() as tx:
        inbox.receive(tx, OAK, delivery_id="d9", topic="orders/updated", raw=b"{}", at=trip.now)
    trip.now += timedelta(seconds=5)
    assert [ended.due.verb for ended in looked(one)] == [Verb.NUDGE]


def test_a_delivery_is_seen_though_the_clock_of_who_took_it_is_behind(trip):
    one = scheduler(trip)
    looked(one)
    with trip.workspace.store.atomic() as tx:
        inbox.receive(tx, OAK, delivery_id="d0", topic="orders/updated", raw=b"{}", at=trip.now)
    assert [ended.due.verb for ended in looked(one)] == [Verb.NUDGE]
    # It came after the run began, by another worker whose clock is behind.
    behind = trip.now - timedelta(seconds=3)
    with trip.workspace.store.atomic() as tx:
        inbox.receive(tx, OAK, delivery_id="d1", topic="orders/updated", raw=b"{}", at=behind)
    trip.now += timedelta(minutes=2)
    assert [ended.due.verb for ended in looked(one)] == [Verb.NUDGE]
    trip.now += timedelta(minutes=2)
    assert looked(one) == []


def test_a_run_that_began_is_no_pull(trip):
    def pulled_at():
        with trip.workspace.store.reading() as tx:
            return last_pulled(tx, OAK)

    one, before = scheduler(trip), pulled_at()
    looked(one)
    trip.now = FIRST
    assert len(looked(one)) == 1
    assert pulled_at() == before


def test_unsent_documents_of_other_decisions_are_booked_within_a_minute(trip):
    trip.book()
    one = scheduler(trip)
    assert looked(one) == []
    path = trip.workspace.root / "mappings.toml"
    edit_mapping(trip.workspace.means(), path, [(f"merchants.{OAK}.items.sku.SKU-1", '"Mug"')], who="ann")
    assert [ended.due.verb for ended in looked(one)] == [Verb.BOOK]
    # That run was none of ours and changed nothing: it is not begun again at once.
    trip.now += timedelta(minutes=2)
    assert looked(one) == []
    assert command_of(path.parent, Due(merchant=OAK, verb=Verb.BOOK, due_at=NOW))[-1] == "book"


def test_nothing_runs_unasked_where_the_schedule_says_manual(trip):
    path = trip.workspace.root / "mappings.toml"
    edit_mapping(trip.workspace.means(), path, [(f"merchants.{OAK}.schedule.mode", '"manual"')], who="ann")
    one = scheduler(trip)
    looked(one)
    with trip.workspace.store.atomic() as tx:
        inbox.receive(tx, OAK, delivery_id="d", topic="orders/updated", raw=b"{}", at=trip.now)
    trip.now = FIRST + timedelta(days=3)
    assert looked(one) == []


def test_a_sync_by_hand_and_a_scheduled_one_never_run_together(trip):
    one = scheduler(trip)
    looked(one)
    trip.now = FIRST
    store = trip.workspace.store
    with one_at_a_time(store, OAK):
        assert looked(one) == []
        with pytest.raises(StoreLocked, match="runs already"), one_at_a_time(store, OAK):
            pass
    assert len(looked(one)) == 1


@settings(max_examples=60, deadline=None)
@given(
    every=st.sampled_from(['mode = "daily"\nat = "02:15"', 'mode = "every"\nminutes = 30']),
    steps=st.lists(st.tuples(st.integers(-180, 2000), st.booleans()), max_size=25),
)
def test_whatever_the_clock_does_no_moment_runs_twice_and_none_is_left(tmp_path_factory, every, steps):
    trip = Trip(
        tmp_path_factory.mktemp("s"),
        edit=lambda text: (
            text.replace('mode = "daily"                                #', 'mode = "manual" #')
            .replace('mode = "manual" #', f"{every} #", 1)
            .replace('at = "02:15"                                  # daily: shop\'s time zone\n', "")
        ),
    )
    try:
        trip.pull({"shop": SHOP, "orders": []})
        merchant = read(trip.workspace.mapping_text()).merchants[OAK]
        store = trip.workspace.store
        with store.atomic() as tx:
            schedule.see(tx, merchant, trip.now)
        for minutes, well in steps:
            trip.now += timedelta(minutes=minutes)
            with store.atomic() as tx:
                due = schedule.due(tx, merchant, trip.now, behind=False)
                if due is not None:
                    at = trip.now
                    run = decisions.start_run(tx, subject=OAK, verb=due.verb, due_at=due.due_at, at=at)
                    assert run is not None, "a moment was due that was run before"
                    decisions.end_run(tx, run, outcome="ok" if well else "failed", at=at)
        trip.now += timedelta(days=3)
        for _ in range(3):
            with store.atomic() as tx:
                due = schedule.due(tx, merchant, trip.now, behind=False)
                if due is not None:
                    run = decisions.start_run(tx, subject=OAK, verb=due.verb, due_at=due.due_at, at=trip.now)
                    decisions.end_run(tx, run, outcome="ok", at=trip.now)
        assert due is None
    finally:
        trip.close()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("", "It said nothing."),
        ("no json\x1b[31m", "no json\u241b[31m"),
        ('{"stopped": {"oak": "a plugin failed"}}', "oak: a plugin failed"),
        ('{"troubles": [{"where": "oak", "what": "away"}]}', "oak: away"),
        (
            'talk\n{"pulled": {"new": 2, "changed": 1}, "booked": {"documents": 4, "held": 0}}',
            "2 new and 1 changed; 4 documents, 0 held.",
        ),
        (
            '{"pulled": {"new": 0, "changed": 0, "warnings": ["Order 5 was deleted", "No scope."]}, "booked": {}}',
            "0 new and 0 changed; 0 documents, 0 held. Order 5 was deleted. No scope.",
        ),
    ],
)
def test_what_a_run_said_is_told_in_a_sentence(output, sentence):
    assert told(output) == sentence


def test_status_tells_the_next_sync_a_missed_one_and_a_failed_one(trip):
    def told():
        means = trip.workspace.means()
        return status(means.store, means.mapping, now=trip.now)

    one = scheduler(trip, 'print(\'{"what": "the shop is away", "next": "Wait."}\'); raise SystemExit(3)')
    looked(one)
    (shop,) = told().merchants
    assert (shop.schedule.next_at, shop.schedule.trouble) == (FIRST, "")
    trip.now = FIRST + timedelta(minutes=10)
    assert told().merchants[0].schedule.trouble == ""
    trip.now = FIRST + timedelta(minutes=16)
    (sentence,) = [line for line in told().attention if "did not run" in line]
    assert sentence.startswith("oak-ember: The sync due at 2026-11-21 10:15 UTC did not run")
    looked(one)
    (sentence,) = [line for line in told().attention if "failed" in line]
    assert sentence == (
        "oak-ember: The last sync failed: the shop is away Wait. Tried again at 2026-11-21 10:36 UTC."
    )
    assert not told().merchants[0].waits


def test_status_says_that_unsent_documents_wait_for_book(trip):
    trip.book()
    means = trip.workspace.means()
    path = trip.workspace.root / "mappings.toml"
    edit_mapping(means, path, [(f"merchants.{OAK}.items.sku.SKU-1", '"Mug"')], who="ann")
    (sentence,) = [
        line
        for line in status(means.store, means.mapping, now=trip.now).attention
        if "qbconsole book" in line
    ]
    assert sentence.startswith("The mapping, a plugin or a template of oak-ember was changed")
    trip.book()
    means = trip.workspace.means()
    assert not any(
        "qbconsole book" in line for line in status(means.store, means.mapping, now=trip.now).attention
    )
