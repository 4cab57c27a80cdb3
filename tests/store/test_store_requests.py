"""The request queue on both engines: put once, picked in order, moved by the tables, woken by what comes."""

from collections import Counter
from dataclasses import replace

import pytest

from qbconsole.books.documents.purchasing import line_key
from qbconsole.books.lifecycle import DocumentState, MoveRefused, RequestState
from qbconsole.store import books, lists, requests, sessions
from qbconsole.store.requests import Move, NewRequest, Purpose, RequestConflict
from qbconsole.store.sessions import MessageSet

S = RequestState


def receipt(number: int, **more) -> NewRequest:
    values = {
        "company": "oak",
        "merchant": "oak-ember",
        "subject_key": f"doc/{number}",
        "purpose": Purpose.ADD,
        "name": "SalesReceiptAdd",
        "body": f"<SalesReceiptAddRq>{number}</SalesReceiptAddRq>",
        "document_key": f"doc/{number}",
    }
    return NewRequest(**(values | more))


def customer(name: str) -> NewRequest:
    return NewRequest(
        company="oak",
        merchant=None,
        subject_key=f"customer/{name.casefold()}",
        purpose=Purpose.LIST_ADD,
        name="CustomerAdd",
        body=f"<CustomerAddRq>{name}</CustomerAddRq>",
    )


def put(store, *new, **more):
    with store.atomic() as tx:
        return requests.put_requests(tx, new, at=store.clock(), **more)


def send(store, ids, set_id="SET1"):
    with store.atomic() as tx:
        new = MessageSet(
            id=set_id, company="oak", ticket="t", seq=1, body="<x/>", purpose="add", fence=1, attempt=0
        )
        sessions.put_message_set(tx, new, store.clock())
        requests.mark_sent(tx, ids, set_id, at=store.clock())


def states(store, ids):
    with store.reading() as tx:
        assert_counts(tx)
        return [row.state for row in requests.requests_by_id(tx, ids)]


def assert_counts(tx):
    """The counters are what counting gives."""
    counted = Counter(row.state for row in requests.requests_in(tx, company="oak", limit=10_000))
    assert requests.counts(tx, "oak") == {state: counted[state] for state in RequestState}


def test_the_same_request_again_is_the_same_row(store):
    ids = put(store, receipt(1), receipt(2))
    assert put(store, receipt(2), receipt(1)) == ids[::-1]
    with pytest.raises(RequestConflict):
        put(store, receipt(1, body="<other/>"))
    assert states(store, ids) == [S.READY, S.READY]


def test_an_answered_add_is_never_queued_a_second_time(store):
    ids = put(store, receipt(1))
    send(store, ids)
    with store.atomic() as tx:
        requests.move(tx, ids[0], S.ANSWERED, at=store.clock(), status_code=0, qb_id="T1")
    assert put(store, receipt(1)) == ids
    again = put(store, receipt(1, round=1))
    assert again != ids


def test_an_answered_query_may_be_asked_again(store):
    query = receipt(1, purpose=Purpose.QUERY, document_key=None)
    ids = put(store, query)
    send(store, ids)
    with store.atomic() as tx:
        requests.move(tx, ids[0], S.ANSWERED, at=store.clock())
    assert put(store, query) != ids


def test_ready_requests_are_picked_lists_first_then_in_order(store):
    put(
        store, receipt(1), receipt(2, order=5), receipt(3), customer("Ann"), receipt(4, purpose=Purpose.QUERY)
    )
    with store.reading() as tx:
        picked = requests.pick_ready(tx, "oak", list(Purpose), 10)
        assert [row.subject_key for row in picked] == ["doc/4", "customer/ann", "doc/1", "doc/3", "doc/2"]
        assert [row.subject_key for row in requests.pick_ready(tx, "oak", [Purpose.ADD], 2)] == [
            "doc/1",
            "doc/3",
        ]
        assert requests.pick_ready(tx, "oak", list(Purpose), 0) == []
        assert requests.pick_ready(tx, "elm", list(Purpose), 5) == []


def test_a_sent_set_knows_its_requests_in_order(store):
    ids = put(store, receipt(1), receipt(2))
    send(store, ids[::-1])
    with store.reading() as tx:
        assert [row.id for row in requests.requests_of_set(tx, "SET1")] == ids[::-1]
        assert [row.id for row in requests.in_flight(tx, "oak")] == ids
        assert requests.requests_of_set(tx, "nothing") == []
    with pytest.raises(MoveRefused, match="sent"):
        send(store, ids, "SET2")
    with pytest.raises(MoveRefused, match="not kept"), store.atomic() as tx:
        requests.mark_sent(tx, put_ready(tx, store), "NOSET", at=store.clock())
    assert states(store, ids) == [S.SENT, S.SENT]


def put_ready(tx, store):
    return requests.put_requests(tx, [receipt(9)], at=store.clock())


def test_what_waits_for_names_becomes_ready_with_the_last_one(store):
    needs = (("customer", "Ann Lee"), ("item", "Cup"), ("customer", "ANN LEE"))
    ids = put(
        store,
        receipt(1, needs=needs),
        receipt(2, needs=(("customer", "Ann Lee"),)),
        receipt(3, needs=(("item", "Hat"),)),
    )
    with store.atomic() as tx:
        assert requests.names_wanted(tx, "oak")[("item", "Cup")] == 1
        assert requests.satisfy_needs(tx, "oak", "customer", ["ann lee", "Bob"], at=store.clock()) == [ids[1]]
        assert [(need.kind, need.name) for need in requests.waiting_on(tx, ids[0])] == [("item", "Cup")]
        assert requests.satisfy_needs(tx, "oak", "customer", ["Ann Lee"], at=store.clock()) == []
        assert requests.satisfy_needs(tx, "oak", "item", ["CUP"], at=store.clock()) == [ids[0]]
    assert states(store, ids) == [S.READY, S.READY, S.WAITING]


def fill(body, known):
    for token, txn_id in known.items():
        body = body.replace(token, txn_id)
    return body


def document_of(number):
    import test_store_books as sample

    return sample.new_document(number)


def test_slots_are_filled_when_the_last_parent_is_recorded(store):
    one, two = document_of(1), document_of(2)
    with store.atomic() as tx:
        books.put_documents(tx, [one, two], store.clock())
    payment = receipt(
        7, body="<p>@1 @2</p>", slots={"@1": one.key, "@2": two.key}, needs=(("customer", "Ann"),)
    )
    ids = put(store, payment, fill=fill)
    with store.atomic() as tx:
        assert requests.dependants(tx, one.key) == ids
        assert requests.fill_slots(tx, "oak", {one.key: "TX-1"}, fill, at=store.clock()) == []
        assert requests.requests_by_id(tx, ids)[0].body == "<p>@1 @2</p>"
        assert requests.satisfy_needs(tx, "oak", "customer", ["Ann"], at=store.clock()) == []
        assert requests.fill_slots(tx, "oak", {two.key: "TX-2"}, fill, at=store.clock()) == ids
        assert requests.fill_slots(tx, "oak", {two.key: "TX-9"}, fill, at=store.clock()) == []
        assert requests.requests_by_id(tx, ids)[0].body == "<p>TX-1 TX-2</p>"
        assert requests.waiting_on(tx, ids[0]) == []
        assert requests.dependants(tx, one.key) == []
    assert states(store, ids) == [S.READY]
    assert put(store, payment, fill=fill) == ids


def test_slots_of_parents_already_recorded_are_filled_at_once(store):
    one = document_of(1)
    with store.atomic() as tx:
        books.put_documents(tx, [one], store.clock())
        books.set_document_state(tx, one.key, DocumentState.RECORDED, at=store.clock(), txn_id="TX-1")
    ids = put(store, receipt(7, body="<p>@1</p>", slots={"@1": one.key}), fill=fill)
    assert states(store, ids) == [S.READY]


def test_slots_of_lines_are_filled_with_the_ids_of_lines(store):
    one = document_of(1)
    first, second = line_key(one.key, 1), line_key(one.key, 2)
    with store.atomic() as tx:
        books.put_documents(tx, [one], store.clock())
    goods = receipt(7, body="<p>@1 @2 @3</p>", slots={"@1": one.key, "@2": first, "@3": second})
    rest = receipt(8, body="<p>@3</p>", slots={"@3": second})
    ids = put(store, goods, rest, fill=fill)
    with store.atomic() as tx:
        assert requests.dependants(tx, one.key) == ids[:1]
        lines = {first: "L-1", second: "L-2"}
        assert requests.fill_slots(tx, "oak", {one.key: "TX-1", **lines}, fill, at=store.clock()) == ids
        assert [row.body for row in requests.requests_by_id(tx, ids)] == ["<p>TX-1 L-1 L-2</p>", "<p>L-2</p>"]


def test_a_line_quickbooks_did_not_tell_of_keeps_its_slot_open(store):
    one = document_of(1)
    with store.atomic() as tx:
        books.put_documents(tx, [one], store.clock())
    slots = {"@1": one.key, "@2": line_key(one.key, 2)}
    ids = put(store, receipt(7, body="<p>@1 @2</p>", slots=slots), fill=fill)
    with store.atomic() as tx:
        told = {line_key(one.key, 1): "L-1"}
        assert requests.fill_slots(tx, "oak", {one.key: "TX-1", **told}, fill, at=store.clock()) == []
        assert [need.name for need in requests.waiting_on(tx, ids[0])] == [line_key(one.key, 2)]


def test_goods_that_come_long_after_their_order_find_its_lines(store):
    one = document_of(1)
    link = lists.Link(
        merchant="oak-ember",
        kind=requests.LINE,
        source_id=line_key(one.key, 1),
        qb_kind="PurchaseOrderLine",
        qb_id="L-1",
    )
    with store.atomic() as tx:
        books.put_documents(tx, [one], store.clock())
        books.set_document_state(tx, one.key, DocumentState.RECORDED, at=store.clock(), txn_id="TX-1")
        lists.put_link(tx, link, store.clock())
    slots = {"@1": one.key, "@2": line_key(one.key, 1)}
    ids = put(store, receipt(7, body="<p>@1 @2</p>", slots=slots), fill=fill)
    assert states(store, ids) == [S.READY]
    with store.reading() as tx:
        assert requests.requests_by_id(tx, ids)[0].body == "<p>TX-1 L-1</p>"


def test_lines_of_a_lost_document_are_not_there_either(store):
    one = document_of(1)
    first = line_key(one.key, 1)
    link = lists.Link(
        merchant="oak-ember", kind=requests.LINE, source_id=first, qb_kind="PurchaseOrderLine", qb_id="L-1"
    )
    with store.atomic() as tx:
        books.put_documents(tx, [one], store.clock())
        books.set_document_state(tx, one.key, DocumentState.RECORDED, at=store.clock(), txn_id="TX-1")
        books.set_document_state(tx, one.key, DocumentState.LOST_BY_RESTORE, at=store.clock())
        lists.put_link(tx, link, store.clock())
    ids = put(store, receipt(7, body="<p>@1 @2</p>", slots={"@1": one.key, "@2": first}), fill=fill)
    assert states(store, ids) == [S.WAITING]
    with store.reading() as tx:
        assert requests.requests_by_id(tx, ids)[0].body == "<p>@1 @2</p>"
        assert sorted(need.name for need in requests.waiting_on(tx, ids[0])) == [one.key, first]


def test_approval_is_asked_only_when_a_request_is_complete(store):
    ids = put(
        store,
        receipt(1, needs_approval=True),
        receipt(2, needs_approval=True, needs=(("item", "Cup"),)),
        receipt(3, needs_approval=True, needs=(("item", "Cup"),)),
    )
    with store.atomic() as tx:
        requests.approve(tx, [ids[0], ids[2]], at=store.clock())
        assert requests.satisfy_needs(tx, "oak", "item", ["Cup"], at=store.clock()) == [ids[2]]
    assert states(store, ids) == [S.READY, S.AWAITING_APPROVAL, S.READY]


def test_what_may_be_in_quickbooks_is_ready_only_after_a_probe(store):
    ids = put(store, receipt(1), receipt(2))
    send(store, ids)
    with store.atomic() as tx:
        requests.doubt(tx, ids, at=store.clock())
        requests.quarantine(tx, [ids[1]], why="9001", at=store.clock())
    for number in ids:
        with pytest.raises(MoveRefused, match="probed"), store.atomic() as tx:
            requests.move(tx, number, S.READY, at=store.clock())
    with store.atomic() as tx:
        requests.move_all(
            tx, [requests.Move(id=ids[0], to_state=S.READY)], at=store.clock(), proved_absent=True
        )
        requests.release(tx, [ids[1]], at=store.clock(), proved_absent=True)
        assert [row.attempt for row in requests.requests_by_id(tx, ids)] == [1, 1]
    assert states(store, ids) == [S.READY, S.READY]


def test_a_move_the_lifecycle_does_not_know_moves_none(store):
    ids = put(store, receipt(1), receipt(2))
    send(store, ids[:1])
    moves = [requests.Move(id=ids[0], to_state=S.ANSWERED), requests.Move(id=ids[1], to_state=S.ANSWERED)]
    with pytest.raises(MoveRefused, match="ready and cannot become answered"), store.atomic() as tx:
        requests.move_all(tx, moves, at=store.clock())
    with pytest.raises(MoveRefused, match="not kept"), store.atomic() as tx:
        requests.move(tx, 999, S.SENT, at=store.clock())
    assert states(store, ids) == [S.SENT, S.READY]


def test_unsent_requests_of_a_document_are_superseded_and_sent_ones_are_named(store):
    ids = put(
        store,
        receipt(1),
        receipt(2),
        receipt(3, needs=(("item", "Cup"),)),
        receipt(4),
        receipt(5),
    )
    send(store, [ids[0], ids[3], ids[4]])
    with store.atomic() as tx:
        requests.move(tx, ids[3], S.REFUSED, at=store.clock(), status_code=3140, status_text="no such item")
        requests.move(tx, ids[4], S.IN_DOUBT, at=store.clock())
        requests.quarantine(tx, [ids[4]], why="silent", at=store.clock())
        stuck = requests.supersede(tx, [f"doc/{number}" for number in range(1, 6)], at=store.clock())
        assert stuck == ["doc/1", "doc/5"]
        assert requests.names_wanted(tx, "oak") == {}
    assert states(store, ids) == [S.SENT, S.SUPERSEDED, S.SUPERSEDED, S.SUPERSEDED, S.QUARANTINED]
    anew = put(store, receipt(2, body="<anew/>"))
    assert states(store, anew) == [S.READY]


def test_answers_are_kept_with_the_request(store):
    ids = put(store, replace(receipt(1), total=None))
    send(store, ids)
    with store.atomic() as tx:
        requests.move(tx, ids[0], S.ANSWERED, at=store.clock(), status_code=0, status_text="OK", qb_id="T-1")
        row = requests.requests_of_documents(tx, ["doc/1"])[0]
        assert (row.status_code, row.status_text, row.qb_id, row.message_set) == (0, "OK", "T-1", "SET1")


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        ("_PICK", ("oak", 100, 200, 5, 0), "requests_ready"),
        ("_FLYING", ("oak",), "requests_flying"),
    ],
)
def test_hot_picks_use_their_partial_index(sqlite_store, statement, values, index):
    from qbconsole.store.requests import sending

    with sqlite_store.reading() as tx:
        sql = str(getattr(sending, statement).compile(tx))
        plan = " ".join(
            row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values[: sql.count("?")])
        )
    assert index in plan, plan
    assert "TEMP B-TREE" not in plan, plan


def test_what_this_commit_has_read_moves_without_being_read_again(store):
    ids = put(store, receipt(1), receipt(2, purpose=Purpose.MOD))
    send(store, ids)
    with store.atomic() as tx:
        requests.lock(tx, "oak")
        known = {row.id: row for row in requests.requests_by_id(tx, ids)}
        done = [Move(id=number, to_state=RequestState.ANSWERED, qb_id=f"T{number}") for number in ids]
        requests.move_all(tx, done, at=store.clock(), known=known)
    assert states(store, ids) == [RequestState.ANSWERED] * 2
    # A change that was answered makes room for the next one, a document never does.
    more = receipt(2, purpose=Purpose.MOD, body="<SalesReceiptModRq>2</SalesReceiptModRq>")
    assert put(store, more) != [ids[1]]
    with pytest.raises(RequestConflict):
        put(store, receipt(1, body="<other/>"))
    # What is over is looked at as it is, whatever was read of it.
    over = {number: replace(row, state=RequestState.ANSWERED) for number, row in known.items()}
    with store.atomic() as tx, pytest.raises(MoveRefused):
        requests.move_all(tx, done, at=store.clock(), known=over)


def test_purposes_side_by_side_are_picked_in_the_order_of_a_session(store):
    added, listed = put(store, receipt(1))[0], put(store, customer("Zed"))[0]
    changed = put(store, receipt(2, purpose=Purpose.VOID))[0]
    with store.reading() as tx:
        every = [Purpose.VOID, Purpose.ADD, Purpose.LIST_ADD]
        assert [row.id for row in requests.pick_ready(tx, "oak", every, 9)] == [listed, added, changed]
        assert [row.id for row in requests.pick_ready(tx, "oak", every, 2)] == [listed, added]
