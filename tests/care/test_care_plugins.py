"""Plugins begun and tried: what `plugins new` writes passes as it stands, and nothing is overwritten."""

from __future__ import annotations

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
