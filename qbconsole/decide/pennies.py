"""Pennies of tax, decided: the document as QuickBooks charged it, its follow-up, and payments that settle both.

Names are those of the document itself, so that both meet on the same account and customer; only the account of
`rounding` is asked of the mapping. No plugin is asked: this happens while an answer of QuickBooks is being filed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, time

from qbconsole.books.documents import ARRefundCreditCard, Check, ReceivePayment, SalesReceipt
from qbconsole.books.identity import request_id
from qbconsole.books.naming.documents import checks_applied, payments_applied, refunds_applied
from qbconsole.books.naming.following.copied import Copied, SalesDocument
from qbconsole.books.pennies import charged, follow_ups, settled_anew
from qbconsole.books.plan import Plan
from qbconsole.books.proof import prove_plans
from qbconsole.decide.case import Decided, Decision
from qbconsole.decide.desk import Desk
from qbconsole.decide.documents import decided_documents, returned
from qbconsole.errors import TemplateBroken
from qbconsole.money import Money
from qbconsole.qbxml.render import slot_token
from qbconsole.shop.bag import Bag
from qbconsole.shop.orders import Order, Shop
from qbconsole.value import Value, replace

Settling = ReceivePayment | ARRefundCreditCard | Check


class PennyCase(Value):
    """A recorded document whose tax QuickBooks computed a little otherwise."""

    source_id: str
    plan: Plan
    document: SalesDocument
    #: What QuickBooks charged beyond the shop's tax; negative where it charged less.
    more: Money
    shop: Shop
    #: Plans of all documents of the order, the document's own among them.
    booked: tuple[Plan, ...]
    #: Documents no request was sent for that pay, refund or use up something.
    unsent: Mapping[str, Settling]


class Resettled(Value):
    """A payment or refund that now settles the follow-up too: its request anew."""

    plan: Plan
    document: Settling
    text: str
    slots: Mapping[str, str]


class Pennies(Value):
    """What a penny case came to."""

    charged: Plan
    decision: Decision
    resettled: tuple[Resettled, ...]


def decide_pennies(case: PennyCase, desk: Desk) -> Pennies:
    """Decide one penny case. Raises BooksDoNotBalance where it would break a law, TemplateBroken."""
    posted = charged(case.plan, case.more)
    moved = follow_ups(posted, case.more, case.booked)
    prove_plans([posted])
    prove_plans(moved)
    own = dataclasses.replace(desk, answers=Copied(answers=desk.answers, like=case.document))
    documents, entries = decided_documents(moved, _stand_in(case), own, stand_in=True)
    there = _names(case.document)
    decision = Decision(
        source_id=case.source_id,
        kind="pennies",
        documents=tuple(_without(one, there) for one in documents),
        entries=tuple(one for one in entries if one.need.full_name.casefold() not in there),
    )
    plans = (*(posted if plan.key == posted.key else plan for plan in case.booked), *moved)
    anew = settled_anew(plans, posted.key, frozenset(case.unsent))
    return Pennies(
        charged=posted,
        decision=decision,
        resettled=tuple(_resettled(plan, case.unsent[plan.key], desk) for plan in anew),
    )


def _names(document: SalesDocument) -> frozenset[str]:
    """What QuickBooks has, since the document uses it."""
    account = (
        document.deposit_to_account_ref if isinstance(document, SalesReceipt) else document.ar_account_ref
    )
    names = (document.customer_ref, account, document.class_ref, document.customer_sales_tax_code_ref)
    return frozenset(name.casefold() for name in names if name)


def _without(decided: Decided, there: frozenset[str]) -> Decided:
    return replace(
        decided, needs=tuple(need for need in decided.needs if need.full_name.casefold() not in there)
    )


def _resettled(plan: Plan, document: Settling, desk: Desk) -> Resettled:
    """The same document, applied as its plan says now."""
    slots: dict[str, str] = {}

    def slot(key: str) -> str:
        slots[slot_token(key)] = key
        return slot_token(key)

    anew: Settling
    if isinstance(document, ReceivePayment):
        anew = replace(document, applied_to=payments_applied(plan.applied, slot))
    elif isinstance(document, Check):
        anew = replace(document, apply_to=checks_applied(plan.applied, slot))
    else:
        anew = replace(document, applied_to=refunds_applied(plan.applied, slot))
    fragment = desk.renderer.render(
        anew,
        request_id=request_id(plan.key),
        merchant=desk.settings.merchant,
        include_ret_elements=returned(plan.kind),
    )
    if fragment.faults:
        raise TemplateBroken(fragment.faults[0].sentence, where=fragment.faults[0].where)
    return Resettled(plan=plan, document=anew, text=fragment.text, slots=slots)


def _stand_in(case: PennyCase) -> Order:
    """What the rules look at: an order of no lines."""
    at = datetime.combine(case.plan.on, time(12), UTC)
    zero = Bag.zero(case.plan.currency, case.plan.currency)
    return Order(
        id=case.source_id,
        name=case.plan.number,
        shop=case.shop,
        at=at,
        updated_at=at,
        currency=case.plan.currency,
        presentment_currency=case.plan.currency,
        total=zero,
        total_tax=None,
        current_total=None,
    )
