"""Message sets of the simulated QuickBooks: nothing runs twice under one id, as long as it is remembered."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from quickbooks_bench import Bench, customer, message_set, receipt, shop_bench


def ids(new: str = "", old: str = "") -> str:
    text = f' oldMessageSetID="{old}"' if old else ""
    return text + (f' newMessageSetID="{new}"' if new else "")


def status(bench: Bench, body: str = "", **names: str) -> tuple[str | None, int]:
    """messageSetStatusCode, and how many requests were answered."""
    answer = bench.raw(body, ids=ids(**names))
    root = ElementTree.fromstring(answer.response)[0]
    return root.get("messageSetStatusCode"), len(root)


@pytest.fixture
def bench() -> Bench:
    return shop_bench()


def test_the_same_set_again_is_answered_from_memory_and_not_run(bench):
    text = message_set(receipt(("Mug", "5.00")), ids=ids("S1"))
    first, second = bench.qb.process(text), bench.qb.process(text)
    assert first == second
    assert 'newMessageSetID="S1" messageSetStatusCode="0"' in first.response
    assert len(bench.file.documents()) == 1


def test_other_bytes_under_the_same_id_are_9001_and_run_nothing(bench):
    status(bench, receipt(("Mug", "5.00")), new="S1")
    assert status(bench, receipt(("Mug", "6.00")), new="S1") == ("9001", 0)
    assert len(bench.file.documents()) == 1


def test_a_blank_more_is_other_bytes(bench):
    text = message_set(receipt(("Mug", "5.00")), ids=ids("S1"))
    bench.qb.process(text)
    assert 'messageSetStatusCode="9001"' in bench.qb.process(text.replace("</QBXML>", " </QBXML>")).response


def test_a_status_check_gives_the_stored_answer_or_9002(bench):
    assert status(bench, new="S1", old="S1") == ("9002", 0)
    status(bench, receipt(("Mug", "5.00")), new="S1")
    assert status(bench, new="S1", old="S1") == ("0", 1)
    assert status(bench, new="S1", old="S1") == ("0", 1)


def test_an_old_id_alone_forgets(bench):
    status(bench, receipt(("Mug", "5.00")), new="S1")
    assert status(bench, old="S1") == ("0", 0)
    assert status(bench, old="S1") == ("600", 0)
    assert status(bench, new="S1", old="S1") == ("9002", 0)


def test_a_chained_set_forgets_the_one_before(bench):
    status(bench, receipt(("Mug", "5.00")), new="S1")
    assert status(bench, receipt(("Mug", "5.00")), new="S2", old="S1") == ("0", 1)
    assert status(bench, new="S1", old="S1") == ("9002", 0)


def test_an_id_beyond_24_characters_is_9004_and_runs_nothing():
    bench = shop_bench(xsd=None)
    assert status(bench, customer("Eve"), new="x" * 25) == ("9004", 0)
    assert status(bench, customer("Eve"), new="x" * 24) == ("0", 1)


def test_without_ids_nothing_is_remembered_and_everything_runs(bench):
    assert status(bench, receipt(("Mug", "5.00"))) == (None, 1)
    assert status(bench, receipt(("Mug", "5.00"))) == (None, 1)
    assert len(bench.file.documents()) == 2


def test_a_set_that_cannot_be_parsed_is_not_remembered(bench):
    broken = message_set(receipt(("Mug", "5.0")), ids=ids("S1"))
    assert bench.qb.process(broken).hresult == "0x80040400"
    assert status(bench, new="S1", old="S1") == ("9002", 0)


def test_a_refusal_is_remembered_too(bench):
    assert status(bench, customer("Ada"), new="S1") == ("0", 1)
    bench.file.delete_record("Customer", "Ada", bench.now)
    assert "3100" in bench.raw(customer("Ada"), ids=ids("S1")).response


def test_memory_may_hold_only_the_newest_set(bench):
    bench.qb.retention = "newest"
    status(bench, customer("Eve"), new="S1")
    status(bench, customer("Zoe"), new="S2")
    assert status(bench, new="S1", old="S1") == ("9002", 0)
    assert status(bench, new="S2", old="S2") == ("0", 1)


def test_memory_may_hold_nothing_and_then_a_set_runs_twice(bench):
    bench.qb.retention = "none"
    for _ in range(2):
        assert status(bench, receipt(("Mug", "5.00")), new="S1") == ("0", 1)
    assert len(bench.file.documents()) == 2
