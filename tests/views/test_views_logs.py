"""The log as it is read: numbered lines over all its pages, whatever stands in them, and what a question finds."""

from __future__ import annotations

import json
import os
import random

import pytest

from qbconsole.errors import UsageError, WorkspaceError
from qbconsole.views.logs.book import LogBook, around
from qbconsole.views.logs.lines import read_line, source_of
from qbconsole.views.logs.pages import BLOCK, FILE, LONGEST
from qbconsole.views.logs.pulse import pulse_of
from qbconsole.views.logs.wanted import LogQuestion, wanted

ALL = LogQuestion()


def a_line(number: int = 0, level: str = "info", event: str = "recorded", **more: object) -> str:
    """One line as care/logbook writes it."""
    at = f"2026-11-21T10:{number // 60 % 60:02d}:{number % 60:02d}.000000Z"
    told = {
        "number": number,
        **more,
        "event": event,
        "level": level,
        "logger": "qbconsole.deliver",
        "timestamp": at,
    }
    return json.dumps(told)


def write(path, *lines: str, end: str = "\n") -> None:
    with path.open("a", encoding="utf-8") as out:
        out.write("\n".join(lines) + end)


@pytest.fixture
def log(tmp_path):
    return tmp_path / FILE


@pytest.fixture
def book(tmp_path):
    return LogBook(tmp_path)


def events(book: LogBook, question: LogQuestion = ALL) -> list[str]:
    return [read_line(raw).event for raw in book.raws(book.find(question).numbers)]


def turn(log) -> None:
    """Turn the page as RotatingFileHandler does."""
    for number in range(4, 0, -1):
        old = log.with_name(f"{FILE}.{number}")
        if old.exists():
            old.rename(log.with_name(f"{FILE}.{number + 1}"))
    log.rename(log.with_name(f"{FILE}.1"))


def test_no_log_yet_has_no_lines(book, log):
    assert list(book.find(ALL).numbers) == []
    write(log, a_line(event="one"))
    assert events(book) == ["one"]


def test_a_question_that_nothing_was_written_for_gets_the_same_answer(book, log):
    write(log, a_line(1), a_line(2))
    assert book.find(ALL) is book.find(ALL)
    before = book.find(LogQuestion(text="recorded"))
    write(log, a_line(3))
    assert len(book.find(LogQuestion(text="recorded")).hits) == len(before.hits) + 1


def test_only_the_lines_asked_for_are_parsed(book, log):
    write(log, *(a_line(number) for number in range(20_000)))
    found = book.find(ALL)
    assert (found.total, len(found.numbers)) == (20_000, 20_000)
    assert book.lines_read == 0
    lines = book.lines(range(19_990, 20_000))
    assert book.lines_read == 10
    assert lines[19_999].value("number") == "19999"


def test_a_plain_word_spares_reading_lines_that_cannot_have_it(book, log):
    write(log, *(a_line(number, order="#7" if number % 1000 == 0 else "#8") for number in range(10_000)))
    assert len(book.find(LogQuestion(text="order=#7")).hits) == 10
    assert book.lines_read == 10
    book.find(LogQuestion(level="error"))
    assert book.lines_read == 10


def test_what_was_looked_at_is_not_looked_at_again(book, log):
    write(log, *(a_line(number) for number in range(1000)))
    book.find(LogQuestion(text="rec.rded"))
    read = book.lines_read
    write(log, a_line(1000))
    assert len(book.find(LogQuestion(text="rec.rded")).hits) == 1001
    assert book.lines_read == read + 1


def test_half_a_line_is_told_when_it_is_whole(book, log):
    write(log, a_line(event="one"))
    write(log, '{"event": "tw', end="")
    assert events(book) == ["one"]
    write(log, 'o", "level": "info"}')
    assert events(book) == ["one", "two"]


def test_numbers_go_on_over_the_turn_of_a_page(book, log):
    write(log, a_line(event="one"), a_line(event="two"))
    first = book.find(ALL)
    write(log, a_line(event="three"))
    turn(log)
    write(log, a_line(event="four"))
    found = book.find(ALL)
    assert found.epoch == first.epoch
    assert list(found.numbers) == [0, 1, 2, 3]
    assert events(book) == ["one", "two", "three", "four"]


def test_pages_thrown_away_take_their_numbers_along(book, log):
    for page in range(4):
        write(log, *(a_line(event=f"{page}.{number}") for number in range(3)))
        book.find(ALL)
        turn(log)
    log.with_name(f"{FILE}.4").unlink()
    write(log, a_line(event="new"))
    found = book.find(ALL)
    assert list(found.numbers) == list(range(3, 13))
    assert events(book)[0] == "1.0"
    assert book.lines([0, 3])[0] is None
    assert book.whole(0) == b""


def test_an_inode_used_again_is_another_page(book, log):
    write(log, a_line(event="old"), a_line(event="old"))
    before = book.find(ALL)
    log.write_text("".join(a_line(event="new") + "\n" for _ in range(3)))
    found = book.find(ALL)
    assert found.epoch != before.epoch
    assert events(book) == ["new"] * 3


def test_a_log_that_was_cut_is_read_anew(book, log):
    write(log, *(a_line(number) for number in range(10)))
    before = book.find(LogQuestion(text="recorded"))
    log.write_text(a_line(event="recorded again") + "\n")
    found = book.find(LogQuestion(text="recorded"))
    assert found.epoch != before.epoch
    assert events(book, LogQuestion(text="recorded")) == ["recorded again"]


def test_lines_that_are_no_json_are_text_and_shown_at_every_level(book, log):
    write(log, "no json", "[1, 2]", '"text"', "{broken", a_line(level="info"), "[" * 5000, "\x00\x1b]0;x\x07")
    assert len(book.find(LogQuestion(level="error")).hits) == 6
    assert [line.event for line in book.lines([0, 3]).values()] == ["no json", "{broken"]
    assert book.lines([1])[1].level == ""


def test_bytes_that_are_no_utf_8_are_told(book, log):
    log.write_bytes(b'\xff\xfe\n{"event": "\xff"}\n' + a_line(event="after").encode() + b"\n")
    assert events(book)[-1] == "after"
    assert len(events(book)) == 3


def test_a_line_of_5_mb_has_a_place_and_spoils_no_other(book, log):
    long = a_line(event="x" * 5_000_000)
    write(log, a_line(event="before"), long, *(a_line(event=f"after {n}") for n in range(3)))
    found = events(book)
    assert (found[0], len(found[1]), found[2:]) == ("before", 5_000_000, ["after 0", "after 1", "after 2"])
    assert book.lines([1])[1].size == len(long)
    assert len(book.whole(1)) == 1_000_000


def test_a_line_beyond_all_measure_is_cut_and_the_next_ones_are_found(book, log):
    write(log, a_line(event="before"), "y" * (LONGEST + BLOCK), a_line(event="after"))
    found = events(book)
    assert (found[0], found[2]) == ("before", "after")
    assert len(found[1]) == LONGEST


def test_any_file_has_the_lines_that_splitting_it_gives(book, log, tmp_path):
    chance = random.Random(4)
    told = ["z" * chance.choice((0, 1, 40, 300, 5_000, BLOCK - 1, BLOCK, BLOCK + 1)) for _ in range(400)]
    for start in range(0, 400, 40):
        write(log, *told[start : start + 40])
        book.find(ALL)
    numbers = book.find(ALL).numbers
    assert [raw.decode() for raw in book.raws(numbers)] == told
    assert [raw.decode() for raw in LogBook(tmp_path).raws(numbers)] == []
    fresh = LogBook(tmp_path)
    assert [raw.decode() for raw in fresh.raws(fresh.find(ALL).numbers)] == told
    places = chance.sample(range(400), 50)
    assert [len(line.event) for line in book.lines(places).values()] == [len(told[place]) for place in places]


def test_a_search_that_is_stopped_tells_how_far_it_came_and_goes_on(book, log):
    write(log, *(a_line(number, text="x" * 2000) for number in range(1000)))
    book.find(ALL)
    answers = iter([False, False, False, True])
    found = book.find(LogQuestion(text="reco.ded"), stop=lambda: next(answers, True))
    assert found.is_partial
    assert 0 < found.looked < 1000
    assert len(found.hits) == found.looked
    whole = book.find(LogQuestion(text="reco.ded"))
    assert (len(whole.hits), whole.is_partial) == (1000, False)


def test_the_tail_is_told_before_anything_is_counted(book, log):
    write(log, *(a_line(number) for number in range(10_000)))
    write(log, '{"half', end="")
    found, lines = book.tail(LogQuestion(level="info"))
    assert found.epoch == 0
    assert lines[found.numbers[-1]].value("number") == "9999"
    assert 500 < len(lines) < 5000
    assert book.tail(LogQuestion(level="error"))[1].keys() == set()


# ---- what is wanted


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [0, 1, 2, 3]),
        ("REFUSED", [1]),
        ("!refused", [0, 2, 3]),
        ("level:error", [1]),
        ("order=#1001", [0, 1]),
        ("order=#100", []),
        ("order:#100", [0, 1, 2]),
        ("!order:.", [3]),
        ("order:1002$", [2]),
        ('"session close"', [3]),
        ("session close", [3]),
        ("close session", [3]),
        ("order:#1001 !refused", [0]),
        ("refu.*item", [1]),
        ("source:qbwc", [0, 1, 2]),
        ("serve", [3]),
        ("what:日本", [1]),
        ("ms:^41$", [0]),
        ("recorded ms=41", [0]),
        ("timestamp:10:00", [0, 1, 2, 3]),
    ],
)
def test_words_find_lines(book, log, text, numbers):
    write(
        log,
        a_line(0, order="#1001", ms=41),
        a_line(1, level="error", event="refused", order="#1001", what="no item 日本"),
        a_line(2, level="warning", event="in doubt", order="#1002"),
        json.dumps({"event": "session close", "level": "info", "logger": "qbconsole.serve", "timestamp": "2026-11-21T10:00:00Z"}),
    )  # fmt: skip
    assert list(book.find(LogQuestion(text=text)).hits) == numbers


@pytest.mark.parametrize(("level", "count"), [("debug", 5), ("info", 4), ("warning", 3), ("error", 2)])
def test_a_level_lets_graver_ones_through(book, log, level, count):
    write(log, *(a_line(level=one) for one in ("debug", "info", "warning", "error", "critical")))
    assert len(book.find(LogQuestion(level=level)).hits) == count


def test_sources_and_other_merchants_are_left_out(book, log):
    write(log, a_line(0, merchant="oak"), a_line(1, merchant="elm"), a_line(2))
    assert list(book.find(LogQuestion(merchant="oak")).hits) == [0, 2]
    assert list(book.find(LogQuestion(without=frozenset({"qbwc"}))).hits) == []


@pytest.mark.parametrize(
    ("logger", "source"),
    [
        ("qbconsole.webconnector", "qbwc"),
        ("qbconsole.book", "book"),
        ("qbconsole.host.supervisor", "plugins"),
        ("qbconsole.sources.shopify.client", "shopify"),
        ("httpx", "other"),
        ("", "other"),
    ],
)
def test_a_logger_belongs_to_a_source(logger, source):
    assert source_of(logger) == source


@pytest.mark.parametrize("text", ["(", "field:[", "a{2,1}", "!*"])
def test_a_word_that_is_no_regular_expression_is_refused_with_a_next_step(text):
    with pytest.raises(UsageError, match="no regular expression") as refused:
        wanted(LogQuestion(text=text))
    assert "backslash" in refused.value.next


def test_context_is_told_once_and_in_order(book, log):
    write(log, *(a_line(number, event="hit" if number in (2, 4, 9) else "-") for number in range(12)))
    found = book.find(LogQuestion(text="event=hit", context=1))
    assert list(found.numbers) == [1, 2, 3, 4, 5, 8, 9, 10]
    assert [number for number in found.numbers if found.is_hit(number)] == [2, 4, 9]
    assert list(around([0, 11], 3, 0, 12)) == [0, 1, 2, 3, 8, 9, 10, 11]


def test_errors_are_found_in_both_directions_and_only_among_the_lines_shown(book, log):
    grave = {3: "error", 7_000: "critical", 9_000: "error"}
    write(
        log,
        *(a_line(n, level=grave.get(n, "info"), order="#1" if n == 9_000 else "#2") for n in range(10_000)),
    )
    every = book.find(ALL)
    assert [book.error(every, 0, 1), book.error(every, 3, 1), book.error(every, 9_000, 1)] == [3, 7_000, None]
    assert [book.error(every, 9_999, -1), book.error(every, 7_000, -1), book.error(every, 3, -1)] == [
        9_000,
        3,
        None,
    ]
    narrow = book.find(LogQuestion(text="order=#1"))
    assert book.error(narrow, 0, 1) == 9_000
    assert book.error(narrow, 9_000, -1) is None


def test_lines_are_exported_whole_and_private(book, log, tmp_path):
    write(log, *(a_line(number, level="error" if number % 2 else "info") for number in range(500)))
    path = tmp_path / "out" / "lines.jsonl"
    assert book.export(book.find(LogQuestion(level="error")), path) == 250
    assert [json.loads(row)["number"] for row in path.read_text().splitlines()] == list(range(1, 500, 2))
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(WorkspaceError, match="cannot be written"):
        book.export(book.find(ALL), log / "below")


def test_the_pulse_tells_how_much_and_how_often_an_error():
    raws = [a_line(number, level="error" if number % 60 == 0 else "info").encode() for number in range(600)]
    pulse = pulse_of(raws)
    assert pulse.errors == "1.0"
    assert len(pulse.bars) == 20
    assert set(pulse.bars) == {"|"}
    assert pulse_of([b"no json", b'{"timestamp": "2026-11-21T10:00:00"}']).bars == ""


def test_a_page_that_vanishes_between_two_looks_loses_its_lines_and_nothing_else(book, log):
    write(log, a_line(event="one"))
    found = book.find(ALL)
    os.unlink(log)
    assert list(book.raws(found.numbers)) == []
    assert book.lines([0])[0] is None
    assert list(book.find(ALL).numbers) == []
