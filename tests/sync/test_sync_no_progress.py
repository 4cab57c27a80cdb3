"""A store that cannot write: no reply of the eight calls implies progress, and once it can, nothing is lost or twice."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager

import pytest
import structlog
from hands import Hands
from trip import COMPANY, Trip, cheap_passwords

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import requests
from qbconsole.webconnector.calls import EightCalls
from qbconsole.webconnector.soap import EnvelopeReader

_ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<{name} xmlns="http://developer.intuit.com/">{fields}</{name}></soap:Body></soap:Envelope>'
)


def call(name: str, **fields: str):
    """A call as it comes over the wire."""
    escaped = {key: value.replace("&", "&amp;").replace("<", "&lt;") for key, value in fields.items()}
    inside = "".join(f"<{key}>{value}</{key}>" for key, value in escaped.items())
    reader = EnvelopeReader()
    reader.feed(_ENVELOPE.format(name=name, fields=inside).encode())
    return reader.finish()


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    made.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=8).orders})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


@contextmanager
def disk(trip, how: str):
    """Full: not a page more. Read-only: nothing at all."""
    on, off = {
        "full": ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"),
        "read-only": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
    }[how]
    with trip.workspace.store.atomic() as tx:
        writer = tx.connection.driver_connection
    if how == "full":
        # What is free inside the file is used up first, as on a disk that was full before.
        writer.execute("VACUUM")
    writer.execute(on)
    try:
        yield
    finally:
        writer.execute(off)


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_each_call_says_that_nothing_went_on(trip, how):
    calls = EightCalls(trip.delivery, server="test", client_minimum="", log=structlog.get_logger("test"))
    password = trip._password
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    answer = hands.bring(text).response
    with disk(trip, how), cheap_passwords():
        login = call("authenticate", strUserName=COMPANY, strPassword=password)
        (_, word) = calls.value(login, "10.0.0.9")
        assert word == "busy"
        long = answer + "<!--" + "x" * 100_000 + "-->"
        said = call("receiveResponseXML", ticket=hands.ticket, response=long, hresult="", message="")
        assert calls.value(said, "10.0.0.5") == -1
        told = calls.value(call("getLastError", ticket=hands.ticket), "10.0.0.5")
        assert "could not go on (store" in told
        if how == "read-only":
            asked = call("sendRequestXML", ticket=hands.ticket, strHCPResponse="", strCompanyFileName="")
            assert calls.value(asked, "10.0.0.5") == ""
        assert isinstance(calls.value(call("closeConnection", ticket=hands.ticket), "10.0.0.5"), str)
    for _ in range(3):
        trip.now = trip.now.replace(hour=trip.now.hour + 1)
        Hands(trip).whole_session()
    with trip.workspace.store.reading() as tx:
        left = requests.counts(tx, COMPANY)
    assert not left[RequestState.SENT] + left[RequestState.IN_DOUBT] + left[RequestState.READY]
    keys = Counter(filter(None, (key_in(one.memo) for one in trip.company_file.documents())))
    assert set(keys.values()) == {1}
