"""Commands that act on many take a list from stdin: keys, or what `queue list --json` writes."""

from __future__ import annotations

import json

import pytest
from trip import Trip

from qbconsole.sandbox.shopify import Shop


@pytest.fixture
def piped(process, tmp_path):
    """Three orders wait for approval; gives a process on their workspace."""
    (tmp_path / "trip").mkdir()
    trip = Trip(tmp_path / "trip", settings={"policy": {"approve": "manual"}})
    trip.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=4).orders})
    trip.book()
    root = trip.workspace.root
    trip.close()
    return lambda *words, stdin=None: process(*words, workspace=root, stdin=stdin)


def rows(piped):
    return piped("--json", "queue", "list", "--view", "queued", "--text", "kind:SalesReceipt")


def test_what_queue_list_writes_is_held_and_released(piped):
    found = rows(piped)
    keys = [row["key"] for row in found.json["rows"]]
    assert len(keys) >= 2
    held = piped("hold", "--stdin", "--reason", "look", "--json", stdin=found.out)
    assert (held.status, held.json["done"]) == (0, keys)
    assert f"{len(keys)} are held by name" in piped("status").out
    lines = "\n".join([*keys, "", keys[0]])
    assert piped("release", "--stdin", "--json", stdin=lines).json["done"] == keys
    assert "held by name" not in piped("status").out


def test_a_list_of_keys_or_rows_that_another_program_made_is_read_too(piped):
    found = rows(piped)
    keys = [row["key"] for row in found.json["rows"]]
    for text in (
        json.dumps(keys),
        json.dumps(found.json["rows"]),
        "\n".join(map(json.dumps, found.json["rows"])),
    ):
        assert piped("hold", "--stdin", "--json", stdin=text).json["done"] == keys
    left = piped("queue", "retry", "--stdin", stdin=found.out)
    assert left.status == 1
    assert "nothing to retry" in left.err


def test_a_list_that_is_cut_is_told(piped):
    cut = {"count": 1200, "rows": rows(piped).json["rows"][:1]}
    told = piped("hold", "--stdin", stdin=json.dumps(cut))
    assert "The list is cut: 1 of 1200 rows" in told.err


@pytest.mark.parametrize("text", ["", '{"a": 1}', "[3]", '{"rows": 4}', "{", "[" * 9000], ids=len)
def test_what_is_no_list_of_keys_changes_nothing_and_says_what_is(piped, text):
    for words in (("release",), ("queue", "retry")):
        told = piped(*words, "--stdin", stdin=text)
        assert told.status == 2
        assert "stdin" in told.err
        assert "Traceback" not in told.err


def test_a_key_that_nothing_has_stops_all_of_them(piped):
    found = rows(piped).json["rows"][0]["key"]
    told = piped("hold", "--stdin", stdin=f"{found}\nqbc1/nobody/\x1b[31m\n")
    assert told.status == 2
    assert "nothing was changed" in told.err
    assert "\x1b" not in told.err
    assert "held by name" not in piped("status").out


def test_without_a_key_the_command_says_how_to_give_some(piped):
    for words in (("hold",), ("release",), ("queue", "ignore", "--reason", "x")):
        told = piped(*words)
        assert told.status == 2
        assert "`qbconsole queue list --view all`" in told.err
