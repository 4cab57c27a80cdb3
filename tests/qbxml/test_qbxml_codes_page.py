"""The page of codes says what the tables say, and the tables have every code of the protocol notes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qbconsole.qbxml import hresults, statuses

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "codes.md"
NOTES = ROOT.parent / "shared" / "reference" / "qbwc-protocol.md"


def rows_of(text: str, heading: str, end: str) -> list[list[str]]:
    """Cells of the table rows below a heading."""
    part = text.split(heading, 1)[1].split(end, 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| ") and not line.startswith("| Code")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def as_written() -> list[str]:
    """The rows as the tables would write them."""
    told = [
        f"| {one.code} | {one.action} | {one.meaning} | {one.sentence} | {one.next_step} |"
        for one in statuses.STATUSES.values()
    ]
    told += [
        f"| {first}–{last} | {one.action} | {one.meaning} | {one.sentence} | {one.next_step} |"
        for first, last, one in statuses._RANGES
    ]
    unknown = statuses.look_up(4711)
    told.append(
        f"| any other | {unknown.action} | {unknown.meaning} | {unknown.sentence} | {unknown.next_step} |"
    )
    told += [
        f"| `{one.code}` | {one.remedy} | {one.meaning} | {one.sentence} | {one.next_step} |"
        for one in hresults.HRESULTS.values()
    ]
    return told


def test_the_page_has_a_row_for_each_code_in_the_words_of_the_tables():
    shown = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [`\da]", line)]
    assert shown == as_written(), "write these rows:\n" + "\n".join(as_written())


@pytest.fixture(scope="module")
def notes() -> str:
    if not NOTES.is_file():
        pytest.skip("the protocol notes are not beside this repository")
    return NOTES.read_text(encoding="utf-8")


def numbers(cell: str) -> list[int]:
    """The codes of a cell: "3010 / 3020", "3220, 3230", "9001–9005"."""
    if ranged := re.fullmatch(r"(\d+)–(\d+)", cell):
        return list(range(int(ranged[1]), int(ranged[2]) + 1))
    return [int(one) for one in re.findall(r"\d+", cell)]


def test_every_status_code_of_the_notes_has_a_row_with_their_action(notes):
    seen = 0
    for code, _, action, *_ in rows_of(notes, "\n## 10.", "\n## 11."):
        if code.startswith("any other"):
            assert statuses.look_up(4711).action is statuses.Action.FIX
            continue
        words = set(re.findall(r"\b(OK|EMPTY|WARN|RETRY|FIX|RESOLVE|REQUEUE)\b", action))
        for number in numbers(code):
            status = statuses.look_up(number)
            seen += 1
            assert status.meaning != "unknown code", number
            assert not words or status.action.upper() in words, (number, action)
    assert seen > 60


def test_every_hresult_of_the_notes_has_a_row(notes):
    told = [code for code, *_ in rows_of(notes, "\n## 11.", "\n## 12.")]
    assert len(told) >= 15
    assert {hresults.normalise(code) for code in told} == hresults.HRESULTS.keys()


def test_a_code_nobody_knows_is_shown_as_it_came():
    assert statuses.look_up(4711, "QuickBooks says something new").code == 4711
    assert hresults.look_up("0x80049999").code == "0x80049999"
