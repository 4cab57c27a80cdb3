"""A sync httpx transport into an ASGI app, and a clock that only sleeping moves."""

from __future__ import annotations

import httpx
import pytest

from qbconsole.sandbox.shopify import app
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken

SHOP = "oak-ember.myshopify.com"


class OverAsgi(httpx.BaseTransport):
    """Steps the app by hand: it waits for nothing outside, so it needs no event loop."""

    def __init__(self, asgi):
        self._asgi = asgi
        self.requests = []

    def handle_request(self, request):
        self.requests.append(request)
        sent = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 1),
        }

        async def receive():
            return {"type": "http.request", "body": request.read(), "more_body": False}

        async def send(message):
            sent.append(message)

        running = self._asgi(scope, receive, send)
        with pytest.raises(StopIteration):
            running.send(None)
        body = b"".join(message.get("body", b"") for message in sent)
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=body)


class Clock:
    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds >= 0
        self.slept.append(round(seconds, 3))
        self.now += seconds


def client_of(shop, *, clock=None, credentials=None, transport=None):
    clock = clock or Clock()
    transport = transport or OverAsgi(app([shop], clock=clock))
    return ShopifyClient(
        shop=shop.domain,
        credentials=credentials or AccessToken(token="shpat_sandbox"),
        base_url="http://127.0.0.1:9",
        transport=transport,
        clock=clock,
        sleep=clock.sleep,
    )


def scripted(*answers, clock=None, credentials=None, shop=SHOP, base_url=None):
    """A client whose answers are given one by one: responses, exceptions, or functions of the request."""
    clock = clock or Clock()
    left = list(answers)
    seen = []

    def handle(request):
        seen.append(request)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    client = ShopifyClient(
        shop=shop,
        credentials=credentials or AccessToken(token="shpat_sandbox"),
        base_url=base_url,
        transport=httpx.MockTransport(handle),
        clock=clock,
        sleep=clock.sleep,
    )
    return client, seen, clock


def reply(body, status=200, version="2026-10", **headers):
    head = {"X-Shopify-API-Version": version} if version else {}
    return httpx.Response(status, json=body, headers={**head, **headers})
