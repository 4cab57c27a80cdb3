"""Options of plugins on the command line: `mapping check` tells what is wrong before `book` stops at it."""

from __future__ import annotations

from pathlib import Path

from qbconsole.bundled import bundled
from qbconsole.care.plugins.options import unheard_options, wrong_options
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
