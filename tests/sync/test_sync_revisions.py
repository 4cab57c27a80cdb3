"""A revision is a text with the code of the plugins it names: what decided a document is known for ever."""

from __future__ import annotations

import sys
from hashlib import sha256

import pytest
from builders import Line, Pay, an_order
from trip import SHOP, Trip

from qbconsole.care.mapping_file import edit_mapping, revert
from qbconsole.rules.registry import load_plugin, plugin_files
from qbconsole.store import books, decisions
from qbconsole.sync.book import book
from qbconsole.sync.revising import hashes_of, keep_text

PLUGIN = (
    "from qbconsole.plugin import hookimpl\n\n\n@hookimpl\ndef choose_class(line, order):\n    return None\n"
)
SECOND = '\n[merchants.elm]\ncompany = "oak"\nshop = "elm.myshopify.com"\nplugins = ["second"]\n'


def with_plugins(text: str) -> str:
    return text.replace("plugins = []", 'plugins = ["first"]', 1) + SECOND


@pytest.fixture
def trip(tmp_path):
    (tmp_path / "plugins").mkdir()
    for name in ("first", "second", "nobodys"):
        path = tmp_path / "plugins" / f"{name}.py"
        path.write_text(f"# {name}\n{PLUGIN}")
        path.chmod(0o644)
    found = Trip(tmp_path, edit=with_plugins)
    yield found
    found.close()


def sha(trip, name: str) -> str:
    return sha256((trip.workspace.root / "plugins" / f"{name}.py").read_bytes()).hexdigest()


def in_force(trip):
    with trip.workspace.store.reading() as tx:
        return decisions.in_force(tx)


@pytest.mark.slow
def test_booking_keeps_the_sha256_of_every_plugin_the_mapping_names(trip):
    trip.pull({"orders": [an_order([Line(price="20.00")], pays=[Pay(amount="20.00")])]})
    trip.book()
    first = in_force(trip)
    assert first.plugins == {"first": sha(trip, "first"), "second": sha(trip, "second")}
    with trip.workspace.store.reading() as tx:
        assert {row.mapping_revision for row in books.documents(tx)} == {first.id}
        assert len(decisions.revisions(tx)) == 1
    same = edit_mapping(
        trip.workspace.means(),
        trip.workspace.root / "mappings.toml",
        [("companies.oak.name", "Oak & Ember LLC")],
        who="operator:ann",
    )
    assert same.revision == first.id


def test_what_is_saved_while_booking_runs_stays_in_force(tmp_path):
    trip = Trip(tmp_path, edit=lambda text: text + SECOND.replace('["second"]', "[]"))
    orders = [an_order([Line(price="20.00")], pays=[Pay(amount="20.00")])]
    trip.pull({"orders": orders})
    trip.pull({"shop": SHOP | {"myshopifyDomain": "elm.myshopify.com"}, "orders": orders})
    means, path = trip.workspace.means(), tmp_path / "mappings.toml"
    saved = []

    def progress(_done: int, _total: int) -> None:
        if not saved:
            saved.append(edit_mapping(means, path, [("companies.oak.name", "Elm")], who="operator:ann"))

    booked = book(means, means.merchants(), progress=progress)
    with means.store.reading() as tx:
        under = {row.merchant: row.mapping_revision for row in books.documents(tx)}
        assert decisions.in_force(tx).id == saved[0].revision
    trip.close()
    assert booked.documents == 2
    assert set(under) == {"oak-ember", "elm"}
    assert len(set(under.values())) == 1
    assert saved[0].revision not in under.values()


def test_other_code_under_the_same_text_is_another_revision_and_coming_back_is_not(trip):
    def keep() -> int:
        means = trip.workspace.means()
        with means.store.atomic() as tx:
            return keep_text(tx, means, means.mapping_text, who="book", why="")

    first = keep()
    path = trip.workspace.root / "plugins" / "first.py"
    text = path.read_text()
    path.write_text(text + "# changed\n")
    second = keep()
    assert second != first
    assert in_force(trip).plugins["first"] == sha(trip, "first")
    path.write_text(text)
    assert keep() == first
    assert in_force(trip).id == first


def test_going_back_to_a_text_keeps_the_code_that_decides_now(trip):
    means, path = trip.workspace.means(), trip.workspace.root / "mappings.toml"
    first = edit_mapping(means, path, [("companies.oak.name", "One")], who="operator:ann").revision
    edit_mapping(means, path, [("companies.oak.name", "Two")], who="operator:ann")
    plugin = trip.workspace.root / "plugins" / "second.py"
    plugin.write_text(plugin.read_text() + "# newer\n")
    done = revert(means, path, first, who="operator:ann")
    assert done.revision != first
    assert in_force(trip).plugins["second"] == sha(trip, "second")
    assert '"One"' in in_force(trip).text


def test_a_plugin_that_is_nowhere_is_left_out(trip):
    assert hashes_of(["nowhere", "first"], [trip.workspace.root / "plugins"]) == {"first": sha(trip, "first")}


def test_the_hash_is_the_one_of_the_code_that_is_loaded(trip, tmp_path, monkeypatch):
    """Of a file; of an installed package with every module of it; of one module of a package, nothing of it run."""
    files = plugin_files([trip.workspace.root / "plugins"])
    site = tmp_path / "site"
    about = site / "inked-3.1.dist-info"
    (site / "inked" / "deep").mkdir(parents=True)
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: inked\nVersion: 3.1\n")
    (about / "entry_points.txt").write_text("[qbconsole]\nwhole = inked\none = inked.deep.hooks\n")
    (site / "inked" / "__init__.py").write_text(PLUGIN)
    (site / "inked" / "deep" / "__init__.py").write_text("")
    (site / "inked" / "deep" / "hooks.py").write_text(f"# deep\n{PLUGIN}")
    for path in site.rglob("*.py"):
        path.chmod(0o644)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    known = set(sys.modules)
    found = hashes_of(["first", "whole", "one"], [trip.workspace.root / "plugins"])
    assert set(sys.modules) - known == set()
    try:
        assert found == {name: load_plugin(name, files).sha256 for name in ("first", "whole", "one")}
    finally:
        for name in {one for one in sys.modules if one.split(".")[0] == "inked"}:
            del sys.modules[name]
