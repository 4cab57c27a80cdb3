"""The dashboard says that mappings.toml is not in force, with its line, and stops saying so when it is mended."""

from __future__ import annotations

import pytest
from console_mapping import editor
from console_watching import painted, settle, until
from trip import Trip

from qbconsole.care.mapping_file import edit_mapping
from qbconsole.sandbox.shopify import Shop


@pytest.fixture
def root(tmp_path):
    trip = Trip(tmp_path)
    path = tmp_path / "mappings.toml"
    edit_mapping(trip.workspace.means(), path, [("companies.oak.name", "Oak")], who="operator:ann")
    trip.close()
    return tmp_path


async def test_a_mapping_broken_on_disk_is_told_on_the_dashboard_until_it_is_mended(root):
    path = root / "mappings.toml"
    good = path.read_text(encoding="utf-8")
    line = len(good.splitlines()) + 1
    async with editor(root) as pilot:
        await until(pilot, lambda: "Needs you" in painted(pilot.app))
        assert "stays in force" not in painted(pilot.app)
        path.write_text(good + "broken = = 1\n", encoding="utf-8")
        await until(pilot, lambda: "The last good mapping stays in force" in painted(pilot.app))
        assert f"mappings.toml:{line}:" in painted(pilot.app)
        path.write_text(good, encoding="utf-8")
        await until(pilot, lambda: "stays in force" not in painted(pilot.app))


async def test_a_hostile_line_of_a_broken_mapping_does_no_harm_on_the_dashboard(root):
    path = root / "mappings.toml"
    hostile = '\n[merchants.oak-ember.policy]\ntax = "\\u001b]0;x\\u0007[red]\\u202e"\n'
    path.write_text(path.read_text(encoding="utf-8") + hostile, encoding="utf-8")
    async with editor(root) as pilot:
        await until(pilot, lambda: "stays in force" in painted(pilot.app))
        await settle(pilot)
        assert not {"\x1b", "\x07", "\u202e"} & set(painted(pilot.app))


async def test_what_needs_nobody_is_listed_last_and_not_counted(root):
    trip = Trip(root)
    trip.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=45).orders})
    trip.book()
    trip.close()
    async with editor(root) as pilot:
        await until(pilot, lambda: "Needs you (1), needs nobody (1)" in painted(pilot.app))
        assert "1 thing for you" in painted(pilot.app)
        (quiet,) = [line for line in painted(pilot.app).splitlines() if "It is a test order" in line]
        assert "!" not in quiet
        # The step of the row above it is told whole, in as many lines as it takes.
        shown = " ".join(painted(pilot.app).replace("│", " ").split())
        assert "-> Capture or cancel it in Shopify; it is booked on its own day then." in shown
