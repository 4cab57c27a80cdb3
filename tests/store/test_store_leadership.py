"""One leader a role: the second is refused, the next one follows, and who was followed is told so."""

import pytest

from qbconsole.store.database import Store
from qbconsole.store.sessions import LeaseLost
from qbconsole.store.sharing.leadership import Leadership


@pytest.fixture
def two(place, store, clock):
    """Two processes on one database; on a server time passes by itself, so the role lasts as told."""
    with Store.open(place, clock=clock, wait=0.3) as other:
        yield (
            Leadership(store=store, owner="one", seconds=600),
            Leadership(store=other, owner="two", seconds=600),
        )


def test_one_leads_and_the_other_does_not_until_it_resigns(two):
    one, other = two
    assert one.lead()
    assert one.lead()
    assert not other.lead()
    assert (one.fence, other.fence) == (1, 0)
    one.resign()
    assert other.lead()
    assert other.fence == 2
    assert not one.lead()


def test_a_leader_that_fell_silent_is_followed_and_its_late_commit_refused(store, clock):
    silent = Leadership(store=store, owner="one", seconds=-1 if store.path is None else 60)
    assert silent.lead()
    clock.ahead(seconds=61)
    assert Leadership(store=store, owner="two").lead()
    with pytest.raises(LeaseLost), store.atomic() as tx:
        silent.require(tx)
    silent.seconds = 60  # the same for all who want the role
    assert not silent.lead()
    with pytest.raises(LeaseLost, match="leads nothing"), store.atomic() as tx:
        silent.require(tx)


def test_a_role_says_nothing_about_another(store):
    assert Leadership(store=store, owner="one").lead()
    other = Leadership(store=store, owner="two", role="checks")
    assert other.lead()
    with store.atomic() as tx:
        other.require(tx)
