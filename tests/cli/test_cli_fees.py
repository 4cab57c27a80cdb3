"""`pull --fees`: a gateway's table from the command line."""

from __future__ import annotations


def test_a_table_is_taken_once_and_a_wrong_line_is_named(run, tmp_path):
    path = tmp_path / "fees.csv"
    path.write_text("date;fee;currency;id\n31.01.2026;0,59;USD;A1\n", encoding="utf-8")
    told = run("--json", "pull", "--fees", str(path), "--gateway", "paypal").json
    assert (told["new"], told["warnings"]) == (1, [])
    assert run("--json", "pull", "--fees", str(path), "--gateway", "paypal").json["same"] == 1
    path.write_text("date,fee,currency\n2026-01-31,0.59,USD\nTotal,0.59,\n", encoding="utf-8")
    refused = run("pull", "--fees", str(path), "--gateway", "paypal")
    assert refused.status == 2
    assert "fees.csv:3" in refused.err


def test_fees_stand_alone(run, tmp_path):
    path = tmp_path / "fees.csv"
    path.write_text("date,fee,currency\n", encoding="utf-8")
    assert run("pull", "--fees", str(path), "--since", "30d").status == 2
    assert run("pull", "--gateway", "paypal").status == 2
    assert run("pull", "--fees", str(path)).status == 0
