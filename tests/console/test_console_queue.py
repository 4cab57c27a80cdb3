"""What an operator does in the queue: look, narrow, mark, try again, leave out; and never by accident."""

from __future__ import annotations

from console_desk import FixedSource, WrittenActions
from console_watching import painted, settle, until

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.console.desk import QueueQuestion
from qbconsole.console.messages import TargetsRead
from qbconsole.console.screens.deciding import question, totals
from qbconsole.console.screens.queue import COLUMNS, SHORT
from qbconsole.errors import UsageError


async def ready(pilot) -> None:
    await until(pilot, lambda: "Why" in painted(pilot.app))


def typed(pilot, words: str) -> None:
    pilot.app.focused.value = words


async def expect(pilot, words: str) -> None:
    await until(pilot, lambda: words in painted(pilot.app))


async def test_the_filter_asks_once_when_the_typing_rests(console):
    source = FixedSource()
    async with console("2", source=source) as pilot:
        await ready(pilot)
        before = len(source.asked)
        await pilot.press("slash")
        for words in ("1", "10", "103", "1034"):
            typed(pilot, words)
        await expect(pilot, "10 of 37")
        assert [one.text for one in source.asked[before:] if one.text] == ["1034"]
        await pilot.press("enter", "j")
        await settle(pilot)
        assert ">  #10348" in painted(pilot.app)


async def test_a_filter_half_typed_is_told_in_the_list(console):
    async with console("2", "slash") as pilot:
        typed(pilot, "status:nonsense")
        await expect(pilot, "there is no status 'nonsense'")
        assert pilot.app.screen.query_one("#filter").has_focus


async def test_the_saved_views_are_gone_through(console):
    source = FixedSource()
    async with console("2", source=source) as pilot:
        for view in ("queued", "recorded", "all", "exceptions"):
            await pilot.press("right_square_bracket")
            await until(pilot, lambda here=view: here in [one.view for one in source.asked])
            await expect(pilot, f"[{view.capitalize()}]")
            source.asked.clear()
        await pilot.press("left_square_bracket", "exclamation_mark")
        await until(pilot, lambda: "exceptions" in [one.view for one in source.asked])
        await expect(pilot, "[Exceptions]")


async def test_the_order_is_asked_of_the_store(console):
    source = FixedSource()
    async with console("2", source=source) as pilot:
        await pilot.press("S")
        await settle(pilot)
        assert (source.asked[-1].sort, source.asked[-1].reverse) == ("date", False)
        await pilot.press("s")
        await settle(pilot)
        assert source.asked[-1].sort == "kind"


async def test_no_other_key_answers_a_question(console):
    actions = WrittenActions()
    async with console("2", actions=actions) as pilot:
        await ready(pilot)
        await pilot.press("r")
        await expect(pilot, "Retry 1 document?")
        for key in ("enter", "space", "r", "i", "1", "j"):
            await pilot.press(key)
            assert "Retry 1 document?" in painted(pilot.app), key
        await pilot.press("n")
        await settle(pilot)
        assert "Retry 1 document?" not in painted(pilot.app)
        assert actions.done == []


async def test_y_tries_the_row_under_the_cursor_again(console):
    actions = WrittenActions()
    async with console("2", actions=actions) as pilot:
        await ready(pilot)
        await pilot.press("r")
        await expect(pilot, "407.95 USD, company file Oak & Ember LLC")
        await pilot.press("y")
        await expect(pilot, "1 ready again")
        assert actions.done == [("retry", ("qbc1/oak-ember/sale/10376/1/1",), "")]


async def test_ignoring_needs_a_reason_and_a_y(console):
    actions = WrittenActions()
    async with console("2", "space", "space", actions=actions) as pilot:
        await ready(pilot)
        await pilot.press("i")
        await expect(pilot, "Why ignore 2 documents?")
        await pilot.press("enter")
        await settle(pilot)
        assert "Why ignore 2 documents?" in painted(pilot.app)
        typed(pilot, "paid twice")
        await pilot.press("enter")
        await expect(pilot, "Reason: paid twice")
        await pilot.press("y")
        await expect(pilot, "2 ignored")
        keys = ("qbc1/oak-ember/sale/10376/1/1", "qbc1/oak-ember/sale/10375/1/1")
        assert actions.done == [("ignore", keys, "paid twice")]


async def test_esc_leaves_a_reason_and_does_nothing(console):
    actions = WrittenActions()
    async with console("2", actions=actions) as pilot:
        await ready(pilot)
        await pilot.press("i")
        await expect(pilot, "Why ignore 1 document?")
        await pilot.press(*"abc", "escape")
        await settle(pilot)
        assert pilot.app.screen.query("#rows")
        assert actions.done == []


async def test_ten_documents_need_their_count_typed_and_then_y(console):
    actions = WrittenActions()
    async with console("2", "a", actions=actions) as pilot:
        await ready(pilot)
        await pilot.press("r")
        await expect(pilot, "Retry 37 documents?")
        await pilot.press(*"36", "enter", "tab", "y")
        await settle(pilot)
        assert actions.done == []
        assert "Retry 37 documents?" in painted(pilot.app)
        await pilot.press("backspace", "7", "enter", "y")
        await expect(pilot, "37 ready again")
        assert len(actions.done[0][1]) == 37


async def test_what_changed_in_the_store_is_seen_without_a_key(console):
    source = FixedSource()
    async with console("2", source=source) as pilot:
        await ready(pilot)
        await pilot.press("j", "space")
        source.count, source.change = 40, 1
        pilot.app.look_for_changes(pilot.app.desk)
        await expect(pilot, "40 rows")
        assert "x  #10375" in painted(pilot.app).replace(" x", " x ")
        assert ">  #10374" in painted(pilot.app)


async def test_nothing_is_read_while_nothing_changes(console):
    source = FixedSource()
    async with console("2", source=source) as pilot:
        await ready(pilot)
        before = len(source.asked)
        for _ in range(3):
            pilot.app.look_for_changes(pilot.app.desk)
            await settle(pilot)
        assert len(source.asked) == before


async def test_another_merchant_is_shown_everywhere(console):
    source = FixedSource()
    async with console("2", "M", "down", "enter", source=source) as pilot:
        assert source.asked[-1] == QueueQuestion(merchant="oak-ember")
        assert "qbconsole  oak-ember" in painted(pilot.app)


async def test_enter_opens_the_row_in_the_inspector(console):
    async with console("2") as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await expect(pilot, "balanced")
        assert pilot.app.current_mode == "inspect"
        await pilot.press("right_square_bracket")
        await expect(pilot, "2 of 2")


async def test_enter_on_a_cause_opens_what_it_holds(console):
    source = FixedSource()
    async with console("enter", source=source) as pilot:
        await expect(pilot, "[2 Queue]")
        await until(pilot, lambda: source.asked[-1].text == "reason:unmapped")
        await pilot.press("1")
        await settle(pilot)
        await pilot.press("j", "enter")
        await expect(pilot, "[3 Inspect]")


async def test_the_history_tells_what_happened(console):
    async with console("2") as pilot:
        await ready(pilot)
        await pilot.press("h")
        await expect(pilot, "2026-11-21 10:24 held: unmapped")
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen.query("#rows")


async def test_copying_tells_where_the_text_went(console):
    async with console("2") as pilot:
        await ready(pilot)
        await pilot.press("y")
        await settle(pilot)
        await pilot.press("enter")
        await expect(pilot, "OSC 52")
        assert pilot.app.clipboard == "qbc1/oak-ember/sale/10376/1/1"


async def test_a_paper_line_that_was_cut_opens_whole(console):
    async with console() as pilot:
        pilot.app.inspect("#10341")
        await expect(pilot, "balanced")
        await pilot.press("full_stop", "full_stop", "j", "enter")
        await expect(pilot, "asked before, with nothing to say: legal")


async def test_a_document_is_found_by_typing(console):
    async with console("3", "slash") as pilot:
        typed(pilot, "nowhere")
        await pilot.press("enter")
        await expect(pilot, "Did you mean #10341?")
        await pilot.press("slash")
        typed(pilot, "#10341")
        await pilot.press("enter")
        await expect(pilot, "balanced")


def test_the_question_tells_what_how_many_how_much_and_where():
    from console_desk import row

    found = TargetsRead("retry", [row(n) for n in range(10_340, 10_352)], ["Oak & Ember LLC"])
    told = question(found, "")
    assert told.count == 12
    assert told.title == "Retry 12 documents?"
    assert told.lines[0] == "#10340, #10341, #10342, #10343, #10344 and 7 more"
    assert told.lines[1] == f"{totals(found.rows)}, company file Oak & Ember LLC"
    assert totals(found.rows) == "4,529.40 USD"


async def test_a_row_is_held_with_a_reason_and_released_with_a_y(console):
    actions = WrittenActions()
    async with console("2", actions=actions) as pilot:
        await ready(pilot)
        await pilot.press("H")
        await expect(pilot, "Why hold 1 document?")
        typed(pilot, "ask Ann first")
        await pilot.press("enter")
        await expect(pilot, "Reason: ask Ann first")
        await pilot.press("y")
        await expect(pilot, "1 held")
        await pilot.press("L")
        await expect(pilot, "Release 1 document?")
        await pilot.press("y")
        await expect(pilot, "1 released")
        keys = ("qbc1/oak-ember/sale/10376/1/1",)
        assert actions.done == [("hold", keys, "ask Ann first"), ("release", keys, "")]


async def test_the_inspector_decides_about_the_document_it_shows(console):
    actions = WrittenActions()
    async with console("2", actions=actions) as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await expect(pilot, "balanced")
        shown = pilot.app.screen.document.key
        await pilot.press("r")
        await expect(pilot, "Retry 1 document?")
        await pilot.press("y")
        await expect(pilot, "1 ready again")
        await pilot.press("L")
        await expect(pilot, "Release 1 document?")
        await pilot.press("y")
        await expect(pilot, "1 released")
        assert actions.done == [("retry", (shown,), ""), ("release", (shown,), "")]


async def test_no_state_is_cut_in_its_column():
    column = next(one for one in COLUMNS if one.title == "Status")
    for state in {*DocumentState, *RequestState, "HELD", "FLAGGED"}:
        word = str(state).upper()
        assert len(f"! {SHORT.get(word, word)}") <= column.width, word


async def test_on_60_columns_the_status_stays(console):
    async with console("2", size=(60, 20)) as pilot:
        await ready(pilot)
        assert "Status" in painted(pilot.app)
        assert "! REFUSED" in painted(pilot.app)


async def test_a_row_that_is_gone_when_it_is_asked_why_it_waits_is_no_failure(console):
    asked = []

    class Gone(FixedSource):
        def detail(self, key):
            asked.append(key)
            raise UsageError(f"nothing in the queue has the key {key!r}", next="List keys with `queue list`.")

    async with console("2", source=Gone()) as pilot:
        await until(pilot, lambda: bool(asked))
        await settle(pilot)
        assert not list(pilot.app._notifications)
