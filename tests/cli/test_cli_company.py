"""`company status` and `company decide`: what is told, what is asked back, what a script has to say."""

from __future__ import annotations

import pytest
from trip import COMPANY, NOW, Trip

from qbconsole.sandbox.quickbooks import CompanyFile
from qbconsole.store import journal, lists


@pytest.fixture
def stopped(tmp_path, run):
    """Commands on a workspace whose last session found another company file open."""
    trip = Trip(tmp_path)
    trip.session()
    trip.quickbooks.file = CompanyFile.create(name="Elm \u202e[b]Ltd", now=NOW)
    with trip.workspace.store.atomic() as tx:
        lists.read_again(tx, COMPANY)
    trip.session()
    yield lambda *words: run(*words, workspace=tmp_path), trip
    trip.close()


def test_a_company_nobody_met_yet_is_well(run):
    ran = run("company", "status")
    assert ran.status == 0
    assert "oak: ok" in ran.out
    (one,) = run("company", "status", "--json").json["companies"]
    assert one["verdict"] == "ok"
    assert one["choices"] == []


def test_a_stopped_company_says_why_on_what_grounds_and_what_may_be_said(stopped):
    run, _ = stopped
    ran = run("company", "status")
    assert ran.status == 1
    assert "oak: other_file" in ran.out
    assert "Nothing was written" in ran.out
    assert "company name: Elm" in ran.out
    assert "-> Open the right file" in ran.out
    assert "may be said: stop, relink" in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out)
    (one,) = run("company", "status", "--json").json["companies"]
    assert one["choices"] == ["stop", "relink"]
    assert one["linked_name"] == "Oak & Ember LLC"
    assert run("status").status == 1


def test_a_script_names_the_count_of_the_plan(stopped):
    run, trip = stopped
    asked = run("company", "decide", "oak", "relink")
    assert asked.status == 2
    assert "--yes 1" in asked.err
    wrong = run("company", "decide", "oak", "relink", "--yes", "7")
    assert wrong.status == 2
    assert "this is about 1 company file, not 7" in wrong.err
    done = run("company", "decide", "oak", "relink", "--yes", "1", "--json").json
    assert done["word"] == "relink"
    assert not done["is_said"]
    again = run("company", "decide", "oak", "relink", "--yes", "1")
    assert again.status == 0
    assert "was said already" in again.out
    with trip.workspace.store.reading() as tx:
        said = [row for row in journal.of(tx, COMPANY) if row.verb == "company_decided"]
    assert len(said) == 1
    assert said[0].who.startswith("operator:")
    assert "decided: relink" in run("company", "status").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("decide", "elm", "relink", "--yes", "1"), "there is no company 'elm'"),
        (("decide", "oak", "restored", "--yes", "1"), "is no answer to other_file"),
        (("decide", "oak", "burn"), "burn"),
    ],
)
def test_what_may_not_be_said_is_refused_with_what_may(stopped, words, told):
    run, _ = stopped
    ran = run("company", *words)
    assert ran.status == 2
    assert told in ran.err


def test_under_readonly_nothing_is_said(stopped):
    run, _ = stopped
    ran = run("--readonly", "company", "decide", "oak", "stop", "--yes", "1")
    assert ran.status == 2
    assert "--readonly" in ran.err


def test_lost_documents_are_posted_again_by_their_count(stopped):
    run, _ = stopped
    assert run("queue", "retry", "--lost", "--all").status == 2
    refused = run("queue", "retry", "--lost")
    assert refused.status == 2
    assert "no document was lost by a restore" in refused.err
    wrong = run("queue", "retry", "--lost", "--yes", "7")
    assert (wrong.status, "this is about 0 documents, not 7" in wrong.err) == (2, True)
    assert run("queue", "retry", "--lost", "--yes", "0", "--json").json["done"] == []


def test_where_nothing_stopped_nothing_can_be_decided(run):
    ran = run("company", "decide", "oak", "restored", "--yes", "1")
    assert ran.status == 2
    assert "there is nothing to decide" in ran.err


def test_status_says_once_why_a_company_is_stopped(stopped):
    run, _ = stopped
    told = run("status")
    (why,) = [line for line in told.out.splitlines() if line.startswith("! oak:")]
    assert told.out.count(why.removeprefix("! oak: ")) == 1
    assert "stopped" in told.out
