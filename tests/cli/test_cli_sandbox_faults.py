"""One fault by hand: what cannot be read is told before anything is asked, and docs name every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbconsole.cli.rehearsing import _mishaps, _refusals
from qbconsole.errors import UsageError
from qbconsole.sandbox.connector import FaultKind

DOCS = Path(__file__).parents[2] / "docs" / "simulation.md"


def test_every_kind_of_fault_can_be_named_and_stands_in_the_docs():
    text = DOCS.read_text(encoding="utf-8")
    for kind in FaultKind:
        word = kind.value.replace(" ", "-")
        assert _mishaps([f"{word}:2"])[2].kind is kind
        assert f"`{word}`" in text


def test_a_refusal_is_named_with_or_without_its_ending():
    assert _refusals(["SalesReceiptAdd=3180", "InvoiceAddRq=3140"]) == [
        ("SalesReceiptAddRq", 3180),
        ("InvoiceAddRq", 3140),
    ]


@pytest.mark.parametrize("word", ["lose-answer", "lose-answer:x", "explode:1", ""])
def test_a_fault_that_cannot_be_read_is_refused_with_the_kinds(word):
    with pytest.raises(UsageError) as told:
        _mishaps([word])
    assert "lose-answer" in told.value.next


def test_the_command_tells_a_mistake_and_makes_no_company_file(process, tmp_path):
    words = ("sandbox", "quickbooks", "--user", "oak", "--file", str(tmp_path / "oak.json"), "--once")
    told = process(*words, "--refuse", "SalesReceiptAdd", env={"QBCONSOLE_QBWC_PASSWORD": "x"})
    assert told.status == 2
    assert "SalesReceiptAdd=3180" in told.err
    assert not (tmp_path / "oak.json").exists()
