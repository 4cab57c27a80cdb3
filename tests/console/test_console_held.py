"""A long reason never hides what mends it: what does not fit on 80x24 is one key away, and says so."""

from __future__ import annotations

from dataclasses import replace

from console_desk import HOSTILE, FixedSource, detail, journey
from console_watching import painted, settle, until

from qbconsole.books.holds import Hold, Reason

_STEP = (
    "Name it in mappings.toml under [defaults.tax_items] and run `qbconsole book`, or "
    + "really " * 30
    + "so."
)
_LONG = "QuickBooks has no item of the sales tax that the shop names for this order. " * 6


class Source(FixedSource):
    def journey(self, asked):
        held = Hold(reason=Reason.UNMAPPED, where="order #10341", sentence=_LONG, next_step=_STEP + self.name)
        return replace(journey(), holds=(held, *journey().holds))

    def detail(self, key):
        return replace(detail(key), why=_LONG, fix="Run `qbconsole book`.")


def whole(app) -> str:
    return " ".join(painted(app).replace("│", " ").split())


async def test_a_step_that_the_inspectors_banner_cuts_is_shown_whole_by_h(console):
    async with console(source=Source(HOSTILE)) as pilot:
        pilot.app.inspect("#10341")
        await until(pilot, lambda: "HELD unmapped" in painted(pilot.app))
        assert "… h: all of it" in painted(pilot.app)
        assert "Shopify Payments Clearing" in painted(pilot.app)
        await pilot.press("h")
        await settle(pilot)
        shown = whole(pilot.app)
        assert "really so." in shown
        assert "refund_residual_review" in shown
        assert not {"\x1b", "\u202e"} & set(shown)


async def test_a_step_that_fits_stands_whole_in_the_inspectors_banner(console):
    source = Source()
    source.journey = lambda asked: replace(
        journey(),
        holds=(
            Hold(
                reason=Reason.UNMAPPED,
                where="",
                sentence="Tax CA-ORANGE is not named.",
                next_step=_STEP[:220],
            ),
        ),
    )
    async with console(source=source) as pilot:
        pilot.app.inspect("#10341")
        await until(pilot, lambda: "HELD unmapped" in painted(pilot.app))
        assert _STEP[:220].strip() in whole(pilot.app)
        assert "all of it" not in painted(pilot.app)


async def test_a_long_reason_leaves_room_for_what_mends_it_in_the_queue(console):
    async with console("2", source=Source()) as pilot:
        await until(pilot, lambda: "Why" in painted(pilot.app))
        assert "Fix   Run `qbconsole book`." in painted(pilot.app)
        await pilot.press("h")
        await settle(pilot)
        assert whole(pilot.app).count("QuickBooks") >= 6
