"""A document whose postings do not come to nothing; only a mistake of ours can make one."""

from datetime import date

from qbconsole.books.plan import DocumentKind, Member, Plan, Posting
from qbconsole.books.proof import prove
from qbconsole.money import Money

DAY = date(2026, 1, 2)


def provoke(place):
    plan = Plan(
        key="qbc1/oak-ember/order/1/1/0",
        kind=DocumentKind.JOURNAL_ENTRY,
        on=DAY,
        currency="USD",
        members=(Member(event_key="order/1"),),
        postings=(Posting(on=DAY, role="sales_income", amount=Money.of("-12.50", "USD")),),
    )
    prove((), (plan,), "USD")
