"""Each fault strikes in some seed, and no seed breaks a law by it; a run is repeatable in another process, too."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qbconsole.cli.simulating import Asked, play_seeds, replay, seeds_of
from qbconsole.errors import UsageError
from qbconsole.rehearsal.simulate.choosing import asked_for, chosen
from qbconsole.rehearsal.simulate.faults import ALL, LATER, Fault
from qbconsole.rehearsal.simulate.many import many_seeds, one_seed
from qbconsole.rehearsal.simulate.moments import Moment, Moments

DOC = Path(__file__).parents[2] / "docs" / "simulation.md"


@pytest.mark.parametrize(
    "fault", ALL, ids=lambda fault: f"{fault.number}-{fault.what[:30].replace(' ', '-')}"
)
def test_a_fault_strikes_and_breaks_no_law(fault, monkeypatch):
    monkeypatch.setattr("qbconsole.rehearsal.simulate.many.chosen", lambda _seed, _pool: (fault,))
    for seed in range(100, 112):
        found = one_seed(seed, "all")
        assert found.violations == (), found.seed
        if found.fired:
            assert set(found.fired) == {fault.number}
            return
    pytest.fail(f"{fault.number} never had an effect")


def test_at_least_forty_faults_can_strike_and_all_are_documented():
    numbers = {fault.number for fault in ALL}
    text = DOC.read_text(encoding="utf-8")
    for fault in ALL:
        assert f"| {fault.number} | {fault.what} |" in text
    for fault in LATER:
        assert f"* {fault.number}: {fault.what}" in text
    assert len(numbers) >= 40
    assert all(re.fullmatch(r"F\d\d", number) for number in numbers)


@pytest.mark.parametrize("seed", [2, 5, 10])  # 2: a disk that fails; 10: logins that cannot be looked at
def test_another_process_with_another_hash_seed_sees_the_same_events(seed):
    def told(hash_seed):
        command = [
            sys.executable,
            "-m",
            "qbconsole",
            "--json",
            "sandbox",
            "simulate",
            "--seeds",
            str(seed),
            "--timeline",
        ]
        environ = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(command, capture_output=True, check=True, env=environ)
        return json.loads(done.stdout)

    one, other = told("1"), told("2")
    assert one["digest"] == other["digest"]
    assert one["timeline"] == other["timeline"]
    assert one["digest"] == one_seed(seed, "all").digest


def test_faults_are_chosen_by_seed_and_by_name():
    assert chosen(3, ALL) == chosen(3, ALL)
    assert len({chosen(seed, ALL) for seed in range(20)}) > 10
    assert {fault.number for fault in asked_for("f26, F43")} == {"F26", "F43"}
    assert asked_for("none") == ()
    with pytest.raises(UsageError):
        asked_for("F99")


def test_what_many_seeds_came_to_is_one_object():
    summary = many_seeds(range(2), "F26", jobs=1).as_json()
    assert summary["seeds"] == 2
    assert summary["violations"] == []
    assert set(summary["faults_fired"]) <= {"F26"}
    assert summary["documents"] > 0


def test_a_seed_that_ends_with_an_error_broke_a_law_and_the_others_go_on(monkeypatch, capsys):
    def plan(simulation):
        if simulation.seed == 1:
            simulation.moments.when("before book", lambda _moment: {}["what nobody caught"])

    fault = Fault(number="F26", what="an error", plan=plan)
    monkeypatch.setattr("qbconsole.rehearsal.simulate.many.chosen", lambda _seed, _pool: (fault,))
    summary = many_seeds(range(3), "F26", jobs=1)
    (failed,) = summary.failed
    assert (summary.seeds, failed.seed) == (3, 1)
    assert summary.documents > 0  # of the two others
    (broken,) = failed.violations
    assert broken.law == "nothing ends with an error"
    assert broken.sentence.startswith(
        "The program ended with KeyError: 'what nobody caught' (at tests/simulate/"
    )
    assert "from qbconsole/rehearsal/simulate/moments.py:" in broken.sentence
    assert any(line.who == "pull" for line in failed.lines)  # what there was until then
    asked = Asked(seeds=range(1, 2), faults="F26", jobs=1, timeline=False, as_json=False)
    assert play_seeds(asked) == 1
    assert f"again: {replay(1, 'F26')}" in capsys.readouterr().err
    assert one_seed(2, "F26").violations == ()  # nothing of it is left in this process


def test_a_seed_that_never_ends_broke_a_law_and_the_others_go_on(monkeypatch):
    def for_ever(_moment):
        while True:
            pass

    def plan(simulation):
        if simulation.seed == 1:
            simulation.moments.when("before book", for_ever)

    fault = Fault(number="F26", what="no end", plan=plan)
    monkeypatch.setattr("qbconsole.rehearsal.simulate.many.chosen", lambda _seed, _pool: (fault,))
    monkeypatch.setattr("qbconsole.rehearsal.simulate.ended.MOST", 5.0)
    summary = many_seeds(range(1, 3), "F26", jobs=1)
    (failed,) = summary.failed
    (broken,) = failed.violations
    assert (summary.seeds, failed.seed, broken.law) == (2, 1, "nothing ends with an error")
    assert "Endless: it took more than 5 s of processor time" in broken.sentence


def test_seeds_are_a_range_or_one_and_a_failing_one_is_told_how_to_play_again():
    assert list(seeds_of("3:6")) == [3, 4, 5]
    assert list(seeds_of("7")) == [7]
    for text in ("", "a:b", "9:3"):
        with pytest.raises(UsageError):
            seeds_of(text)
    assert replay(17, "F26") == "qbconsole sandbox simulate --seeds 17 --faults F26 --timeline"


def test_what_happens_inside_an_act_passes_quietly_but_for_what_waits_inside():
    moments, heard = Moments(), []
    moments.when("a", lambda _moment: (heard.append("a"), moments.passing("b"), moments.passing("c")))
    moments.when("b", lambda _moment: heard.append("b"))
    moments.when("c", lambda _moment: heard.append("c"), inside=True)
    moments.passing("a", Moment())
    moments.passing("a", Moment())
    assert heard == ["a", "c"]
    moments.passing("b", Moment())
    assert heard == ["a", "c", "b"]


def test_one_way_of_a_fault_can_be_named_also_behind_all():
    ways = [fault for fault in ALL if fault.number == "F34"]
    assert asked_for("F34.2") == (ways[1],)
    assert [fault for fault in asked_for("all,F34.1") if fault.number == "F34"] == ways[:1]
    assert len(asked_for("all,F34.1")) == len(ALL) - len(ways) + 1
    for wrong in ("F34.0", "F34.9", "F34.x", "F99.1"):
        with pytest.raises(UsageError, match=wrong.upper()):
            asked_for(wrong)
