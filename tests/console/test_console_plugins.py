"""Plugins in the console: all of them with their state, and a banner where a broken one stops posting."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from console_desk import HOSTILE, FixedSource, WrittenActions, ago
from console_desk import desk as fixed_desk
from console_watching import painted, settle, until

from qbconsole.books.holds import Reason
from qbconsole.console.app import QbConsole
from qbconsole.console.desk import Desk
from qbconsole.console.screens.dashboard import PLUGIN, place_first
from qbconsole.views.status import Cause


@dataclass(frozen=True, kw_only=True)
class Found:
    """What care tells of a plugin, as far as the console asks."""

    name: str
    path: str
    merchants: tuple[str, ...]
    state: str
    sha256: str = ""
    version: str = ""
    load_ms: int | None = None
    hooks: tuple[str, ...] = ()
    trouble: str = ""
    next_step: str = ""


SHA = "0123456789abcdef" * 4
PLUGINS = (
    Found(name="oak_ember", path="plugins/oak_ember.py", sha256=SHA, merchants=("oak-ember",), state="ok", version="1.2", load_ms=41,
                hooks=("choose_class", "choose_item")),
    Found(name="spare", path="plugins/spare.py", sha256=SHA, merchants=(), state="not enabled"),
    Found(name="rules_of_ours", path="plugins/rules_of_ours.py", sha256=SHA, merchants=("oak-outlet",), state="broken",
                trouble="plugin rules_of_ours raised NameError (plugins/rules_of_ours.py:14)", next_step="Mend line 14."),
)  # fmt: skip


class Stopped(FixedSource):
    """A shop whose plugin is broken."""

    def status(self, merchant):
        broken = Cause(
            cause="plugin_broken:oak-outlet", reason="plugin_broken", count=1, oldest_at=ago(minutes=5),
            sentence=f"plugin rules_of_ours raised NameError {self.name} (plugins/rules_of_ours.py:14). Nothing of oak-outlet is booked.",
            next_step="Mend plugins/rules_of_ours.py:14.", subjects=("merchant/oak-outlet",),
        )  # fmt: skip
        found = super().status(merchant)
        return replace(found, held_by_cause=(*found.held_by_cause, broken))


@pytest.fixture
def started(tmp_path):
    def start(source=None, plugins=lambda: PLUGINS, **more) -> QbConsole:
        desk = fixed_desk(source, WrittenActions())
        return QbConsole(lambda: Desk(source=desk.source, actions=desk.actions, plugins=plugins), **more)

    return start


async def opened(app, pilot) -> None:
    await until(pilot, lambda: app.desk is not None)
    await settle(pilot)
    await pilot.press("ctrl+o")
    await until(pilot, lambda: "being loaded" not in painted(app))
    await settle(pilot)


async def test_plugins_on_80x24_with_the_broken_one_first(started, check_painted):
    app = started()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(app, pilot)
        check_painted("plugins", app)
        assert "plugins/rules_of_ours.py:14" in painted(app)
        assert "Mend line 14." in painted(app)
        await pilot.press("j")
        await until(pilot, lambda: "choose_class, choose_item" in painted(app))
        await pilot.press("j")
        await until(pilot, lambda: "never run" in painted(app))
        await pilot.press("escape")
        await settle(pilot)
        assert "Needs you" in painted(app)


async def test_no_plugin_says_how_to_begin_one(started):
    app = started(plugins=tuple)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(app, pilot)
        assert "qbconsole plugins new NAME" in painted(app)


async def test_a_hostile_plugin_is_text(started):
    one = replace(
        PLUGINS[2], name=HOSTILE, trouble=HOSTILE, path=HOSTILE, hooks=(HOSTILE,), merchants=(HOSTILE,)
    )
    app = started(Stopped(name=HOSTILE), lambda: (one,))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(app, pilot)
        assert "[/b] [VIP]" in painted(app)
        assert "\x1b" not in painted(app)


async def test_a_broken_plugin_has_a_banner_and_enter_shows_it(started, check_painted):
    app = started(Stopped())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "Posting stopped" in painted(app))
        await settle(pilot)
        check_painted("dashboard_stopped", app)
        await pilot.press("enter")
        await until(pilot, lambda: "sha256" in painted(app) and "broken" in painted(app))


async def test_no_banner_while_all_is_well(started):
    app = started()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "unmapped" in painted(app) or "Needs you (4)" in painted(app))
        assert "Posting stopped" not in painted(app)


def test_the_banner_looks_for_the_reason_that_booking_gives():
    assert Reason.PLUGIN_BROKEN.value == PLUGIN


def test_the_place_stands_in_front_where_the_end_may_be_cut():
    assert place_first("it raised (plugins/a.py:14). Mend it") == "plugins/a.py:14 it raised. Mend it"
    assert place_first("it (really) raised") == "it (really) raised"
