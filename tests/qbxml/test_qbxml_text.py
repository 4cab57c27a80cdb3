"""What QuickBooks keeps of outside text: letters, line breaks, lengths, and what is said about the rest."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.qbxml.text import fit, fit_memo, fit_name, fit_reference

KEY = "qbc1/oak-ember/order/8734179787058/1/0"


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("Blue widget", "Blue widget"),
        ("Café Müller ½", "Café Müller ½"),
        ("Łódź", "Lódz"),
        ("Ştefan Čapek", "Stefan Capek"),
        ("Őr Űr", "Or Ur"),
        ("“Smart” ‘quotes’ – and — dashes…", "\"Smart\" 'quotes' - and - dashes..."),
        ("5 € ™", "5 EUR (TM)"),
        ("北京烤鸭", "BeiJingKaoYa"),
        ("Привет", "Privet"),
        ("Gift 🎁", "Gift (gift)"),
        ("👨‍👩‍👧", "(man)(woman)(girl)"),
        ("\x1b[2Jboo", "[2Jboo"),
        ("total \u202e00.1", "total 00.1"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("[/b]", "[/b]"),
        ("e\u0301", "é"),
        ("a\u0334b", "ab"),
        ("\ud800", "?"),
        ("\U000f0000\U000f0001\U000f0002x", "?x"),
        ("two\nlines\r\nand\tmore", "two lines and more"),
        ("  trimmed ", "trimmed"),
        ("a\xa0b", "a b"),
        ("", ""),
    ],
)
def test_text_is_kept_as_far_as_quickbooks_has_letters_for_it(given_text, kept):
    assert fit(given_text).text == kept


def test_clean_text_and_a_rewritten_line_break_are_no_loss():
    assert fit("Blue widget", 41).loss is None
    assert fit("Café", 41).loss is None
    assert fit("two\r\nlines", breaks=True).loss is None
    assert fit(" two\nlines ").loss is None


def test_what_is_lost_is_said():
    assert fit("Łódź").loss == "letters QuickBooks cannot keep were rewritten"
    assert fit("abcdef", 4).loss == "cut from 6 to 4 characters"
    assert (
        fit("Łabcdef", 4).loss == "letters QuickBooks cannot keep were rewritten; cut from 7 to 4 characters"
    )


def test_line_breaks_stay_where_they_may_stand():
    assert fit("one\r\ntwo\rthree", breaks=True).text == "one\ntwo\nthree"
    assert fit("one\u2028two", breaks=True).text == "one\ntwo"


def test_text_is_cut_after_it_was_rewritten_and_never_ends_in_a_blank():
    assert fit("北京烤鸭", 4).text == "BeiJ"
    assert fit("abc def", 4).text == "abc"
    assert fit("x" * 41, 41).loss is None


def test_a_name_has_no_colon_and_is_never_empty():
    assert fit_name("Parent:Child").text == "Parent-Child"
    assert fit_name("Parent：Child", 31).text == "Parent-Child"
    assert fit_name("\u200b").text == "?"
    assert fit_name("").text == "?"
    assert fit_name("Parent:Child").loss == "colons became dashes"
    assert fit_name("plain", 31).loss is None
    assert fit_name("x" * 40, 31).text == "x" * 31


def test_a_reference_keeps_its_colons_and_its_length():
    assert fit_reference("Sales:" + "x" * 300).text == "Sales:" + "x" * 300


def test_the_words_of_a_memo_give_way_and_its_key_never_does():
    assert fit_memo("Shopify #1001", KEY, 4095).text == f"Shopify #1001 [{KEY}]"
    long = fit_memo("w" * 5000, KEY, 4095)
    assert len(long.text) == 4095
    assert long.text.endswith(f" [{KEY}]")
    assert long.loss == f"cut from 5000 to {4095 - len(KEY) - 3} characters"
    assert fit_memo("", KEY, 4095).text == f"[{KEY}]"
    assert fit_memo("words", "", 4095).text == "words"
    assert fit_memo("a\nb", KEY, 4095).text == f"a\nb [{KEY}]"


@given(st.text(), st.integers(min_value=1, max_value=60), st.booleans())
def test_whatever_comes_in_what_goes_out_is_windows_1252_within_the_limit(text, limit, breaks):
    kept = fit(text, limit, breaks=breaks).text
    kept.encode("cp1252")
    assert len(kept) <= limit
    assert kept == kept.strip()
    assert not any(
        unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn") and letter != "\n" for letter in kept
    )
    assert breaks or "\n" not in kept
    assert fit(kept, limit, breaks=breaks).text == kept


@given(st.text(min_size=1), st.integers(min_value=1, max_value=60))
def test_any_name_is_short_enough_has_no_colon_and_something_in_it(text, limit):
    name = fit_name(text, limit).text
    assert 0 < len(name) <= limit
    assert ":" not in name
