"""Frames: whole messages from any cutting of the stream, and nothing else."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.host.frames import MOST_BYTES, Frame, FrameError, Inbox, Kind, packed, read_frame


@given(st.lists(st.tuples(st.sampled_from(Kind), st.binary(max_size=50)), max_size=8), st.integers(1, 17))
def test_frames_come_out_as_they_went_in_however_they_are_cut(messages, step):
    stream = b"".join(packed(kind, payload) for kind, payload in messages)
    inbox, got = Inbox(), []
    for start in range(0, len(stream), step):
        inbox.feed(stream[start : start + step])
        while (frame := inbox.pop()) is not None:
            got.append((frame.kind, frame.payload))
    assert got == messages


def test_a_stream_that_ends_gives_no_frame():
    whole = packed(Kind.CASES, b"abc")
    assert read_frame(io.BytesIO(whole)) == Frame(Kind.CASES, b"abc")
    assert read_frame(io.BytesIO(whole[:-1])) is None
    assert read_frame(io.BytesIO(b"")) is None


@pytest.mark.parametrize("head", [b"\x63" + bytes(8), b"\x04" + (MOST_BYTES + 1).to_bytes(8, "big")])
def test_an_unknown_kind_or_a_huge_length_is_refused_before_it_is_read(head):
    inbox = Inbox()
    inbox.feed(head)
    with pytest.raises(FrameError):
        inbox.pop()
