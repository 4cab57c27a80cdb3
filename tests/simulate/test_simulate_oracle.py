"""The oracle itself: worlds with one defect each are told, each by its own sentence; sound ones are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from oracle_worlds import by_hand, detailed, document, doubled, said, summary, with_file

from qbconsole.rehearsal.simulate.world import Told, Unfinished, Written

OAK = "Oak & Ember LLC"
CENT = Decimal("0.01")


def told(world, law):
    """The sentences about that law, and none about another."""
    found = said(world)
    assert {one for one, _ in found} == {law}
    return {sentence for _, sentence in found}


@pytest.mark.parametrize("world", [detailed, summary])
def test_sound_worlds_are_not_accused(world):
    assert said(world()) == set()


def test_a_document_added_twice_is_told_by_its_key():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    doubled(world, receipt.txn_id)
    key = receipt.memo.partition("[")[2].rstrip("]")
    assert f"{key} stands 2 times in {OAK}." in told(world, "exactly once")


def test_a_document_added_again_under_another_key_is_told_by_what_it_says():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    doubled(world, receipt.txn_id, memo=receipt.memo.replace("/1/0]", "/1/1]"))
    (sentence,) = told(world, "exactly once")
    assert sentence == (
        f"SalesReceipt {receipt.ref_number} of {receipt.txn_date} over {receipt.total:.2f} "
        f"stands more than once in {OAK}, under different keys."
    )


def test_a_doubled_order_without_any_key_is_told_too():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    doubled(world, receipt.txn_id, memo="Shopify #1001")
    assert len(told(world, "exactly once")) == 1


def test_a_cent_too_much_is_told_with_its_account_and_day():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    more = receipt.lines[0].amount + CENT
    world.companies[0].right.file.edit_document(receipt.txn_id, now=world.ended, amounts={0: more})
    (sentence,) = told(world, "the amounts are the shop's")
    assert sentence.startswith(f"{OAK}, order #1001: Shopify Payments Clearing on {receipt.txn_date}")
    assert f"income on {receipt.txn_date}" in sentence


@pytest.mark.parametrize(
    ("fired", "planned", "accused"),
    [
        ({"F34": 1}, "less", False),
        ({"F34": 1}, "another", True),  # the flag asks for another difference
        ({}, "less", True),  # our database knew all the time
    ],
)
def test_only_a_difference_that_a_flag_asks_to_correct_after_our_database_went_back_is_not_told(
    fired, planned, accused
):
    world = detailed()
    receipt = document(world, "SalesReceipt")
    more = receipt.lines[0].amount + CENT
    world.companies[0].right.file.edit_document(receipt.txn_id, now=world.ended, amounts={0: more})
    there = document(world, "SalesReceipt").total
    asked = there - (CENT if planned == "less" else 3 * CENT)
    flag = Told(
        merchant="oak-ember",
        subject=receipt.memo.partition("[")[2].rstrip("]"),
        where="SalesReceipt",
        reason="amounts_differ",
        sentence=f"QuickBooks recorded {there:.2f}, planned were {asked:.2f}.",
        next_step="Open the document in QuickBooks and correct it there, then release this.",
        is_flag=True,
    )
    world = replace(world, told=(*world.told, flag), fired={**fired})
    assert bool(said(world)) is accused


def test_a_missing_refund_is_told():
    world = detailed()
    file = world.companies[0].right.file
    file.delete_document(document(world, "ARRefundCreditCard").txn_id, world.ended)
    file.delete_document(document(world, "CreditMemo").txn_id, world.ended)
    (sentence,) = told(world, "the amounts are the shop's")
    assert "order #1002" in sentence
    assert "stands at 0.00, the shop says" in sentence


def test_a_missing_order_is_told_by_its_name():
    world = detailed()
    world.companies[0].right.file.delete_document(document(world, "SalesReceipt").txn_id, world.ended)
    assert told(world, "nothing is lost") == {f"Order #1001 is nowhere in {OAK}."}


def test_a_document_on_the_wrong_day_is_told():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    later = receipt.txn_date + timedelta(days=1)
    world.companies[0].right.file.edit_document(receipt.txn_id, now=world.ended, txn_date=later)
    (sentence,) = told(world, "the amounts are the shop's")
    assert f"on {receipt.txn_date} stands at 0.00" in sentence
    assert sentence.endswith("and 3 more.")


def test_what_the_shop_did_and_nobody_sent_is_told():
    world = detailed()
    shop = world.merchants[0].shop
    shop.add_refund("#1003")
    (sentence,) = told(world, "the amounts are the shop's")
    assert "order #1003" in sentence


def test_a_missing_day_of_sums_is_told():
    world = summary()
    journal = document(world, "JournalEntry")
    world.companies[0].right.file.delete_document(journal.txn_id, world.ended)
    (sentence,) = told(world, "the amounts are the shop's")
    assert f"on {journal.txn_date}" in sentence
    assert "all that is not one order's" in sentence


def test_a_day_that_is_not_over_is_not_missed():
    world = summary()
    world.merchants[0].shop.add_refund("#1001")
    assert said(replace(world, ended=world.merchants[0].shop.world.end)) == set()


def test_a_document_voided_by_hand_is_what_the_script_says():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    world.companies[0].right.file.void_document(receipt.txn_id, world.ended)
    assert said(by_hand(world, receipt, "voided", "gone")) == set()
    (sentence,) = told(by_hand(world, receipt, "voided", "again"), "the amounts are the shop's")
    assert "order #1001" in sentence


def test_a_deleted_document_that_came_back_unasked_is_told():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    (sentence,) = told(by_hand(world, receipt, "deleted", "gone"), "the amounts are the shop's")
    assert f"stands at {receipt.total:.2f}, the shop says 0.00" in sentence


def test_a_document_edited_by_hand_stays_as_it_was_edited():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    more = receipt.lines[0].amount + CENT
    world.companies[0].right.file.edit_document(receipt.txn_id, now=world.ended, amounts={0: more})
    assert said(by_hand(world, receipt, "edited", "kept")) == set()


def test_a_document_changed_twice_by_hand_is_what_was_wanted_last():
    world = detailed()
    receipt, right = document(world, "SalesReceipt"), world.companies[0].right.file
    right.edit_document(receipt.txn_id, now=world.ended, memo=f"Seen. {receipt.memo}")
    right.void_document(receipt.txn_id, world.ended)
    assert said(by_hand(by_hand(world, receipt, "edited", "kept"), receipt, "voided", "gone")) == set()
    assert said(by_hand(by_hand(world, receipt, "edited", "kept"), receipt, "voided", "again")) != set()


def test_what_an_older_file_took_back_is_no_change_any_more():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    deleted = by_hand(world, receipt, "deleted", "gone")
    assert said(replace(deleted, fired={"F31": 1})) == set()
    assert said(deleted) != set()
    lost = by_hand(world, replace(receipt, txn_id="9-1"), "edited", "kept")
    assert said(replace(lost, fired={"F31": 1})) == set()


def test_a_condensed_file_is_held_against_its_balances():
    world = detailed()
    file = world.companies[0].right.file
    last = document(world, "SalesReceipt", -1)
    file.condense(last.txn_date, world.ended)
    assert said(world) == set()
    doubled(world, last.txn_id, memo="by another program")
    assert len(told(world, "exactly once")) == 1


def condensed(world, *edited):
    """The world with its file condensed after what was edited there: (document, what to edit)."""
    (company,) = world.companies
    file = company.right.file
    for one, changes in edited:
        file.edit_document(one.txn_id, now=world.ended, **changes)
    archive = tuple(file.documents())
    file.condense(document(world, "SalesReceipt", -1).txn_date, world.ended)
    right = replace(company.right, archive=archive)
    return replace(world, companies=(replace(company, files=(right,)),))


def test_what_was_edited_by_hand_and_then_condensed_stays_as_it_was_edited():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    more = receipt.lines[0].amount + CENT
    edited = condensed(by_hand(world, receipt, "edited", "kept"), (receipt, {"amounts": {0: more}}))
    assert receipt.txn_id not in edited.companies[0].right.file.filed
    assert said(edited) == set()
    (sentence,) = told(replace(edited, by_hand=()), "the amounts are the shop's")
    assert "on all days" in sentence


def test_what_an_older_file_took_back_before_it_was_condensed_is_no_change_any_more():
    world = detailed()
    receipt = document(world, "SalesReceipt")
    deleted = by_hand(world, receipt, "deleted", "gone")
    back = condensed(deleted)
    early = replace(back.by_hand[0], at=world.ended - timedelta(hours=1))
    assert said(replace(back, fired={"F31": 1}, by_hand=(early,))) == set()
    assert said(replace(back, by_hand=(early,))) != set()
    # What is in the copy of that very moment was deleted after it.
    for at in (world.ended, world.ended + timedelta(hours=1)):
        late = replace(back.by_hand[0], at=at)
        assert said(replace(back, fired={"F31": 1}, by_hand=(late,))) != set()


def test_writing_into_a_wrong_file_is_told():
    world = detailed()
    added = Written(at=world.ended, connector="A", set_id="S", text="<SalesReceiptAddRq>", made=("1",))
    (sentence,) = told(with_file(world, "other", added), "nothing is written into a wrong file")
    assert sentence.startswith(f"1 sets with 1 documents of {OAK} were written into the other one, another")
    named = Written(at=world.ended, connector="A", set_id="S", text='<CustomerAddRq requestID="1">')
    (sentence,) = told(with_file(world, "copy", named), "nothing is written into a wrong file")
    assert "a copy of it" in sentence


def test_looking_at_a_wrong_file_is_allowed():
    world = detailed()
    asked = Written(at=world.ended, connector="A", set_id="", text="<CompanyQueryRq/>")
    assert said(with_file(world, "other", asked)) == set()


def test_what_does_not_finish_is_told():
    world = replace(detailed(), finished=False, sessions_after=8, sessions_limit=8)
    (sentence,) = told(world, "everything finishes")
    assert sentence.startswith("After 8 sessions without a fault")


def test_a_company_that_is_still_stopped_is_told():
    world = detailed()
    (company,) = world.companies
    stopped = replace(world, companies=(replace(company, stopped="another file is open"),))
    assert told(stopped, "everything finishes") == {f"{OAK} is still stopped: another file is open"}


def hold(**changed):
    facts = {
        "merchant": "oak-ember",
        "subject": "order/1",
        "where": "order #1001",
        "reason": "refused",
        "sentence": "QuickBooks refused it.",
        "next_step": "Mend it.",
    }
    return Told(**facts | changed)


def test_what_is_still_held_is_told_unless_the_shop_says_why():
    world = detailed()
    held = replace(world, told=(hold(),))
    assert told(held, "everything finishes") == {
        "order #1001 is still held (refused): QuickBooks refused it."
    }
    number = world.merchants[0].shop.orders[0]["legacyResourceId"]
    wrongly = hold(subject=f"order/{number}", reason="test_order", sentence="It is a test order.")
    assert len(told(replace(world, told=(wrongly,)), "everything finishes")) == 1
    assert said(replace(world, told=(hold(is_flag=True),))) == set()


def test_a_hold_without_a_next_step_is_told():
    held = hold(reason="awaiting_payout", next_step="")
    assert told(replace(detailed(), told=(held,)), "a reason for everything") == {
        "order/1 is held (awaiting_payout) without a sentence or a next step."
    }


def test_what_is_unfinished_and_not_told_is_told():
    one = Unfinished(
        key="qbc1/oak-ember/order/1/1/0",
        company="oak",
        merchant="oak-ember",
        kind="SalesReceipt",
        state="planned",
        request="in_doubt",
    )
    assert told(replace(detailed(), unfinished=(one,)), "a reason for everything") == {
        "qbc1/oak-ember/order/1/1/0 is planned (in_doubt) and nobody is told why."
    }
