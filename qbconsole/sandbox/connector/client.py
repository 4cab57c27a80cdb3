"""The simulated Web Connector: a PC with one company file, one user, and one update at a time."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping

import httpx

from qbconsole.sandbox.connector import wire
from qbconsole.sandbox.connector.transcript import Fault, Transcript
from qbconsole.sandbox.connector.update import QuickBooks, Settings, Update


class SessionRunning(Exception):
    """An update was started while another one ran; the real client has one lock, too."""


class Connector:
    """Drives one service for one company file.

    `company_file` is the file on that PC; `quickbooks_open` says whether somebody has it open, without which
    the service must name it. `http` is any httpx client; without one each update makes its own. `sleep` waits
    after a NoOp. `max_round_trips` bounds the exchanges of one update (OutOfRoundTrips beyond it).
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        quickbooks: QuickBooks,
        *,
        http: httpx.Client | None = None,
        company_file: str = r"C:\QB\Sandbox.qbw",
        quickbooks_open: bool = True,
        client_version: str = "2.3.0.215",
        country: str = "US",
        qbxml_version: tuple[int, int] = (16, 0),
        sleep: Callable[[float], object] = time.sleep,
        max_round_trips: int = 100_000,
        keep_texts: bool = True,
    ) -> None:
        self._http = http
        self._lock = threading.Lock()
        self.settings = Settings(
            url=url,
            user=user,
            password=password,
            quickbooks=quickbooks,
            company_file=company_file,
            quickbooks_open=quickbooks_open,
            client_version=client_version,
            country=country,
            qbxml_version=qbxml_version,
            sleep=sleep,
            max_round_trips=max_round_trips,
            keep_texts=keep_texts,
        )

    def visit(self) -> None:
        """Fetch the AppURL and its WSDL, as the real client does when an application is added."""
        with self._client() as http:
            for place in (self.settings.url, f"{self.settings.url}?wsdl"):
                http.get(place, headers={"User-Agent": wire.USER_AGENT}).raise_for_status()

    def run_update(self, faults: Mapping[int, Fault] | None = None) -> Transcript:
        """Run one update. `faults` names mishaps by exchange: 1 is the first, 0 the opening of QuickBooks."""
        if not self._lock.acquire(blocking=False):
            raise SessionRunning("an update is running; the Web Connector does one at a time")
        try:
            with self._client() as http:
                return Update(self.settings, http, faults or {}).run()
        finally:
            self._lock.release()

    @contextlib.contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        """Give the caller's HTTP client, left open; or one of our own, closed after use."""
        if self._http is not None:
            yield self._http
            return
        # Reading whom TLS trusts takes longer than many an update; without TLS nobody need be.
        verify = self.settings.url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with httpx.Client(timeout=120.0, trust_env=False, verify=verify) as own:
            yield own
