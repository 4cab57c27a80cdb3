"""Bad input as a new user meets it: a clear message, a next step, the right exit status, nothing lost, no traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest
from builders import Line, Pay, an_order
from trip import SHOP

from qbconsole.books.lifecycle import RequestState
from qbconsole.views.approval import ToApprove
from qbconsole.views.status import CompanyStatus, Status

pytestmark = pytest.mark.slow
GOOD = an_order([Line(price="20.00")], pays=[Pay(amount="20.00")], number=1)


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def a_file(folder, *orders):
    return written(folder, "facts.json", json.dumps({"shop": SHOP, "orders": list(orders)}))


def sound(ran, status, *words):
    """What holds for every refusal."""
    assert ran.status == status, ran.err
    assert "Traceback" not in ran.out + ran.err
    for word in (*words, "Next:"):
        assert word in ran.err
    assert ran.out == ""


def test_malformed_json_names_the_line_and_takes_nothing_in(process, run, tmp_path):
    path = written(tmp_path, "bad.json", '{"shop": {},\n "orders": [}')
    sound(process("pull", "--from-file", path), 2, "bad.json:2")
    told = run("--json", "pull", "--from-file", path)
    assert (told.status, told.err) == (2, "")
    assert set(told.json) == {"code", "what", "where", "next"}
    assert told.json["code"] == "input_unreadable"


def test_truncated_jsonl_is_refused_whole_and_what_was_known_stays(process, run, tmp_path):
    assert run("pull", "--from-file", a_file(tmp_path, GOOD)).status == 0
    row = json.dumps(an_order([Line(price="5.00")], number=2))
    path = written(tmp_path, "cut.jsonl", row + "\n" + row[: len(row) // 2])
    sound(process("pull", "--from-file", path), 2, "cut.jsonl:2")
    assert run("--json", "status").json["status"]["merchants"][0]["orders"] == 1


def test_an_order_that_does_not_add_up_is_held_with_the_difference_and_the_others_go_on(
    process, run, tmp_path
):
    odd = an_order([Line(price="20.00")], pays=[Pay(amount="20.00")], number=2)
    odd["totalPriceSet"]["shopMoney"]["amount"] = "21.00"
    assert run("pull", "--from-file", a_file(tmp_path, GOOD, odd)).status == 0
    booked = process("--json", "book")
    assert (booked.status, booked.json["held"]) == (0, 1)
    told = run("--json", "postings").json
    (hold,) = told["holds"]
    assert (hold["reason"], hold["source"]) == ("does_not_add_up", "order #1002")
    assert "1.00" in hold["message"]
    assert {row["ref_number"] for row in told["documents"]} == {"1001"}


def test_a_file_that_is_not_there(run, tmp_path):
    sound(run("pull", "--from-file", str(tmp_path / "none.json")), 2, "none.json")


def test_a_directory_that_is_no_workspace(run, tmp_path):
    sound(run("status", workspace=tmp_path), 2, "qbconsole init")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_workspace_that_cannot_be_written(process, root):
    root.chmod(0o500)
    (root / ".qbconsole").chmod(0o500)
    try:
        sound(process("book"), 1, "written")
    finally:
        (root / ".qbconsole").chmod(0o700)
        root.chmod(0o700)


def test_a_workspace_whose_own_folder_is_a_file(process, root):
    (root / ".qbconsole").rmdir()
    (root / ".qbconsole").write_text("")
    ran = process("book")
    assert ran.status in (1, 2)
    sound(ran, ran.status)


def test_a_database_that_is_none(process, root):
    (root / ".qbconsole" / "state.db").write_bytes(
        b"this is no database at all, but long enough to be read" * 40
    )
    sound(process("status"), 1, "state.db")


def test_a_port_in_use(process):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        ran = process("serve", "--port", str(held.getsockname()[1]))
    assert "Traceback" not in ran.err
    assert (ran.status, ran.out) == (2, "")
    assert "in use" in ran.err
    assert "--port" in ran.err


def test_listening_everywhere_without_tls_is_refused(run):
    ran = run("serve", "--host", "0.0.0.0")
    assert ran.status == 2
    assert "--tls-cert" in ran.err


def test_a_mapping_that_is_gone(run, root):
    (root / "mappings.toml").unlink()
    sound(run("book"), 2, "mappings.toml")


def test_a_broken_mapping_names_every_line_and_books_nothing(process, run, root):
    mapping = root / "mappings.toml"
    mapping.write_text(
        mapping.read_text().replace('sales = "detailed"', 'sales = "detialed"', 1) + "\nnonsense = 1\n"
    )
    sound(process("book"), 2, "mappings.toml:")
    checked = run("--json", "mapping", "check")
    assert checked.status == 2
    assert checked.json["valid"] is False
    assert len(checked.json["errors"]) == 2


@pytest.mark.parametrize("broken", [b"companies = [", b"\xff\xfe"])
def test_a_mapping_broken_later_is_told_while_the_last_good_one_stays_in_force(run, root, tmp_path, broken):
    assert run("pull", "--from-file", a_file(tmp_path, GOOD)).status == 0
    assert run("book").status == 0
    (root / "mappings.toml").write_bytes(broken)
    booked = run("book")
    assert booked.status == 0
    assert "not in force" in booked.err
    told = run("--json", "status")
    assert (told.status, told.json["healthy"]) == (1, False)
    assert "not in force" in told.json["attention"][0]


def test_days_in_the_wrong_order_are_refused(run):
    sound(run("postings", "--from", "2026-02-01", "--to", "2026-01-01"), 2, "--from")


def test_a_wrong_clock(process):
    sound(process("book", env={"QBCONSOLE_NOW": "soon"}), 2, "QBCONSOLE_NOW")


def test_nothing_is_asked_where_nobody_sits(process):
    sound(process("setup"), 2, "--answers")
    sound(process("approve"), 2, "--hash")


def test_the_console_without_a_terminal_names_the_command_to_use(process):
    ran = process("console")
    assert ran.status == 2
    assert "qbconsole status" in ran.err
    assert "Traceback" not in ran.err


def test_an_unknown_command_or_option(process, run):
    sound(process("bok"), 2, "book")
    sound(run("book", "--colour"), 2, "--colour")
    told = run("--json", "bok")
    assert (told.status, told.json["code"]) == (2, "usage")


def answers(folder, **told):
    path = written(folder, "answers.json", json.dumps({"merchants": {"oak-ember": told}}))
    os.chmod(path, 0o600)
    return path


@pytest.mark.parametrize("token", ["shpat_é", "shpat_a\x00b", "shpat_a b"])
def test_credentials_that_no_header_can_carry_are_refused_when_stored(run, tmp_path, token):
    sound(run("setup", "--answers", answers(tmp_path, token=token)), 2, "nothing was stored")


def test_blanks_around_a_pasted_token_do_no_harm(run, tmp_path):
    assert run("setup", "--answers", answers(tmp_path, token=" shpat_1\n")).status == 0


def test_a_certificate_that_is_none_is_named_and_nothing_claims_to_listen(process, tmp_path):
    none = written(tmp_path, "cert.pem", "no certificate")
    for path in (none, str(tmp_path / "absent.pem")):
        refused = process("serve", "--tls-cert", path, "--tls-key", path, "--port", str(a_free_port()))
        sound(refused, 2, path, "PEM")
        assert "Listening" not in refused.err


def a_free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_misspelt_database_address_makes_no_new_database(run, root, monkeypatch):
    monkeypatch.chdir(root)
    run("status")
    monkeypatch.setenv("QBCONSOLE_DATABASE_URL", "postgres:books")
    sound(run("status"), 2, "QBCONSOLE_DATABASE_URL")
    assert not (root / "postgres:books").exists()


def test_a_template_that_is_no_text_is_named(run, root):
    (root / "templates" / "invoice_add.xml.j2").write_bytes(b"x\xff")
    sound(run("book"), 2, "invoice_add.xml.j2", "UTF-8")


def test_an_empty_installation_name_is_never_taken_for_one(run, root):
    (root / ".qbconsole").mkdir(exist_ok=True)
    (root / ".qbconsole" / "install").touch()
    sound(run("serve", "--port", str(a_free_port())), 2, "install")


def test_a_mapping_that_is_no_text_leaves_the_last_good_one_in_force(run, root, tmp_path):
    assert run("pull", "--from-file", a_file(tmp_path, GOOD)).status == 0
    assert run("book").status == 0
    (root / "mappings.toml").write_bytes(b"\xff\xfe")
    assert run("book").status == 0


def test_what_waits_for_approval_is_said_in_the_text_too():
    def told(**waiting):
        company = CompanyStatus(
            id="oak",
            name="Oak",
            linked_name="",
            file="",
            last_contact_at=None,
            stopped="",
            counts={RequestState.AWAITING_APPROVAL: 8},
            lease_owner="",
            lists_known=True,
            sessions=(),
            to_approve=ToApprove(**waiting),
        )
        found = Status(companies=(company,), merchants=(), held_by_cause=())
        assert found.in_companies == found.attention == found.untold
        return found.in_companies

    (one,) = told(documents=7, entries=1)
    assert "7 documents and 1 list entry wait for approval" in one
    assert "`qbconsole plan`, then `qbconsole approve`" in one
    assert "1 document waits for approval" in told(documents=1, incomplete=1)[0]
    # Before its lists are read nobody knows whether QuickBooks lacks an entry.
    assert not told(entries=3, incomplete=3)
    assert "`qbconsole release qbc1/a` does" in told(kept=("qbc1/a",))[0]
    both = told(documents=6, kept=("qbc1/a", "qbc1/b"))
    assert "2 are held by name and no approval lets them go, `qbconsole release` does" in both[1]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_under_our_output_is_a_sentence_and_no_traceback(root):
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "qbconsole", "--workspace", str(root), "--json", "status"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert "disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("policy", "words"),
    [("speed=high", "speed"), ("approve", "NAME=VALUE"), ("tax_by=street", "title")],
)
def test_a_rehearsal_under_a_policy_that_there_is_not_is_refused_before_it_begins(
    run, tmp_path, policy, words
):
    new = tmp_path / "rehearsal"
    told = run("--json", "demo", "--headless", "--orders", "1", "--policy", policy, workspace=new)
    assert (told.status, told.err) == (2, "")
    assert words in told.json["what"] + told.json["next"]
    assert not (new / ".qbconsole" / "state.db").exists()
