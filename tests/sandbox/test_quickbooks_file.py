"""The simulated company file: saved whole or not at all, restored, condensed, changed by hand."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from quickbooks_bench import (
    GUID,
    ROOT,
    Bench,
    applied,
    credit_memo,
    customer,
    invoice,
    line,
    payment,
    receipt,
    refund,
    sale,
    shop_bench,
    stock_item,
)

from qbconsole.sandbox.quickbooks import CompanyFile, NotACompanyFile

D = Decimal


def busy() -> Bench:
    """A file with something of everything."""
    bench = shop_bench(xsd=None)
    bench.file.preferences.closing_date = date(2026, 1, 31)
    bench.done(stock_item("Bowl", "10", "4.00"))
    bench.done(sale("SalesReceipt", line("SalesReceipt", "Bowl", "30.00", quantity="3"), memo="&#233;"))
    owed = bench.done(invoice(("Taxed mug", "10.00"), tax="State")).text("TxnID")
    memo = bench.done(credit_memo(("Mug", "4.00"))).text("TxnID")
    bench.done(payment("5.00", applied(owed, "5.00")))
    bench.done(refund(memo, "1.00"))
    bench.done(
        f"<DataExtDefAddRq><DataExtDefAdd><OwnerID>{GUID}</OwnerID><DataExtName>Marker</DataExtName>"
        "<DataExtType>STR255TYPE</DataExtType><AssignToObject>Company</AssignToObject></DataExtDefAdd></DataExtDefAddRq>"
    )
    bench.done(
        f"<DataExtAddRq><DataExtAdd><OwnerID>{GUID}</OwnerID><DataExtName>Marker</DataExtName>"
        "<OtherDataExtType>Company</OtherDataExtType><DataExtValue>1</DataExtValue></DataExtAdd></DataExtAddRq>"
    )
    address = "<BillAddress><Addr1>1 Main St</Addr1><City>Leeds</City></BillAddress>"
    bench.done(customer("Grace", address))
    bench.raw(receipt(("Mug", "2.00")), ids=' newMessageSetID="S1"')
    bench.file.delete_document(bench.done(receipt(("Mug", "1.00"))).text("TxnID"), bench.now)
    return bench


def everything(bench: Bench, file: CompanyFile) -> tuple[object, ...]:
    """All a file can show, also through its answers."""
    bench.qb.file = file
    asked = "<TxnDeletedQueryRq><TxnDelType>SalesReceipt</TxnDelType></TxnDeletedQueryRq>"
    hello = bench.qb.hello()
    answers = bench.raw("<CustomerQueryRq/><ItemQueryRq/><AccountQueryRq/><PreferencesQueryRq/>" + asked)
    again = bench.raw(receipt(("Mug", "2.00")), ids=' newMessageSetID="S1"')
    return hello, answers, again, file.documents(), file.trial_balance(), file.ledger_by_day()


def test_a_loaded_file_is_the_file_that_was_saved(tmp_path):
    bench = busy()
    bench.file.save(tmp_path / "oak.qbw")
    loaded = CompanyFile.load(tmp_path / "oak.qbw")
    original = bench.file
    assert everything(bench, loaded) == everything(bench, original)
    bench.qb.file = loaded
    assert bench.done(receipt(("Mug", "1.00"))).text("TxnNumber") == str(original.last_number + 1)


def test_saving_again_writes_only_what_changed_and_loads_the_same(tmp_path):
    bench = busy()
    place = tmp_path / "oak.qbw"
    bench.file.save(place)
    size = place.stat().st_size
    bench.file.void_document(bench.file.documents("SalesReceipt")[0].txn_id, bench.now)
    bench.file.delete_record("Customer", "Bob", bench.now)
    bench.file.save(place)
    assert 0 < place.stat().st_size - size < size / 2
    assert everything(bench, CompanyFile.load(place)) == everything(bench, bench.file)


def test_a_save_cut_off_in_the_middle_is_not_read(tmp_path):
    bench = busy()
    place = tmp_path / "oak.qbw"
    bench.file.save(place)
    whole = place.read_bytes()
    before = bench.file.documents()
    bench.done(receipt(("Mug", "9.00")))
    bench.file.save(place)
    appended = place.read_bytes()[len(whole) :]
    for cut in range(0, len(appended) - 1, 97):
        place.write_bytes(whole + appended[:cut])
        assert CompanyFile.load(place).documents() == before
    place.write_bytes(whole + appended)
    assert len(CompanyFile.load(place).documents()) == len(before) + 1


def test_a_file_replaced_behind_our_back_is_written_whole(tmp_path):
    bench = busy()
    place = tmp_path / "oak.qbw"
    bench.file.save(place)
    place.write_text("something else")
    bench.file.save(place)
    assert CompanyFile.load(place).documents() == bench.file.documents()
    place.unlink()
    bench.file.save(place)
    assert CompanyFile.load(place).documents() == bench.file.documents()


@pytest.mark.parametrize("text", ["", "something else", '["saved"]'])
def test_what_is_no_company_file_is_said_so(tmp_path, text):
    place = tmp_path / "oak.qbw"
    place.write_text(text)
    with pytest.raises(NotACompanyFile):
        CompanyFile.load(place)


CHILD = """
import sys
from quickbooks_bench import shop_bench, receipt
from pathlib import Path
bench = shop_bench(xsd=None)
place = Path(sys.argv[1])
number = 0
while True:
    number += 1
    bench.done(receipt(("Mug", "1.00"), ref=str(number)))
    bench.file.save(place)
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


@pytest.mark.slow
def test_a_killed_process_leaves_everything_it_said_it_saved(tmp_path):
    place = tmp_path / "oak.qbw"
    paths = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(place)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    with child:
        assert child.stdout is not None
        said = [int(child.stdout.readline()) for _ in range(25)]
        child.send_signal(signal.SIGKILL)
        said += [int(text) for text in child.stdout.read().splitlines()]
    saved = [int(one.ref_number) for one in CompanyFile.load(place).documents()]
    assert saved[: len(said)] == said
    assert saved == list(range(1, len(saved) + 1))
    assert CompanyFile.load(place).trial_balance()["Undeposited Funds"] == len(saved)


def test_a_restored_backup_forgets_what_came_after_and_tells_when(tmp_path):
    bench = busy()
    place, backup = tmp_path / "oak.qbw", tmp_path / "oak.qbb"
    bench.file.save(place)
    shutil.copy(place, backup)
    before, ledger = bench.file.documents(), bench.file.trial_balance()
    bench.raw(receipt(("Mug", "9.00"), ref="late"), ids=' newMessageSetID="S2"')
    bench.later(hours=1)
    bench.file.restore(backup, bench.now)
    assert (bench.file.documents(), bench.file.trial_balance()) == (before, ledger)
    shown = bench.done("<CompanyActivityQueryRq/>")
    assert shown.text("LastRestoreTime") == "2026-03-02T13:00:00+00:00"
    assert (
        'messageSetStatusCode="9002"'
        in bench.raw("", ids=' oldMessageSetID="S2" newMessageSetID="S2"').response
    )
    bench.file.save(place)
    assert CompanyFile.load(place).last_restore_time == bench.now


def test_a_copy_put_in_place_by_hand_tells_no_restore_time(tmp_path):
    bench = busy()
    place = tmp_path / "oak.qbw"
    bench.file.save(place)
    assert CompanyFile.load(place).last_restore_time is None


def test_condensing_keeps_balances_and_removes_closed_documents():
    bench = shop_bench()
    bench.done(receipt(("Mug", "5.00"), day="2025-05-01"))
    bench.done(invoice(("Mug", "6.00"), day="2025-05-02"))
    bench.done(receipt(("Mug", "7.00")))
    before = bench.file.trial_balance()
    bench.file.condense(date(2026, 1, 1), bench.now)
    assert bench.file.trial_balance() == before
    assert [one.kind for one in bench.file.documents()] == ["Invoice", "SalesReceipt", "JournalEntry"]
    assert bench.done("<CompanyActivityQueryRq/>").text("LastCondenseTime").startswith("2026-03-02")


# -- by hand -------------------------------------------------------------------------------------------


def test_staff_edits_change_amounts_dates_and_the_edit_sequence():
    bench = shop_bench()
    txn_id = bench.done(receipt(("Taxed mug", "100.00"), tax="State")).text("TxnID")
    before = bench.document(txn_id)
    bench.later(minutes=5)
    bench.file.edit_document(
        txn_id,
        now=bench.now,
        amounts={0: D("200.00")},
        memo="changed",
        ref_number="77",
        txn_date=date(2026, 3, 9),
    )
    after = bench.document(txn_id)
    assert (after.total, after.tax_total, after.memo) == (D("214.50"), D("14.50"), "changed")
    assert after.edit_sequence > before.edit_sequence
    assert after.time_modified == "2026-03-02T12:05:00+00:00"
    assert list(bench.file.ledger_by_day()) == [date(2026, 3, 9)]
    found = bench.one("<SalesReceiptQueryRq><RefNumber>1001</RefNumber></SalesReceiptQueryRq>")
    assert found.code == 500
    assert (
        bench.done("<SalesReceiptQueryRq><RefNumber>77</RefNumber></SalesReceiptQueryRq>").text("TxnID")
        == txn_id
    )


def test_staff_edits_of_an_invoice_change_what_is_open():
    bench = shop_bench()
    owed = bench.done(invoice(("Mug", "10.00"))).text("TxnID")
    bench.done(payment("4.00", applied(owed, "4.00")))
    bench.file.edit_document(owed, now=bench.now, amounts={0: D("12.00")})
    assert bench.document(owed).open == D("8.00")
    assert bench.balance("Accounts Receivable") == D("8.00")


def test_renaming_an_account_takes_its_children_along():
    bench = Bench()
    bench.ask(
        "<AccountAddRq><AccountAdd><Name>Till</Name><ParentRef><FullName>Checking</FullName></ParentRef>"
        "<AccountType>Bank</AccountType></AccountAdd></AccountAddRq>"
    )
    bench.file.rename_account("Checking", "Main", bench.now)
    assert {"Main", "Main:Till"} < set(bench.file.listed("Account"))
    with pytest.raises(KeyError):
        bench.file.rename_account("Checking", "Other", bench.now)


def test_the_owner_reads_lines_and_postings():
    bench = busy()
    filed = bench.file.documents("SalesReceipt")[0]
    assert (filed.lines[0].item, filed.lines[0].quantity, filed.lines[0].tax_code) == ("Bowl", "3", "Non")
    assert filed.lines[0].account == "Merchandise Sales"
    assert filed.memo == "é"
    assert sum(amount for _, amount, _ in filed.postings) == 0
