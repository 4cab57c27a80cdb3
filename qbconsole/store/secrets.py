"""Secrets: tokens and passwords, encrypted at rest with keys kept outside the database.

The keys file holds one Fernet key a line, the newest first, readable by its owner alone. A value is never part of
a repr, a log or an error; a backup of the database alone gives none away.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from qbconsole.errors import StoreBroken, WorkspaceError
from qbconsole.store.database.statements import put_rows, run, touched
from qbconsole.store.encoding import moment_text
from qbconsole.store.schema import secrets as table
from qbconsole.store.sharing.made_once import make_once

_VALUE = sa.select(table.c.value).where(
    table.c.scope == sa.bindparam("scope"), table.c.name == sa.bindparam("name")
)
_LOST = "The keys file does not open the stored secrets."
_LOST_STEP = "Put the right keys file back, or enter the secrets anew with `qbconsole setup`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of one installation; shows nothing of them."""

    path: Path
    _lines: tuple[bytes, ...] = field(repr=False)

    @property
    def box(self) -> MultiFernet:
        """Encrypts with the newest key, decrypts with any."""
        return MultiFernet([Fernet(line) for line in self._lines])

    def with_new_key(self) -> Keys:
        """The same keys after a new one, durable before it is used."""
        grown = Keys(path=self.path, _lines=(Fernet.generate_key(), *self._lines))
        _write(grown.path, grown._lines)
        return grown

    def newest_only(self) -> Keys:
        """The newest key alone; only after every secret was encrypted anew and that commit is durable."""
        shrunk = Keys(path=self.path, _lines=self._lines[:1])
        _write(shrunk.path, shrunk._lines)
        return shrunk


def open_keys(path: Path) -> Keys:
    """Read the keys file, made on first use. Raises WorkspaceError when others may read it or it is no keys file."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_once(path, _text((Fernet.generate_key(),)))
        mode = stat.S_IMODE(path.stat().st_mode)
        lines = tuple(line.encode() for line in path.read_text("ascii").split())
    except (OSError, UnicodeDecodeError) as cause:
        raise WorkspaceError("The keys file cannot be read.", where=str(path), next=_LOST_STEP) from cause
    if mode & 0o077:
        raise WorkspaceError(
            "Others may read the keys file.", where=str(path), next=f"Run `chmod 600 {path}`, then try again."
        )
    keys = Keys(path=path, _lines=lines)
    try:
        _ = keys.box
    except ValueError as cause:
        raise WorkspaceError("The keys file is damaged.", where=str(path), next=_LOST_STEP) from cause
    return keys


def _text(lines: tuple[bytes, ...]) -> bytes:
    return b"\n".join(lines) + b"\n"


def _write(path: Path, lines: tuple[bytes, ...]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_text(lines))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def put_secret(tx: sa.Connection, keys: Keys, scope: str, name: str, value: str, at: datetime) -> None:
    """Keep a secret, replacing the one before. Scope: a merchant's or company's id."""
    row = {
        "scope": scope,
        "name": name,
        "value": keys.box.encrypt(value.encode()),
        "kept_at": moment_text(at),
    }
    put_rows(tx, table, ("scope", "name"), [row])


def get_secret(tx: sa.Connection, keys: Keys, scope: str, name: str) -> str | None:
    """A secret in clear; None when there is none. Raises StoreBroken when the keys do not open it."""
    value = run(tx, _VALUE, {"scope": scope, "name": name}).scalar_one_or_none()
    return None if value is None else _open(keys, value, f"{scope}/{name}")


def _open(keys: Keys, value: bytes, where: str) -> str:
    try:
        return keys.box.decrypt(value).decode()
    except InvalidToken as cause:
        raise StoreBroken(_LOST, where=where, next=_LOST_STEP) from cause


def forget_secret(tx: sa.Connection, scope: str, name: str) -> bool:
    """Delete a secret; False when there was none."""
    return touched(tx, sa.delete(table).where(table.c.scope == scope, table.c.name == name), {}) == 1


def secret_names(tx: sa.Connection) -> list[tuple[str, str, str]]:
    """(scope, name, when kept) of every secret, without its value."""
    statement = sa.select(table.c.scope, table.c.name, table.c.kept_at).order_by(table.c.scope, table.c.name)
    return [(row.scope, row.name, row.kept_at) for row in tx.execute(statement)]


def reencrypt(tx: sa.Connection, keys: Keys) -> int:
    """Encrypt every secret with the newest key; gives how many. After the commit drop the old keys."""
    rows = tx.execute(sa.select(table.c.scope, table.c.name, table.c.value, table.c.kept_at)).all()
    anew = [
        {
            "scope": row.scope,
            "name": row.name,
            "value": keys.box.encrypt(_open(keys, row.value, f"{row.scope}/{row.name}").encode()),
            "kept_at": row.kept_at,
        }
        for row in rows
    ]
    put_rows(tx, table, ("scope", "name"), anew)
    return len(anew)
