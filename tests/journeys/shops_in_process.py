"""Seeded shops pulled without HTTP between: once for many trips, because only booking and delivery depend on the mapping."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import httpx
from trip import NOW, Trip

from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.demo import VALUED_THERE, agree, difference
from qbconsole.rehearsal.stage import COMPANY, MERCHANTS, TOKEN, Stage, demo_mapping, set_stage
from qbconsole.rehearsal.taxes import enter_taxes
from qbconsole.sandbox.shopify.execution import answer
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken
from qbconsole.sync.pull import pull_shop
from qbconsole.views.tally import Tally, tally


def client_of(shop) -> ShopifyClient:
    """Our client, answered by the simulated shop itself."""

    def answered(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        told = answer(shop, asked["query"], asked["variables"], time.monotonic())
        return httpx.Response(
            200, json=told, headers={"X-Shopify-API-Version": request.url.path.split("/")[3]}
        )

    return ShopifyClient(
        shop=shop.domain,
        credentials=AccessToken(token=TOKEN),
        base_url="http://127.0.0.1:9",
        transport=httpx.MockTransport(answered),
    )


def trip_with(root: Path, asked: Asked) -> Trip:
    trip = Trip(root, edit=lambda _: asked.written(demo_mapping(), COMPANY, tuple(MERCHANTS)))
    enter_taxes(trip.company_file, NOW)
    return trip


def pull_all(trip: Trip, stage: Stage) -> None:
    means = trip.workspace.means()
    for shop in stage.shops:
        (merchant,) = means.mapping.merchants_of_shop(shop.domain)
        with client_of(shop) as client:
            pulled = pull_shop(means, merchant, client)
        assert not pulled.warnings, pulled.warnings


def pulled_once(root: Path, *, orders: int, seed: int) -> Stage:
    """A workspace that has pulled everything, with a count of the shelves in between, and booked nothing."""
    stage = set_stage(root, orders=orders, seed=seed, now=NOW)
    trip = trip_with(root, Asked())
    try:
        for _ in range(2):
            pull_all(trip, stage)
            stage.count_shelves()
            trip.now += timedelta(hours=1)
    finally:
        trip.close()
    return stage


def balanced(trip: Trip) -> Tally:
    """Book and deliver everything, agree to what waits; our postings and the ledger must be the same by account."""
    trip.now = NOW + timedelta(hours=3)
    trip.book()
    trip.deliver()
    while agree(trip.workspace):
        trip.deliver()
    told = tally(trip.workspace.store, COMPANY, without=VALUED_THERE)
    assert difference(told.ledger, trip.company_file) == 0
    return told
