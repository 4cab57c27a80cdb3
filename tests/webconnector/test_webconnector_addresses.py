"""Where we may listen, the .qwc file, tickets and the order of calls."""

from __future__ import annotations

import dataclasses
import uuid
from xml.etree import ElementTree

import pytest

from qbconsole.errors import ListenError, UsageError
from qbconsole.webconnector.listen import allowed_address
from qbconsole.webconnector.qwc import QwcFile, qwc
from qbconsole.webconnector.session import Call, Stage, follow, new_ticket

FILE = QwcFile(
    company="oak",
    company_name="Oak & Ember <LLC>",
    user="oak-qbwc",
    url="https://books.example.com/qbwc",
    owner_id=uuid.UUID("90a44fb7-33d9-4815-ac85-ac86a7e7d1eb"),
    file_id=uuid.UUID("57f3b9b1-86f1-4fcc-b1ee-566de1813d20"),
)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_this_machine_needs_nothing(host: str) -> None:
    assert allowed_address(host) == host


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "192.168.1.4", "books.example.com", "127.0.0.1.example.com"]
)
def test_other_addresses_need_tls_or_a_proxy(host: str) -> None:
    with pytest.raises(ListenError) as refusal:
        allowed_address(host)
    assert "--tls-cert" in refusal.value.next
    assert allowed_address(host, behind_proxy=True) == host
    assert allowed_address(host, tls_cert="c.pem", tls_key="k.pem") == host


def test_half_of_a_tls_pair_is_refused_everywhere() -> None:
    for pair in ({"tls_cert": "c.pem"}, {"tls_key": "k.pem"}):
        with pytest.raises(ListenError):
            allowed_address("127.0.0.1", **pair)


def test_the_qwc_file_holds_what_the_web_connector_needs_and_no_password() -> None:
    text = qwc(FILE)
    values = {row.tag: row.text or "" for row in ElementTree.fromstring(text.encode())}
    assert ElementTree.fromstring(text.encode()).tag == "QBWCXML"
    assert values["OwnerID"] == "{90a44fb7-33d9-4815-ac85-ac86a7e7d1eb}"
    assert values["FileID"] == "{57f3b9b1-86f1-4fcc-b1ee-566de1813d20}"
    assert values["AppURL"] == values["AppSupport"] == FILE.url
    assert values["AppDescription"] == "Shopify books for Oak & Ember <LLC>"
    assert (values["QBType"], values["Style"], values["UserName"]) == ("QBFS", "Document", "oak-qbwc")
    assert "<RunEveryNMinutes>15</RunEveryNMinutes>" in text
    assert "assword" not in text
    assert qwc(FILE) == text


def test_two_companies_never_share_a_name() -> None:
    other = dataclasses.replace(FILE, company="elm")
    for tag in ("AppName", "AppDisplayName", "AppUniqueName"):
        assert ElementTree.fromstring(qwc(FILE).encode()).findtext(tag) != ElementTree.fromstring(
            qwc(other).encode()
        ).findtext(tag)


def test_a_long_or_hostile_company_name_stays_a_short_description() -> None:
    text = qwc(dataclasses.replace(FILE, company_name="Oak\x1b\u202e" * 60))
    description = ElementTree.fromstring(text.encode()).findtext("AppDescription") or ""
    assert len(description) <= 80
    assert "\x1b" not in description


def test_the_scheduler_may_be_left_out() -> None:
    assert "Scheduler" not in qwc(dataclasses.replace(FILE, every_minutes=None))
    assert "umpOptional" in qwc(dataclasses.replace(FILE, unattended=False))


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://books.example.com/qbwc"},
        {"url": "http://127.0.0.1:8080/qbwc"},
        {"url": "http://localhost.example.com/"},
        {"url": "ftp://localhost/"},
        {"url": "https://"},
        {"url": "https://user:pw@books.example.com/"},
        {"url": "https://books.example.com/a b"},
        {"url": "https://books.example.com:port/"},
        {"url": ""},
        {"support_url": "https://intuit.com/help"},
        {"support_url": "https://evilbooks.example.com.attacker.net/"},
        {"user": " "},
        {"company": "a\nb"},
        {"every_minutes": 0},
    ],
)
def test_what_the_web_connector_would_refuse_is_refused_here(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        qwc(dataclasses.replace(FILE, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "support"),
    [
        ("http://localhost:8080/qbwc", ""),
        ("http://localhost:8080/qbwc", "http://localhost:8080/help"),
        ("https://books.example.com/qbwc", "https://example.com/help"),
        ("https://example.com/qbwc", "https://www.example.com/help"),
    ],
)
def test_https_and_localhost_are_taken(url: str, support: str) -> None:
    assert f"<AppURL>{url}</AppURL>" in qwc(dataclasses.replace(FILE, url=url, support_url=support))


def test_tickets_do_not_repeat_and_look_like_a_guid() -> None:
    tickets = {new_ticket() for _ in range(50_000)}
    assert len(tickets) == 50_000
    assert all(str(uuid.UUID(ticket)) == ticket for ticket in list(tickets)[:100])


def test_a_normal_session_follows_the_table() -> None:
    stage: Stage | None = Stage.OPEN
    walk = [
        Call.SEND,
        Call.SEND,
        Call.RECEIVE,
        Call.RECEIVE,
        Call.SEND,
        Call.RECEIVE,
        Call.LAST_ERROR,
        Call.CLOSE,
        Call.CLOSE,
    ]
    for call in walk:
        assert stage is not None
        stage = follow(stage, call)
    assert stage is Stage.CLOSED


@pytest.mark.parametrize(
    ("stage", "call"),
    [
        (Stage.OPEN, Call.RECEIVE),
        (Stage.CLOSED, Call.SEND),
        (Stage.CLOSED, Call.RECEIVE),
        (Stage.ENDING, Call.SEND),
    ],
)
def test_calls_out_of_order_are_seen(stage: Stage, call: Call) -> None:
    assert follow(stage, call) is None


@pytest.mark.parametrize("stage", list(Stage))
def test_good_bye_is_always_in_order(stage: Stage) -> None:
    assert follow(stage, Call.CLOSE) is Stage.CLOSED
    assert follow(stage, Call.LAST_ERROR) is stage
