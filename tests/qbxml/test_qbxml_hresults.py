"""Only one hresult proves that nothing ran; all spellings of a code are one code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.qbxml.hresults import HRESULTS, Remedy, SetFate, look_up, normalise, told


@pytest.mark.parametrize(
    "text", ["0x80040400", "0X80040400", " 80040400 ", "2147746816", "-2147220480", "0x80040400\n"]
)
def test_every_spelling_of_the_parse_error_is_a_refusal_before_anything_ran(text):
    assert normalise(text) == "0x80040400"
    assert look_up(text).fate is SetFate.REFUSED_UNPROCESSED


def test_every_other_code_leaves_a_writing_set_in_doubt():
    for code, row in HRESULTS.items():
        assert row.code == code == normalise(code)
        assert (row.fate is SetFate.REFUSED_UNPROCESSED) == (code == "0x80040400")
        assert row.sentence.endswith(".")
        assert row.next_step.endswith(".")


@pytest.mark.parametrize("text", ["", "  ", "0", "0x0", "0x00000000"])
def test_no_code_is_no_error(text):
    assert look_up(text) is None


@pytest.mark.parametrize("text", ["oops", "0x8004040G", "99999999999", "-3000000000", "0x800404001", "٠"])
def test_what_is_no_code_is_kept_as_it_came_and_in_doubt(text):
    assert normalise(text) is None
    row = look_up(text)
    assert (row.code, row.fate) == (text, SetFate.IN_DOUBT)


def test_an_unknown_code_is_normalised_and_in_doubt():
    row = look_up("80049999")
    assert (row.code, row.fate, row.remedy) == ("0x80049999", SetFate.IN_DOUBT, Remedy.OPERATOR)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("0x80040401", "retry"),
        ("0x8004040A", "operator"),
        ("0x80040414", "operator"),
        ("0x80040420", "admin"),
        ("0x80040154", "admin"),
        ("0x80010105", "retry"),
    ],
)
def test_the_remedy_names_who_can_end_the_cause(code, remedy):
    assert look_up(code).remedy == remedy


@given(st.integers(2**31, 2**32 - 1))
def test_decimal_signed_and_hex_spellings_agree(number):
    expected = f"0x{number:08x}"
    assert normalise(hex(number)) == normalise(str(number)) == normalise(str(number - 2**32)) == expected


@given(st.text())
def test_any_text_is_judged_without_an_error(text):
    row = look_up(text)
    assert row is None or row.fate in SetFate


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "0x8004040A",
            "Another company file is open in QuickBooks. Close it, or open the file this company is linked to.",
        ),
        (
            "0x80040408",
            "QuickBooks could not be started. Its own words. "
            "Start QuickBooks once by hand on its PC and see what it says.",
        ),
        (
            "0x12345678",
            "The Web Connector gave an error we do not know: 0x12345678. Its own words. "
            "Read its message; if it comes back, look at the Web Connector's log on that PC.",
        ),
        ("", "It failed. Its own words."),
    ],
)
def test_what_went_wrong_is_said_once_with_what_to_do(code, said):
    assert told(look_up(code), "Its own words.", "It failed.") == said


def test_words_of_quickbooks_end_before_the_next_step_begins():
    assert told(look_up("0x80040414"), "A box is open", "").endswith(
        "A box is open. Close the dialog on the PC with QuickBooks."
    )
    assert told(look_up("0x80040414"), "", "") == (
        "A dialog window is open in QuickBooks and blocks everything. Close the dialog on the PC with QuickBooks."
    )
