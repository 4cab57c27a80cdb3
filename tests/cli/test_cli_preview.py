"""`mapping preview` at the command line: text and JSON, its options, its refusals, ctrl-c."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys

import pytest
from builders import Line, Pay, an_order

FACTS = {
    "shop": {
        "myshopifyDomain": "oak-ember.myshopify.com",
        "currencyCode": "USD",
        "ianaTimezone": "America/Los_Angeles",
        "taxesIncluded": False,
    },
    "orders": [
        an_order([Line(price="20.00", title="\x1b[31mMug")], pays=[Pay(amount="20.00")], number=1),
    ],
}
ME = "merchants.oak-ember"
OTHER = ("--set", f"{ME}.accounts.sales_income", "Sales:Other")


@pytest.fixture
def booked(root, run, tmp_path):
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(FACTS), encoding="utf-8")
    assert run("pull", "--from-file", str(facts)).status == 0
    assert run("book").status == 0
    return root


def test_a_value_is_tried_and_nothing_is_written(booked, run):
    before = (booked / "mappings.toml").read_bytes()
    said = run("mapping", "preview", "--since", "2026-01-01", *OTHER)
    assert said.status == 0
    assert "1 documents change" in said.out
    assert "order #1001: SalesReceipt 1001 of 2026-03-02, changes" in said.out
    assert "account of sales_income: Sales:Shopify -> Sales:Other  (mappings.toml:" in said.out
    assert "Would be added to QuickBooks: account Sales:Other" in said.out
    assert said.err.startswith("Nothing was written.")
    assert "\x1b" not in said.out
    assert (booked / "mappings.toml").read_bytes() == before
    assert run("mapping", "preview", "--readonly", "--since", "all", *OTHER).out == said.out.replace(
        "since 2026-01-01", "of all time"
    )


def test_json_has_all_of_it(booked, run):
    told = run("--json", "mapping", "preview", "--since", "all", *OTHER).json
    (change,) = told["changed"]
    assert change["what"] == "changed"
    assert {part["field"] for part in change["differences"]} >= {"account of sales_income"}
    assert {one["account"]: one["amount"]["amount"] for one in told["deltas"]} == {
        "Sales:Other": "-20.00",
        "Sales:Shopify": "20.00",
    }
    assert (told["newly_held"], told["is_whole"], told["since"]) == ([], True, None)


def test_since_counts_back_from_the_workspaces_day(booked, run, monkeypatch):
    monkeypatch.setenv("QBCONSOLE_NOW", "2026-03-20T12:00:00Z")
    for since, changed in (("30d", 1), ("3w", 1), ("2d", 0)):
        told = run("--json", "mapping", "preview", "--since", since, *OTHER).json
        assert len(told["changed"]) == changed, since


def test_an_edited_file_is_tried_and_its_errors_all_have_lines(booked, run, tmp_path):
    file = tmp_path / "edited.toml"
    text = (booked / "mappings.toml").read_text(encoding="utf-8")
    file.write_text(text.replace('"Sales:Shopify"', '"Sales:Web"'), encoding="utf-8")
    assert "Sales:Web" in run("mapping", "preview", "--since", "all", "--file", str(file)).out
    file.write_text(text.replace('tax = "tax_item_line"', 'tax = "x"\nother = 1', 1), encoding="utf-8")
    refused = run("mapping", "preview", "--file", str(file))
    assert refused.status == 2
    assert refused.err.count("edited.toml:") >= 2
    assert run("--json", "mapping", "preview", "--file", str(file)).json["code"] == "mapping_invalid"


def test_the_file_as_it_is_now_stands_against_what_was_booked_under(booked, run):
    assert "0 documents change" in run("mapping", "preview", "--since", "all").out
    file = booked / "mappings.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"Sales:Shopify"', '"Sales:Web"'), encoding="utf-8")
    assert "Sales:Shopify -> Sales:Web" in run("mapping", "preview", "--since", "all").out
    file.write_text(f"{text}\n[[", encoding="utf-8")
    refused = run("mapping", "preview")
    assert refused.status == 2
    assert "mappings.toml:" in refused.err


def test_a_broken_plugin_is_named_by_file_and_line(booked, run, tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    file = folder / "odd.py"
    file.write_text("from qbconsole.plugin import hookimpl\n\nimport nothing_there\n", encoding="utf-8")
    refused = run("mapping", "preview", "--since", "all", "--plugin", str(file))
    assert refused.status == 1
    assert "plugins/odd.py:3" in refused.err
    assert refused.out == ""


@pytest.mark.parametrize("since", ["yesterday", "99999999d", "2026-13-01"])
def test_a_day_that_is_none_is_refused(booked, run, since):
    refused = run("mapping", "preview", "--since", since)
    assert refused.status == 2
    assert "30d" in refused.err


def test_ctrl_c_ends_it_cleanly(booked, tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    slow = folder / "slow.py"
    asked = tmp_path / "asked"
    os.mkfifo(asked)
    heard = os.open(asked, os.O_RDONLY | os.O_NONBLOCK)
    slow.write_text(
        "import time\nfrom pathlib import Path\nfrom qbconsole.plugin import hookimpl\n\n@hookimpl\n"
        f"def choose_customer(order):\n    Path({str(asked)!r}).write_text('now')\n    time.sleep(3)\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-m", "qbconsole", "--workspace", str(booked), "mapping", "preview"]
    running = subprocess.Popen(
        [*words, "--since", "all", "--plugin", str(slow)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    there, _, _ = select.select([heard], [], [], 60)
    os.close(heard)
    assert there, running.stderr.read()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
