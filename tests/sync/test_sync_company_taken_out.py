"""A company is taken out of mappings.toml while QuickBooks works on a set: its answer is kept and counts."""

from __future__ import annotations

import sqlalchemy as sa
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import requests
from qbconsole.store.schema import responses


def test_the_answer_is_kept_and_counts_and_the_session_ends_with_a_sentence(tmp_path):
    trip = Trip(tmp_path)
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=12)
    trip.pull({"orders": shop.orders})
    trip.book()
    trip.delivery  # noqa: B018  the password is made with it
    hands = Hands(trip)
    hands.login()
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    path = trip.workspace.root / "mappings.toml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("oak]", "elm]").replace('"oak"', '"elm"'), encoding="utf-8")
    assert hands.say(answer) == -1
    assert trip.delivery.explain(hands.ticket).startswith(
        f"mappings.toml does not name the company {COMPANY}"
    )
    with trip.workspace.store.reading() as tx:
        raw = tx.execute(sa.select(responses.c.raw).order_by(responses.c.id.desc()).limit(1)).scalar_one()
        assert requests.counts(tx, COMPANY).get(RequestState.SENT, 0) == 0
    assert b"SalesReceiptAddRs" in bytes(raw)
    assert hands.take() == ""
    hands.close()
    path.write_text(whole, encoding="utf-8")
    assert Hands(trip).whole_session() == "none", "all of it was recorded"
    with trip.workspace.store.reading() as tx:
        assert requests.counts(tx, COMPANY).get(RequestState.IN_DOUBT, 0) == 0
    trip.close()
