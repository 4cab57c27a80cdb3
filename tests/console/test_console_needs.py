"""What no hold tells stands on the dashboard as well, first, and with a step that can be typed."""

from __future__ import annotations

from dataclasses import replace

from console_desk import FixedSource, status
from console_watching import painted, settle, until

from qbconsole.console.widgets.dialogs import Paper
from qbconsole.views.approval import ToApprove


class Source(FixedSource):
    def status(self, merchant):
        found = status()
        company = replace(found.companies[0], to_approve=ToApprove(documents=12, entries=35, incomplete=40))
        return replace(found, companies=(company,))


async def test_what_waits_for_approval_stands_on_the_dashboard_with_its_next_step(console):
    async with console(source=Source()) as pilot:
        await until(pilot, lambda: "Needs you (5)" in painted(pilot.app))
        shown = painted(pilot.app)
        assert "5 things for you" in shown
        assert "! approval      47" in shown
        (first,) = [line for line in shown.splitlines() if line.startswith("│>")]
        assert "oak: 12 documents and 35 list entries wait" in first
        joined = " ".join(shown.replace("│", " ").split())
        assert "look at `qbconsole plan`, then `qbconsole approve`." in joined
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Paper)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "reason:unmapped" in painted(pilot.app))
