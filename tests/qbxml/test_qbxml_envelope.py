"""The envelope, its ids and its version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.qbxml.envelope import (
    HostTooOld,
    choose_version,
    clear,
    envelope,
    forgotten_by,
    message_set_id,
    status_check,
)
from qbconsole.qbxml.schema import shipped_schema


def test_an_envelope_has_the_version_line_and_keeps_the_order_of_its_requests():
    text = envelope(["<HostQueryRq/>", "<CompanyQueryRq/>"], version="16.0", new_id="NEW", old_id="OLD")
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="16.0"?>\n<QBXML>')
    assert '<QBXMLMsgsRq onError="continueOnError" newMessageSetID="NEW" oldMessageSetID="OLD">' in text
    assert text.index("HostQueryRq") < text.index("CompanyQueryRq")
    assert shipped_schema().check_document(text) == []


def test_asking_and_clearing_carry_no_request():
    schema = shipped_schema()
    ask, forget = status_check("ABC", "13.0"), clear("ABC", "13.0")
    assert 'newMessageSetID="ABC" oldMessageSetID="ABC"' in ask
    assert "newMessageSetID" not in forget
    assert schema.check_document(ask) == schema.check_document(forget) == []
    assert "requestID" not in ask + forget


def test_which_set_is_forgotten_with_another_is_read_from_its_envelope():
    def wrapped(**ids):
        return envelope(["<HostQueryRq/>"], version="16.0", **ids)

    assert forgotten_by(wrapped(new_id="NEW", old_id="OLD")) == "OLD"
    assert [forgotten_by(one) for one in (wrapped(new_id="NEW"), wrapped())] == ["", ""]
    assert forgotten_by(status_check("ABC", "13.0")) == ""


def test_an_id_that_quickbooks_would_refuse_is_refused_here():
    with pytest.raises(ValueError, match="1 to 24 characters, not 25"):
        envelope((), version="13.0", new_id="x" * 25)
    with pytest.raises(ValueError, match="not 0"):
        envelope((), version="13.0", old_id="")


def test_the_message_set_id_hangs_on_everything_that_makes_a_set_another():
    one = message_set_id("epoch", ["a", "b"], "<body/>", 1)
    assert one == message_set_id("epoch", ("a", "b"), "<body/>", 1)
    others = [
        message_set_id("epoch2", ["a", "b"], "<body/>", 1),
        message_set_id("epoch", ["b", "a"], "<body/>", 1),
        message_set_id("epoch", ["ab"], "<body/>", 1),
        message_set_id("epoch", ["a", "b"], "<body />", 1),
        message_set_id("epoch", ["a", "b"], "<body/>", 2),
    ]
    assert len({one, *others}) == 6
    assert len(one) == 20
    assert one.isascii()


@given(st.text(), st.lists(st.text()), st.text(), st.integers(min_value=0, max_value=99))
def test_a_message_set_id_is_always_twenty_base32_characters(epoch, keys, body, attempt):
    name = message_set_id(epoch, keys, body, attempt)
    assert len(name) == 20
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@pytest.mark.parametrize(
    ("supported", "spoken"),
    [
        (None, "13.0"),
        (["1.0", "12.0", "13.0"], "13.0"),
        (["13.0", "14.0", "15.0"], "15.0"),
        (["16.0", "13.0"], "16.0"),
        (["13.0", "16.0", "17.0"], "16.0"),
        ([" 13.0 ", "CA3.0"], "13.0"),
    ],
)
def test_we_speak_the_highest_version_both_know(supported, spoken):
    assert choose_version(supported) == spoken


@pytest.mark.parametrize("supported", [[], ["12.0", "1.1"], ["CA3.0"], ["nonsense"]])
def test_a_host_below_13_is_refused_with_a_sentence(supported):
    with pytest.raises(HostTooOld, match=r"qbconsole needs 13\.0"):
        choose_version(supported)
