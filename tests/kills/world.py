"""A world to kill processes in: company files, shops and one workspace on SQLite or PostgreSQL, and what must hold in it.

The two simulated ends live in the test's own process; whatever is ours runs in processes that are killed. What must
hold is read from the ends and held against a twin that nothing was killed in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from argon2 import PasswordHasher

from qbconsole.books.identity import key_in
from qbconsole.bundled import bundled
from qbconsole.care.setup import TOKEN as TOKEN_NAME
from qbconsole.rehearsal.demo import VALUED_THERE, difference
from qbconsole.rehearsal.stage import TOKEN, requests_xsd, shops_listening
from qbconsole.rehearsal.taxes import enter_taxes
from qbconsole.sandbox.quickbooks import CompanyFile, QuickBooks
from qbconsole.sandbox.shopify import Shop
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken
from qbconsole.store import books
from qbconsole.store.secrets import put_secret
from qbconsole.sync.book import book
from qbconsole.sync.enrolling import enrol, give_password
from qbconsole.sync.pull import pull_shop
from qbconsole.views.tally import tally
from qbconsole.workspace import Workspace

START = date(2026, 1, 5)
FIRST = "oak", "oak-ember", "Oak & Ember LLC"
_MORE = """
[companies.{company}]
name = "{name}"
file = 'C:\\QB\\{company}.qbw'

[merchants.{merchant}]
company = "{company}"
shop = "{merchant}.myshopify.com"

[merchants.{merchant}.create]
accounts = "yes"
"""
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def _cheap_hash(password: str) -> str:
    """Logins are not what is tried here; a generated password is hashed without its hyphens."""
    return _HASHER.hash(password.replace("-", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company file with its shop, and the password of its Web Connector."""

    id: str
    merchant: str
    path: str
    quickbooks: QuickBooks
    shop: Shop
    password: str

    @property
    def file(self) -> CompanyFile:
        return self.quickbooks.file


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where the workspace is, the variables its processes are given, and the ends."""

    root: Path
    environ: dict[str, str]
    companies: tuple[Company, ...]

    def workspace(self) -> Workspace:
        """The workspace, opened in this process."""
        return Workspace.open(self.root, environ=self.environ)

    @property
    def shops(self) -> tuple[Shop, ...]:
        return tuple(one.shop for one in self.companies)


def names(number: int) -> tuple[str, str, str]:
    """Company, merchant and the company's name, by number."""
    return FIRST if number == 0 else (f"c{number:02}", f"m{number:02}", f"Company {number:02}")


def make(
    root: Path, *, companies: int, orders: int, seed: int, database: str = "", facts: bool = True
) -> World:
    """A new world; `orders` for each shop. `database`: a PostgreSQL URL."""
    root.mkdir(parents=True, exist_ok=True)
    known = [names(number) for number in range(companies)]
    text = (
        bundled("mappings.toml").read_text(encoding="utf-8").replace('accounts = "ask"', 'accounts = "yes"')
    )
    text += "".join(
        _MORE.format(company=company, merchant=merchant, name=name) for company, merchant, name in known[1:]
    )
    (root / "mappings.toml").write_text(text, encoding="utf-8")
    environ = {"QBCONSOLE_DATABASE_URL": database} if database else {}
    with Workspace.open(root, environ=environ) as workspace:
        enrol(workspace.means())
        made = tuple(_company(workspace, one, orders, seed + n, facts) for n, one in enumerate(known))
    return World(root=root, environ=environ, companies=made)


def _company(
    workspace: Workspace, named: tuple[str, str, str], orders: int, seed: int, facts: bool
) -> Company:
    company, merchant, name = named
    now = workspace.clock()
    file = CompanyFile.create(name=name, now=now)
    enter_taxes(file, now)
    domain = f"{merchant}.myshopify.com"
    password = give_password(workspace.store, workspace.keys, company, now, hashed=_cheap_hash)
    with workspace.store.atomic() as tx:
        put_secret(tx, workspace.keys, merchant, TOKEN_NAME, TOKEN, now)
    return Company(
        id=company,
        merchant=merchant,
        path=workspace.means().mapping.companies[company].file,
        quickbooks=QuickBooks(file, requests_xsd=requests_xsd(), clock=lambda: datetime.now(UTC)),
        shop=Shop.seeded(domain=domain, seed=seed, orders=orders, start=START, facts=facts),
        password=password,
    )


def pull_and_book(world: World) -> None:
    """Both verbs in this process, over loopback HTTP."""
    with world.workspace() as workspace, shops_listening(world.shops) as url:
        means = workspace.means()
        for one in world.companies:
            with ShopifyClient(
                shop=one.shop.domain, credentials=AccessToken(token=TOKEN), base_url=url
            ) as client:
                pull_shop(means, means.merchant(one.merchant), client)
        book(means, means.merchants())


def keys_of(world: World, company: str) -> set[str]:
    """Keys of the documents our books hold for a company."""
    with world.workspace() as workspace, workspace.store.reading() as tx:
        return {row.key for row in books.documents(tx, company=company, limit=10_000_000)}


def effects(company: Company) -> Counter[str]:
    """Our key in each memo of the company file -> how many documents bear it."""
    found = (key_in(filed.memo) for filed in company.file.documents())
    return Counter(key for key in found if key)


def faults(world: World, twin: World) -> list[str]:
    """What does not hold: something twice, lost, or another amount. `twin`: booked, nothing killed, nothing delivered."""
    told: list[str] = []
    for one in world.companies:
        found = effects(one)
        told += [f"{one.id}: {key} stands {times} times" for key, times in found.items() if times > 1]
        for key in sorted(keys_of(world, one.id) ^ keys_of(twin, one.id)):
            told.append(f"{one.id}: {key} was booked in one of the twins only")
        with world.workspace() as workspace:
            counted = tally(workspace.store, one.id, without=VALUED_THERE)
        if counted.documents != counted.recorded + sum(not held.is_order for held in counted.waiting):
            told.append(
                f"{one.id}: {counted.recorded} of {counted.documents} recorded, {len(counted.waiting)} held"
            )
        if len(found) < counted.recorded:
            told.append(f"{one.id}: {counted.recorded} recorded, {len(found)} in QuickBooks")
        if off := difference(counted.ledger, one.file):
            told.append(f"{one.id}: the ledgers differ by {off}")
    return told
