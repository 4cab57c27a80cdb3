"""Reads one HTTP answer of the Admin API: data, refused parts, or the error it amounts to.

GraphQL errors ride on HTTP 200; a missing scope empties one root and leaves the others usable; a search warning
means that a filter was ignored, so nothing of that answer may be believed. Source: shopify-api.md sections 1, 7, 9, 10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from qbconsole.errors import ShopifyContradiction, ShopifyRefused
from qbconsole.sources.shopify.budget import Cost, cost_of
from qbconsole.visible import safe

#: The API version our queries are written for; part of every address and compared with every answer.
API_VERSION = "2026-10"
_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]+")
#: "Any of `a`, `b` access scopes" is Shopify's way of more than one; only what says so wants all of them.
_ANY = re.compile(r"\b(?:any|one|either) of\b|\bor\b", re.IGNORECASE)
_EVERY = re.compile(r"\ball of\b|\band\b|\bboth\b", re.IGNORECASE)
#: Where a part was withheld and Shopify does not say which.
SOMEWHERE = "the shop"
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
_REFUSED = {
    400: "Shopify could not read our request",
    402: "the shop is frozen until its Shopify bill is paid",
    403: "Shopify forbids this app to read the shop",
    404: "there is no shop at this address, or it has been closed",
    423: "Shopify has locked the shop",
    430: "Shopify took our requests for an attack and blocks this address for now",
}
#: No token mends a wrong address.
_OF_THE_ADDRESS = "Check `shop` in mappings.toml: the permanent address, the one that ends in .myshopify.com."


class Passing(Exception):
    """A failure that goes by: the same request may be sent again, after `delay` seconds if that is known."""

    def __init__(self, what: str, *, delay: float | None = None, throttled: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.delay = delay
        self.throttled = throttled


class TokenRefused(Exception):
    """401: the token is unknown or has ended."""


class QueryTooCostly(ShopifyRefused):
    """One query asked for more points than Shopify grants a query; ask for a smaller page."""

    next_step = "Report it: a page of one record is already too large for this shop."


class AccessLost(ShopifyRefused):
    """The app may not read the shop any more: its token is void, or it was taken out of the shop."""

    next_step = "Install the app in the shop again, store its token with `qbconsole setup`, then pull."


class VersionRetired(ShopifyContradiction):
    """Shopify answers as another API version than was asked for, as it does when one is retired."""

    next_step = "Nothing of this answer was kept. Update qbconsole: its queries are for an older API."


class PartsDisagree(ShopifyContradiction):
    """The parts of one record do not make a whole; of the other records nothing is said."""


class FieldUnknown(ShopifyContradiction):
    """We asked for something that this shop's version of the API does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A part of an answer that was withheld because the app lacks a scope."""

    #: Dotted, list positions left out: "order.customer".
    field: str
    #: The scopes Shopify names as missing, any one of which will do; empty where it names none.
    scopes: tuple[str, ...]
    #: All of them are needed.
    is_every: bool = False

    def needs(self) -> tuple[tuple[str, ...], ...]:
        """What has to be granted: one of each. Of a scope that is not named, one that is empty."""
        return tuple((scope,) for scope in self.scopes) if self.is_every else (self.scopes,)

    def wanted(self) -> str:
        """The scopes, for people; "" where none is named."""
        return (" and " if self.is_every else " or ").join(self.scopes)

    def sentence(self) -> str:
        """What is missing, for people."""
        return f"Shopify withholds {self.field}: the app needs {self.wanted() or 'a scope it does not name'}"


class Withheld(ShopifyRefused):
    """All that a query was about is withheld; `denied` says what and for want of which scopes."""

    def __init__(self, denied: tuple[Denied, ...], *, where: str = "") -> None:
        super().__init__(
            denied[0].sentence(),
            where=where,
            next=f"Grant {denied[0].wanted() or 'the scope'} to the app in the Shopify admin, then pull again.",
        )
        self.denied = denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The usable part of an answer: `data` as it came, and what was withheld from it."""

    data: dict[str, Any]
    denied: tuple[Denied, ...] = ()
    cost: Cost | None = None

    def need(self, root: str) -> Any:
        """The value of a root. Raises Withheld (a ShopifyRefused) where that root was withheld."""
        value = self.data.get(root)
        if value is None:
            denied = tuple(found for found in self.denied if found.field.partition(".")[0] == root)
            if denied:
                raise Withheld(denied)
        return value


def read_answer(response: httpx.Response, query: str) -> Answer:
    """Read an answer. Raises Passing, TokenRefused and kinds of ShopifyRefused and ShopifyContradiction."""
    _check_status(response)
    _check_version(response)
    body = read_json(response)
    cost = cost_of(body)
    if response.status_code == 429:
        raise _throttling(cost, retry_after(response))
    denied = _read_errors(body, query, cost)
    data = body.get("data")
    if not isinstance(data, dict):
        if denied:
            raise Withheld(denied, where=query)
        raise Passing(f"Shopify's answer to {query} has no data")
    _check_search(body, query)
    return Answer(data=data, denied=denied, cost=cost)


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (200, 429):
        return
    if status == 401:
        raise TokenRefused
    if status >= 500:
        raise Passing(f"Shopify answered with HTTP {status}", delay=retry_after(response))
    if 300 <= status < 400:
        raise ShopifyRefused(
            f"Shopify redirects this address (HTTP {status}), which we never follow", next=_OF_THE_ADDRESS
        )
    kind = AccessLost if status == httpx.codes.FORBIDDEN else ShopifyRefused
    raise kind(
        f"{_REFUSED.get(status, 'Shopify refuses the request')} (HTTP {status})",
        next=_OF_THE_ADDRESS if status == httpx.codes.NOT_FOUND else "",
    )


def _check_version(response: httpx.Response) -> None:
    """A retired version does not fail, it is answered as another; only this header tells."""
    served = response.headers.get("x-shopify-api-version")
    if response.status_code == 200 and served != API_VERSION:
        raise VersionRetired(
            f"Shopify answered as API version {safe(served, limit=40)} although {API_VERSION} was asked for"
        )


def read_json(response: httpx.Response) -> dict[str, Any]:
    """The body as an object; a body cut off or garbled passes, the next one may be whole."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
        if response.status_code == 429:
            return {}
        raise Passing("Shopify's answer was cut off or is no JSON") from cause
    if not isinstance(body, dict):
        raise Passing("Shopify's answer is no JSON object")
    return body


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of the Retry-After header, at most two minutes; None where it gives none."""
    try:
        return min(120.0, max(0.0, float(response.headers.get("retry-after", ""))))
    except ValueError:
        return None


def _errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = body.get("errors") or []
    if isinstance(errors, list):
        return [error if isinstance(error, Mapping) else {"message": str(error)} for error in errors]
    return [{"message": str(errors)}]


def _code(error: Mapping[str, Any]) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    # An old form of the answer has no code at all.
    return str(code) if code else "THROTTLED" if error.get("message") == "Throttled" else ""


def _read_errors(body: Mapping[str, Any], query: str, cost: Cost | None) -> tuple[Denied, ...]:
    """What was withheld; raises for every other error."""
    denied: dict[str, Denied] = {}
    for error in _errors(body):
        code, message = _code(error), safe(error.get("message", ""), limit=200)
        if code == "ACCESS_DENIED":
            found = _denied(error)
            denied[found.field] = found
        elif code == "THROTTLED":
            raise _throttling(cost, None)
        elif code == "MAX_COST_EXCEEDED":
            raise QueryTooCostly(f"Shopify finds the query too costly: {message}", where=query)
        elif code == "SHOP_INACTIVE":
            raise ShopifyRefused("the shop is not active", where=query)
        elif code in _PASSING:
            raise Passing(f"Shopify had an internal error at {query}")
        elif code == "undefinedField":
            raise FieldUnknown(f"Shopify does not accept our query: {message} (undefinedField)", where=query)
        else:
            named = f" ({safe(code, limit=60)})" if code else ""
            raise ShopifyContradiction(f"Shopify does not accept our query: {message}{named}", where=query)
    return tuple(denied.values())


def _throttling(cost: Cost | None, delay: float | None) -> Passing:
    """Too fast: wait as long as we are told, else until the query fits into the bucket."""
    if delay is None and cost is not None and cost.restore > 0:
        delay = max(0.05, (min(cost.requested, cost.maximum) - cost.available) / cost.restore)
    return Passing("the shop's query budget is empty", delay=delay, throttled=True)


def _denied(error: Mapping[str, Any]) -> Denied:
    extensions = error.get("extensions")
    need = extensions.get("requiredAccess") if isinstance(extensions, Mapping) else None
    path: Iterable[Any] = error.get("path") or ()
    named = [str(step) for step in path if isinstance(step, str) and step != "nodes"]
    told = str(need or error.get("message", ""))
    names = list(_SCOPE.finditer(told))
    scopes = tuple(dict.fromkeys(found.group() for found in names))
    # What stands before the first name and between them; "The user must have …" behind it is about people.
    between = told[: names[-1].start()] if len(scopes) > 1 else ""
    return Denied(
        field=safe(".".join(named) or SOMEWHERE, limit=120),
        scopes=scopes,
        is_every=bool(_EVERY.search(between)) and not _ANY.search(between),
    )


def _check_search(body: Mapping[str, Any], query: str) -> None:
    extensions = body.get("extensions")
    searches = extensions.get("search") if isinstance(extensions, Mapping) else None
    for search in searches or ():
        for warning in search.get("warnings") or ():
            what = safe(f"{warning.get('field')}: {warning.get('message')}", limit=200)
            raise ShopifyContradiction(f"Shopify ignored a part of our search ({what})", where=query)
