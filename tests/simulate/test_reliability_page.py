"""docs/reliability.md is true: a line a fault, tests that exist, simulated only what is; and its summary is written right."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from write_summary import added_up, summary, too_seldom, written

from qbconsole.rehearsal.simulate.faults import ALL

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells
    for line in PAGE.splitlines()
    if re.match(r"\| F\d\d \|", line)
    and len(cells := [one.strip() for one in line.strip("|").split("|")]) == 5
}
NUMBERS = [f"F{number:02}" for number in range(1, 54)]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_there_is_one_line_a_fault():
    assert list(ROWS) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_every_fault_has_a_risk_a_mechanism_and_a_test_that_exists(number):
    _, risk, what, mechanism, proof = ROWS[number]
    assert set(risk.split()) <= set("DLASX")
    assert risk
    assert what
    assert mechanism
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", proof)
    assert named
    assert [name for path, name in named if name not in names_in(path)] == []


def test_only_what_is_simulated_is_called_so():
    told = {number for number, row in ROWS.items() if row[4].startswith("simulated")}
    assert told <= {fault.number for fault in ALL}


def test_promise_and_non_promises_stand_first():
    assert PAGE.index("**The promise.**") < PAGE.index("**What is not promised.**") < PAGE.index("## Faults")


FIRST = {"seeds": 2, "documents": 30, "violations": [], "faults_fired": {"F26": 99, "F09": 4}}
SECOND = {
    "seeds": 1,
    "documents": 10,
    "violations": [{"seed": 7, "law": "exactly once", "sentence": "…"}],
    "faults_fired": {"F26": 1},
}


def test_results_are_added_up_and_written_into_their_place():
    told = added_up([FIRST, SECOND])
    assert (told["seeds"], told["documents"], told["faults_fired"]["F26"]) == (3, 40, 100)
    assert too_seldom(told) == ["F09"]
    page = written("# Head\n<!-- summary -->\nold\n<!-- /summary -->\ntail\n", summary(told, ["one command"]))
    assert page.startswith(
        "# Head\n<!-- summary -->\n3 seeds, 40 documents written, 2 kinds of faults, 1 violations."
    )
    assert "| F09 | 4 |\n| F26 | 100 |\n* seed 7: exactly once\n<!-- /summary -->\ntail\n" in page


def test_a_page_without_the_place_is_refused():
    with pytest.raises(ValueError, match="no place"):
        written("# Head\n", "part")


def test_the_page_has_the_place():
    assert written(PAGE, "part\n").count("part\n<!-- /summary -->") == 1
