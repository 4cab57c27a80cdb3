"""kill -9 in the middle of each migration: the old schema with all it held, and the next start upgrades it whole."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from qbconsole.store.database import Store
from qbconsole.store.database.engines import sqlite_engines
from qbconsole.store.database.upgrading import MIGRATIONS
from qbconsole.store.schema import HEAD

OLD = Path(__file__).parent / "old_stores" / "schema_0001.sql"
pytestmark = pytest.mark.slow


def released() -> list[str]:
    """Every schema before this one."""
    names = sorted(path.stem.rpartition("_")[2] for path in (MIGRATIONS / "versions").glob("*_0*.py"))
    return [name for name in names if name != HEAD]


def at_revision(path: Path, revision: str) -> None:
    """A store of the first release with data, brought to a later schema as that release would."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as made:
        made.executescript(OLD.read_text(encoding="utf-8"))
    engines = sqlite_engines(path, readonly=False, wait=1)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engines.writer.begin() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, revision)
    engines.writer.dispose()
    engines.reader.dispose()


def everything(path: Path) -> tuple[str, dict[str, list]]:
    """The revision, and all rows of all tables."""
    with closing(sqlite3.connect(path)) as found:
        names = [row[0] for row in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: sorted(map(repr, found.execute(f"SELECT * FROM {name}"))) for name in sorted(names)}
        return found.execute("SELECT version_num FROM alembic_version").fetchone()[0], rows


def upgrade_in_child(path: Path, clock, die_at: int) -> int:
    """Open the store in a process that dies by SIGKILL before its n-th writing statement; gives how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    passed = 0

    def dying(connection, cursor, statement, parameters, context, executemany):
        nonlocal passed
        passed += not statement.lstrip().upper().startswith(("SELECT", "PRAGMA"))
        if passed == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        sa.event.listen(sa.Engine, "before_cursor_execute", dying)
        Store.open(path, clock=clock).close()
    finally:
        os._exit(0)


@pytest.mark.parametrize("revision", released())
def test_dying_anywhere_in_an_upgrade_leaves_the_old_store_and_the_next_start_upgrades_it(
    tmp_path, clock, revision
):
    made, whole = tmp_path / "made" / "state.db", tmp_path / "whole" / "state.db"
    at_revision(made, revision)
    shutil.copytree(made.parent, whole.parent)
    Store.open(whole, clock=clock).close()
    before, after = everything(made), everything(whole)
    assert before[0] == revision
    assert after[0] == HEAD
    died = 0
    for die_at in (2, 3, 5, 8, 13, 21, 34, 55, 89):
        path = tmp_path / f"dies_at_{die_at}" / "state.db"
        shutil.copytree(made.parent, path.parent)
        if upgrade_in_child(path, clock, die_at) != -signal.SIGKILL:
            continue  # it has fewer statements
        died += 1
        assert everything(path) == before
        with Store.open(path, clock=clock) as store:
            assert store.check() == []
        assert everything(path) == after
        assert (path.parent / "backups" / f"before-upgrade-from-{revision}.db").exists()
    assert died >= 1
