"""What-ifs over orders that are alike: what is remembered of one hides nothing of the next, and short roads end as long ones."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from trip import SHOP, Trip

from qbconsole.care.candidate import Asked, candidate
from qbconsole.decide.replay import pair
from qbconsole.sandbox.shopify import Shop
from qbconsole.sync.preview import preview, reading

ME = "merchants.oak-ember"
ORDERS = 60


def rule(*said: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{ME}.rules[0].{path}", value) for path, value in said)


CHANGES = {
    "account": ((f"{ME}.accounts.sales_income", "Sales:Other"),),
    "item": ((f"{ME}.items.shipping_income", "Postage"),),
    "customer": ((f"{ME}.customers.house", "Web {channel}"),),
    "sku nobody sells": rule(("when.sku", "NOBODY"), ("account", "Other Income:None")),
    "sku": rule(("when.sku", "SOAP-*"), ("account", "Other Income:Soap")),
    "tag": rule(("when.tag", "*"), ("class", "Tagged")),
    "channel": rule(("when.channel", "Online Store"), ("class", "Web")),
    "gateway": rule(("when.gateway", "paypal"), ("account", "PayPal Bank")),
    "role": rule(("when.role", "shipping_income"), ("account", "Postage Income")),
    "hold by tag": rule(("when.tag", "*"), ("hold", "Look.")),
    "document by location": rule(("when.channel", "web"), ("document", "Invoice")),
    "dated": rule(("when.sku", "*"), ("from", "2026-02-01"), ("class", "Later")),
    "policy": ((f"{ME}.policy.recognise_on", "fulfillment"),),
}


@pytest.fixture(scope="module")
def booked(tmp_path_factory):
    trip = Trip(tmp_path_factory.mktemp("many"))
    trip.pull({"orders": Shop.seeded(domain=SHOP["myshopifyDomain"], seed=9, orders=ORDERS).orders})
    trip.book()
    yield trip
    trip.close()


def effect_of(trip: Trip, change: str):
    means = trip.workspace.means()
    with candidate(means, Asked(pairs=CHANGES[change])) as other:
        return dataclasses.replace(preview(means, other, since=None), seconds=Decimal(0))


@pytest.mark.parametrize("change", CHANGES)
def test_short_roads_end_where_the_long_one_does(booked, change, monkeypatch):
    quick = effect_of(booked, change)
    assert quick.replayed == ORDERS
    # Every order decided at both desks from what is booked of it, nothing listened to, nothing left out.
    real = pair.desk_of
    monkeypatch.setattr(
        "qbconsole.sync.preview.desks.desk_of",
        lambda *given: dataclasses.replace(real(*given), same_ground=False, changed_rules=None),
    )
    monkeypatch.setattr(reading, "_how", lambda *_: "kept")
    slow = effect_of(booked, change)
    # One by one: pytest would take minutes to write down how two whole effects differ.
    for field in dataclasses.fields(quick):
        assert (getattr(slow, field.name) == getattr(quick, field.name)) is True, field.name


def test_every_document_that_posts_to_an_account_follows_it(booked):
    """Names of a line are remembered: the second order with the same goods was said to stay."""
    effect = effect_of(booked, "account")
    with booked.workspace.store.reading() as tx:
        posting = {
            row[0]
            for row in tx.exec_driver_sql(
                "SELECT d.key FROM documents d JOIN postings p ON p.document_id = d.id WHERE p.role = 'sales_income'"
            )
        }
    assert len(posting) > ORDERS // 2
    assert {one.key for one in effect.changed} >= posting


def test_a_rule_that_nothing_meets_names_no_order_again(booked, monkeypatch):
    asked = []
    monkeypatch.setattr(pair, "drafts_of", lambda *given: asked.append(given))
    effect = effect_of(booked, "sku nobody sells")
    assert (effect.changed, asked) == ((), [])
    assert effect.unchanged > ORDERS // 2
