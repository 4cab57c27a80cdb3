"""`qbconsole logs -f`: what is written comes, over the turn of a page and after a cut."""

from __future__ import annotations

import json

from qbconsole.cli.log_lines import FILE, following, last_lines, log_of, text_of
from qbconsole.views.logs.wanted import LogQuestion


def a_line(event: str, level: str = "info") -> str:
    told = {
        "event": event,
        "level": level,
        "logger": "qbconsole.serve",
        "timestamp": "2026-11-21T10:00:00.1Z",
    }
    return json.dumps(told) + "\n"


def test_following_tells_what_is_written_and_nothing_twice(tmp_path):
    folder = tmp_path / ".qbconsole" / "logs"
    folder.mkdir(parents=True)
    log = folder / FILE
    log.write_text("".join(a_line(f"old {n}") for n in range(5)))
    source = following(log_of(tmp_path), LogQuestion(), 2)
    assert [json.loads(next(source))["event"] for _ in range(2)] == ["old 3", "old 4"]
    with log.open("a") as out:
        out.write(a_line("new"))
    assert json.loads(next(source))["event"] == "new"
    log.rename(log.with_name(f"{FILE}.1"))
    log.write_text(a_line("on a new page"))
    assert json.loads(next(source))["event"] == "on a new page"
    log.write_text(a_line("cut"))
    log.with_name(f"{FILE}.1").unlink()
    assert json.loads(next(source))["event"] == "cut"


def test_the_last_of_the_lines_found_come_with_their_context(tmp_path):
    folder = tmp_path / ".qbconsole" / "logs"
    folder.mkdir(parents=True)
    (folder / FILE).write_text("".join(a_line(str(n), "error" if n % 10 == 5 else "info") for n in range(40)))
    question = LogQuestion(level="error", context=1)
    found = [json.loads(raw)["event"] for raw in last_lines(log_of(tmp_path), question, 2)]
    assert found == ["24", "25", "26", "34", "35", "36"]


def test_a_line_is_told_with_source_and_level():
    assert text_of(a_line("listening").encode()).split() == [
        "2026-11-21T10:00:00.1Z",
        "info",
        "serve",
        "listening",
    ]
    assert text_of(b"no json") == "no json"
