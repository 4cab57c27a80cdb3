"""Status codes are judged by number, texts only where the number is a catch-all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.qbxml.statuses import DONE, STATUSES, Action, SetState, look_up, set_state


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (0, "ok"),
        (1, "empty"),
        (250, "ok"),
        (500, "empty"),
        (510, "warn"),
        (530, "warn"),
        (777, "warn"),
        (1000, "retry"),
        (1060, "fix"),
        (2010, "fix"),
        (3000, "resolve"),
        (3100, "resolve"),
        (3120, "resolve"),
        (3140, "fix"),
        (3171, "fix"),
        (3175, "retry"),
        (3176, "retry"),
        (3200, "resolve"),
        (3210, "fix"),
        (3231, "requeue"),
        (3250, "fix"),
        (9150, "fix"),
        (4711, "fix"),
        (-5, "fix"),
    ],
)
def test_each_code_asks_for_its_action(code, action):
    status = look_up(code, "whatever it says")
    assert status.action == action
    assert status.code == code


@pytest.mark.parametrize("code", [3170, 3180])
@pytest.mark.parametrize(
    "text",
    [
        "The list has been modified by another user.",
        "The record Could Not Be Locked.",
        "QuickBooks failed to acquire the lock",
        "It is currently IN USE",
    ],
)
def test_a_catch_all_that_speaks_of_somebody_in_the_way_is_retried(code, text):
    assert look_up(code, text).action is Action.RETRY
    assert look_up(code, "the credit limit is exceeded").action is Action.FIX
    assert look_up(code).action is Action.FIX


def test_the_text_never_changes_any_other_code():
    assert look_up(3140, "the item is in use and modified by another user").action is Action.FIX
    assert look_up(3100, "The name is already in use").action is Action.RESOLVE


def test_every_row_has_words_for_an_operator():
    for code, status in STATUSES.items():
        assert status.code == code
        assert status.meaning
        assert status.sentence.endswith(".")
        assert status.next_step.endswith(".")


@given(st.integers())
def test_any_code_has_a_row_and_errors_are_never_success(code):
    status = look_up(code)
    assert status.code == code
    assert (status.action in DONE) == (0 <= code < 1000 and code != 600)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (0, SetState.STORED),
        (600, SetState.ABSENT),
        (9001, SetState.CHECKSUM),
        (9002, SetState.ABSENT),
        (9003, SetState.UNCLEAR),
        (9004, SetState.TOO_LONG),
        (9005, SetState.NOT_STORED),
        (9006, SetState.UNCLEAR),
        (None, SetState.UNCLEAR),
    ],
)
def test_the_code_of_a_whole_set_says_what_can_be_recovered(code, state):
    assert set_state(code) is state
