"""Every door, a little in each run of the tests, and whatever ever broke a law there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.doors import NAMES, door

FOUND = sorted((Path(__file__).parent / "found").glob("*/*.bin"))
_QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_sent_when_all_is_well_is_taken(name):
    assert door(name).examples
    for example in door(name).examples:
        door(name).tries(example)


@pytest.mark.parametrize("name", NAMES)
@_QUICK
@given(rng=st.randoms(use_true_random=False))
def test_the_law_holds_whatever_is_sent(name, rng):
    one = door(name)
    sent = one.mutates(rng, one.examples)
    one.tries(sent)
    assert isinstance(sent, bytes)


@pytest.mark.parametrize("name", NAMES)
@_QUICK
@given(sent=st.binary(max_size=200))
def test_the_law_holds_for_noise(name, sent):
    door(name).tries(sent)
    assert door(name).tries


@pytest.mark.parametrize("path", FOUND, ids=[path.stem for path in FOUND])
def test_what_broke_a_law_once_holds_it_now(path):
    one = door(path.parent.name)
    one.tries(path.read_bytes())
    assert one.examples
