"""A rule, filter or plugin that would hold what is booked and unsent holds its delivery; what was sent stays."""

from __future__ import annotations

import pytest
from builders import Back, Pay
from test_sync_current import asked, behind, order
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import RequestState
from qbconsole.care.attention import Operator
from qbconsole.store import books, holds

RULE = '\n[[merchants.oak-ember.rules]]\nwhen = { channel = "web" }\nhold = "Ask Ann"\n'
FILTER = "\n[merchants.oak-ember.filters]\nvalue = { below = 10 }\n"


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    trip.pull({"orders": [order()]})
    trip.book()
    yield trip
    trip.close()


def write(trip: Trip, more: str) -> str:
    """Put something at the end of the mapping, or take it away again; gives the text without it."""
    path = trip.workspace.root / "mappings.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + more, encoding="utf-8")
    return text


def restore(trip: Trip, text: str) -> None:
    (trip.workspace.root / "mappings.toml").write_text(text, encoding="utf-8")


def held(trip: Trip) -> list[tuple[str, str]]:
    with trip.workspace.store.reading() as tx:
        return [
            (row.hold.reason.value, row.hold.sentence) for row in holds.open_holds(tx, merchant="oak-ember")
        ]


def keys(trip: Trip) -> list[str]:
    with trip.workspace.store.reading() as tx:
        return [row.key for row in books.documents(tx)]


def test_a_new_hold_rule_stops_what_is_booked_and_unsent_and_is_named(trip):
    write(trip, RULE)
    trip.book()
    assert behind(trip) == ()
    assert asked(trip) == []
    ((reason, sentence),) = held(trip)
    assert (reason, sentence) == ("plugin_hold", "Ask Ann.")
    with trip.workspace.store.reading() as tx:
        (row,) = holds.open_holds(tx, merchant="oak-ember")
    assert row.hold.subject == keys(trip)[0]
    assert "mappings.toml:" in row.hold.next_step + row.hold.where + row.hold.cause
    trip.deliver(3)
    assert not trip.company_file.documents()
    trip.book()
    assert asked(trip) == []


def test_the_rule_taken_away_lets_it_go(trip):
    text = write(trip, RULE)
    trip.book()
    restore(trip, text)
    trip.book()
    assert held(trip) == []
    trip.deliver()
    assert [row.state for row in asked(trip)] == [RequestState.ANSWERED]
    assert len(trip.company_file.documents()) == 1


def test_a_person_lets_it_go_and_it_stays_let_go(trip):
    write(trip, RULE)
    trip.book()
    operator = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
    done = operator.release(keys(trip), "looked at")
    assert done.done == tuple(keys(trip))
    trip.book()
    assert [row.state for row in asked(trip)] != []
    write(trip, '\n# a remark\n[[merchants.oak-ember.rules]]\nwhen = { sku = "X" }\nclass = "Web"\n')
    trip.book()
    assert held(trip) == []
    trip.deliver()
    assert len(trip.company_file.documents()) == 1


def test_what_a_person_let_go_before_it_was_booked_is_not_held_again(tmp_path):
    trip = Trip(tmp_path)
    try:
        write(trip, RULE)
        trip.pull({"orders": [order()]})
        trip.book()
        with trip.workspace.store.reading() as tx:
            subjects = sorted({row.hold.subject for row in holds.open_holds(tx, merchant="oak-ember")})
        operator = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
        assert operator.release(subjects, "fine").done
        trip.book()
        assert len(asked(trip)) == 1
        write(trip, '\n[[merchants.oak-ember.rules]]\nwhen = { sku = "X" }\nclass = "Web"\n')
        trip.book()
        assert (held(trip), len(asked(trip))) == ([], 1)
    finally:
        trip.close()


def test_a_new_filter_holds_it_too(trip):
    write(trip, FILTER)
    trip.book()
    ((reason, sentence),) = held(trip)
    assert reason == "filtered"
    assert "mappings.toml:" in sentence
    assert asked(trip) == []


def test_what_was_sent_or_is_in_doubt_stays(trip):
    trip.deliver()
    (before,) = asked(trip)
    write(trip, RULE)
    trip.pull({"orders": [order(), order(2)]})
    trip.book()
    assert asked(trip) == [before]
    assert {reason for reason, _ in held(trip)} == {"plugin_hold"}
    assert len(keys(trip)) == 1


def test_what_follows_a_held_one_waits_with_it(tmp_path):
    trip = Trip(tmp_path)
    try:
        pays = [Pay(amount="20.00"), Pay(amount="20.00", kind="REFUND", at="03-05 10:00")]
        back = [Back(lines=[(1, 1, "20.00", "0.00")], pays=[2])]
        trip.pull({"orders": [order(pays=pays, refunds=back)]})
        trip.book()
        assert len(keys(trip)) > 1
        write(trip, RULE)
        trip.book()
        assert asked(trip) == []
        with trip.workspace.store.reading() as tx:
            assert holds.held_subjects(tx, COMPANY) == set(keys(trip))
    finally:
        trip.close()


def test_a_plugin_that_holds_it_does_so_too(trip):
    folder = trip.workspace.root / "plugins"
    folder.mkdir(exist_ok=True)
    file = folder / "ask_ann.py"
    file.write_text(
        "from qbconsole.plugin import hookimpl\n\n\n@hookimpl\ndef hold_event(order):\n"
        '    return "Ask Ann first."\n',
        encoding="utf-8",
    )
    file.chmod(0o644)
    path = trip.workspace.root / "mappings.toml"
    text = path.read_text(encoding="utf-8")
    assert "plugins = []" in text
    path.write_text(text.replace("plugins = []", 'plugins = ["ask_ann"]'), encoding="utf-8")
    trip.book()
    assert asked(trip) == []
    assert held(trip) == [("plugin_hold", "Ask Ann first.")]
