"""Each mutant is told by the seed that once caught it; the same seed has nothing to say of the program as it is.

Where a seed does not catch any more, because worlds or faults have changed: `make mutants` finds another.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mutants import MUTANTS

from qbconsole.rehearsal.simulate.many import one_seed

CAUGHT = json.loads(Path(__file__).with_name("caught.json").read_text(encoding="utf-8"))


def test_there_are_ten_or_more_and_each_was_caught():
    assert len(MUTANTS) >= 10
    assert {one.name for one in MUTANTS} == set(CAUGHT)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_the_seed_that_catches_it(mutant):
    kept = CAUGHT[mutant.name]
    with mutant.in_place():
        told = one_seed(kept["seed"], kept["faults"]).violations
    assert kept["law"] in {one.law for one in told}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_without_the_mutant_that_seed_is_sound(mutant):
    kept = CAUGHT[mutant.name]
    assert one_seed(kept["seed"], kept["faults"]).violations == ()
