"""Upgrading: brings a database to this program's schema, in one commit, with a backup first.

A schema newer than the program is refused before anything is written. An empty database is made from the
metadata at once (a test proves that alembic's revisions end at the same schema).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from qbconsole.errors import StoreBroken
from qbconsole.store.database.backup import back_up
from qbconsole.store.database.compiled import dialect_of
from qbconsole.store.database.engines import Engines
from qbconsole.store.schema import HEAD, METADATA, journal_head
from qbconsole.store.schema.record import APPEND_ONLY

MIGRATIONS = Path(__file__).parent.parent / "migrations"
#: Any number, the same in every process: upgrades of one PostgreSQL database follow one another.
_UPGRADE_LOCK = 7_268_001
_UPGRADE_WAIT = "30min"


def prepare(engines: Engines, *, migrations: Path = MIGRATIONS, head: str = HEAD) -> None:
    """Make, upgrade or refuse the schema. Raises StoreBroken when it is newer than this program."""
    with engines.reader.connect() as tx:
        if _version(tx, engines) == head:
            return
    if engines.writer is None:
        raise StoreBroken(
            "The database was written by an older program and is open read-only.",
            where=engines.where,
            next="Run `qbconsole status` once without --readonly; it upgrades the database.",
        )
    with engines.writer.begin() as tx:
        if tx.dialect.name == "postgresql":
            # An upgrade lasts longer than a writer: who waits for it goes on once it is done.
            tx.exec_driver_sql(f"SET LOCAL lock_timeout = '{_UPGRADE_WAIT}'")
            tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
            tx.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")
        held = _version(tx, engines)  # again: another process may have been quicker
        if held is None:
            _create(tx, head)
        elif held != head:
            _upgrade(tx, engines, held, migrations)


def is_current(tx: sa.Connection, head: str = HEAD) -> bool:
    """Whether the schema is still this program's; a newer program may have upgraded it while this one runs."""
    return tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none() == head


def _version(tx: sa.Connection, engines: Engines) -> str | None:
    """The revision stamped; None for an empty database."""
    tables = sa.inspect(tx).get_table_names()
    if "alembic_version" in tables:
        return str(tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    if "companies" in tables or (tables and tx.dialect.name == "sqlite"):
        raise StoreBroken("The database holds tables that are not ours.", where=engines.where)
    return None


def _create(tx: sa.Connection, head: str) -> None:
    for statement in _script(tx.dialect.name):
        tx.exec_driver_sql(statement)
    tx.execute(sa.insert(journal_head).values(id=1, seq=0, hash=b""))
    tx.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})


@cache
def _script(engine: str) -> tuple[str, ...]:
    """Every statement that makes the schema; compiled once, because tests and rehearsals make many stores."""
    dialect = dialect_of(engine)
    made: list[sa.ExecutableDDLElement] = []
    for table in METADATA.sorted_tables:
        made.append(CreateTable(table))
        made.extend(CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name)))
    version = (
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    return (*(str(one.compile(dialect=dialect)) for one in made), *APPEND_ONLY[engine], version)


def _upgrade(tx: sa.Connection, engines: Engines, held: str, migrations: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if held not in known:
        raise StoreBroken(
            f"The database was written by a newer program (schema {held}).",
            where=engines.where,
            next="Update qbconsole; nothing was changed.",
        )
    if engines.path is not None:
        back_up(engines, engines.path.parent / "backups" / f"before-upgrade-from-{held}.db")
    config.attributes["connection"] = tx
    command.upgrade(config, "head")
