"""Every form of envelope is read, every hostile one refused, in bounded time."""

from __future__ import annotations

import time

import pytest

from qbconsole.errors import SoapUnreadable
from qbconsole.webconnector import reply
from qbconsole.webconnector.soap import PIECE_CHARACTERS, EnvelopeReader, SoapCall

ENV = "http://schemas.xmlsoap.org/soap/envelope/"
NS = "http://developer.intuit.com/"


def read(body: bytes, step: int = 1 << 20) -> SoapCall:
    reader = EnvelopeReader()
    for at in range(0, len(body), step):
        reader.feed(body[at : at + step])
    return reader.finish()


def document(inner: str, *, opening: str = "", env: str = ENV) -> bytes:
    return f'{opening}<s:Envelope xmlns:s="{env}"><s:Body>{inner}</s:Body></s:Envelope>'.encode()


PLAIN = document(
    f'<authenticate xmlns="{NS}"><strUserName>oak</strUserName><strPassword>pw</strPassword></authenticate>'
)
PREFIXED = document(
    f'<n:authenticate xmlns:n="{NS}"><n:strUserName>oak</n:strUserName><n:strPassword>pw</n:strPassword></n:authenticate>'
)
ENCODED = document(
    f'<n:authenticate xmlns:n="{NS}" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
    '<strUserName xsi:type="xsd:string">oak</strUserName><strPassword xsi:type="xsd:string">pw</strPassword>'
    "</n:authenticate>"
)


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        PREFIXED,
        ENCODED,
        b"\xef\xbb\xbf" + PLAIN,
        b"\r\n \t" + PLAIN,
        b"\xef\xbb\xbf\r\n" + PLAIN,
        PLAIN + b"\r\n\r\n",
        b'\n<?xml version="1.0" encoding="UTF-8"?>\n' + PLAIN,
        PLAIN.replace(b"<strUserName>oak<", b"<strUserName><![CDATA[oak]]><"),
        PLAIN.replace(b"<strUserName>", b"<!-- a comment --><strUserName>"),
        PLAIN.replace(ENV.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
        PLAIN.replace(b"<s:Body>", b"<s:Header><a><b>x</b></a></s:Header><s:Body>"),
        PLAIN.replace(b"</s:Body>", b"<multiRef><strUserName>other</strUserName></multiRef></s:Body>"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_every_form_of_envelope_gives_the_same_call(body: bytes, step: int) -> None:
    call = read(body, step)
    assert call.method == "authenticate"
    assert (call.text("strUserName"), call.text("strPassword")) == ("oak", "pw")


@pytest.mark.parametrize("name", ["strCompanyFileName", "strCompanyFilename"])
def test_both_spellings_of_the_company_file_are_read(name: str) -> None:
    call = read(document(rf"<sendRequestXML><{name}>C:\a.qbw</{name}></sendRequestXML>"))
    assert call.text("strCompanyFileName") == r"C:\a.qbw"


def test_what_is_missing_or_empty_is_an_empty_string_or_zero() -> None:
    call = read(document("<sendRequestXML><ticket/><strHCPResponse></strHCPResponse></sendRequestXML>"))
    assert call.text("ticket") == call.text("strHCPResponse") == call.text("qbXMLCountry") == ""
    assert call.number("qbXMLMajorVers") == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [("13", 13), (" 13\n", 13), ("13.0", 0), ("x", 0), ("9" * 5000, 0), ("١٣", 0), ("-1", 0)],
)
def test_a_number_that_is_none_is_zero(text: str, number: int) -> None:
    assert (
        read(document(f"<m><qbXMLMajorVers>{text}</qbXMLMajorVers></m>")).number("qbXMLMajorVers") == number
    )


def test_the_answer_is_unescaped_once_and_no_more() -> None:
    inner = '<?xml version="1.0" ?><QBXML a="x &amp; &quot;y&quot;">é\n</QBXML>'
    call = read(
        document(
            f"<receiveResponseXML><response>{reply.escape(inner).decode()}</response></receiveResponseXML>"
        )
    )
    assert call.text("response") == inner


def test_a_large_answer_comes_in_pieces_that_are_given_up_as_they_are_read() -> None:
    text = "&lt;Name&gt;Tea&lt;/Name&gt;" * 100_000
    call = read(document(f"<receiveResponseXML><response>{text}</response></receiveResponseXML>"), 65536)
    pieces = call.drain("response")
    first = next(pieces)
    assert 0 < len(first) <= PIECE_CHARACTERS
    assert first + "".join(pieces) == "<Name>Tea</Name>" * 100_000
    assert call.text("response") == ""


DEEP = b"<a>" * 3_500_000
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(10)
)
HOSTILE = {
    "doctype": b'<!DOCTYPE soap SYSTEM "http://127.0.0.1:9/x.dtd">' + PLAIN,
    "doctype after a comment": b"<!-- x --><!DOCTYPE a>" + PLAIN,
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + PLAIN.replace(b">pw<", b">&x;<"),
    "billion laughs": LAUGHS + b"]>" + PLAIN.replace(b">pw<", b">&k;<"),
    "entity without a document type": PLAIN.replace(b">pw<", b">&x;<"),
    "10 MB of nested elements": DEEP,
    "nested elements in the header": PLAIN.replace(b"<s:Body>", b"<s:Header>" + b"<a>" * 20 + b"</a>" * 20 + b"</s:Header><s:Body>"),
    "many elements": PLAIN.replace(b"<s:Body>", b"<s:Header>" + b"<a/>" * 200_000 + b"</s:Header><s:Body>"),
    "200,000 attributes": b"<s:Envelope " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b">",
    "a hundred attributes": b"<s:Envelope " + b" ".join(b'a%d="1"' % n for n in range(100)) + b"></s:Envelope>",
    "an endless tag": b"<s:Envelope " + b"x" * 20_000_000,
    "an endless comment": b"<s:Envelope><!--" + b"x" * 20_000_000,
    "an endless attribute": b'<s:Envelope a="' + b"x" * 20_000_000,
    "an endless instruction": b"<?x " + b"x" * 20_000_000,
    "UTF-16": PLAIN.decode().encode("utf-16"),
    "UTF-16 without a mark": PLAIN.decode().encode("utf-16-le"),
    "UTF-32": PLAIN.decode().encode("utf-32"),
    "UTF-7 declared": b'<?xml version="1.0" encoding="UTF-7"?>' + PLAIN,
    "Latin-1 declared": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + PLAIN,
    "UTF-16 declared": b'<?xml version="1.0" encoding="UTF-16"?>' + PLAIN,
    "Latin-1 bytes": PLAIN.replace(b">oak<", b">\xe9t\xe9<"),
    "overlong UTF-8": PLAIN.replace(b">oak<", b">\xc0\xbc<"),
    "a surrogate": PLAIN.replace(b">oak<", b">\xed\xa0\x80<"),
    "cut": PLAIN[:-20],
    "empty": b"",
    "only blanks": b" \r\n",
    "binary": bytes(range(256)) * 40,
    "JSON": b'{"method": "authenticate"}',
    "HTML": b"<html><body>hello</body></html>",
    "no body": f'<s:Envelope xmlns:s="{ENV}"/>'.encode(),
    "empty body": document(""),
    "two documents": PLAIN + PLAIN,
    "a control character": PLAIN.replace(b">oak<", b">\x07<"),
    "a control character by number": PLAIN.replace(b">oak<", b">&#7;<"),
    "markup in a parameter": document("<receiveResponseXML><response><QBXML/></response></receiveResponseXML>"),
    "a parameter twice": document("<m><ticket>a</ticket><ticket>b</ticket></m>"),
    "a parameter in two spellings": document("<m><strCompanyFileName>a</strCompanyFileName><strCompanyFilename>b</strCompanyFilename></m>"),
    "a user name of megabytes": document("<authenticate><strUserName>" + "x" * 5_000_000 + "</strUserName></authenticate>"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_with_one_sentence(name: str) -> None:
    begun = time.process_time()
    with pytest.raises(SoapUnreadable) as refusal:
        read(HOSTILE[name], 65536)
    assert time.process_time() - begun < 2.0
    assert refusal.value.what.endswith(".")
    assert "\n" not in refusal.value.what


@pytest.mark.parametrize("method", ["serverVersion", "authenticate"])
def test_an_answer_is_read_back_as_it_was_written(method: str) -> None:
    said = reply.result(method, 'a & <b> ]]> "c" é 日本 &amp;')
    assert said.startswith(b"<?xml")
    assert (
        read(said.replace(f"{method}Response".encode(), b"m")).text(f"{method}Result")
        == 'a & <b> ]]> "c" é 日本 &amp;'
    )


def test_the_empty_second_string_is_really_there() -> None:
    said = reply.result("authenticate", ["T", ""])
    assert b"<authenticateResult><string>T</string><string></string></authenticateResult>" in said
    assert b'<authenticateResponse xmlns="http://developer.intuit.com/">' in said


@pytest.mark.parametrize(
    ("text", "can"),
    [
        ("plain", True),
        ("tab\t\r\n", True),
        ("日本 é 😀", True),
        ("\x00", False),
        ("\x1f", False),
        ("\ud800", False),
        ("\ufffe", False),
        ("\uffff", False),
    ],
)
def test_only_what_xml_can_carry_is_carried(text: str, can: bool) -> None:
    assert reply.carries(text) is can
