"""The journal finds tampering and the database refuses it; secrets never show."""

import logging
import stat

import pytest
import sqlalchemy as sa

from qbconsole.errors import StoreBroken, StoreError, WorkspaceError
from qbconsole.store import journal, secrets
from qbconsole.store.schema import journal as table

CANARY = "shpat_canary_5f2b9c"


def write(store, count=5):
    with store.atomic() as tx:
        for number in range(count):
            journal.record(tx, "ann", "approved", f"doc/{number}", {"n": number, "a": "é"}, store.clock())


def test_a_sound_journal_verifies_and_reads_back(store):
    write(store)
    with store.reading() as tx:
        assert journal.verify(tx) is None
        assert [entry.subject for entry in journal.tail(tx, 2)] == ["doc/3", "doc/4"]
        (entry,) = journal.of(tx, "doc/2")
        assert (entry.seq, entry.who, entry.data) == (3, "ann", {"n": 2, "a": "é"})
        assert journal.head(tx)[0] == 5


def test_many_rows_at_once_are_chained_like_rows_one_by_one(store):
    write(store, 1)
    with store.atomic() as tx:
        journal.record_all(tx, "ann", "approved", [], store.clock())
        each = [(f"doc/{number}", {"n": number}) for number in range(7, 10)]
        journal.record_all(tx, "ann", "approved", each, store.clock())
    write(store, 1)
    with store.reading() as tx:
        assert journal.verify(tx) is None
        told = [(entry.seq, entry.subject, entry.data.get("n")) for entry in journal.tail(tx, 4)]
        assert told == [(2, "doc/7", 7), (3, "doc/8", 8), (4, "doc/9", 9), (5, "doc/0", 0)]


def test_the_database_refuses_to_change_the_journal(store):
    write(store)
    for statement in (sa.update(table).values(who="eve"), sa.delete(table)):
        with pytest.raises(StoreError, match="append-only"), store.atomic() as tx:
            tx.execute(statement)
    if store.path is None:
        with pytest.raises(StoreError, match="append-only"), store.atomic() as tx:
            tx.exec_driver_sql("TRUNCATE journal")


@pytest.mark.parametrize(
    ("damage", "first_broken"),
    [
        ("UPDATE journal SET who = 'eve' WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 5", 5),
        ("UPDATE journal SET seq = 9 WHERE seq = 4", 4),
        ("DELETE FROM journal", 1),
    ],
)
def test_tampering_behind_the_triggers_is_found(sqlite_store, damage, first_broken):
    write(sqlite_store)
    with sqlite_store.atomic() as tx:
        tx.exec_driver_sql("DROP TRIGGER journal_no_update")
        tx.exec_driver_sql("DROP TRIGGER journal_no_delete")
        tx.exec_driver_sql(damage)
    with sqlite_store.reading() as tx:
        assert journal.verify(tx) == first_broken


def test_a_secret_is_read_back_and_replaced(store, clock, tmp_path):
    keys = secrets.open_keys(tmp_path / ".qbconsole" / "keys")
    with store.atomic() as tx:
        secrets.put_secret(tx, keys, "oak-ember", "token", "old", clock())
        secrets.put_secret(tx, keys, "oak-ember", "token", CANARY, clock())
        assert secrets.get_secret(tx, keys, "oak-ember", "token") == CANARY
        assert secrets.get_secret(tx, keys, "oak-uk", "token") is None
        assert [(scope, name) for scope, name, _ in secrets.secret_names(tx)] == [("oak-ember", "token")]
        assert secrets.forget_secret(tx, "oak-ember", "token")
        assert not secrets.forget_secret(tx, "oak-ember", "token")


def test_keys_rotate_without_losing_a_secret(store, clock, tmp_path):
    path = tmp_path / "keys"
    first = secrets.open_keys(path)
    with store.atomic() as tx:
        secrets.put_secret(tx, first, "a", "token", CANARY, clock())
    grown = first.with_new_key()
    with store.atomic() as tx:
        assert secrets.reencrypt(tx, grown) == 1
    newest = grown.newest_only()
    with store.reading() as tx:
        assert secrets.get_secret(tx, newest, "a", "token") == CANARY
        assert secrets.get_secret(tx, secrets.open_keys(path), "a", "token") == CANARY
        with pytest.raises(StoreBroken, match="does not open"):
            secrets.get_secret(tx, first, "a", "token")


def test_a_secret_never_shows_in_the_file_a_repr_a_log_or_an_error(sqlite_store, clock, tmp_path, caplog):
    keys = secrets.open_keys(tmp_path / "keys")
    caplog.set_level(logging.DEBUG)
    with sqlite_store.atomic() as tx:
        secrets.put_secret(tx, keys, "oak-ember", "token", CANARY, clock())
    stranger = secrets.open_keys(tmp_path / "other")
    with pytest.raises(StoreBroken) as caught, sqlite_store.reading() as tx:
        secrets.get_secret(tx, stranger, "oak-ember", "token")
    copy = sqlite_store.backup(tmp_path / "copy.db")
    kept = b"".join(
        path.read_bytes() for path in (*sqlite_store.path.parent.iterdir(), copy) if path.is_file()
    )
    said = f"{keys!r}{keys}{caught.value!r}{caught.value.as_dict()}{caplog.text}"
    assert CANARY.encode() not in kept
    assert CANARY not in said
    assert all(line.decode() not in said for line in keys._lines)


def test_the_keys_file_is_private_and_must_stay_so(tmp_path):
    path = tmp_path / "deep" / "keys"
    secrets.open_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(WorkspaceError, match="Others may read"):
        secrets.open_keys(path)
    path.chmod(0o600)
    path.write_text("no key\n")
    with pytest.raises(WorkspaceError, match="damaged"):
        secrets.open_keys(path)
    path.write_text("")
    with pytest.raises(WorkspaceError, match="damaged"):
        secrets.open_keys(path)
