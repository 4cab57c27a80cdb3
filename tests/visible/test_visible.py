"""Outside text on a screen: nothing acts, nothing is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.visible import safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë Ångström 日本 🎁", "Zoë Ångström 日本 🎁"),
        ("a\x1b[31mb", "a␛[31mb"),
        ("one\nrow\ttab\r", "one␊row␉tab␍"),
        ("\x7f", "␡"),
        ("\u202e123\u2066", "\ufffd123\ufffd"),
        ("\x9b31m", "\ufffd31m"),
        ("zero\u200bwidth", "zero\ufffdwidth"),
        ("lone \ud800 half", "lone \ufffd half"),
    ],
)
def test_control_and_direction_characters_become_glyphs(text, shown):
    assert safe(text) == shown


def test_long_text_ends_in_an_ellipsis():
    assert safe("abcdef", limit=4) == "abc…"
    assert safe("abcd", limit=4) == "abcd"


def test_what_is_no_text_is_shown_as_text():
    assert safe(12) == "12"


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_that_acts_comes_through(text):
    shown = safe(text)
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert safe(shown) == shown
    assert len(shown) == len(text)
