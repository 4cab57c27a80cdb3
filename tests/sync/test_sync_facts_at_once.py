"""What happened beside orders, read by two pulls at once: what was read first and is kept last does not undo what is newer."""

from __future__ import annotations

from datetime import timedelta

from postgres import postgres_server
from sources.shopify_over_asgi import client_of
from sync.test_sync_pulls_at_once import Afterwards, house

from qbconsole.sync.pull import pull_shop

__all__ = ["house", "postgres_server"]


def pull_while(house, word, then):
    """A pull; `then` happens as soon as Shopify answered that query."""
    transport = Afterwards(house.shop, word, then)
    with client_of(house.shop, transport=transport) as client:
        told = pull_shop(house.means, house.means.merchant("oak-ember"), client)
    assert transport.done
    return told


def test_an_older_state_of_a_payout_never_takes_the_place_of_a_newer_one(house):
    payout = house.shop.facts.payouts[-1]
    payout["status"] = "SCHEDULED"
    house.pull()
    house.now += timedelta(hours=1)

    def meanwhile():
        payout["status"] = "PAID"
        house.now += timedelta(minutes=5)
        house.pull()

    pull_while(house, b"query Payouts", meanwhile)
    number = payout["legacyResourceId"]
    assert house.kept("payout")[number]["payout"]["status"] == "PAID"
    house.now += timedelta(hours=1)
    house.pull()
    assert house.kept("payout")[number]["payout"]["status"] == "PAID"


def test_of_two_pulls_the_one_that_began_last_reads_on(house):
    house.pull()
    for one in house.shop.facts.disputes:
        one["status"] = "WON"
    house.now += timedelta(hours=1)
    others = []

    def meanwhile():
        house.now += timedelta(minutes=5)
        others.append(house.pull())

    told = pull_while(house, b"query Payouts", meanwhile)
    assert any("Another pull began meanwhile" in one for one in told.warnings)
    assert others[0].warnings == ()
    assert {one["status"] for one in house.kept("dispute").values()} == {"WON"}
    house.now += timedelta(hours=1)
    assert house.pull().warnings == ()
