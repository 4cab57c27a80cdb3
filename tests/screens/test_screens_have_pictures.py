"""Each screen has its picture, each picture that README and docs show is there, and it is of the screen it is called after."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from qbconsole.console.app import QbConsole

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "screenshots"
#: Mode of the console -> its picture, and how its tab reads when it is shown.
PICTURES = {
    "dash": ("dashboard", "[1 Dash]"),
    "queue": ("queue", "[2 Queue]"),
    "inspect": ("inspector", "[3 Inspect]"),
    "mapping": ("mapping", "[4 Mapping]"),
    "logs": ("logs", "[5 Logs]"),
}
_LINK = re.compile(r"\(((?:docs/)?screenshots/[^)\s]+)\)")


def test_every_screen_has_a_picture_and_nothing_else_does():
    assert set(PICTURES) == set(QbConsole.MODES)
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.svg" for name, _ in PICTURES.values()}


@pytest.mark.parametrize(("name", "tab"), PICTURES.values())
def test_a_picture_is_of_the_screen_it_is_called_after(name, tab):
    drawn = ET.parse(FOLDER / f"{name}.svg").getroot()
    shown = "".join(drawn.itertext()).replace("\xa0", " ")
    assert tab in shown
    assert "qbconsole" in shown
    assert not re.search(r"\d{4}-[0-9a-f]{4}-4|/tmp/|/root/", shown)


def test_every_picture_that_readme_and_docs_show_is_there():
    shown = 0
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            shown += 1
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
    assert shown >= 2
