"""The code of a whole set, on what was sent and on what was asked about: nothing is posted twice, nothing lost."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.holds import Reason
from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.care.attention import Operator
from qbconsole.sandbox.quickbooks import Answer
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import holds, journal, requests
from qbconsole.sync.deliver.exchange import LEASE_SECONDS

_NO_ANSWER = (
    '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs newMessageSetID="{}" messageSetStatusCode="{}" /></QBXML>'
)


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30)
    made.pull({"orders": shop.orders[:12]})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


def counts(trip):
    with trip.workspace.store.reading() as tx:
        return requests.counts(tx, COMPANY)


def keys_of(trip):
    return Counter(filter(None, (key_in(filed.memo) for filed in trip.company_file.documents())))


def open_holds(trip, reason):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx, company=COMPANY, reason=reason)]


def set_id(text: str) -> str:
    return re.search(r'newMessageSetID="(\w+)"', text)[1]


def set_code(text: str, code: int, *, replies: str = "") -> Answer:
    said = _NO_ANSWER.format(set_id(text), code)
    return Answer(
        response=said.replace(" /></QBXML>", f">{replies}</QBXMLMsgsRs></QBXML>") if replies else said
    )


def everything_is_there_once(trip):
    for _ in range(4):
        Hands(trip).whole_session()
    assert Hands(trip).login() == "none"
    assert set(keys_of(trip).values()) == {1}
    assert counts(trip)[RequestState.IN_DOUBT] == counts(trip)[RequestState.READY] == 0
    assert counts(trip)[RequestState.QUARANTINED] == 0


@pytest.mark.parametrize("code", [600, 9001, 9002, 9003, 9005, 9006])
@pytest.mark.parametrize("ran", [True, False], ids=["ran", "did not run"])
def test_a_code_in_place_of_an_answer_is_doubt_and_a_look_by_number_and_key_decides(trip, code, ran):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    if ran:
        hands.bring(text)
        trip.company_file.sets.clear()
    assert hands.say(set_code(text, code)) >= 0
    assert counts(trip)[RequestState.IN_DOUBT] == text.count("AddRq ")
    hands.finish()
    assert bool(open_holds(trip, Reason.BYTES_CHANGED)) == (code == 9001)
    everything_is_there_once(trip)


def test_changed_bytes_are_told_loudly_and_stay_told_until_a_person_released_it(trip):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    hands.say(set_code(text, 9001))
    hands.finish()
    everything_is_there_once(trip)
    (alarm,) = open_holds(trip, Reason.BYTES_CHANGED)
    assert set_id(text) in alarm.sentence
    assert alarm.is_flag
    with trip.workspace.store.reading() as tx:
        assert len(journal.about(tx, "quickbooks", "bytes_changed", after=0, limit=9)) == 1
    Operator(store=trip.workspace.store, who="ann", clock=trip.workspace.clock).release([alarm.subject])
    assert open_holds(trip, Reason.BYTES_CHANGED) == []


def test_really_other_bytes_under_one_id_are_found_by_quickbooks_itself(trip):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    hands.bring(text.replace("\n</QBXML>", "</QBXML>"))
    assert 'messageSetStatusCode="9001"' in hands.bring(text).response
    hands.say(hands.bring(text))
    hands.finish()
    assert open_holds(trip, Reason.BYTES_CHANGED)
    everything_is_there_once(trip)


def test_an_id_that_is_too_long_is_our_fault_held_and_ends_the_session(trip):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    sent = text.count("AddRq ")
    assert hands.say(set_code(text, 9004)) == -1
    assert "refused the number of a set" in hands.close()
    Hands(trip).whole_session()
    assert counts(trip)[RequestState.QUARANTINED] == sent
    told = [hold for hold in open_holds(trip, Reason.REFUSED) if "number of a set" in hold.sentence]
    assert len(told) == sent
    assert "fault of this program" in told[0].next_step


def test_an_answer_that_could_not_be_kept_stands_all_the_same(trip):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    real = hands.bring(text)
    hands.say(Answer(response=real.response.replace('StatusCode="0"', 'StatusCode="9005"', 1)))
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    hands.finish()
    everything_is_there_once(trip)


@pytest.mark.parametrize("code", [600, 9001, 9002, 9005, 9006])
def test_a_status_check_that_tells_nothing_leaves_it_to_the_look(trip, code):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    hands.bring(text)
    hands.close()
    again = Hands(trip)
    again.login()
    check = again.take_until(f'oldMessageSetID="{set_id(text)}"')
    doubtful = counts(trip)[RequestState.IN_DOUBT]
    assert again.say(set_code(check, code)) >= 0
    assert counts(trip)[RequestState.IN_DOUBT] == doubtful
    again.finish()
    assert bool(open_holds(trip, Reason.BYTES_CHANGED)) == (code == 9001)
    everything_is_there_once(trip)


@pytest.mark.parametrize("code", [9002, 9006])
def test_a_code_that_comes_each_time_is_put_before_a_person_in_the_end(trip, code):
    class NeverKept(Hands):
        def bring(self, text: str) -> Answer:
            write = "<SalesReceiptAdd>" in text
            return set_code(text, code) if write else super().bring(text)

    for _ in range(8):
        NeverKept(trip).whole_session()
        trip.now += timedelta(seconds=LEASE_SECONDS)
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert counts(trip)[RequestState.QUARANTINED] > 0
    assert any("It was tried 5 times" in hold.sentence for hold in open_holds(trip, Reason.REFUSED))


def test_error_recovery_in_place_of_the_document_gives_its_id(trip):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    real = hands.bring(text).response
    ids = re.findall(r"<SalesReceiptRet>\s*<TxnID>([^<]+)", real)
    stripped = re.sub(
        r"<SalesReceiptRet>\s*<TxnID>([^<]+)</TxnID>.*?</SalesReceiptRet>",
        r"<ErrorRecovery><TxnID>\1</TxnID><EditSequence>1</EditSequence></ErrorRecovery>",
        real,
        flags=re.DOTALL,
    )
    hands.say(Answer(response=stripped))
    with trip.workspace.store.reading() as tx:
        kept = {
            row.qb_id for row in requests.requests_in(tx, company=COMPANY, states=[RequestState.ANSWERED])
        }
    assert ids
    assert set(ids) <= kept
    hands.finish()
    everything_is_there_once(trip)


def test_an_answer_of_another_set_is_kept_raw_and_changes_nothing(trip):
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    real = hands.bring(text)
    sent = counts(trip)[RequestState.SENT]
    foreign = Answer(response=real.response.replace(set_id(text), "A" * 20))
    assert hands.say(foreign) >= 0
    assert counts(trip)[RequestState.SENT] == sent
    assert hands.say(real) >= 0, "it still waits for its own"
    assert counts(trip)[RequestState.SENT] < sent
    hands.finish()
    everything_is_there_once(trip)
