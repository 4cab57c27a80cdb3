"""The second checker itself: a finished run whose records are spoilt in one place is told by that law's sentence."""

from __future__ import annotations

import copy
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from oracle_worlds import by_hand

from qbconsole.rehearsal.simulate import checker
from qbconsole.rehearsal.simulate.run import simulate
from qbconsole.rehearsal.simulate.world import Handed
from qbconsole.store.database import Store


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Seed 2 without faults: the database it left, and its world."""
    kept = tmp_path_factory.mktemp("ran") / "state.db"

    def judge(simulation, _world) -> None:
        simulation.program.stop()  # so that nothing is left in the write-ahead log
        shutil.copy(simulation.program.root / ".qbconsole" / "state.db", kept)

    return kept, simulate(2, judge=judge).world


@pytest.fixture
def said(ran, tmp_path):
    """Gives what the checker says after statements spoilt the records, or the world beside them was changed."""

    def judged(*statements: str, change=lambda world: world) -> list[tuple[str, str]]:
        kept, world = ran
        place = tmp_path / "state.db"
        shutil.copy(kept, place)
        with closing(sqlite3.connect(place)) as spoiling, spoiling:
            guards = spoiling.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (guard,) in guards:  # the journal refuses what a spoiler does
                spoiling.execute(f"DROP TRIGGER {guard}")
            for statement in statements:
                assert spoiling.execute(statement).rowcount > 0, statement
        with Store.open(place, clock=lambda: world.ended) as store:
            return [(one.law, one.sentence) for one in checker.check(store, change(world))]

    return judged


def test_a_sound_run_is_not_accused(said):
    assert said() == []


FIRST_ADD = "SELECT MIN(id) FROM requests WHERE name = 'SalesReceiptAdd'"
FIRST = f"id = ({FIRST_ADD})"
SPOILT = {
    "other bytes are stored than left": (
        "UPDATE message_sets SET body = body || ' ' WHERE purpose = 'send'",
        "stored bytes are sent bytes",
        "left in other bytes than are stored",
    ),
    "a set left and is not stored": (
        "DELETE FROM message_sets WHERE purpose = 'send'",
        "stored bytes are sent bytes",
        "left and is not stored",
    ),
    "a row of the journal is edited": (
        "UPDATE journal SET who = 'nobody' WHERE seq = 2",
        "the journal's chain is whole",
        "Row 2 of the journal",
    ),
    "the end of the journal is cut off": (
        "DELETE FROM journal WHERE seq = (SELECT MAX(seq) FROM journal)",
        "the journal's chain is whole",
        "its head says",
    ),
    "a document is recorded without a TxnID": (
        "UPDATE documents SET txn_id = '' WHERE id = 1",
        "what is recorded stands in QuickBooks",
        "and has no TxnID",
    ),
    "a document is recorded that QuickBooks does not have": (
        "UPDATE documents SET txn_id = 'FF-1' WHERE id = 1",
        "what is recorded stands in QuickBooks",
        "as FF-1, which is not in Oak & Ember LLC",
    ),
    "two documents are one document of QuickBooks": (
        "UPDATE documents SET txn_id = (SELECT txn_id FROM documents WHERE id = 1) WHERE id IN (2, 3)",
        "what is recorded stands in QuickBooks",
        "3 documents are recorded as",
    ),
    "an answer names another document": (
        "UPDATE documents SET txn_id = (SELECT txn_id FROM documents WHERE id = 1) WHERE id = 2",
        "states follow the lifecycle",
        "which no answer named",
    ),
    "a request is answered without an id": (
        f"UPDATE requests SET qb_id = '' WHERE {FIRST}",
        "states follow the lifecycle",
        "is answered without an id of QuickBooks",
    ),
    "a request is still sent": (
        f"UPDATE requests SET state = 'sent' WHERE {FIRST}",
        "states follow the lifecycle",
        "is still sent, and every connector was told",
    ),
    "a doubtful request is superseded": (
        f"UPDATE requests SET state = 'superseded', doubtful = 1 WHERE {FIRST}",
        "states follow the lifecycle",
        "may be in QuickBooks and was superseded",
    ),
    "a fence does not rise": (
        "UPDATE sessions SET fence = 1",
        "fences rise",
        "a session with fence 1 was opened after fence 1",
    ),
    "a lease's fence falls": (
        "UPDATE leases SET fence = 0 WHERE name = 'oak'",
        "fences rise",
        "the lease's fence is lower than that of a session",
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_spoilt_records_are_told(spoilt, said):
    statement, law, words = SPOILT[spoilt]
    assert any(one == law and words in sentence for one, sentence in said(statement)), spoilt


def again(world, ticket: str):
    """The world in which the first set that writes documents left once more, in a session of that ticket."""
    one = next(one for one in world.handed if "SalesReceiptAddRq" in one.text)
    more = Handed(at=world.ended, company=one.company, ticket=ticket or one.ticket, text=one.text)
    place = len(world.handed) if ticket else world.handed.index(one) + 1
    return replace(world, handed=(*world.handed[:place], more, *world.handed[place:]))


def test_what_left_again_in_another_session_unasked_is_told(said):
    found = said(change=lambda world: again(world, "another"))
    assert {law for law, _ in found} == {"nothing goes again unasked"}
    assert "SalesReceiptAdd of qbc1/oak-ember/" in found[0][1]


def test_what_left_before_both_the_file_and_our_database_went_back_may_leave_again(said):
    def change(world, *, ours, at):
        (company,) = world.companies
        (file,) = company.files
        older = copy.deepcopy(file.file)
        older.last_restore_time = at
        companies = (replace(company, files=(replace(file, file=older),)),)
        return replace(again(world, "another"), companies=companies, fired={"F34": 1} if ours else {})

    def laws(*, ours, late):
        told = said(change=lambda world: change(world, ours=ours, at=world.ended if late else world.began))
        return {law for law, _ in told}

    assert "nothing goes again unasked" not in laws(ours=True, late=True)
    assert "nothing goes again unasked" in laws(ours=False, late=True)
    assert "nothing goes again unasked" in laws(ours=True, late=False)


def test_what_quickbooks_could_not_read_and_took_another_time_is_not_excused(said):
    """That our database forgot what it was told of a set excuses only a set that nobody ever took."""
    first = "SELECT id FROM message_sets WHERE body LIKE '%SalesReceiptAddRq%' ORDER BY made_at LIMIT 1"
    copied = (
        "INSERT INTO message_sets SELECT 'OTHERID', company, ticket, seq, purpose, fence, attempt, state, times_sent,"
        f" request_ids, made_at, changed_at, replace(body, id, 'OTHERID') FROM message_sets WHERE id = ({first})"
    )

    def change(world, *, taken):
        (company,) = world.companies
        (file,) = company.files
        sale = next(one for one in file.written if "SalesReceiptAddRq" in one.text)
        place = next(number for number, one in enumerate(world.handed) if sale.set_id in one.text) + 1
        more = replace(world.handed[place - 1], text=sale.text.replace(sale.set_id, "OTHERID"))
        kept = tuple(one for one in file.written if taken or one.set_id != sale.set_id)
        here = replace(company, files=(replace(file, written=kept),), unread=frozenset({sale.set_id}))
        handed = (*world.handed[:place], more, *world.handed[place:])
        return replace(world, handed=handed, companies=(here,), fired={"F34": 1})

    def laws(*, taken):
        return {law for law, _ in said(copied, change=lambda world: change(world, taken=taken))}

    assert "nothing goes again unasked" in laws(taken=True)
    assert "nothing goes again unasked" not in laws(taken=False)


def test_the_same_call_once_more_is_no_second_sending(said):
    assert said(change=lambda world: again(world, "")) == []


def test_bytes_that_quickbooks_got_and_we_never_gave_are_told(said):
    def change(world):
        (company,) = world.companies
        (file,) = company.files
        written = tuple(replace(one, text=f"{one.text} ") if one.set_id else one for one in file.written)
        return replace(world, companies=(replace(company, files=(replace(file, written=written),)),))

    found = said(change=change)
    assert all(law == "stored bytes are sent bytes" for law, _ in found)
    assert any("in bytes that never left us" in sentence for _, sentence in found)


def test_what_was_lost_and_left_under_another_id_is_told(said):
    first = "SELECT id FROM message_sets WHERE body LIKE '%SalesReceiptAddRq%' ORDER BY made_at LIMIT 1"
    copied = (
        "INSERT INTO message_sets SELECT 'OTHERID', company, ticket, seq, purpose, fence, attempt, state, times_sent,"
        f" request_ids, made_at, changed_at, replace(body, id, 'OTHERID') FROM message_sets WHERE id = ({first})"
    )

    def change(world):
        one = next(one for one in world.handed if "SalesReceiptAddRq" in one.text)
        old = one.text.partition('newMessageSetID="')[2].partition('"')[0]
        more = Handed(
            at=one.at, company=one.company, ticket=one.ticket, text=one.text.replace(old, "OTHERID")
        )
        return replace(world, handed=(*world.handed, more))

    found = said(f"DELETE FROM responses WHERE message_set = ({first})", copied, change=change)
    assert "what was lost goes again under its own id" in {law for law, _ in found}
    assert "what was lost goes again under its own id" not in {law for law, _ in said(copied, change=change)}


def test_a_deletion_that_quickbooks_told_and_nobody_noticed_is_told(said):
    def change(world):
        (company,) = world.companies
        (file,) = company.files
        one = file.file.documents("SalesReceipt")[0]
        gone = copy.deepcopy(file.file)
        gone.delete_document(one.txn_id, world.ended)
        done = by_hand(world, one, "deleted", "gone").by_hand[0]
        early = replace(done, at=world.began)
        return replace(
            world,
            by_hand=(early,),
            companies=(replace(company, files=(replace(file, file=gone),)),),
        )

    found = said(change=change)
    assert [law for law, _ in found] == ["what people delete is noticed"]
    assert "QuickBooks told that it was deleted" in found[0][1]


def test_two_sessions_by_turns_are_told(said):
    def change(world):
        first, second, *rest = world.handed
        return replace(world, handed=(first, replace(second, ticket="another"), *rest))

    assert [law for law, _ in said(change=change)] == ["one session at a time"]


def forgetting(world, *, after: timedelta):
    """The world in which QuickBooks is told to drop its record of the first set of receipts, so long after it did it."""
    (company,) = world.companies
    (file,) = company.files
    one = next(one for one in file.written if "SalesReceiptAddRq" in one.text)
    text = f'<QBXML><QBXMLMsgsRq onError="stopOnError" oldMessageSetID="{one.set_id}"></QBXMLMsgsRq></QBXML>'
    ticket = max(world.handed, key=lambda handed: handed.at).ticket
    more = Handed(at=one.at + after, company=company.id, ticket=ticket, text=text)
    return replace(world, handed=(*world.handed, more))


def test_a_record_that_quickbooks_is_told_to_drop_early_is_told(said):
    found = said(change=lambda world: forgetting(world, after=timedelta(hours=23)))
    assert [law for law, _ in found] == ["QuickBooks remembers a set for a day"]
    assert "is to be forgotten 23:00:00 after QuickBooks did it" in found[0][1]
    assert said(change=lambda world: forgetting(world, after=timedelta(hours=25))) == []


def test_a_record_without_an_answer_of_ours_is_not_to_be_dropped(said):
    unanswered = "DELETE FROM responses WHERE message_set IS NOT NULL"
    law = "QuickBooks remembers a set for a day"

    def told(change):
        return {sentence for one, sentence in said(unanswered, change=change) if one == law}

    late = told(lambda world: forgetting(world, after=timedelta(hours=25)))
    assert late
    assert all("no answer to it is kept" in sentence for sentence in late)
    went_back = told(lambda world: replace(forgetting(world, after=timedelta(hours=25)), fired={"F34": 1}))
    assert went_back == set()
