"""The simulated Shopify over HTTP: an ASGI app for one or many shops, with tokens and faults.

A shop is found by path prefix (`/<domain>/admin/…`), by the header `X-Shopify-Shop-Domain`, by Host, or because
there is only one. Status codes and headers as in reference/shopify-api.md sections 1, 7 and 10.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qbconsole.sandbox.shopify.execution import answer
from qbconsole.sandbox.shopify.shop import Shop

#: Oldest first; a version that is not among them is answered as the oldest.
SUPPORTED = ("2026-01", "2026-04", "2026-07", "2026-10")
_WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Spoils one answer.

    `kind` is a number (that HTTP status), "timeout" (nothing for `seconds`, then 504), "truncated" (half of the
    body), "internal" (INTERNAL_SERVER_ERROR on 200), "throttled" (THROTTLED on 200), "redirect", or "lost" (new tokens
    were given, and the answer with them never arrived).
    """

    kind: int | str
    seconds: float = 60.0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class Offline:
    """Rotating tokens of one shop: each use of a refresh token gives a new pair.

    The refresh token used last stays good until its replacement is used (shopify.dev, changelog of 2026-08-28).
    """

    refresh: str
    access: str = ""
    access_ends: float = 0.0
    #: The refresh token before, while nobody has used what replaced it.
    previous: str = ""
    #: How often a pair was given.
    given: int = 0

    def renew(self, token: str, now: float, life: float) -> dict[str, Any] | None:
        """A new pair, or None where the token is void."""
        if not token or token not in (self.refresh, self.previous):
            return None
        self.given += 1
        self.previous = token
        self.refresh = f"shprt_{self.given}_{secrets.token_hex(12)}"
        self.access, self.access_ends = f"shpat_{self.given}_{secrets.token_hex(12)}", now + life
        return {
            "access_token": self.access,
            "expires_in": int(life),
            "refresh_token": self.refresh,
            "refresh_token_expires_in": 90 * 86_400,
        }

    def opens(self, token: str, now: float) -> bool:
        """Whether an access token is good; using it ends the refresh token before."""
        if token != self.access or not token or now >= self.access_ends:
            return False
        self.previous = ""
        return True


@dataclass(slots=True)
class _Service:
    shops: Sequence[Shop]
    clock: Callable[[], float]
    #: token -> (domain, when it stops being valid)
    issued: dict[str, tuple[str, float]] = field(default_factory=dict)

    def shop_of(self, request: Request) -> Shop | None:
        """Which shop is meant; None when nobody can tell."""
        host = request.headers.get("host", "").partition(":")[0]
        for name in (request.path_params.get("domain"), request.headers.get("x-shopify-shop-domain"), host):
            found = next((shop for shop in self.shops if shop.domain == name), None)
            if found or (name and name != host):
                return found
        return self.shops[0] if len(self.shops) == 1 else None

    def knows(self, shop: Shop, token: str) -> bool:
        """Whether this token opens this shop now."""
        if token in shop.permanent_tokens:
            return True
        if shop.offline is not None and shop.offline.opens(token, self.clock()):
            return True
        domain, until = self.issued.get(token, ("", 0.0))
        return domain == shop.domain and self.clock() < until

    async def token(self, request: Request) -> Response:
        """The client-credentials grant: POST /admin/oauth/access_token."""
        shop = self.shop_of(request)
        if shop is None:
            return JSONResponse({"errors": "Not Found"}, 404)
        if spoiled := await self._spoiled(shop, "access_token"):
            return spoiled
        form = _form(await request.body(), request.headers.get("content-type", ""))
        if form.get("grant_type") == "refresh_token" and shop.offline is not None:
            return self._refreshed(shop, form)
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != (shop.client_id, shop.client_secret):
            return JSONResponse({"error": "invalid_client"}, 401)
        token = f"shpca_{secrets.token_hex(16)}"
        self.issued[token] = (shop.domain, self.clock() + shop.token_life)
        scope = ",".join(sorted(shop.scopes))
        return JSONResponse({"access_token": token, "scope": scope, "expires_in": int(shop.token_life)})

    def _refreshed(self, shop: Shop, form: dict[str, str]) -> Response:
        """The refresh-token grant."""
        if (form.get("client_id"), form.get("client_secret")) != (shop.client_id, shop.client_secret):
            return JSONResponse({"error": "invalid_client"}, 401)
        pair = shop.offline.renew(form.get("refresh_token", ""), self.clock(), shop.token_life)
        if pair is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if shop.faults and shop.faults[0].kind == "lost":
            shop.faults.popleft()
            return JSONResponse({"errors": "Gateway Timeout"}, 504)
        return JSONResponse(pair | {"scope": ",".join(sorted(shop.scopes))})

    async def graphql(self, request: Request) -> Response:
        """POST /admin/api/<version>/graphql.json."""
        shop = self.shop_of(request)
        if shop is None:
            return JSONResponse({"errors": "Not Found"}, 404)
        version = request.path_params["version"]
        headers = {
            "X-Shopify-API-Version": shop.answers_as or (version if version in SUPPORTED else SUPPORTED[0])
        }
        if not self.knows(shop, request.headers.get("x-shopify-access-token", "")):
            return JSONResponse({"errors": _WRONG_TOKEN}, 401, headers)
        try:
            asked = msgspec.json.decode(await request.body())
            text, variables = str(asked["query"]), dict(asked.get("variables") or {})
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse({"errors": {"query": "Required parameter missing or invalid"}}, 400, headers)
        if spoiled := await self._spoiled(shop, "graphql", headers):
            return spoiled
        cut = bool(shop.faults) and shop.faults[0].kind == "truncated"
        # Only who asks about a bulk operation is told an address.
        base = f"{request.base_url}{shop.domain}/" if "bulkOperation" in text else ""
        body = _written(answer(shop, text, variables, self.clock(), base))
        if cut:
            shop.faults.popleft()
            body = body[: len(body) // 2]
        return Response(body, 200, headers, media_type="application/json")

    async def bulk_file(self, request: Request) -> Response:
        """The file of a bulk operation; whoever has the address may read it."""
        shop = self.shop_of(request)
        number = request.path_params["number"]
        made = next((one for one in shop.bulks if one.id.endswith(f"/{number}")), None) if shop else None
        if made is None or made.fault == "gone":
            return Response(b"<Error><Code>ExpiredToken</Code></Error>", 400)
        return Response(made.file(), media_type="application/jsonl")

    async def _spoiled(
        self, shop: Shop, where: str, headers: dict[str, str] | None = None
    ) -> Response | None:
        """The answer that the shop's next fault makes of this request, if it has one for it."""
        if not shop.faults or shop.faults[0].kind in ("truncated", "lost"):
            return None
        fault: Fault = shop.faults.popleft()
        head = {**(headers or {}), **dict(fault.headers)}
        if fault.kind == "timeout":
            await asyncio.sleep(fault.seconds)
            return JSONResponse({"errors": "Gateway Timeout"}, 504, head)
        if fault.kind == "redirect":
            return Response(b"", 302, {**head, "Location": "https://elsewhere.example/admin"})
        if fault.kind == "throttled":
            code = {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"}
            return JSONResponse({"errors": [{"message": "Throttled", "extensions": code}]}, 200, head)
        if fault.kind == "internal":
            error = {"message": "Internal error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
            return JSONResponse({"errors": [error], "data": None}, 200, head)
        return JSONResponse({"errors": f"simulated {fault.kind} at {where}"}, int(fault.kind), head)


def _form(body: bytes, kind: str) -> dict[str, str]:
    if "json" in kind:
        try:
            given = json.loads(body)
        except ValueError:
            return {}
        return {str(k): str(v) for k, v in given.items()} if isinstance(given, dict) else {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _written(body: dict[str, Any]) -> bytes:
    return msgspec.json.encode(body)


def app(shops: Sequence[Shop], clock: Callable[[], float] = time.monotonic) -> Starlette:
    """The ASGI app that serves these shops; `clock` gives seconds for budgets and token lives."""
    service = _Service(shops, clock)
    routes = []
    for prefix in ("", "/{domain}"):
        routes += [
            Route(f"{prefix}/admin/api/{{version}}/graphql.json", service.graphql, methods=["POST"]),
            Route(f"{prefix}/admin/oauth/access_token", service.token, methods=["POST"]),
            Route(f"{prefix}/bulk/{{number}}.jsonl", service.bulk_file),
        ]
    return Starlette(routes=routes)
