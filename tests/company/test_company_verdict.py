"""Is it the right company file, and the right moment of it: every case by a table, and the laws between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.company.marker import Marker
from qbconsole.company.verdict import (
    CHOICES,
    GOES_ON,
    NEVER,
    Evidence,
    Known,
    Verdict,
    Word,
    judge,
    next_step,
    sentence,
)
from qbconsole.value import replace


def marker(serial=7, epoch=2, company="oak", install="here"):
    return Marker(company_epoch=f"{company}-{epoch}", serial=serial, install_id=install).to_text()


KNOWN = Known(
    company="oak",
    epoch=2,
    install_id="here",
    name="Oak & Ember LLC",
    marker=marker(),
    sent=marker(),
    serial=7,
    restored=NEVER,
)
TOLD = Evidence(name="Oak & Ember LLC", marker=marker(), restored=NEVER)
NEW = replace(KNOWN, marker="", sent="", serial=0, restored="")
LATER = "2026-07-01T10:00:00"

CASES = {
    "as we left it": (KNOWN, TOLD, Verdict.OK),
    "name in other letters": (KNOWN, replace(TOLD, name="oak  &  EMBER llc"), Verdict.OK),
    "the answer to our last marker was lost": (
        replace(KNOWN, sent=marker(8)),
        replace(TOLD, marker=marker(8)),
        Verdict.OK,
    ),
    "our last marker never arrived": (replace(KNOWN, sent=marker(8)), TOLD, Verdict.OK),
    "never met": (NEW, replace(TOLD, marker=None), Verdict.FIRST_LINK),
    "never met, restored once": (NEW, replace(TOLD, marker=None, restored=LATER), Verdict.FIRST_LINK),
    "our first marker left and was lost": (
        replace(NEW, sent=marker(0)),
        replace(TOLD, marker=None),
        Verdict.FIRST_LINK,
    ),
    "our first marker is there, its answer was lost": (
        replace(NEW, sent=marker(0)),
        replace(TOLD, marker=marker(0)),
        Verdict.OK,
    ),
    "another name": (KNOWN, replace(TOLD, name="Elm Ltd"), Verdict.OTHER_FILE),
    "another name before any link": (NEW, replace(TOLD, name="Elm Ltd", marker=None), Verdict.OTHER_FILE),
    "marker of another installation": (
        KNOWN,
        replace(TOLD, marker=marker(install="there")),
        Verdict.OTHER_FILE,
    ),
    "marker of another company of ours": (
        KNOWN,
        replace(TOLD, marker=marker(company="elm")),
        Verdict.OTHER_FILE,
    ),
    "marker gone": (KNOWN, replace(TOLD, marker=None), Verdict.MARKER_GONE),
    "marker gone with a restore": (KNOWN, replace(TOLD, marker=None, restored=LATER), Verdict.RESTORED),
    "no marker, and restored before ours was": (
        replace(KNOWN, restored=LATER),
        replace(TOLD, marker=None, restored="2026-06-01T10:00:00"),
        Verdict.MARKER_GONE,
    ),
    "no marker, and never restored, which ours was": (
        replace(KNOWN, restored=LATER),
        replace(TOLD, marker=None),
        Verdict.MARKER_GONE,
    ),
    "marker edited": (KNOWN, replace(TOLD, marker=marker().replace("7", "9")), Verdict.MARKER_DAMAGED),
    "marker of a newer program": (KNOWN, replace(TOLD, marker="qbc9;x"), Verdict.MARKER_DAMAGED),
    "restored, and it says so": (KNOWN, replace(TOLD, restored=LATER), Verdict.RESTORED),
    "restored, marker behind": (KNOWN, replace(TOLD, marker=marker(3)), Verdict.RESTORED),
    "an older marker that a dialog held up": (
        replace(KNOWN, stray=marker(3)),
        replace(TOLD, marker=marker(3)),
        Verdict.OK,
    ),
    "an older marker that a dialog held up, and the books are older too": (
        replace(KNOWN, stray=marker(3)),
        replace(TOLD, marker=marker(3), missing=("1A-2",)),
        Verdict.COPIED,
    ),
    "restored to an earlier life": (
        KNOWN,
        replace(TOLD, marker=marker(3, epoch=1), restored=LATER),
        Verdict.RESTORED,
    ),
    "the restore itself was taken back": (
        replace(KNOWN, restored=LATER),
        replace(TOLD, restored=NEVER),
        Verdict.RESTORED,
    ),
    "the file of before an operator's word": (replace(KNOWN, epoch=3), TOLD, Verdict.COPIED),
    "an earlier life": (KNOWN, replace(TOLD, marker=marker(9, epoch=1)), Verdict.COPIED),
    "what we recorded last is missing": (KNOWN, replace(TOLD, missing=("1A-2",)), Verdict.COPIED),
    "marker ahead": (KNOWN, replace(TOLD, marker=marker(8)), Verdict.OWN_RESTORED),
    "marker of a later life": (KNOWN, replace(TOLD, marker=marker(1, epoch=3)), Verdict.OWN_RESTORED),
    "new database beside a marked file": (NEW, TOLD, Verdict.OWN_RESTORED),
    "condensed": (KNOWN, replace(TOLD, condensed=LATER), Verdict.CONDENSED),
    "condensed once more": (
        replace(KNOWN, condensed="2026-01-08T09:00:01"),
        replace(TOLD, condensed=LATER),
        Verdict.CONDENSED,
    ),
    "condensed when we met it last, and never by now": (
        replace(KNOWN, condensed=LATER),
        TOLD,
        Verdict.COPIED,
    ),
    "condensed later when we met it last": (
        replace(KNOWN, condensed=LATER),
        replace(TOLD, condensed="2026-01-08T09:00:01"),
        Verdict.COPIED,
    ),
    "restored to before it was condensed": (
        replace(KNOWN, condensed=LATER),
        replace(TOLD, restored="2026-07-02T08:00:00"),
        Verdict.RESTORED,
    ),
    "condensed at an hour that the PC tells otherwise now": (
        replace(KNOWN, condensed=LATER),
        replace(TOLD, condensed="2026-07-01T09:00:00"),
        Verdict.CONDENSED,
    ),
    "QuickBooks does not tell its activity": (KNOWN, replace(TOLD, restored=""), Verdict.OK),
}


@pytest.mark.parametrize(("known", "told", "verdict"), CASES.values(), ids=CASES)
def test_each_case_has_its_word(known, told, verdict):
    assert judge(known, told) is verdict


@pytest.mark.parametrize("verdict", Verdict)
def test_each_word_has_a_sentence_and_what_stops_has_a_next_step_an_operator_may_take(verdict):
    told = sentence(verdict, KNOWN, TOLD)
    assert told.endswith(".")
    assert "{" not in told
    assert (verdict in GOES_ON) == (verdict not in CHOICES)
    if verdict in CHOICES:
        assert "Nothing was written" in told
        assert Word.STOP in CHOICES[verdict]
        step = next_step(verdict, "oak")
        assert "qbconsole company decide oak" in step
        assert any(f"decide oak {word}" in step for word in CHOICES[verdict])


def test_a_foreign_marker_in_a_file_of_the_right_name_is_said():
    told = replace(TOLD, marker=marker(install="there"))
    assert "another qbconsole installation" in sentence(Verdict.OTHER_FILE, KNOWN, told)
    assert "another qbconsole" not in sentence(Verdict.OTHER_FILE, KNOWN, replace(TOLD, name="Elm"))


@pytest.mark.parametrize(
    ("condensed", "is_now"), [("", "never was"), ("2026-01-08T09:00:01", "last on 2026-01-08T09:00:01")]
)
def test_a_file_of_before_its_condensing_is_told_as_what_it_is(condensed, is_now):
    known, told = replace(KNOWN, condensed=LATER), replace(TOLD, condensed=condensed)
    said = sentence(Verdict.COPIED, known, told)
    assert LATER in said
    assert is_now in said
    assert "Nothing was written." in said
    assert "lacks what we recorded last" in sentence(Verdict.COPIED, known, replace(told, missing=("1A-2",)))


def test_the_time_of_a_restore_is_told():
    assert f"({LATER})" in sentence(Verdict.RESTORED, KNOWN, replace(TOLD, restored=LATER))


def test_a_restore_that_quickbooks_does_not_tell_of_is_only_one_way():
    told = sentence(Verdict.RESTORED, KNOWN, replace(TOLD, marker=marker(3)))
    assert "restored from a backup, or an older copy of it is open. Nothing was written" in told
    assert "(" not in sentence(Verdict.RESTORED, KNOWN, replace(TOLD, marker=marker(3)))


TEXTS = st.sampled_from(
    [None, *(marker(s, e) for s in (5, 7, 9) for e in (1, 2, 3)), marker(install="x"), "?"]
)


@given(
    text=TEXTS,
    restored=st.sampled_from(["", NEVER, LATER]),
    missing=st.sampled_from([(), ("1-2",)]),
    name=st.sampled_from(["Oak & Ember LLC", "Elm"]),
)
def test_a_linked_file_is_written_only_when_nothing_at_all_speaks_against_it(text, restored, missing, name):
    told = Evidence(name=name, marker=text, restored=restored, missing=missing)
    fine = text == marker() and name == KNOWN.name and not missing and restored != LATER
    assert (judge(KNOWN, told) in GOES_ON) == fine


@given(text=TEXTS, missing=st.sampled_from([(), ("1-2",)]))
def test_the_same_file_is_known_by_name_marker_and_restore_time(text, missing):
    told = Evidence(name="Oak", marker=text, restored=NEVER, missing=missing)
    assert told.is_same_file(replace(told, missing=(), condensed=LATER))
    assert not told.is_same_file(replace(told, restored=LATER))
    assert not told.is_same_file(replace(told, marker="other"))
