"""A condensed file in simulated worlds: the operator follows the hold's next step, and the oracle tells who does not.

Receipts left, nobody heard what became of them, and QuickBooks kept no record; then the file is condensed.
"""

from __future__ import annotations

import pytest

from qbconsole.rehearsal.simulate import operator as operators
from qbconsole.rehearsal.simulate import oracle
from qbconsole.rehearsal.simulate.faults.fault import Fault, writes
from qbconsole.rehearsal.simulate.many import quiet
from qbconsole.rehearsal.simulate.run import simulate
from qbconsole.sync.deliver.phases import look


def lost_and_condensed(moment_name):
    """The first set with documents is lost before or after QuickBooks is done; the next session finds a condensed file."""

    def plan(simulation):
        for pc in simulation.pcs.values():
            pc.quickbooks.retention = "none"

        def lose(moment):
            moment.lost = True

        def condense(moment):
            now = simulation.clock.now
            simulation.pcs[moment.company].open.condense(now.date(), now)

        simulation.moments.when(moment_name, lose, nth=1, only=writes_documents)
        simulation.moments.when("before update", condense, nth=2)

    return Fault(number="F32", what="condensed while an answer is missing", plan=plan)


def writes_documents(moment):
    return writes(moment) and "[qbc1/" in moment.body


def ran(seed, moment_name):
    """The laws that the books break, and what the operator said."""
    broken = []

    def judge(_simulation, world):
        broken.extend(one.law for one in oracle.judge(world))

    with quiet():
        run = simulate(seed, (lost_and_condensed(moment_name),), judge=judge)
    return broken, [line.what for line in run.lines if "archive copy" in line.what]


AFTER, BEFORE = "quickbooks done", "quickbooks asked"


@pytest.mark.parametrize("seed", [4, 5, 9])
def test_what_is_in_the_archive_copy_is_ignored_and_the_books_are_right(seed):
    broken, said = ran(seed, AFTER)
    assert not broken
    assert said
    assert all(one.startswith("ignored, it is in") for one in said)


@pytest.mark.parametrize("seed", [4, 5, 9])
def test_what_is_not_there_is_released_and_the_books_are_right(seed):
    broken, said = ran(seed, BEFORE)
    assert not broken
    assert said
    assert all(one.startswith("released, it is not in") for one in said)


def test_an_operator_who_ignores_what_is_not_there_is_told_by_the_sums(monkeypatch):
    monkeypatch.setattr(operators, "in_archive", lambda _pc, _key: True)
    assert "the amounts are the shop's" in ran(1, BEFORE)[0]


def test_an_operator_who_posts_what_is_there_is_told_by_the_sums(monkeypatch):
    monkeypatch.setattr(operators, "in_archive", lambda _pc, _key: False)
    assert "the amounts are the shop's" in ran(5, AFTER)[0]


def test_a_program_that_posts_again_what_may_be_condensed_is_told_by_the_sums(monkeypatch):
    monkeypatch.setattr(look, "hold_summed", lambda _filing, absent, _deleted: absent)
    assert "the amounts are the shop's" in ran(5, AFTER)[0]
