"""A table of fees is taken as it comes from gateways, or refused by line: never guessed at, never half."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qbconsole.errors import InputUnreadable
from qbconsole.sources.cells import CellUnreadable, amount, day
from qbconsole.sources.fees import read_fees


@pytest.fixture
def table(tmp_path):
    def write(text, **how):
        path = tmp_path / "fees.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return read_fees(path, **how)

    return write


def test_a_plain_table(table):
    rows = table("Date,Gateway,Fee,Currency,Reference\n2026-01-05,PayPal,0.59,USD,T-1\n")
    assert rows == [
        {
            "id": "paypal-T-1",
            "gateway": "PayPal",
            "date": "2026-01-05",
            "amount": "0.59",
            "currencyCode": "USD",
            "reference": "T-1",
        }
    ]


def test_paypals_own_export_says_its_sign_and_its_name(table):
    head = (
        '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","Transaction ID"\r\n'
    )
    rows = table(
        b"\xef\xbb\xbf"
        + (
            head
            + '"01/31/2026","10:00:00","PST","A","Website Payment","Completed","USD","1,020.00","-29.88","990.12","9AB"\r\n'
            + '"01/05/2026","10:00:00","PST","B","Refund","Completed","USD","-20.00","0.29","-19.71","9AC"\r\n'
            + '"01/05/2026","10:00:00","PST","","Withdrawal","Completed","USD","-500.00","0.00","-500.00","9AD"\r\n'
            + '"01/06/2026","10:00:00","PST","C","Website Payment","Pending","USD","20.00","-0.88","19.12","9AE"\r\n'
        ).encode()
    )
    told = [(row["id"], row["gateway"], row["date"], row["amount"]) for row in rows]
    assert told == [
        ("paypal-9AB", "paypal", "2026-01-31", "29.88"),
        ("paypal-9AC", "paypal", "2026-01-05", "-0.29"),
    ]


def test_semicolons_and_decimal_commas(table):
    rows = table(
        "Datum;Date;Amount;Currency\nx;31.01.2026;1.234,56 €;eur\nx;01.02.2026;(0,35);EUR\n", gateway="Klarna"
    )
    assert [(row["date"], row["amount"], row["currencyCode"]) for row in rows] == [
        ("2026-01-31", "1234.56", "EUR"),
        ("2026-02-01", "-0.35", "EUR"),
    ]


def test_the_same_content_twice_is_two_fees_and_the_same_two_at_every_import(table):
    text = "date,fee\n2026-01-05,0.30\n\n2026-01-05,0.30\n"
    one, two = (table(text, gateway="stripe", currency="USD") for _ in range(2))
    assert one == two
    assert len({row["id"] for row in one}) == 2


def test_every_bad_line_is_named(table):
    text = (
        "date,gateway,fee,currency\n2026-01-05,p,1.00,USD\n2026-02-30,p,1.00,USD\n"
        '2026-01-05,"p\nq",abc,USD\n2026-01-05,p,0.005,USD\n2026-01-05,,1.00,USD\n2026-01-05,p,1.00,Dollar\n'
    )
    with pytest.raises(InputUnreadable) as refused:
        table(text)
    assert refused.value.where == "fees.csv:3"
    assert refused.value.what.startswith("5 lines cannot be read: fees.csv:3: ")
    assert "fees.csv:4: 'abc' is no amount" in refused.value.what
    assert "fees.csv:6: '0.005' is no amount of USD" in refused.value.what
    assert "fees.csv:7: the gateway is not told" in refused.value.what
    assert "fees.csv:8: 'DOLLAR' is no currency code" in refused.value.what


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("", "empty", "fees.csv:1"),
        ("fee\n1\n", "no column holds the date", "fees.csv:1"),
        ("date,gross\n", "no column holds the fee", "fees.csv:1"),
        ("date,fee,fee\n", "two columns", "fees.csv:1"),
        ("date,fee\n2026-01-05,1,2\n", "3 cells", "fees.csv:2"),
        ('date,fee\n2026-01-05,"1\n', "no CSV", "fees.csv:2"),
        (b"date,fee\n2026-01-05,1 \xa3\n", "UTF-8", "fees.csv"),
        ("date,fee\n2026-01-05,-1.00\n2026-01-06,-2.00\n", "every fee in the file is negative", "fees.csv:2"),
        ("date,fee,id\n2026-01-05,1.00,A\n2026-01-06,2.00,A\n", "twice", "fees.csv:3"),
        ("date,fee,gross,net\n2026-01-05,1.00,20.00,18.00\n", "do not make net", "fees.csv:2"),
        ("date,fee\n05/06/2026,1.00\n", "day or the month", "fees.csv:2"),
    ],
)
def test_what_cannot_be_read_one_way_only_is_refused(table, text, words, where):
    with pytest.raises(InputUnreadable, match=words) as refused:
        table(text, gateway="p", currency="USD")
    assert refused.value.where == where


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(InputUnreadable, match="cannot be read"):
        read_fees(tmp_path / "none.csv")


def test_one_date_of_the_file_tells_how_all_are_written(table):
    rows = table("date,fee\n05/06/2026,1.00\n31/01/2026,1.00\n", gateway="p", currency="USD")
    assert [row["date"] for row in rows] == ["2026-06-05", "2026-01-31"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1.23", "1.23"), ("1,23", "1.23"), ("$1,234.50", "1234.50"), ("1.234,50", "1234.50")),
        *(
            ("-$0.35", "-0.35"),
            ("$-0.35", "-0.35"),
            ("(1.00)", "-1.00"),
            ("\u22121", "-1"),
            ("1 234,5", "1234.5"),
        ),
        *(("1,234,567", "1234567"), ("0,125", "0.125"), ("+2", "2"), (".5", "0.5"), ("(-1)", "1")),
    ],
)
def test_amounts(text, value):
    assert amount(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "-", "1,234", "1.2.3", "12,34,567", "1e3", "NaN", "٣", "1-", "USD 1", "1,,2"]
)
def test_amounts_that_are_none(text):
    with pytest.raises(CellUnreadable):
        amount(text)


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "32.01.2026", "20260105", "2026-01-05x"])
def test_dates_that_are_none(text):
    with pytest.raises(CellUnreadable):
        day(text, by_day=None)


def test_a_time_behind_the_date_is_left_out():
    assert day("2026-01-05 23:59:59", by_day=None).isoformat() == "2026-01-05"
    assert day("01/01/2026", by_day=None).isoformat() == "2026-01-01"
