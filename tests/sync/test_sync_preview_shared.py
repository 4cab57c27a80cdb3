"""What-ifs shared with helper processes: the same effect, whoever read a page; nobody is left behind, nothing is lost."""

from __future__ import annotations

import os
import select
import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from test_sync_preview import ME, PLUGIN, told, written
from trip import SHOP, Trip

from qbconsole.care.candidate import Asked, candidate
from qbconsole.errors import PluginBroken
from qbconsole.host.blame import DecideFailed
from qbconsole.sandbox.shopify import Shop
from qbconsole.sync.preview import preview, reading, running, sharing

ORDERS = 60
CHANGES = {
    "account": ((f"{ME}.accounts.sales_income", "Sales:Other"),),
    "hold": ((f"{ME}.rules[0].when.tag", "*"), (f"{ME}.rules[0].hold", "Look.")),
    "policy": ((f"{ME}.policy.recognise_on", "fulfillment"),),
    "summary": (
        (f"{ME}.modes.sales", "summary"),
        (f"{ME}.modes.inventory", "summary"),
        (f"{ME}.policy.cogs", "off"),
    ),
}


@contextmanager
def closing_fd(number: int):
    yield number
    os.close(number)


@pytest.fixture(scope="module")
def booked(tmp_path_factory):
    trip = Trip(tmp_path_factory.mktemp("shared"))
    trip.pull({"orders": Shop.seeded(domain=SHOP["myshopifyDomain"], seed=9, orders=ORDERS).orders})
    trip.book()
    yield trip
    trip.close()


@pytest.fixture
def helped(monkeypatch):
    """Pages of five, two helpers, and a first one here that waits until a helper has done something."""
    pages = []
    monkeypatch.setattr(reading, "PAGE", 5)
    monkeypatch.setattr(sharing, "WORTH_HELP", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    real = sharing._next

    def patient(left, done, replay):
        if not pages:
            done.put(done.get(timeout=60))
        found = real(left, done, replay)
        pages.append(found)
        return found

    monkeypatch.setattr(sharing, "_next", patient)
    return pages


def effect_of(trip: Trip, pairs, **more):
    asked = {name: more.pop(name) for name in ("plugins",) if name in more}
    means = trip.workspace.means()
    with candidate(means, Asked(pairs=pairs, **asked)) as other:
        return preview(means, other, since=None, **more)


def children() -> set[str]:
    """Processes below this one, and below those."""
    found, wanted = set(), [str(os.getpid())]
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if words[0] != "Z":
            parents.setdefault(words[1], []).append(stat.parent.name)
    while wanted:
        mine = parents.get(wanted.pop(), [])
        found.update(mine)
        wanted += mine
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_helpers_give_the_effect_that_one_process_gives(booked, change, request):
    alone = told(effect_of(booked, CHANGES[change]))
    pages = request.getfixturevalue("helped")
    seen: list[tuple[int, int]] = []
    effect = effect_of(booked, CHANGES[change], progress=lambda *moved: seen.append(moved))
    assert (told(effect) == alone) is True
    assert alone.changed
    # Helpers begin at the end; the bar moves by what anybody has done.
    assert pages[0].place > 0
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]
    assert not children()


def test_a_cancelled_one_leaves_no_helper(booked, helped):
    effect = effect_of(booked, CHANGES["account"], cancelled=lambda: True)
    assert not effect.is_whole
    assert not children()
    assert threading.active_count() == 1


def test_ctrl_c_leaves_no_helper(booked, helped):
    def interrupted(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        effect_of(booked, CHANGES["account"], progress=interrupted)
    assert not children()
    assert threading.active_count() == 1


def test_a_helper_that_is_killed_is_told_as_ours_and_leaves_no_other(booked, helped):
    def kill(_done, _total):
        for child in children():
            os.kill(int(child), signal.SIGKILL)

    with pytest.raises(DecideFailed) as failed:
        effect_of(booked, CHANGES["account"], progress=kill)
    assert "a helper of ours ended its process (SIGKILL)" in failed.value.what
    assert "plugin" not in failed.value.what
    assert not children()


def test_a_helper_that_cannot_begin_is_done_without(booked, monkeypatch, caplog):
    alone = told(effect_of(booked, CHANGES["account"]))
    ended = threading.Event()
    monkeypatch.setattr(reading, "PAGE", 5)
    monkeypatch.setattr(sharing, "WORTH_HELP", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    real, drive = running.help_of, sharing._drive
    monkeypatch.setattr(running, "help_of", lambda run: replace(real(run), database="/nowhere/state.db"))

    def driven(*given):
        drive(*given)
        ended.set()

    def slow(left, done, replay):
        assert ended.wait(60)
        return following(left, done, replay)

    following = sharing._next
    monkeypatch.setattr(sharing, "_drive", driven)
    monkeypatch.setattr(sharing, "_next", slow)
    assert (told(effect_of(booked, CHANGES["account"])) == alone) is True
    assert "could not begin" in caplog.text
    assert not children()


def test_plugins_run_in_children_of_their_own_and_a_broken_one_is_named(booked, helped, tmp_path):
    file = written(tmp_path / "plugins", "gifts.py", PLUGIN.replace('"gift" in order.tags', "order.tags"))
    effect = effect_of(booked, (), plugins=[file])
    assert {part.after for one in effect.changed for part in one.differences if part.field == "customer"} == {
        "Gift buyers"
    }
    assert any(page.place > 0 for page in helped)
    helped.clear()
    broken = written(
        tmp_path / "plugins", "gifts.py", PLUGIN.replace('"gift" in order.tags', "order.nothing")
    )
    # Whoever meets it first tells it: this process at its first page, for helpers never have one done.
    helped.append(None)
    with pytest.raises(PluginBroken) as named:
        effect_of(booked, (), plugins=[broken])
    assert named.value.where == "plugins/gifts.py:6"
    for child in children():  # a helper's own child ends by itself when its pipe is closed
        with suppress(ProcessLookupError), closing_fd(os.pidfd_open(int(child))) as gone:
            select.select([gone], [], [], 10)
    assert not children()
