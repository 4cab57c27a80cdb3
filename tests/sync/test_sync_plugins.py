"""Which version of a plugin decides: a changed one is tried first, the last good one stays, nobody is fooled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trip import Trip

from qbconsole.care.doctor import Health, check_house
from qbconsole.care.plugins import State, plugins_found, trust
from qbconsole.errors import PluginBroken, UsageError
from qbconsole.sync.book import book
from qbconsole.sync.plugins import Shelf, bring_into_force, force
from qbconsole.sync.plugins.golden import compared, golden_folder
from qbconsole.views.status import status
from qbconsole.workspace import Workspace

GOLDEN = Path(__file__).parents[1] / "golden"
PLUGIN = """from qbconsole.plugin import hookimpl

__version__ = "{version}"

@hookimpl
def choose_customer(order):
    return "{customer}"
"""
TEST = """def test_the_customer(plugin_harness, an_order):
    (receipt,) = plugin_harness("walk_in").documents(an_order())
    assert receipt.customer_ref.startswith("Walk-in")
"""
MERCHANT = "oak-ember"


@pytest.fixture
def trip(tmp_path):
    (tmp_path / "plugins").mkdir()
    write(tmp_path, PLUGIN.format(version="1", customer="Walk-in"))
    found = Trip(tmp_path, edit=lambda text: text.replace("plugins = []", 'plugins = ["walk_in"]'))
    yield found
    found.close()


def write(root: Path, text: str, name: str = "walk_in.py") -> Path:
    path = root / "plugins" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path


def order(number: int) -> dict:
    facts = json.loads((GOLDEN / "unpaid" / "input.json").read_text(encoding="utf-8"))
    facts["orders"][0] |= {"id": f"gid://shopify/Order/{number}", "name": f"#{number}"}
    return facts


def booked_to(trip: Trip, number: int) -> str:
    """Pull and book one order; gives the customer it was written to, or why its merchant is stopped."""
    trip.pull(order(number))
    stopped = trip.book().stopped
    with trip.workspace.store.reading() as tx:
        from qbconsole.store import requests

        bodies = [row.body for row in requests.requests_in(tx, company="oak") if row.name == "InvoiceAdd"]
    own = [body for body in bodies if f"<RefNumber>{number}<" in body]
    return own[0].partition("<CustomerRef><FullName>")[2].partition("<")[0] if own else stopped[MERCHANT]


def in_force(trip: Trip):
    return Shelf(Path(trip.workspace.means().plugins_kept)).in_force("walk_in")


def walk_in(trip: Trip):
    return {one.name: one for one in plugins_found(trip.workspace.means())}["walk_in"]


def flags(trip: Trip) -> list[str]:
    means = trip.workspace.means()
    return [one.sentence for one in status(means.store, means.mapping, now=trip.now).held_by_cause]


@pytest.mark.slow
def test_a_change_decides_from_the_next_run_on_and_a_broken_one_leaves_the_last_good_one(trip, tmp_path):
    assert booked_to(trip, 1001) == "Walk-in"
    first = in_force(trip)
    assert (first.version, first.passed, first.refused) == ("1", "it has no tests", None)

    write(tmp_path, PLUGIN.format(version="2", customer="Walk-in two"))
    assert booked_to(trip, 1002) == "Walk-in two"
    second = in_force(trip)
    assert (second.version, second.sha256 != first.sha256) == ("2", True)

    write(tmp_path, "from qbconsole.plugin import hookimpl\nimport no_such_module\n")
    assert booked_to(trip, 1003) == "Walk-in two", "the last good one goes on"
    (flag,) = flags(trip)
    assert "plugins/walk_in.py:2" in flag
    assert f"The last good version, {second.sha256[:12]}, goes on deciding for oak-ember." in flag
    found = walk_in(trip)
    assert (found.state, found.where) == (State.LAST_GOOD, "plugins/walk_in.py:2")
    (row,) = [
        one for one in check_house(trip.workspace.means(), {}, port=1, now=trip.now) if one.name == "plugins"
    ]
    assert (row.health, "plugins/walk_in.py:2" in row.sentence) == (Health.ATTENTION, True)
    assert (found.sha256_in_force, found.sha256 != second.sha256) == (second.sha256, True)

    with Workspace.open(tmp_path, environ={"QBCONSOLE_NOW": trip.now.isoformat()}) as again:
        means = again.means()
        standing = bring_into_force(means, means.merchants())["walk_in"]
    assert standing.in_force.sha256 == second.sha256, "readable after a restart"
    kept = sorted((tmp_path / ".qbconsole" / "plugins" / "kept").iterdir())
    assert [path.name for path in kept] == sorted(f"walk_in-{one.sha256[:16]}.py" for one in (first, second))
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept)

    write(tmp_path, PLUGIN.format(version="3", customer="Walk-in three"))
    assert booked_to(trip, 1004) == "Walk-in three"
    assert flags(trip) == [], "mending heals"


@pytest.mark.slow
def test_a_change_has_to_pass_its_tests_or_be_trusted(trip, tmp_path):
    write(tmp_path, TEST, "test_walk_in.py")
    assert booked_to(trip, 1001) == "Walk-in"
    assert in_force(trip).passed == "1 test passed"

    write(tmp_path, PLUGIN.format(version="2", customer="Somebody"))
    assert booked_to(trip, 1002) == "Walk-in"
    (flag,) = flags(trip)
    assert "its tests fail: AssertionError" in flag
    assert "(plugins/test_walk_in.py:3)" in flag

    now = trust(trip.workspace.means(), "walk_in", who="operator:ann", why="the test is old")
    assert now.passed == "trusted by operator:ann"
    assert booked_to(trip, 1003) == "Somebody"
    assert flags(trip) == []


@pytest.mark.slow
def test_a_change_has_to_bring_golden_orders_to_the_same(trip, tmp_path):
    golden = golden_folder("walk_in", tmp_path / "plugins")
    golden.mkdir(parents=True)
    (golden / "one.json").write_text(json.dumps(order(77)), encoding="utf-8")
    for one in compared("walk_in", [str(tmp_path / "plugins")], golden):
        one.write()
    assert booked_to(trip, 1001) == "Walk-in"
    assert in_force(trip).passed == "it has no tests, 1 golden file as expected"

    write(tmp_path, PLUGIN.format(version="2", customer="Somebody"))
    assert booked_to(trip, 1002) == "Walk-in"
    (flag,) = flags(trip)
    assert "its golden orders come to something else: -<CustomerRef><FullName>Walk-in<" in flag
    assert "(plugins/walk_in/golden/one.qbxml:4)" in flag


@pytest.mark.slow
def test_a_plugin_that_never_was_good_stops_its_merchant_when_its_tests_fail(trip, tmp_path):
    write(tmp_path, "def test_it():\n    assert False, 'not yet'\n", "test_walk_in.py")
    told = booked_to(trip, 1001)
    assert told.startswith("plugin walk_in: its tests fail: AssertionError: not yet")
    assert "(plugins/test_walk_in.py:2)" in told
    assert in_force(trip) is None


@pytest.mark.slow
def test_nothing_is_loaded_again_in_the_middle_of_a_run(trip, tmp_path):
    trip.pull({"orders": [order(number)["orders"][0] for number in range(1001, 1301)]})

    def changed(done: int, _total: int) -> None:
        if done == 200:
            write(tmp_path, PLUGIN.format(version="2", customer="Somebody"))

    means = trip.workspace.means()
    assert book(means, means.merchants(), progress=changed).stopped == {}
    with trip.workspace.store.reading() as tx:
        from qbconsole.store import requests

        bodies = "".join(row.body for row in requests.requests_in(tx, company="oak"))
    assert "Walk-in" in bodies
    assert "Somebody" not in bodies


@pytest.mark.slow
def test_an_installation_rescued_from_plugins_books_nothing_wrongly(trip, tmp_path):
    trip.workspace.plugins_allowed = frozenset()
    told = booked_to(trip, 1001)
    assert told == (
        "plugin walk_in is switched off: QBCONSOLE_LOAD_PLUGINS leaves it out (QBCONSOLE_LOAD_PLUGINS)"
    )
    found = walk_in(trip)
    assert (found.state, found.hooks) == (State.SWITCHED_OFF, ())
    trip.workspace.plugins_allowed = frozenset({"walk_in"})
    assert booked_to(trip, 1001) == "Walk-in"
    assert flags(trip) == []


def test_the_variable_names_what_may_be_loaded(tmp_path):
    (tmp_path / "mappings.toml").write_text("schema = 1\n")
    for value, wanted in (("", set()), ("a, b", {"a", "b"}), ("a b", {"a", "b"})):
        opened = Workspace.open(tmp_path, environ={"QBCONSOLE_LOAD_PLUGINS": value})
        assert opened.plugins_allowed == wanted
    assert Workspace.open(tmp_path, environ={}).plugins_allowed is None


@pytest.mark.slow
def test_a_file_taken_away_is_missed_and_its_copy_does_not_stand_in(trip, tmp_path):
    assert booked_to(trip, 1001) == "Walk-in"
    (tmp_path / "plugins" / "walk_in.py").unlink()
    assert booked_to(trip, 1002).startswith("there is no plugin walk_in")
    found = walk_in(trip)
    assert (found.state, found.path) == (State.BROKEN, "")


@pytest.mark.slow
def test_a_kept_version_that_somebody_changed_is_not_run(trip, tmp_path):
    assert booked_to(trip, 1001) == "Walk-in"
    (tmp_path / ".qbconsole" / "plugins" / "walk_in.py").write_text("raise SystemExit('it was run')\n")
    assert in_force(trip) is None
    assert booked_to(trip, 1002) == "Walk-in", "tried and kept anew"


@pytest.mark.slow
def test_trust_asks_for_a_file_that_loads_and_nobody_else_may_write(trip, tmp_path):
    means = trip.workspace.means()
    with pytest.raises(UsageError, match='did you mean "walk_in"'):
        trust(means, "walk_inn", who="operator:ann")
    (tmp_path / "plugins" / "walk_in.py").chmod(0o666)
    with pytest.raises(PluginBroken, match="written by other users"):
        trust(means, "walk_in", who="operator:ann")
    write(tmp_path, "x = 1\n")
    with pytest.raises(PluginBroken, match="implements no hook"):
        trust(means, "walk_in", who="operator:ann")
    assert in_force(trip) is None


LISTENER = """import pathlib
from qbconsole.plugin import hookimpl

HEARD = pathlib.Path({heard!r})

@hookimpl
def document_recorded(document, order, txn_id, merchant):
    with HEARD.open("a") as file:
        print(type(document).__name__, document.ref_number, order.name, txn_id, merchant, file=file)
"""


@pytest.mark.slow
def test_a_plugin_is_told_once_what_quickbooks_recorded(trip, tmp_path):
    heard = tmp_path / "heard.txt"
    write(tmp_path, LISTENER.format(heard=str(heard)))
    trip.pull(order(1001))
    assert trip.book().stopped == {}
    assert not heard.exists()
    trip.deliver()
    assert trip.book().stopped == {}
    (line,) = heard.read_text().splitlines()
    assert line.split()[:3] + line.split()[4:] == ["Invoice", "1001", "#1001", "oak-ember"]
    assert trip.book().stopped == {}
    assert len(heard.read_text().splitlines()) == 1

    write(tmp_path, LISTENER.format(heard=str(tmp_path)))
    trip.pull(order(1002))
    assert trip.book().stopped == {}
    trip.deliver()
    told = trip.book().stopped[MERCHANT]
    assert "document_recorded raised IsADirectoryError" in told
    assert "(plugins/walk_in.py:8)" in told


@pytest.mark.slow
def test_an_installed_plugin_is_opted_in_to_by_name_and_a_file_stands_before_it(trip, tmp_path, monkeypatch):
    site = tmp_path / "site"
    about = site / "walk_in_brands-3.1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: walk-in-brands\nVersion: 3.1\n")
    (about / "entry_points.txt").write_text(
        "[qbconsole]\nwalk_in = walk_in_brands\nother = walk_in_nothing_of_that_name\n"
    )
    module = site / "walk_in_brands.py"
    module.write_text(PLUGIN.format(version="3.1", customer="Installed"))
    module.chmod(0o644)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))

    assert booked_to(trip, 1001) == "Walk-in", "the file stands first"
    (tmp_path / "plugins" / "walk_in.py").unlink()
    assert booked_to(trip, 1002) == "Installed"
    found = {one.name: one for one in plugins_found(trip.workspace.means())}
    installed, other = found["walk_in"], found["other"]
    assert (installed.state, installed.path, installed.version) == (State.OK, "walk-in-brands 3.1", "3.1")
    assert (installed.hooks, len(installed.sha256)) == (("choose_customer",), 64)
    assert (other.state, other.trouble) == (State.NOT_ENABLED, ""), "never imported"


AMENDS = """import dataclasses
from qbconsole.plugin import hookimpl

@hookimpl
def amend_document(document):
    return {"lines": tuple(dataclasses.replace(line, desc=%s) for line in document.lines)}
"""


@pytest.mark.slow
def test_deciding_that_fails_outside_the_plugin_stops_its_merchant_only(tmp_path):
    second = '\n[merchants.second]\ncompany = "oak"\nshop = "second.myshopify.com"\n'
    (tmp_path / "plugins").mkdir()
    write(tmp_path, AMENDS % 7, "amends.py")
    trip = Trip(tmp_path, edit=lambda text: text.replace("plugins = []", 'plugins = ["amends"]') + second)
    try:
        trip.pull(order(1001))
        facts = order(1002)
        facts["shop"]["myshopifyDomain"] = "second.myshopify.com"
        trip.pull(facts, merchant="second")
        assert [one.id for one in trip.workspace.means().merchants()] == [MERCHANT, "second"]
        done = trip.book()
        assert (done.stopped.keys(), done.documents) == ({MERCHANT}, 1), "the second goes on"
        (told,) = flags(trip)
        assert told.startswith("deciding failed with AttributeError")
        assert told.endswith(f"Nothing of {MERCHANT} is booked until it is mended.")
        means = trip.workspace.means()
        assert told in "\n".join(status(means.store, means.mapping, now=trip.now).attention)

        write(tmp_path, AMENDS % '"seven"', "amends.py")
        done = trip.book()
        assert (done.stopped, done.documents, flags(trip)) == ({}, 1, []), "it ends when deciding works again"
    finally:
        trip.close()


@pytest.mark.slow
def test_a_file_that_vanishes_while_it_is_tried_is_refused_as_changed(trip, tmp_path, monkeypatch):
    assert booked_to(trip, 1001) == "Walk-in"
    write(tmp_path, PLUGIN.format(version="2", customer="Walk-in two"))
    look_at_all = force.look_at_all

    def vanishes(names, folders):
        looked = look_at_all(names, folders)
        if names:
            (tmp_path / "plugins" / "walk_in.py").unlink()
        return looked

    monkeypatch.setattr(force, "look_at_all", vanishes)
    means = trip.workspace.means()
    standing = bring_into_force(means, means.merchants())["walk_in"]
    assert "plugin walk_in changed while it was tried" in str(standing.trouble)
    assert standing.in_force.version == "1"


def test_the_mark_is_of_the_bytes_that_are_kept(tmp_path):
    path = write(tmp_path, PLUGIN.format(version="1", customer="Walk-in"))
    source = path.read_bytes()
    mark = force.mark_of("walk_in", path, source)
    write(tmp_path, PLUGIN.format(version="2", customer="Walk-in"))
    assert force.mark_of("walk_in", path, source) == mark
    assert force.mark_of("walk_in", path, path.read_bytes()) != mark
