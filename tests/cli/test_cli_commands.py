"""Every command once, as scripts use it: one JSON object on stdout, talk on stderr, the exit status as promised."""

from __future__ import annotations

import json
import re
import stat

import pytest
from builders import Line, Pay, an_order
from trip import SHOP

from qbconsole.cli.root import COMMANDS
from qbconsole.cli.words import hoisted
from qbconsole.store import journal
from qbconsole.workspace import Workspace

ORDERS = [
    an_order(
        [Line(price="20.00", title="\x1b]0;x\x1b\\ [b]Mug\u202e")], pays=[Pay(amount="20.00")], number=1
    ),
    an_order([Line(price="25.00")], number=2),
    an_order([Line(price="30.00")], pays=[Pay(amount="30.00", kind="AUTHORIZATION")], number=3)
    | {"customer": {"displayName": "\x1b[31mEve\u202e [/b]"}},
]


@pytest.fixture
def booked(run, root):
    path = root / "facts.json"
    path.write_text(json.dumps({"shop": SHOP, "orders": ORDERS}))
    assert run("--json", "pull", "--from-file", str(path)).json["new"] == 3
    assert run("--json", "book").json["held"] == 1
    return run


def key_of(run, text):
    return [
        row["key"] for row in run("queue", "list", "--view", "all", "--text", text, "--json").json["rows"]
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("plan",),
        ("postings",),
        ("queue", "list"),
        ("queue", "list", "--view", "all"),
        ("show", "1001"),
        ("show", "1001", "--qbxml"),
        ("explain", "1001"),
        ("mapping", "check"),
        ("plugins", "list"),
        ("templates", "list"),
        ("doctor",),
        ("qwc",),
        ("book",),
    ],
)
def test_a_command_gives_one_json_object_and_under_readonly_or_as_text_no_escape_bytes(booked, words):
    told = booked(*words, "--json")
    assert isinstance(told.json, dict)
    assert told.out.count("\n") == 1
    text = booked(*words)
    assert text.status == told.status
    assert "\x1b" not in text.out + text.err + told.out
    assert "\u202e" not in text.out + text.err + told.out


def test_running_everything_twice_creates_nothing(booked, root):
    again = booked("--json", "pull", "--from-file", str(root / "facts.json")).json
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 3)
    assert booked("--json", "book").json["documents"] == 0


def test_status_says_by_its_exit_whether_a_person_is_needed(booked, tmp_path, run):
    assert booked("status").status == 1
    assert run("queue", "ignore", "1003", "--reason", "a mistake").status == 0
    assert booked("status", "--json").json["healthy"] is True
    assert booked("status").status == 0


def test_the_global_options_may_stand_anywhere(booked):
    assert (
        booked("postings", "--json", "--merchant", "oak-ember").out
        == booked("--merchant=oak-ember", "--json", "postings").out
    )
    assert hoisted(["a", "--json", "--", "--readonly"]) == ["--json", "a", "--", "--readonly"]
    assert hoisted(["a", "--company", "x", "b", "--merchant"]) == ["--company", "x", "--merchant", "a", "b"]


def test_show_raw_is_what_the_shop_told(booked):
    assert json.loads(booked("show", "1002", "--raw").out)["name"] == "#1002"


def test_readonly_changes_nothing(booked, root):
    before = (root / "mappings.toml").read_bytes()
    for words in (
        ("book",),
        ("pull", "--from-file", str(root / "facts.json")),
        ("approve", "--hash", "x"),
        ("queue", "retry", "--all"),
        ("queue", "ignore", "1001", "--reason", "x"),
        ("hold", "1001"),
        ("release", "1001"),
        ("mapping", "set", "defaults.accounts.bank", "Bank"),
        ("setup", "--answers", "-"),
        ("qwc",),
        ("serve",),
        ("sync", "now"),
        ("init", str(root / "other")),
    ):
        refused = booked("--readonly", *words)
        assert refused.status == 2, words
        assert "--readonly" in refused.err
    assert (root / "mappings.toml").read_bytes() == before
    assert not (root / "other").exists()
    assert booked("--readonly", "--json", "status").json["status"]["merchants"][0]["orders"] == 3


def test_an_approval_is_bound_to_the_plan_that_was_seen(booked, run):
    assert run("mapping", "set", "merchants.oak-ember.policy.approve", "manual").status == 0
    seen = booked("--json", "plan").json["hash"]
    assert booked("approve", "--hash", "0" * 16).status == 2
    approved = booked("--json", "approve", "--hash", seen)
    assert approved.json["documents"] == 2


def test_a_document_is_held_and_released(booked):
    (key,) = key_of(booked, "1001 kind:SalesReceipt")
    assert booked("hold", key, "--reason", "ask Ann").status == 0
    assert booked("--json", "plan").json["documents"][0]["needs_approval"] is True
    assert booked("release", key).status == 0
    assert booked("--json", "plan").json["documents"][0]["needs_approval"] is False
    again = booked("release", key)
    assert again.status == 1
    assert "nobody holds it" in again.err


def test_what_is_held_for_its_cause_is_not_released_but_explained(booked):
    told = booked("release", "1003")
    assert told.status == 1
    assert "Capture or cancel it in Shopify" in told.err


def test_ignoring_takes_a_document_out_and_says_who_and_why(booked, root):
    (key,) = key_of(booked, "1001 kind:SalesReceipt")
    assert booked("queue", "ignore", key, "--reason", "paid in the shop").status == 0
    assert {row["ref_number"] for row in booked("--json", "plan").json["documents"]} == {"1002"}
    with Workspace.open(root) as workspace, workspace.store.reading() as tx:
        (entry,) = [entry for entry in journal.of(tx, key) if entry.verb == "ignored"]
    assert entry.who.startswith("operator:")
    assert entry.data == {"reason": "paid in the shop"}
    assert booked("--json", "book").json["documents"] == 0


def test_retry_of_what_was_never_sent_says_so(booked):
    told = booked("queue", "retry", "1001")
    assert told.status == 1
    assert "nothing to retry" in told.err
    assert booked("queue", "retry").status == 2
    assert booked("--json", "queue", "retry", "--all").json == {"done": [], "probed_first": [], "left": []}


def test_mapping_set_is_one_edit_with_a_backup(run, root):
    mapping = root / "mappings.toml"
    before = mapping.read_text()
    told = run(
        "--json",
        "mapping",
        "set",
        "companies.oak.name",
        "Oak Two",
        "merchants.oak-ember.policy.approve",
        "manual",
    )
    assert told.json["changed"] is True
    assert (root / told.json["backup"]).read_text() == before
    assert '"Oak Two"' in mapping.read_text()
    assert len(mapping.read_text().splitlines()) in (
        len(before.splitlines()),
        len(before.splitlines()) + 1,
        len(before.splitlines()) + 3,
    )
    refused = run(
        "mapping", "set", "companies.oak.name", "Oak Three", "merchants.oak-ember.policy.approve", "perhaps"
    )
    assert refused.status == 2
    assert "Oak Three" not in mapping.read_text()
    assert run("mapping", "set", "companies.oak.name").status == 2
    same = run("--json", "mapping", "set", "companies.oak.name", "Oak Two")
    assert same.json["changed"] is False


def test_the_qwc_file_keeps_its_guids_and_the_password_is_shown_once(run, root):
    first, second = run("--json", "qwc").json, run("--json", "qwc").json
    assert first["qwc"] == second["qwc"]
    assert re.fullmatch(r"([0-9a-z]{4}-){6}[0-9a-z]{4}", first["password"])
    assert second["password"] is None
    third = run("--json", "qwc", "--new-password", "--out", str(root / "oak.qwc")).json
    assert third["password"] not in (None, first["password"])
    assert (root / "oak.qwc").read_text() == first["qwc"]
    assert run("qwc", "--url", "http://example.com/qbwc").status == 2
    assert run("qwc", "--out", str(root / "none" / "oak.qwc")).status == 2


def test_setup_keeps_secrets_from_a_private_file_only(run, root):
    answers = root / "answers.json"
    answers.write_text(
        json.dumps(
            {
                "merchants": {"oak-ember": {"token": "shpat_canary"}},
                "companies": {"oak": {"new_password": True}},
            }
        )
    )
    answers.chmod(0o644)
    assert "chmod 600" in run("setup", "--answers", str(answers)).err
    answers.chmod(0o600)
    told = run("--json", "setup", "--answers", str(answers))
    assert told.json["credentials"] == ["oak-ember"]
    assert set(told.json["passwords"]) == {"oak"}
    for path in (root / ".qbconsole").rglob("*"):
        if path.is_file():
            assert b"shpat_canary" not in path.read_bytes()
            assert told.json["passwords"]["oak"].encode() not in path.read_bytes()
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    answers.write_text('{"merchants": {"cedar": {"token": "x"}}}')
    assert "oak-ember" in run("setup", "--answers", str(answers)).err


def test_pulling_without_credentials_says_how_to_give_them(run):
    told = run("pull")
    assert told.status == 2
    assert "setup" in told.err
    both = run("--json", "sync", "now")
    assert both.status == 2
    assert both.json["troubles"][0]["code"] == "usage"
    assert both.json["last_contact"] == {"oak": None}


@pytest.mark.parametrize(
    "words",
    [("--merchant", "nobody", "status"), ("--company", "none", "plan"), ("--merchant", "x", "show", "1")],
)
def test_names_the_mapping_does_not_know_are_refused(booked, words):
    told = booked(*words)
    assert told.status == 2
    assert "oak" in told.err


def test_since_takes_dates_and_spans(run):
    for wrong in ("yesterday", "30", "2026-13-01"):
        assert run("pull", "--since", wrong).status == 2
    assert "--since" not in run("pull", "--since", "30d").err
    assert run("postings", "--from", "2026-02-30").status == 2


def test_the_table_of_commands_says_what_the_commands_say():
    import importlib

    for name, later in COMMANDS.items():
        command = getattr(importlib.import_module(later.module), later.name)
        assert command.name == name
        assert command.help.strip().splitlines()[0].strip() == later.sentence


def test_logs_are_read_by_level_and_words(booked, root):
    log = root / ".qbconsole" / "logs" / "qbconsole.jsonl"
    rows = [
        {"timestamp": "2026-01-05T10:00:00Z", "level": level, "event": f"{level} \x1b here"}
        for level in ("info", "error")
    ]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows) + "no json\n")
    assert "info" not in booked("logs", "--level", "error").out
    assert "\x1b" not in booked("logs").out
    assert json.loads(booked("--json", "logs", "--grep", "error").out)["level"] == "error"
    assert booked("logs", "--grep", "(").status == 2
    assert "backslash" in booked("logs", "--grep", "(").err


def test_logs_of_one_order_and_of_one_document_are_found(booked, root):
    log = root / ".qbconsole" / "logs" / "qbconsole.jsonl"
    told = [json.loads(row) for row in log.read_text().splitlines()]
    one = next(row for row in told if row["event"] == "booked" and row["order"] == "#1001")
    assert {"merchant", "company", "subject", "kind", "ref_number", "total"} <= set(one)
    found = booked("--json", "logs", "--order", "#1001").out.splitlines()
    assert {json.loads(row)["order"] for row in found} == {"#1001"}
    (same,) = booked("--json", "logs", "--document", one["document"]).out.splitlines()
    assert json.loads(same) == one
    around = booked("logs", "--document", one["document"], "--context", "2").out.splitlines()
    assert 2 <= len(around) <= 5
    assert len(booked("logs", "--lines", "1", "--order", "#1001").out.splitlines()) == 1


def test_logs_tell_what_is_no_json_as_an_object_too(run, root):
    log = root / ".qbconsole" / "logs" / "qbconsole.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text('no \x1b json\n[1]\n{"event": "fine", "level": "info"}\n')
    rows = run("--json", "logs").out.splitlines()
    assert [json.loads(row)["event"] for row in rows] == ["no \x1b json", "[1]", "fine"]
    assert "\x1b" not in run("logs").out


def test_explain_says_what_became_of_it_and_why(booked):
    told = booked("explain", "1001").out
    assert "the customer bought" in told
    assert "CHOSEN" in told
    found = booked("--json", "explain", "#1001").json
    assert set(found["events"][0]) == {"key", "kind", "date", "sentence", "documents"}
    assert {one["key"] for event in found["events"] for one in event["documents"]} >= {
        one["key"] for one in found["documents"]
    }
    refused = booked("explain", "payout", "987")
    assert refused.status == 2
    assert "payout 987" in refused.err


def test_a_mapping_that_posts_cost_twice_fails_its_check_and_still_books(run, root):
    assert run("mapping", "check").status == 0
    run("mapping", "set", "merchants.oak-ember.policy.cogs", "unit_cost")
    told = run("--json", "mapping", "check")
    assert (told.status, told.json["valid"], told.json["in_force"]) == (2, False, True)
    assert [one["path"] for one in told.json["errors"]] == ["merchants.oak-ember.policy.cogs"]
    assert told.json["warnings"] == []
    assert "error: mappings.toml:" in run("mapping", "check").out
    assert "1 error, 0 warnings" in run("mapping", "check").err
    assert run("--readonly", "mapping", "check").status == 2
    assert run("book").status == 0


def test_a_disk_without_room_for_a_session_is_told_by_status_and_doctor(run, monkeypatch):
    assert run("status").status == 0
    monkeypatch.setattr("qbconsole.workspace.ROOM_BYTES", 2**60)
    told = run("status")
    assert told.status == 1
    assert "! No session begins: " in told.out
    assert "free disk space" in told.out
    doctor = run("doctor")
    assert (doctor.status, "No session begins" in doctor.out) == (1, True)


def test_a_mapping_that_is_gone_from_a_workspace_is_put_back_not_made_anew(booked, run, tmp_path):
    booked("status")
    (path,) = tmp_path.rglob("mappings.toml")
    path.unlink()
    told = booked("status")
    assert told.status == 2
    assert "there is no mappings.toml here, though a database is" in told.err
    assert "mappings.toml.~1~" in told.err
    assert "to make a workspace" not in told.err


def test_of_many_mistakes_in_the_mapping_status_tells_the_first_in_one_line(booked, tmp_path):
    (path,) = tmp_path.rglob("mappings.toml")
    path.write_text(
        path.read_text("utf-8").replace("[companies.oak]", "[companies.oak]\nnmae = 1\nflie = 2"), "utf-8"
    )
    told = booked("status").err
    assert "mappings.toml:" in told
    assert "nmae" in told
    assert "1 more, `qbconsole mapping check` lists them" in told
    assert "\u240a" not in told


def test_a_keys_file_that_is_gone_fails_doctor_where_secrets_are_stored(booked, tmp_path):
    assert "There are no keys yet" in booked("doctor").out
    secrets = tmp_path / "secrets.json"
    secrets.write_text(
        '{"companies": {"oak": {"new_password": true}}, "merchants": {"oak-ember": {"token": "shpat_x"}}}'
    )
    secrets.chmod(0o600)
    assert booked("setup", "--answers", str(secrets)).status == 0
    (keys,) = tmp_path.rglob(".qbconsole/keys")
    keys.unlink()
    told = booked("doctor")
    assert told.status == 1
    assert "The keys file is gone" in told.out
    assert "There are no keys yet" not in told.out
