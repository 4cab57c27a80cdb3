"""The store as a file and as a server: durable, private, locked, damaged, full, newer, migrated, backed up."""

import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from qbconsole.errors import StoreBroken, StoreError, StoreLocked
from qbconsole.store import journal, parties, requests
from qbconsole.store.database import Store
from qbconsole.store.database.engines import postgres_engines, sqlite_engines
from qbconsole.store.database.troubles import translated
from qbconsole.store.database.upgrading import MIGRATIONS, prepare
from qbconsole.store.requests import NewRequest, Purpose
from qbconsole.store.schema import HEAD, METADATA

ROOT = Path(__file__).parents[2]


def add_company(store, name="elm"):
    with store.atomic() as tx:
        parties.put_company(tx, name, name=name, file="", at=store.clock())


def companies(store):
    with store.reading() as tx:
        return [one.id for one in parties.all_companies(tx)]


def test_files_are_private(sqlite_store):
    add_company(sqlite_store)
    home = sqlite_store.path.parent
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}


def test_durability_settings_are_on(sqlite_store):
    with sqlite_store.atomic() as tx:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted} == wanted


def test_no_column_is_a_float_and_no_time_is_naive():
    kinds = {type(column.type) for table in METADATA.sorted_tables for column in table.columns}
    assert kinds == {sa.Text, sa.Integer, sa.BigInteger, sa.LargeBinary}


def test_a_block_that_raises_leaves_nothing(store):
    def fail_half_way():
        with store.atomic() as tx:
            parties.put_company(tx, "elm", name="Elm", file="", at=store.clock())
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    assert companies(store) == ["oak"]


def test_a_reader_sees_one_moment_and_cannot_write(store):
    with store.reading() as tx:
        before = len(parties.all_companies(tx))
        add_company(store)
        assert len(parties.all_companies(tx)) == before
        with pytest.raises(StoreError), store.reading() as other:
            parties.put_company(other, "ash", name="", file="", at=store.clock())
    assert companies(store) == ["elm", "oak"]


def test_two_writers_of_one_file_get_a_clear_error(sqlite_store, sqlite_path, clock):
    with (
        Store.open(sqlite_path, clock=clock, wait=0.05) as other,
        sqlite_store.atomic(),
        pytest.raises(StoreLocked) as caught,
    ):
        add_company(other)
    assert caught.value.exit_status == 3
    assert "Wait" in caught.value.next
    assert str(sqlite_path) in str(caught.value)
    assert isinstance(caught.value.__cause__, (sa.exc.OperationalError, sqlite3.OperationalError))


def test_two_writers_of_one_row_get_a_clear_error_on_postgresql(empty_postgres, clock):
    with (
        Store.open(empty_postgres, clock=clock, wait=0.1) as one,
        Store.open(empty_postgres, clock=clock, wait=0.1) as two,
    ):
        add_company(one)
        with one.atomic() as tx:
            parties.update_company(tx, "elm", stopped="x")
            with pytest.raises(StoreLocked), two.atomic() as other:
                parties.update_company(other, "elm", stopped="y")


def test_a_committed_row_survives_kill_9(place, clock):
    program = f"""
        import os, signal
        from datetime import UTC, datetime
        from qbconsole.store import journal, parties, requests
        from qbconsole.store.database import Store
        now = lambda: datetime(2026, 3, 1, tzinfo=UTC)
        store = Store.open({place!r}, clock=now)
        for number in range(40):
            with store.atomic() as tx:
                parties.put_company(tx, f"c{{number}}", name="", file="", at=now())
                journal.record(tx, "t", "put", f"c{{number}}", {{}}, now())
            print(number, flush=True)
        with store.atomic() as tx:
            parties.put_company(tx, "uncommitted", name="", file="", at=now())
            os.kill(os.getpid(), signal.SIGKILL)
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, env=environment
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    acknowledged = {f"c{line}" for line in done.stdout.decode().split()}
    with Store.open(place, clock=clock) as store:
        assert len(acknowledged) == 40
        assert set(companies(store)) == acknowledged
        with store.reading() as tx:
            assert journal.verify(tx) is None


def test_a_full_disk_is_named_and_costs_nothing_recorded(sqlite_store):
    with sqlite_store.atomic() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreBroken, match="disk is full") as caught, sqlite_store.atomic() as tx:
        parties.put_company(tx, "elm", name="x" * 100_000, file="", at=sqlite_store.clock())
    assert "Free disk space" in caught.value.next
    with sqlite_store.atomic() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
    add_company(sqlite_store)
    assert companies(sqlite_store) == ["elm", "oak"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody who may not write")
def test_a_failing_disk_asks_for_room_before_it_asks_for_a_backup():
    broken = sqlite3.OperationalError("disk I/O error")
    broken.sqlite_errorcode = sqlite3.SQLITE_IOERR
    with pytest.raises(StoreBroken) as caught, translated("state.db"):
        raise broken
    assert "backup" not in caught.value.next
    assert caught.value.next.startswith("Free disk space")


@pytest.mark.parametrize("readonly", [False, True])
def test_a_read_only_directory_is_refused_for_writing_and_read_otherwise(clock, readonly):
    home = Path(tempfile.mkdtemp(prefix="qbc-ro-"))
    try:
        with Store.open(home / "state.db", clock=clock) as made:
            add_company(made)
        home.chmod(0o555)
        (home / "state.db").chmod(0o444)
        child = os.fork()
        if child == 0:
            os._exit(_as_nobody(home / "state.db", clock, readonly))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        home.chmod(0o755)
        shutil.rmtree(home)


def _with_no_room(work, hard=0):
    """What `work` gives in a process that may not write a byte to any file."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            os._exit(work())
        finally:
            os._exit(9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_full_disk_is_read_where_nobody_serves_and_how_is_told(sqlite_path, clock):
    with Store.open(sqlite_path, clock=clock) as made:
        add_company(made)

    def work():
        try:
            Store.open(sqlite_path, clock=clock).close()
        except StoreBroken as error:
            if "--readonly" not in error.next:
                return 1
        with Store.open(sqlite_path, clock=clock, readonly=True) as store:
            return 0 if companies(store) == ["elm"] and companies(store) == ["elm"] else 2

    assert _with_no_room(work) == 0


def test_what_is_written_once_there_is_room_is_seen_by_who_read_meanwhile(sqlite_path, clock):
    with Store.open(sqlite_path, clock=clock) as made:
        add_company(made)
    soft = resource.getrlimit(resource.RLIMIT_FSIZE)[0]

    def work():
        with Store.open(sqlite_path, clock=clock, readonly=True) as store:
            if companies(store) != ["elm"]:
                return 1
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))
            with Store.open(sqlite_path, clock=clock) as writer:
                add_company(writer, "oak")
                if companies(store) != ["elm", "oak"]:
                    return 2
            return 0 if companies(store) == ["elm", "oak"] else 3

    assert _with_no_room(work, hard=resource.RLIM_INFINITY) == 0


def _as_nobody(path, clock, readonly):
    os.setuid(65534)
    try:
        with Store.open(path, clock=clock, readonly=readonly) as store:
            return 0 if readonly and companies(store) == ["elm"] else 1
    except StoreBroken as error:
        return 0 if not readonly and "cannot be written" in error.what else 2


def test_a_read_only_store_reads_and_refuses_to_write(sqlite_store, sqlite_path, clock):
    with Store.open(sqlite_path, clock=clock, readonly=True) as store:
        assert companies(store) == ["oak"]
        with pytest.raises(StoreError, match="read-only"), store.atomic():
            pass
    with pytest.raises(StoreBroken, match="no database yet"):
        Store.open(sqlite_path.parent / "other.db", clock=clock, readonly=True)


def test_a_damaged_file_is_refused_before_anything_is_written(sqlite_path, clock):
    with Store.open(sqlite_path, clock=clock) as store:
        for number in range(200):
            add_company(store, f"c{number}")
    data = bytearray(sqlite_path.read_bytes())
    for place in range(4096 * 3, len(data) - 4096, 4096 * 2):
        data[place : place + 64] = os.urandom(64)
    sqlite_path.write_bytes(data)
    with pytest.raises(StoreBroken) as caught:
        Store.open(sqlite_path, clock=clock)
    assert "damaged" in caught.value.what
    assert "backups" in caught.value.next


def test_a_damaged_schema_that_sqlite_cannot_even_quote_is_refused(sqlite_path, clock):
    Store.open(sqlite_path, clock=clock).close()
    data = sqlite_path.read_bytes()
    sqlite_path.write_bytes(data.replace(b"holds_onceholds", b"\xff" * 15))
    with pytest.raises(StoreBroken, match="damaged") as caught:
        Store.open(sqlite_path, clock=clock)
    assert "backups" in caught.value.next


@pytest.mark.parametrize("content", [b"this is no database, whatever its name says " * 50, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_refused(sqlite_path, clock, content):
    sqlite_path.parent.mkdir()
    sqlite_path.write_bytes(content)
    with pytest.raises(StoreBroken):
        Store.open(sqlite_path, clock=clock)
    assert sqlite_path.read_bytes() == content


def test_somebody_elses_database_is_refused(sqlite_path, clock):
    sqlite_path.parent.mkdir()
    with closing(sqlite3.connect(sqlite_path)) as other:
        other.execute("CREATE TABLE notes (x)")
        other.commit()
    with pytest.raises(StoreBroken, match="not ours"):
        Store.open(sqlite_path, clock=clock)


def test_a_newer_schema_is_refused(place, clock):
    with Store.open(place, clock=clock) as store, store.atomic() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for readonly in (False, True):
        with pytest.raises(StoreBroken, match=r"newer|older") as caught:
            Store.open(place, clock=clock, readonly=readonly)
        assert caught.value.next
    with pytest.raises(StoreBroken, match="newer program"):
        Store.open(place, clock=clock)
    engines = _engines(place)
    with engines.writer.begin() as tx:
        tx.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{HEAD}'")
    engines.writer.dispose()


def _engines(place):
    if "://" in place:
        return postgres_engines(sa.make_url(place), readonly=False, wait=1)
    return sqlite_engines(Path(place), readonly=False, wait=1)


def _empty(place, request):
    """A place without our schema."""
    if "://" not in place:
        return place
    new_postgres = request.getfixturevalue("new_postgres")
    return new_postgres(f"qbc_bare_{request.node.name.__hash__() & 0xFFFFFF:x}")


def _schema_of(tx):
    if tx.dialect.name == "sqlite":
        rows = tx.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        made = {name: sorted(re.split("[,()]", "".join((sql or "").split()))) for name, sql in rows}
        columns = {
            name: [row[:6] for row in tx.exec_driver_sql(f"PRAGMA table_info({name})")] for name in made
        }
        return {"made": made, "columns": columns}
    found = sa.inspect(tx)
    indexes = tx.exec_driver_sql("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
    triggers = tx.exec_driver_sql(
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    )
    columns = {
        name: [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(name)]
        for name in found.get_table_names()
    }
    keys = {
        name: sorted(
            (k["name"], k["constrained_columns"], k["options"]) for k in found.get_foreign_keys(name)
        )
        for name in found.get_table_names()
    }
    return {**dict(indexes.all()), **dict(triggers.all()), **columns, "keys": keys}


def test_migrations_end_at_the_same_schema_as_the_metadata(place, request, tmp_path):
    from alembic import command
    from alembic.config import Config

    bare = _empty(place, request)
    engines = _engines(bare)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engines.writer.begin() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(tx), METADATA) == []
        migrated = _schema_of(tx)
        assert tx.exec_driver_sql("SELECT seq, hash FROM journal_head").one() == (0, b"")
    prepare(engines)
    engines.writer.dispose()
    engines.reader.dispose()
    made = _engines(str(tmp_path / "made.db") if "://" not in bare else place)
    prepare(made)
    with made.writer.begin() as tx:
        assert _schema_of(tx) == migrated
    made.writer.dispose()
    made.reader.dispose()
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


@pytest.fixture
def next_revision(tmp_path):
    """A copy of the migrations with one revision more."""
    place = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, place, ignore=shutil.ignore_patterns("__pycache__"))
    (place / "versions" / "next_9000.py").write_text(
        textwrap.dedent(
            """
            from alembic import op
            import sqlalchemy as sa
            revision, down_revision = "9000", "HEAD"
            def upgrade():
                op.add_column("companies", sa.Column("extra", sa.Text()))
                if op.get_bind().execute(sa.text("SELECT count(*) FROM companies WHERE id = 'poison'")).scalar():
                    raise RuntimeError("half way")
            """
        ).replace("HEAD", HEAD)
    )
    return place


def test_an_upgrade_is_one_commit_after_a_backup(sqlite_path, clock, next_revision):
    with Store.open(sqlite_path, clock=clock) as store:
        add_company(store)
    engines = sqlite_engines(sqlite_path, readonly=False, wait=1)
    prepare(engines, migrations=next_revision, head="9000")
    with engines.reader.begin() as tx:
        assert tx.exec_driver_sql("SELECT id, extra FROM companies").all() == [("elm", None)]
    copy = sqlite_path.parent / "backups" / f"before-upgrade-from-{HEAD}.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with Store.open(copy, clock=clock, readonly=True) as old:
        assert companies(old) == ["elm"]
    with pytest.raises(StoreBroken, match="newer program"):
        Store.open(sqlite_path, clock=clock)
    engines.reader.dispose()
    engines.writer.dispose()


def test_an_upgrade_that_fails_half_way_leaves_the_old_schema(sqlite_path, clock, next_revision):
    with Store.open(sqlite_path, clock=clock) as store:
        add_company(store, "poison")
    engines = sqlite_engines(sqlite_path, readonly=False, wait=1)
    with pytest.raises(RuntimeError, match="half way"):
        prepare(engines, migrations=next_revision, head="9000")
    engines.reader.dispose()
    engines.writer.dispose()
    with Store.open(sqlite_path, clock=clock) as store:
        assert companies(store) == ["poison"]
        with store.reading() as tx:
            names = [row[1] for row in tx.exec_driver_sql("PRAGMA table_info(companies)")]
    assert "extra" not in names


def test_a_store_of_the_first_schema_is_upgraded_with_all_it_holds(sqlite_path, clock):
    from alembic import command
    from alembic.config import Config

    engines = sqlite_engines(sqlite_path, readonly=False, wait=1)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engines.writer.begin() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        indexes = {row[1] for row in tx.exec_driver_sql("PRAGMA index_list(requests)")}
        parties.put_company(tx, "oak", name="Oak", file="", at=clock())
        requests.put_requests(tx, [one_request()], at=clock())
    engines.writer.dispose()
    engines.reader.dispose()
    with Store.open(sqlite_path, clock=clock) as store, store.reading() as tx:
        now = {row[1] for row in tx.exec_driver_sql("PRAGMA index_list(requests)")}
        assert requests.requests_by_id(tx, [1])[0].body == "<a/>"
        assert store.check() == []
    assert indexes - now == {"requests_parked"}


def one_request():
    return NewRequest(
        company="oak", merchant=None, subject_key="doc/1", purpose=Purpose.ADD, name="BillAdd", body="<a/>"
    )


def test_a_backup_is_whole_private_and_made_while_others_write(sqlite_store, tmp_path, clock):
    with sqlite_store.atomic() as tx:
        parties.put_company(tx, "elm", name="", file="", at=clock())
        copy = sqlite_store.backup(tmp_path / "backups" / "one.db")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in copy.parent.iterdir()] == ["one.db"]
    with Store.open(copy, clock=clock) as restored:
        assert companies(restored) == ["oak"]
        assert restored.check() == []
    assert sqlite_store.check() == []


def test_a_postgresql_store_says_how_it_is_backed_up(empty_postgres, clock, tmp_path):
    with Store.open(empty_postgres, clock=clock) as store:
        with pytest.raises(StoreError) as caught:
            store.backup(tmp_path / "x.db")
        assert store.check() == []
        with store.reading() as tx:
            assert store.now(tx).tzinfo is not None
    assert "pg_dump" in caught.value.next


def test_the_clock_of_a_sqlite_store_is_ours(sqlite_store, clock):
    with sqlite_store.reading() as tx:
        assert sqlite_store.now(tx) == clock()


def test_an_unreachable_server_and_a_strange_url_are_clear(clock, tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreBroken, match="cannot be reached") as caught:
        Store.open("postgresql://ann:s3cret@127.0.0.1:9/x", clock=clock)
    assert "s3cret" not in f"{caught.value}{caught.value.as_dict()}"
    with pytest.raises(StoreError, match="no database of ours"):
        Store.open("mysql://x/y", clock=clock)
    with Store.open(f"sqlite:///{tmp_path}/by-url.db", clock=clock) as store:
        assert store.path == tmp_path / "by-url.db"


def test_a_statement_is_compiled_once_for_all_stores_of_a_process(tmp_path, clock):
    asked = sa.select(sa.literal("compiled once").label("nobody_else_asks_this"))
    words = []
    for name in ("one.db", "two.db"):
        with Store.open(tmp_path / name, clock=clock) as store:
            for unit in (store.atomic, store.reading):
                with unit() as tx:
                    words.append(tx.execute(asked).context.cache_hit.name)
    assert words == ["CACHE_MISS", "CACHE_HIT", "CACHE_HIT", "CACHE_HIT"]


def test_a_reading_sees_one_moment_and_lets_go_of_it(sqlite_store):
    count = sa.select(sa.func.count()).select_from(METADATA.tables["companies"])
    add_company(sqlite_store)
    with sqlite_store.reading() as tx:
        driver = tx.connection.driver_connection
        before = len(parties.all_companies(tx))
        add_company(sqlite_store, "pine")
        # By the driver and by SQLAlchemy alike, within one and the same moment.
        assert tx.execute(count).scalar_one() == len(parties.all_companies(tx)) == before
    assert not driver.in_transaction
    assert companies(sqlite_store) == ["elm", "oak", "pine"]
    seen = []

    def failing():
        with sqlite_store.reading() as tx:
            seen.append((tx.connection.driver_connection, tx.execute(count).scalar_one()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert [found for _, found in seen] == [3]
    assert not seen[0][0].in_transaction
    add_company(sqlite_store, "fir")
    assert len(companies(sqlite_store)) == 4
