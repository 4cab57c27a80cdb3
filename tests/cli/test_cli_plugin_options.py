"""Options of plugins on the command line: `mapping check` tells what is wrong before `book` stops at it."""

from __future__ import annotations

from pathlib import Path

from qbconsole.bundled import bundled
from qbconsole.care.plugins.options import absent_plugins, unheard_options, wrong_options
from qbconsole.rules.mapping.read import read

SHIPPED = bundled("mappings.toml").read_text(encoding="utf-8")


def mapping(said: str, *plugins: str):
    listed = ", ".join(f'"{name}"' for name in plugins)
    return read(SHIPPED.replace("plugins = []", f"plugins = [{listed}]", 1) + said)


def test_every_fault_of_every_plugin_is_told_with_its_line(tmp_path: Path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    for name in ("gift_cards", "hold_unusual"):
        path = folder / f"{name}.py"
        path.write_bytes((bundled("plugins") / path.name).read_bytes())
        path.chmod(0o644)
    said = """
[merchants.oak-ember.plugin.hold_unusual]
amount = "much"
new_sku = true
[merchants.oak-ember.plugin.hold_unusal]
amount = "5"
"""
    text = mapping(said, "hold_unusual", "gift_cards")
    last = SHIPPED.count("\n")
    opted_in = next(n for n, row in enumerate(SHIPPED.splitlines(), 1) if row.startswith("plugins = "))
    faults = [(fault.line, fault.path) for fault in wrong_options(text, [str(folder)])]
    assert faults == [
        (last + 3, "plugin.hold_unusual.amount"),
        (last + 4, "plugin.hold_unusual.new_sku"),
        (opted_in, "plugin.gift_cards.accounts"),
    ]
    (unheard,) = unheard_options(text)
    assert (unheard.line, unheard.path) == (last + 6, "plugin.hold_unusal")
    assert 'did you mean "hold_unusual"?' in unheard.sentence


def test_a_plugin_without_options_of_its_own_takes_those_of_the_defaults():
    text = mapping('\n[defaults.plugin.wholesale]\ntags = ["trade"]\n', "wholesale")
    assert text.merchants["oak-ember"].options["wholesale"]["tags"].value == ["trade"]
    assert list(unheard_options(text)) == []


def test_a_plugin_that_is_nowhere_is_told_with_its_line(tmp_path: Path):
    (tmp_path / "oak_ember.py").write_text("raise SystemExit('it was run')\n")
    asked = mapping("", "oak_embr", "oak_ember", "gift_cards")
    (fault,) = absent_plugins(asked, [str(tmp_path), str(bundled("plugins"))])
    line = next(n for n, row in enumerate(SHIPPED.splitlines(), 1) if row.startswith("plugins = "))
    assert (fault.line, fault.path) == (line, "merchants.oak-ember.plugins")
    assert fault.sentence == 'there is no plugin oak_embr; did you mean "oak_ember"?'


def test_mapping_check_names_a_plugin_that_is_nowhere(run):
    assert run("mapping", "check").status == 0
    assert run("mapping", "set", "merchants.oak-ember.plugins", '["oak_embr"]').status == 0
    told = run("mapping", "check")
    assert told.status != 0
    assert "there is no plugin oak_embr" in told.out + told.err


def test_a_plugin_that_is_switched_off_is_not_run_to_see_its_options(tmp_path: Path):
    """QBCONSOLE_LOAD_PLUGINS is for an installation that a plugin makes unusable."""
    path, ran = tmp_path / "oak.py", tmp_path / "ran"
    path.write_text(f"open({str(ran)!r}, 'w')\n")
    path.chmod(0o644)
    asked = mapping("", "oak")
    assert wrong_options(asked, [str(tmp_path)], frozenset()) == ()
    assert not ran.exists()
    assert wrong_options(asked, [str(tmp_path)]) == ()
    assert ran.exists()
