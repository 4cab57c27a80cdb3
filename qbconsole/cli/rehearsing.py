"""How the demo and the simulated ends are run from the command line."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import uvicorn

from qbconsole.books.policy import Mode
from qbconsole.care.logbook import keep_log
from qbconsole.cli.given import Given
from qbconsole.cli.output import as_json as write_json
from qbconsole.cli.output import line, progress
from qbconsole.errors import ListenError, MappingInvalid, UsageError
from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.demo import DemoResult
from qbconsole.rehearsal.demo import demo as rehearse
from qbconsole.rehearsal.stage import TOKEN, requests_xsd
from qbconsole.rules.mapping.read import FILE, read
from qbconsole.rules.mapping.values import Mapping
from qbconsole.sandbox.connector import Connector, Ending, Fault, FaultKind, Transcript
from qbconsole.sandbox.quickbooks import CompanyFile, NotACompanyFile, QuickBooks
from qbconsole.sandbox.shopify import Shop, app

_WELL = (Ending.DONE, Ending.NOTHING, Ending.CLOSED)
_SHOP = "oak-ember.myshopify.com"
_FILE = ("Oak & Ember LLC", r"C:\QB\Oak.qbw")
PASSWORD = "QBCONSOLE_QBWC_PASSWORD"  # noqa: S105 - the name of a variable


def run_demo(root: Path, *, orders: int, seed: int, mode: Mode, policies: Sequence[str]) -> DemoResult:
    """The whole trip with a bar on stderr. Raises UsageError for a policy that is not NAME=VALUE."""
    pairs = [written.partition("=") for written in policies]
    for name, sign, _ in pairs:
        if not sign:
            raise UsageError(f"{name!r} is no setting", next="Write it as NAME=VALUE, like tax_by=single.")
    asked = Asked(mode=mode, settings={name.strip(): value.strip() for name, _, value in pairs})
    keep_log(root / ".qbconsole" / "logs")
    with progress("rehearsing") as bar:
        return rehearse(
            root,
            orders=orders,
            seed=seed,
            asked=asked,
            progress=lambda _step, done, of: bar(done, of),
        )


def _decisions(given: Given) -> Mapping | None:
    """The workspace's mapping; None where there is no workspace, or none that can be read."""
    try:
        return read((given.place / FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, MappingInvalid):
        return None


def shop_meant(given: Given) -> str:
    """The shop to play: of the merchant named, else of the workspace's first; the demo's without a workspace."""
    mapping = _decisions(given)
    if mapping is None or not mapping.merchants:
        return _SHOP
    merchants = mapping.merchants
    meant = given.merchant or next(iter(merchants))
    if meant not in merchants:
        raise UsageError(f"there is no merchant {meant!r}", next=f"Use one of: {', '.join(merchants)}.")
    return merchants[meant].shop


def file_meant(given: Given, user: str) -> tuple[str, str]:
    """Name of the company to play and where its file lies: as the mapping's company of this user has them."""
    mapping = _decisions(given)
    company = mapping.companies.get(user) if mapping else None
    return (company.name, company.file or _FILE[1]) if company else _FILE


def play_shopify(*, port: int, seed: int, orders: int, domain: str) -> None:
    """Serve one seeded shop. Raises ListenError where the port is taken."""
    shop = Shop.seeded(domain=domain, seed=seed, orders=orders, start=date(2026, 1, 5))
    shop.permanent_tokens |= {TOKEN}
    config = uvicorn.Config(app([shop]), log_config=None, access_log=False)
    bound = _bound(port)
    uvicorn.Server(config).run(sockets=[bound])


def _bound(port: int) -> Any:
    import socket

    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError as cause:
        bound.close()
        raise ListenError(
            f"cannot listen on 127.0.0.1:{port}: {cause.strerror}", where=f"127.0.0.1:{port}"
        ) from cause
    bound.listen(64)
    return bound


def asked_password(given: Given) -> str:
    """From the environment, or from a person. Raises UsageError where there is neither."""
    told = os.environ.get(PASSWORD)
    if told:
        return told
    if not given.interactive:
        raise UsageError("there is nobody to ask for the password", next=f"Set {PASSWORD}.")
    answer: str = click.prompt("Password of the Web Connector", hide_input=True, err=True)
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """How QuickBooks and its Web Connector are played."""

    url: str
    user: str
    password: str = field(repr=False)
    path: Path
    #: Company name of a file that is made.
    name: str
    windows_path: str
    once: bool
    #: Seconds between updates.
    every: int
    #: "lose-answer:3"
    faults: tuple[str, ...] = ()
    #: "SalesReceiptAdd=3180"
    refusals: tuple[str, ...] = ()


def play_quickbooks(playing: Playing, *, as_json: bool) -> int:
    """Poll until told to stop; the company file is saved after each update. 3 when the service does not answer."""
    faults, refusals = _mishaps(playing.faults), _refusals(playing.refusals)
    file = _company_file(playing)
    quickbooks = QuickBooks(file, requests_xsd=requests_xsd(), clock=_now)
    connector = Connector(
        playing.url,
        playing.user,
        playing.password,
        quickbooks,
        company_file=playing.windows_path,
        keep_texts=False,
    )
    for tag, code in refusals:
        quickbooks.refuse_next(tag, code, "Refused, for the rehearsal.")
    while True:
        heard = connector.run_update(faults)
        faults = {}
        file.save(playing.path)
        _tell(heard, as_json=as_json)
        if playing.once:
            return 3 if heard.ending is Ending.UNREACHABLE else 0 if heard.ending in _WELL else 1
        time.sleep(playing.every)


def _mishaps(written: Sequence[str]) -> dict[int, Fault]:
    """Exchange -> what goes wrong in it. Raises UsageError."""
    kinds = {kind.value.replace(" ", "-"): kind for kind in FaultKind}
    found: dict[int, Fault] = {}
    for one in written:
        kind, _, number = one.partition(":")
        if kind not in kinds or not (number.isascii() and number.isdigit()):
            raise UsageError(
                f"{one!r} is no fault", next=f"Write it as KIND:N, KIND one of: {', '.join(kinds)}."
            )
        found[int(number)] = Fault(kind=kinds[kind])
    return found


def _refusals(written: Sequence[str]) -> list[tuple[str, int]]:
    """(name of the request, status code). Raises UsageError."""
    found = []
    for one in written:
        name, _, code = one.partition("=")
        if not name or not (code.isascii() and code.isdigit()):
            raise UsageError(
                f"{one!r} is no refusal", next="Write it as NAME=CODE, like SalesReceiptAdd=3180."
            )
        found.append((f"{name.removesuffix('Rq')}Rq", int(code)))
    return found


def _now() -> datetime:
    return datetime.now(UTC)


def _company_file(playing: Playing) -> CompanyFile:
    path = playing.path
    try:
        return CompanyFile.load(path) if path.exists() else CompanyFile.create(name=playing.name, now=_now())
    except (OSError, NotACompanyFile) as cause:
        raise UsageError(
            f"this is no company file of the sandbox: {cause}", where=str(path), next="Name another --file."
        ) from cause


_SAID = {
    Ending.REFUSED: "The service takes neither this user nor this password: give the company's name and the password "
    "that `qbconsole setup` or `qbconsole qwc` showed."
}


def _tell(heard: Transcript, *, as_json: bool) -> None:
    told = {
        "ending": heard.ending.value,
        "word": heard.word,
        "exchanges": heard.exchanges,
        "said": heard.error or heard.final or _SAID.get(heard.ending, ""),
    }
    if as_json:
        write_json(told)
    else:
        line(f"{told['ending']}: {told['exchanges']} exchanges. {told['said']}")
