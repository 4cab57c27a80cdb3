"""Sessions, leases, message sets and responses; lists, links, observations and balances; holds; decisions."""

from datetime import timedelta

import pytest

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import HoldState, MoveRefused
from qbconsole.errors import StoreError
from qbconsole.money import Money
from qbconsole.store import decisions, holds, lists, parties, sessions
from qbconsole.store.lists import Link, ListRow, Observation
from qbconsole.store.sessions import LeaseLost, MessageSet, SetConflict, SetState


def test_a_lease_is_taken_by_one_until_it_runs_out(store, clock):
    with store.atomic() as tx:
        first = sessions.take_lease(tx, "oak", "a", 600, clock())
        assert first.fence == 1
        assert sessions.take_lease(tx, "oak", "b", 600, clock.ahead(seconds=599)) is None
        assert sessions.lease(tx, "oak").owner == "a"
        second = sessions.take_lease(tx, "oak", "b", 600, clock.ahead(seconds=1))
        assert (second.owner, second.fence) == ("b", 2)
        assert not sessions.renew_lease(tx, "oak", "a", first.fence, 600, clock())
        assert not sessions.release_lease(tx, "oak", "a", first.fence)
        with pytest.raises(LeaseLost):
            sessions.require_lease(tx, "oak", first.fence)
        sessions.require_lease(tx, "oak", second.fence)
        assert sessions.renew_lease(tx, "oak", "b", second.fence, 900, clock())
        assert sessions.release_lease(tx, "oak", "b", second.fence)
        with pytest.raises(LeaseLost):
            sessions.require_lease(tx, "oak", second.fence)
        assert sessions.take_lease(tx, "oak", "a", 600, clock()).fence == 3
        assert sessions.lease(tx, "scheduler") is None


def test_a_session_is_found_by_its_ticket_and_closed_once(store, clock):
    with store.atomic() as tx:
        sessions.open_session(
            tx, ticket="t1", company="oak", fence=1, phase="hello", at=clock(), peer="127.0.0.1"
        )
        with pytest.raises(StoreError, match="once"):
            sessions.open_session(tx, ticket="t1", company="oak", fence=1, phase="hello", at=clock())
        sessions.update_session(tx, "t1", at=clock.ahead(seconds=2), phase="lists", to_do=9, done=3)
        found = sessions.session(tx, "t1")
        assert (found.phase, found.to_do, found.done, found.last_at) == ("lists", 9, 3, clock())
        assert [one.ticket for one in sessions.open_sessions(tx, "oak")] == ["t1"]
        sessions.close_session(tx, "t1", at=clock(), last_error="gone")
        closed = clock()
        sessions.close_session(tx, "t1", at=clock.ahead(seconds=2))
        assert sessions.session(tx, "t1").closed_at == closed
        assert sessions.recent_sessions(tx, company="oak")[0].last_error == "gone"
        assert sessions.session(tx, "t2") is None
        with pytest.raises(StoreError, match="ticket"):
            sessions.update_session(tx, "t2", at=clock(), phase="x")


def test_sets_answered_long_ago_may_be_forgotten_and_questions_never_were_remembered(store, clock):
    kinds = ("send", "look:1", "promise", "send", "mark")
    with store.atomic() as tx:
        for number, purpose in enumerate(kinds):
            one = MessageSet(
                id=f"q.S{number}" if purpose == "look:1" else f"S{number}",
                company="oak",
                ticket="t",
                seq=number,
                body="<q/>",
                purpose=purpose,
                fence=1,
                attempt=0,
            )
            sessions.put_message_set(tx, one, clock())
            sessions.hand_out(tx, one.id, clock.ahead(seconds=3))
            assert sessions.message_set(tx, one.id).changed_at == clock()
            if number != 3:
                sessions.mark_set(tx, one.id, SetState.ANSWERED, clock.ahead(seconds=1))
        assert sessions.forgettable_sets(tx, "oak", clock(), 9) == ["S0", "S2"]
        assert sessions.forgettable_sets(tx, "oak", clock.ahead(seconds=1), 9) == ["S0", "S2", "S4"]
        assert sessions.forgettable_sets(tx, "oak", clock(), 1) == ["S0"]
        assert sessions.forgettable_sets(tx, "elm", clock(), 9) == []
        sessions.mark_set(tx, "S0", SetState.CLEARED, clock())
        assert sessions.forgettable_sets(tx, "oak", clock.ahead(seconds=1), 9) == ["S2", "S4"]


def test_what_one_session_notes_of_a_company_the_next_one_reads(store, clock):
    with store.atomic() as tx:
        assert parties.note(tx, "oak", "pace") == ""
        parties.put_note(tx, "oak", "pace", '{"batch":20}', clock())
        parties.put_note(tx, "oak", "pace", '{"batch":40}', clock())
        parties.put_note(tx, "oak", "other", "1", clock())
    with store.reading() as tx:
        assert parties.note(tx, "oak", "pace") == '{"batch":40}'


def test_a_message_set_is_frozen_and_may_be_resent(store, clock):
    one = MessageSet(
        id="ABC", company="oak", ticket="t1", seq=1, body="<q/>", purpose="add", fence=1, attempt=0
    )
    again = MessageSet(
        id="ABC", company="oak", ticket="t2", seq=4, body="<q/>", purpose="add", fence=2, attempt=0
    )
    with store.atomic() as tx:
        sessions.put_message_set(tx, one, clock())
        assert sessions.open_set(tx, "t1").times_sent == 0
        sessions.hand_out(tx, "ABC", clock())
        sessions.mark_set(tx, "ABC", SetState.LOST, clock())
        assert sessions.open_set(tx, "t1") is None
        assert [held.id for held in sessions.sets_in(tx, "oak", [SetState.LOST])] == ["ABC"]
        sessions.put_message_set(tx, again, clock())
        sessions.hand_out(tx, "ABC", clock())
        held = sessions.message_set(tx, "ABC")
        assert (held.ticket, held.seq, held.fence, held.times_sent, held.state) == (
            "t2",
            4,
            2,
            2,
            SetState.SENT,
        )
        other = MessageSet(
            id="ABC", company="oak", ticket="t2", seq=5, body="<z/>", purpose="add", fence=2, attempt=0
        )
        with pytest.raises(SetConflict):
            sessions.put_message_set(tx, other, clock())


def test_answers_of_stale_tickets_are_kept_raw(store, clock):
    with store.atomic() as tx:
        sessions.keep_response(
            tx, "nobody's", None, b"\xff\x00<not xml", at=clock(), hresult="0x80040400", message="m"
        )
        sessions.keep_response(tx, "t1", "ABC", b"<ok/>", at=clock())
        assert sessions.responses_to(tx, "ABC") == [(clock(), b"<ok/>", "", "")]


def entry(list_id, name, **more):
    return ListRow(list_id=list_id, full_name=name, **more)


def test_a_list_tells_what_is_new_changed_and_gone(store, clock):
    with store.atomic() as tx:
        rows = [entry("1", "Ann Lee"), entry("2", "Bob"), entry("3", "Cy")]
        assert lists.upsert_rows(tx, "oak", "customer", rows, complete=True, at=clock()) == [
            "Ann Lee",
            "Bob",
            "Cy",
        ]
        assert lists.names_known(tx, "oak") == {"customer": clock()}
        rows = [entry("1", "Ann Lee"), entry("2", "Bob", is_active=False)]
        assert lists.upsert_rows(tx, "oak", "customer", rows, complete=True, at=clock.ahead(hours=1)) == [
            "Bob"
        ]
        assert [row.full_name for row in lists.list_rows(tx, "oak", "customer")] == ["Ann Lee", "Bob"]
        assert [row.deleted for row in lists.list_rows(tx, "oak", "customer", deleted_too=True)] == [
            False,
            False,
            True,
        ]
        assert lists.list_counts(tx, "oak") == {"customer": 2}
        assert lists.upsert_rows(tx, "oak", "customer", [entry("3", "Cy")], complete=False, at=clock()) == [
            "Cy"
        ]


def test_a_list_read_in_parts_deletes_only_what_no_part_showed(store, clock):
    with store.atomic() as tx:
        lists.upsert_rows(
            tx, "oak", "item", [entry(str(n), f"I{n}") for n in range(4)], complete=True, at=clock()
        )
        start = clock.ahead(minutes=1)
        lists.upsert_rows(tx, "oak", "item", [entry("0", "I0")], complete=False, at=clock())
        lists.upsert_rows(tx, "oak", "item", [entry("2", "I2")], complete=False, at=clock.ahead(seconds=5))
        lists.finish_read(tx, "oak", "item", started_at=start, at=clock())
        assert [row.full_name for row in lists.list_rows(tx, "oak", "item")] == ["I0", "I2"]
        lists.mark_deleted(tx, "oak", "item", ["2"], clock())
        assert [row.full_name for row in lists.list_rows(tx, "oak", "item")] == ["I0"]


def test_what_is_as_it_was_new_changed_and_back_again_is_there_alike_after_one_read(store, clock):
    before = [entry("1", "Ann", data=b'{"a":1}'), entry("2", "Bob"), entry("3", "Cy")]
    with store.atomic() as tx:
        lists.upsert_rows(tx, "oak", "customer", before, complete=True, at=clock())
        lists.mark_deleted(tx, "oak", "customer", ["3"], clock())
        lists.upsert_rows(tx, "oak", "vendor", [entry("1", "Ann")], complete=True, at=clock())
        read = [before[0], entry("2", "Bob"), entry("2", "Bert"), before[2], entry("4", "Di")]
        at = clock.ahead(hours=1)
        told = lists.upsert_rows(tx, "oak", "customer", read, complete=True, at=at)
        assert told == ["Bert", "Cy", "Di"]
        kept = lists.list_rows(tx, "oak", "customer", deleted_too=True)
        assert kept == [before[0], entry("2", "Bert"), before[2], entry("4", "Di")]
        # Of another list nothing was seen.
        lists.finish_read(tx, "oak", "vendor", started_at=at, at=at)
        assert lists.list_rows(tx, "oak", "vendor") == []


def test_names_are_found_whatever_their_case(store, clock):
    with store.atomic() as tx:
        lists.upsert_rows(tx, "oak", "customer", [entry("1", "Élise MÜLLER")], complete=True, at=clock())
        found = lists.find_names(tx, "oak", "customer", ["élise Müller", "ÉLISE MÜLLER ", "Bob"])
    assert set(found) == {"élise Müller", "ÉLISE MÜLLER "}
    assert found["élise Müller"].list_id == "1"


def test_links_lead_both_ways(store, clock):
    one = Link(
        merchant="oak-ember",
        kind="customer",
        source_id="5",
        qb_kind="customer",
        qb_id="80-1",
        full_name="Ann",
    )
    with store.atomic() as tx:
        lists.put_link(tx, one, clock())
        lists.put_link(tx, one, clock())
        assert lists.link(tx, "oak-ember", "customer", "5") == one
        assert lists.link(tx, "oak-uk", "customer", "5") is None
        assert lists.links_of(tx, "oak-ember", "customer", ["5", "6"]) == {"5": one}
        assert lists.links_of(tx, "oak-ember", "customer") == {"5": one}
        assert lists.links_to(tx, "80-1") == [one]


def test_the_newest_observation_counts(store, clock):
    first = Observation(
        txn_id="T", kind="Invoice", edit_sequence="1", document_key="d", total=Money.of("5.00", "USD")
    )
    later = Observation(txn_id="T", kind="Invoice", edit_sequence="2", document_key="d", data=b'{"a":1}')
    with store.atomic() as tx:
        lists.put_observations(tx, "oak", [first, first], clock())
        lists.put_observations(tx, "oak", [later], clock.ahead(minutes=1))
        assert lists.observation(tx, "oak", "T").edit_sequence == "2"
        assert [one.total for one in lists.observations_of(tx, "d")] == [Money.of("5.00", "USD"), None]
        assert lists.observation(tx, "oak", "U") is None


def test_the_newest_balance_counts(store, clock):
    with store.atomic() as tx:
        lists.put_balances(tx, "oak", {"Bank": Money.of("5.00", "USD")}, clock())
        lists.put_balances(tx, "oak", {"Bank": Money.of("-7.00", "USD")}, clock.ahead(days=1))
        assert lists.balances(tx, "oak") == {"Bank": Money.of("-7.00", "USD")}


def hold(reason=Reason.UNMAPPED, where="line 1", subject="order/1", cause="unmapped:a", sentence="s"):
    return Hold(reason=reason, where=where, sentence=sentence, next_step="n", subject=subject, cause=cause)


def test_the_same_hold_again_is_the_same_row(store, clock):
    with store.atomic() as tx:
        holds.put_holds(tx, "oak-ember", "oak", [hold(), hold()], clock())
        assert holds.put_holds(tx, "oak-ember", "oak", [hold(sentence="newer")], clock()) == [
            hold(sentence="newer")
        ]
        rows = holds.open_holds(tx, merchant="oak-ember")
        assert [row.hold for row in rows] == [hold(sentence="newer")]
        assert holds.held_subjects(tx, "oak") == {"order/1"}


def test_a_lease_taken_while_the_clock_ran_ahead_keeps_nobody_out(store, clock):
    with store.atomic() as tx:
        ahead = clock() + timedelta(days=1)
        first = sessions.take_lease(tx, "oak", "a", 600, ahead)
        second = sessions.take_lease(tx, "oak", "b", 600, clock())
        assert second.fence == first.fence + 1
        assert sessions.take_lease(tx, "oak", "c", 600, clock() - timedelta(seconds=30)) is None
        with pytest.raises(LeaseLost):
            sessions.require_lease(tx, "oak", first.fence)


def test_a_released_hold_stays_released_and_a_cured_one_comes_back(store, clock):
    other = hold(Reason.TEMPLATE, cause="", where="line 2")
    with store.atomic() as tx:
        holds.put_holds(tx, "oak-ember", "oak", [hold(), other], clock())
        released = holds.release(tx, subject="order/1", cause="unmapped:a", by="ann", why="fine", at=clock())
        assert [row.hold for row in released] == [hold()]
        assert [row.hold for row in holds.release_absent(tx, "oak", "order/1", [], clock())] == [other]
        assert holds.open_holds(tx) == []
        assert holds.put_holds(tx, "oak-ember", "oak", [hold(), other], clock()) == [other]
        assert holds.released(tx, "oak", ["order/1"]) == {hold().released}
        states = {row.hold.reason: row.state for row in holds.holds_of(tx, "order/1")}
        assert states == {Reason.UNMAPPED: HoldState.RELEASED, Reason.TEMPLATE: HoldState.OPEN}
        holds.hold_again(tx, [released[0].id], clock())
        assert len(holds.open_holds(tx, company="oak", reason=Reason.UNMAPPED)) == 1


def test_one_cause_cured_ends_every_hold_it_made(store, clock):
    with store.atomic() as tx:
        holds.put_holds(tx, None, "oak", [hold(subject=f"order/{n}") for n in range(3)], clock())
        assert len(holds.cure(tx, "oak", "unmapped:a", clock())) == 3
        assert holds.held_subjects(tx, "oak", ["order/1"]) == set()
        with pytest.raises(MoveRefused):
            holds.release(tx, by="ann", why="all", at=clock())


def test_what_is_done_is_cured_of_all_its_holds_and_nothing_else_is(store, clock):
    kept = [hold(subject=f"order/{n}") for n in range(3)]
    with store.atomic() as tx:
        holds.put_holds(tx, None, "oak", [*kept, hold(Reason.TEMPLATE, cause="", where="line 2")], clock())
        cured = holds.cure_subjects(tx, "oak", ["order/1", "order/2", "order/9"], clock())
        assert sorted((row.hold.subject, row.hold.reason) for row in cured) == [
            ("order/1", Reason.TEMPLATE),
            ("order/1", Reason.UNMAPPED),
            ("order/2", Reason.UNMAPPED),
        ]
        assert [row.hold for row in holds.open_holds(tx)] == [kept[0]]
        assert holds.cure_subjects(tx, "birch", ["order/0"], clock()) == []


def test_flags_hold_nothing_back(store, clock):
    flag = hold(Reason.REFUND_RESIDUAL_REVIEW, cause="")
    with store.atomic() as tx:
        holds.put_holds(tx, "oak-ember", "oak", [flag], clock())
        assert holds.held_subjects(tx, "oak") == set()
        assert len(holds.open_holds(tx)) == 1
        assert holds.open_holds(tx, flags_too=False) == []
        kept = holds.release_absent(
            tx, "oak", "order/1", [(Reason.REFUND_RESIDUAL_REVIEW, "line 1")], clock()
        )
        assert kept == []


def test_a_revision_that_comes_back_is_in_force_under_its_old_number(store, clock):
    with store.atomic() as tx:
        assert decisions.in_force(tx) is None
        one = decisions.keep_revision(tx, "", "a = 1", {"oak": "ff"}, who="ann", why="first", at=clock())
        two = decisions.keep_revision(tx, "", "a = 2", {"oak": "ff"}, who="ann", why="more", at=clock())
        assert decisions.in_force(tx).id == two
        assert (
            decisions.keep_revision(tx, "", "a = 1", {"oak": "ff"}, who="bob", why="back", at=clock()) == one
        )
        assert decisions.in_force(tx).id == one
        assert decisions.keep_revision(
            tx, "", "a = 1", {"oak": "00"}, who="bob", why="plugin", at=clock()
        ) not in (one, two)
        held = decisions.revision(tx, one)
        assert (held.text, held.plugins, held.who, held.why) == ("a = 1", {"oak": "ff"}, "ann", "first")
        assert len(decisions.revisions(tx)) == 3
        assert decisions.revision(tx, 99) is None


def test_a_due_run_is_claimed_once(store, clock):
    due = clock() - timedelta(minutes=3)
    with store.atomic() as tx:
        run = decisions.start_run(tx, subject="oak-ember", verb="pull", due_at=due, at=clock())
        assert decisions.start_run(tx, subject="oak-ember", verb="pull", due_at=due, at=clock()) is None
        decisions.end_run(tx, run, outcome="ok", detail="12 orders", at=clock.ahead(seconds=9))
        held = decisions.runs(tx, subject="oak-ember")
        assert [(one.outcome, one.due_at, one.ended_at) for one in held] == [("ok", due, clock())]
