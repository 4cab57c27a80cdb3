"""The simulated QuickBooks refuses whole sets, stops after errors, and fails when told to."""

from __future__ import annotations

from pathlib import Path

import pytest
from quickbooks_bench import XSD, Bench, customer, message_set, receipt, shop_bench

from qbconsole.sandbox.quickbooks import Unreachable

PARSE = "0x80040400"
INTUIT = Path(__file__).resolve().parents[2] / "../shared/reference/qbxml-xsd/qbxmlops160.xsd"


def refused(bench: Bench, text: str) -> bool:
    before = bench.file.documents(), bench.file.listed("Entity")
    answer = bench.qb.process(text)
    assert (bench.file.documents(), bench.file.listed("Entity")) == before
    return answer.hresult == PARSE and answer.response == ""


def test_a_set_without_the_qbxml_instruction_is_refused():
    assert refused(Bench(), message_set(customer("Ada")).replace('<?qbxml version="16.0"?>', ""))


@pytest.mark.parametrize("version", ["17.0", "12.9", "x"])
def test_a_version_the_host_does_not_speak_is_refused(version):
    assert refused(Bench(), message_set(customer("Ada"), version=version))


def test_an_older_host_refuses_a_newer_version_and_takes_an_older_one():
    bench = Bench(qbxml="13.0")
    assert refused(bench, message_set(customer("Ada"), version="16.0"))
    assert bench.one(customer("Ada"), version="13.0").code == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not xml",
        "<QBXML><QBXMLMsgsRq",
        '<?qbxml version="16.0"?><QBXML></QBXML>',
        '<?qbxml version="16.0"?><Other><QBXMLMsgsRq onError="stopOnError"/></Other>',
        '<?qbxml version="16.0"?><QBXML><QBXMLMsgsRq/></QBXML>',
        '<?qbxml version="16.0"?><QBXML><QBXMLMsgsRq onError="sometimes"/></QBXML>',
        '<!DOCTYPE QBXML [<!ENTITY a "b">]><?qbxml version="16.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>',
    ],
)
def test_what_is_no_message_set_is_refused(text):
    assert refused(Bench(xsd=None), text)


@pytest.mark.parametrize(
    "xsd",
    [
        pytest.param(XSD, id="ours"),
        pytest.param(
            INTUIT, marks=pytest.mark.skipif(not INTUIT.exists(), reason="no Intuit XSD"), id="Intuit"
        ),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        receipt(("Mug", "5.00"), memo="m").replace("<RefNumber>", "<Memo>x</Memo><RefNumber>"),
        customer("n" * 42),
        receipt(("Mug", "5.0")),
        receipt(("Mug", "5.00")).replace("<TxnDate>", "<Colour>red</Colour><TxnDate>"),
        receipt(),
        receipt(("Mug", "5.00"), ref="123456789012"),
        receipt(("Mug", "5.00"), day="02.03.2026"),
    ],
    ids=["order", "long name", "one decimal", "unknown element", "no line", "long number", "date"],
)
def test_one_breach_of_the_schema_refuses_the_whole_set(xsd, body):
    bench = shop_bench(xsd=xsd)
    good = customer("Grace")
    assert refused(bench, message_set(good + body))
    assert bench.one(good).code == 0


def test_an_iterator_where_quickbooks_has_none_refuses_the_set():
    bench = Bench(xsd=None)
    body = '<AccountQueryRq iterator="Start"><MaxReturned>5</MaxReturned></AccountQueryRq>'
    assert refused(bench, message_set(body))


def test_a_raw_letter_beyond_windows_1252_refuses_the_set():
    assert refused(Bench(), message_set(customer("東京")))


def test_the_same_letter_as_an_entity_is_stored_as_a_question_mark_for_ever():
    bench = Bench()
    reply = bench.done(customer("&#26481; caf&#233;"))
    assert reply.text("Name") == "? café"
    assert "? café" in bench.file.listed("Customer")


def test_answers_carry_letters_beyond_ascii_as_entities():
    bench = Bench()
    answer = bench.raw(customer("caf&#233; &amp; &lt;b&gt;"))
    assert "caf&#233; &amp; &lt;b&gt;" in answer.response
    assert answer.response.isascii()


def test_after_an_error_the_rest_comes_back_3231_under_stop_on_error():
    replies = Bench().ask(customer("A:B") + customer("Ada"), on_error="stopOnError")
    assert [reply.code for reply in replies] == [3090, 3231]
    assert [reply.severity for reply in replies] == ["Error", "Error"]


def test_after_an_error_the_rest_runs_under_continue_on_error():
    replies = Bench().ask(customer("A:B") + customer("Ada"))
    assert [reply.code for reply in replies] == [3090, 0]


def test_rollback_on_error_is_not_supported_and_runs_nothing():
    bench = Bench(xsd=None)
    assert bench.one(customer("Ada"), on_error="rollbackOnError").code == 1030
    assert "Ada" not in bench.file.listed("Customer")


def test_a_request_quickbooks_does_not_know_is_1030():
    assert Bench(xsd=None).code("<HorseAddRq/>") == 1030


def test_a_request_id_beyond_50_characters_is_1060_and_a_shorter_one_is_echoed():
    bench = Bench(xsd=None)
    text = customer("Ada").replace("<CustomerAddRq>", '<CustomerAddRq requestID="{}">')
    assert bench.code(text.format("x" * 51)) == 1060
    assert bench.one(text.format('a"&amp;b'.replace('"', "&quot;"))).element.get("requestID") == 'a"&b'


def test_a_request_without_id_gets_an_answer_without_id():
    assert Bench().one(customer("Ada")).element.get("requestID") is None


def test_include_none_gives_statuses_without_data():
    reply = Bench(xsd=None).one(customer("Ada"), ids=' responseData="includeNone"')
    assert reply.code == 0
    assert len(reply.element) == 0


def test_an_open_dialog_blocks_sets_and_the_first_call():
    bench = Bench()
    bench.qb.dialog_open = True
    assert bench.raw(customer("Ada")).hresult == "0x80040414"
    with pytest.raises(Unreachable) as caught:
        bench.qb.hello()
    assert caught.value.hresult == "0x80040414"
    bench.qb.dialog_open = False
    assert bench.one(customer("Ada")).code == 0


def test_a_quickbooks_that_is_down_answers_its_hresult_until_it_is_back():
    bench = Bench()
    bench.qb.down = "0x8004040A"
    assert [bench.raw(customer("Ada")).hresult for _ in range(2)] == ["0x8004040A"] * 2
    bench.qb.down = ""
    assert bench.one(customer("Ada")).code == 0


def test_a_failure_before_anything_ran_leaves_nothing():
    bench = Bench()
    bench.qb.fail_next("0x80040402")
    assert bench.raw(customer("Ada")).hresult == "0x80040402"
    assert bench.one(customer("Ada")).code == 0


def test_a_failure_in_the_middle_leaves_what_ran_and_no_memory_of_the_set():
    bench = Bench()
    bench.qb.fail_next("0x80040402", ran=1)
    body = customer("Ada") + customer("Grace")
    assert bench.raw(body, ids=' newMessageSetID="S1"').hresult == "0x80040402"
    assert {"Ada", "Grace"} & set(bench.file.listed("Customer")) == {"Ada"}
    assert [one.code for one in bench.ask(body, ids=' newMessageSetID="S1"')] == [3100, 0]


def test_a_lost_answer_was_run_and_is_remembered():
    bench = Bench()
    bench.qb.fail_next("0x80040402", ran=-1, remembered=True)
    ids = ' newMessageSetID="S1"'
    assert bench.raw(customer("Ada"), ids=ids).hresult == "0x80040402"
    assert bench.one(customer("Ada"), ids=ids).code == 0


def test_a_single_request_can_be_refused_by_order():
    bench = Bench()
    bench.qb.refuse_next("CustomerAddRq", 3175, "The list could not be locked. It is in use by another user.")
    assert [one.code for one in bench.ask(customer("Ada") + customer("Ada"))] == [3175, 0]


def test_the_first_call_tells_host_company_and_preferences():
    text = Bench(edition="Enterprise").qb.hello()
    for part in (
        '<HostQueryRs requestID="0"',
        '<CompanyQueryRs requestID="1"',
        '<PreferencesQueryRs requestID="2"',
    ):
        assert part in text
    assert "QuickBooks Enterprise" in text
    assert "<QBFileMode>SingleUser</QBFileMode>" in text
    assert "<SupportedQBXMLVersion>16.0</SupportedQBXMLVersion>" in text


@pytest.mark.parametrize("country", ["CA", "UK"])
def test_another_edition_says_its_country_and_has_no_american_sales_tax(country):
    bench = Bench(country=country)
    text = bench.qb.hello()
    assert f"<Country>{country}</Country>" in text
    assert "<SalesTaxPreferences>" not in text


def test_multi_user_mode_is_reported():
    bench = Bench()
    bench.qb.mode = "multi"
    assert bench.done("<HostQueryRq/>").text("QBFileMode") == "MultiUser"


def test_another_instruction_before_the_root_does_no_harm():
    bench = Bench()
    text = message_set(customer("Ada")).replace("<QBXML>", "<?other x?><QBXML>")
    assert 'statusCode="0"' in bench.qb.process(text).response
