"""The simulated shops: small, alive from day to day, reached by our real client without sockets."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import httpx

from qbconsole.rehearsal.simulate.clock import Clock, Log
from qbconsole.rehearsal.simulate.ends.wire import Asked, Near, Said, direct
from qbconsole.rehearsal.simulate.moments import Moment, Moments
from qbconsole.rehearsal.stage import TOKEN
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.sandbox.shopify.amounts import read
from qbconsole.sandbox.shopify.changes import ImpossibleChange
from qbconsole.sandbox.shopify.hooks.sending import signed
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from qbconsole.rehearsal.simulate.ends.program import Program

BASE_URL = "http://127.0.0.1:8411"
_SECONDS = 0.1
#: What changes the shop, and what is another from moment to moment, is not answered from memory.
_CHANGING = (b"mutation ", b"BulkOperation")


@dataclass(slots=True)
class ShopEnd:
    """One merchant's shop."""

    merchant: str
    shop: Shop
    clock: Clock
    log: Log
    moments: Moments
    #: Rises with every change of the shop's truth.
    version: int = 0
    _app: ASGIApp | None = None
    _of: Shop | None = None
    _known: dict[tuple[object, ...], Said] = field(default_factory=dict)

    def asked(self, request: Asked) -> Said:
        """The shop's answer; worked out once as long as the shop stays as it is, for most of it is asked again."""
        if self._app is None or self._of is not self.shop:
            self._app, self._of = app([self.shop], clock=self.clock.seconds), self.shop
            self._known.clear()
        shop = self.shop
        body = request.body
        key = (self.version, frozenset(shop.scopes), shop.answers_as, request.url, body)
        if shop.faults or not shop.permanent_tokens or any(one in body for one in _CHANGING):
            self.version += 1
            return direct(self._app, request)
        if key not in self._known:
            self._known[key] = direct(self._app, request)
        found = self._known[key]
        return Said(status_code=found.status_code, headers=dict(found.headers), content=found.content)

    def carry(self, request: Asked) -> Said:
        """The road to the shop: every query and answer is a moment. Raises httpx.TransportError where one is lost."""
        self.clock.sleep(_SECONDS)
        if self.moments.passing("shopify asked", Moment(call=self.merchant)).lost:
            raise httpx.ConnectError("no route")
        said = self.asked(request)
        said.headers["date"] = _dated(int(self.clock.true().timestamp()))
        self.log.note(f"{self.merchant} asks", request.body)
        self.log.note(f"{self.merchant} hears", said.content)
        if self.moments.passing("shopify said", Moment(call=self.merchant)).lost:
            raise httpx.ReadError("no answer")
        return said

    def tell(self, program: Program, order: str, number: str, *, secret: str | None = None) -> int:
        """Send a webhook about an order; gives our answer, 0 where there was none. With another secret it is forged."""
        told = {"id": _number(order), "admin_graphql_api_id": order}
        return self.send(program, "orders/updated", told, number, secret=secret)

    def forget_buyer(self, program: Program, order: Raw, number: str) -> int:
        """Ask us to forget the buyer of an order; gives our answer."""
        told = {
            "shop_domain": self.shop.domain,
            "customer": {"id": _number(order["customer"]["id"])},
            "orders_to_redact": [_number(order["id"])],
        }
        return self.send(program, "customers/redact", told, number)

    def send(self, program: Program, topic: str, told: Raw, number: str, *, secret: str | None = None) -> int:
        """Send a delivery; gives our answer, 0 where there was none."""
        body = json.dumps(told).encode()
        signature = signed(secret or self.shop.client_secret, body)
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Hmac-SHA256": signature,
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": self.shop.domain,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": number,
            "X-Shopify-Event-Id": number,
        }
        said = program.webhook(self.merchant, headers, body)
        self.log.say(self.merchant, f"webhook {topic} {number}: {said or 'no answer'}")
        return said

    @contextmanager
    def client(self) -> Iterator[ShopifyClient]:
        """Our client for it."""
        with ShopifyClient(
            shop=self.shop.domain,
            credentials=AccessToken(token=TOKEN),
            base_url=BASE_URL,
            http=cast(
                "httpx.Client", Near(BASE_URL, {"x-shopify-shop-domain": self.shop.domain}, self.carry)
            ),
            clock=self.clock.seconds,
            sleep=self.clock.sleep,
        ) as client:
            yield client

    def live(self, chance: random.Random, orders: int) -> None:
        """A day goes by: orders come in, and some of what can happen to older ones happens."""
        self.version += 1
        self.shop.advance(days=1, orders=orders)
        for _ in range(chance.randint(0, 2)):
            self.change(chance, self.shop.world.end)

    def change(self, chance: random.Random, at: datetime) -> str:
        """Something happens to one of the orders; gives what, "" where the shop would not allow it."""
        happening = chance.choice(_HAPPENINGS)
        order = chance.choice(self.shop.orders) if self.shop.orders else None
        if order is None or order["test"] or order["cancelledAt"]:
            return ""
        self.version += 1
        try:
            happening(self.shop, order, at)
        except ImpossibleChange:
            return ""
        said = f"{order['name']} is {happening.__name__.replace('_', ' ').strip()}"
        self.log.say(self.merchant, said)
        return said


Raw = dict[str, Any]


@lru_cache(maxsize=16)
def _dated(seconds: int) -> str:
    """A header's time: many answers are of the same second."""
    return formatdate(seconds, usegmt=True)


def _number(gid: str) -> int:
    return int(gid.rpartition("/")[2])


def _line(order: Raw, units: int) -> str:
    """A line that has so many units left. Raises ImpossibleChange without one."""
    for line in order["lineItems"]["nodes"]:
        if line["currentQuantity"] >= units:
            return str(line["id"])
    raise ImpossibleChange("no line has units left")


def _refunded(shop: Shop, order: Raw, at: datetime) -> None:
    shop.add_refund(order["id"], at=at, shipping=True)


def _partly_refunded(shop: Shop, order: Raw, at: datetime) -> None:
    shop.add_refund(order["id"], at=at, quantities={_line(order, 1): 1}, restock="NO_RESTOCK")


def _cancelled(shop: Shop, order: Raw, at: datetime) -> None:
    shop.cancel(order["id"], at=at)


def _edited(shop: Shop, order: Raw, at: datetime) -> None:
    shop.edit_quantity(order["id"], _line(order, 2), 1, at=at)


def _paid(shop: Shop, order: Raw, at: datetime) -> None:
    if not read(order["totalOutstandingSet"]):
        raise ImpossibleChange("nothing is outstanding")
    shop.add_payment(order["id"], at=at)


def _noted(shop: Shop, order: Raw, at: datetime) -> None:
    shop.annotate(order["id"], "Please ring twice", at=at)


_HAPPENINGS: tuple[Callable[[Shop, Raw, datetime], None], ...] = (
    _refunded,
    _partly_refunded,
    _cancelled,
    _edited,
    _paid,
    _noted,
)
