"""The lifecycle tables: every state is in them, nothing leaves them, and the page about them says the same."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.books import lifecycle
from qbconsole.books.lifecycle import (
    DocumentState,
    HoldState,
    MoveRefused,
    RequestState,
    may_move,
    require_move,
)

TABLES = {
    RequestState: lifecycle.REQUEST_MOVES,
    DocumentState: lifecycle.DOCUMENT_MOVES,
    HoldState: lifecycle.HOLD_MOVES,
}


@pytest.mark.parametrize("states", TABLES, ids=lambda states: states.__name__)
def test_every_state_has_a_row_and_is_reached(states):
    table = TABLES[states]
    assert set(table) == set(states)
    begins = {next(iter(states))} | (set(lifecycle.REQUEST_BEGINS) if states is RequestState else set())
    reached, edge = set(begins), set(begins)
    while edge:
        edge = {there for here in edge for there in table[here]} - reached
        reached |= edge
    assert reached == set(states)


@pytest.mark.parametrize("states", TABLES, ids=lambda states: states.__name__)
@given(data=st.data())
def test_no_sequence_of_moves_leaves_the_tables(states, data):
    here = next(iter(states))
    for there in data.draw(st.lists(st.sampled_from(list(states)), max_size=30)):
        try:
            require_move(here, there, "it")
        except MoveRefused:
            assert there not in TABLES[states][here]
            continue
        assert there in TABLES[states][here]
        here = there


@given(st.lists(st.sampled_from(list(RequestState)), max_size=20))
def test_what_may_be_in_quickbooks_is_never_superseded_directly(path):
    for here in lifecycle.IN_FLIGHT:
        assert not may_move(here, RequestState.SUPERSEDED)
    here = RequestState.READY
    for there in path:
        if may_move(here, there):
            assert here is not RequestState.ANSWERED
            here = there


def test_states_of_two_machines_do_not_mix():
    assert not may_move(RequestState.READY, DocumentState.RECORDED)
    assert not may_move(HoldState.OPEN, RequestState.READY)
    with pytest.raises(MoveRefused, match="Document x is undone and cannot become planned"):
        require_move(DocumentState.UNDONE, DocumentState.PLANNED, "Document x")


def test_the_page_about_the_lifecycle_lists_every_move():
    page = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text()
    for table in TABLES.values():
        for here, there in table.items():
            targets = ", ".join(sorted(f"`{state.value}`" for state in there)) or "nothing"
            assert f"| `{here.value}` | {targets} |" in page, here
