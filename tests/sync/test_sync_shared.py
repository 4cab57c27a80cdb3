"""Workers on one database: failed logins are counted together, a version told to one is known to all, as is a trouble."""

from datetime import timedelta

import pytest
from trip import COMPANY, NOW, Trip, cheap_passwords

from qbconsole.store.sharing import peers
from qbconsole.sync.sharing.logins import Shared
from qbconsole.webconnector.conversation import Login
from qbconsole.webconnector.throttle import Allowance


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    yield made
    made.close()


@pytest.fixture
def two(trip):
    """Two workers' views of one database."""
    store = trip.workspace.store
    most = {"per_peer": Allowance(burst=2, seconds=60.0), "per_user": Allowance(burst=3, seconds=60.0)}
    return Shared(store=store, **most), Shared(store=store, **most)


def test_failures_are_counted_together_and_come_back_with_time(trip, two):
    one, other = two
    assert one.admit("oak", "10.0.0.1")
    assert other.admit("oak", "10.0.0.1")
    assert not one.admit("oak", "10.0.0.1")  # the address has none left
    assert other.admit("oak", "10.0.0.2")
    assert not one.admit("oak", "10.0.0.3")  # the user has none left
    trip.now = NOW + timedelta(seconds=61)
    assert one.admit("oak", "10.0.0.1")


def test_a_right_password_costs_nothing(two):
    one, other = two
    for _ in range(10):
        assert one.admit("oak", "10.0.0.1")
        other.succeeded("oak", "10.0.0.1")


def test_a_version_told_to_one_is_known_to_the_other_for_a_day(trip, two):
    one, other = two
    one.keep("10.0.0.1", "2.3.0.215")
    assert other.of("10.0.0.1") == "2.3.0.215"
    assert other.of("10.0.0.9") == ""
    trip.now = NOW + timedelta(hours=25)
    one.keep("10.0.0.2", "2.3.0.216")
    assert other.of("10.0.0.1") == ""
    with trip.workspace.store.reading() as tx:
        assert peers.find(tx, "version/10.0.0.2").value == "2.3.0.216"


def test_a_trouble_of_one_workers_call_is_what_the_other_explains(trip, two):
    one, other = two
    delivery = trip.delivery
    with cheap_passwords():
        opened = delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    one.trouble(opened.ticket, "qbconsole could not go on (store_broken); its log says why.")
    assert "store_broken" in delivery.explain(opened.ticket)
    other.trouble("nobody's", "nothing to keep it with")
