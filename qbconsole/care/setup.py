"""Setting up: a workspace on disk, a merchant's credentials, the Web Connector's password and .qwc file.

Secrets are asked for, or read from a private file, never taken from a command line; they are kept encrypted.
A password is shown once, when it is made; only its argon2id hash is kept.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qbconsole.bundled import bundled
from qbconsole.errors import InputUnreadable, UsageError, WorkspaceError
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.credentials import (
    AccessToken,
    ClientCredentials,
    Credentials,
    OfflineTokens,
)
from qbconsole.store import journal, parties
from qbconsole.store.secrets import Keys, forget_secret, get_secret, put_secret
from qbconsole.sync.enrolling import PASSWORD, enrol
from qbconsole.sync.means import Means
from qbconsole.sync.pull.access import PAIR, StoredTokens, keep_refresh_token, kept_pair
from qbconsole.sync.pull.webhooks import give_webhook_secret
from qbconsole.webconnector.passwords import generate, hash_password
from qbconsole.webconnector.qwc import QwcFile, qwc

#: Names under which a merchant's credentials are kept.
TOKEN, CLIENT_ID, CLIENT_SECRET = "shopify_token", "shopify_client_id", "shopify_client_secret"
_ANSWERS_STEP = (
    'Write {"merchants": {"ID": {"token": "shpat_…"}}, "companies": {"ID": {"new_password": true}}}; '
    "client_id and client_secret may stand in place of token, refresh_token beside them where the app's tokens rotate, "
    "webhook_secret beside either."
)
_IGNORED = "/.qbconsole/\n*.~*~\n"
_TEMPLATES = """# Templates

Empty: the shipped templates are used. `qbconsole templates new sales_receipt_add` copies one here, to be changed for
every merchant; with `--merchant NAME` into a folder of that name, for that one. `qbconsole templates check` says
whether a changed one may be used, `qbconsole templates list` which ones are.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A public app's way in: its tokens rotate from this one on."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


#: What a person gives of a merchant.
Told = AccessToken | ClientCredentials | RefreshToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `setup` was told."""

    credentials: Mapping[str, Told] = field(default_factory=dict)
    #: Merchant -> what signs its webhooks: the app's client secret.
    webhook_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Companies whose Web Connector gets a new password.
    new_passwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """One company's way in for the Web Connector."""

    company: str
    user: str
    #: The .qwc file.
    text: str
    #: Only when it was just made.
    password: str | None = field(default=None, repr=False)


def make_workspace(root: Path) -> tuple[Path, ...]:
    """Make a workspace; gives the files written. Raises WorkspaceError where one is, or where nothing may be written."""
    mapping = root / "mappings.toml"
    if mapping.exists():
        raise WorkspaceError(
            "there is a workspace here already",
            where=str(root),
            next="Choose another directory; nothing was changed.",
        )
    texts = {
        mapping: bundled("mappings.toml").read_text(encoding="utf-8"),
        root / "plugins" / "README.md": (bundled("plugins") / "README.md").read_text(encoding="utf-8"),
        root / "templates" / "README.md": _TEMPLATES,
        root / ".gitignore": _IGNORED,
    }
    written = []
    try:
        (root / ".qbconsole").mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(text, encoding="utf-8")
                written.append(path)
    except OSError as cause:
        raise WorkspaceError(
            f"the workspace cannot be written: {cause.strerror or cause}",
            where=str(root),
            next="Choose a directory you may write to.",
        ) from cause
    return tuple(written)


def read_answers(path: Path) -> Answers:
    """Answers from a private file, or from stdin where the path is "-". Raises InputUnreadable."""
    try:
        text = sys.stdin.read() if str(path) == "-" else _private_text(path)
        given = json.loads(text)
    except (OSError, UnicodeDecodeError) as cause:
        raise InputUnreadable("the answers cannot be read", where=str(path), next=_ANSWERS_STEP) from cause
    except ValueError as cause:
        raise InputUnreadable(
            f"the answers are no JSON: {cause}", where=str(path), next=_ANSWERS_STEP
        ) from cause
    merchants, companies = _table(given, "merchants", path), _table(given, "companies", path)
    signing = {name: str(told.get("webhook_secret") or "").strip() for name, told in merchants.items()}
    return Answers(
        credentials={
            name: _credentials(name, told, path)
            for name, told in merchants.items()
            if set(told) - {"webhook_secret"} or not signing[name]
        },
        webhook_secrets={name: secret for name, secret in signing.items() if secret},
        new_passwords=tuple(name for name, told in companies.items() if dict(told).get("new_password")),
    )


def _private_text(path: Path) -> str:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise InputUnreadable(
            "others may read the file with the answers",
            where=str(path),
            next=f"Run `chmod 600 {path}`, then try again.",
        )
    return path.read_text(encoding="utf-8")


def _table(given: Any, name: str, path: Path) -> Mapping[str, Mapping[str, Any]]:
    held = given.get(name, {}) if isinstance(given, dict) else None
    if not isinstance(held, dict) or not all(isinstance(one, dict) for one in held.values()):
        raise InputUnreadable(f'"{name}" is no table of tables', where=str(path), next=_ANSWERS_STEP)
    return held


def _credentials(merchant: str, told: Mapping[str, Any], path: Path) -> Told:
    token, client_id, secret, refresh = (
        str(told.get(name) or "").strip() for name in ("token", "client_id", "client_secret", "refresh_token")
    )
    if client_id and secret and refresh:
        return RefreshToken(client_id=client_id, client_secret=secret, refresh_token=refresh)
    if token:
        return AccessToken(token=token)
    if client_id and secret:
        return ClientCredentials(client_id=client_id, client_secret=secret)
    raise InputUnreadable(f"there are no credentials for {merchant}", where=str(path), next=_ANSWERS_STEP)


def keep_answers(means: Means, keys: Keys, answers: Answers, *, who: str) -> dict[str, str]:
    """Keep everything in one commit; gives the new passwords by company, to be shown once."""
    for merchant, told in answers.credentials.items():
        means.merchant(merchant)
        _require_sendable(merchant, told)
    for merchant in answers.webhook_secrets:
        means.merchant(merchant)
    for company in answers.new_passwords:
        _require_company(means, company)
    enrol(means)
    made = {company: generate() for company in answers.new_passwords}
    at = means.clock()
    with means.store.atomic() as tx:
        for merchant, told in answers.credentials.items():
            _keep_credentials(tx, keys, merchant, told, means)
            journal.record(tx, who, "credentials", merchant, {"kind": type(told).__name__}, at)
        for merchant, secret in answers.webhook_secrets.items():
            give_webhook_secret(tx, keys, merchant, secret, at)
            journal.record(tx, who, "webhook_secret", merchant, {}, at)
        for company, password in made.items():
            put_secret(tx, keys, company, PASSWORD, hash_password(password), at)
            journal.record(tx, who, "password", company, {}, at)
    return made


def _require_sendable(merchant: str, told: Told) -> None:
    """A header carries visible ASCII only; what was pasted with more is refused here, not at each pull."""
    words = (told.token,) if isinstance(told, AccessToken) else (told.client_id, told.client_secret)
    if isinstance(told, RefreshToken):
        words = (*words, told.refresh_token)
    if not all(word.isascii() and word.isprintable() and " " not in word for word in words):
        raise UsageError(
            f"the credentials of {merchant} hold a blank or a letter that none of Shopify's has",
            next="Copy them again from the app's settings, whole and alone; nothing was stored.",
        )


def _require_company(means: Means, company: str) -> None:
    if company not in means.mapping.companies:
        known = ", ".join(means.mapping.companies) or "none is mapped yet"
        raise UsageError(f"there is no company {company!r}", next=f"Use one of: {known}.")


def _keep_credentials(tx: Any, keys: Keys, merchant: str, told: Told, means: Means) -> None:
    """Keep one form and forget the other: which one counts is never a question of luck."""
    if not isinstance(told, AccessToken):
        # Before the old one is forgotten: it may sign for an hour yet.
        give_webhook_secret(tx, keys, merchant, told.client_secret, means.clock())
    for name in (TOKEN, CLIENT_ID, CLIENT_SECRET, PAIR):
        forget_secret(tx, merchant, name)
    if isinstance(told, RefreshToken):
        keep_refresh_token(tx, keys, merchant, told.refresh_token, means.clock())
    if isinstance(told, AccessToken):
        rows = {TOKEN: told.token}
    else:
        rows = {CLIENT_ID: told.client_id, CLIENT_SECRET: told.client_secret}
    for name, value in rows.items():
        put_secret(tx, keys, merchant, name, value, means.clock())


def credentials_of(means: Means, keys: Keys, merchant: Merchant) -> Credentials:
    """A merchant's credentials. Raises UsageError naming the command that stores them."""
    with means.store.reading() as tx:
        token, client_id, secret = (
            get_secret(tx, keys, merchant.id, name) for name in (TOKEN, CLIENT_ID, CLIENT_SECRET)
        )
        rotates = kept_pair(tx, keys, merchant.id) is not None
    if token:
        return AccessToken(token=token)
    if client_id and secret and rotates:
        keeper = StoredTokens(store=means.store, keys=keys, merchant=merchant.id, clock=means.clock)
        return OfflineTokens(client_id=client_id, client_secret=secret, keeper=keeper)
    if client_id and secret:
        return ClientCredentials(client_id=client_id, client_secret=secret)
    raise UsageError(
        f"there are no Shopify credentials for {merchant.id}",
        next=f"Run `qbconsole --merchant {merchant.id} setup`, or pull a file with --from-file.",
    )


def introduce(
    means: Means, keys: Keys, company: str, url: str, *, who: str, new_password: bool = False
) -> Introduction:
    """The .qwc file with the company's stable GUIDs, and a password where there is none yet or a new one is wanted."""
    _require_company(means, company)
    enrol(means)
    with means.store.reading() as tx:
        row = parties.company(tx, company)
        known = get_secret(tx, keys, company, PASSWORD) is not None
    if row is None:
        raise UsageError(f"there is no company {company!r}")
    text = qwc(
        QwcFile(
            company=company,
            company_name=row.name,
            user=company,
            url=url,
            owner_id=uuid.UUID(row.owner_id),
            file_id=uuid.UUID(row.file_id),
        )
    )
    if known and not new_password:
        return Introduction(company=company, user=company, text=text)
    made = keep_answers(means, keys, Answers(new_passwords=(company,)), who=who)
    return Introduction(company=company, user=company, text=text, password=made[company])
