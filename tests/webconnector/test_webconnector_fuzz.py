"""Whatever bytes arrive, the answer is well-formed XML without a trace of our insides."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_NAMES = ["serverVersion", "clientVersion", "authenticate", "sendRequestXML", "receiveResponseXML",
          "connectionError", "getLastError", "closeConnection", "x"]  # fmt: skip
_PARAMETERS = [
    "ticket",
    "strUserName",
    "strPassword",
    "response",
    "hresult",
    "message",
    "strVersion",
    "strHCPResponse",
    "qbXMLMajorVers",
]
_TEXTS = st.text(max_size=40)
_SETTINGS = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def looked_at(answer: Any) -> None:
    assert answer.status in (200, 500)
    assert answer.body.startswith(b"<?xml")
    ElementTree.fromstring(answer.body)
    assert b"Traceback" not in answer.body
    assert b"qbconsole/webconnector" not in answer.body
    assert int(answer.headers["content-length"]) == len(answer.body)


@_SETTINGS
@given(body=st.binary(max_size=400))
def test_random_bytes_get_a_fault(kit: Any, body: bytes) -> None:
    looked_at(kit.exchange(kit.app(kit.Script()), body))


@_SETTINGS
@given(data=st.data())
def test_a_damaged_envelope_gets_a_well_formed_answer(kit: Any, data: st.DataObject) -> None:
    body = bytearray(
        kit.soap(data.draw(st.sampled_from(_NAMES)), ticket="t", response="&lt;QBXML/&gt;", hresult="0x8")
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    cut = data.draw(st.integers(0, len(body)))
    looked_at(kit.exchange(kit.app(kit.Script()), [bytes(body[:cut]), bytes(body[cut:])]))


@_SETTINGS
@given(
    method=st.sampled_from(_NAMES),
    parameters=st.dictionaries(st.sampled_from(_PARAMETERS), _TEXTS),
    said=st.lists(_TEXTS, min_size=6, max_size=6),
)
def test_any_text_in_and_out_keeps_the_answer_well_formed(
    kit: Any, method: str, parameters: dict[str, str], said: list[str]
) -> None:
    from qbconsole.webconnector.conversation import Opened

    script = kit.Script(
        opened=Opened(ticket=said[0], word=said[1]),
        documents=[said[2]],
        failed=said[3],
        explained=said[4],
        closed=said[5],
    )
    escaped = {k: v.replace("&", "&amp;").replace("<", "&lt;") for k, v in parameters.items()}
    try:
        body = kit.soap(method, **escaped)
    except UnicodeEncodeError:
        return
    looked_at(kit.exchange(kit.app(script), body))
