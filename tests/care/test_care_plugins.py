"""Plugins begun and tried: what `plugins new` writes passes as it stands, and nothing is overwritten."""

from __future__ import annotations

import os
import sys

import pytest

from qbconsole.care.plugins import begin_plugin
from qbconsole.care.plugins.attempt import attempt, chosen
from qbconsole.errors import UsageError


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "plugins"
    found.mkdir()
    return found


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_plugin_that_was_just_begun_passes_and_its_golden_orders_show_a_change(folder):
    written = begin_plugin(folder, "leeds_shop")
    assert [path.relative_to(folder).as_posix() for path in written] == [
        "leeds_shop.py",
        "test_leeds_shop.py",
        "leeds_shop/golden/wholesale.json",
        "leeds_shop/golden/wholesale.qbxml",
    ]
    assert all(not path.stat().st_mode & 0o022 for path in written)
    ((name, path),) = chosen([folder], None)
    good = attempt(name, path)
    assert (good.is_good, good.sentence) == (True, "2 tests passed, 1 golden file as expected")

    test = folder / "test_leeds_shop.py"
    test.unlink()
    path.write_text(path.read_text().replace('"Wholesale"', '"Resellers"'))
    changed = attempt(name, path)
    assert (changed.is_good, changed.where) == (False, "plugins/leeds_shop/golden/wholesale.qbxml:4")
    assert "-<CustomerRef><FullName>Wholesale</FullName></CustomerRef>" in changed.lines
    assert "+<CustomerRef><FullName>Resellers</FullName></CustomerRef>" in changed.lines
    wrote = attempt(name, path, write=True)
    assert wrote.written == ("plugins/leeds_shop/golden/wholesale.qbxml",)
    assert attempt(name, path).is_good

    (folder / "leeds_shop" / "golden" / "wholesale.json").write_text('{"orders": []}')
    unreadable = attempt(name, path)
    assert (unreadable.is_good, unreadable.where) == (False, "wholesale.json:1")
    path.write_text("from qbconsole.plugin import hookimpl\nimport nothing_of_that_name\n")
    broken = attempt(name, path)
    assert (broken.is_good, broken.where) == (False, "plugins/leeds_shop.py:2")


@pytest.mark.parametrize("taken", ["oak.py", "test_oak.py", "oak/golden/wholesale.qbxml"])
def test_nothing_that_is_there_is_overwritten(folder, taken):
    (folder / taken).parent.mkdir(parents=True, exist_ok=True)
    (folder / taken).write_text("mine")
    before = everything(folder)
    with pytest.raises(UsageError, match="is there already"):
        begin_plugin(folder, "oak")
    assert everything(folder) == before


@pytest.mark.parametrize(
    "name",
    ["", "Oak", "1oak", "../oak", "oak.py", "a b", "test_oak", "conftest", "class", "o" * 41, "oäk", "-x"],
)
def test_a_name_that_is_none_is_refused(folder, name):
    with pytest.raises(UsageError, match="is no name for a plugin") as caught:
        begin_plugin(folder, name)
    assert "small letters" in caught.value.next
    assert everything(folder) == {}


def test_a_plugin_is_meant_by_name_or_file(folder, tmp_path):
    for name in ("oak", "_hidden", "test_oak"):
        (folder / f"{name}.py").write_text("")
    assert chosen([folder], None) == [("oak", folder / "oak.py")]
    assert chosen([folder], "oak") == [("oak", folder / "oak.py")]
    other = tmp_path / "ember.py"
    other.write_text("")
    assert chosen([folder], str(other)) == [("ember", other)]
    with pytest.raises(UsageError, match='did you mean "oak"'):
        chosen([folder], "oka")


# -- installed ones ---------------------------------------------------------------------------------------


HULL = """from qbconsole.plugin import hookimpl

@hookimpl
def choose_class(line, order):
    return "Retail:Hull" if line is None and order.location == "Hull" else None
"""


@pytest.fixture
def hull(tmp_path, monkeypatch):
    """A package with the entry point `hull_shop`, installed where our processes find it too."""
    site = tmp_path / "site"
    about = site / "hull_shop_plugin-3.1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hull_shop_plugin\nVersion: 3.1\n")
    (about / "entry_points.txt").write_text("[qbconsole]\nhull_shop = hull_shop_plugin\n")
    module = site / "hull_shop_plugin.py"
    module.write_text(HULL)
    module.chmod(0o644)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield module
    sys.modules.pop("hull_shop_plugin", None)


@pytest.mark.slow
def test_an_installed_plugin_is_tried_by_name(folder, hull, tmp_path):
    ((name, path),) = chosen([folder], "hull_shop")
    assert (name, path) == ("hull_shop", None)
    good = attempt(name, path)
    assert (good.is_good, good.sentence) == (
        True,
        "installed: it loads; its tests are its own project's, by pytest",
    )
    begin_plugin(folder, "oak")
    golden = tmp_path / "golden"
    golden.mkdir()
    (golden / "plain.json").write_text((folder / "oak/golden/wholesale.json").read_text())
    wrote = attempt(name, path, golden=golden, write=True)
    assert (wrote.is_good, len(wrote.written)) == (True, 1)
    assert attempt(name, path, golden=golden).sentence.endswith(", 1 golden file as expected")
    hull.write_text(HULL + "1 / 0\n")
    broken = attempt(name, path)
    assert (broken.is_good, broken.where) == (False, "hull_shop_plugin.py:6")


def test_the_harness_finds_an_installed_plugin(plugin_harness, an_order, hull):
    (receipt,) = plugin_harness("hull_shop").documents(an_order(location="Hull"))
    assert receipt.class_ref == "Retail:Hull"
