"""The Admin GraphQL client: sends our query files to one shop and gives back what can be believed.

Pinned to one API version and one host; waits for the query budget; retries what passes by itself, a bounded number
of times; never follows redirects; never shows a token. Facts: reference/shopify-api.md sections 1, 7, 9, 10.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from types import TracebackType
from typing import Any, Self

import httpx
import stamina

from qbconsole.errors import (
    ShopifyContradiction,
    ShopifyRefused,
    ShopifyThrottled,
    ShopifyUnreachable,
    UsageError,
)
from qbconsole.sources.shopify import queries
from qbconsole.sources.shopify.answers import (
    API_VERSION,
    AccessLost,
    Answer,
    Passing,
    QueryTooCostly,
    TokenRefused,
    read_answer,
)
from qbconsole.sources.shopify.budget import Budget
from qbconsole.sources.shopify.credentials import Credentials, TokenSource
from qbconsole.sources.shopify.granting import Granting
from qbconsole.sources.shopify.paging import Page, contradiction, read_page
from qbconsole.visible import safe

#: How often one request is sent at most; with the waits below that is about a minute.
ATTEMPTS = 8
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_log = logging.getLogger(__name__)
# stamina would tell of each retry through structlog, which writes to stdout until somebody configures it; we
# log retries ourselves, with the wait that is really paid.
stamina.instrumentation.set_on_retry_hooks(())
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")


class ShopifyClient:
    """One shop's Admin API. Close it, or use it in a `with`.

    `http` is what a rehearsal hands in whose other end is in this process; without it we make our own.
    """

    def __init__(
        self,
        *,
        shop: str,
        credentials: Credentials,
        base_url: str | None = None,
        transport: httpx.BaseTransport | None = None,
        http: httpx.Client | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        bulk_hosts: Collection[str] = (),
    ) -> None:
        self._shop = shop
        self._clock = clock
        self._sleep = sleep
        self._bulk_hosts = frozenset(bulk_hosts)
        # A sandbox over real sockets lives at another time than the server that serves it.
        self._is_dated = base_url is None or transport is not None or http is not None
        self._told_at: datetime | None = None
        self._budget = Budget()
        granting = Granting(shop, self._post)
        self._tokens = TokenSource(credentials, granting.ask_token, granting.ask_pair, clock)
        address = _address(shop, base_url)
        self._http = http or httpx.Client(
            base_url=address,
            # Many simulated shops share one port; the real one is told by its host.
            headers={"X-Shopify-Shop-Domain": shop} if base_url else None,
            transport=transport,
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=base_url is None,
            verify=_trusted(plain=base_url is not None and base_url.startswith("http://")),
        )

    def __repr__(self) -> str:
        return f"ShopifyClient({self._shop!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def shop(self) -> str:
        """The shop's .myshopify.com domain."""
        return self._shop

    @property
    def told_at(self) -> datetime | None:
        """Shopify's own time at its last answer (header Date, aware UTC); None where it told none."""
        return self._told_at

    def pause(self, seconds: float) -> None:
        """Wait as this client waits."""
        self._sleep(seconds)

    def download(self, url: str) -> Iterator[bytes]:
        """The bytes behind an address that Shopify gave, without our token and from expected hosts only.

        Raises ShopifyContradiction for another host, ShopifyUnreachable where not all of it comes.
        """
        self._require_expected(httpx.URL(url))
        try:
            with self._http.stream("GET", url) as response:
                if response.status_code != httpx.codes.OK:
                    kind = ShopifyUnreachable if response.status_code >= 500 else ShopifyRefused
                    raise kind(
                        f"the file of the bulk import cannot be had (HTTP {response.status_code})",
                        where=self._shop,
                        next="Pull again; a file that is gone is written anew.",
                    )
                yield from response.iter_bytes(1 << 20)
        except (httpx.TransportError, httpx.DecodingError) as cause:
            raise ShopifyUnreachable(
                f"the file of the bulk import broke off ({type(cause).__name__})", where=self._shop
            ) from cause

    def _require_expected(self, url: httpx.URL) -> None:
        """A simulated shop keeps its files itself, the real one at a host we know, behind TLS."""
        base = self._http.base_url
        rehearsed = _loopback(base.host) and (url.scheme, url.host, url.port) == (
            base.scheme,
            base.host,
            base.port,
        )
        if not rehearsed and (url.scheme != "https" or url.port or url.host not in self._bulk_hosts):
            raise ShopifyContradiction(
                f"Shopify keeps the file of the bulk import at {safe(url.host, limit=100)}, where none was seen before",
                where=self._shop,
                next="If that is Shopify's, name it in QBCONSOLE_BULK_HOSTS and pull again.",
            )

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def query(self, name: str, variables: Mapping[str, object]) -> Answer:
        """Send the query file `name`. Raises QueryTooCostly and the errors.Shopify… kinds."""
        body = {"query": queries.text(name), "variables": dict(variables)}
        renewed = False
        while True:
            try:
                return self._retrying(lambda: self._send(name, body))
            except TokenRefused as cause:
                if renewed or not self._tokens.drop():
                    raise AccessLost(
                        "Shopify does not know the access token (HTTP 401)",
                        where=self._shop,
                        next="Install the app in the shop again, or store its new token.",
                    ) from cause
                renewed = True

    def pages(
        self, name: str, connection: str, variables: Mapping[str, object], *, first: int
    ) -> Iterator[Page]:
        """Every page of a connection, `connection` being its dotted path ("order.lineItems").

        Starts behind `variables["after"]` if given. A page too costly is asked for again at half its size.
        """
        after = variables.get("after")
        behind = {after}
        while True:
            answer, first = self.fitting(name, {**variables, "after": after}, {"first": first})
            page = read_page(answer, connection, name)
            yield page
            if not page.has_next:
                return
            if page.cursor is None or page.cursor in behind:
                raise contradiction(connection)(f"the pages of {connection} do not go on", where=name)
            after = page.cursor
            behind.add(after)

    def fitting(
        self, name: str, variables: Mapping[str, object], sizes: dict[str, int]
    ) -> tuple[Answer, int]:
        """Send a query with these page sizes, halving them while it is too costly.

        Gives the answer and the largest size used. Raises QueryTooCostly when even pages of one are too much.
        """
        while True:
            try:
                return self.query(name, {**variables, **sizes}), max(sizes.values())
            except QueryTooCostly:
                if max(sizes.values()) <= 1:
                    raise
                sizes = {size: max(1, asked // 2) for size, asked in sizes.items()}

    def _retrying(self, send: Callable[[], Answer]) -> Answer:
        """Send until an answer can be used; stamina says how often and how far apart, our sleep waits.

        Nearly every query is answered the first time: what stamina needs to count is only made when one was not.
        """
        try:
            return send()
        except Passing as passing:
            first: Passing | None = passing
        wait, said = 0.0, ""
        try:
            for attempt in stamina.retry_context(
                on=_pause, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=30.0, wait_jitter=0.0
            ):
                if wait:
                    _log.warning("%s; sending again in %.1f s", said, wait)
                    self._sleep(wait)
                with attempt:
                    try:
                        if first is not None:
                            told, first = first, None
                            raise told
                        return send()
                    except Passing as passing:
                        said = passing.what
                        wait = attempt.next_wait if passing.delay is None else passing.delay
                        raise
        except Passing as last:
            kind = ShopifyThrottled if last.throttled else ShopifyUnreachable
            raise kind(f"{last.what}, {ATTEMPTS} times in a row", where=self._shop) from last
        raise AssertionError("stamina gave no attempt")  # pragma: no cover - it always gives one

    def _send(self, name: str, body: Mapping[str, object]) -> Answer:
        token = self._tokens.token()
        pause = self._budget.wait(name, self._clock())
        if pause:
            self._sleep(pause)
        response = self._post(
            f"/admin/api/{API_VERSION}/graphql.json", json=body, headers={"X-Shopify-Access-Token": token}
        )
        answer = read_answer(response, name)
        if self._is_dated:
            self._told_at = _date(response.headers.get("date", ""))
        self._budget.learn(name, answer.cost, self._clock())
        return answer

    def _post(self, path: str, **content: Any) -> httpx.Response:
        try:
            return self._http.post(path, **content)
        except httpx.TimeoutException as cause:
            raise Passing("Shopify did not answer in time") from cause
        except (httpx.TransportError, httpx.DecodingError) as cause:
            raise Passing(f"Shopify cannot be reached ({type(cause).__name__})") from cause


@lru_cache(maxsize=4)
def _date(text: str) -> datetime | None:
    """The time a header tells; answers of one second say the same."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


def _pause(failure: Exception) -> bool | float:
    """For stamina: what passes is tried again, and the waiting is ours (see `_retrying`)."""
    return 0.0 if isinstance(failure, Passing) else False


def _address(shop: str, base_url: str | None) -> str:
    """The only address this client talks to. Raises UsageError for any other."""
    if not _SHOP.fullmatch(shop):
        raise UsageError(
            f"{shop!r} is no shop address", next="Give the shop as NAME.myshopify.com, in lower case."
        )
    if base_url is None:
        return f"https://{shop}"
    host = httpx.URL(base_url).host
    if not _loopback(host):
        raise UsageError(f"a sandbox is reached on this computer only, not on {host!r}")
    return base_url


@cache
def _trusted(*, plain: bool) -> ssl.SSLContext:
    """Whom TLS trusts, read once a process: that takes longer than many a query. A plain sandbox needs nobody."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context()


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
