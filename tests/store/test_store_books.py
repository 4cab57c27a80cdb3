"""Events, documents and postings on both engines; encoding round trips."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.books.answers import Choice, Provenance
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState, MoveRefused, may_move
from qbconsole.books.plan import Applied, DocumentKind, LineKind, Member, Plan, PlanLine, Posting
from qbconsole.money import Money
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent, TaxPart, TenderEvent
from qbconsole.store import books
from qbconsole.store.books import DocumentConflict, DocumentMove, LedgerLine, NewDocument, NewEvents
from qbconsole.store.books.documents import _USUALLY_FROM
from qbconsole.store.encoding import moment, moment_text, pack, pack_event, unpack, unpack_event

DAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 8, 30, 0, 250, tzinfo=UTC)


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def bag(text: str) -> Bag:
    return Bag(usd(text), Money.of(text, "EUR"))


def sale(number: int, net: str = "20.00") -> SaleEvent:
    part = Part(
        kind=PartKind.PRODUCT,
        net=bag(net),
        discount=bag("0.00"),
        taxes=(TaxPart(title="CA", amount=bag("1.65")),),
        quantity=2,
        label="Cup ☕",
    )
    return SaleEvent(key=f"order/{number}", kind=EventKind.ORDER, at=AT, on=DAY, parts=(part,))


def tender(number: int) -> TenderEvent:
    return TenderEvent(
        key=f"txn/{number}",
        at=AT,
        on=DAY,
        gateway="shopify_payments",
        tender="SALE",
        amount=bag("21.65"),
        rounding=bag("0.00"),
    )


def plan(number: int, amount: str = "20.00", suffix: str = "") -> Plan:
    return Plan(
        key=f"qbc1/oak-ember/order/{number}/1/0{suffix}",
        kind=DocumentKind.SALES_RECEIPT,
        on=DAY,
        currency="USD",
        members=(Member(event_key=f"order/{number}{suffix}"),),
        postings=(
            Posting(on=DAY, role="sales_income", amount=-usd(amount)),
            Posting(on=DAY, role="clearing:shopify_payments", amount=usd(amount)),
        ),
        lines=(PlanLine(kind=LineKind.PRODUCT, role="sales_income", amount=usd(amount), quantity=1),),
        applied=(Applied(document_key="x", amount=usd("1.00")),),
        money=usd(amount),
        number=f"#{number}",
    )


def new_document(
    number: int, amount: str = "20.00", *, merchant: str = "oak-ember", suffix: str = ""
) -> NewDocument:
    made = plan(number, amount, suffix)
    return NewDocument(
        key=made.key,
        company="oak",
        merchant=merchant,
        source_id=str(number),
        kind=made.kind,
        txn_date=made.on,
        ref_number=f"#{number}{suffix}",
        number=made.number,
        plan=made,
        document=b'{"TxnDate": "2026-03-01"}',
        provenance=b"[]",
        mapping_revision=1,
        total=made.total,
        postings=tuple(
            LedgerLine(one.on, one.role, one.facet, f"Acc {one.role}", one.amount) for one in made.postings
        ),
        members=made.members,
    )


def put(store, *docs):
    with store.atomic() as tx:
        return books.put_documents(tx, docs, store.clock())


def test_events_of_every_kind_come_back_equal(store):
    told = [sale(1), tender(5)]
    with store.atomic() as tx:
        assert books.put_events(tx, "oak-ember", "1", told, None) == []
        assert books.put_events(tx, "oak-ember", "1", told, None) == []
    with store.reading() as tx:
        assert books.events_of(tx, "oak-ember", ["1", "2"]) == {"1": told}
        assert books.events_of(tx, "oak-uk", ["1"]) == {}


def test_an_event_told_differently_is_a_conflict_and_is_not_overwritten(store):
    changed = sale(1, "19.00")
    with store.atomic() as tx:
        books.put_events(tx, "oak-ember", "1", [sale(1)], None)
        batch = [NewEvents(source_id="1", snapshot_id=None, events=(changed, tender(9)))]
        conflicts = books.put_many_events(tx, "oak-ember", batch)
        assert [(one.held, one.told) for one in conflicts] == [(sale(1), changed)]
        assert books.events_of(tx, "oak-ember", ["1"]) == {"1": [sale(1), tender(9)]}


def test_a_document_comes_back_whole(store):
    assert put(store, new_document(1), new_document(2)) == [plan(1).key, plan(2).key]
    with store.reading() as tx:
        held = books.document(tx, plan(1).key)
        assert held.plan == plan(1)
        assert held.members == plan(1).members
        assert (held.row.state, held.row.total, held.row.txn_date) == (
            DocumentState.PLANNED,
            usd("20.00"),
            DAY,
        )
        assert books.document(tx, "nothing") is None
        assert books.plans_of(tx, "oak-ember", ["2", "1", "7"]) == {"1": [plan(1)], "2": [plan(2)]}
        assert books.taken_ref_numbers(tx, "oak") == {"#1": plan(1).key, "#2": plan(2).key}
        assert books.taken_ref_numbers(tx, "oak", ["#2", "#3"]) == {"#2": plan(2).key}


def test_the_same_plan_again_changes_nothing_and_another_is_refused(store):
    put(store, new_document(1))
    assert put(store, new_document(1)) == []
    with pytest.raises(DocumentConflict) as caught:
        put(store, new_document(2), new_document(1, "21.00"))
    assert caught.value.where == plan(1).key
    with store.reading() as tx:
        assert books.document(tx, plan(2).key) is None


def test_an_event_stands_in_one_live_document_only(store):
    put(store, new_document(1))
    twin = replace(new_document(1, suffix="-b"), members=plan(1).members)
    with pytest.raises(DocumentConflict, match="already stands in document"):
        put(store, twin)
    with store.atomic() as tx:
        books.set_document_state(tx, plan(1).key, DocumentState.UNDONE, at=store.clock())
    assert put(store, twin) == [twin.key]
    with store.reading() as tx:
        assert books.plans_of(tx, "oak-ember", ["1"]) == {"1": [twin.plan]}


def test_two_new_documents_may_not_share_an_event(store):
    twin = replace(new_document(1, suffix="-b"), members=plan(1).members)
    with pytest.raises(DocumentConflict, match="two documents"):
        put(store, new_document(1), twin)


def test_a_planned_document_is_planned_anew_under_its_key(store):
    put(store, new_document(1))
    with store.atomic() as tx:
        books.replace_document(tx, new_document(1, "25.00"), store.clock())
    with store.atomic() as tx:
        assert books.ledger(tx, "oak")["Acc sales_income"] == -2500
        books.set_document_state(
            tx, plan(1).key, DocumentState.RECORDED, at=store.clock(), txn_id="T1", edit_sequence="9"
        )
    with pytest.raises(MoveRefused), store.atomic() as tx:
        books.replace_document(tx, new_document(1, "26.00"), store.clock())


def test_moves_outside_the_lifecycle_are_refused_and_nothing_is_moved(store):
    put(store, new_document(1), new_document(2))
    moves = [
        DocumentMove(key=plan(2).key, to_state=DocumentState.RECORDED, txn_id="T2"),
        DocumentMove(key=plan(1).key, to_state=DocumentState.VERIFIED),
    ]
    with pytest.raises(MoveRefused, match="planned and cannot become verified"), store.atomic() as tx:
        books.move_documents(tx, moves, store.clock())
    with store.reading() as tx:
        assert {row.state for row in books.documents(tx)} == {DocumentState.PLANNED}
    with pytest.raises(MoveRefused, match="not kept"), store.atomic() as tx:
        books.update_document(tx, "nothing", at=store.clock(), note="x")


def test_of_several_moved_at_once_some_may_be_there_already(store):
    put(store, *(new_document(number) for number in (1, 2, 3)))
    moves = [
        DocumentMove(key=plan(number).key, to_state=DocumentState.RECORDED, txn_id=f"T{number}")
        for number in (1, 2, 3)
    ]
    with store.atomic() as tx:
        books.move_documents(tx, moves[1:2], store.clock())
        books.set_document_state(tx, plan(3).key, DocumentState.IGNORED, at=store.clock())
        books.move_documents(tx, moves, store.clock())
        assert {row.key: (row.state, row.txn_id) for row in books.documents(tx)} == {
            move.key: (DocumentState.RECORDED, move.txn_id) for move in moves
        }
    every = [replace(move, to_state=DocumentState.VERIFIED, txn_id=None) for move in moves]
    with store.atomic() as tx:
        books.move_documents(tx, every, store.clock())
        assert {row.txn_id for row in books.documents(tx, states=[DocumentState.VERIFIED])} == {
            "T1", "T2", "T3",
        }  # fmt: skip


def test_a_document_moves_twice_in_one_go_beside_one_that_is_there_already(store):
    put(store, new_document(1), new_document(2))
    twice = [
        DocumentMove(key=plan(1).key, to_state=DocumentState.RECORDED, txn_id="T1"),
        DocumentMove(key=plan(1).key, to_state=DocumentState.VERIFIED),
        DocumentMove(key=plan(2).key, to_state=DocumentState.RECORDED, txn_id="T2"),
    ]
    with store.atomic() as tx:
        books.move_documents(tx, twice[2:], store.clock())
        books.move_documents(tx, twice, store.clock())
        found = {row.txn_id: row.state for row in books.documents(tx)}
    assert found == {"T1": DocumentState.VERIFIED, "T2": DocumentState.RECORDED}


def test_the_way_most_documents_go_is_one_the_lifecycle_knows():
    for to_state, from_state in _USUALLY_FROM.items():
        assert may_move(from_state, to_state)


def test_a_recorded_document_is_found_by_its_txn_id(store):
    put(store, new_document(1), new_document(2))
    with store.atomic() as tx:
        books.set_document_state(
            tx, plan(1).key, DocumentState.RECORDED, at=store.clock(), txn_id="1-A", edit_sequence="7"
        )
        books.set_document_state(tx, plan(1).key, DocumentState.RECORDED, at=store.clock(), edit_sequence="8")
        books.update_document(tx, plan(1).key, at=store.clock(), note="seen")
        row = books.by_txn_id(tx, "oak", "1-A")
        assert (row.key, row.edit_sequence, row.note) == (plan(1).key, "8", "seen")
        assert books.by_txn_id(tx, "oak", "2-B") is None


def test_documents_are_listed_narrowed_and_paged(store):
    put(store, *(new_document(number) for number in range(5)))
    with store.reading() as tx:
        first = books.documents(tx, merchant="oak-ember", limit=2)
        rest = books.documents(tx, company="oak", after=first[-1].id, states=[DocumentState.PLANNED])
        assert [row.number for row in [*first, *rest]] == [f"#{number}" for number in range(5)]
        assert books.documents(tx, first=DAY + timedelta(days=1)) == []
        assert len(books.documents(tx, last=DAY, source_id="3", kind="SalesReceipt", keys=[plan(3).key])) == 1


def test_postings_and_ledger_count_what_stands(store):
    put(store, new_document(1, "20.00"), new_document(2, "5.05"), new_document(3, "7.00", merchant="oak-uk"))
    with store.atomic() as tx:
        books.set_document_state(tx, plan(2).key, DocumentState.UNDONE, at=store.clock())
    with store.reading() as tx:
        assert books.ledger(tx, "oak") == {"Acc clearing:shopify_payments": 2700, "Acc sales_income": -2700}
        rows = books.postings_between(tx, merchant="oak-ember", first=DAY, last=DAY)
        assert [(row.document_key, row.role, row.amount) for row in rows] == [
            (plan(1).key, "sales_income", usd("-20.00")),
            (plan(1).key, "clearing:shopify_payments", usd("20.00")),
        ]
        assert books.postings_between(tx, company="oak", first=DAY + timedelta(days=1)) == []
        totals = books.posting_totals(tx, company="oak")
        assert [(one.role, one.amount) for one in totals] == [
            ("clearing:shopify_payments", usd("27.00")),
            ("sales_income", usd("-27.00")),
        ]
        assert len(books.postings_of(tx, plan(2).key)) == 2


def test_members_given_free_may_be_booked_again(store):
    put(store, new_document(1))
    with store.atomic() as tx:
        books.release_members(tx, plan(1).key)
    twin = replace(new_document(1, suffix="-b"), members=plan(1).members)
    assert put(store, twin) == [twin.key]


def test_values_with_money_unions_and_tuples_round_trip():
    choice = Choice(
        value="Sales", by=Provenance(who="mappings.toml", place="mappings.toml:14", silent=("a", "b"))
    )
    hold = Hold(reason=Reason.UNMAPPED, where="line 2", sentence="s", next_step="n", cause="c")
    assert unpack(pack((choice, choice)), tuple[Choice, ...]) == (choice, choice)
    assert unpack(pack(hold), Hold) == hold
    assert unpack(pack(plan(1)), Plan) == plan(1)
    for event in (sale(1), tender(2)):
        back = unpack_event(pack_event(event))
        assert back == event
        assert type(back) is type(event)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY", "KWD"]))
def test_any_amount_round_trips_exactly(units, currency):
    money = Money.from_minor(units, currency)
    assert unpack(pack(money), Money) == money
    assert isinstance(unpack(pack(money), Money).amount, Decimal)


@given(
    st.lists(
        st.datetimes(
            datetime(1970, 1, 1),  # noqa: DTZ001
            datetime(2200, 1, 1),  # noqa: DTZ001
            timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=-30))]),
        ),
        min_size=2,
        max_size=2,
    )
)
def test_stored_times_sort_as_moments(pair):
    one, other = pair
    assert moment(moment_text(one)) == one
    assert (moment_text(one) < moment_text(other)) == (one < other)


def test_the_hour_that_comes_twice_is_two_moments():
    here = ZoneInfo("America/New_York")
    first, second = (datetime(2026, 11, 1, 1, 30, tzinfo=here, fold=fold) for fold in (0, 1))
    assert first == second
    assert moment_text(first) == "2026-11-01T05:30:00.000000Z"
    assert moment_text(second) == "2026-11-01T06:30:00.000000Z"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        moment_text(datetime(2026, 1, 1))  # noqa: DTZ001
