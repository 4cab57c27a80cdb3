"""mappings.toml saved: never over somebody else's change, and every text that was in force is kept."""

from __future__ import annotations

import multiprocessing
import os
import resource
import threading
from pathlib import Path

import pytest
from trip import NOW, Trip

from qbconsole.care.mapping_disk import replace_file
from qbconsole.care.mapping_file import (
    DiskState,
    FileMoved,
    begin,
    disk_state,
    edit,
    edit_mapping,
    revert,
    save,
)
from qbconsole.errors import MappingInvalid, UsageError, WorkspaceError
from qbconsole.rules.mapping.editing import sha_of
from qbconsole.rules.mapping.faults import MappingFaults
from qbconsole.store import decisions, journal
from qbconsole.workspace import Workspace

RULE = {"when": {"tag": "wholesale"}, "hold": "Ask Ann"}


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


@pytest.fixture
def path(trip):
    return trip.workspace.root / "mappings.toml"


def kept(trip) -> list[tuple[str, str, str]]:
    """Who, why and text of every revision, the one in force first."""
    with trip.workspace.store.reading() as tx:
        return [(one.who, one.why, one.text) for one in decisions.revisions(tx)]


def test_what_was_edited_is_saved_as_a_revision_with_who_when_and_why(trip, path):
    shipped = path.read_text()
    mine = begin(path).insert("merchants.oak-ember.rules", 0, RULE)
    done = save(trip.workspace.means(), path, mine, who="operator:ann", why="wholesale needs a look")
    assert path.read_text() == mine.text
    assert (path.parent / done.backup).read_text() == shipped
    assert kept(trip) == [
        ("operator:ann", "wholesale needs a look", mine.text),
        ("by hand", "found on disk", shipped),
    ]
    with trip.workspace.store.reading() as tx:
        found = decisions.in_force(tx)
        told = journal.of(tx, "mappings.toml")[-1]
    assert (found.id, found.kept_at) == (done.revision, NOW)
    assert told.data["edits"] == ["merchants.oak-ember.rules[0] put in"]
    again = save(trip.workspace.means(), path, begin(path), who="operator:ann")
    assert (again.changed, again.backup, again.revision) == (False, "", done.revision)


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(trip, path, tmp_path_factory):
    shipped = path.read_text()
    real = tmp_path_factory.mktemp("dotfiles") / "books.toml"
    path.rename(real)
    path.symlink_to(real)
    mine = begin(path).write("companies.oak.name", "Elm")
    done = save(trip.workspace.means(), path, mine, who="operator:ann")
    assert path.is_symlink()
    assert real.read_text() == path.read_text() == mine.text
    assert sorted(os.listdir(real.parent)) == ["books.toml", "books.toml.~1~"]
    assert (real.parent / done.backup).read_text() == shipped
    assert not list(path.parent.glob("*~"))


def test_without_a_why_the_edits_themselves_are_it(trip, path):
    save(trip.workspace.means(), path, begin(path).write("companies.oak.name", "Elm"), who="operator:ann")
    assert kept(trip)[0][1] == "companies.oak.name = Elm"


def test_a_file_somebody_else_saved_meanwhile_is_not_replaced_and_they_are_named(trip, path):
    means = trip.workspace.means()
    mine, theirs = (
        begin(path).write("companies.oak.name", "Mine"),
        begin(path).write("companies.oak.name", "Theirs"),
    )
    done = save(means, path, theirs, who="operator:bob")
    with pytest.raises(FileMoved) as told:
        save(means, path, mine, who="operator:ann")
    assert f"operator:bob, {NOW:%Y-%m-%d %H:%M} UTC, revision {done.revision}" in told.value.what
    assert path.read_text() == theirs.text
    path.write_text(theirs.text + "# a line by hand\n")
    with pytest.raises(FileMoved, match="by hand"):
        save(means, path, mine, who="operator:ann")


def test_keeping_mine_over_theirs_keeps_theirs_as_a_revision(trip, path):
    means = trip.workspace.means()
    mine = begin(path).write("companies.oak.name", "Mine")
    theirs = path.read_text().replace("Oak & Ember LLC", "Theirs")
    path.write_text(theirs)
    done = save(means, path, mine, who="operator:ann", base_sha=disk_sha(path))
    assert path.read_text() == mine.text
    assert (path.parent / done.backup).read_text() == theirs
    assert [text for _, _, text in kept(trip)] == [mine.text, theirs]


def disk_sha(path: Path) -> str:
    return sha_of(path.read_bytes())


def test_my_edits_can_be_made_to_their_text_so_that_both_are_saved(trip, path):
    mine = begin(path).write("companies.oak.name", "Mine")
    path.write_text(path.read_text() + "# a line by hand\n")
    seen = disk_state(path, mine)
    both = mine.onto(seen.text)
    save(trip.workspace.means(), path, both, who="operator:ann")
    assert '"Mine"' in path.read_text()
    assert path.read_text().endswith("# a line by hand\n")


def test_what_is_on_disk_is_told(trip, path):
    mine = begin(path)
    assert disk_state(path, mine).state is DiskState.UNCHANGED
    path.write_text("x = 1\r\n", newline="")
    assert (disk_state(path, mine).state, disk_state(path, mine).text) == (DiskState.CHANGED, "x = 1\r\n")
    path.write_bytes(b"schema = 1\n\xff\n")
    told = disk_state(path, mine)
    assert (told.state, told.why) == (
        DiskState.UNREADABLE,
        "mappings.toml:2: mappings.toml is no UTF-8 text; save it as UTF-8",
    )
    path.unlink()
    assert disk_state(path, mine).state is DiskState.GONE
    path.mkdir()
    assert "directory" in disk_state(path, mine).why


def test_a_text_with_new_faults_is_not_saved_and_every_fault_is_named(trip, path):
    before = path.read_text()
    mine = begin(path).set("merchants.oak-ember.policy", {"tax": "foo", "tax_by": "bar"})
    with pytest.raises(MappingFaults) as told:
        save(trip.workspace.means(), path, mine, who="operator:ann")
    assert len(told.value.faults) == 2
    assert path.read_text() == before
    assert kept(trip) == []


def test_one_of_two_faults_may_be_mended_and_the_last_good_revision_stays_in_force(trip, path):
    good = edit_mapping(trip.workspace.means(), path, [("companies.oak.name", "Oak")], who="operator:ann")
    broken = path.read_text().replace('tax_by = "title"', 'tax_by = "town"') + "\nnonsense = 1\n"
    path.write_text(broken.replace("\nnonsense", "\n[nonsense]\nx"))
    done = edit(trip.workspace.means(), path, lambda here: here.unset("nonsense"), who="operator:ann")
    assert [fault.path for fault in done.faults] == ["defaults.policy.tax_by"]
    assert done.revision == good.revision
    assert "nonsense" not in path.read_text()
    mended = edit_mapping(
        trip.workspace.means(), path, [("defaults.policy.tax_by", "title")], who="operator:ann"
    )
    assert mended.faults == ()
    assert mended.revision != good.revision or trip.workspace.mapping_fault() is None


def test_a_revision_comes_back_with_its_comments_as_one_new_edit(trip, path):
    means = trip.workspace.means()
    path.write_text(path.read_text() + "# Ann's comment\n")
    first = edit_mapping(means, path, [("companies.oak.name", "One")], who="operator:ann")
    text = path.read_text()
    edit(means, path, lambda here: here.unset("defaults.accounts.bank"), who="operator:bob")
    done = revert(means, path, first.revision, who="operator:ann")
    assert path.read_text() == text
    assert done.revision == first.revision
    assert done.backup == "mappings.toml.~3~"
    with trip.workspace.store.reading() as tx:
        assert journal.of(tx, "mappings.toml")[-1].data["why"] == f"back to revision {first.revision}"
    assert not revert(means, path, first.revision, who="operator:ann").changed
    with pytest.raises(UsageError, match="no revision 99"):
        revert(means, path, 99, who="operator:ann")


def test_going_back_over_edits_nobody_kept_is_refused_until_they_are_kept(trip, path):
    means = trip.workspace.means()
    first = edit_mapping(means, path, [("companies.oak.name", "One")], who="operator:ann")
    text = path.read_text()
    path.write_text(text + "# by hand\n")
    with pytest.raises(UsageError, match="no revision has yet") as told:
        revert(means, path, first.revision, who="operator:ann")
    assert "--keep" in told.value.next
    assert path.read_text().endswith("# by hand\n")
    revert(means, path, first.revision, who="operator:ann", keep=True)
    assert path.read_text() == text
    assert text + "# by hand\n" in [one for _, _, one in kept(trip)]
    path.write_text(text + "broken =\n")
    done = revert(means, path, first.revision, who="operator:ann", keep=True)
    assert (path.parent / done.backup).read_text() == text + "broken =\n"
    assert text + "broken =\n" not in [one for _, _, one in kept(trip)]


def test_edits_of_a_file_that_is_gone_are_not_lost(trip, path):
    means, mine = trip.workspace.means(), begin(path).write("companies.oak.name", "Mine")
    path.unlink()
    with pytest.raises(FileMoved, match="is gone"):
        save(means, path, mine, who="operator:ann")
    done = save(means, path, mine, who="operator:ann", base_sha=sha_of(""))
    assert (done.changed, done.backup, path.read_text()) == (True, "", mine.text)


class Racing(type(Path())):
    """A file that a program without our lock saves in the very last moment."""

    theirs = b""
    reads = 0

    def read_bytes(self) -> bytes:
        Racing.reads += 1
        if Racing.reads == 2:
            Path(self).write_bytes(self.theirs)
        return super().read_bytes()


def test_a_program_without_our_lock_that_saves_in_the_last_moment_is_noticed(trip, path):
    mine = begin(path).write("companies.oak.name", "Mine")
    racing = Racing(path)
    racing.theirs = path.read_bytes() + b"# theirs\n"
    with pytest.raises(FileMoved):
        save(trip.workspace.means(), racing, mine, who="operator:ann")
    assert path.read_bytes() == racing.theirs
    assert kept(trip) == []
    assert sorted(one.name for one in path.parent.glob("*mappings*")) == ["mappings.toml"]


def test_a_directory_that_cannot_be_written_is_told(trip, path):
    means, mine = trip.workspace.means(), begin(path).write("companies.oak.name", "Mine")
    elsewhere = path.parent / "none" / "mappings.toml"
    with pytest.raises(WorkspaceError, match="cannot be written"):
        save(means, elsewhere, mine, who="operator:ann")
    with pytest.raises(MappingInvalid, match="cannot be read"):
        edit(means, path.parent / "other.toml", lambda here: here, who="operator:ann")


def test_a_full_disk_is_told_as_one_and_nothing_is_left_of_the_try(trip, path):
    mine, before = begin(path).write("companies.oak.name", "Mine"), path.read_bytes()
    (path.parent / ".mappings.toml.part").symlink_to("/dev/full")
    with pytest.raises(WorkspaceError, match="No space left") as caught:
        save(trip.workspace.means(), path, mine, who="operator:ann")
    assert caught.value.next == "Free disk space, then save again; nothing was changed."
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.glob("*mappings*")) == ["mappings.toml"]


def test_half_a_backup_is_none(path):
    before = path.read_bytes() + b"#" * 10_000
    path.write_bytes(before)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, hard))
    try:
        with pytest.raises(WorkspaceError, match="cannot be written"):
            replace_file(path, before, b"short")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.glob("*mappings*")) == ["mappings.toml"]


# -- several at once


def test_threads_that_edit_at_once_lose_nobodys_edit(trip, path):
    means = trip.workspace.means()
    ready = threading.Barrier(4)

    def work(number: int) -> None:
        ready.wait()
        for turn in range(3):
            pair = (f'defaults.items.sku."T{number}-{turn}"', f"Item {number}")
            edit_mapping(means, path, [pair], who=f"operator:{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    skus = begin(path).data()["defaults"]["items"]["sku"]
    assert {f"T{number}-{turn}" for number in range(4) for turn in range(3)} <= skus.keys()
    assert len(list(path.parent.glob("mappings.toml.~*~"))) == 12
    assert len(kept(trip)) == 13


def _set_in_a_process(root: str, number: int, ready) -> None:
    with Workspace.open(Path(root), environ={}) as workspace:
        means = workspace.means()
        ready.wait()
        for turn in range(3):
            pair = (f'defaults.items.sku."P{number}-{turn}"', "Item")
            edit_mapping(means, workspace.root / "mappings.toml", [pair], who=f"operator:{number}")


def _save_in_a_process(root: str, number: int, ready, told) -> None:
    with Workspace.open(Path(root), environ={}) as workspace:
        path = workspace.root / "mappings.toml"
        mine = begin(path).write("companies.oak.name", f"Name {number}")
        ready.wait()
        try:
            save(workspace.means(), path, mine, who=f"operator:{number}")
        except FileMoved as moved:
            told.put((number, moved.what))
        else:
            told.put((number, ""))


@pytest.mark.slow
def test_processes_that_set_values_at_once_lose_nobodys(trip, path):
    trip.workspace.store.check()
    forks = multiprocessing.get_context("spawn")
    ready = forks.Barrier(3)
    workers = [
        forks.Process(target=_set_in_a_process, args=(str(path.parent), number, ready)) for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    skus = begin(path).data()["defaults"]["items"]["sku"]
    assert {f"P{number}-{turn}" for number in range(3) for turn in range(3)} <= skus.keys()
    assert len(kept(trip)) == 10


@pytest.mark.slow
def test_of_two_editors_in_two_processes_the_later_is_told_and_both_texts_are_kept(trip, path):
    trip.workspace.store.check()
    shipped = path.read_text()
    forks = multiprocessing.get_context("spawn")
    ready, told = forks.Barrier(2), forks.Queue()
    workers = [
        forks.Process(target=_save_in_a_process, args=(str(path.parent), number, ready, told))
        for number in (1, 2)
    ]
    for worker in workers:
        worker.start()
    outcomes = dict(told.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join()
    (winner,) = (number for number, what in outcomes.items() if not what)
    assert f"operator:{winner}" in outcomes[3 - winner]
    assert f'"Name {winner}"' in path.read_text()
    assert (path.parent / "mappings.toml.~1~").read_text() == shipped
    assert os.listdir(path.parent).count(".mappings.toml.part") == 0


@pytest.mark.parametrize(
    ("encoding", "line"), [("utf-16", 1), ("latin-1", 3)], ids=["as Notepad's Unicode", "as old editors"]
)
def test_a_mapping_in_another_encoding_is_told_with_its_line_and_what_to_do(trip, path, encoding, line):
    path.write_bytes('schema = 1\n\n# Café\nname = "Café"\n'.encode(encoding))
    fault = trip.workspace.mapping_fault()
    assert fault is not None
    assert (fault.where, fault.what) == (
        f"mappings.toml:{line}",
        "mappings.toml is no UTF-8 text; save it as UTF-8",
    )
