"""The mapping's edits and history by command, as a merchant uses them."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
from builders import Line, Pay, an_order
from trip import SHOP

from qbconsole.company.records import Account
from qbconsole.sync.settle import remember_entries
from qbconsole.workspace import Workspace

RULE = '{ when = { tag = "wholesale" }, hold = "Ask Ann" }'


@pytest.fixture
def booked(run, root):
    path = root / "facts.json"
    orders = [an_order([Line(price="20.00")], pays=[Pay(amount="20.00")], number=1)]
    path.write_text(json.dumps({"shop": SHOP, "orders": orders}))
    assert run("pull", "--from-file", str(path)).status == 0
    assert run("book").status == 0
    return run


def revisions(run):
    return run("--json", "mapping", "history").json["revisions"]


def test_history_tells_number_when_who_why_and_what_was_booked_under_each(booked):
    (first,) = revisions(booked)
    assert (first["who"], first["why"], first["in_force"]) == ("book", "found on disk", True)
    assert first["documents"] > 0
    done = booked(
        "--json", "mapping", "set", "merchants.oak-ember.start", "2020-01-01", "--why", "the books begin"
    )
    second, again = revisions(booked)
    assert (second["number"], second["why"], second["documents"]) == (
        done.json["revision"],
        "the books begin",
        0,
    )
    assert second["who"].startswith("operator:")
    assert again == first | {"in_force": False}
    assert (second["returns"], first["returns"]) == ([], [])
    told = booked("mapping", "history").out.splitlines()
    assert told[0].split() == ["revision", "when", "(UTC)", "who", "documents", "why"]
    assert told[1].startswith("*")
    assert told[1].endswith("the books begin")


def test_before_anything_there_is_no_history(run):
    told = run("mapping", "history")
    assert (told.status, "no revision yet" in told.err) == (0, True)
    refused = run("--json", "mapping", "diff")
    assert (refused.status, json.loads(refused.out or refused.err)["code"]) == (2, "usage")


def test_diff_shows_the_file_against_the_revision_in_force_or_two_revisions(booked, root):
    assert "are the same" in booked("mapping", "diff").err
    mapping = root / "mappings.toml"
    mapping.write_text(mapping.read_text() + "# a word by hand\n")
    assert booked("mapping", "diff").out.splitlines()[-1] == "+# a word by hand"
    booked("mapping", "set", "companies.oak.name", "Elm")
    numbers = sorted(one["number"] for one in revisions(booked))
    told = booked("--json", "mapping", "diff", str(numbers[1]), str(numbers[2])).json
    assert (told["from"], told["to"]) == (f"revision {numbers[1]}", f"revision {numbers[2]}")
    changed = [line for line in told["lines"] if line[:1] in "+-"]
    assert [line.split()[:3] for line in changed] == [["-name", "=", '"Oak'], ["+name", "=", '"Elm"']]
    assert booked("mapping", "diff", "99").status == 2


def test_a_revision_is_put_back_and_what_nobody_kept_is_not_lost(booked, root):
    mapping = root / "mappings.toml"
    shipped, (first,) = mapping.read_bytes(), revisions(booked)
    assert booked("mapping", "unset", "defaults.accounts.bank", "--why", "we have none").status == 0
    mapping.write_text(mapping.read_text() + "# a word by hand\n")
    refused = booked("--json", "mapping", "revert", str(first["number"]))
    assert refused.status == 2
    assert "no revision has yet" in refused.out + refused.err
    done = booked("--json", "mapping", "revert", str(first["number"]), "--keep", "--why", "the bank is back")
    assert done.json["revision"] == first["number"]
    assert mapping.read_bytes() == shipped
    assert b"# a word by hand" in (root / done.json["backup"]).read_bytes()
    kept = revisions(booked)
    assert (kept[0]["who"], kept[0]["in_force"]) == ("book", True)
    assert "by hand" in [one["who"] for one in kept]
    (back,) = kept[0]["returns"]
    assert (back["why"], back["who"].partition(":")[0]) == ("the bank is back", "operator")
    assert "put back: the bank is back" in booked("mapping", "history").out
    assert "already" in booked("mapping", "revert", str(first["number"])).out
    assert booked("mapping", "revert", "99").status == 2


def test_rules_are_put_in_moved_and_taken_out_with_one_command_each(run, root):
    mapping = root / "mappings.toml"
    shipped, rules = mapping.read_text(), "merchants.oak-ember.rules"
    assert run("mapping", "insert", rules, RULE).status == 0
    assert run("mapping", "insert", rules, RULE.replace("wholesale", "vip"), "--at", "0").status == 0
    assert run("mapping", "move", rules, "0", "1").status == 0
    text = mapping.read_text()
    assert text.index('tag = "wholesale" }\nhold') < text.index('tag = "vip" }\nhold')
    assert run("mapping", "check").status == 0
    assert run("mapping", "unset", f"{rules}[0]", f"{rules}[0]").status == 0
    assert mapping.read_text() == shipped
    assert run("mapping", "rename", "defaults.payment_methods.paypal", "stripe").status == 0
    assert "stripe" in mapping.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("unset", "defaults.accounts.nothing"), "nothing here to take out"),
        (("move", "merchants.oak-ember.rules", "0", "1"), "is no array"),
        (("insert", "merchants.oak-ember.rules", "{ hold ="), "not valid TOML"),
        (("insert", "merchants.oak-ember.rules", "{ when = {} }"), "says what must hold but not what then"),
        (("rename", "companies.oak", "elm"), "there is no [companies.oak]"),
        (("unset", "companies.oak"), "there is not exactly one to take|there is no"),
        (("unset", "a..b"), "is no path"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(run, root, words, told):
    before = (root / "mappings.toml").read_bytes()
    ran = run("mapping", *words)
    assert ran.status == 2
    assert any(part in ran.err for part in told.split("|")), ran.err
    assert (root / "mappings.toml").read_bytes() == before
    assert not list(root.glob("mappings.toml.~*"))


@pytest.mark.parametrize(
    "words",
    [
        ("unset", "defaults.accounts.bank"),
        ("insert", "merchants.oak-ember.rules", RULE),
        ("move", "merchants.oak-ember.rules", "0", "0"),
        ("rename", "defaults.accounts.bank", "cash"),
        ("revert", "1"),
    ],
)
def test_readonly_changes_nothing(run, root, words):
    before = (root / "mappings.toml").read_bytes()
    assert run("--readonly", "mapping", *words).status == 2
    assert (root / "mappings.toml").read_bytes() == before


def test_a_hostile_why_cannot_act_on_the_terminal(run):
    run("mapping", "set", "companies.oak.name", "Elm", "--why", "\x1b]0;x\x07[b]\u202ebad")
    assert "\x1b" not in run("mapping", "history").out
    assert "\u202e" not in run("mapping", "history").out


def test_one_fault_of_two_is_mended_and_the_other_told_with_its_line(booked, root):
    mapping = root / "mappings.toml"
    mapping.write_text(
        mapping.read_text().replace('tax_by = "title"', 'tax_by = "town"') + "\n[nonsense]\nx = 1\n"
    )
    told = booked("mapping", "unset", "nonsense")
    assert told.status == 0
    assert "error: mappings.toml:" in told.err
    assert "last good revision" in told.err
    assert "nonsense" not in mapping.read_text()


# -- a file broken on disk


def test_a_file_broken_on_disk_never_replaces_the_last_good_revision(booked, root):
    mapping, before = root / "mappings.toml", revisions(booked)
    good = mapping.read_text()
    line = len(good.splitlines()) + 2
    mapping.write_text(good + "\nbroken = = 1\n")
    facts = root / "more.json"
    orders = [an_order([Line(price="5.00")], number=2)]
    facts.write_text(json.dumps({"shop": SHOP, "orders": orders}))
    assert booked("pull", "--from-file", str(facts)).status == 0
    ran = booked("--json", "book")
    assert (ran.status, ran.json["documents"] > 0) == (0, True)
    after = revisions(booked)
    assert [one["number"] for one in after] == [one["number"] for one in before]
    assert after[0]["documents"] > before[0]["documents"]
    for words in (("status",), ("doctor",), ("mapping", "check")):
        told = booked(*words)
        assert f"mappings.toml:{line}" in told.out + told.err, words
    booked("mapping", "revert", str(before[0]["number"]), "--keep")
    assert mapping.read_text() == good
    assert "broken = = 1" in (root / "mappings.toml.~1~").read_text()


def test_what_was_renamed_in_quickbooks_is_mended_by_command_with_a_reason_kept(booked, root):
    mapping = root / "mappings.toml"
    before = mapping.read_text()
    assert booked("mapping", "check", "--dry-run").status == 2
    none = booked("mapping", "check", "--fix")
    assert (none.status, "Nothing to mend is known." in none.err, mapping.read_text()) == (0, True, before)
    with closing(Workspace.open(root, environ={})) as workspace, workspace.store.atomic() as tx:
        for day, name in enumerate(("Sales:Shopify", "Sales:Web"), 1):
            account = Account(list_id="7", full_name=name, account_type="Income")
            remember_entries(
                tx, "oak", "account", [account], datetime(2026, 3, day, tzinfo=UTC), complete=True
            )
    found = booked("mapping", "check")
    assert found.status == 2
    assert '"Sales:Shopify" was renamed to "Sales:Web" in QuickBooks' in found.out
    tried = booked("mapping", "check", "--fix", "--dry-run")
    assert '+sales_income = "Sales:Web"' in tried.out
    assert (tried.status, "Nothing was written." in tried.err, mapping.read_text()) == (2, True, before)
    done = booked("--json", "mapping", "check", "--fix")
    assert (done.status, done.json["errors"]) == (0, [])
    (written,) = done.json["mended"]["written"]
    assert written.endswith('defaults.accounts.sales_income: "Sales:Shopify" -> "Sales:Web"')
    assert revisions(booked)[0]["why"] == "renamed in QuickBooks: Sales:Shopify -> Sales:Web"
    assert mapping.read_text() == before.replace(
        '\nsales_income = "Sales:Shopify"', '\nsales_income = "Sales:Web"'
    )


# -- a file that was never valid


def never_valid(root) -> None:
    mapping = root / "mappings.toml"
    text = mapping.read_text().replace('tax_by = "title"', 'tax_by = "town"')
    mapping.write_text(text.replace('cogs = "quickbooks"', 'cogs = "never"'))


def test_a_file_that_was_never_valid_is_not_told_of_a_good_revision(run, root):
    never_valid(root)
    for words in (("mapping", "check"), ("status",), ("book",)):
        told = run(*words)
        assert told.status == 2, words
        assert "last good" not in told.out + told.err, words
    assert "no text of it was ever in force" in run("mapping", "check").err
    assert "mapping set" in run("book").err
    assert "nothing is booked" in run("--json", "status").err + run("--json", "status").out


def test_a_file_that_was_never_valid_is_mended_by_set_one_fault_at_a_time(run, root):
    never_valid(root)
    told = run("mapping", "set", "defaults.policy.tax_by", "title")
    assert told.status == 0
    assert "error: mappings.toml:" in told.err
    assert "cogs" in told.err
    assert "no text of it ever was" not in told.out
    assert "and no text of it ever was" in told.err
    again = run("mapping", "set", "defaults.policy.cogs", "quickbooks")
    assert (again.status, again.err) == (0, "")
    assert run("mapping", "check").status == 0
    assert run("status").status in (0, 1)


def test_what_would_bring_a_new_fault_is_refused_there_too(run, root):
    never_valid(root)
    before = (root / "mappings.toml").read_bytes()
    told = run("mapping", "set", "defaults.policy.tax", "never")
    assert told.status == 2
    assert "defaults.policy.tax" in told.err
    assert (root / "mappings.toml").read_bytes() == before


def test_what_nobody_knows_is_taken_out_of_a_file_that_was_never_valid(run, root):
    mapping = root / "mappings.toml"
    mapping.write_text(mapping.read_text() + "\n[nonsense]\nx = 1\n")
    assert run("mapping", "unset", "nonsense").status == 0
    assert run("mapping", "check").status == 0
