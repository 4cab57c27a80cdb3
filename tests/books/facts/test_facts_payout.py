"""Payouts: each row by its type, the money to the bank, and what becomes of a payout that fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from facts_beside_orders import (
    ACCRUED,
    SETTINGS,
    SHOP,
    a_payout,
    a_row,
    checked,
    keys,
    money,
    paid_out,
    posted,
    read,
    reasons,
)
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from qbconsole.books.facts.payout.draw import draw_payout
from qbconsole.books.plan import DocumentKind
from qbconsole.books.policy import Policy, Settings
from qbconsole.money import Money

#: Two charges, a refund, a lost dispute with its fee, a label and money held back:
#: amounts 100.00 + 50.00 - 20.00 - 30.00 - 5.00 - 10.00, fees 3.20 + 1.75 + 15.00, net 65.05.
ROWS = (
    a_row(1, "CHARGE", "100.00", "3.20"),
    a_row(2, "CHARGE", "50.00", "1.75", at="03-03"),
    a_row(3, "REFUND", "-20.00"),
    a_row(4, "DISPUTE_WITHDRAWAL", "-30.00", "15.00", at="03-03"),
    a_row(5, "SHIPPING_LABEL", "-5.00"),
    a_row(6, "RESERVED_FUNDS", "-10.00"),
)
PAID = {
    "clearing:shopify_payments": "-130.00",
    "chargebacks": "30.00",
    "shipping_labels": "5.00",
    "reserve": "10.00",
    "merchant_fees": "4.95",
    "chargeback_fees": "15.00",
    "bank": "65.05",
}


def test_a_paid_payout_is_one_deposit_with_a_line_for_each_role_and_type():
    drawn = paid_out(a_payout(ROWS))
    (deposit,) = drawn.plans
    assert posted(drawn) == {"03-04": PAID}
    assert (deposit.kind, deposit.money_role, deposit.money) == (
        DocumentKind.DEPOSIT,
        "bank",
        Money.of("65.05", "USD"),
    )
    assert [(line.label, line.role, line.amount.text()) for line in deposit.lines] == [
        ("Charge", "clearing:shopify_payments", "150.00"),
        ("Refund", "clearing:shopify_payments", "-20.00"),
        ("Dispute withdrawal", "chargebacks", "-30.00"),
        ("Shipping label", "shipping_labels", "-5.00"),
        ("Reserved funds", "reserve", "-10.00"),
        ("Fees", "merchant_fees", "-4.95"),
        ("Fees", "chargeback_fees", "-15.00"),
    ]
    assert (deposit.key, deposit.number, deposit.memo) == (
        "qbc1/oak-ember/payout/987/1/0",
        "987",
        "Shopify payout 987, 2026-03-04",
    )
    assert (keys(drawn), drawn.holds) == (["payout/987"], ())


def test_it_is_dated_the_shop_day_it_was_issued():
    assert paid_out(a_payout(ROWS, issued="03-05 04:59")).plans[0].on == date(2026, 3, 4)


@pytest.mark.parametrize("status", ["SCHEDULED", "IN_TRANSIT", "CANCELED", "scheduled"])
def test_a_payout_still_to_come_or_cancelled_posts_nothing_and_asks_nobody(status):
    drawn = paid_out(a_payout(ROWS, status=status))
    assert (drawn.events, drawn.plans, drawn.holds) == ((), (), ())


def test_an_unknown_status_waits_for_a_person():
    drawn = paid_out(a_payout(ROWS, status="ACTION_REQUIRED"))
    assert (drawn.plans, reasons(drawn)) == ((), ["unknown_kind"])


def test_a_failed_payout_keeps_its_fees_and_stands_in_transit():
    drawn = paid_out(a_payout(ROWS, status="FAILED"))
    want = {role: amount for role, amount in PAID.items() if role != "bank"} | {"payouts_in_transit": "65.05"}
    assert posted(drawn) == {"03-04": want}
    assert drawn.plans[0].kind is DocumentKind.JOURNAL_ENTRY


def test_a_payout_that_fails_after_it_was_paid_leaves_the_bank_again():
    first = paid_out(a_payout(ROWS))
    after = paid_out(a_payout(ROWS, status="FAILED"), booked=first.plans)
    assert keys(after) == ["payout/987", "payout/987.failed"]
    assert posted(after) == {"03-04": {"bank": "-65.05", "payouts_in_transit": "65.05"}}
    assert after.plans[0].key == "qbc1/oak-ember/payout/987.failed/1/0"
    assert after.events[0] == first.events[0]


def test_its_return_in_the_next_payout_clears_what_stood_in_transit():
    failed = paid_out(a_payout(ROWS, status="FAILED"))
    again = paid_out(a_payout([a_row(9, "TRANSFER_FAILURE", "65.05", at="03-06")], issued="03-07"))
    assert posted(failed)["03-04"]["payouts_in_transit"] == "65.05"
    assert posted(again) == {"03-07": {"payouts_in_transit": "-65.05", "bank": "65.05"}}


def test_every_change_of_mind_moves_the_money_once():
    booked = paid_out(a_payout(ROWS)).plans
    seen = []
    for status in ("PAID", "FAILED", "FAILED", "PAID", "FAILED", "FAILED"):
        after = paid_out(a_payout(ROWS, status=status), booked=booked)
        seen.append([plan.members[0].event_key for plan in after.plans])
        booked = (*booked, *after.plans)
    assert seen == [[], ["payout/987.failed"], [], ["payout/987.paid"], ["payout/987.failed.3"], []]
    amounts = [
        posting.amount.amount for plan in booked for posting in plan.postings if posting.role == "bank"
    ]
    assert sum(amounts) == 0


def test_a_failed_payout_that_arrives_after_all_moves_to_the_bank():
    first = paid_out(a_payout(ROWS, status="FAILED"))
    after = paid_out(a_payout(ROWS), booked=first.plans)
    assert posted(after) == {"03-04": {"bank": "65.05", "payouts_in_transit": "-65.05"}}
    assert keys(after) == ["payout/987", "payout/987.paid"]


def test_what_moves_afterwards_is_what_was_booked_also_where_the_rows_are_told_otherwise_since():
    back = a_row(9, "TRANSFER_FAILURE", "40.00", at="03-03")
    for rows, booked in ((ROWS, "65.05"), ((*ROWS, back), "105.05")):
        first = paid_out(a_payout(rows, status="FAILED"))
        after = paid_out(a_payout([*rows, a_row(7, "ADJUSTMENT", "2.00")]), booked=first.plans)
        assert posted(after) == {"03-04": {"bank": booked, "payouts_in_transit": f"-{booked}"}}
        assert after.events[0].digest != first.events[0].digest


@pytest.mark.parametrize(("status", "then"), [("PAID", "PAID"), ("PAID", "FAILED"), ("FAILED", "PAID")])
def test_a_payout_of_nothing_told_otherwise_since_moves_nothing(status, then):
    rows = [a_row(1, "CHARGE", "10.00", "0.50"), a_row(2, "REFUND", "-9.50")]
    first = paid_out(a_payout(rows, status=status))
    after = paid_out(a_payout([*rows, a_row(3, "ADJUSTMENT", "5.00")], status=then), booked=first.plans)
    assert after.plans == ()
    assert after.events[0].digest != first.events[0].digest


def test_a_payout_that_is_booked_and_then_cancelled_is_told_otherwise():
    first = paid_out(a_payout(ROWS))
    after = paid_out(a_payout(ROWS, status="CANCELED"), booked=first.plans)
    assert after.plans == ()
    assert after.events[0].digest != first.events[0].digest


def test_a_withdrawal_is_a_journal_entry_whichever_way_its_net_is_signed():
    rows = [a_row(1, "CHARGE", "10.00", "0.59"), a_row(2, "REFUND", "-50.00")]
    for net in ("-40.59", "40.59"):
        drawn = paid_out(a_payout(rows, net=net))
        want = {"bank": "-40.59", "clearing:shopify_payments": "40.00", "merchant_fees": "0.59"}
        assert posted(drawn) == {"03-04": want}
        assert drawn.plans[0].kind is DocumentKind.JOURNAL_ENTRY


def test_a_payout_of_nothing_with_rows_is_a_journal_entry():
    drawn = paid_out(a_payout([a_row(1, "CHARGE", "10.00"), a_row(2, "RESERVED_FUNDS", "-10.00")]))
    assert posted(drawn) == {"03-04": {"clearing:shopify_payments": "-10.00", "reserve": "10.00"}}
    assert drawn.plans[0].kind is DocumentKind.JOURNAL_ENTRY


@pytest.mark.parametrize("rows", [(), (a_row(1, "CHARGE", "9.00"), a_row(2, "REFUND", "-9.00"))])
def test_where_nothing_moves_nothing_happened(rows):
    drawn = paid_out(a_payout(rows))
    assert (drawn.events, drawn.plans, drawn.holds) == ((), (), ())


def test_the_payouts_own_row_and_test_rows_are_left_out():
    own = a_row(8, "TRANSFER", "-96.80")
    tried = a_row(9, "CHARGE", "77.00", test=True)
    drawn = paid_out(a_payout([ROWS[0], own, tried]))
    assert posted(drawn)["03-04"]["bank"] == "96.80"
    assert drawn.holds == ()


def test_a_payout_of_test_rows_only_is_held_as_a_test():
    drawn = paid_out(a_payout([a_row(9, "CHARGE", "77.00", test=True)], net="77.00"))
    assert (drawn.plans, reasons(drawn)) == ((), ["test_order"])


def test_a_row_of_unknown_type_is_posted_and_flagged():
    drawn = paid_out(a_payout([ROWS[0], a_row(2, "MOON_TAXI", "-6.80")]))
    assert posted(drawn)["03-04"]["payout_adjustments"] == "6.80"
    (flag,) = drawn.holds
    assert (flag.reason, flag.is_flag, flag.subject) == ("unknown_balance_row", True, "payout/987")
    assert "-6.80 USD" in flag.sentence
    assert "MOON_TAXI" in flag.sentence


def test_a_won_dispute_comes_back_by_the_sign_of_its_amount():
    rows = [a_row(1, "DISPUTE_REVERSAL", "30.00", "-15.00"), a_row(2, "CHARGEBACK_HOLD_RELEASE", "10.00")]
    want = {"bank": "55.00", "chargebacks": "-30.00", "chargeback_fees": "-15.00", "reserve": "-10.00"}
    assert posted(paid_out(a_payout(rows))) == {"03-04": want}


@pytest.mark.parametrize(
    "raw",
    [
        a_payout([a_row(1, "CHARGE", "10.00 CAD", "0.59")], net="9.41 CAD"),
        a_payout([ROWS[0], a_row(2, "CHARGE", "10.00 CAD", "0.59")], net="96.80"),
        a_payout([ROWS[0] | {"fee": money("3.20 CAD")}], net="96.80"),
        a_payout([ROWS[0]], net="96.80 EUR"),
    ],
)
def test_money_of_another_currency_is_held(raw):
    drawn = paid_out(raw)
    assert (drawn.plans, reasons(drawn), keys(drawn)) == ((), ["currency_mismatch"], ["payout/987"])


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (a_payout([a_row(1, "CHARGE", "10.00", "0.59", net="9.40")]), "row 1 .* -0.01 USD apart"),
        (a_payout(ROWS, net="65.06"), "rows come to 65.05 USD, Shopify says 65.06 USD: 0.01 USD apart"),
        (a_payout([], net="41.90"), "rows come to 0.00 USD, Shopify says 41.90 USD"),
        (
            a_payout([ROWS[0]], summary={"chargesGross": "100.00", "chargesFee": "3.21"}),
            "summary to 96.79 USD",
        ),
    ],
)
def test_what_does_not_add_up_is_held_with_the_difference(raw, told):
    drawn = paid_out(raw)
    assert (drawn.plans, reasons(drawn)) == ((), ["does_not_add_up"])
    assert drawn.holds[0].subject == "payout/987"
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(drawn.holds[0].sentence)


CHARGED = {"chargesGross": "150.00", "chargesFee": "4.95"}


@pytest.mark.parametrize(
    "summary",
    [
        {},
        {"chargesGross": "0.00", "chargesFee": "0.00", "refundsFeeGross": "0.00"},
        CHARGED
        | {"refundsFeeGross": "-20.00", "adjustmentsGross": "-35.00", "adjustmentsFee": "15.00"}
        | {"reservedFundsGross": "-10.00"},
        CHARGED
        | {"refundsFeeGross": "20.00", "adjustmentsGross": "-35.00", "adjustmentsFee": "-15.00"}
        | {"reservedFundsGross": "10.00"},
        CHARGED
        | {"refundsFeeGross": "20.00", "adjustmentsGross": "35.00", "adjustmentsFee": "15.00"}
        | {"reservedFundsGross": "10.00", "usdcRebateCreditAmount": "0.75 USDC"},
    ],
)
def test_a_summary_agrees_in_whatever_way_its_source_signs_it(summary):
    drawn = paid_out(a_payout(ROWS, summary=summary))
    assert (posted(drawn), drawn.holds) == ({"03-04": PAID}, ())


def test_a_payout_before_the_start_is_held_and_one_after_it_posts_its_older_rows():
    late = replace(SETTINGS, start=date(2026, 3, 5))
    assert reasons(paid_out(a_payout(ROWS), late)) == ["before_start"]
    assert posted(paid_out(a_payout(ROWS), replace(SETTINGS, start=date(2026, 3, 4)))) == {"03-04": PAID}


def test_without_its_date_a_payout_waits():
    raw = a_payout(ROWS)
    raw["payout"]["issuedAt"] = None
    assert reasons(paid_out(raw)) == ["incomplete_order"]


# Fees on their own days


def test_fees_of_their_own_day_leave_the_balance_before_the_payout():
    drawn = paid_out(a_payout(ROWS), ACCRUED)
    main = {role: amount for role, amount in PAID.items() if role not in ("merchant_fees", "chargeback_fees")}
    assert posted(drawn) == {
        "03-02": {"merchant_fees": "3.20", "clearing:shopify_payments": "-3.20"},
        "03-03": {
            "merchant_fees": "1.75",
            "chargeback_fees": "15.00",
            "clearing:shopify_payments": "-16.75",
        },
        "03-04": main | {"clearing:shopify_payments": "-110.05"},  # 130.00 less the 19.95 of fees
    }
    assert keys(drawn) == ["fee/1", "fee/2", "fee/4", "payout/987"]
    assert [plan.number + plan.suffix for plan in drawn.plans] == ["987F0302", "987F0303", "987"]
    assert [[member.event_key for member in plan.members] for plan in drawn.plans[:2]] == [
        ["fee/1"],
        ["fee/2", "fee/4"],
    ]


def test_a_row_of_a_cancelled_payout_and_the_next_one_is_one_fee_event():
    cancelled = paid_out(a_payout(ROWS, status="CANCELED"), ACCRUED)
    raw = a_payout(ROWS)
    raw["payout"]["legacyResourceId"] = "988"
    assert cancelled.events == ()
    assert keys(paid_out(raw, ACCRUED)) == ["fee/1", "fee/2", "fee/4", "payout/988"]


def test_fees_older_than_the_start_stay_in_their_payout():
    drawn = paid_out(a_payout(ROWS), replace(ACCRUED, start=date(2026, 3, 3)))
    assert sorted(posted(drawn)) == ["03-03", "03-04"]
    assert posted(drawn)["03-04"]["merchant_fees"] == "3.20"


def test_a_policy_changed_after_booking_posts_no_fee_twice_and_loses_none():
    whole, accrued = paid_out(a_payout(ROWS)), paid_out(a_payout(ROWS), ACCRUED)
    assert keys(paid_out(a_payout(ROWS), ACCRUED, booked=whole.plans)) == ["payout/987"]
    # One fee document is still missing (its day was closed): it is drawn whatever the policy says now.
    rest = paid_out(a_payout(ROWS), SETTINGS, booked=accrued.plans[1:])
    assert [plan.key for plan in rest.plans] == [plan.key for plan in accrued.plans[:2]]


def test_a_failed_payout_with_fees_of_their_own_days():
    drawn = paid_out(a_payout(ROWS, status="FAILED"), ACCRUED)
    assert posted(drawn)["03-04"]["payouts_in_transit"] == "65.05"
    assert posted(drawn)["03-03"]["chargeback_fees"] == "15.00"


# Laws

CENTS = st.integers(-(10**7), 10**7).map(lambda cents: Money.from_minor(cents, "USD").text())
TYPES = st.sampled_from(
    [
        "CHARGE",
        "REFUND",
        "DISPUTE_WITHDRAWAL",
        "CHARGEBACK_FEE",
        "RESERVED_FUNDS",
        "ADJUSTMENT",
        "NEW",
        "TRANSFER",
    ]
)
SOME_ROWS = st.lists(
    st.tuples(TYPES, CENTS, CENTS, st.booleans(), st.sampled_from(["03-01", "03-02 03:00", "03-03"])),
    max_size=8,
).map(
    lambda rows: [
        a_row(at, kind, amount, fee, test=test, at=day)
        for at, (kind, amount, fee, test, day) in enumerate(rows, start=1)
    ]
)
POLICIES = st.sampled_from([SETTINGS, ACCRUED])


@examples(max_examples=80, deadline=None)
@given(rows=SOME_ROWS, status=st.sampled_from(["PAID", "FAILED"]), policy=POLICIES)
def test_laws_of_any_payout(rows, status, policy):
    raw = a_payout(rows, status=status)
    drawn = paid_out(raw, policy)
    real = [row for row in read(raw).rows if row.type != "TRANSFER" and not row.test]
    if not real or ("test_order" in reasons(drawn) and not drawn.plans):
        return
    place = "bank" if status == "PAID" else "payouts_in_transit"
    got = [p.amount.amount for plan in drawn.plans for p in plan.postings if p.role == place]
    assert sum(got) == sum(row.net.amount for row in real)
    fees = [
        p.amount.amount
        for plan in drawn.plans
        for p in plan.postings
        if p.role in ("merchant_fees", "chargeback_fees")
    ]
    own = [-row.amount.amount for row in real if row.type == "CHARGEBACK_FEE"]
    assert sum(fees) == sum(row.fee.amount for row in real) + sum(own)


@examples(max_examples=50, deadline=None)
@given(rows=SOME_ROWS, policy=POLICIES, order=st.randoms(use_true_random=False))
def test_replay_draws_the_same_and_nothing_new(rows, policy, order):
    first = paid_out(a_payout(rows), policy)
    mixed = list(rows)
    order.shuffle(mixed)
    assert {plan.key: plan.postings for plan in paid_out(a_payout(mixed), policy).plans} == {
        plan.key: plan.postings for plan in first.plans
    }
    placed = {member.event_key for plan in first.plans for member in plan.members}
    again = paid_out(a_payout(mixed), policy, booked=first.plans)
    digests = [
        {event.key: event.digest for event in drawn.events if event.key in placed} for drawn in (first, again)
    ]
    assert digests[0] == digests[1]
    assert [p for p in again.plans if not placed & {member.event_key for member in p.members}] == []


def test_amounts_of_three_decimals_are_drawn_exactly():
    kwd = Settings(merchant="oak-ember", home_currency="KWD", policy=Policy())
    raw = a_payout([a_row(1, "CHARGE", "10.000 KWD", "0.305")], net="9.695 KWD")
    drawn = checked(draw_payout(read(raw), SHOP, kwd, ()))
    assert posted(drawn)["03-04"]["bank"] == "9.695"
