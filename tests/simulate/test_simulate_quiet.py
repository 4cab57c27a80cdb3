"""Seeds without faults: the simulated world runs from end to end, and the same way each time."""

from __future__ import annotations

import pytest

from qbconsole.rehearsal.simulate import oracle
from qbconsole.rehearsal.simulate.run import simulate


def quiet(seed):
    violations = []
    ran = simulate(seed, judge=lambda _, world: violations.extend(oracle.judge(world)))
    return ran, violations


@pytest.mark.parametrize("seed", [1, 2])
def test_a_world_without_faults_ends_with_everything_in_quickbooks(seed):
    ran, violations = quiet(seed)
    assert violations == []
    assert ran.documents > 0
    assert ran.world.finished
    for company in ran.world.companies:
        (right,) = company.files
        assert sum(len(one.made) for one in right.written) == len(right.file.documents())


def test_the_same_seed_is_the_same_run():
    first, again = quiet(3)[0], quiet(3)[0]
    assert first.digest == again.digest
    assert first.lines == again.lines
    assert first.digest != quiet(4)[0].digest
