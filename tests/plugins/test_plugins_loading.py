"""Plugins that are broken, at load or when asked, are named with file and line; good ones say what they are."""

from __future__ import annotations

import hashlib
import os
import sys

import pytest

from qbconsole.bundled import bundled
from qbconsole.errors import PluginBroken
from qbconsole.rules.mapping.read import read
from qbconsole.rules.registry import load_plugin, load_plugins, plugin_files

GOOD = """from qbconsole.plugin import hookimpl

__version__ = "1.2"

@hookimpl
def choose_class(order):
    return "Retail"
"""
HEAD = "from qbconsole.plugin import hookimpl\n"

AT_LOAD = {
    "syntax": (HEAD + "def choose_class(:\n    pass\n", 2, "SyntaxError"),
    "null byte": (HEAD + "x = '\0'\n", 1, "null byte"),
    "import": (
        HEAD + "\nimport no_such_module\n",
        3,
        "ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "raises": (HEAD + "def f():\n    return 1 / 0\nf()\n", 3, "ZeroDivisionError"),
    "exits": (HEAD + "raise SystemExit(0)\n", 2, "SystemExit"),
    "unknown hook": (
        HEAD + "@hookimpl\ndef choose_acount(role): ...\n",
        2,
        'no hook choose_acount; did you mean "choose_account"',
    ),
    "wrong argument": (
        HEAD + "@hookimpl\ndef choose_account(lin): ...\n",
        2,
        'never given lin; did you mean "line"',
    ),
    "argument with default": (
        HEAD + "@hookimpl\ndef choose_account(account=1): ...\n",
        2,
        "never given account",
    ),
    "not marked": ("def choose_account(role): ...\n", 1, "lacks @hookimpl"),
    "wrapper": (HEAD + "@hookimpl(wrapper=True)\ndef choose_account(role):\n    yield\n", 2, "is a wrapper"),
    "async": (HEAD + "@hookimpl\nasync def choose_account(role): ...\n", 2, "is async"),
    "generator": (
        HEAD + "@hookimpl\ndef choose_account(role):\n    yield 'x'\n",
        2,
        "is async or a generator",
    ),
    "newer api": (GOOD + "HOOK_API = 99\n", 8, "needs hook API 99; this qbconsole has 1"),
    "odd api": (GOOD + "HOOK_API = '1'\n", 8, "needs hook API 1"),
    "older api": (GOOD + "HOOK_API = 0\n", 8, "needs hook API 0"),
    "no hooks": ("x = 1\n", 1, "implements no hook"),
}


@pytest.mark.parametrize("kind", AT_LOAD)
def test_a_plugin_broken_at_load_is_named_with_its_line(world, kind):
    text, line, words = AT_LOAD[kind]
    world.plugin(text)
    with pytest.raises(PluginBroken) as caught:
        world.load("oak_plugin")
    assert "plugin oak_plugin" in caught.value.what
    assert words in caught.value.what
    assert caught.value.where == f"plugins/oak_plugin.py:{line}"


WHEN_ASKED = {
    "exception": ("choose_class", "order.no_such_field", "AttributeError"),
    "exit": ("choose_class", "exit(3)", "SystemExit"),
    "recursion": ("choose_class", "(f := lambda: f())()", "RecursionError"),
    "wrong type": ("choose_class", "7", "returned int 7; it may return a name"),
    "list": ("choose_class", "['x']", "returned list"),
    "empty": ("choose_class", "'  '", "returned str"),
    "too long": ("choose_class", "'x' * 300", "returned str"),
    "escape bytes": ("choose_class", "'\\x1b]0;x'", "returned str"),
    "hold": ("hold_event", "3", "hold_event returned int 3"),
    "amend type": ("amend_document", "'x'", "amend_document returned str"),
    "amend field": ("amend_document", "{'memmo': 'x'}", "changes memmo"),
    "recorded": ("document_recorded", "'x'", "it is only told"),
}


def ask_everything(asking, world):
    order = world.order()
    asking.class_(None, order)
    asking.holds(world.event(), order)
    asking.amend(world.line(), order)
    asking.recorded(world.line(), order, "1")


@pytest.mark.parametrize("kind", WHEN_ASKED)
def test_a_plugin_that_fails_when_asked_is_named_with_its_line(world, kind):
    hook, expression, words = WHEN_ASKED[kind]
    arguments = "order" if "recorded" not in hook else ""
    world.plugin(f"{HEAD}@hookimpl\ndef {hook}({arguments}):\n    return {expression}\n")
    asking = world.asking(plugins=["oak_plugin"])
    with pytest.raises(PluginBroken) as caught:
        ask_everything(asking, world)
    assert words in caught.value.what
    assert caught.value.what.startswith("plugin oak_plugin: ")
    assert caught.value.where.startswith("plugins/oak_plugin.py:")
    if kind in ("exception", "exit"):
        assert caught.value.where.endswith(":4")
        assert caught.value.__cause__ is not None


def test_a_document_kind_that_does_not_exist_is_refused(world):
    world.plugin(f"{HEAD}@hookimpl\ndef choose_document():\n    return 'SalesOrder'\n")
    with pytest.raises(PluginBroken, match="SalesReceipt or Invoice"):
        world.asking(plugins=["oak_plugin"]).document(world.order())


def test_an_amended_document_that_is_no_longer_one_is_refused(world):
    world.plugin(f"{HEAD}@hookimpl\ndef amend_document():\n    return {{'amount': 1.5, 7: 1}}\n")
    with pytest.raises(PluginBroken, match="changes 7"):
        world.asking(plugins=["oak_plugin"]).amend(world.line(), world.order())


@pytest.mark.parametrize("kind", ["import", "raises", "exits", "unknown hook", "no hooks"])
def test_nothing_stays_of_a_plugin_that_could_not_be_loaded(world, kind):
    world.plugin(AT_LOAD[kind][0])
    before = set(sys.modules)
    with pytest.raises(PluginBroken):
        world.load("oak_plugin")
    assert not [name for name in set(sys.modules) - before if "oak_plugin" in name]


def test_a_good_plugin_says_what_it_is(world):
    world.plugin(GOOD)
    (plugin,) = world.load("oak_plugin")
    assert (plugin.name, plugin.version, plugin.path) == ("oak_plugin", "1.2", "plugins/oak_plugin.py")
    assert plugin.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert plugin.hooks == {"choose_class": "plugins/oak_plugin.py:5"}


def test_an_unknown_plugin_is_refused_with_the_nearest_name(world):
    world.plugin(GOOD)
    with pytest.raises(PluginBroken, match='did you mean "oak_plugin"') as caught:
        world.load("oak_plugn")
    assert "plugins folder" in caught.value.next


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_others_may_write_is_refused(world, mode):
    world.plugin(GOOD)
    (world.plugins / "oak_plugin.py").chmod(mode)
    with pytest.raises(PluginBroken, match="written by other users") as caught:
        world.load("oak_plugin")
    assert "chmod go-w" in caught.value.next


def test_only_plain_python_files_count_and_the_first_folder_wins(world, tmp_path):
    for name in ("b", "a", "_hidden", ".dot", "test_a", "conftest"):
        world.plugin(GOOD, name)
    (world.plugins / "notes.txt").write_text("x")
    own = world.plugins / "oak"
    own.mkdir()
    (own / "a.py").write_text(GOOD)
    (own / "a.py").chmod(0o644)
    files = plugin_files([own, world.plugins, tmp_path / "nowhere"])
    assert list(files) == ["a", "b"]
    assert load_plugin("a", files).path == "plugins/oak/a.py"


def test_a_plugin_finds_its_tables_beside_its_own_file(world, tmp_path):
    """Also where a kept copy decides, a shipped one has its name, or a what-if lays a link to it."""
    kept, shipped, linked = tmp_path / ".qbconsole" / "plugins", tmp_path / "shipped", tmp_path / "room"
    for folder in (kept, shipped, linked):
        folder.mkdir(parents=True)
    world.plugin(GOOD)
    own = world.plugins / "oak_plugin.py"
    for folder in (kept, shipped):
        (folder / "oak_plugin.py").write_text(GOOD)
        (folder / "oak_plugin.py").chmod(0o600)
    (linked / "oak_plugin.py").symlink_to(own)

    def found(*folders):
        (plugin,) = load_plugins(["oak_plugin"], folders)
        return plugin.module.__file__, plugin.file

    assert found(kept, world.plugins, shipped) == (str(own), str(kept / "oak_plugin.py"))
    assert found(kept, shipped)[0] == str(shipped / "oak_plugin.py")
    assert found(world.plugins, shipped) == (str(own), str(own))
    assert found(linked, kept, shipped)[0] == str(own)


def test_nothing_is_loaded_that_is_not_named(world):
    world.plugin("raise RuntimeError('loaded')", "other")
    world.plugin(GOOD)
    assert [plugin.name for plugin in world.load("oak_plugin", "oak_plugin")] == ["oak_plugin"]
    assert load_plugins([], [world.plugins]) == ()


def test_a_dataclass_in_a_plugin_works(world):
    world.plugin(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        + GOOD.replace("@hookimpl", "@dataclass\nclass Brand:\n    name: str\n\n@hookimpl", 1)
    )
    assert world.load("oak_plugin")[0].hooks


def test_an_optional_hook_of_a_later_version_is_left_alone(world):
    world.plugin(GOOD + "@hookimpl(optionalhook=True)\ndef choose_weather(sky): ...\n")
    assert list(world.load("oak_plugin")[0].hooks) == ["choose_class"]


# -- installed packages ------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a package with one entry point; what importing it leaves behind is taken away."""
    known, site = set(sys.modules), tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def install(name: str, text: str | None) -> None:
        about = site / f"{name}-3.1.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.1\n")
        (about / "entry_points.txt").write_text(f"[qbconsole]\nbrands = {name}\n")
        if text is not None:
            (site / name).mkdir()
            (site / name / "__init__.py").write_text(text)
            (site / name / "__init__.py").chmod(0o644)

    yield install
    for name in set(sys.modules) - known:
        if name.startswith("brands_"):
            del sys.modules[name]


def test_an_installed_plugin_is_found_by_its_entry_point(world, installed):
    installed("brands_good", GOOD)
    (plugin,) = world.load("brands")
    assert plugin.version == "3.1"
    assert (plugin.path, plugin.hooks) == (
        "brands_good/__init__.py",
        {"choose_class": "brands_good/__init__.py:5"},
    )


@pytest.mark.parametrize("kind", ["syntax", "import", "raises", "unknown hook", "no hooks"])
def test_a_broken_installed_plugin_is_rolled_back_and_named(world, installed, kind):
    text, line, words = AT_LOAD[kind]
    installed(f"brands_{kind.replace(' ', '_')}", text)
    with pytest.raises(PluginBroken) as caught:
        world.load("brands")
    assert words in caught.value.what
    assert caught.value.where.endswith(f":{line}")


def test_an_entry_point_without_a_module_is_refused(world, installed):
    installed("brands_gone", None)
    with pytest.raises(PluginBroken, match="there is no module brands_gone"):
        world.load("brands")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_an_installed_plugin_others_may_write_is_not_even_imported(world, installed, tmp_path):
    installed("brands_open", "raise RuntimeError('imported')")
    (tmp_path / "site" / "brands_open" / "__init__.py").chmod(0o666)
    with pytest.raises(PluginBroken, match="written by other users"):
        world.load("brands")


@pytest.mark.parametrize("declared", ["[]", "None", "0", "''"])
def test_options_that_are_no_table_are_refused_even_where_nothing_is_said_to_the_plugin(tmp_path, declared):
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "oak.py").write_text(GOOD + f"OPTIONS = {declared}\n")
    (folder / "oak.py").chmod(0o644)
    mapping = read(bundled("mappings.toml").read_text("utf-8"))
    (plugin,) = load_plugins(["oak"], [folder])
    with pytest.raises(PluginBroken, match="OPTIONS must be a dict"):
        plugin.given(mapping, "oak-ember")
