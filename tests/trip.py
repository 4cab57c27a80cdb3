"""A whole trip inside one process: a workspace, the verbs, and the simulated QuickBooks without HTTP between."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from argon2 import PasswordHasher

from qbconsole.bundled import bundled
from qbconsole.sandbox.quickbooks import CompanyFile, QuickBooks
from qbconsole.serve import delivery_of
from qbconsole.sync.book import book
from qbconsole.sync.enrolling import give_password
from qbconsole.sync.pull import pull_file
from qbconsole.webconnector import passwords
from qbconsole.webconnector.conversation import Hello, Login
from qbconsole.workspace import Workspace

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
COMPANY = "oak"
SHOP = {
    "myshopifyDomain": "oak-ember.myshopify.com",
    "currencyCode": "USD",
    "ianaTimezone": "America/Los_Angeles",
    "taxesIncluded": False,
}


#: Settings that stand in a line of their own in the shipped mapping, commented out.
_LINES = {"start": "# start = 2026-01-01", "fiscal_year_start": "# fiscal_year_start = 1"}


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def as_toml(value) -> str:
    """A text, number or list as TOML writes it, or a table in one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {as_toml(one)}' for key, one in value.items())} }}"
    return json.dumps(value)


def with_settings(text: str, settings: dict) -> str:
    """The mapping with a merchant's own tables: {"policy": {...}, "modes": {...}}, a start, the company's fiscal year."""
    for name, line in _LINES.items():
        if name in settings:
            assert line in text
            text = text.replace(line, f"{name} = {settings[name]}")
    for table, values in settings.items():
        if table not in _LINES and values:
            lines = (f"{_key(key)} = {as_toml(value)}" for key, value in values.items())
            text += "\n".join(["", f"[merchants.oak-ember.{table}]", *lines, ""])
    return text


@contextmanager
def cheap_passwords():
    """A trip is not about guessing passwords; tests/webconnector is, and pays the real price of a hash."""
    real = passwords._HASHER
    passwords._nobody()  # remembered for the whole process, so it is made at the real price
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        yield
    finally:
        passwords._HASHER = real


class Trip:
    """A workspace with one merchant, and a company file to deliver to."""

    def __init__(
        self,
        root: Path,
        *,
        country: str = "US",
        name: str = "Oak & Ember LLC",
        edit=None,
        settings: dict | None = None,
    ) -> None:
        text = (
            bundled("mappings.toml")
            .read_text(encoding="utf-8")
            .replace('accounts = "ask"', 'accounts = "yes"')
        )
        text = with_settings(text, settings or {})
        (root / "mappings.toml").write_text(edit(text) if edit else text, encoding="utf-8")
        self.workspace = Workspace.open(root, environ={"QBCONSOLE_NOW": NOW.isoformat()})
        #: What time it is for the program; a timeline moves it on.
        self.now = NOW
        self.workspace.clock = lambda: self.now
        self.company_file = CompanyFile.create(name=name, country=country, now=NOW)
        xsd = Path(str(files("qbconsole.qbxml").joinpath("requests.xsd")))
        self.quickbooks = QuickBooks(self.company_file, requests_xsd=xsd, clock=lambda: datetime.now(UTC))
        self._delivery = None
        self._password = ""

    def close(self) -> None:
        self.workspace.close()

    def owner_sets_up(self, *bodies: str) -> None:
        """Requests of somebody else: what the file's owner enters by hand, which our own schema need not know."""
        by_hand = QuickBooks(self.company_file, requests_xsd=None, clock=lambda: NOW)
        for body in bodies:
            text = f'<?qbxml version="16.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{body}</QBXMLMsgsRq></QBXML>'
            answer = by_hand.process(text)
            assert 'statusCode="0"' in answer.response, answer

    def pull(self, facts: dict, **more):
        """Pull from a file made of these facts; the shop is added where it is not given."""
        path = self.workspace.root / "facts.json"
        path.write_text(json.dumps({"shop": SHOP} | facts), encoding="utf-8")
        return pull_file(self.workspace.means(), path, **more)

    def book(self):
        means = self.workspace.means()
        return book(means, means.merchants())

    @property
    def delivery(self):
        if self._delivery is None:
            self._delivery = delivery_of(self.workspace)
            with cheap_passwords():
                self._password = give_password(self.workspace.store, self.workspace.keys, COMPANY, NOW)
        return self._delivery

    def session(self, *, country: str = "US") -> str:
        """One Web Connector session; gives the word of the login, or how it ended."""
        delivery = self.delivery
        self.quickbooks.reopen()
        with cheap_passwords():
            opened = delivery.open(Login(user=COMPANY, password=self._password, peer="127.0.0.1"))
        if opened.word in ("none", "nvu", "busy"):
            return opened.word
        hcp, ending = self.quickbooks.hello(), "100"
        for _ in range(1000):
            hello = Hello(hcp=hcp, company_file="", country=country, major=16, minor=0)
            text, hcp = delivery.next(opened.ticket, hello), ""
            if not text:
                ending = delivery.explain(opened.ticket)
                break
            answer = self.quickbooks.process(text)
            percent = delivery.answer(
                opened.ticket, [answer.response] if answer.response else [], answer.hresult, answer.message
            )
            assert percent <= 100
            if percent < 0:
                ending = delivery.explain(opened.ticket)
                break
            if percent == 100:
                break
        delivery.close(opened.ticket)
        return ending

    def deliver(self, sessions: int = 10) -> int:
        """Sessions until there is nothing to do."""
        for number in range(sessions):
            if self.session() == "none":
                return number
        return sessions
