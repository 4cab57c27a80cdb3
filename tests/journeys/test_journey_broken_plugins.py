"""Eight kinds of broken plugin beside a healthy one: each is named with file and line, its merchant stops, nobody else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from trip import Trip

from qbconsole.care.doctor import Health, check_house
from qbconsole.care.plugins import State, plugins_found
from qbconsole.views.postings import postings
from qbconsole.views.status import status

GOLDEN = Path(__file__).parents[1] / "golden"
HEAD = "from qbconsole.plugin import hookimpl\n"
GOOD = f"{HEAD}@hookimpl\ndef choose_customer(order):\n    return 'Walk-in'\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One way to be broken."""

    text: str
    line: int
    said: str
    #: It loads, and fails with the first order.
    while_booking: bool = False


KINDS = {
    "syntax": Broken(text=f"{HEAD}def choose_customer(:\n    pass\n", line=2, said="SyntaxError"),
    "import": Broken(text=f"{HEAD}\nimport no_such_module\n", line=3, said="ModuleNotFoundError"),
    "unknown_hook": Broken(
        text=f"{HEAD}@hookimpl\ndef choose_custommer(order): ...\n",
        line=2,
        said="there is no hook choose_custommer",
    ),
    "wrong_argument": Broken(
        text=f"{HEAD}@hookimpl\ndef choose_customer(ordre): ...\n", line=2, said="is never given ordre"
    ),
    "exception": Broken(
        text=f"{HEAD}@hookimpl\ndef choose_customer(order):\n    return order.no_such_field\n",
        line=4,
        said="choose_customer raised AttributeError",
        while_booking=True,
    ),
    "wrong_type": Broken(
        text=f"{HEAD}@hookimpl\ndef choose_customer(order):\n    return 7\n",
        line=2,
        said="choose_customer returned int 7",
        while_booking=True,
    ),
    "endless_loop": Broken(
        text=f"{HEAD}@hookimpl\ndef choose_customer(order):\n    while True: pass\n",
        line=4,
        said="in choose_customer",
        while_booking=True,
    ),
    "memory_hog": Broken(
        text=f"{HEAD}@hookimpl\ndef choose_customer(order):\n    heap = []\n"
        "    while True: heap.append(bytearray(1 << 30))\n",
        line=5,
        said="MemoryError",
        while_booking=True,
    ),
}
WHO = {kind: f"shop-{kind.replace('_', '-')}" for kind in (*KINDS, "healthy")}


def _merchants(text: str) -> str:
    """The shipped mapping with a merchant for every kind, all of one company file."""
    added = "".join(
        f'\n[merchants.{who}]\ncompany = "oak"\nshop = "{who}.myshopify.com"\nplugins = ["{kind}"]\n'
        for kind, who in WHO.items()
    )
    return text + added


def _write(trip: Trip, kind: str, text: str) -> None:
    path = trip.workspace.root / "plugins" / f"{kind}.py"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


@pytest.fixture
def trip(tmp_path):
    (tmp_path / "plugins").mkdir()
    found = Trip(tmp_path, edit=_merchants)
    for kind, broken in KINDS.items():
        _write(found, kind, broken.text)
    _write(found, "healthy", GOOD)
    facts = json.loads((GOLDEN / "unpaid" / "input.json").read_text(encoding="utf-8"))
    for who in WHO.values():
        facts["shop"]["myshopifyDomain"] = f"{who}.myshopify.com"
        found.pull(facts, merchant=who)
    yield found
    found.close()


def _plugins(trip: Trip):
    """Those somebody uses."""
    return {one.name: one for one in plugins_found(trip.workspace.means()) if one.merchants}


@pytest.mark.slow
def test_each_is_named_and_stops_its_merchant_only_and_mending_heals(trip):
    stopped = trip.book().stopped
    assert stopped.keys() == {WHO[kind] for kind in KINDS}
    for kind, broken in KINDS.items():
        assert f"plugin {kind}" in stopped[WHO[kind]]
        assert broken.said in stopped[WHO[kind]]
        assert f"plugins/{kind}.py:{broken.line}" in stopped[WHO[kind]]

    trip.deliver()
    told = postings(trip.workspace.store)["documents"]
    assert [(one["kind"], one["state"]) for one in told] == [("Invoice", "verified")], "the healthy one's"
    assert trip.company_file.trial_balance()["Accounts Receivable"] > 0

    _everybody_tells(trip)

    for kind in KINDS:
        _write(trip, kind, GOOD)
    assert trip.book().stopped == {}
    means = trip.workspace.means()
    page = status(trip.workspace.store, means.mapping, now=trip.now)
    assert [cause.reason for cause in page.held_by_cause] == []
    trip.deliver()
    told = postings(trip.workspace.store)["documents"]
    assert len(told) == len(WHO)
    assert {one["state"] for one in told} == {"verified"}
    assert {one.state for one in _plugins(trip).values()} == {State.OK}


def _everybody_tells(trip: Trip) -> None:
    """Status, doctor and the list of plugins name each with its place."""
    means = trip.workspace.means()
    page = status(trip.workspace.store, means.mapping, now=trip.now)
    attention = "\n".join(page.attention)
    checks = [one for one in check_house(means, {}, port=1, now=trip.now) if one.name == "plugins"]
    assert len(checks) == len(KINDS)
    assert {one.health for one in checks} == {Health.FAILED}
    doctor = "\n".join(one.sentence for one in checks)
    found = _plugins(trip)
    assert (found["healthy"].state, found["healthy"].trouble) == (State.OK, "")
    for kind, broken in KINDS.items():
        place = f"plugins/{kind}.py:{broken.line}"
        one = found[kind]
        assert one.state == (State.QUARANTINED if broken.while_booking else State.BROKEN), kind
        assert (one.where, one.merchants) == (place, (WHO[kind],))
        assert place in doctor
        assert f"plugin {kind}" in attention
        assert f"({place})" in attention


@pytest.mark.slow
def test_of_two_plugins_the_one_that_was_asked_last_is_named_where_nothing_else_tells(tmp_path):
    (tmp_path / "plugins").mkdir()
    killed = f"{HEAD}import os, signal\n@hookimpl\ndef choose_customer(order):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    silent = f"{HEAD}@hookimpl\ndef choose_customer(order):\n    return None\n"
    trip = Trip(tmp_path, edit=lambda text: text.replace("plugins = []", 'plugins = ["silent", "killed"]'))
    _write(trip, "killed", killed)
    _write(trip, "silent", silent)
    try:
        trip.pull(json.loads((GOLDEN / "unpaid" / "input.json").read_text(encoding="utf-8")))
        told = trip.book().stopped["oak-ember"]
        assert told.startswith("plugin killed ended its process (SIGKILL) on order #1005")
        assert "(plugins/killed.py:3 choose_customer)" in told
        found = _plugins(trip)
        assert (found["killed"].state, found["silent"].state) == (State.QUARANTINED, State.OK)
    finally:
        trip.close()
