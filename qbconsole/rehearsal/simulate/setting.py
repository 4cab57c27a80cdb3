"""What a seed chooses before anything happens: companies, merchants, how they book, how much there is.

The workspace of each choice is made once a process and copied for every run: database with its schema and parties,
keys, mapping. Nothing here strikes; faults are chosen elsewhere.
"""

from __future__ import annotations

import pickle
import random
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from argon2 import PasswordHasher

from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.simulate.ends.database import Database, Server, kept_on, new_database
from qbconsole.rehearsal.stage import demo_mapping
from qbconsole.sandbox.quickbooks import CompanyFile
from qbconsole.sandbox.shopify import Shop
from qbconsole.sync.enrolling import enrol, give_password
from qbconsole.sync.pull.webhooks.secret import give_webhook_secret
from qbconsole.workspace import OWN, Workspace

#: The first day of every run: a Monday well before the change of clocks.
START = date(2026, 1, 5)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
#: So many of the catalogue are sold from the second day on.
_PRODUCTS = 6
_SECOND_COMPANY = """
[companies.pine]
name = "Pine Market Inc"
file = 'C:\\QB\\Pine.qbw'
"""
_NAMES = {"oak": "Oak & Ember LLC", "pine": "Pine Market Inc"}
_PATHS = {"oak": "C:\\QB\\Oak.qbw", "pine": "C:\\QB\\Pine.qbw"}
#: The same in every run, for it stands in what a connector says.
_PASSWORD = "simulated-password"  # noqa: S105 - opens a simulated company only
#: What every simulated shop signs with.
_SECRET = "sandbox-secret"  # noqa: S105 - opens a simulated shop only
#: A hash nobody attacks: verifying the real one would cost more than the rest of a login.
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One merchant of the setting."""

    merchant: str
    company: str
    timezone: str
    #: Payouts, stock, gift cards and purchases happen as well.
    facts: bool = False

    @property
    def domain(self) -> str:
        """Its shop."""
        return f"{self.merchant}.myshopify.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Everything a seed chooses about the world."""

    places: tuple[Place, ...]
    mode: Literal["detailed", "summary"]
    #: Orders of a merchant before the first pull, and days that are lived through.
    orders: int
    days: int
    start: date = START
    taxes_included: bool = False
    #: A second currency that a few buyers pay in, with its units for a million of the shop's.
    foreign: tuple[str, int] | None = None

    def shop(self, place: Place, seed: int) -> Shop:
        """A merchant's shop as it stands before the first pull."""
        shop = Shop.seeded(
            domain=place.domain,
            seed=seed,
            orders=self.orders,
            start=self.start,
            days=2,
            timezone=place.timezone,
            taxes_included=self.taxes_included,
            foreign=self.foreign,
            facts=place.facts,
        )
        if not place.facts:
            _with_few_products(shop)
        return shop

    @property
    def companies(self) -> tuple[str, ...]:
        """Ids, in the mapping's order."""
        return tuple(dict.fromkeys(place.company for place in self.places))


def chosen(chance: random.Random) -> Setting:
    """A small world."""
    shape = chance.choices(("one", "two shops", "two companies"), (60, 20, 20))[0]
    places = [
        Place(
            merchant="oak-ember", company="oak", timezone="America/Los_Angeles", facts=chance.random() < 0.2
        )
    ]
    if shape != "one":
        company = "oak" if shape == "two shops" else "pine"
        places.append(Place(merchant="cedar-lane", company=company, timezone="America/New_York"))
    return Setting(
        places=tuple(places),
        mode="summary" if chance.random() < 0.25 else "detailed",
        orders=chance.randint(3, 6) if shape == "one" else chance.randint(2, 4),
        days=chance.choices((1, 2, 3), (40, 40, 20))[0],
    )


def _with_few_products(shop: Shop) -> None:
    """A shelf that is looked at in no time: what was ordered, and a few more."""
    world = shop.world
    sold = {
        (line["variant"] or {}).get("id") for order in shop.orders for line in order["lineItems"]["nodes"]
    }
    world.items[:] = world.items[:_PRODUCTS]
    wanted = sold | {item.listing["variant"]["id"] for item in (*world.items, *world.cards)}
    world.variants[:] = [row for row in world.variants if row["id"] in wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A workspace to be copied, and what connectors log in with."""

    root: Path
    database: Database
    #: Company -> password.
    passwords: dict[str, str]


def name_of(company: str) -> str:
    """As QuickBooks shows it."""
    return _NAMES[company]


def path_of(company: str) -> str:
    """Where its file lies on the PC."""
    return _PATHS[company]


def new_workspace(setting: Setting, room: Path) -> Prepared:
    """A workspace of this setting in `room`."""
    prepared = _prepared(
        setting.companies, tuple((p.merchant, p.company) for p in setting.places), setting.mode, kept_on()
    )
    root = room / "workspace"
    shutil.copytree(prepared.root, root)
    return replace(prepared, root=root, database=prepared.database.copied(root))


def new_file(company: str) -> CompanyFile:
    """A company file as on its first day."""
    file: CompanyFile = pickle.loads(_file(_NAMES[company]))  # noqa: S301 - written by this process
    return file


@cache
def _file(name: str) -> bytes:
    return pickle.dumps(CompanyFile.create(name=name, now=MADE))


@cache
def _prepared(
    companies: tuple[str, ...],
    merchants: tuple[tuple[str, str], ...],
    mode: Literal["detailed", "summary"],
    _server: Server | None,
) -> Prepared:
    root = Path(tempfile.mkdtemp(prefix="ready-", dir=room()))
    root.joinpath("mappings.toml").write_text(_mapping(companies, merchants, mode), encoding="utf-8")
    own = root / OWN
    own.mkdir(mode=0o700)
    own.joinpath("install").write_text("simulated", encoding="ascii")
    database = new_database(root)
    with Workspace(root=root, clock=lambda: MADE, database=database.place) as workspace:
        enrol(workspace.means())
        for company in companies:
            give_password(
                workspace.store, workspace.keys, company, MADE, hashed=lambda _told: _HASHER.hash(_PASSWORD)
            )
        passwords = dict.fromkeys(companies, _PASSWORD)
        with workspace.store.atomic() as tx:
            for merchant, _ in merchants:
                give_webhook_secret(tx, workspace.keys, merchant, _SECRET, MADE)
    database.settle()
    return Prepared(root=root, database=database, passwords=passwords)


def _mapping(
    companies: tuple[str, ...], merchants: tuple[tuple[str, str], ...], mode: Literal["detailed", "summary"]
) -> str:
    text = demo_mapping()
    if len(merchants) == 1:
        text = text[: text.index("# ---- the demo's second shop")]
    for company in companies[1:]:
        text = text.replace(
            '[merchants.cedar-lane]\ncompany = "oak"', f'[merchants.cedar-lane]\ncompany = "{company}"'
        )
        text += _SECOND_COMPANY
    return Asked(mode=mode).written(text, "oak", tuple(merchant for merchant, _ in merchants))


@cache
def _own_room() -> tempfile.TemporaryDirectory[str]:
    """A folder in memory where there is one; gone with the process that asked for it."""
    memory = Path("/dev/shm")  # noqa: S108 - only where to put a folder of our own
    return tempfile.TemporaryDirectory(prefix="qbconsole-simulate-", dir=memory if memory.is_dir() else None)


_SHARED: list[Path] = []


def share_room(where: Path) -> None:
    """Keep files in a folder that another process made, and clears away."""
    _SHARED[:] = [where]


def room() -> Path:
    """Where runs keep their files."""
    return _SHARED[0] if _SHARED else Path(_own_room().name)
