"""`pull --from-file`: a file is taken whole or not at all, and what is wrong names its line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from builders import SHOP, an_order

from qbconsole.errors import InputUnreadable
from qbconsole.sources.files import read_file

ORDER = "gid://shopify/Order/1"


@pytest.fixture
def written(tmp_path: Path):
    def write(content: object, name: str = "shop.json") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def _lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _refused(path: Path, match: str, where: str = "") -> None:
    with pytest.raises(InputUnreadable, match=match) as refused:
        read_file(path)
    assert where in str(refused.value.where)


def test_a_file_is_its_shop_and_its_rows(written):
    file = read_file(
        written(
            {"shop": SHOP, "orders": [an_order()], "payouts": [{"payout": {}}], "closing_date": "2026-02-28"}
        )
    )
    assert file.shop["myshopifyDomain"] == "oak.myshopify.com"
    assert {kind: len(rows) for kind, rows in file.rows.items()} == {"order": 1, "payout": 1}
    assert file.closing_date == date(2026, 2, 28)


def test_lists_may_be_absent_null_or_connections(written):
    file = read_file(
        written({"shop": SHOP, "orders": {"nodes": [an_order()]}, "disputes": None, "closing_date": None})
    )
    assert (len(file.rows["order"]), "dispute" in file.rows, file.closing_date) == (1, False, None)


@pytest.mark.parametrize(
    ("content", "match", "where"),
    [
        (b'{"shop": {},\n "orders": [', "no JSON", "shop.json:2"),
        (b'{"shop": {},\n "orders": x}', "no JSON", "shop.json:2"),
        (b"\xff\xfe", "no JSON", "shop.json:1"),
        (b"[" * 100_000, "nested too deeply", "shop.json"),
        (b"[]", "no JSON object", "shop.json:1"),
        (b"{}", 'no "shop"', "shop.json:1"),
        ({"shop": SHOP, "orders": "x"}, "no list", "shop.json"),
        ({"shop": SHOP, "orders": [1]}, "row 1 is no object", "shop.json"),
        ({"shop": SHOP, "closing_date": "soon"}, "no date", "shop.json"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(written, content, match, where):
    _refused(written(content), match, where)


def test_a_file_that_is_not_there_says_so(tmp_path):
    _refused(tmp_path / "none.json", "cannot be read", "none.json")


def test_bulk_lines_are_joined_to_their_parents_in_any_order(written):
    rows = [
        {"id": "gid://shopify/ProductSale/1", "__parentId": "gid://shopify/OrderAgreement/1"},
        {"id": "gid://shopify/LineItem/1", "__parentId": ORDER},
        {"id": ORDER, "name": "#1", "refunds": None, "transactions": []},
        {"id": "gid://shopify/OrderAgreement/1", "__parentId": ORDER},
        {"id": "gid://shopify/Refund/1", "__parentId": ORDER},
        {"id": "gid://shopify/OrderTransaction/1", "__parentId": ORDER},
    ]
    (order,) = read_file(written(_lines(*rows), "orders.jsonl")).rows["order"]
    assert [row["id"] for row in order["lineItems"]["nodes"]] == ["gid://shopify/LineItem/1"]
    (agreement,) = order["agreements"]["nodes"]
    assert (
        len(agreement["sales"]["nodes"]) == len(order["refunds"]["nodes"]) == len(order["transactions"]) == 1
    )


@pytest.mark.parametrize(
    ("content", "match", "where"),
    [
        (_lines({"id": ORDER})[:-1] + b'\n{"id": "gid', "middle of a line", "orders.jsonl:2"),
        (b'{"id": 1}\n{x}\n', "line 2 is no JSON", "orders.jsonl:2"),
        (b"[1]\n", "no object", "orders.jsonl:1"),
        (b"[" * 100_000 + b"\n", "nested too deeply", "orders.jsonl:1"),
        (_lines({"id": "gid://shopify/Product/1"}), "unknown kind", "orders.jsonl:1"),
        (_lines({"id": "gid://shopify/LineItem/1", "__parentId": ORDER}), "unknown parent", "orders.jsonl:1"),
        (
            _lines({"id": ORDER}, {"id": "gid://shopify/Metafield/1", "__parentId": ORDER}),
            "unknown kind 'Metafield'",
            "orders.jsonl:2",
        ),
    ],
)
def test_what_is_wrong_with_bulk_lines_is_named(written, content, match, where):
    _refused(written(content, "orders.jsonl"), match, where)


def test_a_last_line_without_its_end_is_fine_when_it_is_whole(written):
    assert len(read_file(written(_lines({"id": ORDER})[:-1], "orders.jsonl")).rows["order"]) == 1


BOUGHT = {"number": "PO-7", "vendor": "Clay & Co", "orderedAt": "2026-03-01", "lines": []}


def test_a_purchase_told_twice_in_one_file_counts_once(written):
    file = read_file(written({"shop": SHOP, "purchases": [BOUGHT, BOUGHT | {"number": "PO-8"}, BOUGHT]}))
    assert [row["number"] for row in file.rows["purchase"]] == ["PO-7", "PO-8"]


def test_two_purchases_of_one_number_in_one_file_are_refused(written):
    path = written(
        {"shop": SHOP, "purchases": [BOUGHT, BOUGHT | {"number": "PO-8"}, BOUGHT | {"vendor": "Loam"}]}
    )
    _refused(path, '"purchases" row 1 and row 3 both have the number PO-7 and differ', "shop.json")
