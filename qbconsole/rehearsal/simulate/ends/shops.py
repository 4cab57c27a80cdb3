"""The simulated shops: small, alive from day to day, reached by our real client without sockets."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from qbconsole.rehearsal.simulate.clock import Clock, Log
from qbconsole.rehearsal.simulate.ends.wire import Direct
from qbconsole.rehearsal.simulate.moments import Moment, Moments
from qbconsole.rehearsal.stage import TOKEN
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.sandbox.shopify.changes import ImpossibleChange
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken

BASE_URL = "http://127.0.0.1:8411"
_SECONDS = 0.1


@dataclass(slots=True)
class ShopEnd:
    """One merchant's shop."""

    merchant: str
    shop: Shop
    clock: Clock
    log: Log
    moments: Moments

    @contextmanager
    def client(self) -> Iterator[ShopifyClient]:
        """Our client for it."""
        with ShopifyClient(
            shop=self.shop.domain,
            credentials=AccessToken(token=TOKEN),
            base_url=BASE_URL,
            transport=_Road(self),
            clock=self.clock.seconds,
            sleep=self.clock.sleep,
        ) as client:
            yield client

    def live(self, chance: random.Random, orders: int) -> None:
        """A day goes by: orders come in, and some of what can happen to older ones happens."""
        self.shop.advance(days=1, orders=orders)
        for happening in chance.sample(_HAPPENINGS, k=chance.randint(0, 2)):
            order = chance.choice(self.shop.orders) if self.shop.orders else None
            if order is None or order["test"] or order["cancelledAt"]:
                continue
            try:
                happening(self.shop, order)
            except (ImpossibleChange, ValueError):
                continue
            self.log.say(self.merchant, f"{order['name']}: {happening.__name__.replace('_', ' ').strip()}")


class _Road(httpx.BaseTransport):
    """The road to the shop; every query and answer is a moment."""

    def __init__(self, end: ShopEnd) -> None:
        self._end = end
        self._inner = Direct(app([end.shop], clock=end.clock.seconds))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask the shop. Raises httpx.TransportError where something is lost."""
        end = self._end
        end.clock.sleep(_SECONDS)
        if end.moments.passing("shopify asked", Moment(call=end.merchant)).lost:
            raise httpx.ConnectError("no route")
        said = self._inner.handle_request(request)
        end.log.note(f"{end.merchant} asks", request.read())
        end.log.note(f"{end.merchant} hears", said.content)
        if end.moments.passing("shopify said", Moment(call=end.merchant)).lost:
            raise httpx.ReadError("no answer")
        return said


def small_shop(
    domain: str, *, seed: int, orders: int, start: date, days: int, timezone: str, facts: bool
) -> Shop:
    """A shop with a handful of orders."""
    return Shop.seeded(
        domain=domain, seed=seed, orders=orders, start=start, days=days, timezone=timezone, facts=facts
    )


def _line(order: dict[str, Any], units: int) -> str:
    """A line that has so many units left. Raises ImpossibleChange without one."""
    for line in order["lineItems"]["nodes"]:
        if line["currentQuantity"] >= units:
            return str(line["id"])
    raise ImpossibleChange("no line has units left")


def _refunded(shop: Shop, order: dict[str, Any]) -> None:
    shop.add_refund(order["id"], shipping=True)


def _partly_refunded(shop: Shop, order: dict[str, Any]) -> None:
    shop.add_refund(order["id"], quantities={_line(order, 1): 1}, restock="NO_RESTOCK")


def _cancelled(shop: Shop, order: dict[str, Any]) -> None:
    shop.cancel(order["id"])


def _edited(shop: Shop, order: dict[str, Any]) -> None:
    shop.edit_quantity(order["id"], _line(order, 2), 1)


def _paid(shop: Shop, order: dict[str, Any]) -> None:
    shop.add_payment(order["id"])


def _noted(shop: Shop, order: dict[str, Any]) -> None:
    shop.annotate(order["id"], "Please ring twice")


_HAPPENINGS: tuple[Callable[[Shop, dict[str, Any]], None], ...] = (
    _refunded,
    _partly_refunded,
    _cancelled,
    _edited,
    _paid,
    _noted,
)
